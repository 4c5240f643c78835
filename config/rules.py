"""Write docs/rules.md: each rule, the tests that hold it and the places in the code that follow it.

`python -m config.rules` writes the file. `--check`, a part of `make check`, compares it and fails for a rule that no
test is named after (`test_d04_…`), unless docs/rules.txt marks it `later`; and for a mark that is no longer true.
"""

import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RULES, PAGE = ROOT / "docs/rules.txt", ROOT / "docs/rules.md"
APPS = ("tiers", "pengaduan", "workflow", "reports", "api", "config")
CITED = re.compile(r"\bD(\d{1,2})(?:\s*[–-]\s*D?(\d{1,2}))?\b")  # D12, and a range: D22–D28
TEST = re.compile(r"^def (test_\w+)\(.*?(?=^def |^@|^class |\Z)", re.M | re.S)
NAMED = re.compile(r"(?:(?<=test_)|(?<=\d_))d(\d{2})(?=_)")  # also test_d37_d38_…
MOST = 6  # places shown of a rule that many files name


@dataclass(frozen=True)
class Rule:
    """One line of docs/rules.txt."""

    number: int
    source: str
    words: str
    later: bool = False


def rules() -> list[Rule]:
    lines = [line.split(" | ") for line in RULES.read_text().splitlines() if line.startswith("D")]
    return [Rule(int(number[1:]), source, words, mark == ["later"]) for number, source, words, *mark in lines]


def tests() -> dict[int, list[str]]:
    """Return the tests of each rule: those that bear its number in their name or cite it in their text."""
    found = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for match in TEST.finditer(path.read_text()):
            numbers = {int(number) for number in NAMED.findall(match[1])} | set(_cited(match[0]))
            for number in numbers:
                found[number].append(str(path.relative_to(ROOT)))
    return found


def named() -> set[int]:
    """Return the rules that a test is named after."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        for name in re.findall(r"^def (test_d\w+)\(", path.read_text(), re.M):
            found |= {int(number) for number in NAMED.findall(name)}
    return found


def places() -> dict[int, list[str]]:
    """Return the files of each rule, those that name it most often first."""
    counted: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and path != Path(__file__):
                for number in _cited(path.read_text()):
                    counted[number][str(path.relative_to(ROOT))] += 1
    return {number: sorted(files, key=lambda name: (-files[name], name)) for number, files in counted.items()}


def _cited(text: str) -> list[int]:
    numbers: list[int] = []
    for first, last in CITED.findall(text):
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def page() -> str:
    """Return docs/rules.md whole."""
    lines = [
        "# Rules, their tests, and their places",
        "",
        "Made from `docs/rules.txt`, the tests and the docstrings by `python -m config.rules`; `make check` compares",
        "them. Sources: P PAMSIMAS, N PNPM Mandiri Perdesaan, K PKH, O Ombudsman with Perpres 76/2013 and UU 25/2009,",
        "U KOTAKU, \\* decided here. The steps of a case and who takes them: [lifecycle.md](lifecycle.md). The number",
        "after a test's file says how many of its tests hold the rule; `later`: no test is named after it yet.",
        "",
        "| rule | source | what it asks for | tests | places |",
        "|---|---|---|---|---|",
    ]
    tested, placed = tests(), places()
    for rule in rules():
        held = tested.get(rule.number, [])
        files = sorted(set(held), key=lambda name: (-held.count(name), name))
        shown = [f"[{name.removeprefix('tests/')}](../{name}) {held.count(name)}" for name in files[:MOST]]
        where = [f"[{name}](../{name})" for name in placed.get(rule.number, [])[:MOST]]
        source = rule.source.replace("*", "\\*")
        columns = [rule.words, ", ".join(shown) or ("later" if rule.later else "–"), ", ".join(where) or "–"]
        lines.append(" | ".join([f"| D{rule.number}", source, *columns]) + " |")
    return "\n".join(lines) + "\n"


def faults() -> list[str]:
    """Return a sentence for each rule without a test of its name, each mark that is out of date, and a stale page."""
    held, found = named(), []
    for rule in rules():
        if rule.number not in held and not rule.later:
            found.append(f"D{rule.number} has no test named test_d{rule.number:02}_…: {rule.words}.")
        if rule.number in held and rule.later:
            found.append(f"D{rule.number} has a test by now: take `later` out of docs/rules.txt.")
    found += [f"A test is named after D{number}, which docs/rules.txt does not list." for number in _unknown(held)]
    if not PAGE.exists() or PAGE.read_text() != page():
        found.append("docs/rules.md is not what the rules, tests and docstrings say: run `python -m config.rules`.")
    return found


def _unknown(held: set[int]) -> list[int]:
    return sorted(held - {rule.number for rule in rules()})


def main(arguments: list[str]) -> int:
    if "--check" not in arguments:
        PAGE.write_text(page())
        return 0
    found = faults()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
