"""Rejected by the complainant: back under the old clock, a second time to the tier above (D28, D54)."""

from datetime import timedelta

import pytest

from pengaduan.models import Attachment, Complaint, Stage
from tests.cast import World
from tests.journey import START, add_file, to_stage
from workflow import actions
from workflow.machine import Refused

LATER = START + timedelta(days=2)


def told_again(world: World, complaint: Complaint, *, by: str, verifier: str) -> Complaint:
    """Lead a rejected case once more to where the complainant is asked."""
    now = LATER + timedelta(hours=2)
    officer = getattr(world, by)
    add_file(complaint, Attachment.Purpose.REVIEW_MINUTES, now=now)
    actions.review(complaint, by=officer, now=now, to=Stage.ANALYSIS)
    facts = {"case_analysis": "a", "stakeholder_analysis": "b", "recommendation": "non_litigation", "follow_up_by": "c"}
    actions.recommend(world.read(complaint), by=officer, now=now, **facts)
    add_file(complaint, Attachment.Purpose.RESULT, now=now)
    actions.report_result(world.read(complaint), by=officer, now=now, result="Dibayar lagi")
    add_file(complaint, Attachment.Purpose.MINUTES, now=now)
    settled = {"finding": "Diterima", "forum_held_on": now.date(), "forum_attendance": 9}
    settled |= {"forum_place": "Balai desa", "forum_decision": "Diterima"}
    actions.settle(world.read(complaint), by=officer, now=now, ticked=["Keputusan musyawarah ada"], **settled)
    actions.verify(world.read(complaint), by=getattr(world, verifier), now=now)
    return world.read(complaint)


def reject(world, complaint, *, hours=1):
    actions.reject(
        complaint,
        complainant=complaint.complainants.get(),
        now=LATER + timedelta(hours=hours),
        reason="Belum semua dibayar",
    )
    return world.read(complaint)


def test_d28_a_rejected_result_goes_back_to_review_under_the_old_clock(world):
    """D54: no time is given anew."""
    told = to_stage(world, Stage.FEEDBACK)
    back = reject(world, told)
    assert (back.stage, back.rejections, back.office) == (Stage.REVIEW, 1, told.office)
    assert (back.due_at, back.tier_due_at, back.settled_at) == (told.due_at, told.tier_due_at, None)


def test_d54_rejected_a_second_time_the_case_goes_to_the_tier_above_with_a_period_of_its_own(world):
    first = reject(world, to_stage(world, Stage.FEEDBACK))
    again = told_again(world, first, by="desa", verifier="kecamatan")
    second = reject(world, again, hours=3)
    assert (second.stage, second.rejections, second.office) == (Stage.REVIEW, 2, world.office(2, "33.29.01"))
    assert second.due_at == first.due_at  # the original decides "on time" (D32)
    assert second.tier_since == LATER + timedelta(hours=3)
    assert second.tier_due_at > first.tier_due_at
    event = second.events.order_by("-seq").first()
    assert (event.kind, event.from_office.tier, event.to_office.tier) == ("tolak-hasil", 1, 2)


def test_d54_at_the_top_a_second_rejection_stays_there(world):
    complaint = world.complaint("kkn")
    Complaint.objects.filter(pk=complaint.pk).update(stage=Stage.FEEDBACK, rejections=1, settled_at=LATER)
    kept = reject(world, world.read(complaint))
    assert (kept.office, kept.rejections, kept.stage) == (world.office(5, None), 2, Stage.REVIEW)


def test_d28_review_needs_minutes_made_after_this_very_rejection(world):
    """The berita acara of the first review does not serve the second."""
    first = reject(world, to_stage(world, Stage.FEEDBACK))
    again = told_again(world, first, by="desa", verifier="kecamatan")
    second = reject(world, again, hours=3)
    with pytest.raises(Refused) as refusal:
        actions.review(second, by=world.kecamatan, now=LATER + timedelta(hours=4), to=Stage.ANALYSIS)
    assert refusal.value.field == "file"
