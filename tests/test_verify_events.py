"""Who gets past the database's refusal leaves a trace: every kind of tampering is found in its place (D40)."""

from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection

from pengaduan.models import Complaint, Event, Note
from pengaduan.verification import Break, Fault, broken_links
from tests.cast import at
from workflow import actions, escalation
from workflow.models import Letter, Notification

RECEIVED = "2026-05-04 09:00"


@pytest.fixture
def told(world) -> Complaint:
    """Return a complaint with five events, beside another that nobody touches."""
    complaint = world.complaint(received=RECEIVED)
    world.complaint("pertanyaan", received=RECEIVED)
    for day in (5, 6, 7):
        actions.note(complaint, by=world.desa, now=at(f"2026-05-0{day} 09:00"), text=f"Catatan {day}")
    escalation.sweep(now=at("2026-06-10 00:00"), by_hand=True)
    assert list(complaint.events.order_by("seq").values_list("kind", flat=True)) == [
        "diterima", "catat", "catat", "catat", "eskalasi",
    ]  # fmt: skip
    assert broken_links() == []
    Letter.objects.all().delete()
    Notification.objects.all().delete()  # else they would miss the events that the tests take away
    return complaint


@contextmanager
def past_the_triggers():
    """Write as a superuser who switched the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def tamper(complaint: Complaint, statement: str, **places: int) -> None:
    """Run a statement on the events of a complaint; `{seq}` style names are ids of events by their number."""
    ids = {name: complaint.events.get(seq=seq).pk for name, seq in places.items()}
    with past_the_triggers() as cursor:
        cursor.execute(statement, {"complaint": complaint.pk, **ids})


def found(complaint: Complaint) -> list[tuple[int, str]]:
    broken = broken_links()
    assert {each.number for each in broken} <= {complaint.number}
    return [(each.seq, each.fault) for each in broken]


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "kind = 'kirim-pesan'",
        "by_id = by_id + 1",
        "from_stage = 'ditutup'",
        "to_stage = 'ditutup'",
        "from_office_id = NULL",
        "to_office_id = NULL",
        "due_at = due_at + interval '1 day'",
        "tier_due_at = NULL",
        """data = '{"a":1}'""",
        "actor = 'sistem', by_id = NULL",
    ],
)
def test_d40_an_event_that_was_edited_is_found(told, change):
    tamper(told, f"UPDATE pengaduan_event SET {change} WHERE id = %(it)s", it=3)
    assert found(told) == [(3, Fault.CHANGED)]


def test_an_edit_with_its_digest_reckoned_anew_is_found_at_the_next_link(told):
    tamper(told, "UPDATE pengaduan_event SET kind = 'lain' WHERE id = %(it)s", it=3)
    digest = told.events.get(seq=3).reckon_digest()
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE pengaduan_event SET digest = %s WHERE complaint_id = %s AND seq = 3", [digest, told.pk])
    assert found(told) == [(4, Fault.UNLINKED)]


def test_the_last_event_edited_with_its_digest_is_found_by_the_head(told):
    tamper(told, "UPDATE pengaduan_event SET kind = 'lain' WHERE id = %(it)s", it=5)
    digest = told.events.get(seq=5).reckon_digest()
    with past_the_triggers() as cursor:
        cursor.execute("UPDATE pengaduan_event SET digest = %s WHERE complaint_id = %s AND seq = 5", [digest, told.pk])
    assert found(told) == [(5, Fault.END)]


def test_an_event_deleted_in_the_middle_is_found(told):
    Note.objects.filter(event__complaint=told, event__seq=3).delete()
    tamper(told, "DELETE FROM pengaduan_event WHERE id = %(it)s", it=3)
    assert found(told) == [(4, Fault.GAP)]


def test_a_gap_that_was_closed_by_renumbering_is_found(told):
    Note.objects.filter(event__complaint=told, event__seq=4).delete()
    tamper(told, "DELETE FROM pengaduan_event WHERE id = %(it)s", it=4)
    tamper(told, "UPDATE pengaduan_event SET seq = 4 WHERE id = %(it)s", it=5)
    assert found(told) == [(4, Fault.CHANGED), (4, Fault.UNLINKED), (5, Fault.END)]


def test_the_first_event_deleted_is_found(told):
    tamper(told, "DELETE FROM pengaduan_event WHERE id = %(it)s", it=1)
    assert found(told) == [(2, Fault.GAP)]


@pytest.mark.parametrize("from_seq", [5, 1])
def test_d40_a_tail_cut_off_is_found_even_when_nothing_is_left(told, from_seq):
    Note.objects.filter(event__complaint=told, event__seq__gte=from_seq).delete()
    tamper(told, f"DELETE FROM pengaduan_event WHERE complaint_id = %(complaint)s AND seq >= {from_seq}")
    assert found(told) == [(5, Fault.END)]


def test_two_events_that_changed_places_are_found(told):
    tamper(told, "UPDATE pengaduan_event SET seq = 99 WHERE id = %(it)s", it=2)
    tamper(told, "UPDATE pengaduan_event SET seq = 2 WHERE id = %(it)s", it=3)
    tamper(told, "UPDATE pengaduan_event SET seq = 3 WHERE id = %(it)s", it=99)
    assert found(told) == [
        (2, Fault.CHANGED), (2, Fault.UNLINKED), (3, Fault.CHANGED), (3, Fault.UNLINKED), (4, Fault.UNLINKED),
    ]  # fmt: skip


def test_d40_words_that_were_changed_removed_or_added_are_found(told):
    Note.objects.filter(event__complaint=told, event__seq=2).update(text="Lain")
    Note.objects.filter(event__complaint=told, event__seq=3).delete()
    Note.objects.create(event=told.events.get(seq=5), text="Ditambahkan")
    assert found(told) == [(2, Fault.WORDS), (3, Fault.WORDS), (5, Fault.WORDS)]


def test_words_blanked_under_the_retention_schedule_break_nothing(told):
    """D64."""
    Note.objects.filter(event__complaint=told, event__seq=2).update(text="", blanked_at=at("2031-01-01 00:00"))
    assert found(told) == []


def test_one_record_can_be_proven_alone(told):
    other = Complaint.objects.exclude(pk=told.pk).get()
    tamper(told, "UPDATE pengaduan_event SET kind = 'lain' WHERE id = %(it)s", it=3)
    assert broken_links([other]) == broken_links(Complaint.objects.none()) == []
    assert broken_links([told]) == [Break(told.number, 3, Fault.CHANGED)]


def test_the_command_names_the_places_and_leaves_with_status_1(told, capsys):
    call_command("verify_events")
    assert capsys.readouterr().out == f"Semua catatan utuh: {Event.objects.count()}.\n"
    tamper(told, "UPDATE pengaduan_event SET kind = 'lain' WHERE id = %(it)s", it=3)
    with pytest.raises(SystemExit) as end:
        call_command("verify_events")
    assert end.value.code == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{told.number} #3: isi catatan ini diubah",
        "Tempat yang rusak: 1.",
    ]
