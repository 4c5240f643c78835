"""The product as people get it: gunicorn with the collected, compressed static files, on the database of the tests."""

import contextlib
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from config.embedded import database_url
from config.run import static_files_are_stale
from tests.processes import wait_until

MANIFEST = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
SMS_HERE = {"SMS_URL": "http://127.0.0.1:9/", "SMS_TOKEN": "x" * 40, "SMS_PROGRAMME": {"": "pkh"}}
SMS_THERE = SMS_HERE | {"SMS_PROGRAMME": "pkh"}  # the same in the environment of a server


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def collect_static_files() -> None:
    """Bring var/static up to date, as `make run` does."""
    with override_settings(STORAGES=settings.STORAGES | {"staticfiles": MANIFEST}):
        if static_files_are_stale():
            call_command("collectstatic", interactive=False, verbosity=0)


@contextlib.contextmanager
def served(media: Path) -> Iterator[str]:
    """Serve the database that this process tests on; yield the address."""
    port = free_port()
    place = urlsplit(database_url())
    url = urlunsplit(place._replace(path="/" + quote(connection.settings_dict["NAME"])))
    environment = os.environ | SMS_THERE | {"DATABASE_URL": url, "MEDIA_ROOT": str(media), "PORT": str(port)}
    environment.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)
    where = ["--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning"]
    said = media.with_name("gunicorn.log")
    with said.open("wb") as log:
        gunicorn = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "config.wsgi", *where, "--workers", "2", "--threads", "4"],
            cwd=settings.BASE_DIR, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: gunicorn.poll() is not None or _answers(address))
        assert gunicorn.poll() is None, said.read_text()
        yield address
    finally:
        gunicorn.terminate()
        gunicorn.wait(20)


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/hidup/") as answer:
        return answer.status == 200
    return False
