"""Looking for the same matter, in the villages that complain most and in some by lot, beside one read of an index."""

from statistics import median

from django.db import connection
from django.utils import timezone

from bench.measuring import Table, at_share, backend, least
from pengaduan import similar
from pengaduan.models import Complaint
from tiers.models import CODE_LENGTH, Office, Region, Tier, User

BUSIEST, BY_LOT = 10, 20
BUDGET_MS = 30
FLOOR_ROWS = 25


def places() -> list[Complaint]:
    """Return the newest complaint of the villages with most complaints in sixty days, and of some others."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH near AS (
              SELECT programme_id, region_id, count(*) AS cases, max(id) AS newest FROM pengaduan_complaint
               WHERE received_at > %(since)s GROUP BY programme_id, region_id)
            (SELECT newest FROM near ORDER BY cases DESC LIMIT %(busiest)s) UNION
            (SELECT newest FROM near ORDER BY md5(region_id) LIMIT %(lot)s)
            """,
            {"since": timezone.now() - similar.WITHIN, "busiest": BUSIEST, "lot": BY_LOT},
        )
        found = [pk for (pk,) in cursor.fetchall()]
    return list(Complaint.objects.filter(pk__in=found).select_related("programme", "region", "text"))


def sightings(table: Table) -> None:
    """Measure the search as the registration page makes it, for the officers of each tier, and of a whole district."""
    pid, now = backend(), timezone.now()
    complaints = places()
    floor = at_share([_floor(complaint, pid) for complaint in complaints], 0.95)
    for tier in Tier:
        seen = [(complaint, user) for complaint in complaints if (user := _officer(complaint, tier))]
        taken = [_look(similar.Probe.of(complaint), user, now, pid) for complaint, user in seen]
        _add(table, f"duplicates {tier.name.lower()}", taken, floor)
    wide = [(_in_district(one), user) for one in complaints if (user := _officer(one, Tier.PUSAT))]
    taken = [_look(probe, user, now, pid) for probe, user in wide]
    _add(table, "duplicates pusat, only the district known", taken, floor)


def _in_district(complaint: Complaint) -> similar.Probe:
    place = Region.objects.get(pk=complaint.region_id[: CODE_LENGTH[Tier.KECAMATAN]])
    return similar.Probe(complaint.programme, place, complaint.text.original, complaint.subject)


def _add(table: Table, what: str, taken: list[float], floor: float) -> None:
    if not taken:
        return
    p95 = at_share(taken, 0.95)
    table.add(
        what,
        f"p50 {median(taken):.2f} p95 {p95:.2f} ms",
        beside=f"floor p95 {floor:.2f} ms, {p95 / floor:.1f}x",
        budget=f"<= {BUDGET_MS} ms",
        met=p95 <= BUDGET_MS,
    )


def _officer(complaint: Complaint, tier: Tier) -> User | None:
    """Return the invented officer of a tier who sees the complaint, where the programme has such an office there."""
    office = Office.objects.filter(
        programme=complaint.programme, tier=tier, region=complaint.region_id[: CODE_LENGTH.get(tier, 0)] or None
    ).first()
    return User.objects.filter(username=f"sim-{office.pk}").first() if office else None


def _look(probe: similar.Probe, user: User, now, pid: int) -> float:
    return least(lambda: similar.similar_to(probe, user=user, now=now), pid).db * 1000


def _floor(complaint: Complaint, pid: int) -> float:
    rows = Complaint.objects.filter(region=complaint.region_id).order_by("-received_at")[:FLOOR_ROWS]
    return least(lambda: list(rows.all()), pid, passes=5).db * 1000
