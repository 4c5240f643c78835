"""What somebody who knows the procedure would try: each cheat is tried here, and refused (D12, D28, D29, D53, D62).

The cast is the small world's: `desa` holds and handles, `kecamatan` stands above, `penyelia` supervises both.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from pengaduan.models import Attachment, Complaint, Outcome, Position, Secrecy, Stage
from tests.cast import at
from tests.journey import START, add_file, lead_on, to_stage
from workflow import actions
from workflow.machine import Refused

LATER = START + timedelta(days=1)
SETTLEMENT = {
    "finding": "Dana sudah diterima",
    "forum_held_on": LATER.date(),
    "forum_place": "Balai desa",
    "forum_attendance": 20,
    "forum_decision": "Warga menerima",
    "ticked": ["Keputusan musyawarah ada"],
}


def sentence(refusal) -> str:
    return str(refusal.value)


def reviewed(world) -> Complaint:
    """Return a case whose result was rejected and which is analysed again, with minutes of the review."""
    complaint = to_stage(world, Stage.REVIEW)
    add_file(complaint, Attachment.Purpose.REVIEW_MINUTES, now=LATER)
    actions.review(complaint, by=world.desa, now=LATER, to=Stage.ANALYSIS)
    complaint = world.read(complaint)
    actions.recommend(
        complaint,
        by=world.desa,
        now=LATER,
        case_analysis="Daftar bayar",
        stakeholder_analysis="Pos",
        recommendation="non_litigation",
        follow_up_by="Kantor pos",
    )
    return world.read(complaint)


def test_d25_the_documents_of_the_first_round_are_no_result_of_the_second(world):
    complaint = reviewed(world)
    with pytest.raises(Refused) as refusal:
        actions.report_result(complaint, by=world.desa, now=LATER, result="Sama seperti dulu")
    assert (refusal.value.field, world.read(complaint).stage) == ("file", Stage.HANDLING)


def test_d27_a_case_is_not_settled_a_second_time_by_the_minutes_of_the_first(world):
    complaint = reviewed(world)
    add_file(complaint, Attachment.Purpose.RESULT, now=LATER)
    actions.report_result(complaint, by=world.desa, now=LATER, result="Dibayar lagi")
    complaint = world.read(complaint)
    with pytest.raises(Refused) as refusal:
        actions.settle(complaint, by=world.desa, now=LATER, **SETTLEMENT)
    assert refusal.value.field == "file"
    add_file(complaint, Attachment.Purpose.MINUTES, now=LATER)
    actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLEMENT)
    assert world.read(complaint).stage == Stage.SETTLED


def test_d53_who_recorded_the_money_before_the_case_was_lowered_does_not_verify_it(world):
    """D53: `kecamatan` took the case over, worked on it and gave it back: it is no stranger to it."""
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.take_over(complaint, by=world.kecamatan, now=LATER, reason="Banyak kasus di desa")
    complaint = world.read(complaint)
    actions.record_money(complaint, by=world.kecamatan, now=LATER, lost_amount=Decimal(0), reason="Tidak ada kerugian")
    actions.hand_down(world.read(complaint), by=world.penyelia, now=LATER, reason="Cukup di desa")
    complaint = world.read(complaint)
    actions.find_unproven(complaint, by=world.desa, now=LATER, chronology="Sudah cair")
    with pytest.raises(Refused) as refusal:
        actions.verify_unproven(world.read(complaint), by=world.kecamatan, now=LATER, reason="Di musyawarah")
    assert refusal.value.field == "by"
    actions.verify_unproven(world.read(complaint), by=world.kabupaten, now=LATER, reason="Di musyawarah")


@pytest.mark.parametrize("code", ["sepakati-tindakan", "catat-hasil-tindakan", "catat-uang", "catat-keterangan"])
def test_d53_who_did_a_part_of_the_work_counts_as_who_handled_it(code):
    from workflow.needs import HANDLING

    assert code in HANDLING


def test_d33_raising_and_lowering_gives_the_lower_office_no_new_period(world):
    """D12, D33: up and down again buys no time, however often."""
    complaint = to_stage(world, Stage.CLARIFICATION)
    before, office, original = complaint.tier_due_at, complaint.office, complaint.due_at
    day = at("2026-03-30 09:00")
    actions.hand_up(complaint, by=world.penyelia, now=day, reason="Ditinjau")
    assert world.read(complaint).tier_due_at > before
    actions.hand_down(world.read(complaint), by=world.penyelia, now=day, reason="Ditinjau lagi")
    after = world.read(complaint)
    assert (after.office, after.tier_due_at, after.due_at) == (office, before, original)


def test_d33_an_office_whose_time_is_over_does_not_get_the_case_back(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.hand_up(complaint, by=world.penyelia, now=at("2026-04-01 09:00"), reason="Ditinjau")
    with pytest.raises(Refused) as refusal:
        actions.hand_down(world.read(complaint), by=world.penyelia, now=at("2026-04-20 09:00"), reason="Kembali")
    assert "waktu" in sentence(refusal).lower()
    assert world.read(complaint).tier == 2


def test_d12_the_clock_is_not_stopped_again_by_asking_once_more_what_nobody_answered(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.ask_completion(complaint, by=world.desa, now=at("2026-03-04 09:00"), questions="Tahap berapa?")
    actions.go_on(world.read(complaint), by=world.desa, now=at("2026-04-01 09:00"), reason="Tidak dijawab")
    with pytest.raises(Refused) as refusal:
        actions.ask_completion(world.read(complaint), by=world.desa, now=at("2026-04-02 09:00"), questions="Kapan?")
    assert "pesan" in sentence(refusal)
    actions.send_message(world.read(complaint), by=world.desa, now=at("2026-04-02 09:00"), text="Kapan?")
    assert world.read(complaint).clock_runs


def test_d12_the_clock_is_stopped_three_times_and_no_more(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    person = complaint.complainants.get()
    for day in (4, 6, 10):
        asked = at(f"2026-03-{day:02} 09:00")
        actions.ask_completion(world.read(complaint), by=world.desa, now=asked, questions="Tahap berapa?")
        actions.complete(world.read(complaint), complainant=person, now=asked + timedelta(days=1), answer="Dua")
    with pytest.raises(Refused):
        actions.ask_completion(world.read(complaint), by=world.desa, now=at("2026-03-12 09:00"), questions="Lagi?")


def test_d12_a_late_case_is_not_made_punctual_by_another_category(world):
    complaint, category = world.complaint(), longer(world)
    with pytest.raises(Refused) as refusal:
        actions.recategorise(
            complaint,
            by=world.desa,
            now=complaint.tier_due_at + timedelta(hours=1),
            category=category,
            reason="Ternyata layanan",
        )
    assert "tenggat" in sentence(refusal)
    actions.recategorise(world.read(complaint), by=world.desa, now=LATER, category=category, reason="Ternyata layanan")


def longer(world):
    """Return a category with a longer period than the usual one."""
    category = world.category("ketersediaan-layanan")
    category.service_level = category.service_level.__class__.objects.create(
        programme=category.programme, code="bulan-3", name="Tiga bulan", unit="calendar_months", length=3
    )
    category.save()
    return category


def test_d29_what_was_lost_is_not_forgotten_by_calling_it_unproven(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.record_money(complaint, by=world.desa, now=LATER, lost_amount=Decimal(5_000_000))
    with pytest.raises(Refused) as refusal:
        actions.find_unproven(world.read(complaint), by=world.desa, now=LATER, chronology="Tidak terjadi")
    assert refusal.value.field == "amount"
    actions.record_money(
        world.read(complaint), by=world.desa, now=LATER, lost_amount=Decimal(0), reason="Uangnya ternyata ada"
    )
    actions.find_unproven(world.read(complaint), by=world.desa, now=LATER, chronology="Tidak terjadi")


def test_d29_what_was_lost_is_not_forgotten_by_merging(world):
    first, second = world.complaint(received="2026-03-01 10:00"), world.complaint()
    actions.record_money(second, by=world.desa, now=LATER, lost_amount=Decimal(5_000_000))
    with pytest.raises(Refused) as refusal:
        actions.close_duplicate(world.read(second), by=world.desa, now=LATER, original=first)
    assert (refusal.value.field, "kerugian" in sentence(refusal)) == ("original", True)
    actions.record_money(world.read(first), by=world.desa, now=LATER, lost_amount=Decimal(5_000_000))
    actions.close_duplicate(world.read(second), by=world.desa, now=LATER, original=world.read(first))


def test_d29_a_case_of_funds_is_not_merged_into_one_that_need_not_bring_the_money_back(world):
    first = world.complaint(received="2026-03-01 10:00")
    second = world.complaint()
    forum = first.category.closure_standards.get()
    second.category.closure_standards.add(
        forum.__class__.objects.create(
            programme=second.programme, code="dana", name="Dana kembali", items=["Dana ada"], money=True
        )
    )
    other = world.category("bukan-peserta")
    Complaint.objects.filter(pk=first.pk).update(category=other)
    with pytest.raises(Refused) as refusal:
        actions.close_duplicate(second, by=world.desa, now=LATER, original=world.read(first))
    assert refusal.value.field == "original"


def test_d28_an_acceptance_that_an_officer_wrote_down_is_undone_by_the_complainants_own_word(world):
    """D28: answer, accept in the complainant's name, closed; the complainant says otherwise."""
    complaint = to_stage(world, Stage.FEEDBACK, nature="informatif")
    actions.accept(complaint, by=world.desa, now=LATER, reason="Katanya sudah jelas, lewat telepon")
    closed = world.read(complaint)
    assert closed.outcome == Outcome.ACCEPTED
    actions.reopen(closed, complainant=closed.complainants.get(), now=LATER, reason="Saya tidak pernah ditanya")
    assert world.read(complaint).stage == Stage.ANSWER


def test_d28_who_accepted_with_the_code_does_not_open_again(world):
    complaint = to_stage(world, Stage.FEEDBACK)
    person = complaint.complainants.get()
    actions.accept(complaint, complainant=person, now=LATER)
    with pytest.raises(Refused):
        actions.reopen(world.read(complaint), complainant=person, now=LATER, reason="Berubah pikiran")


def test_d28_an_acceptance_by_a_code_that_an_officer_has_seen_is_undone_by_the_complainants_word(world):
    """D28, D58: who records at the desk has had the slip with the code in hand."""
    complaint = world.complaint("pertanyaan", by=world.desa)
    complaint = lead_on(complaint, world, Stage.FEEDBACK, now=START)
    person = complaint.complainants.get()
    actions.accept(complaint, complainant=person, now=LATER)
    actions.reopen(world.read(complaint), complainant=person, now=LATER, reason="Bukan saya yang menerima")
    assert world.read(complaint).stage == Stage.ANSWER


@pytest.mark.parametrize("code", ["ucapan-terima-kasih", "bukan-kewenangan", "salurkan"])
def test_d19_who_was_turned_away_at_the_door_can_take_the_complaint_up_again(world, code):
    """D19: nothing received is lost because one officer called it thanks, or not ours."""
    complaint = world.complaint()
    actions.close_aside(complaint, code, by=world.desa, now=LATER, authority="Dinas lain", reason="Bukan kami")
    closed = world.read(complaint)
    actions.take_up_again(closed, complainant=closed.complainants.get(), now=LATER, reason="Ini pengaduan")
    assert (world.read(complaint).stage, world.read(complaint).due_at) == (Stage.REGISTRATION, complaint.due_at)


def test_d62_who_handles_a_case_does_not_give_themselves_the_complainants_code(world):
    """D53, D62: with a code of one's own making one would accept the result in the complainant's place."""
    complaint = to_stage(world, Stage.FEEDBACK)
    person = complaint.complainants.get()
    with pytest.raises(Refused) as refusal:
        actions.give_new_code(complaint, person, by=world.desa, now=LATER, reason="Katanya hilang")
    assert "orang lain" in sentence(refusal)
    assert actions.give_new_code(world.read(complaint), person, by=world.kecamatan, now=LATER, reason="Datang sendiri")


def test_d62_at_the_door_and_by_the_telephone_that_is_kept_the_desk_gives_a_new_code(world):
    fresh = world.complaint()
    assert actions.give_new_code(fresh, fresh.complainants.get(), by=world.desa, now=LATER, reason="Membawa surat")
    phone = "+6281234567890"
    known = world.complaint(identity={"name": "Wati", "phone": phone}, secrecy=Secrecy.SECRET)
    actions.register(known, by=world.desa, now=LATER, recorded="Belum cair", information_complete=True, suitable=True)
    person = known.complainants.get()
    assert actions.give_new_code(world.read(known), person, by=world.desa, now=LATER, reason="Datang", phone=phone)


def test_d53_an_unproven_case_is_not_closed_by_who_found_it_unproven_with_a_proposal_or_without(world):
    complaint = to_stage(world, Stage.SETTLED, position=Position.UNPROVEN)
    for by in (world.desa, world.tetangga, world.auditor, world.koordinator):
        with pytest.raises(Refused):
            actions.verify_unproven(complaint, by=by, now=LATER, reason="Selesai")


@pytest.mark.parametrize("day", ["2026-03-01", "2026-03-05"])
def test_d27_a_forum_before_the_complaint_or_in_the_future_has_not_settled_it(world, day):
    complaint = to_stage(world, Stage.MONITORING)
    add_file(complaint, Attachment.Purpose.MINUTES, now=LATER)
    with pytest.raises(Refused) as refusal:
        actions.settle(complaint, by=world.desa, now=LATER, **{**SETTLEMENT, "forum_held_on": date.fromisoformat(day)})
    assert refusal.value.field == "forum_held_on"


def test_d27_the_forum_of_the_first_round_does_not_settle_the_second(world):
    complaint = to_stage(world, Stage.REVIEW)
    Complaint.objects.filter(pk=complaint.pk).update(stage=Stage.MONITORING)
    complaint = world.read(complaint)
    later = LATER + timedelta(days=1)
    add_file(complaint, Attachment.Purpose.MINUTES, now=later)
    before = START.date() - timedelta(days=1)
    with pytest.raises(Refused) as refusal:
        actions.settle(complaint, by=world.desa, now=later, **{**SETTLEMENT, "forum_held_on": before})
    assert refusal.value.field == "forum_held_on"
    actions.settle(world.read(complaint), by=world.desa, now=later, **SETTLEMENT)
