"""Limit guesses at tracking codes: by session, by client, by telephone and in all (D62, domain §11).

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
PHONE = Limit("telepon", 8)


def exhausted(request: HttpRequest, *, now: datetime) -> bool:
    """Say whether this visitor, their address or everyone together has guessed too often."""
    return _exhausted(_counters(_visitor(request), now=now))


def exhausted_by_phone(phone: str, *, now: datetime) -> bool:
    """Say whether this telephone or everyone together has guessed too often by text message."""
    return _exhausted(_counters({PHONE: phone}, now=now))


def count_failure(request: HttpRequest, *, now: datetime) -> None:
    """Count one code that does not exist; two at once are two."""
    if not request.session.session_key:
        request.session.create()
    _count(_counters(_visitor(request), now=now))


def count_failure_by_phone(phone: str, *, now: datetime) -> None:
    """Count one code that does not exist, sent by text message."""
    _count(_counters({PHONE: phone}, now=now))


def _visitor(request: HttpRequest) -> dict[Limit, str]:
    return {SESSION: request.session.session_key or "", CLIENT: client_address(request)}


def _counters(whom: dict[Limit, str], *, now: datetime) -> dict[str, Limit]:
    """Return the counters of this window. Address, session and telephone stand there only as keyed hashes."""
    window = int(now.timestamp()) // WINDOW
    return {
        f"kode-{limit.name}-{window}-{keyed_hash('attempts', who).hex()[:32]}": limit
        for limit, who in {**whom, ALL: "semua"}.items()
        if who
    }


def _exhausted(counters: dict[str, Limit]) -> bool:
    failed = cache.get_many(counters)
    return any(failed.get(key, 0) >= limit.most for key, limit in counters.items())


def _count(counters: dict[str, Limit]) -> None:
    for key in sorted(counters):
        with transaction.atomic():
            _hold(key)
            cache.set(key, cache.get(key, 0) + 1, timeout=WINDOW)


def _hold(key: str) -> None:
    """Let one at a time through for this key until the transaction ends: the cache itself cannot add."""
    number = int.from_bytes(keyed_hash("attempts-lock", key)[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
