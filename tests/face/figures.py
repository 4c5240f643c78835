"""The figures of the audit: carried by the reports of the tests, printed at the end, kept in docs/budgets.md."""

import os
from pathlib import Path

import pytest

KEPT = Path(__file__).parents[2] / "docs" / "budgets.md"
MARK = "<!-- figures -->"
NAME = "figure"


def note(request: pytest.FixtureRequest, what: str, measured: str, budget: str) -> None:
    """Let a figure travel with the report of the test, also from a worker."""
    request.node.user_properties.append((NAME, (what, measured, budget)))


def rows(reporter: pytest.TerminalReporter) -> list[tuple[str, str, str]]:
    """Return all figures that were measured in this run, sorted by what was measured."""
    reports = [each for outcome in ("passed", "failed") for each in reporter.stats.get(outcome, [])]
    noted = [tuple(value) for each in reports for name, value in each.user_properties if name == NAME]
    return sorted(set(noted))


def tell(reporter: pytest.TerminalReporter) -> None:
    """Print the table at the end of the run; with KEEP_FIGURES=1 put it into docs/budgets.md."""
    measured = rows(reporter)
    if not measured:
        return
    reporter.section("budgets of the face")
    wide = max(len(what) for what, _measured, _budget in measured)
    for what, figure, budget in measured:
        reporter.write_line(f"{what:<{wide}}  {figure:<32}  {budget}")
    if os.environ.get("KEEP_FIGURES"):
        table = "".join(f"| {' | '.join(row)} |\n" for row in [("what", "measured", "budget"), ("---",) * 3, *measured])
        before, _mark, _old = KEPT.read_text(encoding="utf-8").partition(MARK)
        KEPT.write_text(f"{before}{MARK}\n\n{table}", encoding="utf-8")
