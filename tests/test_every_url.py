"""Every address there is: guarded, hidden from the outsider, refused without its token, sent with its headers."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from pengaduan.models import ReportedParty
from tiers.models import User

SAMPLES = {
    "code": "daftarkan",
    "printed": "daftar-hadir",
    "object_id": "1",
    "app_label": "tiers",
    "url": "tidak-ada",
    "uidb36": "1",
    "key": "a-b",
    "pk": "1",
}
OPEN_ACCOUNT_PAGES = ("/akun/daftar/", "/akun/ditutup/", "/akun/kata-sandi/lupa/", "/akun/kata-sandi/baru/")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NUMBER = "PKH-33.29-2026-000001"


def routes(patterns: list, before: str = "") -> Iterator[str]:
    """Yield every address of the product as one pattern."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, before + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield before + str(each.pattern)


ROUTES = sorted(set(routes(get_resolver().url_patterns)))


def address(route: str, **values: str) -> str:
    """Return an address of the route, with a sample for each of its parts."""
    known = SAMPLES | {"number": NUMBER} | values

    def sample(match: re.Match) -> str:
        kind, name = match["kind"] or "str", match["name"] or match["group"]
        typed = {"uuid": str(uuid.UUID(int=1)), "int": "1"}
        return typed.get(kind) or known.get(name, "pdf")

    part = r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>[^)]*\)"
    return "/" + re.sub(part, sample, route).replace("^", "").replace("$", "").replace("\\", "")


def is_guarded(url: str) -> bool:
    if url == "/admin/login/":
        return True
    if url.startswith("/akun/"):
        return not url.startswith(OPEN_ACCOUNT_PAGES)
    return url.startswith(("/petugas/", "/admin/"))


GUARDED = [route for route in ROUTES if is_guarded(address(route))]
OF_A_CASE = [route for route in ROUTES if "number>" in route]


def test_the_walk_finds_what_there_is():
    urls = {address(route) for route in ROUTES}
    assert {"/", "/lapor/", "/lacak/", "/masuk/", "/keluar/", "/petugas/", "/petugas/catat/", "/admin/"} <= urls
    assert {f"/petugas/pengaduan/{NUMBER}/", f"/petugas/pengaduan/{NUMBER}/langkah/daftarkan/"} <= urls
    assert {"/hidup/", "/siap/", "/bahasa/", "/petugas/laporan/"} <= urls
    assert [url for url in urls if set(url) & set("<>()^$?")] == []


def test_who_is_not_signed_in_is_led_to_the_sign_in(client, db):
    """A page that only reads or only takes refuses the other method, whoever asks."""
    for url in map(address, GUARDED):
        answers = [answer for answer in (client.get(url), client.post(url)) if answer.status_code != 405]
        assert answers != [], url
        for answer in answers:
            assert (answer.status_code, answer.headers.get("Location", "")[:7]) == (302, "/masuk/"), url


def test_nothing_is_posted_without_its_token(world):
    for user in (None, world.desa, world.peninjau):
        client = Client(enforce_csrf_checks=True)
        if user:
            client.force_login(user)
        taken = {url for url in map(address, ROUTES) if client.post(url, {"number": NUMBER}).status_code != 403}
        assert taken == set()


@pytest.mark.parametrize(
    ("who", "expected"), [("tetangga", 404), ("kabupaten", 404), ("kecamatan", 404), ("orang", 403)]
)
def test_a_case_does_not_exist_for_the_outsider_and_the_accused(world, client, who, expected):
    """The neighbour; who is reported; who stepped aside; and an account without any assignment, which opens no page."""
    complaint = world.complaint()
    ReportedParty.objects.create(complaint=complaint, user=world.kabupaten)
    complaint.recusals.create(user=world.kecamatan, at=complaint.received_at)
    world.users["orang"] = User.objects.create_user("orang", "", None, name="Orang")
    for url in (address(route, number=complaint.number) for route in OF_A_CASE):
        client.force_login(world.users[who])
        codes = {client.get(url).status_code, client.post(url).status_code} - {405}
        assert codes == {expected}, url
        client.force_login(world.desa)
        of_a_row = str(uuid.UUID(int=1)) in url or "/usul/" in url  # of the case, which has none of that name
        assert client.get(url).status_code in ({404, 405} if of_a_row else {200, 405, 409}), url


def test_every_page_comes_with_its_headers(world, client):
    complaint = world.complaint()
    for route in ROUTES:
        url = address(route, number=complaint.number, object_id=str(world.programmes["pkh"].pk))
        client.logout()
        if url.startswith(("/petugas/", "/akun/")):
            client.force_login(world.desa)
        elif url.startswith("/admin/"):
            client.force_login(world.peninjau)
        answer = client.get(url)
        assert answer.status_code < 500 or url == "/siap/", url
        parts = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= parts, url
        found = {name: answer.headers.get(name) for name in HEADERS}
        assert found == HEADERS, url
        if answer.status_code == 200 and is_guarded(url) and "jsi18n" not in url:
            assert "no-store" in answer.headers.get("Cache-Control", ""), url
