"""Run all measurements in a database of their own: `python -m bench [N] [--keep]`, or BENCH_N; N is 200,000 by default.

The database `bench_pengaduan` is made anew and dropped at the end; the real one is not touched. Ends with status 1 when
a budget is not met.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from config import embedded

NAME = "bench_pengaduan"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("complaints", nargs="?", type=int, default=int(os.environ.get("BENCH_N") or 200_000))
    parser.add_argument("--keep", action="store_true", help="leave the database behind")
    wanted = parser.parse_args()
    server = embedded.database_url()
    _recreate(server)
    os.environ["DATABASE_URL"] = make_conninfo(server, dbname=NAME)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    try:
        return _run(wanted.complaints)
    finally:
        if not wanted.keep:
            from django.db import connections

            connections.close_all()
            _drop(server)


def _run(complaints: int) -> int:
    import django

    django.setup()
    from django.conf import settings

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    settings.ROOT_URLCONF = "bench.urls"
    settings.ALLOWED_HOSTS = ["testserver"]

    from bench import duplicates, inbox, lists, others, ready, reports, sweep
    from bench.measuring import Table

    table = Table(complaints)
    pieces: tuple[Callable[[Table], None], ...] = (
        ready.fill,
        inbox.lists,
        inbox.searches,
        inbox.page,
        duplicates.sightings,
        others.intake_and_steps,
        others.verification,
        reports.figures,
        reports.marks,
        reports.paper,
        lists.taken_along,
        sweep.escalate,
    )
    for piece in pieces:
        began = time.monotonic()
        piece(table)
        print(f"  ({piece.__module__}.{piece.__name__}: {time.monotonic() - began:.0f} s)", flush=True)
    table.show()
    return int(bool(table.missed))


def _recreate(server: str) -> None:
    _drop(server)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(NAME)))


def _drop(server: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))


if __name__ == "__main__":
    sys.exit(main())
