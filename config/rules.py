"""Write docs/rules.md: each rule, the tests that hold it and the places in the code that follow it.

`python -m config.rules` writes the file, `--check` compares it (part of `make check`) and fails for a rule that neither
a test nor the code names, unless docs/rules.txt says that it is still to come.
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
NAMED = re.compile(r"test_d(\d{1,2})_")
MOST = 6  # places shown of a rule that many files name


@dataclass(frozen=True)
class Rule:
    """One line of docs/rules.txt."""

    number: int
    source: str
    words: str


def rules() -> list[Rule]:
    lines = [line.split(" | ") for line in RULES.read_text().splitlines() if line.startswith("D")]
    return [Rule(int(number[1:]), source, words) for number, source, words in lines]


def tests() -> dict[int, list[str]]:
    """Return the tests of each rule: those that bear its number in their name or cite it in their text."""
    found = defaultdict(list)
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        for match in TEST.finditer(path.read_text()):
            numbers = {int(number) for number in NAMED.findall(match[1])} | set(_cited(match[0]))
            for number in numbers:
                found[number].append(f"tests/{path.name}")
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
    numbers = []
    for first, last in CITED.findall(text):
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def page() -> str:
    """Return docs/rules.md whole."""
    lines = [
        "# Rules, their tests, and their places",
        "",
        "Made from `docs/rules.txt`, the tests and the docstrings by `python -m config.rules`; `make check` compares them.",
        "Sources: P PAMSIMAS, N PNPM Mandiri Perdesaan, K PKH, O Ombudsman with Perpres 76/2013 and UU 25/2009, U KOTAKU,",
        "\\* decided here. The steps of a case and who takes them: [lifecycle.md](lifecycle.md). The number after a test's",
        "file says how many of its tests hold the rule.",
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
        lines.append(f"| D{rule.number} | {source} | {rule.words} | {', '.join(shown) or '–'} | {', '.join(where) or '–'} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text)
        return 0
    if not PAGE.exists() or PAGE.read_text() != text:
        print("docs/rules.md is not what the rules, tests and docstrings say: run `python -m config.rules`.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
