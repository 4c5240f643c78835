"""A notice that is owed reaches its person at least once, or its failure is seen (D42, D43, domain §11)."""

import logging
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from pengaduan.models import Complainant, Recusal, ReportedParty, Secrecy
from tests.cast import at
from tests.postbox import Postbox, free_port, of_this_test
from tiers.models import Assignment
from workflow import actions, daily, delivery, escalation, notices
from workflow.delivery import Delivered
from workflow.models import Notification, ReplyTemplate

RECEIVED = "2026-05-04 09:00"  # a Monday morning: officers hear at once
NOW = at("2026-05-04 09:05")
ANONYMOUS = {"secrecy": Secrecy.ANONYMOUS, "identity": {}}


@pytest.fixture
def postbox(settings):
    """Return a mail server that the settings point to."""
    with Postbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box


@pytest.fixture
def notice(world) -> Notification:
    """Return the one notice that a complaint of an unnamed person owes: to the officer of the village."""
    return Notification.objects.get(complaint=world.complaint(received=RECEIVED, **ANONYMOUS))


def test_what_is_owed_goes_out_once_with_an_identity_of_its_own(world, postbox):
    complaint = world.complaint(received=RECEIVED)
    assert delivery.deliver(now=NOW) == Delivered(sent=2, failed=0, dropped=0)
    assert delivery.deliver(now=NOW) == Delivered(sent=0, failed=0, dropped=0)
    assert {one["To"] for one in postbox.mails} == {"siti@contoh.id", "desa@kantor.id"}
    owed = Notification.objects.filter(complaint=complaint)
    assert {one["Message-ID"] for one in postbox.mails} == {f"<{one.pk}@localhost>" for one in owed}
    assert {(one["Auto-Submitted"], one["From"]) for one in postbox.mails} == {
        ("auto-generated", "Pengaduan <pengaduan@localhost>")
    }
    assert set(owed.values_list("sent_at", "attempts", "last_error")) == {(NOW, 1, "")}


def test_a_batch_goes_over_one_connection(world, postbox):
    for _ in range(3):
        world.complaint(received=RECEIVED)
    assert (delivery.deliver(now=NOW).sent, postbox.connections) == (6, 1)


def test_a_run_ends_at_its_limit_and_the_next_goes_on(world, mailoutbox):
    for _ in range(3):
        world.complaint(received=RECEIVED, **ANONYMOUS)
    assert [delivery.deliver(now=NOW, limit=2).sent, delivery.deliver(now=NOW, limit=2).sent] == [2, 1]


def test_d43_an_alarm_waits_for_the_office_hours_of_the_place(world, mailoutbox):
    """The record at once, the notice when the office opens: no alarm at midnight (domain §11)."""
    world.complaint(received="2026-05-08 22:00")  # a Friday night
    assert delivery.deliver(now=at("2026-05-08 22:05")).sent == 1
    assert [one.to for one in mailoutbox] == [["siti@contoh.id"]]
    assert delivery.deliver(now=at("2026-05-11 07:59")).sent == 0
    assert delivery.deliver(now=at("2026-05-11 08:00")).sent == 1


def test_d51_a_failure_is_shown_and_tried_again_after_longer_and_longer_pauses(notice, postbox):
    """D42: never swallowed; one, two, four minutes, at most six hours, given up after twelve."""
    postbox.refuse_mails = "451 later, desa@kantor.id"
    now, pauses = notice.next_attempt_at, []
    while not notice.given_up_at:
        assert delivery.deliver(now=now - timedelta(seconds=1)).failed == 0
        assert delivery.deliver(now=now) == Delivered(sent=0, failed=1, dropped=0)
        notice.refresh_from_db()
        pauses.append((notice.next_attempt_at - now) // timedelta(minutes=1))
        now = notice.next_attempt_at
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]
    assert (notice.attempts, notice.last_error) == (12, "Server surel menolak surel ini (451).")
    assert list(Notification.objects.failing()) == [notice]
    assert delivery.deliver(now=now + timedelta(days=9)) == Delivered(sent=0, failed=0, dropped=0)


def test_what_failed_is_delivered_when_the_server_takes_it_again(notice, postbox):
    postbox.refuse_mails = "451 later"
    delivery.deliver(now=NOW)
    postbox.refuse_mails = ""
    assert delivery.deliver(now=NOW + timedelta(minutes=1)).sent == 1
    assert [one["Message-ID"] for one in postbox.mails] == [f"<{notice.pk}@localhost>"]
    notice.refresh_from_db()
    assert (notice.attempts, notice.last_error, notice.sent_at) == (2, "", NOW + timedelta(minutes=1))
    assert not Notification.objects.failing().exists()


@pytest.mark.parametrize(("answer", "tries"), [("550 no such user", 3), ("450 mailbox busy", 12)])
def test_an_address_that_the_server_does_not_know_is_given_up_after_three_tries(notice, postbox, answer, tries):
    postbox.refuse_recipients = answer
    now = NOW
    while delivery.deliver(now=now).failed:
        notice.refresh_from_db()
        now = notice.next_attempt_at
    assert (notice.attempts, notice.given_up_at is not None) == (tries, True)
    assert notice.last_error == f"Server surel menolak penerima ({answer[:3]})."


def test_one_mail_that_is_refused_does_not_stop_the_others(world, postbox):
    world.complaint(received=RECEIVED)
    world.desa.email = "tanpa-rumah@"
    world.desa.save()
    assert delivery.deliver(now=NOW) == Delivered(sent=1, failed=1, dropped=0)
    assert [one["To"] for one in postbox.mails] == ["siti@contoh.id"]
    assert Notification.objects.failing().get().last_error == "Alamat surel tidak sah."


def test_while_no_server_answers_nothing_is_given_up_and_everything_stays_owed(world, settings):
    """A weekend without a mail server costs no notice."""
    for _ in range(3):
        world.complaint(received=RECEIVED, **ANONYMOUS)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    tries = [delivery.deliver(now=NOW + timedelta(minutes=minute)).failed for minute in range(0, 60 * 60, 10)]
    assert set(tries) == {0, 1}  # one notice a run asks for all whether the server is back
    failing = Notification.objects.failing()
    assert set(failing.values_list("attempts", "given_up_at", "last_error")) == {
        (6, None, "Server surel tidak menjawab.")
    }
    with Postbox() as box:
        settings.EMAIL_PORT = box.port
        assert delivery.deliver(now=NOW + timedelta(hours=61)).sent == 3


def test_who_has_no_address_is_given_up_at_once_and_it_is_seen(world, notice, mailoutbox):
    world.desa.email = ""
    world.desa.save()
    assert delivery.deliver(now=NOW) == Delivered(sent=0, failed=1, dropped=0)
    notice.refresh_from_db()
    assert (notice.given_up_at, notice.last_error) == (NOW, "Penerima tidak mempunyai alamat surel.")
    assert list(Notification.objects.failing()) == [notice]


def test_a_template_with_an_unknown_mark_holds_back_its_own_notice_only_and_says_so(world, mailoutbox):
    template = ReplyTemplate.objects.create(
        programme=world.programmes["pkh"], code="tanda-terima", name="x", subject="x", body="Halo {nama}"
    )
    world.complaint(received=RECEIVED)
    assert delivery.deliver(now=NOW) == Delivered(sent=1, failed=1, dropped=0)
    assert Notification.objects.failing().get().last_error == (
        "Templat “tanda-terima”: tanda {nama} tidak dikenal di sini."
    )
    template.body = "Halo"
    template.save()
    assert delivery.deliver(now=NOW + timedelta(minutes=1)).sent == 1
    assert mailoutbox[1].body.startswith("Halo\n")


def test_an_address_that_does_not_open_fails_alone_and_leaks_nothing(world, mailoutbox, caplog):
    """D37: sealed for its row only; a value moved here from another row does not open."""
    one, other = (world.complaint(received=RECEIVED).receipt.complainant for _ in range(2))
    Complainant.objects.filter(pk=one.pk).update(email_sealed=bytes(other.email_sealed))
    assert delivery.deliver(now=NOW) == Delivered(sent=3, failed=1, dropped=0)
    assert Notification.objects.failing().get().last_error == "Surel tidak dapat disusun (InvalidTag)."


def test_an_officer_who_is_no_longer_on_duty_is_not_told(world, notice, mailoutbox):
    world.desa.is_active = False
    world.desa.save()
    assert delivery.deliver(now=NOW) == Delivered(sent=0, failed=0, dropped=1)
    notice.refresh_from_db()
    assert (notice.given_up_at, notice.last_error) == (NOW, "Penerima tidak lagi bertugas.")
    assert (mailoutbox, list(Notification.objects.failing())) == ([], [])


@pytest.mark.parametrize("reason", ["accused", "stepped aside", "moved on"])
def test_an_officer_who_may_not_see_the_case_any_more_is_not_told(world, notice, mailoutbox, reason):
    """D35, D49."""
    complaint = notice.complaint
    if reason == "accused":
        ReportedParty.objects.create(complaint=complaint, user=world.desa)
    elif reason == "stepped aside":
        Recusal.objects.create(complaint=complaint, user=world.desa, at=NOW)
    else:
        Assignment.objects.filter(user=world.desa).update(ends_on=at("2026-05-03 00:00").date())
    assert delivery.deliver(now=NOW) == Delivered(sent=0, failed=0, dropped=1)
    notice.refresh_from_db()
    assert notice.last_error == "Penerima tidak lagi bertugas pada pengaduan ini."
    assert mailoutbox == []


def test_d49_the_neighbour_and_the_accused_never_hear(world, mailoutbox):
    complaint = world.complaint(received=RECEIVED, reported_users=[world.kecamatan])
    escalation.sweep(now=at("2026-06-10 09:00"))
    actions.send_message(
        world.read(complaint), now=at("2026-06-10 10:00"), text="Halo", complainant=complaint.receipt.complainant
    )
    delivery.deliver(now=at("2026-06-10 10:05"))
    heard = {address for one in mailoutbox for address in one.to}
    assert heard == {"siti@contoh.id", "kabupaten@kantor.id", "penyelia@kantor.id", "provinsi@kantor.id"}


def test_d37_no_log_and_no_error_holds_an_address(world, postbox, caplog):
    """D37: the server repeats the address in its answer; we do not."""
    caplog.set_level(logging.DEBUG)
    world.complaint(received=RECEIVED)
    postbox.refuse_recipients = "550 <siti@contoh.id> unknown"
    delivery.deliver(now=NOW)
    ours = "\n".join(
        one.getMessage() for one in caplog.records if one.name.startswith(("workflow", "django", "pengad"))
    )
    kept = " ".join(Notification.objects.values_list("last_error", flat=True))
    assert (ours.count("not delivered"), "contoh.id" in ours + kept, "kantor.id" in ours + kept) == (2, False, False)


def test_the_command_says_what_went_out_and_what_did_not(world, capsys, mailoutbox):
    world.complaint(received=RECEIVED)
    Notification.objects.update(next_attempt_at=timezone.now())
    world.desa.email = ""
    world.desa.save()
    call_command("deliver_notices")
    assert capsys.readouterr().out.splitlines() == [
        "Terkirim: 1. Gagal: 1. Tidak perlu lagi: 0.",
        "Seluruhnya belum terkirim sesudah dicoba: 1.",
    ]


def test_three_runs_at_once_send_each_notice_once(real_world, settings):
    with Postbox() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        for _ in range(20):
            real_world.complaint(received=RECEIVED)
        start, runs = threading.Barrier(3), []

        def one():
            start.wait()
            runs.append(delivery.deliver(now=NOW))
            connections.close_all()

        threads = [threading.Thread(target=one) for _ in range(3)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert (sum(run.sent for run in runs), len({one["Message-ID"] for one in box.mails})) == (40, 40)
        assert len(box.mails) == 40


def test_a_crash_after_the_server_took_the_mail_sends_it_again_under_the_same_identity(real_world):
    """At least once: between the server's yes and our commit the process is killed."""
    today = timezone.now()
    complaint = real_world.complaint(received=RECEIVED)
    Notification.objects.exclude(template="tanda-terima").delete()
    Notification.objects.update(next_attempt_at=today)
    with Postbox() as box:
        command = [sys.executable, "manage.py", "deliver_notices"]
        first = subprocess.Popen(command, env=of_this_test(box))
        box.when_accepted = lambda: os.kill(first.pid, signal.SIGKILL)
        assert first.wait(timeout=60) == -signal.SIGKILL
        notice = Notification.objects.get(complaint=complaint)
        assert (len(box.mails), notice.sent_at, notice.attempts) == (1, None, 0)
        box.when_accepted = lambda: None
        subprocess.run(command, env=of_this_test(box), check=True, timeout=60, stdout=subprocess.DEVNULL)
        assert [one["Message-ID"] for one in box.mails] == [f"<{notice.pk}@localhost>"] * 2
        notice.refresh_from_db()
        assert (notice.sent_at > today, notice.attempts) == (True, 1)


def test_without_a_template_a_notice_to_officers_still_goes_out(world, notice, mailoutbox):
    assert not ReplyTemplate.objects.exists()
    delivery.deliver(now=NOW)
    assert [one.subject for one in mail.outbox] == [f"Pengaduan {notice.complaint.number}"]
    assert notice.template == notices.NEW_CASE


def test_a_daily_list_that_is_empty_by_the_time_it_goes_out_is_dropped(world, mailoutbox):
    complaint = world.complaint("kkn", received=RECEIVED)
    escalation.sweep(now=at("2026-06-10 00:00"))
    daily.owe_daily(now=at("2026-06-10 05:30"))
    actions.withdraw(
        world.read(complaint), now=at("2026-06-10 07:00"), reason="x", complainant=complaint.receipt.complainant
    )
    delivery.deliver(now=at("2026-06-10 08:00"))
    dropped = Notification.objects.get(template=daily.TEMPLATE)
    assert (dropped.sent_at, dropped.last_error) == (None, "Tidak ada lagi yang lewat tenggat di jenjang teratas.")
    subjects = [one.subject for one in mailoutbox if one.to == ["koordinator@kantor.id"]]
    assert set(subjects) == {f"Pengaduan {complaint.number}"}  # the new case and the sweep, and no list
