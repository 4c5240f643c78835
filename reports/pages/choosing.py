"""Read from an address which figures a reader asks for: programme, month, area, and a part of these (D44).

What the address names wrongly, or what lies outside the reader's areas, is not there. A code that this programme does
not know is left out: the page says in words what is chosen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import CharField, Q, Value
from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pengaduan.models import Category, Channel, Field, Source, Weight
from reports.periods import Month
from reports.subject import BELOW, Subject
from tiers import scope
from tiers.models import Office, Programme, Region, Tier, User
from tiers.permissions import Permission

MONTHS = 13
NATION, ALL = "nasional", "semua"
NOTHING = "-"  # in an address: the code of what has none
FOUND = 20  # areas that a search names at most

PARTS: dict[str, tuple[str, str | Promise]] = {
    "kategori": ("category", gettext_lazy("Kategori")),
    "bidang": ("field", gettext_lazy("Bidang")),
    "media": ("channel", gettext_lazy("Media")),
    "sumber": ("source", gettext_lazy("Sumber")),
    "bobot": ("weight", gettext_lazy("Bobot")),
    "jenjang": ("tier", gettext_lazy("Jenjang yang memegang")),
}
"""By what the figures may be narrowed: the word of the address, the column of a case, its label."""


@dataclass(frozen=True)
class Chosen:
    """What is asked for. `programme` None is all of them; `only` holds words of PARTS with their codes."""

    programmes: list[Programme]  # those of which the reader gets reports of this area
    programme: Programme | None
    region: Region | None
    month: Month
    only: dict[str, str] = field(default_factory=dict)

    def subject(self, programme: Programme | None = None, *, without: Iterable[int] = ()) -> Subject:
        """Return what is to be reckoned, of the chosen programme or of another."""
        only = tuple((PARTS[word][0], code) for word, code in self.only.items())
        return Subject(programme or self.programme, self.region, self.month, tuple(sorted(without)), only)

    def query(self, **changes: str) -> str:
        """Return the address of this choice after the question mark, with some words of it changed; "" drops one."""
        words = {
            "program": self.programme.code if self.programme else ALL,
            "bulan": str(self.month),
            "wilayah": self.region.pk if self.region else NATION,
            **{word: code or NOTHING for word, code in self.only.items()},
            **changes,
        }
        return urlencode({word: code for word, code in words.items() if code})


def offices_with_reports(user: User) -> list[Office]:
    """Return the offices through which a user reads reports: those for whose areas there are any."""
    return [office for office in scope.offices_of(user, Permission.RECEIVE_REPORTS) if office.tier in BELOW]


def read(asked: Mapping[str, str], offices: list[Office], *, now: datetime) -> Chosen:
    """Return what an address asks for; else all programmes, the running month and the widest of the reader's areas."""
    everything = programmes_of(offices)
    programme = None
    if len(everything) == 1 or asked.get("program", ALL) != ALL:
        code = asked.get("program", ALL)
        programme = next((each for each in everything if code in (each.code, ALL)), None)
        if programme is None:
            raise Http404
    month = next((each for each in months(now) if str(each) == asked.get("bulan", str(Month.of(now)))), None)
    if month is None:
        raise Http404
    mine = [office for office in offices if programme in (None, office.programme)]
    region = _region(asked.get("wilayah", ""), mine, offices)
    reached = programmes_of([office for office in offices if _reaches(office, region)])
    if programme is None and len(reached) == 1:
        (programme,) = reached
    return Chosen(reached, programme, region, month, parts_of(asked, programme))


def _region(code: str, mine: list[Office], offices: list[Office]) -> Region | None:
    """Return the area of this code; None is the nation.

    An area that the reader has in another programme only gives way to the widest one in this: whoever changes the
    programme in the form did not choose it.
    """
    widest = max(mine, key=lambda office: office.tier)
    if not code:
        return widest.region
    region = None
    if code != NATION:
        region = Region.objects.filter(pk=code, tier__in=(Tier.PROVINSI, Tier.KABUPATEN)).first()
        if region is None:
            raise Http404
    if any(_reaches(office, region) for office in mine):
        return region
    if any(_reaches(office, region) for office in offices):
        return widest.region
    raise Http404


def _reaches(office: Office, region: Region | None) -> bool:
    if region is None:
        return office.tier == Tier.PUSAT
    return region.tier <= office.tier and scope.contains(
        office, programme_id=office.programme_id, region_code=region.pk
    )


def parts_of(asked: Mapping[str, str], programme: Programme | None) -> dict[str, str]:
    """Return by what the figures are narrowed, each code one that the programme knows."""
    wanted = {word: asked[word] for word in PARTS if asked.get(word)}
    if not wanted or programme is None:
        return {}
    known = names_of_parts(programme)
    return {
        word: "" if code == NOTHING else code
        for word, code in wanted.items()
        if ("" if code == NOTHING else code) in known[word]
    }


def names_of_parts(programme: Programme) -> dict[str, dict[str, str]]:
    """Return for each of PARTS the codes of a programme with their names; one query."""
    entries = {"kategori": Category, "bidang": Field, "media": Channel, "sumber": Source}
    apart = {"counted_apart": False}  # BPKP's findings have a table of their own
    first, *others = [
        model.objects.filter(programme=programme, **(apart if model is Channel else {}))
        .annotate(word=Value(word, output_field=CharField()))
        .values_list("word", "position", "code", "name")
        for word, model in entries.items()
    ]
    found: dict[str, dict[str, str]] = {word: {} for word in PARTS}
    for word, _position, code, name in first.union(*others).order_by("word", "position", "code"):
        found[word][code] = name
    for word in ("bidang", "sumber"):
        found[word][""] = _("Tidak disebut")
    found["bobot"] = {code: str(label) for code, label in Weight.choices}
    found["jenjang"] = {str(tier): str(label) for tier, label in Tier.choices}
    return found


def areas(offices: list[Office], chosen: Region | None) -> Iterable[tuple[str, str]]:
    """Yield the areas to choose from: the own ones and those below; Pusat opens one province at a time."""
    wanted = Q(pk__in=[office.region_id for office in offices if office.region_id])
    opened = {office.region_id for office in offices if office.tier == Tier.PROVINSI}
    if any(office.tier == Tier.PUSAT for office in offices):
        yield NATION, _("Nasional")
        wanted |= Q(tier=Tier.PROVINSI)
        opened |= {chosen.pk[:2]} if chosen else set()
    wanted |= Q(tier=Tier.KABUPATEN, parent__in=opened)
    for region in Region.objects.filter(wanted).order_by("code"):
        yield region.pk, f"– {region.name}" if region.parent_id in opened else region.name


def areas_named(words: str, offices: list[Office]) -> list[Region]:
    """Return the provinces and kabupaten in the reader's reach whose name holds these words, at most 20."""
    reach = Q(pk__in=[])
    for office in offices:
        reach |= Q() if office.tier == Tier.PUSAT else Q(pk=office.region_id) | Q(parent=office.region_id)
    if any(office.tier == Tier.PUSAT for office in offices):
        reach = Q()
    named = Region.objects.filter(reach, tier__in=(Tier.PROVINSI, Tier.KABUPATEN), name__icontains=words)
    return list(named.select_related("parent").order_by("name")[:FOUND])


def programmes_of(offices: list[Office]) -> list[Programme]:
    return sorted({office.programme for office in offices}, key=lambda programme: programme.name)


def months(now: datetime) -> list[Month]:
    return [Month.of(now).back(number) for number in range(MONTHS)]
