"""The profile: my assignments, whom I stand in for, my days away; and a menu that fits who reads it."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.cast import SINCE
from tiers.models import Absence, Assignment, Tier
from workflow import standing_in

PAGE = "/petugas/profil/"
FORM = "/petugas/profil/tidak-hadir/"


def typed(first: date, last: date, **rest) -> dict:
    days = {"starts_on": first, "ends_on": last}
    return {
        f"{name}_{part}": getattr(day, part) for name, day in days.items() for part in ("day", "month", "year")
    } | rest


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def menu(client, user) -> list[str]:
    client.force_login(user)
    return re.findall(r'class="app-nav__link"[^>]*>([^<]+)', client.get(PAGE).content.decode())


@pytest.fixture
def today() -> date:
    return timezone.localdate()


def test_d4_it_shows_each_assignment_with_its_role_in_words_and_its_days(client, world):
    client.force_login(world.desa)
    said = words(client.get(PAGE).content.decode())
    assert "Petugas, Ketua Kelompok Indrajaya" in said
    assert "Program Keluarga Harapan · sejak 1 Januari 2024" in said
    assert "Menerima, mencatat, dan menangani pengaduan yang dipegang kantornya." in said


def test_what_has_ended_is_not_shown(client, world, today):
    Assignment.objects.filter(user=world.desa, office__programme=world.programmes["pkh"]).update(
        ends_on=today - timedelta(days=1)
    )
    client.force_login(world.desa)
    assert [str(post.office) for post, _role in client.get(PAGE).context["posts"]] == ["KKM Indrajaya"]


def test_it_shows_for_whom_one_stands_in_and_who_stands_in(client, world, today):
    standing_in.enter(world.desa, today, today, by=world.desa, now=timezone.now(), stand_in=world.kecamatan)
    client.force_login(world.kecamatan)
    answer = client.get(PAGE)
    assert [each.absence.user for each in answer.context["standing_in"]] == [world.desa, world.desa]
    assert {post.office.tier for post, _role in answer.context["posts"]} == {Tier.KECAMATAN}
    client.force_login(world.desa)
    assert "Digantikan Kecamatan: Petugas, KKM Indrajaya; Petugas, Ketua Kelompok Indrajaya" in words(
        client.get(PAGE).content.decode()
    )


def test_days_away_are_entered_with_a_stand_in_of_the_list(client, world, today):
    client.force_login(world.desa)
    offered = client.get(FORM).context["form"].fields["stand_in"].queryset
    assert {user.username for user in offered} == {"kecamatan", "kabupaten", "penyelia", "provinsi", "pusat"}
    answer = client.post(FORM, typed(today, today + timedelta(days=3), stand_in=world.kecamatan.pk))
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)
    absence = world.desa.absences.get()
    assert (absence.ends_on, absence.stand_in) == (today + timedelta(days=3), world.kecamatan)


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(client, world, today):
    client.force_login(world.desa)
    answer = client.post(FORM, typed(today - timedelta(days=1), today))
    assert (answer.status_code, Absence.objects.count()) == (422, 0)
    assert answer.context["form"].errors == {"starts_on": ["Hari pertama tidak boleh sudah lewat."]}
    assert f'value="{today.year}"' in answer.content.decode()
    assert client.post(FORM, {}).context["form"].errors == {
        "starts_on": ["Isi hari pertama tidak hadir, misalnya 27 3 2026."],
        "ends_on": ["Isi hari terakhir tidak hadir, misalnya 28 3 2026."],
    }
    answer = client.post(FORM, typed(today, today, stand_in=world.tetangga.pk))
    assert answer.context["form"].errors == {"stand_in": ["Pilih pengganti dari daftar ini."]}


def test_who_has_nobody_to_stand_in_is_told_who_hears_instead(client, world, today):
    client.force_login(world.pusat)
    answer = client.get(FORM)
    assert "stand_in" not in answer.context["form"].fields
    assert client.post(FORM, typed(today, today)).status_code == 302


def test_days_away_are_shortened_and_cancelled_on_their_page(client, world, today):
    client.force_login(world.desa)
    client.post(FORM, typed(today + timedelta(days=2), today + timedelta(days=9), stand_in=world.kecamatan.pk))
    page = f"/petugas/tidak-hadir/{world.desa.absences.get().pk}/"
    last = today + timedelta(days=5)
    shorter = {"ends_on_day": last.day, "ends_on_month": last.month, "ends_on_year": last.year, "perpendek": "1"}
    assert client.post(page, shorter).status_code == 302
    assert world.desa.absences.get().ends_on == last
    refused = client.post(page, shorter | {"ends_on_year": last.year + 1})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["ends_on"])
    assert client.post(page, {"akhiri": "1"}).headers["Location"] == PAGE
    assert (Absence.objects.count(), Assignment.objects.filter(absence__isnull=False).count()) == (0, 0)
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("who", ["tetangga", "kecamatan", "kabupaten", "koordinator", "auditor"])
def test_the_days_of_another_do_not_exist(client, world, today, who):
    """The stand-in, too, only reads of them."""
    absence = standing_in.enter(
        world.desa, today, today + timedelta(days=3), by=world.desa, now=timezone.now(), stand_in=world.kecamatan
    )
    client.force_login(world.users[who])
    page = f"/petugas/tidak-hadir/{absence.pk}/"
    assert (client.get(page).status_code, client.post(page, {"akhiri": "1"}).status_code) == (404, 404)
    assert Absence.objects.count() == 1
    said = words(client.get(PAGE).content.decode())
    assert ("Anda menggantikan" in said) == (who == "kecamatan")


def test_who_is_not_signed_in_is_led_to_the_sign_in(client, world):
    for page in (PAGE, FORM, "/petugas/tidak-hadir/1/"):
        assert client.get(page).headers["Location"].startswith("/masuk/")


def test_every_role_has_a_profile(client, world):
    for name, user in world.users.items():
        client.force_login(user)
        assert client.get(PAGE).status_code == 200, name
        assert client.get(FORM).status_code == 200, name


def test_the_menu_offers_each_what_they_may_open(client, world):
    reports = ["Register", "Laporan"]
    field = ["Tanpa sinyal", "Profil", "Keluar"]
    assert menu(client, world.desa) == ["Kotak masuk", "Catat", "Menu", "Register", *field]
    assert menu(client, world.penyelia) == ["Kotak masuk", "Catat", "Papan", "Menu", *reports, *field]
    assert menu(client, world.koordinator) == ["Kotak masuk", "Papan", "Menu", *reports, "Profil", "Keluar"]
    assert menu(client, world.auditor) == ["Kotak masuk", "Menu", "Register", "Profil", "Keluar"]
    assert menu(client, world.kustodian) == ["Identitas", "Menu", "Profil", "Keluar"]
    assert menu(client, world.peninjau) == ["Kotak masuk", "Menu", "Register", "Profil", "Halaman admin", "Keluar"]


def test_each_link_of_a_menu_opens(client, world):
    for name, user in world.users.items():
        client.force_login(user)
        html = client.get(PAGE).content.decode()
        for link in re.findall(r'class="app-nav__link" href="(/petugas/[^"]*)"', html):
            assert client.get(link).status_code == 200, (name, link)


def test_an_assignment_of_a_stand_in_is_not_mistaken_for_an_own_one(client, world, today):
    standing_in.enter(world.desa, today, today, by=world.desa, now=timezone.now(), stand_in=world.provinsi)
    client.force_login(world.provinsi)
    assert {post.starts_on for post, _role in client.get(PAGE).context["posts"]} == {SINCE}
