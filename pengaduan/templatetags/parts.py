"""The parts that pages are put together from: lists of tasks, what happened, what was said, bars, notices.

They belong to the library `face` (one `{% load face %}` a template); docs/face.md and /petugas/gaya/ show each.
"""

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext

register = template.Library()

SHARES = ("late", "near", "within", "still")
"""The parts of a bar of deadlines, the most pressing first; their colours are `app-bar--…` in the stylesheet."""


@register.simple_tag
def status_tag(words: str, colour: str = "") -> str:
    """Write a short state as a tag; colours: green, purple, red, orange, teal, magenta, grey, none for blue."""
    tone = f" govuk-tag--{colour}" if colour else ""
    return format_html('<strong class="govuk-tag{}">{}</strong>', tone, words)


@register.simple_block_tag
def task_list(content: SafeString) -> str:
    """Hold the `{% task %}` lines of what there is to do."""
    return format_html('<ul class="govuk-task-list">{}</ul>', content)


@register.simple_tag
def task(words: str, href: str = "", status: str = "", colour: str = "", hint: str = "") -> str:
    """Write one thing to do with how it stands; done is plain words, what is still to do carries a colour.

    Without `href` it cannot be begun yet, or not by the reader. The words are unique on their page: the ids of
    status and hint, which the link is described by, are made from them.
    """
    name = f"tugas-{slugify(words)}"
    told = f"{name}-petunjuk {name}-status" if hint else f"{name}-status"
    title = (
        format_html(
            '<a class="govuk-link govuk-task-list__link" href="{}" aria-describedby="{}">{}</a>', href, told, words
        )
        if href
        else format_html("<span>{}</span>", words)
    )
    return format_html(
        '<li class="govuk-task-list__item{}"><div class="govuk-task-list__name-and-hint">{}{}</div>'
        '<div class="govuk-task-list__status" id="{}-status">{}</div></li>',
        " govuk-task-list__item--with-link" if href else "",
        title,
        format_html('<div class="govuk-task-list__hint" id="{}-petunjuk">{}</div>', name, hint) if hint else "",
        name,
        status_tag(status, colour) if colour else status,
    )


@register.inclusion_tag("face/timeline.html")
def timeline(entries: Iterable, clock: bool = False) -> dict:
    """Tell what happened, the newest first: each entry has `at` and `what`, and may have `who`, `moved`, `note` …

    Times are those of the current time zone; with `clock` the hour is told as well.
    """
    return {"entries": entries, "clock": clock}


@register.simple_block_tag
def message(content: SafeString, who: str = "", when="", theirs: bool = False) -> str:
    """Show what one side wrote to the other; `theirs` when it came from the complainant. Line breaks are kept."""
    told = format_html_join(" · ", "{}", [(part,) for part in (who, when) if part])
    return format_html(
        '<div class="app-message{}">{}{}</div>',
        " app-message--theirs" if theirs else "",
        format_html('<p class="app-timeline__who">{}</p>', told) if told else "",
        content,
    )


@register.simple_block_tag
def inset(content: SafeString) -> str:
    """Set words apart from the text around them: a quotation, a condition."""
    return format_html('<div class="govuk-inset-text">{}</div>', content)


@register.simple_block_tag
def warning(content: SafeString) -> str:
    """Warn of what has consequences: an exclamation mark, bold words, "Perhatian" for a screen reader."""
    return format_html(
        '<div class="govuk-warning-text"><span class="govuk-warning-text__icon" aria-hidden="true">!</span>'
        '<div class="govuk-warning-text__text"><span class="govuk-visually-hidden">{}: </span>{}</div></div>',
        gettext("Perhatian"),
        content,
    )


@register.simple_block_tag
def details(content: SafeString, words: str, open: bool = False) -> str:
    """Fold away what only some readers need, under words that say what is there."""
    return format_html(
        '<details class="govuk-details"{}><summary class="govuk-details__summary">'
        '<span class="govuk-details__summary-text">{}</span></summary>'
        '<div class="govuk-details__text">{}</div></details>',
        SafeString(" open") if open else "",
        words,
        content,
    )


@register.simple_block_tag
def banner(content: SafeString, offline: bool = False) -> str:
    """Say how things are, not what went wrong: a draft is kept, there is no signal, texts wait to be sent."""
    return format_html(
        '<div class="app-banner{}" role="status">{}</div>', " app-banner--offline" if offline else "", content
    )


@register.simple_tag
def presence(names: Iterable[str]) -> str:
    """Say who else has this page open; nothing when nobody has."""
    others = ", ".join(str(name) for name in names)
    if not others:
        return ""
    return format_html(
        '<p class="app-presence">{}</p>', gettext("Sedang dibuka juga oleh %(names)s") % {"names": others}
    )


@register.simple_tag
def deadline_bar(late: int, near: int, within: int, still: int = 0) -> str:
    """Draw how many are late, near, in time and standing still as one bar; the figures have to stand beside it.

    Widths go into attributes of an SVG, since the Content-Security-Policy refuses styles.
    """
    numbers = (late, near, within, still)
    total = sum(numbers)
    parts, at = [], 0.0
    for name, number in zip(SHARES, numbers, strict=True):
        width = 100 * number / total if total else 0
        if number:
            parts.append((name, f"{at:.2f}", f"{width:.2f}"))
        at += width
    return format_html(
        '<svg class="app-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        format_html_join("", '<rect class="app-bar--{}" x="{}" width="{}" height="10"/>', parts),
    )


@register.simple_tag
def deadline_key(kind: str) -> str:
    """Draw the little square of one part of a bar (late, near, within, still), before its words."""
    if kind not in SHARES:
        raise template.TemplateSyntaxError(f"a bar has the parts {', '.join(SHARES)}; {kind!r} is none of them")
    return format_html('<span class="app-key app-bar--{}" aria-hidden="true"></span>', kind)


@register.simple_block_tag
def keys(content: SafeString) -> str:
    """Say which keys do what, with `<kbd>`; not shown where there is no keyboard or mouse."""
    return format_html('<p class="app-keys">{}</p>', content)
