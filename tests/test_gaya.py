"""The living page of the design system: whole, true to the stylesheet, readable in the dark, and for staff only."""

import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client

from pengaduan.templatetags import face
from pengaduan.tokens import ON_PAGE, WITH_WHITE, contrast, tokens
from tiers.models import User

PAGE = "/petugas/gaya/"
SOURCES = sorted((settings.BASE_DIR / "templates/petugas/gaya").glob("*.html"))
LOOKED_AT = os.environ.get("SCREENSHOTS")  # a folder for whoever wants to see the page

TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth;
  if (document.scrollingElement.scrollWidth <= edge) return [];
  return [...document.querySelectorAll("main *")]
    .filter(part => part.getBoundingClientRect().right > edge + 0.5 && !part.closest(".app-source"))
    .map(part => part.tagName + " " + part.getAttribute("class") + " " + part.textContent.slice(0, 30));
}"""
"""What reaches over the right edge of the screen, where the page scrolls sideways."""


def test_whoever_works_here_sees_it_and_nobody_else(world, client):
    assert client.get(PAGE).status_code == 302
    client.force_login(User.objects.create_user("orang", "", None, name="Orang"))
    assert client.get(PAGE).status_code == 403
    for user in (world.desa, world.tetangga, world.peninjau):
        client.force_login(user)
        response = client.get(PAGE)
        assert (response.status_code, response.headers["X-Robots-Tag"]) == (200, "noindex")


def test_every_tag_and_filter_of_the_library_is_shown(world, client):
    client.force_login(world.desa)
    html = client.get(PAGE).content.decode()
    sources = re.findall(r'<pre class="app-source"[^>]*><code>(.*?)</code>', html, re.DOTALL)
    words = set(re.findall(r"\w+", " ".join(sources)))
    assert set(face.register.tags) | set(face.register.filters) <= words
    assert len(sources) == len(SOURCES)


def test_the_page_asks_no_more_than_who_is_there(world, client, django_assert_max_num_queries):
    client.force_login(world.desa)
    with django_assert_max_num_queries(5):
        client.get(PAGE)


@pytest.mark.parametrize(
    ("one", "other", "expected"), [("#000", "#ffffff", 21.0), ("#777777", "#fff", 4.48), ("#fff", "#fff", 1.0)]
)
def test_contrast_is_reckoned_as_the_guidelines_do(one, other, expected):
    assert round(contrast(one, other), 2) == expected


def test_d41_words_have_contrast_enough_in_the_light_and_in_the_dark():
    measured = {each.name: each for each in tokens() if each.light_contrast}
    assert set(measured) == {*ON_PAGE, *WITH_WHITE, "brand", "focus"}
    faint = {
        name: (each.light_contrast, each.dark_contrast)
        for name, each in measured.items()
        if min(each.light_contrast, each.dark_contrast) < 4.5
    }
    assert faint == {}
    assert [name for name, each in measured.items() if each.light == each.dark] == ["focus"]


def look(page, name: str) -> None:
    if LOOKED_AT:
        page.screenshot(path=str(Path(LOOKED_AT) / f"gaya-{name}.png"), full_page=True)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_d41_every_part_reads_well_narrow_enlarged_dark_and_in_forced_colours(world, browser, live_server):
    client = Client()
    client.force_login(world.desa)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(viewport={"width": 360, "height": 800}, bypass_csp=True)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + PAGE)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert page.evaluate("document.activeElement.tagName") == "BODY"  # a sample of an error takes nobody's focus
    for scheme, width in (("light", 360), ("dark", 1280)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 800})
        look(page, f"{scheme}-{width}")
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], (scheme, width)
    wide = {}
    for width, size in ((320, "100%"), (640, "200%"), (320, "200%")):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("size => { document.documentElement.style.fontSize = size; }", size)
        look(page, f"{width}-{size[:-1]}")
        wide[width, size] = page.evaluate(TOO_WIDE)
    assert wide == {(320, "100%"): [], (640, "200%"): [], (320, "200%"): []}
    page.emulate_media(forced_colors="active")
    squares = page.evaluate(
        "[...document.querySelectorAll('.app-key')].map(key => getComputedStyle(key).backgroundColor)"
    )
    assert len(set(squares)) == len(squares) == 4
    context.close()
