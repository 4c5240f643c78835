"""The record cannot be altered in the database, and Python and SQL reckon one digest (D40)."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from pengaduan import record
from pengaduan.models import Event, Note
from tests.cast import at
from workflow import actions

DIGEST = """
SELECT event_digest(%s::bytea, %s::bigint, %s::integer, %s::timestamptz, %s::bigint, %s::text, %s::text, %s::text,
                    %s::text, %s::bigint, %s::bigint, %s::timestamptz, %s::timestamptz, %s::text, %s::text)
"""
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
KEYS = st.integers(1, 2**63 - 1)
WORDS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)


@given(
    previous=st.binary(max_size=32),
    complaint_id=KEYS,
    seq=st.integers(0, 2**31 - 1),
    at=INSTANTS,
    by_id=st.none() | KEYS,
    kind=WORDS,
    actor=st.sampled_from(["petugas", "pelapor", "sistem"]),
    from_stage=st.sampled_from(["", "registrasi"]),
    to_stage=st.sampled_from(["", "peninjauan-kembali"]),
    from_office_id=st.none() | KEYS,
    to_office_id=st.none() | KEYS,
    due_at=st.none() | INSTANTS,
    tier_due_at=st.none() | INSTANTS,
    data=st.dictionaries(WORDS, WORDS | st.integers() | st.none(), max_size=3).map(record.canonical),
    text_digest=WORDS.map(record.text_digest),
)
@pytest.mark.django_db
def test_python_and_the_database_reckon_the_same_digest(**row):
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, [row[name] for name in (
            "previous", "complaint_id", "seq", "at", "by_id", "kind", "actor", "from_stage", "to_stage",
            "from_office_id", "to_office_id", "due_at", "tier_due_at", "data", "text_digest",
        )])  # fmt: skip
        (reckoned,) = cursor.fetchone()
    assert bytes(reckoned) == Event(**row).reckon_digest()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pengaduan_event SET at = at - interval '1 day'",
        "UPDATE pengaduan_event SET kind = kind",
        "DELETE FROM pengaduan_event",
        "TRUNCATE pengaduan_event CASCADE",
        "TRUNCATE pengaduan_complaint CASCADE",
    ],
)
def test_d40_the_database_refuses_to_change_or_remove_an_event(world, statement):
    world.complaint()
    before = list(Event.objects.values_list())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else TRUNCATE fails for what the transaction has yet to check
        with pytest.raises(DatabaseError, match="pgtrigger: "), transaction.atomic():
            cursor.execute(statement)
    assert list(Event.objects.values_list()) == before


def test_d40_the_words_of_a_step_stand_beside_it_and_only_their_digest_in_it(world):
    """D64: so that a text can be blanked and the chain still holds."""
    complaint = world.complaint(received="2026-05-04 09:00")
    event = actions.note(complaint, by=world.desa, now=at("2026-05-05 09:00"), text="Pak Terlapor datang")
    event.refresh_from_db()
    assert Note.objects.get(event=event).text == "Pak Terlapor datang"
    assert event.text_digest == record.text_digest("Pak Terlapor datang")
    assert "Terlapor" not in event.data
    assert [bytes(each.digest) for each in complaint.events.order_by("seq")][:-1] == [bytes(event.previous)]


def test_the_canonical_form_of_data_does_not_depend_on_the_order_of_its_keys():
    assert record.canonical({"b": "é", "a": 1}) == record.canonical({"a": 1, "b": "é"}) == '{"a":1,"b":"é"}'
