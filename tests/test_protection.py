"""Who complained may ask for protection, and the office owes it (Perpres 76/2013, article 15; D37)."""

from datetime import timedelta

import pytest

from pengaduan.models import Stage
from tests.journey import START, to_stage
from workflow import actions
from workflow.machine import Refused
from workflow.models import Notification

LATER = START + timedelta(days=1)
PLEA = "Kepala kelompok mengancam mencoret nama saya."
DONE = "Pendamping lain yang menemui Anda."


@pytest.fixture
def threatened(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.ask_protection(complaint, complainant=complaint.complainants.get(), now=LATER, reason=PLEA)
    return world.read(complaint)


def follow(client, complaint, code):
    client.post("/lacak/", {"code": code})
    return client.get("/lacak/pengaduan/").content.decode()


def test_d37_the_office_and_its_supervisor_hear_that_protection_is_asked_and_no_clock_moves(world, threatened):
    told = Notification.objects.filter(template="petugas-perlindungan").values_list("user__username", flat=True)
    assert sorted(told) == ["desa", "penyelia"]
    before = to_stage(world, Stage.CLARIFICATION)
    assert (threatened.due_at, threatened.tier_due_at) == (before.due_at, before.tier_due_at)


def test_d37_what_was_done_is_written_down_and_read_by_who_asked(world, threatened):
    actions.protect(threatened, by=world.penyelia, now=LATER, reason=DONE)
    said = threatened.messages.order_by("pk").values_list("from_complainant", "text")
    assert list(said) == [(True, PLEA), (False, DONE)]
    owed = Notification.objects.filter(complainant=threatened.complainants.get(), template="pesan")
    assert owed.count() == 1


def test_d55_another_complainant_of_the_case_reads_nothing_of_it(client, world, threatened):
    other = world.complaint(text="Bantuan saya juga belum cair.", received="2026-03-02 11:00")
    actions.close_duplicate(other, by=world.desa, now=LATER, original=threatened)
    actions.protect(world.read(threatened), by=world.penyelia, now=LATER, reason=DONE)
    html = follow(client, other, other.receipt.code)
    assert (PLEA in html, DONE in html, "perlindungan dicatat" in html) == (False, False, False)


def test_d37_the_plea_needs_words_and_is_typed_on_the_page_of_the_code(client, world):
    complaint = world.complaint()
    follow(client, complaint, complaint.receipt.code)
    empty = client.post("/lacak/pengaduan/", {"langkah": "minta-perlindungan", "minta-perlindungan-words": ""})
    assert empty.status_code == 422
    sent = client.post("/lacak/pengaduan/", {"langkah": "minta-perlindungan", "minta-perlindungan-words": PLEA})
    assert sent.status_code == 302
    assert complaint.events.order_by("-seq").first().kind == "minta-perlindungan"


@pytest.mark.parametrize("name", ["tetangga", "auditor", "koordinator", "kustodian", "peninjau"])
def test_d37_nobody_else_writes_that_somebody_was_protected(world, threatened, name):
    with pytest.raises(Refused):
        actions.protect(threatened, by=getattr(world, name), now=LATER, reason="Aman")
