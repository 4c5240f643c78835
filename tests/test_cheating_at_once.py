"""Two at once, in two connections: what is decided is decided once, and no clock moves twice (D32, D33, D52, D63)."""

import threading
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection

from pengaduan.models import Outcome, Stage
from tests.cast import at
from tests.journey import START, to_stage
from tiers.models import Tier
from workflow import actions, escalation
from workflow.machine import Refused
from workflow.models import IdentityRequest, Proposal

DAY = at("2026-03-06 09:00")


def at_once(*calls: Callable[[], object]) -> list[bool]:
    """Run each call in a thread of its own, started together; return which of them were not refused."""
    done, barrier = [False] * len(calls), threading.Barrier(len(calls))

    def run(place: int) -> None:
        try:
            barrier.wait(timeout=20)
            calls[place]()
            done[place] = True
        except Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return done


def kinds(complaint) -> list[str]:
    return list(complaint.events.order_by("seq").values_list("kind", flat=True))


def test_d33_a_proposal_is_approved_or_refused_and_never_both(real_world):
    complaint = to_stage(real_world, Stage.CLARIFICATION)
    facts = {"authority": "Dinas Sosial", "reason": "Bukan kami"}
    pk = actions.propose(complaint, "salurkan", by=real_world.desa, now=DAY, facts=facts).pk
    done = at_once(
        lambda: actions.approve(Proposal.objects.get(pk=pk), by=real_world.kecamatan, now=DAY),
        lambda: actions.refuse(Proposal.objects.get(pk=pk), by=real_world.kabupaten, now=DAY, reason="Tangani"),
    )
    after, decided = real_world.read(complaint), Proposal.objects.get(pk=pk)
    assert done.count(True) == 1
    assert (after.outcome == Outcome.REFERRED, decided.approved) == (done[0], done[0])
    assert sorted(set(kinds(complaint)) & {"salurkan", "tolak-usul"}) == (["salurkan"] if done[0] else ["tolak-usul"])


def test_d63_a_request_for_an_identity_is_granted_or_refused_and_never_both(real_world):
    complaint = to_stage(real_world, Stage.CLARIFICATION)
    person = complaint.complainants.get()
    pk = actions.ask_identity(complaint, person, by=real_world.desa, now=DAY, motive="Perlu bertemu").pk
    keeper = real_world.kustodian
    done = at_once(
        lambda: actions.grant_identity(IdentityRequest.objects.get(pk=pk), by=keeper, now=DAY, reason="Ya", hours=2),
        lambda: actions.refuse_identity(IdentityRequest.objects.get(pk=pk), by=keeper, now=DAY, reason="Tidak"),
    )
    assert done.count(True) == 1
    assert (IdentityRequest.objects.get(pk=pk).granted_until is not None) == done[0]
    assert kinds(complaint).count("izinkan-identitas") + kinds(complaint).count("tolak-identitas") == 1


def test_d20_a_merged_complaint_is_split_off_once(real_world):
    first, second = real_world.complaint(received="2026-03-01 10:00"), real_world.complaint()
    actions.close_duplicate(second, by=real_world.desa, now=START, original=first)
    done = at_once(
        *(
            lambda: actions.split(real_world.read(second), by=real_world.desa, now=DAY, reason="Ternyata lain")
            for _each in range(2)
        )
    )
    assert (done.count(True), kinds(second).count("pisahkan")) == (1, 1)
    assert (real_world.read(second).merged_into, real_world.read(first).all_complainants().count()) == (None, 1)


def test_d20_two_that_are_merged_crosswise_do_not_both_end(real_world):
    one, other = real_world.complaint(), real_world.complaint()
    done = at_once(
        lambda: actions.close_duplicate(
            real_world.read(one), by=real_world.desa, now=DAY, original=real_world.read(other)
        ),
        lambda: actions.close_duplicate(
            real_world.read(other), by=real_world.desa, now=DAY, original=real_world.read(one)
        ),
    )
    assert done.count(True) == 1
    assert sorted([real_world.read(one).stage, real_world.read(other).stage]) == ["ditutup", "registrasi"]


def test_d32_taken_over_while_the_sweep_runs_a_case_goes_up_once(real_world):
    complaint = to_stage(real_world, Stage.CLARIFICATION)
    late = at("2026-05-20 00:05")
    at_once(
        lambda: actions.take_over(real_world.read(complaint), by=real_world.kecamatan, now=late, reason="Terlambat"),
        lambda: escalation.sweep(now=late, by_hand=True),
    )
    after = real_world.read(complaint)
    moves = [kind for kind in kinds(complaint) if kind in {"ambil-alih", "eskalasi"}]
    assert (after.tier, len(moves), after.tier_since) == (Tier.KECAMATAN, 1, late)


def test_d52_an_extension_and_the_sweep_leave_one_deadline_that_the_record_explains(real_world):
    complaint = to_stage(real_world, Stage.CLARIFICATION)
    before, after_midnight = complaint.tier_due_at, at("2026-04-10 00:00")
    assert before < after_midnight
    until = date(2026, 4, 20)
    done = at_once(
        lambda: actions.extend(
            real_world.read(complaint), by=real_world.kecamatan, now=before, until=until, reason="Menunggu bank"
        ),
        lambda: escalation.sweep(now=after_midnight, by_hand=True),
    )
    after = real_world.read(complaint)
    if done[0]:
        assert (after.tier, after.extended_until, after.escalations) == (Tier.DESA, until, 0)
    else:
        assert (after.tier, after.extended_until, after.escalations) == (Tier.KECAMATAN, None, 1)


@pytest.mark.parametrize("verb", [actions.accept, actions.reject])
def test_d28_a_word_sent_twice_is_taken_once(real_world, verb):
    complaint = to_stage(real_world, Stage.FEEDBACK)
    person = complaint.complainants.get()

    def send():
        return verb(real_world.read(complaint), complainant=person, now=DAY, reason="Kata pelapor")

    assert at_once(send, send).count(True) == 1
    assert real_world.read(complaint).rejections == (1 if verb is actions.reject else 0)
