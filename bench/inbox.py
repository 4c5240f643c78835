"""The officer's lists at every tier, in the busiest places and in some by lot, beside one read of an index."""

from collections.abc import Iterator
from statistics import median

from django.db import connection
from django.test import Client
from django.utils import timezone

from bench.measuring import Table, at_share, backend, least, measure
from pengaduan import inbox, search
from pengaduan.inbox import View
from pengaduan.models import Complaint
from pengaduan.models.complaint import SCOPE_COLUMN
from tiers import scope
from tiers.models import Tier, User

BUSIEST, BY_LOT = 6, 6
BUDGET_MS, BUDGET_TIMES, PAGE_TIMES = 2, 3, 8
PLAN_FROM = 10
SEARCH_MS = 25
# Words of the invented complaints: in a twelfth of them, in nearly none, with a place, a number or its beginning.
SOUGHT = ("bantuan cair", "antrean bayar panjang", "kartu hilang sukamaju", "jawa", "pkh-33.29", "000123")
PAGES = (View.HELD, View.ALL, View.SOON, View.LATE, View.ESCALATED, View.TO_VERIFY, View.CLOSED)


def officers(tier: Tier) -> Iterator[User]:
    """Yield the officers of the offices that see most open cases, and some others."""
    column = SCOPE_COLUMN.get(tier)
    where = f"c.{column} = o.region_id" if column else "true"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH seen AS (
              SELECT o.id, count(*) AS cases FROM pengaduan_complaint c
                JOIN tiers_office o ON o.programme_id = c.programme_id AND o.tier = %(tier)s AND {where}
               WHERE c.closed_at IS NULL GROUP BY o.id)
            (SELECT id FROM seen ORDER BY cases DESC LIMIT %(busiest)s) UNION
            (SELECT id FROM seen ORDER BY md5(id::text) LIMIT %(lot)s)
            """,
            {"tier": tier, "busiest": BUSIEST, "lot": BY_LOT},
        )
        offices = [office for (office,) in cursor.fetchall()]
    yield from User.objects.filter(username__in=[f"sim-{office}" for office in offices])


def lists(table: Table) -> None:
    """Measure the query of one page of each view, with the assignments read before."""
    pid, now = backend(), timezone.now()
    for tier in Tier:
        people = list(officers(tier))
        floors = [_floor(user, pid) for user in people]
        floor = at_share(floors, 0.95)
        for view in PAGES:
            taken = [_page(user, view, now, pid) for user in people]
            p95 = at_share(taken, 0.95)
            table.add(
                f"inbox {tier.name.lower()} {view.value}",
                f"p50 {median(taken):.2f} p95 {p95:.2f} ms",
                beside=f"floor p95 {floor:.2f} ms, {p95 / floor:.1f}x",
                budget=f"<= {BUDGET_MS} ms and {BUDGET_TIMES}x",
                met=p95 <= BUDGET_MS and p95 <= BUDGET_TIMES * floor,
            )
            if p95 > PLAN_FROM * BUDGET_MS:  # a plan gone wrong, not only dear
                slow = people[taken.index(max(taken))]
                found = inbox.complaints_in(view, slow, now=now)
                print(found.order_by("tier_due_at", "id")[: inbox.ROWS + 1].explain(analyze=True))
        counted = [least(lambda user=user: inbox.counts(user, now=now), pid).db * 1000 for user in people]
        table.add(
            f"inbox {tier.name.lower()} all counts", f"p50 {median(counted):.1f} p95 {at_share(counted, 0.95):.1f} ms"
        )


def _floor(user: User, pid: int) -> float:
    office = scope.offices_of(user)[0].pk
    rows = Complaint.objects.filter(office=office, closed_at=None).order_by("tier_due_at", "id")[: inbox.ROWS]
    return least(lambda: list(rows.all()), pid, passes=5).db * 1000


def _page(user: User, view: View, now, pid: int) -> float:
    return least(lambda: inbox.page_of(view, user, now=now), pid).db * 1000


def searches(table: Table) -> None:
    """Measure the first page of what some words find, at every tier."""
    pid = backend()
    for tier in Tier:
        people = list(officers(tier))
        for words in SOUGHT:
            taken = [
                least(lambda user=user, words=words: search.page_of(user, words), pid).db * 1000 for user in people
            ]
            p95 = at_share(taken, 0.95)
            table.add(
                f"search {tier.name.lower()} {words}",
                f"p50 {median(taken):.2f} p95 {p95:.2f} ms",
                budget=f"<= {SEARCH_MS} ms",
                met=p95 <= SEARCH_MS,
            )


def page(table: Table) -> None:
    """Measure the whole inbox through Django, beside a page with one query."""
    pid = backend()
    for tier in Tier:
        user = next(officers(tier))
        client = Client()  # does not close the connection after a request: the backend stays the same
        client.force_login(user)
        taken = {address: _request(client, address, pid) for address in ("/lantai/", "/petugas/")}
        times = taken["/petugas/"] / taken["/lantai/"]
        table.add(
            f"inbox page {tier.name.lower()}",
            f"{taken['/petugas/'] * 1000:.1f} ms CPU",
            beside=f"floor {taken['/lantai/'] * 1000:.1f} ms, {times:.1f}x",
            budget=f"<= {PAGE_TIMES}x",
            met=times <= PAGE_TIMES,
        )


def _request(client: Client, address: str, pid: int) -> float:
    """Return the CPU seconds, of Django and the backend, of the cheapest of ten requests."""
    assert client.get(address).status_code == 200
    return min(measure(lambda: client.get(address), pid).cpu for _ in range(10))
