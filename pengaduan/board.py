"""The figures of the supervisors' board: what is late, near and in time, by office or by the places below (D32, D34).

Every figure comes from `visible_to`, each board from one statement however many offices lie below; a case counts at the
office that holds it now. The sums are those of the inbox.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, Count, Expression, F, Min, Q, QuerySet, Value, When
from django.utils import timezone

from pengaduan import inbox
from pengaduan.models import Complaint
from pengaduan.models.complaint import RUNNING, SCOPE_COLUMN, ComplaintQuerySet
from pengaduan.templatetags.face import SOON_DAYS
from tiers import scope
from tiers.models import Absence, Assignment, Office, Region, Tier, User
from tiers.permissions import Permission, roles_with

SHOWN = 10  # cases without a handler that one page offers to assign

# The places by which the board of a tier is divided; below that each office has a row of its own.
CHILD_COLUMN = {Tier.PUSAT: "province_code", Tier.PROVINSI: "regency_code", Tier.KABUPATEN: "district_code"}


@dataclass(frozen=True)
class Figures:
    """How many open cases are late, near their deadline, in time, waiting for the complainant, told as settled."""

    late: int = 0
    soon: int = 0
    within: int = 0
    waiting: int = 0
    told: int = 0
    oldest: datetime | None = None  # the deadline of the one that is late longest

    @property
    def still(self) -> int:
        """Return how many have a clock that stands: the next word is the complainant's."""
        return self.waiting + self.told

    @property
    def open(self) -> int:
        return self.late + self.soon + self.within + self.still

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.late + other.late,
            self.soon + other.soon,
            self.within + other.within,
            self.waiting + other.waiting,
            self.told + other.told,
            min(filter(None, (self.oldest, other.oldest)), default=None),
        )


@dataclass(frozen=True)
class Row:
    """One line of a board: an office, a place with all offices in it, or neither: the offices above."""

    figures: Figures
    office: Office | None = None
    place: Region | None = None

    @property
    def name(self) -> str:
        return str(self.office or self.place)


@dataclass(frozen=True)
class Board:
    """What an area holds: at its own offices, below them, and what has gone up to offices above."""

    place: Region | None
    rows: list[Row]
    above: Figures
    total: Figures

    @property
    def lines(self) -> list[Row]:
        """Return the rows, and below them what is held above: so the column adds up to the figures over it."""
        return [*self.rows, Row(self.above)] if self.above.open else self.rows


@dataclass(frozen=True)
class Load:
    """What one officer handles at one office; without an officer what nobody was named for."""

    office: Office
    officer: User | None
    figures: Figures
    absence: Absence | None = None
    works_here: bool = True


def areas_of(user: User) -> list[Office]:
    """Return the offices whose whole area a user watches over: who supervises there, or receives its reports."""
    posts = scope.offices_of(user, Permission.SUPERVISE) + scope.offices_of(user, Permission.RECEIVE_REPORTS)
    return list({office.pk: office for office in posts}.values())


def desks_of(user: User) -> list[Office]:
    """Return the offices whose alarms a user hears: at least these they may look at."""
    return scope.offices_of(user, Permission.HEAR_ALARMS)


def places_of(user: User) -> list[str]:
    """Return the codes of the places at which a user's boards begin, largest first; "" is the whole country."""
    codes = {office.region_id or "" for office in areas_of(user) or desks_of(user)}
    return sorted(codes, key=lambda code: (len(code), code))


def may_see(user: User, code: str) -> bool:
    """Say whether a user may open the board of a place: within an area of theirs, or where their own desk is."""
    inside = any(code.startswith(office.region_id or "") for office in areas_of(user))
    return inside or code in {office.region_id or "" for office in desks_of(user)}


def board(user: User, place: Region | None, *, now: datetime, programme: str = "") -> Board:
    """Return the board of a place, what is late longest first. Three statements."""
    tier = Tier(place.tier) if place else Tier.PUSAT
    found = _grouped(_cases(user, place, programme=programme), tier, now=now)
    offices = Office.objects.select_related("programme").in_bulk({row["holder"] for row in found if row["holder"]})
    places = Region.objects.in_bulk({row["child"] for row in found if row["child"]})
    rows = {office.pk: Row(Figures(), office=office) for office in _own(user, place, programme=programme)}
    above = Figures()
    for row in found:
        office, figures = offices.get(row["holder"]), _figures(row)
        if office and office.tier > tier:
            above += figures
        elif office:
            rows[office.pk] = Row(figures, office=office)
        else:
            rows[row["child"]] = Row(figures, place=places.get(row["child"]))
    ordered = sorted(rows.values(), key=_urgency)
    return Board(place, ordered, above, sum((row.figures for row in ordered), above))


def workload(user: User, *, now: datetime, programme: str = "") -> list[Load]:
    """Return what each officer of the offices that a user watches over handles; three statements, no ranking (D61).

    Also who handles nothing, who handles a case and works there no more, and first what nobody was named for.
    """
    offices = {office.pk: office for office in areas_of(user) if programme in ("", office.programme.code)}
    on = timezone.localdate(now)
    held = Complaint.objects.visible_to(user).open().held_by(list(offices.values()))
    counted = held.order_by().values("office_id", "handler_id").annotate(**_counts(now=now))
    figures = {(row["office_id"], row["handler_id"]): _figures(row) for row in counted}
    posts = Assignment.objects.current(on).filter(office__in=offices, role__in=roles_with(Permission.HANDLE))
    here = set(posts.values_list("office_id", "user_id"))
    wanted = {user for _office, user in here | figures.keys() if user}
    people = User.objects.in_bulk(wanted)
    away = {
        each.user_id: each for each in Absence.objects.current(on).filter(user__in=wanted).select_related("stand_in")
    }
    loads = [
        Load(
            offices[office],
            people.get(key),
            figures.get((office, key), Figures()),
            away.get(key),
            (office, key) in here,
        )
        for office, key in here | figures.keys()
    ]
    return sorted(
        loads,
        key=lambda load: (load.office.programme.name, load.office.name, load.officer is not None, str(load.officer)),
    )


def to_assign(user: User, *, now: datetime, programme: str = "") -> list[Complaint]:
    """Return the open cases of the user's offices that nobody at the desk handles, soonest due first, at most SHOWN."""
    on = timezone.localdate(now)
    offices = [
        office for office in scope.offices_of(user, Permission.SUPERVISE) if programme in ("", office.programme.code)
    ]
    held = Complaint.objects.visible_to(user).open().held_by(offices).filter(settled_at=None)
    absent = Absence.objects.current(on).values("user")
    nobody = held.filter(Q(handler=None) | Q(handler__in=absent)).select_related(
        "office", "handler", "region", "programme"
    )
    return list(nobody.order_by("tier_due_at", "id")[:SHOWN])


def _cases(user: User, place: Region | None, *, programme: str) -> ComplaintQuerySet:
    """Return the open cases of a place that its watcher sees; of who only hears alarms those of the own office."""
    code = place.code if place else ""
    watched = {office.programme_id for office in areas_of(user) if code.startswith(office.region_id or "")}
    desks = [office for office in _own(user, place, programme=programme) if office.programme_id not in watched]
    reach = Q(office__in=desks) if desks or not watched else Q()
    if watched:
        inside = Q(programme__in=watched)
        reach |= inside & Q(**{SCOPE_COLUMN[Tier(place.tier)]: code}) if place else inside
    seen = Complaint.objects.visible_to(user).open().filter(reach)
    return seen.filter(programme__code=programme) if programme else seen


def _own(user: User, place: Region | None, *, programme: str) -> list[Office]:
    """Return the user's own offices at a place: their rows stand there also when they hold nothing."""
    code = place.code if place else None
    own = {office.pk: office for office in [*areas_of(user), *desks_of(user)]}.values()
    return [office for office in own if office.region_id == code and programme in ("", office.programme.code)]


def _grouped(cases: ComplaintQuerySet, tier: Tier, *, now: datetime) -> QuerySet:
    """Count the cases of a place: by office those of its own tier and above, by place what lies below."""
    holder: Expression | F = F("office_id")
    child: Expression = Value(None, output_field=CharField())
    if column := CHILD_COLUMN.get(tier):
        here = Q(tier__gte=tier) | Q(**{column: None})
        holder, child = (
            Case(When(here, then=F("office_id"))),
            Case(When(here, then=child), default=F(column), output_field=CharField()),
        )
    return cases.order_by().annotate(holder=holder, child=child).values("holder", "child").annotate(**_counts(now=now))


def _counts(*, now: datetime) -> dict[str, Count | Min]:
    soon = inbox.end_of_day_in(SOON_DAYS, now=now)
    late = RUNNING & Q(tier_due_at__lt=now)
    return {
        "late": Count("pk", filter=late),
        "soon": Count("pk", filter=RUNNING & Q(tier_due_at__gte=now, tier_due_at__lte=soon)),
        "within": Count("pk", filter=RUNNING & Q(tier_due_at__gt=soon)),
        "waiting": Count("pk", filter=Q(waiting_since__isnull=False)),
        "told": Count("pk", filter=Q(waiting_since__isnull=True, settled_at__isnull=False)),
        "oldest": Min("tier_due_at", filter=late),
    }


def _figures(row: dict) -> Figures:
    return Figures(**{name: row[name] for name in ("late", "soon", "within", "waiting", "told", "oldest")})


def _urgency(row: Row) -> tuple:
    oldest = row.figures.oldest
    return oldest is None, oldest.timestamp() if oldest else 0, -row.figures.soon, row.name
