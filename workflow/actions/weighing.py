"""How heavy a case is, and who hears at once of a heavy one (D14)."""

from datetime import datetime

from django.db import transaction

from pengaduan.models import Complaint, Event, Weight
from tiers.models import User
from tiers.permissions import Permission
from workflow import gate, notices, routing, taking


def weigh(complaint: Complaint, *, by: User, now: datetime, weight: str, prominent: bool, reason: str) -> Event:
    """Set the weight and whether the case is prominent, with the reason; the deadline stays (D14)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "ubah-bobot", by=by, now=now, facts={"reason": reason})
        was_grave = is_grave(complaint)
        data = {"from": [complaint.weight, complaint.prominent], "to": [weight, prominent]}
        event = taking.take(complaint, step, by=by, now=now, text=reason, data=data, weight=weight, prominent=prominent)
        if not was_grave:
            tell_if_grave(event, complaint, now=now)
        return event


def is_grave(complaint: Complaint) -> bool:
    """Say whether a case takes the shorter path: it is heavy, or prominent (D14)."""
    return complaint.prominent or complaint.weight == Weight.HEAVY


def tell_if_grave(event: Event, complaint: Complaint, *, now: datetime) -> None:
    """Tell the supervisor and the tier above of a heavy or prominent case, so that they need not wait for it (D14)."""
    if not is_grave(complaint):
        return
    people = notices.people_of(complaint, [complaint.office_id], now=now, permission=Permission.SUPERVISE)
    if above := routing.above(complaint):
        people |= notices.people_of(complaint, [above.pk], now=now)
    notices.owe_people(event, complaint, people - {event.by_id}, notices.GRAVE, now=now)
