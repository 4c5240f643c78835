"""A corrected calendar moves open deadlines, each with an event that says so (D10)."""

from datetime import date

from pengaduan.models import Event
from tests.cast import at
from workflow import actions, corrections, escalation
from workflow.models import Holiday

NOW = at("2026-05-12 09:00")


def test_d10_one_more_holiday_moves_each_running_deadline_later_and_says_so(world):
    complaint = world.complaint(received="2026-05-04 09:00")
    question = world.complaint("pertanyaan", received="2026-05-04 09:00")
    corrections.follow_calendar(now=NOW)
    Holiday.objects.create(on=date(2026, 5, 14), name="Kenaikan Yesus Kristus")
    assert corrections.holidays_changed(now=NOW) == 1
    after = world.read(complaint)
    assert (after.due_at, after.tier_due_at) == (at("2026-06-10 23:59:59"), at("2026-06-10 23:59:59"))
    assert after.stage_due_at == at("2026-05-11 23:59:59")
    event = Event.objects.get(complaint=complaint, kind="ikuti-kalender")
    assert (event.due_at, event.actor) == (after.due_at, "sistem")
    assert world.read(question).due_at == question.due_at
    assert corrections.holidays_changed(now=NOW) == 0


def test_d10_a_holiday_taken_back_moves_the_deadline_back(world):
    complaint = world.complaint(received="2026-05-04 09:00")
    Holiday.objects.create(on=date(2026, 5, 14), name="Salah ketik")
    corrections.holidays_changed(now=NOW)
    Holiday.objects.filter(name="Salah ketik").delete()
    assert corrections.holidays_changed(now=NOW) == 1
    assert world.read(complaint).due_at == complaint.due_at


def test_at_a_tier_above_the_tier_deadline_follows_from_the_escalation(world):
    complaint = world.complaint(received="2026-05-04 09:00")
    escalation.sweep(now=at("2026-06-10 00:00"), by_hand=True)
    Holiday.objects.create(on=date(2026, 6, 16), name="Tahun Baru Islam")
    corrections.holidays_changed(now=at("2026-06-11 09:00"))
    after = world.read(complaint)
    assert (after.due_at, after.tier_due_at) == (complaint.due_at, at("2026-07-17 23:59:59"))


def test_what_waits_is_reckoned_anew_when_it_goes_on(world):
    """D12."""
    complaint = world.complaint(received="2026-05-04 09:00")
    actions.ask_completion(complaint, by=world.desa, now=at("2026-05-06 09:00"), questions="Tahap berapa?")
    Holiday.objects.create(on=date(2026, 5, 14), name="Kenaikan Yesus Kristus")
    assert corrections.holidays_changed(now=NOW) == 0
    actions.complete(world.read(complaint), by=world.desa, now=NOW, answer="Tahap dua")
    assert world.read(complaint).due_at == at("2026-06-16 23:59:59")


def test_d10_a_correction_cut_short_goes_on_where_it_stood(world):
    cases = [world.complaint(received="2026-05-04 09:00") for _ in range(3)]
    corrections.follow_calendar(now=NOW)
    Holiday.objects.create(on=date(2026, 5, 14), name="Kenaikan Yesus Kristus")
    assert [corrections.follow_calendar(now=NOW, limit=2), corrections.follow_calendar(now=NOW)] == [2, 1]
    assert {world.read(case).due_at for case in cases} == {at("2026-06-10 23:59:59")}
