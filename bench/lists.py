"""A register that somebody takes along: as a workbook in constant memory, and on paper in parts."""

from datetime import date

from django.core.files.storage import default_storage
from django.utils import timezone

from bench.measuring import Table, backend, measure, resident_mb
from reports.export_models import Export
from reports.lists import exports
from tiers.models import Assignment, Office, Programme, Region, Tier, User

ROWS_BUDGET = 50_000 / 30  # a second: fifty thousand in half a minute
GROWTH_BUDGET, PRINTED_BUDGET = 64, 300  # megabytes


def taken_along(table: Table) -> None:
    """Make the matrix of the largest programme for the nation as XLSX, and of its busiest province's month as PDF."""
    programme = Programme.objects.order_by("code").first()
    reader = User.objects.create_user("ukur-daftar", "", None, name="Ukur Daftar")
    office = Office.objects.get(programme=programme, tier=Tier.PUSAT)
    Assignment.objects.create(user=reader, office=office, role="auditor", starts_on=date(2020, 1, 1))
    today = timezone.localdate()
    for name, format, region, since in (
        ("nation, XLSX", "xlsx", None, date(2020, 1, 1)),
        ("province 32, PDF", "pdf", Region.objects.get(pk="32"), today.replace(day=1)),
    ):
        _one(table, f"matrix, {name}", Export(
            asked_by=reader, asked_at=timezone.now(), what="matriks", format=format, programme=programme,
            region=region, first_on=since, last_on=today,
        ))  # fmt: skip


def _one(table: Table, name: str, export: Export) -> None:
    kept, before = exports.ask(export), resident_mb()
    taken = measure(lambda: exports.make(kept.pk, clock=timezone.now), backend())
    kept.refresh_from_db()
    printed, resident = kept.format == "pdf", resident_mb()
    fits = resident <= PRINTED_BUDGET if printed else resident - before <= GROWTH_BUDGET
    table.add(
        name,
        f"{kept.rows / taken.cpu:,.0f} rows/CPU s, {kept.rows / taken.wall:,.0f}/s",
        beside=f"{kept.rows:,} rows, {len(kept.files)} files, {resident:.0f} MB (from {before:.0f})",
        budget=f"<= {PRINTED_BUDGET} MB" if printed else f">= {ROWS_BUDGET:,.0f}/CPU s, + <= {GROWTH_BUDGET} MB",
        met=fits and (printed or kept.rows / taken.cpu >= ROWS_BUDGET),
    )
    for file in kept.files:
        default_storage.delete(file["path"])
