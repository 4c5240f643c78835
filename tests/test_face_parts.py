"""The parts of a page: what each tag writes, that words stay words, and what a screen reader is told."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template import Context, Template, TemplateSyntaxError
from pytest_django.asserts import assertHTMLEqual

EVIL = "<b>x</b> & co"
SAFE = "&lt;b&gt;x&lt;/b&gt; &amp; co"


def render(source: str, **context) -> str:
    return Template("{% load face %}" + source).render(Context(context))


def test_a_task_is_a_link_described_by_its_hint_and_its_state():
    assertHTMLEqual(
        render(
            "{% task_list %}{% task 'Foto' href='/foto/' status='Belum ada' colour='orange' hint='Boleh' %}"
            "{% endtask_list %}"
        ),
        """
        <ul class="govuk-task-list"><li class="govuk-task-list__item govuk-task-list__item--with-link">
          <div class="govuk-task-list__name-and-hint"><a class="govuk-link govuk-task-list__link" href="/foto/"
            aria-describedby="tugas-foto-petunjuk tugas-foto-status">Foto</a>
            <div class="govuk-task-list__hint" id="tugas-foto-petunjuk">Boleh</div></div>
          <div class="govuk-task-list__status" id="tugas-foto-status">
            <strong class="govuk-tag govuk-tag--orange">Belum ada</strong></div></li></ul>""",
    )


def test_a_task_that_cannot_be_begun_is_no_link_and_one_that_is_done_has_no_colour():
    html = render("{% task 'Pengesahan' status='Lengkap' %}")
    assert re.findall(r"<a|govuk-tag|--with-link", html) == []
    assert re.findall(r'id="tugas-pengesahan-status">([^<]*)', html) == ["Lengkap"]


@pytest.mark.parametrize(
    "source",
    [
        "{% status_tag evil %}",
        "{% task evil href=evil status=evil hint=evil %}",
        "{% timeline entries %}",
        "{% message who=evil when=evil %}{{ evil }}{% endmessage %}",
        "{% inset %}{{ evil }}{% endinset %}",
        "{% warning %}{{ evil }}{% endwarning %}",
        "{% details evil %}{{ evil }}{% enddetails %}",
        "{% banner %}{{ evil }}{% endbanner %}",
        "{% presence names %}",
        "{% summary_cell evil href=evil change=evil %}{{ evil }}{% endsummary_cell %}",
        "{% keys %}{{ evil }}{% endkeys %}",
    ],
)
def test_what_people_wrote_stays_words_in_every_part(source):
    entry = SimpleNamespace(
        at=datetime(2026, 3, 2, tzinfo=UTC), what=EVIL, who=EVIL, moved=EVIL, details=EVIL, note=EVIL
    )
    html = render(source, evil=EVIL, entries=[entry], names=[EVIL])
    assert html.count(SAFE) >= 1
    assert "<b>" not in html


def test_the_timeline_begins_with_now_and_tells_the_hour_only_where_it_is_asked_for():
    first = SimpleNamespace(at=datetime(2026, 3, 26, 17, 30, tzinfo=UTC), what="Selesai", note="Sudah dibayar.")
    last = SimpleNamespace(at=datetime(2026, 3, 2, 3, 5, tzinfo=UTC), what="Diterima", who="Desa", moved="Dari A ke B")
    html = render("{% timeline entries %}", entries=[first, last])
    assert re.findall(r'app-timeline__item(--now)?"', html.replace("app-timeline__item ", "")) == ["--now", ""]
    assert re.findall(r"<(?:h3|p)[^>]*>([^<]*)", html) == [
        "Selesai",
        "Sudah dibayar.",
        "Diterima",
        "Desa · Dari A ke B",
    ]
    assert re.findall(r'datetime="([^"]*)"', html) == ["2026-03-27", "2026-03-02"]
    hours = re.findall(r"<time[^>]*>([^<]*)", render("{% timeline entries clock=True %}", entries=[first, last]))
    assert hours == ["27 Mar 2026 00.30", "2 Mar 2026 10.05"]


def test_a_message_says_whose_it_is_where_that_is_known():
    assert render("{% message who='Petugas' when='2 Maret' %}Halo{% endmessage %}") == (
        '<div class="app-message"><p class="app-timeline__who">Petugas · 2 Maret</p>Halo</div>'
    )
    assert render("{% message theirs=True %}Halo{% endmessage %}") == (
        '<div class="app-message app-message--theirs">Halo</div>'
    )


def test_a_fold_is_open_only_when_it_is_told_so():
    assert re.findall(r"<details[^>]*>", render("{% details 'Isi' %}x{% enddetails %}")) == [
        '<details class="govuk-details">'
    ]
    assert re.findall(r"<details[^>]*>", render("{% details 'Isi' open=bad %}x{% enddetails %}", bad=["salah"])) == [
        '<details class="govuk-details" open>'
    ]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ("1 0 3", [("late", 0.0, 25.0), ("within", 25.0, 75.0)]),
        ("0 0 0 0", []),
        ("1 1 1 1", [("late", 0.0, 25.0), ("near", 25.0, 25.0), ("within", 50.0, 25.0), ("still", 75.0, 25.0)]),
    ],
)
def test_a_bar_is_as_wide_as_its_figures_without_a_style(numbers, expected):
    html = render(f"{{% deadline_bar {numbers} %}}")
    parts = re.findall(r'<rect class="app-bar--(\w+)" x="([\d.]+)" width="([\d.]+)"', html)
    assert [(name, float(x), float(width)) for name, x, width in parts] == expected
    assert "style" not in html
    assert 'aria-hidden="true"' in html


def test_a_key_explains_a_part_that_there_is():
    assert re.findall(r"app-bar--\w+", render("{% deadline_key 'near' %}")) == ["app-bar--near"]
    with pytest.raises(TemplateSyntaxError, match="other"):
        render("{% deadline_key 'other' %}")


def test_nobody_else_is_no_line():
    assert render("{% presence names %}", names=[]) == ""
    assert render("{% presence names %}", names=["Siti", "Budi"]) == (
        '<p class="app-presence">Sedang dibuka juga oleh Siti, Budi</p>'
    )


def test_a_summary_row_and_its_cell_are_the_same_row():
    row = render("{% summary_row 'Bidang' 'Dana' href='/ubah/' %}")
    assert row == render("{% summary_cell 'Bidang' href='/ubah/' %}Dana{% endsummary_cell %}")


def test_a_block_that_is_not_closed_is_an_error_of_the_template():
    with pytest.raises(TemplateSyntaxError):
        Template("{% load face %}{% inset %}x")
