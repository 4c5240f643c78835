"""The complainant's identity as officers and custodians meet it, and a new code at the desk (D62, D63)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pengaduan.models import Complainant, Complaint
from tiers import scope
from tiers.models import User
from tiers.permissions import Permission
from workflow import actions, gate, needs
from workflow.actions.identity import kept_fields
from workflow.complainants import labelled
from workflow.forms.identity import AskForm, DecideForm, NewCodeForm
from workflow.machine import BY_CODE, Refused
from workflow.models import IdentityRequest
from workflow.taking import ChangedMeanwhile
from workflow.views.kept import officer_page
from workflow.views.steps import case_of

FIELDS = {"name": _("Nama"), "phone": _("Telepon"), "email": _("Surel"), "address": _("Alamat")}


@dataclass(frozen=True)
class Person:
    """One complainant as the holder sees them before anything is opened: what is kept, not what it says."""

    complainant: Complainant
    label: str
    kept: list[str | Promise]
    request: IdentityRequest | None  # the reader's own, the latest
    is_open: bool
    may_ask: bool


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def complainants(request: HttpRequest, number: str) -> HttpResponse:
    """Show who complained without showing who it is, and take a request to open an identity."""
    now = timezone.now()
    complaint = case_of(request.user, number)
    if refusal := _not_theirs(complaint, "minta-identitas", by=request.user, now=now):
        return _refused(request, complaint, refusal)
    people = _people(complaint, by=request.user, now=now)
    able = [(str(each.complainant.pk), each.label) for each in people if each.may_ask]
    form = AskForm(request.POST or None, people=able) if able else None
    status = 200
    if request.method == "POST":
        status = 422
        if form is None:
            return _refused(
                request, complaint, Refused(_("Tidak ada identitas yang dapat diminta sekarang. Muat ulang halaman."))
            )
        if form.is_valid():
            try:
                return _asked(request, complaint, form, now=now)
            except Refused as refused:
                form.add_error(None, refused.sentence)
                status = 409
    context = {"complaint": complaint, "people": people, "form": form, "now": now}
    return render(request, "petugas/identitas_pelapor.html", context, status=status)


def _asked(request: HttpRequest, complaint: Complaint, form: AskForm, *, now: datetime) -> HttpResponse:
    facts = form.cleaned_data
    made = actions.ask_identity(
        complaint,
        complaint.all_complainants().get(pk=facts["complainant"]),
        by=request.user,
        now=now,
        motive=facts["motive"],
        purpose=facts["purpose"],
    )
    if made.granted_until:
        messages.success(request, gettext("Alasan Anda dicatat. Identitasnya dapat dibuka di halaman ini."))
    else:
        messages.success(request, gettext("Permintaan Anda dikirim kepada kustodian identitas."))
    return redirect("officer_complainants", number=complaint.number)


@require_POST
@officer_page
def opened(request: HttpRequest, number: str, pk: uuid.UUID) -> HttpResponse:
    """Open an identity and show it on this page only; each time is one event (D63)."""
    now = timezone.now()
    complaint = case_of(request.user, number)
    granted = get_object_or_404(IdentityRequest, pk=pk, complaint=complaint, asked_by=request.user)
    try:
        identity = actions.open_identity(granted, by=request.user, now=now)
    except Refused as refused:
        return _refused(request, complaint, refused)
    lines = [(FIELDS[field], text) for field, text in identity.items()]
    context = {"complaint": complaint, "lines": lines, "granted": granted}
    return render(request, "petugas/identitas_terbuka.html", context)


@require_safe
@officer_page
def requests(request: HttpRequest) -> HttpResponse:
    """List what waits for this custodian: who asks and why, not what the complaint is about (D63)."""
    now = timezone.now()
    waiting = _decidable(request.user, now=now).order_by("asked_at")
    return render(request, "petugas/identitas.html", {"requests": waiting, "now": now})


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def decide(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one request to the custodian and take the decision."""
    now = timezone.now()
    wanted = get_object_or_404(_decidable(request.user, now=now), pk=pk)
    form = DecideForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _decided(request, wanted, form, now=now)
            except Refused as refused:
                form.add_error(None, refused.sentence)
                status = 409
    return render(request, "petugas/identitas_putuskan.html", {"wanted": wanted, "form": form}, status=status)


def _decided(request: HttpRequest, wanted: IdentityRequest, form: DecideForm, *, now: datetime) -> HttpResponse:
    who = {"by": request.user, "now": now, "reason": form.cleaned_data["reason"]}
    if form.hours:
        actions.grant_identity(wanted, **who, hours=form.hours)
        messages.success(request, gettext("Pembukaan identitas diizinkan."))
    else:
        actions.refuse_identity(wanted, **who)
        messages.success(request, gettext("Permintaan ditolak."))
    return redirect("identity_requests")


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def new_code(request: HttpRequest, number: str) -> HttpResponse:
    """Give a complainant at the desk a new code, shown on this page only; sent twice it is refused (D62)."""
    now = timezone.now()
    complaint = case_of(request.user, number)
    if refusal := _not_theirs(complaint, "kode-baru", by=request.user, now=now):
        return _refused(request, complaint, refusal)
    people = [(str(person.pk), label) for person, label in _labelled(complaint)]
    form = NewCodeForm(request.POST or None, people=people, initial={"version": complaint.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _given(request, complaint, form, now=now)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
                status = 409
    return render(request, "petugas/kode_baru.html", {"complaint": complaint, "form": form, "now": now}, status=status)


def _given(request: HttpRequest, complaint: Complaint, form: NewCodeForm, *, now: datetime) -> HttpResponse:
    facts = form.cleaned_data
    if facts["version"] != complaint.version:
        raise ChangedMeanwhile
    person = complaint.all_complainants().get(pk=facts["complainant"])
    phone = str(facts["phone"] or "")
    code = actions.give_new_code(complaint, person, by=request.user, now=now, reason=facts["reason"], phone=phone)
    return render(request, "petugas/kode_baru_lembar.html", {"complaint": complaint, "code": code})


def _not_theirs(complaint: Complaint, code: str, *, by: User, now: datetime) -> Refused | None:
    """Return why a page about the complainant is not this reader's, whatever would be filled in."""
    row = BY_CODE[code]
    if row in gate.open_steps(complaint, by=by, now=now):
        return None
    try:
        gate.allowed(complaint, code, by=by, now=now)
    except Refused as refused:
        return refused
    return None


def _refused(request: HttpRequest, complaint: Complaint, refused: Refused) -> HttpResponse:
    context = {"reason": refused.sentence, "back_url": complaint.get_absolute_url()}
    return render(request, "409.html", context, status=409)


def _labelled(complaint: Complaint) -> list[tuple[Complainant, str]]:
    """Return who brings the matter still, by what officers call them."""
    return [(person, label) for person, label in labelled(complaint) if person.withdrawn_at is None]


def _people(complaint: Complaint, *, by: User, now: datetime) -> list[Person]:
    own = {}
    for each in complaint.identity_requests.filter(asked_by=by).select_related("complaint").order_by("asked_at"):
        own[each.complainant_id] = each
    people = []
    for person, label in _labelled(complaint):
        latest, kept = own.get(person.pk), kept_fields(person)
        is_open = bool(latest) and needs.is_open(latest, now=now)
        may_ask = bool(kept) and not is_open and not (latest and latest.decided_at is None)
        people.append(Person(person, label, [FIELDS[field] for field in kept], latest, is_open, may_ask))
    return people


def _decidable(user: User, *, now: datetime) -> QuerySet[IdentityRequest]:
    """Return the requests that this custodian may decide; 404 for who keeps no identities."""
    on = timezone.localdate(now)
    if not scope.assignments_of(user, Permission.OPEN_IDENTITY, on=on):
        raise Http404
    kept = Complaint.objects.open().identities_kept_by(user, on=on)
    return (
        IdentityRequest.objects.filter(decided_at=None, complaint__in=kept.values("pk"))
        .exclude(asked_by=user)
        .select_related("complaint__programme", "complaint__office", "complainant", "asked_by")
    )
