"""Take one step of a complaint's life: claim the row as read, append the event, owe the notices.

`workflow.actions` and `workflow.intake` ask `gate.allowed` first and then call `take`; nothing else changes a
complaint one by one (the sweep of `workflow.escalation` does it in sets).
"""

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from pengaduan import record
from pengaduan.models import Actor, Complainant, Complaint, ComplaintGrant, Event, Message, Stage
from tiers import scope
from tiers.models import User
from tiers.permissions import Permission
from workflow import correspondence, notices, sla
from workflow.calendar import local_day
from workflow.machine import Refused, Step
from workflow.models import IdentityRequest, Pause


class ChangedMeanwhile(Refused):
    """Someone else changed the complaint between the reading and the step."""

    def __init__(self) -> None:
        super().__init__(_("Pengaduan ini baru saja diubah oleh orang lain. Muat ulang halaman, lalu coba lagi."))


def resume(complaint: Complaint, step: Step, *, now: datetime, **who: Any) -> Event:
    """End the pause, if there is one, and take a step with the deadlines that follow from it (D12)."""
    pause = Pause.objects.filter(complaint=complaint, ended_at=None).first()
    if pause:
        Pause.objects.filter(pk=pause.pk).update(ended_at=now)
        if complaint.extended_until:  # the extension is credited with the days on which the clock stood
            stood = local_day(now, complaint.zone) - local_day(pause.started_at, complaint.zone)
            who["extended_until"] = complaint.extended_until + stood
    return take(complaint, step, now=now, waiting_since=None, reckon=True, **who)


def take(
    complaint: Complaint,
    step: Step,
    *,
    now: datetime,
    by: User | None = None,
    complainant: Complainant | None = None,
    text: str = "",
    data: dict[str, Any] | None = None,
    reckon: bool = False,
    **changes: Any,
) -> Event:
    """Take a step that was allowed: claim the complaint as it was read, append the event, owe the notices.

    The only place that changes a complaint one by one. Raises ChangedMeanwhile when someone was first.
    """
    if complainant:  # of several who brought the matter, the record says which (D40, D55)
        data = {**(data or {}), "complainant": str(complainant.pk)}
    before = {"from_stage": complaint.stage, "from_office_id": complaint.office_id}
    tier_due_before = complaint.tier_due_at
    if step.target:
        changes["stage"] = step.target
    if step.target == Stage.CLOSED:
        changes |= {"closed_at": now, "outcome": step.outcome}
    if (
        by
        and complaint.handler_id is None
        and "handler" not in changes
        and scope.may(by, Permission.HANDLE, complaint.office)
    ):
        changes["handler"] = by
    for name, value in changes.items():
        setattr(complaint, name, value)
    if reckon or ("stage" in changes and complaint.service_level.stages):
        clock = sla.deadlines(complaint, service_level=complaint.service_level, now=now)
        complaint.stage_due_at = changes["stage_due_at"] = clock.stage_due_at
        if reckon:
            complaint.due_at = changes["due_at"] = clock.due_at
            complaint.tier_due_at = changes["tier_due_at"] = clock.tier_due_at
    if complaint.top_overdue_at and complaint.tier_due_at != tier_due_before:
        complaint.top_overdue_at = changes["top_overdue_at"] = None  # a new deadline is watched anew
    event = record.next_event(
        complaint,
        step.code,
        at=now,
        text=text,
        data=data,
        actor=Actor.OFFICER if by else Actor.COMPLAINANT if complainant else Actor.SYSTEM,
        by=by,
        to_stage=complaint.stage,
        to_office_id=complaint.office_id,
        due_at=complaint.due_at,
        tier_due_at=complaint.tier_due_at,
        **before,
    )
    _claim(complaint, event, changes)
    record.save(event, text)
    if step.target == Stage.CLOSED:
        ComplaintGrant.objects.filter(content_object=complaint).delete()  # a named exception ends with the case
        IdentityRequest.objects.filter(complaint=complaint, granted_until__gt=now).update(granted_until=now)  # D63
    notices.owe_for(event, complaint, now=now)
    correspondence.keep_for(event, complaint)
    return event


def _claim(complaint: Complaint, event: Event, changes: dict[str, Any]) -> None:
    """Write the change if the row is still as it was read; zero rows: someone was first."""
    claimed = Complaint.objects.filter(pk=complaint.pk, version=complaint.version).update(
        version=F("version") + 1, event_seq=event.seq, event_head=event.digest, **changes
    )
    if not claimed:
        raise ChangedMeanwhile
    complaint.version += 1
    complaint.event_seq, complaint.event_head = event.seq, event.digest


def say(
    event: Event, complaint: Complaint, text: str, *, from_complainant: bool, complainant: Complainant | None = None
) -> None:
    """Keep a message with whom it was exchanged; an officer's goes to all, none learns of another (D55)."""
    people = [complainant] if complainant else complaint.all_complainants()[: 1 if from_complainant else None]
    for person in people:
        Message.objects.create(
            complaint=complaint,
            complainant=person,
            event=event,
            regency_code=event.regency_code,
            from_complainant=from_complainant,
            text=text,
            at=event.at,
        )
