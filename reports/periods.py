"""The spans of time that a report is about, as they run in Jakarta: month, half month, quarter (D44, D45)."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

JAKARTA = ZoneInfo("Asia/Jakarta")
SECOND_HALF = 16  # the day on which it begins
MONTHS_A_QUARTER = 3
ROMAN = ("I", "II", "III", "IV")


class Kind(models.TextChoices):
    """What a report tells, and how often it is sent."""

    MONTHLY = "bulanan", gettext_lazy("Laporan bulanan")
    BIWEEKLY = "dua-mingguan", gettext_lazy("Laporan dua mingguan")
    QUARTERLY = "triwulanan", gettext_lazy("Laporan triwulanan")


@dataclass(frozen=True, order=True)
class Period(ABC):
    """A span of whole days in Jakarta that is named by its first day."""

    first: date
    kind: ClassVar[Kind]

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """Return the period that holds an instant."""
        return cls.holding(instant.astimezone(JAKARTA).date())

    @classmethod
    @abstractmethod
    def holding(cls, day: date) -> Self:
        """Return the period that holds a day."""

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Read a period as `str` writes it; raises ValueError."""

    @property
    @abstractmethod
    def following(self) -> Self:
        """Return the period after it."""

    @property
    @abstractmethod
    def label(self) -> str:
        """Return the name of the period in the language in use."""

    @property
    def previous(self) -> Self:
        return self.holding(self.first - timedelta(days=1))

    @property
    def last(self) -> date:
        return self.following.first - timedelta(days=1)

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first, time.min, JAKARTA)

    @property
    def ends_at(self) -> datetime:
        """Return the first instant that no longer belongs to it."""
        return self.following.starts_at

    def back(self, number: int) -> Self:
        return self if number == 0 else self.previous.back(number - 1)


class Month(Period):
    """A calendar month; `2026-10`."""

    kind = Kind.MONTHLY

    @classmethod
    def holding(cls, day: date) -> Self:
        return cls(day.replace(day=1))

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(datetime.strptime(text, "%Y-%m").date())  # noqa: DTZ007 - a month has no zone

    @property
    def following(self) -> Self:
        return self.holding(self.first + timedelta(days=31))

    @property
    def label(self) -> str:
        return date_format(self.first, "F Y")

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


class HalfMonth(Period):
    """The days 1 to 15 of a month, or 16 to its end; `2026-10-01` or `2026-10-16`."""

    kind = Kind.BIWEEKLY

    @classmethod
    def holding(cls, day: date) -> Self:
        return cls(day.replace(day=SECOND_HALF if day.day >= SECOND_HALF else 1))

    @classmethod
    def parse(cls, text: str) -> Self:
        day = date.fromisoformat(text)
        if day.day not in (1, SECOND_HALF):
            raise ValueError(text)
        return cls(day)

    @property
    def following(self) -> Self:
        return self.holding(self.first + timedelta(days=16 if self.first.day == SECOND_HALF else 15))

    @property
    def label(self) -> str:
        return _("%(from)s–%(to)s") % {"from": self.first.day, "to": date_format(self.last, "j F Y")}

    def __str__(self) -> str:
        return self.first.isoformat()


class Quarter(Period):
    """Three months; `2026-T4` (triwulan)."""

    kind = Kind.QUARTERLY

    @classmethod
    def holding(cls, day: date) -> Self:
        return cls(day.replace(month=day.month - (day.month - 1) % MONTHS_A_QUARTER, day=1))

    @classmethod
    def parse(cls, text: str) -> Self:
        year, mark, number = text.partition("-T")
        if not mark or number not in {"1", "2", "3", "4"}:
            raise ValueError(text)
        return cls(date(int(year), (int(number) - 1) * MONTHS_A_QUARTER + 1, 1))

    @property
    def following(self) -> Self:
        return self.holding(self.first + timedelta(days=31 * MONTHS_A_QUARTER))

    @property
    def number(self) -> int:
        return (self.first.month - 1) // MONTHS_A_QUARTER + 1

    @property
    def months(self) -> tuple[Month, Month, Month]:
        first = Month(self.first)
        return first, first.following, first.following.following

    @property
    def label(self) -> str:
        return _("Triwulan %(number)s %(year)s") % {"number": ROMAN[self.number - 1], "year": self.first.year}

    def __str__(self) -> str:
        return f"{self.first.year}-T{self.number}"


PERIODS: dict[str, type[Period]] = {each.kind: each for each in (Month, HalfMonth, Quarter)}
