"""Draw the chart of the quarterly report; its numbers stand in the table below it."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.papers.drawing import DARK, LIGHT, label, picture, rectangle, rule
from reports.papers.numbers import amount
from reports.papers.quarterly import Problem

WIDTH, ROW, BAR = 640, 34, 12
LETTER, LONGEST = 5.1, 240  # how wide a letter of a name is, and the most room that names get
BESIDE = 60  # for the number after the longest bar


def quarters(problems: Sequence[Problem]) -> SafeString:
    """Draw what came in of each problem: this quarter, dark, above the one before, light."""
    left = min(LONGEST, LETTER * max(len(each.label) for each in problems) + 12)
    top = max(max(each.number, each.before) for each in problems) or 1
    parts = []
    for place, problem in enumerate(problems):
        y = place * ROW + 3
        parts.append(label(left - 8, y + BAR + 4, _short(problem.label, left), size=9.5, anchor="end"))
        for number, at, fill in ((problem.number, y, DARK), (problem.before, y + BAR + 1, LIGHT)):
            wide = number / top * (WIDTH - left - BESIDE)
            parts.append(rectangle(left, at, wide, BAR, fill))
            parts.append(label(left + wide + 6, at + BAR - 2.5, amount(number), size=9, anchor="start"))
    parts.append(rule(left, 0, left, len(problems) * ROW))
    title = _("Pengaduan menurut masalah, triwulan ini dan sebelumnya")
    return picture(WIDTH, len(problems) * ROW, title, parts)


def _short(name: str, room: float) -> str:
    most = int(room / LETTER)
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
