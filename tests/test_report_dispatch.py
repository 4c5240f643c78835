"""Each report reaches each of its recipients once, and nobody else, whatever fails on the way (D44, D48)."""

import io
import socket
import subprocess
import sys
from datetime import date, timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from config.celery import BEAT, app
from reports import editions, tasks
from reports.models import Edition, ReportDelivery, ReportDue, ReportRecipient
from reports.papers import files
from reports.periods import HalfMonth, Kind, Month, Quarter
from reports.sending import dispatch, making
from reports.subject import Subject
from tests.cast import at
from tests.postbox import Postbox, of_this_test
from tiers.models import Assignment, Programme, Region

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
    quick = {"pdf": b"%PDF-", "xlsx": b"PK"}
    monkeypatch.setattr("reports.papers.documents.render", lambda reading, ending: quick[ending])
    monkeypatch.setattr("reports.sending.outside.content", lambda told, ending: quick[ending])


def subject(world, region=None, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, OCTOBER)


def only_pkh(world, now=NOW):
    """Leave only the monthly reports of PKH to be made."""
    world.programmes["pamsimas"].active = False
    world.programmes["pamsimas"].save()
    for kind in (Kind.BIWEEKLY, Kind.QUARTERLY):
        done = {"kind": kind, "begins_on": making.last_due(kind, now=now).first, "made_at": now}
        ReportDue.objects.create(programme=world.programmes["pkh"], created_at=now, next_attempt_at=now, **done)


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
    Assignment.objects.exclude(role="petugas").delete()
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


def test_a_mail_server_that_is_down_at_six_is_asked_once_a_run_and_all_get_theirs_when_it_is_back(
    world, post, settings, quick_files
):
    """Each would wait for the same silence: the others stay owed, and go out minutes after it answers again."""
    edition = editions.first_edition(subject(world), now=NOW)
    for name in ("satu", "dua", "tiga"):
        ReportRecipient.objects.create(programme=edition.programme, name=name, email=f"{name}@pusat.id")
    dispatch.owe(edition, now=NOW)
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    assert dispatch.deliver(now=NOW) == dispatch.Delivered(failed=1)
    assert sorted(ReportDelivery.objects.values_list("attempts", flat=True)) == [0, 0, 0, 1]
    settings.EMAIL_PORT = port
    assert dispatch.deliver(now=NOW + timedelta(minutes=5)) == dispatch.Delivered(sent=4)
    assert post.addresses == ["dua@pusat.id", "koordinator@kantor.id", "satu@pusat.id", "tiga@pusat.id"]


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


def test_a_report_that_cannot_be_made_does_not_stop_the_others_and_is_tried_again(
    world, post, monkeypatch, quick_files
):
    """It fails the task, is shown with its next attempt, and goes out when it can be made."""
    only_pkh(world)
    Programme.objects.filter(code="pamsimas").update(active=True)
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
    due = ReportDue.objects.get(programme__code="pamsimas", region=None)
    assert (due.attempts, due.last_error, due.made_at) == (1, "RuntimeError", None)
    assert due.next_attempt_at == NOW + timedelta(minutes=5)
    monkeypatch.setattr(editions, "_reckon", reckon)
    tasks.deliver_reports()
    assert Edition.objects.filter(programme__code="pamsimas").count() == 0
    monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(minutes=5))
    tasks.deliver_reports()
    due.refresh_from_db()
    assert (due.made_at, due.last_error, due.edition.number) == (NOW + timedelta(minutes=5), "", 1)


def test_a_beat_that_was_down_at_six_is_made_up_for_once_and_looking_costs_little(world, post, monkeypatch):
    """On the third, at nine, the frequent task finds that nobody has taken October up."""
    only_pkh(world)
    monkeypatch.setattr(timezone, "now", lambda: at("2026-11-03 09:00"))
    monkeypatch.setattr("reports.papers.documents.render", lambda reading, ending: b"%PDF-")
    tasks.deliver_reports()
    assert post.addresses == ["koordinator@kantor.id", "penyelia@kantor.id"]
    with CaptureQueriesContext(connection) as statements:
        tasks.deliver_reports()
    assert len(post.letters) == 2
    asked = [each["sql"] for each in statements if not each["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(asked) <= 6
    monkeypatch.setattr(timezone, "now", lambda: at("2026-12-01 05:59"))
    tasks.deliver_reports()
    assert set(Edition.objects.filter(kind=Kind.MONTHLY).values_list("begins_on", flat=True)) == {date(2026, 10, 1)}


@pytest.mark.parametrize(
    ("kind", "now", "expected"),
    [
        (Kind.MONTHLY, "2026-11-01 06:00", date(2026, 10, 1)),
        (Kind.MONTHLY, "2026-11-01 05:59", date(2026, 9, 1)),
        (Kind.BIWEEKLY, "2026-11-16 06:00", date(2026, 11, 1)),
        (Kind.BIWEEKLY, "2026-11-16 05:59", date(2026, 10, 16)),
        (Kind.QUARTERLY, "2027-01-01 06:00", date(2026, 10, 1)),
        (Kind.QUARTERLY, "2026-12-31 23:59", date(2026, 7, 1)),
    ],
)
def test_each_kind_is_due_at_six_in_jakarta_on_the_day_after_its_period(kind, now, expected):
    assert making.last_due(kind, now=at(now)).first == expected


def test_d45_the_biweekly_report_goes_out_where_cases_are_prominent_and_always_where_the_programme_says_so(world):
    half = HalfMonth.parse("2026-10-16")
    Programme.objects.filter(code="pamsimas").update(always_biweekly=True)
    case = world.complaint(received="2026-10-20 09:00")

    def made(period):
        making.take_up(period, now=NOW)
        making.make(now=NOW, limit=100)
        rows = ReportDue.objects.filter(begins_on=period.first, kind=Kind.BIWEEKLY)
        assert rows.filter(made_at=None).count() == 0
        return set(rows.filter(edition__isnull=False).values_list("programme__code", "region"))

    assert made(half) == {("pamsimas", None), ("pamsimas", "33.29")}
    type(case).objects.filter(pk=case.pk).update(prominent=True)
    ReportDue.objects.all().delete()
    assert made(half) == {(each, region) for each in ("pamsimas", "pkh") for region in (None, "33.29")}


def test_d45_the_quarterly_report_is_for_the_nation_and_the_provinces(world):
    third = Quarter.parse("2026-T3")
    pkh = world.programmes["pkh"]
    for region in ("33", "33.29"):
        office = pkh.offices.get(region=region)
        Assignment.objects.create(user=world.provinsi, office=office, role="koordinator", starts_on=date(2024, 1, 1))
    asked = {
        (each.programme.code, each.region and each.region.pk) for each in making.subjects(third, on=date(2026, 10, 1))
    }
    assert asked == {("pkh", None), ("pkh", "33"), ("pamsimas", None)}


SEND = """
import os, signal, sys, django; django.setup()
from reports import tasks
from reports.papers import documents
from reports.sending import dispatch
documents.render = lambda reading, ending: b"%PDF-"
if sys.argv[1:] == ["dies"]:  # after the first report was made and before it is kept
    owe = dispatch.owe
    dispatch.owe = lambda edition, *, now: (owe(edition, now=now), os.kill(os.getpid(), signal.SIGKILL))
tasks.send_monthly_reports()
"""


def beat(box, tmp_path, *words):
    """Start the monthly task in a process of its own, on this test's database and mail server, without a broker."""
    environment = of_this_test(
        box,
        DJANGO_SETTINGS_MODULE="config.settings",
        MEDIA_ROOT=str(tmp_path / "media"),
        REDIS_URL="redis+socket:///tidak/ada/redis.sock",
    )
    return subprocess.Popen([sys.executable, "-c", SEND, *words], env=environment, stderr=subprocess.PIPE, text=True)


def test_a_beat_that_is_killed_and_two_at_once_send_each_report_once_though_the_broker_is_gone(real_world, tmp_path):
    """Real processes: one is killed in the middle of a report, then two start together."""
    only_pkh(real_world, now=timezone.now())
    with Postbox() as box:
        killed = beat(box, tmp_path, "dies")
        assert (killed.communicate(timeout=120)[1], killed.returncode) == ("", -9)
        assert (Edition.objects.count(), ReportDelivery.objects.count()) == (0, 0)
        assert ReportDue.objects.filter(made_at=None, attempts=0).count() == 2
        for each in [beat(box, tmp_path), beat(box, tmp_path)]:
            assert (each.communicate(timeout=120)[1], each.returncode) == ("", 0)
    assert sorted(one["To"] for one in box.mails) == ["koordinator@kantor.id", "penyelia@kantor.id"]
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


def test_the_beat_sends_each_kind_at_six_in_jakarta_and_its_tasks_go_to_the_worker_of_reports():
    days = {
        "monthly": ({1}, set(range(1, 13))),
        "biweekly": ({1, 16}, set(range(1, 13))),
        "quarterly": ({1}, {1, 4, 7, 10}),
    }
    for kind, expected in days.items():
        schedule = BEAT[f"send-{kind}-reports"]["schedule"]
        assert (schedule.day_of_month, schedule.month_of_year) == expected
        assert (schedule.hour, schedule.minute) == ({6}, {0})
    assert app.conf.timezone == "Asia/Jakarta"
    for name in (*(f"send-{kind}-reports" for kind in days), "deliver-reports", "correct-reports"):
        assert app.amqp.router.route({}, BEAT[name]["task"])["queue"].name == "pdf"
        assert BEAT[name]["task"] in app.tasks
