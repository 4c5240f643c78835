"""Nobody answers: silence accepts after fourteen days, an incomplete file lapses after thirty (D12, D28)."""

import inspect
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connections, transaction

from pengaduan.models import Complaint, Event, Outcome, Stage
from tests.cast import EASTERN_VILLAGE, at
from tiers.models import Assignment, Tier, User
from workflow import actions, lapses
from workflow.models import Draft, Notification, Pause

RECEIVED = "2026-05-04 09:00"
ASKED = "2026-05-06 09:00"  # the thirtieth day after it is the 5th of June
TOLD = "2026-05-06 10:00"  # the fourteenth day after it is the 20th of May


def waiting(world, **matter) -> Complaint:
    complaint = world.complaint(received=RECEIVED, **matter)
    actions.ask_completion(complaint, by=world.desa, now=at(ASKED), questions="Tahap berapa?")
    return complaint


def answered(world) -> Complaint:
    complaint = world.complaint("pertanyaan", received=RECEIVED)
    actions.register(complaint, by=world.desa, now=at("2026-05-05 09:00"), recorded="Kapan cair?", suitable=True)
    actions.answer(complaint, by=world.desa, now=at(TOLD), answer="Bulan Juni.")
    return complaint


def stage_of(world, complaint) -> tuple[str, str]:
    fresh = world.read(complaint)
    return fresh.stage, fresh.outcome


def test_d28_silence_for_fourteen_days_closes_as_accepted_and_says_so(world):
    """D28: the whole of the last day is the complainant's."""
    complaint = answered(world)
    assert lapses.close_lapsed(now=at("2026-05-20 23:59")) == lapses.Closed()
    assert stage_of(world, complaint) == (Stage.FEEDBACK, "")
    assert lapses.close_lapsed(now=at("2026-05-21 00:10")) == lapses.Closed(silent=1)
    assert stage_of(world, complaint) == (Stage.CLOSED, Outcome.SILENT)
    assert Notification.objects.filter(complaint=complaint, template="ditutup-diam").count() == 1
    assert lapses.close_lapsed(now=at("2026-05-21 01:10")) == lapses.Closed()


def test_d12_a_file_that_is_not_completed_in_thirty_days_counts_as_withdrawn_and_says_so(world):
    """D12."""
    complaint = waiting(world)
    assert lapses.close_lapsed(now=at("2026-06-05 23:59")) == lapses.Closed()
    assert lapses.close_lapsed(now=at("2026-06-06 00:10")) == lapses.Closed(lapsed=1)
    assert stage_of(world, complaint) == (Stage.CLOSED, Outcome.LAPSED)
    assert Pause.objects.get(complaint=complaint).ended_at == at("2026-06-06 00:10")
    assert Notification.objects.filter(complaint=complaint, template="tidak-dilengkapi").count() == 1


def test_the_last_day_ends_where_the_matter_arose(world):
    """D11: two hours earlier in Jayapura than in Brebes."""
    office = world.complaint(region=EASTERN_VILLAGE, received=RECEIVED).office
    Assignment.objects.create(user=world.desa, office=office, role="petugas", starts_on=at(RECEIVED).date())
    world.desa = User.objects.get(pk=world.desa.pk)  # assignments are read once an object
    east, west = waiting(world, region=EASTERN_VILLAGE), waiting(world)
    assert lapses.close_lapsed(now=at("2026-06-05 22:10")).lapsed == 1
    assert (stage_of(world, east)[0], stage_of(world, west)[0]) == (Stage.CLOSED, Stage.REGISTRATION)


def test_who_answered_in_time_is_left_alone(world):
    complaint, told = waiting(world), answered(world)
    actions.complete(
        complaint, now=at("2026-05-30 09:00"), answer="Tahap dua", complainant=complaint.receipt.complainant
    )
    actions.reject(told, now=at("2026-05-15 09:00"), reason="Belum jelas", complainant=told.receipt.complainant)
    assert lapses.close_lapsed(now=at("2026-07-30 09:00")) == lapses.Closed()


def test_a_working_case_is_never_closed_by_itself(world):
    complaint = world.complaint(received=RECEIVED)
    assert lapses.close_lapsed(now=at("2027-05-04 09:00")) == lapses.Closed()
    assert stage_of(world, complaint) == (Stage.REGISTRATION, "")


def test_one_case_that_fails_is_told_and_does_not_stop_the_others(world, monkeypatch, capsys):
    first, second = waiting(world), waiting(world)
    lapse = actions.lapse

    def failing(complaint, *, now):
        lapse(complaint, now=now)
        if complaint.pk == first.pk:
            raise RuntimeError(complaint.subject)  # an error may repeat what nobody else may read (D37)

    monkeypatch.setattr(actions, "lapse", failing)
    with pytest.raises(SystemExit) as end:
        call_command("close_lapsed", now=at("2026-06-06 00:10"))
    printed = capsys.readouterr()
    assert end.value.code == 1
    line = inspect.getsourcelines(failing)[1] + 3
    assert printed.err == f"{first.number} tidak dapat ditutup: RuntimeError, test_lapses.py:{line}\n"
    assert printed.out == "Diterima tanpa tanggapan: 0. Dianggap dicabut: 1. Diingatkan: 0. Draf dihapus: 0.\n"
    assert (stage_of(world, first)[0], stage_of(world, second)[0]) == (Stage.REGISTRATION, Stage.CLOSED)
    assert not Event.objects.filter(complaint=first, kind="tidak-dilengkapi").exists()


def test_a_draft_lives_a_day(world):
    """D62."""
    old = Draft.objects.create(purpose="lapor", updated_at=at("2026-05-04 09:00"))
    young = Draft.objects.create(purpose="lapor", updated_at=at("2026-05-04 09:00") + timedelta(minutes=1))
    assert lapses.close_lapsed(now=at("2026-05-05 09:00") + timedelta(seconds=30)) == lapses.Closed(drafts=1)
    assert list(Draft.objects.values_list("pk", flat=True)) == [young.pk]
    assert not Draft.objects.filter(pk=old.pk).exists()


def test_the_command_takes_an_instant_and_refuses_what_is_none(world, capsys):
    complaint = answered(world)
    call_command("close_lapsed", "--now", "2026-05-21T00:10")  # without a zone: WIB
    assert (
        capsys.readouterr().out == "Diterima tanpa tanggapan: 1. Dianggap dicabut: 0. Diingatkan: 0. Draf dihapus: 0.\n"
    )
    assert world.read(complaint).closed_at == at("2026-05-21 00:10")
    with pytest.raises(Exception, match="“kemarin” bukan waktu"):
        call_command("close_lapsed", "--now", "kemarin")


def test_a_case_that_someone_has_in_hand_is_left_to_the_next_run(real_world):
    complaint = waiting(real_world)
    held, done = threading.Event(), threading.Event()

    def holding():
        with transaction.atomic():
            Complaint.objects.select_for_update().get(pk=complaint.pk)
            held.set()
            done.wait(30)
        connections.close_all()

    holder = threading.Thread(target=holding)
    holder.start()
    held.wait(30)
    assert lapses.close_lapsed(now=at("2026-06-06 00:10")) == lapses.Closed()
    done.set()
    holder.join()
    assert lapses.close_lapsed(now=at("2026-06-06 01:10")) == lapses.Closed(lapsed=1)


def test_three_runs_at_once_close_each_case_once(real_world):
    for _ in range(12):
        waiting(real_world)
    start, runs = threading.Barrier(3), []

    def one():
        start.wait()
        runs.append(lapses.close_lapsed(now=at("2026-06-06 00:10")))
        connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(3)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert (sum(run.lapsed for run in runs), [run.failed for run in runs]) == (12, [[], [], []])
    assert Event.objects.filter(kind="tidak-dilengkapi").count() == 12
    assert set(Complaint.objects.values_list("tier", "outcome")) == {(Tier.DESA, Outcome.LAPSED)}
