"""Turn an edition's codes and numbers into the words of a report: one reading for PDF, workbook and mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pengaduan.models import Category, Channel, Stage
from reports import editions
from reports.models import Edition
from reports.periods import Month
from reports.reckoning import RECKONINGS
from tiers.models import Region, Tier, User

REASONS = {
    "puncak": gettext_lazy("terlambat di jenjang teratas"),
    "menonjol": gettext_lazy("menonjol"),
    "berat": gettext_lazy("berat"),
    "eskalasi": gettext_lazy("eskalasi berulang"),
}
AGES = {
    "0-5": gettext_lazy("0–5 hari"),
    "6-10": gettext_lazy("6–10 hari"),
    "11-30": gettext_lazy("11–30 hari"),
    "31-90": gettext_lazy("31–90 hari"),
    "91": gettext_lazy("lebih dari 90 hari"),
}
MEASURES = {
    "received": gettext_lazy("masuk"),
    "settled": gettext_lazy("selesai"),
    "settled_late": gettext_lazy("selesai terlambat"),
    "aside": gettext_lazy("ditutup lewat jalan lain"),
    "open_before": gettext_lazy("berjalan pada awal bulan"),
    "open": gettext_lazy("berjalan"),
    "late": gettext_lazy("terlambat"),
    "closings": gettext_lazy("ditutup"),
    "reopenings": gettext_lazy("dibuka kembali"),
    "rejections": gettext_lazy("ditolak"),
    "escalations": gettext_lazy("eskalasi"),
    "not_followed_up": gettext_lazy("belum ditindaklanjuti"),
    "age_days": gettext_lazy("umur dalam hari"),
    "total": gettext_lazy("jumlah"),
    "lost": gettext_lazy("kerugian"),
    "returned": gettext_lazy("dikembalikan"),
    "outstanding": gettext_lazy("belum kembali"),
}
SECTIONS = {
    "totals": gettext_lazy("Jumlah"),
    "before": gettext_lazy("Bulan sebelumnya"),
    "apart": gettext_lazy("Dihitung tersendiri"),
    "categories": gettext_lazy("Kategori"),
    "places": gettext_lazy("Wilayah"),
    "channels": gettext_lazy("Media"),
    "channels_apart": gettext_lazy("Media yang dihitung tersendiri"),
    "stages": gettext_lazy("Tahap"),
    "tiers": gettext_lazy("Jenjang"),
    "ages": gettext_lazy("Umur"),
    "not_followed_up": gettext_lazy("Belum ditindaklanjuti"),
    "attention": gettext_lazy("Perhatian khusus"),
    "money_open": gettext_lazy("Uang, masih ditangani"),
    "money_settled": gettext_lazy("Uang, selesai bulan ini"),
    "trend": gettext_lazy("Bulan"),
}


@dataclass(frozen=True)
class Line:
    """A row of a table: its label and what is counted of it."""

    label: str
    counts: dict[str, int]
    code: str = ""

    @property
    def on_time(self) -> int:
        return self.counts["settled"] - self.counts["settled_late"]


@dataclass(frozen=True)
class ListedCase:
    """A case of a list, in words."""

    number: str
    category: str
    place: str
    stage: str
    office: str
    age_days: int
    late: bool
    remarks: str


class Reading:
    """An edition as a reader gets it; `reader` None is an address without an account.

    Names of categories, regions and offices are today's: the figures keep codes.
    """

    def __init__(self, edition: Edition, reader: User | None = None) -> None:
        self.edition = edition
        self.subject = edition.subject
        self.reader = reader
        self.figures: dict[str, Any] = editions.read(edition, reader)

    @property
    def totals(self) -> dict[str, int]:
        return self.figures["totals"]

    @property
    def before(self) -> dict[str, int]:
        return self.figures["before"]

    @property
    def apart(self) -> dict[str, int]:
        return self.figures["apart"]

    @property
    def on_time(self) -> int:
        return self.totals["settled"] - self.totals["settled_late"]

    @cached_property
    def categories(self) -> list[Line]:
        return _by_size(self._lines("categories", self._category_names))

    @cached_property
    def places(self) -> list[Line]:
        return self._lines("places", {"": _("Lokasi belum lengkap")} | self._region_names)

    @cached_property
    def channels(self) -> list[Line]:
        return _by_size(self._lines("channels", self._channel_names))

    @cached_property
    def channels_apart(self) -> list[Line]:
        return self._lines("channels_apart", self._channel_names)

    @cached_property
    def stages(self) -> list[Line]:
        open_stages = [line for line in self.figures["stages"] if line["code"] != Stage.CLOSED]
        return [Line(str(Stage(line["code"]).label), line["measures"]) for line in open_stages]

    @cached_property
    def tiers(self) -> list[Line]:
        return self._lines("tiers", {str(tier): label for tier, label in Tier.choices})

    @property
    def settling_tiers(self) -> list[Line]:
        """Return the tiers at which anything was settled, for the chart."""
        return [line for line in self.tiers if line.counts["settled"]]

    @cached_property
    def ages(self) -> list[Line]:
        return self._lines("ages", AGES)

    @cached_property
    def not_followed_up(self) -> list[ListedCase]:
        return self._cases("not_followed_up")

    @cached_property
    def attention(self) -> list[ListedCase]:
        return self._cases("attention")

    @cached_property
    def trend(self) -> list[tuple[Month, int, int]]:
        return [(Month.parse(each["month"]), each["received"], each["settled"]) for each in self.figures["trend"]]

    @cached_property
    def money(self) -> list[tuple[str, int, Decimal, Decimal, Decimal]]:
        """Return rows of label, cases, lost, returned, outstanding; none where no loss is recorded."""
        labels = {"money_open": _("Masih ditangani"), "money_settled": _("Selesai bulan ini")}
        rows = [(label, self.figures[name]) for name, label in labels.items() if self.figures[name]["cases"]]
        return [
            (label, row["cases"], *(Decimal(row[amount]) for amount in ("lost", "returned", "outstanding")))
            for label, row in rows
        ]

    @cached_property
    def differences(self) -> list[tuple[str, Any, Any]]:
        return editions.differences(self.edition, self.reader)

    @property
    def is_running(self) -> bool:
        """Say whether the month had not ended when it was reckoned."""
        return self.edition.as_of < self.subject.period.ends_at

    @property
    def change(self) -> str:
        """Say in a sentence or two what changed against the month before; part of a month is not held against all."""
        if self.is_running:
            return f"{self._so_far} {self._pace}"
        return " ".join([
            _compared(_("Pengaduan masuk"), self.totals["received"], self.before["received"], self.subject.period),
            _compared(_("Yang selesai"), self.totals["settled"], self.before["settled"], self.subject.period),
            self._pace,
        ])  # fmt: skip

    @property
    def _so_far(self) -> str:
        return _(
            "Sejauh ini masuk %(received)s dan selesai %(settled)s. "
            "Sepanjang %(month)s masuk %(then)s dan selesai %(done)s."
        ) % {
            "received": amount(self.totals["received"]),
            "settled": amount(self.totals["settled"]),
            "month": self.subject.period.previous.label,
            "then": amount(self.before["received"]),
            "done": amount(self.before["settled"]),
        }

    @property
    def _pace(self) -> str:
        """Say whether settling keeps pace with what comes in: the programme's own sign of success (D44)."""
        grown = self.totals["open"] - self.totals["open_before"]
        if grown > 0:
            return _("Pengaduan yang berjalan bertambah %s.") % amount(grown)
        if grown < 0:
            return _("Pengaduan yang berjalan berkurang %s.") % amount(-grown)
        return _("Jumlah pengaduan yang berjalan tetap.")

    @property
    def names(self) -> dict[str, Any]:
        """Return the name of every code that the tables use."""
        tiers = {str(tier): label for tier, label in Tier.choices}
        return {**dict(Stage.choices), **AGES, **tiers} | self._code_names

    def _lines(self, table: str, names: dict) -> list[Line]:
        return [
            Line(str(names.get(row["code"], row["code"])), row["measures"], row["code"]) for row in self.figures[table]
        ]

    def _cases(self, name: str) -> list[ListedCase]:
        return [
            ListedCase(
                number=case["number"],
                category=self._category_names.get(case["category"], case["category"]),
                place=self._place(case["region"]),
                stage=str(Stage(case["stage"]).label),
                office=case["office"],
                age_days=case["age_days"],
                late=case["late"],
                remarks=", ".join(self._remarks(case)),
            )
            for case in self.figures[name]["cases"]
        ]

    def _remarks(self, case: dict[str, Any]) -> Iterable[str]:
        yield from (str(REASONS[reason]) for reason in case["reasons"])
        if case["late"] and "puncak" not in case["reasons"]:
            yield _("terlambat")
        if case["apart"]:
            yield _("BPKP")

    def _place(self, code: str) -> str:
        """Return a kecamatan with its kabupaten: names of kecamatan repeat."""
        names = self._region_names
        parts = [names.get(code[:length], "") for length in (8, 5) if len(code) >= length] or [names.get(code, code)]
        return ", ".join(filter(None, parts))

    @property
    def _code_names(self) -> dict[str, str]:
        return {**self._channel_names, **self._category_names, **self._region_names}

    @cached_property
    def _category_names(self) -> dict[str, str]:
        return dict(Category.objects.filter(programme=self.subject.programme).values_list("code", "name"))

    @cached_property
    def _channel_names(self) -> dict[str, str]:
        return dict(Channel.objects.filter(programme=self.subject.programme).values_list("code", "name"))

    @cached_property
    def _region_names(self) -> dict[str, str]:
        codes = {row["code"] for row in self.figures["places"]}
        for name in RECKONINGS[self.edition.kind].lists:
            for case in self.figures[name]["cases"]:
                codes |= {case["region"][:length] for length in (2, 5, 8)}
        return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))


def amount(number: int) -> str:
    """Return a whole number as it is written in the language in use: 12.345."""
    return number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)


def rupiah(number: Decimal) -> str:
    """Return an amount in rupiah; cents only where there are some."""
    cents = 0 if number == number.to_integral_value() else 2
    return "Rp" + number_format(number, decimal_pos=cents, use_l10n=True, force_grouping=True)


def share(part: int, whole: int) -> str:
    """Return a share in whole per cent; a dash of nothing."""
    return f"{round(100 * part / whole)}%" if whole else "–"


def _compared(what: str, now: int, then: int, month: Month) -> str:
    words = {"what": what, "now": amount(now), "then": amount(then), "month": month.previous.label}
    if now > then:
        return _("%(what)s %(now)s, naik dari %(then)s pada %(month)s.") % words
    if now < then:
        return _("%(what)s %(now)s, turun dari %(then)s pada %(month)s.") % words
    return _("%(what)s %(now)s, sama dengan %(month)s.") % words


def _by_size(lines: list[Line]) -> list[Line]:
    """Return lines with the most received first; they stand in the order of their codes where that is equal."""
    return sorted(lines, key=lambda line: -line.counts["received"])


def in_words(path: str, reading: Reading) -> str:
    """Return the path of a number in the figures as its reader would call it: `Wilayah, Jawa Tengah: masuk`."""
    section, *rest = path.split("/")
    names = reading.names | MEASURES
    tail = [names.get(part, part) for part in rest if part not in {"measures", "cases"}]
    return ", ".join(str(part) for part in (SECTIONS.get(section, section), *tail))
