"""The pages of the lists that one takes along: ask, see how far it is, fetch; each is its asker's alone (D46)."""

from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.export_models import Export, State
from reports.lists import exports
from reports.lists.export_forms import AskForm, initial
from tiers import scope
from tiers.permissions import Permission
from workflow.views.kept import officer_page, shown_as_typed, typed_before

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
SHOWN = 20  # of one's own lists; the record of all of them is for reviewers


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form and the own lists, or take an ask; a short list is made while one waits."""
    now, user = timezone.now(), request.user
    if not scope.offices_of(user, Permission.SEE):
        return render(request, "laporan/ekspor.html", {"form": None, "lists": _own(request)})
    if request.method != "POST":
        typed = typed_before(request)
        form = AskForm(typed, user=user, now=now, initial=initial(request.GET, user=user, now=now))
        return _page(request, shown_as_typed(form) if typed else form)
    form = AskForm(request.POST, user=user, now=now)
    if "buka" in request.POST:  # only what lies below the chosen area
        return _page(request, shown_as_typed(form))
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        return redirect("export_show", begun(form.export()).pk)
    except exports.TooMany:
        form.add_error(None, _("Lima daftar Anda masih dibuat. Tunggu sampai salah satunya selesai, atau batalkan."))
        return _page(request, form, status=422)


def begun(export: Export) -> Export:
    """Keep an ask and make the list now where it is short; raises `exports.TooMany`."""
    kept = exports.ask(export)
    exports.make(kept.pk, clock=timezone.now, at_once=True)
    return kept


@require_safe
@officer_page
def show(request: HttpRequest, export: str) -> HttpResponse:
    """Show how far a list is, and its files once they are there."""
    found = _mine(request, export)
    listing = exports.LISTINGS.get(found.what)
    context = {
        "export": found,
        "listing": listing,
        "narrowed": listing.narrowed(found) if listing else "",
        "failure": exports.FAILURES.get(found.failure),
        "left_waiting": found.is_left_waiting(now=timezone.now()),
        "kept_until": found.ended_at and found.ended_at + exports.KEPT,
    }
    return render(request, "laporan/ekspor_satu.html", context)


@require_safe
@officer_page
def download(request: HttpRequest, export: str, number: int) -> HttpResponse:
    """Hand out one of the files, if its asker may still read every case that is in it."""
    found = _mine(request, export)
    if found.state != State.READY or not 1 <= number <= len(found.files):
        raise Http404
    if not exports.hand_out(found, now=timezone.now()):
        if not exports.may_read(request.user, found):
            raise Http404
        return redirect("export_show", found.pk)
    file = found.files[number - 1]
    response = FileResponse(
        default_storage.open(file["path"]),
        as_attachment=True,
        filename=file["name"],
        content_type=MEDIA_TYPES[file["name"].rpartition(".")[2]],
    )
    response["Content-Security-Policy"] = "sandbox"
    return response


@require_POST
@officer_page
def cancel(request: HttpRequest, export: str) -> HttpResponse:
    """Give a list up that is still being made."""
    found = _mine(request, export)
    exports.cancel(found, now=timezone.now())
    return redirect("export_show", found.pk)


@require_POST
@officer_page
def again(request: HttpRequest, export: str) -> HttpResponse:
    """Ask for the same once more, as things stand now; who lost the area gets nothing."""
    found = _mine(request, export)
    if found.what not in exports.LISTINGS or not exports.may_read(request.user, found):
        raise Http404
    try:
        return redirect("export_show", begun(found.once_more(now=timezone.now())).pk)
    except exports.TooMany:
        return redirect("export_new")


def _mine(request: HttpRequest, export: str) -> Export:
    """Return a list of the reader's own; another's is not there."""
    lists = Export.objects.select_related("programme", "region__parent__parent__parent", "asked_by")
    return get_object_or_404(lists, pk=export, asked_by=request.user)


def _own(request: HttpRequest) -> list[Export]:
    lists = Export.objects.filter(asked_by=request.user).select_related("programme", "region__parent__parent__parent")
    found = list(lists.order_by("-asked_at")[:SHOWN])
    for export in found:
        listing = exports.LISTINGS.get(export.what)
        export.name = listing.name if listing else export.what
    return found


def _page(request: HttpRequest, form: AskForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "lists": _own(request)}
    return render(request, "laporan/ekspor.html", context, status=status)
