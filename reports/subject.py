"""What a monthly report is about: a programme, an area and a month (D44)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pengaduan.models.complaint import SCOPE_COLUMN
from tiers.models import Office, Programme, Region, Tier

JAKARTA = ZoneInfo("Asia/Jakarta")
BELOW = {Tier.PUSAT: Tier.PROVINSI, Tier.PROVINSI: Tier.KABUPATEN, Tier.KABUPATEN: Tier.KECAMATAN}
"""The next level down, by which a report counts places."""


@dataclass(frozen=True)
class Month:
    """A calendar month in Jakarta."""

    first: date

    @classmethod
    def of(cls, instant: datetime) -> "Month":
        return cls(instant.astimezone(JAKARTA).date().replace(day=1))

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `2026-10`; raises ValueError."""
        return cls(datetime.strptime(text, "%Y-%m").date())  # noqa: DTZ007 - a month has no zone

    @property
    def previous(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1))

    @property
    def following(self) -> "Month":
        return Month((self.first + timedelta(days=31)).replace(day=1))

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first, time.min, JAKARTA)

    @property
    def ends_at(self) -> datetime:
        """Return the first instant that no longer belongs to the month."""
        return self.following.starts_at

    @property
    def last(self) -> date:
        return self.following.first - timedelta(days=1)

    @property
    def label(self) -> str:
        return date_format(self.first, "F Y")

    def back(self, months: int) -> "Month":
        return self if months == 0 else self.previous.back(months - 1)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"


@dataclass(frozen=True)
class Subject:
    """A programme in the nation, a province or a regency, in a month."""

    programme: Programme
    region: Region | None
    month: Month

    @property
    def tier(self) -> Tier:
        """Return the tier whose office reads this report; what is concealed from it is not counted (D35)."""
        return Tier.PUSAT if self.region is None else Tier(self.region.tier)

    @property
    def place_column(self) -> str:
        """Return the column of the complaint that holds the code of the next level down."""
        return SCOPE_COLUMN[BELOW[self.tier]]

    @property
    def place_word(self) -> str:
        return {Tier.PUSAT: _("Provinsi"), Tier.PROVINSI: _("Kabupaten/kota")}.get(self.tier, _("Kecamatan"))

    @property
    def area(self) -> str:
        return _("Nasional") if self.region is None else self.region.full_name

    @property
    def title(self) -> str:
        return f"{self.programme.name} – {self.area} – {self.month.label}"

    @property
    def slug(self) -> str:
        """Return the name of its files, without the ending."""
        place = self.region.code if self.region else "nasional"
        return f"laporan-{self.programme.code}-{place}-{self.month}"

    def office(self) -> Office | None:
        """Return the office that reads this report, if it has come into being."""
        return Office.objects.filter(programme=self.programme, tier=self.tier, region=self.region).first()
