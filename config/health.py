"""What the machines around us ask: is the process alive, and is everything there that work needs?"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.celery import app as celery
from workflow import scans
from workflow.models import SweepRun

SWEEP_EXPECTED = timedelta(minutes=15)  # the beat asks for one every five
SCAN_EXPECTED = timedelta(minutes=15)  # and for a scan every minute
REDIS_SECONDS = 2

log = logging.getLogger(__name__)


@require_safe
@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """Answer without touching the database: a server that is starting or overloaded is not restarted for it."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Name what fails, nothing more: the cause stands in the log, where no stranger reads."""
    failing = [name for name, works in CHECKS.items() if not _holds(name, works)]
    return JsonResponse({"siap": not failing, "gagal": failing}, status=503 if failing else 200)


def _holds(name: str, works: Callable[[datetime], bool]) -> bool:
    try:
        return works(timezone.now())
    except Exception:  # whatever the part does when it is down, the others are still asked
        log.exception("not ready: %s", name)
        return False


def _database(now: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrations(now: datetime) -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _redis(now: datetime) -> bool:
    patience = {"socket_timeout": REDIS_SECONDS, "socket_connect_timeout": REDIS_SECONDS}
    with celery.connection_for_write(transport_options=patience) as line:
        return bool(line.default_channel.client.ping())


def _beat(now: datetime) -> bool:
    """Say whether beat and worker live: the sweep, which they run together, is recent."""
    latest = SweepRun.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    return latest is not None and now - latest <= SWEEP_EXPECTED


def _scanner(now: datetime) -> bool:
    """Say whether files come out of quarantine; without a scanner none goes in."""
    return not settings.CLAMAV_HOST or not scans.waits_longer_than(SCAN_EXPECTED, now=now)


CHECKS = {
    "basis data": _database,
    "migrasi": _migrations,
    "redis": _redis,
    "beat": _beat,
    "pemindai": _scanner,
}
