"""The monthly report as paper and as a workbook: every number of every table, tags, bookmarks, letters (D41, D44)."""

import dataclasses
import hashlib
import io
import itertools
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import openpyxl
import pikepdf
import pytest
from django.db import transaction
from django.utils import translation
from pypdf import PdfReader

from pengaduan.models import Secrecy, Stage, Weight
from reports import editions
from reports.figures.records import (
    MEASURE_NAMES,
    Case,
    Count,
    Equity,
    Figures,
    Listed,
    Measures,
    Money,
    Owed,
    Point,
    Row,
    Speed,
)
from reports.models import Edition
from reports.papers import pdf, workbook
from reports.papers.names import AGES, MEASURES, RECORDED_BY
from reports.papers.numbers import amount, rupiah, share
from reports.papers.sentences import Success, most, success
from reports.papers.tiles import TILES, classes
from reports.papers.words import Line, Reading
from reports.periods import Month
from reports.subject import Subject
from tests.cast import make_world
from tiers.models import Tier
from workflow import printing

pytestmark = pytest.mark.django_db  # without a test that says so, `printed` would be made in the working database

OCTOBER = Month.parse("2026-10")
TIERS = [str(tier.value) for tier in Tier]
OPEN_STAGES = [stage for stage in Stage.values if stage != Stage.CLOSED]
SECTIONS = [
    "Arus dan mutu", "Ketepatan waktu menurut jenjang", "Tahap dan lamanya", "Apa yang diadukan",
    "Lewat apa pengaduan masuk", "Siapa yang melapor", "Menurut provinsi", "Yang ditunggu dari tiap jenjang",
    "Belum ditindaklanjuti", "Perlu perhatian khusus", "Uang", "Cara menghitung",
]  # fmt: skip


def measures(numbers):
    """Return measures of which each is another number than any other in the report."""
    found = {name: next(numbers) for name in MEASURE_NAMES}
    return Measures(**found | {"settled": found["settled"] + 20_000})  # more than were late


def figures_of_a_nation(programme):
    """Return figures in which no number stands twice, so that each one found on paper is the one that was meant."""
    numbers = itertools.count(1_001)
    rows = lambda codes: tuple(Row(code, measures(numbers)) for code in codes)  # noqa: E731
    codes = lambda entries: sorted(entries.values_list("code", flat=True))  # noqa: E731
    case = Case("PKH-33.29-2026-000001", "kkn", "33.29.01", "klarifikasi", "UPPKH Pusat", 0, True, False, ("puncak",))
    listed = [
        dataclasses.replace(case, number=f"PKH-33.29-2026-{number:06d}", age_days=next(numbers))
        for number in range(1, 501)
    ]
    speed = lambda code: Speed(code, next(numbers), next(numbers), next(numbers) + 500)  # noqa: E731
    return Figures(
        totals=measures(numbers),
        before=measures(numbers),
        apart=measures(numbers),
        categories=rows(codes(programme.category_entries)),
        places=rows(sorted(TILES)),
        channels=rows(codes(programme.channel_entries.filter(counted_apart=False))),
        channels_apart=rows(["bpkp"]),
        stages=rows(OPEN_STAGES),
        tiers=rows(TIERS),
        ages=rows(AGES),
        not_followed_up=Listed(4_000, tuple(listed)),
        attention=Listed(5_000, tuple(listed[::-1])),
        money_open=Money(next(numbers), Decimal("7500000"), Decimal("1500000.50"), Decimal("5999999.50")),
        money_settled=Money(next(numbers), Decimal("2700000"), Decimal("2580000"), Decimal("120000")),
        fields=rows(["", *codes(programme.field_entries)]),
        sources=rows(["", *codes(programme.source_entries)]),
        weights=rows(Weight.values),
        speed=(speed(""),),
        stage_speeds=tuple(speed(stage) for stage in OPEN_STAGES),
        tier_speeds=tuple(speed(tier) for tier in TIERS),
        owed=tuple(Owed(tier, *(next(numbers) for _ in range(6))) for tier in TIERS),
        equity=Equity(
            secrecy=tuple(Count(each, next(numbers)) for each in Secrecy.values),
            recorded_by=tuple(Count(each, next(numbers)) for each in RECORDED_BY),
            villages=83_762,
            villages_heard=next(numbers),
            silent_places=("33", "91"),
        ),
        trend=tuple(Point(str(OCTOBER.back(back)), next(numbers), next(numbers)) for back in range(11, -1, -1)),
    )


def edition_of(figures, subject, **more):
    """Return an edition that is not kept."""
    as_of = subject.period.ends_at + timedelta(hours=6)
    return Edition(
        programme=subject.programme, region=subject.region, begins_on=subject.period.first, number=1, as_of=as_of,
        made_at=as_of, query_version=2, figures=figures, sha256=hashlib.sha256(figures.encode()).hexdigest(), **more,
    )  # fmt: skip


@dataclass
class Printed:
    figures: Figures
    reading: Reading
    content: bytes
    sheets: dict[str, list[tuple]]
    pages: list[str]

    @property
    def text(self):
        return "".join(self.pages)


@pytest.fixture(scope="module")
def printed(django_db_setup, django_db_blocker):
    """Return the report of a nation, printed once for this file; the database is left as it was."""
    with django_db_blocker.unblock(), transaction.atomic():
        programme = make_world().programmes["pkh"]
        figures = figures_of_a_nation(programme)
        edition = edition_of(editions.canonical(figures), Subject(programme, None, OCTOBER))
        reading = Reading(edition)
        content = pdf.render(reading)
        book = openpyxl.load_workbook(io.BytesIO(workbook.render(reading)))
        sheets = {sheet.title: list(sheet.iter_rows(min_row=2, values_only=True)) for sheet in book}
        with translation.override("id"):
            list(reading.names)  # what the tests read, while there is a database
            for name in TABLES:
                getattr(reading, name)
        transaction.set_rollback(True)
    return Printed(figures, reading, content, sheets, pages_of(content))


def pages_of(content):
    """Return the text of each page without any space: where one stands between two letters is the font's matter."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def bare(text):
    return "".join(text.split())


TABLES = ("categories", "fields", "weights", "channels", "channels_apart", "sources", "places", "tiers")


def row(*cells):
    return " ".join(cell if isinstance(cell, str) else amount(cell) for cell in cells)


def counted(counts, label):
    """Return a row of a table of counts as it stands on paper."""
    on_time = counts["settled"] - counts["settled_late"]
    names = ("rejections", "reopenings", "escalations", "open", "late")
    return row(label, counts["received"], counts["settled"], on_time, *(counts[name] for name in names))


def rows_on_paper(figures, reading):
    """Yield every row of every table of the report, from the figures."""
    labels = {line.code: line.label for name in TABLES for line in getattr(reading, name)}
    totals = dataclasses.asdict(figures.totals)
    for name in TABLES:
        for each in getattr(figures, name):
            letters = f" {TILES[each.code][0]}" if name == "places" else ""
            label = {line.code: line.label for line in getattr(reading, name)}[each.code]
            yield counted(dataclasses.asdict(each.measures), label + letters)
    yield counted(totals, "Jumlah")
    yield row("Berjalan pada awal bulan", totals["open_before"], "Ditambah: masuk", totals["received"])
    yield row("Ditambah: dibuka kembali", totals["reopenings"], "Dikurangi: ditutup", totals["closings"])
    yield row("Berjalan pada akhir bulan", totals["open"])
    on_time = totals["settled"] - totals["settled_late"]
    yield row("Selesai tepat waktu", on_time, f"({share(on_time, totals['settled'])})")
    yield row("Selesai sesudah tenggat asli", totals["settled_late"], "Hasil ditolak pelapor", totals["rejections"])
    yield row("Naik jenjang karena lewat tenggat", totals["escalations"], "Ditutup lewat jalan lain", totals["aside"])
    for each in figures.stages:
        yield row(str(Stage(each.code).label), each.measures.open, each.measures.late)
    for each in figures.stage_speeds:
        yield row(str(Stage(each.code).label), each.number, each.median_days, each.p90_days)
    beside = {each.code: each.measures for each in figures.tiers}
    for each in figures.tier_speeds:
        counts = beside[each.code]
        yield row(labels[each.code], each.number, each.median_days, each.p90_days, counts.rejections, counts.reopenings)
    for each in figures.owed:
        numbers = (each.open, each.past_due, each.due_soon, each.not_followed_up, each.waiting, each.oldest_days)
        yield row(labels[each.code], *numbers)
    yield row(*(each.measures.not_followed_up for each in figures.ages))
    for counts, names in ((figures.equity.secrecy, dict(Secrecy.choices)), (figures.equity.recorded_by, RECORDED_BY)):
        whole = sum(each.number for each in counts)
        for each in counts:
            yield row(str(names[each.code]), each.number, share(each.number, whole))
    yield row("Masuk", *(each.received for each in figures.trend))
    yield row("Selesai", *(each.settled for each in figures.trend))
    for label, money in (("Masih ditangani", figures.money_open), ("Selesai bulan ini", figures.money_settled)):
        yield row(label, money.cases, *map(rupiah, (money.lost, money.returned, money.outstanding)))
    for each in figures.attention.cases[:30]:
        yield row(each.number, each.age_days)
    for each in figures.not_followed_up.cases[:12]:
        yield row(each.number, each.age_days)


def test_every_number_of_every_table_is_on_paper(printed):
    with translation.override("id"):
        expected = [bare(each) for each in rows_on_paper(printed.figures, printed.reading)]
    assert len(expected) > 145
    assert [each for each in expected if each not in printed.text] == []


def test_the_cover_says_the_four_numbers_with_those_of_the_month_before(printed):
    totals, before = printed.figures.totals, printed.figures.before
    with translation.override("id"):
        numbers = [
            f"{amount(getattr(totals, each))} turun {amount(getattr(before, each) - getattr(totals, each))} dari"
            f" {amount(getattr(before, each))}"
            for each in ("received", "settled", "open", "late")
        ]
        said = [
            "Masuk Selesai Berjalan Terlambat " + " ".join(numbers),
            f"Lewat tenggat jenjangnya: Desa/Kelurahan {amount(printed.figures.owed[0].past_due)}",
            "5.000 kasus perlu perhatian khusus.",
            "Rp 6.119.999,50 belum kembali.",
        ]
    assert [each for each in said if bare(each) not in printed.pages[0]] == []
    assert printed.reading.edition.sha256 in printed.pages[-1]


def test_a_report_of_thousands_of_cases_stays_within_nine_pages(printed):
    assert len(printed.pages) <= 9
    last = len(printed.pages)
    foot = [f"Untukyangperlutahu.Jangandisebarluaskan.Halaman{number}dari{last}" for number in range(1, last + 1)]
    assert [page[-len(line) :] for page, line in zip(printed.pages, foot, strict=True)] == foot


def test_bookmarks_and_contents_lead_to_each_section(printed):
    reader = PdfReader(io.BytesIO(printed.content))
    marks = reader.outline[1]
    assert [mark.title for mark in marks] == SECTIONS
    told = {name: reader.get_destination_page_number(mark) + 1 for name, mark in zip(SECTIONS, marks, strict=True)}
    contents = printed.pages[0].rpartition("Isi")[2]
    assert {name: int(re.search(rf"{bare(name)}(\d)", contents)[1]) for name in SECTIONS} == told


def test_d41_the_paper_reads_well_aloud(printed):
    """D41: title, language, each table headed, each picture told, lists of items, and no ornament read."""
    with pikepdf.open(io.BytesIO(printed.content)) as document:
        root = document.Root
        assert (root.MarkInfo.Marked, str(root.Lang), root.ViewerPreferences.DisplayDocTitle) == (True, "id", True)
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            title = "Laporan bulanan pengaduan: Program Keluarga Harapan – Nasional – Oktober 2026"
            assert metadata["dc:title"] == title
        assert {str(page.Tabs) for page in document.pages} == {"/S"}
        tree = list(walk(root.StructTreeRoot.K, None))
        heads = [element for element in tree if element.S == "/TH"]
        scopes = [str(attribute.Scope) for head in heads for attribute in head.A if "/Scope" in attribute]
        assert (len(scopes), set(scopes)) == (len(heads), {"/Row", "/Column"})
        pictures = [element for element in tree if element.S == "/Figure"]
        assert len(pictures) == 5
        for picture in pictures:
            left, foot, right, top = map(float, picture.A.BBox)
            assert (len(str(picture.Alt)) > 20, 0 < left < right < 596, 0 < foot < top < 842) == (True, True, True)
        assert {str(item.S) for each in tree if each.S == "/L" for item in each.K} == {"/LI"}
        assert [str(each.S) for each in tree if str(each.S) in {"/H1", "/H2"}][0] == "/H1"
        assert [page for page in document.pages if untold(page, document)] == []


def walk(element, page):
    if isinstance(element, pikepdf.Array):
        for each in element:
            yield from walk(each, page)
    elif isinstance(element, pikepdf.Dictionary) and "/S" in element:
        yield element
        if "/K" in element:
            yield from walk(element.K, page)


def untold(page, document):
    """Return the marks of a page that no element of the tree has, which a reader would stumble over."""
    marked = {int(number) for number in re.findall(rb"/MCID (\d+)", page.Contents.read_bytes())}
    return marked - set(marks_of(document.Root.StructTreeRoot.K, None, page.obj.objgen))


def marks_of(element, page, wanted):
    if isinstance(element, pikepdf.Array):
        for each in element:
            yield from marks_of(each, page, wanted)
    elif isinstance(element, pikepdf.Dictionary):
        if "/K" in element:
            yield from marks_of(element.K, element.get("/Pg", page), wanted)
    elif page is not None and page.objgen == wanted:
        yield int(element)


def test_the_letters_are_our_own_and_in_the_file(printed):
    with pikepdf.open(io.BytesIO(printed.content)) as document:
        fonts = [each for each in document.objects if isinstance(each, pikepdf.Dictionary) and "/FontFile2" in each]
        names = {
            str(each.BaseFont).partition("+")[2]
            for each in document.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/Font"
        }
    assert names == {"Plus-Jakarta-Sans", "Plus-Jakarta-Sans-Bold"}
    assert len(fonts) >= 2


def test_the_workbook_holds_every_number_as_a_number(printed):
    assert set(MEASURES) == set(MEASURE_NAMES)
    figures, reading, sheets = printed.figures, printed.reading, printed.sheets
    for sheet, name in (
        ("Kategori", "categories"), ("Bidang", "fields"), ("Bobot", "weights"), ("Media", "channels"),
        ("Sumber", "sources"), ("Provinsi", "places"), ("Jenjang", "tiers"), ("Dihitung tersendiri", "channels_apart"),
        ("Tahap", "stages"),
    ):  # fmt: skip
        told = {tuple(cells[1:]) for cells in sheets[sheet]}
        assert told == {tuple(getattr(each.measures, key) for key in MEASURES) for each in getattr(figures, name)}, (
            sheet
        )
    assert [cells[1:] for cells in sheets["12 bulan"]] == [(each.received, each.settled) for each in figures.trend]
    assert [cells[1:] for cells in sheets["Yang ditunggu"]] == [
        (each.open, each.past_due, each.due_soon, each.not_followed_up, each.waiting, each.oldest_days)
        for each in figures.owed
    ]
    speeds = [*figures.speed, *figures.stage_speeds, *figures.tier_speeds]
    assert [cells[1:4] for cells in sheets["Lamanya"]] == [
        (each.number, each.median_days, each.p90_days) for each in speeds
    ]
    counts = [*figures.equity.secrecy, *figures.equity.recorded_by]
    told = [cells[1] for cells in sheets["Siapa yang melapor"]]
    assert told == [*(each.number for each in counts), figures.equity.villages_heard]
    assert [cells[0] for cells in sheets["Tanpa pengaduan"]] == reading.silent_places
    assert sheets["Uang"][0][1:] == (figures.money_open.cases, 7_500_000, 1_500_000.5, 5_999_999.5)
    assert len(sheets["Perhatian khusus"]) == 500
    assert {"Selesai", "Lamanya", "Yang tidak diperlihatkan"} <= {cells[0] for cells in sheets["Cara menghitung"]}


def test_an_edition_of_before_these_tables_is_still_read(world):
    """D47: what was sent under the first definitions prints with what it has, and claims nothing that it lacks."""
    figures = json.loads(editions.canonical(figures_of_a_nation(world.programmes["pkh"])))
    for name in ("fields", "sources", "weights", "speed", "stage_speeds", "tier_speeds", "owed", "equity"):
        del figures[name]
    for counts in (figures["totals"], figures["before"], *(each["measures"] for each in figures["tiers"])):
        del counts["complainants"], counts["merged"]
    edition = edition_of(json.dumps(figures), Subject(world.programmes["pkh"], None, OCTOBER))
    reading = Reading(edition)
    text = "".join(pages_of(pdf.render(reading)))
    with translation.override("id"):
        assert bare(counted(figures["totals"], "Jumlah")) in text
    lacking = ("Menurut bidang", "Segera selesaikan", "Menurut sumber", "dibawa oleh")
    assert [each for each in lacking if bare(each) in text] == []
    assert len(workbook.render(reading)) > 10_000


def test_a_month_of_nothing_takes_two_pages(world):
    nothing = Measures()
    rows = tuple(Row(age, nothing) for age in AGES)
    listed = Listed(0, ())
    figures = Figures(
        nothing, nothing, nothing, (), (), (), (), (), (), rows, listed, listed, Money(), Money(),
        trend=tuple(Point(str(OCTOBER.back(back)), 0, 0) for back in range(11, -1, -1)),
    )  # fmt: skip
    subject = Subject(world.programmes["pkh"], None, OCTOBER)
    made = PdfReader(io.BytesIO(pdf.render(Reading(edition_of(editions.canonical(figures), subject)))))
    assert len(made.pages) == 2
    assert [mark.title for mark in made.outline[1]] == ["Siapa yang melapor", "Cara menghitung"]


def test_a_long_document_is_printed_by_a_process_of_its_own(monkeypatch):
    """A worker keeps little of the memory that hundreds of pages take: another process takes it and ends."""
    page = '<html lang="id"><head><title>Daftar</title></head><body><p>Rp 1.500</p></body></html>'
    short = printing.to_pdf(page, styles="laporan.css")
    monkeypatch.setattr(printing, "LONG", len(page) - 1)
    monkeypatch.setattr(printing, "pressed", None)
    assert pages_of(printing.to_pdf(page, styles="laporan.css")) == pages_of(short) == ["Rp1.500Halaman1dari1"]


class TrendOnly:
    """The part of a reading that success is told from."""

    is_running = False

    def __init__(self, received, settled):
        self.trend = [(OCTOBER, *both) for both in zip(received, settled, strict=True)]


def test_d44_success_is_settled_keeping_pace_and_less_coming_in():
    """D44: over three months and over twelve; each against as many months before."""
    short, long = success(TrendOnly([10] * 6 + [20] * 3 + [10] * 3, [10] * 9 + [10, 11, 10]))
    assert (short.received, short.settled, short.keeps_pace, short.now, short.then) == (30, 31, True, 30, 60)
    assert (long.received, long.settled, long.keeps_pace, long.now, long.then) == (150, 121, False, 90, 60)
    with translation.override("id"):
        assert (short.pace, short.fall) == ("103%, mengimbangi", "turun 50%, terhadap 3 bulan sebelumnya")
        assert (long.pace, long.fall) == ("81%, belum mengimbangi", "naik 50%, paruh akhir terhadap paruh awal")


def test_success_of_nothing_is_said_without_a_share():
    nothing = Success("3 bulan terakhir", 0, 0, 0, 0, "…")
    first = Success("3 bulan terakhir", 4, 2, 4, 0, "…")
    nearly = Success("3 bulan terakhir", 1216, 395, 1216, 1212, "…")
    with translation.override("id"):
        assert (nothing.pace, nothing.by, first.by) == ("–", "tetap", "naik dari tidak ada")
        assert nearly.by == "hampir tetap"


@pytest.mark.parametrize(("settled", "drawn"), [(9, False), (10, True)])
def test_of_a_handful_of_cases_there_are_tables_only(world, settled, drawn):
    figures = json.dumps({"totals": {"settled": settled}})
    reading = Reading(edition_of(figures, Subject(world.programmes["pkh"], None, OCTOBER)))
    assert reading.has_charts == drawn


def test_the_most_are_named_with_their_share():
    lines = [Line(name, {"received": number}) for name, number in (("A", 1), ("B", 6), ("C", 0), ("D", 2), ("E", 1))]
    with translation.override("id"):
        assert most(lines, 10) == "Terbanyak masuk: B (60%), D (20%), A (10%)."
    assert most([], 0) == ""


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [
        ([], []),
        ([0, 0], []),
        ([0, 7], [(7, 7)]),
        ([1, 2, 3, 4, 5, 6, 7, 800], [(1, 2), (3, 4), (5, 6), (7, 800)]),
        ([5, 5, 5, 5, 9], [(5, 5), (9, 9)]),
    ],
)
def test_the_shades_of_the_map_hold_about_as_many_provinces_each(numbers, ranges):
    assert classes(numbers) == ranges
