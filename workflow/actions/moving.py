"""What most verbs share: a step with words, with a part of the case file, to another office."""

from datetime import datetime
from typing import Any

from django.db import transaction

from pengaduan.models import CaseFile, Complainant, Complaint, Event
from tiers.models import Office, User
from workflow import gate, sla, taking
from workflow.machine import Step


def say_and_take(
    complaint: Complaint,
    code: str,
    *,
    now: datetime,
    reason: str,
    by: User | None = None,
    complainant: Complainant | None = None,
    **changes: Any,
) -> Event:
    """Take a step that needs a reason; the reason stands in the record."""
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, complainant=complainant, now=now, facts={"reason": reason})
        return taking.take(complaint, step, by=by, complainant=complainant, now=now, text=reason, **changes)


def file_and_take(
    complaint: Complaint, code: str, *, by: User, now: datetime, case_file: dict[str, Any], **changes: Any
) -> Event:
    """Take a step that leaves something in the case file."""
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, now=now, facts={**case_file, **changes})
        CaseFile.objects.filter(complaint=complaint).update(**case_file)
        for field, value in case_file.items():
            setattr(complaint.case_file, field, value)
        return taking.take(complaint, step, by=by, now=now, **changes)


def move_office(
    complaint: Complaint, step: Step, office: Office, *, now: datetime, fresh_period: bool, **rest: Any
) -> Event:
    """Give the case to another office; without a fresh period the deadline that runs stays."""
    changes = to_office(complaint, office, now=now if fresh_period else None)
    return taking.take(complaint, step, now=now, **rest, **changes)


def to_office(complaint: Complaint, office: Office, *, now: datetime | None) -> dict[str, Any]:
    """Return what changes when another office gets the case: with `now`, a full period of its own from there (D32)."""
    changes: dict[str, Any] = {"office": office, "tier": office.tier, "handler": None}
    if now:
        clock = sla.tier_deadline(complaint, since=now)
        changes |= {"tier_since": now, "tier_due_at": clock.tier_due_at, "stage_due_at": clock.stage_due_at}
        changes |= {"extended_until": None, "extensions": 0}
    return changes
