"""Decide what an officer proposed: read it, agree or refuse (D33, D36, D52, D53)."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from pengaduan.models import Complaint
from tiers.models import User
from workflow import actions, gate
from workflow.actions.proposing import step_of, unpack
from workflow.forms.proposals import DecisionForm
from workflow.machine import Refused, Step, Who
from workflow.models import Proposal
from workflow.views.kept import officer_page
from workflow.views.steps import case_of

LABELS: dict[str, str | Promise] = {
    "reason": _("Alasan"),
    "authority": _("Instansi yang dituju"),
    "reference": _("Nomor laporan"),
    "next_check_on": _("Ditanyakan lagi"),
    "until": _("Tanggal baru"),
    "original": _("Pengaduan yang sama"),
    "category": _("Kategori"),
    "approved": _("Basis data diperbaiki"),
}


@dataclass(frozen=True)
class OpenProposal:
    """One proposal that waits, and whether this reader may be the one who decides it."""

    proposal: Proposal
    step: Step
    theirs: bool


def open_proposals(complaint: Complaint, *, by: User, rights: set[Who]) -> list[OpenProposal]:
    """Return the proposals of a case that wait for a decision, of those that were read with it."""
    return [
        OpenProposal(each, step_of(each), step_of(each).who in rights and each.proposed_by_id != by.pk)
        for each in complaint.proposals.all()
        if each.decided_at is None
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def decide(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Show a proposal with all its facts, and take the decision."""
    now = timezone.now()
    complaint = case_of(request.user, number)
    proposal = complaint.proposals.select_related("proposed_by", "decided_by").filter(pk=pk).first()
    if proposal is None:
        raise Http404
    proposal.complaint = complaint
    theirs = proposal.decided_at is None and actions.may_decide(proposal, by=request.user, now=now)
    form = DecisionForm(request.POST or None) if theirs else None
    status = 200
    if request.method == "POST":
        if form is None:
            sentence = gettext("Usul ini sudah diputuskan, atau bukan Anda yang memutuskannya.")
            context = {"reason": sentence, "back_url": complaint.get_absolute_url()}
            return render(request, "409.html", context, status=409)
        status = 422
        if form.is_valid():
            try:
                return _decided(request, proposal, form)
            except Refused as refused:
                form.add_error(None, refused.sentence)
                status = 409
    context = {
        "complaint": complaint,
        "proposal": proposal,
        "step": step_of(proposal),
        "facts": _in_words(proposal, request.user),
        "form": form,
        "original": gate.original_for(complaint, gate.roles_of(request.user, complaint, now=now)),
        "now": now,
    }
    return render(request, "petugas/usul.html", context, status=status)


def _decided(request: HttpRequest, proposal: Proposal, form: DecisionForm) -> HttpResponse:
    now, label = timezone.now(), step_of(proposal).label
    if form.approves:
        actions.approve(proposal, by=request.user, now=now, decision=form.cleaned_data["reason"])
        messages.success(request, gettext("“%(step)s” disetujui dan sudah dicatat.") % {"step": label})
    else:
        actions.refuse(proposal, by=request.user, now=now, reason=form.cleaned_data["reason"])
        messages.success(request, gettext("Usul “%(step)s” ditolak.") % {"step": label})
    still_seen = Complaint.objects.visible_to(request.user).filter(pk=proposal.complaint_id).exists()
    return redirect(proposal.complaint) if still_seen else redirect("officer_inbox")


def _in_words(proposal: Proposal, reader: User) -> list[tuple[str | Promise, str]]:
    """Return what was proposed, as lines to read; another case by its number only where the reader sees it."""
    lines = []
    for name, value in unpack(proposal.facts).items():
        if isinstance(value, bool):
            value = gettext("Ya") if value else gettext("Tidak")
        elif isinstance(value, date):
            value = date_format(value, "j F Y")
        if isinstance(value, Complaint):
            seen = Complaint.objects.visible_to(reader).filter(pk=value.pk).exists()
            value = value.number if seen else gettext("pengaduan yang tidak dapat Anda lihat")
        lines.append((LABELS.get(name, name), str(value)))
    return lines
