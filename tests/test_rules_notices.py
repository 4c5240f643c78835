"""Which officers hear of what happens in a case (D43)."""

from datetime import timedelta

import pytest

from pengaduan.models import Stage
from tests.cast import at
from tests.journey import START, to_stage
from workflow import actions, escalation
from workflow.models import Notification

LATER = START + timedelta(days=1)
FAR = at("2026-06-10 00:00")


def told(kind: str) -> dict[str, set[str]]:
    """Return which officers are owed which notice by the latest step of a kind."""
    owed = Notification.objects.exclude(user=None).filter(event__kind=kind)
    found: dict[str, set[str]] = {}
    for template, name in owed.values_list("template", "user__username"):
        found.setdefault(template, set()).add(name)
    return found


def test_d43_the_office_hears_of_a_new_case(world):
    world.complaint()
    assert told("diterima") == {"petugas-baru": {"desa"}}


def test_d43_who_took_it_in_is_not_told_of_it(world):
    world.complaint(by=world.desa)
    assert told("diterima") == {}


def test_d43_of_an_escalation_hear_the_office_above_and_the_one_that_lost_the_case(world):
    world.complaint()
    escalation.sweep(now=FAR, by_hand=True)
    assert told("eskalasi") == {"petugas-eskalasi-masuk": {"kecamatan"}, "petugas-eskalasi-keluar": {"desa"}}


def test_d43_the_office_hears_that_the_complainant_completed_the_file(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.ask_completion(complaint, by=world.desa, now=LATER, questions="Tahap berapa?")
    person = complaint.complainants.get()
    actions.complete(world.read(complaint), complainant=person, now=LATER, answer="Tahap dua")
    assert told("lengkapi") == {"petugas-dilengkapi": {"desa"}}


@pytest.mark.parametrize(("verb", "kind"), [(actions.accept, "terima-hasil"), (actions.reject, "tolak-hasil")])
def test_d43_the_office_hears_the_complainants_feedback(world, verb, kind):
    complaint = to_stage(world, Stage.FEEDBACK)
    verb(complaint, complainant=complaint.complainants.get(), now=LATER, reason="Kurang satu tahap")
    assert told(kind) == {"petugas-umpan-balik": {"desa"}}


def test_d43_the_office_hears_that_a_case_was_opened_again(world):
    complaint = to_stage(world, Stage.FEEDBACK)
    actions.close_silent(complaint, now=LATER + timedelta(days=20))
    closed = world.read(complaint)
    actions.reopen(
        closed, complainant=closed.complainants.get(), now=LATER + timedelta(days=21), reason="Belum diterima"
    )
    assert told("buka-kembali") == {"petugas-dibuka-kembali": {"desa"}}


def test_d43_pusat_hears_of_a_case_that_its_category_brings_there(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    category = world.category("perbaikan-basis-data")
    actions.recategorise(complaint, by=world.desa, now=LATER, category=category, reason="Basis data induk")
    assert told("ubah-kategori") == {"petugas-baru": {"pusat", "koordinator"}}
