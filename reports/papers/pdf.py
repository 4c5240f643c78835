"""Render a report as PDF/UA: tagged, bookmarked, in our own letters, from nothing but local files (D44)."""

from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format

from reports.papers.numbers import amount
from reports.papers.words import Reading, in_words
from reports.periods import JAKARTA
from tiers.models import Tier
from workflow import printing

PRINTED_CHANGES = 60


def render(reading: Reading) -> bytes:
    """Return the PDF of a month's reading."""
    open_by_place = {row["code"]: row["measures"]["open"] for row in reading.figures["places"]}
    is_province = reading.subject.tier == Tier.PROVINSI
    return paper("laporan/bulanan.html", reading, open_by_place=open_by_place, is_province=is_province)


def paper(template: str, reading: Reading, *, styles: str = "laporan.css", **more: Any) -> bytes:
    """Print a template of a reading, with what every kind of report says of its edition.

    In Indonesian and in Jakarta's time, whatever is in use; `more` is what only this template needs.
    """
    with translation.override("id"), timezone.override(ZoneInfo("Asia/Jakarta")):
        html = render_to_string(template, _context(reading) | more)
    return printing.to_pdf(html, styles=styles)


def _context(reading: Reading) -> dict[str, Any]:
    edition = reading.edition
    return {
        "edition": edition,
        "subject": reading.subject,
        "reading": reading,
        "as_of": date_format(edition.as_of.astimezone(JAKARTA), "j F Y H.i"),
        "is_national": reading.subject.region is None,
        "changes": [
            (in_words(path, reading), *map(_said, values)) for path, *values in reading.differences[:PRINTED_CHANGES]
        ],
    }


def _said(value: Any) -> Any:
    return amount(value) if isinstance(value, int) and not isinstance(value, bool) else value
