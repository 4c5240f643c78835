"""The sweep under races and crashes: exactly once, whatever happens (D32). Real transactions, real processes."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest
from django.db import connection, connections

from pengaduan.models import Complaint, Event
from tests.cast import at
from tiers.models import Tier
from workflow import escalation
from workflow.models import Notification

CASES = 120
LATE = "2026-06-10 00:00"

SWEEP = """
import sys, django; django.setup()
from datetime import datetime
from workflow import escalation
escalation.BATCH = 3
escalation.sweep(now=datetime.fromisoformat(sys.argv[1]), by_hand=True)
"""


@pytest.fixture
def late_cases(real_world):
    for _ in range(CASES):
        real_world.complaint(received="2026-05-04 09:00")
    return real_world


def test_d32_three_sweeps_at_once_move_each_case_once(late_cases, monkeypatch):
    monkeypatch.setattr(escalation, "BATCH", 10)
    runs, start = [], threading.Barrier(3)

    def one():
        start.wait()
        runs.append(escalation.sweep(now=at(LATE), by_hand=True).moved)
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sum(runs) == CASES
    _each_moved_exactly_once()


def test_d32_a_worker_killed_in_mid_batch_leaves_nothing_half_done(late_cases):
    kills = 0
    while Complaint.objects.filter(tier=Tier.DESA).exists():
        before = Complaint.objects.filter(tier=Tier.DESA).count()
        process = _sweep_in_another_process()
        while kills < 4 and process.poll() is None and Complaint.objects.filter(tier=Tier.DESA).count() == before:
            time.sleep(0.005)
        if kills < 4 and process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait(timeout=60)
    assert kills >= 2
    _each_moved_exactly_once()


def _sweep_in_another_process() -> subprocess.Popen:
    settings = connection.settings_dict
    url = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['PORT'] and settings['HOST'] or ''}"
    url += f":{settings['PORT']}" if settings["PORT"] else ""
    url += f"/{settings['NAME']}" + (f"?host={settings['HOST']}" if not settings["PORT"] else "")
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP, at(LATE).isoformat()],
        env={**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )


def _each_moved_exactly_once() -> None:
    events = Counter(Event.objects.filter(kind="eskalasi").values_list("complaint", flat=True))
    assert (len(events), set(events.values())) == (CASES, {1})
    assert set(Complaint.objects.values_list("tier", "escalations", "version")) == {(Tier.KECAMATAN, 1, 1)}
    notices = Counter(Notification.objects.filter(event__kind="eskalasi").values_list("event", "template"))
    assert len(notices) == 3 * CASES  # to the tier above, to the tier left, to the complainant
