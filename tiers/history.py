"""Who changed what in the configuration, and from what to what, as the database's triggers kept it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from pghistory.core import event_models
from pghistory.models import Events

from tiers.models import User

SHOWN = 100
KINDS = {"insert": _("Dibuat"), "update": _("Diubah"), "delete": _("Dihapus")}
NAMED_BY = ("name", "username", "on", "code")


@dataclass(frozen=True)
class Change:
    """One change of one row; `by` is None for what a command did. Each part is (field, before, after)."""

    at: datetime
    by: User | None
    kind: str
    parts: list[tuple[str, Any, Any]]


def changes_of(row: Model) -> list[Change]:
    """Return the latest changes of a row, newest first; none where its model is not tracked."""
    if not event_models(tracks_model=type(row)):
        return []
    events = list(Events.objects.tracks(row).order_by("-pgh_created_at", "-pgh_id")[:SHOWN])
    people = User.objects.in_bulk({user for event in events if (user := user_of(event))})
    return [
        Change(event.pgh_created_at, people.get(user_of(event)), event.pgh_label, parts_of(event)) for event in events
    ]


def user_of(event: Events) -> int | None:
    return (event.pgh_context or {}).get("user")


def kind_of(event: Events) -> str:
    """Say what became of the row."""
    return str(KINDS[event.pgh_label])


def name_of(event: Events) -> str:
    """Return what the row was called when this happened: also of one that is deleted since."""
    data = event.pgh_data
    return str(next((data[name] for name in NAMED_BY if data.get(name)), event.pgh_obj_id))


def parts_of(event: Events) -> list[tuple[str, Any, Any]]:
    """Return what an event changed, the fields by their labels; of a new or a deleted row nothing."""
    model = apps.get_model(event.pgh_obj_model)
    return [(_label(model, name), before, after) for name, (before, after) in (event.pgh_diff or {}).items()]


def _label(model: type[Model], name: str) -> str:
    try:
        return str(model._meta.get_field(name.removesuffix("_id")).verbose_name)
    except FieldDoesNotExist:
        return name
