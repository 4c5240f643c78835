"""What reckons the figures of each kind of report, and under which version of its definitions (D44, D45, D47)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports import prominent, queries, recurring
from reports.periods import Kind
from tiers.models import Tier


def _counts_stay_whole(figures: dict[str, Any], case: dict[str, Any]) -> None:
    """Leave the counts as they are: those of a month are of so many cases that they tell of none."""


@dataclass(frozen=True)
class Reckoning:
    """How one kind of report is reckoned: `figures(subject, as_of=…)` returns a dataclass of codes and numbers.

    `lists` names the fields that hold a `total` and `cases`: the cases are kept from the accused and the recused, and
    `without` takes such a case out of the counts of the stored figures too (D49). `tiers` are the areas of the kind.
    """

    figures: Callable[..., Any]
    version: int
    lists: tuple[str, ...] = ()
    without: Callable[[dict[str, Any], dict[str, Any]], None] = _counts_stay_whole
    tiers: frozenset[Tier] = frozenset({Tier.PUSAT, Tier.PROVINSI, Tier.KABUPATEN})


RECKONINGS: dict[str, Reckoning] = {
    Kind.MONTHLY: Reckoning(queries.figures, queries.VERSION, ("not_followed_up", "attention")),
    Kind.BIWEEKLY: Reckoning(prominent.figures, prominent.VERSION, ("cases",), prominent.without),
    Kind.QUARTERLY: Reckoning(recurring.figures, recurring.VERSION, tiers=frozenset({Tier.PUSAT, Tier.PROVINSI})),
}
