"""Draw the charts of a report on paper; each stands beside the table of its numbers.

Dark and light differ in grey print too, and every bar carries its number. `screen_charts` draws them for a phone.
"""

from collections.abc import Sequence
from itertools import chain

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.drawing import DARK, INK, LIGHT, RAMP, label, picture, rectangle, rule
from reports.numbers import amount
from reports.periods import Month
from reports.tiles import COLUMNS, ROWS, TILES
from reports.words import Line


def trend(points: Sequence[tuple[Month, int, int]]) -> SafeString:
    """Draw twelve months: what came in, dark, beside what was settled, light."""
    width, height, foot, head = 640, 170, 32, 14
    step, bar = width / len(points), width / len(points) * 0.42
    top = max(chain.from_iterable((received, settled) for _month, received, settled in points)) or 1
    size = min(8.5, bar / len(amount(top)) * 1.75)  # so that the numbers of two bars stand apart
    parts = []
    for place, (month, received, settled) in enumerate(points):
        left = place * step + step * 0.06
        for number, x, fill in ((received, left, DARK), (settled, left + bar + 2, LIGHT)):
            tall = round(number / top * (height - foot - head), 1)
            parts.append(rectangle(x, height - foot - tall, bar, tall, fill))
            parts.append(label(x + bar / 2, height - foot - tall - 3, amount(number), size=size))
        parts.append(label(left + bar, height - foot + 12, date_format(month.first, "M"), size=9.5))
        if place == 0 or month.first.month == 1:
            parts.append(label(left + bar, height - foot + 24, f"{month.first:%Y}", size=9.5))
    parts.append(rule(0, height - foot, width, height - foot))
    (first, *_rest), (last, *_rest) = points[0], points[-1]
    title = _("Pengaduan masuk dan selesai setiap bulan, %(first)s sampai %(last)s") % {
        "first": first.label,
        "last": last.label,
    }
    return picture(width, height, title, parts)


def on_time(lines: Sequence[Line]) -> SafeString:
    """Draw what was settled at each tier: in time, dark, and after the original deadline, light."""
    width, row, left, right = 640, 24, 130, 170
    top = max((line.counts["settled"] for line in lines), default=0) or 1
    parts = []
    for place, line in enumerate(lines):
        y = place * row + 4
        dark = line.on_time / top * (width - left - right)
        light = line.counts["settled_late"] / top * (width - left - right)
        words = _("%(on_time)s tepat waktu, %(late)s terlambat") % {
            "on_time": amount(line.on_time),
            "late": amount(line.counts["settled_late"]),
        }
        parts += [
            label(left - 8, y + 12, line.label, size=10, anchor="end"),
            rectangle(left, y, dark, row - 8, DARK),
            rectangle(left + dark, y, light, row - 8, LIGHT),
            label(left + dark + light + 8, y + 12, words, size=10, anchor="start"),
        ]
    parts.append(rule(left, 0, left, len(lines) * row))
    return picture(width, len(lines) * row, _("Yang selesai tepat waktu dan terlambat menurut jenjang"), parts)


def provinces(open_cases: dict[str, int]) -> SafeString:
    """Draw one tile a province with the number of open cases; the darker, the more."""
    size, top = 44, max(open_cases.values(), default=0) or 1
    parts = []
    for code, (letters, column, row) in TILES.items():
        number = open_cases.get(code, 0)
        shade = min(len(RAMP) - 1, 1 + number * (len(RAMP) - 1) // (top + 1)) if number else 0
        ink = "#ffffff" if shade == len(RAMP) - 1 else INK
        x, y = column * size + 1, row * size + 1
        parts += [
            rectangle(x, y, size - 2, size - 2, RAMP[shade]),
            label(x + size / 2 - 1, y + 16, letters, size=10, fill=ink),
            label(x + size / 2 - 1, y + 33, amount(number), size=12, fill=ink, weight="bold"),
        ]
    return picture(COLUMNS * size, ROWS * size, _("Pengaduan yang berjalan menurut provinsi"), parts)
