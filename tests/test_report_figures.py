"""The figures of a month against counts made otherwise, on random lives of complaints (D44, D47, D61)."""

import dataclasses
import random

import pytest
from django.db import transaction

from pengaduan.models import Complaint, Event
from reports import editions, queries
from reports.periods import Month
from reports.subject import Subject
from tests.cast import at, make_world
from tests.lives import NOVEMBER_FIRST, OCTOBER, go_on, lives, tell_nobody
from tests.replay import Counted, history
from tiers.models import Region

pytestmark = pytest.mark.django_db  # asked for by name, or a run of this file alone would meet the real database

AREAS = ("", "33", "91", "33.29", "33.28", "91.03")
TABLES = {
    "categories": lambda case: case.category,
    "channels": lambda case: case.complaint.channel.code,
    "fields": lambda case: case.complaint.field.code if case.complaint.field else "",
    "sources": lambda case: case.complaint.source.code if case.complaint.source else "",
    "weights": lambda case: case.weight,
    "stages": lambda case: case.stage,
    "tiers": lambda case: str(case.office.tier),
}
# Steps of which something is read, and which hence must have been taken in the lives.
READ = {
    *("eskalasi", "turunkan", "ubah-kategori", "alihkan-sifat", "ubah-bobot", "catat-uang", "pindah-wilayah"),
    *("tetapkan-wilayah", "duplikat", "terima-gabungan", "terkait", "pisahkan", "cabut-sendiri", "ikut-lagi"),
    *("minta-kelengkapan", "lengkapi", "tolak-hasil", "tolak-jawaban", "jawab", "sahkan-selesai"),
    *("sahkan-tidak-terbukti", "buka-kembali"),
}


@pytest.fixture(scope="module")
def busy(django_db_setup, django_db_blocker):
    """Return the world after six months of complaints that lived at random until the end of October."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        tell_nobody(patch)
        world = make_world()
        lives(world, random.Random(2026), 170, until=OCTOBER.ends_at)
        yield world
        transaction.set_rollback(True)


def about(world, region="", month=OCTOBER):
    return Subject(world.programmes["pkh"], Region.objects.get(pk=region) if region else None, month)


def counted(world, region="", month=OCTOBER, *, as_of=NOVEMBER_FIRST, told=None):
    told = told or history(world.programmes["pkh"])
    return Counted(told, region, month.starts_at, min(month.ends_at, as_of), as_of=as_of)


def of(measures):
    return {name: number for name, number in dataclasses.asdict(measures).items() if number}


def table(rows):
    return {row.code: of(row.measures) for row in rows}


def compare(world, region, month, *, as_of):
    """Hold every figure of a month against the replay, and return both."""
    found = queries.figures(about(world, region, month), as_of=as_of)
    told = history(world.programmes["pkh"])
    plain = counted(world, region, month, as_of=as_of, told=told)
    assert of(found.totals) == plain.measures(plain.public)
    assert of(found.apart) == plain.measures(plain.apart)
    for name, code in TABLES.items():
        assert (name, table(getattr(found, name))) == (name, plain.table(code))
    assert table(found.places) == plain.table(plain.place)
    assert table(found.channels_apart) == plain.table(TABLES["channels"], plain.apart)
    for name, what in (("speed", ""), ("stage_speeds", "stage"), ("tier_speeds", "tier")):
        speeds = {each.code: (each.number, each.median_days, each.p90_days) for each in getattr(found, name)}
        assert (name, {code: each for code, each in speeds.items() if each[0]}) == (name, plain.speeds(what))
    assert {each.code: dataclasses.astuple(each)[1:] for each in found.owed} == plain.owed()
    now = [case for case in plain.public if case.stage not in ("umpan-balik", "ditutup")]
    settled = [case for case in plain.public if plain.settled(case)]
    assert dataclasses.astuple(found.money_open) == plain.money(now)
    assert dataclasses.astuple(found.money_settled) == plain.money(settled)
    equity = found.equity
    assert +plain.secrecy() == {each.code: each.number for each in equity.secrecy if each.number}
    assert plain.recorded_by() == {each.code: each.number for each in equity.recorded_by if each.number}
    assert (equity.villages_heard, equity.silent_places) == (len(plain.villages()), plain.silent_places())
    assert [case.number for case in found.not_followed_up.cases] == plain.not_followed_up()
    assert [(case.number, case.reasons) for case in found.attention.cases] == plain.attention()
    months = [month.back(11 - place) for place in range(12)]
    counts = [counted(world, region, each, as_of=as_of, told=told) for each in months]
    measures = [each.measures(each.public) for each in counts]
    assert [(point.month, point.received, point.settled) for point in found.trend] == [
        (str(each), count["received"], count["settled"]) for each, count in zip(months, measures, strict=True)
    ]
    assert of(found.before) == measures[-2]
    return found, plain


@pytest.mark.parametrize("region", AREAS)
def test_every_figure_equals_a_replay_of_the_record_in_plain_python(busy, region):
    compare(busy, region, OCTOBER, as_of=NOVEMBER_FIRST)


def test_every_figure_of_the_replay_counts_something_in_the_nation(busy):
    """A count that is nowhere zero shows that it counts."""
    found, plain = compare(busy, "", OCTOBER, as_of=NOVEMBER_FIRST)
    assert min(dataclasses.astuple(found.totals)) > 0
    assert {name: len(getattr(found, name)) > 1 for name in (*TABLES, "places", "stage_speeds", "tier_speeds")} == (
        dict.fromkeys((*TABLES, "places", "stage_speeds", "tier_speeds"), True)
    )
    owed = [sum(column) for column in list(zip(*map(dataclasses.astuple, found.owed), strict=True))[1:]]
    assert min(owed) > 0
    assert min(dataclasses.astuple(found.money_open) + dataclasses.astuple(found.money_settled)[:3]) > 0
    assert min(each.number for each in found.equity.secrecy + found.equity.recorded_by) > 0
    assert found.totals.complainants != found.totals.received - found.totals.merged
    reasons = {reason for _number, reasons in plain.attention() for reason in reasons}
    assert reasons == {"puncak", "menonjol", "berat", "eskalasi"}
    assert Event.objects.filter(kind__in=READ).values("kind").distinct().count() == len(READ)


def test_every_table_adds_up_to_the_totals(busy):
    found = queries.figures(about(busy), as_of=NOVEMBER_FIRST)
    for name in (*TABLES, "places"):
        rows = [row.measures for row in getattr(found, name)]
        added = [sum(column) for column in zip(*map(dataclasses.astuple, rows), strict=True)]
        assert (name, added) == (name, list(dataclasses.astuple(found.totals)))
    totals = found.totals
    assert totals.open_before + totals.received + totals.reopenings - totals.closings == totals.open
    assert sum(row.measures.not_followed_up for row in found.ages) == totals.not_followed_up
    assert found.not_followed_up.total == totals.not_followed_up
    assert [row.measures for row in found.channels_apart] == [found.apart]
    assert sum(each.number for each in found.speed) == totals.settled
    assert sum(each.open for each in found.owed) == totals.open
    assert sum(each.number for each in found.equity.secrecy) == totals.complainants
    assert sum(each.number for each in found.equity.recorded_by) == totals.received
    assert found.trend[-1] == queries.Point("2026-10", totals.received, totals.settled)
    assert found.before.open == totals.open_before


def test_provinces_add_up_to_the_nation_but_for_what_is_concealed_from_them(busy):
    """D35: a case of corruption is hidden up to the kabupaten."""
    nation, java, papua, brebes = (
        queries.figures(about(busy, region), as_of=NOVEMBER_FIRST) for region in ("", "33", "91", "33.29")
    )
    for name in queries.MEASURE_NAMES:
        assert getattr(nation.totals, name) == getattr(java.totals, name) + getattr(papua.totals, name)
    assert nation.equity.villages == java.equity.villages + papua.equity.villages == 4
    assert "kkn" in [row.code for row in java.categories]
    assert "kkn" not in [row.code for row in brebes.categories]


def everywhere(world):
    """Return October's figures as they are stored, of the areas from which nothing is concealed later."""
    return {
        region: editions.canonical(queries.figures(about(world, region), as_of=NOVEMBER_FIRST))
        for region in ("", "33", "91")
    }


def test_d47_steps_after_the_month_change_nothing_of_it(busy):
    """D47: in December October is what it was, though cases were moved, weighed, merged, repaid and recategorised."""
    before = everywhere(busy)
    with transaction.atomic():
        versions = dict(Complaint.objects.values_list("pk", "version"))
        rng = random.Random(1)
        turns = [(OCTOBER.ends_at, pk, None, pk) for pk in versions]
        turns += [(at("2026-11-03 09:00"), -1, at("2026-10-30 09:00"), None)]
        go_on(busy, rng, turns, until=at("2026-12-20 00:00"))
        moved = [case for case in Complaint.objects.filter(pk__in=versions) if case.version != versions[case.pk]]
        assert len(moved) > 100
        assert everywhere(busy) == before
        for month in ("2026-09", "2026-11"):
            compare(busy, "33.29", Month.parse(month), as_of=at("2026-12-20 06:00"))
        transaction.set_rollback(True)


def test_the_figures_of_a_running_month_are_those_of_its_days_so_far(busy):
    compare(busy, "", OCTOBER, as_of=at("2026-10-20 12:00"))
