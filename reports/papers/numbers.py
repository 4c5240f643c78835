"""Write the numbers of a report as they are written in Indonesia: 12.345, 4,5, Rp 1.500.000 (docs/kata.md)."""

from decimal import Decimal

from django.utils.formats import number_format

CLOSED = "<5"
"""What stands for a number that an outsider does not get (D57)."""


def amount(number: int | None) -> str:
    """Return a whole number as it is written in the language in use: 12.345; None is one that stays closed."""
    return CLOSED if number is None else number_format(number, decimal_pos=0, use_l10n=True, force_grouping=True)


def rupiah(number: Decimal) -> str:
    """Return an amount in rupiah; cents only where there are some."""
    cents = 0 if number == number.to_integral_value() else 2
    return "Rp\N{NO-BREAK SPACE}" + number_format(number, decimal_pos=cents, use_l10n=True, force_grouping=True)


def share(part: int, whole: int) -> str:
    """Return a share in whole per cent; a dash of nothing."""
    return f"{round(100 * part / whole)}%" if whole else "–"


def ratio(number: int, to: int) -> str:
    """Return how many there are to each one, with one decimal: 1,2; a dash of nothing."""
    return number_format(number / to, decimal_pos=1, use_l10n=True) if to else "–"
