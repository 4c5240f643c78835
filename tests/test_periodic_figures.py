"""The figures of a half month and of a quarter against the same replay of the record as the month's (D45, D47)."""

import random
from collections import Counter, defaultdict

import pytest
from django.db import transaction

from pengaduan.models import Event, Stage
from reports import editions
from reports.figures import prominent, recurring
from reports.figures.records import Count, Money
from reports.periods import HalfMonth, Quarter
from reports.subject import Subject
from tests.cast import at, make_world
from tests.lives import DONE, NOVEMBER_FIRST, OCTOBER, go_on, lives, tell_nobody
from tests.replay import Counted, history, ranked
from tiers.models import Region
from workflow.calendar import local_day

pytestmark = pytest.mark.django_db

HALF, QUARTER = HalfMonth.parse("2026-10-16"), Quarter.parse("2026-T3")
AREAS = ("", "33", "91", "33.29")


@pytest.fixture(scope="module")
def busy(django_db_setup, django_db_blocker):
    """Return the world after six months of complaints that lived at random until the end of October."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        tell_nobody(patch)
        world = make_world()
        lives(world, random.Random(45), 130, until=OCTOBER.ends_at)
        world.told = history(world.programmes["pkh"])
        yield world
        transaction.set_rollback(True)


def about(world, region, period):
    return Subject(world.programmes["pkh"], Region.objects.get(pk=region) if region else None, period)


def counted(world, region, period):
    return Counted(world.told, region, period.starts_at, period.ends_at, as_of=NOVEMBER_FIRST)


def nonzero(record, names):
    return {name: number for name in names if (number := getattr(record, name))}


def is_grave(case):
    return case.prominent or case.weight == "berat"


class Told:
    """The prominent and heavy cases of a half month: how each came into the report, and where it counts."""

    def __init__(self, world, region, period):
        self.then = {case.complaint.pk: case for case in self._cases(counted(world, "", period.previous))}
        self.counted, self.period = counted(world, region, period), period
        entries = {case.complaint.pk: self._entry(case) for case in self._cases(self.counted)}
        self.entries = {pk: entry for pk, entry in entries.items() if entry}
        self.cases = [case for case in self._cases(self.counted) if case.complaint.pk in self.entries]

    @staticmethod
    def _cases(found):
        return [*found.public, *found.apart]

    def _entry(self, case):
        before = self.then.get(case.complaint.pk)
        was_grave = is_grave(before) if before else False
        if not is_grave(case):
            return "diturunkan" if case.was_open and was_grave else ""
        if self.counted.received(case):
            return "baru"
        if case.was_open:
            return "lama" if was_grave else "dinaikkan"
        return "dibuka-kembali" if case.happened["reopenings"] else ""

    def counts(self, case):
        entry, grave, find = self.entries[case.complaint.pk], is_grave(case), self.counted
        before = self.then.get(case.complaint.pk)
        counts = Counter(lowered=entry == "diturunkan", open_before=case.was_open and bool(before) and is_grave(before))
        if grave:
            done = case.stage in DONE
            running = not done and not case.waiting
            counts.update(received=entry == "baru", raised=entry == "dinaikkan", resumed=entry == "dibuka-kembali")
            counts.update(closed=case.stage == Stage.CLOSED, open=case.stage != Stage.CLOSED)
            counts.update(settled=find.settled(case), settled_late=find.settled(case) and case.done_at > case.due_at)
            counts.update(late=find.late(case, case.due_at), past_due=find.late(case, case.tier_due_at))
            counts.update(waiting=not done and bool(case.waiting), idle=running and not self.steps(case))
            soon = self.period.following.ends_at
            counts.update(due_soon=running and self.period.ends_at <= case.tier_due_at < soon)
            counts.update({name: case.happened[name] for name in ("rejections", "reopenings", "escalations")})
        return +counts

    def steps(self, case):
        within = Event.objects.filter(
            complaint=case.complaint, at__gte=self.period.starts_at, at__lt=self.period.ends_at, kind__in=prominent.TOLD
        )
        zone = Region.objects.get(pk=case.region).zone
        return Counter((local_day(each.at, zone).isoformat(), each.kind) for each in within)

    def sum(self, chosen=None):
        cases = self.cases if chosen is None else chosen
        return dict(sum((self.counts(case) for case in cases), Counter()))


def test_d45_the_figures_of_half_a_month_equal_a_replay_of_the_record(busy):
    """And the cases listed are those counted, each with what was done; the flow of the period adds up."""
    seen = Counter()
    for region, half in [*((region, HALF) for region in AREAS), *(("", HALF.back(number)) for number in range(1, 8))]:
        found = prominent.figures(about(busy, region, half), as_of=NOVEMBER_FIRST)
        told = Told(busy, region, half)
        public = [case for case in told.cases if not case.complaint.channel.counted_apart]
        assert nonzero(found.totals, prominent.GRAVE_NAMES) == told.sum(public)
        apart = [case for case in told.cases if case.complaint.channel.counted_apart]
        assert nonzero(found.apart, prominent.GRAVE_NAMES) == told.sum(apart)
        assert nonzero(found.before, prominent.GRAVE_NAMES) == nonzero(
            prominent.figures(about(busy, region, half.previous), as_of=NOVEMBER_FIRST).totals, prominent.GRAVE_NAMES
        )
        for totals in (found.totals, found.apart):
            came = totals.open_before + totals.received + totals.raised + totals.resumed
            assert came - totals.lowered - totals.closed == totals.open
        for rows, code in (
            (found.categories, lambda case: case.category),
            (found.places, told.counted.place),
            (found.tiers, lambda case: str(case.office.tier)),
        ):
            groups = defaultdict(list)
            for case in public:
                groups[code(case)].append(case)
            assert {row.code: nonzero(row.measures, prominent.GRAVE_NAMES) for row in rows} == {
                name: told.sum(cases) for name, cases in groups.items()
            }
        assert found.money == Money(*told.counted.money([case for case in public if is_grave(case)]))
        assert found.cases.total == len(told.cases)
        assert {case.number: _told(case) for case in found.cases.cases} == {
            case.complaint.number: (
                told.entries[case.complaint.pk], case.stage, case.office.name, case.category, case.region[:8],
                told.counted.age(case), bool(told.counted.late(case, case.due_at)), told.steps(case),
            ) for case in told.cases
        }  # fmt: skip
        seen += Counter(told.sum()) + Counter(told.entries.values())
    entries = {"lama", "baru", "dinaikkan", "dibuka-kembali", "diturunkan"}
    assert [name for name in (*prominent.GRAVE_NAMES, *entries) if not seen[name]] == []


def _told(case):
    steps = Counter({(each.on, each.step): each.times for each in case.done})
    return (
        case.entry, case.stage, case.office, case.category, case.region, case.age_days, case.late_days > 0, steps,
    )  # fmt: skip


NUMBERS = (
    *("received", "duplicates", "handled", "rejected", "reopened", "escalated", "settled", "settled_late"),
    *("open", "late"),
)


class Spread:
    """The problems of a quarter: what is counted of a group of cases, and from which kabupaten its matters came."""

    def __init__(self, world, region, period):
        self.find = counted(world, region, period)
        self.start = period.starts_at

    def groups(self, code):
        groups = defaultdict(list)
        for case in self.find.public:
            groups[code(case)].append(case)
        return groups

    def numbers(self, cases):
        find, happened = self.find, [case.happened for case in cases]
        return {
            "received": sum(map(find.received, cases)),
            "duplicates": sum(find.received(case) and case.merged_into is not None for case in cases),
            "handled": sum(find.received(case) or case.was_open or case.happened["reopenings"] > 0 for case in cases),
            "rejected": sum(each["rejections"] > 0 for each in happened),
            "reopened": sum(each["reopenings"] > 0 for each in happened),
            "escalated": sum(each["escalations"] > 0 for each in happened),
            "settled": sum(map(find.settled, cases)),
            "settled_late": sum(find.settled(case) and case.done_at > case.due_at for case in cases),
            "open": sum(case.stage != Stage.CLOSED for case in cases),
            "late": sum(find.late(case, case.due_at) for case in cases),
        }

    def places(self, cases):
        return Counter(case.region[:5] for case in cases if self.find.received(case) and case.merged_into is None)

    def days(self, cases):
        days = [
            (_day(case.done_at) - _day(case.complaint.received_at)).days for case in cases if self.find.settled(case)
        ]
        return (ranked(days, 0.5), ranked(days, 0.9)) if days else (None, None)

    def money(self, cases):
        kept = [case for case in cases if case.stage not in DONE or self.find.settled(case)]
        return Money(*self.find.money(kept))


def _day(instant):
    return local_day(instant, "Asia/Jakarta")


def test_d45_the_figures_of_a_quarter_equal_a_replay_of_the_record(busy):
    """By category and by field; what recurs follows from the kabupaten of the matters, without duplicates."""
    seen = Counter()
    for region, quarter in (("", QUARTER), ("33", QUARTER), ("", QUARTER.previous)):
        found = recurring.figures(about(busy, region, quarter), as_of=NOVEMBER_FIRST)
        spread, earlier = Spread(busy, region, quarter), Spread(busy, region, quarter.previous)
        for rows, code in (
            (found.categories, lambda case: case.category),
            (found.fields, lambda case: case.complaint.field.code if case.complaint.field else ""),
            ((found.totals,), lambda case: ""),
        ):
            groups, before = spread.groups(code), earlier.groups(code)
            for row in rows:
                cases, places = groups[row.code], spread.places(groups[row.code])
                assert {name: getattr(row, name) for name in NUMBERS} == spread.numbers(cases)
                assert (row.median_days, row.p90_days) == spread.days(cases)
                assert row.money == spread.money(cases)
                most = sorted(places.items(), key=lambda each: (-each[1], each[0]))
                assert row.most == tuple(Count(*each) for each in most[: recurring.MOST])
                assert (row.places, row.provinces) == (len(places), len({place[:2] for place in places}))
                assert row.recurring_places == sum(number > 1 for number in places.values())
                then = earlier.places(before[row.code])
                assert (row.matters_before, row.recurring_before) == (
                    then.total(), sum(number > 1 for number in then.values()),
                )  # fmt: skip
                seen.update(spread.numbers(cases))
            assert sum(row.received for row in rows) == found.totals.received
        cells = Counter(
            (case.category, spread.find.place(case))
            for case in spread.find.public
            if spread.find.received(case) and case.merged_into is None
        )
        assert {(cell.category, cell.place): cell.number for cell in found.cells} == cells
        heard = {place for _category, place in cells}
        below = Region.objects.filter(tier=spread.find.tier - 1, code__startswith=region)
        assert set(found.silent_places) == set(below.values_list("code", flat=True)) - heard
        months = sum(point.received for point in found.trend[-3:])
        assert months == found.totals.received or region  # a month tells where a case was as that month ended
    assert [name for name in NUMBERS if not seen[name]] == []


def test_d47_what_happens_later_changes_neither(busy):
    """Asked again in December, the half month and the quarter are the same, though all cases went on."""
    subjects = ((prominent, about(busy, "", HALF)), (recurring, about(busy, "", QUARTER)))
    before = [editions.canonical(each.figures(subject, as_of=NOVEMBER_FIRST)) for each, subject in subjects]
    with transaction.atomic():
        turns = [(OCTOBER.ends_at, place, None, told[0].pk) for place, told in enumerate(busy.told[::3])]
        go_on(busy, random.Random(7), turns, until=at("2026-12-20 00:00"))
        assert Event.objects.filter(at__gte=OCTOBER.ends_at, kind="ubah-bobot").exists()
        after = [editions.canonical(each.figures(subject, as_of=NOVEMBER_FIRST)) for each, subject in subjects]
        transaction.set_rollback(True)
    assert after == before
