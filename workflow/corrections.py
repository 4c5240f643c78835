"""Deadlines follow a corrected calendar, and a changed period where a reviewer wills it: each with an event (D10).

The government changes holidays within the year. Whoever corrects the table starts `follow_calendar`; the beat runs it
too and so finishes what was too much for one request, or what changed behind the admin's back.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from pengaduan.models import Complaint, ServiceLevel
from tiers.models import Zone
from workflow import gate, sla, taking
from workflow.calendar import end_of_day
from workflow.models import CalendarFollowed

IN_A_REQUEST = 200  # cases; the beat moves the rest
SATURDAY = 5


def holidays_changed(*, now: datetime) -> int:
    """Make the look-up of working days anew and move the first deadlines; return how many (the beat goes on)."""
    sla.rebuild_working_days()
    return follow_calendar(now=now, limit=IN_A_REQUEST)


def follow_calendar(*, now: datetime, limit: int | None = None) -> int:
    """Move the deadline of every running case that a changed holiday touches; return how many were moved.

    Nothing is done while the table is as it was last followed. Each case is a transaction of its own, and one that is
    moved already is left alone, so a run that was cut short is simply run again. A case that waits for its complainant
    is reckoned anew when it goes on.
    """
    calendar = sla.holiday_calendar()
    fingerprint = _fingerprint(calendar)
    if CalendarFollowed.objects.filter(fingerprint=fingerprint).exists():
        return 0
    moved = 0
    for complaint in _running():
        if limit is not None and moved >= limit:
            return moved
        clock = sla.deadlines(complaint, service_level=complaint.service_level, now=now, calendar=calendar)
        if (clock.due_at, clock.tier_due_at) != (complaint.due_at, complaint.tier_due_at):
            moved += _follow(complaint, now=now)
    with transaction.atomic():
        CalendarFollowed.objects.all().delete()
        CalendarFollowed.objects.create(fingerprint=fingerprint, at=now, moved=moved)
    return moved


def would_move(days: Iterable[date]) -> int:
    """Return about how many running deadlines follow when these days begin or cease to be off; nothing is reckoned.

    Counted are the cases in whose period one of the days lies as a weekday, in one query: a day on which the file
    waited for its complainant counts too, so that it may be one or two fewer in the end.
    """
    weekdays = {day for day in days if day.weekday() < SATURDAY}
    within = Q(pk__in=[])
    for day in weekdays:
        end, before = end_of_day(day, Zone.WIB), end_of_day(day - timedelta(days=1), Zone.WIB)
        within |= Q(received_at__lte=before) & (Q(due_at__gte=end) | Q(tier_due_at__gte=end))
    return _in_working_days().filter(within).count() if weekdays else 0


def follow_levels(*, now: datetime, limit: int | None = None) -> int:
    """Move the running cases of replaced service levels that a reviewer had follow the new version; return how many.

    As with the calendar: a transaction each, and a run that was cut short is run again. A case that waits for its
    complainant, or was told settled, follows when its clock runs again.
    """
    moved = 0
    for complaint in _behind():
        if limit is not None and moved >= limit:
            break
        moved += _change_level(complaint, now=now)
    return moved


def _behind() -> Iterator[Complaint]:
    replaced = list(ServiceLevel.objects.filter(followed_by__isnull=False).values_list("pk", flat=True))
    if not replaced:
        return iter(())
    behind = Complaint.objects.clock_running().filter(Q(service_level__in=replaced) | Q(original_level__in=replaced))
    related = ("service_level__followed_by", "original_level__followed_by", "category", "programme", "office", "region")
    return behind.select_related(*related).iterator(chunk_size=500)


def _change_level(complaint: Complaint, *, now: datetime) -> bool:
    """Reckon one case by the version that is to be followed; False when somebody changed it meanwhile."""
    first, level = complaint.original_level, complaint.service_level
    new = level.followed_by or level
    data = {"from_version": level.version, "level": str(new)}
    changes: dict[str, Any] = {"service_level": new}
    if first and first.followed_by:
        changes["original_level"] = first.followed_by
    try:
        with transaction.atomic():
            step = gate.allowed(complaint, "ikuti-batas-waktu", now=now)
            taking.take(complaint, step, now=now, data=data, reckon=True, **changes)
    except taking.ChangedMeanwhile:
        return False
    return True


def _follow(complaint: Complaint, *, now: datetime) -> bool:
    """Move one case; False when somebody changed it meanwhile, which reckoned it anew or leaves it to the next run."""
    try:
        with transaction.atomic():
            step = gate.allowed(complaint, "ikuti-kalender", now=now)
            taking.take(complaint, step, now=now, reckon=True)
    except taking.ChangedMeanwhile:
        return False
    return True


def _running() -> Iterator[Complaint]:
    related = ("service_level", "original_level", "category", "programme", "office", "region")
    return _in_working_days().select_related(*related).iterator(chunk_size=500)


def _in_working_days() -> QuerySet[Complaint]:
    counted = Q(service_level__unit="working_days") | Q(original_level__unit="working_days")
    return Complaint.objects.open().filter(counted, waiting_since=None)


def _fingerprint(calendar: sla.HolidayCalendar) -> str:
    days = "\n".join(sorted(on.isoformat() for on in calendar.names))
    return hashlib.sha256(days.encode()).hexdigest()
