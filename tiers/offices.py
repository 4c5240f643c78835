"""Who answers for a programme at a place, from the nearest office up to Pusat: what is public of it (D5).

An office comes into being when the first complaint needs it (D3). Here it is listed all the same, under the name it
would get, so that nobody can read from this list where someone has complained.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet

from tiers.models import Office, Programme, ProgrammeTier, Region, Tier, Zone

MOST_FOUND = 25
LEAST_TYPED = 3


@dataclass(frozen=True)
class Listed:
    """One office of the list; `turn_to` is who to go to above where nobody is announced here, None at the top."""

    office: Office
    zone: Zone
    turn_to: Office | None

    @property
    def reachable(self) -> bool:
        """Say whether there is somewhere to go or to call, so that hours mean something."""
        return bool(self.office.address or self.office.phone)

    @property
    def dialled(self) -> str:
        """Return the number as a telephone dials it; empty where the line holds more than one number."""
        phone = self.office.phone
        return re.sub(r"[^\d+]", "", phone) if re.fullmatch(r"\+?[\d\s().-]{3,25}", phone) else ""


def programmes() -> QuerySet[Programme]:
    """Return the programmes that are open, each with its ladder, lowest rung first."""
    ladder = Prefetch("ladder", ProgrammeTier.objects.order_by("tier"))
    return Programme.objects.filter(active=True).order_by("name").prefetch_related(ladder)


def regions(*, on: date) -> QuerySet[Region]:
    """Return the regions that exist on a day, each with those it lies in."""
    begun = Q(valid_from__isnull=True) | Q(valid_from__lte=on)
    standing = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    return Region.objects.filter(begun, standing).select_related("parent__parent__parent")


def path(region: Region | None) -> list[Region]:
    """Return a region with those it lies in, largest first; no query for a row that `regions` returned."""
    upwards = []
    while region:
        upwards.append(region)
        region = region.parent
    return upwards[::-1]


def find(words: str, *, on: date) -> tuple[list[list[Region]], bool]:
    """Return the paths of the regions that a name fits, larger ones first, and whether there are more.

    After a comma follows where: "Sidomulyo, Wonosobo".
    """
    name, *places = (part.strip() for part in words.split(","))
    if len(name) < LEAST_TYPED:
        return [], False
    rows = regions(on=on).filter(name__icontains=name)
    for place in filter(None, places):
        rows = rows.filter(
            Q(parent__name__icontains=place)
            | Q(parent__parent__name__icontains=place)
            | Q(parent__parent__parent__name__icontains=place)
        )
    found = list(rows.order_by("-tier", "name", "code")[: MOST_FOUND + 1])
    return [path(region) for region in found[:MOST_FOUND]], len(found) > MOST_FOUND


def directory(offered: Iterable[Programme], region: Region | None) -> list[tuple[Programme, list[Listed]]]:
    """Return each programme's offices from the place up to Pusat; only Pusat without a place. One query."""
    offered = list(offered)
    places = {each.tier: each for each in path(region)}
    rows = Office.objects.containing(region.code if region else "").filter(programme__in=offered)
    known = {(office.programme_id, office.tier): office for office in rows}
    return [(programme, _listed(programme, places, known)) for programme in offered]


def _listed(programme: Programme, places: dict[int, Region], known: dict[tuple[int, int], Office]) -> list[Listed]:
    offices = [
        known.get((programme.pk, rung.tier)) or _unopened(programme, rung, places.get(rung.tier))
        for rung in programme.ladder.all()
        if rung.tier == Tier.PUSAT or rung.tier in places
    ]
    zones = [Zone(places[office.tier].zone) if office.tier in places else Zone.WIB for office in offices]
    return [
        Listed(office, zone, None if office.responsible_person else _above(offices[place + 1 :]))
        for place, (office, zone) in enumerate(zip(offices, zones, strict=True))
    ]


def _unopened(programme: Programme, rung: ProgrammeTier, region: Region | None) -> Office:
    return Office(programme=programme, tier=rung.tier, region=region, name=_name(rung, region))


def opened(rung: ProgrammeTier, region: Region | None) -> Office:
    """Return the office of a rung in a region of its tier; it comes into being when somebody is placed there (D3)."""
    office, _created = Office.objects.get_or_create(
        programme=rung.programme, tier=rung.tier, region=region, defaults={"name": _name(rung, region)}
    )
    return office


def _name(rung: ProgrammeTier, region: Region | None) -> str:
    return rung.office_pattern.replace("{wilayah}", region.name if region else "")


def _above(offices: list[Office]) -> Office | None:
    """Return the nearest office above that names someone, else the next one."""
    named = (office for office in offices if office.responsible_person)
    return next(named, offices[0] if offices else None)
