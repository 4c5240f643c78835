"""Take the time of work: CPU of this process and of its backend, because wall time lies on a shared machine."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection


@dataclass
class Taken:
    """What a piece of work took, in seconds; `db` is the backend's CPU, or wall time where its server is elsewhere."""

    wall: float
    here: float
    db: float

    @property
    def cpu(self) -> float:
        return self.here + self.db


@dataclass
class Row:
    what: str
    figure: str
    beside: str
    budget: str
    met: bool | None


@dataclass
class Table:
    """The rows that the run prints, and the budgets that it missed."""

    complaints: int
    rows: list[Row] = field(default_factory=list)

    def add(self, what: str, figure: str, *, beside: str = "", budget: str = "", met: bool | None = None) -> None:
        row = Row(what, figure, beside, budget, met)
        self.rows.append(row)
        print(_line(row), flush=True)

    @property
    def missed(self) -> list[Row]:
        return [row for row in self.rows if row.met is False]

    def show(self) -> None:
        load = ", ".join(f"{load:.1f}" for load in os.getloadavg())
        print(f"\n{self.complaints:,} complaints, {os.cpu_count()} cores, load {load}")
        for row in self.rows:
            print(_line(row))
        print(f"{len(self.missed)} of {sum(row.met is not None for row in self.rows)} budgets missed")


def _line(row: Row) -> str:
    mark = {True: "ok", False: "MISSED", None: ""}[row.met]
    return f"{row.what:<44} {row.figure:<36} {row.beside:<44} {row.budget:<22} {mark}".rstrip()


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def measure(work: Callable[[], object], pid: int) -> Taken:
    """Do the work once and return what it took; `pid` is the backend's."""
    wall, here, db = time.perf_counter(), time.process_time(), _cpu_of(pid)
    work()
    return Taken(time.perf_counter() - wall, time.process_time() - here, _cpu_of(pid) - db)


def least(work: Callable[[], object], pid: int, *, passes: int = 3) -> Taken:
    """Return the cheapest of some passes, by CPU of the backend."""
    return min((measure(work, pid) for _ in range(passes)), key=lambda taken: taken.db)


def at_share(values: list[float], share: float) -> float:
    """Return the value that a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_048_576


def _cpu_of(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return time.perf_counter()
