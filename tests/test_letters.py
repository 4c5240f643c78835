"""What was written is kept as it was written, whoever can be reached, and never names anybody (D19, D42, D43, D54)."""

import pytest

from pengaduan import tracking
from pengaduan.models import Complainant, Event, ReportedParty, Secrecy, Stage
from tests.cast import at
from tests.journey import to_stage
from tiers.models import Tier
from workflow import actions, correspondence, delivery, escalation, notices, wording
from workflow.machine import STEPS
from workflow.models import Letter, Notification, ReplyTemplate

RECEIVED = "2026-05-04 09:00"
NOW = at("2026-05-06 09:00")
UNREACHABLE = {"secrecy": Secrecy.ANONYMOUS, "identity": {}}


def own_template(complaint, code, body, subject="Perihal {nomor}"):
    return ReplyTemplate.objects.create(programme=complaint.programme, code=code, name=code, subject=subject, body=body)


def letter_of(complaint, template, complainant=None) -> Letter:
    return Letter.objects.get(
        complaint=complaint, template=template, complainant=complainant or complaint.receipt.complainant
    )


def listed(complaint) -> list[str]:
    return [letter.template for letter in correspondence.of_complainant(complaint.receipt.complainant)]


def another(complaint, *, joined) -> Complainant:
    return Complainant.objects.create(
        complaint=complaint,
        secrecy=Secrecy.ANONYMOUS,
        tracking_hash=tracking.code_hash(tracking.new_code()),
        created_at=joined,
    )


@pytest.mark.parametrize(
    ("code", "template", "names"),
    [
        ("bukan-kewenangan", "bukan-kewenangan", True),
        ("ucapan-terima-kasih", "terima-kasih", False),
        ("salurkan", "disalurkan", True),
    ],
)
def test_d19_each_way_out_leaves_its_reply_kept_though_no_mail_can_reach_the_reader(world, code, template, names):
    complaint = world.complaint(received=RECEIVED, **UNREACHABLE)
    actions.close_aside(
        complaint, code, by=world.desa, now=NOW, authority="Dinas Dukcapil", reason="Soal kartu keluarga."
    )
    kept = letter_of(complaint, template)
    assert (kept.event.kind, kept.created_at, "Dinas Dukcapil" in kept.body) == (code, NOW, names)
    assert not Notification.objects.filter(complaint=complaint, complainant__isnull=False).exists()


def test_d19_what_is_asked_before_the_registration_is_a_reply_of_its_own(world):
    complaint = world.complaint(received=RECEIVED)
    actions.ask_completion(complaint, by=world.desa, now=NOW, questions="Sejak kapan?")
    assert "Sejak kapan?" in letter_of(complaint, notices.INCOMPLETE).body.splitlines()
    later = to_stage(world, Stage.CLARIFICATION)
    actions.ask_completion(later, by=world.desa, now=at("2026-03-06 09:00"), questions="Siapa saksinya?")
    asked = Letter.objects.get(complaint=later, template="minta-kelengkapan")
    assert "Siapa saksinya?" in asked.body.splitlines()


def test_d42_what_was_sent_stays_as_it_was_after_the_template_was_edited(world, mailoutbox):
    """The mail goes out after the edit and still says what was kept at the step."""
    complaint = world.complaint(received=RECEIVED)
    actions.hand_up(complaint, by=world.penyelia, now=NOW, reason="Di luar kemampuan")
    template = own_template(complaint, "naik-jenjang", "Kalimat baru.")
    delivery.deliver(now=at("2026-05-06 09:05"))
    kept = letter_of(complaint, "naik-jenjang")
    (mail,) = [one for one in mailoutbox if one.subject == kept.subject and "jenjang di atasnya" in one.body]
    assert (mail.body, "Kalimat baru." in mail.body) == (kept.body, False)
    template.body = "Kalimat ketiga."
    template.save()
    assert listed(complaint)[0] == "naik-jenjang"
    assert correspondence.of_complainant(complaint.receipt.complainant)[0].body == kept.body


def test_d42_a_faulty_template_stops_no_step_and_its_letter_is_made_once_it_is_mended(world):
    complaint = world.complaint(received=RECEIVED)
    faulty = own_template(complaint, "naik-jenjang", "Halo {siapa}")
    actions.hand_up(complaint, by=world.penyelia, now=NOW, reason="Di luar kemampuan")
    sentence = "Templat “naik-jenjang”: tanda {siapa} tidak dikenal di sini."
    assert (complaint.tier, "naik-jenjang" in listed(complaint)) == (Tier.KECAMATAN, False)
    assert correspondence.of_case(world.read(complaint))[1] == [sentence]
    delivery.deliver(now=at("2026-05-06 09:05"))
    failing = Notification.objects.get(complaint=complaint, template="naik-jenjang")
    assert (failing.sent_at, failing.last_error) == (None, sentence)
    faulty.body = "Sudah naik."
    faulty.save()
    assert listed(complaint)[0] == "naik-jenjang"
    assert letter_of(complaint, "naik-jenjang").body.startswith("Sudah naik.")


def test_d39_every_step_that_leads_to_another_stage_is_told_to_the_complainant():
    silent = {step.code for step in STEPS if step.target and step.code not in notices.TO_COMPLAINANT}
    assert silent == set()


def test_d39_a_step_that_gives_the_case_to_another_office_is_told_whatever_it_is(world):
    complaint = world.complaint(received=RECEIVED)
    kkn = world.category("kkn")
    actions.recategorise(complaint, by=world.desa, now=NOW, category=kkn, reason="Ternyata pemotongan")
    assert complaint.tier == Tier.PUSAT
    assert listed(complaint)[0] == "naik-jenjang"
    assert Notification.objects.filter(complaint=complaint, user=world.pusat, template=notices.NEW_CASE).exists()


def test_d42_a_sweep_writes_no_letter_and_the_first_reading_makes_it(world):
    complaint = world.complaint(received=RECEIVED, **UNREACHABLE)
    escalation.sweep(now=at("2026-06-10 00:00"))
    assert set(Letter.objects.values_list("template", flat=True)) == {"tanda-terima"}
    assert listed(complaint) == ["naik-jenjang", "tanda-terima"]
    made = letter_of(complaint, "naik-jenjang")
    assert made.created_at == at("2026-06-10 00:00")
    assert [letter.pk for letter in correspondence.of_complainant(complaint.receipt.complainant)][0] == made.pk


def test_d42_delivery_keeps_the_letter_that_a_sweep_owes(world, mailoutbox):
    complaint = world.complaint(received=RECEIVED)
    escalation.sweep(now=at("2026-06-10 00:00"))
    delivery.deliver(now=at("2026-06-10 09:00"))
    kept = letter_of(complaint, "naik-jenjang")
    assert [one.body for one in mailoutbox if "jenjang di atasnya" in one.body] == [kept.body]


def test_d20_each_of_two_complainants_has_letters_of_their_own_and_none_of_what_was_before(world):
    complaint = world.complaint(received=RECEIVED)
    first, second = complaint.receipt.complainant, another(complaint, joined=at("2026-05-05 09:00"))
    actions.hand_up(complaint, by=world.penyelia, now=NOW, reason="Di luar kemampuan")
    assert [letter.template for letter in correspondence.of_complainant(second)] == ["naik-jenjang"]
    assert listed(complaint) == ["naik-jenjang", "tanda-terima"]
    both = Letter.objects.filter(complaint=complaint, template="naik-jenjang")
    assert {letter.complainant for letter in both} == {first, second}
    assert {letter.complainant for letter in correspondence.of_complainant(second)} == {second}


def test_d20_a_complainant_whose_complaint_was_merged_is_written_to_about_the_one_case(world):
    original = world.complaint(received=RECEIVED)
    merged = world.complaint(received=RECEIVED)
    actions.hand_up(original, by=world.penyelia, now=at("2026-05-05 09:00"), reason="Di luar kemampuan")
    merged_at = at("2026-05-06 09:00")
    type(merged).objects.filter(pk=merged.pk).update(
        merged_into=original, stage=Stage.CLOSED, outcome="duplicate", closed_at=merged_at
    )
    original = world.read(original)
    actions.hand_down(original, by=world.penyelia, now=at("2026-05-07 09:00"), reason="Cukup di bawah")
    me = Complainant.objects.get(pk=merged.receipt.complainant.pk)
    letters = correspondence.of_complainant(me)
    assert [letter.template for letter in letters] == ["pindah-jenjang", "tanda-terima"]
    assert merged.number in letters[0].subject


def test_d42_the_words_for_paper_are_kept_beside_the_reply_and_shown_as_one(world):
    complaint = world.complaint(received=RECEIVED, **UNREACHABLE)
    own_template(complaint, "surat-naik-jenjang", "Dengan hormat, {kantor}.", subject="Surat {nomor}")
    actions.hand_up(complaint, by=world.penyelia, now=NOW, reason="Di luar kemampuan")
    assert listed(complaint) == ["naik-jenjang", "tanda-terima"]
    paper = correspondence.on_paper(letter_of(complaint, "naik-jenjang"))
    assert (paper.subject, paper.body) == (
        f"Surat {complaint.number}",
        "Dengan hormat, UPPKH Kecamatan Salem.\n",
    )
    receipt = letter_of(complaint, "tanda-terima")
    assert correspondence.on_paper(receipt) == receipt


def test_d42_the_result_says_what_to_do_if_not_satisfied_and_asks_for_the_feedback(world):
    complaint = to_stage(world, Stage.FEEDBACK)
    (result,) = Letter.objects.filter(complaint=complaint, template="hasil")
    assert [word in result.body for word in ("Kantor pos membayar", "menolak hasil ini", "Ombudsman", "Apakah")] == [
        True
    ] * 4


def test_d42_a_refusal_is_answered_with_what_happens_now_under_the_old_clock(world):
    complaint = to_stage(world, Stage.FEEDBACK)
    due_at = complaint.due_at
    actions.reject(complaint, by=world.desa, now=at("2026-03-05 09:00"), reason="Belum semua")
    (receipt,) = Letter.objects.filter(complaint=complaint, template="ditolak")
    assert (complaint.due_at, "tidak dihitung dari awal lagi" in receipt.body) == (due_at, True)


def test_d43_the_regency_hears_of_what_pusat_receives_of_its_area(world):
    """PKH: Pusat asks whether the Kabupaten has it too; who is kept from it hears nothing (D35)."""
    category = world.category("pembayaran")
    category.start_tier = Tier.PUSAT
    category.save()
    complaint = world.complaint(received=RECEIVED)
    told = Notification.objects.filter(complaint=complaint, template=notices.TOP_RECEIVED)
    assert (complaint.tier, {one.user for one in told}) == (Tier.PUSAT, {world.kabupaten, world.penyelia})
    concealed = world.complaint("kkn", received=RECEIVED)
    assert not Notification.objects.filter(complaint=concealed, template=notices.TOP_RECEIVED).exists()


def test_d43_who_holds_the_case_hears_that_a_settlement_was_not_confirmed(world):
    complaint = to_stage(world, Stage.SETTLED)
    actions.send_back(complaint, by=world.kecamatan, now=at("2026-03-05 09:00"), reason="Belum ada daftar hadir")
    assert {
        one.user for one in Notification.objects.filter(complaint=complaint, template=notices.SENT_BACK)
    } == {world.desa}  # fmt: skip


def test_d54_a_refusal_gives_the_complainant_the_referral_and_two_give_it_to_the_office(world):
    complaint = to_stage(world, Stage.REVIEW)
    me = complaint.complainants.get()
    assert wording.OMBUDSMAN in {letter.template for letter in correspondence.of_complainant(me)}
    assert wording.OMBUDSMAN not in {letter.template for letter in correspondence.of_case(complaint)[0]}
    complaint.rejections = 2
    complaint.save()
    assert wording.OMBUDSMAN in {letter.template for letter in correspondence.of_case(complaint)[0]}


def test_d54_what_is_late_at_the_top_is_referred_though_a_sweep_found_it(world):
    complaint = world.complaint("kkn", received=RECEIVED, **UNREACHABLE)
    escalation.sweep(now=at("2026-06-10 00:00"))
    assert listed(complaint) == ["puncak-terlambat", wording.OMBUDSMAN, "tanda-terima"]
    assert wording.OMBUDSMAN in {letter.template for letter in correspondence.of_case(world.read(complaint))[0]}


def test_d54_the_referral_tells_the_course_and_no_word_that_anybody_wrote(world):
    complaint = to_stage(world, Stage.REVIEW)
    (referral,) = Letter.objects.filter(complaint=complaint, template=wording.OMBUDSMAN)
    course = [line for line in referral.body.splitlines() if line.startswith("- ")]
    assert course == [
        "- 2 Maret 2026: diterima (Ketua Kelompok Indrajaya)",
        "- 3 Maret 2026: didaftarkan",
        "- 3 Maret 2026: hasil disampaikan kepada pelapor",
        "- 3 Maret 2026: hasil belum diterima, ditinjau kembali",
    ]
    assert [word for word in ("Kantor pos", "Kurang satu tahap", "Siti") if word in referral.body] == []


def test_d55_that_one_of_several_rejected_is_told_to_no_other_not_even_by_the_referral(world):
    complaint = to_stage(world, Stage.FEEDBACK)
    first, second = complaint.complainants.get(), another(complaint, joined=at("2026-03-02 12:00"))
    actions.reject(complaint, complainant=first, now=at("2026-03-05 09:00"), reason="Belum semua")
    seen = {
        who: {letter.template for letter in correspondence.of_complainant(who)} & {"ditolak", wording.OMBUDSMAN}
        for who in (first, second)
    }
    assert seen == {first: {"ditolak", wording.OMBUDSMAN}, second: set()}


def test_d36_a_decision_of_the_master_data_is_told_with_its_reason(world):
    complaint = world.complaint(received=RECEIVED)
    event = Event.objects.get(complaint=complaint, kind="diterima")
    event.kind, event.data = "putuskan-basis-data", '{"approved":false}'
    assert notices.told_of(event) == "keputusan-basis-data"
    words = correspondence.letters.compose(complaint, event, "keputusan-basis-data", complaint.receipt.complainant)
    assert "Perbaikan tidak disetujui." in words.body


def test_d63_an_opened_identity_is_told_to_that_complainant_alone_and_the_first_time(world):
    complaint = world.complaint(received=RECEIVED)
    other = another(complaint, joined=at("2026-05-05 09:00"))
    event = Event.objects.get(complaint=complaint, kind="diterima")
    event.kind, event.data = "buka-identitas", f'{{"complainant":"{other.pk}","first":true}}'
    assert (notices.told_of(event), notices.people_told(event, complaint)) == ("identitas-dibuka", [other])
    event.data = f'{{"complainant":"{other.pk}"}}'
    assert notices.told_of(event) is None


def test_d35_a_letter_to_the_oversight_names_the_body_and_no_complainant(world):
    complaint = world.complaint("kkn", received=RECEIVED)
    office = complaint.office
    ReportedParty.objects.create(complaint=complaint, regency_code="33.29", office=office)
    complaint.programme.oversight_name = "Inspektorat Jenderal"
    complaint.programme.oversight_address = "Jalan Salemba Raya 28\nJakarta Pusat"
    complaint.programme.save()
    actions.hand_to_overseers(
        complaint, by=world.auditor, now=NOW, authority="Inspektorat Jenderal", reason="Menyangkut kantor Pusat."
    )
    (letter,) = Letter.objects.filter(complaint=complaint, template=wording.OVERSIGHT)
    assert ("Inspektorat Jenderal" in letter.body, "Siti" in letter.body) == (True, False)
    assert wording.OVERSIGHT in listed(complaint)
