"""The receipt of a report that was just sent: on the screen with the code, and as a proof on paper (D22, D41, D62)."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pengaduan import following, tracking
from pengaduan.models import Complainant, Complaint
from tiers.models import Zone
from workflow import drafts, filing
from workflow.calendar import local_day
from workflow.forms.citizen import FileForm
from workflow.machine import Refused
from workflow.models import Draft
from workflow.oversight import where_to_turn
from workflow.printing import pdf_response
from workflow.views import uploads
from workflow.views.explained import explained

GONE = _("Tanda terima ini tidak dapat ditampilkan lagi. Masukkan kode pelacakan Anda.")
LIST = "warga/berkas.html"


@never_cache
def receipt(request: HttpRequest) -> HttpResponse:
    """Show the receipt with the code, and take photos one by one: the words are safe already."""
    now = timezone.now()
    draft = drafts.sent(request.session, now=now)
    if draft is None:
        messages.info(request, GONE)
        return redirect("track")
    complaint = _complaint(draft)
    me = _me(request, complaint, now=now)
    form = FileForm()
    if request.method == "POST":
        if me is None:
            messages.info(request, _("Masukkan kode pelacakan Anda untuk menambah foto."))
            return redirect("track")
        form = FileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                filing.attach(complaint, file=form.cleaned_data["file"], now=now, complainant=me)
            except Refused as refused:
                form.add_error("file", str(refused))
        if uploads.by_script(request):
            refusal, status = (form.errors["file"][0], 422) if form.errors else ("", 200)
            return uploads.answer(request, LIST, files_of(complaint, me), sentence=refusal, status=status)
        if not form.errors:
            messages.success(request, _("Berkas diterima."))
            return redirect("tanda-terima")
    context = {
        **_facts(complaint, draft, now=now),
        "me": me,
        "form": form,
        **(files_of(complaint, me) if me else {}),
    }
    return render(request, "warga/tanda_terima.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
def proof(request: HttpRequest) -> HttpResponse:
    """Print the proof of submission; it bears the code only while the page itself may show it, and nobody's name."""
    now = timezone.now()
    draft = drafts.sent(request.session, now=now)
    if draft is None:
        messages.info(request, GONE)
        return redirect("track")
    complaint = _complaint(draft)
    code = drafts.code_of(draft, now=now)
    context = {
        **_facts(complaint, draft, now=now),
        "title": _("Bukti pengaduan"),
        "office": complaint.office,
        "zone_label": Zone(complaint.zone).label,
        "grouped": tracking.in_groups(code) if code else "",
        "site": f"{settings.SITE_URL}/lacak/",
    }
    return pdf_response("cetak/tanda_terima.html", context, "tanda-terima.pdf", zone=complaint.zone)


def files_of(complaint: Complaint, me: Complainant) -> dict[str, Any]:
    """Return what the list of a complainant's own files on the receipt needs."""
    return {
        "complaint": complaint,
        "files": complaint.attachments.filter(complainant=me).order_by("created_at"),
        "may_remove": complaint.stage == "registrasi",
        "page": "tanda-terima",
    }


def _complaint(draft: Draft) -> Complaint:
    return Complaint.objects.select_related("programme", "category", "service_level", "region", "office").get(
        pk=draft.complaint_id
    )


def _me(request: HttpRequest, complaint: Complaint, *, now: datetime) -> Complainant | None:
    me = following.follower(request, now=now)
    return me if me and me.complaint_id == complaint.pk else None


def _facts(complaint: Complaint, draft: Draft, *, now: datetime) -> dict[str, Any]:
    return {
        "complaint": complaint,
        "code": drafts.code_of(draft, now=now),
        "running": complaint.is_open and not complaint.waiting_since and not complaint.settled_at,
        "turn": where_to_turn(complaint, on=local_day(now, complaint.zone)),
        **explained(complaint, now=now),
    }
