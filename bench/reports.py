"""A month's figures as the definition counts them and as sums, what keeping them costs, and a night of reports."""

import io
import json
import os
import resource
import subprocess
import sys
import time

import pikepdf
from django.db import connection, transaction
from django.utils import timezone

from bench.measuring import Table, Taken, backend, least, measure
from reports import editions, queries
from reports.figures import sums, tallies
from reports.models import Edition
from reports.papers import documents
from reports.periods import Month
from reports.subject import Subject
from reports.tally_models import Tally
from tiers.models import Programme, Region, Tier

NATION_BUDGET, PAGES_BUDGET, MEMORY_BUDGET, EVENT_BUDGET = 3.0, 2.5, 300, 50
NIGHT_HOURS, CORES = 6, 2  # from the end of the month until six
SAMPLE = 8
APPENDED = 20_000


def figures(table: Table) -> None:
    """Reckon last month for the nation and its busiest province, by the definition and from what is kept."""
    pid, now = backend(), timezone.now()
    month, programme = Month.of(now).previous, Programme.objects.get(code="pkh")
    Tally.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reports_tallymark")  # the past came in bulk
    buckets = tallies.buckets_of(None)
    taken = measure(lambda: tallies.refresh(programme, month, buckets, as_of=now), pid)
    tallies.refresh(programme, month.previous, buckets, as_of=now)
    table.add(
        "a month's figures, kept by kabupaten",
        f"{len(buckets) / taken.cpu:,.0f}/CPU s, {taken.cpu:.1f} CPU s",
        beside=f"{_kept_kb(month):,.0f} kB a programme and month",
    )
    for name, region in (("nation", None), ("province 32", Region.objects.get(pk="32"))):
        subject = Subject(programme, region, month)
        bare = least(lambda subject=subject: queries.figures(subject, as_of=now), pid)
        added = least(lambda subject=subject: tallies.figures(subject, as_of=now), pid)
        assert tallies.figures(subject, as_of=now) == queries.figures(subject, as_of=now)
        table.add(
            f"a month's figures, {name}",
            f"{added.wall:.2f} s, {added.cpu:.2f} CPU s",
            beside=f"counted bare {bare.wall:.2f} s, {bare.cpu:.2f} CPU s",
            budget=f"<= {NATION_BUDGET:.0f} s",
            met=added.wall <= NATION_BUDGET,
        )
    touched = _largest(month)
    taken = least(lambda: sums.count(programme, month, [touched], as_of=now), pid)
    table.add(
        "a month's figures, one kabupaten anew", f"{taken.cpu * 1000:.0f} ms CPU", beside=f"the largest, {touched}"
    )
    running = measure(lambda: tallies.refresh(programme, Month.of(now), buckets, as_of=now), pid)
    table.add("the running month at night", f"{running.cpu:.1f} CPU s", beside="of one of five programmes")


def _kept_kb(month: Month) -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_column_size(t.*)) FROM reports_tally t WHERE month = %s", [month.first])
        return cursor.fetchone()[0] / 1024


def _largest(month: Month) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT bucket FROM reports_tally WHERE month = %s ORDER BY length(parts) DESC", [month.first])
        return cursor.fetchone()[0]


APPEND = """
INSERT INTO pengaduan_event (complaint_id, regency_code, seq, kind, at, actor, from_stage, to_stage, data, text_digest,
                             previous, digest)
SELECT id, '', 30000, 'catat', now(), 'sistem', stage, stage, '{}', '', '', '' FROM pengaduan_complaint
 ORDER BY id DESC LIMIT %s OFFSET %s
"""


def marks(table: Table) -> None:
    """Append events in one statement and one by one, with the trigger that marks what they change and without."""
    pid = backend()
    for name, statements, number in (("in one statement", 1, APPENDED), ("one by one", 500, 1)):
        bare = _appended(statements, number, pid, marked=False)
        marked = _appended(statements, number, pid, marked=True)
        each = (marked.db - bare.db) / (statements * number) * 1e6
        table.add(
            f"marks of what changed, {name}",
            f"+ {each:.1f} µs an event",
            beside=f"{bare.db / (statements * number) * 1e6:.0f} µs without",
            budget=f"<= {EVENT_BUDGET} µs" if number > 1 else "",
            met=each <= EVENT_BUDGET if number > 1 else None,
        )


def _appended(statements: int, number: int, pid: int, *, marked: bool) -> Taken:
    """Append and take it back; return what appending took."""

    def append() -> None:
        for place in range(statements):
            cursor.execute(APPEND, [number, place])

    def once() -> Taken:
        with transaction.atomic():
            if not marked:
                cursor.execute("ALTER TABLE pengaduan_event DISABLE TRIGGER mark_tallies")
            taken = measure(append, pid)
            transaction.set_rollback(True)
        return taken

    with connection.cursor() as cursor:
        return min((once() for _ in range(3)), key=lambda taken: taken.db)


def paper(table: Table) -> None:
    """Print the nation, and make the reports of some kabupaten to reckon the night of all of them."""
    pid, now = backend(), timezone.now()
    month, programme = Month.of(now).previous, Programme.objects.get(code="pkh")
    made = _printed(editions.latest_edition(Subject(programme, None, month), now=now))
    table.add(
        "a month's PDF, nation",
        f"{made['pages'] / made['pdf']:.2f} pages/CPU s",
        beside=f"{made['pages']} pages, {made['kb']:.0f} kB, {made['peak']:.0f} MB at most",
        budget=f">= {PAGES_BUDGET}, <= {MEMORY_BUDGET} MB",
        met=made["pages"] / made["pdf"] >= PAGES_BUDGET and made["peak"] <= MEMORY_BUDGET,
    )
    places = list(Region.objects.filter(tier=Tier.KABUPATEN).order_by("?")[:SAMPLE])
    kept = []
    reckoned = measure(
        lambda: kept.extend(editions.latest_edition(Subject(programme, place, month), now=now) for place in places), pid
    )
    files = [_printed(edition) for edition in kept]
    each = (reckoned.cpu + sum(file["pdf"] + file["xlsx"] for file in files)) / SAMPLE
    reports = Region.objects.filter(tier=Tier.KABUPATEN).count() * Programme.objects.count()
    hours = each * reports / CORES / 3600
    table.add(
        "a night of reports, kabupaten",
        f"{each:.1f} CPU s each, {reckoned.cpu / SAMPLE:.2f} of it the figures",
        beside=f"{reports:,} with their files on {CORES} cores: {hours:.1f} h",
        budget=f"<= {NIGHT_HOURS} h",
        met=hours <= NIGHT_HOURS,
    )


def _printed(edition: Edition) -> dict[str, float]:
    """Make the files of an edition in a process of its own, as a worker does, and return what that took."""
    work = f"import django; django.setup(); from bench import reports; reports.make_files({edition.pk})"
    command = [sys.executable, "-c", work]
    return json.loads(subprocess.run(command, check=True, capture_output=True, env=os.environ).stdout)


def make_files(pk: int) -> None:
    """Print what the files of an edition took: CPU for each, without the start of the process, and memory at most."""
    edition = Edition.objects.get(pk=pk)
    documents.render(documents.read(edition), "xlsx")  # reads once what every file of the process needs
    made = {}
    for ending in ("xlsx", "pdf"):
        began = time.process_time()
        content = documents.render(documents.read(edition), ending)
        made[ending] = time.process_time() - began
    with pikepdf.open(io.BytesIO(content)) as document:
        pages = len(document.pages)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**made, "pages": pages, "kb": len(content) / 1024, "peak": peak}))
