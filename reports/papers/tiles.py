"""Where each province stands on the tile map, placed by hand after the map of Indonesia, and how dark it is."""

from collections.abc import Iterable
from itertools import pairwise

TILES = {  # code: (letters, column, row)
    "11": ("AC", 0, 0), "12": ("SU", 1, 0), "14": ("RI", 1, 1), "21": ("KR", 3, 0), "13": ("SB", 0, 2),
    "15": ("JA", 1, 2), "19": ("BB", 3, 2), "17": ("BE", 0, 3), "16": ("SS", 1, 3), "18": ("LA", 2, 3),
    "36": ("BT", 2, 4), "31": ("JK", 3, 4), "32": ("JB", 3, 5), "33": ("JT", 4, 5), "34": ("YO", 4, 6),
    "35": ("JI", 5, 5), "51": ("BA", 6, 6), "52": ("NB", 7, 6), "53": ("NT", 8, 6),
    "61": ("KB", 4, 2), "62": ("KT", 5, 2), "63": ("KS", 5, 3), "64": ("KI", 6, 2), "65": ("KU", 6, 1),
    "76": ("SR", 7, 3), "73": ("SN", 7, 4), "74": ("SG", 8, 4), "72": ("ST", 8, 3), "75": ("GO", 8, 2),
    "71": ("SA", 9, 2), "82": ("MU", 10, 2), "81": ("MA", 10, 4), "96": ("PD", 11, 3), "92": ("PB", 12, 3),
    "91": ("PA", 13, 3), "94": ("PT", 12, 4), "95": ("PE", 13, 4), "93": ("PS", 13, 5),
}  # fmt: skip
COLUMNS, ROWS = 14, 7
SHADES = 4


def letters(code: str) -> str:
    """Return the letters on the tile of a province; nothing of another area."""
    return TILES[code][0] if code in TILES else ""


def classes(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return up to four ranges, least and most, that hold about as many provinces each: a shade for each range.

    Ranges of equal width would leave all but the two largest provinces equally pale.
    """
    found = sorted(number for number in numbers if number)
    if not found:
        return []
    tops = sorted({found[-(-len(found) * part // SHADES) - 1] for part in range(1, SHADES + 1)})
    starts = [found[0], *(next(number for number in found if number > below) for below, _top in pairwise(tops))]
    return list(zip(starts, tops, strict=True))
