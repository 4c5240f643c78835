"""Find the cases behind a number: the same definition of a case, of the same instant, as the figures (D35, D44, D49).

A number of times (closed, opened again, rejected, escalated) has fewer cases than it says where one did it twice; each
case of the list says how often, so that a list always adds up to its number.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pengaduan.inbox import cursor_at, read_cursor
from pengaduan.models import Complaint
from reports.figures.facts import FACTS
from reports.queries import AGES, OWED, SOON, TIMES, WHICH, ask
from reports.subject import Subject
from tiers.models import User

ROWS = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

CONDITIONS = WHICH | OWED | {name: f"{name} > 0" for name in TIMES}
CONDITIONS["on_time"] = "done_now AND settled AND (done_at > due_at) IS NOT TRUE"
"""Which of the cases each measure counts, in terms of FACTS."""

COLUMNS = ("category", "field", "channel", "source", "weight", "tier", "place", "stage", "age")
"""By what a table of the figures divides, and so a list may be of one row of it."""

AGE = "CASE WHEN stage = 'registrasi' THEN width_bucket(age_days, %(ages)s) END"
CHOSEN = f"""
{FACTS}, chosen AS (
    SELECT facts.*, {{times}} AS times FROM facts WHERE ({{condition}}) AND apart = %(apart)s {{of}}
)
"""
BEHIND = f"""
{CHOSEN}
SELECT (SELECT count(*) FROM chosen), (SELECT COALESCE(sum(times), 0) FROM chosen),
    id, received_at, times, category, region, stage, office, age_days, late
FROM chosen WHERE {{after}} ORDER BY received_at, id LIMIT %(most)s
"""


@dataclass(frozen=True)
class Number:
    """Which number: a measure, of one row of a table or of several crossed; `apart` of what is counted by itself."""

    measure: str
    of: tuple[tuple[str, str], ...] = ()  # pairs of COLUMNS and code
    apart: bool = False


@dataclass(frozen=True)
class Behind:
    """A case behind a number, as it stood at the instant of the figures; `complaint` is what its reader opens."""

    complaint: Complaint
    received_at: datetime
    times: int
    category: str
    region: str
    stage: str
    office: str
    age_days: int
    late: bool


@dataclass(frozen=True)
class Page:
    """Some cases of a list in the order of their receipt, and how many there are in all; `cursor` None on the last."""

    cases: list[Behind]
    unseen: int  # of this page, that the reader may not open
    number: int
    times: int
    cursor: str | None


def page_of(
    number: Number, subject: Subject, user: User, *, as_of: datetime, after: str = "", most: int = ROWS
) -> Page:
    """Return one page of the cases behind a number, found by comparing rows (keyset) and read through `visible_to`.

    `subject.without` holds what is kept from the user: the count of the list is then that of the number. What has moved
    to an area where the user sees nothing is counted, and not listed.
    """
    place = read_cursor(after)
    sql = _filled(number, BEHIND)
    sql = sql.replace("{after}", "(received_at, id) > (%(after_at)s, %(after_id)s)" if place else "true")
    after_at = EPOCH + place[0] * MICROSECOND if place else None
    more = {"most": most + 1, "after_at": after_at, "after_id": place and place[1]}
    rows = ask(subject, sql, as_of=as_of, **_values(number), **more)
    count, times = rows[0][:2] if rows else (0, 0)
    shown = [row[2:] for row in rows[:most]]
    seen = Complaint.objects.visible_to(user).in_bulk([key for key, *_ in shown])
    cursor = cursor_at((shown[-1][1] - EPOCH) // MICROSECOND, shown[-1][0]) if len(rows) > most else None
    cases = [Behind(seen[key], *columns) for key, *columns in shown if key in seen]
    return Page(cases, len(shown) - len(cases), count, times, cursor)


def counted(number: Number, subject: Subject, *, as_of: datetime) -> dict[int, int]:
    """Return the keys of all cases behind a number, in the order of their receipt, with how often each counts.

    To be read through `visible_to` before anybody sees them.
    """
    sql = _filled(number, f"{CHOSEN} SELECT id, times FROM chosen ORDER BY received_at, id")
    return dict(ask(subject, sql, as_of=as_of, **_values(number)))


def _filled(number: Number, sql: str) -> str:
    sql = sql.replace("{times}", number.measure if number.measure in TIMES else "1")
    sql = sql.replace("{condition}", CONDITIONS[number.measure])
    return sql.replace("{of}", "".join(f" AND {_column(column)} = %(of_{column})s" for column, _ in number.of))


def _values(number: Number) -> dict[str, Any]:
    return {
        "apart": number.apart,
        "ages": [least for _, least in AGES],
        "soon": SOON,
        **{f"of_{column}": code for column, code in number.of},
    }


def _column(name: str) -> str:
    if name not in COLUMNS:
        raise ValueError(name)
    return f"({AGE})::text" if name == "age" else f"{name}::text"
