"""The inbox at a desk, in a real browser: the case beside its list, the keys, the way back; and without them."""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from pengaduan.models import Complaint

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
LOOKED_AT = os.environ.get("SCREENSHOTS")  # a folder for whoever wants to see the pages
WIDE, NARROW = 1280, 360


class Desk:
    """The village's officer at a browser with some complaints; what the browser complains of is noted."""

    def __init__(self, browser: Browser, live_server, world, *, width: int = WIDE, cases: int = 3, script: bool = True):
        self.cases: list[Complaint] = [world.complaint(text=f"Pompa ke-{place} rusak.") for place in range(cases)]
        client = Client()
        client.force_login(world.desa)
        self.url, self.width = live_server.url, width
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.faults: list[str] = []
        self.page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.goto(live_server.url + "/petugas/")

    def row(self, place: int):
        return self.page.locator(".app-row__title a").nth(place)

    def look(self, name: str) -> None:
        if LOOKED_AT:
            self.page.screenshot(path=str(Path(LOOKED_AT) / f"{name}-{self.width}.png"))
        assert self.page.evaluate("document.documentElement.scrollWidth") <= self.width

    @property
    def heading(self):
        return self.page.locator("#kasus h1")


@pytest.fixture
def desk(browser, live_server, real_world):
    def made(**about) -> Desk:
        return Desk(browser, live_server, real_world, **about)

    return made


def test_a_case_opens_beside_its_list_and_back_closes_it(desk):
    at = desk()
    page, list_title = at.page, at.page.title()
    at.row(1).click()
    expect(at.heading).to_be_focused()
    expect(at.heading).to_contain_text(at.cases[1].number)
    assert page.url == at.url + at.cases[1].get_absolute_url()
    assert page.title().startswith(at.cases[1].number)
    expect(at.row(1)).to_have_attribute("aria-current", "true")
    expect(at.row(0)).to_be_visible()
    at.look("dua-panel")
    at.row(2).click()
    expect(at.heading).to_contain_text(at.cases[2].number)
    page.go_back()
    expect(at.heading).to_contain_text(at.cases[1].number)
    page.go_back()
    expect(at.heading).to_have_count(0)
    assert (page.url, page.title()) == (at.url + "/petugas/", list_title)
    expect(at.row(1)).to_be_focused()
    page.go_forward()
    expect(at.heading).to_contain_text(at.cases[1].number)
    page.get_by_role("button", name="Tutup").click()
    expect(at.heading).to_have_count(0)
    assert page.url == at.url + "/petugas/"
    assert at.faults == []


def test_links_in_the_case_lead_on_as_always_and_reloading_shows_its_own_page(desk):
    at = desk()
    at.row(0).click()
    expect(at.heading).to_be_focused()
    at.page.locator("#kasus .app-next a.govuk-button").click()
    at.page.wait_for_url("**/langkah/daftarkan/")
    at.page.go_back()
    at.page.wait_for_url(f"**{at.cases[0].get_absolute_url()}")
    expect(at.page.locator("main h1")).to_contain_text(at.cases[0].number)
    assert at.page.locator("#daftar").count() == 0


def test_the_keys_move_open_close_search_and_tell_what_they_do(desk):
    at = desk()
    page = at.page
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)):
        page.keyboard.press(key)
        expect(at.row(place)).to_be_focused()
    page.keyboard.press("Enter")
    expect(at.heading).to_contain_text(at.cases[1].number)
    expect(at.heading).to_be_focused()
    page.keyboard.press("j")
    expect(at.row(2)).to_be_focused()
    page.keyboard.press("Escape")
    expect(at.heading).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("#tombol")).to_have_attribute("open", "")
    expect(page.get_by_text("pengaduan berikutnya")).to_be_visible()
    at.look("tombol")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("jk/?")
    expect(page.locator("#q")).to_have_value("jk/?")
    at.row(0).focus()
    page.goto(at.url + "/petugas/?tampilan=baru")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/petugas/")
    assert at.faults == []


def test_the_keys_can_be_turned_off_and_stay_off(desk):
    at = desk()
    page = at.page
    page.keyboard.press("?")
    page.get_by_label("Pakai tombol cepat di perangkat ini").uncheck()
    for _ in range(2):
        page.keyboard.press("j")
        page.keyboard.press("/")
        assert page.evaluate("document.activeElement.closest('.app-row')") is None
        assert page.evaluate("document.activeElement.id") != "q"
        page.reload()
    at.row(0).click()  # the pane is no key
    expect(at.heading).to_be_focused()


def test_on_a_phone_and_without_script_a_row_is_a_plain_link(desk):
    for about in ({"width": NARROW}, {"script": False}):
        at = desk(**about)
        at.look("daftar" if about.get("script", True) else "daftar-polos")
        at.row(0).click()
        at.page.wait_for_url(f"**{at.cases[0].get_absolute_url()}" if "width" in about else "**/pengaduan/**")
        assert at.page.locator("#daftar").count() == 0


def test_a_session_that_has_ended_leads_to_the_door_instead_of_into_the_pane(desk):
    at = desk()
    at.page.context.clear_cookies()
    at.row(0).click()
    at.page.wait_for_url("**/masuk/**")


def test_the_case_leads_back_to_the_list_one_came_from(desk):
    at = desk(width=NARROW)
    at.page.goto(at.url + "/petugas/?tampilan=baru")
    at.row(0).click()
    at.page.locator(".govuk-back-link").click()
    at.page.wait_for_url("**/petugas/?tampilan=baru")
