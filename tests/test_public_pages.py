"""What is public without a code: how a complaint is handled, true to the table of steps, and the offices (D5)."""

import re
from collections import Counter
from datetime import date, time, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pengaduan.models import Category, Nature, ServiceLevel, Stage
from tests.cast import EASTERN_VILLAGE, VILLAGE
from tests.test_lapor import fill
from tiers.models import Office, Programme, Region, Tier, User, Zone
from workflow import drafts, routing
from workflow.machine import STEPS, Need, Who
from workflow.views import procedure

pytestmark = pytest.mark.django_db


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def main_of(response) -> str:
    return response.content.decode().partition("<main")[2].partition("</main>")[0]


def texts(pattern: str, html: str) -> list[str]:
    """Return what stands in each place that the pattern finds, without its tags."""
    return [text(found) for found in re.findall(pattern, html, re.DOTALL)]


def page(client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return main_of(response)


def queries(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(address)
    return len(asked)


def step_lines(html: str) -> dict[str, list[str]]:
    lines: dict[str, list[str]] = {}
    for label, rest in re.findall(r"<li><strong>([^<]*)</strong>((?: →|\.| \().*?)</li>", html, re.DOTALL):
        lines.setdefault(unescape(label), []).append(text(rest))
    return lines


# --- /prosedur/


def test_every_link_of_the_footer_answers_to_anyone(client, world):
    """D5: procedure and addresses are public."""
    footer = client.get("/").content.decode().partition("<footer")[2]
    links = re.findall(r'href="([^"]*)"', footer)
    assert links == ["/prosedur/", "/kantor/", "/statistik/", "/privasi/"]
    assert [client.get(link).status_code for link in links] == [200] * len(links)


def test_d05_every_step_of_the_table_is_told_once(client, world):
    """D22-D30."""
    lines = step_lines(page(client, "/prosedur/"))
    told = Counter({label: len(rows) for label, rows in lines.items()})
    assert told == Counter(str(step.label) for step in STEPS)


def test_every_stage_stands_in_the_order_of_the_life(client, world):
    html = page(client, "/prosedur/")
    assert texts(r'<h3 class="app-timeline__what">(.*?)</h3>', html) == [stage.label for stage in Stage]


def test_each_stage_person_and_need_of_the_table_has_public_words():
    assert set(procedure.WHAT) == set(Stage)
    assert set(procedure.WHO) == set(Who)
    assert set(procedure.MUST_EXIST) == set(Need)


def test_a_step_says_where_it_leads_who_takes_it_and_what_must_exist(client, world):
    """D27, D28, D53."""
    lines = step_lines(page(client, "/prosedur/"))
    assert lines["Nyatakan masalah terjadi"] == ["→ Analisis. Syarat: kronologi hasil klarifikasi."]
    assert lines["Sahkan penyelesaian"] == [
        "→ Umpan balik (bila hasil klarifikasi: terbukti terjadi). Oleh penyelia, atau petugas kantor di atasnya."
        " Syarat: pemeriksanya orang lain daripada yang menangani."
    ]
    assert lines["Hasil ditolak pelapor"] == [
        "→ Peninjauan kembali (untuk pengaduan masalah). Oleh pelapor. Syarat: alasan atau uraian tertulis."
    ]
    assert lines["Lanjutkan pengaduan yang ditutup"] == [
        "→ Registrasi (bila ditutup sebagai: “bukan kewenangan program”, “dianggap dicabut”, “dicabut”,"
        " “disalurkan ke instansi lain” atau “ucapan terima kasih”). Oleh pelapor."
        " Syarat: alasan atau uraian tertulis."
    ]
    assert lines["Keterangan dilengkapi"] == [
        "(selama keterangan pelapor ditunggu). Oleh pelapor. Syarat: jawaban tertulis."
    ]


def test_steps_of_several_stages_stand_under_the_stages_where_they_are_open(client, world):
    in_between = page(client, "/prosedur/").partition('id="langkah-lain"')[2]
    groups = dict(re.findall(r"<h3[^>]*>(.*?)</h3>\s*<ul[^>]*>(.*?)</ul>", in_between, re.DOTALL))
    labels = {unescape(where): set(step_lines(steps)) for where, steps in groups.items()}
    assert labels["Pada setiap tahap sebelum ditutup, kecuali “Umpan balik”"] == {
        "Ambil alih dari jenjang di bawah",
        "Eskalasi otomatis",
        "Naikkan ke jenjang di atas",
        "Pengaduan lain digabungkan ke sini",
    }
    assert "Cabut pengaduan" in labels["Pada setiap tahap sebelum ditutup"]
    assert "Tambah catatan" in labels["Pada setiap tahap, juga sesudah ditutup"]


def test_d06_the_plain_way_of_each_nature_is_followed_through_the_table():
    """D6, D22-D28: informatif is the short way."""
    S = Stage
    assert procedure.way(Nature.INFORMATIF) == [S.REGISTRATION, S.ANSWER, S.FEEDBACK, S.CLOSED]
    assert procedure.way(Nature.MASALAH) == [
        S.REGISTRATION, S.CLARIFICATION, S.ANALYSIS, S.HANDLING, S.MONITORING, S.SETTLED, S.FEEDBACK, S.CLOSED,
    ]  # fmt: skip


def periods(html: str) -> list[str]:
    return texts(r'<dt class="govuk-summary-list__key">(.*?)</dt>', html)


def test_the_periods_are_those_of_the_database(client, world):
    """D9: PKH works in steps of 5, 3, 15 and 3; the steps say on which day each ends."""
    html = page(client, "/prosedur/?program=pkh")
    assert periods(html) == ["26 hari kerja", "1 bulan", "10 hari kalender"]
    assert texts(r"<li>([^<]*sampai hari ke-\d+)</li>", html) == [
        "Dokumentasi, analisis, klarifikasi: 5 hari kerja, sampai hari ke-5",
        "Menentukan penindak lanjut: 3 hari kerja, sampai hari ke-8",
        "Menindaklanjuti: 15 hari kerja, sampai hari ke-23",
        "Memberi tahu pelapor: 3 hari kerja, sampai hari ke-26",
    ]
    ServiceLevel.objects.filter(programme__code="pkh", code="informatif").update(length=12)
    assert periods(page(client, "/prosedur/?program=pkh")) == ["26 hari kerja", "1 bulan", "12 hari kalender"]


def test_what_begins_higher_is_said_with_who_does_not_see_it(client, world):
    """D35."""
    html = page(client, "/prosedur/?program=pkh")
    begins = html.partition("Yang tidak mulai di jenjang terdekat:")[2].partition("</ul>")[0]
    assert texts(r"<li>(.*?)</li>", begins) == [
        "UPPKH Pusat: Penyimpangan dan KKN. Tidak terlihat oleh kantor sampai jenjang Kabupaten/Kota.",
        "UPPKH Pusat: Perbaikan basis data.",
    ]


def test_d31_where_a_category_begins_is_told_as_it_is_routed(world):
    """D31, D35."""
    told = {}
    for programme in world.programmes.values():
        rules = procedure.rules_of(programme)
        told |= {category.pk: rung.tier for rung, _, held in rules.begins_higher for category in held}
    village = Region.objects.get(pk=VILLAGE)
    routed = {each.pk: routing.start(each, village).office.tier for each in Category.objects.all()}
    assert told == {pk: tier for pk, tier in routed.items() if tier != Tier.DESA}


def test_one_programme_can_be_chosen_and_a_wrong_one_is_told(client, world):
    def named(html):
        return texts(r'<h3[^>]* id="program-[^>]*>(.*?)</h3>', html)

    assert named(page(client, "/prosedur/")) == ["PAMSIMAS", "Program Keluarga Harapan"]
    assert named(page(client, "/prosedur/?program=pkh")) == ["Program Keluarga Harapan"]
    wrong = page(client, "/prosedur/?program=zz", 422)
    assert "Pilih program dari daftar ini." in text(wrong)
    assert named(wrong) == ["PAMSIMAS", "Program Keluarga Harapan"]


def test_what_is_out_of_use_is_not_told(client, world):
    Category.objects.filter(code="kkn").update(active=False)
    Programme.objects.filter(code="pamsimas").update(active=False)
    said = text(page(client, "/prosedur/"))
    assert ("Penyimpangan dan KKN" in said, "PAMSIMAS" in said, "Pembayaran" in said) == (False, False, True)


def test_the_procedure_asks_no_more_for_more_programmes_and_categories(client, world):
    Programme.objects.filter(code="pamsimas").update(active=False)
    before = queries(client, "/prosedur/")
    Programme.objects.filter(code="pamsimas").update(active=True)
    pkh = world.programmes["pkh"]
    level = ServiceLevel.objects.create(programme=pkh, code="lain", name="Lain", unit="calendar_months", length=3)
    for number in range(5):
        Category.objects.create(
            programme=pkh, code=f"k{number}", name=f"Lain {number}", nature="masalah", service_level=level
        )
    assert queries(client, "/prosedur/") == before


# --- /kantor/

BREBES = "/kantor/?program=pkh&wilayah=33.29"
HEADING = r'<h3 class="govuk-heading-s"><span class="govuk-caption-m">[^<]*</span>(.*?)</h3>'


def offices(html: str) -> list[str]:
    return texts(HEADING, html)


def announced(html: str, name: str) -> dict[str, str]:
    """Return what is said of one office: its rows by their label."""
    _, _, after = html.partition(f"</span> {name}</h3>")
    rows = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", after.partition("</dl>")[0], re.DOTALL)
    return {text(label): text(value.replace("<br>", ", ")) for label, value in rows}


def test_without_a_place_the_central_offices_are_shown(client, world):
    assert offices(page(client, "/kantor/")) == ["CMAC", "UPPKH Pusat"]


def test_d05_a_place_lists_its_offices_from_the_nearest_up_to_pusat(client, world):
    """D2, D31."""
    assert offices(page(client, BREBES)) == ["UPPKH Kabupaten Brebes", "Tim Koordinasi Jawa Tengah", "UPPKH Pusat"]
    assert offices(page(client, f"/kantor/?program=pamsimas&wilayah={VILLAGE}")) == [
        "KKM Indrajaya", "Kecamatan Salem", "PAKEM Kabupaten Brebes", "ROMS Jawa Tengah", "CMAC",
    ]  # fmt: skip


def test_d05_what_the_reviewer_entered_is_shown_with_hours_in_the_time_of_the_place(client, world):
    """D5, D11."""
    Office.objects.create(
        programme=world.programmes["pkh"],
        tier=Tier.KABUPATEN,
        region_id="91.03",
        name="UPPKH Kabupaten Jayapura",
        responsible_person="Ibu Yosina Contoh",
        address="Jalan Raya Sentani 1\nSentani",
        phone="(0967) 591-000",
        closes_at=time(15, 30),
    )
    html = page(client, "/kantor/?program=pkh&wilayah=91.03")
    assert announced(html, "UPPKH Kabupaten Jayapura") == {
        "Penanggung jawab": "Ibu Yosina Contoh",
        "Alamat": "Jalan Raya Sentani 1, Sentani",
        "Telepon": "(0967) 591-000",
        "Jam buka": "Hari kerja, 08.00–15.30 WIT",
    }
    assert re.findall(r'href="(tel:[^"]*)"', html) == ["tel:0967591000"]


def test_a_line_with_two_numbers_is_not_dialled(client, world):
    Office.objects.filter(name="CMAC").update(phone="021 111 / 021 222")
    html = page(client, "/kantor/?program=pamsimas")
    assert announced(html, "CMAC")["Telepon"] == "021 111 / 021 222"
    assert "tel:" not in html


def test_d05_who_is_not_announced_is_said_with_the_nearest_office_above_that_names_someone(client, world):
    """D5."""
    html = page(client, BREBES)
    assert announced(html, "UPPKH Kabupaten Brebes") == {
        "Penanggung jawab": "Belum diumumkan. Hubungi Tim Koordinasi Jawa Tengah."
    }
    assert announced(html, "UPPKH Pusat") == {"Penanggung jawab": "Belum diumumkan. Sampaikan lewat halaman Lapor."}
    Office.objects.filter(name="UPPKH Pusat").update(responsible_person="Bapak Contoh")
    html = page(client, BREBES)
    assert announced(html, "UPPKH Kabupaten Brebes") == {"Penanggung jawab": "Belum diumumkan. Hubungi UPPKH Pusat."}
    assert announced(html, "UPPKH Pusat") == {"Penanggung jawab": "Bapak Contoh"}


def test_the_list_does_not_tell_where_someone_has_complained(client, world):
    """D37: an office comes into being with its first complaint (D3), and looks no different after it."""
    address = f"/kantor/?wilayah={EASTERN_VILLAGE}"
    before = page(client, address)
    world.complaint(region=EASTERN_VILLAGE)
    assert Office.objects.filter(region=EASTERN_VILLAGE).count() == 1
    assert page(client, address) == before


def test_nobody_s_personal_data_is_on_the_page(client, world):
    """D5: only what was entered to be published; neither the officers nor the address for notices."""
    Office.objects.update(email="rahasia@kantor.id")
    User.objects.update(name="Nama Petugas", phone="+6281234567890")
    world.complaint(text="Ceritanya begini.")
    html = page(client, BREBES)
    secrets = ("Nama Petugas", "@", "81234567890", "Siti Contoh", "Ceritanya begini")
    assert [secret for secret in secrets if secret in html] == []


def test_the_form_narrows_the_place_level_by_level(client, world):
    def levels(address):
        html = page(client, address)
        label = texts(r'<label[^>]*for="id_wilayah">(.*?)</label>', html)
        select = html.partition('name="wilayah"')[2].partition("</select>")[0]
        return label, re.findall(r'<option value="([^"]*)"', select)

    assert levels("/kantor/") == (["Provinsi"], ["", "33", "91"])
    assert levels("/kantor/?wilayah=33") == (["Kabupaten atau kota"], ["33", "33.29", "33.28"])
    assert levels(BREBES) == (["Kecamatan"], ["33.29", "33.29.01"])
    assert levels("/kantor/?wilayah=33.29.01") == (["Desa atau kelurahan"], ["33.29.01", VILLAGE, "33.29.01.2002"])
    assert levels(f"/kantor/?wilayah={VILLAGE}")[0] == []


def test_another_programme_keeps_the_place_also_in_a_village(client, world):
    html = page(client, f"/kantor/?program=pkh&wilayah={VILLAGE}")
    assert re.findall(r'<input type="hidden" name="wilayah" value="([^"]*)"', html) == [VILLAGE]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("brebes", ["Kabupaten Brebes, Jawa Tengah"]),
        ("salem, brebes", ["Salem, Kabupaten Brebes, Jawa Tengah"]),
        ("salem, tegal", []),
        ("indra", ["Indrajaya, Salem, Kabupaten Brebes, Jawa Tengah"]),
        ("br", []),
        ("\0", []),
        ("jawa%", []),
    ],
)
def test_a_place_is_found_by_its_name_and_shown_with_its_path(client, world, typed, found):
    html = main_of(client.get("/kantor/", {"cari": typed, "program": "pkh"}))
    results = html.partition("Wilayah yang ditemukan")[2].partition("</ul>")[0]
    assert texts(r"<a [^>]*>(.*?)</a>", results) == found


def test_a_search_says_when_there_is_more_than_it_shows(client, world):
    Region.objects.bulk_create(
        Region(code=f"33.29.01.3{end:03}", name="Sidomulyo", tier=Tier.DESA, zone=Zone.WIB, parent_id="33.29.01")
        for end in range(26)
    )
    html = page(client, "/kantor/?cari=sidomulyo")
    assert html.count(">Sidomulyo, Salem") == 25
    assert "Masih ada yang lain dengan nama ini." in html
    Region.objects.get(pk="33.29.01.3025").delete()
    assert "Masih ada yang lain" not in page(client, "/kantor/?cari=sidomulyo")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"program": "zz"}, "Pilih program dari daftar ini."),
        ({"wilayah": "99.99"}, "Wilayah ini tidak ada dalam daftar. Pilih lagi."),
        ({"wilayah": "33.29' OR 1=1"}, "Wilayah ini tidak ada dalam daftar. Pilih lagi."),
        ({"wilayah": "33\0"}, "Karakter null tidak diizinkan."),
    ],
)
def test_a_tampered_address_is_answered_with_a_sentence(client, world, words, sentence):
    response = client.get("/kantor/", words)
    summary = texts(r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', main_of(response))
    assert (response.status_code, summary) == (422, [sentence])


def test_a_region_that_is_no_more_is_neither_offered_nor_found(client, world):
    """D3: the map changes."""
    Region.objects.filter(pk="33.28").update(valid_to=date(2020, 1, 1))
    assert "Tegal" not in page(client, "/kantor/?wilayah=33")
    assert "Tegal" not in page(client, "/kantor/?cari=kabupaten")
    assert client.get("/kantor/?wilayah=33.28").status_code == 422


def test_the_list_asks_no_more_for_more_offices_programmes_and_results(client, world):
    few = queries(client, "/kantor/?program=pkh&wilayah=33")
    assert queries(client, "/kantor/?wilayah=33.29.01") == few
    one = queries(client, "/kantor/?cari=indrajaya")
    assert queries(client, "/kantor/?cari=kabupaten") == one


# --- /privasi/


def test_the_privacy_notice_says_what_the_law_asks_for(client, world):
    """UU 27/2022; D37, D64."""
    html = page(client, "/privasi/")
    assert texts(r"<h2[^>]*>(.*?)</h2>", html) == [
        "Siapa yang bertanggung jawab", "Apa yang disimpan, dan untuk apa", "Dasar hukumnya", "Siapa yang melihatnya",
        "Bila Anda melapor tanpa nama", "Berapa lama disimpan", "Hak Anda", "Kuki dan yang tersimpan di telepon",
    ]  # fmt: skip


def test_the_times_of_the_privacy_notice_are_those_of_the_product(client, world, monkeypatch):
    """What is said of drafts and codes follows the rule that deletes them (D64)."""
    said = text(page(client, "/privasi/"))
    wanted = ("24 jam sesudah terakhir", "ditampilkan 60 menit", "(30 hari sesudah")
    assert [words for words in wanted if words not in said] == []
    monkeypatch.setattr(drafts, "LIFE", timedelta(days=2))
    assert "48 jam sesudah terakhir" in text(page(client, "/privasi/"))


def test_who_is_asked_for_a_name_finds_the_privacy_notice_there(client, world):
    fill(client, identitas=None)
    assert 'href="/privasi/"' in page(client, "/lapor/identitas/")
