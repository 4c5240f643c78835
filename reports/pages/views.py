"""What officers read of the reports: the archive of the editions of their area, and their files (D44, D47)."""

from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from reports import editions
from reports.models import CorrectionRequest, Edition, ReportDelivery
from reports.pages import archive as archives
from reports.papers import documents, files
from reports.papers.words import in_words
from reports.periods import Kind
from reports.sending import corrections
from workflow.views.kept import officer_page

OFFERED = ("pdf", "xlsx")
SHOWN_CHANGES = 20
KINDS = {
    Kind.MONTHLY: gettext_lazy("Bulanan"),
    Kind.BIWEEKLY: gettext_lazy("Dua mingguan"),
    Kind.QUARTERLY: gettext_lazy("Triwulanan"),
}


@require_safe
@officer_page
def archive(request: HttpRequest) -> HttpResponse:
    """Show the latest editions of the reader's areas, or of those that they search for."""
    found = archives.archive_of(request.user, request.GET)
    return render(request, "laporan/arsip.html", {"archive": found, "kinds": KINDS})


@require_safe
@officer_page
def edition(request: HttpRequest, edition: int) -> HttpResponse:
    """Show an edition: its files, what changed, who got it and when, and what was asked about it."""
    found = _readable(request, edition)
    (found,) = archives.with_areas([found])
    intact = editions.is_intact(found)
    others = archives.readable_by(request.user).about(found.subject).exclude(pk=found.pk)
    is_latest = not others.filter(number__gt=found.number).exists()
    context = {
        "edition": found,
        "intact": intact,
        "others": others.defer("figures"),
        "changes": _changes(found, request) if intact else [],
        "deliveries": sorted(_deliveries(found, is_latest=is_latest), key=lambda each: str(each.to)),
        "requests": [
            (each, corrections.result(each, of=found, others=others, now=timezone.now()))
            for each in CorrectionRequest.objects.filter(edition=found).select_related("asked_by", "found")
        ],
        "is_latest": is_latest,
    }
    return render(request, "laporan/edisi.html", context)


def _deliveries(found: Edition, *, is_latest: bool) -> Iterable[ReportDelivery]:
    """Return to whom an edition went; for whom it is the last one, not who got a later one in its place (D49)."""
    deliveries = found.deliveries.select_related("user", "recipient")
    if not is_latest:
        return deliveries
    later = Edition.objects.about(found.subject).filter(number__gt=found.number).order_by()
    instead = ReportDelivery.objects.filter(edition__in=later)
    replaced = Q(user__in=instead.filter(recipient=None).values("user"))
    replaced |= Q(recipient__in=instead.filter(user=None).values("recipient"))
    return deliveries.exclude(replaced, given_up_at__isnull=False)


def _changes(found: Edition, request: HttpRequest) -> dict:
    """Return what an edition has otherwise than the one before: how much, and the first in words."""
    if found.number == 1:
        return {}
    reading = documents.read(found, request.user)
    told = [(in_words(path, reading), before, now) for path, before, now in reading.differences[:SHOWN_CHANGES]]
    return {"number": len(reading.differences), "told": told}


class RecountForm(forms.Form):
    """Why a report is to be reckoned again."""

    why = forms.CharField(
        label=gettext_lazy("Mengapa perlu dihitung ulang?"),
        help_text=gettext_lazy("Misalnya: surat bulan lalu baru dicatat. Jangan menulis nama orang."),
        max_length=200,
        error_messages={"required": gettext_lazy("Tulis mengapa laporan ini perlu dihitung ulang.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def recount(request: HttpRequest, edition: int) -> HttpResponse:
    """Ask whether to reckon a report again, and take the request."""
    found = _readable(request, edition)
    if archives.readable_by(request.user).about(found.subject).filter(number__gt=found.number).exists():
        raise Http404
    form = RecountForm(request.POST or None)
    if form.is_valid():
        why = form.cleaned_data["why"]
        if corrections.ask(found, by=request.user, now=timezone.now(), why=why):
            messages.success(request, _("Permintaan dicatat. Hasilnya tampil di halaman ini dalam beberapa menit."))
        else:
            messages.info(request, _("Laporan ini sudah diminta dihitung ulang dan sedang menunggu."))
        return redirect("report_edition", found.pk)
    (found,) = archives.with_areas([found])
    context = {"edition": found, "form": form, "readers": found.deliveries.count()}
    return render(request, "laporan/hitung_ulang.html", context, status=422 if form.errors else 200)


@require_safe
@officer_page
def download(request: HttpRequest, edition: int, kind: str) -> HttpResponse:
    """Hand out a file of an edition; one of another area is not there, one that was tampered with is refused."""
    if kind not in OFFERED:
        raise Http404
    found = _readable(request, edition)
    try:
        content = files.content(found, kind, reader=request.user)
    except editions.Tampered as refusal:
        back = reverse("report_edition", args=[found.pk])
        return render(request, "409.html", {"reason": refusal, "back_url": back}, status=409)
    if request.method == "GET":
        found.deliveries.filter(user=request.user, fetched_at=None).update(fetched_at=timezone.now())
    response = HttpResponse(
        content,
        content_type=files.MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{found.slug}.{kind}"'},
    )
    response["Content-Security-Policy"] = "sandbox"
    return response


def _readable(request: HttpRequest, edition: int) -> Edition:
    return get_object_or_404(archives.readable_by(request.user).select_related("programme", "region"), pk=edition)
