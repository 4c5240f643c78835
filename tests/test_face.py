"""The frame and the small words of every page: stage, deadline, dates, links, and styles that stay small."""

import gzip
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.urls import include, path
from django.utils import translation
from playwright.sync_api import Route, sync_playwright

from pengaduan.models import Stage
from pengaduan.templatetags import face
from tests.chromium import BROWSER

urlpatterns = [path("i18n/", include("django.conf.urls.i18n")), path("akun/", include("allauth.urls"))]
pytestmark = pytest.mark.urls(__name__)

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
PAGES = [page for page in TEMPLATES if "{% extends" in page.read_text()]
STYLED = set(re.findall(r"\.([a-z][\w-]*)", (settings.BASE_DIR / "static/css/app.css").read_text()))
BARE = {"app-split", "govuk-checkboxes", "govuk-radios", "govuk-table__head", "govuk-table__body", "govuk-table__row"}
"""Names of wholes whose parts carry the style."""


def render(source: str, **context) -> str:
    return Template("{% load face %}" + source).render(Context(context))


def words(html: str) -> str:
    return re.sub(r"<[^>]*>", "", html)


def complaint(due_at: datetime, zone: str = "Asia/Jakarta", **more) -> SimpleNamespace:
    unset = {"closed_at": None, "settled_at": None, "waiting_since": None, "tier_due_at": due_at, "due_at": due_at}
    return SimpleNamespace(**{"zone": zone, **unset, **more})


# 12 March 2026, 23:59:59 in Jakarta
DUE = datetime(2026, 3, 12, 16, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "said", "urgency"),
    [
        (datetime(2026, 3, 2, 1, tzinfo=UTC), "Sisa 10 hari · 12 Mar 2026", ""),
        (datetime(2026, 3, 8, 16, 59, tzinfo=UTC), "Sisa 4 hari · 12 Mar 2026", ""),
        (datetime(2026, 3, 8, 17, 0, tzinfo=UTC), "Sisa 3 hari · 12 Mar 2026", "soon"),
        (datetime(2026, 3, 12, 1, tzinfo=UTC), "Hari ini · 12 Mar 2026", "soon"),
        (datetime(2026, 3, 12, 17, 0, tzinfo=UTC), "Terlambat 1 hari · 12 Mar 2026", "late"),
        (datetime(2026, 3, 14, 1, tzinfo=UTC), "Terlambat 2 hari · 12 Mar 2026", "late"),
    ],
)
def test_a_deadline_says_how_long_there_is_until_which_day(now, said, urgency):
    html = render("{% deadline c now %}", c=complaint(DUE), now=now)
    assert words(html) == said
    assert re.findall(r'class="app-due(?: app-due--(\w+))?"', html) == [urgency]
    assert re.findall(r'datetime="([^"]*)"', html) == ["2026-03-12"]


def test_days_are_those_of_the_place_and_not_of_the_reader():
    """14:59:59 UTC is the end of 12 March in Jayapura, and two hours before it in Jakarta (D11)."""
    due = datetime(2026, 3, 12, 14, 59, 59, tzinfo=UTC)
    after = datetime(2026, 3, 12, 15, 30, tzinfo=UTC)
    assert words(render("{% deadline c now %}", c=complaint(due, "Asia/Jayapura"), now=after)) == (
        "Terlambat 1 hari · 12 Mar 2026"
    )
    assert words(render("{% deadline c now %}", c=complaint(DUE), now=after)) == "Hari ini · 12 Mar 2026"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"waiting_since": DUE}, "Jam berhenti: menunggu pelapor"),
        ({"settled_at": DUE}, "Diselesaikan · 12 Mar 2026"),
        ({"settled_at": DUE, "closed_at": DUE}, "Ditutup · 12 Mar 2026"),
    ],
)
def test_a_clock_that_does_not_run_is_never_called_late(more, said):
    html = render("{% deadline c now %}", c=complaint(DUE, **more), now=datetime(2027, 1, 1, tzinfo=UTC))
    assert words(html) == said
    assert re.findall(r"app-due--(\w+)", html) == ["still"]


def test_after_an_escalation_the_tier_has_its_own_deadline_and_the_first_one_is_kept():
    case = complaint(DUE, tier_due_at=datetime(2026, 4, 20, 16, 59, 59, tzinfo=UTC))
    now = datetime(2026, 3, 14, 1, tzinfo=UTC)
    assert words(render("{% deadline c now %}", c=case, now=now)) == "Sisa 37 hari · 20 Apr 2026"
    assert words(render("{% deadline c now original=True %}", c=case, now=now)) == "Terlambat 2 hari · 12 Mar 2026"


def test_every_stage_has_its_tag():
    assert set(face.STAGE_COLOURS) == set(Stage)
    for stage in Stage:
        case = SimpleNamespace(stage=stage.value, get_stage_display=lambda label=stage.label: label)
        html = render("{% stage_tag c %}", c=case)
        assert words(html) == stage.label
    plain = {colour for colour in face.STAGE_COLOURS.values() if f"govuk-tag--{colour}" not in STYLED}
    assert plain == {"blue"}  # the colour of a tag without more


def test_a_date_is_written_in_full_in_the_language_of_the_page():
    instant = datetime(2026, 3, 26, 17, 30, tzinfo=UTC)  # already the 27th in Jakarta
    assert render("{{ at|tanggal }}", at=instant) == '<time datetime="2026-03-27">27 Maret 2026</time>'
    with translation.override("en"):
        assert words(render("{{ at|tanggal }}", at=instant)) == "27 March 2026"
    assert render("{{ at|tanggal }}", at=None) == ""


def test_the_link_to_the_next_rows_keeps_what_was_asked():
    request = RequestFactory().get("/petugas/", {"tampilan": "terlambat", "sesudah": "lama"})
    html = render("{% next_page_link '2026-03-12,7' %}", request=request)
    assert re.findall(r'href="([^"]*)"', html) == [
        "?tampilan=terlambat",
        "?tampilan=terlambat&amp;sesudah=2026-03-12%2C7",
    ]
    assert render("{% next_page_link '' %}", request=RequestFactory().get("/petugas/")).strip() == ""


def test_a_summary_row_shows_words_as_words():
    assert words(render("{% summary_row 'Bidang' value %}", value="")) == "BidangBelum diisi"
    html = render("{% summary_row 'Isi' value href='/ubah/' %}", value="<b>x</b>")
    assert words(html) == "Isi&lt;b&gt;x&lt;/b&gt;Ubah Isi"


def test_a_code_is_read_out_in_fours():
    assert render("{{ code|in_fours }}", code="12345678 1234567") == (
        "<span>1234</span><span>5678</span><span>1234</span><span>567</span>"
    )


def test_the_menu_marks_where_one_is():
    html = render(
        "{% nav_link '/lapor/' 'Lapor' %}{% nav_link '/lacak/' 'Lacak' %}", request=RequestFactory().get("/lacak/")
    )
    assert re.findall(r'href="([^"]*)"( aria-current="page")?', html) == [
        ("/lapor/", ""),
        ("/lacak/", ' aria-current="page"'),
    ]


def test_the_menu_marks_the_part_that_a_step_lies_in():
    whole = "{% nav_link '/lacak/' 'Lacak' whole=True %}{% nav_link '/lapor/' 'Lapor' whole=True %}"
    html = render(whole + "{% nav_link '/lapor/' 'Lapor' %}", request=RequestFactory().get("/lapor/foto/"))
    assert re.findall(r'href="([^"]*)"( aria-current="true")?', html) == [
        ("/lacak/", ""),
        ("/lapor/", ' aria-current="true"'),
        ("/lapor/", ""),
    ]


def test_the_menu_is_the_readers_own():
    request = RequestFactory().get("/")
    public = render_to_string("404.html", {"user": AnonymousUser()}, request)
    officer = render_to_string("404.html", {"user": SimpleNamespace(is_authenticated=True, is_active=False)}, request)
    assert re.findall(r'class="app-nav__link"[^>]*>([^<]+)', public) == ["Lapor", "Lacak", "Masuk"]
    assert re.findall(r'class="app-nav__link"[^>]*>([^<]+)', officer) == ["Menu", "Keluar"]


@pytest.mark.parametrize("page", ["400.html", "500.html"])
def test_the_page_of_a_broken_server_needs_no_database_and_no_request(page):
    html = get_template(page).render()
    assert re.findall(r"<h1[^>]*>", html) == ['<h1 class="govuk-heading-l">']
    assert re.findall(r"<form", html) == []


@pytest.mark.parametrize("page", ["403.html", "403_csrf.html", "404.html", "409.html", "429.html"])
def test_an_error_page_says_what_to_do_in_the_language_of_the_reader(page):
    html = render_to_string(page, {"user": AnonymousUser()}, RequestFactory().get("/salah/"))
    assert re.findall(r'<html lang="(\w+)"', html) == ["id"]
    assert len(re.findall(r"<h1", html)) == 1
    assert len(re.findall(r'<p class="govuk-body">', html)) >= 1


def test_a_refused_step_says_its_reason_as_words():
    html = render_to_string("409.html", {"reason": "Berita acara <belum> ada.", "user": AnonymousUser()})
    assert re.findall(r'<p class="govuk-body">([^<]+)</p>', html)[0] == "Berita acara &lt;belum&gt; ada."


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda page: str(page.relative_to(settings.BASE_DIR)))
def test_every_template_can_be_read(page: Path):
    assert get_template(str(page.relative_to(settings.BASE_DIR / "templates"))) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(settings.BASE_DIR)))
def test_no_page_carries_script_or_style_of_its_own(page: Path):
    """The Content-Security-Policy refuses them, silently for the reader."""
    inline = r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)|javascript:"
    assert re.findall(inline, page.read_text()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(settings.BASE_DIR)))
def test_every_class_of_a_page_is_in_the_stylesheet(page: Path):
    used = set(
        re.findall(r"\b(?:app|govuk)-[\w-]*\w(?![\w-]*[{])", " ".join(re.findall(r'class="([^"]*)"', page.read_text())))
    )
    assert used - STYLED - BARE == set()


def test_d41_styles_script_and_letters_stay_small():
    static = settings.BASE_DIR / "static"
    assert len(gzip.compress((static / "css/app.css").read_bytes(), 9)) <= 12 * 1024
    assert (static / "css/admin.css").stat().st_size <= 2 * 1024
    assert len(gzip.compress((static / "js/app.js").read_bytes(), 9)) <= 1024
    assert (static / "font/plus-jakarta-sans.woff2").stat().st_size <= 12 * 1024


def test_a_wrong_password_is_refused_in_a_summary_and_what_was_typed_is_kept(client, db):
    response = client.post("/akun/login/", {"login": "desa", "password": "salah"}, headers={"accept-language": "id"})
    html = response.content.decode()
    assert re.findall(r"<title>([^<]+)", html) == ["Kesalahan: Masuk sebagai petugas – Pengaduan"]
    assert re.findall(r'name="login" value="([^"]*)"', html) == ["desa"]
    assert re.findall(r'name="password" value', html) == []
    assert len(re.findall(r"govuk-error-summary__title", html)) == 1


@pytest.mark.parametrize("page", ["2fa/", "password/change/", "logout/"])
def test_an_officer_finds_the_pages_of_the_account(client, django_user_model, db, page):
    client.force_login(django_user_model.objects.create_user("siti", password="x"))
    response = client.get(f"/akun/{page}")
    assert response.status_code == 200
    assert len(re.findall(r"<h1", response.content.decode())) == 1


def test_an_officer_who_asked_for_a_new_password_may_still_set_up_the_second_step(client, django_user_model, db):
    """The library notes the unverified address when a password is asked for, and would refuse the second step."""
    client.force_login(django_user_model.objects.create_user("siti", "siti@contoh.id", "kata-sandi-siti"))
    client.post("/akun/password/reset/", {"email": "siti@contoh.id"})
    client.post("/akun/reauthenticate/", {"password": "kata-sandi-siti"})
    assert client.get("/akun/2fa/totp/activate/").status_code == 200


@pytest.mark.parametrize("page", ["2fa/", "password/change/"])
def test_a_stranger_is_sent_to_sign_in(client, db, page):
    response = client.get(f"/akun/{page}")
    assert response.status_code == 302
    assert response.url.split("?")[0] == settings.LOGIN_URL


FORM = '<form method="post"><button class="govuk-button">Kirim</button></form><script src="/app.js"></script>'
TWO_TAPS = """() => {
  const refused = [], button = document.querySelector("button");
  addEventListener("submit", event => { refused.push(event.defaultPrevented); event.preventDefault(); });
  button.click();
  button.click();
  const waiting = button.getAttribute("aria-disabled");
  dispatchEvent(new Event("pageshow"));  // the reader has come back
  button.click();
  return [refused, waiting];
}"""


@pytest.mark.slow
def test_two_taps_send_one_form_and_coming_back_allows_another():
    def serve(route: Route) -> None:
        if route.request.url.endswith("/app.js"):
            route.fulfill(path=settings.BASE_DIR / "static/js/app.js", content_type="text/javascript")
        else:
            route.fulfill(body=FORM, content_type="text/html")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto("http://formulir.test/")
        assert page.evaluate(TWO_TAPS) == [[False, True, False], "true"]
        browser.close()


LEAVING = """<body><main><h1>Kasus saya</h1><form method="post" action="/lacak/keluar/" data-leave>
<input type="hidden" name="csrfmiddlewaretoken" value="t"><a href="http://cuaca.test/">Tinggalkan</a></form></main>
<script src="/app.js"></script>"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["the link", "three times Shift"])
def test_who_is_watched_leaves_at_once_and_the_session_ends(how):
    """The page is replaced, so that "back" does not show it again; two Shifts with a letter between them are typing."""
    posted = []

    def serve(route: Route) -> None:
        request = route.request
        if request.method == "POST":
            posted.append((request.url, request.post_data.count("csrfmiddlewaretoken")))
            route.fulfill(status=204)
        elif request.url.endswith("/app.js"):
            route.fulfill(path=settings.BASE_DIR / "static/js/app.js", content_type="text/javascript")
        else:
            route.fulfill(body=LEAVING if "aduan" in request.url else "<h1>Cuaca</h1>", content_type="text/html")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER)
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto("http://awal.test/")
        page.goto("http://aduan.test/")
        if how == "the link":
            page.click("a")
        else:
            for key in ("Shift", "Shift", "a", "Shift"):
                page.keyboard.press(key)
            assert page.url == "http://aduan.test/"
            page.keyboard.press("Shift")
            page.keyboard.press("Shift")
        page.wait_for_url("http://cuaca.test/")
        assert posted == [("http://aduan.test/lacak/keluar/", 1)]
        page.go_back()
        assert page.url == "http://awal.test/"
        browser.close()
