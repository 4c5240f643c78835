"""Reckon the figures of a month from the complaints and their record (D44, D61).

One definition of a case as it stood at the end of the month (`FACTS`) carries every table, so that they agree. What
stood is read from the events before that instant, hence later steps change nothing; only money, weight, the
prominent flag and the place are taken as they are known at `as_of`. Rows are counted that were recorded by then. A
month that is still running is reckoned up to `as_of`.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from pengaduan.models import Outcome, Stage
from pengaduan.models.complaint import SCOPE_COLUMN
from reports.periods import Month
from reports.records import Case, Figures, Listed, Measures, Money, Point, Row
from reports.subject import Subject
from tiers.models import Tier
from workflow.machine import STEPS

VERSION = 1  # of the definitions; stored with every edition
TREND_MONTHS = 12
LISTED = 500  # cases of a list at most; the count beside it is always whole
AGES = (("0-5", 0), ("6-10", 6), ("11-30", 11), ("31-90", 31), ("91", 91))
"""Age groups of what is not yet followed up: code and the least days."""

DONE = [Stage.FEEDBACK, Stage.CLOSED]
SETTLING = [step.code for step in STEPS if step.target == Stage.FEEDBACK or step.outcome == Outcome.UNPROVEN]
"""The steps that settle a case: the result is told, or another person confirms that it did not happen."""


def figures(subject: Subject, *, as_of: datetime) -> Figures:
    """Reckon the figures of a month, from what was recorded until `as_of`; of a running month, up to then."""
    groups = _groups(subject, as_of=as_of)
    before = _groups(subject.before, as_of=as_of)
    money = _money(subject, as_of=as_of)
    return Figures(
        totals=_total(groups, apart=False),
        before=_total(before, apart=False),
        apart=_total(groups, apart=True),
        categories=_rows(groups, "category"),
        places=_rows(groups, "place"),
        channels=_rows(groups, "channel"),
        channels_apart=_rows(groups, "channel", apart=True),
        stages=_rows(groups, "stage"),
        tiers=_rows(groups, "tier"),
        ages=_rows(groups, "age"),
        not_followed_up=_list(subject, NOT_FOLLOWED_UP, as_of=as_of),
        attention=_list(subject, ATTENTION, as_of=as_of),
        money_open=money.get(False, Money()),
        money_settled=money.get(True, Money()),
        trend=_trend(subject, as_of=as_of),
    )


# One row a case that was open at some time of the month, or came in during it. `h` folds its events before the end of
# the month; the first event counts always, since a letter may be recorded after the month in which it came.
FACTS = """
WITH held AS (
    SELECT c.id, c.number, c.received_at, c.weight, c.prominent, c.lost_amount, c.returned_amount,
        COALESCE(c.district_code, c.regency_code, c.province_code, c.region_id) AS region,
        COALESCE(c.{place}, '') AS place,
        k.code AS channel, k.counted_apart AS apart, COALESCE(was.category, g.code) AS category,
        c.concealed_tier > 0 AS concealed, o.tier, o.name AS office, w.started_at AS waiting_since, h.*
    FROM pengaduan_complaint c
    JOIN pengaduan_channel k ON k.id = c.channel_id
    JOIN pengaduan_category g ON g.id = c.category_id
    CROSS JOIN LATERAL (
        SELECT (array_agg(e.to_stage ORDER BY e.seq DESC) FILTER (WHERE e.to_stage <> ''))[1] AS stage,
            (array_agg(e.to_stage ORDER BY e.seq DESC)
                FILTER (WHERE e.to_stage <> '' AND (e.at < %(start)s OR e.seq = 1)))[1] AS stage_before,
            (array_agg(e.to_office_id ORDER BY e.seq DESC) FILTER (WHERE e.to_office_id IS NOT NULL))[1] AS office_id,
            (array_agg(e.due_at ORDER BY e.seq DESC) FILTER (WHERE e.due_at IS NOT NULL))[1] AS due_at,
            (array_agg(e.tier_due_at ORDER BY e.seq DESC) FILTER (WHERE e.tier_due_at IS NOT NULL))[1] AS tier_due_at,
            (array_agg(e.at ORDER BY e.seq DESC) FILTER ({ended}))[1] AS done_at,
            (array_agg(e.kind ORDER BY e.seq DESC) FILTER ({ended}))[1] AS done_by,
            (array_agg(e.kind ORDER BY e.seq DESC)
                FILTER (WHERE e.to_stage = 'ditutup' AND e.from_stage <> 'ditutup'))[1] AS closed_by,
            count(*) FILTER (WHERE e.kind = 'eskalasi') AS climbed,
            count(*) FILTER (WHERE e.kind = 'eskalasi' AND e.at >= %(start)s) AS escalations,
            count(*) FILTER (WHERE e.at >= %(start)s AND e.to_stage = 'ditutup' AND e.from_stage <> 'ditutup')
                AS closings,
            count(*) FILTER (WHERE e.at >= %(start)s AND e.from_stage = 'ditutup' AND e.to_stage <> 'ditutup')
                AS reopenings,
            count(*) FILTER (WHERE e.at >= %(start)s AND e.from_stage = 'umpan-balik' AND e.to_stage <> ALL(%(done)s))
                AS rejections
        FROM pengaduan_event e WHERE e.complaint_id = c.id AND (e.at < %(end)s OR e.seq = 1)
    ) h
    JOIN tiers_office o ON o.id = h.office_id
    LEFT JOIN LATERAL (  -- the category that it had at the end of the month
        SELECT e.data::jsonb ->> 'from' AS category FROM pengaduan_event e
        WHERE e.complaint_id = c.id AND e.kind = 'ubah-kategori' AND e.at >= %(end)s ORDER BY e.seq LIMIT 1
    ) was ON true
    LEFT JOIN LATERAL (  -- the waiting for the complainant that lasted when the month ended: the clock stood (D12)
        SELECT p.started_at FROM workflow_pause p
        WHERE p.complaint_id = c.id AND p.started_at < %(end)s AND (p.ended_at IS NULL OR p.ended_at >= %(end)s)
        LIMIT 1
    ) w ON true
    WHERE c.programme_id = %(programme)s AND c.concealed_tier < %(tier)s {area}
        AND c.created_at <= %(as_of)s AND c.received_at < %(end)s
        AND (c.received_at >= %(start)s OR c.closed_at IS NULL OR c.closed_at >= %(start)s)
), facts AS MATERIALIZED (
    SELECT h.*,
        h.stage = ANY(%(done)s) AS done,
        h.received_at < %(start)s AND h.stage_before <> 'ditutup' AS was_open,
        h.stage = ANY(%(done)s) AND h.done_at >= %(start)s AS done_now,
        h.done_by = ANY(%(settling)s) AS settled,
        h.stage <> ALL(%(done)s) AND h.due_at < COALESCE(h.waiting_since, %(end)s) AS late,
        h.stage <> ALL(%(done)s) AND h.tier_due_at < COALESCE(h.waiting_since, %(end)s) AS tier_late,
        (%(end)s AT TIME ZONE 'Asia/Jakarta' - interval '1 microsecond')::date
            - (h.received_at AT TIME ZONE 'Asia/Jakarta')::date AS age_days
    FROM held h
)
"""
ENDED = "WHERE e.to_stage = ANY(%(done)s) AND e.from_stage <> ALL(%(done)s)"

MEASURES = """
    count(*) FILTER (WHERE received_at >= %(start)s) AS received,
    count(*) FILTER (WHERE done_now AND settled) AS settled,
    count(*) FILTER (WHERE done_now AND settled AND done_at > due_at) AS settled_late,
    count(*) FILTER (WHERE done_now AND NOT settled) AS aside,
    count(*) FILTER (WHERE was_open) AS open_before,
    count(*) FILTER (WHERE stage <> 'ditutup') AS open,
    count(*) FILTER (WHERE late) AS late,
    sum(closings)::int AS closings, sum(reopenings)::int AS reopenings, sum(rejections)::int AS rejections,
    sum(escalations)::int AS escalations,
    count(*) FILTER (WHERE stage = 'registrasi') AS not_followed_up,
    0 AS complainants
"""
GROUPS = f"""
{FACTS}, aged AS (
    SELECT facts.*, CASE WHEN stage = 'registrasi' THEN width_bucket(age_days, %(ages)s) END AS age FROM facts
)
SELECT apart, CASE GROUPING(category, place, channel, stage, tier, age)
        WHEN 31 THEN 'category' WHEN 47 THEN 'place' WHEN 55 THEN 'channel' WHEN 59 THEN 'stage' WHEN 61 THEN 'tier'
        WHEN 62 THEN 'age' ELSE '' END AS by,
    COALESCE(category, place, channel, stage, tier::text, age::text) AS code, {MEASURES}
FROM aged
GROUP BY GROUPING SETS ((apart), (apart, category), (apart, place), (apart, channel), (apart, stage), (apart, tier),
    (apart, age))
"""
MONEY = f"""
{FACTS}
SELECT done, count(*), sum(lost_amount), sum(returned_amount), sum(GREATEST(lost_amount - returned_amount, 0))
FROM facts WHERE NOT apart AND lost_amount IS NOT NULL AND (NOT done OR done_now AND settled) GROUP BY done
"""

# The lists: which cases, why, and which first.
NOT_FOLLOWED_UP = ("stage = 'registrasi' AND NOT apart", "age_days DESC, number")
TOP_LATE = "tier_late AND tier = %(top)s"
ATTENTION = (
    f"NOT done AND (prominent OR weight = 'berat' OR climbed > 1 OR {TOP_LATE})",
    f"({TOP_LATE}) DESC, prominent DESC, climbed DESC, age_days DESC, number",
)
LIST = f"""
{FACTS}
SELECT count(*) OVER (), number, category, region, stage, office, age_days, late, apart,
    ARRAY_REMOVE(ARRAY[CASE WHEN {TOP_LATE} THEN 'puncak' END, CASE WHEN prominent THEN 'menonjol' END,
        CASE WHEN weight = 'berat' THEN 'berat' END, CASE WHEN climbed > 1 THEN 'eskalasi' END], NULL)
FROM facts WHERE {{chosen}} ORDER BY {{order}} LIMIT {LISTED}
"""

# A settlement counts in its month when the case was still settled at that month's end, as in the month's own report.
TREND = """
WITH bounds AS (SELECT i, (%(first)s::timestamp + make_interval(months => i)) AT TIME ZONE 'Asia/Jakarta' AS start,
        (%(first)s::timestamp + make_interval(months => i + 1)) AT TIME ZONE 'Asia/Jakarta' AS end
    FROM generate_series(0, %(months)s - 1) AS i
), cases AS (
    SELECT c.id, c.received_at, COALESCE(c.{place}, '') AS place, c.concealed_tier > 0 AS concealed
    FROM pengaduan_complaint c JOIN pengaduan_channel k ON k.id = c.channel_id
    WHERE c.programme_id = %(programme)s AND c.concealed_tier < %(tier)s {area} AND NOT k.counted_apart
        AND c.created_at <= %(as_of)s AND c.received_at < %(end)s
        AND (c.received_at >= %(since)s OR c.closed_at IS NULL OR c.closed_at >= %(since)s)
), counted AS (
    SELECT b.i, c.place, c.concealed, 1 AS received, 0 AS settled
    FROM bounds b JOIN cases c ON c.received_at >= b.start AND c.received_at < b.end
    UNION ALL
    SELECT b.i, c.place, c.concealed, 0, 1 FROM cases c
    JOIN pengaduan_event e ON e.complaint_id = c.id AND e.kind = ANY(%(settling)s) AND e.from_stage <> ALL(%(done)s)
    JOIN bounds b ON e.at >= b.start AND e.at < b.end
    WHERE NOT EXISTS (
        SELECT FROM pengaduan_event l WHERE l.complaint_id = c.id AND l.seq > e.seq AND l.at < b.end
            AND l.to_stage <> '' AND l.to_stage <> ALL(%(done)s)
    )
)
SELECT i, place, concealed, sum(received)::int, sum(settled)::int FROM counted GROUP BY i, place, concealed
"""


def ask(subject: Subject, sql: str, *, as_of: datetime, **more: Any) -> list[tuple]:
    """Run a statement for a subject; names of columns come from the tables above, never from outside."""
    area = "" if subject.region is None else f"AND c.{SCOPE_COLUMN[subject.tier]} = %(region)s"
    with connection.cursor() as cursor:
        cursor.execute(
            sql.replace("{place}", subject.place_column).replace("{area}", area).replace("{ended}", ENDED),
            {
                "programme": subject.programme.pk,
                "region": subject.region.pk if subject.region else None,
                "tier": subject.tier,
                "start": subject.period.starts_at,
                "end": min(subject.period.ends_at, as_of),
                "as_of": as_of,
                "done": DONE,
                "settling": SETTLING,
                **more,
            },
        )
        return cursor.fetchall()


def _groups(subject: Subject, *, as_of: datetime) -> list[tuple]:
    return ask(subject, GROUPS, as_of=as_of, ages=[least for _, least in AGES])


def _rows(groups: list[tuple], by: str, *, apart: bool = False) -> tuple[Row, ...]:
    """Return the groups of one kind in the order of their codes; a group in which nothing is counted is left out."""
    found = {
        code: Measures(*counts)
        for is_apart, kind, code, *counts in groups
        if (kind, is_apart) == (by, apart) and code is not None
    }
    if by == "age":
        return tuple(Row(name, found.get(str(place), Measures())) for place, (name, _) in enumerate(AGES, start=1))
    order = list(Stage.values).index if by == "stage" else str
    counted = [Row(code, measures) for code, measures in found.items() if measures != Measures()]
    return tuple(sorted(counted, key=lambda row: order(row.code)))


def _total(groups: list[tuple], *, apart: bool) -> Measures:
    found = (Measures(*counts) for is_apart, by, _, *counts in groups if (by, is_apart) == ("", apart))
    return next(found, Measures())


def _money(subject: Subject, *, as_of: datetime) -> dict[bool, Money]:
    return {done: Money(*amounts) for done, *amounts in ask(subject, MONEY, as_of=as_of)}


def _list(subject: Subject, which: tuple[str, str], *, as_of: datetime) -> Listed:
    chosen, order = which
    top = max(subject.programme.ladder.values_list("tier", flat=True), default=Tier.PUSAT)
    rows = ask(subject, LIST.replace("{chosen}", chosen).replace("{order}", order), as_of=as_of, top=top)
    cases = tuple(Case(*[*columns, tuple(reasons)]) for _, *columns, reasons in rows)
    return Listed(total=rows[0][0] if rows else 0, cases=cases)


def trend_by_place(subject: Subject, *, as_of: datetime) -> list[tuple[Month, str, bool, int, int]]:
    """Return what was received and settled in each of twelve months: month, place, whether concealed, the two counts.

    Months and places in which nothing happened are left out.
    """
    first = subject.period.back(TREND_MONTHS - 1)
    rows = ask(subject, TREND, as_of=as_of, first=first.first, since=first.starts_at, months=TREND_MONTHS)
    return [(subject.period.back(TREND_MONTHS - 1 - place), *columns) for place, *columns in rows]


def _trend(subject: Subject, *, as_of: datetime) -> tuple[Point, ...]:
    counts: dict[Month, list[int]] = {
        subject.period.back(TREND_MONTHS - 1 - each): [0, 0] for each in range(TREND_MONTHS)
    }
    for month, _place, _concealed, received, settled in trend_by_place(subject, as_of=as_of):
        counts[month][0] += received
        counts[month][1] += settled
    return tuple(Point(str(month), received, settled) for month, (received, settled) in counts.items())
