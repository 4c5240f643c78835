"""A page a step: every step has one, it takes the step, and a refusal is a sentence that loses nothing typed."""

import io
import json
import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from pengaduan.models import Attachment, Complaint, Outcome, Position, Stage
from pengaduan.sealing import unseal
from tests.cast import at
from tests.journey import START, to_stage
from tiers.models import User
from workflow import actions, gate
from workflow.forms.register import EVIDENCE, POINTS
from workflow.machine import NEED_SENTENCES, STEPS, Need, Who
from workflow.models import Draft
from workflow.views.step_pages import PAGES, offered


def _in_days(days: int) -> tuple[int, int, int]:
    day = timezone.localdate() + timedelta(days=days)
    return day.day, day.month, day.year


CAST = ("desa", "kecamatan", "kabupaten", "penyelia", "provinsi", "pusat", "auditor", "koordinator", "peninjau")
FORUM = {
    "forum_held_on_day": "5", "forum_held_on_month": "3", "forum_held_on_year": "2026",
    "forum_place": "Balai desa", "forum_attendance": "20", "forum_decision": "Diterima warga",
}  # fmt: skip
NOT_BY_FORM = {
    "rekomendasi-bersama": "taken for many at once, on the page of joint recommendations",
    "usulkan": "by the page of the step that is proposed",
    "tolak-usul": "by the page of the proposal",
    "minta-identitas": "by the page of the complainants",
    "buka-identitas": "by the page of the complainants",
    "izinkan-identitas": "by the custodian's page",
    "tolak-identitas": "by the custodian's page",
    "kode-baru": "by the page of the complainants",
    "pesan-pelapor": "the complainant writes with the code",
    "lampirkan-pelapor": "the complainant sends with the code",
    "tarik-lampiran": "the complainant takes back with the code",
    "terima-gabungan": "taken with duplikat, on the case into which the other is merged",
    "setuju-hasil": "the complainant accepts with the code, before the others",
    "cabut-sendiri": "the complainant withdraws with the code, while others go on",
    "kembalikan-mutu": "by the verdict on a sample, in the admin",
    "kembalikan-mutu-jawaban": "by the verdict on a sample, in the admin",
    "ikut-lagi": "the complainant comes back with the code",
}
# Open in situations of their own, which other tests make: a category with a way of its own, a merged, linked, reported
# or legal case, help asked, two refusals, somebody suspended, an agreed action, time left.
ELSEWHERE = {step.code for step in STEPS if step.paths} & set(PAGES) | {
    *("pisahkan", "pantau-hukum", "akhiri-proses-hukum", "serahkan-pengawas", "beri-bantuan", "tetapkan-wilayah"),
    "lepas-tautan",
    *("bebastugaskan", "akhiri-pembebastugasan", "catat-hasil-tindakan", "perpanjang"),
}
SUITABLE = [code for code, _words in POINTS if code != EVIDENCE]


NEXT_MONTH = {
    f"next_check_on_{part}": number for part, number in zip(("day", "month", "year"), _in_days(30), strict=True)
}


def photo(shade: int = 90) -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 120, 150)).save(written, "JPEG")
    return SimpleUploadedFile("IMG_0001.jpg", written.getvalue(), "image/jpeg")


def address(complaint: Complaint, code: str) -> str:
    return f"{complaint.get_absolute_url()}langkah/{code}/"


def post(client, user: User, complaint: Complaint, code: str, **typed):
    client.force_login(user)
    typed.setdefault("version", Complaint.objects.values_list("version", flat=True).get(pk=complaint.pk))
    return client.post(address(complaint, code), typed)


def taken(client, world, user: User, complaint: Complaint, code: str, **typed) -> Complaint:
    """Take a step by its page and return the complaint afresh."""
    response = post(client, user, complaint, code, **typed)
    assert response.status_code == 302, re.findall(
        r'class="govuk-error-message".*?</p>', response.content.decode(), re.S
    )
    return world.read(complaint)


def problems(response) -> list[str]:
    summary = re.search(r'<ul class="govuk-list govuk-error-summary__list">(.*?)</ul>', response.content.decode(), re.S)
    return [re.sub(r"<[^>]*>", "", line).strip() for line in re.findall(r"<li>(.*?)</li>", summary[1])]


def every_stage(world) -> list[Complaint]:
    """Return complaints at every stage, of both natures, one waiting, one unproven, closed in every way out."""
    found = [to_stage(world, stage) for stage in Stage if stage not in {Stage.ANSWER, Stage.CLOSED}]
    short = (Stage.REGISTRATION, Stage.ANSWER, Stage.FEEDBACK, Stage.CLOSED)
    found += [to_stage(world, stage, nature="informatif") for stage in short]
    found += [to_stage(world, stage, position=Position.UNPROVEN) for stage in (Stage.SETTLED, Stage.CLOSED)]
    waiting, withdrawn = to_stage(world, Stage.HANDLING), to_stage(world, Stage.CLARIFICATION)
    actions.ask_completion(waiting, by=world.desa, now=at("2026-03-09 10:00"), questions="Sejak kapan?")
    person = withdrawn.complainants.get()
    actions.withdraw(withdrawn, complainant=person, now=at("2026-03-09 10:00"), reason="Sudah cair")
    Complaint.objects.exclude(closed_at=None).update(closed_at=timezone.now())
    return [world.read(complaint) for complaint in [*found, waiting, withdrawn]]


def test_every_step_of_a_person_has_a_page():
    assert {step.code for step in STEPS if step.who != Who.SYSTEM} - set(PAGES) == set(NOT_BY_FORM)


def test_every_step_page_opens_where_it_is_offered_and_no_other_does(client, world):
    """Every stage: 200 for each step that is somebody's, and a sentence (409) for what is not theirs."""
    now, opened, looked_at = timezone.now(), set(), set()
    for complaint in every_stage(world):
        for name in CAST:
            user = User.objects.get(username=name)
            client.force_login(user)
            theirs = {step.code for step in gate.open_steps(complaint, by=user, now=now)} & set(PAGES)
            proposed = {step.code for step in gate.proposable(complaint, by=user, now=now)} & set(PAGES)
            new = {code for code in theirs | proposed if (complaint.stage, code) not in looked_at}
            answers = {code: client.get(address(complaint, code)).status_code for code in new}
            assert set(answers.values()) <= {200}, (complaint.stage, name, answers)
            looked_at |= {(complaint.stage, code) for code in new}
            closed_to_them = next(code for code in PAGES if code not in theirs | proposed)
            assert client.get(address(complaint, closed_to_them)).status_code == 409
            opened |= {step.code for step in offered(complaint, by=user, now=now)[0]}
    assert set(PAGES) - opened == ELSEWHERE


def test_a_step_that_is_not_open_is_refused_with_its_sentence_and_the_way_back(client, world):
    complaint = world.complaint()
    client.force_login(world.desa)
    response = client.get(address(complaint, "jawab"))
    assert response.status_code == 409
    html = response.content.decode()
    assert "Langkah “Kirim jawaban” tidak terbuka pada tahap Registrasi." in html
    assert f'href="{complaint.get_absolute_url()}"' in html
    client.force_login(world.auditor)
    refused = client.get(address(complaint, "daftarkan"))
    assert "Langkah “Daftarkan pengaduan” bukan wewenang Anda pada pengaduan ini." in refused.content.decode()


def test_an_unknown_step_is_not_found(client, world):
    client.force_login(world.desa)
    assert client.get(address(world.complaint(), "hapus")).status_code == 404
    assert client.get(address(world.complaint(), "eskalasi")).status_code == 404


def test_a_case_goes_its_whole_way_by_its_pages(client, world):
    """D22–D29, D53: from the register to the feedback written down, with the files the procedure asks for."""
    complaint, desa = world.complaint(), world.desa
    kind = {"channel": complaint.channel_id, "weight": "berat", "subject": "Bantuan belum cair", "suitable": SUITABLE}
    complaint = taken(
        client, world, desa, complaint, "daftarkan", recorded="Bantuan belum diterima", programme_year="2026",
        occurred_on_day="27", occurred_on_month="2", occurred_on_year="2026", **kind,
    )  # fmt: skip
    assert (complaint.weight, complaint.subject, complaint.programme_year) == ("berat", "Bantuan belum cair", 2026)
    assert (complaint.occurred_on.isoformat(), complaint.text.recorded) == ("2026-02-27", "Bantuan belum diterima")
    complaint = taken(client, world, desa, complaint, "nyatakan-terbukti", chronology="Daftar bayar salah")
    complaint = taken(
        client, world, desa, complaint, "rekomendasikan", case_analysis="a", stakeholder_analysis="b",
        recommendation="non_litigation", follow_up_by="Pos",
    )  # fmt: skip
    complaint = taken(client, world, desa, complaint, "laporkan-hasil", result="Dibayar", file=photo(10))
    complaint = taken(
        client, world, desa, complaint, "nyatakan-selesai", finding="Diterima", file=photo(100), **FORUM,
        ticked=["Keputusan musyawarah ada"],
    )  # fmt: skip
    assert (complaint.stage, complaint.case_file.ticked) == (Stage.SETTLED, ["Keputusan musyawarah ada"])
    complaint = taken(client, world, world.kecamatan, complaint, "sahkan-selesai")
    complaint = taken(client, world, desa, complaint, "tolak-hasil", reason="Kurang satu tahap")
    complaint = taken(client, world, desa, complaint, "tinjau-ke-klarifikasi", file=photo(200))
    assert complaint.stage == Stage.CLARIFICATION
    files = Attachment.objects.order_by("created_at").values_list("purpose", flat=True)
    assert list(files) == ["hasil", "berita-acara", "ba-peninjauan"]


def test_an_inquiry_goes_its_short_way_and_the_complainant_s_word_closes_it(client, world):
    complaint, desa = world.complaint("pertanyaan"), world.desa
    kind = {"channel": complaint.channel_id, "weight": "ringan", "subject": "Kapan cair", "recorded": "Kapan cair?"}
    kind["suitable"] = SUITABLE
    complaint = taken(client, world, desa, complaint, "daftarkan-informatif", **kind)
    complaint = taken(client, world, desa, complaint, "jawab", answer="Bulan depan")
    nameless = post(client, desa, complaint, "terima-hasil")
    assert (nameless.status_code, problems(nameless)) == (409, [NEED_SENTENCES[Need.WORD]])
    complaint = taken(client, world, desa, complaint, "terima-hasil", reason="Menelepon 5 Maret, sudah jelas")
    assert (complaint.stage, complaint.outcome) == (Stage.CLOSED, Outcome.ACCEPTED)


@pytest.mark.parametrize(
    ("code", "typed", "outcome"),
    [
        ("bukan-kewenangan", {"authority": "Dinas Sosial", "reason": "Bantuan lain"}, Outcome.NOT_OURS),
        ("salurkan", {"authority": "Dinas Sosial", "reason": "Bantuan lain"}, Outcome.REFERRED),
        ("proses-hukum", {"authority": "Polres Brebes", "reason": "Sudah dilaporkan", **NEXT_MONTH}, Outcome.LEGAL),
        ("ucapan-terima-kasih", {}, Outcome.THANKS),
        ("cabut", {"reason": "Sudah cair"}, Outcome.WITHDRAWN),
    ],
)
def test_each_side_way_out_has_its_form(client, world, code, typed, outcome):
    complaint = taken(client, world, world.desa, world.complaint(), code, **typed)
    assert complaint.outcome == outcome


def test_waiting_begins_and_ends_by_the_pages(client, world):
    """D12."""
    complaint = taken(client, world, world.desa, world.complaint(), "minta-kelengkapan", questions="Sejak kapan?")
    assert complaint.waiting_since is not None
    complaint = taken(client, world, world.desa, complaint, "lengkapi", answer="Sejak Januari")
    assert complaint.waiting_since is None


def test_a_duplicate_names_a_complaint_that_the_officer_can_see(client, world):
    """D20: one that exists elsewhere and one that does not get the same sentence."""
    original, hidden = world.complaint(), world.complaint("kkn")
    complaint = world.complaint()
    for number in (hidden.number, "PKH-33.29-2026-009999"):
        response = post(client, world.desa, complaint, "duplikat", original=number)
        assert (response.status_code, problems(response)) == (409, [NEED_SENTENCES[Need.ORIGINAL]])
    assert taken(client, world, world.desa, complaint, "duplikat", original=original.number).outcome == "duplicate"


def test_only_people_of_the_office_who_may_see_the_case_can_be_named_its_handler(client, world):
    complaint = world.complaint()
    response = post(client, world.desa, complaint, "tugaskan", handler=world.kecamatan.pk)
    assert (response.status_code, problems(response)) == (422, ["Pilih petugas dari daftar ini."])
    assert taken(client, world, world.desa, complaint, "tugaskan", handler=world.desa.pk).handler == world.desa


def test_a_category_of_another_programme_is_refused_and_one_s_own_changes_the_clock(client, world):
    complaint, other = world.complaint(), world.category("penyimpangan-dana", "pamsimas")
    response = post(client, world.desa, complaint, "ubah-kategori", category=other.pk, reason="Keliru")
    assert (response.status_code, problems(response)) == (422, ["Pilih kategori dari program pengaduan ini."])
    assert "Keliru</textarea>" in response.content.decode()
    right = world.category("data-peserta")
    complaint = taken(client, world, world.desa, complaint, "ubah-kategori", category=right.pk, reason="Keliru")
    assert complaint.category == right


def test_who_hides_a_case_from_themselves_is_led_to_the_inbox(client, world):
    """D35, D49."""
    response = post(client, world.desa, world.complaint(), "mundur", reason="Saudara saya")
    assert (response.status_code, response.url) == (302, "/petugas/")


def test_money_is_asked_where_the_category_knows_of_funds_and_must_be_back_before_it_is_settled(client, world):
    """D29."""
    complaint = world.complaint("penyimpangan-dana", programme="pamsimas")
    kind = {"channel": complaint.channel_id, "weight": "sedang", "subject": "Dana hilang", "recorded": "Dana hilang"}
    kind["suitable"] = [*SUITABLE, EVIDENCE]
    refused = post(client, world.desa, complaint, "daftarkan", **kind)
    assert (refused.status_code, problems(refused)) == (409, [NEED_SENTENCES[Need.EVIDENCE]])
    complaint = taken(client, world, world.desa, complaint, "daftarkan", information_complete="on", **kind)
    complaint = taken(client, world, world.desa, complaint, "nyatakan-terbukti", chronology="Benar")
    complaint = taken(
        client, world, world.desa, complaint, "rekomendasikan", case_analysis="a", stakeholder_analysis="b",
        recommendation="litigation", follow_up_by="PAKEM",
    )  # fmt: skip
    paid = {"words": "Setor ke rekening", "paid_on_day": "4", "paid_on_month": "3", "paid_on_year": "2026"}
    money = {"lost_amount": "Rp 1.500.000", "amount": "500.000", **paid}
    complaint = taken(client, world, world.desa, complaint, "catat-uang", **money)
    complaint = taken(client, world, world.desa, complaint, "laporkan-hasil", result="Dicicil", file=photo())
    assert (complaint.lost_amount, complaint.outstanding) == (1_500_000, 1_000_000)
    settled = {"finding": "Kembali", "ticked": ["Dana dapat dipakai lagi"], **FORUM}
    refused = post(client, world.desa, complaint, "nyatakan-selesai", file=photo(7), **settled)
    assert (refused.status_code, problems(refused)) == (409, [NEED_SENTENCES[Need.MONEY]])
    complaint = taken(client, world, world.desa, complaint, "catat-uang", amount="1000000", **paid)
    assert taken(client, world, world.desa, complaint, "nyatakan-selesai", file=photo(7), **settled).outstanding == 0


@pytest.mark.parametrize("typed", ["lima juta", "-5", "1,5.000", "1.50", "9" * 30])
def test_an_amount_that_is_none_is_marked_and_kept(client, world, typed):
    complaint = to_stage(world, Stage.HANDLING)
    response = post(client, world.desa, complaint, "catat-uang", lost_amount=typed)
    assert response.status_code == 422
    assert problems(response) == ["Tulis jumlah rupiah dengan angka saja, misalnya 1.500.000."]
    assert f'value="{typed}"' in response.content.decode()


def test_what_is_missing_is_said_marked_and_the_rest_kept(client, world):
    complaint = to_stage(world, Stage.MONITORING)
    typed = {"finding": "Sudah berjalan", "forum_held_on_day": "31", "forum_held_on_month": "2"}
    response = post(client, world.desa, complaint, "nyatakan-selesai", **typed)
    assert response.status_code == 422
    assert problems(response) == [
        "Tanggal belum lengkap: isi tahun.",
        "Tulis tempat musyawarah.",
        "Tulis jumlah yang hadir.",
        "Tulis keputusan musyawarah.",
        NEED_SENTENCES[Need.MINUTES],
        NEED_SENTENCES[Need.STANDARD],
    ]
    html = response.content.decode()
    assert html.count("govuk-form-group--error") == 6
    assert ("Sudah berjalan</textarea>" in html, 'value="31"' in html) == (True, True)
    assert world.read(complaint).stage == Stage.MONITORING


def test_d29_a_standard_not_ticked_is_refused_nothing_is_kept_half(client, world, settings):
    """D29: the minutes sent along go with the refusal, as does the step."""
    complaint = to_stage(world, Stage.MONITORING)
    complaint.category.closure_standards.update(items=["Keputusan musyawarah ada", "Diumumkan"])
    files = sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())
    response = post(
        client, world.desa, complaint, "nyatakan-selesai", finding="Sudah", file=photo(), **FORUM, ticked=["Diumumkan"],
    )  # fmt: skip
    assert (response.status_code, problems(response)) == (409, [NEED_SENTENCES[Need.STANDARD]])
    assert "Sudah</textarea>" in response.content.decode()
    assert not complaint.attachments.filter(purpose="berita-acara").exists()
    assert sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()) == files
    assert (world.read(complaint).stage, world.read(complaint).event_seq) == (Stage.MONITORING, complaint.event_seq)


def test_a_file_that_is_none_is_refused_at_its_field(client, world):
    complaint = to_stage(world, Stage.HANDLING)
    fake = SimpleUploadedFile("hasil.pdf", b"MZ not a pdf at all", "application/pdf")
    response = post(client, world.desa, complaint, "laporkan-hasil", result="Dibayar", file=fake)
    assert response.status_code == 409
    assert 'id="id_file_error"' in response.content.decode()
    assert "Dibayar</textarea>" in response.content.decode()


def test_a_document_handed_in_before_need_not_be_sent_again(client, world):
    complaint = to_stage(world, Stage.HANDLING)
    complaint = taken(client, world, world.desa, complaint, "lampirkan", document="hasil", file=photo())
    assert taken(client, world, world.desa, complaint, "laporkan-hasil", result="Dibayar").stage == Stage.MONITORING


def test_a_page_older_than_the_case_is_refused_what_was_typed_stays_and_the_next_try_counts(client, world):
    complaint = world.complaint()
    old = complaint.version
    actions.note(complaint, by=world.desa, now=START, text="Menelepon")
    response = post(client, world.desa, complaint, "catat", version=old, reason="Kata-kata saya")
    assert response.status_code == 409
    html = response.content.decode()
    assert problems(response) == ["Pengaduan ini baru saja diubah oleh orang lain. Muat ulang halaman, lalu coba lagi."]
    assert "Kata-kata saya</textarea>" in html
    fresh = re.search(r'name="version" value="(\d+)"', html)[1]
    assert int(fresh) == complaint.version
    taken(client, world, world.desa, complaint, "catat", version=fresh, reason="Kata-kata saya")


def test_a_step_closed_meanwhile_is_refused_and_what_was_typed_stays(client, world):
    complaint = world.complaint()
    actions.withdraw(complaint, by=world.desa, now=START, reason="Sudah cair")
    response = post(client, world.desa, complaint, "minta-kelengkapan", version=0, questions="Sejak kapan ini?")
    assert response.status_code == 409
    assert problems(response) == ["Pengaduan ini sudah ditutup; langkah ini tidak terbuka lagi."]
    assert "Sejak kapan ini?</textarea>" in response.content.decode()


def test_the_same_form_sent_twice_is_one_step(client, world):
    complaint = world.complaint()
    first = post(client, world.desa, complaint, "catat", version=complaint.version, reason="Sekali")
    second = post(client, world.desa, complaint, "catat", version=complaint.version, reason="Sekali")
    assert (first.status_code, second.status_code) == (302, 409)
    assert complaint.events.filter(kind="catat").count() == 1


def test_a_text_of_a_hundred_thousand_letters_is_refused_and_kept(client, world):
    response = post(client, world.desa, world.complaint(), "catat", reason="x" * 100_000)
    assert response.status_code == 422
    assert "x" * 100_000 in response.content.decode()


def test_what_was_typed_when_the_session_had_ended_is_there_after_signing_in_and_then_forgotten(client, world):
    complaint = world.complaint()
    typed = {"version": complaint.version, "reason": "Kata-kata yang panjang", "petugas": world.desa.pk}
    response = client.post(address(complaint, "catat"), typed)
    assert (response.status_code, response.url) == (302, f"/masuk/?next={address(complaint, 'catat')}")
    draft = Draft.objects.get()
    assert b"Kata-kata" not in bytes(draft.content)
    kept = json.loads(unseal(draft.content, table="draft", column="content", row=draft.pk))
    assert set(kept["fields"]) == {"version", "reason", "petugas"}
    client.force_login(world.desa)
    html = client.get(address(complaint, "catat")).content.decode()
    assert "Kata-kata yang panjang</textarea>" in html
    assert "Yang Anda tulis sebelum sesi berakhir masih ada." in html
    assert "govuk-error-summary" not in html
    assert not Draft.objects.exists()
    assert "Kata-kata yang panjang" not in client.get(address(complaint, "catat")).content.decode()


def test_on_a_shared_computer_the_next_person_does_not_see_what_another_typed(client, world):
    complaint = world.complaint()
    client.post(address(complaint, "catat"), {"version": 0, "reason": "Punya desa", "petugas": world.desa.pk})
    client.force_login(world.pusat)
    client.get("/petugas/catat/")
    Complaint.objects.filter(pk=complaint.pk).update(office=world.office(5, None), tier=5)
    assert "Punya desa" not in client.get(address(complaint, "catat")).content.decode()
    assert not Draft.objects.exists()


def test_a_page_may_not_be_sent_from_elsewhere(world):
    complaint, client = world.complaint(), Client(enforce_csrf_checks=True)
    client.force_login(world.desa)
    assert client.post(address(complaint, "catat"), {"version": 0, "reason": "x"}).status_code == 403
    assert not complaint.events.filter(kind="catat").exists()


def test_signing_in_by_the_page_leads_back_to_what_was_typed(client, world):
    world.desa.set_password("rahasia-sekali-7")
    world.desa.save()
    complaint = world.complaint()
    typed = {"version": complaint.version, "reason": "Belum terkirim", "petugas": world.desa.pk}
    signing_in = client.post(address(complaint, "catat"), typed).url
    back = client.post(signing_in, {"login": "desa", "password": "rahasia-sekali-7"})
    assert (back.status_code, back.url) == (302, address(complaint, "catat"))
    assert "Belum terkirim</textarea>" in client.get(back.url).content.decode()
