"""A tier gets more time before its own is up, by word of the tier above (D52)."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from pengaduan.models import Complaint, Event
from tiers import scope
from tiers.models import User
from tiers.permissions import Permission
from workflow import gate, taking


def extend(complaint: Complaint, *, by: User, now: datetime, until: date, reason: str) -> Event:
    """Give the tier that holds the case until the end of another day; the original deadline stays (D52).

    `until` is a day at the place. The complainant is told why and until when. An overdue case goes up instead.
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "perpanjang", by=by, now=now, facts={"until": until, "reason": reason})
        data = {"until": until.isoformat(), "tier": _tier_of(by, complaint, now=now)}
        return taking.take(
            complaint,
            step,
            by=by,
            now=now,
            text=reason,
            data=data,
            reckon=True,
            extended_until=until,
            extensions=complaint.extensions + 1,
            handler=complaint.handler,  # who agrees to more time does not take the case
        )


def _tier_of(by: User, complaint: Complaint, *, now: datetime) -> int:
    """Return the tier as which somebody agrees: the nearest of theirs above, at the top that one itself."""
    offices = (
        office
        for permission in (Permission.HANDLE, Permission.SUPERVISE)
        for office in scope.offices_of(by, permission, on=timezone.localdate(now))
        if scope.contains(office, programme_id=complaint.programme_id, region_code=complaint.region_id)
    )
    return min((office.tier for office in offices if office.tier > complaint.tier), default=complaint.tier)
