"""Which office handles a matter, which stands above it, and who there hears of it (D2, D31–D33, D35, D49, D51)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Category, Complaint
from tiers import scope
from tiers.models import CODE_LENGTH, Assignment, Office, Programme, ProgrammeTier, Region, Tier, User
from tiers.permissions import ROLES, Permission, roles_with
from workflow.machine import Refused


@dataclass(frozen=True)
class Start:
    """Where a complaint begins, and up to which tier it is hidden."""

    office: Office
    concealed_tier: int


def office_for(rung: ProgrammeTier, region: Region) -> Office:
    """Return the office of a rung of the ladder for a place; it comes into being when first needed (D3)."""
    code = region.code_at(rung.tier)
    if code is None and rung.tier != Tier.PUSAT:
        raise Refused(
            _("Lokasi belum lengkap untuk jenjang %(tier)s. Lengkapi dulu lokasinya.")
            % {"tier": rung.get_tier_display()},
            field="region",
        )
    name = rung.office_pattern
    if code:
        name = name.replace("{wilayah}", Region.objects.only("name").get(pk=code).name)
    office, _created = Office.objects.get_or_create(
        programme=rung.programme, tier=rung.tier, region_id=code, defaults={"name": name}
    )
    return office


def reported_tiers(
    programme: Programme, region: Region, *, users: Iterable[User], offices: Iterable[Office]
) -> set[int]:
    """Return the tiers at which a reported office, or the office of a reported person, would meet this matter."""
    reported = set(offices)
    for user in users:
        reported.update(scope.offices_of(user))
    return {
        office.tier for office in reported if scope.contains(office, programme_id=programme.pk, region_code=region.code)
    }


def start(category: Category, region: Region, *, users: Iterable[User] = (), offices: Iterable[Office] = ()) -> Start:
    """Return the lowest office that may handle a matter: where it arose, above whoever is reported (D31, D35).

    At the top there is no office above: a matter against Pusat starts there, hidden from all below and, as everywhere,
    from whoever is reported.
    """
    reported = reported_tiers(category.programme, region, users=users, offices=offices)
    concealed = max([category.conceal_up_to or 0, *reported])
    rungs = ladder(category.programme)
    lowest = max(category.start_tier or 0, concealed + 1)
    rung = next((rung for rung in rungs if rung.tier >= lowest and _reaches(rung, region)), rungs[-1])
    return Start(office_for(rung, region), min(concealed, rung.tier - 1))


def ladder(programme: Programme) -> list[ProgrammeTier]:
    """Return the rungs of a programme, lowest first."""
    rungs = list(programme.ladder.select_related("programme").order_by("tier"))
    if not rungs:
        raise Refused(
            _("Program %(programme)s belum mempunyai jenjang. Hubungi peninjau program.")
            % {"programme": programme.name}
        )
    return rungs


def above(complaint: Complaint) -> Office | None:
    """Return the office of the next rung above, passing over offices that are reported; None at the top (D32, D49)."""
    return _next_office(complaint, [rung for rung in ladder(complaint.programme) if rung.tier > complaint.tier])


def below(complaint: Complaint) -> Office | None:
    """Return the office of the next rung below that may see the matter; None at the bottom (D33)."""
    rungs = ladder(complaint.programme)
    return _next_office(
        complaint, [rung for rung in reversed(rungs) if complaint.concealed_tier < rung.tier < complaint.tier]
    )


def tiers_reported_in(complaint: Complaint) -> set[int]:
    """Return the tiers at which whoever a complaint is against would meet it."""
    parties = list(complaint.reported_parties.select_related("office", "user"))
    return reported_tiers(
        complaint.programme,
        complaint.region,
        users=[party.user for party in parties if party.user],
        offices=[party.office for party in parties if party.office],
    )


def _next_office(complaint: Complaint, rungs: list[ProgrammeTier]) -> Office | None:
    reported = tiers_reported_in(complaint)
    open_rungs = (rung for rung in rungs if rung.tier not in reported and _reaches(rung, complaint.region))
    rung = next(open_rungs, None)
    return office_for(rung, complaint.region) if rung else None


def _reaches(rung: ProgrammeTier, region: Region) -> bool:
    return rung.tier == Tier.PUSAT or region.code_at(rung.tier) is not None


def above_both(complaint: Complaint, offices: Iterable[Office]) -> Office | None:
    """Return the office of the lowest rung that stands above several offices and may see the matter (D56)."""
    places = [office.region_id or "" for office in offices]
    tiers = [office.tier for office in offices]
    rungs = [
        rung
        for rung in ladder(complaint.programme)
        if rung.tier > max(complaint.concealed_tier, *tiers)
        and (rung.tier == Tier.PUSAT or len({place[: CODE_LENGTH[Tier(rung.tier)]] for place in places}) == 1)
    ]
    return _next_office(complaint, rungs)


def hidden_from(complaint: Complaint, *, on: date) -> set[int]:
    """Return whom a case is kept from by name: the reported, the people of a reported office, who stepped aside (D49).

    The same people whom `visible_to` leaves out; who only audits looks at an office from outside.
    """
    parties = complaint.reported_parties.values_list("user_id", "office_id")
    users = {user for user, _office in parties if user}
    offices = {office for _user, office in parties if office}
    inside = [code for code, role in ROLES.items() if Permission.AUDIT not in role.permissions]
    members = Assignment.objects.current(on).own().filter(office__in=offices, role__in=inside) if offices else ()
    recused = complaint.recusals.values_list("user_id", flat=True)
    return users | {each.user_id for each in members} | set(recused)


def at_desk(complaint: Complaint, office: Office, *, on: date) -> set[int]:
    """Return who handles cases at exactly this office and may see this one; nobody where all are kept from it."""
    people = scope.users_for(Permission.HANDLE, office, on=on).values_list("pk", flat=True)
    return set(people) - hidden_from(complaint, on=on)


def staffed_above(complaint: Complaint, *, on: date) -> Office | None:
    """Return the nearest office above where someone may handle this case, else the next; None at the top (D51)."""
    rungs = [rung for rung in ladder(complaint.programme) if rung.tier > complaint.tier]
    nearest = None
    while rungs and (office := _next_office(complaint, rungs)):
        if at_desk(complaint, office, on=on):
            return office
        nearest = nearest or office
        rungs = [rung for rung in rungs if rung.tier > office.tier]
    return nearest


def is_for_oversight(complaint: Complaint, *, on: date) -> bool:
    """Say whether no office is left to handle a case: it is at the top, and that office is reported itself or all its
    people are kept from the case (D35)."""
    if complaint.tier != ladder(complaint.programme)[-1].tier:
        return False
    if complaint.reported_parties.filter(office=complaint.office_id).exists():
        return True
    people = set(
        scope.users_for(Permission.HANDLE, complaint.office, on=on, with_absent=True).values_list("pk", flat=True)
    )
    return people != set() and people <= hidden_from(complaint, on=on)  # who is only absent comes back


def identity_keepers(complaint: Complaint, *, on: date) -> list[int]:
    """Return the custodians nearest to the case who may decide about its identities, who is at the desk before who is
    absent: nobody stands in for them. Nobody where all stand in the line of the reported (D63)."""
    this = Complaint.objects.filter(pk=complaint.pk)
    line = Office.objects.containing(complaint.region_id).filter(programme=complaint.programme_id)
    offices = list(line.filter(tier__gte=complaint.tier).order_by("tier"))
    for office, with_absent in [*((office, False) for office in offices), *((office, True) for office in offices)]:
        keepers = scope.users_for(Permission.OPEN_IDENTITY, office, on=on, with_absent=with_absent).order_by("pk")
        if able := [user.pk for user in keepers if this.identities_kept_by(user, on=on).exists()]:
            return able
    return []


# Who hears of what happens at an office: its people, or where nobody is at the desk those of the nearest office above
# in the same programme (D51). Who is absent hears only where nobody up to the top is at the desk: nothing is told to
# no one. One statement for one office and for the thousands of a sweep.
STAFF = """
WITH wanted AS (SELECT id, programme_id, tier, region_id FROM tiers_office WHERE id = ANY(%(offices)s)),
line AS (
  SELECT w.id AS wanted, o.id, o.tier
    FROM wanted w CROSS JOIN unnest(%(tiers)s::int[], %(lengths)s::int[]) AS size(tier, length)
    JOIN tiers_office o ON (o.programme_id, o.tier, o.region_id)
                         = (w.programme_id, size.tier, left(w.region_id, size.length))
   WHERE size.tier >= w.tier
   UNION ALL
  SELECT w.id, o.id, o.tier FROM wanted w JOIN tiers_office o ON o.programme_id = w.programme_id
   WHERE o.tier = %(top)s),
away AS MATERIALIZED (SELECT user_id FROM tiers_absence WHERE starts_on <= %(on)s AND ends_on >= %(on)s),
desk AS (
  SELECT line.wanted AS office_id, a.user_id, line.tier + CASE WHEN away.user_id IS NULL THEN 0 ELSE 100 END AS place
    FROM line JOIN tiers_assignment a ON a.office_id = line.id AND a.role = ANY(%(roles)s)
              AND a.starts_on <= %(on)s AND (a.ends_on IS NULL OR a.ends_on >= %(on)s)
              AND a.user_id <> ALL(%(hidden)s)
    JOIN tiers_user u ON u.id = a.user_id AND u.is_active
    LEFT JOIN away ON away.user_id = a.user_id),
staffed AS (SELECT *, min(place) OVER (PARTITION BY office_id) AS nearest FROM desk)
SELECT DISTINCT office_id, user_id FROM staffed WHERE place = nearest
"""


def staff(
    offices: Iterable[int],
    *,
    on: date,
    permission: Permission = Permission.HEAR_ALARMS,
    hidden: Iterable[int] = (),
) -> list[tuple[int, int]]:
    """Return (office, user) for whoever hears of an office's cases; one query for any number of offices.

    Who is `hidden` counts as absent: where that leaves nobody, the tier above hears (D49, D51).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            STAFF,
            {
                "offices": list(offices),
                "on": on,
                "hidden": list(hidden),
                "roles": roles_with(permission),
                "tiers": [int(tier) for tier in CODE_LENGTH],
                "lengths": list(CODE_LENGTH.values()),
                "top": int(Tier.PUSAT),
            },
        )
        return sorted(cursor.fetchall())
