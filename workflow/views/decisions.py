"""What waits for a person's decision, in one list: steps that others proposed, settlements that others declared."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pengaduan import inbox
from pengaduan.inbox import View
from pengaduan.models import Complaint, Event, Position, Stage
from tiers import scope
from tiers.models import User
from tiers.permissions import Permission
from workflow.actions.proposing import step_of
from workflow.machine import Who
from workflow.models import Proposal

SHOWN = 50
SETTLEMENT = _("Periksa penyelesaian")
UNPROVEN = _("Periksa kesimpulan tidak terbukti")


@dataclass(frozen=True)
class Decision:
    """One thing that waits: what is asked about which case, by whom and why, since when, and where it is decided."""

    complaint: Complaint
    asked: str | Promise
    by: str
    since: datetime
    why: str
    link: str
    theirs: bool


def decisions_for(user: User, *, now: datetime, programme: str = "") -> tuple[list[Decision], bool]:
    """Return the longest waiting of both kinds, at most SHOWN, and whether there are more. The same as the inbox's
    views of what is to be decided and verified; three statements."""
    proposed = _proposals(user, now=now, programme=programme)
    settled = _settlements(user, now=now, programme=programme)
    found = sorted([*proposed, *settled], key=lambda each: (each.since, each.complaint.pk))
    return found[:SHOWN], len(found) > SHOWN


def _proposals(user: User, *, now: datetime, programme: str) -> list[Decision]:
    cases = inbox.complaints_in(View.TO_DECIDE, user, now=now, programme=programme)
    waiting = Proposal.objects.filter(decided_at=None, complaint__in=cases.order_by().values("pk"))
    waiting = waiting.exclude(proposed_by=user).select_related(
        "proposed_by", "complaint__office", "complaint__programme"
    )
    return [_asked(each, user) for each in waiting.order_by("proposed_at", "pk")[: SHOWN + 1]]


def _asked(proposal: Proposal, user: User) -> Decision:
    complaint, step = proposal.complaint, step_of(proposal)
    supervised = scope.may_above(user, Permission.SUPERVISE, complaint.office)
    return Decision(
        complaint,
        step.label,
        str(proposal.proposed_by),
        proposal.proposed_at,
        str(proposal.facts.get("reason", "")),
        reverse("officer_proposal", args=[complaint.number, proposal.pk]),
        step.who != Who.SUPERVISOR or supervised,
    )


def _settlements(user: User, *, now: datetime, programme: str) -> list[Decision]:
    last = Event.objects.filter(complaint=OuterRef("pk"), to_stage=Stage.SETTLED).exclude(from_stage=Stage.SETTLED)
    last = last.order_by("-seq")
    cases = inbox.complaints_in(View.TO_VERIFY, user, now=now, programme=programme).annotate(
        settled_by=Subquery(last.values("by__name")[:1]), declared_at=Subquery(last.values("at")[:1])
    )
    rows = cases.select_related("office", "programme", "case_file").order_by("declared_at", "pk")[: SHOWN + 1]
    return [
        Decision(
            each,
            UNPROVEN if each.case_file.position == Position.UNPROVEN else SETTLEMENT,
            each.settled_by or "",
            each.declared_at,
            each.case_file.finding or each.case_file.chronology,
            each.get_absolute_url(),
            True,
        )
        for each in rows
    ]
