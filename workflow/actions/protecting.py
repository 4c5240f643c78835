"""Protect who complained: asked for by them, owed by the office (Perpres 76/2013, article 15).

What was asked and what was done is read by officers of the case and by the one who asked, by no other complainant.
"""

import json
from datetime import datetime

from django.db import transaction

from pengaduan.models import Complainant, Complaint, Event
from tiers.models import User
from tiers.permissions import Permission
from workflow import gate, notices, taking


def ask_protection(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Ask for protection; the office that holds the case and who supervises it are told, the clock is not touched."""
    with transaction.atomic():
        facts = {"reason": reason}
        step = gate.allowed(complaint, "minta-perlindungan", by=by, complainant=complainant, now=now, facts=facts)
        asker = complainant or complaint.all_complainants().first()
        data = {"complainant": str(asker.pk)} if asker else {}
        event = taking.take(
            complaint, step, by=by, complainant=complainant, now=now, data=data, handler=complaint.handler
        )
        taking.say(event, complaint, reason, from_complainant=True, complainant=asker)
        supervisors = notices.people_of(complaint, [complaint.office_id], now=now, permission=Permission.SUPERVISE)
        notices.owe_people(event, complaint, supervisors - {by.pk if by else None}, notices.PROTECTION, now=now)
        return event


def protect(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Write down what was done to protect; whoever asked last reads it with their code."""
    with transaction.atomic():
        step = gate.allowed(complaint, "catat-perlindungan", by=by, now=now, facts={"reason": reason})
        asked = complaint.events.filter(kind="minta-perlindungan").order_by("-seq").values_list("data", flat=True)
        one = json.loads(asked[0]).get("complainant") if asked else None
        asker = complaint.all_complainants().filter(pk=one).first() if one else None
        data = {"complainant": str(asker.pk)} if asker else {}
        event = taking.take(complaint, step, by=by, now=now, data=data, handler=complaint.handler)
        taking.say(event, complaint, reason, from_complainant=False, complainant=asker)
        return event
