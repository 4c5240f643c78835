"""The step of a report that asks for photos: one by one, with or without JavaScript, never in the words' way (D41)."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from workflow import draft_files, drafts
from workflow.forms.citizen import FileForm
from workflow.machine import Refused
from workflow.models import Draft
from workflow.views import lapor, uploads

LIST = "warga/berkas_draf.html"


@never_cache
def photos(request: HttpRequest) -> HttpResponse:
    """Show the photos of the report under way and take the next one; "Lanjut" goes on, with or without any."""
    now = timezone.now()
    draft = drafts.under_way(request.session, now=now)
    report = lapor.Report(drafts.typed(draft), now=now)
    if request.method == "POST" and (request.FILES or "lanjut" not in request.POST):
        return _take(request, draft, report, now=now)
    if other := lapor.led_elsewhere(request, "foto", report, draft, now=now):
        return other
    if request.method == "POST":
        return redirect(report.after("foto"))
    return _page(request, draft, FileForm(), now=now)


def _take(request: HttpRequest, draft: Draft | None, report: lapor.Report, *, now: datetime) -> HttpResponse:
    """Keep a photo, also one whose session is gone: what was chosen is not lost (D62)."""
    if draft is None and drafts.sent(request.session, now=now):
        if uploads.by_script(request):
            return uploads.answer(request, LIST, {"files": []}, sentence=lapor.SENT_ALREADY, status=409)
        messages.info(request, lapor.SENT_ALREADY)
        return redirect("tanda-terima")
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        draft = draft or drafts.begin(request.session, now=now)
        try:
            draft_files.add(draft, file=form.cleaned_data["file"], now=now)
        except Refused as refused:
            form.add_error("file", str(refused))
    if uploads.by_script(request):
        refusal, status = (form.errors["file"][0], 422) if form.errors else ("", 200)
        return uploads.answer(request, LIST, {"files": draft_files.of(draft)}, sentence=refusal, status=status)
    if form.errors:
        return _page(request, draft, form, now=now, status=422)
    messages.success(request, _("Berkas tersimpan bersama pengaduan Anda."))
    return redirect(report.after("foto") if "lanjut" in request.POST else "foto")


@require_POST
@never_cache
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a photo back; twice is once."""
    draft = drafts.under_way(request.session, now=timezone.now())
    draft_files.remove(draft_files.of(draft).filter(pk=pk))
    if uploads.by_script(request):
        return uploads.answer(request, LIST, {"files": draft_files.of(draft)})
    messages.success(request, _("Berkas dihapus."))
    return redirect("foto")


@require_safe
@never_cache
def too_large(request: HttpRequest) -> HttpResponse:
    """Say what to do about a file that the web server did not even take; nginx shows this page instead of its own."""
    context = {"writing": drafts.under_way(request.session, now=timezone.now()) is not None}
    return render(request, "413.html", context, status=413)


@require_safe
@never_cache
def thumbnail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a photo small, to the session that wrote the draft and to nobody else."""
    kept = draft_files.find(drafts.under_way(request.session, now=timezone.now()), pk)
    if kept is None or kept.media_type != "image/jpeg":
        raise Http404
    return HttpResponse(draft_files.thumbnail(kept), content_type="image/jpeg")


def _page(
    request: HttpRequest, draft: Draft | None, form: FileForm, *, now: datetime, status: int = 200
) -> HttpResponse:
    next_step = lapor.Report(drafts.typed(draft), now=now).after("foto")
    context = {"files": draft_files.of(draft), "next": next_step}
    return lapor.page(request, "foto", form, status=status, **context)
