"""Reckon the figures of half a month: the prominent and heavy cases, counted and told one by one (D14, D45).

A case belongs to the report when it was prominent or heavy as the period ended; one of which that was taken back within
the period is told too, as lowered, since a case must not leave this report unseen. Prominence and weight are read from
the record as they stood, like all else of `facts.FACTS`. What was open before, plus what came, was raised or came
back, less what was lowered or closed, is what is open.
"""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pengaduan.models import Event, Stage
from reports import queries
from reports.figures.facts import FACTS
from reports.figures.records import Money
from reports.subject import Subject
from workflow import needs
from workflow.calendar import local_day
from workflow.machine import STEPS

VERSION = 1
LISTED = 500  # cases told at most; the counts are always whole

# The steps of which the report tells: what moved the case or was done about its matter. Left out is what would tell of
# a person (identity, protection, who stepped aside, who is reported) and what is the office's own housekeeping.
TOLD = {step.code for step in STEPS if step.target} | {
    *("diterima", "eskalasi", "puncak-terlambat", "naikkan", "turunkan", "ambil-alih", "perpanjang"),
    *("pindah-wilayah", "tetapkan-wilayah", "ubah-bobot", "ubah-kategori", "terima-gabungan"),
    *("minta-kelengkapan", "lengkapi", "lanjutkan-tanpa-kelengkapan", "minta-bantuan", "beri-bantuan"),
    *("catat-keterangan", "sepakati-tindakan", "catat-hasil-tindakan", "catat-uang"),
    *("rekomendasi-basis-data", "putuskan-basis-data", "teruskan-tim-koordinasi", "rekomendasi-penyalur"),
    *("rekomendasi-bersama", "pantau-hukum", "akhiri-proses-hukum"),
}


@dataclass(frozen=True)
class Grave:
    """What is counted of the prominent and heavy cases; deadlines are the original ones unless said otherwise."""

    open_before: int = 0  # open and prominent or heavy when the period began
    received: int = 0  # came in during the period
    raised: int = 0  # were open before, and became prominent or heavy
    resumed: int = 0  # were closed before, and were opened again
    lowered: int = 0  # of those open before: no longer prominent or heavy
    closed: int = 0  # of all the others: closed as the period ended
    open: int = 0  # not closed as it ended
    settled: int = 0  # in the period, and still settled at its end
    settled_late: int = 0  # of these, after the original deadline
    late: int = 0  # unsettled past the original deadline
    past_due: int = 0  # unsettled past the deadline of the tier that holds it
    waiting: int = 0  # for the complainant: the clock stands (D12)
    idle: int = 0  # worked on by nobody: unsettled, not waiting, and no step of TOLD in the whole period
    due_soon: int = 0  # the tier's deadline falls in the period that follows
    rejections: int = 0  # times that a complainant rejected the result
    reopenings: int = 0  # times that a closed case was opened again
    escalations: int = 0  # times that the clock took a case up a tier


GRAVE_NAMES = tuple(each.name for each in dataclasses.fields(Grave))
COUNTED = len(GRAVE_NAMES)


@dataclass(frozen=True)
class GraveRow:
    """The counts of one category, place or tier."""

    code: str
    measures: Grave


@dataclass(frozen=True)
class Done:
    """One thing that was done in the period, by the code of its step; never what was said in it."""

    on: str
    step: str
    times: int = 1  # on that day


@dataclass(frozen=True)
class Told:
    """A prominent or heavy case: nothing of what was said, the place down to the kecamatan only (D37, D38).

    `entry` says how it came into the report: lama, baru, dinaikkan, dibuka-kembali, diturunkan. `next` is what is
    awaited (a stage, lengkapi, tanggapan or tindakan; empty of a closed one), `next_on` its last day.
    """

    number: str
    category: str
    region: str
    stage: str
    office: str
    tier: str
    weight: str
    prominent: bool
    entry: str
    age_days: int
    due_on: str
    tier_due_on: str
    late_days: int  # after the original deadline, while it was worked on; 0 where it is not late
    past_due: bool  # past the deadline of the tier that holds it
    apart: bool
    done: tuple[Done, ...]
    next: str
    next_on: str
    money: Money | None


@dataclass(frozen=True)
class ToldList:
    """The first cases of the list, and how many there are in all."""

    total: int
    cases: tuple[Told, ...]


@dataclass(frozen=True)
class Figures:
    """Everything that a biweekly report says. BPKP's findings are told in the list and counted apart (D15)."""

    totals: Grave
    before: Grave
    apart: Grave
    categories: tuple[GraveRow, ...]
    places: tuple[GraveRow, ...]
    tiers: tuple[GraveRow, ...]
    money: Money
    cases: ToldList


def figures(subject: Subject, *, as_of: datetime) -> Figures:
    """Reckon the figures of half a month, from what was recorded until `as_of`."""
    groups = _groups(subject, as_of=as_of)
    return Figures(
        totals=_total(groups, apart=False),
        before=_total(_groups(subject.before, as_of=as_of), apart=False),
        apart=_total(groups, apart=True),
        categories=_rows(groups, "category"),
        places=_rows(groups, "place"),
        tiers=_rows(groups, "tier"),
        money=_money(groups),
        cases=_cases(subject, as_of=as_of),
    )


# `was_grave`: prominent or heavy as the period began, from what the first weighing within it says was there before.
GRADED = f"""
{FACTS}, weighed AS (
    SELECT f.*, f.prominent OR f.weight = 'berat' AS grave,
        COALESCE(
            (SELECT e.data::jsonb -> 'from' ->> 0 = 'berat' OR (e.data::jsonb -> 'from' ->> 1)::boolean
             FROM pengaduan_event e
             WHERE e.complaint_id = f.id AND e.kind = ANY(%(weighing)s) AND e.at >= %(start)s AND e.at < %(end)s
                AND e.data LIKE '%%"from"%%'
             ORDER BY e.seq LIMIT 1),
            f.prominent OR f.weight = 'berat') AS was_grave
    FROM facts f
), entered AS (
    SELECT w.*, CASE
            WHEN NOT grave THEN CASE WHEN was_open AND was_grave THEN 'diturunkan' END
            WHEN received THEN 'baru'
            WHEN was_open AND was_grave THEN 'lama'
            WHEN was_open THEN 'dinaikkan'
            WHEN reopenings > 0 THEN 'dibuka-kembali' END AS entry
    FROM weighed w
), graded AS (
    SELECT e.*,
        (was_open AND was_grave AND entry IN ('lama', 'diturunkan'))::int AS n_open_before,
        (entry = 'baru')::int AS n_received,
        (entry = 'dinaikkan')::int AS n_raised,
        (entry = 'dibuka-kembali')::int AS n_resumed,
        (entry = 'diturunkan')::int AS n_lowered,
        (grave AND stage = 'ditutup')::int AS n_closed,
        (grave AND stage <> 'ditutup')::int AS n_open,
        (grave AND done_now AND settled)::int AS n_settled,
        (grave AND done_now AND settled AND done_at > due_at)::int AS n_settled_late,
        (grave AND late)::int AS n_late,
        (grave AND tier_late)::int AS n_past_due,
        (grave AND NOT done AND waiting_since IS NOT NULL)::int AS n_waiting,
        (running AND NOT EXISTS (SELECT FROM pengaduan_event x WHERE x.complaint_id = e.id
            AND x.at >= %(start)s AND x.at < %(end)s AND x.kind = ANY(%(told)s)))::int AS n_idle,
        (running AND tier_due_at >= %(end)s AND tier_due_at < %(soon)s)::int AS n_due_soon,
        CASE WHEN grave THEN rejections ELSE 0 END AS n_rejections,
        CASE WHEN grave THEN reopenings ELSE 0 END AS n_reopenings,
        CASE WHEN grave THEN escalations ELSE 0 END AS n_escalations
    FROM (SELECT n.*, grave AND NOT done AND waiting_since IS NULL AS running FROM entered n) e WHERE entry IS NOT NULL
)
"""
GROUPS = f"""
{GRADED}
SELECT apart, CASE GROUPING(category, place, tier) WHEN 3 THEN 'category' WHEN 5 THEN 'place' WHEN 6 THEN 'tier'
        ELSE '' END AS by,
    COALESCE(category, place, tier::text) AS code, {", ".join(f"sum(n_{name})::int" for name in GRAVE_NAMES)},
    count(lost_amount) FILTER (WHERE grave), COALESCE(sum(lost_amount) FILTER (WHERE grave), 0),
    COALESCE(sum(returned_amount) FILTER (WHERE grave AND lost_amount IS NOT NULL), 0),
    COALESCE(sum(GREATEST(lost_amount - returned_amount, 0)) FILTER (WHERE grave), 0)
FROM graded GROUP BY GROUPING SETS ((apart), (apart, category), (apart, place), (apart, tier))
"""
# What is open comes first: the prominent, then what is past its time, then the oldest. Days are those of the place
# where a case was then: one that moved since may be in another zone now.
CASE_COLUMNS = {
    **{name: f"g.{name}" for name in ("id", "number", "category", "region", "stage", "office", "tier", "weight")},
    **{name: f"g.{name}" for name in ("prominent", "entry", "age_days", "due_at", "tier_due_at", "apart", "done_at")},
    "waiting_since": "g.waiting_since",
    "is_late": "g.late",
    "is_past_due": "g.tier_late",
    "zone": "r.zone",
    "lost": "g.lost_amount",
    "returned": "g.returned_amount",
    "total": "count(*) OVER ()",
}
CASES = f"""
{GRADED}
SELECT {", ".join(CASE_COLUMNS.values())}
FROM graded g JOIN tiers_region r ON r.code = g.stood_at
ORDER BY g.entry = 'diturunkan', g.stage = 'ditutup', g.prominent DESC, g.tier_late DESC, g.late DESC, g.age_days DESC,
    g.number COLLATE "C"
LIMIT {LISTED}
"""


def _ask(subject: Subject, sql: str, *, as_of: datetime) -> list[tuple]:
    soon = subject.period.following.ends_at
    return queries.ask(subject, sql, as_of=as_of, told=sorted(TOLD), soon=soon)


def _groups(subject: Subject, *, as_of: datetime) -> list[tuple]:
    return _ask(subject, GROUPS, as_of=as_of)


def _total(groups: list[tuple], *, apart: bool) -> Grave:
    return Grave(*_whole(groups, apart=apart)[:COUNTED])


def _money(groups: list[tuple]) -> Money:
    return Money(*_whole(groups, apart=False)[COUNTED:])


def _whole(groups: list[tuple], *, apart: bool) -> list[Any]:
    """Return the counts of all cases, with their money at the end; nothing where there are none."""
    return next((counts for is_apart, by, _, *counts in groups if (by, is_apart) == ("", apart)), [])


def _rows(groups: list[tuple], by: str) -> tuple[GraveRow, ...]:
    found = {code: Grave(*counts[:COUNTED]) for apart, kind, code, *counts in groups if kind == by and not apart}
    return tuple(GraveRow(code, found[code]) for code in sorted(found))


def _cases(subject: Subject, *, as_of: datetime) -> ToldList:
    rows = [dict(zip(CASE_COLUMNS, row, strict=True)) for row in _ask(subject, CASES, as_of=as_of)]
    end = min(subject.period.ends_at, as_of)
    happened = _happened([row["id"] for row in rows], until=end)
    cases = tuple(_told(row, happened[row["id"]], since=subject.period.starts_at, until=end) for row in rows)
    return ToldList(rows[0]["total"] if rows else 0, cases)


def _happened(cases: list[int], *, until: datetime) -> dict[int, list[tuple[datetime, str, dict[str, Any]]]]:
    """Return of each case what happened to it, in order: when, the step, and what the record keeps with it."""
    found: dict[int, list[tuple[datetime, str, dict[str, Any]]]] = defaultdict(list)
    events = Event.objects.filter(complaint__in=cases, at__lt=until, kind__in=TOLD).order_by("complaint", "seq")
    for case, at, kind, data in events.values_list("complaint", "at", "kind", "data").iterator():
        found[case].append((at, kind, json.loads(data)))
    return found


def _told(
    row: dict[str, Any], happened: list[tuple[datetime, str, dict[str, Any]]], *, since: datetime, until: datetime
) -> Told:
    zone = row["zone"]
    awaited, last = _awaited(row, _agreed_until(happened))
    loss = row["lost"]
    return Told(
        **{name: row[name] for name in ("number", "category", "region", "stage", "office", "weight")},
        **{name: row[name] for name in ("prominent", "entry", "age_days", "apart")},
        past_due=row["is_past_due"],
        tier=str(row["tier"]),
        late_days=_late_days(row, until=until),
        due_on=local_day(row["due_at"], zone).isoformat(),
        tier_due_on=local_day(row["tier_due_at"], zone).isoformat(),
        done=_done((local_day(at, zone), kind) for at, kind, _data in happened if at >= since),
        next=awaited,
        next_on=last.isoformat() if last else "",
        money=None if loss is None else Money(1, loss, row["returned"], max(loss - row["returned"], loss * 0)),
    )


def _late_days(row: dict[str, Any], *, until: datetime) -> int:
    """Return by how many days a case that is not settled is late; waiting for the complainant adds no day."""
    if not row["is_late"]:
        return 0
    reached = row["waiting_since"] or until
    return (local_day(reached, row["zone"]) - local_day(row["due_at"], row["zone"])).days


def _done(steps: Iterable[tuple[date, str]]) -> tuple[Done, ...]:
    """Return the steps in order, the same one of one day once with how often."""
    times: dict[tuple[date, str], int] = defaultdict(int)
    for step in steps:
        times[step] += 1
    return tuple(Done(day.isoformat(), step, number) for (day, step), number in times.items())


def _agreed_until(happened: list[tuple[datetime, str, dict[str, Any]]]) -> date | None:
    """Return the first day by which an agreed action was to be done of which no result is known yet (D26)."""
    known = {data.get("action") for _at, kind, data in happened if kind == "catat-hasil-tindakan"}
    return min(
        (
            date.fromisoformat(data["until"])
            for _at, kind, data in happened
            if kind == "sepakati-tindakan" and data.get("until") and data.get("action") not in known
        ),
        default=None,
    )


def _awaited(row: dict[str, Any], agreed_until: date | None) -> tuple[str, date | None]:
    """Return what is awaited of a case and until which day at its place; nothing of one that is closed."""
    zone, stage = row["zone"], row["stage"]
    if stage == Stage.CLOSED:
        return "", None
    if stage == Stage.FEEDBACK:
        return "tanggapan", local_day(needs.days_after(row["done_at"], needs.SILENCE_DAYS, zone), zone)
    if row["waiting_since"]:
        return "lengkapi", local_day(needs.days_after(row["waiting_since"], needs.COMPLETION_DAYS, zone), zone)
    due = local_day(row["tier_due_at"], zone)
    if agreed_until and agreed_until < due and stage in (Stage.HANDLING, Stage.MONITORING):
        return "tindakan", agreed_until
    return stage, due
