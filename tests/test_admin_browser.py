"""The stock admin in a real browser: its own scripts work under the strict policy, and a narrow screen does."""

from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.test_admin import rows_of_every_kind
from tests.test_admin_assignments import NEW, sheet
from tiers.admin_site import site
from tiers.models import Assignment, User
from workflow.models import QualityReview, QualitySample

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "jambu-biji-merah"
LISTS = sorted(f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry)


@pytest.fixture
def reviewer(real_world) -> User:
    real_world.peninjau.set_password(PASSWORD)
    real_world.peninjau.save()
    return real_world.peninjau


@pytest.fixture
def opened(browser):
    """Return a function that opens a page of some width and keeps what the browser complained of."""

    def page(width: int, *, bypass_csp: bool = False) -> tuple[Page, list[str]]:
        complaints: list[str] = []
        view = {"width": width, "height": 800}
        opened = browser.new_context(viewport=view, locale="en-US", bypass_csp=bypass_csp).new_page()
        opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        return opened, complaints

    return page


def sign_in(page: Page, url: str, user: User) -> None:
    page.goto(f"{url}/masuk/?next=/admin/")
    page.fill("[name=login]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{url}/admin/")


def test_every_list_opens_on_a_telephone_without_a_word_from_the_browser(reviewer, live_server, opened):
    page, complaints = opened(360)
    sign_in(page, live_server.url, reviewer)
    for name in LISTS:
        assert page.goto(f"{live_server.url}/admin/{name}/").status == 200
        assert page.evaluate("document.documentElement.scrollWidth") == 360, name
    assert complaints == []


def test_the_search_box_and_the_row_adder_of_a_form_work_under_the_policy(reviewer, live_server, opened):
    page, complaints = opened(1280)
    sign_in(page, live_server.url, reviewer)
    page.goto(f"{live_server.url}/admin/tiers/office/add/")
    page.click(".select2-selection")
    page.locator(".select2-search__field").type("Salem")
    page.get_by_role("option", name="Salem").wait_for()
    page.goto(f"{live_server.url}/admin/tiers/user/add/")
    rows = page.locator("#assignments-group tr.dynamic-assignments")
    assert rows.count() == 1
    page.click(".add-row a")
    assert rows.count() == 2
    assert complaints == []


AXE = next(Path(axe_playwright_python.__file__).parent.glob("*.min.js")).read_text()
JUDGED = """() => axe.run(document, {resultTypes: ["violations"]}).then(
    found => found.violations.map(each => each.id + " " + each.nodes.map(node => node.target.join(" ")).join(", ")))"""

SEND_EMPTY = """() => {
    const form = document.querySelector("#content-main form");
    form.noValidate = true;
    form.submit();
}"""


def faults_of(page: Page, name: str) -> Iterator[str]:
    """Return what axe and a width of 320 pixels have to say of the page that is open."""
    page.evaluate(AXE)
    yield from (f"{name}: {fault}" for fault in page.evaluate(JUDGED))
    if (width := page.evaluate("document.scrollingElement.scrollWidth")) > 320:
        yield f"{name}: {width} pixels wide"


def test_axe_has_nothing_to_say_of_forms_sent_empty_and_of_an_import(reviewer, real_world, live_server, opened):
    rows_of_every_kind(real_world)
    page, _complaints = opened(320, bypass_csp=True)
    sign_in(page, live_server.url, reviewer)
    faults: list[str] = []
    review = QualityReview.objects.get()
    forms = ("tiers/user/add", "tiers/office/add", "workflow/holiday/add", "workflow/qualitysample/add")
    for form in (*forms, "pengaduan/category/add", f"workflow/qualityreview/{review.pk}/change"):
        page.goto(f"{live_server.url}/admin/{form}/")
        page.evaluate(SEND_EMPTY)
        page.locator(".errornote").wait_for()
        faults += faults_of(page, f"{form}, empty")
    for name, rows in (("shown", [NEW]), ("wrong", [NEW, NEW, ("x",) * 8])):
        page.goto(f"{live_server.url}/admin/tiers/assignment/import/")
        file = {"name": "p.xlsx", "mimeType": "application/xlsx", "buffer": sheet(*rows).read()}
        page.set_input_files("[name=import_file]", file)
        page.click("input[type=submit].default")
        page.locator(".results").wait_for()
        faults += faults_of(page, f"import {name}")
    page.goto(f"{live_server.url}/admin/workflow/qualitysample/{QualitySample.objects.get().pk}/change/")
    faults += faults_of(page, "sample")
    assert faults == []


def test_an_import_is_confirmed_under_the_policy_without_scripts_of_its_own(reviewer, real_world, live_server, opened):
    page, complaints = opened(1280)
    sign_in(page, live_server.url, reviewer)
    page.goto(f"{live_server.url}/admin/tiers/assignment/import/")
    file = {"name": "p.xlsx", "mimeType": "application/xlsx", "buffer": sheet(NEW).read()}
    page.set_input_files("[name=import_file]", file)
    page.click("input[type=submit].default")
    page.click("input[name=confirm]")
    page.locator(".messagelist .success").wait_for()
    assert Assignment.objects.filter(user__username="rina").count() == 1
    assert complaints == []
