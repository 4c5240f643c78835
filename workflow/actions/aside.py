"""The side ways out: not ours, referred, with law enforcement, a duplicate, withdrawn (D19, D20, D56)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complainant, Complaint, Event
from tiers.models import User
from workflow import gate, taking
from workflow.machine import Refused


def close_aside(
    complaint: Complaint, code: str, *, by: User, now: datetime, authority: str = "", reason: str = ""
) -> Event:
    """Close by a side way: not ours, referred, with law enforcement, thanks (D19, D56). Names where to turn."""
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, now=now, facts={"authority": authority, "reason": reason})
        return taking.take(
            complaint, step, by=by, now=now, text=reason, data={"authority": authority} if authority else {}
        )


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
