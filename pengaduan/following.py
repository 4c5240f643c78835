"""Who follows a complaint with the tracking code: let in, kept for half an hour, shown out (D39, D62)."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from pengaduan.models import Complainant, Complaint
from pengaduan.tracking import code_hash

IDLE = timedelta(minutes=30)
KEY = "pelapor"
SHOWN = ("programme", "category", "service_level", "region", "office", "case_file", "text")


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


def case_of(complainant: Complainant) -> Complaint:
    """Return the case in which this complainant's matter is handled: their own, or the one it was merged into (D55).

    What they told themselves stands in `complainant.complaint`, which is all that they are shown of whose it is.
    """
    own = complainant.complaint = Complaint.objects.select_related(*SHOWN).get(pk=complainant.complaint_id)
    return Complaint.objects.select_related(*SHOWN).get(pk=own.merged_into_id) if own.merged_into_id else own
