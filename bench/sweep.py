"""The escalation of all that is overdue, beside the three bare statements and beside one case at a time."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from bench.measuring import Table, Taken, backend, measure, resident_mb
from pengaduan.models import Complaint
from workflow import escalation, routing, sla, taking
from workflow.machine import BY_CODE
from workflow.models import Notification

AHEAD = timedelta(days=240)  # by then every running case is overdue
SAMPLE = 200
BUDGET, BUDGET_SHARE = 2_000, 0.5

# The offices to which the cases go, so that neither side has to make them.
OFFICES = """
INSERT INTO tiers_office (programme_id, tier, region_id, name, responsible_person, address, phone, email, opens_at,
                          closes_at)
SELECT DISTINCT c.programme_id, t.tier, CASE t.tier WHEN 2 THEN c.district_code WHEN 3 THEN c.regency_code
       WHEN 4 THEN c.province_code END, 'Kantor', '', '', '', '', time '08:00', time '16:00'
  FROM pengaduan_complaint c JOIN tiers_programmetier t ON t.programme_id = c.programme_id AND t.tier > c.tier
 WHERE c.closed_at IS NULL
ON CONFLICT DO NOTHING
"""
BARE = (
    """
    CREATE TEMPORARY TABLE bare ON COMMIT DROP AS
    SELECT c.id, c.office_id AS from_office, o.id AS to_office, o.tier, c.event_seq + 1 AS seq, c.stage,
           c.regency_code
      FROM pengaduan_complaint c
      JOIN LATERAL (SELECT min(t.tier) AS tier FROM tiers_programmetier t
                     WHERE t.programme_id = c.programme_id AND t.tier > c.tier) up ON up.tier IS NOT NULL
      JOIN tiers_office o ON o.programme_id = c.programme_id AND o.tier = up.tier
           AND coalesce(o.region_id, '') = CASE up.tier WHEN 2 THEN c.district_code WHEN 3 THEN c.regency_code
                                                        WHEN 4 THEN c.province_code ELSE '' END
     WHERE c.closed_at IS NULL AND c.waiting_since IS NULL AND c.settled_at IS NULL AND c.top_overdue_at IS NULL
       AND c.tier_due_at < %(now)s
    """,
    """
    UPDATE pengaduan_complaint c SET office_id = b.to_office, tier = b.tier, tier_due_at = %(now)s + interval '26 days',
           tier_since = %(now)s, handler_id = NULL, escalations = escalations + 1, version = version + 1,
           event_seq = b.seq FROM bare b WHERE c.id = b.id
    """,
    """
    INSERT INTO pengaduan_event (complaint_id, regency_code, seq, kind, at, actor, from_stage, to_stage, from_office_id,
                                 to_office_id, data, text_digest, previous, digest)
    SELECT id, regency_code, seq, 'eskalasi', %(now)s, 'sistem', stage, stage, from_office, to_office, '{}', '', '', ''
      FROM bare
    """,
    """
    INSERT INTO workflow_notification (id, event_id, complaint_id, regency_code, user_id, template, created_at,
                                       next_attempt_at, attempts, last_error)
    SELECT gen_random_uuid(), e.id, b.id, b.regency_code, a.user_id, 'petugas-eskalasi', %(now)s, %(now)s, 0, ''
      FROM bare b JOIN pengaduan_event e ON (e.complaint_id, e.seq) = (b.id, b.seq)
      JOIN tiers_assignment a ON a.office_id IN (b.from_office, b.to_office)
    ON CONFLICT DO NOTHING
    """,
)


def escalate(table: Table) -> None:
    pid, now = backend(), timezone.now() + AHEAD
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(OFFICES)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE tiers_office")
    bare, cases = _undone(lambda: _bare(now), pid)
    single, sample = _undone(lambda: _one_by_one(now), pid)
    _vacuum()
    before, memory = Notification.objects.count(), _Memory()
    run = None

    def sweep() -> None:
        nonlocal run
        run = escalation.sweep(now=now, by_hand=True)

    with memory:
        taken = measure(sweep, pid)
    moved = run.moved + run.flagged
    notices = Notification.objects.count() - before
    share = (moved / taken.cpu) / (cases / bare.cpu)
    table.add(
        "escalation: the sweep",
        f"{moved / taken.wall:,.0f}/s, {moved / taken.cpu:,.0f}/CPU s",
        beside=f"{moved:,} cases, {notices:,} notices; batch <= {memory.longest:.1f} s",
        budget=f">= {BUDGET:,}/s",
        met=moved / taken.wall >= BUDGET,
    )
    table.add(
        "escalation: beside the bare statements",
        f"{share:.2f} of the floor",
        beside=f"floor {cases / bare.wall:,.0f}/s, {cases / bare.cpu:,.0f}/CPU s",
        budget=f">= {BUDGET_SHARE}",
        met=share >= BUDGET_SHARE,
    )
    table.add(
        "escalation: beside one case at a time",
        f"{(moved / taken.cpu) / (sample / single.cpu):,.0f} times",
        beside=f"peer {sample / single.wall:,.0f}/s, {sample / single.cpu:,.0f}/CPU s",
    )
    table.add("escalation: memory of the worker", f"{memory.first:.0f} -> {memory.most:.0f} MB over {moved:,}")


def _undone(work: Callable[[], int], pid: int) -> tuple[Taken, int]:
    """Do the work in a transaction that is taken back; return what it took and how many cases it was."""
    number = 0

    def counted() -> None:
        nonlocal number
        with transaction.atomic():
            number = work()
            connection.check_constraints()
            transaction.set_rollback(True)

    return measure(counted, pid), number


def _bare(now) -> int:
    with connection.cursor() as cursor:
        for statement in BARE:
            cursor.execute(statement, {"now": now})
        cursor.execute("SELECT count(*) FROM bare")
        return cursor.fetchone()[0]


def _one_by_one(now) -> int:
    """Take cases up with the functions for a single case, as a loop of tasks would."""
    overdue = list(
        Complaint.objects.overdue(now=now).filter(tier__lt=5).order_by("?").values_list("pk", flat=True)[:SAMPLE]
    )
    for pk in overdue:
        complaint = (
            Complaint.objects.select_for_update(of=("self",))
            .select_related("programme", "service_level", "region", "office")
            .get(pk=pk)
        )
        office = routing.above(complaint)
        if office is None:
            continue
        clock = sla.tier_deadline(complaint, since=now)
        taking.take(
            complaint, BY_CODE["eskalasi"], now=now, office=office, tier=office.tier, tier_since=now, handler=None,
            tier_due_at=clock.tier_due_at, stage_due_at=clock.stage_due_at, escalations=complaint.escalations + 1,
        )  # fmt: skip
    return len(overdue)


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE pengaduan_complaint, pengaduan_event, workflow_notification")


class _Memory:
    """Look at the memory of this process after each batch, and at the longest batch."""

    def __enter__(self) -> "_Memory":
        self.batch, self.first, self.most, self.longest = escalation._batch, 0.0, 0.0, 0.0

        def watched(**when):
            began = time.perf_counter()
            done = self.batch(**when)
            self.longest = max(self.longest, time.perf_counter() - began)
            now = resident_mb()
            self.first = self.first or now
            self.most = max(self.most, now)
            return done

        escalation._batch = watched
        return self

    def __exit__(self, *_: object) -> None:
        escalation._batch = self.batch
