"""Count a month by bucket with the statements of `queries`, and add the rows up again for an area (D44).

A *bucket* is a kabupaten, or a province where no kabupaten is known. Its rows begin with the tier up to which their
cases are concealed, and name places down to the kecamatan, so that the sum for every reader can be made of them.
"""

import heapq
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from reports import queries
from reports.figures.records import MEASURE_NAMES
from reports.periods import JAKARTA, Month
from reports.subject import BELOW, Subject
from tiers.models import CODE_LENGTH, Programme, Tier

Rows = dict[str, list[list[Any]]]

KEYS = {"cells": 3, "money": 1, "owed": 1, "days": 3, "secrecy": 1, "recorded_by": 1, "villages": 0, "trend": 1}
"""How many columns of a part say what is counted; the numbers follow. Beside them there are the lists."""

HEAD = 16  # cases of a list, of each concealed tier of a bucket, that stand by themselves
EVERYONE = Tier.PUSAT + 1  # from whom nothing is concealed

# `passing`: the first instant after which time itself may change a number, as deadlines pass or come near; `unknown`:
# until when the cases are not yet recorded that are there and were left out.
STATEMENT = f"""{queries.STATEMENT}
UNION ALL SELECT 'passing', jsonb_build_array(bucket, min(bound))::text
FROM facts CROSS JOIN LATERAL unnest(ARRAY[due_at, tier_due_at, tier_due_at - make_interval(days => %(soon)s)]) bound
WHERE NOT done AND bound >= %(end)s GROUP BY bucket
UNION ALL SELECT 'unknown', jsonb_build_array(left(c.region_id, 5), min(c.created_at) - interval '1 microsecond')::text
FROM pengaduan_complaint c
WHERE c.programme_id = %(programme)s AND c.created_at > %(as_of)s AND c.received_at < %(end)s {{here}}
GROUP BY c.region_id
"""
TREND = f"""
{queries.TREND}
SELECT left(stood_at, 5), concealed_tier, i, sum(received)::int, sum(settled)::int FROM counted
WHERE left(stood_at, 5) = ANY(%(buckets)s) GROUP BY left(stood_at, 5), concealed_tier, i
"""
CELL = "bucket, concealed_tier,"
IN_KABUPATEN = "AND c.regency_code = ANY(%(buckets)s)"
IN_NONE = "AND c.regency_code IS NULL AND c.province_code = ANY(%(buckets)s)"
NOT_KEPT = "AND c.id <> ALL(%(without)s)"
MOVED_OUT = "AND left(m.region, 5) = ANY(%(buckets)s)"


@dataclass
class Counted:
    """What was counted in a bucket, and until when it stays true if nothing is recorded (None: for good)."""

    rows: Rows = field(default_factory=lambda: defaultdict(list))
    until: datetime | None = None

    @property
    def totals(self) -> list[list[Any]]:
        """Return the measures of all that is not counted apart, by concealed tier."""
        return [[tier, *numbers] for tier, apart, by, _code, *numbers in self.rows["cells"] if not (apart or by)]

    def parted(self) -> tuple[Rows, Rows]:
        """Return the rows with the heads of the lists only, and what follows them."""
        heads, rest = dict(self.rows), {}
        for name in queries.LISTS:
            by_tier: dict[int, list[list[Any]]] = defaultdict(list)
            for row in sorted(self.rows[name], key=_rank):
                by_tier[row[0]].append(row)
            heads[name] = [row for rows in by_tier.values() for row in rows[:HEAD]]
            rest[name] = [row for rows in by_tier.values() for row in rows[HEAD:]]
        return heads, rest


def count(
    programme: Programme, month: Month, buckets: Sequence[str], *, as_of: datetime, without: tuple[int, ...] = ()
) -> dict[str, Counted]:
    """Count a month in each of some buckets, in the few statements of `queries`; a bucket without cases is empty."""
    until = None if as_of >= month.ends_at else _midnight_after(as_of)
    found = {bucket: Counted(until=until) for bucket in buckets}
    subject = Subject(programme, None, month, without=without)
    for in_place, here in ((True, IN_KABUPATEN), (False, IN_NONE)):
        if some := [each for each in buckets if (len(each) == CODE_LENGTH[Tier.KABUPATEN]) == in_place]:
            for part, (bucket, *row) in _counted(subject, some, here, as_of=as_of):
                if part == "unknown" or part == "passing" and until:
                    found[bucket].until = _earlier(found[bucket].until, row[0])
                elif part == "passing":
                    continue  # a month that has ended grows no older
                else:
                    found[bucket].rows[part].append(row)
    return found


def _counted(subject: Subject, buckets: list[str], here: str, *, as_of: datetime) -> Iterator[tuple[str, list[Any]]]:
    values = queries.parameters(subject, as_of=as_of) | {
        "tier": EVERYONE,
        "place_length": CODE_LENGTH[Tier.KECAMATAN],
        "buckets": buckets,
        "without": list(subject.without),
    }
    slots = {"here": here, "there": MOVED_OUT, "cell": CELL, "save": NOT_KEPT}
    for part, text in queries.run(STATEMENT, values | queries.of_parts(subject), **slots):
        row = json.loads(text)
        if part != "cells" or row[4] is not None or not row[3]:
            yield part, row
    for bucket, tier, at, *numbers in queries.run(TREND, values | queries.of_trend(subject), **slots):
        yield "trend", [bucket, tier, at, *numbers]


def _midnight_after(instant: datetime) -> datetime:
    """Return the end of the day in Jakarta that holds the microsecond before an instant, as ages are counted."""
    day = (instant - timedelta(microseconds=1)).astimezone(JAKARTA).date()
    return datetime.combine(day + timedelta(days=1), time.min, JAKARTA)


def _earlier(known: datetime | None, text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return min(known, at) if known else at


def add(counted: Mapping[str, Rows], subject: Subject, rest: Callable[[list[str]], Iterable[Rows]]) -> Rows:
    """Add up the rows of some buckets as the reader of a subject counts them: without what is concealed from them.

    `rest` gives what follows the heads of the lists of some buckets; it is asked for those that may be among the first.
    """
    reader, length = subject.tier, CODE_LENGTH[BELOW[subject.tier]]
    sums: dict[str, dict[tuple, list[Any]]] = {part: {} for part in KEYS}
    for rows in counted.values():
        for part, found in sums.items():
            _add(found, part, [row for row in rows.get(part, ()) if row[0] < reader], length)
    added = {part: [[*key, *numbers] for key, numbers in found.items()] for part, found in sums.items()}
    return added | _lists(counted, subject, rest)


def _add(sums: dict[tuple, list[Any]], part: str, rows: list[list[Any]], length: int) -> None:
    keys = 1 + KEYS[part]
    for row in rows:
        key, numbers = tuple(row[1:keys]), row[keys:]
        if part == "cells" and key[1] == "place":
            key = (*key[:2], key[2][:length] if len(key[2]) >= length else "")
        elif part == "money":
            numbers = [numbers[0], *map(Decimal, numbers[1:])]
        if known := sums.get(key):
            oldest = max(known[-1], numbers[-1])
            numbers = [one + other for one, other in zip(known, numbers, strict=True)]
            if part == "owed":
                numbers[-1] = oldest
        sums[key] = numbers


def _lists(counted: Mapping[str, Rows], subject: Subject, rest: Callable[[list[str]], Iterable[Rows]]) -> Rows:
    """Return the first cases of each list, by rank and number, of all buckets."""
    cells: dict[str, dict[tuple[str, int], list[list[Any]]]] = {name: defaultdict(list) for name in queries.LISTS}
    for bucket, rows in counted.items():
        for name, found in cells.items():
            for row in rows.get(name, ()):
                if row[0] < subject.tier:
                    found[bucket, row[0]].append(row)
    first = {name: _first(row for rows in found.values() for row in rows) for name, found in cells.items()}
    wanted = {bucket for name, found in cells.items() for bucket in _cut_short(found, first[name])}
    more = list(rest(sorted(wanted))) if wanted else []
    lists = {}
    for name, found in cells.items():
        total = sum(rows[0][1] for rows in found.values())
        followed = [row for rows in more for row in rows[name] if row[0] < subject.tier]
        lists[name] = [[total, *row[2:]] for row in _first([*first[name], *followed])]
    return lists


def _cut_short(cells: dict[tuple[str, int], list[list[Any]]], first: list[list[Any]]) -> Iterator[str]:
    """Yield the buckets of which a case that is not at hand may be among the first."""
    for (bucket, _tier), rows in cells.items():
        last = max(rows, key=_rank)
        if len(rows) < min(last[1], queries.LISTED) and (len(first) < queries.LISTED or _rank(last) < _rank(first[-1])):
            yield bucket


def _first(rows: Iterable[list[Any]]) -> list[list[Any]]:
    return heapq.nsmallest(queries.LISTED, rows, key=_rank)


def _rank(row: list[Any]) -> tuple[list[int], str]:
    """Return what a list is ordered by: the rank of a case, and its number."""
    return row[2], row[3]


def add_totals(counted: Iterable[list[list[Any]]], subject: Subject) -> list[int]:
    """Return the measures of an area from the totals of its buckets."""
    sums = [0] * len(MEASURE_NAMES)
    for rows in counted:
        for tier, *numbers in rows:
            if tier < subject.tier:
                sums = [one + other for one, other in zip(sums, numbers, strict=True)]
    return sums
