"""A case as officers read it: what to do next, everything known of it but who complained, all that happened (D37)."""

from datetime import datetime

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from pengaduan import reading
from pengaduan.models import Complaint, HelpRequest, ReportedParty, Stage
from workflow import gate, sla, warnings
from workflow.calendar import CalendarEnds, local_day
from workflow.complainants import labelled
from workflow.machine import Step, Who
from workflow.recognition import Mentioned, mentioned_in
from workflow.views.awaited import awaited
from workflow.views.explained import extension_of, left_out_in
from workflow.views.gathered import spread
from workflow.views.handling import handling_of
from workflow.views.inbox import back_to_list
from workflow.views.kept import officer_page
from workflow.views.proposals import open_proposals
from workflow.views.related import alike_of, related_of
from workflow.views.step_groups import grouped, parted
from workflow.views.step_pages import PAGES, first_of, offered
from workflow.views.steps import case_of
from workflow.views.timeline import Entry, entries_of, notices_of, talk_of

WORKS_ON_IT = {Who.HOLDER, Who.SUPERVISOR, Who.VERIFIER, Who.HELPER}  # whose presence the others are told


@require_safe
@officer_page
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Show a case: what to do next, the matter, why its date is that date, and all that happened."""
    now = timezone.now()
    complaint = case_of(request.user, number, whole=True)
    spread(complaint)
    entries = entries_of(complaint)
    rights = gate.roles_of(request.user, complaint, now=now)
    steps, hindrances = offered(complaint, by=request.user, now=now, rights=rights)
    first = first_of(steps, complaint)
    turn = None if first else awaited(complaint)
    beside, others = parted(step for step in steps if step is not first)
    notices = notices_of(complaint, complaint.notices, now=now)
    clock, unknown = _clock(complaint)
    parties = list(complaint.reported_parties.all())
    over = warnings.sentences(complaint, clock, now=now) if clock else []
    people = labelled(complaint)
    related = related_of(complaint, [person for person, _label in people], user=request.user)
    context = {
        "complaint": complaint,
        "back": back_to_list(request),
        "now": now,
        "first": first,
        "awaited": turn,
        "beside": beside,
        "others": grouped(others),
        "unfolded": not (first or turn or beside),
        "to_propose": [
            step for step in gate.proposable(complaint, by=request.user, now=now, rights=rights) if step.code in PAGES
        ],
        "open_proposals": open_proposals(complaint, by=request.user, rights=rights),
        "hindrances": hindrances,
        "original": gate.original_for(complaint, rights),
        "holds": Who.HOLDER in rights,
        "gives_code": Who.CLOSER in rights,
        "parties": parties,
        "also_open": reading.also_open(complaint, by=request.user, now=now) if rights & WORKS_ON_IT else [],
        "handling": handling_of(complaint, entries, now=now),
        "mentioned": _mentioned(complaint, steps, parties, now=now),
        "helps": _helps(complaint, entries),
        "complainants": people,
        "related": related,
        "can_link": any(step.code == "tautkan" for step in steps),
        "alike": alike_of(complaint, related, user=request.user, now=now) if _may_be_merged(steps, complaint) else [],
        "files": complaint.attachments.all(),
        "clock": clock,
        "over": over,
        "extension": extension_of(complaint),
        "left_out": left_out_in(clock.extended or clock.tier) if clock else [],
        "clock_unknown": unknown,
        "entries": entries,
        "talk": talk_of(complaint, people),
        "failing": [notice for notice in notices if notice.failing],
        "notices": [notice for notice in notices if not notice.failing],
    }
    return render(request, "petugas/case.html", context)


def _mentioned(
    complaint: Complaint, steps: list[Step], parties: list[ReportedParty], *, now: datetime
) -> Mentioned | None:
    """Return who may be meant by what came in, while it is not registered and nobody is named (D35)."""
    open_to_them = any(step.code == "tetapkan-terlapor" for step in steps)
    if complaint.stage != Stage.REGISTRATION or not open_to_them or any(each.user or each.office for each in parties):
        return None
    return mentioned_in(complaint, on=local_day(now, complaint.zone), parties=parties)


def _helps(complaint: Complaint, entries: list[Entry]) -> QuerySet[HelpRequest] | list[HelpRequest]:
    """Return the help that was asked, newest first; read only where the record says that there was some (D33)."""
    if not any(entry.kind == "minta-bantuan" for entry in entries):
        return []
    requests = complaint.help_requests.select_related("office", "user", "asked_by", "answered_by")
    return requests.order_by("-asked_at", "-pk")


def _may_be_merged(steps: list[Step], complaint: Complaint) -> bool:
    """Say whether to look for the same matter: before it is registered, for who could merge it (D20, D55)."""
    return complaint.stage == Stage.REGISTRATION and any(step.code == "duplikat" for step in steps)


def _clock(complaint: Complaint) -> tuple[sla.Clock | None, str]:
    """Return the explanation of the deadlines, or why there is none: the holidays of a far year are not known."""
    try:
        return sla.clock_of(complaint), ""
    except CalendarEnds as ends:
        return None, gettext(ends.SENTENCE) % ends.known_until
