"""The file waits for the complainant, and the clock stands (D12)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from pengaduan.models import Complainant, Complaint, Event
from tiers.models import User
from workflow import gate, needs, taking
from workflow import questions as one_tap
from workflow.actions.moving import say_and_take
from workflow.models import Pause


def ask_completion(complaint: Complaint, *, by: User, now: datetime, questions: str | list[one_tap.Question]) -> Event:
    """Ask the complainant for what is missing, in words or by one-tap questions (D59); the clock stands (D12)."""
    listed = [] if isinstance(questions, str) else questions
    asked = one_tap.in_words(listed) or (questions if isinstance(questions, str) else "")
    with transaction.atomic():
        step = gate.allowed(complaint, "minta-kelengkapan", by=by, now=now, facts={"questions": asked})
        Pause.objects.create(  # before the step: its letter repeats what was asked
            complaint=complaint,
            regency_code=complaint.region_id[:5],
            started_at=now,
            asked=asked,
            questions=listed,
        )
        event = taking.take(complaint, step, by=by, now=now, waiting_since=now)
        taking.say(event, complaint, asked, from_complainant=False)
        return event


def complete(
    complaint: Complaint,
    *,
    now: datetime,
    answer: str = "",
    answers: dict[str, dict[str, Any]] | None = None,
    by: User | None = None,
    complainant: Complainant | None = None,
) -> Event:
    """Take in what was missing; the clock goes on and each deadline is credited with the pause (D12).

    `answers`, by the code of the question, are kept with it and stand before the words of `answer` in what was said.
    """
    with transaction.atomic():
        pause = Pause.objects.filter(complaint=complaint, ended_at=None).first()
        replied = one_tap.answered(pause.questions if pause else [], answers or {})
        said = "\n\n".join(filter(None, [one_tap.told(replied), answer]))
        step = gate.allowed(complaint, "lengkapi", by=by, complainant=complainant, now=now, facts={"answer": said})
        if pause:
            Pause.objects.filter(pk=pause.pk).update(questions=replied)
        event = taking.resume(complaint, step, by=by, complainant=complainant, now=now)
        taking.say(event, complaint, said, from_complainant=True, complainant=complainant)
        return event


def remind(complaint: Complaint, *, now: datetime) -> Event:
    """Remind the complainant that the file waits and the clock stands, once for each mark (D12)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "ingatkan-pelapor", now=now)
        return taking.take(complaint, step, now=now, data={"day": needs.reminder_due(complaint, now=now)})


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
