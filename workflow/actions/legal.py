"""A case in the hands of law enforcement: closed in the count, asked after until it ends there (D27, D29)."""

from datetime import date, datetime, timedelta

from django.db import transaction

from pengaduan.models import Complaint, Event, LegalWatch
from tiers.models import User
from workflow import gate, needs, taking
from workflow.actions.moving import say_and_take
from workflow.calendar import local_day


def watch(
    complaint: Complaint, *, now: datetime, authority: str, reference: str, next_check_on: date | None
) -> LegalWatch:
    """Ask after a case that was closed as in the hands of law enforcement, from now on (D29)."""
    first = local_day(now, complaint.zone) + timedelta(days=needs.FIRST_CHECK_DAYS)
    return LegalWatch.objects.create(
        complaint=complaint,
        regency_code=complaint.region_id[:5],
        authority=authority,
        reference=reference,
        next_check_on=next_check_on or first,
    )


def check_legal(complaint: Complaint, *, by: User, now: datetime, reason: str, next_check_on: date) -> Event:
    """Write down what law enforcement said, and when it is asked again; the complainant is told (D29)."""
    facts = {"reason": reason, "next_check_on": next_check_on}
    with transaction.atomic():
        step = gate.allowed(complaint, "pantau-hukum", by=by, now=now, facts=facts)
        data = {"next_check_on": next_check_on.isoformat()}
        event = taking.take(complaint, step, by=by, now=now, text=reason, data=data)
        LegalWatch.objects.filter(complaint=complaint).update(next_check_on=next_check_on)
        return event


def end_legal(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Write down how the matter ended with law enforcement; it is watched no more."""
    with transaction.atomic():
        event = say_and_take(complaint, "akhiri-proses-hukum", by=by, now=now, reason=reason)
        LegalWatch.objects.filter(complaint=complaint).update(ended_on=local_day(now, complaint.zone))
        return event
