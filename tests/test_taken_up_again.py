"""A complaint that was withdrawn and is taken up again runs under its old clock (D12)."""

from tests.cast import at
from workflow import actions


def test_a_case_withdrawn_after_its_answer_runs_again_when_it_is_taken_up(world):
    """The answer told before no longer stops the clock: else it would never be late nor go up a tier."""
    complaint = world.complaint("pertanyaan", received="2026-10-01 09:00")
    actions.register(
        complaint, by=world.desa, now=at("2026-10-02 09:00"), recorded="Kapan bantuan cair?", suitable=True
    )
    actions.answer(world.read(complaint), by=world.desa, now=at("2026-10-03 09:00"), answer="Bulan depan.")
    actions.withdraw(world.read(complaint), by=world.desa, now=at("2026-10-04 09:00"), reason="Sudah jelas.")
    actions.take_up_again(world.read(complaint), by=world.desa, now=at("2026-10-05 09:00"), reason="Ternyata belum.")
    again = world.read(complaint)
    assert (again.clock_runs, again.settled_at, again.due_at) == (True, None, complaint.due_at)
    assert again.is_overdue(now=at("2026-10-12 09:00"))
