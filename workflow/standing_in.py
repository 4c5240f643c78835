"""Tell those whom an absence concerns: who stands in, who supervises, the absent one where another said so (D51)."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tiers import absences, scope
from tiers.models import Absence, Assignment, User, Zone
from tiers.permissions import Permission
from workflow import notices, routing, sla
from workflow.models import Notification

SHOWN = 20  # absences of others in one mail or on one page; the board names who is away of each office


def enter(
    user: User, starts_on: date, ends_on: date, *, by: User, now: datetime, stand_in: User | None = None
) -> Absence:
    """Enter an absence and tell of it; raises ValidationError and PermissionDenied as `absences.enter`."""
    with transaction.atomic():
        absence = absences.enter(user, starts_on, ends_on, by=by, now=now, stand_in=stand_in)
        _tell(absence, by=by, now=now)
        return absence


def shorten(absence: Absence, ends_on: date, *, by: User, now: datetime) -> None:
    """Bring the last day forward and tell of it; raises as `absences.shorten`."""
    with transaction.atomic():
        absences.shorten(absence, ends_on, by=by, now=now)
        _tell(absence, by=by, now=now)


def end(absence: Absence, *, by: User, now: datetime) -> None:
    """Cancel or end an absence and tell of it; raises as `absences.end`."""
    with transaction.atomic():
        _tell(absence, by=by, now=now)
        absences.end(absence, by=by, now=now)


def _tell(absence: Absence, *, by: User, now: datetime) -> None:
    """Owe each of them one mail in office hours; its words are found at delivery. Who did it knows already.

    Where the office has no supervisor the nearest above hears.
    """
    on = timezone.localdate(now)
    posts = Assignment.objects.current(on).own().filter(user=absence.user_id).values_list("office_id", flat=True)
    people = {user for _office, user in routing.staff(set(posts), on=on, permission=Permission.SUPERVISE)}
    people |= {pk for pk in (absence.user_id, absence.stand_in_id) if pk}
    at = sla.next_office_hour(now, Zone.WIB)
    owed = [
        Notification(
            user_id=user,
            template=notices.ABSENCE,
            created_at=now,
            next_attempt_at=at,
        )
        for user in sorted(people - {by.pk})
    ]
    Notification.objects.bulk_create(owed)


def lines_for(user: User, *, now: datetime) -> list[str]:
    """Return what a person should know of absences from today on: whom they stand in for, who of theirs is away."""
    on = timezone.localdate(now)
    own = Absence.objects.filter(user=user, ends_on__gte=on).select_related("stand_in")
    lines = [_("Anda dicatat tidak hadir %(days)s.") % {"days": _days(each)} for each in own.order_by("starts_on")]
    for post in standing_in(user, now=now):
        assert post.absence  # by which it was found
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
    """Return the absences, from today on, of the people whom a person supervises, also below; the soonest SHOWN."""
    on = timezone.localdate(now)
    below = Q(pk__in=[])
    for office in scope.offices_of(user, Permission.SUPERVISE, on=on):
        below |= Q(office__programme=office.programme_id, office__region__code__startswith=office.region_id or "")
        below |= Q(office=office)
    people = Assignment.objects.current(on).own().filter(below).values("user")
    found = Absence.objects.filter(user__in=people, ends_on__gte=on).exclude(user=user)
    return list(found.select_related("user", "stand_in").order_by("starts_on", "user__name", "pk")[:SHOWN])


def words_for(user: User, *, now: datetime) -> str:
    """Return the text of the mail; where an absence was called off and nothing is left, it says so."""
    lines = lines_for(user, now=now) or [_("Tidak ada lagi ketidakhadiran atau penggantian yang berlaku untuk Anda.")]
    return "\n".join([*lines, "", f"{settings.SITE_URL}/petugas/profil/", ""])


def _days(of: Absence | Assignment) -> str:
    assert of.ends_on  # an absence has its end, and so has who stands in
    first, last = date_format(of.starts_on, "j F Y"), date_format(of.ends_on, "j F Y")
    if of.starts_on == of.ends_on:
        return _("pada %(first)s") % {"first": first}
    return _("dari %(first)s sampai %(last)s") % {"first": first, "last": last}
