"""What a report is about: a programme, an area and a period (D44, D45)."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from pengaduan.models.complaint import SCOPE_COLUMN
from reports.periods import Kind, Period
from tiers.models import Office, Programme, Region, Tier

BELOW = {Tier.PUSAT: Tier.PROVINSI, Tier.PROVINSI: Tier.KABUPATEN, Tier.KABUPATEN: Tier.KECAMATAN}
"""The next level down, by which a report counts places."""


@dataclass(frozen=True)
class Subject:
    """A programme in the nation, a province or a regency, in a period; the period says which kind of report it is.

    An edition is about the whole. A reader may get less: `without` are the keys of complaints that are kept from them
    and so not counted for them (D49); `only` narrows to one code each of some columns of a case.
    """

    programme: Programme
    region: Region | None
    period: Period
    without: tuple[int, ...] = ()
    only: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> Kind:
        return self.period.kind

    @property
    def tier(self) -> Tier:
        """Return the tier whose office reads this report; what is concealed from it is not counted (D35)."""
        return Tier.PUSAT if self.region is None else Tier(self.region.tier)

    @property
    def before(self) -> "Subject":
        """Return the same of the period before."""
        return replace(self, period=self.period.previous)

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
        return f"{self.programme.name} – {self.area} – {self.period.label}"

    @property
    def slug(self) -> str:
        """Return the name of its files, without the ending."""
        place = self.region.code if self.region else "nasional"
        kind = "laporan" if self.kind == Kind.MONTHLY else f"laporan-{self.kind}"
        return f"{kind}-{self.programme.code}-{place}-{self.period}"

    def office(self) -> Office | None:
        """Return the office that reads this report, if it has come into being."""
        return Office.objects.filter(programme=self.programme, tier=self.tier, region=self.region).first()
