"""The colours of the stylesheet with their contrast, read from the built file so that nobody has to keep a list."""

import re
from dataclasses import dataclass
from functools import cache

from django.conf import settings

ON_PAGE = ("text", "secondary-text", "link", "link-hover", "link-visited", "error", "success", "near")
"""Colours that words have on the ground of the page and of a surface."""

WITH_WHITE = ("header", "leave")
"""Grounds under white words."""

DECLARED = re.compile(r"--(?:govuk|app)-([\w-]+?)(?:-colour)?:(#[0-9a-fA-F]{3,6})")
DARK = re.compile(r"prefers-color-scheme:\s*dark\)\s*\{\s*:root\{([^}]*)\}")


@dataclass(frozen=True)
class Token:
    """One colour by its name, in the light and in the dark; `contrast` is the smaller of those it is used with."""

    name: str
    light: str
    dark: str
    light_contrast: float | None
    dark_contrast: float | None


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (#rrggbb or #rgb) as WCAG 2 reckons it, 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@cache
def tokens() -> list[Token]:
    """Return every colour that has a name, as the stylesheet declares it."""
    css = (settings.BASE_DIR / "static/css/app.css").read_text()
    dark_block = DARK.search(css)
    dark = dict(DECLARED.findall(dark_block[1]))
    light = {name: value for root in re.findall(r":root\{([^}]*)\}", css) for name, value in DECLARED.findall(root)}
    light |= dict(DECLARED.findall(css[: dark_block.start()]))
    dark = light | dark
    return [
        Token(name, light[name], dark[name], _smallest(name, light), _smallest(name, dark))
        for name in light
        if name != "print-text"
    ]


def _smallest(name: str, palette: dict[str, str]) -> float | None:
    if name in ON_PAGE:
        grounds = [palette["body-background"], palette["surface-background"]]
    elif name in WITH_WHITE:
        grounds = ["#ffffff"]
    elif name == "brand":
        grounds = [palette["inverse-text"]]
    elif name == "focus":
        grounds = [palette["focus-text"]]
    else:
        return None
    return min(contrast(palette[name], ground) for ground in grounds)


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(2 * each for each in digits)
    red, green, blue = (_linear(int(digits[at : at + 2], 16) / 255) for at in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
