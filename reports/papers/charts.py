"""Draw the charts of a report on paper; each stands beside the table of its numbers.

Dark and light differ in grey print too, and no meaning hangs on colour alone. `screen_charts` draws for a phone.
In `trend` a number of None is one that an outsider does not get (D57): it has no bar.
"""

from collections.abc import Sequence
from itertools import chain

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.papers.drawing import DARK, GRID, INK, LIGHT, RAMP, label, picture, rectangle, rule
from reports.papers.numbers import amount
from reports.papers.tiles import COLUMNS, ROWS, TILES, classes
from reports.papers.words import Line, SpeedLine
from reports.periods import Month

RANKED = 15  # places; the table has all
WIDTH = 640  # of the type area
LETTER, LONGEST = 5.1, 215  # how wide a letter of a name is, and the most room that names get
FIRST_COLUMN = 87.3  # of the table of months that stands under its chart: 24 of 176 mm


def trend(points: Sequence[tuple[Month, int | None, int | None]]) -> SafeString:
    """Draw twelve months: what came in, dark, beside what was settled, light; each above its column of the table."""
    head, foot = 8, 128
    step = (WIDTH - FIRST_COLUMN) / len(points)
    bar = step * 0.36
    top = scale(max((number or 0 for _month, *both in points for number in both), default=0))
    parts = list(_levels(top, head, foot))
    for place, (_month, received, settled) in enumerate(points):
        right = FIRST_COLUMN + (place + 1) * step - 4
        for number, x, fill in ((received, right - 2 * bar - 1, DARK), (settled, right - bar, LIGHT)):
            tall = round((number or 0) / top * (foot - head), 1)
            parts.append(rectangle(x, foot - tall, bar, tall, fill))
    parts.append(rule(FIRST_COLUMN, foot, WIDTH, foot))
    title = _("Pengaduan masuk dan selesai setiap bulan, %(first)s sampai %(last)s") % {
        "first": points[0][0].label,
        "last": points[-1][0].label,
    }
    return picture(WIDTH, foot + 2, title, parts)


def _levels(top: int, head: float, foot: float) -> Sequence[SafeString]:
    """Draw the lines that the bars are read against."""
    for part in (0.5, 1):
        y = foot - part * (foot - head)
        yield rule(FIRST_COLUMN, y, WIDTH, y, stroke=GRID)
        if top * part == int(top * part):
            yield label(FIRST_COLUMN - 6, y + 3.5, amount(int(top * part)), size=9, anchor="end")


def on_time(lines: Sequence[Line]) -> SafeString:
    """Draw what was settled at each tier: in time, dark, and after the original deadline, light."""
    rows = []
    for line in lines:
        late = line.counts["settled_late"]
        words = _("%(on_time)s tepat waktu, %(late)s terlambat") % {
            "on_time": amount(line.on_time),
            "late": amount(late),
        }
        rows.append((line.label, line.on_time, late, words))
    return _lying(rows, _("Yang selesai tepat waktu dan terlambat menurut jenjang"), beside=170)


def ranked(lines: Sequence[Line]) -> SafeString:
    """Draw what is open at each place, the most first: within its deadline, dark, and late, light."""
    order = sorted(lines, key=lambda line: -line.counts["open"])
    rows = []
    for line in order[:RANKED]:
        number, late = line.counts["open"], line.counts["late"]
        rows.append((line.label, number - late, late, amount(number)))
    return _lying(rows, _("Pengaduan yang berjalan menurut tempat, dari yang terbanyak"), beside=50, row=15)


def speeds(lines: Sequence[SpeedLine]) -> SafeString:
    """Draw how long things took in days: half of them, dark, and nine of ten, light, as one bar."""
    rows = []
    for line in lines:
        half, most = line.median_days or 0, line.p90_days or 0
        words = _("%(half)s dan %(most)s hari") % {"half": amount(half), "most": amount(most)}
        rows.append((line.label, half, most - half, words))
    return _lying(rows, _("Lama dalam hari: separuh kasus, dan sembilan dari sepuluh kasus"), beside=90, row=16.5)


def _lying(rows: Sequence[tuple[str, int, int, str]], title: str, *, beside: float, row: float = 18) -> SafeString:
    """Draw one lying bar a row, of a dark and a light part; `beside` is the room for the words after it."""
    left = min(LONGEST, LETTER * max((len(name) for name, *_rest in rows), default=0) + 12)
    room = WIDTH - left - beside
    top = max((dark + light for _name, dark, light, _words in rows), default=0) or 1
    parts = []
    for place, (name, dark, light, words) in enumerate(rows):
        y, middle = place * row + 2.5, place * row + row / 2 + 3.5
        first, second = dark / top * room, light / top * room
        parts += [
            label(left - 8, middle, name, size=9.5, anchor="end"),
            rectangle(left, y, first, row - 5, DARK),
            rectangle(left + first, y, second, row - 5, LIGHT),
            label(left + first + second + 7, middle, words, size=9.5, anchor="start"),
        ]
    parts.append(rule(left, 0, left, len(rows) * row))
    return picture(WIDTH, len(rows) * row, title, parts)


def ages(lines: Sequence[Line]) -> SafeString:
    """Draw how long what is not yet followed up has waited; each bar above its column of the table."""
    head, foot, step = 4, 62, WIDTH / len(lines)
    numbers = [line.counts["not_followed_up"] for line in lines]
    top = max(numbers, default=0) or 1
    parts = []
    for place, number in enumerate(numbers):
        tall = round(number / top * (foot - head), 1)
        parts.append(rectangle(place * step, foot - tall, step * 0.45, tall, DARK))
    parts.append(rule(0, foot, WIDTH, foot))
    return picture(WIDTH, foot + 2, _("Yang belum ditindaklanjuti menurut umur sejak diterima"), parts)


def provinces(open_cases: dict[str, int]) -> SafeString:
    """Draw one tile a province with the number of open cases; the darker, the more, with what each shade means."""
    wide, tall = WIDTH / COLUMNS, 36
    shades = classes(open_cases.values())
    parts = []
    for code, (letters, column, row) in TILES.items():
        number = open_cases.get(code, 0)
        shade = next((place for place, (_low, high) in enumerate(shades, 1) if number <= high), 0)
        shade = shade if number else 0
        ink = "#ffffff" if shade == len(RAMP) - 1 else INK
        x, y, words = column * wide + 1, row * tall + 1, amount(number)
        parts += [
            rectangle(x, y, wide - 2, tall - 2, RAMP[shade]),
            label(x + wide / 2 - 1, y + 13, letters, size=10, fill=ink),
            label(x + wide / 2 - 1, y + 28, words, size=min(14, 72 / len(words)), fill=ink, weight="bold"),
        ]
    legend = [(0, _("tidak ada"))] + [(shade, _range(*bounds)) for shade, bounds in enumerate(shades, 1)]
    parts += chain.from_iterable(
        (
            rectangle(9 * wide, place * 14 + 2, 18, 11, RAMP[shade]),
            label(9 * wide + 25, place * 14 + 11, words, size=10, anchor="start"),
        )
        for place, (shade, words) in enumerate(legend)
    )
    return picture(WIDTH, ROWS * tall, _("Pengaduan yang berjalan menurut provinsi"), parts)


def _range(low: int, high: int) -> str:
    return amount(low) if low == high else f"{amount(low)}–{amount(high)}"


def scale(most: int) -> int:
    """Return a round number at or above the largest, for the top of a scale."""
    power = 10 ** max(0, len(str(most)) - 1)
    return next(step * power for step in (2, 4, 6, 8, 10, 20) if step * power >= most)
