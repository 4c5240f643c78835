"""Blank forms for whoever prefers paper, and the minutes of opening a complaint box; for everybody (D41, D58)."""

import hashlib
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_safe

from pengaduan.models import Category, Nature, Path
from tiers.models import Programme
from workflow.printing import to_pdf

KEPT = 24 * 60 * 60  # seconds that a form once printed is kept: anybody may ask, and printing takes a second
STYLES = "cetak.css"


@require_safe
def paper_forms(request: HttpRequest) -> HttpResponse:
    """List the forms of every programme that takes complaints."""
    programmes = list(Programme.objects.filter(active=True).order_by("name"))
    excluding = set(_exclusions().values_list("programme_id", flat=True))
    context = {"programmes": [(programme, programme.pk in excluding) for programme in programmes]}
    return render(request, "warga/formulir.html", context)


@require_safe
def complaint_form(request: HttpRequest, code: str) -> HttpResponse:
    """Print the blank form: above the complainant and the complaint, below what the officer classifies [K]."""
    programme = get_object_or_404(Programme, code=code, active=True)
    return _printed("cetak/formulir_pengaduan.html", _lists(programme), f"formulir-{code}.pdf")


@require_safe
def exclusion_form(request: HttpRequest, code: str) -> HttpResponse:
    """Print the form for a family that is no participant and feels entitled (PKH: C-2)."""
    programme = get_object_or_404(Programme, code=code, active=True)
    category = _exclusions().filter(programme=programme).first()
    if category is None:
        raise Http404
    context = _lists(programme) | {"exclusion": category, "lines": range(3)}
    return _printed("cetak/formulir_pengaduan.html", context, f"formulir-{code}-bukan-peserta.pdf")


@require_safe
def box_minutes(request: HttpRequest, code: str) -> HttpResponse:
    """Print the minutes to be filled in when a complaint box is opened."""
    programme = get_object_or_404(Programme, code=code, active=True)
    context = {"programme": programme, "lines": range(12)}
    return _printed("cetak/berita_acara_kotak.html", context, f"berita-acara-kotak-{code}.pdf")


def _exclusions():
    return Category.objects.filter(path=Path.EXCLUSION, active=True).order_by("position")


def _lists(programme: Programme) -> dict[str, Any]:
    """Return what the programme lets one choose from: a form shows it as boxes to tick."""
    categories = list(programme.category_entries.filter(active=True).order_by("position"))
    return {
        "programme": programme,
        "sources": programme.source_entries.filter(active=True).order_by("position"),
        "channels": programme.channel_entries.filter(active=True, online=False).order_by("position"),
        "fields": programme.field_entries.filter(active=True).order_by("position"),
        "natures": [(nature.label, [each for each in categories if each.nature == nature]) for nature in Nature],
        "digits": range(16),
        "lines": range(5),
    }


def _printed(template: str, context: dict[str, Any], filename: str) -> HttpResponse:
    """Answer with a form as PDF in Indonesian; printed once for as long as its words stay the same."""
    with translation.override("id"):
        html = render_to_string(template, context)
    key = "formulir:" + hashlib.sha256(html.encode()).hexdigest()
    content = cache.get(key)
    if content is None:
        content = to_pdf(html, styles=STYLES)
        cache.set(key, content, KEPT)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{filename}"'
    response["Cache-Control"] = "public, max-age=3600"
    return response
