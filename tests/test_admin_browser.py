"""The stock admin in a real browser: its own scripts work under the strict policy, and a narrow screen does."""

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.test_face import BROWSER
from tiers.admin_site import site
from tiers.models import User

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PASSWORD = "jambu-biji-merah"
LISTS = sorted(f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry)


@pytest.fixture
def reviewer(real_world) -> User:
    real_world.peninjau.set_password(PASSWORD)
    real_world.peninjau.save()
    return real_world.peninjau


@pytest.fixture
def opened(monkeypatch):
    """Return a function that opens a page of some width and keeps what the browser complained of."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)

        def page(width: int) -> tuple[Page, list[str]]:
            complaints: list[str] = []
            opened = browser.new_context(viewport={"width": width, "height": 800}, locale="en-US").new_page()
            opened.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
            opened.on("pageerror", lambda error: complaints.append(str(error)))
            return opened, complaints

        yield page
        browser.close()


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
