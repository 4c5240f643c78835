"""Days away from the desk and who stands in: entered, shortened, ended (D4, D51).

A stand-in gets the absent person's assignments, copied for those days: whoever asks who staffs an office or hears of
its cases finds them there. Nobody stands in for who stands in: an absent stand-in is passed over, and the tier above
hears. Who watches from outside (custodian, auditor, reviewer) is replaced by nobody.
"""

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tiers import scope
from tiers.models import Absence, Assignment, Office, User
from tiers.permissions import ROLES, Permission, roles_with

LONGEST = timedelta(days=366)
DELEGABLE = [code for code, role in ROLES.items() if role.delegable]
# Who keeps or audits what others do would lose that independence by standing in for one of them (D63).
INDEPENDENT = {*roles_with(Permission.OPEN_IDENTITY), *roles_with(Permission.AUDIT)}


def may_enter(user: User, *, by: User, now: datetime) -> bool:
    """Say whether `by` may say of this person that they are absent: they themselves, or who supervises their post."""
    if by == user:
        return True
    posts = [post for post in scope.assignments_of(user, on=timezone.localdate(now)) if post.absence_id is None]
    return any(ROLES[post.role].delegable and _supervises(by, post.office, now=now) for post in posts)


def posts_to_fill(user: User, starts_on: date, ends_on: date, *, by: User, now: datetime) -> list[Assignment]:
    """Return the assignments that a stand-in could take over on these days, lowest office first.

    A supervisor gives away only what they supervise.
    """
    posts = (
        Assignment.objects.own()
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on), user=user, role__in=DELEGABLE)
        .filter(starts_on__lte=ends_on)
        .select_related("office__programme")
        .order_by("office__tier", "office__name", "pk")
    )
    return [post for post in posts if by == user or _supervises(by, post.office, now=now)]


def fillable_by(posts: list[Assignment], starts_on: date, ends_on: date) -> dict[int, list[Assignment]]:
    """Return which of the posts each person could fill on these days, by the person's key.

    Who works at the same office or at one above it of the same programme, all those days, handles cases where the
    absent one does, and is at the desk themselves. Three queries for any number of posts.
    """
    absent = {post.user_id for post in posts}
    absent |= set(Absence.objects.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).values_list("user", flat=True))
    reach = Q(pk__in=[])
    for post in posts:
        above = Office.objects.containing(post.office.region_id or "").filter(programme=post.office.programme_id)
        reach |= Q(office__in=above)
    desks = list(
        Assignment.objects.current(starts_on)
        .own()
        .filter(reach, Q(ends_on__isnull=True) | Q(ends_on__gte=ends_on))
        .exclude(user__in=absent)
        .select_related("office")
    )
    outside = {desk.user_id for desk in desks if desk.role in INDEPENDENT}
    found: dict[int, list[Assignment]] = {}
    for post in posts:
        people = {desk.user_id for desk in desks if _could_fill(desk, post)}
        for person in people - outside:
            found.setdefault(person, []).append(post)
    return found


def enter(
    user: User, starts_on: date, ends_on: date, *, by: User, now: datetime, stand_in: User | None = None
) -> Absence:
    """Write down an absence, both days included, and give its stand-in the posts they can fill.

    Raises ValidationError with a sentence for the field concerned, and PermissionDenied for who may not say so.
    """
    _check_may(user, by=by, now=now)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # two at once do not both find these days free
        _check_days(user, starts_on, ends_on, today=timezone.localdate(now))
        absence = Absence(user=user, starts_on=starts_on, ends_on=ends_on, stand_in=stand_in)
        filled = _posts_for(absence, stand_in, by=by, now=now) if stand_in else []
        absence.save()
        Assignment.objects.bulk_create(filled)
        return absence


def shorten(absence: Absence, ends_on: date, *, by: User, now: datetime) -> Absence:
    """Bring the last day forward, for the stand-in too; raises ValidationError where the day is not within it."""
    _check_may(absence.user, by=by, now=now)
    today = timezone.localdate(now)
    if not max(today, absence.starts_on) <= ends_on < absence.ends_on:
        first, last = max(today, absence.starts_on), absence.ends_on - timedelta(days=1)
        sentence = _("Pilih hari dari %(first)s sampai %(last)s.") % {"first": _day(first), "last": _day(last)}
        raise ValidationError({"ends_on": sentence})
    with transaction.atomic():
        _end_posts(absence, ends_on)
        absence.ends_on = ends_on
        absence.save()
    return absence


def end(absence: Absence, *, by: User, now: datetime) -> None:
    """Cancel an absence, or end it because the person is back: they are at the desk from today.

    One that began earlier stays on record up to yesterday; its stand-in may finish today what they began.
    """
    _check_may(absence.user, by=by, now=now)
    today = timezone.localdate(now)
    with transaction.atomic():
        if absence.starts_on >= today:
            absence.delete()  # the stand-in's assignments go with it; the change stays on record
        elif absence.ends_on >= today:
            _end_posts(absence, today)
            absence.ends_on = today - timedelta(days=1)
            absence.save()


def _end_posts(absence: Absence, ends_on: date) -> None:
    absence.stand_ins.filter(starts_on__gt=ends_on).delete()
    absence.stand_ins.filter(ends_on__gt=ends_on).update(ends_on=ends_on)


def _check_may(user: User, *, by: User, now: datetime) -> None:
    if not may_enter(user, by=by, now=now):
        raise PermissionDenied


def _check_days(user: User, starts_on: date, ends_on: date, *, today: date) -> None:
    if starts_on < today:
        raise ValidationError({"starts_on": _("Hari pertama tidak boleh sudah lewat.")})
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("Hari terakhir tidak boleh sebelum hari pertama.")})
    if ends_on - starts_on > LONGEST:
        raise ValidationError({"ends_on": _("Paling lama satu tahun sekali catat. Periksa tahunnya.")})
    other = user.absences.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).order_by("starts_on").first()
    if other:
        sentence = _("Sudah tercatat tidak hadir dari %(first)s sampai %(last)s. Pilih hari lain.")
        raise ValidationError({"starts_on": sentence % {"first": _day(other.starts_on), "last": _day(other.ends_on)}})


def _posts_for(absence: Absence, stand_in: User, *, by: User, now: datetime) -> list[Assignment]:
    """Return the assignments that the stand-in gets, not yet saved; each within the absent person's own."""
    first, last = absence.starts_on, absence.ends_on
    posts = posts_to_fill(absence.user, first, last, by=by, now=now)
    filled = fillable_by(posts, first, last).get(stand_in.pk, [])
    if not filled:
        sentence = _(
            "%(name)s tidak dapat menggantikan pada hari-hari itu: tidak bertugas di kantor yang sama atau di atasnya,"
            " atau juga tidak hadir. Pilih orang lain."
        )
        raise ValidationError({"stand_in": sentence % {"name": stand_in}})
    return [
        Assignment(
            user=stand_in,
            office=post.office,
            role=post.role,
            starts_on=max(first, post.starts_on),
            ends_on=min(last, post.ends_on or last),
            absence=absence,
        )
        for post in filled
    ]


def _could_fill(desk: Assignment, post: Assignment) -> bool:
    role = ROLES[desk.role]
    if not role.delegable or desk.office.programme_id != post.office.programme_id:
        return False
    if Permission.HANDLE in ROLES[post.role].permissions - role.permissions:
        return False  # who handles no cases does not begin to by standing in
    if desk.office.tier < post.office.tier:
        return False
    return scope.contains(desk.office, programme_id=post.office.programme_id, region_code=post.office.region_id or "")


def _supervises(by: User, office: Office, *, now: datetime) -> bool:
    return scope.may_above(by, Permission.SUPERVISE, office, on=timezone.localdate(now))


def _day(day: date) -> str:
    return date_format(day, "j F Y")
