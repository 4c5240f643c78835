"""What a list is that can be taken along: its code, its columns, which cases it holds and a row for each.

`exports.LISTINGS` holds them all. The cases come once, as numbers in the order of the rows, so that the length is known
and what was handed out can be checked again; the rows are then read in chunks, each chunk afresh through `visible_to`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from pengaduan.models import Complaint
from pengaduan.models.complaint import SCOPE_COLUMN, ComplaintQuerySet
from reports.export_models import Export, Format
from tiers.models import Tier


class Kind(StrEnum):
    """What the cells of a column hold; a row has None where there is nothing."""

    TEXT = "text"  # str
    NUMBER = "number"  # int
    MONEY = "money"  # Decimal, in rupiah
    DAY = "day"  # date


@dataclass(frozen=True)
class Column:
    """One column of a sheet: the name of the row's attribute, its head, the kind of its cells, its width in letters."""

    name: str
    head: str | Promise
    kind: Kind = Kind.TEXT
    width: int = 16


@dataclass(frozen=True)
class Listing:
    """A list: `cases` names the complaints in order, `rows` makes a reader that turns a chunk of them into rows.

    A reader may leave out what is no longer there or does not belong; it numbers nothing. `template` prints a part of
    it as PDF; without one the list is offered as a sheet only.
    """

    code: str  # also the beginning of its file names
    name: str | Promise
    columns: Callable[[Export], Sequence[Column]]
    cases: Callable[[Export], Iterable[int]]
    rows: Callable[[Export], Callable[[Sequence[int]], list[Any]]]
    template: str = ""
    narrowed: Callable[[Export], str] = lambda _export: ""  # to what, in words, where there is a choice
    offered: bool = True  # on the page where one asks for a list; else only from where its filter is chosen

    @property
    def formats(self) -> list[Format]:
        return [each for each in Format if each != Format.PDF or self.template]


def within(export: Export) -> ComplaintQuerySet:
    """Return what the asker may see of the programme and area, as far as it was recorded when they asked."""
    found = Complaint.objects.visible_to(export.asked_by).filter(
        programme=export.programme, created_at__lte=export.asked_at, received_at__lt=export.ends_at
    )
    if export.tier == Tier.PUSAT:
        return found
    return found.filter(**{SCOPE_COLUMN[export.tier]: export.region_id})


def in_order(found: ComplaintQuerySet) -> Iterable[int]:
    """Return the complaints in the order in which they were received, read little by little."""
    return found.order_by("received_at", "pk").values_list("pk", flat=True).iterator(chunk_size=10_000)
