"""What is not settled in time goes up one tier, exactly once and never silently (D32, D49, D51)."""

import random
from datetime import timedelta

import pytest

from pengaduan.models import Complaint, Event
from tests.cast import EASTERN_VILLAGE, OTHER_VILLAGE, VILLAGE, WIB, at
from tiers.models import Assignment, Office, Tier
from workflow import actions, escalation, routing, sla
from workflow.machine import Refused
from workflow.models import Notification, SweepRun

LATE = at("2026-06-10 00:00")  # one second after the 26th working day of what was received on 2026-05-04
RECEIVED = "2026-05-04 09:00"


def sweep(text="2026-06-10 00:00"):
    return escalation.sweep(now=at(text), by_hand=True)


def test_d32_one_second_late_is_exactly_one_tier_up_with_a_full_new_period(world):
    """D32: the trap of "one variable too few" (domain §11)."""
    complaint = world.complaint(received=RECEIVED)
    escalation.sweep(now=LATE - timedelta(seconds=1))
    assert world.read(complaint).tier == Tier.DESA
    assert sweep().moved == 1
    moved = world.read(complaint)
    assert (moved.tier, moved.office.region_id, moved.escalations) == (Tier.KECAMATAN, "33.29.01", 1)
    assert moved.due_at == complaint.due_at
    assert moved.tier_due_at == sla.tier_deadline(complaint, since=LATE).tier_due_at
    assert moved.tier_due_at.astimezone(WIB).date().isoformat() == "2026-07-16"
    assert (moved.tier_since, moved.version) == (LATE, complaint.version + 1)


def test_the_record_and_its_chain_tell_of_the_escalation(world):
    complaint = world.complaint(received=RECEIVED)
    sweep()
    event = Event.objects.get(complaint=complaint, kind="eskalasi")
    assert (event.actor, event.by, event.seq, event.at) == ("sistem", None, 2, LATE)
    assert (event.from_office.tier, event.to_office.tier) == (Tier.DESA, Tier.KECAMATAN)
    assert bytes(event.digest) == event.reckon_digest() == bytes(world.read(complaint).event_head)
    actions.note(world.read(complaint), by=world.kecamatan, now=LATE, text="Diterima dari desa")
    assert bytes(Event.objects.get(complaint=complaint, seq=3).previous) == bytes(event.digest)


def test_d32_three_escalations_reach_three_tiers(world):
    complaint = world.complaint(received=RECEIVED)
    tiers = []
    for _ in range(5):
        late = world.read(complaint).tier_due_at + timedelta(seconds=1)
        escalation.sweep(now=late, by_hand=True)
        tiers.append(world.read(complaint).tier)
    assert tiers == [Tier.KECAMATAN, Tier.KABUPATEN, Tier.PROVINSI, Tier.PUSAT, Tier.PUSAT]


def test_d32_a_hundred_days_of_downtime_are_one_step_only(world):
    complaint = world.complaint(received=RECEIVED)
    runs = [sweep("2026-09-18 08:00").moved, sweep("2026-09-18 08:05").moved]
    assert (runs, world.read(complaint).tier) == ([1, 0], Tier.KECAMATAN)


def test_d32_a_second_sweep_and_a_clock_set_back_change_nothing(world):
    complaint = world.complaint(received=RECEIVED)
    sweep()
    after = world.read(complaint)
    assert [sweep().moved, sweep("2026-06-09 00:00").moved, sweep("2026-05-01 00:00").moved] == [0, 0, 0]
    assert world.read(complaint).version == after.version


def test_what_waits_for_the_complainant_or_for_feedback_stays_where_it_is(world):
    """D12: the clock stands."""
    waiting = world.complaint(received=RECEIVED)
    actions.ask_completion(waiting, by=world.desa, now=at("2026-05-06 09:00"), questions="Tahap berapa?")
    answered = world.complaint("pertanyaan", received=RECEIVED)
    actions.register(answered, by=world.desa, now=at("2026-05-05 09:00"), recorded="Kapan cair?", suitable=True)
    actions.answer(answered, by=world.desa, now=at("2026-05-05 10:00"), answer="Bulan depan.")
    assert sweep("2026-06-20 00:00").moved == 0
    assert list(escalation.missed(now=at("2026-06-20 00:00"))) == []


def test_d32_at_the_top_a_case_is_flagged_once_and_its_people_are_told(world):
    """D32: nowhere to go."""
    complaint = world.complaint("kkn", received=RECEIVED)
    runs = [sweep(), sweep("2026-06-10 00:05")]
    flagged = world.read(complaint)
    assert [(run.moved, run.flagged) for run in runs] == [(0, 1), (0, 0)]
    assert (flagged.tier, flagged.top_overdue_at, flagged.escalations) == (Tier.PUSAT, LATE, 0)
    told = Notification.objects.filter(event__kind="puncak-terlambat").exclude(user=None)
    assert sorted(told.values_list("user__username", flat=True)) == ["koordinator", "pusat"]
    assert Notification.objects.filter(template="puncak-terlambat", complainant__complaint=complaint).count() == 1


def test_d33_an_overdue_case_is_not_lowered_and_lowering_buys_no_time(world):
    """D33."""
    supervisor = _supervisor_at_pusat(world)
    complaint = world.complaint("kkn", received=RECEIVED)
    sweep()
    with pytest.raises(Refused):
        actions.hand_down(world.read(complaint), by=supervisor, now=at("2026-06-11 09:00"), reason="Cukup di provinsi")
    early = world.complaint("kkn", received=RECEIVED)
    actions.hand_down(early, by=supervisor, now=at("2026-05-20 09:00"), reason="Cukup di provinsi")
    lowered = world.read(early)
    assert (lowered.tier, lowered.tier_due_at) == (Tier.PROVINSI, early.due_at)


def test_d51_unassigned_cases_and_unmanned_offices_move_too_and_the_tier_above_hears(world):
    """D51, and 250 cases in one run: the trap of the first hundred rows."""
    Assignment.objects.filter(user__in=[world.kecamatan, world.desa]).delete()
    for _ in range(250):
        world.complaint(region=OTHER_VILLAGE, received=RECEIVED)
    assert sweep().moved == 250
    assert set(Complaint.objects.values_list("tier", "handler")) == {(Tier.KECAMATAN, None)}
    here = Notification.objects.filter(template="petugas-eskalasi-masuk")
    assert set(here.values_list("user__username", flat=True)) == {"kabupaten", "penyelia"}
    assert here.count() == 500


def test_d03_an_office_nobody_needed_before_comes_into_being(world):
    """D3: no four hundred thousand rows up front."""
    complaint = world.complaint(region=EASTERN_VILLAGE, received=RECEIVED)
    assert not Office.objects.filter(region_id="91.03.01").exists()
    sweep()
    assert world.read(complaint).office.name == "UPPKH Kecamatan Sentani"


def test_d49_a_reported_office_is_passed_over(world):
    """D49: never a target of an escalation."""
    complaint = world.complaint(received=RECEIVED)
    complaint.reported_parties.create(office=world.office(Tier.KECAMATAN, "33.29.01"))
    other = world.complaint(received=RECEIVED)
    other.reported_parties.create(user=world.kecamatan)
    sweep()
    assert [world.read(complaint).tier, world.read(other).tier] == [Tier.KABUPATEN, Tier.KABUPATEN]
    told = Notification.objects.filter(event__kind="eskalasi").values_list("user__username", flat=True)
    assert "kecamatan" not in set(told)


def test_d43_notices_wait_for_the_office_hours_of_the_place_and_the_complainant_hears_at_once(world):
    world.complaint(received=RECEIVED)
    sweep("2026-06-12 22:00")  # a Friday night
    officers = Notification.objects.filter(event__kind="eskalasi").exclude(user=None)
    assert set(officers.values_list("next_attempt_at", flat=True)) == {at("2026-06-15 08:00")}
    assert Notification.objects.get(template="naik-jenjang").next_attempt_at == at("2026-06-12 22:00")


def test_d32_the_sweep_equals_the_rule_in_python_on_random_cases(world):
    dice = random.Random(7)
    offices = list(Office.objects.filter(programme__code="pkh"))
    people = [world.kecamatan, world.kabupaten, world.tetangga, world.provinsi]
    cases = []
    for _ in range(60):
        programme, category = dice.choice(
            [("pkh", "pembayaran"), ("pkh", "pertanyaan"), ("pkh", "kkn"), ("pamsimas", "penyimpangan-dana")]
        )
        complaint = world.complaint(
            category,
            programme=programme,
            region=dice.choice([VILLAGE, OTHER_VILLAGE, EASTERN_VILLAGE, "33.28.01.2001"]),
            received=f"2026-0{dice.randint(1, 4)}-1{dice.randint(0, 9)} 10:00",
        )
        if dice.random() < 0.5:
            complaint.reported_parties.create(office=dice.choice(offices))
        if dice.random() < 0.4:
            complaint.reported_parties.create(user=dice.choice(people))
        cases.append(complaint)
    for now in (at("2026-05-20 13:00"), at("2026-11-30 23:30"), at("2027-07-01 01:00")):
        expected = {case.pk: _by_the_rule(world.read(case), now) for case in cases}
        escalation.sweep(now=now, by_hand=True)
        assert {case.pk: _as_it_is(world.read(case)) for case in cases} == expected


def test_d32_a_sweep_that_would_move_far_more_than_foreseen_waits_for_a_person(world, monkeypatch):
    """Domain §11: the machine's clock jumps forward."""
    monkeypatch.setattr(escalation, "ALWAYS_ALLOWED", 5)
    escalation.sweep(now=at("2026-05-05 00:00"))
    for _ in range(6):
        world.complaint(received=RECEIVED)
    jumped = at("2026-06-14 00:00")
    held = [escalation.sweep(now=jumped), escalation.sweep(now=jumped + timedelta(minutes=5))]
    assert [(run.moved, bool(run.refused)) for run in held] == [(0, True), (0, True)]
    assert SweepRun.objects.exclude(refused="").count() == 1
    assert set(
        Notification.objects.filter(template="petugas-eskalasi-ditahan").values_list("user__username", flat=True)
    ) == {
        "koordinator",
        "peninjau",
        "pusat",
    }
    assert escalation.sweep(now=jumped, by_hand=True).moved == 6


@pytest.mark.parametrize("category", ["pembayaran", "pertanyaan"])
def test_d11_a_note_on_the_ninth_day_leaves_the_deadline_where_it_was(world, category):
    """Domain §11: the trap of the clock that starts again at any edit."""
    complaint = world.complaint(category, received=RECEIVED)
    actions.note(complaint, by=world.desa, now=at("2026-05-13 09:00"), text="Menelepon pelapor")
    after = world.read(complaint)
    assert (after.due_at, after.tier_due_at) == (complaint.due_at, complaint.tier_due_at)


def _by_the_rule(complaint, now):
    if not (complaint.clock_runs and complaint.tier_due_at < now):
        return _as_it_is(complaint)
    office = routing.above(complaint)
    if office is None:
        return (complaint.office_id, complaint.tier, complaint.tier_due_at, complaint.stage_due_at, True)
    clock = sla.tier_deadline(complaint, since=now)
    return (office.pk, office.tier, clock.tier_due_at, clock.stage_due_at, False)


def _as_it_is(complaint):
    flagged = complaint.top_overdue_at is not None
    return (complaint.office_id, complaint.tier, complaint.tier_due_at, complaint.stage_due_at, flagged)


def _supervisor_at_pusat(world):
    Assignment.objects.create(
        user=world.pusat, office=world.office(Tier.PUSAT, None), role="penyelia", starts_on="2024-01-01"
    )
    return world.pusat
