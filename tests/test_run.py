"""`make run` serves the pages with worker and beat, and leaves no process behind, however it ends."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.processes import end_all, fallback, processes, wait_until

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
ACCOUNTS = (
    "desa", "kecamatan", "kabupaten", "provinsi", "pusat", "penyelia", "tetangga", "kustodian", "auditor", "peninjau"
)  # fmt: skip


@pytest.fixture(scope="module")
def var():
    """A folder whose first start makes the regions, programmes and demo data, for all tests of this file."""
    folder = Path(tempfile.mkdtemp(prefix="pengaduan-test-"))
    folder.chmod(0o755)
    yield folder / "var"
    end_all(folder / "var")
    shutil.rmtree(folder)
    shutil.rmtree(fallback(folder / "var"), ignore_errors=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(var, **more):
    """Return our environment without other servers, and without the marks of a make above us."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    inherited = {name: value for name, value in inherited.items() if not name.startswith("MAKE")}
    return {**inherited, "PENGADUAN_VAR": str(var), **more}


class Run:
    """A run of Pengaduan, in a session of its own as in a terminal."""

    def __init__(self, var, command):
        self.port = free_port()
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(var, PORT=str(self.port)),
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored where tests run in background
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until_ready(self):
        """Return what was said up to the line that tells the address."""
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("Pengaduan siap"):
                return "".join(said)
        raise AssertionError("ended before it was ready:\n" + "".join(said))

    def rest(self):
        """Return the exit status and what was said last."""
        said, _ = self.process.communicate(timeout=60)
        return self.process.returncode, said


MAKE = ["make", "--no-print-directory", "run"]
BARE = [sys.executable, "-m", "config.run"]


@pytest.fixture
def run(var):
    """Start a run, and end it by force if the test did not."""
    started = []

    def start(command=BARE):
        started.append(Run(var, command))
        return started[-1]

    assert processes(var) == {}
    yield start
    for one in started:
        if one.process.poll() is None:
            os.killpg(one.process.pid, signal.SIGKILL)
            one.process.wait(60)
        one.process.stdout.close()
    end_all(var)


def page(port, path):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


def test_make_run_serves_tells_the_accounts_and_ctrl_c_leaves_no_process(run, var):
    started = run(MAKE)
    said = started.until_ready()
    assert f"http://127.0.0.1:{started.port}" in said
    assert [account for account in ACCOUNTS if account not in said] == []
    assert page(started.port, "/hidup/")[0] == 200
    names = [" ".join(words) for words in processes(var).values()]
    for part in ("gunicorn", "celery --quiet --app config worker", "celery --quiet --app config beat"):
        assert any(part in name for name in names), part
    os.killpg(started.process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
    _, rest = started.rest()
    assert "Menghentikan semuanya" in rest
    wait_until(lambda: not processes(var), seconds=5)


@pytest.fixture
def told(var):
    """Make sure that the data of a first start is there, also where this test runs alone."""
    told = subprocess.run(
        [sys.executable, "-c", "from config import run; run.prepare(); run.demo()"],
        cwd=ROOT,
        env=environment(var),
        stdout=subprocess.DEVNULL,
    )
    assert told.returncode == 0


def test_a_second_run_starts_in_seconds_and_ends_at_a_signal_to_make_alone(told, run, var):
    begun = time.monotonic()
    started = run(MAKE)
    started.until_ready()
    assert time.monotonic() - begun < 60  # about 8 on an idle machine
    started.process.send_signal(signal.SIGINT)
    started.rest()
    wait_until(lambda: not processes(var), seconds=5)


def test_sigterm_ends_it_with_success(run, var):
    started = run()
    started.until_ready()
    started.process.terminate()
    assert started.rest()[0] == 0
    wait_until(lambda: not processes(var), seconds=5)


def test_a_part_that_dies_is_told_and_ends_the_run(run, var):
    started = run()
    started.until_ready()
    (beat,) = [pid for pid, words in processes(var).items() if "beat" in words]
    os.kill(beat, signal.SIGKILL)
    status, rest = started.rest()
    assert status == 1
    assert "Bagian “jadwal Celery” berhenti sendiri (status -9); semuanya dihentikan.\n" in rest
    wait_until(lambda: not processes(var), seconds=5)


def test_the_parts_end_even_if_their_supervisor_is_killed(run, var):
    started = run()
    started.until_ready()
    started.process.kill()
    wait_until(lambda: not processes(var), seconds=30)


def test_a_taken_port_is_refused_with_a_sentence_before_anything_starts(run, var):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = subprocess.run(
            BARE,
            cwd=ROOT,
            env=environment(var, PORT=str(port)),
            capture_output=True,
            text=True,
        )
    assert told.returncode == 1
    assert told.stderr == (
        f"Port {port} tidak dapat dipakai (Address already in use). Pilih yang lain: make run PORT={port + 1}\n"
    )
    assert processes(var) == {}
