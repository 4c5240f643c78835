"""Tell the problems of a quarter that recur in several kabupaten in words, for PDF, workbook and mail (D45)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from pengaduan.models import Category, Nature
from reports.figures.recurring import MATTERS, PLACES, recurs
from reports.papers import pdf
from reports.papers.numbers import amount, rupiah, share
from reports.papers.words import Reading
from tiers.models import Region, Tier

COLUMNS = 9  # categories side by side in the table of places
SHADES = 5
ASKED = 10  # questions to the team at most
NAMED = 3  # kabupaten named in a sentence
# When a figure is worth a question: so much more than before, such a share of the cases handled, so few at the least.
GROWN, SHARE, FEW, CONCENTRATED = 1.25, 0.2, 5, 0.5

ASK_OF_HANDLED = {
    "rejected": gettext_lazy("Mengapa banyak pelapor menolak hasilnya?"),
    "reopened": gettext_lazy("Mengapa banyak kasus dibuka kembali sesudah ditutup?"),
    "escalated": gettext_lazy("Apa yang menahan kasus di jenjang bawah sampai naik karena lewat tenggat?"),
    "late": gettext_lazy("Mengapa banyak kasus belum selesai sesudah tenggat aslinya?"),
}
NAMES = {
    "matters_before": gettext_lazy("triwulan sebelumnya"),
    "duplicates": gettext_lazy("duplikat"),
    "places": gettext_lazy("kabupaten/kota asal"),
    "recurring_places": gettext_lazy("kabupaten/kota dengan dua atau lebih"),
    "recurring_before": gettext_lazy("kabupaten/kota dengan dua atau lebih pada triwulan sebelumnya"),
    "provinces": gettext_lazy("provinsi asal"),
    "most": gettext_lazy("terbanyak dari"),
    "handled": gettext_lazy("ditangani"),
    "rejected": gettext_lazy("kasus yang hasilnya ditolak"),
    "reopened": gettext_lazy("kasus yang dibuka kembali"),
    "escalated": gettext_lazy("kasus yang naik jenjang karena lewat tenggat"),
    "cells": gettext_lazy("Kategori dan tempat"),
    "silent_places": gettext_lazy("Tempat tanpa pengaduan"),
    "money": gettext_lazy("Uang"),
    "cases": gettext_lazy("kasus"),
}


@dataclass(frozen=True)
class Problem:
    """A category or field in words, with what is counted of it; `number` is what came in, without duplicates."""

    label: str
    code: str
    counts: dict[str, Any]
    is_question: bool  # informatif: no problem, but what many ask
    most: list[tuple[str, int]]

    @property
    def number(self) -> int:
        return self.counts["received"] - self.counts["duplicates"]

    @property
    def before(self) -> int:
        return self.counts["matters_before"]

    @property
    def recurs(self) -> bool:
        return recurs(self.counts["recurring_places"])

    @property
    def recurred(self) -> bool:
        return recurs(self.counts["recurring_before"])

    @property
    def from_most(self) -> str:
        """Return the kabupaten that brought two or more, those with most first: Brebes 12, Tegal 7."""
        named = ", ".join(f"{name} {amount(number)}" for name, number in self.most if number >= MATTERS)
        return named or (_("masing-masing satu") if self.most else "")

    @property
    def rejected(self) -> str:
        return self._of_handled("rejected")

    @property
    def reopened(self) -> str:
        return self._of_handled("reopened")

    @property
    def escalated(self) -> str:
        return self._of_handled("escalated")

    @property
    def money(self) -> dict[str, Any]:
        amounts = {name: Decimal(self.counts["money"][name]) for name in ("lost", "returned", "outstanding")}
        return amounts | {"cases": self.counts["money"]["cases"]}

    def _of_handled(self, measure: str) -> str:
        """Return a number of cases with its share of those that were handled: 4 (12%)."""
        number = self.counts[measure]
        return f"{amount(number)} ({share(number, self.counts['handled'])})" if number else "0"


@dataclass(frozen=True)
class Shaded:
    """A cell of the table of places: how many, and how dark, from 0 to 4."""

    number: int
    shade: int


@dataclass(frozen=True)
class Question:
    """What the team may want to ask, and the figures that raise it."""

    what: str
    why: str


class Quarterly(Reading):
    """A quarterly edition in words."""

    @cached_property
    def problems(self) -> list[Problem]:
        """Return the problems that recur, those in most kabupaten first."""
        return [each for each in self.all_categories if each.recurs and not each.is_question]

    @cached_property
    def questions_asked(self) -> list[Problem]:
        """Return the informatif categories that recur: what many ask for, or suggest."""
        return [each for each in self.all_categories if each.recurs and each.is_question]

    @cached_property
    def single(self) -> list[Problem]:
        """Return what came in and does not recur."""
        return [each for each in self.all_categories if not each.recurs and each.number]

    @cached_property
    def new(self) -> list[Problem]:
        return [each for each in self.problems if not each.recurred]

    @cached_property
    def gone(self) -> list[Problem]:
        return [each for each in self.all_categories if each.recurred and not each.recurs and not each.is_question]

    @cached_property
    def all_categories(self) -> list[Problem]:
        asked = set(
            Category.objects.filter(programme=self.subject.programme, nature=Nature.INFORMATIF).values_list(
                "code", flat=True
            )
        )
        return self._problems("categories", self._category_names, asked)

    @cached_property
    def problem_fields(self) -> list[Problem]:
        """Return the fields of activity in which anything recurs; none where cases name no field."""
        found = self._problems("fields", {"": _("Tidak disebut")} | self._field_names, set())
        return [each for each in found if each.recurs and each.code]

    @cached_property
    def whole(self) -> Problem:
        """Return the sum over all categories."""
        return self._problem(self.figures["totals"], _("Semua kategori"), is_question=False)

    @cached_property
    def apart_number(self) -> int:
        return self.figures["apart"]["received"]

    @cached_property
    def with_money(self) -> list[Problem]:
        return [each for each in self.all_categories if each.counts["money"]["cases"]]

    @cached_property
    def columns(self) -> list[Problem]:
        """Return the categories that stand side by side in the table of places: those that recur, most first."""
        return (self.problems or self.all_categories)[:COLUMNS]

    @cached_property
    def grid(self) -> list[tuple[str, list[Shaded], int]]:
        """Return of each place its matters of each column, and in all; places from which nothing came are left out."""
        numbers: dict[str, dict[str, int]] = {}
        for cell in self.figures["cells"]:
            numbers.setdefault(cell["place"], {})[cell["category"]] = cell["number"]
        top = max((row.get(column.code, 0) for row in numbers.values() for column in self.columns), default=0)
        return [
            (
                self.place_name(place),
                [_shaded(row.get(column.code, 0), top) for column in self.columns],
                sum(row.values()),
            )
            for place, row in sorted(numbers.items(), key=lambda each: (not each[0], each[0]))
        ]

    def place_name(self, code: str) -> str:
        return self._region_names.get(code, _("Lokasi belum lengkap"))

    @cached_property
    def silent_places(self) -> list[str]:
        return [self._region_names.get(code, code) for code in self.figures["silent_places"]]

    @property
    def four(self) -> list[tuple[str, int, str]]:
        """Return the four numbers of the cover: label, number, how it stands to the quarter before."""
        recurred = sum(each.recurred for each in self.all_categories if not each.is_question)
        return [
            (pgettext("received", "Masuk"), self.whole.number, _against(self.whole.number, self.whole.before)),
            (_("Masalah berulang"), len(self.problems), _against(len(self.problems), recurred)),
            (_("Kabupaten/kota"), self.whole.counts["places"], self._provinces),
            (_("Terlambat"), self.whole.counts["late"], _("dari %s yang berjalan") % amount(self.whole.counts["open"])),
        ]

    @property
    def _provinces(self) -> str:
        if self.subject.tier != Tier.PUSAT:
            return ""
        return _("di %s provinsi") % amount(self.whole.counts["provinces"])

    @cached_property
    def change(self) -> str:
        """Say in a few sentences what recurs, what is new and what is gone."""
        if not self.problems:
            none = _("Tidak ada masalah yang berulang di dua kabupaten/kota atau lebih.")
            return " ".join(filter(None, (none, self._gone)))
        words = _("%(number)s masalah berulang di dua kabupaten/kota atau lebih. Paling luas: %(widest)s.") % {
            "number": amount(len(self.problems)),
            "widest": _joined([each.label for each in self.problems]),
        }
        new = _("Baru berulang triwulan ini: %s.") % _joined([each.label for each in self.new]) if self.new else ""
        return " ".join(filter(None, (words, new, self._gone)))

    @property
    def _gone(self) -> str:
        return _("Tidak lagi berulang: %s.") % _joined([each.label for each in self.gone]) if self.gone else ""

    @property
    def brief(self) -> tuple[str, ...]:
        numbers = _("Masuk %(number)s pengaduan tanpa duplikat, triwulan sebelumnya %(before)s.") % {
            "number": amount(self.whole.number),
            "before": amount(self.whole.before),
        }
        return numbers, self.change

    @cached_property
    def questions(self) -> list[Question]:
        """Return what the team may want to ask, each with the figures that raise it."""
        return list(self._questions())[:ASKED]

    def _questions(self) -> Iterable[Question]:
        yield from _grown(self.problems)
        yield from _concentrated(self.problems)
        for measure, question in ASK_OF_HANDLED.items():
            yield from _often(self.problems, measure, str(question))
        yield from _unpaid(self.with_money)
        for problem in [each for each in self.gone if each.number < each.before][:NAMED]:
            yield Question(
                _("Apa yang membuat “%s” tidak lagi berulang, dan dapatkah ditiru?") % problem.label,
                _("%(now)s pengaduan, triwulan sebelumnya %(before)s.")
                % {"before": amount(problem.before), "now": amount(problem.number)},
            )
        if self.silent_places:
            yield Question(
                _("Apakah warga di tempat tanpa pengaduan tahu ke mana mengadu?"),
                _("Tidak ada pengaduan dari %(number)s %(places)s: %(names)s.")
                % {
                    "number": amount(len(self.silent_places)),
                    "places": self.subject.place_word.lower(),
                    "names": _joined(self.silent_places),
                },
            )

    @cached_property
    def trend_is_told(self) -> bool:
        return any(received or settled for _month, received, settled in self.trend)

    @property
    def names(self) -> dict[str, Any]:
        return super().names | NAMES

    def _problems(self, table: str, names: dict[str, Any], asked: set[str]) -> list[Problem]:
        found = [
            self._problem(row, str(names.get(row["code"], row["code"])), is_question=row["code"] in asked)
            for row in self.figures[table]
        ]
        return sorted(found, key=lambda each: (-each.counts["recurring_places"], -each.number, each.label))

    def _problem(self, row: dict[str, Any], label: str, *, is_question: bool) -> Problem:
        most = [(self._regency(each["code"]), each["number"]) for each in row["most"]]
        return Problem(label, row["code"], row, is_question, most)

    def _regency(self, code: str) -> str:
        """Return the name of a kabupaten without the word itself; a kota keeps its own."""
        return self._region_names.get(code, code).removeprefix("Kabupaten ").removeprefix("Administrasi ")

    @cached_property
    def _field_names(self) -> dict[str, str]:
        return dict(self.subject.programme.field_entries.values_list("code", "name"))

    @cached_property
    def _region_names(self) -> dict[str, str]:
        codes = {cell["place"] for cell in self.figures["cells"]} | set(self.figures["silent_places"])
        for table in ("categories", "fields"):
            codes |= {each["code"] for row in self.figures[table] for each in row["most"]}
        codes |= {each["code"] for each in self.figures["totals"]["most"]}
        return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))


def _grown(problems: list[Problem]) -> Iterable[Question]:
    grown = [each for each in problems if each.number >= FEW and each.number > GROWN * each.before]
    for problem in sorted(grown, key=lambda each: each.before - each.number)[:NAMED]:
        yield Question(
            _("Mengapa pengaduan tentang “%s” bertambah?") % problem.label,
            _("%(now)s pengaduan, triwulan sebelumnya %(before)s. Terbanyak dari %(most)s.")
            % {"now": amount(problem.number), "before": amount(problem.before), "most": problem.from_most},
        )


def _concentrated(problems: list[Problem]) -> Iterable[Question]:
    found = [each for each in problems if each.most and each.most[0][1] >= max(FEW, CONCENTRATED * each.number)]
    for problem in found[:NAMED]:
        place, number = problem.most[0]
        yield Question(
            _("Apa yang berbeda di %(place)s, asal sebagian besar pengaduan tentang “%(what)s”?")
            % {"place": place, "what": problem.label},
            _("%(number)s dari %(all)s pengaduan.") % {"number": amount(number), "all": amount(problem.number)},
        )


def _often(problems: list[Problem], measure: str, question: str) -> Iterable[Question]:
    """Ask why a fifth or more of the cases handled were rejected, opened again, taken up or late."""
    found = [
        (each.counts[measure] / each.counts["handled"], each)
        for each in problems
        if each.counts[measure] >= max(FEW, SHARE * each.counts["handled"])
    ]
    if found:
        ranked = [each for _share, each in sorted(found, key=lambda pair: -pair[0])]
        told = [
            _("%(what)s: %(number)s dari %(handled)s (%(share)s)")
            % {
                "what": each.label,
                "number": amount(each.counts[measure]),
                "handled": amount(each.counts["handled"]),
                "share": share(each.counts[measure], each.counts["handled"]),
            }
            for each in ranked
        ]
        yield Question(question, _joined(told, "; ") + ".")


def _unpaid(problems: list[Problem]) -> Iterable[Question]:
    unpaid = sorted(problems, key=lambda each: -each.money["outstanding"])
    unpaid = [each for each in unpaid if each.money["outstanding"]]
    if unpaid:
        told = [f"{each.label}: {rupiah(each.money['outstanding'])}" for each in unpaid]
        yield Question(_("Bagaimana dan kapan uang yang belum kembali akan dikembalikan?"), _joined(told, "; ") + ".")


def _joined(names: list[str], between: str = ", ") -> str:
    """Name the first few, and say how many more there are."""
    more = len(names) - NAMED
    return between.join(names[:NAMED]) + (_(", dan %s lagi") % amount(more) if more > 0 else "")


def _shaded(number: int, top: int) -> Shaded:
    return Shaded(number, min(SHADES - 1, 1 + number * (SHADES - 1) // (top + 1)) if number else 0)


def _against(now: int, then: int) -> str:
    if now == then:
        return _("sama dengan triwulan sebelumnya")
    words = {"difference": amount(abs(now - then)), "then": amount(then)}
    return (_("naik %(difference)s dari %(then)s") if now > then else _("turun %(difference)s dari %(then)s")) % words


def render(reading: Quarterly) -> bytes:
    """Return the PDF of a quarter."""
    return pdf.paper("laporan/triwulanan.html", reading, styles="laporan_berkala.css", least=PLACES)
