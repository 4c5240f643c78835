"""Leave out of the built stylesheet what our pages do not use; called by `npm run css` after Sass.

GOV.UK Frontend comes a component at a time, each with variants that we have no page for. Their names stand in
`LEFT_OUT`: using one begins with taking its name from that list, and a test of the templates says so.
"""

import re
import sys
from pathlib import Path

import tinycss2

LEFT_OUT = re.compile(
    r"""\.govuk-(?:
        back-link--inverse | body-lead | body-m | button--(?:start|inverse) | button__start-icon | caption-xl
      | checkboxes__(?:conditional|divider) | clearfix | drop-zone | exit-this-page | fieldset__legend--xl
      | file-upload-(?:button|wrapper) | frontend-supported | grid-column-[\w-]*-from-desktop | grid-column-full
      | input--extra-letter-spacing | input__(?:wrapper|prefix|suffix) | label--xl
      | link--(?:inverse|muted|no-underline|no-visited-state|text-colour) | link-image
      | main-wrapper--(?:l|auto-spacing) | pagination--block | pagination__(?:item|list|link-label)
      | pagination__link-title--decorated | panel--interruption | panel__actions | radios__conditional
      | section-break--xl | skip-link-focused-element | summary-card | summary-list__actions-list
      | summary-list__row--no | summary-list--no-border | tag--(?:pink|turquoise|yellow) | table--small-text
      | table__caption--(?:l|xl) | task-list__status--cannot-start-yet | visually-hidden-focusable
    )""",
    re.VERBOSE,
)
FALLBACK = re.compile(r"var\((--[\w-]+),\s*#[0-9a-f]+\)")
"""What a browser without custom properties would take: none that runs our pages is without them."""

PRINT_LETTERS = re.compile(r"[^{}]*\{\s*font-family:\s*inherit;?\s*\}")
"""A rule that only says again that letters on paper are those of the body."""

UNWANTED = re.compile(
    r"-webkit-font-smoothing|-moz-osx-font-smoothing|-webkit-text-decoration-skip\S*|text-decoration-skip|word-wrap"
    r"|--govuk-breakpoint-\w+|--govuk-frontend-version"
)
"""What older browsers or GOV.UK's own script would read."""


def kept(rules: list) -> str:
    """Return these rules as CSS without what is left out; a rule or an `@media` that became empty goes as well."""
    return "".join(filter(None, map(_rule, rules)))


def _rule(rule) -> str:
    if rule.type == "qualified-rule":
        selectors = [each for each in _selectors(rule.prelude) if not LEFT_OUT.search(each)]
        body = _declarations(rule.content)
        return f"{','.join(selectors)}{{{body}}}" if selectors and body else ""
    if rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports"}:
        if PRINT_LETTERS.fullmatch(tinycss2.serialize(rule.content).strip()):
            return ""
        inner = kept(tinycss2.parse_rule_list(rule.content, skip_whitespace=True, skip_comments=True))
        return f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude).rstrip()}{{{inner}}}" if inner else ""
    return rule.serialize()


def _selectors(prelude: list) -> list[str]:
    found, at = [], 0
    for index, token in enumerate([*prelude, None]):
        if token is None or token == ",":
            found.append(tinycss2.serialize(prelude[at:index]).strip())
            at = index + 1
    return found


def _declarations(content: list) -> str:
    lines = tinycss2.parse_blocks_contents(content, skip_whitespace=True, skip_comments=True)
    return ";".join(_short(line) for line in lines if line.type == "declaration" and not UNWANTED.fullmatch(line.name))


def _short(line) -> str:
    important = "!important" if line.important else ""
    value = FALLBACK.sub(r"var(\1)", tinycss2.serialize(line.value).strip())
    return f"{line.name}:{value}{important}"


def main(path: Path) -> None:
    """Rewrite the stylesheet at this path."""
    rules = tinycss2.parse_stylesheet(path.read_text(), skip_whitespace=True, skip_comments=True)
    path.write_text(kept(rules) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
