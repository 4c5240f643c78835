"""Find the same matter before it is registered twice: near in place and time, in similar words (D20, D55).

No index on the words: with place and time from the index there are few left to compare, and a trigram index on long
texts costs every insert and finds slower (scale.md §3). What is compared is the beginning of each text, where people
say what it is about.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Greatest, Left

from pengaduan.models import Complaint
from tiers.models import Programme, Region, Tier, User

WITHIN = timedelta(days=60)
COMPARED = 200  # characters of each text
CANDIDATES = 200  # the newest: so many, of full length, cost 25 ms of the database (docs/bench.md), whatever the size
ALIKE = 0.35  # of pairs told by two people about one matter nearly all lie above, other matters below
SHOWN = 5


@dataclass(frozen=True)
class Probe:
    """A matter that is looked for: one that is about to be recorded, or a complaint that came in."""

    programme: Programme
    region: Region
    text: str
    subject: str = ""
    complaint: int | None = None  # itself, which is not looked for

    @classmethod
    def of(cls, complaint: Complaint) -> "Probe":
        return cls(complaint.programme, complaint.region, complaint.text.original, complaint.subject, complaint.pk)


def similar_to(sought: Complaint | Probe, *, user: User, now: datetime, limit: int = SHOWN) -> list[Complaint]:
    """Return complaints that may be the same matter, the likest first, each with its `likeness` from 0 to 1.

    Of the same programme and place, received within sixty days before `now`, or of the complaint that is looked at;
    only what the user may see, so that at Pusat it covers every tier. Of those that were merged into one case, the
    likest stands for it. Closed ones are among them: that a matter was settled last month is worth knowing.
    """
    probe = sought if isinstance(sought, Probe) else Probe.of(sought)
    around = sought.received_at if isinstance(sought, Complaint) else now
    near = _near(probe, user=user, since=around - WITHIN, until=around + WITHIN)
    found = (
        Complaint.objects.filter(pk__in=near)
        .annotate(likeness=_likeness(probe))
        .filter(likeness__gte=ALIKE)
        .select_related("category", "office", "region")
        .order_by("-likeness", "-received_at")
    )
    return _one_a_case(found[: 2 * limit])[:limit]


def _near(probe: Probe, *, user: User, since: datetime, until: datetime) -> list[int]:
    """Return the newest complaints of the place and time that the user sees."""
    near = Complaint.objects.visible_to(user).filter(
        programme=probe.programme,
        region_id__in=_places(probe.region),
        received_at__gte=since,
        received_at__lte=until,
    )
    if probe.complaint:
        near = near.exclude(pk=probe.complaint)
    return list(near.order_by("-received_at").values_list("pk", flat=True)[:CANDIDATES])


def _places(region: Region) -> list[str]:
    """Return the places that may be the same one: with the villages of a larger place, or the larger of a village."""
    if region.tier == Tier.DESA:
        return [region.pk, region.parent_id]
    if region.tier in {Tier.KECAMATAN, Tier.KABUPATEN}:
        return list(Region.objects.filter(pk__startswith=region.pk).values_list("pk", flat=True))
    return [region.pk]


def _likeness(probe: Probe):
    """Reckon how alike the nearest texts are: what was told with what was told or recorded, subject with subject."""
    text, subject = Value(_beginning(probe.text)), Value(_beginning(probe.subject))
    return Greatest(
        TrigramSimilarity(Left(F("text__original"), COMPARED), text),
        TrigramSimilarity(Left(F("text__recorded"), COMPARED), text),
        TrigramSimilarity(F("subject"), subject),
    )


def _beginning(text: str) -> str:
    return " ".join(text.split())[:COMPARED]


def _one_a_case(found: QuerySet[Complaint]) -> list[Complaint]:
    first: dict[int, Complaint] = {}
    for complaint in found:
        first.setdefault(complaint.merged_into_id or complaint.pk, complaint)
    return list(first.values())
