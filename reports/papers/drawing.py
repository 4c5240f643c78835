"""The strokes of a chart in SVG. Colours are attributes: no style, no script."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

DARK, LIGHT, LINE, INK, PAPER = "#0a489f", "#c9daf0", "#5c6b7a", "#111111", "#ffffff"
GRID = "#d5dbe1"  # what numbers are read against
RAMP = (PAPER, "#dbe7f6", "#a9c3e6", "#5f92d4", "#0a489f")


def picture(width: float, height: float, title: str, parts: list[SafeString]) -> SafeString:
    """Return a picture with its name for who hears it."""
    return format_html(
        '<svg role="img" viewBox="0 0 {} {}" width="{}" height="{}" xmlns="http://www.w3.org/2000/svg"'
        ' font-family="Plus Jakarta Sans, sans-serif"><title>{}</title>{}</svg>',
        *(_plain(width), _plain(height)) * 2,
        title,
        format_html_join("", "{}", ((part,) for part in parts)),
    )


def rectangle(x: float, y: float, width: float, height: float, fill: str) -> SafeString:
    """Return a bar or a tile; nothing where it has no width or height."""
    return format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" fill="{}" stroke="{}" stroke-width=".7"/>',
        _plain(x), _plain(y), _plain(width), _plain(height), fill, LINE,
    ) if width and height else SafeString()  # fmt: skip


def rule(x: float, y: float, to_x: float, to_y: float, *, stroke: str = LINE) -> SafeString:
    """Return a thin line between two points."""
    coordinates = [_plain(each) for each in (x, y, to_x, to_y)]
    return format_html('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"/>', *coordinates, stroke)


def label(
    x: float, y: float, words: str, *, size: float, anchor: str = "middle", fill: str = INK, weight: str = "normal"
) -> SafeString:
    """Return words at a place; `anchor` says which end of them stands there."""
    return format_html(
        '<text x="{}" y="{}" font-size="{}" text-anchor="{}" fill="{}" font-weight="{}">{}</text>',
        _plain(x), _plain(y), _plain(size), anchor, fill, weight, words,
    )  # fmt: skip


def _plain(number: float) -> str:
    """Return a coordinate with a point: the template language would write a comma in Indonesian."""
    return f"{number:g}" if isinstance(number, int) else f"{number:.1f}"
