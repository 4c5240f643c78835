"""Seal everything anew under the first key of IDENTITY_KEYS, and prove that all of it opens (D37).

A model says in `SEALED_AS` as which table, and column by column under which name, its values are sealed. May be
stopped at any moment and run again, also two at once: a value is replaced only while it is still the one that was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.db.models import Model

from pengaduan.sealing import seal, unseal

BATCH = 500


@dataclass
class Rotated:
    """What became of the values of one table; `broken` holds `table/column key` of each that no key opens."""

    table: str
    sealed_anew: int = 0
    as_they_were: int = 0
    broken: list[str] = field(default_factory=list)


def sealed_models() -> list[type[Model]]:
    """Return every model that keeps something sealed."""
    return [model for model in apps.get_models() if hasattr(model, "SEALED_AS")]


def rotate() -> list[Rotated]:
    """Seal all under the first key; returns what became of each table."""
    return [_rotate(model) for model in sealed_models()]


def _rotate(model: type[Model]) -> Rotated:
    table, columns = model.SEALED_AS
    result = Rotated(table)
    for rows in _batches(model, list(columns)):
        with transaction.atomic():
            for row in rows:
                _row(model, row, result)
    return result


def _batches(model: type[Model], columns: list[str]) -> Iterator[list[dict]]:
    """Yield all rows by primary key, some at a time; what comes in meanwhile is under the first key already."""
    rows = model.objects.order_by("pk").values("pk", *columns)
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1]["pk"])[:BATCH])


def _row(model: type[Model], row: dict, result: Rotated) -> None:
    table, columns = model.SEALED_AS
    first = next(iter(settings.IDENTITY_KEYS))
    before, after, broken = {}, {}, []
    for column, name in columns.items():
        value = bytes(row[column] or b"")
        if not value:
            continue
        place = {"table": table, "column": name, "row": row["pk"]}
        try:
            text = unseal(value, **place)
        except (InvalidTag, KeyError, UnicodeDecodeError):
            broken.append(f"{table}/{name} {row['pk']}")
            continue
        if value[0] == first:
            result.as_they_were += 1
            continue
        before[column], after[column] = value, seal(text, **place)
    result.broken += broken
    if after and model.objects.filter(pk=row["pk"], **before).update(**after):
        result.sealed_anew += len(after)
