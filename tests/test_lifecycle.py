"""The table of steps: every role over every row, every need, every way out (D22–D30, D53)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from pengaduan.models import Attachment, Category, Complaint, Outcome, Position, Stage
from tests.cast import at
from tests.journey import START, add_file, to_stage
from workflow import actions, gate, taking
from workflow.machine import BY_CODE, STEPS, Need, Refused, Who, fits

LATER = START + timedelta(days=1)
CAST = [
    "desa",
    "kecamatan",
    "kabupaten",
    "provinsi",
    "pusat",
    "penyelia",
    "tetangga",
    "kustodian",
    "auditor",
    "peninjau",
    "koordinator",
]

ABOVE = {"kecamatan", "kabupaten", "provinsi", "pusat", "penyelia"}
# The case is held by the village, where `desa` handled it. Who then is the one the row is for.
RIGHTFUL = {
    Who.HOLDER: {"desa"},
    Who.SUPERVISOR: {"penyelia"},
    Who.VERIFIER: ABOVE,
    Who.CLOSER: {"desa", *ABOVE},
    Who.ABOVE: ABOVE,
    Who.HELPER: {"desa"},
    Who.ASKED: set(),  # until help is asked
    Who.CUSTODIAN: {"kustodian"},
    Who.OVERSIGHT: set(),  # until the office that holds the case is reported itself
    Who.COMPLAINANT: {"desa", *ABOVE},  # who writes down the complainant's word; one may turn to any office (D21)
    Who.ANYONE_IN_REACH: {"desa", "kecamatan", "kabupaten", "provinsi", "pusat", "penyelia"},
    Who.REVIEWER: {"peninjau"},
    Who.WITHDREW: set(),
    Who.SYSTEM: set(),
}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.code)
def test_each_step_is_open_to_exactly_those_the_table_names(world, step):
    complaint = _where_it_fits(world, step)
    may = {name for name in CAST if gate.may_take(step, complaint, by=getattr(world, name), now=LATER)}
    assert may == RIGHTFUL[step.who]
    complainant = complaint.complainants.get()
    assert gate.may_take(step, complaint, complainant=complainant, now=LATER) == (step.who == Who.COMPLAINANT)
    assert gate.may_take(step, complaint, now=LATER) == (step.who == Who.SYSTEM)
    stranger = world.complaint().receipt.complainant
    assert not gate.may_take(step, complaint, complainant=stranger, now=LATER)


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in (Stage.ANSWER, Stage.CLOSED)])
def test_every_step_that_does_not_start_from_a_stage_is_refused_there_with_a_sentence(world, stage):
    complaint = to_stage(world, stage)
    for step in STEPS:
        if stage not in step.sources:
            with pytest.raises(Refused) as refusal:
                gate.allowed(complaint, step.code, by=world.desa, now=LATER)
            assert str(refusal.value).endswith("."), step.code


@pytest.mark.parametrize(
    "step", [step for step in STEPS if set(step.needs) - {Need.SECOND_PAIR}], ids=lambda step: step.code
)
def test_a_step_without_what_it_needs_is_refused(world, step):
    """D27, D53: nothing is skipped."""
    complaint = _where_it_fits(world, step)
    takers = {Who.SUPERVISOR: "penyelia", Who.ABOVE: "kecamatan", Who.CUSTODIAN: "kustodian", Who.OVERSIGHT: "auditor"}
    by = None if step.who == Who.SYSTEM else getattr(world, takers.get(step.who, "desa"))
    with pytest.raises(Refused):
        gate.allowed(complaint, step.code, by=by, now=START, facts={})


def test_every_stage_but_the_last_has_a_way_out_that_is_no_side_way():
    side = {Outcome.NOT_OURS, Outcome.REFERRED, Outcome.DUPLICATE, Outcome.WITHDRAWN, Outcome.LEGAL, Outcome.LAPSED}
    for stage in Stage:
        ways = [step for step in STEPS if stage in step.sources and step.target not in (None, stage)]
        assert any(step.outcome not in side or step.outcome is None for step in ways), stage


def test_every_stage_is_reached_from_the_first():
    reached, news = set(), {Stage.REGISTRATION}
    while news:
        reached |= news
        news = {step.target for step in STEPS if step.target and step.sources & reached} - reached
    assert reached == set(Stage)


def test_the_picture_in_the_docs_is_drawn_from_the_table():
    call_command("lifecycle_diagram", "--check")


def test_d22_the_whole_life_of_a_problem_ends_closed_with_every_step_on_record(world):
    """D22–D28."""
    complaint = to_stage(world, Stage.FEEDBACK)
    actions.accept(complaint, complainant=complaint.complainants.get(), now=LATER)
    kinds = list(complaint.events.order_by("seq").values_list("kind", flat=True))
    assert kinds == [
        "diterima",
        "daftarkan",
        "nyatakan-terbukti",
        "rekomendasikan",
        "laporkan-hasil",
        "nyatakan-selesai",
        "sahkan-selesai",
        "terima-hasil",
    ]
    closed = world.read(complaint)
    assert (closed.stage, closed.outcome, closed.closed_at) == (Stage.CLOSED, Outcome.ACCEPTED, LATER)


def test_d53_who_handled_a_case_does_not_verify_it(world):
    """D53."""
    complaint = to_stage(world, Stage.SETTLED)
    with pytest.raises(Refused) as refusal:
        actions.verify(complaint, by=world.desa, now=LATER)
    assert "wewenang" in str(refusal.value)


def test_d53_a_verifier_who_took_part_is_refused_as_the_same_person(world):
    """D53: the supervisor declared it settled, so the supervisor does not confirm it."""
    complaint = to_stage(world, Stage.SETTLED)
    Complaint.objects.filter(pk=complaint.pk).update(handler=world.kecamatan)
    with pytest.raises(Refused) as refusal:
        actions.verify(world.read(complaint), by=world.kecamatan, now=LATER)
    assert refusal.value.field == "by"


def test_d29_funds_must_be_back_before_a_case_is_settled_and_the_database_holds_it_too(world):
    """D29."""
    complaint = world.complaint("penyimpangan-dana", programme="pamsimas")
    Complaint.objects.filter(pk=complaint.pk).update(stage=Stage.MONITORING)
    complaint = world.read(complaint)
    add_file(complaint, Attachment.Purpose.MINUTES, now=START)
    facts = {
        "finding": "Dana kembali sebagian",
        "forum_held_on": START.date(),
        "forum_place": "Balai desa",
        "forum_attendance": 12,
        "forum_decision": "Diterima warga",
        "ticked": ["Dana dapat dipakai lagi"],
    }
    for money in ({"lost_amount": Decimal(1000)}, {"amount": Decimal(999)}, {"amount": Decimal(1)}):
        with pytest.raises(Refused):
            actions.settle(world.read(complaint), by=world.desa, now=START, **facts)
        paid = {"paid_on": START.date(), "words": "Setor ke rekening"}
        actions.record_money(world.read(complaint), by=world.desa, now=START, **paid, **money)
    actions.settle(world.read(complaint), by=world.desa, now=START, **facts)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(
            stage=Stage.CLOSED, outcome=Outcome.ACCEPTED, closed_at=START, returned_amount=1
        )


def test_d28_a_rejected_result_comes_back_under_the_old_clock(world):
    """D28, D54: no reset."""
    before = to_stage(world, Stage.FEEDBACK)
    actions.reject(before, complainant=before.complainants.get(), now=LATER, reason="Belum diterima")
    after = world.read(before)
    assert (after.stage, after.settled_at, after.rejections) == (Stage.REVIEW, None, 1)
    assert (after.due_at, after.tier_due_at) == (before.due_at, before.tier_due_at)
    with pytest.raises(Refused) as refusal:
        actions.review(after, by=world.desa, now=LATER, to=Stage.ANALYSIS)
    assert refusal.value.field == "file"
    add_file(after, Attachment.Purpose.REVIEW_MINUTES, now=LATER)
    actions.review(after, by=world.desa, now=LATER, to=Stage.ANALYSIS)
    assert world.read(before).stage == Stage.ANALYSIS


def test_d28_silence_of_fourteen_days_counts_as_acceptance_and_may_be_reopened_for_thirty(world):
    """D28."""
    complaint = to_stage(world, Stage.FEEDBACK)
    last_day = complaint.settled_at + timedelta(days=14)
    with pytest.raises(Refused):
        actions.close_silent(complaint, now=last_day)
    actions.close_silent(complaint, now=last_day + timedelta(days=1))
    closed = world.read(complaint)
    assert closed.outcome == Outcome.SILENT
    complainant = closed.complainants.get()
    with pytest.raises(Refused):
        actions.reopen(closed, complainant=complainant, now=closed.closed_at + timedelta(days=31), reason="Belum")
    actions.reopen(
        world.read(complaint), complainant=complainant, now=closed.closed_at + timedelta(days=29), reason="Belum"
    )
    assert world.read(complaint).stage == Stage.REVIEW


def test_d12_while_the_file_waits_no_step_but_completing_is_open(world):
    """D12: nobody works on with a stopped clock."""
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.ask_completion(complaint, by=world.desa, now=LATER, questions="Tahap berapa?")
    with pytest.raises(Refused) as refusal:
        actions.find_proven(complaint, by=world.desa, now=LATER, chronology="…")
    assert "menunggu pelapor" in str(refusal.value)


def test_d12_a_completed_file_is_credited_with_its_pause_and_no_more(world):
    """D12: waiting from Wednesday to the next Tuesday buys Thursday, Friday, Monday and Tuesday."""
    complaint = world.complaint(received="2026-05-04 09:00")
    actions.ask_completion(complaint, by=world.desa, now=at("2026-05-06 09:00"), questions="Tahap berapa?")
    complainant = complaint.complainants.get()
    actions.complete(complaint, complainant=complainant, now=at("2026-05-12 09:00"), answer="Tahap dua")
    after = world.read(complaint)
    assert (after.waiting_since, after.due_at) == (None, at("2026-06-15 23:59:59"))


def test_d12_not_completed_within_thirty_days_counts_as_withdrawn_and_can_be_taken_up_again(world):
    """D12."""
    complaint = world.complaint(received="2026-05-04 09:00")
    actions.ask_completion(complaint, by=world.desa, now=at("2026-05-06 09:00"), questions="Tahap berapa?")
    with pytest.raises(Refused):
        actions.lapse(complaint, now=at("2026-06-05 23:00"))
    actions.lapse(world.read(complaint), now=at("2026-06-06 00:00"))
    closed = world.read(complaint)
    assert (closed.outcome, closed.pauses.get().ended_at) == (Outcome.LAPSED, at("2026-06-06 00:00"))
    actions.take_up_again(
        closed, complainant=closed.complainants.get(), now=at("2026-06-08 09:00"), reason="Berkasnya ada"
    )
    assert world.read(complaint).stage == Stage.REGISTRATION


def test_d12_a_change_of_category_counts_from_the_day_of_receipt(world):
    """D12: it buys no time."""
    complaint = world.complaint("pertanyaan", received="2026-05-04 09:00")
    assert complaint.due_at == at("2026-05-14 23:59:59")
    actions.recategorise(
        complaint,
        by=world.desa,
        now=at("2026-05-13 09:00"),
        category=world.category("pembayaran"),
        reason="Ada masalah",
    )
    after = world.read(complaint)
    assert (after.due_at, after.stage) == (at("2026-06-09 23:59:59"), Stage.REGISTRATION)


def test_a_category_that_hides_takes_the_case_away_from_those_it_hides_it_from(world):
    """D35."""
    complaint = world.complaint()
    actions.recategorise(complaint, by=world.desa, now=LATER, category=world.category("kkn"), reason="Ada pungutan")
    assert not Complaint.objects.visible_to(world.kabupaten).exists()
    assert world.read(complaint).office == world.office(5, None)


def test_d49_who_steps_aside_sees_the_case_no_more(world):
    """D49."""
    complaint = world.complaint()
    actions.step_aside(complaint, by=world.desa, now=LATER, reason="Saudara pelapor")
    assert not Complaint.objects.visible_to(world.desa).exists()
    assert Complaint.objects.visible_to(world.kecamatan).exists()


def test_d40_two_at_once_on_one_case_one_wins_and_the_other_is_told(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    first, second = world.read(complaint), world.read(complaint)
    actions.find_proven(first, by=world.desa, now=LATER, chronology="Terjadi")
    with pytest.raises(taking.ChangedMeanwhile):
        actions.note(second, by=world.desa, now=LATER, text="Bersamaan")
    assert complaint.events.filter(kind="catat").count() == 0


def _where_it_fits(world, step):
    """Return a complaint to which the row applies."""
    nature = step.nature or "masalah"
    position = step.position or Position.PROVEN
    stage = next(stage for stage in Stage if stage in step.sources and (nature == "masalah" or stage in INQUIRY))
    if stage == Stage.ANSWER and nature == "masalah":
        stage = Stage.CLARIFICATION
    if stage == Stage.CLOSED:
        return _closed_for(world, step, nature)
    complaint = to_stage(world, stage, nature=nature, position=position)
    if step.paths:
        Category.objects.filter(pk=complaint.category_id).update(path=next(iter(step.paths)))
        complaint = world.read(complaint)
    if step.waiting:
        actions.ask_completion(complaint, by=world.desa, now=START, questions="Tahap berapa?")
    assert fits(step, complaint, position=position)
    return complaint


INQUIRY = {Stage.REGISTRATION, Stage.ANSWER, Stage.FEEDBACK, Stage.CLOSED}


def _closed_for(world, step, nature):
    if Outcome.WITHDRAWN in step.after:
        complaint = world.complaint()
        actions.withdraw(complaint, by=world.desa, now=START, reason="Sudah dibayar")
        return world.read(complaint)
    if nature == "informatif":
        return to_stage(world, Stage.CLOSED, nature=nature)
    if Outcome.UNPROVEN in step.after:
        return to_stage(world, Stage.CLOSED, position=Position.UNPROVEN)
    complaint = world.complaint()
    closed = {"stage": Stage.CLOSED, "outcome": min(step.after), "closed_at": START}
    Complaint.objects.filter(pk=complaint.pk).update(**closed)
    return world.read(complaint)


def test_every_step_of_the_table_has_its_own_code():
    assert len(BY_CODE) == len(STEPS)
