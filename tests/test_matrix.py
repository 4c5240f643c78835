"""The matriks penanganan masalah: every case that was open, as it stood, and nobody named (D37, D38, D46, D57)."""

import io
import random
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from openpyxl import load_workbook
from pypdf import PdfReader

from pengaduan.models import Complaint, Field, ReportedParty, Source, Stage
from reports import queries
from reports.export_models import Export
from reports.lists import exports, matrix
from reports.subject import Subject
from tests.cast import at
from tests.lives import NOVEMBER_FIRST, OCTOBER, live_on
from tiers.models import Programme, Region
from workflow import actions
from workflow.views.timeline import HAPPENED

AREAS = {"pusat": None, "provinsi": "33", "kabupaten": "33.29"}


def october(user, region, *, asked=NOVEMBER_FIRST, what="matriks", format="csv") -> Export:
    return Export(
        asked_by=user, asked_at=asked, what=what, format=format, programme=Programme.objects.get(code="pkh"),
        region=Region.objects.get(pk=region) if region else None, first_on=OCTOBER.first, last_on=OCTOBER.last,
    )  # fmt: skip


def rows_of(export, listing=matrix.LISTING):
    return listing.rows(export)(list(listing.cases(export)))


def text_of(export) -> str:
    """Return all that is printed, through the machinery."""
    kept = exports.ask(export)
    exports.make(kept.pk, clock=lambda: export.asked_at)
    with default_storage.open(Export.objects.get(pk=kept.pk).files[0]["path"]) as file:
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(file.read())).pages).split())


def was_open(complaint) -> bool:
    """Say whether a case was open in October, walking its record day by day."""
    stage, open_then = "", complaint.received_at >= OCTOBER.starts_at
    for event in complaint.events.order_by("seq"):
        if event.seq > 1 and event.at >= OCTOBER.starts_at:
            if event.at >= OCTOBER.ends_at:
                break
            open_then |= stage != Stage.CLOSED
        stage = event.to_stage or stage
        if event.seq > 1 and event.at >= OCTOBER.starts_at:
            open_then |= stage != Stage.CLOSED
    return open_then or stage != Stage.CLOSED


def test_d47_the_matrix_holds_each_open_case_once_as_october_s_figures_count_them_also_when_asked_in_december(
    busy_world,
):
    """Each stage holds as many as the report of October prints, and what happened later changes no row."""
    for who, region in AREAS.items():
        user = busy_world.users[who]
        export = october(user, region)
        rows = rows_of(export)
        expected = [
            each.number
            for each in Complaint.objects.visible_to(user)
            .filter(received_at__lt=OCTOBER.ends_at)
            .order_by("received_at", "pk")
            if was_open(each)
        ]
        assert [row.number for row in rows] == expected
        subject = Subject(export.programme, export.region, OCTOBER)
        found = queries.figures(subject, as_of=NOVEMBER_FIRST)
        stages = Counter(row.stage for row in rows if "dihitung tersendiri" not in row.channel)
        counted = {str(Stage(each.code).label): each.measures.open for each in found.stages if each.measures.open}
        assert {stage: number for stage, number in stages.items() if stage != "Ditutup"} == counted
    before, rng, moved = rows_of(october(busy_world.pusat, None)), random.Random(5), 0
    for complaint in Complaint.objects.all():
        live_on(rng, busy_world.read(complaint), OCTOBER.ends_at, at("2026-12-20 00:00"))
        moved += busy_world.read(complaint).version != complaint.version
    assert moved > 20
    assert rows_of(october(busy_world.pusat, None, asked=at("2026-12-21 06:00"))) == before


@pytest.fixture
def settled(world):
    """Return a case with money lost and returned, a field, a source, a rejection and names typed everywhere."""
    pkh = world.programmes["pkh"]
    complaint = world.complaint(
        received="2026-10-02 10:00", text="Saya Siti Contoh dari RT 03, Pak Darmo memotong uang saya",
        reported_words="Pak Darmo ketua kelompok", source=Source.objects.get(programme=pkh),
    )  # fmt: skip
    code = complaint.receipt.code
    actions.register(
        complaint, by=world.desa, now=at("2026-10-05 09:00"), recorded="Uang dipotong Pak Darmo", suitable=True,
        subject="Potongan oleh Pak Darmo", field=Field.objects.get(programme=pkh), information_complete=True,
    )  # fmt: skip
    complaint = world.read(complaint)
    actions.record_money(
        complaint, by=world.desa, now=at("2026-10-07 09:00"), lost_amount=Decimal(500_000), amount=Decimal(200_000),
        paid_on=date(2026, 10, 6), words="Dikembalikan Pak Darmo", reason="Pengakuan Darmo",
    )  # fmt: skip
    complaint = world.read(complaint)
    actions.find_proven(complaint, by=world.desa, now=at("2026-10-09 09:00"), chronology="Darmo memotong")
    complaint = world.read(complaint)
    actions.weigh(
        complaint, by=world.desa, now=at("2026-11-05 09:00"), weight="berat", prominent=True, reason="Darmo lagi"
    )
    complaint = world.read(complaint)
    actions.record_money(
        complaint, by=world.desa, now=at("2026-11-06 09:00"), lost_amount=Decimal(900_000), amount=Decimal(300_000),
        paid_on=date(2026, 11, 6), words="Dari Darmo", reason="Ternyata lebih",
    )  # fmt: skip
    world.code = code
    return world.read(complaint)


def test_d46_a_row_of_the_matrix_tells_what_was_done_until_then_in_words_days_and_amounts(world, settled):
    (row,) = rows_of(october(world.kabupaten, "33.29", asked=at("2026-11-20 09:00")))
    assert row == matrix.Row(
        number=settled.number,
        received_on=date(2026, 10, 2),
        category="Pembayaran",
        field="Transparansi",
        province="Jawa Tengah",
        regency="Kabupaten Brebes",
        district="Salem",
        village="Indrajaya",
        place="Indrajaya, Salem",
        source="Warga",
        channel="Tatap muka",
        weight="Sedang",
        stage="Analisis",
        step_lines=(
            "5 Okt 2026: Register lengkap, klarifikasi dimulai",
            "7 Okt 2026: Kerugian atau pengembalian uang dicatat",
            "9 Okt 2026: Klarifikasi selesai: masalah terjadi",
        ),
        earlier_steps=0,
        result="",
        lost=Decimal(500_000),
        returned=Decimal(200_000),
        office="Ketua Kelompok Indrajaya",
        tier="Desa/Kelurahan",
        due_on=date(2026, 11, 9),
        late_days=None,
        target_on=date(2026, 11, 9),
        remarks="",
    )
    (now,) = rows_of(
        Export(
            asked_by=world.kabupaten, asked_at=at("2026-11-20 09:00"), what="matriks", format="csv",
            programme=world.programmes["pkh"], region_id="33.29", first_on=date(2026, 11, 1),
            last_on=date(2026, 11, 30),
        )
    )  # fmt: skip
    assert (now.weight, now.lost, now.returned, now.remarks) == ("Berat", 900_000, 500_000, "menonjol")
    assert (now.late_days, now.earlier_steps) == (11, 1)


def test_d57_far_away_the_place_ends_with_the_kecamatan_also_where_a_village_s_office_holds_it(world, settled):
    for who, region, place in (
        ("provinsi", "33", "Salem, Kabupaten Brebes"),
        ("pusat", None, "Salem, Kabupaten Brebes, Jawa Tengah"),
        ("pusat", "33.29", "Salem"),
    ):
        export = october(world.users[who], region)
        (row,) = rows_of(export)
        assert (row.village, row.place) == ("", place)
        assert "Indrajaya" not in row.office
        assert "village" not in [column.name for column in matrix.columns(export)]


@pytest.mark.parametrize("what", ["matriks", "rekapitulasi"])
def test_d37_d38_neither_list_holds_a_person_a_text_or_a_code_in_any_form(world, settled, what):
    """The register beside it shows the short subject to officers on their screen; what is carried away does not."""
    ReportedParty.objects.create(complaint=settled, user=world.provinsi)
    forbidden = ("Siti", "siti@", "Darmo", "RT 03", "Potongan", "Pengakuan", world.code)
    for format in ("csv", "xlsx", "pdf"):
        export = october(world.kabupaten, "33.29", asked=at("2026-11-20 09:00"), what=what, format=format)
        kept = exports.ask(export)
        exports.make(kept.pk, clock=lambda: at("2026-11-20 09:00"))
        (file,) = Export.objects.get(pk=kept.pk).files
        with default_storage.open(file["path"]) as opened:
            content = opened.read()
        if format == "pdf":
            told = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        elif format == "xlsx":
            told = str([[cell.value for cell in line] for line in load_workbook(io.BytesIO(content)).active])
        else:
            told = content.decode("utf-8-sig")
        assert settled.number in told
        assert [word for word in forbidden if word in told or word in file["name"]] == [], format


def test_who_stepped_aside_who_is_relieved_and_the_supervisory_body_are_not_told(world, settled):
    """Of the record's kinds each is told or kept back on purpose: a new one must be decided."""
    kept_back = {
        "diterima",  # it is the first of each, and has a column of its own
        "tetapkan-terlapor", "bebastugaskan", "akhiri-pembebastugasan", "mundur", "serahkan-pengawas", "tugaskan",
        "catat", "kirim-pesan", "pesan-pelapor", "minta-perlindungan", "catat-perlindungan", "lampirkan",
        "lampirkan-pelapor", "tarik-lampiran", "ingatkan-pelapor", "ikuti-kalender", "ikuti-batas-waktu", "terkait",
        "tautkan", "lepas-tautan", "terima-gabungan", "setuju-hasil", "cabut-sendiri", "ikut-lagi", "usulkan",
        "tolak-usul", "ubah-bobot", "minta-identitas", "izinkan-identitas", "tolak-identitas", "buka-identitas",
        "kode-baru", "berkas-ditolak",
    }  # fmt: skip
    assert kept_back | matrix.TOLD == set(HAPPENED)
    assert kept_back & matrix.TOLD == set()


def test_the_matrix_is_printed_with_its_head_on_each_page_and_what_is_late_in_words(world, settled):
    export = october(world.kabupaten, "33.29", asked=at("2026-11-20 09:00"), format="pdf")
    text = text_of(export)
    for wanted in (
        "Matriks penanganan masalah", "Program Keluarga Harapan, Kabupaten Brebes, Jawa Tengah, 1–31 Oktober 2026",
        "Keadaan per 1 November 2026 00.00 WIB", settled.number, "Kerugian Rp 500.000, kembali Rp 200.000",
        "Indrajaya, Salem", "9 Okt 2026: Klarifikasi selesai: masalah terjadi",
        "Halaman 1 dari 1",
    ):  # fmt: skip
        assert wanted in text, wanted
