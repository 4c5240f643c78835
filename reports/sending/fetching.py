"""The page and the file behind a link that a mail brought, for who has no account (D44, D57)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reports import editions
from reports.models import ReportDelivery
from reports.papers import files
from reports.sending import links, mailing, outside


@require_safe
@never_cache
def page(request: HttpRequest, signed: str) -> HttpResponse:
    """Say what lies behind the link; only the button fetches it, so that a program that tries links counts nothing."""
    found = links.opened(signed)
    if found is None:
        return _not_there(request)
    delivery, kind = found
    context = {"title": mailing.title(delivery), "edition": delivery.edition, "kind": kind, "signed": signed}
    return _private(render(request, "laporan/tautan.html", context))


@require_safe
@never_cache
def file(request: HttpRequest, signed: str) -> HttpResponse:
    """Hand out the file of a link."""
    found = links.opened(signed)
    if found is None:
        return _not_there(request)
    delivery, kind = found
    try:
        content, slug = _content(delivery, kind)
    except editions.CannotReport:
        return _not_there(request)
    if request.method == "GET":  # a program that only asks for the head has taken nothing
        links.fetched(delivery, now=timezone.now())
    response = HttpResponse(
        content,
        content_type=files.MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{slug}.{kind}"'},
    )
    response["Content-Security-Policy"] = "sandbox"
    return _private(response)


def _content(delivery: ReportDelivery, kind: str) -> tuple[bytes, str]:
    if links.version(delivery) == links.SUMMARY:
        told = outside.summary(delivery.edition)
        return outside.content(told, kind), told.slug
    return files.content(delivery.edition, kind), delivery.edition.slug


def _not_there(request: HttpRequest) -> HttpResponse:
    """Answer a link that is wrong, too old or no longer theirs alike: the page tells nobody which."""
    return _private(render(request, "laporan/tautan_tidak_ada.html", status=404))


def _private(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
