"""How many whole days in Jakarta things took, of what ended in a period: from receipt, by stage, by tier (D44, D61)."""

from collections import Counter
from collections.abc import Iterable

from pengaduan.models import Stage
from reports.figures.facts import JAKARTA_DAY
from reports.figures.records import Speed

WHOLE, STAGE, TIER = "", "stage", "tier"

# `ended`: the steps of the period by which a case left its stage or its tier, or was settled; `began`: when the stay
# that they ended had begun. A tier is left by a move to another one, or because the case is settled there; a case that
# is closed by a side way has not been settled. What comes back after it was settled begins a new stay.
DAYS = f"""
ended AS (
    SELECT f.id, f.bucket, f.concealed_tier, f.received_at, e.seq, e.at, e.from_stage, o.tier,
        e.from_stage <> e.to_stage AS left_stage,
        e.from_stage <> ALL(%(done)s) AND (e.kind = ANY(%(settling)s) OR o.tier <> n.tier) AS left_tier
    FROM facts f JOIN pengaduan_event e ON e.complaint_id = f.id AND e.at >= %(start)s AND e.at < %(end)s
    JOIN tiers_office o ON o.id = e.from_office_id
    JOIN tiers_office n ON n.id = e.to_office_id
    WHERE NOT f.apart AND f.moves > 0 AND e.from_stage <> 'ditutup'
        AND (e.from_stage <> e.to_stage OR e.from_office_id <> e.to_office_id)
), stays AS (
    SELECT bucket, concealed_tier, '{WHOLE}' AS what, '' AS code, received_at AS began, done_at AS at
    FROM facts WHERE NOT apart AND done_now AND settled
    UNION ALL
    SELECT bucket, concealed_tier, '{STAGE}', from_stage, COALESCE((
            SELECT b.at FROM pengaduan_event b
            WHERE b.complaint_id = x.id AND b.seq < x.seq AND b.seq > 1 AND b.from_stage <> b.to_stage
            ORDER BY b.seq DESC LIMIT 1
        ), received_at), at
    FROM ended x WHERE left_stage
    UNION ALL
    SELECT bucket, concealed_tier, '{TIER}', tier::text, COALESCE((
            SELECT b.at FROM pengaduan_event b
            JOIN tiers_office o ON o.id = b.from_office_id
            JOIN tiers_office n ON n.id = b.to_office_id
            WHERE b.complaint_id = x.id AND b.seq < x.seq
                AND (o.tier <> n.tier OR b.from_stage = ANY(%(done)s) AND b.to_stage <> ALL(%(done)s))
            ORDER BY b.seq DESC LIMIT 1
        ), received_at), at
    FROM ended x WHERE left_tier
), days AS (
    SELECT bucket, concealed_tier, what, code, {JAKARTA_DAY.format("at")} - {JAKARTA_DAY.format("began")} AS days
    FROM stays
)
"""


def speeds(histogram: Iterable[tuple[str, str, int, int]], what: str) -> tuple[Speed, ...]:
    """Return the speeds of one kind from rows of kind, code, days and how often; rows of one day may repeat."""
    found: dict[str, Counter[int]] = {WHOLE: Counter()} if what == WHOLE else {}
    for kind, code, days, number in histogram:
        if kind == what:
            found.setdefault(code, Counter())[days] += number
    order = list(Stage.values).index if what == STAGE else str
    return tuple(_speed(code, found[code]) for code in sorted(found, key=order))


def _speed(code: str, days: Counter[int]) -> Speed:
    number = days.total()
    return Speed(code, number, _ranked(days, -(-number // 2)), _ranked(days, -(-number * 9 // 10)))


def _ranked(days: Counter[int], rank: int) -> int | None:
    """Return the days of the stay with a rank, the quickest being the first; None of none (nearest rank)."""
    for each in sorted(days):
        rank -= days[each]
        if rank <= 0:
            return each
    return None
