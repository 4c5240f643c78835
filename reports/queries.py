"""Reckon the figures of a month from the complaints and their record (D44, D61).

`facts.FACTS` says how a case stood at the end; one statement folds the record once and counts every table from it, in
one snapshot, so that they agree. Rows are counted that were recorded by `as_of`. A month that is still running is
reckoned up to then.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from pengaduan.models import Stage, Weight
from pengaduan.models.complaint import SCOPE_COLUMN
from reports.figures.equity import HEARD, WRITTEN, equity
from reports.figures.facts import FACTS, STEPS_NAMED
from reports.figures.records import (
    MEASURE_NAMES,
    Case,
    Figures,
    Listed,
    Measures,
    Money,
    Owed,
    Point,
    Row,
)
from reports.figures.speeds import DAYS, STAGE, TIER, WHOLE, speeds
from reports.periods import Month
from reports.subject import BELOW, Subject
from tiers.models import CODE_LENGTH, Tier

VERSION = 2  # of the definitions; stored with every edition
TREND_MONTHS = 12
SOON = 30  # days after the period in which a deadline is soon
LISTED = 500  # cases of a list at most; the count beside it is always whole
AGES = (("0-5", 0), ("6-10", 6), ("11-30", 11), ("31-90", 31), ("91", 91))
"""Age groups of what is not yet followed up: code and the least days."""

WHICH = {
    "received": "received",
    "settled": "done_now AND settled",
    "settled_late": "done_now AND settled AND done_at > due_at",
    "aside": "done_now AND NOT settled",
    "open_before": "was_open",
    "open": "stage <> 'ditutup'",
    "late": "late",
    "not_followed_up": "stage = 'registrasi'",
    "merged": "received AND merged",
}
TIMES = ("closings", "reopenings", "rejections", "escalations", "complainants")
"""Which of `facts` a measure counts once, and which columns of it are added up."""

OWED = {
    "waiting": "NOT done AND waiting_since IS NOT NULL",
    "past_due": "tier_late",
    "due_soon": """NOT done AND waiting_since IS NULL AND tier_due_at >= %(end)s
        AND tier_due_at < %(end)s::timestamptz + make_interval(days => %(soon)s)""",
}
"""Which of those that are open a tier owes something, in the order of `records.Owed`."""

MEASURE = {name: f"count(*) FILTER (WHERE {which})" for name, which in WHICH.items()}
MEASURE |= {name: f"COALESCE(sum({name}), 0)::int" for name in TIMES}
MEASURES = ", ".join(MEASURE[name] for name in MEASURE_NAMES)
"""What is counted of a group of `facts`, in the order of `records.Measures`."""

DIMENSIONS = ("category", "place", "channel", "field", "source", "weight", "stage", "tier", "age")
SETS = ", ".join(f"({each})" for each in DIMENSIONS)
ONE = 2 ** len(DIMENSIONS) - 1
BY = " ".join(f"WHEN {ONE ^ 1 << place} THEN '{each}'" for place, each in enumerate(reversed(DIMENSIONS)))
CODE = ", ".join(f"{each}::text" for each in DIMENSIONS)

# The lists: which cases, and their rank, the least first; cases of equal rank stand by their numbers.
TOP_LATE = "(tier_late AND tier = %(top)s)"
LISTS = {
    "not_followed_up": ("stage = 'registrasi' AND NOT apart", "ARRAY[-age_days]"),
    "attention": (
        f"NOT done AND (prominent OR weight = 'berat' OR climbed > 1 OR {TOP_LATE})",
        f"ARRAY[-{TOP_LATE}::int, -prominent::int, -climbed, -age_days]",
    ),
}
REASONS = f"""array_remove(ARRAY[CASE WHEN {TOP_LATE} THEN 'puncak' END, CASE WHEN prominent THEN 'menonjol' END,
    CASE WHEN weight = 'berat' THEN 'berat' END, CASE WHEN climbed > 1 THEN 'eskalasi' END], NULL)"""


def _listed(chosen: str, rank: str) -> tuple[str, str]:
    ranked = f"""FROM (
        SELECT facts.*, {rank} AS rank, count(*) OVER cell AS total,
            row_number() OVER (cell ORDER BY {rank}, number COLLATE "C") AS at
        FROM facts WHERE {chosen} WINDOW cell AS (PARTITION BY {{cell}} true)
    ) ranked WHERE at <= {LISTED}"""
    return f"total, rank, number, category, region, stage, office, age_days, late, apart, {REASONS}", ranked


# What is counted: the columns of a row, and whence. `{cell}` is nothing for one area, or `bucket, concealed_tier,` to
# keep those apart: all rows may then be added up over cells (the oldest, the greatest; of the lists, the first ones).
PARTS = {
    "cells": (
        f"apart, CASE GROUPING({', '.join(DIMENSIONS)}) {BY} ELSE '' END, COALESCE({CODE}), {MEASURES}",
        f"FROM aged GROUP BY {{cell}} apart, GROUPING SETS ((), {SETS})",
    ),
    "money": (
        """done, count(*), sum(lost_amount)::text, sum(returned_amount)::text,
            sum(GREATEST(lost_amount - returned_amount, 0))::text""",
        """FROM facts WHERE NOT apart AND lost_amount IS NOT NULL AND (NOT done OR done_now AND settled)
            GROUP BY {cell} done""",
    ),
    "owed": (
        f"""tier, count(*), count(*) FILTER (WHERE {WHICH["not_followed_up"]}),
            {", ".join(f"count(*) FILTER (WHERE {which})" for which in OWED.values())},
            COALESCE(max(age_days) FILTER (WHERE NOT done), 0)""",
        "FROM facts WHERE NOT apart AND stage <> 'ditutup' GROUP BY {cell} tier",
    ),
    "days": ("what, code, days, count(*)", "FROM days GROUP BY {cell} what, code, days"),
    "secrecy": (
        "secrecy, sum(p.number)",
        "FROM people p JOIN facts USING (id) WHERE NOT apart GROUP BY {cell} secrecy",
    ),
    "recorded_by": ("by, count(*)", "FROM written GROUP BY {cell} by"),
    "villages": ("count(*)", "FROM heard GROUP BY {cell} ()"),
    **{name: _listed(*which) for name, which in LISTS.items()},
}
COUNTED = " UNION ALL ".join(
    f"SELECT '{part}', jsonb_build_array({{cell}} {columns})::text {source}"
    for part, (columns, source) in PARTS.items()
)
STATEMENT = f"""
{FACTS}, aged AS (
    SELECT facts.*, CASE WHEN stage = 'registrasi' THEN width_bucket(age_days, %(ages)s) END AS age FROM facts
), {DAYS}, {WRITTEN}, {HEARD}
{COUNTED}
"""
TOTALS = f"{FACTS} SELECT {MEASURES} FROM facts WHERE NOT apart"


def figures(subject: Subject, *, as_of: datetime) -> Figures:
    """Reckon the figures of a month, from what was recorded until `as_of`; of a running month, up to then."""
    before = ask(subject.before, TOTALS, as_of=as_of)[0]
    trend = () if subject.only else _trend(subject, as_of=as_of)  # it tells not of parts
    return assemble(subject, parts(subject, as_of=as_of), before=Measures(*before), trend=trend)


def parts(subject: Subject, *, as_of: datetime) -> dict[str, list[Any]]:
    """Count a period: rows of each of PARTS."""
    found = defaultdict(list)
    for part, row in ask(subject, STATEMENT, as_of=as_of, **of_parts(subject)):
        found[part].append(json.loads(row))
    return found


def of_parts(subject: Subject) -> dict[str, Any]:
    """Return what PARTS ask for beside `parameters`."""
    ladder = subject.programme.ladder.values_list("tier", flat=True)
    return {"ages": [least for _, least in AGES], "top": max(ladder, default=Tier.PUSAT), "soon": SOON}


def assemble(subject: Subject, counted: dict[str, list[Any]], *, before: Measures, trend: tuple[Point, ...]) -> Figures:
    """Put the figures of a month together from the rows of PARTS."""
    cells: dict[tuple[bool, str], dict[str, Measures]] = defaultdict(dict)
    for apart, by, code, *numbers in counted["cells"]:
        if code is not None or not by:
            cells[apart, by][code or ""] = Measures(*numbers)
    money = {done: Money(cases, *map(Decimal, amounts)) for done, cases, *amounts in counted["money"]}
    totals = cells[False, ""].get("", Measures())
    places = _rows(cells[False, "place"])
    return Figures(
        totals=totals,
        before=before,
        apart=cells[True, ""].get("", Measures()),
        categories=_rows(cells[False, "category"]),
        places=places,
        channels=_rows(cells[False, "channel"]),
        channels_apart=_rows(cells[True, "channel"]),
        stages=_rows(cells[False, "stage"], order=Stage.values),
        tiers=_rows(cells[False, "tier"]),
        ages=tuple(
            Row(name, cells[False, "age"].get(str(at), Measures())) for at, (name, _least) in enumerate(AGES, start=1)
        ),
        not_followed_up=_list(counted["not_followed_up"]),
        attention=_list(counted["attention"]),
        money_open=money.get(False, Money()),
        money_settled=money.get(True, Money()),
        fields=_rows(cells[False, "field"]),
        sources=_rows(cells[False, "source"]),
        weights=_rows(cells[False, "weight"], order=Weight.values),
        speed=speeds(counted["days"], WHOLE),
        stage_speeds=speeds(counted["days"], STAGE),
        tier_speeds=speeds(counted["days"], TIER),
        owed=tuple(Owed(str(tier), *numbers) for tier, *numbers in sorted(counted["owed"])),
        equity=equity(
            subject,
            secrecy=counted["secrecy"],
            recorded_by=counted["recorded_by"],
            villages_heard=sum(number for (number,) in counted["villages"]),
            places_heard={row.code for row in places if row.measures.received},
        ),
        trend=trend,
    )


def _rows(found: dict[str, Measures], *, order: Iterable[str] = ()) -> tuple[Row, ...]:
    """Return the groups of one kind in the order of their codes; a group in which nothing is counted is left out."""
    place = {code: at for at, code in enumerate(order)}
    return tuple(
        Row(code, found[code])
        for code in sorted(found, key=lambda code: (place.get(code, 0), code))
        if found[code] != Measures()
    )


def _list(rows: list[Any]) -> Listed:
    cases = [(rank, Case(*[*columns, tuple(reasons)])) for _total, rank, *columns, reasons in rows]
    first = sorted(cases, key=lambda each: (each[0], each[1].number))[:LISTED]
    return Listed(total=rows[0][0] if rows else 0, cases=tuple(case for _rank, case in first))


def ask(subject: Subject, sql: str, *, as_of: datetime, **more: Any) -> list[tuple]:
    """Run a statement for a subject; names of columns come from the tables above, never from outside."""
    slots: dict[str, str] = {}
    if subject.region:
        slots["here"] = f"AND c.{SCOPE_COLUMN[subject.tier]} = %(region)s"
        slots["there"] = "AND left(m.region, %(region_length)s) = %(region)s"
    if subject.without:
        slots["save"] = "AND c.id <> ALL(%(without)s)"
        more["without"] = list(subject.without)
    for column, code in subject.only:
        if column not in DIMENSIONS:
            raise ValueError(column)
        slots["only"] = slots.get("only", "") + f" AND h.{column}::text = %(only_{column})s"
        more[f"only_{column}"] = code
    return run(sql, parameters(subject, as_of=as_of) | more, **slots)


def parameters(subject: Subject, *, as_of: datetime) -> dict[str, Any]:
    """Return what every statement about a subject asks for."""
    return {
        "programme": subject.programme.pk,
        "region": subject.region.pk if subject.region else None,
        "region_length": len(subject.region.pk) if subject.region else 0,
        "place_length": CODE_LENGTH[BELOW[subject.tier]],
        "tier": subject.tier,
        "start": subject.period.starts_at,
        "end": min(subject.period.ends_at, as_of),
        "as_of": as_of,
        **STEPS_NAMED,
    }


SLOTS = ("here", "there", "cell", "save", "only")


def run(sql: str, values: dict[str, Any], **slots: str) -> list[tuple]:
    """Run a statement with its slots filled, those that are not named with nothing.

    `here` and `there` say an area, `cell` what is kept apart, `save` what is left out, `only` a part of the cases.
    """
    for slot in SLOTS:
        sql = sql.replace(f"{{{slot}}}", slots.get(slot, ""))
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


# A month of the trend counts as in the month's own report: a settlement when the case was still settled at the end, in
# the place where the case was then. `i` is the place of a month in the trend, the first being 0.
MONTH_OF = """(12 * (extract(year FROM {0} AT TIME ZONE 'Asia/Jakarta') - extract(year FROM %(first)s::date))
    + extract(month FROM {0} AT TIME ZONE 'Asia/Jakarta') - extract(month FROM %(first)s::date))::int"""
MONTH_END = "LEAST((%(first)s::timestamp + make_interval(months => i + 1)) AT TIME ZONE 'Asia/Jakarta', %(end)s)"
TREND = f"""
WITH moves AS MATERIALIZED (
    SELECT e.complaint_id AS id, e.seq, e.at, e.data::jsonb ->> 'was' AS region
    FROM pengaduan_event e WHERE e.kind = ANY(%(placing)s) AND e.at >= %(since)s AND e.data::jsonb ? 'was'
), moved AS MATERIALIZED (
    SELECT DISTINCT ON (m.id, i) m.id, i, m.region
    FROM moves m JOIN generate_series(0, %(months)s - 1) AS i ON m.at >= {MONTH_END}
    ORDER BY m.id, i, m.seq
), cases AS (
    SELECT c.* FROM pengaduan_complaint c WHERE NOT EXISTS (SELECT FROM moves m WHERE m.id = c.id) {{here}}
    UNION ALL
    SELECT c.* FROM pengaduan_complaint c WHERE c.id IN (SELECT id FROM moves)
), counting AS MATERIALIZED (
    SELECT c.id, c.region_id, c.concealed_tier, c.received_at FROM cases c
    JOIN pengaduan_channel k ON k.id = c.channel_id AND NOT k.counted_apart
    WHERE c.programme_id = %(programme)s AND c.concealed_tier < %(tier)s AND c.created_at <= %(as_of)s
        AND c.received_at < %(end)s AND (c.closed_at IS NULL OR c.closed_at >= %(since)s) {{save}}
), settlements AS (
    SELECT c.id, c.region_id, c.concealed_tier, e.seq, {MONTH_OF.format("e.at")} AS i
    FROM counting c JOIN pengaduan_event e ON e.complaint_id = c.id
    WHERE e.kind = ANY(%(settling)s) AND e.at >= %(since)s AND e.at < %(end)s AND e.from_stage <> ALL(%(done)s)
), happened AS (
    SELECT id, region_id, concealed_tier, {MONTH_OF.format("received_at")} AS i, 1 AS received, 0 AS settled
    FROM counting WHERE received_at >= %(since)s
    UNION ALL
    SELECT s.id, s.region_id, s.concealed_tier, s.i, 0, 1 FROM settlements s
    WHERE NOT EXISTS (
        SELECT FROM pengaduan_event l WHERE l.complaint_id = s.id AND l.seq > s.seq AND l.at < {MONTH_END}
            AND l.to_stage <> ALL(%(done)s)
    )
), counted AS (
    SELECT h.i, COALESCE(m.region, h.region_id) AS stood_at, h.concealed_tier, h.received, h.settled
    FROM happened h LEFT JOIN moved m ON m.id = h.id AND m.i = h.i
)
"""
TREND_BY_PLACE = f"""
{TREND}
SELECT i, CASE WHEN length(m.region) >= %(place_length)s THEN left(m.region, %(place_length)s) ELSE '' END AS place,
    concealed_tier > 0 AS concealed, sum(received)::int, sum(settled)::int
FROM (SELECT counted.*, stood_at AS region FROM counted) m WHERE true {{there}} GROUP BY i, place, concealed
"""


def trend_by_place(subject: Subject, *, as_of: datetime) -> list[tuple[Month, str, bool, int, int]]:
    """Return what was received and settled in each of twelve months: month, place, whether concealed, the two counts.

    Months and places in which nothing happened are left out.
    """
    rows = ask(subject, TREND_BY_PLACE, as_of=as_of, **of_trend(subject))
    return [(subject.period.back(TREND_MONTHS - 1 - at), *columns) for at, *columns in rows]


def of_trend(subject: Subject) -> dict[str, Any]:
    """Return what TREND asks for beside `parameters`."""
    first = subject.period.back(TREND_MONTHS - 1)
    return {"first": first.first, "since": first.starts_at, "months": TREND_MONTHS}


def points(subject: Subject, rows: Iterable[tuple[int, int, int]]) -> tuple[Point, ...]:
    """Return the trend from what was received and settled in its months, the first of them being 0."""
    counts = [[0, 0] for _ in range(TREND_MONTHS)]
    for at, received, settled in rows:
        counts[at][0] += received
        counts[at][1] += settled
    months = [subject.period.back(TREND_MONTHS - 1 - at) for at in range(TREND_MONTHS)]
    return tuple(Point(str(month), *both) for month, both in zip(months, counts, strict=True))


def _trend(subject: Subject, *, as_of: datetime) -> tuple[Point, ...]:
    rows = ask(subject, TREND_BY_PLACE, as_of=as_of, **of_trend(subject))
    return points(subject, [(at, *both) for at, _place, _concealed, *both in rows])
