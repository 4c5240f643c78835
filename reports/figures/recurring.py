"""Reckon the figures of a quarter for the technical team: problems that recur in more than one kabupaten (D45).

The manual asks the team to look at "problems that come up often and in more than one kabupaten or province". One case
in each of two kabupaten may be chance, and many cases in one kabupaten are that kabupaten's own affair. A category
hence recurs when two or more kabupaten each brought two or more matters of it within the quarter (`PLACES`, `MATTERS`).
A duplicate is the same matter told twice and proves nothing: it counts as received, as in the monthly report, but not
as a matter. BPKP's findings stand apart as everywhere (D15). All else is read as it stood at the end of the quarter
(`facts.FACTS`), and the quarter before is reckoned by the same rule.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from reports import queries
from reports.figures.facts import FACTS, JAKARTA_DAY
from reports.figures.records import Count, Money, Point
from reports.periods import Quarter
from reports.subject import BELOW, Subject
from tiers.models import CODE_LENGTH, Region, Tier

VERSION = 1
PLACES, MATTERS = 2, 2  # so many kabupaten, with so many matters each, make a problem that recurs
MOST = 5  # kabupaten named with a problem


@dataclass(frozen=True)
class Problem:
    """What is counted of one category or field in a quarter; places are kabupaten/kota.

    `handled` are the cases open at some time of it; `rejected`, `reopened` and `escalated` how many of these cases had
    that befall them, so that they are shares of the handled ones and stand beside every speed (D61).
    """

    code: str
    received: int
    duplicates: int  # of these, found to be the same matter as another by the end
    matters_before: int  # received in the quarter before, without its duplicates
    places: int  # from which a matter came
    recurring_places: int  # from which two or more matters came
    recurring_before: int  # the same of the quarter before
    provinces: int  # from which a matter came
    most: tuple[Count, ...]  # the kabupaten with most matters
    handled: int
    rejected: int
    reopened: int
    escalated: int
    settled: int
    settled_late: int
    median_days: int | None  # from receipt to settlement, of what was settled
    p90_days: int | None
    open: int
    late: int
    money: Money  # of what is not settled, and what was settled in the quarter

    @property
    def matters(self) -> int:
        return self.received - self.duplicates


@dataclass(frozen=True)
class Cell:
    """How many matters of a category one place of the next level down brought."""

    category: str
    place: str
    number: int


@dataclass(frozen=True)
class Figures:
    """Everything that a quarterly report says."""

    totals: Problem
    apart: Problem
    categories: tuple[Problem, ...]
    fields: tuple[Problem, ...]
    cells: tuple[Cell, ...]
    silent_places: tuple[str, ...]
    trend: tuple[Point, ...]


def recurs(places: int) -> bool:
    """Say whether a problem with two or more matters in so many kabupaten is one that recurs."""
    return places >= PLACES


def figures(subject: Subject, *, as_of: datetime) -> Figures:
    """Reckon the figures of a quarter, from what was recorded until `as_of`."""
    groups = _by_code(queries.ask(subject, GROUPS, as_of=as_of))
    spread = _spread(queries.ask(subject, SPREAD, as_of=as_of))
    before = _spread(queries.ask(subject.before, SPREAD, as_of=as_of))
    codes = sorted({*groups, *before})
    categories, fields = (
        tuple(
            _problem(code, groups.get((by, code)), spread.get((by, code), {}), before.get((by, code), {}))
            for kind, code in codes
            if kind == by
        )
        for by in ("category", "field")
    )
    cells = _cells(subject, spread)
    return Figures(
        totals=_problem("", groups.get(("", "")), spread[("", "")], before[("", "")]),
        apart=_problem("", groups.get(("apart", "")), {}, {}),
        categories=categories,
        fields=fields,
        cells=cells,
        silent_places=_silent(subject, {cell.place for cell in cells}),
        trend=_trend(subject, as_of=as_of),
    )


# A duplicate was closed as the same matter as another when the quarter ended.
SORTED = f"""
{FACTS}, sorted AS (
    SELECT facts.*, received AND NOT merged AND NOT apart AS matter,
        {JAKARTA_DAY.format("done_at")} - {JAKARTA_DAY.format("received_at")} AS days
    FROM facts
)
"""
GROUPS = f"""
{SORTED}
SELECT CASE GROUPING(category, field) WHEN 1 THEN 'category' WHEN 2 THEN 'field'
        ELSE CASE WHEN apart THEN 'apart' ELSE '' END END AS by,
    COALESCE(category, field, '') AS code, apart,
    count(*) FILTER (WHERE received), count(*) FILTER (WHERE received AND merged),
    count(*) FILTER (WHERE received OR was_open OR reopenings > 0),
    count(*) FILTER (WHERE rejections > 0), count(*) FILTER (WHERE reopenings > 0),
    count(*) FILTER (WHERE escalations > 0),
    count(*) FILTER (WHERE done_now AND settled), count(*) FILTER (WHERE done_now AND settled AND done_at > due_at),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY days) FILTER (WHERE done_now AND settled),
    percentile_disc(0.9) WITHIN GROUP (ORDER BY days) FILTER (WHERE done_now AND settled),
    count(*) FILTER (WHERE stage <> 'ditutup'), count(*) FILTER (WHERE late),
    count(*) FILTER (WHERE counted), COALESCE(sum(lost_amount) FILTER (WHERE counted), 0),
    COALESCE(sum(returned_amount) FILTER (WHERE counted), 0),
    COALESCE(sum(GREATEST(lost_amount - returned_amount, 0)) FILTER (WHERE counted), 0)
FROM (SELECT s.*, lost_amount IS NOT NULL AND (NOT done OR done_now AND settled) AS counted FROM sorted s) s
GROUP BY GROUPING SETS ((apart), (apart, category), (apart, field))
"""
# Where matters came from: those whose place is known down to the kabupaten count for whether a problem recurs.
SPREAD = f"""
{SORTED}
SELECT CASE GROUPING(category, field) WHEN 1 THEN 'category' WHEN 2 THEN 'field' ELSE '' END AS by,
    COALESCE(category, field, '') AS code, bucket, count(*)
FROM sorted WHERE matter
GROUP BY GROUPING SETS ((bucket), (category, bucket), (field, bucket))
"""

By = tuple[str, str]  # by what is grouped (category, field; "" the whole), and its code


def _by_code(rows: Iterable[tuple]) -> dict[By, tuple]:
    return {(by, code): tuple(counts) for by, code, apart, *counts in rows if not apart or by == "apart"}


def _spread(rows: Iterable[tuple]) -> dict[By, dict[str, int]]:
    """Return of each group how many matters came from each kabupaten; a place known no closer is a province's code."""
    found: dict[By, dict[str, int]] = defaultdict(dict)
    for by, code, regency, number in rows:
        found[by, code][regency] = number
    return found


def _problem(code: str, counts: tuple | None, now: dict[str, int], before: dict[str, int]) -> Problem:
    received, duplicates, handled, rejected, reopened, escalated, settled, late_settled, median, p90, *rest = (
        counts or (*[0] * 8, None, None, *[0] * 3, *[Decimal(0)] * 3)
    )
    known = {code: number for code, number in now.items() if _is_regency(code)}
    return Problem(
        code=code,
        received=received,
        duplicates=duplicates,
        matters_before=sum(before.values()),
        places=len(known),
        recurring_places=_recurring(now),
        recurring_before=_recurring(before),
        provinces=len({regency[:2] for regency in known}),
        most=tuple(Count(*each) for each in sorted(known.items(), key=lambda each: (-each[1], each[0]))[:MOST]),
        handled=handled,
        rejected=rejected,
        reopened=reopened,
        escalated=escalated,
        settled=settled,
        settled_late=late_settled,
        median_days=median,
        p90_days=p90,
        open=rest[0],
        late=rest[1],
        money=Money(*rest[2:]),
    )


def _recurring(spread: dict[str, int]) -> int:
    return sum(number >= MATTERS for code, number in spread.items() if _is_regency(code))


def _is_regency(code: str) -> bool:
    return len(code) == CODE_LENGTH[Tier.KABUPATEN]


def _cells(subject: Subject, spread: dict[By, dict[str, int]]) -> tuple[Cell, ...]:
    """Return what the kabupaten brought of each category, added up by the places of the next level down."""
    length = CODE_LENGTH[BELOW[subject.tier]]
    cells: dict[tuple[str, str], int] = defaultdict(int)
    for (by, category), numbers in spread.items():
        for code, number in numbers.items() if by == "category" else ():
            cells[category, code[:length] if len(code) >= length else ""] += number
    return tuple(Cell(*where, number) for where, number in sorted(cells.items()))


def _silent(subject: Subject, heard: set[str]) -> tuple[str, ...]:
    """Return the places of the next level down from which nothing came: maybe there is no way to complain (D61)."""
    below: dict[str, Any] = {"tier": BELOW[subject.tier]}
    if subject.region:
        below["code__startswith"] = f"{subject.region.code}."
    last = subject.period.last
    there = Region.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=last), Q(valid_to=None) | Q(valid_to__gte=last), **below
    )
    return tuple(there.exclude(code__in=heard).order_by("code").values_list("code", flat=True))


def _trend(subject: Subject, *, as_of: datetime) -> tuple[Point, ...]:
    """Return the twelve months that end with the quarter."""
    assert isinstance(subject.period, Quarter)
    last = subject.period.months[-1]
    counts = {last.back(back): [0, 0] for back in reversed(range(queries.TREND_MONTHS))}
    for month, _place, _concealed, *numbers in queries.trend_by_place(replace(subject, period=last), as_of=as_of):
        counts[month] = [sum(each) for each in zip(counts[month], numbers, strict=True)]
    return tuple(Point(str(month), *numbers) for month, numbers in counts.items())
