"""Tell the coordinators daily what is late at the top, where nobody stands above (D32)."""

import uuid
from datetime import datetime

from django.utils import timezone

from pengaduan.models import Complaint
from pengaduan.models.complaint import ComplaintQuerySet
from tiers.models import User, Zone
from tiers.permissions import Permission
from workflow import routing, sla
from workflow.models import Notification

TEMPLATE = "harian-puncak"
ONCE_A_DAY = uuid.uuid5(uuid.NAMESPACE_URL, TEMPLATE)


def late_at_top(user: User) -> ComplaintQuerySet:
    """Return what is flagged as late at the top and still runs, as far as this person may see it (D49)."""
    return _flagged().visible_to(user).order_by("tier_due_at", "id")


def owe_daily(*, now: datetime) -> list[Complaint]:
    """Owe each coordinator one list for their next day at the office; return the cases that nobody would hear of.

    The notice is named by person and day, so that it is owed once however often this runs; the list itself is made at
    delivery. Nights, weekends and holidays lead to the next working day in Jakarta: one mail then, not three.
    """
    offices = list(_flagged().order_by().values_list("office_id", flat=True).distinct())
    if not offices:
        return []
    at = sla.next_office_hour(now, Zone.WIB)
    day = timezone.localdate(at)
    told = [person for person in _coordinators(offices, now=now) if late_at_top(person).exists()]
    Notification.objects.bulk_create(
        [
            Notification(
                id=uuid.uuid5(ONCE_A_DAY, f"{person.pk}/{day}"),
                user=person,
                template=TEMPLATE,
                created_at=now,
                next_attempt_at=at,
            )
            for person in told
        ],
        ignore_conflicts=True,
    )
    unheard = _flagged()
    for person in told:
        unheard = unheard.exclude(pk__in=late_at_top(person).order_by().values("pk"))
    return list(unheard.order_by("id"))


def _flagged() -> ComplaintQuerySet:
    return Complaint.objects.clock_running().filter(top_overdue_at__isnull=False)


def _coordinators(offices: list[int], *, now: datetime) -> list[User]:
    """Return who receives the reports of these offices; where an office has nobody, whoever hears its alarms (D51)."""
    on = timezone.localdate(now)
    people = routing.staff(offices, on=on, permission=Permission.RECEIVE_REPORTS)
    without = set(offices) - {office for office, _ in people}
    people += routing.staff(without, on=on, permission=Permission.HEAR_ALARMS)
    return list(User.objects.filter(pk__in={user for _, user in people}).order_by("pk"))
