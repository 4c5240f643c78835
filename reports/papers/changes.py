"""Say what a later edition of a report has otherwise in the order of the report, with one line a case (D47)."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from reports.papers.names import SECTIONS

Change = tuple[str, Any, Any]
"""The path of a number, and what it was and is; None where the edition has no such row."""

LISTS = ("not_followed_up", "attention")
OF_A_CASE = {"stage", "office", "category", "age_days", "late"}
"""What a reader would ask of a case that stands in both editions."""


def in_order(changes: Iterable[Change], names: dict[str, Any]) -> list[Change]:
    """Return the totals first, then the tables as they follow each other; a case that came or went is one line."""
    order = list(SECTIONS)
    told = [change for path, then, now in changes for change in _told(path, then, now, names)]
    return sorted(told, key=lambda change: _place(order, change[0].partition("/")[0]))


def _place(order: list[str], section: str) -> int:
    return order.index(section) if section in order else len(order)


def _told(path: str, then: Any, now: Any, names: dict[str, Any]) -> Iterable[Change]:
    section, _slash, rest = path.partition("/")
    if section not in LISTS or not rest.startswith("cases/"):
        yield path, then, now
        return
    number, _slash, what = rest.removeprefix("cases/").partition("/")
    if what == "number":
        yield f"{section}/cases/{number}", then and _("dimuat"), now and _("dimuat")
    elif what in OF_A_CASE and then is not None and now is not None:
        yield path, _said(then, names), _said(now, names)


def _said(value: Any, names: dict[str, Any]) -> Any:
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    return names.get(value, value)
