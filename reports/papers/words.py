"""Turn an edition's codes and numbers into the words of a report: one reading for PDF, workbook and mail."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pengaduan.models import Category, Channel, Field, Secrecy, Source, Stage, Weight
from reports import editions
from reports.figures import villages
from reports.figures.reckoning import RECKONINGS
from reports.models import Edition
from reports.papers import changes, sentences
from reports.papers.names import AGES, COLUMNS, REASONS, RECORDED_BY, SECTIONS, TOLD
from reports.papers.numbers import amount, ratio
from reports.periods import Month
from tiers.models import Region, Tier, User

_TIERS = {str(tier.value): tier.label for tier in Tier}


@dataclass(frozen=True)
class Line:
    """A row of a table: its label and what is counted of it."""

    label: str
    counts: dict[str, int]
    code: str = ""

    @property
    def on_time(self) -> int:
        return self.counts["settled"] - self.counts["settled_late"]

    @property
    def cells(self) -> list[tuple[str, str, int]]:
        """Return the columns of a table of counts: measure, head, number."""
        counts = self.counts | {"on_time": self.on_time}
        return [(measure, str(head), counts[measure]) for measure, head in COLUMNS.items()]


@dataclass(frozen=True)
class SpeedLine:
    """How many whole days something took: half of them, and nine of ten, at most so many."""

    label: str
    code: str
    number: int
    median_days: int | None
    p90_days: int | None
    rejections: int | None = None  # beside it where they are counted the same way (D61)
    reopenings: int | None = None


@dataclass(frozen=True)
class OwedLine:
    """What the offices of one tier hold and owe."""

    label: str
    code: str
    open: int
    not_followed_up: int
    waiting: int
    past_due: int
    due_soon: int
    oldest_days: int


@dataclass(frozen=True)
class CountLine:
    """How many of something, and of how many."""

    label: str
    number: int
    whole: int


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


FOR_PICTURES = 10  # settled cases

IN_BETWEEN = {"measures", "cases"}
"""Parts of a path of which a reader need not hear."""


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
        return self.sum.on_time

    @property
    def sum(self) -> Line:
        """Return the totals as the last row of a table that counts all cases."""
        return Line(_("Jumlah"), self.totals)

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
    def fields(self) -> list[Line]:
        return _by_size(self._lines("fields", {"": _("Tidak disebut")} | self._entries(Field)))

    @cached_property
    def sources(self) -> list[Line]:
        return _by_size(self._lines("sources", {"": _("Tidak disebut")} | self._entries(Source)))

    @cached_property
    def weights(self) -> list[Line]:
        order = list(Weight.values)
        lines = self._lines("weights", {"": _("Belum ditetapkan")} | dict(Weight.choices))
        return sorted(lines, key=lambda line: order.index(line.code) if line.code in order else len(order))

    @cached_property
    def stages(self) -> list[Line]:
        open_stages = [line for line in self.figures["stages"] if line["code"] != Stage.CLOSED]
        return [Line(str(Stage(line["code"]).label), line["measures"], line["code"]) for line in open_stages]

    @cached_property
    def tiers(self) -> list[Line]:
        return self._lines("tiers", _TIERS)

    @property
    def settling_tiers(self) -> list[Line]:
        """Return the tiers at which anything was settled, for the chart."""
        return [line for line in self.tiers if line.counts["settled"]]

    @property
    def has_charts(self) -> bool:
        """Say whether enough was settled for pictures of it; of a handful of cases the tables say it all."""
        return self.totals["settled"] >= FOR_PICTURES

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
    def speed(self) -> SpeedLine | None:
        """Return how long it took from receipt to settlement, with what was rejected and opened again (D61)."""
        lines = self._speeds("speed", {"": _("Dari diterima sampai selesai")}, {"": self.totals})
        return lines[0] if lines and lines[0].number else None

    @cached_property
    def stage_speeds(self) -> list[SpeedLine]:
        """Return the uninterrupted stays in a stage that ended in the month, in the order of the stages."""
        order = list(Stage.values)
        return sorted(self._speeds("stage_speeds", dict(Stage.choices)), key=lambda line: order.index(line.code))

    @cached_property
    def tier_speeds(self) -> list[SpeedLine]:
        return self._speeds("tier_speeds", _TIERS, {line.code: line.counts for line in self.tiers})

    @cached_property
    def owed(self) -> list[OwedLine]:
        """Return what each tier holds and owes, the lowest first."""
        rows = sorted(self.figures.get("owed", []), key=lambda row: row["code"])
        return [
            OwedLine(str(_TIERS[row["code"]]), row["code"], **{name: row[name] for name in row if name != "code"})
            for row in rows
        ]

    @cached_property
    def secrecy(self) -> list[CountLine]:
        return self._counts("secrecy", dict(Secrecy.choices))

    @cached_property
    def recorded_by(self) -> list[CountLine]:
        return self._counts("recorded_by", RECORDED_BY)

    @property
    def villages(self) -> CountLine | None:
        """Return from how many of the villages of the area anything came in; an older edition does not say."""
        equity = self.figures.get("equity")
        return equity and CountLine(_("Desa/kelurahan"), equity["villages_heard"], equity["villages"])

    @cached_property
    def silent_places(self) -> list[str]:
        codes = self.figures.get("equity", {}).get("silent_places", [])
        return [self._region_names.get(code, code) for code in codes]

    @property
    def complainants_a_case(self) -> str:
        """Return how many people brought a case, on average: 1,2; what was merged is one case (D55)."""
        return ratio(self.totals.get("complainants", 0), self.new_cases)

    @property
    def new_cases(self) -> int:
        """Return how many cases came in: of what was merged one only; an older edition does not tell."""
        return self.totals["received"] - self.totals["merged"] if "merged" in self.totals else 0

    @cached_property
    def differences(self) -> list[tuple[str, Any, Any]]:
        return changes.in_order(self._changed, self.names)

    @property
    def is_running(self) -> bool:
        """Say whether the month had not ended when it was reckoned."""
        return self.edition.as_of < self.subject.period.ends_at

    @property
    def brief(self) -> tuple[str, ...]:
        """Return what the mail says in sentences: the four numbers, and what changed."""
        numbers = {name: amount(self.totals[name]) for name in ("received", "settled", "open", "late")}
        return (
            _("Masuk %(received)s, selesai %(settled)s, berjalan %(open)s, terlambat %(late)s.") % numbers,
            self.change,
        )

    @property
    def is_empty(self) -> bool:
        """Say whether nothing at all happened: nothing came in, nothing ran, nothing ended."""
        return not any(self.totals.values()) and not any(self.apart.values())

    @property
    def any_month(self) -> bool:
        """Say whether anything came in or was settled in the months of the trend."""
        return any(received or settled for _month, received, settled in self.trend)

    @cached_property
    def change(self) -> str:
        return sentences.change(self)

    @cached_property
    def success(self) -> list[sentences.Success]:
        return sentences.success(self)

    @cached_property
    def sign(self) -> str:
        return sentences.sign(self.success)

    @cached_property
    def decisions(self) -> list[tuple[str, str]]:
        return list(sentences.decisions(self))

    @property
    def four(self) -> list[tuple[str, int, str]]:
        """Return the four numbers of the cover: label, number, and how it stands to the month before."""
        labels = {
            "received": pgettext("received", "Masuk"),
            "settled": _("Selesai"),
            "open": _("Berjalan"),
            "late": _("Terlambat"),
        }
        return [
            (
                label,
                self.totals[each],
                "" if self.is_running else sentences.against(self.totals[each], self.before[each]),
            )
            for each, label in labels.items()
        ]

    @property
    def names(self) -> dict[str, Any]:
        """Return the name of every code that the tables use."""
        choices = {**dict(Stage.choices), **dict(Weight.choices), **dict(Secrecy.choices), **RECORDED_BY}
        return {**choices, **AGES, **_TIERS} | self._code_names | self.offices

    @cached_property
    def offices(self) -> dict[str, str]:
        """Return what offices are called to the readers of this report, where it is not by their name (D57)."""
        cases = [case for name in RECKONINGS[self.edition.kind].lists for case in self.figures[name]["cases"]]
        names = {case["office"] for case in cases}
        if self.edition.number > 1:
            names |= {then for path, then, _now in self._changed if path.endswith("/office") and then}
        return villages.called(self.subject, names, [case["region"] for case in cases])

    @cached_property
    def _changed(self) -> list[tuple[str, Any, Any]]:
        return editions.differences(self.edition, self.reader)

    def _lines(self, table: str, names: dict) -> list[Line]:
        return [
            Line(str(names.get(row["code"], row["code"])), row["measures"], row["code"])
            for row in self.figures.get(table, [])
        ]

    def _speeds(self, table: str, names: dict, beside: dict[str, dict[str, int]] | None = None) -> list[SpeedLine]:
        return [
            SpeedLine(
                label=str(names.get(row["code"], row["code"])),
                code=row["code"],
                number=row["number"],
                median_days=row["median_days"],
                p90_days=row["p90_days"],
                **{name: (beside or {}).get(row["code"], {}).get(name) for name in ("rejections", "reopenings")},
            )
            for row in self.figures.get(table, [])
        ]

    def _counts(self, table: str, names: dict) -> list[CountLine]:
        rows = self.figures.get("equity", {}).get(table, [])
        whole = sum(row["number"] for row in rows)
        return [CountLine(str(names.get(row["code"], row["code"])), row["number"], whole) for row in rows]

    def _cases(self, name: str) -> list[ListedCase]:
        return [
            ListedCase(
                number=case["number"],
                category=self._category_names.get(case["category"], case["category"]),
                place=self._place(case["region"]),
                stage=str(Stage(case["stage"]).label),
                office=self.offices.get(case["office"], case["office"]),
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
        """Return a kecamatan with its kabupaten, whose names repeat in a nation; of one kabupaten, the kecamatan."""
        names = self._region_names
        lengths = (8,) if self.subject.tier == Tier.KABUPATEN else (8, 5)
        parts = [names.get(code[:length], "") for length in lengths if len(code) >= length] or [names.get(code, code)]
        return ", ".join(filter(None, parts))

    @property
    def _code_names(self) -> dict[str, str]:
        entries = {**self._entries(Field), **self._entries(Source), **self._channel_names, **self._category_names}
        return entries | self._region_names

    @cached_property
    def _category_names(self) -> dict[str, str]:
        return self._entries(Category)

    @cached_property
    def _channel_names(self) -> dict[str, str]:
        return self._entries(Channel)

    def _entries(self, model: type[Category | Channel | Field | Source]) -> dict[str, str]:
        return dict(model.objects.filter(programme=self.subject.programme).values_list("code", "name"))

    @cached_property
    def _region_names(self) -> dict[str, str]:
        codes = {row["code"] for row in self.figures["places"]}
        codes |= set(self.figures.get("equity", {}).get("silent_places", []))
        for name in RECKONINGS[self.edition.kind].lists:
            for case in self.figures[name]["cases"]:
                codes |= {case["region"][:length] for length in (2, 5, 8)}
        return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))


def _by_size(lines: list[Line]) -> list[Line]:
    """Return lines with the most received first; they stand in the order of their codes where that is equal."""
    return sorted(lines, key=lambda line: -line.counts["received"])


def in_words(path: str, reading: Reading) -> str:
    """Return the path of a number in the figures as its reader would call it: `Wilayah, Jawa Tengah: masuk`."""
    section, *rest = path.split("/")
    own = reading.names
    names = TOLD | own
    rest = rest[1:] if section == "speed" else rest  # of one row, which has no code
    tail = [names.get(part, part) if part else _("tidak disebut") for part in rest if part not in IN_BETWEEN]
    return ", ".join(str(part) for part in (own.get(section) or SECTIONS.get(section, section), *tail))
