"""Reckon the days of a clock (D9-D13, D50): dates in, records out, no database and no Django.

The day a period starts is day 0 and day 1 is the next day that counts (D11). While a file waits for the complainant
the clock stands: the day on which waiting begins still counts, the day on which the completion arrives does not (D12).
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from math import ceil
from zoneinfo import ZoneInfo


def gettext_noop(words: str) -> str:
    """Mark Indonesian words for the translators; whoever shows them translates, as this module knows no Django."""
    return words


SATURDAY, SUNDAY = gettext_noop("Sabtu"), gettext_noop("Minggu")
WAITING = gettext_noop("menunggu kelengkapan dari pelapor")
OFFICE_OPENS, OFFICE_CLOSES = time(8), time(16)

_ONE_DAY = timedelta(days=1)
_WEEKEND = {5: SATURDAY, 6: SUNDAY}
_END_OF_DAY = time(23, 59, 59)


class CalendarEnds(Exception):
    """Say that a deadline lies beyond the last day whose holidays are known; `SENTENCE` says so in another language."""

    SENTENCE = gettext_noop("Hari libur baru diketahui sampai %s; tenggat ini melewatinya.")

    def __init__(self, known_until: date) -> None:
        super().__init__(self.SENTENCE % known_until)
        self.known_until = known_until


class Unit(StrEnum):
    """Name what a period is counted in."""

    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    CALENDAR_MONTHS = "calendar_months"


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold a stretch of waiting for the complainant; `end` is None while the waiting lasts (D12)."""

    start: date
    end: date | None

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"a pause cannot end ({self.end}) before it starts ({self.start})")


@dataclass(frozen=True, slots=True)
class StageLength:
    """Hold one stage of a period and its own number of days (PKH: 5, 3, 15, 3)."""

    name: str
    days: int


@dataclass(frozen=True, slots=True)
class StageEnd:
    """Hold the last day of a stage; `days` is its own length, `total` counts from the start of the period."""

    name: str
    days: int
    total: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Hold a day that did not count, and why, in Indonesian."""

    on: date
    why: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """Hold the last day of a period and everything needed to explain it (D11).

    `due_on` is None where the clock stands: `stands_since` is then the day on which the waiting began. `days` is the
    length in days, also for months; `days_used` how many of them have counted until `due_on` or until the clock stood.
    """

    start: date
    unit: Unit
    length: int
    days: int
    days_used: int
    due_on: date | None
    stands_since: date | None
    stages: tuple[StageEnd, ...]
    left_out: tuple[LeftOut, ...]


def reckon(
    start: date,
    unit: Unit,
    length: int,
    *,
    holidays: Mapping[date, str],
    known_until: date = date.max,
    pauses: Sequence[Pause] = (),
    stages: Sequence[StageLength] = (),
) -> Deadline:
    """Count `length` units from `start`, which is day 0, leaving out the days that do not count (D9-D12).

    Holidays and weekends matter to working days alone. A month ends on the same day of the month, or on the last one
    there is; a pause inside it adds its days. Raises CalendarEnds when working days run past `known_until`.
    """
    days = _days_in(start, unit, length)
    ends = tuple(accumulate(stage.days for stage in stages))
    if days < 1 or any(stage.days < 1 for stage in stages) or (ends and ends[-1] > days):
        raise ValueError(f"{length} {unit} with stages {ends} is no period")
    stands_since = min((pause.start for pause in pauses if pause.end is None), default=None)
    by_working_day = unit is Unit.WORKING_DAYS

    counted: list[date] = []
    left_out: list[LeftOut] = []
    day = start
    while len(counted) < days and (stands_since is None or day < stands_since):
        day = _next(day, known_until if by_working_day else date.max)
        why = _day_off(day, holidays) if by_working_day else None
        why = why or _waiting(day, pauses)
        if why is None:
            counted.append(day)
        else:
            left_out.append(LeftOut(day, why))

    def last_of(number: int) -> date | None:
        return counted[number - 1] if number <= len(counted) else None

    due_on = last_of(days)
    return Deadline(
        start=start,
        unit=unit,
        length=length,
        days=days,
        days_used=len(counted),
        due_on=due_on,
        stands_since=stands_since if due_on is None else None,
        stages=tuple(
            StageEnd(stage.name, stage.days, end, last_of(end)) for stage, end in zip(stages, ends, strict=True)
        ),
        left_out=tuple(left_out),
    )


def mark(deadline: Deadline, fraction: Fraction) -> date | None:
    """Return the day with whose end that share of a period is over, rounded up to a day that counts (D34).

    None where the clock stands before it, and where it would be the last day itself: nothing is left to warn of.
    """
    number = ceil(deadline.days * fraction)
    counted = _counted(deadline)
    return counted[number - 1] if number <= len(counted) and number < deadline.days else None


def lengthened(
    deadline: Deadline, until: date, *, holidays: Mapping[date, str], pauses: Sequence[Pause] = ()
) -> Deadline:
    """Return the period with a later last day (D52); its `days` are those that count until then."""
    if deadline.due_on is None or until <= deadline.due_on:
        return deadline
    left_out = list(deadline.left_out)
    more = [deadline.due_on + timedelta(days=day) for day in range(1, (until - deadline.due_on).days + 1)]
    for day in more:
        why = _day_off(day, holidays) if deadline.unit is Unit.WORKING_DAYS else None
        if why := why or _waiting(day, pauses):
            left_out.append(LeftOut(day, why))
    days = deadline.days + len(more) - (len(left_out) - len(deadline.left_out))
    return replace(deadline, due_on=until, days=days, days_used=days, left_out=tuple(left_out))


def _counted(deadline: Deadline) -> list[date]:
    last = deadline.due_on or deadline.stands_since
    assert last is not None, "a period ends or stands"
    left_out = {each.on for each in deadline.left_out}
    days = (deadline.start + timedelta(days=day) for day in range(1, (last - deadline.start).days + 1))
    return [day for day in days if day not in left_out]


def end_of_day(on: date, zone: str) -> datetime:
    """Return the last second of a day in a time zone, as an aware instant (D11)."""
    return datetime.combine(on, _END_OF_DAY, ZoneInfo(zone))


def local_day(instant: datetime, zone: str) -> date:
    """Return the day it is in a time zone at an aware instant: 23:30 WIB is already tomorrow in WIT (D11)."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return instant.astimezone(ZoneInfo(zone)).date()


def next_office_hour(
    instant: datetime,
    zone: str,
    *,
    holidays: Mapping[date, str],
    opens: time = OFFICE_OPENS,
    closes: time = OFFICE_CLOSES,
) -> datetime:
    """Return the instant itself in office hours (working days, `opens` to `closes` in `zone`), else when they begin."""
    local = instant.astimezone(ZoneInfo(zone))
    day = local.date()
    if _day_off(day, holidays) is None and local.time() < closes:
        return max(local, datetime.combine(day, opens, ZoneInfo(zone)))
    day += _ONE_DAY
    while _day_off(day, holidays) is not None:
        day += _ONE_DAY
    return datetime.combine(day, opens, ZoneInfo(zone))


def months_after(day: date, months: int) -> date:
    """Return the same day of a later month, or its last where it has no such day."""
    return day + timedelta(days=_days_in(day, Unit.CALENDAR_MONTHS, months))


def _days_in(start: date, unit: Unit, length: int) -> int:
    if unit is not Unit.CALENDAR_MONTHS:
        return length
    years, month = divmod(start.month - 1 + length, 12)
    year, month = start.year + years, month + 1
    if year > date.max.year:
        raise CalendarEnds(date.max)
    last = calendar.monthrange(year, month)[1]
    return (date(year, month, min(start.day, last)) - start).days


def _next(day: date, known_until: date) -> date:
    if day >= known_until:
        raise CalendarEnds(known_until)
    return day + _ONE_DAY


def _day_off(day: date, holidays: Mapping[date, str]) -> str | None:
    return _WEEKEND.get(day.weekday()) or holidays.get(day)


def _waiting(day: date, pauses: Sequence[Pause]) -> str | None:
    # An open pause needs no look here: the count stops on the day it begins.
    inside = any(pause.end is not None and pause.start < day <= pause.end for pause in pauses)
    return WAITING if inside else None
