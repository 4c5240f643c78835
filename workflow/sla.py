"""The clocks of a complaint: which days its deadlines are, and why (D9-D12, D32, D50).

Nothing here changes a complaint: `actions` writes what these functions compute. A function that needs the holidays
reads them in one query, or takes the calendar that its caller has read for many complaints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction

from django.db import connection, transaction

from pengaduan.models import Complaint, ServiceLevel
from workflow import calendar as days
from workflow.calendar import Deadline, Pause, StageEnd, StageLength, Unit, end_of_day, local_day
from workflow.models import Holiday

HALF, FOUR_FIFTHS = Fraction(1, 2), Fraction(4, 5)  # of a tier's period: those who handle are warned (D34)
WORKING_DAYS_FROM, WORKING_DAYS_UNTIL = date(2020, 1, 1), date(2036, 12, 31)


@dataclass(frozen=True, slots=True)
class HolidayCalendar:
    """Hold the holiday table as it was read: names by day, the years not yet decreed, and what it covers (D10)."""

    names: Mapping[date, str]
    provisional_years: frozenset[int]
    known_from: date
    known_until: date

    def is_provisional_for(self, deadline: Deadline) -> bool:
        """Say whether a deadline may still move: it counts working days in a year whose holidays are not decreed."""
        last = deadline.due_on or deadline.stands_since or deadline.start
        years = range(deadline.start.year, last.year + 1)
        return deadline.unit is Unit.WORKING_DAYS and not self.provisional_years.isdisjoint(years)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Hold the three instants that a complaint stores; `stage_due_at` is None where its level has no stages."""

    due_at: datetime
    tier_due_at: datetime
    stage_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Clock:
    """Explain the deadlines of a complaint: "Mengapa tanggal ini?" (D11).

    `tier` equals `original` while the first tier holds the case; `level` is of the original, `tier_level` of the tier:
    another one where a step gave it a period of its own (D36). `step` is the level's stage in which the case is now.
    `extended` is the tier's period with the later day that the tier above approved, None where there is none (D52).
    `provisional` says that the holidays of a year concerned are not yet decreed. `holds` is False where the stored
    original deadline is another day, because the holiday table was corrected after the case had ended.
    """

    level: ServiceLevel
    tier_level: ServiceLevel
    zone: str
    counted_from: ServiceLevel.Starts
    original: Deadline
    tier: Deadline
    extended: Deadline | None
    step: StageEnd | None
    provisional: bool
    holds: bool

    def passed(self, *, now: datetime) -> Fraction | None:
        """Return how much of the tier's time is over, as far as it is warned of: half, or four fifths (D34)."""
        period = self.extended or self.tier
        today = local_day(now, self.zone)
        if period.due_on is None or today > period.due_on:
            return None
        marks = ((share, days.mark(period, share)) for share in (FOUR_FIFTHS, HALF))
        return next((share for share, on in marks if on and on < today), None)


def holiday_calendar() -> HolidayCalendar:
    """Read the whole holiday table in one query (some 330 rows); known are the years in an unbroken run."""
    rows = list(Holiday.objects.order_by("on").values_list("on", "name", "provisional"))
    years = {on.year for on, _, _ in rows}
    first = last = min(years, default=date.min.year)
    while last + 1 in years:
        last += 1
    return HolidayCalendar(
        names={on: name for on, name, _ in rows},
        provisional_years=frozenset(on.year for on, _, provisional in rows if provisional),
        known_from=date(first, 1, 1),
        known_until=date(last, 12, 31),
    )


def reckon_level(
    level: ServiceLevel, start: date, *, calendar: HolidayCalendar, pauses: Sequence[Pause] = ()
) -> Deadline:
    """Count the period of a service level from a day; raises CalendarEnds beyond the known holidays."""
    return days.reckon(
        start,
        Unit(level.unit),
        level.length,
        holidays=calendar.names,
        known_until=calendar.known_until,
        pauses=pauses,
        stages=[StageLength(step["name"], step["days"]) for step in level.stages],
    )


def deadlines(
    complaint: Complaint, *, service_level: ServiceLevel, now: datetime, calendar: HolidayCalendar | None = None
) -> Deadlines:
    """Reckon all deadlines anew from the day of receipt, so that a change of category buys no time (D12).

    The complaint may be unsaved. A pause that is still open counts as ending now: while the clock stands, these are
    the earliest deadlines there can be.
    """
    zone = complaint.zone
    pauses = [
        pause if pause.end else Pause(pause.start, max(pause.start, local_day(now, zone)))
        for pause in _pauses(complaint)
    ]
    original, tier = _both(complaint, service_level, pauses, calendar or holiday_calendar())
    return Deadlines(
        due_at=last_second(original.due_on, zone),
        tier_due_at=last_second(_extended(complaint, tier.due_on), zone),
        stage_due_at=_stage_due_at(complaint, service_level, tier),
    )


def tier_deadline(complaint: Complaint, *, since: datetime, calendar: HolidayCalendar | None = None) -> Deadlines:
    """Give a tier a full period of its own from `since`; the original deadline stays (D32).

    No pause is credited: none lies after `since`, and one still open is credited when it ends.
    """
    level = complaint.service_level
    tier = reckon_level(level, local_day(since, complaint.zone), calendar=calendar or holiday_calendar())
    return Deadlines(
        due_at=complaint.due_at,
        tier_due_at=last_second(tier.due_on, complaint.zone),
        stage_due_at=_stage_due_at(complaint, level, tier),
    )


def clock_of(complaint: Complaint, *, calendar: HolidayCalendar | None = None) -> Clock:
    """Explain a complaint's deadlines (D11); where the clock stands, `due_on` is None (D12)."""
    calendar = calendar or holiday_calendar()
    level = complaint.service_level
    first = complaint.original_level or level
    pauses = _pauses(complaint)
    original, tier = _both(complaint, level, pauses, calendar)
    step = running_step(level, complaint.stage)
    until = complaint.extended_until
    extended = days.lengthened(tier, until, holidays=calendar.names, pauses=pauses) if until else tier
    return Clock(
        level=first,
        tier_level=level,
        zone=complaint.zone,
        counted_from=_first_day(complaint, first)[1],
        original=original,
        tier=tier,
        extended=None if extended is tier else extended,
        step=None if step is None else tier.stages[step],
        provisional=calendar.is_provisional_for(original) or calendar.is_provisional_for(tier),
        holds=original.due_on is None or end_of_day(original.due_on, complaint.zone) == complaint.due_at,
    )


def next_office_hour(
    instant: datetime,
    zone: str,
    *,
    opens: time = days.OFFICE_OPENS,
    closes: time = days.OFFICE_CLOSES,
    calendar: HolidayCalendar | None = None,
) -> datetime:
    """Return when an alarm may be heard: now in office hours of the place, else when it next opens."""
    holidays = (calendar or holiday_calendar()).names
    return days.next_office_hour(instant, zone, holidays=holidays, opens=opens, closes=closes)


def rebuild_working_days() -> None:
    """Fill the look-up of working days anew from the holidays, 2020-2036; whoever reads meanwhile sees the old one.

    `n` working days after a day is the working day whose `seq` is the day's `seq` plus `n`.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Two rebuilds at once: the second waits, then deletes what the first has written.
        cursor.execute("LOCK TABLE workflow_workingday IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM workflow_workingday")
        cursor.execute(
            """
            INSERT INTO workflow_workingday ("on", is_working, seq)
            SELECT day, is_working, count(*) FILTER (WHERE is_working) OVER (ORDER BY day)
              FROM (SELECT day::date,
                           extract(isodow FROM day) < 6
                           AND NOT EXISTS (SELECT FROM workflow_holiday h WHERE h."on" = day::date) AS is_working
                      FROM generate_series(%s::timestamp, %s::timestamp, interval '1 day') AS day) AS calendar
            """,
            [WORKING_DAYS_FROM, WORKING_DAYS_UNTIL],
        )


def _pauses(complaint: Complaint) -> list[Pause]:
    if complaint.pk is None:
        return []
    zone = complaint.zone
    return [
        Pause(local_day(row.started_at, zone), row.ended_at and local_day(row.ended_at, zone))
        for row in complaint.pauses.all()
    ]


def _first_day(complaint: Complaint, level: ServiceLevel) -> tuple[date, ServiceLevel.Starts]:
    """Return day 0 and what it is. Until a file is declared complete its clock runs from receipt: waiting inside
    stops no clock (D12)."""
    if level.starts == ServiceLevel.Starts.COMPLETE and complaint.complete_at:
        return local_day(complaint.complete_at, complaint.zone), ServiceLevel.Starts.COMPLETE
    return local_day(complaint.received_at, complaint.zone), ServiceLevel.Starts.RECEIVED


def _both(
    complaint: Complaint, level: ServiceLevel, pauses: Sequence[Pause], calendar: HolidayCalendar
) -> tuple[Deadline, Deadline]:
    """Reckon the original period and that of the tier which holds the case, from its own first day."""
    first = complaint.original_level or level
    start, _ = _first_day(complaint, first)
    tier_start = max(_first_day(complaint, level)[0], local_day(complaint.tier_since, complaint.zone))
    original = reckon_level(first, start, calendar=calendar, pauses=pauses)
    if tier_start == start and first == level:
        return original, original
    return original, reckon_level(level, tier_start, calendar=calendar, pauses=pauses)


def _extended(complaint: Complaint, due_on: date | None) -> date | None:
    """Return the tier's last day, with the extension that the tier above approved (D52); the original stays."""
    return max(due_on, complaint.extended_until) if due_on and complaint.extended_until else due_on


def running_step(level: ServiceLevel, stage: str) -> int | None:
    """Return the place of the level's stage that runs while the complaint is at `stage`; past them all the last."""
    running = (place for place, step in enumerate(level.stages) if stage in step["while"])
    return next(running, len(level.stages) - 1) if level.stages else None


def _stage_due_at(complaint: Complaint, level: ServiceLevel, tier: Deadline) -> datetime | None:
    step = running_step(level, complaint.stage)
    return None if step is None else last_second(tier.stages[step].due_on, complaint.zone)


def last_second(on: date | None, zone: str) -> datetime:
    assert on is not None, "only an open pause leaves a period without an end"
    return end_of_day(on, zone)
