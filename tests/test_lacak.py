"""A complainant follows with the code alone: all that is theirs, nothing else (D12, D28, D37–D39, D62)."""

import io
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image

from pengaduan import attempts, tracking
from pengaduan.models import Attachment, CaseFile, Complainant, Outcome, Secrecy, Stage
from workflow import actions, filing, gate, needs, taking
from workflow.machine import BY_CODE
from workflow.views.plain_words import HAPPENED, OUTCOMES, STAGES

ACCUSED = "Pak Darmo ketua kelompok"
NOTE = "Catatan antarpetugas: jangan lupa menelepon."


@pytest.fixture(autouse=True)
def no_attempts_yet(db):
    cache.clear()


def photo() -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(drawn, "JPEG")
    return SimpleUploadedFile("Siti.jpg", drawn.getvalue())


def days_ago(days: int):
    return timezone.now() - timedelta(days=days)


def taken_in(world, category="pembayaran", **matter):
    """Take in a complaint three days ago, so that the page, which reads the clock itself, finds it running."""
    return world.complaint(category, received=f"{days_ago(3):%Y-%m-%d} 10:00", **matter)


def enter(client, code):
    return client.post("/lacak/", {"code": code})


def follow(client, complaint):
    enter(client, complaint.receipt.code)
    return client.get("/lacak/pengaduan/")


def do(client, code, words="Sebab saya.") -> object:
    return client.post("/lacak/pengaduan/", {"langkah": code, f"{code}-words": words})


def second_complainant(complaint) -> tuple[Complainant, str]:
    code = tracking.new_code()
    other = Complainant.objects.create(
        complaint=complaint,
        secrecy=Secrecy.ANONYMOUS,
        tracking_hash=tracking.code_hash(code),
        created_at=timezone.now(),
    )
    return other, code


def settled(world, **matter):
    """Return an informatif complaint with its answer given."""
    complaint = taken_in(world, "pertanyaan", **matter)
    actions.register(complaint, by=world.desa, now=days_ago(2), recorded="Kapan cair?", suitable=True)
    actions.answer(complaint, by=world.desa, now=days_ago(1), answer="Pencairan tanggal sepuluh.")
    receipt = complaint.receipt
    complaint = world.read(complaint)
    complaint.receipt = receipt
    return complaint


@pytest.mark.parametrize("written", ["{}", " {} ", "{:.4} "])
def test_d62_the_code_opens_the_complaint_however_it_is_written(world, client, written):
    complaint = taken_in(world)
    code = complaint.receipt.code
    typed = tracking.in_groups(code) if written == "{:.4} " else written.format(code)
    assert enter(client, typed).url == "/lacak/pengaduan/"
    page = client.get("/lacak/pengaduan/")
    assert (page.status_code, page.context["complaint"].pk, "no-store" in page["Cache-Control"]) == (
        200, complaint.pk, True,
    )  # fmt: skip


def test_a_code_cut_short_is_told_how_many_digits_it_has(world, client):
    response = enter(client, taken_in(world).receipt.code[:8])
    assert (response.status_code, response.context["form"].errors["code"]) == (
        422, ["Kode pelacakan terdiri atas 16 angka; yang Anda tulis 8. Periksa lagi pada tanda terima."],
    )  # fmt: skip


def test_what_was_done_stands_before_messages_letters_and_files(world, client):
    enter(client, taken_in(world).receipt.code)
    page = client.get("/lacak/pengaduan/").content.decode()
    assert re.findall(r'<h2 class="govuk-heading-m" id="([^"]*)"', page) == [
        "riwayat", "pesan", "surat", "berkas", "tidak-puas",
    ]  # fmt: skip


def test_a_slip_is_told_before_anything_is_looked_up_and_does_not_count(world, client):
    code = taken_in(world).receipt.code
    slip = code[:-1] + str((int(code[-1]) + 1) % 10)
    for _time in range(20):
        response = enter(client, slip)
    assert (response.status_code, response.context["form"].errors["code"]) == (
        422, ["Kode salah ketik. Periksa lagi 16 angkanya, empat-empat, seperti pada tanda terima."],
    )  # fmt: skip


def test_d62_an_unknown_code_gets_one_neutral_sentence(world, client):
    response = enter(client, tracking.new_code())
    assert response.context["form"].errors["code"] == [
        "Kode ini tidak ditemukan. Periksa lagi angkanya pada tanda terima Anda."
    ]


def test_guessing_is_stopped_for_the_session_and_the_right_code_with_it(world, client):
    complaint = taken_in(world)
    answers = [enter(client, tracking.new_code()).status_code for _time in range(9)]
    assert answers == [422] * 8 + [429]
    assert enter(client, complaint.receipt.code).status_code == 429


def test_d62_a_village_behind_one_address_is_not_locked_out_by_one_of_its_people(world, client):
    """Domain §11: limits by session, not by address alone."""
    complaint = taken_in(world)
    for _time in range(9):
        enter(client, tracking.new_code())
    assert enter(Client(), complaint.receipt.code).status_code == 302


@pytest.mark.parametrize("limit", ["CLIENT", "ALL"])
def test_d62_guessing_with_a_new_session_each_time_is_stopped_by_address_and_in_all(world, monkeypatch, limit):
    monkeypatch.setattr(attempts, limit, attempts.Limit(getattr(attempts, limit).name, 3))
    assert [enter(Client(), tracking.new_code()).status_code for _time in range(4)] == [422, 422, 422, 429]


def test_the_counters_hold_neither_address_nor_session(world, client):
    enter(client, tracking.new_code())
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        keys = " ".join(key for (key,) in cursor.fetchall())
    assert ("127.0.0.1" in keys, client.session.session_key in keys, keys.count("kode-")) == (False, False, 3)


def test_half_an_hour_without_a_sign_of_life_asks_for_the_code_again(world, client):
    follow(client, taken_in(world))
    session = client.session
    session["pelapor"] = {**session["pelapor"], "at": (timezone.now() - timedelta(minutes=31)).timestamp()}
    session.save()
    assert client.get("/lacak/pengaduan/").url == "/lacak/"


def test_leaving_ends_the_session_and_leads_to_a_page_that_tells_nothing(world, client):
    follow(client, taken_in(world))
    assert client.post("/lacak/keluar/").url == "/"
    assert (client.get("/lacak/pengaduan/").url, dict(client.session.items())) == ("/lacak/", {})


def test_the_session_gets_a_new_name_with_the_code(world, client):
    enter(client, tracking.new_code())
    before = client.session.session_key
    follow(client, taken_in(world))
    assert client.session.session_key != before


def test_d11_the_page_shows_stage_office_deadline_and_why(world, client):
    """D11, D39."""
    complaint = taken_in(world)
    page = follow(client, complaint)
    html = page.content.decode()
    assert str(page.context["stage_words"][0]) == "Diterima"
    assert (complaint.office.name in html, page.context["clock"].tier.due_on.isoformat() in html) == (True, True)
    left_out = page.context["left_out"]
    assert [f'datetime="{day.isoformat()}"' in html for day, _why in left_out] == [True] * len(left_out)
    assert "26 hari kerja" in html


def test_d38_nothing_of_the_reported_officers_or_notes_is_shown(world, client):
    """D37, D38: names of the accused, of officers, of the complainant themselves, notes."""
    complaint = taken_in(world, reported_words=ACCUSED)
    actions.note(complaint, by=world.desa, now=days_ago(1), text=NOTE)
    actions.assign(complaint, by=world.desa, now=days_ago(1), handler=world.desa)
    html = follow(client, complaint).content.decode()
    shown = [word for word in (ACCUSED, "Darmo", NOTE, "Desa</", "Siti Contoh", "siti@contoh.id") if word in html]
    assert shown == []


def test_d55_two_complainants_of_one_matter_see_only_their_own_messages_and_words(world, client):
    """D20, D55."""
    complaint = taken_in(world)
    _other, code = second_complainant(complaint)
    follow(client, complaint)
    do(client, "pesan-pelapor", "Pesan dari yang pertama.")
    second = Client()
    enter(second, code)
    html = second.get("/lacak/pengaduan/").content.decode()
    assert [text in html for text in ("Pesan dari yang pertama.", complaint.text.original)] == [False, False]
    do(second, "pesan-pelapor", "Pesan dari yang kedua.")
    html = client.get("/lacak/pengaduan/").content.decode()
    assert [text in html for text in ("Pesan dari yang pertama.", "Pesan dari yang kedua.")] == [True, False]


def test_d39_messages_go_both_ways_also_for_the_anonymous(world, client):
    complaint = taken_in(world, secrecy=Secrecy.ANONYMOUS)
    actions.send_message(complaint, by=world.desa, now=days_ago(1), text="Tahap yang mana?")
    page = follow(client, complaint)
    assert [(said.from_complainant, said.text) for said in page.context["conversation"]] == [
        (False, "Tahap yang mana?")
    ]
    assert do(client, "pesan-pelapor", "Tahap dua.").status_code == 302
    assert [said.text for said in client.get("/lacak/pengaduan/").context["conversation"]] == [
        "Tahap yang mana?", "Tahap dua.",
    ]  # fmt: skip


def test_a_question_is_shown_with_its_deadline_and_the_answer_lets_the_clock_run_again(world, client):
    """D12."""
    complaint = taken_in(world)
    actions.ask_completion(complaint, by=world.desa, now=days_ago(1), questions="Tahun berapa?")
    page = follow(client, complaint)
    html = page.content.decode()
    assert (page.context["asked"], "Waktunya berhenti sejak" in html) == ("Tahun berapa?", True)
    assert page.context["answer_by"] == needs.days_after(complaint.waiting_since, 30, complaint.zone)
    assert do(client, "lengkapi", "Tahun 2026.").url == "/lacak/pengaduan/"
    assert world.read(complaint).waiting_since is None


def test_the_steps_offered_are_those_of_the_gate(world, client):
    complaint = taken_in(world)
    me, seen = complaint.receipt.complainant, []
    for move in (
        lambda: None,
        lambda: actions.ask_completion(complaint, by=world.desa, now=days_ago(1), questions="?"),
        lambda: actions.withdraw(complaint, now=days_ago(1), reason="Sudah", complainant=me),
    ):
        move()
        page = follow(client, complaint)
        blocks = [page.context[name] for name in ("first", "again", "message", "withdraw")]
        offered = {code for block in blocks for code, _reply, _form in block}
        files = {"lampirkan-pelapor"} if page.context["file_form"] else set()
        files |= {"tarik-lampiran"} if page.context["may_remove"] else set()
        steps = gate.steps_of_complainant(world.read(complaint), me)
        assert offered | files == steps - {"cabut-sendiri"}  # the same button, where others go on
        seen.append(sorted(offered))
    assert seen == [
        ["cabut", "minta-perlindungan", "pesan-pelapor"],
        ["cabut", "lengkapi", "minta-perlindungan", "pesan-pelapor"],
        ["lanjutkan-kembali"],
    ]


def test_the_answer_is_shown_and_accepted(world, client):
    complaint = settled(world)
    html = follow(client, complaint).content.decode()
    assert "Pencairan tanggal sepuluh." in html
    assert do(client, "terima-hasil", "").status_code == 302
    assert world.read(complaint).outcome == "accepted"


def test_a_rejection_needs_a_reason_at_its_field(world, client):
    complaint = settled(world)
    follow(client, complaint)
    response = do(client, "tolak-jawaban", " ")
    assert (response.status_code, response.context["tried"][0].errors) == (
        422, {"words": ["Tulis apa yang belum terjawab."]},
    )  # fmt: skip
    do(client, "tolak-jawaban", "Tanggal sepuluh bulan apa?")
    assert (world.read(complaint).stage, world.read(complaint).rejections) == ("jawaban", 1)


def test_a_withdrawn_complaint_is_taken_up_again(world, client):
    complaint = taken_in(world)
    follow(client, complaint)
    do(client, "cabut")
    assert world.read(complaint).outcome == "withdrawn"
    assert [code for code, *_rest in client.get("/lacak/pengaduan/").context["again"]] == ["lanjutkan-kembali"]
    do(client, "lanjutkan-kembali")
    assert world.read(complaint).stage == "registrasi"


def test_d28_what_was_closed_in_silence_is_opened_again_within_thirty_days(world, client):
    """D28."""
    complaint = settled(world)
    step = BY_CODE["diam-dianggap-menerima"]
    taking.take(complaint, step, now=days_ago(0))
    follow(client, complaint)
    assert do(client, "buka-kembali-jawaban").status_code == 302
    assert world.read(complaint).stage == "jawaban"


def test_a_refused_step_shows_the_page_again_with_the_sentence_and_the_words_kept(world, client):
    complaint = settled(world)
    follow(client, complaint)
    actions.accept(complaint, now=timezone.now(), complainant=complaint.receipt.complainant)
    response = do(client, "tolak-jawaban", "Kata-kata yang panjang.")
    assert (response.status_code, response.context["refusal"]) == (
        409, "Pengaduan ini sudah ditutup; langkah ini tidak terbuka lagi.",
    )  # fmt: skip
    assert "Kata-kata yang panjang." in response.content.decode()


def test_a_step_that_is_not_the_complainants_does_not_exist_here(world, client):
    follow(client, taken_in(world))
    assert [do(client, code).status_code for code in ("daftarkan", "tugaskan", "catat", "")] == [404] * 4


def test_d39_an_escalated_case_says_who_holds_it_now(world, client):
    complaint = taken_in(world)
    actions.hand_up(complaint, by=world.penyelia, now=days_ago(1), reason="Rahasia antarpetugas")
    page = follow(client, complaint)
    html = page.content.decode()
    assert page.context["timeline"][0].where == "UPPKH Kecamatan Salem"
    assert ("UPPKH Kecamatan Salem" in html, "Rahasia antarpetugas" in html) == (True, False)


def test_every_stage_and_ending_has_words_of_its_own(world):
    assert set(STAGES) == set(Stage) - {Stage.CLOSED}
    assert set(OUTCOMES) == set(Outcome)
    told = {step.code for step in BY_CODE.values() if step.target}
    assert told - set(HAPPENED) == set()


def test_own_photos_are_added_seen_and_handed_out_under_a_neutral_name(world, client):
    complaint = taken_in(world)
    follow(client, complaint)
    assert client.post("/lacak/pengaduan/berkas/", {"file": photo()}).url == "/lacak/pengaduan/"
    attachment = Attachment.objects.get()
    response = client.get(f"/lacak/berkas/{attachment.pk}")
    assert (b"".join(response.streaming_content)[:3], response["Content-Disposition"]) == (
        b"\xff\xd8\xff", 'inline; filename="bukti-1.jpg"',
    )  # fmt: skip
    assert (response["Content-Security-Policy"], response["X-Content-Type-Options"]) == (
        "sandbox; default-src 'none'", "nosniff",
    )  # fmt: skip
    assert "no-store" in response["Cache-Control"]


def test_a_file_is_handed_to_its_sender_and_to_officers_who_see_the_case_and_nobody_else(world, client):
    """D37, D49: the neighbour, the accused, the other complainant and the anonymous visitor get nothing."""
    complaint = taken_in(world, reported_users=[world.kecamatan])
    attachment = filing.attach(complaint, file=photo(), now=days_ago(1), complainant=complaint.receipt.complainant)
    _other, code = second_complainant(complaint)
    enter(client, code)
    assert client.get(f"/lacak/berkas/{attachment.pk}").status_code == 404
    assert Client().get(f"/lacak/berkas/{attachment.pk}").status_code == 404
    answers = {}
    for name in ("kabupaten", "kecamatan", "desa", "tetangga", "kustodian"):
        officer = Client()
        officer.force_login(getattr(world, name))
        response = officer.get(f"/petugas/berkas/{attachment.pk}")
        answers[name] = response.status_code
        if response.streaming:
            b"".join(response.streaming_content)  # read to the end, which closes the file
    assert answers == {"kabupaten": 200, "kecamatan": 404, "desa": 404, "tetangga": 404, "kustodian": 404}
    assert Client().get(f"/petugas/berkas/{attachment.pk}").url.startswith("/masuk/")


@pytest.mark.parametrize("state", ["karantina", "ditolak"])
def test_what_the_scanner_has_not_cleared_is_handed_to_nobody(world, client, state):
    complaint = taken_in(world)
    attachment = filing.attach(complaint, file=photo(), now=days_ago(1), complainant=complaint.receipt.complainant)
    Attachment.objects.update(state=state)
    follow(client, complaint)
    client.force_login(world.desa)
    assert client.get(f"/petugas/berkas/{attachment.pk}").status_code == 404


def test_d39_the_result_of_a_masalah_is_shown_when_the_complainant_is_asked(world, client):
    complaint = taken_in(world)
    CaseFile.objects.filter(complaint=complaint).update(result="Bantuan dibayarkan pada 10 Juni.")
    page = follow(client, complaint)
    assert "Bantuan dibayarkan" not in page.content.decode()
    type(complaint).objects.filter(pk=complaint.pk).update(stage="umpan-balik", settled_at=days_ago(1))
    page = client.get("/lacak/pengaduan/")
    assert "Bantuan dibayarkan" in page.content.decode()
    assert [code for code, *_rest in page.context["first"]] == ["terima-hasil", "tolak-hasil"]


def test_times_are_those_of_the_place(world, client):
    """D11: what is received at 23:30 in Jakarta is received the next day in Papua."""
    complaint = world.complaint(region="91.03.01.2001", received="2026-03-02 23:30")
    html = follow(client, complaint).content.decode()
    assert ('datetime="2026-03-03"' in html, 'datetime="2026-03-02"' in html) == (True, False)
