"""How long a tier has may change: complaints keep the version under which they came, unless a reviewer says so (D10).

An edited service level is a new row, to which the categories point from then on; the old one stays as it was, for the
complaints that came under it.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from pengaduan.models import Category, Complaint, ServiceLevel
from pengaduan.models.complaint import ComplaintQuerySet

CLOCK = ("unit", "length", "starts", "stages")  # what a deadline follows from; a name or a basis may be mended in place


def is_used(level: ServiceLevel) -> bool:
    """Say whether a complaint, running or ended, is reckoned by this very version."""
    return Complaint.objects.filter(Q(service_level=level.pk) | Q(original_level=level.pk)).exists()


def running_under(level: ServiceLevel) -> ComplaintQuerySet:
    """Return the open complaints reckoned by any version of a level."""
    versions = ServiceLevel.objects.filter(programme=level.programme_id, code=level.code).values("pk")
    return Complaint.objects.open().filter(Q(service_level__in=versions) | Q(original_level__in=versions))


def earlier_versions(level: ServiceLevel) -> list[ServiceLevel]:
    """Return what a level was before, the latest first."""
    same = ServiceLevel.objects.filter(programme=level.programme_id, code=level.code, version__lt=level.version)
    return list(same.order_by("-version"))


def new_version(level: ServiceLevel, *, now: datetime) -> ServiceLevel:
    """Save an edited level as the next version, to which categories point from now on; return the one it replaces.

    `level` holds the new values, unsaved, under the key of the current row; it gets a key of its own.
    """
    with transaction.atomic():
        old = ServiceLevel.objects.select_for_update().get(pk=level.pk, replaced_at=None)
        ServiceLevel.objects.filter(pk=old.pk).update(replaced_at=now)
        level.pk, level.version = None, old.version + 1
        level.save(force_insert=True)
        Category.objects.filter(service_level=old).update(service_level=level)
    return old


def let_running_follow(level: ServiceLevel) -> None:
    """Let what runs under any earlier version follow this one; `corrections.follow_levels` moves the cases."""
    earlier = ServiceLevel.objects.filter(programme=level.programme_id, code=level.code, version__lt=level.version)
    earlier.update(followed_by=level)
