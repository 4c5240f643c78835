"""Make the database: tables, regions, programmes, complaints; then as fresh as autovacuum would leave it."""

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench.measuring import Table, backend, measure
from workflow import simulation

BUDGET = 5_000


def fill(table: Table) -> None:
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("seed", verbosity=0)
    taken = measure(lambda: simulation.simulate(table.complaints, seed=1, now=timezone.now()), backend())
    table.add(
        "simulate",
        f"{table.complaints / taken.cpu:,.0f}/CPU s, {table.complaints / taken.wall:,.0f}/s",
        budget=f">= {BUDGET:,}/CPU s",
        met=table.complaints / taken.cpu >= BUDGET,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
