"""The questions of scope that need no complaint: where may this user act, and who staffs an office (D4).

The third one, which complaints, is `Complaint.objects.visible_to(user)`; it is built from these.
"""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from tiers.models import CODE_LENGTH, Assignment, Office, Tier, User
from tiers.permissions import ROLES, Permission, roles_with


def assignments_of(user: User, permission: Permission | None = None, *, on: date | None = None) -> list[Assignment]:
    """Return the user's assignments in force on a day (today in Jakarta), only those that carry the permission.

    One query a day and user object: a page asks many times.
    """
    if not user.is_authenticated or not user.is_active:
        return []
    on = on or timezone.localdate()
    cache = user.__dict__.setdefault("_assignments_on", {})
    if on not in cache:
        cache[on] = list(
            Assignment.objects.current(on).filter(user=user).select_related("office__programme", "office__region")
        )
    return [each for each in cache[on] if permission is None or permission in ROLES[each.role].permissions]


def offices_of(user: User, permission: Permission | None = None, *, on: date | None = None) -> list[Office]:
    """Return the offices where the user is assigned with the permission, each once."""
    return list({each.office_id: each.office for each in assignments_of(user, permission, on=on)}.values())


def own_offices_of(user: User) -> list[Office]:
    """Return the offices to which the user belongs today.

    Standing in makes nobody a member: else the accused could take a case from its handler by naming them as stand-in
    (D35, D49). Whom an office's own people may not see, its stand-in from above sees from there as before.
    """
    return list({each.office_id: each.office for each in assignments_of(user) if each.absence_id is None}.values())


def users_for(
    permission: Permission, office: Office, *, on: date | None = None, with_absent: bool = False
) -> QuerySet[User]:
    """Return the people who carry the permission at exactly this office and are at the desk that day (D51).

    Who is absent is left out unless asked for; their stand-in has an assignment and is there.
    """
    return _users(permission, [office.pk], on=on or timezone.localdate(), with_absent=with_absent)


def users_for_any(permission: Permission, offices: QuerySet[Office], *, on: date) -> QuerySet[User]:
    """Return the people who carry the permission at one of several offices and are at the desk that day."""
    return _users(permission, offices, on=on, with_absent=False)


def _users(
    permission: Permission, offices: QuerySet[Office] | list[int], *, on: date, with_absent: bool
) -> QuerySet[User]:
    posts = Assignment.objects.current(on) if with_absent else Assignment.objects.at_desk(on)
    return User.objects.filter(pk__in=posts.filter(office__in=offices, role__in=roles_with(permission)).values("user"))


def contains(office: Office, *, programme_id: int, region_code: str) -> bool:
    """Say whether a place lies in the office's reach: its programme, its region or Pusat."""
    if office.programme_id != programme_id:
        return False
    return office.tier == Tier.PUSAT or office.region_id == region_code[: CODE_LENGTH[Tier(office.tier)]]


def may(user: User, permission: Permission, office: Office, *, on: date | None = None) -> bool:
    """Say whether the user carries the permission at exactly this office."""
    return any(each.office_id == office.pk for each in assignments_of(user, permission, on=on))


def may_above(user: User, permission: Permission, office: Office, *, on: date | None = None) -> bool:
    """Say whether the user carries the permission at this office or at one above it that contains it."""
    return any(
        each.office_id == office.pk
        or (
            each.office.tier > office.tier
            and contains(each.office, programme_id=office.programme_id, region_code=office.region_id or "")
        )
        for each in assignments_of(user, permission, on=on)
    )
