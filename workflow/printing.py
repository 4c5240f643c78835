"""Print a template as PDF/UA: tagged, in our own letters, from nothing but local files (D42, D58)."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation

from workflow.press import pressed, pressed_apart

LONG = 300_000  # letters of HTML: some 18 pages of a report


def pdf_response(
    template: str, context: dict[str, Any], filename: str, *, zone: str = "Asia/Jakarta", styles: str = "cetak.css"
) -> HttpResponse:
    """Answer with a template as PDF; whatever is in it is for whoever asked only, so that no cache keeps it.

    The caller names the file without a person in it (D37).
    """
    response = HttpResponse(pdf(template, context, zone=zone, styles=styles), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response


def pdf(template: str, context: dict[str, Any], *, zone: str = "Asia/Jakarta", styles: str = "cetak.css") -> bytes:
    """Return a template as PDF, in Indonesian whatever the language in use, with times of the zone (D11)."""
    with translation.override("id"), timezone.override(ZoneInfo(zone)):
        return to_pdf(render_to_string(template, context), styles=styles)


def to_pdf(html: str, *, styles: str) -> bytes:
    """Return a whole HTML page as tagged PDF; `styles` is a file of `static/css`.

    A short one is printed here, in a second. A long one takes some 6 MB a page, most of which Python keeps: it gets a
    process of its own.
    """
    press = pressed_apart if len(html) > LONG else pressed
    return press(html, styles)
