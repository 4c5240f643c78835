"""The dashboard of coordinators and supervisors: the monthly report's parts as of now, in their own area (D44, D49)."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pengaduan.models import Category, Complaint, ReportedParty
from reports import editions
from reports.periods import Month
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, at
from tiers.models import Assignment, Region, Tier, User

NOW = at("2026-11-20 10:00")
PAGE = "/petugas/laporan/"


@pytest.fixture
def november(world, monkeypatch):
    """Return a world in the middle of November, with complaints of Brebes, Tegal and Papua."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    for day in ("2026-10-20", "2026-11-02", "2026-11-03", "2026-11-04"):
        world.complaint(received=f"{day} 09:00")
    world.complaint("data-peserta", region=OTHER_VILLAGE, received="2026-11-05 09:00")
    world.complaint(region=NEIGHBOUR_VILLAGE, received="2026-11-06 09:00")
    world.complaint(region=EASTERN_VILLAGE, received="2026-11-07 09:00")
    world.complaint("kkn", received="2026-11-08 09:00")
    return world


def text_of(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html.partition("<main")[2].partition("</main>")[0])).split())


def read(client, user, address=PAGE):
    client.force_login(user)
    answer = client.get(address)
    return answer.status_code, answer.content.decode()


def big_numbers(html):
    found = re.findall(r'app-count"><strong>(?:<a [^>]*>)?([\d.]+)(?:</a>)?</strong>', html)
    return [int(number.replace(".", "")) for number in found]


def areas(html):
    return re.findall(r'<option value="([^"]*)"', html.partition('name="wilayah"')[2].partition("</select>")[0])


def give(world, name, role, tier, region, programme="pkh"):
    user = User.objects.create_user(name, f"{name}@kantor.id", None, name=name.title())
    Assignment.objects.create(
        user=user, office=world.office(tier, region, programme), role=role, starts_on=at("2024-01-01 00:00").date()
    )
    return user


def test_the_coordinator_reads_the_nation_of_the_running_month(november, client):
    status, html = read(client, november.koordinator, f"{PAGE}?program=pkh")
    assert (status, big_numbers(html)) == (200, [7, 0, 8, 0])
    said = text_of(html)
    assert "Program Keluarga Harapan, Nasional, November 2026" in said
    assert "keadaan per 20 November 2026 10.00 WIB" in said
    assert "Sejauh ini masuk 7 dan selesai 0. Sepanjang Oktober 2026 masuk 1 dan selesai 0." in said
    assert "Pengaduan yang berjalan bertambah 7." in said


def test_what_is_due_later_this_month_is_not_late_yet(november, client):
    """A running month is reckoned up to now, not up to its end: neither deadlines nor ages run ahead."""
    november.complaint("pertanyaan", received="2026-11-12 09:00")  # due on the 22nd
    _, html = read(client, november.koordinator, f"{PAGE}?program=pkh&bulan=2026-11")
    assert big_numbers(html) == [8, 0, 9, 0]
    Complaint.objects.filter(category__code="pertanyaan").update(due_at=at("2026-11-19 23:59"))
    figures = editions.unsent(Subject(november.programmes["pkh"], None, Month.of(NOW)), now=NOW).figures
    assert '"age_days":8' in figures  # received on the 12th, read on the 20th


def test_the_supervisor_reads_the_own_area_only(november, client):
    """What is concealed from the tier is not counted there (D35)."""
    status, html = read(client, november.penyelia, f"{PAGE}?program=pkh")
    assert (status, big_numbers(html), areas(html)) == (200, [4, 0, 5, 0], ["33.29"])
    assert "Kabupaten Tegal" not in html


@pytest.mark.parametrize("asked", ["wilayah=33.28", "wilayah=33", "wilayah=nasional", "wilayah=91", "wilayah=33.29.01"])
def test_another_area_is_not_there_for_the_supervisor(november, client, asked):
    assert read(client, november.penyelia, f"{PAGE}?program=pkh&{asked}")[0] == 404


@pytest.mark.parametrize("asked", ["program=tidak-ada", "bulan=2020-01", "bulan=abc", "wilayah=99"])
def test_what_does_not_exist_is_not_there(november, client, asked):
    assert read(client, november.koordinator, f"{PAGE}?{asked}")[0] == 404


def test_the_neighbours_supervisor_sees_nothing_of_brebes(november, client):
    neighbour = give(november, "penyelia-tegal", "penyelia", Tier.KABUPATEN, "33.28")
    status, html = read(client, neighbour)
    assert (status, big_numbers(html), areas(html)) == (200, [1, 0, 1, 0], ["33.28"])
    brebes = Complaint.objects.filter(regency_code="33.29").values_list("number", flat=True)
    assert [secret for secret in ("Brebes", "Salem", "33.29", *brebes) if secret in html] == []
    assert read(client, neighbour, f"{PAGE}?wilayah=33.29")[0] == 404


@pytest.mark.parametrize("name", ["tetangga", "desa", "kabupaten", "pusat", "auditor", "kustodian", "peninjau"])
def test_who_receives_no_reports_gets_a_sentence_and_no_number(november, client, name):
    status, html = read(client, november.users[name], f"{PAGE}?program=pkh&wilayah=33.29")
    assert status == 200
    assert "Peran Anda tidak menerima laporan. Penyelia dan koordinator menerimanya." in text_of(html)
    assert [word for word in ("app-count", "<table", "Brebes") if word in html] == []


def test_only_who_receives_reports_has_them_in_the_menu(client, world):
    link = f'<a class="app-nav__link" href="{PAGE}">'
    offered = {}
    for name in ("desa", "penyelia", "koordinator", "auditor"):
        client.force_login(getattr(world, name))
        offered[name] = link in client.get("/petugas/profil/").content.decode()
    assert offered == {"desa": False, "penyelia": True, "koordinator": True, "auditor": False}


def test_a_supervisor_below_the_kabupaten_is_told_why_there_is_nothing(november, client):
    below = give(november, "penyelia-salem", "penyelia", Tier.KECAMATAN, "33.29.01")
    status, html = read(client, below)
    assert (status, "<table" in html) == (200, False)
    assert "Laporan disusun untuk kabupaten/kota, provinsi, dan nasional." in text_of(html)


def test_without_an_account_nothing_is_read(november, client):
    assert client.get(PAGE).url == f"/masuk/?next={PAGE}"
    client.force_login(User.objects.create_user("orang", "", None, name="Orang"))
    assert client.get(PAGE).status_code == 403


def test_the_page_shows_what_the_report_of_the_month_shows(november, client):
    """One source: a month that has ended and was sent is shown as it was sent, however things went on."""
    october = Subject(november.programmes["pkh"], Region.objects.get(pk="33.29"), Month.parse("2026-10"))
    sent = editions.first_edition(october, now=at("2026-11-01 06:00"))
    november.complaint(received="2026-10-28 09:00", now="2026-11-19 09:00")  # a letter that was recorded late
    _, html = read(client, november.penyelia, f"{PAGE}?program=pkh&bulan=2026-10")
    assert big_numbers(html) == [1, 0, 1, 0]
    assert f"edisi {sent.number}, keadaan yang tercatat per 1 November 2026 06.00 WIB" in text_of(html)


def test_a_month_without_a_report_is_reckoned_and_says_so(november, client):
    november.complaint(received="2026-10-28 09:00", now="2026-11-19 09:00")
    _, html = read(client, november.penyelia, f"{PAGE}?program=pkh&bulan=2026-10")
    assert big_numbers(html)[0] == 2
    assert "Laporan bulan ini tidak dikirim" in text_of(html)


def test_d49_a_case_against_the_reader_is_not_in_the_lists(november, client):
    first, second = Complaint.objects.filter(regency_code="33.29").exclude(category__code="kkn").order_by("pk")[:2]
    ReportedParty.objects.create(complaint=first, user=november.penyelia)
    _, html = read(client, november.penyelia, f"{PAGE}?program=pkh")
    assert (first.number in html, second.number in html) == (False, True)
    _, html = read(client, november.koordinator, f"{PAGE}?program=pkh&wilayah=33.29")
    assert first.number in html


def test_what_was_reckoned_is_kept_for_some_minutes_and_still_hides_by_reader(november, client):
    """The kept figures are of an area, not of a reader: a supervisor who is reported finds less in the same ones."""
    _, before = read(client, november.koordinator, f"{PAGE}?program=pkh&wilayah=33.29")
    victim = Complaint.objects.filter(regency_code="33.29").exclude(category__code="kkn").first()
    ReportedParty.objects.create(complaint=victim, user=november.penyelia)
    november.complaint(received="2026-11-19 09:00")
    _, after = read(client, november.koordinator, f"{PAGE}?program=pkh&wilayah=33.29")
    assert big_numbers(after) == big_numbers(before)
    assert victim.number not in read(client, november.penyelia, f"{PAGE}?program=pkh")[1]


def test_a_province_leads_to_its_kabupaten_and_back(november, client):
    _, html = read(client, november.koordinator, f"{PAGE}?program=pkh")
    assert areas(html) == ["nasional", "33", "91"]
    assert 'href="?program=pkh&amp;bulan=2026-11&amp;wilayah=33"' in html
    _, java = read(client, november.koordinator, f"{PAGE}?program=pkh&wilayah=33")
    assert areas(java) == ["nasional", "33", "33.28", "33.29", "91"]
    assert 'href="?program=pkh&amp;bulan=2026-11&amp;wilayah=33.29"' in java
    _, brebes = read(client, november.koordinator, f"{PAGE}?program=pkh&wilayah=33.29")
    assert "Salem" in text_of(brebes)
    assert 'wilayah=33.29.01"' not in brebes


def test_nothing_of_a_person_is_on_the_page(november, client):
    """D37, D38."""
    november.complaint(
        received="2026-11-10 09:00",
        text="Zyxwv kartu disita.",
        identity={"name": "Kenari Rahasiawati", "phone": "+6281234567890"},
        reported_words="Pak Terlapor",
    )
    _, html = read(client, november.koordinator, f"{PAGE}?program=pkh")
    assert [word for word in ("Zyxwv", "Kenari", "81234567890", "Terlapor") if word in html] == []


def test_more_cases_need_no_more_queries(november, client):
    def asked():
        client.force_login(november.koordinator)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{PAGE}?program=pkh&bulan=2026-11").status_code == 200
        return len(queries)

    asked()
    few = asked()
    for day in range(9, 19):
        november.complaint(received=f"2026-11-{day:02d} 09:00", region=NEIGHBOUR_VILLAGE)
    assert asked() == few <= 15


def test_the_archive_stays_and_is_linked(november, client):
    _, html = read(client, november.koordinator)
    assert 'href="/petugas/laporan/arsip/"' in html
    assert client.get("/petugas/laporan/arsip/").status_code == 200


# Several programmes, parts, search, files


def test_several_programmes_stand_side_by_side_and_add_up(november, client):
    november.complaint("penyimpangan-dana", programme="pamsimas", received="2026-11-03 09:00")
    november.complaint("pertanyaan", programme="pamsimas", received="2026-10-20 09:00")
    _, html = read(client, november.koordinator)
    assert "Semua program, Nasional, November 2026" in text_of(html)
    assert big_numbers(html) == [8, 0, 10, 1]
    parts = [
        big_numbers(read(client, november.koordinator, f"{PAGE}?program={each}")[1]) for each in ("pkh", "pamsimas")
    ]
    assert [sum(pair) for pair in zip(*parts, strict=True)] == [8, 0, 10, 1]
    assert "Jumlah 8 0 0 0 0 0 10 1 10" in text_of(html)
    assert 'href="?program=pamsimas&amp;bulan=2026-11&amp;wilayah=nasional"' in html
    assert (
        "sama dengan bulan sebelumnya" not in text_of(html).partition("selesai")[0]
    )  # half a month against a whole one


def test_a_programme_that_the_reader_does_not_watch_is_not_among_the_others(november, client):
    one = give(november, "koordinator-pkh", "koordinator", Tier.PUSAT, None)
    Assignment.objects.create(
        user=one, office=november.office(Tier.KABUPATEN, "33.29", "pamsimas"), role="penyelia",
        starts_on=at("2024-01-01 00:00").date(),
    )  # fmt: skip
    _, html = read(client, one, f"{PAGE}?wilayah=33.28")
    assert "PAMSIMAS, Kabupaten Tegal" not in text_of(html)
    assert "Program Keluarga Harapan, Kabupaten Tegal" in text_of(html)
    _, html = read(client, one, f"{PAGE}?program=pamsimas&wilayah=33.28")  # the form of the other programme
    assert "PAMSIMAS, Kabupaten Brebes" in text_of(html)


def test_a_part_of_the_figures_is_said_in_words_and_can_be_let_go(november, client):
    _, html = read(client, november.koordinator, f"{PAGE}?program=pkh&kategori=data-peserta&bobot=sedang")
    assert big_numbers(html) == [1, 0, 1, 0]
    said = text_of(html)
    assert "Disaring: Kategori Data peserta ( lepas Kategori Data peserta ), Bobot Sedang ( lepas" in said
    assert "dalam 12 bulan" not in said  # the trend tells not of parts
    whole = "?program=pkh&amp;bulan=2026-11&amp;wilayah=nasional"
    assert f'href="{whole}">Lepas semua saringan</a>' in html
    assert f'href="{whole}&amp;kategori=data-peserta">lepas' in html
    _, nothing = read(client, november.koordinator, f"{PAGE}?program=pkh&media=surat")
    assert "Tidak ada pengaduan yang cocok dengan saringan ini pada bulan ini." in text_of(nothing)
    _, unknown = read(client, november.koordinator, f"{PAGE}?program=pkh&kategori=tidak-ada")
    assert (big_numbers(unknown)[0], "Disaring" in unknown) == (7, False)


def test_an_area_is_found_by_a_piece_of_its_name_among_the_own_ones(november, client):
    client.force_login(november.koordinator)
    found = client.get(f"{PAGE}?program=pkh&bulan=2026-11&cari=brebes")
    assert found.url == f"{PAGE}?program=pkh&bulan=2026-11&wilayah=33.29"
    several = text_of(client.get(f"{PAGE}?program=pkh&cari=kabupaten").content.decode())
    assert "“kabupaten”: Kabupaten Brebes , Jawa Tengah Kabupaten Jayapura , Papua Kabupaten Tegal" in several
    nothing = text_of(client.get(f"{PAGE}?program=pkh&cari=<b>x").content.decode())
    assert "Tidak ada wilayah Anda yang namanya memuat “<b>x”." in nothing
    _, html = read(client, november.penyelia, f"{PAGE}?program=pkh&cari=tegal")
    assert ("Kabupaten Tegal" in html, 'name="cari"' in html) == (False, False)


def test_a_place_and_a_month_in_which_nothing_was_say_so(november, client):
    _, html = read(client, november.koordinator, f"{PAGE}?program=pkh&bulan=2026-09")
    assert "Belum ada pengaduan program ini di wilayah ini dalam 12 bulan terakhir." in text_of(html)
    _, html = read(client, november.koordinator, f"{PAGE}?program=pamsimas&wilayah=91.03")
    assert "PAMSIMAS, Kabupaten Jayapura" in text_of(html)
    assert "Belum ada pengaduan program ini" in text_of(html)


def test_what_is_shown_can_be_taken_along_as_a_sheet(november, client):
    Category.objects.filter(code="pembayaran").update(name="=HYPERLINK(0)")
    client.force_login(november.penyelia)
    answer = client.get(f"{PAGE}angka.csv?program=pkh")
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert 'filename="laporan-pkh-33.29-2026-11-per-2026-11-20.csv"' in answer["Content-Disposition"]
    assert rows[1].startswith("Tabel;Kode;Nama;masuk;")
    assert any(row.startswith("Kategori;pembayaran;'=HYPERLINK(0);3;") for row in rows)
    part = client.get(f"{PAGE}angka.csv?program=pkh&kategori=data-peserta")
    assert (
        part.content.decode("utf-8-sig")
        .splitlines()[0]
        .endswith(";Keadaan per 20 November 2026 10.00 WIB.;Kategori: Data peserta")
    )
    assert client.get(f"{PAGE}angka.xlsx?program=pkh&kategori=data-peserta").status_code == 404
    assert client.get(f"{PAGE}angka.xlsx?program=pkh").content[:2] == b"PK"
    for name in ("tetangga", "auditor", "desa", "kabupaten", "peninjau"):
        client.force_login(getattr(november, name))
        assert client.get(f"{PAGE}angka.csv?program=pkh&wilayah=33.29").status_code == 404
    client.force_login(november.penyelia)
    for address in ("angka.csv?program=pkh&wilayah=33.28", "angka.csv?program=semua", "angka.exe?program=pkh"):
        assert client.get(f"{PAGE}{address}").status_code == 404
    client.logout()
    assert client.get(f"{PAGE}angka.csv").url.startswith("/masuk/")
