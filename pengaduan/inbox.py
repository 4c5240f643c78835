"""The inbox of an officer: which complaints a view holds, how many, and one page of them (D4, D32, D35, D49).

Every query starts from `visible_to`; a page is found by comparing rows (keyset), never by counting past earlier ones.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce
from django.utils import timezone

from pengaduan.models import Complaint, Event, HelpRequest, LegalWatch, Outcome, Recusal, ReportedParty, Stage, Weight
from pengaduan.models.complaint import RUNNING, SCOPE_COLUMN, ComplaintQuerySet
from pengaduan.templatetags.face import SOON_DAYS
from tiers import scope
from tiers.models import Assignment, Office, Programme, ProgrammeTier, Tier, User
from tiers.permissions import Permission, roles_with

ROWS = 25
COUNTED_UP_TO = 1000  # beyond this a tab says "1.000+": counting a whole country would cost more than the page


class View(StrEnum):
    """What an officer may look at; the values stand in the address."""

    HELD = "kantor"
    NEW = "baru"
    SOON = "jatuh-tempo"
    LATE = "terlambat"
    WAITING = "menunggu"
    ESCALATED = "eskalasi"
    GRAVE = "berat"
    HELP = "bantuan"
    OVERSIGHT = "pengawasan"
    TO_VERIFY = "periksa"
    TO_DECIDE = "putuskan"
    LEGAL = "proses-hukum"
    ALL = "semua"
    CLOSED = "ditutup"


@dataclass(frozen=True)
class Page:
    """One page of a list and where the next begins; `cursor` is None on the last."""

    rows: list[Complaint]
    cursor: str | None


def views_of(user: User) -> list[View]:
    """Return the views that make sense for a user: who handles nothing only reads (auditor, koordinator)."""
    views = list(View) if scope.offices_of(user, Permission.HANDLE) else [View.ALL, View.LEGAL, View.CLOSED]
    audits = bool(scope.offices_of(user, Permission.AUDIT))
    without = [view for view in views if view != View.OVERSIGHT]
    return [*without, View.OVERSIGHT] if audits else without


def complaints_in(view: View, user: User, *, now: datetime, programme: str = "") -> ComplaintQuerySet:
    """Return what a view holds for a user, of one programme if its code is given, in no order."""
    seen = _of_programme(Complaint.objects.visible_to(user), programme)
    if view == View.ALL:
        return seen.open()
    if view == View.CLOSED:
        return seen.filter(closed_at__isnull=False)
    if view == View.LEGAL:
        return seen.filter(outcome=Outcome.LEGAL, pk__in=LegalWatch.objects.filter(ended_on=None).values("pk"))
    if view == View.HELP:
        return _asking_for_help(seen.open(), user)
    if view == View.OVERSIGHT:
        return _left_to_overseers(seen.open(), now=now)
    if view == View.TO_VERIFY:
        settled = seen.filter(_verifiable_by(user), stage=Stage.SETTLED, closed_at__isnull=True)
        return _by_others(settled, user)
    if view == View.TO_DECIDE:
        return _proposed_by_others(seen.filter(_verifiable_by(user), closed_at__isnull=True), user)
    held = seen.open().held_by(scope.offices_of(user, Permission.HANDLE))
    return held.filter(_narrowed(view, now=now))


def counts(user: User, *, now: datetime, programme: str = "") -> dict[View, int]:
    """Return how many complaints each of the user's views holds, at most one more than COUNTED_UP_TO where unbounded.

    What the office holds is counted in one statement, the rest in another.
    """
    views = views_of(user)
    found: dict[View, int] = {}
    if View.HELD in views:
        held = complaints_in(View.HELD, user, now=now, programme=programme)
        narrow = [view for view in views if view in _HELD_VIEWS]
        counted = held.aggregate(**{view.name: Count("pk", filter=_narrowed(view, now=now)) for view in narrow})
        found = {View[name]: number for name, number in counted.items()}
    rest = [view for view in views if view not in found]
    some = [complaints_in(view, user, now=now, programme=programme) for view in rest]
    return found | dict(zip(rest, _counted_at_once(some), strict=True))


def _counted_at_once(lists: list[ComplaintQuerySet]) -> list[int]:
    """Return how long each list is, as far as it is counted; one statement, for each round trip costs a page."""
    compiled = [_compiled(each.order_by().values("pk")[: COUNTED_UP_TO + 1]) for each in lists]
    columns = ", ".join(f"(SELECT count(*) FROM ({sql}) AS list)" for sql, _ in compiled)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for _, values in compiled for value in values])
        return list(cursor.fetchone())


def _compiled(rows: QuerySet) -> tuple[str, tuple]:
    """Return the statement of a list, also of one in which nothing can be: who sees no complaints has lists too."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT 1 WHERE false", ()


def search(user: User, words: str, *, programme: str = "") -> ComplaintQuerySet:
    """Return the visible complaints, open and closed, whose number begins so."""
    return _of_programme(Complaint.objects.visible_to(user), programme).filter(number__startswith=words.upper())


def page(found: ComplaintQuerySet, *, after: str = "", newest_first: bool = False) -> Page:
    """Return one page in the order of the tier's deadline; `after` is the cursor of the page before, if it is one."""
    order = ("-tier_due_at", "-id") if newest_first else ("tier_due_at", "id")
    compare = TupleLessThan if newest_first else TupleGreaterThan
    if place := _read_cursor(after):
        found = found.filter(compare((F("tier_due_at"), F("id")), place))
    found = found.with_degree().select_related("programme", "category", "region")
    rows = list(found.order_by(*order)[: ROWS + 1])
    return Page(rows[:ROWS], _cursor(rows[ROWS - 1]) if len(rows) > ROWS else None)


def _of_programme(found: ComplaintQuerySet, code: str) -> ComplaintQuerySet:
    return found.filter(programme__code=code) if code else found


def _asking_for_help(seen: ComplaintQuerySet, user: User) -> ComplaintQuerySet:
    """Return the cases of others in which help is asked of this person or an office of theirs, not yet given (D33)."""
    offices = scope.offices_of(user, Permission.HANDLE)
    asked = HelpRequest.objects.filter(Q(user=user) | Q(office__in=offices), answered_at=None)
    return seen.filter(pk__in=asked.values("complaint")).exclude(office__in=offices)


def _left_to_overseers(seen: ComplaintQuerySet, *, now: datetime) -> ComplaintQuerySet:
    """Return the cases at Pusat that no office may handle: it is reported, or all its people are kept out (D35)."""
    about = {"complaint": OuterRef("pk")}
    reported = ReportedParty.objects.filter(**about, office=OuterRef("office"))
    kept_out = ReportedParty.objects.filter(complaint=OuterRef(OuterRef("pk")), user=OuterRef("user"))
    stepped_aside = Recusal.objects.filter(complaint=OuterRef(OuterRef("pk")), user=OuterRef("user"))
    desks = Assignment.objects.current(timezone.localdate(now)).filter(
        office=OuterRef("office"), role__in=roles_with(Permission.HANDLE)
    )
    free = desks.filter(~Exists(kept_out), ~Exists(stepped_aside))
    tops = Office.objects.filter(tier=Tier.PUSAT)
    return seen.filter(Exists(reported) | Exists(desks) & ~Exists(free), office__in=tops)


_HELD_VIEWS = (View.HELD, View.NEW, View.SOON, View.LATE, View.WAITING, View.ESCALATED, View.GRAVE)


def _narrowed(view: View, *, now: datetime) -> Q:
    """Return what makes a view of what the office holds smaller."""
    return {
        View.HELD: Q(),
        View.NEW: Q(stage=Stage.REGISTRATION),
        View.SOON: RUNNING & Q(tier_due_at__gte=now, tier_due_at__lte=end_of_day_in(SOON_DAYS, now=now)),
        View.LATE: RUNNING & Q(tier_due_at__lt=now),
        View.WAITING: Q(waiting_since__isnull=False),
        View.ESCALATED: Q(escalations__gt=0),
        View.GRAVE: Q(weight=Weight.HEAVY) | Q(prominent=True),
    }[view]


def end_of_day_in(days: int, *, now: datetime) -> datetime:
    """Return the end of the day that lies some days ahead, in the current time zone."""
    return timezone.localtime(now + timedelta(days=days)).replace(hour=23, minute=59, second=59)


def _verifiable_by(user: User) -> Q:
    """Return the reach in which a user may verify: supervised, or handled from an office above (D53)."""
    higher = ProgrammeTier.objects.filter(programme=OuterRef("programme"), tier__gt=OuterRef("tier"))
    found = Q(pk__in=[])
    for office in scope.offices_of(user, Permission.SUPERVISE):
        found |= _below(office) | Q(office=office)
    for office in scope.offices_of(user, Permission.HANDLE):
        found |= _below(office)
        found |= Q(office=office) & Q(~Exists(higher))  # nobody stands above: a colleague verifies
    return found


def _below(office: Office) -> Q:
    reach = Q(programme=office.programme_id, tier__lt=office.tier)
    return reach if office.tier == Tier.PUSAT else reach & Q(**{SCOPE_COLUMN[Tier(office.tier)]: office.region_id})


def _by_others(settled: QuerySet[Complaint], user: User) -> QuerySet[Complaint]:
    """Leave out what this user handled or declared settled: another must verify it (D53)."""
    settler = (
        Event.objects.filter(complaint=OuterRef("pk"), to_stage=Stage.SETTLED)
        .exclude(from_stage=Stage.SETTLED)
        .order_by("-seq")
        .values("by")[:1]
    )
    # nobody is user 0: a comparison with NULL would leave the case out as well
    return (
        settled.alias(settler=Coalesce(Subquery(settler), 0, output_field=BigIntegerField()))
        .exclude(handler=user)
        .exclude(settler=user.pk)
    )


def _proposed_by_others(found: ComplaintQuerySet, user: User) -> ComplaintQuerySet:
    """Return the complaints with a proposal that waits, made by somebody else (D33, D53)."""
    waiting = Complaint.objects.filter(
        proposals__isnull=False, proposals__decided_at__isnull=True, pk=OuterRef("pk")
    ).exclude(proposals__proposed_by=user)
    return found.filter(Exists(waiting))


def _cursor(complaint: Complaint) -> str:
    return f"{complaint.tier_due_at.timestamp():.0f}-{complaint.pk}"


def _read_cursor(text: str) -> tuple[datetime, int] | None:
    """Return the place after which a page begins; None for what is no cursor, which starts the list anew."""
    due, _, key = text.partition("-")
    if not (due.isascii() and due.isdigit() and key.isascii() and key.isdigit() and len(due) <= 11 and len(key) <= 18):
        return None
    return datetime.fromtimestamp(int(due), UTC), int(key)


def programmes_of(user: User) -> list[Programme]:
    """Return the programmes whose complaints a user may see, by name."""
    found = {office.programme_id: office.programme for office in scope.offices_of(user, Permission.SEE)}
    return sorted(found.values(), key=lambda programme: programme.name)
