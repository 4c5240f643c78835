"""Intake, single steps and the proof of the record."""

from django.db import transaction
from django.utils import timezone

from bench.measuring import Table, Taken, backend, measure
from pengaduan.models import Category, Channel, Complaint, Event, Stage
from pengaduan.verification import broken_links
from tiers.models import Region, Tier, User
from workflow import actions, intake

TAKEN_IN, STEPS = 300, 200
EVENTS_BUDGET = 200_000


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
