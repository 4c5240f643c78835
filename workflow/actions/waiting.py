"""The file waits for the complainant, and the clock stands (D12)."""

from datetime import datetime

from django.db import transaction

from pengaduan.models import Complainant, Complaint, Event
from tiers.models import User
from workflow import gate, taking
from workflow.actions.moving import say_and_take
from workflow.models import Pause


def ask_completion(complaint: Complaint, *, by: User, now: datetime, questions: str) -> Event:
    """Ask the complainant for what is missing; the clock stands from here (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "minta-kelengkapan", by=by, now=now, facts={"questions": questions})
        event = taking.take(complaint, step, by=by, now=now, waiting_since=now)
        Pause.objects.create(complaint=complaint, regency_code=event.regency_code, started_at=now, asked=questions)
        taking.say(event, complaint, questions, from_complainant=False)
        return event


def complete(
    complaint: Complaint, *, now: datetime, answer: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Take in what was missing; the clock goes on and each deadline is credited with the pause (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "lengkapi", by=by, complainant=complainant, now=now, facts={"answer": answer})
        event = taking.resume(complaint, step, by=by, complainant=complainant, now=now)
        taking.say(event, complaint, answer, from_complainant=True, complainant=complainant)
        return event


def go_on(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Stop waiting for the complainant and go on without the completion; the clock runs again (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "lanjutkan-tanpa-kelengkapan", by=by, now=now, facts={"reason": reason})
        return taking.resume(complaint, step, by=by, now=now, text=reason)


def lapse(complaint: Complaint, *, now: datetime) -> Event:
    """Count a complaint as withdrawn that was not completed within thirty days, and say so (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "tidak-dilengkapi", now=now)
        return taking.resume(complaint, step, now=now)


def take_up_again(
    complaint: Complaint, *, now: datetime, reason: str, by: User | None = None, complainant: Complainant | None = None
) -> Event:
    """Open a complaint again that was withdrawn; the old clock has gone on (D12)."""
    more = {"settled_at": None, "closed_at": None, "outcome": ""}
    return say_and_take(complaint, "lanjutkan-kembali", by=by, complainant=complainant, now=now, reason=reason, **more)
