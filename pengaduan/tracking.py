"""The tracking code: fifteen random digits and a check digit, kept only as a keyed hash (D62)."""

import secrets

from pengaduan.sealing import keyed_hash

DIGITS = 16


def check_digit(digits: str) -> str:
    """Return the digit of Damm's method, which finds every single slip and every swap of neighbours."""
    interim = 0
    for digit in digits:
        interim = _QUASIGROUP[interim][int(digit)]
    return str(interim)


def new_code() -> str:
    """Return a fresh code of sixteen digits."""
    digits = "".join(secrets.choice("0123456789") for _ in range(DIGITS - 1))
    return digits + check_digit(digits)


def in_groups(code: str) -> str:
    """Return the code as it is read out and printed: `1234 5678 9012 3456`."""
    return " ".join(code[i : i + 4] for i in range(0, len(code), 4))


def clean(typed: str) -> str | None:
    """Return the sixteen digits of what a person typed, or None when it cannot be a code."""
    digits = "".join(character for character in typed if character not in " -.\u00a0\t")
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if check_digit(digits[:-1]) == digits[-1] else None


def code_hash(code: str) -> bytes:
    """Return what is stored in place of the code."""
    return keyed_hash("tracking-code", code)


# A totally anti-symmetric quasigroup of order ten (H. M. Damm, 2004).
_QUASIGROUP = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
