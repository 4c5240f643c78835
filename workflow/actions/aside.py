"""The side ways out: not ours, referred, with law enforcement, withdrawn (D19, D20, D56)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from pengaduan.models import Complainant, Complaint, Event, Outcome
from tiers.models import User
from workflow import gate, needs, taking
from workflow.actions import legal
from workflow.machine import Need


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


def withdraw(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Close at the complainant's wish; of several who brought the matter, one withdraws only themselves (D20)."""
    who: dict[str, Any] = {"by": by, "complainant": complainant, "now": now}
    facts = {"reason": reason, "complainant": complainant}
    with transaction.atomic():
        if complainant and needs.missing(Need.ALL_AGREE, complaint, code="cabut", now=now, facts=facts):
            event = taking.take(
                complaint, gate.allowed(complaint, "cabut-sendiri", facts=facts, **who), text=reason, **who
            )
            Complainant.objects.filter(pk=complainant.pk).update(withdrawn_at=now)
            return event
        return taking.resume(complaint, gate.allowed(complaint, "cabut", facts=facts, **who), text=reason, **who)


def follow_again(complaint: Complaint, *, complainant: Complainant, now: datetime, reason: str) -> Event:
    """Come back to a matter that others went on with (D20)."""
    who: dict[str, Any] = {"complainant": complainant, "now": now}
    with transaction.atomic():
        step = gate.allowed(complaint, "ikut-lagi", facts={"reason": reason}, **who)
        Complainant.objects.filter(pk=complainant.pk).update(withdrawn_at=None)
        return taking.take(complaint, step, text=reason, **who)
