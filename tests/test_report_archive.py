"""The archive: the editions of a reader's areas, found among many, with what happened to each (D44, D47)."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports import editions
from reports.models import Edition, ReportDelivery, ReportDue, ReportRecipient
from reports.periods import HalfMonth, Kind, Month, Quarter
from reports.sending import making
from reports.subject import Subject
from tests.cast import at
from tiers.models import Region, Tier

NOW = at("2026-11-01 06:00")
OCTOBER = Month.parse("2026-10")
ARCHIVE = "/petugas/laporan/arsip/"


@pytest.fixture
def made(world, monkeypatch):
    """Return the world with editions of each kind and of several areas."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr("reports.papers.documents.render", lambda reading, ending: b"%PDF-")
    pkh = world.programmes["pkh"]
    places = {code: Region.objects.get(pk=code) for code in ("33", "33.29", "33.28")} | {None: None}
    world.editions = {
        (period.kind, code): editions.first_edition(Subject(pkh, places[code], period), now=NOW)
        for period, codes in (
            (OCTOBER, (None, "33", "33.29", "33.28")),
            (HalfMonth.parse("2026-10-16"), (None, "33.29")),
            (Quarter.parse("2026-T3"), (None, "33")),
        )
        for code in codes
    }
    return world


def shown(client, world, query=""):
    html = client.get(f"{ARCHIVE}{query}").content.decode()
    return {key for key, edition in world.editions.items() if f'href="{ARCHIVE}{edition.pk}/"' in html}


def test_each_reader_sees_the_editions_of_their_own_area_first_and_finds_those_within(made, client):
    monthly, biweekly, quarterly = Kind.MONTHLY, Kind.BIWEEKLY, Kind.QUARTERLY
    nation = {(kind, None) for kind in Kind}
    client.force_login(made.koordinator)
    assert shown(client, made) == nation
    assert shown(client, made, "?jenis=bulanan") == {(monthly, None)}
    assert shown(client, made, "?wilayah=brebes") == {(monthly, "33.29"), (biweekly, "33.29")}
    assert shown(client, made, "?wilayah=33") == {(monthly, "33"), (quarterly, "33")}
    assert shown(client, made, "?wilayah=nasional&jenis=dua-mingguan") == {(biweekly, None)}
    assert shown(client, made, "?bulan=2026-07") == {(quarterly, None)}
    assert shown(client, made, "?jenis=lain&bulan=besok&sesudah=x") == nation
    client.force_login(made.penyelia)
    assert shown(client, made) == {(monthly, "33.29"), (biweekly, "33.29")}
    assert shown(client, made, "?wilayah=tegal") == {
        (monthly, "33.29"),
        (biweekly, "33.29"),
    }  # no search at a kabupaten


def test_who_receives_no_report_or_another_areas_finds_nothing_and_opens_nothing(made, client):
    addresses = [f"{ARCHIVE}{edition.pk}/" for edition in made.editions.values()]
    addresses += [
        f"/petugas/laporan/{edition.pk}.{ending}" for edition in made.editions.values() for ending in ("pdf", "xlsx")
    ]
    for who in ("tetangga", "kabupaten", "auditor", "desa", "pusat"):
        client.force_login(made.users[who])
        assert shown(client, made) == set()
        assert "Peran Anda tidak menerima laporan." in client.get(ARCHIVE).content.decode()
        assert {client.get(address).status_code for address in addresses} == {404}
    client.force_login(made.penyelia)
    opened = {key for key, edition in made.editions.items() if client.get(f"{ARCHIVE}{edition.pk}/").status_code == 200}
    assert opened == {(Kind.MONTHLY, "33.29"), (Kind.BIWEEKLY, "33.29")}
    client.logout()
    assert {client.get(address).status_code for address in addresses} == {302}


def test_many_editions_are_shown_in_pages_that_cost_the_same(made, client):
    """An office at Pusat may read those of every regency: at most twenty at once, all of them in the end."""
    regions = Region.objects.bulk_create(
        Region(
            code=f"33.{number + 40}", parent_id="33", name=f"Kabupaten Contoh {number}", tier=Tier.KABUPATEN, zone="WIB"
        )
        for number in range(1, 46)
    )
    first = made.editions[Kind.MONTHLY, "33.29"]
    Edition.objects.bulk_create(
        Edition(
            kind=Kind.MONTHLY, programme=first.programme, region=region, begins_on=OCTOBER.first, number=1, as_of=NOW,
            made_at=NOW, query_version=1, figures=first.figures, sha256=first.sha256,
        )
        for region in regions
    )  # fmt: skip
    client.force_login(made.koordinator)
    address, seen, asked = f"{ARCHIVE}?wilayah=contoh", [], []
    while address and len(seen) < 5:
        with CaptureQueriesContext(connection) as statements:
            html = client.get(address).content.decode()
        asked.append(len(statements))
        seen.append(html.count('class="app-row"'))
        following = re.search(r'href="\?wilayah=contoh&amp;sesudah=([^"]+)"', html)
        address = following and f"{ARCHIVE}?wilayah=contoh&sesudah={following[1]}"
    assert seen == [20, 20, 5]
    assert max(asked) <= 12
    assert not any(
        "figures" in each["sql"].partition(" FROM ")[0].replace("convert_to", "") and "encode(" not in each["sql"]
        for each in statements
    )


def test_the_page_of_an_edition_says_who_got_it_when_and_why_not(made, client):
    edition = made.editions[Kind.MONTHLY, None]
    names = ("Bappenas", "Setneg", "Kampus", "Media", "Arsip")
    people = [
        ReportRecipient.objects.create(
            programme=edition.programme, name=name, email=f"{name.lower()}@contoh.id", needs_to_know=True, need="SK"
        )
        for name in names
    ]
    states = (
        {"sent_at": NOW, "attempts": 1, "linked": True, "fetched_at": NOW + timedelta(hours=2)},
        {"attempts": 2, "last_error": "ConnectionRefusedError", "next_attempt_at": NOW + timedelta(minutes=15)},
        {"attempts": 16, "last_error": "SMTPRecipientsRefused 550", "given_up_at": NOW + timedelta(days=3)},
        {"last_error": "Penerima ini tidak dikirimi lagi.", "given_up_at": NOW},
        {},
    )
    for person, state in zip(people, states, strict=True):
        ReportDelivery.objects.create(
            edition=edition, recipient=person, created_at=NOW, **{"next_attempt_at": NOW} | state
        )
    client.force_login(made.koordinator)
    html = " ".join(client.get(f"{ARCHIVE}{edition.pk}/").content.decode().split())
    for said in (
        "Terkirim sebagai tautan", "diunduh 1 November 2026 08.00 WIB",
        "Gagal 2 kali", "Server surel tidak menjawab.", "Dicoba lagi 1 November 2026 06.15 WIB",
        "Tidak dikirim", "Server surel menolak alamat atau isinya (550).", "Penerima ini tidak dikirimi lagi.",
        "Menunggu dikirim", edition.sha256[:16],
    ):  # fmt: skip
        assert said in html, said
    assert [name for name in names if name not in html] == []
    assert "@contoh.id" not in html
    listed = client.get(ARCHIVE).content.decode()
    assert "2 gagal terkirim" in listed
    assert "terkirim kepada 1 penerima" in listed


def test_what_could_not_be_made_is_said_to_those_whose_report_it_is(made, client, monkeypatch):
    def broken(about, *, now):
        raise RuntimeError("rusak")

    monkeypatch.setattr(editions, "_reckon", broken)
    november, later = Month.parse("2026-11"), at("2026-12-01 06:00")
    making.take_up(november, now=later)
    made_now, failed = making.make(now=later, limit=100)
    assert (made_now, len(failed)) == (0, ReportDue.objects.filter(begins_on=date(2026, 11, 1)).count())
    monkeypatch.setattr(timezone, "now", lambda: later)
    pages = {}
    for who in ("koordinator", "penyelia", "tetangga"):
        client.force_login(made.users[who])
        pages[who] = client.get(ARCHIVE).content.decode()
    told = {
        who: [area for area in ("Nasional – Nov", "Kabupaten Brebes, Jawa Tengah – Nov") if area in page]
        for who, page in pages.items()
    }
    assert told == {
        "koordinator": ["Nasional – Nov"],
        "penyelia": ["Kabupaten Brebes, Jawa Tengah – Nov"],
        "tetangga": [],
    }
    assert "Dicoba lagi 1 Desember 2026 06.05 WIB." in pages["koordinator"]
    ReportDue.objects.filter(made_at=None).update(given_up_at=later)
    client.force_login(made.koordinator)
    assert "Sudah dicoba berkali-kali dan dihentikan; beri tahu admin sistem." in client.get(ARCHIVE).content.decode()


def test_d49_what_changed_does_not_name_a_case_that_is_kept_from_the_reader(made, client):
    """Its number would stand in the path of each figure of the list."""
    case = made.complaint(received="2026-10-20 09:00", now="2026-11-02 09:00", reported_users=[made.koordinator])
    type(case).objects.filter(pk=case.pk).update(prominent=True)
    second, is_new = editions.new_edition(made.editions[Kind.MONTHLY, None].subject, now=at("2026-11-03 05:00"))
    assert is_new
    named = [path for path, *_values in editions.differences(second) if case.number in path]
    assert named != []
    assert [path for path, *_ in editions.differences(second, made.koordinator) if case.number in path] == []
    client.force_login(made.koordinator)
    assert case.number not in client.get(f"{ARCHIVE}{second.pk}/").content.decode()


def test_before_the_first_report_the_archive_says_when_it_comes(world, client):
    client.force_login(world.koordinator)
    assert "Laporan bulanan dibuat setiap tanggal 1, pukul 06.00 WIB." in client.get(ARCHIVE).content.decode()
