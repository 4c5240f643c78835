"""Who handles a case is warned before its deadline, then the supervisor too, once each (D34)."""

import threading
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from pengaduan.models import Complaint, Recusal, ReportedParty, Stage
from tests.cast import EASTERN_VILLAGE, at
from tests.journey import to_stage
from tiers.models import Assignment, Tier
from workflow import actions, calendar, delivery, escalation, letters, notices, sla, warnings
from workflow.models import Holiday, Notification, Warned

# PKH, received Monday 2 March 2026, 26 working days without 19 and 20 March: due 8 April. Day 13 is 19 March's
# follower, Monday 23 March; day 21 Wednesday 1 April. Steps end on 9 and 12 March, 3 and 8 April.
A_MINUTE = timedelta(minutes=1)


def told(complaint=None, **wanted):
    """Return who was owed a warning, by name."""
    found = Notification.objects.filter(template=notices.WARNING, **wanted)
    if complaint:
        found = found.filter(complaint=complaint)
    return sorted(found.values_list("user__username", flat=True))


def pamsimas(world, **matter):
    """Return a case of ninety calendar days, without steps: due 31 May, half on 16 April, four fifths on 13 May."""
    return world.complaint("penyimpangan-dana", programme="pamsimas", **matter)


def test_d34_at_half_of_the_period_the_handler_is_warned_and_not_a_minute_before(world):
    complaint = pamsimas(world)
    actions.assign(complaint, by=world.desa, now=at("2026-03-03 09:00"), handler=world.desa)
    warnings.warn(now=at("2026-04-16 23:59"))
    assert told() == []
    warnings.warn(now=at("2026-04-17 00:00"))
    assert told(complaint) == ["desa"]
    assert Notification.objects.get(template=notices.WARNING).next_attempt_at == at("2026-04-17 08:00")


def test_d34_at_four_fifths_the_supervisor_hears_it_too(world):
    complaint = pamsimas(world)
    warnings.warn(now=at("2026-04-17 00:00"))
    warnings.warn(now=at("2026-05-14 00:00"))
    assert told(complaint) == ["desa", "desa", "penyelia"]


def test_d34_working_days_are_halved_as_working_days(world):
    complaint = to_stage(world, Stage.HANDLING)
    assert complaint.tier_due_at == at("2026-04-09 23:59:59")
    clock = sla.clock_of(complaint)
    half, four_fifths = (calendar.mark(clock.tier, share) for share in (sla.HALF, sla.FOUR_FIFTHS))
    assert (half, four_fifths) == (date(2026, 3, 23), date(2026, 4, 2))
    assert warnings.warn(now=at("2026-03-23 23:59")) == 0
    assert warnings.warn(now=at("2026-03-24 00:00")) == 1
    assert warnings.warn(now=at("2026-04-03 00:00")) == 1


def test_d34_the_end_of_a_step_is_heard_on_its_last_day_and_by_the_supervisor_after_it(world):
    """PKH: five days to document and clarify, until Monday 9 March."""
    complaint = world.complaint()
    assert complaint.stage_due_at == at("2026-03-09 23:59:59")
    assert warnings.warn(now=at("2026-03-08 23:59")) == 0
    assert warnings.warn(now=at("2026-03-09 00:01")) == 1
    assert told(complaint) == ["desa"]
    assert warnings.warn(now=at("2026-03-10 00:01")) == 1
    assert told(complaint) == ["desa", "desa", "penyelia"]


def test_d34_a_step_taken_in_time_is_not_warned_of(world):
    complaint = to_stage(world, Stage.ANALYSIS)
    assert complaint.stage_due_at == at("2026-03-12 23:59:59")
    assert warnings.warn(now=at("2026-03-10 00:01")) == 0


def test_d34_however_often_the_beat_runs_each_is_warned_once(world):
    pamsimas(world)
    assert [warnings.warn(now=at("2026-04-17 00:00") + timedelta(hours=hour)) for hour in range(4)] == [1, 0, 0, 0]
    assert warnings.warn(now=at("2026-04-20 09:00")) == 0
    assert told() == ["desa"]


def test_d34_after_an_outage_over_both_marks_only_the_later_is_told(world):
    pamsimas(world)
    assert warnings.warn(now=at("2026-05-20 09:00")) == 1
    assert told() == ["desa", "penyelia"]
    assert warnings.warn(now=at("2026-05-21 09:00")) == 0


def test_d34_a_deadline_that_moved_is_warned_of_anew(world):
    complaint = pamsimas(world)
    warnings.warn(now=at("2026-05-14 00:00"))
    before = told()
    escalation.sweep(now=at("2026-06-01 00:00"), by_hand=True)
    assert warnings.warn(now=at("2026-06-01 00:20")) == 0
    moved = world.read(complaint)
    mark = calendar.mark(sla.clock_of(moved).tier, sla.HALF)
    assert warnings.warn(now=calendar.end_of_day(mark, moved.zone) + A_MINUTE) == 1
    assert told() == sorted([*before, "kecamatan"])


def test_d12_while_the_clock_stands_nobody_is_warned_and_afterwards_the_waiting_does_not_count(world):
    complaint = pamsimas(world)
    actions.ask_completion(complaint, by=world.desa, now=at("2026-04-10 09:00"), questions="Tahun berapa?")
    assert warnings.warn(now=at("2026-04-20 09:00")) == 0
    actions.complete(world.read(complaint), by=world.desa, now=at("2026-04-30 09:00"), answer="2025")
    assert warnings.warn(now=at("2026-05-06 23:59")) == 0
    assert warnings.warn(now=at("2026-05-07 00:00")) == 1


def test_d34_what_is_told_settled_or_late_is_not_warned_of(world):
    complaint = to_stage(world, Stage.FEEDBACK)
    late = pamsimas(world, received="2026-01-05 09:00")
    warnings.warn(now=at("2026-04-08 09:00"))
    assert told(complaint) == []
    assert told(late) == []


def test_d11_midnight_is_that_of_the_place(world):
    complaint = pamsimas(world, region=EASTERN_VILLAGE)
    assert warnings.warn(now=at("2026-04-16 21:59")) == 0
    assert warnings.warn(now=at("2026-04-16 22:00")) == 1
    notice = Notification.objects.filter(complaint=complaint, template=notices.WARNING).first()
    assert notice.next_attempt_at == at("2026-04-17 06:00")


def test_d51_where_nobody_handles_it_any_more_the_office_hears_and_without_one_the_tier_above(world):
    complaint = pamsimas(world)
    Complaint.objects.filter(pk=complaint.pk).update(handler=world.tetangga)
    warnings.warn(now=at("2026-04-17 00:00"))
    assert told() == ["desa"]
    Assignment.objects.filter(user=world.desa).delete()
    warnings.warn(now=at("2026-05-14 00:00"))
    assert told() == ["desa", "kecamatan", "penyelia"]


def test_d49_neither_the_reported_nor_who_stepped_aside_is_warned_but_the_tier_above(world):
    complaint = pamsimas(world)
    ReportedParty.objects.create(complaint=complaint, user=world.penyelia)
    Recusal.objects.create(complaint=complaint, user=world.desa, at=at("2026-03-03 09:00"))
    warnings.warn(now=at("2026-05-14 00:00"))
    assert told() == ["kecamatan"]


def test_d49_the_people_of_a_reported_office_are_not_warned(world):
    complaint = pamsimas(world)
    ReportedParty.objects.create(complaint=complaint, office=world.office(Tier.KABUPATEN, "33.29", "pamsimas"))
    warnings.warn(now=at("2026-05-14 00:00"))
    assert told() == ["desa"]


def test_d34_the_mail_says_what_is_over_and_names_nobody(world, mailoutbox):
    complaint = pamsimas(world)
    warnings.warn(now=at("2026-05-14 00:00"))
    delivery.deliver(now=at("2026-05-15 09:00"))
    mail = next(each for each in mailoutbox if each.to == ["desa@kantor.id"] and "perlima" in each.body)
    assert mail.body.startswith("Empat perlima waktu sudah lewat.")
    assert complaint.number in mail.body
    assert "Siti" not in mail.body + mail.subject


def test_d34_the_page_says_how_much_of_the_time_is_over_and_the_neighbour_does_not_see_it(world, client):
    received = timezone.now() - timedelta(days=50)
    complaint = pamsimas(world, received=received.strftime("%Y-%m-%d %H:%M"))
    client.force_login(world.desa)
    assert "Separuh waktu sudah lewat." in client.get(complaint.get_absolute_url()).content.decode()
    client.force_login(world.tetangga)
    assert client.get(complaint.get_absolute_url()).status_code == 404


def test_d34_a_warning_that_is_overtaken_is_not_sent(world, mailoutbox):
    complaint = pamsimas(world)
    warnings.warn(now=at("2026-05-14 00:00"))
    withdrawn = at("2026-05-14 07:00")
    actions.withdraw(
        complaint, complainant=complaint.complainants.get(), now=withdrawn, reason="Sudah selesai di musyawarah"
    )
    with pytest.raises(letters.NothingToTell):
        letters.render(Notification.objects.filter(template=notices.WARNING).select_related("complaint").first())
    delivery.deliver(now=at("2026-05-15 09:00"))
    assert [each for each in mailoutbox if "perlima" in each.body] == []


@pytest.mark.django_db(transaction=True)
def test_d34_three_beats_at_once_warn_once(real_world):
    for _ in range(20):
        pamsimas(real_world)
    found, gate = [], threading.Barrier(3)

    def beat():
        gate.wait()
        try:
            found.append(warnings.warn(now=at("2026-05-14 00:00")))
        finally:
            connection.close()

    beats = [threading.Thread(target=beat) for _ in range(3)]
    for each in beats:
        each.start()
    for each in beats:
        each.join()
    assert sum(found) == 20
    assert (told(user=real_world.desa), told(user=real_world.penyelia)) == (["desa"] * 20, ["penyelia"] * 20)
    assert Warned.objects.count() == 20


@pytest.mark.parametrize("seed", range(6))
def test_d34_the_statement_and_the_rule_in_python_agree_on_random_cases(world, seed):
    """Random pauses, extensions, tiers and holidays: what the statement finds is what the page says."""
    import random

    pick = random.Random(seed)
    Holiday.objects.bulk_create(
        [Holiday(on=date(2026, 4, 1) + timedelta(days=day), name="Libur") for day in pick.sample(range(60), 8)],
        ignore_conflicts=True,
    )
    sla.rebuild_working_days()
    cases = [_random_case(world, pick) for _ in range(14)]
    now = at("2026-03-20 00:30") + timedelta(days=pick.randrange(45))
    warnings.warn(now=now)
    found = dict(Warned.objects.filter(clock="jenjang").values_list("complaint", "mark"))
    for case in map(world.read, cases):
        share = None
        if case.clock_runs and case.tier_due_at >= now:
            share = sla.clock_of(case).passed(now=now)
        expected = {None: None, sla.HALF: 1, sla.FOUR_FIFTHS: 2}[share]
        assert found.get(case.pk) == expected, (case.pk, case.tier_due_at, case.service_level)


def _random_case(world, pick):
    received = f"2026-03-{pick.randrange(2, 14):02} 09:00"
    case = world.complaint(received=received) if pick.random() < 0.6 else pamsimas(world, received=received)
    if pick.random() < 0.5:
        begin = at("2026-03-14 09:00") + timedelta(days=pick.randrange(4))
        actions.ask_completion(case, by=world.desa, now=begin, questions="Tahap berapa?")
        if pick.random() < 0.8:
            end = begin + timedelta(days=pick.randrange(9))
            actions.complete(world.read(case), by=world.desa, now=end, answer="Dua")
    case = world.read(case)
    if pick.random() < 0.3 and case.waiting_since is None:
        until = calendar.local_day(case.tier_due_at, case.zone) + timedelta(days=pick.randrange(1, 31))
        actions.extend(case, by=world.kecamatan, now=at("2026-03-25 09:00"), until=until, reason="Menunggu bank")
    return case


days_off = st.dictionaries(st.dates(date(2026, 1, 1), date(2026, 6, 30)), st.just("Libur"), max_size=20)
pauses = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=3)


@given(holidays=days_off, paused=pauses, length=st.integers(2, 40), working=st.booleans(), share=st.integers(1, 9))
def test_d34_a_mark_is_a_day_that_counts_with_that_share_behind_it(holidays, paused, length, working, share):
    start = date(2026, 1, 5)
    unit = calendar.Unit.WORKING_DAYS if working else calendar.Unit.CALENDAR_DAYS
    stood = [
        calendar.Pause(start + timedelta(days=since), start + timedelta(days=since + days)) for since, days in paused
    ]
    deadline = calendar.reckon(start, unit, length, holidays=holidays, pauses=stood)
    fraction = Fraction(share, 10)
    mark = calendar.mark(deadline, fraction)
    left_out = {each.on for each in deadline.left_out}
    if mark is None:
        assert length - 1 < length * fraction
        return
    counted = [start + timedelta(days=day) for day in range(1, (mark - start).days + 1)]
    counted = [day for day in counted if day not in left_out]
    assert counted[-1] == mark
    assert len(counted) >= length * fraction > len(counted) - 1
    assert mark < deadline.due_on


@given(holidays=days_off, more=st.integers(1, 30), working=st.booleans())
def test_d52_a_longer_period_counts_each_further_day_or_says_why_not(holidays, more, working):
    unit = calendar.Unit.WORKING_DAYS if working else calendar.Unit.CALENDAR_DAYS
    deadline = calendar.reckon(date(2026, 1, 5), unit, 20, holidays=holidays)
    until = deadline.due_on + timedelta(days=more)
    longer = calendar.lengthened(deadline, until, holidays=holidays)
    assert (longer.due_on, longer.start) == (until, deadline.start)
    assert longer.days + len(longer.left_out) == (until - deadline.start).days
    assert calendar.lengthened(deadline, deadline.due_on, holidays=holidays) is deadline
