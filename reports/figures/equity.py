"""Who reports, and from where nobody does: few complaints may mean no way to complain (D41, D61)."""

from collections.abc import Iterable

from django.db.models import Q

from pengaduan.models import Secrecy
from reports.figures.records import Count, Equity
from reports.subject import BELOW, Subject
from tiers.models import CODE_LENGTH, Region, Tier

SELF, OFFICER, HELPED = "sendiri", "petugas", "titipan"
"""By whom a case was written down: by the complainant (the form, an SMS), by an officer from what came in, or by an
officer for somebody who agreed to it (D58)."""

# One row a case that the public brought in the period, with who wrote it down.
WRITTEN = f"""
written AS (
    SELECT f.bucket, f.concealed_tier, CASE
        WHEN f.by_complainant OR EXISTS (SELECT FROM pengaduan_inbound i WHERE i.complaint_id = f.id) THEN '{SELF}'
        WHEN EXISTS (SELECT FROM pengaduan_complainant p WHERE p.complaint_id = f.id AND p.consent_noted)
            THEN '{HELPED}'
        ELSE '{OFFICER}' END AS by
    FROM facts f WHERE f.received AND NOT f.apart
)
"""

# One row a village from which anything came in. The least concealed of its cases says from which tier on it is heard
# of, so that villages may be added up by that.
HEARD = f"""
heard AS (
    SELECT bucket, stood_at AS village, min(concealed_tier) AS concealed_tier
    FROM facts WHERE received AND NOT apart AND length(stood_at) = {CODE_LENGTH[Tier.DESA]} GROUP BY bucket, stood_at
)
"""


def equity(
    subject: Subject,
    *,
    secrecy: Iterable[tuple[str, int]],
    recorded_by: Iterable[tuple[str, int]],
    villages_heard: int,
    places_heard: set[str],
) -> Equity:
    """Complete what was counted with the villages that there are and the places that stayed silent."""
    there = Region.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=subject.period.last),
        Q(valid_to=None) | Q(valid_to__gte=subject.period.last),
    )
    if subject.region:
        there = there.filter(code__startswith=f"{subject.region.code}.")
    below = there.filter(tier=BELOW[subject.tier]).order_by("code").values_list("code", flat=True)
    return Equity(
        secrecy=_counts(secrecy, list(Secrecy.values)),
        recorded_by=_counts(recorded_by, [SELF, OFFICER, HELPED]),
        villages=there.filter(tier=Tier.DESA).count(),
        villages_heard=villages_heard,
        silent_places=tuple(code for code in below if code not in places_heard),
    )


def _counts(found: Iterable[tuple[str, int]], codes: list[str]) -> tuple[Count, ...]:
    """Return the count of each code, also of those that did not occur."""
    numbers = dict(found)
    return tuple(Count(code, numbers.get(code, 0)) for code in codes)
