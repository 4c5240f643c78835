"""The browser, the clock and the way in: what every walk begins with."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.utils import timezone

from tests.cast import at
from tests.walks.cast import Place, make_people, seed
from tests.walks.walk import Clock, Walk, in_indonesian
from tiers.models import Programme


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
