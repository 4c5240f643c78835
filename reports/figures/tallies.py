"""The figures of a month as sums of kept ones, one a kabupaten: as fast for ten million cases as for one (D44).

`queries` is the definition; here what it counts is kept by bucket and added up. A bucket is reckoned anew when
something was recorded in it since (the database marks that: see the migration of the tables), or when time may have
changed it: a deadline passed, a day went by. What may not be kept is reckoned on the spot: as of an instant before the
kept one, or for a reader from whom a case is kept. So a sum is never of less than was committed when it was asked for.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import connection, transaction

from reports import queries
from reports.figures import sums
from reports.figures.facts import PLACING
from reports.figures.records import Figures, Measures
from reports.periods import Month
from reports.subject import Subject
from reports.tally_models import Tally
from tiers.models import Programme, Region, Tier

BATCH = 128  # buckets that are reckoned in one statement and committed together
KEPT_MONTHS = 5  # the running one, those whose reports are corrected, and what these compare themselves with
LOCK = 5_121  # of an advisory lock, with the programme


def figures(subject: Subject, *, as_of: datetime) -> Figures:
    """Return the same as `queries.figures`, of kept buckets as far as they are true.

    Waits for others who reckon buckets of the programme, and where it is called in a transaction lets them wait until
    that ends.
    """
    if subject.only:
        return queries.figures(subject, as_of=as_of)
    buckets = buckets_of(subject.region)
    found, versions = _of_buckets(subject, buckets, "parts", as_of=as_of)
    try:
        rows = sums.add(found, subject, partial(_rest, subject, versions))
    except _Changed:  # all is read again
        return figures(subject, as_of=as_of)
    totals, _versions = _of_buckets(subject.before, buckets, "totals", as_of=as_of)
    before = sums.add_totals(totals.values(), subject)
    trend = [(at, received, settled) for at, received, settled in rows["trend"]]
    return queries.assemble(subject, rows, before=Measures(*before), trend=queries.points(subject, trend))


def prepare(programmes: Sequence[Programme], *, now: datetime) -> int:
    """Reckon what is no longer true of the months that are kept; return how many buckets that were.

    Each batch is committed, so that a run that was cut short is taken up by the next one.
    """
    running = Month.of(now)
    months = [running.back(number) for number in range(KEPT_MONTHS)]
    done = 0
    for programme in programmes:
        done += sum(refresh(programme, month, buckets_of(None), as_of=now) for month in reversed(months))
    Tally.objects.filter(month__lt=months[-1].first).delete()
    for programme in programmes:
        with transaction.atomic():
            _wait_for_others(programme)
            _forget(programme, as_of=now)
    return done


def buckets_of(region: Region | None) -> list[str]:
    """Return the codes of the buckets that make up an area."""
    found = Region.objects.filter(
        tier__in=(Tier.PROVINSI, Tier.KABUPATEN), code__startswith=region.pk if region else ""
    )
    return list(found.order_by("code").values_list("code", flat=True))


# A kept row is true of an instant when it was reckoned no later, nothing has passed since, and nothing was recorded
# that it has not seen.
FRESH = """
t.version = %(version)s AND t.as_of <= %(as_of)s AND (t.good_until IS NULL OR t.good_until >= %(as_of)s)
AND NOT EXISTS (
    SELECT FROM reports_tallymark m
    WHERE m.programme_id = t.programme_id AND m.bucket IN (t.bucket, '') AND m.month <= t.month AND m.id <> ALL(t.seen)
)
"""
TO_RECKON = f"""
SELECT bucket FROM unnest(%(buckets)s::text[]) AS bucket WHERE NOT EXISTS (
    SELECT FROM reports_tally t
    WHERE t.programme_id = %(programme)s AND t.month = %(month)s AND t.bucket = bucket.bucket
        AND ({FRESH} OR t.version = %(version)s AND t.as_of > %(as_of)s)
)
"""
KEPT = f"""
SELECT t.bucket, t.{{column}}, t.xmin::text FROM reports_tally t
WHERE t.programme_id = %(programme)s AND t.month = %(month)s AND t.bucket = ANY(%(buckets)s) AND {FRESH}
"""

REST = """
SELECT t.bucket, t.rest, t.xmin::text FROM reports_tally t
WHERE t.programme_id = %(programme)s AND t.month = %(month)s AND t.bucket = ANY(%(buckets)s)
"""


def refresh(programme: Programme, month: Month, buckets: Sequence[str], *, as_of: datetime) -> int:
    """Reckon and keep those of some buckets that are not kept as of this instant or a later one; return how many."""
    done = 0
    stale = _to_reckon(programme, month, buckets, as_of=as_of)
    for first in range(0, len(stale), BATCH):
        with transaction.atomic():
            _wait_for_others(programme)
            batch = _to_reckon(programme, month, stale[first : first + BATCH], as_of=as_of)  # others may have done it
            if batch:
                _keep(programme, month, batch, as_of=as_of)
        done += len(batch)
    return done


def _to_reckon(programme: Programme, month: Month, buckets: Sequence[str], *, as_of: datetime) -> list[str]:
    return [bucket for (bucket,) in _ask(TO_RECKON, programme, month, buckets, as_of=as_of)]


class _Changed(Exception):
    """Somebody kept a bucket anew between the reading of its rows and of what follows them."""


def _of_buckets(
    subject: Subject, buckets: list[str], column: str, *, as_of: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what was counted in each bucket of an area, its rows (`parts`) or its `totals`; and which rows were read.

    What is kept is read in one statement, hence of one instant also where a case moved from one bucket to another.
    """
    programme, month, own = subject.programme, Month(subject.period.first), concerned(subject.without)
    wanted = [bucket for bucket in buckets if bucket not in own]
    sql = KEPT.replace("{column}", column)
    kept = _ask(sql, programme, month, wanted, as_of=as_of)
    if len(kept) < len(wanted):
        refresh(programme, month, wanted, as_of=as_of)
        kept = _ask(sql, programme, month, wanted, as_of=as_of)
    found = {bucket: json.loads(text) for bucket, text, _version in kept}
    if missing := [bucket for bucket in buckets if bucket not in found]:
        counted = sums.count(programme, month, missing, as_of=as_of, without=subject.without)
        found |= {bucket: each.rows if column == "parts" else each.totals for bucket, each in counted.items()}
    return found, {bucket: version for bucket, _text, version in kept}


def _rest(subject: Subject, versions: dict[str, str], buckets: list[str]) -> list[sums.Rows]:
    """Return what follows the heads of the lists in some buckets; raise _Changed where that is of other rows."""
    month = Month(subject.period.first)
    rows = _ask(REST, subject.programme, month, buckets, as_of=subject.period.starts_at)
    if {bucket: version for bucket, _text, version in rows} != {bucket: versions[bucket] for bucket in buckets}:
        raise _Changed
    return [json.loads(text) for _bucket, text, _version in rows]


def _keep(programme: Programme, month: Month, buckets: Sequence[str], *, as_of: datetime) -> None:
    """Reckon some buckets and keep them.

    The marks are read first: what is committed between that and the counting leaves one that was not seen.
    """
    seen: dict[str, list[int]] = dict(_ask(SEEN, programme, month, [*buckets, ""], as_of=as_of))
    counted = sums.count(programme, month, buckets, as_of=as_of)
    kept = []
    for bucket, each in counted.items():
        heads, rest = each.parted()
        kept.append(
            Tally(
                programme=programme,
                month=month.first,
                bucket=bucket,
                version=queries.VERSION,
                as_of=as_of,
                good_until=each.until,
                seen=[*seen.get(bucket, ()), *seen.get("", ())],
                totals=_text(each.totals),
                parts=_text(heads),
                rest=_text(rest),
            )
        )
    Tally.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["programme", "month", "bucket"],
        update_fields=["version", "as_of", "good_until", "seen", "totals", "parts", "rest"],
    )
    _forget(programme, buckets, as_of=as_of)


def _text(rows: Any) -> str:
    return json.dumps(rows, separators=(",", ":"))


# What lies after the instant was not counted, hence not seen.
SEEN = """
SELECT m.bucket, array_agg(m.id) FROM reports_tallymark m
WHERE m.programme_id = %(programme)s AND m.bucket = ANY(%(buckets)s) AND m.month <= %(month)s AND m.latest < %(as_of)s
GROUP BY m.bucket
"""
# A mark goes when every kept row that it concerns has seen it; not at once, for a page may ask as of some minutes ago.
FORGET = """
DELETE FROM reports_tallymark m WHERE m.programme_id = %(programme)s {of_buckets}
    AND m.latest < %(as_of)s - interval '1 hour'
    AND NOT EXISTS (
        SELECT FROM reports_tally t
        WHERE t.programme_id = m.programme_id AND (t.bucket = m.bucket OR m.bucket = '') AND t.month >= m.month
            AND m.id <> ALL(t.seen)
    )
"""
# A case that is kept from a reader: where it stands, where it stood, and the case into which it was merged.
CONCERNED = """
SELECT DISTINCT left(place.code, 5) FROM pengaduan_complaint own
JOIN pengaduan_complaint c ON c.id IN (own.id, own.merged_into_id)
CROSS JOIN LATERAL (
    SELECT c.region_id AS code UNION SELECT e.data::jsonb ->> 'was' FROM pengaduan_event e
    WHERE e.complaint_id = c.id AND e.kind = ANY(%(placing)s) AND e.data::jsonb ? 'was'
) place WHERE own.id = ANY(%(cases)s)
"""


def _forget(programme: Programme, buckets: Sequence[str] | None = None, *, as_of: datetime) -> None:
    of_buckets = "" if buckets is None else "AND m.bucket = ANY(%(buckets)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            FORGET.replace("{of_buckets}", of_buckets),
            {"programme": programme.pk, "buckets": list(buckets or ()), "as_of": as_of},
        )


def concerned(cases: Sequence[int]) -> set[str]:
    """Return the buckets in which these cases count, or may have counted."""
    if not cases:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(CONCERNED, {"cases": list(cases), "placing": PLACING})
        return {bucket for (bucket,) in cursor.fetchall()}


def _wait_for_others(programme: Programme) -> None:
    """Let one at a time reckon buckets of a programme, until the transaction ends: what is kept is never older."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, programme.pk])


def _ask(sql: str, programme: Programme, month: Month, buckets: Sequence[str], *, as_of: datetime) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            sql,
            {
                "programme": programme.pk,
                "month": month.first,
                "buckets": list(buckets),
                "as_of": as_of,
                "version": queries.VERSION,
            },
        )
        return cursor.fetchall()
