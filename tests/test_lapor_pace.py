"""How many reports are taken in at a time: a pause for who sends many, never by address, nothing lost (D62)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pengaduan.models import Complaint
from tests.test_lapor import TEXT, fill, send
from workflow import pace

FIRST = "Anda sudah mengirim 1 pengaduan hari ini. Yang ini dapat dikirim mulai pukul"
CROWDED = "Sekarang sangat banyak pengaduan masuk."


@pytest.fixture
def one_freely(monkeypatch):
    monkeypatch.setattr(pace, "FREELY", 1)


def sent_ago(client, minutes: int) -> None:
    """Let the reports of this visitor have been sent that long ago."""
    session = client.session
    session[pace.KEY] = [(timezone.now() - timedelta(minutes=minutes)).timestamp()] * len(session[pace.KEY])
    session.save()


def test_five_reports_a_day_go_without_a_pause(world, client):
    for _time in range(5):
        fill(client)
        assert send(client).status_code == 302
    fill(client)
    assert (send(client).status_code, Complaint.objects.count()) == (429, 5)


def test_d62_the_next_one_waits_a_little_and_nothing_typed_is_lost(world, client, one_freely):
    fill(client)
    send(client)
    fill(client)
    page = send(client)
    html = page.content.decode()
    assert (FIRST in html, TEXT in html, 500 < int(page["Retry-After"]) <= 600) == (True, True, True)
    sent_ago(client, 11)
    assert (send(client).status_code, Complaint.objects.count()) == (302, 2)


def test_the_time_is_that_of_the_place(world, client, one_freely):
    fill(client)
    send(client)
    fill(client, lokasi={"di": "91.03.01", "region": "91.03.01.2001"})
    assert " WIT, supaya" in send(client).content.decode()


def test_after_a_day_it_begins_anew(world, client, one_freely):
    fill(client)
    send(client)
    sent_ago(client, 24 * 60 + 1)
    fill(client)
    assert send(client).status_code == 302
    assert len(client.session[pace.KEY]) == 1


def test_d62_a_village_behind_one_address_is_not_held_up_by_one_of_its_people(world, client, one_freely):
    """Domain §11."""
    for visitor in (client, Client(), Client()):
        fill(visitor)
        assert send(visitor).status_code == 302


def test_who_leaves_a_shared_telephone_leaves_no_pause_to_the_next(world, client, one_freely):
    fill(client)
    send(client)
    client.post("/lacak/keluar/")
    fill(client)
    assert send(client).status_code == 302


def test_a_flood_asks_all_for_a_minute_and_loses_nothing(world, client, monkeypatch):
    first, second = Client(), client
    fill(first)
    send(first)
    monkeypatch.setattr(pace, "MOST", 1)
    fill(second)
    page = send(second)
    html = page.content.decode()
    assert (page.status_code, page["Retry-After"], CROWDED in html, TEXT in html) == (503, "60", True, True)
    monkeypatch.setattr(pace, "WINDOW", timedelta(0))
    assert (send(second).status_code, Complaint.objects.count()) == (302, 2)


def test_a_report_that_was_taken_in_is_never_told_to_wait(world, client, one_freely):
    fill(client)
    draft = str(client.get("/lapor/periksa/").context["draft"].pk)
    answers = [client.post("/lapor/periksa/", {"draf": draft}).status_code for _tap in range(3)]
    assert (answers, Complaint.objects.count(), len(client.session[pace.KEY])) == ([302] * 3, 1, 1)
