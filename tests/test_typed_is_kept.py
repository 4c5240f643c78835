"""What was typed stays when the language changes, cookies are refused, or a page is too old to be sent (D37, D62)."""

import pytest
from django.test import Client

from tests.test_lapor import ANSWERS, TEXT, fill, sentences
from workflow import drafts
from workflow.models import Draft

ORIGIN = {"HTTP_ORIGIN": "http://testserver"}


def strict() -> Client:
    """Return a visitor whose forms are checked as in earnest, with no cookie yet."""
    return Client(enforce_csrf_checks=True)


# --- the language


@pytest.mark.parametrize("step", ["kejadian", "identitas"])
def test_changing_the_language_in_the_middle_of_a_step_keeps_what_was_typed_and_finds_no_fault(world, client, step):
    fill(client, kejadian=None, identitas=None)
    if step == "identitas":
        client.post("/lapor/kejadian/", ANSWERS["/lapor/kejadian/"])
    typed = {"kejadian": {"text": TEXT}, "identitas": {"secrecy": "terbuka", "email": "siti@"}}[step]
    response = client.post(f"/lapor/{step}/", {**typed, "language": "en"})
    assert (response.url, response.cookies["django_language"].value) == (f"/lapor/{step}/", "en")
    page = client.get(f"/lapor/{step}/")
    assert [text in page.content.decode() for text in (*typed.values(), 'lang="en"')] == [True] * (len(typed) + 1)
    assert (page.status_code, page.context["form"].errors) == (200, {})


def test_what_was_only_kept_is_still_missing(world, client):
    fill(client, kejadian=None, identitas=None)
    client.post("/lapor/kejadian/", {"text": "", "language": "en"})
    assert client.get("/lapor/identitas/").url == "/lapor/kejadian/"
    response = client.post("/lapor/kejadian/", {"text": ""})
    assert set(sentences(response)) == {"text", "category"}


def test_a_language_that_does_not_exist_changes_nothing(world, client):
    fill(client, kejadian=None, identitas=None)
    assert "django_language" not in client.post("/lapor/kejadian/", {"text": TEXT, "language": "xx"}).cookies


def test_d37_of_who_stays_without_a_name_the_language_switch_keeps_no_name(world, client):
    fill(client, identitas=None)
    client.post("/lapor/identitas/", {"secrecy": "anonim", "name": "Siti", "phone": "0812", "language": "en"})
    assert set(drafts.typed(Draft.objects.get())["identitas"]) == {"secrecy", "sebagian"}


def test_the_place_chosen_so_far_stands_in_the_switch(world, client):
    client.post("/lapor/", ANSWERS["/lapor/"])
    page = client.post("/lapor/lokasi/", {"di": "33.29.01", "region": ""})
    assert 'name="next" value="/lapor/lokasi/?di=33.29.01&amp;cari="' in page.content.decode()


def test_a_switch_of_the_complaints_page_never_ends_at_an_address_that_only_takes_files(world, client):
    fill(client)
    client.post("/lapor/periksa/", {"draf": str(client.get("/lapor/periksa/").context["draft"].pk)})
    assert client.get("/lacak/pengaduan/berkas/").url == "/lacak/pengaduan/"


# --- cookies off


def test_who_refuses_cookies_is_told_so_in_a_sentence_and_keeps_what_was_typed(world):
    visitor = strict()
    page = visitor.post("/lapor/kejadian/", {"text": TEXT, "category": "pembayaran"}, **ORIGIN)
    html = page.content.decode()
    assert (page.status_code, "Peramban Anda menolak kuki" in html, html.count(TEXT)) == (403, True, 2)
    assert 'name="category" value="pembayaran"' in html


def test_once_cookies_are_allowed_the_same_words_are_sent_again_with_one_tap(world):
    visitor = strict()
    page = visitor.post("/lapor/", {"program": "pkh"}, **ORIGIN)  # the answer brings the cookie, kept this time
    token = visitor.cookies["csrftoken"].value
    assert 'name="program" value="pkh"' in page.content.decode()
    assert visitor.post("/lapor/", {"program": "pkh", "csrfmiddlewaretoken": token}, **ORIGIN).url == "/lapor/lokasi/"


# --- a page that is too old


def stale(visitor: Client, path: str, **fields: str):
    visitor.get("/lapor/")
    return visitor.post(path, {**fields, "csrfmiddlewaretoken": "x" * 64}, **ORIGIN)


def test_a_page_that_was_open_too_long_shows_what_was_typed(world):
    page = stale(strict(), "/lapor/kejadian/", text=TEXT)
    html = page.content.decode()
    assert ("Halaman terlalu lama terbuka" in html, html.count(TEXT), "Kirim lagi" in html) == (True, 2, True)


def test_elsewhere_the_words_are_shown_to_be_copied_and_not_sent_by_one_tap(world):
    html = stale(strict(), "/lacak/pengaduan/", langkah="tolak-hasil", words=TEXT).content.decode()
    assert (html.count(TEXT), "Kirim lagi" in html) == (1, False)


@pytest.mark.parametrize(
    "fields", [{"login": "desa", "password": "sandi rahasia sekali"}, {"code": "1234 5678 9012 3456"}]
)
def test_d37_passwords_and_codes_are_never_shown(world, fields):
    html = stale(strict(), "/masuk/", **fields).content.decode()
    assert [value for value in fields.values() if value in html] == []


def test_words_that_another_site_sends_are_not_shown_under_our_name(world):
    visitor = strict()
    visitor.get("/lapor/")
    for foreign in ({"HTTP_ORIGIN": "https://penipu.example"}, {}, {"HTTP_REFERER": "https://penipu.example/"}):
        page = visitor.post("/lapor/kejadian/", {"text": "Transfer uang ke sini sekarang"}, **foreign)
        assert (page.status_code, "Transfer uang" in page.content.decode()) == (403, False)


def test_what_is_shown_is_text_and_never_markup(world):
    html = stale(strict(), "/lapor/kejadian/", text="<script>alert(1)</script> dan lain-lain").content.decode()
    assert ("<script>alert" in html, "&lt;script&gt;alert" in html) == (False, True)
