"""The monthly report as people get it: the command, the PDF, the workbook, the archive (D37, D44, D47)."""

import hashlib
import io
import re
import zipfile

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone
from pypdf import PdfReader

from pengaduan.models import Channel, Complaint
from reports import editions
from reports.models import Edition, ReportRecipient
from reports.papers import files
from reports.periods import Month
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, at
from tiers.models import Region

NOW = at("2026-11-01 06:00")
CANARY = {
    "name": "Kenari Rahasiawati",
    "phone": "+6281234567890",
    "email": "kenari.rahasia@contoh.id",
    "address": "Gang Kenari 7",
}
WORDS = "Zyxwv kartu disita ketua kelompok."


def subject(world, region=None, programme="pkh"):
    return Subject(
        world.programmes[programme],
        Region.objects.get(pk=region) if region else None,
        Month.parse("2026-10"),
    )


@pytest.fixture
def october(world, monkeypatch):
    """Return a world with complaints of October, read on the morning of 1 November."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    for day in range(1, 8):
        world.complaint(received=f"2026-10-{day:02d} 09:00", text=WORDS, identity=CANARY, reported_words="Pak Terlapor")
    world.complaint("data-peserta", region=NEIGHBOUR_VILLAGE, received="2026-10-12 09:00", text=WORDS)
    world.complaint("pertanyaan", region=EASTERN_VILLAGE, received="2026-08-12 09:00", text=WORDS)
    world.complaint("kkn", received="2026-08-03 09:00", text=WORDS, identity=CANARY)
    apart = world.complaint(received="2026-10-13 09:00")
    Complaint.objects.filter(pk=apart.pk).update(channel=Channel.objects.get(programme__code="pkh", code="bpkp"))
    return world


def text_of(content):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def run(*arguments):
    out = io.StringIO()
    call_command("monthly_report", *arguments, stdout=out)
    return out.getvalue()


def test_the_pdf_says_the_figures_on_its_first_page(october, tmp_path):
    target = tmp_path / "laporan.pdf"
    run("--programme", "pkh", "--month", "2026-10", "--output", str(target))
    first = PdfReader(target).pages[0].extract_text()
    first = " ".join(first.split())
    assert (
        "Masuk Selesai Berjalan Terlambat"
        " 8naik 8 dari 0 0sama dengan bulan sebelumnya 10naik 8 dari 2 2sama dengan bulan sebelumnya"
    ) in first
    assert "Pengaduan masuk 8, naik dari 0 pada September 2026." in first


def test_the_pdf_names_places_down_to_the_kecamatan_and_numbers_of_cases(october):
    edition = editions.first_edition(subject(october), now=NOW)
    text = " ".join(text_of(files.content(edition, "pdf")).split())
    top = Complaint.objects.get(category__code="kkn")
    for expected in (
        "Jawa Tengah",
        "Papua",
        "Salem, Kabupaten Brebes",
        "Laporan BPKP",
        top.number,
        edition.sha256[:16],
    ):
        assert expected in text
    assert "Indrajaya" not in re.sub(r"Ketua Kelompok \w+", "", text)  # the office holds a village's name, no more


def test_d37_nothing_of_a_person_is_in_any_output(october):
    """D37, D38: neither who complained, nor what they wrote, nor whom they named."""
    edition = editions.first_edition(subject(october), now=NOW)
    sheet = zipfile.ZipFile(io.BytesIO(files.content(edition, "xlsx")))
    outputs = {
        "pdf": text_of(files.content(edition, "pdf")),
        "xlsx": "".join(sheet.read(name).decode() for name in sheet.namelist()),
        "json": files.content(edition, "json").decode(),
    }
    secrets = [*CANARY.values(), "Kenari", "81234567890", "Zyxwv", "disita", "Terlapor"]
    assert {kind: [word for word in secrets if word in text] for kind, text in outputs.items()} == {
        "pdf": [], "xlsx": [], "json": [],
    }  # fmt: skip
    assert all(Complaint.objects.first().number in text for text in outputs.values())


def test_the_workbook_holds_the_same_numbers_and_no_formula(october):
    edition = editions.first_edition(subject(october), now=NOW)
    content = files.content(edition, "xlsx")
    book = zipfile.ZipFile(io.BytesIO(content))
    assert [name for name in book.namelist() if "<f>" in book.read(name).decode(errors="replace")] == []
    summary = openpyxl.load_workbook(io.BytesIO(content))["Ringkasan"].iter_rows(values_only=True)
    told = {label: (now, before) for label, now, before in summary}
    assert (told["Masuk"], told["Berjalan"], told["Edisi"]) == ((8, 0), (10, 2), (1, None))


def test_a_report_asked_for_again_is_the_same_to_the_byte(october, tmp_path, monkeypatch):
    """D47."""
    ask = ("--programme", "pkh", "--month", "2026-10", "--region", "33", "--output")
    run(*ask, str(tmp_path / "satu.json"))
    october.complaint(received="2026-10-30 09:00", now="2026-11-01 05:00")
    monkeypatch.setattr(timezone, "now", lambda: at("2027-03-01 06:00"))
    run(*ask, str(tmp_path / "dua.json"))
    first, second = ((tmp_path / name).read_bytes() for name in ("satu.json", "dua.json"))
    assert first == second
    assert Edition.objects.get().sha256 == hashlib.sha256(first).hexdigest()


def test_a_new_edition_tells_what_differs_and_prints_it(october, tmp_path):
    ask = ("--programme", "pkh", "--month", "2026-10", "--new-edition", "--output", str(tmp_path / "laporan.pdf"))
    run(*ask)
    assert "Data tidak berubah; edisi 1 tetap berlaku." in run(*ask)
    october.complaint(received="2026-10-30 09:00", now="2026-11-01 05:00")
    assert "Jumlah, masuk: 8 → 9\n" in run(*ask)
    text = " ".join(text_of((tmp_path / "laporan.pdf").read_bytes()).split())
    assert "Perubahan terhadap edisi sebelumnya" in text
    told = text.split("Angka Semula Sekarang ")[1]
    assert told.startswith("Jumlah, pelapor 8 9 Jumlah, belum ditindaklanjuti 10 11 Jumlah, berjalan 10 11")
    assert "Jumlah, masuk 8 9 " in told
    late = Complaint.objects.latest("pk").number
    assert f"Belum ditindaklanjuti, {late} – dimuat" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--programme", "pkn"], "Program “pkn” tidak ada. Mungkin maksud Anda “pkh”?"),
        (["--month", "Oktober"], "“Oktober” bukan bulan. Tulis seperti 2026-10."),
        (["--month", "2026-11"], "November 2026 belum berakhir; laporannya dapat dibuat mulai 1 Desember 2026."),
        (["--region", "99"], "Wilayah “99” tidak ada. Tulis kode Kemendagri, misalnya 33 atau 33.29."),
        (
            ["--region", "33.29.01"],
            "Laporan dibuat untuk provinsi atau kabupaten/kota, atau nasional tanpa wilayah.",
        ),
        (["--output", "laporan.doc"], "“laporan.doc” harus berakhir dengan .pdf, .xlsx, atau .json."),
        (["--output", "/tidak/ada/laporan.pdf"], "Folder “/tidak/ada” tidak ada."),
    ],
)
def test_wrong_input_is_answered_with_a_sentence(october, tmp_path, arguments, sentence):
    with pytest.raises(CommandError) as refusal:
        run("--programme", "pkh", "--month", "2026-10", "--output", str(tmp_path / "laporan.pdf"), *arguments)
    assert (str(refusal.value), refusal.value.returncode) == (sentence, 2)
    assert Edition.objects.count() == 0


def test_the_archive_shows_each_reader_their_own_area_and_opens_what_lies_in_it(october, client):
    nation, java, brebes, tegal = made = [
        editions.first_edition(subject(october, region), now=NOW) for region in (None, "33", "33.29", "33.28")
    ]
    shown, opened = {}, {}
    for name in ("koordinator", "penyelia", "tetangga", "kabupaten", "auditor"):
        client.force_login(october.users[name])
        page = client.get("/petugas/laporan/arsip/").content.decode()
        shown[name] = [edition for edition in made if f"/petugas/laporan/{edition.pk}.pdf" in page]
        opened[name] = [
            edition for edition in made if client.get(f"/petugas/laporan/{edition.pk}.xlsx").status_code == 200
        ]
    nobody = {"tetangga": [], "kabupaten": [], "auditor": []}
    assert shown == {"koordinator": [nation], "penyelia": [brebes], **nobody}
    assert opened == {"koordinator": [nation, java, brebes, tegal], "penyelia": [brebes], **nobody}


def test_the_archive_asks_to_sign_in_and_hands_out_a_named_pdf(october, client):
    edition = editions.first_edition(subject(october, "33.29"), now=NOW)
    address = f"/petugas/laporan/{edition.pk}.pdf"
    assert client.get(address).url == f"/masuk/?next={address}"
    client.force_login(october.penyelia)
    answer = client.get(address)
    assert answer["Content-Disposition"] == 'attachment; filename="laporan-pkh-33.29-2026-10-edisi-1.pdf"'
    assert answer.content[:5] == b"%PDF-"
    assert client.get(f"/petugas/laporan/{edition.pk}.json").status_code == 404


def test_a_reviewer_may_add_an_address_only_for_an_area_that_has_reports(world):
    recipient = ReportRecipient(
        programme=world.programmes["pkh"], name="Bagian", email="a@b.id", region=Region.objects.get(pk="33.29.01")
    )
    with pytest.raises(ValidationError, match="Pilih provinsi atau kabupaten/kota"):
        recipient.clean()
