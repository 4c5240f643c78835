"""Who follows a complaint with the tracking code: let in, kept for half an hour, shown out (D39, D62)."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from pengaduan.models import Complainant
from pengaduan.tracking import code_hash

IDLE = timedelta(minutes=30)
KEY = "pelapor"


def owner_of(code: str) -> Complainant | None:
    """Return whose code this is; `code` is sixteen digits (`tracking.clean`)."""
    return Complainant.objects.filter(tracking_hash=code_hash(code)).first()


def let_in(request: HttpRequest, complainant: Complainant, *, now: datetime) -> None:
    """Let the session follow this complaint from now on.

    The session keeps its name: when the answer to a report that was just sent is lost on the way, the same cookie
    must still find the receipt (D62).
    """
    request.session[KEY] = {"id": str(complainant.pk), "at": now.timestamp()}
    complainant.seen(now=now)


def follower(request: HttpRequest, *, now: datetime) -> Complainant | None:
    """Return whose code opened this session, None after half an hour without a sign of life."""
    kept = request.session.get(KEY)
    if not kept:
        return None
    if now.timestamp() - kept["at"] > IDLE.total_seconds():
        del request.session[KEY]
        return None
    request.session[KEY] = {**kept, "at": now.timestamp()}
    return Complainant.objects.filter(pk=kept["id"]).first()
