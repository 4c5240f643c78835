"""No published number is below five, and no subtraction over parts, filters and months gives one back (D57)."""

import random
from collections import Counter
from itertools import product
from statistics import mean, pstdev

import pytest

from reports.figures import suppression
from reports.figures.suppression import LEAST, STEP, disturbance, shown

KEY = b"kunci"
MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def publish(counts, *, time="2026-10", key=KEY):
    return {name: shown(count, name, time=time, key=key) for name, count in counts.items()}


def tables(rng, programmes=3, provinces=6, categories=4):
    """Return random counts of every part of two or three dimensions and all their sums, by name; `*` is a sum."""
    counts = Counter()
    sizes = [rng.choice([0, 1, 2, 3, 4, 6, 30, 400]) for _ in range(programmes * provinces * categories)]
    for size, place in zip(sizes, product(range(programmes), range(provinces), range(categories)), strict=True):
        for name in product(*((str(each), "*") for each in place)):
            counts["/".join(name)] += size
    return counts


def parts_of(name, names):
    """Yield each way in which a published sum is made of other published numbers."""
    split = name.split("/")
    for at, each in enumerate(split):
        if each == "*":
            yield [
                other
                for other in names
                if other.split("/")[at] != "*" and [*other.split("/")[:at], "*", *other.split("/")[at + 1 :]] == split
            ]


@pytest.mark.parametrize("seed", range(20))
def test_d57_whatever_is_taken_from_whatever_no_difference_is_a_small_number(seed):
    """Over rows, columns, programmes and months: the number left over is never between one and four."""
    rng = random.Random(seed)
    counts = tables(rng)
    months = [publish(counts, time=time) for time in MONTHS[:3]]
    left = set()
    for published in months:
        for name in counts:
            for parts in parts_of(name, counts):
                left.add((published[name] or 0) - sum(published[part] or 0 for part in parts))
        left |= {(published[name] or 0) - (months[0][name] or 0) for name in counts}
    assert {number % STEP for number in left} == {0}
    assert [number for published in months for number in published.values() if number is not None and number < 5] == []


def test_d57_every_small_count_looks_the_same():
    assert {shown(count, f"{count}/{n}", time="2026-10", key=KEY) for count in range(LEAST) for n in range(200)} == {
        None
    }


def test_d57_no_amount_is_impossible_so_nothing_published_rules_a_small_count_out(monkeypatch):
    """A sum shown as 40 beside parts of 20 and 15 may be 5 and more: a part that is hidden may hold anything."""
    amounts = {}
    for wanted in range(-20, 21):
        monkeypatch.setattr(suppression.hmac, "digest", lambda *_, wanted=wanted: _digest(wanted))
        amounts[wanted] = disturbance("x", key=KEY)
    assert amounts == {wanted: wanted for wanted in range(-20, 21)}


def _digest(wanted):
    """Return 32 bytes of which the halves end in as many zeros as make the amount."""
    return b"".join((1 << max(0, number)).to_bytes(16, "big") for number in (wanted, -wanted))


def test_the_amounts_are_centred_and_small():
    amounts = [disturbance(str(n), key=KEY) for n in range(20_000)]
    assert abs(mean(amounts)) < 0.05
    assert abs(pstdev(amounts) - 2) < 0.05
    assert sum(abs(each) > 5 for each in amounts) / len(amounts) < 0.03


def test_the_same_number_is_published_each_time_it_is_asked_for():
    counts = tables(random.Random(1))
    assert publish(counts) == publish(counts)
    assert publish(counts) != publish(counts, key=b"kunci lain")


def guesses(hidden, rest, *, key, months):
    """Guess a hidden count by the best means there is: the mean of sum minus rest over the months, both published."""
    left = [
        (shown(rest + hidden, "sum", time=time, key=key) or 0) - (shown(rest, "rest", time=time, key=key) or 0)
        for time in months
    ]
    return min(range(LEAST), key=lambda count: abs(mean(left) - count))


@pytest.mark.parametrize("months", [MONTHS[:1], MONTHS])
def test_d57_taking_the_rest_from_the_sum_is_little_better_than_a_blind_guess(months):
    """One part is hidden, all others are one published number; a year of publications of unchanged counts is averaged.

    A blind guess among the five that there may be is right in a fifth of the cases.
    """
    right = [guesses(n % LEAST, 83 + n % 50, key=str(n).encode(), months=months) == n % LEAST for n in range(3000)]
    assert mean(right) < 0.4


def test_d57_a_case_that_comes_between_two_months_is_not_seen_in_the_difference():
    """Two to four new cases in a quiet place change a published number as if by chance."""
    right = []
    for n in range(1500):
        new = 1 + n % 4
        before, after = (
            shown(40 + n % 30 + more, "tempat", time=time, key=str(n).encode())
            for more, time in ((0, "2026-09"), (new, "2026-10"))
        )
        right.append(min(range(LEAST), key=lambda count: abs(after - before - count)) == new)
    assert mean(right) < 0.3


def test_large_numbers_stay_what_they_are():
    """The public loses nothing but the last digit."""
    assert all(abs(shown(10_000 + n, str(n), time="2026-10", key=KEY) - 10_000 - n) <= 25 for n in range(500))
