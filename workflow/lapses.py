"""What happens by itself when nobody answers: reminded, accepted in silence, lapsed; old drafts go (D12, D28, D62)."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from pengaduan.models import Complaint, Event, Stage
from workflow import actions, needs
from workflow.machine import Refused
from workflow.models import Draft
from workflow.taking import ChangedMeanwhile

DRAFT_LIFE = timedelta(days=1)
WAKING = range(7, 19)  # hours of the place in which a complainant is reminded

log = logging.getLogger(__name__)


@dataclass
class Closed:
    """What a run came to; `failed` holds the number of each case that could not be closed, with the reason."""

    reminded: int = 0
    silent: int = 0
    lapsed: int = 0
    drafts: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


def close_lapsed(*, now: datetime) -> Closed:
    """Close what waited for the complainant too long, remind before that, each case in a transaction of its own.

    A case that someone else holds at this moment is left to the next run; one that fails does not stop the others.
    """
    closed = Closed()
    closed.silent = _close_each(_silent(now=now), actions.close_silent, closed, now=now)
    closed.lapsed = _close_each(_not_completed(now=now), actions.lapse, closed, now=now)
    closed.reminded = _close_each(_to_remind(now=now), actions.remind, closed, now=now, due=_reminder_due)
    closed.drafts, _by_model = Draft.objects.filter(updated_at__lt=now - DRAFT_LIFE).delete()
    return closed


def _silent(*, now: datetime) -> QuerySet[Complaint]:
    """Return what was told its result fourteen days ago or more; to the hour, the end of the day is for the gate."""
    told = now - timedelta(days=needs.SILENCE_DAYS)
    return Complaint.objects.open().filter(stage=Stage.FEEDBACK, settled_at__lt=told)


def _not_completed(*, now: datetime) -> QuerySet[Complaint]:
    return Complaint.objects.waiting().filter(waiting_since__lt=now - timedelta(days=needs.COMPLETION_DAYS))


def _to_remind(*, now: datetime) -> QuerySet[Complaint]:
    """Return what has waited past a mark without the reminder of that mark; later marks take the place of earlier."""
    due, until = Q(pk__in=[]), now - timedelta(days=needs.COMPLETION_DAYS + 1)
    for mark in reversed(needs.REMINDER_DAYS):
        since = now - timedelta(days=mark)
        sent = Event.objects.filter(
            complaint=OuterRef("pk"), kind="ingatkan-pelapor", at__gt=OuterRef("waiting_since") + timedelta(days=mark)
        )
        due |= Q(~Exists(sent), waiting_since__lt=since, waiting_since__gte=until)
        until = since
    return Complaint.objects.waiting().filter(due)


def _reminder_due(complaint: Complaint, *, now: datetime) -> bool:
    """Say whether the day has passed, and people at the place are awake."""
    awake = timezone.localtime(now, ZoneInfo(complaint.zone)).hour in WAKING
    return awake and needs.reminder_due(complaint, now=now) is not None


def _close_each(
    candidates: QuerySet[Complaint],
    verb: Callable[..., Event],
    closed: Closed,
    *,
    now: datetime,
    due: Callable[..., bool] | None = None,
) -> int:
    count = 0
    for pk, number in list(candidates.order_by("pk").values_list("pk", "number")):
        try:
            count += _close_one(candidates, pk, verb, now=now, due=due or _last_day_over)
        except ChangedMeanwhile:
            continue  # someone was first; if it is still due, the next run finds it
        except Exception as failure:  # one case must not keep the others waiting; it is told, not swallowed
            closed.failed.append((number, _reason(failure)))
            log.error("%s was not closed: %s", *closed.failed[-1])
    return count


def _reason(failure: Exception) -> str:
    """Say what failed and where; an error of the database would repeat the row with its words (D37)."""
    if isinstance(failure, Refused):
        return str(failure)
    place = traceback.extract_tb(failure.__traceback__)[-1]
    return f"{type(failure).__name__}, {Path(place.filename).name}:{place.lineno}"


def _close_one(
    candidates: QuerySet[Complaint],
    pk: int,
    verb: Callable[..., Event],
    *,
    now: datetime,
    due: Callable[..., bool],
) -> bool:
    """Close one case if it is still due and nobody else has it in hand; say whether it was."""
    with transaction.atomic():
        complaint = (
            candidates.filter(pk=pk)
            .select_related("programme", "category", "service_level", "region", "office", "case_file")
            .select_for_update(skip_locked=True, of=("self",))
            .first()
        )
        if complaint is None or not due(complaint, now=now):
            return False
        verb(complaint, now=now)
        return True


def _last_day_over(complaint: Complaint, *, now: datetime) -> bool:
    """Say whether the last day has ended at the place (D11)."""
    since, length = complaint.settled_at, needs.SILENCE_DAYS
    if complaint.waiting_since:
        since, length = complaint.waiting_since, needs.COMPLETION_DAYS
    return since is not None and needs.days_after(since, length, complaint.zone) < now
