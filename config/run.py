"""Run all of Pengaduan in one terminal: the pages, the Celery worker and beat, on the embedded servers by default.

Ctrl-C (or SIGTERM) stops everything that was started here. If a part ends by itself, the rest is stopped too and the
exit status says so. Started by `make run`, with PORT; for trial and development, production has deploy/.
"""

import contextlib
import http.client
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import connections

from config.servers import VAR

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
FIRST_PAGE_SECONDS = 120
STOP_SECONDS = 20
HEARTBEAT_SECONDS = 0.2
END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Parts = dict[str, subprocess.Popen]


class Stopped(BaseException):
    """Somebody asked for the end; no `except Exception` on the way may swallow it."""


def main() -> int:
    """Prepare the data, start the parts and watch over them until somebody asks for the end; return the exit status."""
    port = int(os.environ.get("PORT") or 8000)
    parts: Parts = {}
    on_end_signals(ask_for_the_end)
    try:
        refuse_taken(port)
        prepare()
        parts["halaman web"] = start(web(port))
        watch(parts, until=lambda: answers(port), seconds=FIRST_PAGE_SECONDS)
        say(f"Halaman pertama sudah ada: http://{HOST}:{port}")
        accounts = demo()
        parts["pekerja Celery"] = start(celery("worker", "--queues", "celery,pdf", "--concurrency", "2"))
        parts["jadwal Celery"] = start(celery("beat", "--schedule", str(VAR / "beat"), "--pidfile="))
        say(accounts)
        say(f"Pengaduan siap: http://{HOST}:{port}  (Ctrl-C menghentikan semuanya)")
        watch(parts)
    except Stopped:
        say("Menghentikan semuanya …")
    except CommandError as refusal:
        give_up(str(refusal))
    finally:
        on_end_signals(signal.SIG_IGN)
        stop(parts)
    return 0


def say(text: str) -> None:
    """Tell the person at the terminal, at once."""
    print(text, flush=True)


def give_up(sentence: str) -> NoReturn:
    """Say at once why this ends, since stopping the parts takes a while, and leave with status 1."""
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(1)


def on_end_signals(handler: Callable | signal.Handlers) -> None:
    """Let every signal that asks for the end reach the handler."""
    for number in END_SIGNALS:
        signal.signal(number, handler)


def ask_for_the_end(*_: object) -> None:
    """Leave whatever is going on: the handler of the signals."""
    raise Stopped


def refuse_taken(port: int) -> None:
    """End with a sentence if somebody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as refusal:
            give_up(f"Port {port} tidak dapat dipakai ({refusal.strerror}). Pilih yang lain: make run PORT={port + 1}")


def prepare() -> None:
    """Bring the database and the static files up to date, with regions and programmes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("check", stdout=io.StringIO())  # what is broken is told once, here, and not by every part
    say("Menyiapkan basis data …")
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if static_files_are_stale():
        call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed")
    connections.close_all()


def demo() -> str:
    """Tell the demo story unless it is there, before the beat can meddle with it; return what is said of accounts."""
    if not settings.DEMO:
        return ""
    say("Menyiapkan data contoh; pertama kali perlu sekitar satu menit …")
    told = io.StringIO()
    call_command("demo", stdout=told)
    call_command("publish_statistics", stdout=io.StringIO())
    connections.close_all()
    return told.getvalue()


def static_files_are_stale() -> bool:
    """Tell whether a static file is newer than the last collection, which takes longer than all the rest of a start."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return True
    sources = (storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
    return max(os.stat(path).st_mtime for path in sources) > manifest.stat().st_mtime


def web(port: int) -> list[str]:
    """Return the command that serves the pages."""
    place = ["--bind", f"{HOST}:{port}", "--no-control-socket", "--log-level", "warning"]
    return [sys.executable, "-m", "gunicorn", "config.wsgi", *place, "--workers", "2", "--threads", "4"]


def celery(*arguments: str) -> list[str]:
    """Return a command of Celery that speaks up only when something is wrong."""
    as_root_too = ["-W", "ignore:You're running the worker with superuser"]  # a trial in a container
    return [
        sys.executable,
        *as_root_too,
        "-m",
        "celery",
        "--quiet",
        "--app",
        "config",
        *arguments,
        "--loglevel",
        "warning",
    ]


def start(command: list[str]) -> subprocess.Popen:
    """Start a part out of reach of the terminal's Ctrl-C: we stop it in order, and it ends if we are killed."""
    follow = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
    return subprocess.Popen([*follow, *command], cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL)


def watch(parts: Parts, *, until: Callable[[], bool] = lambda: False, seconds: float = float("inf")) -> None:
    """Wait until something is so; end with a sentence if a part ends first, or if it takes too many seconds."""
    begun = time.monotonic()
    above = os.getppid()
    while not until():
        for name, part in parts.items():
            if part.poll() is not None:
                give_up(f"Bagian “{name}” berhenti sendiri (status {part.returncode}); semuanya dihentikan.")
        if time.monotonic() - begun > seconds:
            give_up(f"Halaman pertama tidak menjawab dalam {seconds:.0f} detik; semuanya dihentikan.")
        if "MAKELEVEL" in os.environ and is_ending(above):
            raise Stopped
        time.sleep(HEARTBEAT_SECONDS)


def is_ending(make: int) -> bool:
    """Tell whether the `make` above us is gone, or was interrupted by a signal that reached it alone.

    Then it waits for us, in the handler and therefore with the signal blocked, and never passes it on.
    """
    if os.getppid() != make:
        return True
    blocked = re.search(r"^SigBlk:\s*(\w+)", Path(f"/proc/{make}/status").read_text(), re.MULTILINE)
    return blocked is not None and bool(int(blocked[1], 16) >> (signal.SIGINT - 1) & 1)


def answers(port: int) -> bool:
    """Tell whether the pages are up."""
    line = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        line.request("GET", "/hidup/")
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def stop(parts: Parts) -> None:
    """Ask the parts to end, and end by force what has not after a while, with all that it started."""
    for part in parts.values():
        part.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for part in parts.values():
        with contextlib.suppress(subprocess.TimeoutExpired):
            part.wait(max(0.1, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(part.pid, signal.SIGKILL)
        part.wait()


if __name__ == "__main__":
    sys.exit(main())
