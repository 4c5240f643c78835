"""Who changed what in the configuration, and from what to what, as the database's triggers kept it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from pghistory.core import event_models
from pghistory.models import Events

from tiers.models import User

SHOWN = 100


@dataclass(frozen=True)
class Change:
    """One change of one row; `by` is None for what a command did. Each part is (field, before, after)."""

    at: datetime
    by: User | None
    parts: list[tuple[str, Any, Any]]


def changes_of(row: Model) -> list[Change]:
    """Return the latest changes of a row, newest first; none where its model is not tracked."""
    if not event_models(tracks_model=type(row)):
        return []
    events = list(Events.objects.tracks(row).order_by("-pgh_created_at", "-pgh_id")[:SHOWN])
    people = User.objects.in_bulk({user for event in events if (user := user_of(event))})
    return [Change(event.pgh_created_at, people.get(user_of(event)), parts_of(event)) for event in events]


def user_of(event: Events) -> int | None:
    return (event.pgh_context or {}).get("user")


def parts_of(event: Events) -> list[tuple[str, Any, Any]]:
    """Return what an event changed, the fields by their labels; of a new row nothing."""
    model = apps.get_model(event.pgh_obj_model)
    return [(_label(model, name), before, after) for name, (before, after) in (event.pgh_diff or {}).items()]


def _label(model: type[Model], name: str) -> str:
    try:
        return str(model._meta.get_field(name.removesuffix("_id")).verbose_name)
    except FieldDoesNotExist:
        return name
