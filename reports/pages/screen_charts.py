"""Draw the charts for a page: as wide as a small phone, so that their letters can be read there and grow elsewhere.

They stand on white paper of their own, also on a dark page. None is a number that is not shown to the public (D57);
it has no bar. The table beside a picture has its numbers.
"""

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.papers.drawing import DARK, INK, LIGHT, PAPER, RAMP, label, picture, rectangle, rule
from reports.papers.numbers import amount
from reports.papers.tiles import COLUMNS, ROWS, TILES
from reports.periods import Month

WIDTH, EDGE = 340, 8
Points = Sequence[tuple[Month, int | None, int | None]]
Lines = Sequence[tuple[str, int, int]]


def trend(points: Points) -> SafeString:
    """Draw the months: what came in, dark, beside what was settled, light."""
    numbers = [number for _month, *both in points for number in both if number]
    top = _scale(max(numbers, default=0))
    left, foot, head, height = 14 + 6 * len(amount(top)), 196, 34, 232
    step = (WIDTH - EDGE - left) / len(points)
    parts = _legend(pgettext("received", "masuk"), _("selesai"))
    for part in (0, 1, 2):
        y = foot - part / 2 * (foot - head)
        parts += [
            rule(left, y, WIDTH - EDGE, y),
            label(left - 5, y + 4, amount(top * part // 2), size=10, anchor="end"),
        ]
    for place, (month, *both) in enumerate(points):
        x = left + place * step + step * 0.1
        for number, offset, fill in zip(both, (0, step * 0.4), (DARK, LIGHT), strict=True):
            tall = (number or 0) / top * (foot - head)
            parts.append(rectangle(x + offset, foot - tall, step * 0.38, tall, fill))
        parts.append(label(x + step * 0.4, foot + 14, date_format(month.first, "M")[:3], size=9))
        if place == 0 or month.first.month == 1:
            parts.append(label(x + step * 0.4, foot + 27, f"{month.first:%Y}", size=9))
    first, last = points[0][0].label, points[-1][0].label
    title = _("Pengaduan masuk dan selesai setiap bulan, %(first)s sampai %(last)s") % {"first": first, "last": last}
    return _on_paper(height, title, parts)


def on_time(lines: Lines) -> SafeString:
    """Draw, one line below the other, what was settled in time, dark, and after the original deadline, light."""
    top = max((early + late for _name, early, late in lines), default=0) or 1
    parts, row, head = _legend(_("tepat waktu"), _("terlambat")), 38, 32
    for place, (name, early, late) in enumerate(lines):
        y = head + place * row
        dark, light = (number / top * (WIDTH - 2 * EDGE) for number in (early, late))
        words = _("%(on_time)s tepat waktu, %(late)s terlambat") % {"on_time": amount(early), "late": amount(late)}
        parts += [
            label(EDGE, y + 13, name, size=11, anchor="start"),
            label(WIDTH - EDGE, y + 13, words, size=10, anchor="end"),
            rectangle(EDGE, y + 18, dark, 12, DARK),
            rectangle(EDGE + dark, y + 18, light, 12, LIGHT),
        ]
    return _on_paper(head + len(lines) * row, _("Yang selesai tepat waktu dan terlambat menurut jenjang"), parts)


def provinces(numbers: dict[str, int | None], title: str) -> SafeString:
    """Draw one tile a province; the darker, the more. The title says of what."""
    size, head = (WIDTH - 2 * EDGE) / COLUMNS, 30
    top = max((number or 0 for number in numbers.values()), default=0) or 1
    parts = [label(EDGE, 20, _("sedikit"), size=11, anchor="start")]
    parts += [rectangle(54 + place * 18, 9, 16, 14, fill) for place, fill in enumerate(RAMP)]
    parts.append(label(54 + len(RAMP) * 18 + 4, 20, _("banyak"), size=11, anchor="start"))
    for code, (letters, column, line) in TILES.items():
        number = numbers.get(code) or 0
        shade = min(len(RAMP) - 1, 1 + number * (len(RAMP) - 1) // (top + 1)) if number else 0
        x, y = EDGE + column * size, head + line * size
        parts += [
            rectangle(x, y, size - 1.5, size - 1.5, RAMP[shade]),
            label(
                x + size / 2 - 0.7, y + size / 2 + 3, letters, size=10.5, fill=PAPER if shade == len(RAMP) - 1 else INK
            ),
        ]
    return _on_paper(head + ROWS * size + EDGE, title, parts)


def _legend(dark: str, light: str) -> list[SafeString]:
    return [
        rectangle(EDGE, 9, 11, 11, DARK),
        label(EDGE + 17, 19, dark, size=11, anchor="start"),
        rectangle(WIDTH / 2, 9, 11, 11, LIGHT),
        label(WIDTH / 2 + 17, 19, light, size=11, anchor="start"),
    ]


def _scale(most: int) -> int:
    """Return an even round number at or above the largest, for the top of the scale."""
    power = 10 ** max(0, len(str(most)) - 1)
    steps = (1, 2, 4, 6, 8, 10) if power > 1 else (2, 4, 6, 8, 10)  # half of it is a whole number too
    return next(step * power for step in steps if step * power >= most)


def _on_paper(height: float, title: str, parts: list[SafeString]) -> SafeString:
    return picture(WIDTH, height, title, [rectangle(0.4, 0.4, WIDTH - 0.8, height - 0.8, PAPER), *parts])
