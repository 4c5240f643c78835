"""What machines ask of us, what is logged, which language and which page an error gets, and the production settings."""

import base64
import logging
import os
import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.db.utils import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from kombu import Connection

from config import health, logs
from config.urls import urlpatterns as product
from workflow.models import SweepRun


def fail(request: HttpRequest, how: str) -> HttpResponse:
    raise {"400": SuspiciousOperation, "403": PermissionDenied, "500": RuntimeError}[how]("sandi-basis-data")


urlpatterns = [path("gagal/<str:how>/", fail), *product]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def swept(db):
    """Let the last sweep be a minute old."""
    now = timezone.now()
    return SweepRun.objects.create(as_of=now - timedelta(minutes=1), started_at=now)


def test_alive_needs_no_database(client):
    """Without the `db` fixture any query is an error."""
    response = client.get("/hidup/")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response.headers["Cache-Control"]


def test_ready_when_everything_is_there(client, swept):
    response = client.get("/siap/")
    assert (response.status_code, response.json()) == (200, {"siap": True, "gagal": []})


@pytest.mark.parametrize("as_of", [None, timedelta(minutes=16)])
def test_a_beat_that_has_stopped_is_named(client, db, as_of):
    if as_of:
        SweepRun.objects.create(as_of=timezone.now() - as_of, started_at=timezone.now())
    response = client.get("/siap/")
    assert (response.status_code, response.json()) == (503, {"siap": False, "gagal": ["beat"]})


def test_a_migration_that_was_not_applied_is_named(client, swept):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'workflow'")
    assert client.get("/siap/").json() == {"siap": False, "gagal": ["migrasi"]}


def test_a_dead_redis_is_named_and_nothing_else_told(client, swept, monkeypatch, caplog):
    def nowhere(**options):
        return Connection("redis://:rahasia@127.0.0.1:1/0", **options)

    monkeypatch.setattr(health.celery, "connection_for_write", nowhere)
    response = client.get("/siap/")
    assert (response.status_code, response.json()) == (503, {"siap": False, "gagal": ["redis"]})
    assert [record.getMessage() for record in caplog.records if record.name == "config.health"] == ["not ready: redis"]


def test_a_dead_database_is_named_and_the_others_still_asked(client, monkeypatch):
    def refused():
        raise OperationalError("connection to server failed: password=rahasia")

    monkeypatch.setattr(health, "connection", SimpleNamespace(cursor=refused))
    response = client.get("/siap/")
    assert response.status_code == 503
    assert "redis" not in response.json()["gagal"]
    assert response.json()["gagal"][0] == "basis data"
    assert "rahasia" not in response.content.decode()


def test_nothing_counts_visitors_in_public(client, db):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    ("how", "title"),
    [
        ("400", "Permintaan tidak dapat dibaca"),
        ("403", "Anda tidak dapat membuka halaman ini"),
        ("404", "Halaman tidak ditemukan"),
        ("500", "Ada gangguan pada sistem"),
    ],
)
def test_an_error_is_a_page_of_ours_and_tells_nothing_of_the_cause(client, db, how, title):
    client.raise_request_exception = False
    response = client.get("/tidak/ada/" if how == "404" else f"/gagal/{how}/")
    assert response.status_code == int(how)
    page = response.content.decode()
    assert f"{title}</h1>" in page
    assert "sandi-basis-data" not in page


def test_a_page_is_indonesian_whatever_the_browser_prefers(client, db):
    page = client.get("/masuk/", headers={"accept-language": "en-US,en;q=0.9"})
    assert '<html lang="id"' in page.content.decode()
    assert page.headers["Content-Language"] == "id"


def test_english_is_for_whoever_switched_to_it(client, db):
    response = client.post("/bahasa/", {"language": "en", "next": "/masuk/"})
    assert response.headers["Location"] == "/masuk/"
    assert '<html lang="en"' in client.get("/masuk/").content.decode()
    client.cookies["django_language"] = "tlh"
    assert '<html lang="id"' in client.get("/masuk/").content.decode()


def test_d37_the_log_says_what_happened_and_not_who_it_was(client, db, caplog):
    caplog.set_level(logging.INFO, "django_structlog")
    client.get("/masuk/?q=081234567890", REMOTE_ADDR="203.0.113.9", headers={"user-agent": "Telepon Siti"})
    lines = [record.msg for record in caplog.records if record.name.startswith("django_structlog")]
    assert [line["event"] for line in lines] == ["request_started", "request_finished"]
    assert {line["request"] for line in lines} == {"GET /masuk/"}
    assert len({line["request_id"] for line in lines}) == 1
    for trace in ("081234567890", "203.0.113.9", "Telepon Siti"):
        assert trace not in str(lines)


def test_a_link_that_sets_a_password_does_not_stand_in_the_log():
    event = logs.without_traces(None, "info", {"request": "GET /akun/kata-sandi/baru/1a-c0ffee-1234/"})
    assert event == {"request": "GET /akun/kata-sandi/baru/…/"}


def test_the_production_settings_pass_django_s_own_check_without_a_warning(db):
    key = base64.b64encode(b"k" * 32).decode()
    environment = {
        **os.environ,
        "PRODUCTION": "1",
        "SECRET_KEY": "q3Zt8vLw1XyKp6Rs0UaBn5MdEf7GhJi2CoQlTz4WxYv9SbNkPo8d",
        "IDENTITY_KEYS": f"1:{key}",
        "LOOKUP_KEY": "l" * 40,
        "ALLOWED_HOSTS": "pengaduan.contoh.id",
        "SITE_URL": "https://pengaduan.contoh.id",
        "EMAIL_URL": "smtp://localhost:25",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"]
    done = subprocess.run(command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout
