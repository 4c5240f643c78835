"""Make a count fit for the public: no number below five, and none that subtraction gives back (D57).

Each number that is published goes through `shown` by itself, under the name of what it counts:

1. below five it is not shown, zero no more than four;
2. otherwise two amounts that only the key knows are added or taken away, one that belongs to the name for ever and one
   that belongs to the name at that time: asking again teaches nothing, neither does asking every month. Each is 0 half
   of the times or one off, seldom more than four, but has no largest amount;
3. the result is rounded to a multiple of five, and not shown either when that comes out below five.

Whatever is on a page besides (shares, the order of rows, bars) must be reckoned from what `shown` returned. Then every
difference of published numbers is a multiple of five and carries the unknown amounts of both; and as no amount is
impossible, no set of published numbers rules out any value of a cell that is not shown.
docs/decisions/0020-public-figures.md says why not another rule.
"""

import hashlib
import hmac

LEAST = 5
STEP = 5


def shown(count: int, name: str, *, time: str, key: bytes) -> int | None:
    """Return what the public may read of a count; None is "fewer than five, or hardly more"."""
    if count < LEAST:
        return None
    disturbed = count + disturbance(name, key=key) + disturbance(f"{name}@{time}", key=key)
    rounded = (disturbed + STEP // 2) // STEP * STEP
    return rounded if rounded >= LEAST else None


def disturbance(name: str, *, key: bytes) -> int:
    """Return the amount by which the count of this name is off: around 0, of variance 4, the same every time.

    It is the difference of two geometric draws: k with probability 2^-(k+1), the number of zeros with which a random
    number ends. One complaint more or less never makes a published number more than twice as likely.
    """
    digest = hmac.digest(key, name.encode(), hashlib.sha256)
    up, down = (int.from_bytes(half) for half in (digest[:16], digest[16:]))
    return _zeros_at_the_end(up) - _zeros_at_the_end(down)


def _zeros_at_the_end(number: int) -> int:
    return (number & -number).bit_length() - 1 if number else 8 * 16
