"""Print a template as PDF/UA: tagged, in our own letters, from nothing but local files (D42, D58)."""

import logging
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from workflow import tagged

STYLES = Path(settings.BASE_DIR) / "static" / "css"

for noisy in ("weasyprint", "fontTools"):  # they tell each hint of a font; what breaks a page is raised
    logging.getLogger(noisy).setLevel(logging.ERROR)


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
    """Return a whole HTML page as tagged PDF; `styles` is a file of `static/css`."""
    fonts = FontConfiguration()
    local = URLFetcher(allowed_protocols=["file"])
    sheet = CSS(filename=str(STYLES / styles), font_config=fonts, url_fetcher=local)
    document = HTML(string=html, base_url=str(STYLES), url_fetcher=local)
    return tagged.mended(document.write_pdf(stylesheets=[sheet], font_config=fonts, pdf_variant="pdf/ua-1"))
