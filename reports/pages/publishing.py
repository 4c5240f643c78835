"""Reckon what the public reads of a month that has ended, and keep it (D39, D57, D61).

The counts are those of the monthly report, over twelve months instead of one, so that fewer are too small to show.
What is concealed from a tier (D35) counts in the nation only, where it cannot be told apart. Every number leaves this
module through `suppression.shown`, under one name wherever it stands.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from pengaduan.models import Category, Nature, Outcome
from reports import queries
from reports.figures.suppression import shown
from reports.models import PublicFigures
from reports.periods import Month
from reports.subject import Subject
from tiers.models import Programme, Region, Tier
from workflow.machine import STEPS

MONTHS = queries.TREND_MONTHS
MEASURES = ("received", "settled", "settled_late", "aside", "open", "late", "reopenings", "rejections", "on_time")
WHOLE = {"on_time": "settled", "settled_late": "settled", "late": "open"}
TOLD = "told"
"""The outcome of a case whose result was told and which is not closed yet."""
OUTCOMES = {step.code: str(step.outcome) for step in STEPS if step.outcome}


@dataclass(frozen=True)
class Group:
    """What is counted: of a programme (all without one), in a province (the nation without one), one part of it."""

    programme: str = ""
    region: str = ""
    by: str = ""
    code: str = ""


Counts = dict[Group, Counter[str]]

# Over twelve months: one row a place and category, and one a place and step by which the done were closed.
WINDOW = f"""
{queries.FACTS}
SELECT concealed, place, category, ending, GROUPING(category) = 1 AS of_endings,
    count(*) FILTER (WHERE done_now) AS ended, {queries.MEASURES}
FROM (SELECT facts.*, CASE WHEN stage = 'ditutup' THEN closed_by ELSE '' END AS ending FROM facts WHERE NOT apart) f
GROUP BY GROUPING SETS ((concealed, place, category), (concealed, place, ending))
"""


def publish(month: Month, *, now: datetime, again: bool = False) -> bool:
    """Publish a month that has ended, once; return whether it was published now. `again` replaces what there is."""
    if now < month.ends_at:
        raise ValueError(f"{month} has not ended")
    before = PublicFigures.objects.filter(month=month.first)
    if before.exists() and not again:
        return False
    rows = list(_rows(month, now=now))
    try:
        with transaction.atomic():
            before.delete()
            PublicFigures.objects.bulk_create(rows)
    except IntegrityError:  # the other of two at once was faster
        return False
    return True


def _rows(month: Month, *, now: datetime) -> Iterator[PublicFigures]:
    programmes = list(Programme.objects.filter(active=True).order_by("code"))
    provinces = list(Region.objects.filter(tier=Tier.PROVINSI).order_by("code"))
    categories: dict[str, list[Category]] = {programme.code: [] for programme in programmes}
    for category in Category.objects.filter(programme__in=programmes).select_related("programme").order_by("code"):
        categories[category.programme.code].append(category)
    counts = Counts()
    for programme in programmes:
        subject = Subject(programme, None, month)
        natures = {category.code: category.nature for category in categories[programme.code]}
        for group, measures in _counted(subject, natures, as_of=now):
            for wider in (group, Group("", group.region, group.by, group.code)):
                if wider.programme or wider.by != "category":  # each programme has categories of its own
                    counts.setdefault(wider, Counter()).update(measures)
    public = Public(month, counts, [each.code for each in programmes], [each.code for each in provinces])
    for one in (None, *programmes):
        of_programme = categories[one.code] if one else []
        for region in (None, *provinces):
            listed = [each.code for each in of_programme if region is None or each.conceal_up_to is None]
            figures = public.of(one.code if one else "", region.code if region else "", listed)
            yield PublicFigures(month=month.first, programme=one, region=region, figures=figures, made_at=now)


def _counted(subject: Subject, natures: dict[str, str], *, as_of: datetime) -> Iterator[tuple[Group, dict[str, int]]]:
    """Yield what was counted of a programme, each case in every group to which it belongs."""
    start = subject.period.back(MONTHS - 1).starts_at
    programme = subject.programme.code
    for concealed, place, category, ending, of_endings, ended, *numbers in queries.ask(
        subject, WINDOW, as_of=as_of, start=start
    ):
        measures = dict(zip(queries.MEASURE_NAMES, numbers, strict=True))
        measures["on_time"] = measures["settled"] - measures["settled_late"]
        kept = {name: measures[name] for name in MEASURES}
        for region in _regions(place, concealed):
            if of_endings:
                yield Group(programme, region, "outcome", OUTCOMES.get(ending, TOLD)), {"ended": ended}
            else:
                yield Group(programme, region), kept
                yield Group(programme, region, "category", category), kept
                yield Group(programme, region, "nature", natures.get(category, "")), kept
    for month, place, concealed, received, settled in queries.trend_by_place(subject, as_of=as_of):
        for region in _regions(place, concealed):
            yield Group(programme, region, "month", str(month)), {"received": received, "settled": settled}


def _regions(place: str, concealed: bool) -> Iterable[str]:
    """Return the areas in which a case counts: the nation, and its province unless it is concealed (D35)."""
    return ("",) if concealed or not place else ("", place)


@dataclass(frozen=True)
class Public:
    """The counts of a month as the public reads them."""

    month: Month
    counts: Counts
    programmes: list[str]
    provinces: list[str]

    def of(self, programme: str, region: str, categories: list[str]) -> dict[str, Any]:
        """Return what stands on one page: every row there could be, so that none tells by being there."""
        figures: dict[str, Any] = {
            "totals": self._measures(Group(programme, region)),
            "trend": self._part(programme, region, "month", self._months, ("received", "settled")),
            "natures": self._part(programme, region, "nature", Nature.values),
            "outcomes": self._part(programme, region, "outcome", [TOLD, *Outcome.values], ("ended",)),
        }
        if programme:
            figures["categories"] = self._part(programme, region, "category", categories)
        else:
            figures["programmes"] = [[code, self._measures(Group(code, region))] for code in self.programmes]
        if not region:
            figures["places"] = [[code, self._measures(Group(programme, code))] for code in self.provinces]
        return figures

    @property
    def _months(self) -> list[str]:
        return [str(self.month.back(each)) for each in reversed(range(MONTHS))]

    def _part(
        self, programme: str, region: str, by: str, codes: Iterable[str], measures: Iterable[str] = MEASURES
    ) -> list[list]:
        return [[code, self._measures(Group(programme, region, by, code), measures)] for code in codes]

    def _measures(self, group: Group, measures: Iterable[str] = MEASURES) -> dict[str, int | None]:
        counts = self.counts.get(group, Counter())
        time = group.code if group.by == "month" else str(self.month)  # a month of the trend is the same in each trend
        names = {each: "/".join((group.programme, group.region, group.by, group.code, each)) for each in measures}
        public = {each: shown(counts[each], name, time=time, key=self._key) for each, name in names.items()}
        return {each: _no_more_than(number, public, WHOLE.get(each)) for each, number in public.items()}

    @cached_property
    def _key(self) -> bytes:
        return salted_hmac("reports.publishing", "disturbance", secret=settings.SECRET_KEY, algorithm="sha256").digest()


def _no_more_than(number: int | None, public: dict[str, int | None], whole: str | None) -> int | None:
    """Return a published part, never larger than the published whole: rounded by themselves they may be."""
    if whole is None or number is None:
        return number
    limit = public[whole]
    return None if limit is None else min(number, limit)
