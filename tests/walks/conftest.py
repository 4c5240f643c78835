"""The browser, the clock and the way in: what every walk begins with."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, sync_playwright

from tests.cast import at
from tests.test_face import BROWSER
from tests.walks.cast import Place, make_people, seed
from tests.walks.walk import Clock, Walk, in_indonesian
from tiers.models import Programme


@pytest.fixture
def browser(monkeypatch) -> Iterator[Browser]:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)  # the server's threads outlive the test
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        yield chromium
        chromium.close()
        connections.close_all()  # inside Playwright's loop Django keeps connections of its own


@pytest.fixture
def begin(transactional_db, live_server, browser, monkeypatch, settings) -> Callable[..., Walk]:
    """Return how a walk begins: the real programmes, the people of one of them, and an hour to start from."""
    settings.SESSION_COOKIE_AGE = 10 * 366 * 24 * 60 * 60  # officers stay signed in while the story's months go by

    def begun(code: str, place: Place, *, start: str, javascript: bool = True) -> Walk:
        in_indonesian()
        cache.clear()
        seed(monkeypatch, place)
        clock = Clock(at(start))
        monkeypatch.setattr(timezone, "now", clock.now)
        programme = Programme.objects.get(code=code)
        people = make_people(programme, place)
        return Walk(programme, people, browser=browser, url=live_server.url, clock=clock, javascript=javascript)

    return begun
