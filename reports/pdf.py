"""Render a report as PDF/UA: tagged, bookmarked, in our own letters, from nothing but local files (D44)."""

from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from reports.periods import JAKARTA
from reports.words import Reading, in_words
from workflow import printing

PRINTED_CHANGES = 30


def render(reading: Reading) -> bytes:
    """Return the PDF of a reading, in Indonesian whatever the language in use."""
    with translation.override("id"), timezone.override(ZoneInfo("Asia/Jakarta")):
        html = render_to_string("laporan/bulanan.html", _context(reading))
    return printing.to_pdf(html, styles="laporan.css")


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
