"""The beat, the broker and a worker as they run in production: real processes, real Redis, real mail (D32, D42)."""

import subprocess
import sys
import uuid
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from config.celery import BEAT
from config.celery import app as celery_app
from tests.cast import at
from tests.postbox import Postbox, of_this_test
from tests.processes import wait_until
from tiers.models import Tier
from workflow import actions, daily, escalation, tasks
from workflow.models import Notification, SweepRun

RECEIVED = "2026-05-04 09:00"
CELERY = [sys.executable, "-W", "ignore:You're running the worker with superuser", "-m", "celery", "--app", "config"]
BEAT_EVERY_SECOND = """
import sys
from config.celery import app
entry = {**app.conf.beat_schedule["deliver-notices"], "schedule": 1, "options": {"queue": sys.argv[1]}}
app.conf.beat_schedule = {"deliver-notices": entry}
app.start(["beat", "--schedule", sys.argv[2], "--pidfile=", "--loglevel", "warning"])
"""
STEP = """
import sys, django; django.setup()
from django.utils import timezone
from pengaduan.models import Complaint
from tiers.models import User
from workflow import actions
complaint = Complaint.objects.get(number=sys.argv[1])
actions.send_message(complaint, by=User.objects.get(username="desa"), now=timezone.now(), text="Halo")
"""


@contextmanager
def running(command: list[str], environment: dict[str, str]):
    """Run a program until the test is done with it."""
    process = subprocess.Popen(command, env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"})
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture
def queue():
    """Return a queue that only this test's worker listens to, as others may share the Redis; nothing stays behind."""
    name = f"uji-{uuid.uuid4().hex}"
    yield name
    with celery_app.connection_for_write() as broker:
        left = celery_app.amqp.queues[name].bind(broker.default_channel)
        left.declare()  # else its bindings are not known here, and stay
        left.delete()


def worker_of(queue: str) -> list[str]:
    return [*CELERY, "--quiet", "worker", "--pool", "solo", "--queues", queue, "--loglevel", "warning"]


def owe_now(complaint) -> Notification:
    """Leave one notice of the complaint owed, and its hour come."""
    Notification.objects.exclude(complaint=complaint, template="tanda-terima").delete()
    Notification.objects.update(next_attempt_at=timezone.now() - timedelta(minutes=1))
    return Notification.objects.get()


def test_a_worker_delivers_what_is_owed_when_the_task_is_sent(real_world, queue):
    notice = owe_now(real_world.complaint(received=RECEIVED))
    with Postbox() as box, running(worker_of(queue), of_this_test(box)):
        with celery_app.connection_for_write() as broker:
            tasks.deliver_notices.apply_async(queue=queue, connection=broker)
        wait_until(lambda: Notification.objects.filter(pk=notice.pk, sent_at__isnull=False).exists(), seconds=60)
    assert [(one["To"], one["Message-ID"]) for one in box.mails] == [("siti@contoh.id", f"<{notice.pk}@localhost>")]


def test_the_beat_fires_and_a_worker_delivers_though_beat_runs_twice(real_world, queue, tmp_path):
    notice = owe_now(real_world.complaint(received=RECEIVED))
    with Postbox() as box:
        environment = of_this_test(box)
        beats = [[sys.executable, "-c", BEAT_EVERY_SECOND, queue, str(tmp_path / name)] for name in "ab"]
        with running(worker_of(queue), environment), running(beats[0], environment), running(beats[1], environment):
            wait_until(lambda: Notification.objects.filter(pk=notice.pk, sent_at__isnull=False).exists(), seconds=60)
    assert [one["Message-ID"] for one in box.mails] == [f"<{notice.pk}@localhost>"]


def test_without_redis_steps_are_taken_and_what_they_owe_is_kept_and_can_be_delivered(real_world):
    """A lost broker delays work and loses none."""
    complaint = real_world.complaint(received=RECEIVED)
    Notification.objects.all().delete()
    with Postbox() as box:
        cut_off = of_this_test(
            box, REDIS_URL="redis+socket:///tidak/ada/redis.sock", DJANGO_SETTINGS_MODULE="config.settings"
        )
        subprocess.run([sys.executable, "-c", STEP, complaint.number], env=cut_off, check=True, timeout=60)
        assert list(Notification.objects.values_list("template", "sent_at")) == [("pesan", None)]
        deliver = [sys.executable, "manage.py", "deliver_notices"]
        told = subprocess.run(deliver, env=cut_off, check=True, timeout=60, capture_output=True, text=True)
    assert told.stdout == "Terkirim: 1. Gagal: 0. Tidak perlu lagi: 0.\n"
    assert [one["To"] for one in box.mails] == ["siti@contoh.id"]


def test_every_entry_of_the_timetable_names_a_task_that_exists():
    celery_app.loader.import_default_modules()
    assert {entry["task"] for entry in BEAT.values()} - set(celery_app.tasks) == set()


def test_the_tasks_do_what_they_are_named_for(world, mailoutbox, monkeypatch):
    late, unfinished = world.complaint(received=RECEIVED), world.complaint(received=RECEIVED)
    actions.ask_completion(unfinished, by=world.desa, now=at("2026-05-06 09:00"), questions="Tahap berapa?")
    monkeypatch.setattr(timezone, "now", lambda: at("2026-06-10 09:00"))
    tasks.escalate_overdue()
    assert (world.read(late).tier, world.read(unfinished).tier) == (Tier.KECAMATAN, Tier.DESA)
    tasks.close_lapsed()
    assert world.read(unfinished).outcome == "lapsed"
    tasks.deliver_notices()
    assert "kecamatan@kantor.id" in {address for one in mailoutbox for address in one.to}


def test_a_sweep_that_was_held_back_is_said_aloud_until_a_person_runs_it(world, monkeypatch, caplog, capsys):
    """Domain §11: the machine's clock jumped."""
    monkeypatch.setattr(escalation, "ALWAYS_ALLOWED", 0)
    complaint = world.complaint(received=RECEIVED)
    escalation.sweep(now=at("2026-05-05 09:00"))
    monkeypatch.setattr(timezone, "now", lambda: at("2026-06-20 09:00"))
    tasks.escalate_overdue()
    assert world.read(complaint).tier == Tier.DESA
    held = SweepRun.objects.exclude(refused="").get()
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == [
        f"the escalation waits for a person: {held.refused}"
    ]
    call_command("escalate_overdue")
    assert capsys.readouterr().out == "Naik jenjang: 1. Lewat tenggat di jenjang teratas: 0.\n"
    assert world.read(complaint).tier == Tier.KECAMATAN


def test_d51_the_check_of_the_clocks_says_what_was_missed_and_tells_the_coordinators(world, monkeypatch, caplog):
    """D32, D51."""
    missed = world.complaint(received=RECEIVED)
    world.complaint("kkn", received=RECEIVED)
    monkeypatch.setattr(timezone, "now", lambda: at("2026-06-10 05:30"))
    tasks.check_clocks()
    numbers = ", ".join(f"PKH-33.29-2026-00000{number}" for number in (1, 2))
    assert [one.getMessage() for one in caplog.records] == [f"overdue and not escalated: 2 complaints, first {numbers}"]
    assert missed.number == "PKH-33.29-2026-000001"
    caplog.clear()
    tasks.escalate_overdue()
    tasks.check_clocks()
    assert caplog.records == []
    assert [one.user for one in Notification.objects.filter(template=daily.TEMPLATE)] == [world.koordinator]


def test_d51_the_command_lists_what_is_overdue_and_leaves_with_status_1_until_it_is_swept(world, capsys):
    complaint = world.complaint(received=RECEIVED)
    instant = ["--now", "2026-06-10T00:00"]
    with pytest.raises(SystemExit) as end:
        call_command("check_clocks", *instant)
    assert end.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{complaint.number}  9 Juni 2026  Ketua Kelompok Indrajaya",
        "Lewat tenggat dan belum naik jenjang: 1.",
    ]
    call_command("escalate_overdue", *instant)
    call_command("check_clocks", *instant)
    assert capsys.readouterr().out.splitlines() == [
        "Naik jenjang: 1. Lewat tenggat di jenjang teratas: 0.",
        "Lewat tenggat dan belum naik jenjang: 0.",
    ]
