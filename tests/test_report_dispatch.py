"""Each report reaches each of its recipients once, and nobody else, whatever fails on the way (D44, D48)."""

import io
import socket
import threading
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.db import connections
from django.utils import timezone
from pypdf import PdfReader

from config.celery import BEAT, app
from reports import dispatch, editions, files, making, tasks
from reports.models import Edition, ReportDelivery, ReportRecipient
from reports.periods import Month
from reports.subject import Subject
from tests.cast import at
from tiers.models import Assignment, Region

OCTOBER = Month.parse("2026-10")
NOW = at("2026-11-01 06:00")


class Post:
    """A mail server that refuses as long as it is told to."""

    def __init__(self):
        self.letters, self.refusals = [], 0

    async def handle_DATA(self, server, session, envelope):
        if self.refusals:
            self.refusals -= 1
            return "451 4.3.0 penuh, surat untuk <koordinator@kantor.id> ditunda"
        self.letters.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"

    @property
    def addresses(self):
        return sorted(address for addresses, _ in self.letters for address in addresses)


@pytest.fixture
def post(settings):
    """Return a real mail server, to which Django sends in this test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(Post(), hostname="127.0.0.1", port=port)
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server.handler
    server.stop()


@pytest.fixture
def quick_files(monkeypatch):
    """Spare the printing where a test is about the sending alone."""
    monkeypatch.setattr("reports.documents.render", lambda reading, ending: b"%PDF-" if ending == "pdf" else b"PK")
    monkeypatch.setattr("reports.outside.content", lambda told, ending: b"%PDF-" if ending == "pdf" else b"PK")


def subject(world, region=None, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, OCTOBER)


def only_pkh(world):
    world.programmes["pamsimas"].active = False
    world.programmes["pamsimas"].save()


def make_october():
    making.take_up(OCTOBER, now=NOW)
    making.make(now=NOW, limit=100)


def test_d48_on_the_first_the_coordinator_gets_one_mail_with_a_valid_pdf_and_the_workbook(world, post, monkeypatch):
    only_pkh(world)
    world.complaint(received="2026-10-05 09:00")
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    tasks.send_monthly_reports()
    tasks.send_monthly_reports()
    tasks.deliver_reports()
    assert post.addresses == ["koordinator@kantor.id", "penyelia@kantor.id"]
    (letter,) = [letter for addresses, letter in post.letters if addresses == ["koordinator@kantor.id"]]
    body, pdf, workbook = letter.get_payload()
    assert pdf.get_filename() == "laporan-pkh-nasional-2026-10-edisi-1.pdf"
    assert "Masuk" in PdfReader(io.BytesIO(pdf.get_payload(decode=True))).pages[0].extract_text()
    assert workbook.get_payload(decode=True)[:2] == b"PK"
    assert "Masuk 1, selesai 0, berjalan 1, terlambat 0." in body.get_payload(decode=True).decode()
    assert letter["Auto-Submitted"] == "auto-generated"
    delivery = ReportDelivery.objects.get(user=world.koordinator)
    assert letter["Message-ID"].startswith(f"<laporan-{delivery.pk}@")
    assert (delivery.sent_at, delivery.attempts, delivery.last_error) == (NOW, 1, "")


def test_each_office_gets_the_report_of_its_own_area(world, post, quick_files):
    """The supervisor of Brebes gets Brebes; those without the permission, and the neighbour, get nothing."""
    only_pkh(world)
    make_october()
    dispatch.deliver(now=NOW)
    got = {letter.get_payload()[1].get_filename(): addresses for addresses, letter in post.letters}
    assert got == {
        "laporan-pkh-nasional-2026-10-edisi-1.pdf": ["koordinator@kantor.id"],
        "laporan-pkh-33.29-2026-10-edisi-1.pdf": ["penyelia@kantor.id"],
    }


def test_every_programme_has_its_national_report_even_where_nobody_receives_it(world):
    Assignment.objects.all().delete()
    make_october()
    assert sorted(Edition.objects.values_list("programme__code", "region")) == [("pamsimas", None), ("pkh", None)]


def test_an_address_of_the_admin_gets_the_report_of_its_area_until_it_is_switched_off(world, post, quick_files):
    only_pkh(world)
    ReportRecipient.objects.create(
        programme=world.programmes["pkh"], region=Region.objects.get(pk="33"), name="Bappeda", email="bappeda@jateng.id"
    )
    off = ReportRecipient.objects.create(programme=world.programmes["pkh"], name="Lama", email="lama@pusat.id")
    edition = editions.first_edition(subject(world), now=NOW)
    dispatch.owe(edition, now=NOW)
    ReportRecipient.objects.filter(pk=off.pk).update(active=False)
    make_october()
    dispatch.deliver(now=NOW)
    assert post.addresses == ["bappeda@jateng.id", "koordinator@kantor.id", "penyelia@kantor.id"]
    assert ReportDelivery.objects.get(recipient=off).last_error == "Penerima ini tidak dikirimi lagi."


def test_a_mail_that_fails_is_tried_again_later_under_the_same_id_and_its_failure_shows(world, post, quick_files):
    edition = editions.first_edition(subject(world), now=NOW)
    dispatch.owe(edition, now=NOW)
    post.refusals = 2
    assert dispatch.deliver(now=NOW) == dispatch.Delivered(sent=0, failed=1)
    delivery = ReportDelivery.objects.get()
    assert (delivery.attempts, delivery.last_error, delivery.next_attempt_at) == (
        1, "SMTPDataError 451", NOW + timedelta(minutes=5),
    )  # fmt: skip
    assert dispatch.deliver(now=NOW + timedelta(minutes=4)) == dispatch.Delivered()
    assert dispatch.deliver(now=NOW + timedelta(minutes=5)) == dispatch.Delivered(failed=1)
    assert dispatch.deliver(now=NOW + timedelta(minutes=14)) == dispatch.Delivered()
    assert dispatch.deliver(now=NOW + timedelta(minutes=15)) == dispatch.Delivered(sent=1)
    ((_, letter),) = post.letters
    assert letter["Message-ID"].startswith(f"<laporan-{delivery.pk}@")
    delivery.refresh_from_db()
    assert (delivery.attempts, delivery.last_error) == (3, "")


def test_one_that_fails_does_not_hold_up_the_others(world, post, quick_files):
    edition = editions.first_edition(subject(world), now=NOW)
    ReportRecipient.objects.create(programme=world.programmes["pkh"], name="Bappenas", email="b@pusat.id")
    dispatch.owe(edition, now=NOW)
    post.refusals = 1
    assert dispatch.deliver(now=NOW) == dispatch.Delivered(sent=1, failed=1)


def test_a_mail_server_that_is_down_for_days_is_given_up_where_everyone_sees_it(world, settings, quick_files):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    dispatch.owe(editions.first_edition(subject(world), now=NOW), now=NOW)
    now = NOW
    while (delivery := ReportDelivery.objects.get()).given_up_at is None:
        now = delivery.next_attempt_at
        dispatch.deliver(now=now)
    assert (delivery.attempts, delivery.last_error) == (16, "ConnectionRefusedError")
    assert timedelta(days=2) < now - NOW < timedelta(days=4)


def test_whoever_has_left_the_post_before_the_mail_went_out_gets_nothing(world, post):
    dispatch.owe(editions.first_edition(subject(world), now=NOW), now=NOW)
    Assignment.objects.filter(user=world.koordinator).update(ends_on="2026-10-31")
    assert dispatch.deliver(now=NOW) == dispatch.Delivered(failed=1)
    assert post.letters == []
    assert ReportDelivery.objects.get().last_error == "Tidak lagi bertugas menerima laporan ini."


def test_whoever_is_reported_is_mailed_a_report_without_their_case_in_its_lists(world, post):
    """D49."""
    case = world.complaint(received="2026-10-05 09:00", reported_users=[world.koordinator])
    ReportRecipient.objects.create(
        programme=world.programmes["pkh"], name="Bappenas", email="b@pusat.id", needs_to_know=True
    )
    dispatch.owe(editions.first_edition(subject(world), now=NOW), now=NOW)
    dispatch.deliver(now=NOW)
    named = {}
    for addresses, letter in post.letters:
        pages = PdfReader(io.BytesIO(letter.get_payload()[1].get_payload(decode=True))).pages
        named[addresses[0]] = case.number in "".join(page.extract_text() for page in pages)
    assert named == {"koordinator@kantor.id": False, "b@pusat.id": True}


def test_a_report_that_cannot_be_made_does_not_stop_the_others_and_fails_the_task(
    world, post, monkeypatch, quick_files
):
    reckon = editions._reckon

    def broken(about, *, now):
        if about.programme.code == "pamsimas":
            raise RuntimeError("rusak")
        return reckon(about, now=now)

    monkeypatch.setattr(editions, "_reckon", broken)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    with pytest.raises(tasks.NotAllMade, match="PAMSIMAS – Nasional – Oktober 2026"):
        tasks.send_monthly_reports()
    assert post.addresses == ["koordinator@kantor.id", "penyelia@kantor.id"]


def test_two_beats_at_once_make_one_edition_and_send_it_once(real_world, post, monkeypatch):
    only_pkh(real_world)
    real_world.complaint(received="2026-10-05 09:00")
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    together, broken = threading.Barrier(3), []

    def beat():
        try:
            together.wait(timeout=30)
            tasks.send_monthly_reports()
        except Exception as failure:
            broken.append(failure)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=beat) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert post.addresses == ["koordinator@kantor.id", "penyelia@kantor.id"]
    assert set(Edition.objects.values_list("region", "number")) == {("33.29", 1), (None, 1)}


def test_a_crash_after_the_mail_went_out_sends_it_again_under_the_same_id(world, post, monkeypatch, quick_files):
    """At least once: the reader's mail program knows the second one by its Message-ID."""
    dispatch.owe(editions.first_edition(subject(world), now=NOW), now=NOW)
    save = ReportDelivery.save

    def crash(self, *args, **kwargs):
        monkeypatch.setattr(ReportDelivery, "save", save)
        raise KeyboardInterrupt

    monkeypatch.setattr(ReportDelivery, "save", crash)
    with pytest.raises(KeyboardInterrupt):
        dispatch.deliver(now=NOW)
    assert dispatch.deliver(now=NOW) == dispatch.Delivered(sent=1)
    first, second = (letter["Message-ID"] for _, letter in post.letters)
    assert first == second


def test_the_file_that_was_mailed_is_the_one_that_the_archive_hands_out(world, post, client):
    edition = editions.first_edition(subject(world), now=NOW)
    dispatch.owe(edition, now=NOW)
    dispatch.deliver(now=NOW)
    ((_, letter),) = post.letters
    client.force_login(world.koordinator)
    mailed = letter.get_payload()[1].get_payload(decode=True)
    assert client.get(f"/petugas/laporan/{edition.pk}.pdf").content == mailed
    assert files.content(edition, "pdf") == mailed


def test_the_beat_sends_on_the_first_at_six_in_jakarta_and_both_tasks_go_to_the_worker_of_reports():
    schedule = BEAT["send-monthly-reports"]["schedule"]
    assert (schedule.day_of_month, schedule.hour, schedule.minute) == ({1}, {6}, {0})
    assert app.conf.timezone == "Asia/Jakarta"
    for name in ("send-monthly-reports", "deliver-reports"):
        assert app.amqp.router.route({}, BEAT[name]["task"])["queue"].name == "pdf"
        assert BEAT[name]["task"] in app.tasks
