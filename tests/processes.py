"""What runs for one var folder, seen from outside: for the tests that start whole programs."""

import hashlib
import os
import signal
import time
from pathlib import Path


def fallback(var):
    """Return where the data lies when the account of the servers cannot reach the folder."""
    return Path("/var/lib") / f"pengaduan-{hashlib.sha256(os.fsencode(var)).hexdigest()[:10]}"


def processes(var):
    """Return the words of each process started for this folder, by its id; the ended count no more, reaped or not."""
    marks = (os.fsencode(f"PENGADUAN_VAR={var}"), os.fsencode(f"{var}/"), os.fsencode(f"{fallback(var)}/"))
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words, environment = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
            except OSError:
                continue
            if words and any(mark in words or mark in environment for mark in marks):
                found[int(entry.name)] = words.decode(errors="replace").split("\0")
    return found


def wait_until(condition, seconds=30):
    """Wait for a condition and return what it came to; fail when it takes too long."""
    limit = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit, f"waited {seconds} seconds in vain"
        time.sleep(0.02)
    return found


def end_all(var):
    """End by force what a failed test may have left behind."""
    for pid in processes(var):
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes(var))
