"""Tell those whom an absence concerns: who stands in, who supervises, the absent one where another said so (D51)."""

import uuid
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tiers import scope
from tiers.models import Absence, Assignment, User, Zone
from tiers.permissions import Permission
from workflow import notices, routing, sla
from workflow.models import Notification

ONCE = uuid.uuid5(uuid.NAMESPACE_URL, notices.ABSENCE)


def owe_notices(absence: Absence, *, by: User, now: datetime) -> list[Notification]:
    """Owe each of them one mail in office hours about the absence as it is now; who did it knows already.

    Where the office has no supervisor the nearest above hears. Called again after a change it tells them again.
    """
    on = timezone.localdate(now)
    posts = Assignment.objects.current(on).own().filter(user=absence.user_id).values_list("office_id", flat=True)
    people = {user for _office, user in routing.staff(set(posts), on=on, permission=Permission.SUPERVISE)}
    people |= {absence.user_id, absence.stand_in_id} - {None}
    at = sla.next_office_hour(now, Zone.WIB)
    owed = [
        Notification(
            id=uuid.uuid5(ONCE, f"{absence.pk}/{absence.starts_on}/{absence.ends_on}/{user}/{now.timestamp():.0f}"),
            user_id=user,
            template=notices.ABSENCE,
            created_at=now,
            next_attempt_at=at,
        )
        for user in sorted(people - {by.pk})
    ]
    return Notification.objects.bulk_create(owed, ignore_conflicts=True)


def lines_for(user: User, *, now: datetime) -> list[str]:
    """Return what a person should know of absences from today on: whom they stand in for, who of theirs is away."""
    on = timezone.localdate(now)
    own = Absence.objects.filter(user=user, ends_on__gte=on).select_related("stand_in")
    lines = [_("Anda dicatat tidak hadir %(days)s.") % {"days": _days(each)} for each in own.order_by("starts_on")]
    for post in standing_in(user, now=now):
        about = {"name": post.absence.user, "office": post.office, "days": _days(post)}
        lines.append(_("Anda menggantikan %(name)s di %(office)s %(days)s.") % about)
    for each in away_from_desks_of(user, now=now):
        about = {"name": each.user, "days": _days(each), "stand_in": each.stand_in}
        if each.stand_in:
            lines.append(_("%(name)s tidak hadir %(days)s, digantikan %(stand_in)s.") % about)
        else:
            lines.append(_("%(name)s tidak hadir %(days)s, tanpa pengganti.") % about)
    return lines


def standing_in(user: User, *, now: datetime) -> list[Assignment]:
    """Return the posts that a person fills for others, from today on, soonest first."""
    posts = Assignment.objects.filter(user=user, absence__isnull=False, ends_on__gte=timezone.localdate(now))
    return list(posts.select_related("absence__user", "office").order_by("starts_on", "office__name", "pk"))


def away_from_desks_of(user: User, *, now: datetime) -> list[Absence]:
    """Return the absences, from today on, of the people at the offices that a person supervises."""
    on = timezone.localdate(now)
    supervised = [office.pk for office in scope.offices_of(user, Permission.SUPERVISE, on=on)]
    people = Assignment.objects.current(on).own().filter(office__in=supervised).values("user")
    found = Absence.objects.filter(user__in=people, ends_on__gte=on).exclude(user=user)
    return list(found.select_related("user", "stand_in").order_by("starts_on", "user__name", "pk"))


def words_for(user: User, *, now: datetime) -> str:
    """Return the text of the mail; where an absence was called off and nothing is left, it says so."""
    lines = lines_for(user, now=now) or [_("Tidak ada lagi ketidakhadiran atau penggantian yang berlaku untuk Anda.")]
    return "\n".join([*lines, "", f"{settings.SITE_URL}/petugas/profil/", ""])


def _days(of: Absence | Assignment) -> str:
    first, last = date_format(of.starts_on, "j F Y"), date_format(of.ends_on, "j F Y")
    if of.starts_on == of.ends_on:
        return _("pada %(first)s") % {"first": first}
    return _("dari %(first)s sampai %(last)s") % {"first": first, "last": last}
