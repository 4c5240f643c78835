"""Render a report as PDF/UA: tagged, bookmarked, in our own letters, from nothing but local files (D44)."""

import io
import logging
from pathlib import Path
from zoneinfo import ZoneInfo

import pikepdf
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from pikepdf import Dictionary, Name
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from reports.subject import JAKARTA
from reports.words import Reading, in_words

STYLES = Path(settings.BASE_DIR) / "static" / "css" / "laporan.css"
PRINTED_CHANGES = 30

for noisy in ("weasyprint", "fontTools"):  # they tell each hint of a font; what breaks a report is raised
    logging.getLogger(noisy).setLevel(logging.ERROR)


def render(reading: Reading) -> bytes:
    """Return the PDF of a reading, in Indonesian whatever the language in use."""
    with translation.override("id"), timezone.override(ZoneInfo("Asia/Jakarta")):
        html = render_to_string("laporan/bulanan.html", _context(reading))
    fonts = FontConfiguration()
    local = URLFetcher(allowed_protocols=["file"])
    styles = CSS(filename=str(STYLES), font_config=fonts, url_fetcher=local)
    document = HTML(string=html, base_url=str(STYLES.parent), url_fetcher=local)
    return _with_scopes(document.write_pdf(stylesheets=[styles], font_config=fonts, pdf_variant="pdf/ua-1"))


def _context(reading: Reading) -> dict:
    edition = reading.edition
    return {
        "edition": edition,
        "subject": reading.subject,
        "reading": reading,
        "as_of": date_format(edition.as_of.astimezone(JAKARTA), "j F Y H.i"),
        "is_national": reading.subject.region is None,
        "open_by_place": {row["code"]: row["measures"]["open"] for row in reading.figures["places"]},
        "changes": [(in_words(path, reading), *values) for path, *values in reading.differences[:PRINTED_CHANGES]],
    }


def _with_scopes(content: bytes) -> bytes:
    """Say of each header cell whether it heads a row or a column, which a screen reader needs and WeasyPrint omits."""
    written = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as document:
        for element in document.objects:
            if isinstance(element, Dictionary) and element.get("/S") == Name.TR:
                _scope_row(element)
        document.save(written, deterministic_id=True)
    return written.getvalue()


def _scope_row(row: Dictionary) -> None:
    """Mark the header cells: beside data they head the row, alone each heads its column."""
    cells = [cell for cell in row.get("/K", []) if isinstance(cell, Dictionary) and "/S" in cell]
    scope = Name.Row if any(cell.S == Name.TD for cell in cells) else Name.Column
    for cell in cells:
        if cell.S == Name.TH:
            kept = [each for each in _attributes(cell) if "/Scope" not in each]
            cell.A = pikepdf.Array([*kept, Dictionary(O=Name.Table, Scope=scope)])


def _attributes(cell: Dictionary) -> list:
    attributes = cell.get("/A")
    if attributes is None:
        return []
    return list(attributes) if isinstance(attributes, pikepdf.Array) else [attributes]
