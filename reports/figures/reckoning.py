"""What reckons the figures of each kind of report, and under which version of its definitions (D44, D45, D47)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports import queries
from reports.figures import prominent, recurring, tallies
from reports.periods import Kind
from tiers.models import Tier


@dataclass(frozen=True)
class Reckoning:
    """How one kind of report is reckoned: `figures(subject, as_of=…)` returns a dataclass of codes and numbers.

    `lists` names the fields that hold a `total` and `cases`, `tiers` are the areas of the kind.
    """

    figures: Callable[..., Any]
    version: int
    lists: tuple[str, ...] = ()
    tiers: frozenset[Tier] = frozenset({Tier.PUSAT, Tier.PROVINSI, Tier.KABUPATEN})


RECKONINGS: dict[str, Reckoning] = {
    Kind.MONTHLY: Reckoning(tallies.figures, queries.VERSION, ("not_followed_up", "attention")),
    Kind.BIWEEKLY: Reckoning(prominent.figures, prominent.VERSION, ("cases",)),
    Kind.QUARTERLY: Reckoning(recurring.figures, recurring.VERSION, tiers=frozenset({Tier.PUSAT, Tier.PROVINSI})),
}
