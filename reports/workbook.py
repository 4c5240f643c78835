"""The same figures as a workbook: one sheet a table, formulas switched off, whatever a text begins with."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.names import MEASURES
from reports.periods import JAKARTA
from reports.words import Line, ListedCase, Reading, in_words

NAME_WIDTH, NUMBER_WIDTH = 36, 14
R = TypeVar("R", bound=Reading)


Sheet = tuple[str, Sequence[Any], Iterable[Sequence[Any]]]
"""Its name (31 letters at most), its head and its rows."""


def render(reading: Reading) -> bytes:
    """Return the XLSX of a month's reading."""
    return written(reading, _sheets)


def written(reading: R, sheets: Callable[[R], Iterable[Sheet]]) -> bytes:
    """Write the sheets of a reading, in Indonesian; cells hold numbers, so that one can go on reckoning."""
    kept = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with translation.override("id"), xlsxwriter.Workbook(kept, options) as book:
        book.set_properties({"title": reading.subject.title, "created": reading.edition.made_at.astimezone(JAKARTA)})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        for name, head, rows in sheets(reading):
            sheet = book.add_worksheet(name)
            sheet.set_column(0, 0, NAME_WIDTH)
            sheet.set_column(1, len(head), NUMBER_WIDTH)
            sheet.freeze_panes(1, 1)
            sheet.write_row(0, 0, [str(each) for each in head], bold)
            for place, row in enumerate(rows, start=1):
                sheet.write_row(place, 0, row)
    return kept.getvalue()


def _sheets(reading: Reading) -> Iterable[Sheet]:
    edition = reading.edition
    yield _("Ringkasan"), [_("Laporan"), _("Isi")], [
        [_("Program"), reading.subject.programme.name],
        [_("Wilayah"), reading.subject.area],
        [_("Bulan"), reading.subject.period.label],
        [_("Edisi"), edition.number],
        [_("Sidik data (SHA-256)"), edition.sha256],
        *([str(label), reading.totals[measure]] for measure, label in MEASURES.items() if measure in reading.totals),
    ]  # fmt: skip
    yield _counts(_("Kategori"), reading.categories)
    yield _counts(reading.subject.place_word.replace("/", " atau "), reading.places)
    yield _counts(_("Media"), reading.channels)
    yield _counts(_("Tahap"), reading.stages)
    yield _counts(_("Jenjang"), reading.tiers)
    yield _counts(_("Dihitung tersendiri"), reading.channels_apart)
    yield _("Umur registrasi"), [_("Umur"), _("Belum ditindaklanjuti")], [
        [line.label, line.counts["not_followed_up"]] for line in reading.ages
    ]  # fmt: skip
    yield _("Belum ditindaklanjuti"), _case_head(), map(_case, reading.not_followed_up)
    yield _("Perhatian khusus"), _case_head(), map(_case, reading.attention)
    yield _("Uang"), [_("Keadaan"), _("Kasus"), _("Kerugian"), _("Dikembalikan"), _("Belum kembali")], reading.money
    yield _("12 bulan"), [_("Bulan"), pgettext("received", "Masuk"), _("Selesai")], [
        [month.label, received, settled] for month, received, settled in reading.trend
    ]  # fmt: skip
    if reading.differences:
        yield _("Perubahan"), [_("Angka"), _("Semula"), _("Sekarang")], [
            [in_words(path, reading), *(_plain(value) for value in values)] for path, *values in reading.differences
        ]  # fmt: skip


def _counts(name: str, lines: list[Line]) -> tuple[str, list[str], list[list[Any]]]:
    measures = [measure for measure in MEASURES if lines and measure in lines[0].counts]
    head = [name, *(str(MEASURES[measure]) for measure in measures)]
    return name, head, [[line.label, *(line.counts[measure] for measure in measures)] for line in lines]


def _case_head() -> list[str]:
    return [_("Nomor"), _("Hari"), _("Kategori"), _("Tempat"), _("Kantor"), _("Tahap"), _("Sebab")]


def _case(case: ListedCase) -> list[Any]:
    return [case.number, case.age_days, case.category, case.place, case.office, case.stage, case.remarks]


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, str)) else ""
