"""A page for each step of a case: show its form, take the step, or say as a sentence why not."""

import hashlib
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from pengaduan.models import CaseLink, Complaint, Stage
from tiers.models import Absence, User
from workflow import actions, filing, gate, letters
from workflow.forms.steps import StepForm
from workflow.machine import BY_CODE, Refused, Step
from workflow.taking import ChangedMeanwhile
from workflow.views.gathered import with_parts
from workflow.views.kept import officer_page, shown_as_typed, typed_before
from workflow.views.procedure import WHO
from workflow.views.step_pages import PAGES, WAYS, StepPage

LOOK, SEEN = "lihat", "dilihat"  # the button that shows the reply first, and the fingerprint of the one that was shown
CLOSING_REPLIES = {"bukan-kewenangan", "terima-kasih"}


def case_of(user: User, number: str, *, whole: bool = False) -> Complaint:
    """Return the complaint of a number with what a page of it needs; 404 when this user may not see it.

    The `whole` of it is for the case page, which spreads the parts (`workflow.views.gathered`).
    """
    away = Absence.objects.current(timezone.localdate())
    found = (
        Complaint.objects.visible_to(user)
        .with_degree()
        .select_related(
            *("programme", "category", "service_level", "office", "handler", "field", "channel", "source", "text"),
            *("original_level", "case_file", "region__parent__parent__parent"),
        )
        .annotate(
            is_linked=Exists(CaseLink.objects.filter(complaint=OuterRef("pk"))),
            handler_away_until=Subquery(away.filter(user=OuterRef("handler")).values("ends_on")[:1]),
        )
        .filter(number=number)
    )
    complaint = (with_parts(found) if whole else found).first()
    if complaint is None:
        raise Http404
    return complaint


@require_http_methods(["GET", "HEAD", "POST"])
@officer_page
def step(request: HttpRequest, number: str, code: str) -> HttpResponse:
    """Show the form of one step, and take the step."""
    now = timezone.now()
    complaint = case_of(request.user, number)
    if code not in PAGES:
        raise Http404
    page, row = PAGES[code], BY_CODE[code]
    about = {"complaint": complaint, "by": request.user, "now": now}
    refusal = _refusal(row, complaint, by=request.user, now=now)
    if request.method == "POST":
        form = page.form(request.POST, request.FILES, **about)
        if not refusal and _wants_to_see(request, form):
            return _shown(request, row, form)
        return _taken(request, row, form, refusal) or _shown(request, row, form)
    if refusal:
        context = {"reason": refusal.sentence, "back_url": complaint.get_absolute_url()}
        return render(request, "409.html", context, status=409)
    typed = typed_before(request)
    form = page.form(**about) if typed is None else shown_as_typed(page.form(typed, **about))
    return _shown(request, row, form)


def _wants_to_see(request: HttpRequest, form: StepForm) -> bool:
    """Say whether the reply is to be shown before it is sent, or again because it is no longer the one seen (D19)."""
    if LOOK in request.POST:
        return True
    seen = request.POST.get(SEEN)
    return bool(seen and form.is_valid() and seen != _digest(_reply(form)))


def _reply(form: StepForm) -> letters.Letter | None:
    """Return the reply that the step will send, where there is one and what was written holds."""
    if form.fields.keys() != {"version"} and not (form.is_bound and form.is_valid()):
        return None
    if (wanted := form.reply()) is None:
        return None
    code, words = wanted
    stage = Stage.CLOSED if code in CLOSING_REPLIES else Stage(form.complaint.stage)
    try:
        return letters.preview(form.complaint, code, now=form.now, words=words, stage=stage)
    except letters.TemplateFault as fault:
        return letters.Letter(str(fault), "")


def _digest(reply: letters.Letter | None) -> str:
    return hashlib.sha256(reply.body.encode()).hexdigest() if reply else ""


def _proposes(row: Step, complaint: Complaint, *, by: User, now: datetime) -> bool:
    """Say whether this person may only propose the step, for somebody else to decide (D33, D53)."""
    return bool(row.proposer) and row in gate.proposable(complaint, by=by, now=now)


def _refusal(row: Step, complaint: Complaint, *, by: User, now: datetime) -> Refused | None:
    """Return why the page of a step does not open, whatever would be filled in."""
    if row in gate.open_steps(complaint, by=by, now=now) or _proposes(row, complaint, by=by, now=now):
        return None
    try:
        gate.allowed(complaint, row.code, by=by, now=now)
    except Refused as refused:
        return refused
    return None


def _taken(request: HttpRequest, row: Step, form: StepForm, refusal: Refused | None) -> HttpResponse | None:
    """Take the step and lead back to the case; None when it was refused and the form says why."""
    if not form.is_valid() and not refusal:
        return None
    try:
        if refusal:
            raise refusal
        if form.cleaned_data["version"] != form.complaint.version:
            raise ChangedMeanwhile
        proposed = _proposes(row, form.complaint, by=form.by, now=form.now)
        _take(PAGES[row.code], form, propose=row.code if proposed else "")
    except Refused as refused:
        form.refused = refused
        form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
        return None
    if proposed:
        done = gettext("“%(step)s” sudah diusulkan dan menunggu keputusan.")
    else:
        done = gettext("“%(step)s” sudah dicatat.")
    messages.success(request, done % {"step": row.label})
    still_seen = Complaint.objects.visible_to(request.user).filter(pk=form.complaint.pk).exists()
    return redirect(form.complaint) if still_seen else redirect("officer_inbox")


def _take(page: StepPage, form: StepForm, *, propose: str) -> None:
    """Keep the file and take the step, both or neither; `propose` names the step that somebody else decides."""
    complaint, stored = form.complaint, None
    who = {"by": form.by, "now": form.now}
    try:
        with transaction.atomic():
            if file := form.cleaned_data.get("file"):
                stored = filing.attach(complaint, file=file, purpose=form.purpose_of_file(), **who)
            if propose:
                actions.propose(complaint, propose, **who, facts=form.facts())
            elif page.verb:
                page.verb(complaint, **who, **form.facts())
    except BaseException:
        if stored and stored.created_at == form.now:  # not one that had been handed in before
            stored.file.delete(save=False)
        raise


def _shown(request: HttpRequest, row: Step, form: StepForm) -> HttpResponse:
    """Show the form, 409 when the step was refused, 422 when something is missing or wrong in it."""
    complaint = form.complaint
    status = 422 if form.errors else 200
    if form.refused:
        complaint = case_of(request.user, complaint.number)  # what was rolled back has left its traces in the object
        form.show_version(complaint.version)
        status = 409
    context = {"form": form, "step": row, "page": PAGES[row.code], "complaint": complaint, "now": form.now}
    rights = gate.roles_of(form.by, complaint, now=form.now)
    if row.code in WAYS and complaint.stage == Stage.REGISTRATION:
        theirs = {step.code for step in gate.open_steps(complaint, by=form.by, now=form.now, rights=rights)}
        context["ways"] = [(code, label) for code, label in WAYS.items() if code in theirs]
    if type(form).reply is not StepForm.reply:
        reply = None if form.refused else _reply(form)
        context |= {"replies": True, "reply": reply, "digest": _digest(reply)}
    context["original"] = gate.original_for(complaint, rights)
    if row.proposer and _proposes(row, complaint, by=form.by, now=form.now):
        context["decided_by"] = WHO[row.who]
    return render(request, PAGES[row.code].template, context, status=status)
