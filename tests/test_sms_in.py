"""What comes by SMS: stage and completion by the code, else a number at once, and nothing is lost (D12, D59)."""

import base64
import threading
import uuid
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from pengaduan import attempts, rotation, tracking
from pengaduan.models import Complainant, Complaint, Inbound, InboundText, Message
from pengaduan.sealing import keyed_hash
from tests.cast import at
from workflow import actions, inbound, intake, sms
from workflow.inbound import Incoming
from workflow.taking import ChangedMeanwhile

URL = "/api/v1/sms/masuk/"
TOKEN = "rahasia-gerbang-" + "x" * 32
PHONE, OTHER = "+6281234567890", "+6285700001111"
NOW = at("2026-05-06 10:00")
TOLD = "pa gemana pancimas komogok kenapa, dana udah abis"


@pytest.fixture(autouse=True)
def connected(settings):
    """Let a gateway on this machine hand messages over, all of them for PKH."""
    settings.SMS_TOKEN, settings.SMS_PROGRAMME = TOKEN, {"": "pkh"}
    settings.SMS_URL = "http://127.0.0.1:9/"  # nothing is delivered here


@pytest.fixture
def asked(world):
    """Return a complaint that waits for its complainant."""
    complaint = world.complaint(received="2026-05-04 09:00", identity={"phone": PHONE}, by_sms=True)
    actions.ask_completion(complaint, by=world.desa, now=at("2026-05-05 09:00"), questions="Tahap berapa?")
    return complaint


def write(words, *, sender=PHONE, now=NOW, gateway_id=None, receiver="3456", **more):
    return inbound.take_in(Incoming(gateway_id or str(uuid.uuid4()), sender, receiver, words, **more), now=now)


def hand_over(client, words, *, token=TOKEN, gateway_id="m-1", sender=PHONE, address="127.0.0.1", **headers):
    """Hand a message over as Kannel's post-url does."""
    secret = base64.b64encode(f"kannel:{token}".encode()).decode()
    return client.generic(
        "POST",
        f"{URL}?id={gateway_id}&to=3456&time={int(NOW.timestamp())}",
        words.encode() if isinstance(words, str) else words,
        content_type=headers.pop("content_type", 'text/plain; charset="UTF-8"'),
        headers={"Authorization": f"Basic {secret}", "X-Kannel-From": sender, **headers},
        REMOTE_ADDR=address,
    )


def test_d59_an_incomplete_text_gets_a_number_at_once_and_is_asked_for_what_is_missing(client, world):
    response = hand_over(client, TOLD)
    one = Inbound.objects.get()
    year = timezone.localdate().year
    assert (response.status_code, one.number) == (200, f"PKH-SMS-{year}-000001")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        f"Terima kasih, kami catat: {one.number}. Mohon balas: desa, kecamatan, kabupaten; tahun program;"
        " sejak kapan; apa yang terjadi."
    )
    assert (one.words(), one.unseal_phone(), one.settled_at) == (TOLD, PHONE, None)


def test_d59_what_the_sender_adds_joins_the_same_number_until_an_officer_has_settled_it(world):
    write(TOLD)
    answer = write("Desa Indrajaya kec Salem, sejak Januari", now=NOW + timedelta(hours=1))
    one = Inbound.objects.get()
    assert answer == f"Terima kasih, kami tambahkan pada {one.number}. Petugas akan membacanya."
    assert one.parts() == [TOLD, "Desa Indrajaya kec Salem, sejak Januari"]
    inbound.reply(one, Inbound.Settled.THANKS, by=world.pusat, now=NOW + timedelta(hours=2), seen=2)
    write("Halo lagi", now=NOW + timedelta(hours=3))
    assert sorted(Inbound.objects.values_list("number", flat=True)) == ["PKH-SMS-2026-000001", "PKH-SMS-2026-000002"]


def test_d59_two_telephones_are_two_matters_and_a_programme_has_its_own_short_number(world, settings):
    settings.SMS_PROGRAMME = {"3456": "pkh", "7890": "pamsimas"}
    write(TOLD)
    write(TOLD, sender=OTHER, receiver="+7890")
    assert sorted(Inbound.objects.values_list("number", flat=True)) == [
        "PAMSIMAS-SMS-2026-000001",
        "PKH-SMS-2026-000001",
    ]


def test_d59_the_day_is_the_day_of_the_sms_also_when_the_gateway_waited_for_us(world):
    """D11: never in the future, and never so old that a wrong clock is more likely."""
    write("a", sent_at=NOW - timedelta(days=2))
    write("b", sender=OTHER, sent_at=NOW + timedelta(days=2))
    write("c", sender="+6285700002222", sent_at=NOW - timedelta(days=90))
    received = Inbound.objects.order_by("number").values_list("received_at", flat=True)
    assert list(received) == [NOW - timedelta(days=2), NOW, NOW]


def test_d12_a_waiting_file_is_completed_by_sms_with_the_code(asked, world):
    answer = write(f"{tracking.in_groups(asked.receipt.code)} Tahap dua belum cair")
    after = world.read(asked)
    assert answer == f"Pengaduan {asked.number}: keterangan Anda kami terima. Penanganan berjalan lagi."
    assert (after.waiting_since, after.stage) == (None, "registrasi")
    event = after.events.get(kind="lengkapi")
    assert (event.actor, event.by, event.at) == ("pelapor", None, NOW)
    assert Message.objects.get(event=event).text == "Tahap dua belum cair"
    assert (Inbound.objects.count(), bytes(InboundText.objects.get().text_sealed)) == (0, b"")


def test_d12_who_was_asked_by_sms_may_answer_without_the_code(asked, world):
    answer = write("Tahap dua belum cair", sender="081234567890")
    assert answer == f"Pengaduan {asked.number}: keterangan Anda kami terima. Penanganan berjalan lagi."
    assert world.read(asked).waiting_since is None
    assert write("Satu lagi", now=NOW + timedelta(minutes=1)).startswith("Terima kasih, kami catat: PKH-SMS-2026-0")


def test_d12_another_telephone_or_two_waiting_files_complete_nothing_without_the_code(asked, world):
    write("Tahap dua", sender=OTHER)
    assert world.read(asked).waiting_since is not None
    second = world.complaint(received="2026-05-04 09:00", identity={"phone": PHONE}, by_sms=True)
    actions.ask_completion(second, by=world.desa, now=at("2026-05-05 09:00"), questions="Sejak kapan?")
    write("Tahap dua")
    assert [world.read(asked).waiting_since is None, world.read(second).waiting_since is None] == [False, False]
    assert Inbound.objects.count() == 2


def test_d12_a_telephone_that_did_not_choose_sms_completes_nothing_without_the_code(world):
    complaint = world.complaint(received="2026-05-04 09:00", identity={"phone": PHONE})
    actions.ask_completion(complaint, by=world.desa, now=at("2026-05-05 09:00"), questions="Tahap berapa?")
    write("Tahap dua")
    assert (world.read(complaint).waiting_since is None, Inbound.objects.count()) == (False, 1)


def test_d62_with_the_code_the_words_go_to_the_office_when_nothing_is_asked(world):
    complaint = world.complaint(received="2026-05-04 09:00")
    answer = write(f"{complaint.receipt.code}: kapan selesai?")
    assert answer == f"Pengaduan {complaint.number}: pesan Anda kami teruskan kepada petugas."
    assert Message.objects.get(from_complainant=True).text == "kapan selesai?"
    assert world.read(complaint).due_at == complaint.due_at


def test_d19_what_comes_to_a_closed_complaint_reaches_an_officer_without_the_code(world):
    complaint = world.complaint(received="2026-05-04 09:00")
    me = complaint.complainants.get()
    actions.withdraw(complaint, complainant=me, now=at("2026-05-05 09:00"), reason="Sudah beres")
    answer = write(f"{complaint.receipt.code} ternyata belum")
    assert answer == f"Pengaduan {complaint.number} sudah ditutup. Pesan Anda kami teruskan kepada petugas."
    assert Inbound.objects.get().words() == "ternyata belum"


@pytest.mark.parametrize("form", ["L {}", "l{}", "LACAK: {}", "{}", "L {}.", "L+{}", "(L {})"])
def test_d39_the_stage_is_told_by_sms_in_neutral_words(world, settings, form):
    settings.SITE_URL = "https://pengaduan.go.id"
    complaint = world.complaint(received="2026-05-04 09:00", text="Dipotong di RT 03")
    answer = write(form.format(tracking.in_groups(complaint.receipt.code)))
    assert answer == f"Pengaduan {complaint.number}: Diterima. Paling lambat 9 Jun 2026. pengaduan.go.id/lacak"
    assert Complainant.objects.get().last_seen_at == NOW


@pytest.mark.parametrize(("form", "sender", "told"), [("L", PHONE, True), ("lacak?", PHONE, True), ("L", OTHER, False)])
def test_d39_the_telephone_that_is_told_by_sms_may_ask_without_the_code(world, form, sender, told):
    """The answer goes where the notices go; whoever feigns the number gets none of it."""
    complaint = world.complaint(received="2026-05-04 09:00", identity={"phone": PHONE}, by_sms=True)
    world.complaint(received="2026-05-04 09:00", identity={"phone": OTHER})
    answer = write(form, sender=sender)
    assert answer.startswith(f"Pengaduan {complaint.number}: Diterima.") is told
    assert (answer == inbound.HOW, Inbound.objects.count()) == (not told, 0)


def test_d39_a_telephone_with_two_complaints_must_name_the_code(world):
    for _ in range(2):
        world.complaint(received="2026-05-04 09:00", identity={"phone": PHONE}, by_sms=True)
    assert write("L") == inbound.HOW


def test_d39_the_stage_names_until_when_we_wait_for_the_complainant(asked):
    answer = write(f"L {asked.receipt.code}")
    assert answer.startswith(f"Pengaduan {asked.number}: menunggu keterangan Anda. Paling lambat 4 Jun 2026.")


def test_d62_a_code_that_is_none_is_counted_and_what_was_said_with_it_is_kept_without_the_digits(world):
    wrong = tracking.new_code()
    assert write(f"L {wrong}") == inbound.NO_SUCH_CODE
    assert write(f"{wrong} tahap dua") == inbound.NO_SUCH_CODE
    one = Inbound.objects.get()
    assert one.words() == "tahap dua"
    slip = "1234 5678 9012 3456 salah ketik"  # its check digit is wrong
    assert write(slip, now=NOW + timedelta(minutes=1)) == inbound.NO_SUCH_CODE
    assert Inbound.objects.get().parts() == ["tahap dua", "salah ketik"]


def test_d62_guesses_by_sms_are_limited_by_telephone_and_the_right_code_is_refused_with_them(asked, world):
    for _ in range(attempts.PHONE.most):
        write(f"L {tracking.new_code()}", sender=OTHER)
    assert write(f"L {asked.receipt.code}", sender=OTHER) == inbound.TOO_MANY_CODES
    assert write(f"L {asked.receipt.code}").startswith(f"Pengaduan {asked.number}")
    assert write(f"L {asked.receipt.code}", sender=OTHER, now=NOW + timedelta(minutes=16)) != inbound.TOO_MANY_CODES


def test_d59_another_number_among_the_words_is_left_where_it_stands(world):
    """An identity number has sixteen digits too."""
    write("Nama saya Siti NIK 3329010101900001 belum terima")
    assert Inbound.objects.get().words() == "Nama saya Siti NIK 3329010101900001 belum terima"


def test_d41_a_sender_is_answered_ten_times_a_day_and_still_heard(world):
    answers = [write(f"pesan {n}", now=NOW + timedelta(minutes=n)) for n in range(12)]
    assert [bool(answer) for answer in answers] == [True] * 10 + [False] * 2
    assert len(Inbound.objects.get().parts()) == 12
    assert write("besok", now=NOW + timedelta(days=1, minutes=1)) != ""


@pytest.mark.parametrize("sender", ["3636", "TELKOMSEL", "12", "+1", "nomor\x00aneh"])
def test_d41_a_machine_is_kept_and_never_answered(world, sender):
    """Two machines that thank each other would go on for ever."""
    assert write("Promo!", sender=sender) == ""
    one = Inbound.objects.get()
    assert (one.answerable, one.words()) == (False, "Promo!")
    inbound.reply(one, Inbound.Settled.THANKS, by=world.pusat, now=NOW, seen=1)
    assert not one._meta.get_field("id").model.objects.filter(settled_at=None).exists()


def test_d41_an_empty_text_is_told_how(world):
    assert write("  \n") == inbound.HOW
    assert Inbound.objects.count() == 0


def test_d41_every_answer_is_one_message_with_the_longest_facts():
    longest = {"number": "PELAYANANX-SMS-2026-1234567"}
    answers = [inbound.RECEIVED, inbound.ADDED, inbound.COMPLETED, inbound.PASSED_ON, inbound.OVER, inbound.HOW,
               inbound.NO_SUCH_CODE, inbound.TOO_MANY_CODES]  # fmt: skip
    assert [answer for answer in answers if not sms.fits(answer.format(**longest))] == []


def test_d59_the_same_message_handed_over_again_is_taken_once_and_answered_alike(client, asked, world):
    """The gateway asks again until it has our answer."""
    words = f"{asked.receipt.code} tahap dua"
    first, second = hand_over(client, words), hand_over(client, words)
    assert (first.content, second.status_code) == (second.content, 200)
    assert Message.objects.filter(from_complainant=True).count() == 1
    texts = [hand_over(client, TOLD, gateway_id="m-2", sender=OTHER).content for _ in range(3)]
    assert (len(set(texts)), InboundText.objects.count(), Inbound.objects.count()) == (1, 2, 1)


def test_d59_the_same_message_handed_over_by_two_at_once_is_taken_once(real_world):
    start, answers = threading.Barrier(4), []

    def one(gateway_id):
        start.wait()
        answers.append(write(TOLD, gateway_id=gateway_id))
        connections.close_all()

    threads = [threading.Thread(target=one, args=(name,)) for name in ("m-1", "m-1", "m-2", "m-2")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert (len(answers), Inbound.objects.count(), InboundText.objects.count()) == (4, 1, 2)
    assert Inbound.objects.get().parts() == [TOLD, TOLD]


def test_d59_when_somebody_changed_the_complaint_at_that_moment_the_gateway_comes_again(client, asked, monkeypatch):
    def changed(*_args, **_more):
        raise ChangedMeanwhile

    words = f"{asked.receipt.code} tahap dua"
    with monkeypatch.context() as patch:
        patch.setattr(actions, "complete", changed)
        assert hand_over(client, words).status_code == 503
    assert InboundText.objects.count() == 0
    assert hand_over(client, words).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"token": "salah-" + "x" * 40},
        {"token": ""},
        {"address": "10.0.0.7"},
        {"address": ""},
        {"Authorization": "Bearer salah"},
        {"Authorization": "Basic ???"},
    ],
)
def test_d37_only_the_gateway_hands_messages_over(client, world, change):
    response = hand_over(client, TOLD, **change)
    assert (response.status_code, response.content, InboundText.objects.count()) == (403, b"", 0)


def test_d37_without_a_token_set_nobody_does(client, world, settings):
    settings.SMS_TOKEN = ""
    assert hand_over(client, TOLD, token="").status_code == 403
    assert client.post(URL, TOLD, content_type="text/plain").status_code == 403


def test_d37_behind_the_proxy_the_asker_counts_and_not_the_proxy(client, world, settings):
    settings.PRODUCTION = True
    assert hand_over(client, TOLD, **{"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    assert hand_over(client, TOLD).status_code == 200


def test_d41_the_form_and_the_address_are_read_too(client, world):
    """Other gateways send a form; Kannel's get-url writes all into the address."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    fields = {"id": "a", "from": PHONE, "to": "3456", "text": "Halo + é"}
    assert client.post(URL, fields, headers=headers).status_code == 400  # multipart: nothing is read
    for each, method in (("b", client.get), ("c", client.get)):
        assert method(URL, {**fields, "id": each}, headers=headers).status_code == 200
    form = "id=d&from=%2B6281234567890&to=3456&text=Halo+%2B+%C3%A9"
    kind = "application/x-www-form-urlencoded"
    assert client.post(URL, form, content_type=kind, headers=headers).status_code == 200
    assert Inbound.objects.get().parts() == ["Halo + é"] * 3


@pytest.mark.parametrize(
    ("words", "kind", "read"),
    [
        ("Harga {naik} [50%] ~ €5".encode(), 'text/plain; charset="UTF-8"', "Harga {naik} [50%] ~ €5"),
        ("Ṣelamat".encode("utf-16-be"), "text/plain; charset=UTF-16BE", "Ṣelamat"),
        (b"caf\xe9", "text/plain; charset=ISO-8859-1", "café"),
        (b"\xff\xfe rusak", "text/plain", "\ufffd\ufffd rusak"),
        (b"a\x00b", "text/plain; charset=tidak-ada", "ab"),
    ],
)
def test_d41_every_alphabet_of_the_network_is_read(client, world, words, kind, read):
    assert hand_over(client, words, content_type=kind).status_code == 200
    assert Inbound.objects.get().words() == read


@pytest.mark.parametrize(
    ("words", "status"), [("x" * 10_000, 200), ("x" * 10_001, 413), ("x" * 500_000, 413), ("x" * 2_000_000, 400)]
)
def test_d41_a_text_that_no_telephone_sends_is_refused(client, world, words, status):
    assert (hand_over(client, words).status_code, Inbound.objects.count()) == (status, int(status == 200))


@pytest.mark.parametrize("missing", [{"gateway_id": ""}, {"sender": ""}])
def test_d41_a_message_without_name_or_sender_is_refused(client, world, missing):
    assert (hand_over(client, TOLD, **missing).status_code, InboundText.objects.count()) == (400, 0)


def test_d41_a_stranger_of_the_wrong_method_is_refused(client, world):
    assert client.put(URL).status_code == 405
    assert Client(enforce_csrf_checks=True).post(URL, TOLD, content_type="text/plain").status_code == 403


def test_d37_neither_number_nor_words_nor_code_stand_in_the_database_or_a_log(client, asked, caplog):
    caplog.set_level("DEBUG")
    hand_over(client, f"{asked.receipt.code} tahap rahasia-sekali")
    hand_over(client, "kata-yang-tersegel", gateway_id="m-2", sender=OTHER)
    said = "\n".join(one.getMessage() for one in caplog.records if one.name != "django.db.backends")
    secrets = ["81234567890", "85700001111", "kata-yang-tersegel", asked.receipt.code, TOKEN]
    assert [secret for secret in secrets if secret in said] == []
    with connection.cursor() as cursor:
        for table in ("pengaduan_inbound", "pengaduan_inboundtext", "pengaduan_complainant", "cache"):
            cursor.execute(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" t')
            rows = cursor.fetchone()[0] or ""
            assert [one for one in secrets if one in rows or one.encode().hex() in rows] == [], table
    assert Complaint.objects.count() == 1


def test_d37_the_number_is_sealed_for_its_row_and_found_by_its_hash_alone(world):
    write(TOLD, sender="0812 3456 7890")
    one = Inbound.objects.get()
    assert bytes(one.phone_hash) == keyed_hash("phone", PHONE)
    other = Inbound(programme=one.programme, number="x", phone_sealed=one.phone_sealed, phone_hash=b"", answerable=True,
                    received_at=NOW)  # fmt: skip
    with pytest.raises(InvalidTag):
        other.unseal_phone()


def test_d37_a_new_key_seals_number_and_words_anew(world, settings):
    write(TOLD)
    settings.IDENTITY_KEYS = {9: b"9" * 32, **settings.IDENTITY_KEYS}
    assert [one for result in rotation.rotate() for one in result.broken] == []
    one = Inbound.objects.get()
    assert [bytes(one.phone_sealed)[0], bytes(one.texts.get().text_sealed)[0]] == [9, 9]
    assert (one.unseal_phone(), one.words()) == (PHONE, TOLD)


def test_d59_a_programme_that_does_not_exist_stops_aloud_and_nothing_is_taken(world, settings):
    settings.SMS_PROGRAMME = {"": "tidak-ada"}
    with pytest.raises(ImproperlyConfigured, match="tidak-ada"):
        write(TOLD)
    assert InboundText.objects.count() == 0


def test_d59_the_register_of_text_messages_has_no_gaps_and_is_apart(world):
    numbers = [intake.next_number(world.programmes["pkh"], "SMS", 2026) for _ in range(2)]
    assert numbers == ["PKH-SMS-2026-000001", "PKH-SMS-2026-000002"]
    assert world.complaint().number == "PKH-33.29-2026-000001"
