"""Intake, single steps, the proof of the record, a month's figures and its PDF."""

import io

import pikepdf
from django.db import transaction
from django.utils import timezone

from bench.measuring import Table, Taken, backend, measure, resident_mb
from pengaduan.models import Category, Channel, Complaint, Event, Stage
from pengaduan.verification import broken_links
from reports import editions, files, queries
from reports.periods import Month
from reports.subject import Subject
from tiers.models import Programme, Region, Tier, User
from workflow import actions, intake

TAKEN_IN, STEPS = 300, 200
EVENTS_BUDGET, PAGES_BUDGET, MEMORY_BUDGET = 200_000, 2.5, 300


def intake_and_steps(table: Table) -> None:
    pid, now = backend(), timezone.now()
    category = Category.objects.select_related("programme", "service_level").filter(start_tier=None).first()
    channel = Channel.objects.filter(programme=category.programme).first()
    places = list(Region.objects.filter(tier=Tier.DESA).order_by("?")[:TAKEN_IN])

    def take_in() -> None:
        for place in places:
            intake.receive(
                intake.Matter(category, place, "Bantuan belum diterima sampai hari ini.", channel, now),
                intake.Person(),
                now=now,
            )

    taken = measure(take_in, pid)
    _each(table, "intake", taken, TAKEN_IN)
    cases = list(
        Complaint.objects.filter(stage=Stage.REGISTRATION, waiting_since=None, tier=Tier.KABUPATEN, closed_at=None)
        .select_related("programme", "category", "service_level", "region", "office", "text", "case_file", "channel")
        .order_by("pk")[:STEPS]
    )
    officers = {user.username: user for user in User.objects.filter(username__in=[f"sim-{c.office_id}" for c in cases])}

    def step() -> None:
        for case in cases:
            with transaction.atomic():
                actions.note(case, by=officers[f"sim-{case.office_id}"], now=now, text="Sudah dihubungi.")

    taken = measure(step, pid)
    _each(table, "one action (note)", taken, len(cases))


def _each(table: Table, what: str, taken: Taken, number: int) -> None:
    table.add(
        what,
        f"{number / taken.wall:,.0f}/s, {number / taken.cpu:,.0f}/CPU s",
        beside=f"{taken.cpu / number * 1000:.1f} ms CPU each, {taken.db / number * 1000:.1f} of it in SQL",
    )


def verification(table: Table) -> None:
    events = Event.objects.count()
    broken = []
    taken = measure(lambda: broken.extend(broken_links()), backend())
    assert not broken, broken[:3]
    table.add(
        "verify_events",
        f"{events / taken.wall:,.0f}/s, {events / taken.cpu:,.0f}/CPU s",
        beside=f"{events:,} events",
        budget=f">= {EVENTS_BUDGET:,}/CPU s",
        met=events / taken.cpu >= EVENTS_BUDGET,
    )


def reports(table: Table) -> None:
    """Reckon last month for the nation and for the busiest province, and print the nation."""
    pid, now = backend(), timezone.now()
    month = Month.of(now).previous
    programme = Programme.objects.get(code="pkh")
    nation = Subject(programme, None, month)
    for name, subject in (("nation", nation), ("province 32", Subject(programme, Region.objects.get(pk="32"), month))):
        taken = measure(lambda subject=subject: queries.figures(subject, as_of=now), pid)
        table.add(f"a month's figures, {name}", f"{taken.wall:.2f} s, {taken.cpu:.2f} CPU s")
    edition = editions.latest_edition(nation, now=now)
    content, before = b"", resident_mb()

    def render() -> None:
        nonlocal content
        content = files.content(edition, "pdf")

    taken = measure(render, pid)
    with pikepdf.open(io.BytesIO(content)) as document:
        pages = len(document.pages)
    table.add(
        "a month's PDF",
        f"{pages / taken.cpu:.2f} pages/CPU s",
        beside=f"{pages} pages, {len(content) / 1024:.0f} kB, {resident_mb():.0f} MB (from {before:.0f})",
        budget=f">= {PAGES_BUDGET}, <= {MEMORY_BUDGET} MB",
        met=pages / taken.cpu >= PAGES_BUDGET and resident_mb() <= MEMORY_BUDGET,
    )
