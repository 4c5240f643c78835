"""The figures of a month against counts made otherwise, on random lives of complaints (D44, D47, D61)."""

import dataclasses
import json
import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction

from pengaduan.models import Channel, Complaint, Event, Outcome, Stage
from reports import editions, queries
from reports.models import Edition
from reports.periods import JAKARTA, Month
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE, at
from tiers.models import Region
from workflow import actions, routing, taking
from workflow.actions import moving
from workflow.machine import BY_CODE, STEPS, fits
from workflow.models import Pause

VILLAGES = (VILLAGE, OTHER_VILLAGE, NEIGHBOUR_VILLAGE, EASTERN_VILLAGE)
CATEGORIES = ("pembayaran", "data-peserta", "kkn", "pertanyaan")
OCTOBER = Month.parse("2026-10")
NOVEMBER_FIRST = at("2026-11-01 06:00")
DONE = {Stage.FEEDBACK, Stage.CLOSED}
# Of the steps that leave the stage as it is, those of which the figures tell, and one that they must not count.
TOLD = {"eskalasi", "ubah-kategori", "minta-kelengkapan", "lengkapi", "lanjutkan-tanpa-kelengkapan", "catat"}


def october(world, region=None, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, OCTOBER)


def take_some_step(rng, complaint, now):
    """Take a random step that the table opens, with what its verb writes, without asking who and with what proof."""
    position = rng.choice(["proven", "unproven"])
    mixed = [step for step in STEPS if step.target or step.code in TOLD]
    open_steps = [step for step in mixed if fits(step, complaint, position=position)]
    if not open_steps:
        return
    (step,) = rng.choices(open_steps, [_likely(step) for step in open_steps])
    changes = {}
    if step.target == Stage.FEEDBACK:
        changes["settled_at"] = now
    if Stage.FEEDBACK in step.sources and step.target in (Stage.REVIEW, Stage.ANSWER):
        changes |= {"settled_at": None, "rejections": complaint.rejections + 1}
    if Stage.CLOSED in step.sources and step.target:
        changes |= {"settled_at": None, "closed_at": None, "outcome": ""}
    if step.code == "eskalasi":
        office = routing.above(complaint)
        if office is None:
            return
        changes |= {"office": office, "tier": office.tier, "escalations": complaint.escalations + 1}
        changes |= {"tier_since": now, "tier_due_at": now + timedelta(days=20)}
    data = {}
    if step.code == "ubah-kategori":
        category = rng.choice(
            list(complaint.programme.category_entries.filter(nature=complaint.category.nature, conceal_up_to=None))
        )
        data = {"from": complaint.category.code, "to": category.code}
        changes |= {"category": category, "service_level": category.service_level}
    if step.code == "minta-kelengkapan":
        Pause.objects.create(complaint=complaint, started_at=now, asked="Sejak kapan?")
        changes["waiting_since"] = now
    if step.waiting or (complaint.waiting_since and step.target == Stage.CLOSED):
        taking.resume(complaint, step, now=now, data=data, **changes)
    else:
        taking.take(complaint, step, now=now, data=data, **changes)


def _likely(step):
    if step.code.startswith("tolak"):
        return 6
    return 0.2 if step.target == Stage.CLOSED and not step.primary else 10 if step.primary else 2


def lives(world, rng, number, *, until):
    """Take in complaints from May on and let each live through random steps until an instant."""
    channels = list(Channel.objects.filter(programme=world.programmes["pkh"]))
    for _ in range(number):
        received = at("2026-05-01 00:00") + timedelta(minutes=rng.randrange(183 * 24 * 60))
        complaint = world.complaint(
            rng.choice(CATEGORIES), region=rng.choice(VILLAGES), received=f"{received:%Y-%m-%d %H:%M}"
        )
        Complaint.objects.filter(pk=complaint.pk).update(
            channel=rng.choice(channels), weight=rng.choice(["ringan", "sedang", "berat"]), prominent=rng.random() < 0.1
        )
        live_on(rng, world.read(complaint), received, until)


def live_on(rng, complaint, now, until):
    while (now := now + timedelta(hours=rng.randrange(1, 24 * 25))) < until:
        take_some_step(rng, complaint, now)


@pytest.fixture
def busy_world(world, monkeypatch):
    """Return the world after six months of complaints that lived at random until the end of October."""
    monkeypatch.setattr("workflow.notices.owe_for", lambda *args, **kwargs: [])  # nobody is told here
    monkeypatch.setattr("workflow.correspondence.keep_for", lambda *args, **kwargs: [])
    lives(world, random.Random(2026), 120, until=OCTOBER.ends_at)
    return world


def counted_from_columns(subject, *, apart=False):
    """Count a month from the complaints' own columns, right when they are as they stood at its end."""
    start, end = subject.period.starts_at, subject.period.ends_at
    cases = Complaint.objects.filter(programme=subject.programme, channel__counted_apart=apart).exclude(
        concealed_tier__gte=subject.tier
    )
    if subject.region:
        cases = cases.filter(region__code__startswith=subject.region.code)
    settled = late = 0
    for case in cases:
        told = case.settled_at or (case.closed_at if case.outcome == Outcome.UNPROVEN else None)
        if told and told >= start:
            settled, late = settled + 1, late + (told > case.due_at)
    open_cases = [case for case in cases if case.closed_at is None]
    return {
        "received": cases.filter(received_at__gte=start, received_at__lt=end).count(),
        "settled": settled,
        "settled_late": late,
        "open": len(open_cases),
        "late": sum(case.settled_at is None and case.due_at < (case.waiting_since or end) for case in open_cases),
        "not_followed_up": cases.filter(stage=Stage.REGISTRATION).count(),
    }


def counted_from_events(subject, *, apart=False):
    """Count what happened in a month from the record, event by event."""
    counts = Counter()
    events = Event.objects.filter(
        complaint__programme=subject.programme, complaint__channel__counted_apart=apart,
        complaint__concealed_tier__lt=subject.tier, at__gte=subject.period.starts_at, at__lt=subject.period.ends_at,
    )  # fmt: skip
    for event in events.filter(complaint__region__code__startswith=subject.region.code if subject.region else ""):
        counts["escalations"] += event.kind == "eskalasi"
        counts["rejections"] += event.kind in ("tolak-hasil", "tolak-jawaban")
        counts["closings"] += event.to_stage == Stage.CLOSED != event.from_stage
        counts["reopenings"] += event.from_stage == Stage.CLOSED != event.to_stage
    return {name: counts[name] for name in ("escalations", "rejections", "closings", "reopenings")}


def test_the_figures_equal_plain_counts_of_the_rows_and_of_the_record(busy_world):
    """And what was open, plus what came and came back, less what was closed, is what is open."""
    for region in (None, "33", "33.29", "91"):
        subject = october(busy_world, region)
        found = queries.figures(subject, as_of=NOVEMBER_FIRST)
        for totals, apart in ((found.totals, False), (found.apart, True)):
            plain = counted_from_columns(subject, apart=apart) | counted_from_events(subject, apart=apart)
            assert {name: getattr(totals, name) for name in plain} == plain
            assert totals.open_before + totals.received + totals.reopenings - totals.closings == totals.open
    nation = queries.figures(october(busy_world), as_of=NOVEMBER_FIRST).totals
    assert min(dataclasses.astuple(nation)) > 0  # a count that is nowhere zero shows that each one counts


def test_every_table_adds_up_to_the_totals(busy_world):
    found = queries.figures(october(busy_world), as_of=NOVEMBER_FIRST)
    for rows in (found.categories, found.places, found.channels, found.stages, found.tiers):
        added = queries.Measures(
            **{
                field.name: sum(getattr(row.measures, field.name) for row in rows)
                for field in dataclasses.fields(queries.Measures)
            }
        )
        assert added == found.totals
    assert sum(row.measures.not_followed_up for row in found.ages) == found.totals.not_followed_up
    assert found.not_followed_up.total == len(found.not_followed_up.cases) == found.totals.not_followed_up
    assert [row.measures for row in found.channels_apart] == [found.apart]
    assert found.trend[-1] == queries.Point("2026-10", found.totals.received, found.totals.settled)
    assert found.trend[-2] == queries.Point("2026-09", found.before.received, found.before.settled)
    assert found.before.open == found.totals.open_before


def test_provinces_add_up_to_the_nation_but_for_what_is_concealed_from_them(busy_world):
    """D35: a case of corruption is hidden up to the kabupaten."""
    nation, java, papua = (
        queries.figures(october(busy_world, code), as_of=NOVEMBER_FIRST) for code in (None, "33", "91")
    )
    assert nation.totals.received == java.totals.received + papua.totals.received
    assert "kkn" in [row.code for row in java.categories]
    assert "kkn" not in [
        row.code for row in queries.figures(october(busy_world, "33.29"), as_of=NOVEMBER_FIRST).categories
    ]


def test_steps_after_the_month_change_nothing_of_it(busy_world):
    """D47: asked again in December, October is the same, though the cases went on and more came in."""
    subject = october(busy_world)
    before = editions.canonical(queries.figures(subject, as_of=NOVEMBER_FIRST))
    rng = random.Random(1)
    moved = 0
    for complaint in Complaint.objects.all():
        live_on(rng, busy_world.read(complaint), OCTOBER.ends_at, at("2026-12-20 00:00"))
        moved += busy_world.read(complaint).version != complaint.version
    busy_world.complaint(received="2026-10-30 09:00", now="2026-11-03 09:00")
    assert moved > 50
    assert editions.canonical(queries.figures(subject, as_of=NOVEMBER_FIRST)) == before


def test_a_month_begins_and_ends_at_midnight_in_jakarta(world):
    """A complaint of 1 November 01:00 in Jayapura is one of October: it is 23:00 in Jakarta."""
    for received in ("2026-09-30 23:59", "2026-10-01 00:00", "2026-10-31 23:59", "2026-11-01 00:00"):
        world.complaint(received=received)
    assert queries.figures(october(world), as_of=NOVEMBER_FIRST).totals.received == 2


def test_a_letter_recorded_after_the_month_in_which_it_came_counts_once_it_is_known(world):
    world.complaint(received="2026-10-30 09:00", now="2026-11-03 09:00")
    known = [
        queries.figures(october(world), as_of=at(text)).totals for text in ("2026-11-01 06:00", "2026-12-01 06:00")
    ]
    assert [(each.received, each.open, each.not_followed_up) for each in known] == [(0, 0, 0), (1, 1, 1)]


def test_d32_on_time_is_decided_by_the_original_deadline_however_often_the_case_climbed(world):
    """D32: received 2 March, due 15 April; the tier above has a new period, the report does not forget the old one."""
    complaint = world.complaint(received="2026-09-01 09:00")
    due = complaint.due_at.astimezone(JAKARTA)
    assert due.month == 10
    office = routing.above(complaint)
    moving.move_office(complaint, BY_CODE["eskalasi"], office, now=due + timedelta(days=1), fresh_period=True)
    assert complaint.tier_due_at > OCTOBER.ends_at
    found = queries.figures(october(world), as_of=NOVEMBER_FIRST)
    assert (found.totals.late, found.totals.escalations) == (1, 1)
    assert [(row.code, row.measures.late) for row in found.tiers] == [("2", 1)]


def test_while_the_file_waits_for_the_complainant_it_does_not_become_late(world):
    """D12."""
    complaint = world.complaint(received="2026-09-01 09:00")
    asked = at("2026-09-20 10:00")
    actions.ask_completion(complaint, by=world.desa, now=asked, questions="Sejak kapan?")
    assert complaint.due_at < OCTOBER.ends_at
    assert queries.figures(october(world), as_of=NOVEMBER_FIRST).totals.late == 0
    actions.complete(world.read(complaint), by=world.desa, now=at("2026-11-15 10:00"), answer="Sejak Juli.")
    assert queries.figures(october(world), as_of=at("2026-12-01 06:00")).totals.late == 0


def test_what_waits_in_registration_is_grouped_by_its_age_in_days(world):
    for received in (
        "2026-10-31 09:00",
        "2026-10-26 09:00",
        "2026-10-25 09:00",
        "2026-09-30 09:00",
        "2026-08-01 09:00",
    ):
        world.complaint(received=received)
    found = queries.figures(october(world), as_of=NOVEMBER_FIRST)
    assert {row.code: row.measures.not_followed_up for row in found.ages} == {
        "0-5": 2, "6-10": 1, "11-30": 0, "31-90": 1, "91": 1,
    }  # fmt: skip
    assert [case.age_days for case in found.not_followed_up.cases] == [91, 31, 6, 5, 0]


def test_money_is_added_up_for_what_is_open_and_what_was_settled(world):
    """D29."""
    rows = ((None, "1000000.00", "250000.00"), ("2026-10-20 10:00", "300.50", "300.50"), ("2026-09-20 10:00", "7", "7"))
    for settled, lost, returned in rows:
        complaint = world.complaint("penyimpangan-dana", programme="pamsimas", received="2026-08-01 09:00")
        Complaint.objects.filter(pk=complaint.pk).update(lost_amount=Decimal(lost), returned_amount=Decimal(returned))
        if settled:
            complaint = world.read(complaint)
            complaint.stage = Stage.SETTLED
            taking.take(complaint, BY_CODE["sahkan-selesai"], now=at(settled), settled_at=at(settled))
    found = queries.figures(october(world, programme="pamsimas"), as_of=NOVEMBER_FIRST)
    assert found.money_open == queries.Money(1, Decimal("1000000.00"), Decimal("250000.00"), Decimal("750000.00"))
    assert found.money_settled == queries.Money(1, Decimal("300.50"), Decimal("300.50"), Decimal("0.00"))


def test_special_attention_goes_to_the_prominent_the_heavy_the_often_escalated_and_the_late_at_the_top(world):
    plain, prominent, heavy, climbed = (world.complaint(received="2026-10-05 09:00") for _ in range(4))
    top = world.complaint("kkn", received="2026-08-03 09:00")
    Complaint.objects.filter(pk=prominent.pk).update(prominent=True)
    Complaint.objects.filter(pk=heavy.pk).update(weight="berat")
    for day in (20, 25):
        office = routing.above(climbed)
        moving.move_office(climbed, BY_CODE["eskalasi"], office, now=at(f"2026-10-{day} 09:00"), fresh_period=True)
    found = queries.figures(october(world), as_of=NOVEMBER_FIRST).attention
    assert [(case.number, case.reasons) for case in found.cases] == [
        (top.number, ("puncak",)), (prominent.number, ("menonjol",)), (climbed.number, ("eskalasi",)),
        (heavy.number, ("berat",)),
    ]  # fmt: skip
    assert found.cases[0].region == "33.29.01"
    assert plain.number not in [case.number for case in found.cases]


def test_an_edition_is_made_once_and_never_changes(world):
    subject = october(world)
    world.complaint(received="2026-10-05 09:00")
    first = editions.first_edition(subject, now=NOVEMBER_FIRST)
    world.complaint(received="2026-10-30 09:00", now="2026-11-02 09:00")
    again = editions.first_edition(subject, now=at("2026-12-01 06:00"))
    assert (again.pk, again.figures, again.as_of) == (first.pk, first.figures, NOVEMBER_FIRST)
    for change in (lambda: Edition.objects.update(figures="{}"), lambda: Edition.objects.all().delete()):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            change()


def test_a_new_edition_is_made_only_when_the_data_differ_and_says_what_differs(world):
    """D47."""
    subject = october(world)
    world.complaint(received="2026-10-05 09:00")
    first = editions.first_edition(subject, now=NOVEMBER_FIRST)
    assert editions.new_edition(subject, now=at("2026-11-02 08:00")) == (first, False)
    late = world.complaint(received="2026-10-30 09:00", now="2026-11-02 09:00")
    second, is_new = editions.new_edition(subject, now=at("2026-11-02 10:00"))
    assert (second.number, is_new) == (2, True)
    changed = {path: (then, now) for path, then, now in editions.differences(second)}
    assert changed["totals/received"] == (1, 2)
    assert changed["places/33/measures/received"] == (1, 2)
    assert changed[f"not_followed_up/cases/{late.number}/age_days"] == (None, 1)
    assert editions.differences(first) == []


def test_a_month_that_has_not_ended_is_refused_with_a_sentence(world):
    with pytest.raises(editions.CannotReport) as refusal:
        editions.first_edition(october(world), now=at("2026-10-31 23:59"))
    assert str(refusal.value) == "Oktober 2026 belum berakhir; laporannya dapat dibuat mulai 1 November 2026."


def test_whoever_is_reported_does_not_find_their_case_in_the_lists_they_are_handed(world):
    """D49."""
    mine = world.complaint(received="2026-10-05 09:00", reported_users=[world.koordinator])
    Complaint.objects.update(prominent=True)
    edition = editions.first_edition(october(world), now=NOVEMBER_FIRST)
    numbers = {
        name: [case["number"] for case in editions.read(edition, getattr(world, name))["attention"]["cases"]]
        for name in ("koordinator", "pusat")
    }
    assert numbers == {"koordinator": [], "pusat": [mine.number]}
    assert editions.read(edition)["attention"]["total"] == 1
    assert json.loads(edition.figures) == editions.read(edition)
