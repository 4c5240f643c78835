"""The page of public statistics: no account, no cookie needed, the same for everyone until the next month (D39)."""

import hashlib

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from reports.pages.statistics import Statistics, latest
from tiers.models import Programme, Region, Tier

FRESH_SECONDS = 600
PAGE_VERSION = 1  # to be raised when the page changes, so that no browser keeps the old one


class ChoiceForm(forms.Form):
    """Which programme and which province; neither must be chosen."""

    mark_optional = False
    program = forms.ChoiceField(label=_("Program"), required=False)
    provinsi = forms.ChoiceField(label=_("Provinsi"), required=False)

    def __init__(self, *args, programmes: list[Programme], provinces: list[Region], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["program"].choices = [("", _("Semua program")), *((each.code, each.name) for each in programmes)]
        self.fields["provinsi"].choices = [
            ("", _("Seluruh Indonesia")),
            *((each.code, each.name) for each in provinces),
        ]


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Show the latest published figures; one that is not there counts as not chosen."""
    programmes = list(Programme.objects.filter(active=True).order_by("name"))
    provinces = list(Region.objects.filter(tier=Tier.PROVINSI).order_by("name"))
    form = ChoiceForm(request.GET, programmes=programmes, provinces=provinces)
    form.full_clean()
    chosen = form.cleaned_data
    row = latest(chosen.get("program", ""), chosen.get("provinsi", ""))
    etag = _etag(request, row and row.pk)
    response = get_conditional_response(request, etag)
    if response is None or response.status_code != 304:
        context = {"form": form, "statistics": row and Statistics(row, programmes, provinces), "chosen": chosen}
        response = render(request, "warga/statistik.html", context)
    response["ETag"] = etag
    # the footer carries a form of its own for each visitor: their own browser keeps the page, no one else's
    patch_cache_control(response, private=True, max_age=FRESH_SECONDS)
    patch_vary_headers(response, ["Cookie"])
    return response


def _etag(request: HttpRequest, row: int | None) -> str:
    """Return what stands for all that the page depends on."""
    token = request.COOKIES.get(settings.CSRF_COOKIE_NAME)
    parts = (PAGE_VERSION, row, request.get_full_path(), get_language(), request.user.pk, token)
    return f'W/"{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"'
