"""The register of an office and a month, as a page and on paper (D17, D58)."""

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pengaduan import book
from tiers import scope
from tiers.models import Office, User
from tiers.permissions import Permission
from workflow.calendar import local_day
from workflow.printing import pdf_response
from workflow.views.kept import officer_page

MONTH = re.compile(r"(2[01]\d\d)-(0[1-9]|1[0-2])", re.ASCII)


@require_safe
@officer_page
def register(request: HttpRequest) -> HttpResponse:
    """Show one sheet of the register."""
    context = _sheet(request)
    return render(request, "petugas/register.html", context, status=422 if context["wrong"] else 200)


@require_safe
@officer_page
def printed(request: HttpRequest) -> HttpResponse:
    """Print the same sheet."""
    context = _sheet(request)
    if context["wrong"] or context["office"] is None:
        raise Http404
    office, month = context["office"], context["month"]
    name = f"buku-register-{office.programme.code}-{office.region_id or 'pusat'}-{month:%Y-%m}.pdf"
    return pdf_response("cetak/buku_register.html", context, name, zone=context["zone"])


def _sheet(request: HttpRequest) -> dict[str, Any]:
    now, user = timezone.now(), request.user
    offices = _offices_of(user)
    office = next(
        (each for each in offices if str(each.pk) == request.GET.get("kantor")), offices[0] if offices else None
    )
    zone = office.region.zone if office and office.region else "Asia/Jakarta"
    typed = request.GET.get("bulan", "")
    month = _month(typed) or local_day(now, zone).replace(day=1)
    after = request.GET.get("sesudah", "")
    return {
        "offices": offices,
        "office": office,
        "month": month,
        "zone": zone,
        "wrong": _("Tulis bulannya seperti 2026-03.") if typed and _month(typed) is None else "",
        "sheet": book.sheet(user, office, month, after=after) if office else None,
        "after": after,
        "printed_at": timezone.localtime(now, ZoneInfo(zone)),
    }


def _offices_of(user: User) -> list[Office]:
    """Return the offices whose register a user may open: those from which they see complaints."""
    held = scope.offices_of(user, Permission.SEE)
    wanted = Office.objects.filter(pk__in=[office.pk for office in held]).select_related("programme", "region")
    return list(wanted.order_by("programme__name", "tier", "name"))


def _month(typed: str) -> date | None:
    """Return the first day of a month written as 2026-03."""
    found = MONTH.fullmatch(typed)
    return date(int(found[1]), int(found[2]), 1) if found else None
