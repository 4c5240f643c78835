"""Write a list as CSV, as a workbook or as PDF in parts, a chunk at a time, so that memory does not grow with it (D46).

Nothing in it is a formula: the workbook's cells are told what they hold, and a text of a CSV that a spreadsheet would
take for a formula gets an apostrophe before it.
"""

import csv
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import xlsxwriter
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.export_models import Export, Format
from reports.figures.lives import CHUNK
from reports.lists.listings import Column, Kind, Listing
from reports.periods import JAKARTA
from workflow import printing

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
DELIMITER = ";"  # a comma parts decimals in Indonesia, so that Excel there expects this one
PART = 150  # cases of one PDF: some twenty pages
TABLE = 50  # rows of one table in it: long tables take more than their share of time
HEAD_ROW = 5
NUMBER_WIDTH = 7
BEFORE_1900 = date(1899, 12, 30).toordinal()  # a workbook counts its days from here

Said = Callable[[int], None]


class Made(NamedTuple):
    """A file that was written: where it lies, what it is called, how many rows are in it."""

    path: Path
    name: str
    rows: int


class Table(NamedTuple):
    """A stretch of a part: its first and last row and what they are; pairs of running number and row."""

    first: tuple[int, Any]
    last: tuple[int, Any]
    rows: list[tuple[int, Any]]


def write(export: Export, listing: Listing, ids: Sequence[int], folder: Path, *, said: Said) -> list[Made]:
    """Write the files of a list into a folder, in Indonesian; `said` hears how many cases are done, and may raise."""
    with translation.override("id"):
        return _WRITERS[Format(export.format)](export, listing, ids, folder, said)


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def about(export: Export, listing: Listing) -> list[str]:
    """Say in lines what a list is, of what, as of when, and for whom it was made."""
    zone_time = "j F Y H.i"
    return [
        str(listing.name),
        "; ".join(filter(None, [f"{export.programme.name}, {export.area}, {export.span}", listing.narrowed(export)])),
        _("Keadaan per %(when)s WIB. Diminta oleh %(who)s pada %(asked)s WIB.")
        % {
            "when": date_format(export.ends_at, zone_time),
            "who": export.asked_by,
            "asked": date_format(export.asked_at.astimezone(JAKARTA), zone_time),
        },
        _("Tanpa identitas pelapor dan tanpa nama pihak yang dilaporkan. Jangan disebarluaskan."),
    ]


def _csv(export: Export, listing: Listing, ids: Sequence[int], folder: Path, said: Said) -> list[Made]:
    columns, number = listing.columns(export), 0
    path = folder / "daftar.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark tells Excel which letters these are
        sheet = csv.writer(file, delimiter=DELIMITER)
        sheet.writerow([_("No."), *(str(column.head) for column in columns)])
        for number, row in _numbered(listing, export, ids, said):
            sheet.writerow([number, *(_plain(getattr(row, column.name)) for column in columns)])
    return [Made(path, f"{export.slug}.csv", number)]


def _plain(value: Any) -> str | int:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}".removesuffix(".00")
    return safe(value) if isinstance(value, str) else value


def _xlsx(export: Export, listing: Listing, ids: Sequence[int], folder: Path, said: Said) -> list[Made]:
    columns, number = listing.columns(export), 0
    path = folder / "daftar.xlsx"
    options = {
        "constant_memory": True, "tmpdir": str(folder), "strings_to_formulas": False, "strings_to_urls": False,
        "strings_to_numbers": False,
    }  # fmt: skip
    with xlsxwriter.Workbook(str(path), options) as book:
        made_at = export.asked_at.astimezone(JAKARTA).replace(tzinfo=None)
        book.set_properties({"title": " ".join(about(export, listing)[:2]), "created": made_at})
        sheet = book.add_worksheet(str(listing.name)[:31])
        _set_up(book, sheet, about(export, listing), columns)
        styles = {
            Kind.TEXT: book.add_format({"valign": "top", "text_wrap": True}),
            Kind.NUMBER: book.add_format({"valign": "top"}),
            Kind.MONEY: book.add_format({"valign": "top", "num_format": "#,##0"}),
            Kind.DAY: book.add_format({"valign": "top", "num_format": "d mmm yyyy", "align": "left"}),
        }
        for number, row in _numbered(listing, export, ids, said):
            sheet.write_number(HEAD_ROW + number, 0, number, styles[Kind.NUMBER])
            for place, column in enumerate(columns, start=1):
                if (value := getattr(row, column.name)) not in (None, ""):
                    _write_cell(sheet, HEAD_ROW + number, place, value, column.kind, styles[column.kind])
        sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + number, len(columns))
    return [Made(path, f"{export.slug}.xlsx", number)]


def _set_up(book: xlsxwriter.Workbook, sheet: Any, lines: list[str], columns: Sequence[Column]) -> None:
    """Write what the sheet is and its head; on paper the head stands on each page."""
    title, plain = book.add_format({"bold": True, "font_size": 14}), book.add_format()
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, NUMBER_WIDTH)
    for place, column in enumerate(columns, start=1):
        sheet.set_column(place, place, column.width)
    for place, line in enumerate(lines):
        sheet.write_string(place, 0, line, plain if place else title)
    for place, name in enumerate((_("No."), *(str(column.head) for column in columns))):
        sheet.write_string(HEAD_ROW, place, name, head)
    sheet.freeze_panes(HEAD_ROW + 1, 2)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    sheet.set_footer("&L&A&R" + _("Halaman %(page)s dari %(pages)s") % {"page": "&P", "pages": "&N"})


def _write_cell(sheet: Any, row: int, place: int, value: Any, kind: Kind, style: Any) -> None:
    if kind == Kind.DAY:
        sheet.write_number(row, place, value.toordinal() - BEFORE_1900, style)
    elif kind == Kind.TEXT:
        sheet.write_string(row, place, value, style)
    else:
        sheet.write_number(row, place, value, style)


def _pdf(export: Export, listing: Listing, ids: Sequence[int], folder: Path, said: Said) -> list[Made]:
    """Print the list in parts, each a document of its own, and put several of them into one archive too."""
    read, made, written = listing.rows(export), [], 0
    parts = max(-(-len(ids) // PART), 1)
    for part in range(parts):
        found = read(ids[part * PART : (part + 1) * PART])
        rows = list(enumerate(found, start=written + 1))
        context = {
            "export": export,
            "title": str(listing.name),
            "about": about(export, listing),
            "part": part + 1,
            "parts": parts,
            "last": len(rows) + written,
            "first": written + 1,
            "tables": [_table(rows[start : start + TABLE]) for start in range(0, len(rows), TABLE)],
        }
        path = folder / f"{part + 1}.pdf"
        path.write_bytes(printing.pdf(listing.template, context, styles="daftar.css"))
        ending = f"-{_('bagian')}-{part + 1}-{_('dari')}-{parts}" if parts > 1 else ""
        made.append(Made(path, f"{export.slug}{ending}.pdf", len(rows)))
        written += len(rows)
        said(min((part + 1) * PART, len(ids)))
    return made if parts == 1 else [*made, _together(made, folder / "semua.zip", f"{export.slug}.zip")]


def _table(rows: list[tuple[int, Any]]) -> Table:
    return Table(rows[0], rows[-1], rows)


def _together(made: list[Made], path: Path, name: str) -> Made:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:  # PDF is packed already
        for each in made:
            archive.write(each.path, each.name)
    return Made(path, name, sum(each.rows for each in made))


def _numbered(listing: Listing, export: Export, ids: Sequence[int], said: Said) -> Iterator[tuple[int, Any]]:
    """Yield each row with its running number, read in chunks."""
    read, number = listing.rows(export), 0
    for start in range(0, len(ids), CHUNK):
        for row in read(ids[start : start + CHUNK]):
            number += 1
            yield number, row
        said(min(start + CHUNK, len(ids)))


_WRITERS = {Format.CSV: _csv, Format.XLSX: _xlsx, Format.PDF: _pdf}
