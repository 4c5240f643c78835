"""Every rule has a test named after it, and docs/rules.md says which and where (config/rules.py)."""

import pytest

from config import rules

LINES = """# number | source | words
D91 | U | What people see follows from their posts
D92 | P K | The monthly report | later
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Make a project of two rules, one test and one module."""
    for folder in ("docs", "tests", "tiers"):
        (tmp_path / folder).mkdir()
    for name, path in (("ROOT", ""), ("RULES", "docs/rules.txt"), ("PAGE", "docs/rules.md")):
        monkeypatch.setattr(rules, name, tmp_path / path)
    (tmp_path / "docs/rules.txt").write_text(LINES)
    (tmp_path / "tests/test_posts.py").write_text("def test_d91_a_post_counts_from_its_day(world):\n    pass\n")
    (tmp_path / "tiers/scope.py").write_text('"""Where one may act (D91)."""\n')
    assert rules.main([]) == 0
    return tmp_path


def test_this_project_has_a_test_named_after_every_rule_that_is_not_for_later():
    missing = {rule.number for rule in rules.rules() if not rule.later} - rules.named()
    assert (missing, len(rules.rules())) == (set(), 64)


def test_what_is_in_order_is_said_by_silence(project, capsys):
    assert (rules.main(["--check"]), capsys.readouterr().out) == (0, "")


def test_a_rule_without_a_test_of_its_name_fails_though_a_test_cites_it(project, capsys):
    (project / "tests/test_posts.py").write_text('def test_posts(world):\n    """D91."""\n')
    rules.main([])
    assert rules.main(["--check"]) == 1
    assert capsys.readouterr().out == "D91 has no test named test_d91_…: What people see follows from their posts.\n"


def test_a_rule_for_later_that_has_its_test_is_no_longer_for_later(project, capsys):
    (project / "tests/test_report.py").write_text("def test_d92_a_report_a_month():\n    pass\n")
    rules.main([])
    assert rules.main(["--check"]) == 1
    assert capsys.readouterr().out == "D92 has a test by now: take `later` out of docs/rules.txt.\n"


def test_one_test_may_be_named_after_two_rules_and_none_after_a_rule_there_is_not(project, capsys):
    (project / "tests/test_both.py").write_text("def test_d91_d93_both():\n    pass\n")
    rules.main([])
    assert rules.named() == {91, 93}
    assert rules.main(["--check"]) == 1
    assert capsys.readouterr().out == "A test is named after D93, which docs/rules.txt does not list.\n"


def test_a_page_that_is_not_what_it_is_made_from_fails(project, capsys):
    (project / "tiers/models.py").write_text('"""People (D91)."""\n')
    assert rules.main(["--check"]) == 1
    assert capsys.readouterr().out.startswith("docs/rules.md is not what the rules, tests and docstrings say")


def test_the_page_names_tests_and_places_and_what_is_for_later(project):
    lines = (project / "docs/rules.md").read_text().splitlines()[-2:]
    assert lines == [
        "| D91 | U | What people see follows from their posts | [test_posts.py](../tests/test_posts.py) 1 |"
        " [tiers/scope.py](../tiers/scope.py) |",
        "| D92 | P K | The monthly report | later | – |",
    ]
