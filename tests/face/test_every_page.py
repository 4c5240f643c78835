"""Every page, for everybody, in every state: axe, one order of headings, no sideways scrolling, the strict policy."""

from collections.abc import Iterator

import pgtrigger
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from playwright.sync_api import Browser, Page, sync_playwright

from tests.face.examined import HEIGHT, PHONE, Glass, Seen
from tests.face.served import SMS_HERE, collect_static_files, served
from tests.face.story import tell
from tests.face.visitors import Trail, Visitor, cast
from tests.test_face import BROWSER

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
VISITORS = (
    "siapa pun", "yang melapor", "yang mencari desa", "yang sudah melapor", "pelapor registrasi", "pelapor menunggu",
    "pelapor ramai", "pelapor umpan-balik", "pelapor ditutup", "desa", "kecamatan", "kabupaten", "provinsi", "pusat",
    "penyelia", "koordinator", "kustodian", "auditor", "tetangga", "orang", "peninjau",
)  # fmt: skip
EMPTY = """() => {
    const form = [...document.querySelectorAll("main form[method=post]")].find(
        each => each.querySelector("[required]:not([type=hidden])"));
    if (!form) return false;
    for (const each of form.elements) {
        if (each.type === "hidden" || each.type === "submit") continue;
        if (each.type === "checkbox" || each.type === "radio") each.checked = false;
        else if (each.tagName === "SELECT") each.selectedIndex = -1;
        else each.value = "";
    }
    form.noValidate = true;
    return true;
}"""


class Audit:
    """The walk of each visitor, taken once and kept for every test that asks."""

    def __init__(self, browser: Browser, site: str, visitors: list[Visitor]) -> None:
        self.browser, self.site = browser, site
        self.visitors = {visitor.name: visitor for visitor in visitors}
        self.trail = Trail()
        self.walked: dict[str, list[Seen]] = {}

    def of(self, name: str) -> list[Seen]:
        if name not in self.walked:
            self.walked[name] = self._walk(self.visitors[name])
        return self.walked[name]

    def all(self) -> list[Seen]:
        return [seen for name in VISITORS for seen in self.of(name)]

    def _walk(self, visitor: Visitor) -> list[Seen]:
        context = self.browser.new_context(viewport={"width": PHONE, "height": HEIGHT}, locale="id-ID")
        context.add_cookies([{"name": name, "value": value, "url": self.site} for name, value in visitor.cookies.items()])
        glass = Glass(context, self.site)
        pages = list(self._read(glass, visitor))
        pages += [seen for page in list(pages) if page.status == 200 for seen in self._sent_empty(glass, visitor, page)]
        context.close()
        return pages

    def _read(self, glass: Glass, visitor: Visitor) -> Iterator[Seen]:
        waiting = list(visitor.starts)
        while waiting:
            address = waiting.pop(0)
            if not self.trail.is_new(visitor.name, address):
                continue
            answer = glass.open(address)
            yield glass.examine(visitor.name, answer.status)
            for link in links(glass.page):
                if link.startswith(visitor.stays_below) or len(visitor.stays_below) > 9:
                    waiting.append(link)

    def _sent_empty(self, glass: Glass, visitor: Visitor, page: Seen) -> Iterator[Seen]:
        """Send the form of a page with nothing in it, where something is required: the page says what is missing."""
        if 'method="post"' not in page.html or " required" not in page.html:
            return
        glass.open(page.address)
        if not glass.page.evaluate(EMPTY):
            return
        with glass.page.expect_navigation() as sent:
            glass.page.evaluate("""() => [...document.querySelectorAll("main form[method=post]")].find(
                each => each.noValidate && each.querySelector("[required]:not([type=hidden])")).requestSubmit()""")
        seen = glass.examine(visitor.name, sent.value.status, state="kosong")
        if seen.status not in {409, 422} and not seen.address.startswith(("/admin/", "/akun/", "/masuk/")):
            seen.problems.append(f"an empty form was answered {seen.status}")
        yield seen


def links(page: Page) -> list[str]:
    """Return the addresses within the product that a page leads to, in their order."""
    found = page.evaluate("() => [...document.querySelectorAll('a[href]')].map(each => each.href)")
    site = page.evaluate("location.origin")
    return [link.removeprefix(site).split("#")[0] for link in dict.fromkeys(found) if link.startswith(site + "/")]


@pytest.fixture(scope="module")
def audit(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Audit]:
    """Return the audit of one rich data set, served as people get it; everything is made once for all tests here."""
    media = tmp_path_factory.mktemp("media")
    store = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": media}}
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in this thread
    with django_db_blocker.unblock():
        assert connection.settings_dict["NAME"].startswith("test_")
        try:
            collect_static_files()
            with override_settings(MEDIA_ROOT=media, STORAGES={"default": store, "staticfiles": plain}, **SMS_HERE):
                visitors = cast(tell())
            with served(media) as site, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
                yield Audit(browser, site, visitors)
                browser.close()
                connections.close_all()
        finally:
            empty_the_database()
    patch.undo()


def empty_the_database() -> None:
    """Leave the database as a test that commits does."""
    with pgtrigger.ignore("pengaduan.Event:never_emptied"):
        cache.clear()
        call_command("flush", verbosity=0, interactive=False, allow_cascade=False, inhibit_post_migrate=False)


@pytest.mark.parametrize("name", VISITORS)
def test_every_page_and_state_is_without_fault(audit, name):
    faults = [f"{seen}: {problem}" for seen in audit.of(name) for problem in seen.problems]
    assert faults == [], "\n".join(faults)
