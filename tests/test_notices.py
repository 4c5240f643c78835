"""The words of a notice say what they must, to whom they may, and nothing of what is secret (D37, D38, D42, D43)."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from pengaduan import tracking
from pengaduan.models import Complainant, Event, Outcome, Secrecy, Stage
from tests.cast import EASTERN_VILLAGE, at
from tests.journey import to_stage
from workflow import actions, daily, escalation, letters, notices, wording
from workflow.models import Notification, ReplyTemplate, SweepRun
from workflow.seeding.programme_file import read_programmes

RECEIVED = "2026-05-04 09:00"
TOLD = "Bantuan dipotong oleh ketua kelompok di RT 03."
IDENTITY = {"name": "Siti Rahasia", "phone": "+6281234567890", "email": "siti@contoh.id", "address": "Jl. Melati 7"}
ALL_CODES = {*notices.COMPLAINANT_TEMPLATES, *wording.TO_OFFICER}
OFFICERS_CODES = {code for code in vars(notices).values() if isinstance(code, str) and code.startswith("petugas-")} - {
    notices.OFFICER, notices.DAILY, notices.SWEEP_HELD, notices.ABSENCE
}  # fmt: skip


@pytest.fixture
def asked(world):
    """Return a complaint that waits for its complainant."""
    complaint = world.complaint(received=RECEIVED, text=TOLD, identity=IDENTITY, reported_words="Bapak Terlapor")
    actions.ask_completion(complaint, by=world.desa, now=at("2026-05-06 09:00"), questions="Tahap {berapa}?")
    return complaint


def own_template(complaint, code, body, subject="Perihal {nomor}"):
    return ReplyTemplate.objects.create(programme=complaint.programme, code=code, name=code, subject=subject, body=body)


def letter(complaint, template, **recipient):
    notice = Notification.objects.select_related("complaint", "event").get(
        complaint=complaint, template=template, **recipient
    )
    return letters.render(notice)


def test_a_complainant_reads_number_stage_office_day_and_where_to_follow(world):
    complaint = world.complaint(received=RECEIVED)
    receipt = letter(complaint, "tanda-terima")
    assert receipt.subject == f"Pengaduan {complaint.number}"
    assert receipt.body == (
        "Yth. Pelapor,\n\n"
        "Terima kasih. Pengaduan Anda sudah kami terima dan kami catat.\n\n"
        f"Nomor pengaduan: {complaint.number}\n"
        "Tahap: Diterima\n"
        "Ditangani oleh: Ketua Kelompok Indrajaya\n"
        "Paling lambat: Selasa, 9 Juni 2026\n"
        "Ikuti di: http://127.0.0.1:8000/lacak/ (pakai kode pada tanda terima)\n"
    )


def test_d43_an_officer_reads_number_category_place_day_and_link(world):
    complaint = world.complaint(received=RECEIVED)
    notice = letter(complaint, notices.NEW_CASE)
    assert notice.body == (
        "Ada pengaduan baru untuk kantor Anda.\n\n"
        f"Nomor: {complaint.number}\n"
        "Kategori: Pembayaran\n"
        "Lokasi: Indrajaya, Salem, Kabupaten Brebes, Jawa Tengah\n"
        "Paling lambat: Selasa, 9 Juni 2026\n"
        f"Buka di: http://127.0.0.1:8000/petugas/pengaduan/{complaint.number}/\n"
    )


def test_the_day_is_the_day_at_the_place(world):
    """D11: 23:59:59 in Jayapura is still the same day there, though 21:59:59 in Jakarta."""
    complaint = world.complaint(region=EASTERN_VILLAGE, received="2026-05-04 23:30")  # 01:30 of the 5th in Jayapura
    assert complaint.tier_due_at.isoformat() == "2026-06-10T14:59:59+00:00"
    assert "Paling lambat: Rabu, 10 Juni 2026" in letter(complaint, "tanda-terima").body.splitlines()


def test_the_words_are_indonesian_whatever_language_the_process_speaks(world):
    complaint = world.complaint(received=RECEIVED)
    with translation.override("en"):
        assert "Paling lambat: Selasa, 9 Juni 2026" in letter(complaint, "tanda-terima").body.splitlines()


def test_the_programmes_own_words_are_used_and_what_they_leave_out_is_added(world):
    complaint = world.complaint(received=RECEIVED)
    own_template(complaint, "tanda-terima", "Kami terima, {kantor}.", subject="Baik:\n{nomor}")
    receipt = letter(complaint, "tanda-terima")
    assert receipt.subject == f"Baik: {complaint.number}"
    assert receipt.body.splitlines() == [
        "Kami terima, Ketua Kelompok Indrajaya.",
        "",
        f"Nomor pengaduan: {complaint.number}",
        "Tahap: Diterima",
        "Paling lambat: Selasa, 9 Juni 2026",
        "Ikuti di: http://127.0.0.1:8000/lacak/ (pakai kode pada tanda terima)",
    ]


@pytest.mark.parametrize("mark", ["salah", "alasan", "pertanyaan", ""])
def test_a_mark_that_the_notice_does_not_have_is_named(world, mark):
    complaint = world.complaint(received=RECEIVED)
    own_template(complaint, "tanda-terima", f"Halo {{{mark}}}")
    with pytest.raises(letters.TemplateFault) as fault:
        letter(complaint, "tanda-terima")
    assert str(fault.value) == f"Templat “tanda-terima”: tanda {{{mark}}} tidak dikenal di sini."


def test_the_question_stands_in_the_mail_with_its_own_last_day(asked):
    """D12: thirty days from the question; braces in what an officer wrote stay as written."""
    mail = letter(asked, notices.INCOMPLETE).body
    assert mail.splitlines()[2:5] == [
        "Supaya kami dapat menindaklanjutinya, kami memerlukan keterangan berikut:",
        "",
        "Tahap {berapa}?",
    ]
    assert "Paling lambat: Jumat, 5 Juni 2026" in mail.splitlines()


def test_a_lapsed_complaint_names_the_day_until_which_it_waited(asked):
    actions.lapse(asked, now=at("2026-06-06 00:10"))
    assert asked.outcome == Outcome.LAPSED
    mail = letter(asked, "tidak-dilengkapi").body
    assert mail.splitlines()[2].startswith("Sampai Jumat, 5 Juni 2026 kami belum menerima")
    assert "Paling lambat" not in mail


def test_an_answer_is_in_the_mail_and_silence_has_a_last_day(world):
    """D28: fourteen days to answer; then thirty to open it again."""
    complaint = world.complaint("pertanyaan", received=RECEIVED)
    actions.register(complaint, by=world.desa, now=at("2026-05-05 09:00"), recorded="Kapan cair?", suitable=True)
    actions.answer(complaint, by=world.desa, now=at("2026-05-05 10:00"), answer="Pada bulan Juni.")
    told = letter(complaint, "jawaban").body.splitlines()
    assert ("Pada bulan Juni." in told, "Paling lambat: Selasa, 19 Mei 2026" in told) == (True, True)
    actions.close_silent(complaint, now=at("2026-05-20 00:10"))
    closed = letter(complaint, "ditutup-diam").body
    assert "sampai Jumat, 19 Juni 2026." in closed
    assert "Tahap: Ditutup" in closed.splitlines()


def test_where_to_turn_and_why_are_in_the_mail(world):
    """D19."""
    complaint = world.complaint(received=RECEIVED)
    actions.close_aside(
        complaint, "bukan-kewenangan", by=world.desa, now=at("2026-05-05 09:00"),
        authority="Dinas Dukcapil", reason="Ini soal kartu keluarga.",
    )  # fmt: skip
    told = letter(complaint, "bukan-kewenangan").body
    assert told.splitlines()[2:5] == [
        "Kami tidak berwenang menangani hal ini. Yang dapat membantu Anda: Dinas Dukcapil",
        "",
        "Ini soal kartu keluarga.",
    ]


def test_a_reason_meant_for_the_file_is_not_for_the_complainant(world):
    complaint = world.complaint(received=RECEIVED)
    actions.hand_up(complaint, by=world.penyelia, now=at("2026-05-06 09:00"), reason="Ketua kelompok mencurigakan")
    assert "mencurigakan" not in letter(complaint, "naik-jenjang").body
    own_template(complaint, "naik-jenjang", "Sebab: {alasan}")
    with pytest.raises(letters.TemplateFault):
        letter(complaint, "naik-jenjang")


def test_a_notice_tells_of_its_event_though_the_case_has_moved_on(world):
    complaint = world.complaint(received=RECEIVED)
    escalation.sweep(now=at("2026-06-10 00:00"))
    escalation.sweep(now=at("2026-07-18 00:00"), by_hand=True)
    first = Event.objects.filter(complaint=complaint, kind="eskalasi").earliest("seq")
    notice = Notification.objects.get(event=first, complainant__isnull=False)
    assert "Ditangani oleh: UPPKH Kecamatan Salem" in letters.render(notice).body.splitlines()
    assert "Paling lambat: Kamis, 16 Juli 2026" in letters.render(notice).body.splitlines()


def test_d37_no_mail_carries_identity_code_accused_or_what_was_told(world, asked):
    """D37, D38: every notice of a life with all that could leak in it."""
    code = asked.receipt.code
    actions.complete(
        asked, now=at("2026-05-07 09:00"), answer="Tahap dua, kata Siti Rahasia", complainant=asked.receipt.complainant
    )
    actions.send_message(
        asked, now=at("2026-05-07 10:00"), text="Nomor saya +6281234567890", complainant=asked.receipt.complainant
    )
    actions.register(
        asked,
        by=world.desa,
        now=at("2026-05-08 09:00"),
        recorded="Bantuan dipotong.",
        information_complete=True,
        suitable=True,
    )
    actions.withdraw(asked, now=at("2026-05-09 09:00"), reason="Takut dimarahi", complainant=asked.receipt.complainant)
    owed = list(Notification.objects.filter(complaint=asked))
    assert {notice.template for notice in owed} >= {"tanda-terima", "terdaftar", "dicabut", notices.NEW_CASE,
                                                     notices.COMPLETED, notices.MESSAGE}  # fmt: skip
    everything = "\n".join(f"{one.subject}\n{one.body}" for one in map(letters.render, owed))
    secrets = [*IDENTITY.values(), code, tracking.in_groups(code), "Terlapor", "dipotong", "Tahap dua", "dimarahi"]
    assert [secret for secret in secrets if secret in everything] == []


def test_the_message_itself_stays_behind_the_code(world):
    complaint = world.complaint(received=RECEIVED)
    actions.send_message(complaint, by=world.desa, now=at("2026-05-06 09:00"), text="Mohon datang ke balai desa")
    assert "balai desa" not in letter(complaint, "pesan").body


def test_every_notice_has_words_of_its_own_where_the_programme_has_none():
    assert set(wording.TO_COMPLAINANT) == notices.COMPLAINANT_TEMPLATES
    assert set(wording.TO_OFFICER) == OFFICERS_CODES


def test_every_stage_has_plain_words():
    assert set(wording.STAGE_WORDS) == set(Stage)


@pytest.mark.parametrize("programme", read_programmes(Path("programmes")), ids=lambda programme: programme.code)
def test_every_template_of_the_five_programmes_renders(world, programme):
    """A seeded template uses only marks that its notice has: none of them fails at delivery."""
    complaint = world.complaint(received=RECEIVED)
    notice = Notification.objects.filter(complaint=complaint, complainant__isnull=False).get()
    to_officer = Notification.objects.filter(complaint=complaint, user__isnull=False).first()
    for template in programme.templates:
        ReplyTemplate.objects.create(
            programme=complaint.programme, code=template.code, name=template.name, subject=template.subject,
            body=template.body,
        )  # fmt: skip
    for code in sorted(ALL_CODES - {notices.WARNING}):  # a warning is over when nothing is late
        one = to_officer if code.startswith("petugas-") else notice
        one.template = code
        rendered = letters.render(one)
        assert complaint.number in rendered.body
        assert re.findall(r"[{}]", rendered.subject + rendered.body) == []


def test_what_the_seed_accepts_in_braces_is_what_a_notice_knows(world):
    complaint = world.complaint(received=RECEIVED)
    notice = Notification.objects.filter(complaint=complaint, complainant__isnull=False).get()
    notice.template = "bukan-kewenangan"
    ReplyTemplate.objects.create(
        programme=complaint.programme, code="bukan-kewenangan", name="x", subject="x",
        body=" ".join(f"{{{mark}}}" for mark in wording.PLACEHOLDERS if mark != "pertanyaan"),
    )  # fmt: skip
    assert letters.render(notice).body.startswith(f"{complaint.number} Program Keluarga Harapan Pembayaran Indrajaya,")


def test_two_complainants_of_one_case_are_each_asked_once(world):
    """D20: each by a mail of their own, in which nobody else is named."""
    complaint = world.complaint(received=RECEIVED, identity=IDENTITY)
    second = Complainant(
        complaint=complaint, secrecy=Secrecy.OPEN, tracking_hash=b"2" * 32, created_at=at("2026-05-05 09:00")
    )
    second.seal_identity(name="Budi Terbuka", email="budi@contoh.id")
    second.save()
    actions.ask_completion(complaint, by=world.desa, now=at("2026-05-06 09:00"), questions="Sejak kapan?")
    asked = Notification.objects.filter(template=notices.INCOMPLETE)
    assert {one.complainant for one in asked} == {second, complaint.receipt.complainant}
    assert [letters.render(one).body.count("Sejak kapan?") for one in asked] == [1, 1]


def test_d32_coordinators_are_told_daily_of_what_is_late_at_the_top_and_once_a_day(world):
    """D32: until it is settled; several runs on a day are one mail, a weekend is one mail on Monday."""
    complaint = world.complaint("kkn", received=RECEIVED)
    escalation.sweep(now=at("2026-06-10 00:00"))
    for run in ("2026-06-12 05:30", "2026-06-12 05:31", "2026-06-13 05:30", "2026-06-14 05:30", "2026-06-15 05:30"):
        assert daily.owe_daily(now=at(run)) == []
    told = Notification.objects.filter(template=daily.TEMPLATE).order_by("next_attempt_at")
    assert [(one.user, one.next_attempt_at) for one in told] == [
        (world.koordinator, at("2026-06-12 08:00")),
        (world.koordinator, at("2026-06-15 08:00")),
    ]
    mail = letters.render(told[0])
    assert mail.subject == "1 pengaduan lewat tenggat di jenjang teratas"
    assert mail.body.splitlines() == [
        "Pada Jumat, 12 Juni 2026, 1 pengaduan lewat tenggat di jenjang teratas dan belum selesai:",
        "",
        f"{complaint.number}  http://127.0.0.1:8000/petugas/pengaduan/{complaint.number}/",
    ]


def test_a_coordinator_who_is_accused_is_not_told_and_the_case_is_named_as_unheard(world):
    """D49, D51: kept from the accused, and not silently."""
    complaint = world.complaint("kkn", received=RECEIVED, reported_users=[world.koordinator])
    escalation.sweep(now=at("2026-06-10 00:00"))
    assert daily.owe_daily(now=at("2026-06-12 05:30")) == [complaint]
    assert not Notification.objects.filter(template=daily.TEMPLATE).exists()


def test_where_no_coordinator_is_left_those_who_hear_alarms_are_told(world):
    world.koordinator.is_active = False
    world.koordinator.save()
    world.complaint("kkn", received=RECEIVED)
    escalation.sweep(now=at("2026-06-10 00:00"))
    assert daily.owe_daily(now=at("2026-06-12 05:30")) == []
    assert [one.user for one in Notification.objects.filter(template=daily.TEMPLATE)] == [world.pusat]


def test_nothing_late_at_the_top_owes_nothing(world):
    world.complaint(received=RECEIVED)
    escalation.sweep(now=at("2026-06-10 00:00"))
    assert daily.owe_daily(now=at("2026-06-12 05:30")) == []
    assert not Notification.objects.filter(template=daily.TEMPLATE).exists()


def test_the_escalation_that_was_held_back_is_told_with_its_reason(world):
    SweepRun.objects.create(as_of=at(RECEIVED), started_at=at(RECEIVED), refused="900 akan naik, diperkirakan 3.")
    notice = Notification(template=notices.SWEEP_HELD, user=world.peninjau)
    assert letters.render(notice).body.startswith(
        "Eskalasi otomatis ditahan dan menunggu seseorang. 900 akan naik, diperkirakan 3.\n"
    )


def test_who_may_verify_hears_that_a_case_waits_for_them(world):
    """D53: in an office of one person the tier above verifies, so the tier above is told."""
    complaint = to_stage(world, Stage.SETTLED)
    told = Notification.objects.filter(template=notices.TO_VERIFY, event__complaint=complaint)
    assert [one.user for one in told] == [world.kecamatan]
