"""Warn before a deadline: at half and at four fifths of a tier's time, and at the end of each step (D34).

In sets, like the escalation: one statement finds the cases that have passed a mark of which nobody was warned,
whatever moved the deadline. `Warned` is moved on in the transaction that owes the notices, so that any number of runs,
at once or cut short, warn once; another deadline is warned of anew. A test holds the statement equal to
`sla.Clock.passed`.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pengaduan.models import Complaint, Recusal, ReportedParty
from tiers.models import Assignment, Zone
from tiers.permissions import Permission, roles_with
from workflow import notices, routing, sla
from workflow.calendar import local_day
from workflow.models import Notification

BATCH = 5_000
ONCE = uuid.uuid5(uuid.NAMESPACE_URL, notices.WARNING)
# The marks of each clock. The second is heard by the supervisor too.
HALF, FOUR_FIFTHS = 1, 2  # of the tier's time
LAST_DAY, STEP_OVER = 1, 2  # of a step
FOR_SUPERVISORS = 2


@dataclass(frozen=True)
class Mark:
    """One mark that a case has passed: of which clock, before which deadline."""

    complaint: int
    clock: str
    due_at: datetime
    mark: int


def warn(*, now: datetime) -> int:
    """Owe a warning for each mark passed since it was last asked; return how many marks. Runs of any number agree."""
    found = _passed(now=now)
    return sum(_warn_of(found[place : place + BATCH], now=now) for place in range(0, len(found), BATCH))


# Days that count: working days by their running count, any other period by the calendar. A pause leaves out the days
# after it began up to its end (D12). Of the whole period at least that share must be over, and the last day still to
# come: calendar.mark. The clock of a case that waits or is told settled stands, and nobody is warned of it.
PASSED = """
WITH running AS MATERIALIZED (
  SELECT c.id, c.tier_due_at, c.stage_due_at, s.unit = 'working_days' AS by_working_day, c.zone,
         greatest((CASE WHEN s.starts = 'complete' THEN coalesce(c.complete_at, c.received_at) ELSE c.received_at END
                   AT TIME ZONE c.zone)::date, (c.tier_since AT TIME ZONE c.zone)::date) AS start,
         (c.tier_due_at AT TIME ZONE c.zone)::date AS due_on, (%(now)s AT TIME ZONE c.zone)::date AS today,
         (c.stage_due_at AT TIME ZONE c.zone)::date AS step_due_on
    FROM pengaduan_complaint c JOIN pengaduan_servicelevel s ON s.id = c.service_level_id
   WHERE c.closed_at IS NULL AND c.waiting_since IS NULL AND c.settled_at IS NULL AND c.top_overdue_at IS NULL
     AND c.tier_due_at >= %(now)s),
pause AS (
  SELECT r.id, r.by_working_day, r.today, greatest((p.started_at AT TIME ZONE r.zone)::date, r.start) AS since,
         least((p.ended_at AT TIME ZONE r.zone)::date, r.due_on) AS until
    FROM running r JOIN workflow_pause p ON p.complaint_id = r.id AND p.ended_at IS NOT NULL),
waited AS (
  SELECT p.id, sum(CASE WHEN p.by_working_day THEN until.seq - since.seq ELSE p.until - p.since END) AS in_all,
         sum(CASE WHEN p.since >= p.today THEN 0
                  WHEN p.by_working_day THEN least(until.seq, eve.seq) - since.seq
                  ELSE least(p.until, p.today - 1) - p.since END) AS so_far
    FROM pause p
    JOIN workflow_workingday since ON since."on" = p.since
    JOIN workflow_workingday until ON until."on" = p.until
    JOIN workflow_workingday eve ON eve."on" = p.today - 1
   WHERE p.until > p.since GROUP BY p.id),
share AS (
  SELECT r.*,
         CASE WHEN by_working_day THEN at_due.seq - at_start.seq ELSE due_on - start END
           - coalesce(w.in_all, 0) AS days,
         CASE WHEN by_working_day THEN at_eve.seq - at_start.seq ELSE today - 1 - start END
           - coalesce(w.so_far, 0) AS used
    FROM running r
    LEFT JOIN waited w ON w.id = r.id
    LEFT JOIN workflow_workingday at_start ON at_start."on" = r.start
    LEFT JOIN workflow_workingday at_due ON at_due."on" = r.due_on
    LEFT JOIN workflow_workingday at_eve ON at_eve."on" = r.today - 1),
mark AS (
  SELECT share.id, each.*
    FROM share CROSS JOIN LATERAL (VALUES
      ('jenjang', tier_due_at, CASE WHEN used >= ceil(days * 0.8) AND ceil(days * 0.8) < days THEN 2
                                    WHEN used >= ceil(days * 0.5) AND ceil(days * 0.5) < days THEN 1 ELSE 0 END),
      ('langkah', stage_due_at, CASE WHEN stage_due_at < %(now)s THEN 2 WHEN step_due_on <= today THEN 1 ELSE 0 END)
    ) AS each(clock, due_at, mark))
SELECT mark.id, mark.clock, mark.due_at, mark.mark
  FROM mark LEFT JOIN workflow_warned w ON w.complaint_id = mark.id AND w.clock = mark.clock
 WHERE mark.mark > 0 AND (w.id IS NULL OR w.due_at <> mark.due_at OR w.mark < mark.mark)
 ORDER BY mark.id, mark.clock
"""


def _passed(*, now: datetime) -> list[Mark]:
    with connection.cursor() as cursor:
        cursor.execute(PASSED, {"now": now})
        return [Mark(*row) for row in cursor.fetchall()]


# Two runs that found the same: the second waits here for the first, and then nothing is left for it to move on.
CLAIM = """
INSERT INTO workflow_warned AS w (complaint_id, regency_code, clock, due_at, mark)
SELECT c.id, left(c.region_id, 5), found.clock, found.due_at, found.mark
  FROM unnest(%(ids)s::bigint[], %(clocks)s::text[], %(dues)s::timestamptz[], %(marks)s::int[])
       AS found(id, clock, due_at, mark)
  JOIN pengaduan_complaint c ON c.id = found.id
 ORDER BY found.id, found.clock
    ON CONFLICT (complaint_id, clock) DO UPDATE SET due_at = excluded.due_at, mark = excluded.mark
 WHERE w.due_at <> excluded.due_at OR w.mark < excluded.mark
RETURNING complaint_id, clock, due_at, mark
"""


def _warn_of(found: list[Mark], *, now: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "ids": [each.complaint for each in found],
                "clocks": [each.clock for each in found],
                "dues": [each.due_at for each in found],
                "marks": [each.mark for each in found],
            },
        )
        marks = [Mark(*row) for row in cursor.fetchall()]
        _owe(marks, now=now)
    return len(marks)


def _owe(marks: list[Mark], *, now: datetime) -> None:
    """Owe each warning to who shall hear it, in the office hours of the place; its id names all that makes it one."""
    on = timezone.localdate(now)
    cases = cases_of({each.complaint for each in marks})
    heard = Hearers(cases, on=on)
    calendar = sla.holiday_calendar()
    opens = {zone: sla.next_office_hour(now, zone, calendar=calendar) for zone in Zone.values}
    Notification.objects.bulk_create(
        [
            Notification(
                id=uuid.uuid5(ONCE, f"{each.complaint}/{each.clock}/{each.due_at.timestamp():.0f}/{each.mark}/{user}"),
                complaint_id=each.complaint,
                regency_code=cases[each.complaint].region_id[:5],
                user_id=user,
                template=notices.WARNING,
                created_at=now,
                next_attempt_at=opens[cases[each.complaint].zone],
            )
            for each in marks
            for user in sorted(heard.of(cases[each.complaint], supervisors=each.mark == FOR_SUPERVISORS))
        ],
        ignore_conflicts=True,
    )


def cases_of(ids: set[int]) -> dict[int, Complaint]:
    """Read what `Hearers` asks of cases."""
    return Complaint.objects.only("office_id", "handler_id", "zone", "region_id").in_bulk(ids)


class Hearers:
    """Who is warned about many cases, or reminded of them: read at once, but for the few kept from somebody."""

    def __init__(self, cases: dict[int, Complaint], *, on: date) -> None:
        offices = {complaint.office_id for complaint in cases.values()}
        self.on = on
        about = [model.objects.filter(complaint__in=cases) for model in (ReportedParty, Recusal)]
        self.kept = {pk for each in about for pk in each.values_list("complaint_id", flat=True)}
        self.people = _by_office(routing.staff(offices, on=on))
        self.supervisors = _by_office(routing.staff(offices, on=on, permission=Permission.SUPERVISE))
        handles = Assignment.objects.at_desk(on).filter(role__in=roles_with(Permission.HANDLE))
        handlers = {complaint.handler_id for complaint in cases.values() if complaint.handler_id}
        self.at_desk = set(handles.filter(user__in=handlers).values_list("office_id", "user_id"))

    def of(self, complaint: Complaint, *, supervisors: bool) -> set[int]:
        """Return who hears: the handler, or the office where it has none; of the later marks the supervisor too.

        Where nobody is at the desk the tier above hears (D51); never who is reported or has stepped aside (D49).
        """
        office, handler = complaint.office_id, complaint.handler_id
        hidden = routing.hidden_from(complaint, on=self.on) if complaint.pk in self.kept else set()
        if handler and handler not in hidden and (office, handler) in self.at_desk:
            heard = {handler}
        else:
            heard = self._staff(self.people, office, hidden, Permission.HEAR_ALARMS)
        return heard | self._staff(self.supervisors, office, hidden, Permission.SUPERVISE) if supervisors else heard

    def _staff(self, known: dict[int, set[int]], office: int, hidden: set[int], permission: Permission) -> set[int]:
        if not hidden:
            return known.get(office, set())
        return {user for _, user in routing.staff([office], on=self.on, permission=permission, hidden=hidden)}


def _by_office(staff: list[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for office, user in staff:
        found.setdefault(office, set()).add(user)
    return found


def sentences(complaint: Complaint, clock: sla.Clock, *, now: datetime) -> list[str]:
    """Return what there is to warn of now, for the mail and the page; nothing where the clock stands or is over."""
    if not complaint.clock_runs or complaint.is_overdue(now=now):
        return []
    found = []
    if share := clock.passed(now=now):
        half = share == sla.HALF
        found.append(_("Separuh waktu sudah lewat.") if half else _("Empat perlima waktu sudah lewat."))
    if clock.step and complaint.stage_due_at:
        due_on, today = local_day(complaint.stage_due_at, complaint.zone), local_day(now, complaint.zone)
        about = {"step": clock.step.name, "day": date_format(due_on, "j F Y")}
        if due_on == today:
            found.append(_("Langkah “%(step)s” berakhir hari ini.") % about)
        elif due_on < today:
            found.append(_("Langkah “%(step)s” seharusnya selesai pada %(day)s.") % about)
    return found
