"""The typed records of a report's figures: codes and numbers, nothing of a person (D37, D44, D61)."""

import dataclasses
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Measures:
    """What is counted of a group of cases; instants are month ends in Jakarta, deadlines the original ones (D32)."""

    received: int = 0  # in the month, by the day of receipt
    settled: int = 0  # in the month, and still settled at its end
    settled_late: int = 0  # of these, after the original deadline
    aside: int = 0  # in the month, by a side way out (D19)
    open_before: int = 0  # not closed when the month began
    open: int = 0  # not closed when the month ended
    late: int = 0  # of these unsettled, past the original deadline
    closings: int = 0  # times that a case was closed in the month
    reopenings: int = 0  # times that a closed case was opened again
    rejections: int = 0  # times that a complainant rejected the result
    escalations: int = 0  # times that the clock took a case up a tier
    not_followed_up: int = 0  # still in registration when the month ended
    merged: int = 0  # of those received: brought together with another case when the month ended (D20)
    complainants: int = 0  # people behind those received and not merged, each once, less who withdrew (D20, D55)


MEASURE_NAMES = tuple(each.name for each in dataclasses.fields(Measures))
"""The measures in the order in which the statements return them."""


@dataclass(frozen=True)
class Row:
    """The measures of one category, place, channel, stage, tier or age."""

    code: str
    measures: Measures


@dataclass(frozen=True)
class Case:
    """A case in a list: nothing of what was said, and the place down to the kecamatan only (D37)."""

    number: str
    category: str
    region: str
    stage: str
    office: str
    age_days: int
    late: bool
    apart: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listed:
    """The first cases of a list, and how many there are in all."""

    total: int
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Money:
    """Rupiah lost, returned and outstanding of the cases in which a loss is recorded (D29)."""

    cases: int = 0
    lost: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    outstanding: Decimal = Decimal(0)


@dataclass(frozen=True)
class Speed:
    """Whole days in Jakarta that something took, of what ended in the period: by nearest rank, so that they are real.

    Of a stage: an uninterrupted stay that a case left; of a tier: from its arrival there until it left or was settled.
    From receipt: of what was settled and still is at the end. What came back after it was settled begins a new stay.
    """

    code: str
    number: int  # of stays; a median of none is None
    median_days: int | None
    p90_days: int | None


@dataclass(frozen=True)
class Owed:
    """What the offices of one tier hold and owe when the period ended."""

    code: str
    open: int
    not_followed_up: int
    waiting: int  # for the complainant: the clock stands (D12)
    past_due: int  # past the deadline of this tier
    due_soon: int  # do not wait, and their tier's deadline falls in the 30 days after the period
    oldest_days: int  # since receipt, of the oldest one that is not settled


@dataclass(frozen=True)
class Count:
    """How many of something."""

    code: str
    number: int


@dataclass(frozen=True)
class Equity:
    """Who reports, and from where nobody does: few complaints may mean no way to complain (D41, D61).

    `secrecy` counts complainants (anonim, rahasia, terbuka), `recorded_by` cases (sendiri, petugas, titipan: see
    `reports.equity`); a silent place is one of the next level down from which the public brought nothing in the period.
    """

    secrecy: tuple[Count, ...] = ()
    recorded_by: tuple[Count, ...] = ()
    villages: int = 0  # in the area, as they exist at the end of the period
    villages_heard: int = 0  # from which anything came in
    silent_places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Point:
    """One month of the trend."""

    month: str
    received: int
    settled: int


@dataclass(frozen=True)
class Figures:
    """Everything that a report says, as codes and numbers. BPKP's findings stand apart (D15)."""

    totals: Measures
    before: Measures
    apart: Measures
    categories: tuple[Row, ...]
    places: tuple[Row, ...]
    channels: tuple[Row, ...]
    channels_apart: tuple[Row, ...]
    stages: tuple[Row, ...]
    tiers: tuple[Row, ...]
    ages: tuple[Row, ...]
    not_followed_up: Listed
    attention: Listed
    money_open: Money
    money_settled: Money
    fields: tuple[Row, ...] = ()
    sources: tuple[Row, ...] = ()
    weights: tuple[Row, ...] = ()
    speed: tuple[Speed, ...] = ()  # one row: from receipt to settlement
    stage_speeds: tuple[Speed, ...] = ()
    tier_speeds: tuple[Speed, ...] = ()
    owed: tuple[Owed, ...] = ()
    equity: Equity = Equity()
    trend: tuple[Point, ...] = ()
