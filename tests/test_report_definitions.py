"""What the figures of a month count, rule by rule, in the small world (D11, D12, D29, D32, D55, D61)."""

from datetime import date, timedelta
from decimal import Decimal
from unittest import mock
from zoneinfo import ZoneInfo

from pengaduan.models import Complaint, Stage
from reports import queries
from reports.figures.records import Count, Owed, Speed
from reports.periods import JAKARTA, Month
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, at
from tiers.models import Office, Region, Tier
from workflow import actions, routing, taking
from workflow.actions import moving
from workflow.machine import BY_CODE

OCTOBER = Month.parse("2026-10")
NOVEMBER_FIRST = at("2026-11-01 06:00")


def october(world, region=None, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, OCTOBER)


def step(world, complaint, code, when, **changes):
    """Take a step without asking who and with what proof; return the complaint afresh."""
    taking.take(world.read(complaint), BY_CODE[code], now=at(when), **changes)
    return world.read(complaint)


def test_a_month_begins_and_ends_at_midnight_in_jakarta(world):
    """A complaint of 1 November 01:00 in Jayapura (WIT) is one of October: it is 23:00 in Jakarta."""
    for received in ("2026-09-30 23:59", "2026-10-01 00:00", "2026-10-31 23:59", "2026-11-01 00:00"):
        world.complaint(received=received)
    there = world.complaint(region=EASTERN_VILLAGE, received="2026-10-31 23:00")
    assert f"{there.received_at.astimezone(ZoneInfo(there.zone)):%d %H:%M}" == "01 01:00"
    assert queries.figures(october(world), as_of=NOVEMBER_FIRST).totals.received == 3
    assert queries.figures(october(world, "91"), as_of=NOVEMBER_FIRST).totals.received == 1


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


def test_d61_speeds_are_whole_days_of_stays_that_ended_in_the_month(world):
    """D61: what is rejected begins a new stay, so that going back and forth is not quick, and shows beside it."""
    case = world.complaint(received="2026-09-28 22:00")
    case = step(world, case, "daftarkan", "2026-10-01 00:30")  # after midnight: three days
    office = routing.above(case)
    moving.move_office(case, BY_CODE["eskalasi"], office, now=at("2026-10-05 08:00"), fresh_period=True)
    case = step(world, case, "nyatakan-terbukti", "2026-10-06 08:00")
    case = step(world, case, "catat", "2026-10-07 08:00")  # leaves the stage as it is
    case = step(world, case, "rekomendasikan", "2026-10-08 23:59")
    case = step(world, case, "laporkan-hasil", "2026-10-09 00:00")
    case = step(world, case, "nyatakan-selesai", "2026-10-09 09:00")
    case = step(world, case, "sahkan-selesai", "2026-10-11 09:00", settled_at=at("2026-10-11 09:00"))
    case = step(world, case, "tolak-hasil", "2026-10-14 09:00", settled_at=None, rejections=1)
    found = queries.figures(october(world), as_of=NOVEMBER_FIRST)
    assert found.stage_speeds == (
        Speed("registrasi", 1, 3, 3), Speed("klarifikasi", 1, 5, 5), Speed("analisis", 1, 2, 2),
        Speed("penanganan", 1, 1, 1), Speed("pemantauan", 1, 0, 0), Speed("selesai", 1, 2, 2),
        Speed("umpan-balik", 1, 3, 3),
    )  # fmt: skip
    assert found.tier_speeds == (Speed("1", 1, 7, 7), Speed("2", 1, 6, 6))
    assert (found.speed, found.totals.rejections) == ((Speed("", 0, None, None),), 1)  # not settled any more
    case = step(world, case, "tinjau-ke-analisis", "2026-10-20 09:00")
    case = step(world, case, "rekomendasikan", "2026-10-20 10:00")
    case = step(world, case, "laporkan-hasil", "2026-10-20 11:00")
    case = step(world, case, "nyatakan-selesai", "2026-10-20 12:00")
    step(world, case, "sahkan-selesai", "2026-10-24 09:00", settled_at=at("2026-10-24 09:00"))
    found = queries.figures(october(world), as_of=NOVEMBER_FIRST)
    assert found.speed == (Speed("", 1, 26, 26),)
    assert found.tier_speeds == (Speed("1", 1, 7, 7), Speed("2", 2, 6, 10))
    assert found.stage_speeds[2] == Speed("analisis", 2, 0, 2)


def test_the_median_and_the_ninetieth_percentile_are_days_that_were(world):
    """Nearest rank: of ten the fifth and the ninth, of one the one."""
    for days in (1, 1, 2, 3, 5, 8, 13, 21, 24, 29):
        case = world.complaint("pertanyaan", received="2026-10-01 09:00")
        step(world, case, "jawab", f"2026-10-{1 + days:02d} 09:00", settled_at=at(f"2026-10-{1 + days:02d} 09:00"))
    assert queries.figures(october(world), as_of=NOVEMBER_FIRST).speed == (Speed("", 10, 5, 24),)


def test_what_a_tier_owes_is_what_its_offices_hold_when_the_month_ends(world):
    """D12, D32: what waits for the complainant is not due; a deadline is soon within thirty days."""
    world.complaint(received="2026-08-03 09:00")
    waits = world.complaint(received="2026-09-21 09:00")
    actions.ask_completion(waits, by=world.desa, now=at("2026-09-24 10:00"), questions="Sejak kapan?")
    soon = world.complaint(received="2026-10-05 09:00")
    assert soon.tier_due_at < OCTOBER.ends_at + timedelta(days=30)
    late, far = world.complaint("kkn", received="2026-10-30 09:00"), at("2026-12-24 23:59")
    Complaint.objects.filter(pk=late.pk).update(tier_due_at=far)  # the column alone: the record tells otherwise
    assert queries.figures(october(world), as_of=NOVEMBER_FIRST).owed == (
        Owed("1", open=3, not_followed_up=3, waiting=1, past_due=1, due_soon=1, oldest_days=89),
        Owed("5", open=1, not_followed_up=1, waiting=0, past_due=0, due_soon=0, oldest_days=1),
    )


def test_d55_the_people_behind_a_case_are_counted_once_where_the_case_is(world):
    """D55: two who brought one matter are one case with two people, also across a border, until one withdraws."""
    case = world.complaint(received="2026-10-05 09:00")
    same = world.complaint(region=NEIGHBOUR_VILLAGE, received="2026-10-06 09:00")
    actions.close_duplicate(same, by=world.pusat, now=at("2026-10-08 09:00"), original=case)
    counts = {
        region: queries.figures(october(world, region), as_of=NOVEMBER_FIRST).totals
        for region in ("33", "33.29", "33.28")
    }
    assert {region: (each.received, each.merged, each.complainants) for region, each in counts.items()} == {
        "33": (2, 1, 2), "33.29": (1, 0, 2), "33.28": (1, 1, 0),
    }  # fmt: skip
    person = same.complainants.get()
    actions.withdraw(world.read(case), now=at("2026-10-20 09:00"), reason="Sudah cair.", complainant=person)
    assert queries.figures(october(world), as_of=NOVEMBER_FIRST).totals.complainants == 1
    person.refresh_from_db()
    actions.follow_again(world.read(case), complainant=person, now=at("2026-10-22 09:00"), reason="Belum cair.")
    assert queries.figures(october(world), as_of=NOVEMBER_FIRST).totals.complainants == 2
    person.refresh_from_db()
    actions.withdraw(world.read(case), now=at("2026-10-25 09:00"), reason="Sudah cair.", complainant=person)
    person.refresh_from_db()
    actions.follow_again(world.read(case), complainant=person, now=at("2026-11-05 09:00"), reason="Belum cair.")
    with mock.patch("workflow.gate.allowed", return_value=BY_CODE["pisahkan"]):  # whoever holds it
        actions.split(world.read(same), by=world.pusat, now=at("2026-11-06 09:00"), reason="Lain hal.")
    assert Complaint.objects.filter(merged_into=None).count() == 2
    assert queries.figures(october(world), as_of=at("2026-12-01 06:00")).totals.complainants == 1


def test_d55_who_was_merged_before_follows_along_into_the_case_that_goes_on(world):
    """D20, D55: a chain is one case; its people stand with the last of it."""
    case, middle, last = (world.complaint(received=f"2026-10-0{day} 09:00") for day in (5, 6, 7))
    actions.close_duplicate(last, by=world.pusat, now=at("2026-10-08 09:00"), original=middle)
    actions.close_duplicate(world.read(middle), by=world.pusat, now=at("2026-10-09 09:00"), original=case)
    totals = queries.figures(october(world), as_of=NOVEMBER_FIRST).totals
    assert (totals.received, totals.merged, totals.complainants) == (3, 2, 3)


def test_d41_who_reports_and_from_where_nobody_does(world):
    """D41: places from which nothing comes are named; a village that has ceased to be is not waited for."""
    Region.objects.filter(pk=OTHER_VILLAGE).update(valid_to=date(2026, 10, 30))
    Region.objects.filter(pk=NEIGHBOUR_VILLAGE).update(valid_from=date(2026, 10, 31))
    world.complaint(received="2026-10-05 09:00")
    world.complaint(received="2026-10-06 09:00", by=world.desa)
    agreed = world.complaint(received="2026-10-07 09:00", by=world.desa)
    agreed.complainants.update(consent_noted=True)
    world.complaint("kkn", region=NEIGHBOUR_VILLAGE, received="2026-10-08 09:00")
    found = queries.figures(october(world, "33"), as_of=NOVEMBER_FIRST).equity
    assert (found.villages, found.villages_heard, found.silent_places) == (2, 2, ())
    assert found.recorded_by == (Count("sendiri", 2), Count("petugas", 1), Count("titipan", 1))
    assert found.secrecy == (Count("anonim", 0), Count("rahasia", 4), Count("terbuka", 0))
    tegal = queries.figures(october(world, "33.28"), as_of=NOVEMBER_FIRST).equity
    assert (tegal.villages, tegal.villages_heard, tegal.silent_places) == (1, 0, ("33.28.01",))  # D35: concealed there
    assert queries.figures(october(world), as_of=NOVEMBER_FIRST).equity.silent_places == ("91",)


def test_d47_a_case_counts_where_it_was_when_the_month_ended(world):
    """D47: said to belong elsewhere in November, it stays in October's count of the place from which it went."""
    case = world.complaint(received="2026-10-05 09:00")
    village = Office.objects.get(programme=case.programme, tier=Tier.DESA, region="33.29.01.2001")
    assert case.office == village
    neighbour = Region.objects.get(pk=NEIGHBOUR_VILLAGE)
    before = [queries.figures(october(world, region), as_of=NOVEMBER_FIRST) for region in ("33.29", "33.28", "33")]
    actions.not_ours(case, by=world.desa, now=at("2026-11-04 09:00"), region=neighbour, reason="Terjadi di Tegal.")
    december = at("2026-12-01 06:00")
    assert [queries.figures(october(world, region), as_of=december) for region in ("33.29", "33.28", "33")] == before
    november = Month.parse("2026-11")
    counts = [
        queries.figures(Subject(case.programme, Region.objects.get(pk=region), november), as_of=december)
        for region in ("33.29", "33.28")
    ]
    assert [(each.totals.open, each.before.open) for each in counts] == [(0, 1), (1, 0)]
    assert [each.trend[-2].received for each in counts] == [1, 0]
