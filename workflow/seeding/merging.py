"""Bring rows into the database without undoing what people changed there: add what is new, tell what differs."""

import json
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

ONLY_AT_FIRST = frozenset({"position"})  # a new entry in the middle of a list would shift all that follow
WIDTH = 60


@dataclass
class Outcome:
    """What a part of the seeding did: rows added and overwritten, and a sentence for each thing left as it was."""

    added: int = 0
    overwritten: int = 0
    kept: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        return bool(self.added or self.overwritten)


@dataclass
class Merging:
    """A load under way: what all its rows share, what to call it in a sentence, and whether the file wins."""

    where: str
    overwrite: bool
    scope: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome = field(default_factory=Outcome)

    def rows(
        self,
        model: type[models.Model],
        wanted: Mapping[Any, Mapping[str, Any]],
        *,
        key: str = "code",
        among: Mapping[str, Any] = MappingProxyType({}),
    ) -> dict[Any, Any]:
        """Add the wanted rows that lack, compare those that are there, and return all rows by key.

        A row that nobody wants is a person's own and stays. `among` narrows the rows that are there.
        """
        there = {
            getattr(row, key): row for row in model._default_manager.filter(**self.scope, **among).select_related()
        }
        for code in wanted:
            if code in there:
                self._compare(there[code], code, wanted[code])
        new = {
            code: model(**self.scope, **{key: code}, **values) for code, values in wanted.items() if code not in there
        }
        model._default_manager.bulk_create(new.values())
        self.outcome.added += len(new)
        return {**there, **new}

    def leave(self, row: models.Model, code: Any, what: str, stored: Any, wanted: Any) -> None:
        """Tell that something in the database differs from the file and stays."""
        label = f"{self.where}, {row._meta.verbose_name} “{getattr(code, 'label', code)}”, {what}"
        self.outcome.kept.append(difference(label, stored, wanted))

    def _compare(self, row: models.Model, code: Any, values: Mapping[str, Any]) -> None:
        differing = [
            name for name, value in values.items() if name not in ONLY_AT_FIRST and not _same(getattr(row, name), value)
        ]
        if not self.overwrite:
            for name in differing:
                what = row._meta.get_field(name).verbose_name
                self.leave(row, code, what, getattr(row, name), values[name])
        elif differing:
            for name in differing:
                setattr(row, name, values[name])
            row.save(update_fields=differing)
            self.outcome.overwritten += 1


def difference(label: str, stored: Any, wanted: Any) -> str:
    """Return the sentence that shows both values, of long texts the first line that differs."""
    stored, wanted = _first_lines_that_differ(_shown(stored), _shown(wanted))
    return _("%(label)s: basis data “%(stored)s”, berkas “%(wanted)s”.") % {
        "label": label,
        "stored": textwrap.shorten(stored, WIDTH, placeholder=" …"),
        "wanted": textwrap.shorten(wanted, WIDTH, placeholder=" …"),
    }


def _same(stored: Any, wanted: Any) -> bool:
    if isinstance(stored, str) and isinstance(wanted, str):
        return stored.replace("\r\n", "\n").strip() == wanted  # a browser sends its lines with \r\n
    return stored == wanted


def _shown(value: Any) -> str:
    if value in (None, ""):
        return _("kosong")
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False)
    return value.code if hasattr(value, "code") else str(value)


def _first_lines_that_differ(one: str, other: str) -> tuple[str, str]:
    pairs = zip(one.splitlines() + [""], other.splitlines() + [""], strict=False)
    return next(((a, b) for a, b in pairs if a.strip() != b.strip()), (one, other))
