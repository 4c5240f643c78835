"""Suggest which offices and people of a place the words of a complaint may mean; an officer confirms (D35, D49).

Never automatic and never shown to a citizen: a name alone proves nothing, and half a village may be called Slamet.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from pengaduan.models import Complaint, ReportedParty
from tiers.models import Assignment, Office, Programme, ProgrammeTier, Region, User

WORD = re.compile(r"[^\W\d_]+")
SHORTEST = 3  # letters of a name that counts
# Words of offices and of everyday speech that point at nobody, and titles before a name.
COMMON = frozenset(
    {
        *("desa", "kelurahan", "kecamatan", "kabupaten", "kota", "provinsi", "pusat", "kantor", "unit", "tim"),
        *("program", "satker", "koordinasi", "pemerintah", "perangkat", "daerah", "kementerian", "lembaga"),
        *("ketua", "kelompok", "dan", "publik", "warga", "bapak", "ibu", "pak", "saudara", "sdr", "haji", "hajah"),
        *("drs", "dra"),
    }
)


@dataclass(frozen=True)
class Mentioned:
    """Who may be meant, in the order of the tiers; nothing is decided by it."""

    users: list[User]
    offices: list[Office]

    def __bool__(self) -> bool:
        return bool(self.users or self.offices)


def line_of(programme: Programme, region: Region, *, on: date) -> list[Office]:
    """Return the offices of a programme that reach a place, lowest first, in one query.

    Each with `post`, the name of its rung, and `people`, who works there now.
    """
    rung = ProgrammeTier.objects.filter(programme=OuterRef("programme"), tier=OuterRef("tier"))
    desks = Assignment.objects.current(on).filter(office=OuterRef("pk")).order_by("user__name", "pk")
    person = JSONObject(pk="user_id", name="user__name", username="user__username")
    line = Office.objects.containing(region.pk).filter(programme=programme).order_by("tier")
    offices = list(
        line.annotate(post=Subquery(rung.values("name")[:1]), at_desks=ArraySubquery(desks.values(row=person)))
    )
    for office in offices:
        office.people = [User(**row) for row in office.at_desks]
    return offices


def mentioned(words: str, programme: Programme, region: Region, *, on: date) -> Mentioned:
    """Return the people and offices of a place whose name, or whose post, stands in the words."""
    offices = line_of(programme, region, on=on)
    said = _words(words)
    here: set[str] = set()
    place: Region | None = region
    while place:
        here |= _words(place.name)
        place = place.parent
    users = {person.pk: person for office in offices for person in office.people if _is_named(person.name, said)}
    meant = [office for office in offices if (_words(getattr(office, "post", "") or "") - COMMON - here) & said]
    return Mentioned(list(users.values()), meant)


def mentioned_in(complaint: Complaint, *, on: date, parties: Iterable[ReportedParty] | None = None) -> Mentioned:
    """Return who may be meant by a complaint's own words, without whom it already names."""
    parties = list(complaint.reported_parties.all() if parties is None else parties)
    text = " ".join([complaint.text.original, complaint.text.recorded, *(party.words for party in parties)])
    found = mentioned(text, complaint.programme, complaint.region, on=on)
    users, offices = ({party.user_id for party in parties}, {party.office_id for party in parties})
    return Mentioned(
        [user for user in found.users if user.pk not in users],
        [office for office in found.offices if office.pk not in offices],
    )


def _is_named(name: str, said: set[str]) -> bool:
    """Say whether the first word of a name, by which a person is called, or any other two of its words are said."""
    parts = [part for part in _in_order(name) if part not in COMMON]
    return parts[:1] != [] and (parts[0] in said or sum(part in said for part in parts) > 1)


def _words(text: str) -> set[str]:
    return set(_in_order(text))


def _in_order(text: str) -> list[str]:
    return [word for word in WORD.findall(text.casefold()) if len(word) >= SHORTEST]
