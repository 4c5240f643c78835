"""Before a text leaves the office, what names a person in it is pointed out, and ordinary prose is left alone (D57)."""

import re
from datetime import timedelta

import pytest

from pengaduan.models import ReportedParty, Secrecy, Stage
from tests.journey import START, to_stage
from tiers.models import User
from workflow import actions, hints
from workflow.forms import careful
from workflow.forms.careful import Careful
from workflow.hints import Kind
from workflow.views.step_pages import PAGES

ORDINARY = (
    "Bantuan tahap dua cair tanggal 12 April 2026 di kantor pos.",
    "Pengaduan PKH-33.29-2026-000123 sudah kami terima dan kami daftarkan.",
    "Dana sebesar Rp 15.000.000 sudah dikembalikan ke rekening kelompok pada 2 Maret 2026.",
    "Rekening kelompok menerima pengembalian sebesar Rp150.000.000,00 dari pengurus lama.",
    "Warga RT 03 dan RW 02 hadir dalam musyawarah desa.",
    "Bapak/Ibu dapat mengambil bantuan dengan membawa KTP asli.",
    "Bapak Kepala Desa dan Ibu Ketua Kelompok menandatangani berita acara.",
    "Ibu hamil dan ibu menyusui tetap memeriksakan diri setiap bulan.",
    "Silakan menghubungi Ombudsman Republik Indonesia di nomor 137.",
    "Saya Warga Desa Indrajaya, demikian pengantar surat itu.",
    "Petugas puskesmas menutup layanan pada hari libur nasional.",
    "Pompa air di RW 05 rusak sejak Januari 2025 dan belum diperbaiki.",
    "Surat nomor 005/123/II/2026 sudah dikirim kepada dinas.",
    "Musyawarah diadakan pada pukul 09.00 sampai 11.30 di balai desa.",
    "Kode wilayah desa ini 33.29.01.2001 menurut Kemendagri.",
    "Masa tanggap adalah 26 hari kerja, terhitung sejak 02-03-2026.",
    "Laporan periode 11-03-2026 10-12-2026 terlampir.",
    "RSUD Dr. Soetomo dan Puskesmas Salem sudah diminta keterangan.",
    "Jalan H. Agus Salim ditutup selama pekerjaan berlangsung.",
    "Atas nama Pemerintah Kabupaten Brebes kami menyampaikan terima kasih.",
    "Pendamping menyampaikan bahwa data peserta akan diperbarui bulan depan.",
    "Emas dan masyarakat bukan bagian dari pengaduan ini.",
    "Menurut Peraturan Presiden Nomor 76 Tahun 2013, penyelesaian paling lambat 60 hari.",
    "Pak Camat dan Bu Lurah hadir sebagai saksi.",
    "Kepala dusun menjelaskan bahwa daftar penerima dibuat pada tahun 2024.",
    "Anggaran 2025 sebesar 1.250.000.000 rupiah sudah diperiksa BPKP.",
    "Saya PKH sejak 2019, katanya, dan belum pernah menerima buku.",
    "Ibu Kota Provinsi berjarak 170 kilometer dari lokasi.",
    "Panitia pengadaan mengulang pelelangan karena hanya satu penawar.",
    "Hasilnya: uang kembali seluruhnya, pengurus diganti, dan warga menerima.",
    "Bupati, camat, dan kepala desa menyepakati jadwal perbaikan 1/4/2026 sampai 30/6/2026.",
    "Tahap 1 dibayar 10 Februari, tahap 2 dibayar 10 Mei, tahap 3 dibayar 10 Agustus.",
)

NAMED = (
    ("NIK 3329011203800001 tidak terdaftar.", Kind.NIK, "3329011203800001"),
    ("NIK ibu itu 3329015203800001.", Kind.NIK, "3329015203800001"),
    ("Tertulis 3329 0112 0380 0001 di kartunya.", Kind.NIK, "3329 0112 0380 0001"),
    ("Hubungi 0812-3456-7890 besok.", Kind.PHONE, "0812-3456-7890"),
    ("Hubungi +62 812 3456 7890 besok.", Kind.PHONE, "+62 812 3456 7890"),
    ("Telepon (0283) 671234 pagi hari.", Kind.PHONE, "(0283) 671234"),
    ("Kirim ke siti.aminah@contoh.co.id saja.", Kind.EMAIL, "siti.aminah@contoh.co.id"),
    ("Transfer ke rekening BRI 1234-01-000567-50-1.", Kind.NUMBER, "1234-01-000567-50-1"),
    ("Kartu KKS 6013010123456789 tertahan.", Kind.NUMBER, "6013010123456789"),
    ("Kodenya 1234 5678 9012 3456.", Kind.NUMBER, "1234 5678 9012 3456"),
    ("Menurut Pak Slamet uang sudah dibagi.", Kind.NAME, "Pak Slamet"),
    ("Menurut Ibu Siti Aminah uang sudah dibagi.", Kind.NAME, "Ibu Siti Aminah"),
    ("Bapak H. Slamet Riyadi menolak.", Kind.NAME, "Bapak H. Slamet Riyadi"),
    ("Hj. Maemunah menolak.", Kind.NAME, "Hj. Maemunah"),
    ("Seorang warga bernama slamet menolak.", Kind.NAME, "bernama slamet"),
    ("Uang diterima sdr. joko kemarin.", Kind.NAME, "sdr. joko"),
    ("Tertulis atas nama Budi Santoso.", Kind.NAME, "atas nama Budi Santoso"),
    ("Nama saya Siti Aminah dari Salem.", Kind.NAME, "Nama saya Siti Aminah"),
    ("Saya Siti, belum menerima.", Kind.NAME, "Saya Siti"),
    ("Katanya guru di RT 03 yang mengambil.", Kind.ROLE, "guru di RT 03"),
    ("Ketua kelompok RT.02/RW.01 yang menyimpan.", Kind.ROLE, "Ketua kelompok RT.02/RW.01"),
    ("Di RT 05 seorang bidan menolak.", Kind.ROLE, "RT 05 seorang bidan"),
)


@pytest.mark.parametrize("prose", ORDINARY)
def test_d57_ordinary_prose_is_left_alone(prose):
    assert hints.find(prose) == []


@pytest.mark.parametrize(("prose", "kind", "words"), NAMED)
def test_d57_what_names_a_person_is_pointed_out(prose, kind, words):
    assert [(each.kind, each.words) for each in hints.find(prose)] == [(kind, words)]


@pytest.mark.parametrize(
    ("prose", "expected"),
    [
        ("katanya siti   aminah yang melapor", ["siti   aminah"]),
        ("Katanya Aminah yang melapor", ["Aminah"]),
        ("katanya aminah yang melapor", []),
        ("Sitinjau dan Aminahwati bukan orangnya", []),
    ],
)
def test_d57_a_name_that_is_known_is_found_without_a_title(prose, expected):
    assert [each.words for each in hints.find(prose, names=["Siti Aminah"])] == expected


def test_d57_a_piece_is_told_once_and_in_the_order_of_the_text():
    text = "Pak Joko (0812 3456 7890) dan Pak Joko lagi, surel joko@contoh.id."
    findings = hints.find(text, names=["Joko"])
    assert [each.kind for each in findings] == [Kind.NAME, Kind.PHONE, Kind.NAME, Kind.EMAIL]
    assert [text[each.start : each.end] for each in findings] == [each.words for each in findings]
    assert hints.sentence(findings).count("Joko”") == 1


# the forms


def answered(client, complaint, text: str, **more):
    url = f"{complaint.get_absolute_url()}langkah/jawab/"
    version = type(complaint).objects.get(pk=complaint.pk).version
    return client.post(url, {"version": version, "answer": text, **more})


def box(html: str) -> str:
    return re.search(r'name="checked" value="([^"]+)"', html)[1]


def test_d57_an_answer_is_shown_once_with_what_it_gives_away_and_taken_when_ticked(world, client):
    complaint = to_stage(world, Stage.ANSWER, nature="informatif")
    client.force_login(world.desa)
    assert 'name="checked"' not in client.get(f"{complaint.get_absolute_url()}langkah/jawab/").content.decode()
    told = "Menurut Pak Slamet bantuan cair bulan depan, hubungi 0812 3456 7890."
    answer = answered(client, complaint, told)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "nama orang “Pak Slamet”, nomor telepon “0812 3456 7890”" in html
    assert told in html
    other = answered(client, complaint, told + " Bu Rina juga.", checked=box(html))
    assert (other.status_code, "Bu Rina" in other.content.decode()) == (422, True)
    assert answered(client, complaint, told, checked="").status_code == 422
    assert answered(client, complaint, "Hubungi 0812 3456 7890.", checked=box(html)).status_code == 302
    assert world.read(complaint).case_file.answer == "Hubungi 0812 3456 7890."


def test_d57_ordinary_words_are_taken_at_once(world, client):
    complaint = to_stage(world, Stage.ANSWER, nature="informatif")
    client.force_login(world.desa)
    assert answered(client, complaint, "Bantuan cair bulan depan.").status_code == 302


TELLING = {
    "jawab": {"answer"},
    "laporkan-hasil": {"result"},
    "sahkan-tidak-terbukti": {"reason"},
    "kirim-pesan": {"reason"},
    "minta-kelengkapan": {"questions"},
    "bukan-kewenangan": {"reason"},
    "salurkan": {"reason"},
    "proses-hukum": {"reason"},
    "akhiri-proses-hukum": {"reason"},
    "serahkan-fase-akhir": {"reason"},
    "serahkan-pengawas": {"reason"},
    "teruskan-tim-koordinasi": {"reason"},
    "putuskan-basis-data": {"reason"},
    "perpanjang": {"reason"},
    "daftarkan": {"subject", "recorded"},
    "daftarkan-informatif": {"subject", "recorded"},
}


@pytest.mark.parametrize("code", TELLING)
def test_d57_every_form_whose_words_leave_the_office_is_careful(code):
    form = PAGES[code].form
    assert issubclass(form, Careful)
    assert set(form.tells) == TELLING[code]


def test_d57_the_name_of_the_reported_is_pointed_out(world, client):
    complaint = to_stage(world, Stage.ANSWER, nature="informatif")
    official = User.objects.create_user("pejabat", "p@kantor.id", None, name="Darmawan Susilo")
    ReportedParty.objects.create(complaint=complaint, user=official)
    ReportedParty.objects.create(complaint=complaint, words="Pak Joko, bendahara")
    client.force_login(world.desa)
    html = answered(client, complaint, "Uang disimpan darmawan susilo dan Joko.").content.decode()
    assert "nama orang “darmawan susilo”, nama orang “Joko”" in html


def test_d63_a_hint_is_no_way_to_find_out_who_complained(world, client):
    """The name of whom the officer may not know is not compared; after an opening on record it is (D37)."""
    complaint = to_stage(world, Stage.ANSWER, nature="informatif")
    client.force_login(world.desa)
    guess = "katanya siti contoh yang mengadu"
    person = complaint.complainants.get()
    assert careful.names_known(complaint, by=world.desa) == []
    request = actions.ask_identity(complaint, person, by=world.desa, now=START + timedelta(hours=2), motive="Perlu")
    actions.grant_identity(request, by=world.kustodian, now=START + timedelta(hours=2), reason="Ya", hours=4)
    assert careful.names_known(complaint, by=world.desa) == []
    actions.open_identity(request, by=world.desa, now=START + timedelta(hours=3))
    assert careful.names_known(complaint, by=world.desa) == ["Siti Contoh"]
    assert answered(client, complaint, guess).status_code == 422


@pytest.mark.parametrize(
    "about",
    [{"secrecy": Secrecy.OPEN}, {"text": "Nama saya siti contoh, bantuan belum cair."}, {"by": "desa"}],
)
def test_d57_a_complainant_whom_the_officer_knows_is_pointed_out_by_name(world, about):
    """Who is open, who is named in the words as received, whom the officer recorded."""
    about = {**about, **({"by": world.desa} if "by" in about else {})}
    assert careful.names_known(world.complaint(**about), by=world.desa) == ["Siti Contoh"]
