"""The side ways out: not ours, referred, with law enforcement, a duplicate, withdrawn (D19, D20, D56)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complainant, Complaint, Event, Outcome
from tiers.models import User
from workflow import gate, taking
from workflow.actions import legal
from workflow.machine import Refused


def close_aside(
    complaint: Complaint,
    code: str,
    *,
    by: User,
    now: datetime,
    authority: str = "",
    reason: str = "",
    reference: str = "",
    next_check_on: date | None = None,
) -> Event:
    """Close by a side way: not ours, referred, thanks, phase-out, law enforcement (D19, D29, D56). Names where to turn.

    What law enforcement has is watched from then on: `reference` is their number for it, `next_check_on` the day on
    which it is asked after, thirty days on unless another is named.
    """
    facts = {"authority": authority, "reason": reason, "next_check_on": next_check_on}
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, now=now, facts=facts)
        data = {"authority": authority} if authority else {}
        event = taking.take(complaint, step, by=by, now=now, text=reason, data=data)
        if step.outcome == Outcome.LEGAL:
            legal.watch(complaint, authority=authority, reference=reference, next_check_on=next_check_on, now=now)
        return event


def close_duplicate(complaint: Complaint, *, by: User, now: datetime, original: Complaint | None) -> Event:
    """Close as the same matter as another complaint, which lives on (D20)."""
    if original is not None and original.pk == complaint.pk:
        raise Refused(_("Pengaduan ini tidak dapat menjadi duplikat dirinya sendiri."), field="original")
    with transaction.atomic():
        step = gate.allowed(complaint, "duplikat", by=by, now=now, facts={"original": original})
        return taking.resume(complaint, step, by=by, now=now, data={"original": original.number if original else ""})


def withdraw(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Close at the complainant's wish."""
    with transaction.atomic():
        step = gate.allowed(complaint, "cabut", by=by, complainant=complainant, now=now, facts={"reason": reason})
        return taking.resume(complaint, step, by=by, complainant=complainant, now=now, text=reason)
