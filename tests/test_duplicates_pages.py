"""What officers see of the same matter: before recording and registering, and on the case; nobody else (D20, D55)."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pengaduan.models import Complaint, Secrecy
from tests.test_duplicates import LATER, MINE, OTHER, THEIRS, merged, two
from tests.test_record_page import filled, there
from workflow import actions

BOX = "Mungkin sudah ada"


def html_of(client, user, address) -> str:
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def case_page(client, user, complaint) -> str:
    return html_of(client, user, complaint.get_absolute_url())


def step(complaint, code) -> str:
    return f"{complaint.get_absolute_url()}langkah/{code}/"


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def post(client, user, complaint, code, **typed):
    client.force_login(user)
    version = Complaint.objects.get(pk=complaint.pk).version
    return client.post(step(complaint, code), {"version": version, "petugas": user.pk, **typed})


# --- before it is recorded, before it is registered


def lately(world, **matter) -> Complaint:
    """Return a complaint of today: the record form looks back from now."""
    return world.complaint(text=MINE, received=f"{timezone.now():%Y-%m-%d} 00:05", now="2099-01-01 10:00", **matter)


def test_d20_before_recording_the_officer_looks_at_what_is_there_and_goes_on(client, world):
    first = lately(world)
    client.force_login(world.desa)
    typed = filled(world, text=THEIRS)
    asked = client.post(there(), typed)
    assert asked.status_code == 200
    assert (BOX in asked.content.decode(), first.number in asked.content.decode()) == (True, True)
    assert Complaint.objects.count() == 1
    assert client.post(there(), {**typed, "tetap": "1"}).status_code == 302
    assert Complaint.objects.count() == 2
    assert client.post(there(), typed).status_code == 302  # sent again: not asked about itself
    assert Complaint.objects.count() == 2


def test_d20_another_matter_is_recorded_without_a_question(client, world):
    lately(world)
    client.force_login(world.desa)
    assert client.post(there(), filled(world, text=OTHER)).status_code == 302


def test_d55_who_records_for_another_place_is_not_shown_what_they_may_not_see(client, world):
    lately(world)
    client.force_login(world.tetangga)
    assert client.post(there(), filled(world, text=MINE)).status_code == 302


@pytest.mark.parametrize("code", ["", "daftarkan"])
def test_d20_before_registering_the_alike_one_is_shown(client, world, code):
    first, second = two(world)
    html = html_of(client, world.desa, step(second, code) if code else second.get_absolute_url())
    assert BOX in html
    assert first.number in html


def test_d20_another_matter_is_not_shown(client, world):
    world.complaint(text=OTHER)
    assert BOX not in case_page(client, world.desa, world.complaint(text=MINE, received="2026-03-09 10:00"))


def test_d20_once_registered_it_is_not_looked_for(client, world):
    first, second = two(world)
    actions.register(
        second, by=world.desa, now=LATER, recorded="Bantuan belum cair.", information_complete=True, suitable=True
    )
    assert BOX not in case_page(client, world.desa, second)


@pytest.mark.parametrize("name", ["auditor", "koordinator", "peninjau"])
def test_d55_who_only_reads_is_shown_no_search(client, world, name):
    _first, second = two(world)
    assert BOX not in case_page(client, getattr(world, name), second)


def test_d55_the_accused_is_not_shown_the_one_against_them(client, world):
    first = world.complaint(text=MINE, reported_users=[world.pusat])
    second = world.complaint("kkn", text=MINE, received="2026-03-09 10:00")
    assert first.number not in case_page(client, world.pusat, second)


# --- merged, linked, split by the pages


def test_d20_the_alike_one_is_chosen_and_merged_into(client, world):
    first, second = two(world)
    assert post(client, world.desa, second, "duplikat", alike=first.number).status_code == 302
    assert world.read(second).merged_into == first


def test_d20_any_other_is_named_by_its_number(client, world):
    first = world.complaint(text=OTHER)
    second = world.complaint(text=MINE, received="2026-03-09 10:00")
    assert post(client, world.desa, second, "duplikat", original=f" {first.number.lower()} ").status_code == 302
    assert world.read(second).merged_into == first


def test_d20_without_a_number_the_form_says_what_is_missing(client, world):
    first, second = two(world)
    response = post(client, world.desa, second, "duplikat")
    assert response.status_code == 422
    assert "Tulis nomor pengaduan yang sama" in response.content.decode()


def test_d20_what_is_hidden_and_what_does_not_exist_are_refused_alike(client, world):
    hidden = world.complaint("kkn", text=MINE)
    second = world.complaint(text=MINE, received="2026-03-09 10:00")
    answers = [post(client, world.desa, second, "duplikat", original=number) for number in (hidden.number, "PKH-1")]
    sentences = [re.findall(r'govuk-error-message"[^>]*>(.*?)</p>', answer.content.decode()) for answer in answers]
    assert [answer.status_code for answer in answers] == [409, 409]
    assert sentences[0] == sentences[1] != []


def test_d20_both_pages_point_to_each_other(client, world):
    first, second = merged(world)
    assert f"Digabungkan ke sini {second.number}" in words(case_page(client, world.desa, first))
    assert f"Digabung ke {first.number}" in words(case_page(client, world.desa, second))


def test_d20_links_are_shown_on_both_pages(client, world):
    first, second = two(world)
    assert post(client, world.desa, second, "tautkan", original=first.number).status_code == 302
    for one, other in ((first, second), (second, first)):
        assert f"Ditautkan {other.number}" in words(case_page(client, world.desa, one))
    assert post(client, world.desa, first, "lepas-tautan", alike=second.number, reason="Salah").status_code == 302
    assert "Pengaduan terkait berubah" in words(case_page(client, world.desa, second))
    assert f"Ditautkan {first.number}" not in words(case_page(client, world.desa, second))


def test_d20_the_split_is_on_the_page_of_the_merged_one(client, world):
    first, second = merged(world)
    assert post(client, world.desa, second, "pisahkan", reason="Ternyata hal lain").status_code == 302
    assert world.read(second).merged_into is None
    assert second.number not in words(case_page(client, world.desa, first)).partition("Pengaduan terkait")[2]


def test_d35_who_may_not_see_the_case_reads_no_number_of_it(client, world):
    """The record of what was merged stands on a page that lower tiers see."""
    grave = world.complaint("kkn", text=MINE)
    second = world.complaint(text=THEIRS, received="2026-03-09 10:00")
    actions.close_duplicate(second, by=world.pusat, now=LATER, original=grave)
    html = case_page(client, world.desa, second)
    assert grave.number not in html
    assert "Digabung dengan pengaduan lain yang tidak dapat Anda lihat." in html
    assert grave.number in case_page(client, world.pusat, second)
    client.force_login(world.desa)
    assert client.get(grave.get_absolute_url()).status_code == 404


def test_d35_a_link_to_a_concealed_case_is_not_shown_below(client, world):
    grave = world.complaint("kkn", text=MINE)
    second = world.complaint(text=THEIRS, received="2026-03-09 10:00")
    actions.link(world.read(grave), by=world.pusat, now=LATER, original=second)
    assert grave.number not in case_page(client, world.desa, second)
    assert second.number in case_page(client, world.pusat, world.read(grave))


@pytest.mark.parametrize("code", ["duplikat", "tautkan", "lepas-tautan", "pisahkan"])
def test_d20_outsiders_find_no_page(client, world, code):
    _first, second = merged(world)
    client.force_login(world.tetangga)
    assert client.get(step(second, code)).status_code == 404
    client.logout()
    assert client.get(step(second, code)).status_code == 302


# --- several complainants on the case page


def test_d20_the_case_page_counts_its_complainants(client, world):
    first, _second = merged(world, secrecy=Secrecy.ANONYMOUS, identity={})
    shown = words(case_page(client, world.desa, first))
    assert "2 pelapor Pelapor 1 (rahasia) Pelapor 2 (tanpa nama)" in shown


def test_d55_the_officer_writes_to_one_of_several(client, world):
    first, second = merged(world)
    form = html_of(client, world.desa, step(first, "kirim-pesan"))
    assert "Semua pelapor, masing-masing" in form
    to = second.complainants.get()
    assert post(client, world.desa, first, "kirim-pesan", to=str(to.pk), reason="Mohon datang besok").status_code == 302
    assert [message.complainant for message in world.read(first).messages.all()] == [to]
    assert "Kantor kepada Pelapor 2 (rahasia)" in words(case_page(client, world.desa, first))
    post(client, world.desa, first, "kirim-pesan", to="", reason="Untuk semuanya")
    assert words(case_page(client, world.desa, first)).count("Untuk semuanya") == 1


def test_d20_what_belongs_to_a_case_costs_the_page_two_queries_at_most(client, world):
    first, second = two(world)
    alone = to_count(client, world, first)
    actions.link(second, by=world.desa, now=LATER, original=first)
    assert to_count(client, world, first) - alone <= 2


def to_count(client, world, complaint) -> int:
    client.force_login(world.kecamatan)
    with CaptureQueriesContext(connection) as taken:
        client.get(complaint.get_absolute_url())
    return len(taken)
