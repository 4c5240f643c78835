"""What officers read of the reports: the archive of the editions of their area, and their files (D44, D47)."""

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from reports import files
from reports.models import Edition, EditionQuerySet
from reports.periods import Month
from tiers import scope
from tiers.models import CODE_LENGTH, Region, User
from tiers.permissions import Permission
from workflow.views.kept import officer_page

OFFERED = ("pdf", "xlsx")
MONTHS = 24


@require_safe
@officer_page
def archive(request: HttpRequest) -> HttpResponse:
    """Show the editions of a month, the latest one at first, with who got them and when."""
    editions = readable_by(request.user)
    months = [
        Month(first)
        for first in editions.order_by("-begins_on").values_list("begins_on", flat=True).distinct()[:MONTHS]
    ]
    chosen = next((month for month in months if str(month) == request.GET.get("bulan")), months[0] if months else None)
    shown = (
        editions.filter(begins_on=chosen.first if chosen else None)
        .select_related("programme", "region")
        .prefetch_related("deliveries__user", "deliveries__recipient")
        .order_by("programme__name", F("region").asc(nulls_first=True), "-number")
        .defer("figures")
    )
    context = {
        "months": months,
        "chosen": chosen,
        "editions": with_areas(list(shown)) if chosen else [],
        "receives": bool(scope.offices_of(request.user, Permission.RECEIVE_REPORTS)),
    }
    return render(request, "laporan/arsip.html", context)


@require_safe
@officer_page
def download(request: HttpRequest, edition: int, kind: str) -> HttpResponse:
    """Hand out a file of an edition; one of another area is not there."""
    if kind not in OFFERED:
        raise Http404
    found = get_object_or_404(readable_by(request.user).select_related("programme", "region"), pk=edition)
    response = HttpResponse(
        files.content(found, kind, reader=request.user),
        content_type=files.MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{found.slug}.{kind}"'},
    )
    response["Content-Security-Policy"] = "sandbox"
    return response


def with_areas(editions: list[Edition]) -> list[Edition]:
    """Write the full name of its area on each edition, all of them read in one query."""
    codes = {edition.region_id: _upwards(edition.region_id) for edition in editions if edition.region_id}
    known = Region.objects.in_bulk({code for path in codes.values() for code in path})
    for edition in editions:
        path = [known[code].name for code in codes.get(edition.region_id, [])]
        edition.area = ", ".join(path) or edition.subject.area
    return editions


def _upwards(code: str) -> list[str]:
    """Return the codes from a region's own to its province's."""
    return [code[:length] for length in sorted(CODE_LENGTH.values(), reverse=True) if length <= len(code)]


def readable_by(user: User) -> EditionQuerySet:
    """Return the editions that a user may read: of the areas where they receive reports."""
    return Edition.objects.readable_at(scope.offices_of(user, Permission.RECEIVE_REPORTS))
