"""How many reports are taken in at a time: a pause for who sends many, and one for all when far too many come (D62).

Never by address: one complaint an address a day locks out a village behind one connection (domain §11). A pause
refuses nothing: what was typed waits in its draft.
"""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase

from workflow.drafts import PURPOSE
from workflow.models import Draft

FREELY = 5  # reports a session and day; more come with a pause before each
DAY = timedelta(days=1)
PAUSE = timedelta(minutes=10)
WINDOW, MOST = timedelta(minutes=10), 1000  # of everyone together: twice what the busiest morning of a country brings
KEY = "kiriman"  # in the session: when each report of the last day was sent


def next_at(session: SessionBase, *, now: datetime) -> datetime | None:
    """Return from when on this session may send another report; None when it may now."""
    sent = _sent(session, now=now)
    if len(sent) < FREELY:
        return None
    free_at = datetime.fromtimestamp(sent[-1], tz=now.tzinfo) + PAUSE
    return free_at if free_at > now else None


def count(session: SessionBase, *, now: datetime) -> None:
    """Remember that a report was sent in this session."""
    session[KEY] = [*_sent(session, now=now), now.timestamp()]


def is_crowded(*, now: datetime) -> bool:
    """Say whether so many reports came in the last minutes that the next ones wait a little."""
    sent = Draft.objects.filter(purpose=PURPOSE, complaint__isnull=False, updated_at__gt=now - WINDOW)
    return sent.count() >= MOST


def _sent(session: SessionBase, *, now: datetime) -> list[float]:
    return [at for at in session.get(KEY, []) if at > (now - DAY).timestamp()]
