"""Spreadsheets that a reviewer brings or takes away: read within limits, and written so that no cell is a formula."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import Any

import openpyxl
import xlsxwriter
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from openpyxl.utils.exceptions import InvalidFileException

MOST_BYTES = 1024 * 1024
MOST_UNPACKED = 20 * 1024 * 1024  # a file of 1 MB can hold gigabytes of the same letter
MOST_ROWS = 2000
MOST_COLUMNS = 40
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = "="

# what the reader of workbooks raises on a file that is something else, or broken
NOT_A_WORKBOOK = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError, TypeError, SyntaxError)

Row = list[str]


class Unreadable(Exception):
    """A file that is no table for us. Its text is a sentence for the person who brought it."""


def read(content: bytes) -> tuple[Row, list[Row], list[int]]:
    """Return the headings in small letters, the rows that are not empty and on which line each stands.

    Every cell is text; dates as 2026-03-01.

    XLSX by its first sheet, anything else as CSV. A formula comes as it was typed, with its `=`, never as its result.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(gettext("Berkas ini terlalu besar. Paling besar 1 MB; bagi menjadi beberapa berkas."))
    lines = _of_workbook(content) if content.startswith(b"PK") else _of_csv(content)
    found = list(islice(((number, line) for number, line in enumerate(lines, 1) if any(line)), MOST_ROWS + 2))
    if len(found) < 2:
        raise Unreadable(gettext("Berkas ini tidak berisi baris. Isi mulai baris kedua; baris pertama judul kolom."))
    if len(found) > MOST_ROWS + 1:
        raise Unreadable(
            gettext("Paling banyak %(most)s baris dalam satu berkas.")
            % {"most": number_format(MOST_ROWS, force_grouping=True)}
        )
    headings = [heading.lower() for heading in found[0][1]]
    rows = [(line + [""] * len(headings))[: len(headings)] for _number, line in found[1:]]
    return headings, rows, [number for number, _line in found[1:]]


def _of_workbook(content: bytes) -> Iterator[Row]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise Unreadable(gettext("Berkas ini terlalu besar sesudah dibuka."))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        for line in book.worksheets[0].iter_rows(max_col=MOST_COLUMNS, values_only=True):
            yield [_text(value) for value in line]
        book.close()
    except Unreadable:
        raise
    except NOT_A_WORKBOOK as fault:
        raise Unreadable(gettext("Berkas ini bukan XLSX yang dapat dibaca.")) from fault


def _of_csv(content: bytes) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Unreadable(gettext("Berkas ini bukan XLSX atau CSV yang dapat dibaca.")) from fault
    first = text.partition("\n")[0]
    if "\0" in text:
        raise Unreadable(gettext("Berkas ini bukan XLSX atau CSV yang dapat dibaca."))
    separator = max(",;\t", key=first.count)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
            yield [cell.strip() for cell in line[:MOST_COLUMNS]]
    except csv.Error as fault:
        raise Unreadable(gettext("Berkas ini bukan XLSX atau CSV yang dapat dibaca.")) from fault


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def day(text: str) -> date:
    """Return a day from 2026-03-01, 01-03-2026 or 1/3/2026; raises ValueError with a sentence."""
    for pattern in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007  a day, not an instant
        except ValueError:
            continue
    raise ValueError(gettext("“%(text)s” bukan tanggal. Tulis seperti 2026-03-01 atau 01-03-2026.") % {"text": text})


def workbook(title: str, headings: Iterable[str], rows: Iterable[Iterable[Any]], notes: Iterable[str] = ()) -> bytes:
    """Return an XLSX of one table, and of a second sheet with notes where there are any; a text stays a text."""
    written = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(written, options) as book:
        bold, dated = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet(title[:31])
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, bold)
            sheet.set_column(column, column, max(14, len(heading) + 2))
        for line, cells in enumerate(rows, 1):
            for column, value in enumerate(cells):
                if isinstance(value, date):
                    sheet.write_datetime(line, column, datetime.combine(value, datetime.min.time()), dated)
                else:
                    sheet.write_string(line, column, "" if value is None else str(value))
        _add_notes(book, list(notes))
    return written.getvalue()


def _add_notes(book: xlsxwriter.Workbook, notes: list[str]) -> None:
    if notes:
        sheet = book.add_worksheet(gettext("Petunjuk"))
        sheet.set_column(0, 0, 100)
        for line, note in enumerate(notes):
            sheet.write_string(line, 0, note)


HOLDS_FORMULA: str | Promise = _("Sel ini berisi rumus. Tulis nilainya saja.")
