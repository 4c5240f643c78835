"""What the public reads: the latest published month of a programme and a province, in words (D39, D57, D61).

Nothing here reads a complaint: everything comes from `PublicFigures`, hence every order, share and sentence is made
of numbers that everyone may know.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pengaduan.models import Category, Nature, Outcome
from reports.models import PublicFigures
from reports.pages.publishing import MONTHS, TOLD
from reports.papers.numbers import amount, share
from reports.periods import Month
from tiers.models import Programme, Region

NATURES = {
    Nature.INFORMATIF: gettext_lazy("Kritik, pertanyaan, dan saran"),
    Nature.MASALAH: gettext_lazy("Masalah yang perlu diselesaikan"),
}
ENDINGS = {
    Outcome.ACCEPTED: gettext_lazy("Selesai, dan pelapor menerima hasilnya"),
    Outcome.SILENT: gettext_lazy("Selesai, dan pelapor tidak menyatakan keberatan sampai batas waktunya"),
    TOLD: gettext_lazy("Hasilnya sudah diberitahukan, dan pelapor masih dapat menilainya"),
    Outcome.UNPROVEN: gettext_lazy("Diperiksa, dan ternyata tidak terbukti"),
    Outcome.LEGAL: gettext_lazy("Sedang ditangani penegak hukum, dan tetap dipantau"),
    Outcome.REFERRED: gettext_lazy("Diteruskan ke instansi lain yang berwenang"),
    Outcome.NOT_OURS: gettext_lazy("Di luar program ini, dan pelapor diberi tahu harus ke mana"),
    Outcome.DUPLICATE: gettext_lazy("Sama dengan pengaduan lain, dan diselesaikan bersama"),
    Outcome.WITHDRAWN: gettext_lazy("Dicabut oleh pelapor"),
    Outcome.LAPSED: gettext_lazy("Berhenti karena keterangan yang diminta tidak datang"),
    Outcome.THANKS: gettext_lazy("Ucapan terima kasih atau salam, dan sudah dibalas"),
    Outcome.PHASED_OUT: gettext_lazy(
        "Program di tempat itu berakhir, dan masyarakat dengan pemerintah daerah melanjutkan"
    ),
}


@dataclass(frozen=True)
class PublicLine:
    """A row of a table; a count of None is not shown. `code` is there where the row has a page of its own."""

    label: str
    counts: dict[str, int | None]
    code: str = ""

    @property
    def is_quiet(self) -> bool:
        """Say whether none of its numbers is shown."""
        return not any(self.counts.values())


class Statistics:
    """One page of numbers: of a programme (or all) in a province (or the nation)."""

    def __init__(self, row: PublicFigures, programmes: Iterable[Programme], provinces: Iterable[Region]) -> None:
        self.row = row
        self.month = Month(row.month)
        self.figures: dict[str, Any] = row.figures
        self._programmes = {each.code: each.name for each in programmes}
        self._provinces = {each.code: each.name for each in provinces}

    @property
    def totals(self) -> dict[str, int | None]:
        return self.figures["totals"]

    @property
    def since(self) -> Month:
        return self.month.back(MONTHS - 1)

    @property
    def is_empty(self) -> bool:
        """Say whether there is not one number to show: too few complaints, or none."""
        return not any(self.totals.values())

    @cached_property
    def trend(self) -> list[tuple[Month, int | None, int | None]]:
        return [(Month.parse(code), both["received"], both["settled"]) for code, both in self.figures["trend"]]

    @cached_property
    def programmes(self) -> list[PublicLine]:
        return self._lines("programmes", self._programmes)

    @cached_property
    def places(self) -> list[PublicLine]:
        return self._lines("places", self._provinces)

    @property
    def received_by_place(self) -> dict[str, int | None]:
        return {line.code: line.counts["received"] for line in self.places}

    @cached_property
    def categories(self) -> list[PublicLine]:
        """Return the categories by size; none on the page of all programmes, for each has its own."""
        if "categories" not in self.figures:
            return []
        names = Category.objects.filter(programme=self.row.programme_id).values_list("code", "name")
        return self._lines("categories", dict(names))

    @cached_property
    def natures(self) -> list[PublicLine]:
        return self._lines("natures", NATURES)

    @cached_property
    def endings(self) -> list[PublicLine]:
        ended = dict(self.figures["outcomes"])
        return [PublicLine(str(label), ended[code]) for code, label in ENDINGS.items() if code in ended]

    @property
    def quality(self) -> str:
        """Say how quick and how good: the share in time never without what was rejected and reopened (D61)."""
        settled, early = self.totals["settled"], self.totals["on_time"]
        if not settled or not early:
            return _("Yang selesai masih terlalu sedikit untuk menyebut berapa bagian yang tepat waktu.")
        return _(
            "Sekitar %(share)s dari yang selesai tepat waktu. Hasil yang ditolak pelapor: %(rejected)s; dibuka "
            "kembali: %(reopened)s."
        ) % {
            "share": share(min(early, settled), settled),
            "rejected": in_public(self.totals["rejections"]),
            "reopened": in_public(self.totals["reopenings"]),
        }

    def _lines(self, table: str, names: dict[str, Any]) -> list[PublicLine]:
        """Return a table's rows, the largest first; where that is equal or not shown, by name."""
        rows = self.figures.get(table, [])
        lines = [PublicLine(str(names.get(code, code)), counts, code) for code, counts in rows]
        return sorted(lines, key=lambda line: (-(line.counts["received"] or 0), line.label))


def loud(lines: Iterable[PublicLine]) -> list[PublicLine]:
    """Return the rows of which there is a number to show."""
    return [line for line in lines if not line.is_quiet]


def quiet(lines: Iterable[PublicLine]) -> list[PublicLine]:
    """Return the rows of which there is none: they are named in a sentence."""
    return [line for line in lines if line.is_quiet]


def latest(programme: str, region: str) -> PublicFigures | None:
    """Return what was published last of a programme (all for an empty code) and a province (the nation)."""
    rows = PublicFigures.objects.select_related("programme", "region").order_by("-month")
    of_programme = {"programme__code": programme} if programme else {"programme": None}
    of_region = {"region": region} if region else {"region": None}
    return rows.filter(**of_programme, **of_region).first()


def in_public(number: int | None) -> str:
    """Return a published number, or the sign that it is not shown."""
    return "<5" if number is None else amount(number)
