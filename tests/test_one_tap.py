"""An incomplete message gets a number at once and one-tap questions for what is missing (D12, D19, D59)."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone

from pengaduan.models import Complaint, Message, Outcome, Stage
from tests.cast import VILLAGE, at
from tests.test_lacak import enter, follow, taken_in
from tests.test_lapor import ANSWERS, fill, send
from tests.test_programme_files import PKH, problems_of
from tests.test_record_page import filled, there
from tests.test_registration import registered
from tests.test_steps_pages import address, post, problems, taken
from tiers.models import Region, Tier
from workflow import actions, lapses, letters, questions
from workflow.machine import NEED_SENTENCES, Need
from workflow.models import Notification, Pause, ReplyTemplate
from workflow.seeding.programme_file import read_programmes

PANCIMAS = "pa gemana pancimas komogok kenapa gadi usut dana udah abis gemana"
ASKED = [
    {"code": "tempat", "question": "Di mana kejadiannya?", "kind": "place"},
    {"code": "tahun", "question": "Tahun berapa?", "kind": "year"},
    {"code": "sejak", "question": "Sejak kapan?", "kind": "date"},
    {"code": "penyebab", "question": "Apa penyebabnya?", "kind": "choice", "options": ["Rusak", "Dana habis"]},
    {"code": "masalah", "question": "Apa yang terjadi?", "kind": "text"},
]
ANSWER = {
    "lengkapi-q-tempat": VILLAGE,
    "lengkapi-q-tahun": "2025",
    "lengkapi-q-sejak_day": "27",
    "lengkapi-q-sejak_month": "2",
    "lengkapi-q-sejak_year": "2026",
    "lengkapi-q-penyebab": "Dana habis",
    "lengkapi-q-masalah-tidak-tahu": "on",
    "lengkapi-words": "Maaf baru dibalas.",
}
NOW = at("2026-03-03 09:00")


@pytest.fixture(autouse=True)
def no_attempts_yet(db):
    cache.clear()


@pytest.fixture
def asking(world):
    """Return the world with the questions that PKH keeps ready."""
    ReplyTemplate.objects.create(
        programme=world.programmes["pkh"], code="belum-lengkap", name="Belum lengkap", subject="Perlu keterangan",
        body="Mohon:\n{pertanyaan}\nsampai {tenggat}", questions=ASKED,
    )  # fmt: skip
    return world


def asked_of(world, *, region: str = "33.29.01", **matter) -> Complaint:
    """Return a complaint of a known kecamatan for which all questions were asked yesterday."""
    complaint = taken_in(world, region=region, text=PANCIMAS, **matter)
    who = world.kecamatan if region == "33.29.01" else world.kabupaten
    actions.ask_completion(complaint, by=who, now=timezone.now() - timedelta(days=1), questions=ASKED)
    return complaint


def answer(client, **changed):
    fields = {name: value for name, value in (ANSWER | changed).items() if value is not None}
    return client.post("/lacak/pengaduan/", {"langkah": "lengkapi", **fields})


# --- a number at once, however little is known


@pytest.mark.parametrize(("place", "tier"), [("33.29.01", Tier.KECAMATAN), ("33.29", Tier.KABUPATEN)])
def test_d59_a_citizen_who_does_not_know_the_village_gets_a_number_at_once(world, client, place, tier):
    client.post("/lapor/", ANSWERS["/lapor/"])
    page = client.get(f"/lapor/lokasi/?di={place}")
    assert f'name="region" value="{place}"' in page.content.decode()
    fill(client, lokasi={"di": "", "region": place, "seluas": "1"})
    assert client.get("/lapor/lokasi/").status_code == 200  # going back shows no mistake
    assert send(client).url == "/lapor/tanda-terima/"
    complaint = Complaint.objects.get()
    assert (complaint.region_id, complaint.tier, complaint.number[:10]) == (place, tier, "PKH-33.29-")
    assert complaint.tier_due_at > complaint.received_at


@pytest.mark.parametrize("place", ["33.29", "33", "99.99"])
def test_d59_a_larger_place_is_taken_only_when_one_says_that_more_is_not_known(world, client, place):
    client.post("/lapor/", ANSWERS["/lapor/"])
    seluas = {} if place == "33.29" else {"seluas": "1"}
    assert client.post("/lapor/lokasi/", {"region": place, **seluas}).status_code == 422


def test_d59_an_officer_who_knows_only_the_kabupaten_records_it_and_is_led_to_asking(client, asking):
    client.force_login(asking.kabupaten)
    chosen = client.get("/petugas/catat/?program=pkh&wilayah=33.29").content.decode()
    assert 'href="?program=pkh&amp;wilayah=33.29&amp;cukup=1"' in chosen
    assert client.post(f"{there('33.29')}&cukup=1", filled(asking, text=PANCIMAS)).status_code == 302
    complaint = Complaint.objects.get()
    assert (complaint.region_id, complaint.tier) == ("33.29", Tier.KABUPATEN)
    page = client.get(complaint.get_absolute_url())
    assert page.context["first"].code == "minta-kelengkapan"
    assert "daftarkan" in [step.code for step in page.context["beside"]]


def test_d59_a_province_alone_is_too_little_for_a_number(client, world):
    client.force_login(world.pusat)
    assert "cukup=1" not in client.get("/petugas/catat/?program=pkh&wilayah=33").content.decode()
    assert client.post(f"{there('33')}&cukup=1", filled(world)).status_code == 200  # still choosing the place
    assert not Complaint.objects.exists()


# --- asking


def test_d59_what_the_register_lacks_is_ticked_beforehand(client, asking):
    complaint = asking.complaint(region="33.29.01", text=PANCIMAS, programme_year=2025)
    client.force_login(asking.kecamatan)
    html = client.get(address(complaint, "minta-kelengkapan")).content.decode()
    boxes = re.findall(r'<input[^>]*name="wanted"[^>]*>', html)
    ticked = [re.search(r'value="([^"]*)"', box)[1] for box in boxes if " checked" in box]
    assert (len(boxes), ticked) == (5, ["tempat", "sejak"])


def test_d59_the_ticked_questions_and_a_free_one_are_asked_in_their_order_and_kept(client, asking):
    complaint = asking.complaint(region="33.29.01", text=PANCIMAS)
    typed = {"wanted": ["penyebab", "tempat"], "questions": "RT berapa?"}
    looked = post(client, asking.kecamatan, complaint, "minta-kelengkapan", lihat="1", **typed)
    lines = "1. Di mana kejadiannya?<br>2. Apa penyebabnya? (Rusak, Dana habis, Saya tidak tahu)<br>3. RT berapa?"
    assert (looked.status_code, lines in looked.content.decode()) == (200, True)
    complaint = taken(client, asking, asking.kecamatan, complaint, "minta-kelengkapan", **typed)
    pause = Pause.objects.get()
    assert [each["code"] for each in pause.questions] == ["tempat", "penyebab", "lain"]
    assert pause.asked == Message.objects.get().text == re.sub("<br>", "\n", lines)
    notice = Notification.objects.get(template="belum-lengkap")
    assert letters.render(notice).body.startswith(f"Mohon:\n{pause.asked}\nsampai ")


def test_d19_something_must_be_asked(client, asking):
    complaint = asking.complaint()
    response = post(client, asking.desa, complaint, "minta-kelengkapan", questions="")
    assert (response.status_code, problems(response)) == (422, [NEED_SENTENCES[Need.QUESTIONS]])
    assert asking.read(complaint).waiting_since is None


# --- answering


def test_d59_a_complainant_answers_each_question_with_a_field_of_its_own(world, client):
    html = follow(client, asked_of(world)).content.decode()
    assert html.count("Saya tidak tahu</label>") == 5
    radios = re.findall(r'<input[^>]*type="radio"[^>]*name="lengkapi-q-penyebab"[^>]*>', html)
    assert len(radios) == 3
    villages = re.search(r'<select[^>]*name="lengkapi-q-tempat".*?</select>', html, re.S)[0]
    assert re.findall(r'value="(33[^"]*)"', villages) == [VILLAGE, "33.29.01.2002"]
    assert "Waktunya berhenti sejak" in html


def test_d59_the_answers_complete_the_file_and_fill_in_the_register(world, client):
    """D12: and the clock goes on."""
    complaint = asked_of(world)
    follow(client, complaint)
    assert answer(client).url == "/lacak/pengaduan/"
    complaint = world.read(complaint)
    assert complaint.waiting_since is None
    said = Message.objects.get(from_complainant=True).text
    assert said == (
        "Di mana kejadiannya? Indrajaya, Salem\nTahun berapa? 2025\nSejak kapan? 27-2-2026\n"
        "Apa penyebabnya? Dana habis\nApa yang terjadi? Saya tidak tahu\n\nMaaf baru dibalas."
    )
    assert questions.known(complaint) == {
        "region": VILLAGE, "programme_year": 2025, "occurred_on": date(2026, 2, 27),
    }  # fmt: skip
    client.force_login(world.kecamatan)
    html = client.get(address(complaint, "daftarkan")).content.decode()
    assert f'<option value="{VILLAGE}" selected>' in html
    assert ('name="programme_year" value="2025"' in html, 'name="occurred_on_day" value="27"' in html) == (True, True)
    assert "Apa penyebabnya?</p>Dana habis" in html
    complaint = taken(client, world, world.kecamatan, complaint, "daftarkan", **registered(complaint, region=VILLAGE))
    assert complaint.tier == Tier.DESA


def test_d59_what_is_left_open_is_asked_for_at_its_field_and_nothing_is_lost(world, client):
    complaint = asked_of(world)
    follow(client, complaint)
    missing = {"lengkapi-q-penyebab": None, "lengkapi-q-masalah-tidak-tahu": None, "lengkapi-q-tahun": "duaribu"}
    response = answer(client, **missing)
    assert (response.status_code, problems(response)) == (
        422,
        [
            "Tulis tahun dengan empat angka, misalnya 2026.",
            "Pilih salah satu; bila tidak tahu, pilih “Saya tidak tahu”.",
            "Jawab pertanyaan ini, atau centang “Saya tidak tahu”.",
        ],
    )
    html = response.content.decode()
    assert ('value="duaribu"' in html, "Maaf baru dibalas.</textarea>" in html) == (True, True)
    assert world.read(complaint).waiting_since is not None


def test_d59_one_may_know_nothing_and_still_answer(world, client):
    complaint = asked_of(world)
    follow(client, complaint)
    unknown = {f"lengkapi-q-{each['code']}-tidak-tahu": "on" for each in ASKED if each["kind"] != "choice"}
    nothing = dict.fromkeys(ANSWER) | unknown | {"lengkapi-q-penyebab": questions.UNKNOWN}
    assert answer(client, **nothing).status_code == 302
    assert Message.objects.get(from_complainant=True).text.count("Saya tidak tahu") == 5
    assert questions.known(world.read(complaint)) == {}


def test_d59_a_day_that_has_not_come_is_refused(world, client):
    follow(client, asked_of(world))
    response = answer(client, **{"lengkapi-q-sejak_year": "2199"})
    assert (response.status_code, problems(response)) == (422, ["Tanggal kejadian tidak boleh di masa depan."])


def test_d59_a_village_outside_the_known_place_is_refused(world, client):
    follow(client, asked_of(world))
    assert answer(client, **{"lengkapi-q-tempat": "33.28.01.2001"}).status_code == 422


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Desa Indrajaya, Kec. Salem", VILLAGE),
        ("indrajaya", VILLAGE),
        ("ds. Indrajaya kec Salem", VILLAGE),
        ("Wanasari", None),  # a village of the neighbour
        ("dekat jembatan", None),
        ("", None),
    ],
)
def test_d59_a_village_is_known_by_its_name_inside_the_kabupaten(world, words, found):
    village = questions.village_named(words, Region.objects.get(pk="33.29"))
    assert (village.code if village else None) == found


def test_d59_of_two_villages_with_one_name_the_kecamatan_decides(world):
    Region.objects.create(
        code="33.29.02", name="Bantarkawung", tier=Tier.KECAMATAN, zone="Asia/Jakarta", parent_id="33.29"
    )
    Region.objects.create(
        code="33.29.02.2001", name="Indrajaya", tier=Tier.DESA, zone="Asia/Jakarta", parent_id="33.29.02"
    )
    brebes = Region.objects.get(pk="33.29")
    assert questions.village_named("Indrajaya", brebes) is None
    assert questions.village_named("Indrajaya, Bantarkawung", brebes).code == "33.29.02.2001"


def test_d59_a_place_written_by_hand_is_taken_over_where_it_names_one_village(world, client):
    complaint = asked_of(world, region="33.29")
    html = follow(client, complaint).content.decode()
    assert 'type="text" name="lengkapi-q-tempat"' in html
    answer(client, **{"lengkapi-q-tempat": "desa Indrajaya kecamatan Salem"})
    assert questions.known(world.read(complaint))["region"] == VILLAGE


def test_d12_an_officer_writes_down_what_the_complainant_told(client, world):
    """D21: by telephone, question by question or in words."""
    complaint = asked_of(world)
    response = post(client, world.kecamatan, complaint, "lengkapi", answer="")
    assert (response.status_code, problems(response)) == (422, ["Tulis keterangan yang disampaikan pelapor."])
    complaint = taken(
        client, world, world.kecamatan, complaint, "lengkapi", **{"q-tahun": "2024"}, answer="Per telepon"
    )
    assert Message.objects.get(from_complainant=True).text == "Tahun berapa? 2024\n\nPer telepon"
    assert questions.known(complaint) == {"programme_year": 2024}


def test_d12_an_answer_that_comes_too_late_is_not_lost(world, client):
    complaint = asked_of(world)
    follow(client, complaint)
    actions.go_on(world.read(complaint), by=world.kecamatan, now=timezone.now(), reason="Sudah jelas")
    response = answer(client)
    assert response.status_code == 409
    assert "Apa penyebabnya? Dana habis" in response.content.decode()


def test_d59_another_complaint_s_code_answers_nothing_here(world, client):
    complaint = asked_of(world)
    enter(client, taken_in(world).receipt.code)
    answer(client)
    assert world.read(complaint).waiting_since is not None


# --- waiting


def waiting_one(world) -> Complaint:
    complaint = world.complaint(received="2026-03-02 10:00")
    actions.ask_completion(complaint, by=world.desa, now=NOW, questions="Tahap berapa?")
    return complaint


def reminders() -> list[str]:
    found = Notification.objects.filter(template="ingat-kelengkapan").order_by("created_at")
    return [f"{timezone.localtime(each.created_at):%m-%d %H}" for each in found]


def test_d12_the_complainant_is_reminded_after_fifteen_and_twenty_five_days_once_each(world):
    waiting_one(world)
    for day in range(4, 32):
        for hour in ("00:10", "08:10", "09:10", "20:10"):
            lapses.close_lapsed(now=at(f"2026-03-{day:02} {hour}"))
    assert reminders() == ["03-19 08", "03-29 08"]
    asked = letters.render(Notification.objects.filter(template="ingat-kelengkapan").first()).body
    assert ("Tahap berapa?" in asked, "Kamis, 2 April 2026" in asked) == (True, True)


def test_d12_after_a_long_halt_one_reminder_is_enough(world):
    complaint = waiting_one(world)
    for hour in ("09:10", "10:10", "11:10"):
        lapses.close_lapsed(now=at(f"2026-03-30 {hour}"))
    assert (reminders(), world.read(complaint).waiting_since) == (["03-30 09"], NOW)


def test_d12_who_has_answered_is_not_reminded_and_a_second_question_counts_anew(world):
    complaint = waiting_one(world)
    lapses.close_lapsed(now=at("2026-03-19 09:10"))
    actions.complete(world.read(complaint), by=world.desa, now=at("2026-03-20 09:00"), answer="Tahap dua")
    lapses.close_lapsed(now=at("2026-03-30 09:10"))
    actions.ask_completion(world.read(complaint), by=world.desa, now=at("2026-04-01 09:00"), questions="Bulan apa?")
    lapses.close_lapsed(now=at("2026-04-18 09:10"))
    assert reminders() == ["03-19 09", "04-18 09"]
    assert complaint.events.filter(kind="ingatkan-pelapor").count() == 2


def test_d12_thirty_days_without_an_answer_count_as_withdrawn_and_it_can_be_taken_up_again(world, client):
    complaint = waiting_one(world)
    due = world.read(complaint).due_at
    assert lapses.close_lapsed(now=at("2026-04-02 23:59")).lapsed == 0
    assert lapses.close_lapsed(now=at("2026-04-03 00:10")).lapsed == 1
    complaint_now = world.read(complaint)
    assert (complaint_now.stage, complaint_now.outcome) == (Stage.CLOSED, Outcome.LAPSED)
    assert Notification.objects.filter(complaint=complaint, template="tidak-dilengkapi").count() == 1
    enter(client, complaint.receipt.code)
    html = client.get("/lacak/pengaduan/").content.decode()
    assert "Lanjutkan pengaduan ini" in html
    client.post("/lacak/pengaduan/", {"langkah": "lanjutkan-kembali", "lanjutkan-kembali-words": "Ini kuitansinya"})
    complaint_now = world.read(complaint)
    assert (complaint_now.stage, complaint_now.waiting_since, complaint_now.outcome) == (Stage.REGISTRATION, None, "")
    assert complaint_now.due_at > due  # the days of waiting are credited, no more


# --- the questions themselves


@pytest.mark.parametrize(
    "record", read_programmes(Path(__file__).parent.parent / "programmes"), ids=lambda one: one.code
)
def test_d59_each_programme_asks_for_place_date_and_what_happened(record):
    """[P] slide 27; the year belongs to programmes, not to a service."""
    asked = next(template.questions for template in record.templates if template.code == "belum-lengkap")
    kinds = {question.kind for question in asked}
    assert kinds - {"year"} == {"place", "date", "choice", "text"}
    assert ("year" in kinds) == (record.code != "pelayanan-publik")
    assert [len(template.questions) for template in record.templates if template.code != "belum-lengkap"] == [0] * (
        len(record.templates) - 1
    )
    assert len(record.elsewhere) >= 4


def test_d59_a_mistake_in_a_question_is_told_with_its_line(tmp_path):
    wrong = PKH.replace("        kind: year\n", "        kind: tahun\n").replace(
        "options: [Peserta, Bukan peserta]", "opsions: [Peserta, Bukan peserta]"
    )
    line = {text: number for number, text in enumerate(wrong.splitlines(), start=1)}
    assert problems_of(wrong, tmp_path) == [
        (
            line["        opsions: [Peserta, Bukan peserta]"],
            "Kunci “opsions” tidak dikenal; mungkin maksudnya “options”.",
        ),
        (
            line["        kind: tahun"],
            "Nilai “tahun” untuk “kind” tidak dikenal; pilihannya: choice, text, place, year, date.",
        ),
    ]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("tempat?", "Isi dengan daftar pertanyaan"),
        ([{"code": "a", "question": "A?", "kind": "angka"}], "Pertanyaan a: kind harus salah satu dari choice"),
        ([{"code": "a", "question": "A?", "kind": "choice"}], "Pertanyaan a: options wajib"),
        ([{"code": "a", "question": "A?", "kind": "text", "options": ["x"]}], "Pertanyaan a: options wajib"),
        ([{"code": "lain", "question": "A?", "kind": "text"}], "Pertanyaan lain: code hanya boleh"),
        ([{"code": "a", "question": "", "kind": "text"}], "Pertanyaan a: question harus berupa teks"),
        ([{"code": "a", "question": "A?", "kind": "text", "jenis": 1}], "Pertanyaan a: kunci “jenis” tidak dikenal"),
        ([{"code": "a", "question": "A?", "kind": "text"}] * 2, "Pertanyaan a: kodenya dipakai dua kali"),
    ],
)
def test_d59_a_reviewer_is_told_what_is_wrong_with_a_question(asking, wrong, sentence):
    template = ReplyTemplate.objects.get(code="belum-lengkap")
    template.full_clean()
    template.questions = wrong
    with pytest.raises(ValidationError) as refused:
        template.full_clean()
    assert refused.value.message_dict["questions"][0].startswith(sentence)
