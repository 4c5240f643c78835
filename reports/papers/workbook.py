"""The same figures as a workbook: one sheet a table, formulas switched off, whatever a text begins with."""

import html
import io
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import xlsxwriter
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.models import Edition
from reports.papers.names import MEASURES
from reports.papers.words import CountLine, Line, ListedCase, Reading, SpeedLine, in_words
from reports.periods import JAKARTA

NARROWEST, WIDEST = 10, 60  # of a column, in letters
A4 = 9
TERM = re.compile(r"<dt>(.*?)</dt><dd>(.*?)</dd>", re.DOTALL)
R = TypeVar("R", bound=Reading)


Sheet = tuple[str, Sequence[Any], Iterable[Sequence[Any]]]
"""Its name (31 letters at most), its head and its rows."""


def render(reading: Reading) -> bytes:
    """Return the XLSX of a month's reading."""
    return written(reading, _sheets)


def written(reading: R, sheets: Callable[[R], Iterable[Sheet]]) -> bytes:
    """Write the sheets of a reading, in Indonesian; cells hold numbers and days, so that one can go on reckoning."""
    kept = io.BytesIO()
    options = {
        "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
        "default_date_format": "d mmm yyyy",
    }  # fmt: skip
    with translation.override("id"), xlsxwriter.Workbook(kept, options) as book:
        book.set_properties({"title": reading.subject.title, "created": reading.edition.made_at.astimezone(JAKARTA)})
        top = {"text_wrap": True, "valign": "top"}
        head = book.add_format(top | {"bold": True, "bottom": 1, "bg_color": "#EFF4FB"})
        looks = {int: book.add_format(top | {"num_format": "#,##0"}), str: book.add_format(top)}
        looks[Decimal] = book.add_format(top | {"num_format": '"Rp" #,##0'})
        for name, heads, rows in sheets(reading):
            sheet = book.add_worksheet(name)
            _fill(sheet, [capfirst(str(each)) for each in heads], [list(row) for row in rows], head, looks)
            title = f"{reading.subject.title}, {_('edisi')} {reading.edition.number or '–'}"
            for_paper(sheet, title, _("Untuk yang perlu tahu. Jangan disebarluaskan."))
    return kept.getvalue()


def _fill(sheet: Worksheet, heads: list[str], rows: list[list[Any]], head: Format, looks: dict[type, Format]) -> None:
    """Write a table, its columns as wide as what stands in them."""
    sheet.write_row(0, 0, heads, head)
    if not rows:
        sheet.write_string(1, 0, _("Tidak ada."))
    for place, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            sheet.write(place, column, value, looks.get(type(value)))
    for column, name in enumerate(heads):
        cells = [str(row[column]) for row in rows if column < len(row) and row[column] is not None]
        longest = max([max(map(len, name.split()), default=0), *map(len, cells)])
        sheet.set_column(column, column, min(WIDEST, max(NARROWEST, longest + 2)))
    sheet.freeze_panes(1, 1)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(heads) - 1)


def for_paper(sheet: Worksheet, title: str, note: str) -> None:
    """Make it fit for paper: lying, as wide as the page, with its head on each and a note at the foot."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_header(f"&L{_literal(title)}&R&A")
    sheet.set_footer(f"&L{_literal(note)}&R{_('Halaman &P dari &N')}")


def _literal(words: str) -> str:
    """Return words whose ampersands are no codes of a header."""
    return words.replace("&", "&&")


def method(template: str) -> Sheet:
    """Return the definitions of a report as a sheet, from the template that prints them."""
    terms = TERM.findall(render_to_string(template))
    return _("Cara menghitung"), [_("Istilah"), _("Artinya")], [
        [html.unescape(part.strip()) for part in term] for term in terms
    ]  # fmt: skip


def _sheets(reading: Reading) -> Iterable[Sheet]:
    yield _summary(reading)
    yield _("12 bulan"), [_("Bulan"), pgettext("received", "Masuk"), _("Selesai")], [
        [month.label, received, settled] for month, received, settled in reading.trend
    ]  # fmt: skip
    yield _counts(_("Kategori"), reading.categories)
    yield _counts(_("Bidang"), reading.fields)
    yield _counts(_("Bobot"), reading.weights)
    yield _counts(_("Media"), reading.channels)
    yield _counts(_("Dihitung tersendiri"), reading.channels_apart)
    yield _counts(_("Sumber"), reading.sources)
    yield _counts(reading.subject.place_word.replace("/", " atau "), reading.places)
    yield _counts(_("Tahap"), reading.stages)
    yield _counts(_("Jenjang"), reading.tiers)
    yield _("Lamanya"), [_("Apa"), _("Kali"), _("Separuh dalam, hari"), _("9 dari 10 dalam, hari"), *_beside()], [
        _speed(line) for line in [reading.speed, *reading.stage_speeds, *reading.tier_speeds] if line
    ]  # fmt: skip
    yield _("Yang ditunggu"), _owed_head(), [
        [line.label, line.open, line.past_due, line.due_soon, line.not_followed_up, line.waiting, line.oldest_days]
        for line in reading.owed
    ]  # fmt: skip
    yield _("Siapa yang melapor"), [_("Apa"), _("Jumlah"), _("Dari")], _who(reading)
    yield _("Tanpa pengaduan"), [reading.subject.place_word], [[name] for name in reading.silent_places]
    yield _("Umur registrasi"), [_("Umur"), _("Belum ditindaklanjuti")], [
        [line.label, line.counts["not_followed_up"]] for line in reading.ages
    ]  # fmt: skip
    yield _("Belum ditindaklanjuti"), _case_head(), map(_case, reading.not_followed_up)
    yield _("Perhatian khusus"), _case_head(), map(_case, reading.attention)
    yield _("Uang"), [_("Keadaan"), _("Kasus"), _("Kerugian"), _("Dikembalikan"), _("Belum kembali")], reading.money
    if reading.differences:
        yield _("Perubahan"), [_("Angka"), _("Semula"), _("Sekarang")], [
            [in_words(path, reading), *(_plain(value) for value in values)] for path, *values in reading.differences
        ]  # fmt: skip
    yield method("laporan/cara.html")


def _summary(reading: Reading) -> Sheet:
    edition, totals = reading.edition, reading.totals
    return _("Ringkasan"), [str(edition.get_kind_display()), _("Isi"), _("Bulan sebelumnya")], [
        [_("Program"), reading.subject.programme.name],
        [_("Wilayah"), reading.subject.area],
        [_("Bulan"), reading.subject.period.label],
        [_("Edisi"), edition.number or _("belum dikirim")],
        [_("Keadaan per"), as_of(edition)],
        [_("Versi hitungan"), edition.query_version],
        [_("Sidik data (SHA-256)"), edition.sha256],
        *(
            [capfirst(str(label)), totals[each], reading.before.get(each)]
            for each, label in MEASURES.items() if each in totals
        ),
    ]  # fmt: skip


def as_of(edition: Edition) -> str:
    """Say as of which instant an edition was reckoned: 1 November 2026 06.00 WIB."""
    return date_format(edition.as_of.astimezone(JAKARTA), "j F Y H.i") + " WIB"


def _counts(name: str, lines: list[Line]) -> Sheet:
    measures = [measure for measure in MEASURES if lines and measure in lines[0].counts]
    head = [name, *(str(MEASURES[measure]) for measure in measures)]
    return name, head, [[line.label, *(line.counts[measure] for measure in measures)] for line in lines]


def _beside() -> list[str]:
    return [_("Ditolak"), _("Dibuka kembali")]


def _speed(line: SpeedLine) -> list[Any]:
    return [line.label, line.number, line.median_days, line.p90_days, line.rejections, line.reopenings]


def _owed_head() -> list[str]:
    return [
        _("Jenjang"), _("Belum selesai"), _("Lewat tenggat jenjang"), _("Jatuh tempo dalam 30 hari"),
        _("Belum ditindaklanjuti"), _("Menunggu pelapor"), _("Paling lama, hari"),
    ]  # fmt: skip


def _who(reading: Reading) -> Iterable[list[Any]]:
    lines: list[CountLine] = [*reading.secrecy, *reading.recorded_by]
    if reading.villages:
        lines.append(reading.villages)
    return [[line.label, line.number, line.whole] for line in lines]


def _case_head() -> list[str]:
    return [_("Nomor"), _("Hari"), _("Kategori"), _("Tempat"), _("Kantor"), _("Tahap"), _("Sebab")]


def _case(case: ListedCase) -> list[Any]:
    return [case.number, case.age_days, case.category, case.place, case.office, case.stage, case.remarks]


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, str)) else ""
