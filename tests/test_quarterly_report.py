"""The quarterly report of problems that recur in several kabupaten: figures, words and paper (D45)."""

import random
from collections import Counter, defaultdict
from math import ceil

import pytest

from pengaduan.models import Complaint, Event, Outcome, Stage
from reports import recurring
from reports.periods import JAKARTA, Quarter
from reports.records import Count
from reports.subject import Subject
from tests.cast import at
from tests.lives import DONE, lives
from tiers.models import Region
from workflow import taking
from workflow.machine import BY_CODE

SUMMER = Quarter.parse("2026-T3")
OCTOBER_FIRST = at("2026-10-01 06:00")


def summer(world, region=None, programme="pkh", period=SUMMER):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, period)


@pytest.fixture
def busy_year(world, monkeypatch):
    """Return the world after complaints that lived at random until the end of the third quarter."""
    monkeypatch.setattr("workflow.notices.owe_for", lambda *args, **kwargs: [])  # nobody is told here
    monkeypatch.setattr("workflow.correspondence.keep_for", lambda *args, **kwargs: [])
    lives(world, random.Random(12), 90, until=SUMMER.ends_at)
    for complaint in Complaint.objects.filter(received_at__gte=SUMMER.starts_at, closed_at=None).order_by("pk")[::9]:
        taking.take(complaint, BY_CODE["duplikat"], now=at("2026-09-30 23:00"))
    return world


def counted_anew(subject, by):
    """Count a quarter's problems from the complaints' columns and events, right as they stood at its end."""
    start, end = subject.period.starts_at, subject.period.ends_at
    cases = Complaint.objects.filter(programme=subject.programme, concealed_tier__lt=subject.tier)
    cases = cases.filter(channel__counted_apart=False, received_at__lt=end)
    if subject.region:
        cases = cases.filter(region__code__startswith=subject.region.code)
    counts, spread, days = defaultdict(Counter), defaultdict(Counter), defaultdict(list)
    for case in cases.select_related("category", "field"):
        code = by(case)
        count = counts[code]
        events = list(Event.objects.filter(complaint=case, at__lt=end).order_by("seq"))
        within = [each for each in events if each.at >= start]
        reopened = any(each.from_stage == Stage.CLOSED != each.to_stage for each in within)
        before = [each.to_stage for each in events if each.at < start][-1:]
        duplicate = case.outcome == Outcome.DUPLICATE
        if case.received_at >= start:
            count["received"] += 1
            count["duplicates"] += duplicate
            if not duplicate:
                spread[code][case.region_id[:5]] += 1
        handled = case.received_at >= start or before not in ([], [Stage.CLOSED]) or reopened
        count["handled"] += handled
        count["rejected"] += any(each.from_stage == Stage.FEEDBACK and each.to_stage not in DONE for each in within)
        count["reopened"] += reopened
        count["escalated"] += any(each.kind == "eskalasi" for each in within)
        told_at = case.settled_at or (case.closed_at if case.outcome == Outcome.UNPROVEN else None)
        if told_at and told_at >= start:
            count["settled"] += 1
            count["settled_late"] += told_at > case.due_at
            days[code].append((_day(told_at) - _day(case.received_at)).days)
        count["open"] += case.closed_at is None
        count["late"] += case.stage not in DONE and case.due_at < (case.waiting_since or end)
    return counts, spread, {code: sorted(each) for code, each in days.items()}


def _day(instant):
    return instant.astimezone(JAKARTA).date()


def rank(days, share):
    """Return the least number of days in which at least so large a share was done."""
    return days[ceil(share * len(days)) - 1] if days else None


NUMBERS = (
    *("received", "duplicates", "handled", "rejected", "reopened", "escalated", "settled", "settled_late"),
    *("open", "late"),
)


def test_d45_the_figures_of_a_quarter_equal_a_count_from_the_record(busy_year):
    """By category and by field, in the nation and in a province; what counts as recurring follows from the places."""
    seen = Counter()
    for region in (None, "33"):
        subject = summer(busy_year, region)
        found = recurring.figures(subject, as_of=OCTOBER_FIRST)
        for rows, by in (
            (found.categories, lambda case: case.category.code),
            (found.fields, lambda case: case.field.code if case.field else ""),
            ((found.totals,), lambda case: ""),
        ):
            counts, spread, days = counted_anew(subject, by)
            told = {row.code: row for row in rows if row.handled or row.received}
            assert {code: {name: getattr(row, name) for name in NUMBERS} for code, row in told.items()} == {
                code: {name: count[name] for name in NUMBERS} for code, count in counts.items() if count["handled"]
            }
            for code, row in told.items():
                places = spread[code]
                assert (row.places, row.recurring_places, row.provinces) == (
                    len(places), sum(number > 1 for number in places.values()), len({each[:2] for each in places}),
                )  # fmt: skip
                most = sorted(places.items(), key=lambda each: (-each[1], each[0]))
                assert row.most == tuple(Count(*each) for each in most[: recurring.MOST])
                assert (row.median_days, row.p90_days) == (
                    rank(days.get(code, []), 0.5), rank(days.get(code, []), 0.9),
                )  # fmt: skip
            seen += sum(counts.values(), Counter())
        came = Counter()
        for cell in found.cells:
            came[cell.category] += cell.number
        assert came == {
            row.code: row.received - row.duplicates for row in found.categories if row.received > row.duplicates
        }
        assert sum(point.received for point in found.trend[-3:]) == found.totals.received
        earlier = recurring.figures(subject.before, as_of=OCTOBER_FIRST)
        assert {row.code: row.matters_before for row in found.categories if row.matters_before} == {
            row.code: row.received - row.duplicates for row in earlier.categories if row.received > row.duplicates
        }
        assert {row.code: row.recurring_before for row in found.categories if row.matters_before} == {
            row.code: row.recurring_places for row in earlier.categories if row.received > row.duplicates
        }
    assert [name for name in NUMBERS if not seen[name]] == []
