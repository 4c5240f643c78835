"""The quarterly report of problems that recur in several kabupaten: figures, words and paper (D45)."""

import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone
from pypdf import PdfReader

from pengaduan.models import Complaint, ReportedParty
from reports import editions
from reports.models import Edition
from reports.papers import documents, files
from reports.papers.words import in_words
from reports.periods import Kind, Quarter
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE, at
from tiers.models import Region
from workflow import taking
from workflow.machine import BY_CODE

SUMMER = Quarter.parse("2026-T3")
OCTOBER_FIRST = at("2026-10-01 06:00")
AUTUMN = SUMMER.following
NEW_YEAR = at("2027-01-01 06:00")
WORDS = "Zyxwv kartu disita ketua kelompok."


def quarter(world, region=None, programme="pkh", period=SUMMER):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, period)


@pytest.fixture
def autumn(world, monkeypatch):
    """Return a world in which payments recur in two kabupaten, and what else came in does not."""
    monkeypatch.setattr(timezone, "now", lambda: NEW_YEAR)
    for region, days in ((VILLAGE, (5, 6, 7)), (OTHER_VILLAGE, (8,)), (NEIGHBOUR_VILLAGE, (9, 10))):
        for day in days:
            world.complaint(
                region=region, received=f"2026-10-{day:02d} 09:00", text=WORDS, reported_words="Pak Terlapor"
            )
    for day in (11, 12, 13):
        world.complaint("data-peserta", received=f"2026-11-{day} 09:00")  # many, of one kabupaten
    for region in (VILLAGE, NEIGHBOUR_VILLAGE, EASTERN_VILLAGE):
        world.complaint("ketersediaan-layanan", region=region, received="2026-12-01 09:00")  # one of each
    for region in (VILLAGE, VILLAGE, NEIGHBOUR_VILLAGE):
        again = world.complaint("bukan-peserta", region=region, received="2026-12-02 09:00")
    twice = world.complaint("bukan-peserta", region=NEIGHBOUR_VILLAGE, received="2026-12-03 09:00")
    taking.take(twice, BY_CODE["duplikat"], now=at("2026-12-04 09:00"), merged_into=again)
    for region in (VILLAGE, VILLAGE, EASTERN_VILLAGE, EASTERN_VILLAGE):
        world.complaint("kkn", region=region, received="2026-08-03 09:00")  # recurred in summer
    paid = world.complaint("data-peserta", region=EASTERN_VILLAGE, received="2026-12-05 09:00")
    loss = {"lost_before": None, "lost": "7500000"}
    taking.take(paid, BY_CODE["catat-uang"], now=at("2026-12-06 09:00"), data=loss, lost_amount=Decimal(7500000))
    return world


def reading_of(world, region=None):
    return documents.read(editions.first_edition(quarter(world, region, period=AUTUMN), now=NEW_YEAR))


def text_of(content):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_d45_a_problem_recurs_where_two_kabupaten_bring_two_matters_each(autumn):
    """Neither many of one kabupaten, nor one of each of three, nor a duplicate makes it one."""
    nation, java = reading_of(autumn), reading_of(autumn, "33")
    for reading in (nation, java):
        assert [(each.label, each.number, each.from_most) for each in reading.problems] == [
            ("Pembayaran", 6, "Brebes 4, Tegal 2")
        ]
        assert [each.label for each in reading.new] == ["Pembayaran"]
        assert "bukan-peserta" in [each.code for each in reading.single]
    assert [each.label for each in nation.gone] == ["Penyimpangan dan KKN"]
    assert java.gone == []  # in the province it was of one kabupaten
    exclusion = next(each for each in nation.single if each.code == "bukan-peserta")
    assert (exclusion.counts["received"], exclusion.counts["duplicates"], exclusion.number) == (4, 1, 3)
    assert nation.figures["silent_places"] == []
    assert java.figures["silent_places"] == []
    assert nation.change == (
        "1 masalah berulang di dua kabupaten/kota atau lebih. Paling luas: Pembayaran. "
        "Baru berulang triwulan ini: Pembayaran. Tidak lagi berulang: Penyimpangan dan KKN."
    )
    asked = {question.what: question.why for question in nation.questions}
    assert asked["Mengapa pengaduan tentang “Pembayaran” bertambah?"] == (
        "6 pengaduan, triwulan sebelumnya 0. Terbanyak dari Brebes 4, Tegal 2."
    )
    assert (
        asked["Bagaimana dan kapan uang yang belum kembali akan dikembalikan?"]
        == "Data peserta: Rp\N{NO-BREAK SPACE}7.500.000."
    )


def test_the_paper_says_the_figures_of_every_table_and_nothing_of_a_person(autumn, tmp_path):
    target = tmp_path / "triwulan.pdf"
    arguments = ("--kind", "triwulanan", "--programme", "pkh", "--period", "2026-T4", "--output", str(target))
    call_command("periodic_report", *arguments, stdout=io.StringIO())
    edition = Edition.objects.get(kind=Kind.QUARTERLY)
    reading, text = documents.read(edition), text_of(target.read_bytes())
    for line in [*reading.problems, *reading.single, reading.whole]:
        counts = (line.number, line.counts["duplicates"], line.before)
        places = (line.counts["recurring_places"], line.counts["places"])
        assert f"{line.label} {' '.join(map(str, (*counts, *places)))} {line.from_most}" in text
    for line in (*reading.problems, reading.whole):
        told = (line.counts["handled"], line.rejected, line.reopened, line.escalated, line.counts["settled"])
        days = (line.counts[name] if line.counts[name] is not None else "–" for name in ("median_days", "p90_days"))
        ends = (line.counts["open"], line.counts["late"])
        assert f"{line.label} {' '.join(map(str, (*told, *days, *ends)))}" in text
    for place, cells, total in reading.grid:
        assert f"{place} {' '.join(str(cell.number or '–') for cell in cells)} {total}" in text
    for question in reading.questions:
        assert question.what in text
        assert " ".join(question.why.split()) in text
    assert [word for word in ("Zyxwv", "Terlapor", "Siti", "PKH-33") if word in text] == []
    book = openpyxl.load_workbook(io.BytesIO(files.content(edition, "xlsx")))
    rows = list(book["Kategori"].iter_rows(min_row=2, values_only=True))
    assert [(row[0], row[2], row[3], row[4]) for row in rows] == [
        (line.label, line.number, line.counts["duplicates"], line.before)
        for line in [*reading.all_categories, reading.whole]
    ]


def test_a_quarter_is_the_same_a_year_later_and_is_not_told_of_a_kabupaten(autumn, monkeypatch):
    """D47; and what came late makes an edition that says what is different."""
    subject = quarter(autumn, period=AUTUMN)
    made = {kind: files.content(editions.first_edition(subject, now=NEW_YEAR), kind) for kind in ("pdf", "json")}
    autumn.complaint(received="2026-12-30 09:00", now="2027-01-04 09:00")
    later = at("2028-01-01 06:00")
    assert {kind: files.content(editions.latest_edition(subject, now=later), kind) for kind in made} == made
    second, is_new = editions.new_edition(subject, now=at("2027-01-05 06:00"))
    assert is_new
    changes = {in_words(path, documents.read(second)): each for path, *each in documents.read(second).differences}
    assert changes["Kategori, Pembayaran, masuk"] == [6, 7]
    with pytest.raises(editions.CannotReport, match="Laporan ini dibuat untuk provinsi, atau nasional tanpa wilayah."):
        reading_of(autumn, "33.29")


def test_d49_a_case_is_in_no_count_of_who_it_is_against(autumn):
    """The province's officer is reported in one payment: Tegal brings one less, and payments recur no more."""
    edition = editions.first_edition(quarter(autumn, "33", period=AUTUMN), now=NEW_YEAR)
    against = Complaint.objects.filter(region=NEIGHBOUR_VILLAGE, category__code="pembayaran").first()
    ReportedParty.objects.create(complaint=against, user=autumn.provinsi)
    told, whole = documents.read(edition, autumn.provinsi), documents.read(edition)
    assert [[each.label for each in reading.problems] for reading in (told, whole)] == [[], ["Pembayaran"]]
    assert told.whole.number == whole.whole.number - 1


def test_a_quarter_in_which_nothing_came_in_says_so(world):
    made = files.content(editions.first_edition(quarter(world, "33", period=AUTUMN), now=NEW_YEAR), "pdf")
    assert "Tidak ada masalah yang berulang di dua kabupaten/kota atau lebih." in text_of(made)
    assert len(PdfReader(io.BytesIO(made)).pages) <= 2
