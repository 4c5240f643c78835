"""What reckons the figures of each kind of report, and under which version of its definitions (D44, D45, D47)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports import queries
from reports.periods import Kind


@dataclass(frozen=True)
class Reckoning:
    """How one kind of report is reckoned: `figures(subject, as_of=…)` returns a dataclass of codes and numbers.

    `lists` names the fields that are a `records.Listed`: their cases are kept from the accused and the recused (D49).
    """

    figures: Callable[..., Any]
    version: int
    lists: tuple[str, ...] = ()


RECKONINGS = {Kind.MONTHLY: Reckoning(queries.figures, queries.VERSION, ("not_followed_up", "attention"))}
