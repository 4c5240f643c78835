"""The inbox of an officer: which complaints a view holds, how many, and one page of them (D4, D32, D35, D49).

Every query starts from `visible_to`; a page is found by comparing rows (keyset), never by counting past earlier ones.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.fields.tuple_lookups import TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce
from django.utils import timezone

from pengaduan.models import Complaint, Event, HelpRequest, LegalWatch, Outcome, Recusal, ReportedParty, Stage, Weight
from pengaduan.models.complaint import RUNNING, SCOPE_COLUMN, ComplaintQuerySet, granted_to
from pengaduan.templatetags.face import SOON_DAYS
from tiers import scope
from tiers.models import CODE_LENGTH, Assignment, Office, Programme, ProgrammeTier, Tier, User
from tiers.permissions import Permission, roles_with

ROWS = 25
COUNTED_UP_TO = 1000  # beyond this a tab says "1.000+": counting a whole country would cost more than the page
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


# What a row shows, what its next step depends on, and nothing else: a page reads 25 of them.
SHOWN = (
    *("number", "subject", "zone", "weight", "prominent", "stage", "outcome", "tier", "concealed_tier", "office_id"),
    *("due_at", "tier_due_at", "waiting_since", "settled_at", "closed_at"),
    *("programme__code", "programme__name", "region__name", "region__tier"),
    *("category__name", "category__nature", "category__path"),
)


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


HELD_VIEWS = (View.HELD, View.NEW, View.SOON, View.LATE, View.WAITING, View.ESCALATED, View.GRAVE)
FEW = frozenset({View.HELP, View.OVERSIGHT, View.TO_DECIDE, View.LEGAL})  # found by a small table, not by their order


@dataclass(frozen=True)
class Narrowed:
    """What of a view is looked at: of one programme (its code), one holding office (its key), one place (its code)."""

    programme: str = ""
    office: int | None = None
    place: str = ""

    def of(self, offices: list[Office]) -> list[Office]:
        """Return the offices of the programme that is looked at."""
        return [office for office in offices if self.programme in ("", office.programme.code)]


WHOLE = Narrowed()


@dataclass(frozen=True)
class Page:
    """One page of a list and where the next begins; `cursor` is None on the last."""

    rows: list[Complaint]
    cursor: str | None


def views_of(user: User, office: int | None = None) -> list[View]:
    """Return the views that make sense for a user: who handles nothing only reads (auditor, koordinator).

    What one office holds can be looked at in all its views by whoever sees its cases.
    """
    if scope.offices_of(user, Permission.HANDLE):
        views = list(View)
    else:
        views = [*(HELD_VIEWS if office else ()), View.ALL, View.LEGAL, View.CLOSED]
    left_out = set() if scope.offices_of(user, Permission.AUDIT) else {View.OVERSIGHT}
    if office:
        left_out |= {View.ALL, View.HELP}  # all of one office is what it holds
    listed = [view for view in views if view not in left_out | {View.OVERSIGHT}]
    return listed if View.OVERSIGHT in left_out else [*listed, View.OVERSIGHT]


def complaints_in(
    view: View, user: User, *, now: datetime, programme: str = "", office: int | None = None, place: str = ""
) -> ComplaintQuerySet:
    """Return what a view holds for a user, in no order.

    With `office` the views of what an office holds are about that one, whichever it is, as far as the user sees it.
    """
    narrowed = Narrowed(programme, office, place)
    return _held_in(view, user, Complaint.objects.visible_to(user), narrowed, now=now)


def _held_in(
    view: View,
    user: User,
    seen: ComplaintQuerySet,
    narrowed: Narrowed,
    *,
    now: datetime,
    holders: list[Office] | None = None,
) -> ComplaintQuerySet:
    """Return what a view holds of the complaints seen; `holders` are the offices that are asked about, if only some."""
    seen = _within(seen, narrowed)
    if view in HELD_VIEWS:
        if narrowed.office is None:
            holders = scope.offices_of(user, Permission.HANDLE) if holders is None else holders
            seen = seen.held_by(narrowed.of(holders))
        return seen.open().filter(_narrowed(view, now=now))
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
    return _proposed_by_others(seen.filter(_verifiable_by(user), closed_at__isnull=True), user)


def _within(seen: ComplaintQuerySet, narrowed: Narrowed) -> ComplaintQuerySet:
    if narrowed.programme:
        seen = seen.filter(programme__code=narrowed.programme)
    if narrowed.office is not None:
        seen = seen.filter(office=narrowed.office)
    if narrowed.place:
        seen = seen.filter(**{_column_of(narrowed.place): narrowed.place})
    return seen


def _column_of(place: str) -> str:
    """Return the column in which a place stands, by the length of its code."""
    return next((SCOPE_COLUMN[tier] for tier, size in CODE_LENGTH.items() if size == len(place)), "region_id")


def counts(
    user: User, *, now: datetime, programme: str = "", office: int | None = None, place: str = ""
) -> dict[View, int]:
    """Return how many complaints each of the user's views holds, at most one more than COUNTED_UP_TO where unbounded.

    One statement, for each round trip costs a page; what an office holds is read once for all the views of it.
    """
    views, narrowed = views_of(user, office), Narrowed(programme, office, place)
    seen = Complaint.objects.visible_to(user)
    held_views = [view for view in views if view in HELD_VIEWS]
    rest = [view for view in views if view not in HELD_VIEWS]
    lists = [_held_in(view, user, seen, narrowed, now=now).values("pk")[: COUNTED_UP_TO + 1] for view in rest]
    columns, values = [], []
    for sql, parameters in map(_compiled, lists):
        columns.append(f"(SELECT count(*) FROM ({sql}) AS list)")
        values += parameters
    source = ""
    if held_views:
        marks = {view.name: ExpressionWrapper(_narrowed(view, now=now), BooleanField()) for view in held_views[1:]}
        held = _held_in(View.HELD, user, seen, narrowed, now=now)
        sql, parameters = _compiled(held.annotate(**marks).values(*marks), names=list(marks))
        columns += ["count(*)", *(f'count(*) FILTER (WHERE "{name}")' for name in marks)]
        source = f" FROM ({sql}) AS held"
        values += parameters
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}{source}", values)
        return dict(zip([*rest, *held_views], cursor.fetchone(), strict=True))


def _compiled(rows: QuerySet, names: list[str] | None = None) -> tuple[str, tuple]:
    """Return the statement of a list, also of one in which nothing can be: who sees no complaints has lists too."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        columns = ", ".join(f'false AS "{name}"' for name in names or ["pk"])
        return f"SELECT {columns} WHERE false", ()


def page_of(view: View, user: User, *, now: datetime, narrowed: Narrowed = WHOLE, after: str = "") -> Page:
    """Return one page of a view: what is open by the tier's deadline, what is closed the newest first.

    `after` is the cursor of the page before, if it is one. The keys are found first, by one index for each office of
    the user, and merged; only then are the rows read with what belongs to them (scale.md §1).
    """
    keys = _keys(view, user, now=now, narrowed=narrowed, after=read_cursor(after))
    rows = rows_of([key for _at, key in keys[:ROWS]])
    if len(keys) <= ROWS:
        return Page(rows, None)
    at, key = keys[ROWS - 1]
    return Page(rows, cursor_at((at - EPOCH) // MICROSECOND, key))


def _keys(
    view: View, user: User, *, now: datetime, narrowed: Narrowed, after: tuple[int, int] | None
) -> list[tuple[datetime, int]]:
    closed = view == View.CLOSED
    column = "closed_at" if closed else "tier_due_at"
    order = (f"-{column}", "-id") if closed else (column, "id")
    parts = _parts(view, user, narrowed, now=now)
    if after:
        compare = TupleLessThan if closed else TupleGreaterThan
        place = (EPOCH + after[0] * MICROSECOND, after[1])
        parts = [part.filter(compare((F(column), F("id")), place)) for part in parts]
    first, *others = [part.order_by(*order).values_list(column, "id")[: ROWS + 1] for part in parts]
    return list(first.union(*others).order_by(*order)[: ROWS + 1] if others else first)


def _parts(view: View, user: User, narrowed: Narrowed, *, now: datetime) -> list[ComplaintQuerySet]:
    """Return a view in parts that an index reads in their order each: one for each office of the user, and for each
    named exception; together they are the view."""
    whole = [_held_in(view, user, Complaint.objects.visible_to(user), narrowed, now=now)]
    if view in FEW or narrowed.office is not None:
        return whole
    held = view in HELD_VIEWS
    offices = narrowed.of(scope.offices_of(user, Permission.HANDLE if held else Permission.SEE))
    excepted = not held and view != View.CLOSED and bool(granted_to(user))
    if len(offices) + excepted < 2:
        return whole
    found = [
        _held_in(view, user, Complaint.objects.visible_to(user, through=[office], exceptions=False), narrowed, now=now,
                 holders=[office])
        for office in offices
    ]  # fmt: skip
    if excepted:
        found.append(_held_in(view, user, Complaint.objects.visible_to(user, through=[]), narrowed, now=now))
    return found


def rows_of(keys: list[int]) -> list[Complaint]:
    """Return the complaints of a page, in the order of their keys, with what a row shows.

    For keys that were just read through `visible_to`.
    """
    found = Complaint.objects.filter(pk__in=keys).with_degree().select_related("programme", "category", "region")
    found = found.only(*SHOWN)
    by_key = {complaint.pk: complaint for complaint in found}
    return [by_key[key] for key in keys if key in by_key]


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


def cursor_at(place: int, key: int) -> str:
    return f"{place}-{key}"


def read_cursor(text: str) -> tuple[int, int] | None:
    """Return the place after which a page begins; None for what is no cursor, which starts the list anew."""
    place, _, key = text.partition("-")
    if not (place.isascii() and place.isdigit() and key.isascii() and key.isdigit()):
        return None
    return (int(place), int(key)) if len(place) <= 16 and len(key) <= 18 else None


def programmes_of(user: User) -> list[Programme]:
    """Return the programmes whose complaints a user may see, by name."""
    found = {office.programme_id: office.programme for office in scope.offices_of(user, Permission.SEE)}
    return sorted(found.values(), key=lambda programme: programme.name)
