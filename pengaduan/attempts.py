"""Limit guesses at tracking codes: by session, by client and in all (D62, domain §11).

Only codes that could be one and are none count, so that a village behind one address is not locked out by its own
slips. The counters stand in the database's cache: they outlive Redis and hold for every worker.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest

from pengaduan.sealing import keyed_hash
from tiers.accounts import client_address

WINDOW = 15 * 60  # seconds


@dataclass(frozen=True)
class Limit:
    """How many failures a window may hold, for one counter."""

    name: str
    most: int


SESSION, CLIENT, ALL = Limit("sesi", 8), Limit("klien", 200), Limit("semua", 20_000)


def exhausted(request: HttpRequest, *, now: datetime) -> bool:
    """Say whether this visitor, their address or everyone together has guessed too often."""
    counters = _counters(request, now=now)
    failed = cache.get_many(counters)
    return any(failed.get(key, 0) >= limit.most for key, limit in counters.items())


def count_failure(request: HttpRequest, *, now: datetime) -> None:
    """Count one code that does not exist; two at once are two."""
    if not request.session.session_key:
        request.session.create()
    for key in sorted(_counters(request, now=now)):
        with transaction.atomic():
            _hold(key)
            cache.set(key, cache.get(key, 0) + 1, timeout=WINDOW)


def _counters(request: HttpRequest, *, now: datetime) -> dict[str, Limit]:
    """Return the counters of this window. Address and session stand there only as keyed hashes."""
    window = int(now.timestamp()) // WINDOW
    whom = {SESSION: request.session.session_key or "", CLIENT: client_address(request), ALL: "semua"}
    return {
        f"kode-{limit.name}-{window}-{keyed_hash('attempts', who).hex()[:32]}": limit
        for limit, who in whom.items()
        if who
    }


def _hold(key: str) -> None:
    """Let one at a time through for this key until the transaction ends: the cache itself cannot add."""
    number = int.from_bytes(keyed_hash("attempts-lock", key)[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
