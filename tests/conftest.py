"""Fixtures that every test may ask for: the world, a fresh transaction or a real one."""

import os
import random
from collections.abc import Iterator

import pgtrigger
import pytest
from django.conf import settings
from django.db import connections
from django.test import TransactionTestCase
from playwright.sync_api import Browser, sync_playwright

from tests import migrated
from tests.cast import World, make_world
from tests.chromium import BROWSER
from tests.face import figures
from tests.lives import OCTOBER, lives, tell_nobody


@pytest.fixture
def world(db) -> World:
    """Return the small world: see tests/cast.py."""
    return make_world()


@pytest.fixture
def busy_world(world, monkeypatch):
    """Return the world after six months of complaints that lived at random until the end of October."""
    tell_nobody(monkeypatch)
    lives(world, random.Random(2026), 120, until=OCTOBER.ends_at)
    return world


@pytest.fixture
def real_world(transactional_db) -> World:
    """Return the small world in a database that commits, for threads, workers and crashes."""
    return make_world()


@pytest.fixture
def browser(monkeypatch) -> Iterator[Browser]:
    """Start the browser, for one test; its pages belong to the live server."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)  # the server's threads outlive the test
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        yield chromium
        chromium.close()
        connections.close_all()  # inside Playwright's loop Django keeps connections of its own


@pytest.fixture(scope="session")
def django_db_modify_db_settings():
    """Give each run a database of its own, so that two runs at once do not meet; a copy of one that is migrated."""
    default = settings.DATABASES["default"]
    default["OPTIONS"]["options"] = "-c synchronous_commit=off"  # the server outlives every test: nothing is lost
    test = default.setdefault("TEST", {})
    test["NAME"] = f"test_pengaduan_{os.getpid()}"
    test["TEMPLATE"] = migrated.template()


@pytest.fixture(autouse=True)
def plain_static_files(settings):
    """Serve styles by their plain names: no test needs the hashed ones that collectstatic makes."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True, scope="session")
def the_record_may_be_emptied_between_tests():
    """Let the test runner, and only it, empty the append-only tables after a test that commits."""
    teardown = TransactionTestCase._fixture_teardown

    def emptied(self):
        with pgtrigger.ignore("pengaduan.Event:never_emptied"):
            teardown(self)

    TransactionTestCase._fixture_teardown = emptied
    yield
    TransactionTestCase._fixture_teardown = teardown


@pytest.fixture(autouse=True)
def files_of_a_test(settings, tmp_path):
    """Keep uploads and mails of a test in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "media"},
        },
    }


def pytest_terminal_summary(terminalreporter):
    """Print what the audit of the face measured."""
    figures.tell(terminalreporter)
