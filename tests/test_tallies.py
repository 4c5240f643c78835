"""Kept figures against the definition, on random lives of complaints and after each kind of change (D44, D47)."""

import random
import re
import threading
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from pengaduan.models import Channel, Complainant, Complaint, Field
from reports import editions, queries
from reports.figures import sums, tallies
from reports.models import Tally, TallyMark
from reports.periods import Month
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE, at
from tests.lives import CATEGORIES, live_on, take_some_step
from tiers.models import Office, Region
from workflow import intake, taking
from workflow.machine import BY_CODE

VILLAGES = (VILLAGE, OTHER_VILLAGE, NEIGHBOUR_VILLAGE, EASTERN_VILLAGE)
AREAS = (None, "33", "91", "33.29", "33.28", "91.03")
BUCKETS = ["33", "33.28", "33.29", "91", "91.03"]
OCTOBER = Month.parse("2026-10")
A_SECOND = timedelta(seconds=1)  # what happens at the instant itself lies after it
NOVEMBER_FIRST = at("2026-11-01 06:00")


def subject(world, region=None, month=OCTOBER):
    return Subject(world.programmes["pkh"], Region.objects.get(pk=region) if region else None, month)


def same(of, *, as_of):
    """Compare with the definition, to the byte, and return the figures."""
    kept = tallies.figures(of, as_of=as_of)
    assert editions.canonical(kept) == editions.canonical(queries.figures(of, as_of=as_of))
    return kept


def reckoned(world, month=OCTOBER, *, as_of):
    """Reckon what has to be, and return which buckets that were."""
    stale = tallies._to_reckon(world.programmes["pkh"], month, BUCKETS, as_of=as_of)
    tallies.refresh(world.programmes["pkh"], month, BUCKETS, as_of=as_of)
    return stale


@pytest.fixture
def living(world, monkeypatch):
    """Return the world after four months of complaints that lived at random until the end of October."""
    monkeypatch.setattr("workflow.notices.owe_for", lambda *args, **kwargs: [])  # nobody is told here
    monkeypatch.setattr("workflow.correspondence.keep_for", lambda *args, **kwargs: [])
    rng = random.Random(5)
    for _ in range(40):
        received = at("2026-07-01 00:00") + timedelta(minutes=rng.randrange(122 * 24 * 60))
        complaint = world.complaint(
            rng.choice(CATEGORIES), region=rng.choice(VILLAGES), received=f"{received:%Y-%m-%d %H:%M}"
        )
        live_on(rng, world.read(complaint), received, OCTOBER.ends_at)
    return world


# Each of these changes some figure of some month at random, as the product does it: the columns with an event, or,
# where a reviewer corrects what has no history, the column alone.


def _step(rng, world, case, now):
    take_some_step(rng, case, now)


def _new_case(rng, world, case, now):
    world.complaint(rng.choice(CATEGORIES), region=rng.choice(VILLAGES), received=f"{now:%Y-%m-%d %H:%M}")


def _late_letter(rng, world, case, now):
    received = now - timedelta(days=rng.randrange(1, 50))
    world.complaint(
        region=rng.choice(VILLAGES), received=f"{received:%Y-%m-%d %H:%M}", now=f"{now:%Y-%m-%d %H:%M}", by=world.desa
    )


def _weigh(rng, world, case, now):
    data = {"from": [case.weight, case.prominent], "to": ["berat", True]}
    taking.take(case, BY_CODE["ubah-bobot"], now=now, data=data, weight="berat", prominent=True)


def _loss(rng, world, case, now):
    before = None if case.lost_amount is None else f"{case.lost_amount:.0f}"
    loss = Decimal(rng.randrange(1, 10) * 100_000) + (case.lost_amount or 0)
    data = {"lost_before": before, "lost": f"{loss:.0f}"}
    taking.take(case, BY_CODE["catat-uang"], now=now, data=data, lost_amount=loss)


def _merge(rng, world, case, now):
    original = Complaint.objects.exclude(pk=case.pk).filter(merged_into=None, closed_at=None).order_by("?").first()
    if case.closed_at is None and original and not case.merged.exists():
        data = {"original": original.pk, "along": []}
        taking.resume(case, BY_CODE["duplikat"], now=now, data=data, merged_into=original)
        taking.take(world.read(original), BY_CODE["terima-gabungan"], now=now, data={"other": case.pk})


def _move(rng, world, case, now):
    region = Region.objects.get(pk=rng.choice(VILLAGES))
    data = {"was": case.region_id, "named": region.pk}
    taking.take(case, BY_CODE["pindah-wilayah"], now=now, data=data, region=region)


def _complainant(rng, world, case, now):
    person = intake.Person()
    intake._complainant(case, person, f"{rng.randrange(10**16):016}", regency=case.region_id[:5], now=now)


def _channel(rng, world, case, now):
    channel = rng.choice(list(Channel.objects.filter(programme=case.programme)))
    Complaint.objects.filter(pk=case.pk).update(channel=channel, field=Field.objects.get(programme=case.programme))


def _apart(rng, world, case, now):
    Channel.objects.filter(pk=case.channel_id).update(counted_apart=not case.channel.counted_apart)


def _renamed(rng, world, case, now):
    Office.objects.filter(pk=case.office_id).update(name=f"Kantor {now:%d %H%M}")


def _secrecy(rng, world, case, now):
    Complainant.objects.filter(complaint=case).update(secrecy=rng.choice(["rahasia", "terbuka"]))


def _received(rng, world, case, now):
    Complaint.objects.filter(pk=case.pk).update(received_at=case.received_at - timedelta(days=20))


def _nothing(rng, world, case, now):
    """Let time alone pass."""


CHANGES = (
    _step, _step, _step, _new_case, _late_letter, _weigh, _loss, _merge, _move, _complainant, _channel, _apart,
    _renamed, _secrecy, _received, _nothing,
)  # fmt: skip


def test_the_sums_equal_the_definition_after_every_change_for_every_area_and_month(living, monkeypatch):
    """Also of the running month, in which time alone changes what is late and how old it is."""
    monkeypatch.setattr(sums, "HEAD", 2)  # so that lists go on behind their heads
    rng, now = random.Random(7), NOVEMBER_FIRST
    for turn in range(2 * len(CHANGES)):
        now += timedelta(minutes=rng.randrange(1, 30 * 60))
        change = CHANGES[turn % len(CHANGES)]
        change(rng, living, living.read(rng.choice(list(Complaint.objects.order_by("pk")))), now)
        for month in (Month.of(now), rng.choice([OCTOBER, OCTOBER.previous])):
            for region in AREAS if turn % 8 == 0 else (None, rng.choice(AREAS)):
                same(subject(living, region, month), as_of=now + A_SECOND)
        assert reckoned(living, Month.of(now), as_of=now + A_SECOND) == [], change
    nation = same(subject(living, None, Month.of(now)), as_of=now + A_SECOND)
    assert nation.totals.received and nation.attention.total and nation.money_open.cases and nation.totals.complainants


def test_only_what_was_touched_is_reckoned_anew(world):
    """A step of November touches its kabupaten in November; a letter that came in October touches October too."""
    as_of, november = at("2026-11-03 12:00"), OCTOBER.following
    for month in (OCTOBER, november):
        assert reckoned(world, month, as_of=as_of) == BUCKETS
        assert reckoned(world, month, as_of=as_of) == []
    taking.take(world.complaint(received="2026-11-03 12:01"), BY_CODE["catat"], now=at("2026-11-03 12:02"))
    as_of = at("2026-11-03 12:05")
    assert [reckoned(world, month, as_of=as_of) for month in (OCTOBER, november)] == [[], ["33.29"]]
    world.complaint(region=EASTERN_VILLAGE, received="2026-10-20 09:00", now="2026-11-03 12:06")
    as_of = at("2026-11-03 12:07")
    assert [reckoned(world, month, as_of=as_of) for month in (OCTOBER, november)] == [["91.03"], ["91.03"]]


def test_time_alone_makes_a_running_month_anew_and_no_month_that_has_ended(world):
    as_of, november = at("2026-11-10 12:00"), OCTOBER.following
    for month in (OCTOBER, november):
        reckoned(world, month, as_of=as_of)
    later = at("2026-11-11 00:00")
    assert tallies._to_reckon(world.programmes["pkh"], november, ["33"], as_of=later) == []
    assert reckoned(world, november, as_of=later + A_SECOND) == BUCKETS  # a day older, in Jakarta
    assert reckoned(world, OCTOBER, as_of=at("2026-12-24 00:00")) == []


def test_a_deadline_that_passes_makes_its_kabupaten_anew_at_once(world):
    case = world.complaint(region=EASTERN_VILLAGE, received="2026-10-05 09:00")
    due = case.tier_due_at
    assert f"{due:%d %H:%M:%S}" == "10 14:59:59"  # the end of the day in the east, while it is 22 in Jakarta
    november = OCTOBER.following
    reckoned(world, november, as_of=due)
    assert reckoned(world, november, as_of=due) == []
    assert [row.past_due for row in same(subject(world, "91", november), as_of=due).owed] == [0]
    assert reckoned(world, november, as_of=due + A_SECOND) == ["91.03"]
    assert [row.past_due for row in same(subject(world, "91", november), as_of=due + A_SECOND).owed] == [1]


def test_what_is_asked_as_of_an_earlier_instant_is_right_and_spoils_nothing(world):
    world.complaint(region=VILLAGE, received="2026-10-20 09:00", now="2026-11-03 12:00")
    late = at("2026-11-05 06:00")
    after = same(subject(world), as_of=late)
    before = same(subject(world), as_of=NOVEMBER_FIRST)
    assert after.totals.received == before.totals.received + 1
    assert reckoned(world, as_of=late) == []
    assert same(subject(world), as_of=late) == after


def test_d49_a_reader_from_whom_a_case_is_kept_gets_sums_without_it(living):
    """Wherever the case stood, and the case into which it was merged."""
    kept = tuple(Complaint.objects.filter(region__in=[VILLAGE, EASTERN_VILLAGE]).values_list("pk", flat=True)[:3])
    whole = same(subject(living), as_of=NOVEMBER_FIRST)
    less = same(Subject(living.programmes["pkh"], None, OCTOBER, without=kept), as_of=NOVEMBER_FIRST)
    assert less.totals.open < whole.totals.open
    assert same(subject(living), as_of=NOVEMBER_FIRST) == whole


def test_what_is_committed_later_is_seen_though_its_mark_was_drawn_first(real_world):
    """Numbers are drawn in another order than commits happen; nobody waits for whoever is slow."""
    case = real_world.complaint(received="2026-10-05 09:00")
    as_of = at("2026-11-02 06:00")
    with psycopg.connect(**connection.get_connection_params()) as slow:
        slow.execute("UPDATE pengaduan_complaint SET weight = 'berat' WHERE id = %s", [case.pk])
        real_world.complaint(received="2026-10-06 09:00")
        assert [row.code for row in same(subject(real_world), as_of=as_of).weights] == ["sedang"]
        assert reckoned(real_world, as_of=as_of) == []
    assert [row.code for row in same(subject(real_world), as_of=as_of).weights] == ["sedang", "berat"]


def test_two_readers_at_once_reckon_each_bucket_once_and_read_the_same(real_world, monkeypatch):
    real_world.complaint(received="2026-10-05 09:00")
    reckoning, found = [], []
    count = sums.count
    monkeypatch.setattr(sums, "count", lambda *args, **rest: reckoning.append(args[2]) or count(*args, **rest))
    gate = threading.Barrier(2)

    def read():
        try:
            gate.wait(30)
            found.append(tallies.figures(subject(real_world, "33"), as_of=NOVEMBER_FIRST))
        finally:
            connections.close_all()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for each in readers:
        each.start()
    for each in readers:
        each.join(60)
    assert found == [queries.figures(subject(real_world, "33"), as_of=NOVEMBER_FIRST)] * 2
    assert sorted(map(tuple, reckoning)) == [("33", "33.28", "33.29")] * 2  # October, and September to compare with


def test_what_is_added_in_bulk_leaves_its_marks_although_triggers_are_spared(world):
    """As `simulate` does; and one statement leaves one mark a kabupaten and month, however much it appends (D32)."""
    cases = [world.complaint(received="2026-10-05 09:00") for _ in range(3)]
    cases.append(world.complaint(region=EASTERN_VILLAGE, received="2026-10-05 09:00"))
    last = TallyMark.objects.latest("pk").pk
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO pengaduan_event (complaint_id, regency_code, seq, kind, at, actor, from_stage, to_stage, data,"
            " text_digest, previous, digest) SELECT id, '', 9, 'catat', '2026-11-02 00:00+07', 'sistem', '', '', '{}',"
            " '', '', '' FROM pengaduan_complaint"
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    marks = TallyMark.objects.filter(pk__gt=last).order_by("bucket")
    assert list(marks.values_list("bucket", "month")) == [
        ("33.29", date(2026, 11, 1)),
        ("91.03", date(2026, 11, 1)),
    ]


def test_of_long_lists_only_what_may_be_among_the_first_is_read(world, monkeypatch):
    monkeypatch.setattr(queries, "LISTED", 20)
    monkeypatch.setattr(sums, "HEAD", 3)
    rng = random.Random(3)
    buckets, everything = {}, []
    for code in range(40):
        cases = [[0, 0, [-rng.randrange(100 - 2 * code)], f"{code:02}-{at:02}"] for at in range(rng.randrange(1, 20))]
        rows = [[0, len(cases), *row[2:]] for row in cases]
        buckets[f"{code:02}"] = sums.Counted({"cells": [], "attention": rows, "not_followed_up": []}).parted()
        everything += rows
    asked = []

    def rest(codes):
        asked.extend(codes)
        return [buckets[code][1] for code in codes]

    found = sums.add({code: heads for code, (heads, _rest) in buckets.items()}, subject(world), rest)["attention"]
    first = sorted(everything, key=lambda row: (row[2], row[3]))[:20]
    assert found == [[len(everything), *row[2:]] for row in first]
    assert 0 < len(asked) < 20


def test_every_table_that_the_figures_are_counted_from_is_watched(world):
    """A table that a statement reads and no trigger watches would make sums that are wrong in silence."""
    values = queries.parameters(subject(world), as_of=NOVEMBER_FIRST) | {"buckets": BUCKETS}
    values |= queries.of_parts(subject(world)) | queries.of_trend(subject(world))
    slots = {"here": sums.IN_KABUPATEN, "there": sums.MOVED_OUT, "cell": sums.CELL}
    read = set()
    for statement in (sums.STATEMENT, sums.TREND):
        ((plan,),) = queries.run(f"EXPLAIN (FORMAT JSON) {statement}", values, **slots)
        read |= set(re.findall(r"'Relation Name': '(\w+)'", repr(plan)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'mark_tallies'")
        watched = {table for (table,) in cursor.fetchall()}
    assert "pengaduan_event" in read
    assert read - watched == set()


def test_the_night_prepares_the_months_of_each_programme_and_forgets_what_nobody_needs(world):
    night = at("2026-11-01 00:20")
    programmes = list(world.programmes.values())
    world.complaint(received="2026-10-05 09:00")
    assert tallies.prepare(programmes, now=night) == 2 * tallies.KEPT_MONTHS * len(BUCKETS)
    assert tallies.prepare(programmes, now=night) == 0
    assert tallies.prepare(programmes, now=at("2026-11-01 02:20")) == 0
    assert not TallyMark.objects.exists()
    as_of = at("2026-11-01 06:00")
    with CaptureQueriesContext(connection) as asked:
        tallies.figures(subject(world), as_of=as_of)
    assert not [each for each in asked if "pengaduan_complaint" in each["sql"]]  # at six it only adds up
    tallies.prepare(programmes, now=at("2026-12-01 00:20"))
    assert min(Tally.objects.values_list("month", flat=True)) == date(2026, 8, 1)
