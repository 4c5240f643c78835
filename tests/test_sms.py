"""A notice goes out by SMS to who chose it: neutral, one message, at least once, and never a number in a log (D42)."""

import logging
import os
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from pengaduan.models import Event, Inbound, Secrecy
from tests.cast import EASTERN_VILLAGE, at
from tests.gateway import Gateway, Sms
from tests.postbox import Postbox, free_port, of_this_test
from workflow import actions, delivery, escalation, intake, notices, sms
from workflow.delivery import Delivered
from workflow.models import Notification, ReplyTemplate

RECEIVED = "2026-05-04 09:00"  # a Monday morning
NOW = at("2026-05-04 09:05")
PHONE = "+6281234567890"
BOTH = {"name": "Siti Contoh", "phone": PHONE, "email": "siti@contoh.id"}
TOLD = "Bantuan dipotong ketua kelompok di RT 03."


@pytest.fixture
def gateway(settings):
    """Return a gateway that the settings point to."""
    with Gateway() as one:
        settings.SMS_URL = one.url
        settings.SMS_USER, settings.SMS_PASSWORD, settings.SMS_SENDER = "pengaduan", "sandi-gerbang", "3456"
        yield one


@pytest.fixture
def texted(world, gateway):
    """Return a complaint whose complainant chose SMS and left no e-mail."""
    return world.complaint(received=RECEIVED, text=TOLD, identity={"phone": PHONE}, by_sms=True)


def only_sms(complaint):
    Notification.objects.filter(complaint=complaint, by_sms=False).delete()
    return Notification.objects.get(complaint=complaint)


def owed(complaint, **more):
    return set(
        Notification.objects.filter(complaint=complaint, complainant__isnull=False, **more).values_list(
            "template", "by_sms"
        )
    )


@pytest.mark.parametrize(
    ("identity", "by_sms", "expected"),
    [
        (BOTH, True, {("tanda-terima", False), ("tanda-terima", True)}),
        (BOTH, False, {("tanda-terima", False)}),
        ({"phone": PHONE}, True, {("tanda-terima", True)}),
        ({"phone": PHONE}, False, set()),
        ({}, True, set()),
    ],
)
def test_d42_sms_mail_both_or_none_as_the_complainant_chose(world, gateway, identity, by_sms, expected):
    assert owed(world.complaint(received=RECEIVED, identity=identity, by_sms=by_sms)) == expected


def test_d42_sms_of_an_anonymous_person_there_is_no_number_and_no_sms(world, gateway):
    """D37."""
    complaint = world.complaint(received=RECEIVED, identity=BOTH, by_sms=True, secrecy=Secrecy.ANONYMOUS)
    person = complaint.complainants.get()
    assert (bytes(person.phone_sealed), person.sms_wanted, owed(complaint)) == (b"", False, {("tanda-terima", False)})


def test_d42_sms_without_a_gateway_none_is_owed(world, settings):
    settings.SMS_URL = ""
    assert owed(world.complaint(received=RECEIVED, identity=BOTH, by_sms=True)) == {("tanda-terima", False)}


def test_d42_sms_goes_out_once_with_number_and_what_to_do(texted, gateway):
    only_sms(texted)
    assert delivery.deliver(now=NOW) == Delivered(sent=1, failed=0, dropped=0)
    assert delivery.deliver(now=NOW) == Delivered(sent=0, failed=0, dropped=0)
    words = "Sudah kami terima. Simpan nomor ini dan kode Anda."
    assert gateway.messages == [Sms(PHONE, "3456", f"Pengaduan {texted.number}: {words} 127.0.0.1:8000/lacak")]
    assert gateway.addresses == ["/cgi-bin/sendsms"]  # neither number nor password where a log would keep them


def test_d42_sms_every_notice_to_a_complainant_is_one_message_with_the_longest_facts(settings):
    """160 septets of GSM 03.38, of which some characters take two."""
    settings.SITE_URL = "https://pengaduan.kementerian-sosial-republik-indonesia.go.id"
    longest = {"number": "PELAYANANX-33.29-2026-1234567", "due_on": date(2026, 12, 30)}
    for template in sorted({*notices.COMPLAINANT_TEMPLATES, *sms.WORDS, "tak-dikenal"}):
        assert sms.fits(text := sms.text_of(template, **longest)), text
        assert "{" not in text
    assert [reply for reply in sms.REPLIES.values() if not sms.fits(reply)] == []


def test_d42_sms_every_notice_to_a_complainant_has_words_of_its_own():
    assert sorted(notices.COMPLAINANT_TEMPLATES - set(sms.WORDS)) == []
    assert sorted(set(sms.WORDS) - notices.COMPLAINANT_TEMPLATES) == []


@pytest.mark.parametrize(
    ("text", "length"),
    [("Halo", 4), ("a@b", 3), ("{}", 4), ("€", 2), ("naïve", None), ("“kutip”", None), ("a" * 160, 160)],
)
def test_d42_sms_is_measured_in_the_alphabet_of_the_network(text, length):
    assert sms.septets(text) == length
    assert sms.fits("[" * 80) and not sms.fits("[" * 81)


def test_d42_sms_the_address_is_left_out_where_it_would_make_two_messages(settings):
    settings.SITE_URL = "https://" + "pengaduan-masyarakat." * 5 + "go.id"
    text = sms.text_of("tanda-terima", number="PKH-33.29-2026-000001")
    assert text == "Pengaduan PKH-33.29-2026-000001: Sudah kami terima. Simpan nomor ini dan kode Anda."


def test_d42_sms_names_the_complainants_own_last_day(texted, world, gateway):
    """D12: thirty days from the question."""
    actions.ask_completion(texted, by=world.desa, now=at("2026-05-06 09:00"), questions="Tahap berapa?")
    notice = Notification.objects.get(complaint=texted, by_sms=True, template="belum-lengkap")
    assert sms.render(notice).split(": ", 1)[1].startswith("Kami perlu keterangan Anda sampai 5 Jun 2026.")


def test_d42_sms_a_reminder_is_dropped_when_the_completion_has_come(texted, gateway):
    only_sms(texted)
    Notification.objects.update(template=notices.REMINDER)
    assert delivery.deliver(now=NOW) == Delivered(sent=0, failed=0, dropped=1)
    assert gateway.messages == []


def test_d42_sms_never_names_matter_category_place_office_person_or_code(world, gateway):
    """D37, D38: every message of a life, with all that could leak in it."""
    complaint = world.complaint(
        received=RECEIVED, text=TOLD, identity=BOTH, by_sms=True, reported_words="Bapak Terlapor"
    )
    me = complaint.complainants.get()
    actions.ask_completion(complaint, by=world.desa, now=at("2026-05-06 09:00"), questions="Tahap berapa, Siti?")
    actions.complete(world.read(complaint), complainant=me, now=at("2026-05-07 09:00"), answer="Tahap dua")
    actions.send_message(world.read(complaint), by=world.desa, now=at("2026-05-07 10:00"), text="Ke balai desa")
    escalation.sweep(now=at("2026-07-01 00:00"))
    actions.withdraw(world.read(complaint), complainant=me, now=at("2026-07-02 09:00"), reason="Takut")
    ReplyTemplate.objects.create(
        programme=complaint.programme, code="dicabut", name="x", subject="x", body="{kategori} {wilayah} {kantor}"
    )
    delivery.deliver(now=at("2026-07-03 09:00"))
    assert len(gateway.messages) == 5
    everything = "\n".join(one.text for one in gateway.messages).lower()
    secrets = ["siti", "terlapor", "dipotong", "tahap", "balai", "takut", "pembayaran", "indrajaya", "salem", "brebes",
               "kelompok", "uppkh", "keluarga harapan", "siti@contoh.id", complaint.receipt.code]  # fmt: skip
    assert [secret for secret in secrets if secret in everything] == []


def test_d42_sms_no_log_no_error_and_no_row_holds_the_number(texted, gateway, caplog):
    """D37: the gateway repeats the number in its answer; we do not."""
    caplog.set_level(logging.DEBUG)
    only_sms(texted)
    gateway.status = 400
    delivery.deliver(now=NOW)
    gateway.status = 202
    delivery.deliver(now=NOW + timedelta(minutes=2))
    assert len(gateway.messages) == 1
    said = "\n".join(one.getMessage() for one in caplog.records if one.name != "django.db.backends")
    assert ("not delivered" in said, "81234567890" in said, "sandi-gerbang" in said) == (True, False, False)
    assert _in_the_database("81234567890") == []


def _in_the_database(words: str) -> list[str]:
    """Return the tables in which a text stands, in whatever column, also as bytes."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = []
        for table in tables:
            row, as_bytes = f'"{table}"::text', words.encode().hex()
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE {row} LIKE %s OR {row} LIKE %s',
                           [f"%{words}%", f"%{as_bytes}%"])  # fmt: skip
            if cursor.fetchone()[0]:
                found.append(table)
    return found


@pytest.mark.parametrize(
    ("status", "tries", "sentence"),
    [
        (400, 3, "Gerbang SMS menolak pesan ini (400)."),
        (503, 12, "Gerbang SMS tidak dapat mengirim (503)."),
    ],
)
def test_d42_sms_that_the_gateway_refuses_is_shown_tried_again_and_given_up(texted, gateway, status, tries, sentence):
    notice = only_sms(texted)
    gateway.status = status
    now = NOW
    while delivery.deliver(now=now).failed:
        notice.refresh_from_db()
        now = notice.next_attempt_at
    assert (notice.attempts, notice.given_up_at is not None, notice.last_error) == (tries, True, sentence)
    assert list(Notification.objects.failing()) == [notice]


@pytest.mark.parametrize("why", ["nobody listens", "wrong password", "not set"])
def test_d42_sms_waits_while_the_gateway_is_away_and_nothing_is_given_up(texted, gateway, settings, why):
    notice = only_sms(texted)
    kept = settings.SMS_URL
    if why == "wrong password":
        settings.SMS_PASSWORD = "salah"
    else:
        settings.SMS_URL = f"http://127.0.0.1:{free_port()}/" if why == "nobody listens" else ""
    for minute in range(0, 24 * 60, 10):
        delivery.deliver(now=NOW + timedelta(minutes=minute))
    notice.refresh_from_db()
    assert (notice.attempts, notice.given_up_at) == (6, None)
    settings.SMS_URL, settings.SMS_PASSWORD = kept, "sandi-gerbang"
    assert delivery.deliver(now=NOW + timedelta(days=2)).sent == 1


def test_d42_sms_a_gateway_that_is_away_does_not_hold_back_the_mails_nor_the_other_way(world, gateway, settings):
    for _ in range(3):
        world.complaint(received=RECEIVED, identity=BOTH, by_sms=True)
    Notification.objects.filter(by_sms=True).update(next_attempt_at=at("2026-05-04 08:00"))
    settings.SMS_URL = f"http://127.0.0.1:{free_port()}/"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with Postbox() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        assert (delivery.deliver(now=NOW).sent, len(box.mails)) == (6, 6)
    settings.SMS_URL, settings.EMAIL_PORT = gateway.url, free_port()
    world.complaint(received="2026-05-04 08:00", identity=BOTH, by_sms=True)
    delivery.deliver(now=NOW + timedelta(hours=1))
    assert len(gateway.messages) == 4


def test_d42_sms_answers_at_once_what_the_complainant_did_and_else_waits_for_office_hours(world, gateway):
    """No telephone rings at midnight (domain §11)."""
    by_themselves = world.complaint(received="2026-05-08 22:00", identity=BOTH, by_sms=True)
    by_an_officer = world.complaint(received="2026-05-08 22:00", identity=BOTH, by_sms=True, by=world.desa)
    when = dict(Notification.objects.filter(by_sms=True).values_list("complaint", "next_attempt_at"))
    assert when == {by_themselves.pk: at("2026-05-08 22:00"), by_an_officer.pk: at("2026-05-11 08:00")}


def test_d42_sms_the_sweep_owes_the_same_notices_as_the_rule(world, gateway):
    """D32: the one statement in SQL equals notices.owe_for, channel by channel."""
    for identity, by_sms in [(BOTH, True), (BOTH, False), ({"phone": PHONE}, True), ({"phone": PHONE}, False), ({}, 0)]:
        for category, region in [("pembayaran", "33.29.01.2001"), ("kkn", EASTERN_VILLAGE)]:
            world.complaint(category, received=RECEIVED, region=region, identity=identity, by_sms=bool(by_sms))
    Notification.objects.all().delete()
    night = at("2026-06-12 22:00")
    escalation.sweep(now=night, by_hand=True)
    by_the_sweep = _rows()
    Notification.objects.all().delete()
    for event in Event.objects.filter(kind__in=("eskalasi", "puncak-terlambat")):
        notices.owe_for(event, world.read(event.complaint), now=night)
    assert by_the_sweep == _rows()
    assert {row[3] for row in by_the_sweep if row[2]} == {False, True}


def _rows():
    names = ("event", "user", "complainant", "by_sms", "template", "next_attempt_at", "regency_code")
    return set(Notification.objects.values_list(*names))


def test_d42_sms_a_crash_after_the_gateway_took_it_sends_it_again(real_world, settings):
    """At least once: between the gateway's yes and our commit the process is killed."""
    with Gateway() as gateway, Postbox() as box:
        settings.SMS_URL = gateway.url
        complaint = real_world.complaint(received=RECEIVED, identity={"phone": PHONE}, by_sms=True)
        Notification.objects.filter(by_sms=False).delete()
        Notification.objects.update(next_attempt_at=timezone.now())
        command = [sys.executable, "manage.py", "deliver_notices"]
        named = {"SMS_URL": gateway.url, "SMS_USER": "pengaduan", "SMS_PASSWORD": "sandi-gerbang", "SMS_SENDER": "3456"}
        first = subprocess.Popen(command, env=of_this_test(box, **named))
        gateway.when_accepted = lambda: os.kill(first.pid, signal.SIGKILL)
        assert first.wait(timeout=60) == -signal.SIGKILL
        notice = Notification.objects.get(complaint=complaint)
        assert (len(gateway.messages), notice.sent_at, notice.attempts) == (1, None, 0)
        gateway.when_accepted = lambda: None
        told = subprocess.run(command, env=of_this_test(box, **named), check=True, timeout=60, capture_output=True)
        assert [one.to for one in gateway.messages] == [PHONE, PHONE]
        assert PHONE.encode()[3:] not in told.stdout + told.stderr
        notice.refresh_from_db()
        assert notice.sent_at is not None


def test_d19_sms_a_reply_to_what_is_no_complaint_goes_to_its_sender(world, gateway):
    one = Inbound.objects.create(
        programme=world.programmes["pkh"], number=intake.next_number(world.programmes["pkh"], "SMS", 2026),
        phone_sealed=b"", phone_hash=b"1" * 32, answerable=True, received_at=NOW,
    )  # fmt: skip
    Notification.objects.create(inbound=one, template="terima-kasih", by_sms=True, created_at=NOW, next_attempt_at=NOW)
    assert delivery.deliver(now=NOW) == Delivered(sent=0, failed=1, dropped=0)  # no number there
    assert Notification.objects.get().last_error == "Penerima tidak mempunyai nomor telepon."
