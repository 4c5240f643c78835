"""The biweekly report of prominent and heavy cases: its figures against another count, its paper (D14, D45)."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from pengaduan.models import Complaint, Event, Stage
from reports import editions, prominent
from reports.periods import HalfMonth
from reports.subject import Subject
from tests.cast import at
from tests.test_report_figures import CATEGORIES, DONE, VILLAGES, take_some_step
from tiers.models import Region
from workflow import taking
from workflow.machine import BY_CODE

LATE_OCTOBER = HalfMonth.parse("2026-10-16")
NOVEMBER_FIRST = at("2026-11-01 06:00")
GRADES = [("ringan", False), ("sedang", False), ("sedang", True), ("berat", False), ("berat", True)]


def late_october(world, region=None, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, LATE_OCTOBER)


def weighed_lives(world, rng, number, *, until):
    """Let complaints live through random steps and weighings; return the weights of each as they followed."""
    graded = {}
    for _ in range(number):
        now = at("2026-08-01 00:00") + timedelta(minutes=rng.randrange(91 * 24 * 60))
        complaint = world.complaint(
            rng.choice(CATEGORIES), region=rng.choice(VILLAGES), received=f"{now:%Y-%m-%d %H:%M}"
        )
        graded[complaint.pk] = [(now, complaint.weight, complaint.prominent)]
        weigh_on(rng, complaint, now, until, graded[complaint.pk])
    return graded


def weigh_on(rng, complaint, now, until, grades):
    while (now := now + timedelta(hours=rng.randrange(1, 24 * 12))) < until:
        if complaint.stage != Stage.CLOSED and rng.random() < 0.35:
            weight, flag = rng.choice(GRADES)
            data = {"from": [complaint.weight, complaint.prominent], "to": [weight, flag]}
            taking.take(complaint, BY_CODE["ubah-bobot"], now=now, data=data, weight=weight, prominent=flag)
            grades.append((now, weight, flag))
        else:
            take_some_step(rng, complaint, now)


@pytest.fixture
def graded_world(world, monkeypatch):
    """Return the world after a quarter of complaints that were weighed and lived at random, and their weights."""
    monkeypatch.setattr("workflow.notices.owe_for", lambda *args, **kwargs: [])  # nobody is told here
    monkeypatch.setattr("workflow.correspondence.keep_for", lambda *args, **kwargs: [])
    world.graded = weighed_lives(world, random.Random(45), 110, until=LATE_OCTOBER.ends_at)
    return world


def told_anew(subject, graded):
    """Tell each case of the report from its columns and its record, as it stood when the period ended."""
    start, end = subject.period.starts_at, subject.period.ends_at
    cases = Complaint.objects.filter(programme=subject.programme, concealed_tier__lt=subject.tier)
    if subject.region:
        cases = cases.filter(region__code__startswith=subject.region.code)
    told = {}
    for case in cases.select_related("channel"):
        events = list(Event.objects.filter(complaint=case, at__lt=end).order_by("seq"))
        stage_before = [each.to_stage for each in events if each.at < start][-1:]
        was_open = stage_before not in ([], [Stage.CLOSED])
        was_grave, grave = (
            any(
                flag or weight == "berat"
                for _at, weight, flag in [row for row in graded[case.pk] if row[0] < till][-1:]
            )
            for till in (start, end)
        )
        within = [each for each in events if each.at >= start]
        reopened = sum(each.from_stage == Stage.CLOSED != each.to_stage for each in within)
        if not grave:
            entry = "diturunkan" if was_open and was_grave else None
        elif case.received_at >= start:
            entry = "baru"
        elif was_open:
            entry = "lama" if was_grave else "dinaikkan"
        else:
            entry = "dibuka-kembali" if reopened else None
        if entry is None:
            continue
        counts = Counter(open_before=was_open and was_grave, lowered=entry == "diturunkan")
        if grave:
            counts |= {"received": entry == "baru", "raised": entry == "dinaikkan"}
            counts |= {"resumed": entry == "dibuka-kembali", "open": case.closed_at is None}
            counts |= {"closed": case.closed_at is not None, "reopenings": reopened}
            done = case.stage in DONE
            told_at = case.settled_at or (case.closed_at if case.outcome == "unproven" else None)
            settled = done and told_at is not None and told_at >= start
            counts |= {"settled": settled, "settled_late": settled and told_at > case.due_at}
            stood = case.waiting_since or end
            counts |= {"late": not done and case.due_at < stood, "past_due": not done and case.tier_due_at < stood}
            counts |= {"waiting": not done and case.waiting_since is not None}
            running = not done and case.waiting_since is None
            counts |= {"idle": running and not [each for each in within if each.kind in prominent.TOLD]}
            counts |= {"due_soon": running and end <= case.tier_due_at < subject.period.following.ends_at}
            counts["rejections"] = sum(
                each.from_stage == Stage.FEEDBACK and each.to_stage not in DONE for each in within
            )
            counts["escalations"] = sum(each.kind == "eskalasi" for each in within)
        told[case.number] = (entry, case.channel.counted_apart, {name: int(n) for name, n in counts.items() if n})
    return told


def added(told, *, apart=False):
    return dict(sum((Counter(counts) for _entry, is_apart, counts in told.values() if is_apart == apart), Counter()))


def nonzero(grave):
    return {name: number for name in prominent.GRAVE_NAMES if (number := getattr(grave, name))}


def test_d45_the_figures_of_half_a_month_equal_a_count_from_the_record(graded_world):
    """And the cases listed are those counted, each once, with what befell it; the flow of the period adds up."""
    seen = Counter()
    for region in (None, "33", "33.29", "91"):
        subject = late_october(graded_world, region)
        found = prominent.figures(subject, as_of=NOVEMBER_FIRST)
        told = told_anew(subject, graded_world.graded)
        assert nonzero(found.totals) == added(told)
        assert nonzero(found.apart) == added(told, apart=True)
        assert {case.number: (case.entry, case.apart, dict(case.counted)) for case in found.cases.cases} == told
        assert found.cases.total == len(told)
        for totals in (found.totals, found.apart):
            came = totals.open_before + totals.received + totals.raised + totals.resumed
            assert came - totals.lowered - totals.closed == totals.open
        for rows in (found.categories, found.places, found.tiers):
            assert sum((Counter(nonzero(row.measures)) for row in rows), Counter()) == nonzero(found.totals)
        seen += Counter(nonzero(found.totals))
        seen += Counter(case.entry for case in found.cases.cases)
        seen += Counter(f"next {case.next}" for case in found.cases.cases)
    assert {*prominent.GRAVE_NAMES, "lama", "baru", "dinaikkan", "dibuka-kembali", "diturunkan"} <= set(seen)
    before = prominent.figures(late_october(graded_world).before, as_of=NOVEMBER_FIRST).totals
    assert prominent.figures(late_october(graded_world), as_of=NOVEMBER_FIRST).before == before
    later(graded_world)


def later(world):
    """D47: asked again in December, the half month is the same, though cases were weighed and went on."""
    subject = late_october(world)
    before = editions.canonical(prominent.figures(subject, as_of=NOVEMBER_FIRST))
    rng = random.Random(7)
    for complaint in Complaint.objects.all():
        weigh_on(rng, world.read(complaint), LATE_OCTOBER.ends_at, at("2026-12-20 00:00"), [])
    after = editions.canonical(prominent.figures(subject, as_of=NOVEMBER_FIRST))
    if after != before:
        import json

        a, b = editions._leaves(json.loads(before)), editions._leaves(json.loads(after))
        print([(k, a.get(k), b.get(k)) for k in sorted(a | b) if a.get(k) != b.get(k)][:40])
    assert editions.canonical(prominent.figures(subject, as_of=NOVEMBER_FIRST)) == before
