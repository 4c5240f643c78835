"""Signing in and out: one door, counted attempts, the second step, and what stays on a shared computer."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axes.models import AccessAttempt
from django.core.cache import cache
from django.db.models import F
from django.test import Client

from tiers.models import User

PASSWORD = "jambu-biji-merah"


@pytest.fixture
def world(world, settings):
    """Give two of the cast a password, hashed in no time: these tests sign in a hundred times."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name in ("desa", "peninjau"):
        user = world.users[name]
        user.set_password(PASSWORD)
        user.save()
    return world


def sign_in(client: Client, name: str = "desa", password: str = PASSWORD, to: str = "/masuk/", **more):
    return client.post(to, {"login": name, "password": password}, **more)


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def code_of(secret: str, *, steps_ahead: int = 0) -> str:
    """Return what the telephone shows; a code is taken once, so a second sign-in needs the next one."""
    _, now, _ = yield_hotp_counters_from_time()
    counter = now + steps_ahead
    return format_hotp_value(hotp_value(secret, counter))


def enrol(client: Client) -> str:
    """Set up the second step as the pages do it, and return the secret that the telephone keeps."""
    url = "/akun/langkah-kedua/aktifkan/"
    prove = client.get(url).headers["Location"]
    assert prove.startswith("/akun/pastikan/?next=")
    assert client.post(prove, {"password": PASSWORD}).headers["Location"] == url
    secret = client.get(url).context["form"].secret
    response = client.post("/akun/langkah-kedua/aktifkan/", {"code": code_of(secret)})
    assert response.headers["Location"] == "/akun/kode-pemulihan/"
    return secret


def test_an_officer_signs_in_and_stands_at_the_inbox(world, client):
    before = client.get("/masuk/")
    assert before.status_code == 200
    response = sign_in(client)
    assert response.headers["Location"] == "/petugas/"
    assert is_in(client)


def test_passwords_are_kept_as_argon2(db):
    assert User.objects.create_user("satu", "", PASSWORD, name="Satu").password.startswith("argon2$argon2id$")


def test_the_page_that_was_asked_for_comes_after_the_sign_in(world, client):
    assert client.get("/petugas/catat/").headers["Location"] == "/masuk/?next=/petugas/catat/"
    page = client.get("/masuk/?next=/petugas/catat/").content.decode()
    assert '<input type="hidden" name="next" value="/petugas/catat/"' in page
    response = client.post("/masuk/", {"login": "desa", "password": PASSWORD, "next": "/petugas/catat/"})
    assert response.headers["Location"] == "/petugas/catat/"


@pytest.mark.parametrize(
    "place", ["https://contoh.id/", "//contoh.id/", "javascript:alert(1)", "/\\contoh.id", "https:///a"]
)
def test_nobody_is_led_away_after_the_sign_in_or_out(world, client, place):
    signed_in = client.post("/masuk/", {"login": "desa", "password": PASSWORD, "next": place})
    assert signed_in.headers["Location"] == "/petugas/"
    assert client.post("/keluar/", {"next": place}).headers["Location"] == "/"
    assert client.post("/bahasa/", {"language": "en", "next": place}).headers["Location"] == "/"


def test_the_session_gets_a_new_key_and_ends_with_the_browser(world, client):
    client.post("/lacak/", {"code": "1"})
    session = client.session
    session["ada"] = "ya"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    response = sign_in(client)
    assert client.session.session_key != before
    cookie = response.cookies["sessionid"]
    assert (cookie["max-age"], cookie["expires"], bool(cookie["httponly"]), cookie["samesite"]) == ("", "", True, "Lax")
    assert 0 < client.session.get_expiry_age() <= 12 * 60 * 60


def test_signing_out_ends_the_session_and_empties_the_browser(world, client):
    sign_in(client)
    key = client.session.session_key
    assert client.get("/keluar/").status_code == 200
    assert is_in(client)
    response = client.post("/keluar/")
    assert response.headers["Location"] == "/"
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_in(client)
    stolen = Client()
    stolen.cookies["sessionid"] = key
    assert stolen.get("/petugas/").headers["Location"] == "/masuk/?next=/petugas/"


def test_a_form_without_its_token_signs_nobody_in(world):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client).status_code == 403
    assert not is_in(client)


def test_a_wrong_password_and_an_unknown_name_are_told_alike(world, client):
    wrong = sign_in(client, password="salah").context["form"].errors
    unknown = sign_in(client, name="tidak-ada").context["form"].errors
    assert wrong == unknown
    assert wrong != {}


def test_nobody_signs_up(world, client):
    page = client.post("/akun/daftar/", {"username": "baru", "password1": PASSWORD, "password2": PASSWORD})
    assert "Akun petugas dibuat oleh admin sistem" in page.content.decode()
    assert not User.objects.filter(username="baru").exists()


def test_eight_wrong_passwords_close_the_door_even_to_the_right_one(world, client):
    for _ in range(7):
        assert sign_in(client, password="salah").status_code == 200
    assert sign_in(client, password="salah").status_code == 429
    locked = sign_in(client)
    assert locked.status_code == 429
    page = locked.content.decode()
    assert "Masuk ditutup sementara" in page
    assert "Tunggu 15 menit, lalu coba lagi." in page
    assert not is_in(client)


def test_a_lock_is_for_one_name_at_one_address(world, client):
    """A colleague at the same desk, and the officer at another place, are not shut out."""
    for _ in range(8):
        sign_in(client, password="salah")
    assert sign_in(client).status_code == 429
    assert sign_in(Client(), "peninjau").headers["Location"] == "/petugas/"
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.7").headers["Location"] == "/petugas/"


def test_a_forged_address_does_not_open_the_lock(world, client):
    for number in range(8):
        sign_in(client, password="salah", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    assert sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 429


def test_behind_nginx_the_address_is_the_one_that_nginx_says(world, client, settings):
    settings.PRODUCTION = True
    for _ in range(8):
        sign_in(client, password="salah", HTTP_X_FORWARDED_FOR="203.0.113.1")
    assert sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.1").status_code == 429
    assert sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.2").headers["Location"] == "/petugas/"


def test_the_lock_opens_by_itself_after_a_quarter_of_an_hour(world, client):
    for _ in range(8):
        sign_in(client, password="salah")
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=15, seconds=1))
    assert sign_in(client).headers["Location"] == "/petugas/"


def test_the_reviewer_sees_the_failed_attempts_and_never_what_was_typed(world, client):
    for _ in range(3):
        sign_in(client, password="sandi-yang-hampir-benar")
    client.force_login(world.peninjau)
    attempt = AccessAttempt.objects.get()
    page = client.get("/admin/axes/accessattempt/").content.decode()
    row = client.get(f"/admin/axes/accessattempt/{attempt.pk}/change/").content.decode()
    assert f"/admin/axes/accessattempt/{attempt.pk}/change/" in page
    assert "sandi-yang-hampir-benar" not in page + row + attempt.post_data


def test_the_second_step_is_asked_once_it_is_set_up(world, client):
    sign_in(client)
    secret = enrol(client)
    client.post("/keluar/")
    response = sign_in(client)
    assert response.headers["Location"] == "/masuk/langkah-kedua/"
    assert not is_in(client)
    assert client.get("/petugas/").headers["Location"] == "/masuk/?next=/petugas/"
    assert client.post("/masuk/langkah-kedua/", {"code": "000000"}).status_code == 200
    assert not is_in(client)
    client.post("/masuk/langkah-kedua/", {"code": code_of(secret, steps_ahead=1)})
    assert is_in(client)


def test_a_recovery_code_works_once(world, client):
    sign_in(client)
    enrol(client)
    page = client.get("/akun/kode-pemulihan/")
    code = page.context["unused_codes"][0]
    for worked in (True, False):
        client.post("/keluar/")
        sign_in(client)
        client.post("/masuk/langkah-kedua/", {"code": code})
        assert is_in(client) is worked


def test_codes_of_the_second_step_cannot_be_guessed_through(world, client):
    """Eight in a quarter of an hour: then the right one is refused too."""
    cache.clear()
    sign_in(client)
    secret = enrol(client)
    client.post("/keluar/")
    sign_in(client)
    for guess in range(8):
        client.post("/masuk/langkah-kedua/", {"code": f"{guess:06}"})
    client.post("/masuk/langkah-kedua/", {"code": code_of(secret, steps_ahead=1)})
    assert not is_in(client)


def test_in_production_a_reviewer_needs_the_second_step_and_in_a_trial_is_offered_it(world, client, settings):
    settings.MFA_REQUIRED = False
    sign_in(client, "peninjau")
    assert client.get("/admin/").status_code == 200
    assert "Aktifkan langkah kedua" in client.get("/akun/").content.decode()
    settings.MFA_REQUIRED = True
    assert client.get("/admin/").headers["Location"] == "/akun/langkah-kedua/aktifkan/"
    enrol(client)
    assert client.get("/admin/").status_code == 200


def test_the_second_step_is_taken_off_only_by_who_has_just_proved_themselves(world, client):
    sign_in(client)
    enrol(client)
    session = client.session
    session["account_authentication_methods"] = [
        {**each, "at": time.time() - 3600} for each in session["account_authentication_methods"]
    ]
    session.save()
    response = client.post("/akun/langkah-kedua/matikan/")
    assert response.headers["Location"].startswith("/akun/pastikan/")
    assert Authenticator.objects.filter(user=world.desa, type="totp").exists()


def test_a_forgotten_password_is_made_anew_by_mail_and_tells_no_stranger_who_has_an_account(world, client, mailoutbox):
    for email in ("desa@kantor.id", "bukan@kantor.id"):
        response = client.post("/akun/kata-sandi/lupa/", {"email": email})
        assert response.headers["Location"] == "/akun/kata-sandi/lupa/terkirim/"
    known = [mail for mail in mailoutbox if mail.to == ["desa@kantor.id"]]
    assert len(known) == 1
    assert "/akun/kata-sandi/baru/" in known[0].body


def test_a_change_of_the_password_ends_the_other_sessions(world, client):
    other = Client()
    sign_in(client)
    sign_in(other)
    new = "nangka-belanda-hijau"
    sent = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/akun/kata-sandi/", sent).status_code == 302
    assert client.get("/akun/").status_code == 200
    assert other.get("/akun/").status_code == 302
