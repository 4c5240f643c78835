"""What is not settled in time goes up a tier: in sets, exactly once, never silently (D32, D49, D51).

The one exception to "actions change a complaint": row by row this is forty to a hundred times slower (scale.md §2).
A batch is one transaction. It claims overdue cases with SKIP LOCKED, so that any number of sweeps may run at once; a
moved case carries a new deadline, so that a second run, a repeated beat or a clock set back finds nothing. A test holds
the result equal to `routing.above` and `sla.tier_deadline` on random cases.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from pengaduan.models import Complaint, Event, ServiceLevel, Stage
from tiers.models import CODE_LENGTH, Office, Programme, Region, Tier, Zone
from tiers.permissions import Permission
from workflow import notices, routing, sla
from workflow.calendar import local_day
from workflow.models import Notification, SweepRun

BATCH = 5_000
EXPECTED_GAP = timedelta(days=1)  # the beat runs every five minutes; a longer gap is an outage or a clock that jumped
ALWAYS_ALLOWED = 500  # so few are never held back
FAR_MORE = 3  # times what the calendar foresaw


@dataclass(frozen=True)
class Claimed:
    """One overdue case with the tier it goes to; `tier` None at the top, where there is nowhere to go."""

    complaint: int
    programme: int
    tier: int | None
    region: str | None


def sweep(*, now: datetime, by_hand: bool = False) -> SweepRun:
    """Move every overdue case one tier up and flag those at the top; return what was done.

    After a gap of more than a day, a sweep by the beat that would move far more than the calendar foresaw stops, tells
    the system's keepers and waits for a person, who runs it by hand: the machine's clock may have jumped (domain §11).
    """
    if not by_hand and (refusal := _refusal(now=now)):
        return refusal
    started, moved, flagged = timezone.now(), 0, 0
    while batch := _batch(now=now):
        moved += batch[0]
        flagged += batch[1]
    return _keep_run(now=now, started=started, moved=moved, flagged=flagged, by_hand=by_hand)


def missed(*, now: datetime) -> QuerySet[Complaint]:
    """Return what is overdue and neither moved nor flagged: after a sweep there is none (D51)."""
    return (
        Complaint.objects.overdue(now=now)
        .filter(top_overdue_at=None)
        .select_related("office")
        .order_by("tier_due_at", "id")
    )


def _batch(*, now: datetime) -> tuple[int, int] | None:
    """Move one batch in one transaction; return how many were moved and flagged, None when nothing is overdue."""
    with transaction.atomic():
        claimed = _claim(now=now)
        if not claimed:
            return None
        offices = _offices(claimed)
        events = _move(claimed, offices, now=now)
        _owe(events, now=now)
        flagged = sum(case.tier is None for case in claimed)
        return len(claimed) - flagged, flagged


# The rungs that a case may climb: of its programme, above the tier that holds it, never one whose office or person is
# reported (D49). The same rule in Python: routing.above.
CLAIM = """
WITH due AS MATERIALIZED (
  SELECT id, programme_id, region_id, tier FROM pengaduan_complaint
   WHERE closed_at IS NULL AND waiting_since IS NULL AND settled_at IS NULL AND top_overdue_at IS NULL
     AND tier_due_at < %(now)s
   ORDER BY tier_due_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
SELECT due.id, due.programme_id, rung.tier, rung.code
  FROM due LEFT JOIN LATERAL (
       SELECT t.tier, left(due.region_id, size.length) AS code
         FROM tiers_programmetier t LEFT JOIN unnest(%(tiers)s::int[], %(lengths)s::int[]) AS size(tier, length)
              ON size.tier = t.tier
        WHERE t.programme_id = due.programme_id AND t.tier > due.tier
          AND (t.tier = %(top)s OR length(due.region_id) >= size.length)
          AND NOT EXISTS (
              SELECT FROM pengaduan_reportedparty r JOIN tiers_office o
                ON o.id = r.office_id
                OR o.id IN (SELECT a.office_id FROM tiers_assignment a JOIN tiers_user u ON u.id = a.user_id
                             WHERE a.user_id = r.user_id AND u.is_active AND a.starts_on <= %(on)s
                               AND (a.ends_on IS NULL OR a.ends_on >= %(on)s))
               WHERE r.complaint_id = due.id AND o.programme_id = due.programme_id AND o.tier = t.tier
                 AND (o.region_id IS NULL OR o.region_id = left(due.region_id, length(o.region_id))))
        ORDER BY t.tier LIMIT 1) AS rung ON true
"""


def _claim(*, now: datetime) -> list[Claimed]:
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "now": now,
                "on": timezone.localdate(now),
                "batch": BATCH,
                "tiers": [int(tier) for tier in CODE_LENGTH],
                "lengths": list(CODE_LENGTH.values()),
                "top": int(Tier.PUSAT),
            },
        )
        return [Claimed(*row) for row in cursor.fetchall()]


OFFICES = """
SELECT o.id, o.programme_id, o.tier, o.region_id
  FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS target(programme_id, tier, region_id)
  JOIN tiers_office o ON o.programme_id = target.programme_id AND o.tier = target.tier
   AND coalesce(o.region_id, '') = coalesce(target.region_id, '')
"""


def _offices(claimed: list[Claimed]) -> dict[tuple[int, int, str | None], int]:
    """Return the office of each target; one that nobody needed before comes into being here (D3)."""
    targets = {(case.programme, case.tier, case.region) for case in claimed if case.tier}
    with connection.cursor() as cursor:
        programmes, tiers, regions = ([target[part] for target in targets] for part in range(3))
        cursor.execute(OFFICES, [programmes, tiers, regions])
        known = {(programme, tier, region): pk for pk, programme, tier, region in cursor.fetchall()}
    rungs = {
        (programme.pk, rung.tier): rung
        for programme in Programme.objects.filter(pk__in={target[0] for target in targets})
        for rung in routing.ladder(programme)
    }
    for programme, tier, region in sorted(targets - known.keys(), key=str):
        place = Region.objects.get(pk=region) if region else Region()
        known[programme, tier, region] = routing.office_for(rungs[programme, tier], place).pk
    return known


# One statement changes the cases and appends their events; the digest follows Event.reckon_digest. A case without a
# clock in `clock` would get no deadline, which the table refuses: the batch fails aloud rather than skip it.
MOVE = """
WITH target AS (
  SELECT * FROM unnest(%(ids)s::bigint[], %(offices)s::bigint[], %(tiers)s::int[]) AS t(id, office_id, tier)),
clock AS (
  SELECT * FROM unnest(%(levels)s::bigint[], %(zones)s::text[], %(stages)s::text[], %(tier_dues)s::timestamptz[],
                       %(stage_dues)s::timestamptz[]) AS k(level, zone, stage, tier_due_at, stage_due_at)),
step AS MATERIALIZED (
  SELECT c.id, c.regency_code, c.region_id, c.zone, c.stage, c.office_id AS from_office, c.due_at, c.event_head,
         c.event_seq + 1 AS seq, t.office_id IS NULL AS at_top, coalesce(t.office_id, c.office_id) AS to_office,
         coalesce(t.tier, c.tier) AS tier,
         CASE WHEN t.office_id IS NULL THEN c.tier_due_at ELSE k.tier_due_at END AS tier_due_at,
         CASE WHEN t.office_id IS NULL THEN c.stage_due_at ELSE k.stage_due_at END AS stage_due_at,
         CASE WHEN t.office_id IS NULL THEN 'puncak-terlambat' ELSE 'eskalasi' END AS kind,
         format('{"from_tier":%%s,"to_tier":%%s}', c.tier, coalesce(t.tier, c.tier)) AS data
    FROM target t JOIN pengaduan_complaint c ON c.id = t.id
    LEFT JOIN clock k ON (k.level, k.zone, k.stage) = (c.service_level_id, c.zone, c.stage)),
sealed AS MATERIALIZED (
  SELECT s.*, event_digest(s.event_head, s.id, s.seq::int, %(now)s, NULL, s.kind, 'sistem', s.stage, s.stage,
                           s.from_office, s.to_office, s.due_at, s.tier_due_at, s.data, '') AS digest FROM step s),
moved AS (
  UPDATE pengaduan_complaint c
     SET office_id = s.to_office, tier = s.tier, tier_due_at = s.tier_due_at, stage_due_at = s.stage_due_at,
         tier_since = CASE WHEN s.at_top THEN c.tier_since ELSE %(now)s END,
         extended_until = CASE WHEN s.at_top THEN c.extended_until END,
         extensions = CASE WHEN s.at_top THEN c.extensions ELSE 0 END,
         handler_id = CASE WHEN s.at_top THEN c.handler_id END,
         escalations = c.escalations + (NOT s.at_top)::int,
         top_overdue_at = CASE WHEN s.at_top THEN %(now)s END,
         version = c.version + 1, event_seq = s.seq, event_head = s.digest
    FROM sealed s WHERE c.id = s.id)
INSERT INTO pengaduan_event (complaint_id, regency_code, seq, kind, at, actor, from_stage, to_stage, from_office_id,
                             to_office_id, due_at, tier_due_at, data, text_digest, previous, digest)
SELECT id, left(region_id, 5), seq, kind, %(now)s, 'sistem', stage, stage, from_office, to_office, due_at, tier_due_at,
       data, '', event_head, digest FROM sealed
RETURNING id, complaint_id, from_office_id, to_office_id, kind
"""


def _move(claimed: list[Claimed], offices: dict, *, now: datetime) -> list[tuple]:
    clock = list(_clock(now=now))
    with connection.cursor() as cursor:
        cursor.execute(
            MOVE,
            {
                "now": now,
                "ids": [case.complaint for case in claimed],
                "offices": [offices.get((case.programme, case.tier, case.region)) for case in claimed],
                "tiers": [case.tier for case in claimed],
                "levels": [row[0] for row in clock],
                "zones": [row[1] for row in clock],
                "stages": [row[2] for row in clock],
                "tier_dues": [row[3] for row in clock],
                "stage_dues": [row[4] for row in clock],
            },
        )
        return cursor.fetchall()


def _clock(*, now: datetime) -> Iterator[tuple]:
    """Yield (level, zone, stage, tier deadline, step deadline) of a full period from now (D32), as sla reckons it."""
    calendar = sla.holiday_calendar()
    for level in ServiceLevel.objects.all():
        for zone in Zone.values:
            period = sla.reckon_level(level, local_day(now, zone), calendar=calendar)
            for stage in Stage.values:
                step = sla.running_step(level, stage)
                step_due = None if step is None else sla.last_second(period.stages[step].due_on, zone)
                yield level.pk, zone, stage, sla.last_second(period.due_on, zone), step_due


# Who hears of it: complainants by mail at once and by SMS in the office hours of the place, as they chose, officers in
# those hours too; never the reported, never who stepped aside. The same rule in Python: notices.owe_for.
OWE = """
WITH event AS MATERIALIZED (
  SELECT e.id, e.complaint_id, e.kind, e.from_office_id, e.to_office_id, e.kind = 'puncak-terlambat' AS at_top,
         c.zone, left(c.region_id, 5) AS regency_code
    FROM unnest(%(events)s::bigint[]) AS wanted(id)
    JOIN pengaduan_event e ON e.id = wanted.id
    JOIN pengaduan_complaint c ON c.id = e.complaint_id),
staff AS MATERIALIZED (
  SELECT * FROM unnest(%(offices)s::bigint[], %(users)s::bigint[]) AS s(office_id, user_id)),
who AS (
  SELECT e.*, s.user_id, NULL::uuid AS complainant_id, false AS by_sms,
         CASE WHEN e.at_top THEN %(top)s ELSE %(here)s END AS template
    FROM event e JOIN staff s ON s.office_id = e.to_office_id
   UNION ALL
  SELECT e.*, s.user_id, NULL, false, %(away)s
    FROM event e JOIN staff s ON s.office_id = e.from_office_id WHERE e.from_office_id <> e.to_office_id
   UNION ALL
  SELECT e.*, NULL, p.id, channel.by_sms, CASE WHEN e.at_top THEN %(top_told)s ELSE %(told)s END
    FROM event e
    JOIN LATERAL (SELECT e.complaint_id AS id UNION ALL
                  SELECT m.id FROM pengaduan_complaint m WHERE m.merged_into_id = e.complaint_id) AS brought ON true
    JOIN pengaduan_complainant p ON p.complaint_id = brought.id AND p.withdrawn_at IS NULL
    JOIN LATERAL (VALUES (false, p.email_sealed <> ''), (true, p.sms_wanted AND %(sms)s)) AS channel(by_sms, chosen)
      ON channel.chosen)
INSERT INTO workflow_notification (id, event_id, complaint_id, regency_code, user_id, complainant_id, by_sms,
                                   template, created_at, next_attempt_at, attempts, last_error)
SELECT gen_random_uuid(), who.id, who.complaint_id, who.regency_code, who.user_id, who.complainant_id, who.by_sms,
       who.template, %(now)s, coalesce(hours.at, %(now)s), 0, ''
  FROM who LEFT JOIN unnest(%(zones)s::text[], %(opens)s::timestamptz[]) AS hours(zone, at)
    ON hours.zone = who.zone AND (who.user_id IS NOT NULL OR who.by_sms)
 WHERE NOT EXISTS (
       SELECT FROM pengaduan_reportedparty r WHERE r.complaint_id = who.complaint_id AND r.user_id = who.user_id)
   AND NOT EXISTS (
       SELECT FROM pengaduan_recusal r WHERE r.complaint_id = who.complaint_id AND r.user_id = who.user_id)
ON CONFLICT DO NOTHING
"""


def _owe(events: list[tuple], *, now: datetime) -> None:
    offices = {office for _, _, from_office, to_office, _ in events for office in (from_office, to_office)}
    staff = routing.staff(offices, on=timezone.localdate(now))
    calendar = sla.holiday_calendar()
    with connection.cursor() as cursor:
        cursor.execute(
            OWE,
            {
                "now": now,
                "events": [event[0] for event in events],
                "offices": [office for office, _ in staff],
                "users": [user for _, user in staff],
                "zones": Zone.values,
                "opens": [sla.next_office_hour(now, zone, calendar=calendar) for zone in Zone.values],
                "here": notices.ESCALATED_HERE,
                "away": notices.ESCALATED_AWAY,
                "top": notices.TOP_OVERDUE,
                "told": notices.TO_COMPLAINANT["eskalasi"],
                "top_told": notices.TO_COMPLAINANT["puncak-terlambat"],
                "sms": bool(settings.SMS_URL),
            },
        )
    _owe_above(events, {office for office, _ in staff}, now=now)


UNHEARD = """
SELECT e.id FROM unnest(%(events)s::bigint[]) AS wanted(id) JOIN pengaduan_event e ON e.id = wanted.id
 WHERE e.to_office_id = ANY(%(staffed)s)
   AND NOT EXISTS (SELECT FROM workflow_notification n
                    WHERE n.event_id = e.id AND n.user_id IS NOT NULL AND n.template = ANY(%(here)s))
"""


def _owe_above(events: list[tuple], staffed: set[int], *, now: datetime) -> None:
    """Tell the tier above of a case whose whole new office is kept from it; there are few of these (D49, D51)."""
    here = [notices.ESCALATED_HERE, notices.TOP_OVERDUE]
    with connection.cursor() as cursor:
        cursor.execute(UNHEARD, {"events": [event[0] for event in events], "staffed": list(staffed), "here": here})
        unheard = [pk for (pk,) in cursor.fetchall()]
    for event in Event.objects.filter(pk__in=unheard).select_related("complaint__programme"):
        template = notices.TOP_OVERDUE if event.kind == "puncak-terlambat" else notices.ESCALATED_HERE
        people = notices.people_of(event.complaint, [event.complaint.office_id], now=now)
        notices.owe_people(event, event.complaint, people, template, now=now)


def _refusal(*, now: datetime) -> SweepRun | None:
    """Hold a sweep back that would move far more than the calendar foresaw; return the run that says so."""
    last = SweepRun.objects.filter(refused="").order_by("-as_of").first()
    if last is None or now - last.as_of <= EXPECTED_GAP:
        return None
    running = Complaint.objects.clock_running().filter(top_overdue_at=None)
    overdue = running.filter(tier_due_at__lt=now).count()
    foreseen = running.filter(tier_due_at__lt=last.as_of + EXPECTED_GAP).count()
    if overdue <= max(ALWAYS_ALLOWED, FAR_MORE * foreseen):
        return None
    held = SweepRun.objects.filter(as_of__gt=last.as_of).exclude(refused="").first()
    if held:  # said before: one row and one notice, however often the beat tries
        SweepRun.objects.filter(pk=held.pk).update(as_of=now)
        return held
    reason = _("%(overdue)d pengaduan akan naik, padahal kalender memperkirakan %(foreseen)d. Periksa jam mesin.") % {
        "overdue": overdue,
        "foreseen": foreseen,
    }
    _tell_keepers(now=now)
    return SweepRun.objects.create(as_of=now, started_at=now, refused=reason)


def _tell_keepers(*, now: datetime) -> None:
    """Tell those who keep the system, and the coordinators at Pusat, that the escalation waits for a person."""
    tops = Office.objects.filter(tier=Tier.PUSAT).values_list("pk", flat=True)
    on = timezone.localdate(now)
    people = {
        user
        for each in (Permission.CONFIGURE, Permission.HEAR_ALARMS)
        for _, user in routing.staff(tops, on=on, permission=each)
    }
    Notification.objects.bulk_create(
        Notification(user_id=user, template=notices.SWEEP_HELD, created_at=now, next_attempt_at=now) for user in people
    )


def _keep_run(*, now: datetime, started: datetime, moved: int, flagged: int, by_hand: bool) -> SweepRun:
    """Keep what the run did; a run that found nothing moves the last empty row on, so that rows tell of work."""
    last = SweepRun.objects.order_by("-as_of").first()
    if last and not (moved or flagged or last.moved or last.flagged or last.refused) and last.as_of < now:
        SweepRun.objects.filter(pk=last.pk).update(as_of=now)
        return SweepRun.objects.get(pk=last.pk)
    return SweepRun.objects.create(as_of=now, started_at=started, moved=moved, flagged=flagged, by_hand=by_hand)
