"""The stages and their gates clause by clause, and the ways around them that are closed (D6, D12, D22–D28, D53)."""

from datetime import timedelta

import pytest

from pengaduan.models import Attachment, Outcome, Position, Stage
from tests.journey import START, add_file, to_stage
from tests.test_steps_pages import address, post, taken
from workflow import actions, gate
from workflow.machine import NEED_SENTENCES, STEPS, Need, Refused, fits
from workflow.models import Notification, Proposal

LATER = START + timedelta(days=1)
ANALYSED = {
    "case_analysis": "Nama tertukar di daftar bayar",
    "stakeholder_analysis": "Kantor pos, pendamping",
    "recommendation": "non_litigation",
    "follow_up_by": "Kantor pos",
}
SETTLED = {
    "finding": "Dana sudah diterima",
    "forum_held_on": START.date(),
    "forum_place": "Balai desa",
    "forum_attendance": 20,
    "forum_decision": "Warga menerima",
    "ticked": ["Keputusan musyawarah ada"],
}


def refused(verb, complaint, *, by, **facts) -> str:
    """Try a verb that must be refused and return its sentence."""
    with pytest.raises(Refused) as refusal:
        verb(complaint, by=by, now=LATER, **facts)
    return str(refusal.value)


# --- the short way


def test_d06_a_question_is_answered_and_goes_through_no_inquiry(world):
    """Registration, answer, feedback: none of the steps of an inquiry is open to an informatif matter."""
    question = to_stage(world, Stage.ANSWER, nature="informatif")
    inquiry = {"nyatakan-terbukti", "rekomendasikan", "laporkan-hasil", "nyatakan-selesai", "sahkan-selesai"}
    assert {step.code for step in STEPS if fits(step, question)} & inquiry == set()
    actions.answer(question, by=world.desa, now=LATER, answer="Tahap dua cair bulan depan")
    assert world.read(question).stage == Stage.FEEDBACK


def test_d06_a_problem_is_not_simply_answered(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    assert not any(fits(step, complaint) for step in STEPS if step.code == "jawab")


# --- the register


def test_d22_at_the_receipt_a_number_a_code_a_category_a_tier_and_an_office_are_there(world):
    complaint = world.complaint()
    assert complaint.number == "PKH-33.29-2026-000001"
    assert (complaint.tier, complaint.office) == (1, world.office(1, "33.29.01.2001"))
    assert (complaint.category.code, len(complaint.receipt.code)) == ("pembayaran", 16)


def test_d22_it_leaves_the_registration_only_with_the_register_complete(world):
    complaint = world.complaint()
    facts = {"recorded": "Bantuan belum cair.", "information_complete": True, "suitable": True}
    for lacking, need in (("recorded", Need.REGISTER), ("suitable", Need.SUITABLE)):
        sentence = refused(actions.register, complaint, by=world.desa, **{**facts, lacking: ""})
        assert sentence == str(NEED_SENTENCES[need])
    actions.register(complaint, by=world.desa, now=LATER, **facts)
    assert world.read(complaint).stage == Stage.CLARIFICATION


# --- the inquiry


def test_d23_neither_proven_nor_unproven_is_said_without_a_chronology(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    for verb in (actions.find_proven, actions.find_unproven):
        assert refused(verb, complaint, by=world.desa, chronology="") == str(NEED_SENTENCES[Need.CHRONOLOGY])


def test_d23_unproven_is_closed_as_that_by_another_who_says_how_the_community_was_told(world):
    complaint = to_stage(world, Stage.SETTLED, position=Position.UNPROVEN)
    assert refused(actions.verify_unproven, complaint, by=world.kecamatan, reason="") == str(
        NEED_SENTENCES[Need.REASON]
    )
    actions.verify_unproven(complaint, by=world.kecamatan, now=LATER, reason="Diumumkan di musyawarah desa")
    closed = world.read(complaint)
    assert (closed.stage, closed.outcome) == (Stage.CLOSED, Outcome.UNPROVEN)
    told = Notification.objects.filter(complainant=closed.complainants.get(), event__kind="sahkan-tidak-terbukti")
    assert told.count() == 1


@pytest.mark.parametrize(("lacking", "need"), [
    ("case_analysis", Need.ANALYSES),
    ("stakeholder_analysis", Need.ANALYSES),
    ("recommendation", Need.RECOMMENDATION),
    ("follow_up_by", Need.FOLLOW_UP),
])  # fmt: skip
def test_d24_both_analyses_a_recommendation_and_who_follows_up_are_needed(world, lacking, need):
    complaint = to_stage(world, Stage.ANALYSIS)
    assert refused(actions.recommend, complaint, by=world.desa, **{**ANALYSED, lacking: ""}) == str(
        NEED_SENTENCES[need]
    )
    assert world.read(complaint).stage == Stage.ANALYSIS


def test_d24_the_recommendation_is_litigation_another_settlement_or_arbitration(client, world):
    complaint = to_stage(world, Stage.ANALYSIS)
    client.force_login(world.desa)
    html = client.get(address(complaint, "rekomendasikan")).content.decode()
    values = [value for value in ("litigation", "non_litigation", "arbitration") if f'value="{value}"' in html]
    assert values == ["litigation", "non_litigation", "arbitration"]
    assert (
        post(client, world.desa, complaint, "rekomendasikan", **{**ANALYSED, "recommendation": "x"}).status_code == 422
    )
    analysed = taken(
        client, world, world.desa, complaint, "rekomendasikan", **{**ANALYSED, "recommendation": "arbitration"}
    )
    assert (analysed.stage, analysed.case_file.recommendation) == (Stage.HANDLING, "arbitration")
    assert analysed.case_file.follow_up_by == "Kantor pos"


def test_d25_no_result_without_its_document(world):
    complaint = to_stage(world, Stage.HANDLING)
    sentence = refused(actions.report_result, complaint, by=world.desa, result="Kantor pos membayar")
    assert sentence == str(NEED_SENTENCES[Need.RESULT_DOCUMENT])
    add_file(complaint, Attachment.Purpose.RESULT, now=LATER)
    assert refused(actions.report_result, complaint, by=world.desa, result="") == str(NEED_SENTENCES[Need.RESULT])


def test_d26_what_was_not_effective_goes_back_to_the_analysis_with_its_finding(world):
    complaint = to_stage(world, Stage.MONITORING)
    assert refused(actions.analyse_again, complaint, by=world.desa, finding="") == str(NEED_SENTENCES[Need.FINDING])
    actions.analyse_again(complaint, by=world.desa, now=LATER, finding="Pembayaran terlambat lagi")
    again = world.read(complaint)
    assert (again.stage, again.due_at, again.tier_due_at) == (Stage.ANALYSIS, complaint.due_at, complaint.tier_due_at)


@pytest.mark.parametrize("lacking", ["forum_held_on", "forum_place", "forum_attendance", "forum_decision"])
def test_d27_a_case_is_settled_in_a_forum_of_the_community(world, lacking):
    complaint = to_stage(world, Stage.MONITORING)
    add_file(complaint, Attachment.Purpose.MINUTES, now=LATER)
    facts = {**SETTLED, lacking: None}
    assert refused(actions.settle, complaint, by=world.desa, **facts) == str(NEED_SENTENCES[Need.FORUM])


def test_d27_without_the_minutes_or_with_the_standard_not_ticked_it_is_not_settled(world):
    complaint = to_stage(world, Stage.MONITORING)
    assert refused(actions.settle, complaint, by=world.desa, **SETTLED) == str(NEED_SENTENCES[Need.MINUTES])
    add_file(complaint, Attachment.Purpose.RESULT, now=LATER)  # another paper is no berita acara
    assert refused(actions.settle, complaint, by=world.desa, **SETTLED) == str(NEED_SENTENCES[Need.MINUTES])
    add_file(complaint, Attachment.Purpose.MINUTES, now=LATER)
    sentence = refused(actions.settle, complaint, by=world.desa, **{**SETTLED, "ticked": []})
    assert sentence == str(NEED_SENTENCES[Need.STANDARD])


def test_d27_no_stage_of_the_inquiry_is_left_out_on_the_way_to_the_end(world):
    """From each stage of a problem the holder reaches, by a step of the inquiry, the next one only."""
    order = [Stage.CLARIFICATION, Stage.ANALYSIS, Stage.HANDLING, Stage.MONITORING, Stage.SETTLED, Stage.FEEDBACK]
    for here, after in zip(order, order[1:], strict=False):
        ahead = {
            step.target
            for step in STEPS
            if here in step.sources and step.target in order and order.index(step.target) > order.index(here)
        }
        unproven = {Stage.SETTLED} if here == Stage.CLARIFICATION else set()
        assert ahead - unproven == {after}, here


# --- waiting inside stops no clock


def test_d12_only_waiting_for_the_complainant_stops_the_clock(world):
    """Asking for help, proposing, assigning, waiting for a scan or a note: the deadlines stay where they were."""
    before = to_stage(world, Stage.HANDLING)
    actions.ask_help(
        world.read(before), by=world.desa, now=LATER, asked="Datang ke pertemuan", office=world.office(2, "33.29.01")
    )
    actions.propose(world.read(before), "naikkan", by=world.desa, now=LATER, facts={"reason": "Terlalu berat"})
    actions.assign(world.read(before), by=world.desa, now=LATER, handler=world.desa)
    actions.send_message(world.read(before), by=world.desa, now=LATER, text="Sedang kami tanyakan")
    after = world.read(before)
    kept = ("due_at", "tier_due_at", "stage_due_at", "waiting_since")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert before.waiting_since is None


# --- ways around the second pair of eyes


def test_d53_a_problem_is_not_called_a_question_by_who_handled_it(world):
    """Otherwise the handler would answer it alone, and write down that the answer was accepted."""
    complaint = to_stage(world, Stage.HANDLING)
    question = {"category": world.category("pertanyaan"), "reason": "Ternyata hanya bertanya"}
    sentence = refused(actions.recategorise, complaint, by=world.desa, **question)
    assert sentence == str(NEED_SENTENCES[Need.SECOND_PAIR])
    proposal = actions.propose(world.read(complaint), "alihkan-sifat", by=world.desa, now=LATER, facts=question)
    actions.approve(Proposal.objects.get(pk=proposal.pk), by=world.kecamatan, now=LATER)
    changed = world.read(complaint)
    assert (changed.stage, changed.category.code) == (Stage.REGISTRATION, "pertanyaan")


def test_d53_the_page_lets_the_handler_choose_another_problem_and_only_propose_a_question(client, world):
    complaint = to_stage(world, Stage.HANDLING)
    client.force_login(world.desa)
    usual = client.get(address(complaint, "ubah-kategori")).content.decode()
    other = client.get(address(complaint, "alihkan-sifat")).content.decode()
    assert ("Data peserta" in usual, "Pertanyaan" in usual) == (True, False)
    assert ("Data peserta" in other, "Pertanyaan" in other, "Yang memutuskan:" in other) == (False, True, True)
    question = world.category("pertanyaan")
    same = taken(client, world, world.desa, complaint, "alihkan-sifat", category=question.pk, reason="Hanya bertanya")
    assert same.stage == Stage.HANDLING
    page = client.get(f"{complaint.get_absolute_url()}usul/{Proposal.objects.get().pk}/").content.decode()
    assert "Pertanyaan" in page


def test_d53_what_was_a_problem_once_is_not_ended_by_its_handler_as_a_question(world):
    complaint = to_stage(world, Stage.HANDLING)
    facts = {"category": world.category("pertanyaan"), "reason": "Ternyata hanya bertanya"}
    actions.propose(complaint, "alihkan-sifat", by=world.desa, now=LATER, facts=facts)
    actions.approve(Proposal.objects.get(), by=world.kecamatan, now=LATER)
    here = world.read(complaint)
    assert refused(actions.close_aside, here, by=world.desa, code="ucapan-terima-kasih") == str(
        NEED_SENTENCES[Need.SECOND_PAIR]
    )
    elsewhere = {"code": "bukan-kewenangan", "authority": "Dinas Sosial", "reason": "Bukan program ini"}
    assert refused(actions.close_aside, here, by=world.desa, **elsewhere) == str(NEED_SENTENCES[Need.SECOND_PAIR])
    actions.register(here, by=world.desa, now=LATER, recorded="Kapan cair?", suitable=True)
    actions.answer(world.read(here), by=world.desa, now=LATER, answer="Bulan depan")
    word = {"reason": "Menerima, lewat telepon"}
    assert refused(actions.accept, world.read(here), by=world.desa, **word) == str(NEED_SENTENCES[Need.SECOND_PAIR])
    actions.accept(world.read(here), complainant=here.complainants.get(), now=LATER)
    assert world.read(here).outcome == Outcome.ACCEPTED


def test_d53_a_problem_taken_up_again_is_not_sent_away_by_who_had_handled_it(world):
    complaint = to_stage(world, Stage.HANDLING)
    complainant = complaint.complainants.get()
    actions.withdraw(complaint, complainant=complainant, now=LATER, reason="Sudah lelah menunggu")
    actions.take_up_again(world.read(complaint), complainant=complainant, now=LATER, reason="Tidak jadi dicabut")
    again = world.read(complaint)
    assert again.stage == Stage.REGISTRATION
    facts = {"code": "bukan-kewenangan", "authority": "Dinas Sosial", "reason": "Bukan program ini"}
    assert refused(actions.close_aside, again, by=world.desa, **facts) == str(NEED_SENTENCES[Need.SECOND_PAIR])


# --- another category


def test_d35_a_category_that_starts_higher_takes_the_case_there_though_it_hides_nothing(world):
    """PKH: what concerns more than one kabupaten, or the programme's own rules, is handled at Pusat."""
    category = world.category("perbaikan-basis-data")
    assert (category.start_tier, category.conceal_up_to) == (5, None)
    complaint = world.complaint()
    actions.recategorise(complaint, by=world.desa, now=LATER, category=category, reason="Menyangkut beberapa kabupaten")
    moved = world.read(complaint)
    assert (moved.office, moved.tier, moved.concealed_tier) == (world.office(5, None), 5, 0)
    assert gate.rights_of(world.desa, moved, now=LATER) & {"holder"} == set()


def test_d35_another_category_shows_a_case_to_nobody_it_was_hidden_from(world):
    complaint = world.complaint(reported_offices=[world.office(3, "33.29")])
    assert (complaint.tier, complaint.concealed_tier) == (4, 3)
    actions.recategorise(
        complaint, by=world.provinsi, now=LATER, category=world.category("perbaikan-basis-data"), reason="Basis data"
    )
    assert (world.read(complaint).tier, world.read(complaint).concealed_tier) == (5, 3)
