"""A case page costs at most fifteen queries at every stage, however much the case has gathered (design.md §4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pengaduan.models import AgreedAction, Attachment, Message, ReportedParty, Stage, Statement, Suspension
from tests.cast import OTHER_VILLAGE, at
from tests.journey import START, add_file, to_stage
from workflow import actions
from workflow.machine import WORKING
from workflow.models import Notification, Pause
from workflow.views.gathered import PARTS, spread
from workflow.views.steps import case_of

BUDGET = 15
STAGES = [stage for stage in Stage if stage not in {Stage.ANSWER, Stage.CLOSED}]


def asked(client, user, complaint) -> int:
    client.force_login(user)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(complaint.get_absolute_url()).status_code == 200
    return len(queries)


def fill(complaint, world, rows: int) -> None:
    """Give a case so many rows of every kind that its page shows."""
    event, person = complaint.events.last(), complaint.complainants.get()
    of_case = {"complaint": complaint, "created_at": START}
    party = ReportedParty.objects.create(complaint=complaint, user=world.koordinator)
    for row in range(rows):
        day = date(2026, 3, 3) + timedelta(days=row)
        ReportedParty.objects.create(complaint=complaint, words=f"Agen {row}")
        Statement.objects.create(
            **of_case, kind="terlapor", party=party, given_on=day, text=f"Sudah dibayar {row}", recorded_by=world.desa
        )
        AgreedAction.objects.create(
            **of_case, kind="kesepakatan", what=f"Dibayar {row}", who="Kantor pos", until=day, agreed_by=world.desa
        )
        complaint.repayments.create(
            created_at=START, amount=Decimal("12345678901234.56"), paid_on=day, words="Tahap", recorded_by=world.desa
        )
        Message.objects.create(
            complaint=complaint, complainant=person, event=event, from_complainant=True, text=f"Kapan {row}", at=START
        )
        Pause.objects.create(
            complaint=complaint, started_at=START, ended_at=START, asked="Sejak kapan", questions=[{"a": row}]
        )
        add_file(complaint, Attachment.Purpose.EVIDENCE, now=START + timedelta(minutes=row))
        Notification.objects.create(
            event=event, complaint=complaint, user=world.kecamatan, template=f"petugas-{row}", created_at=START,
            next_attempt_at=START,
        )  # fmt: skip
        other = world.complaint(region=OTHER_VILLAGE, text=f"Perkara lain nomor {row}.")
        complaint.links.create(other=other, created_at=START)
    Suspension.objects.create(**of_case, party=party, since=date(2026, 3, 4), ordered_by="Camat")
    if complaint.stage in WORKING:
        actions.ask_help(complaint, by=world.desa, now=at("2026-03-20 09:00"), user=world.kabupaten, asked="Data")


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_costs_at_most_fifteen_queries_with_one_row_and_with_many(client, world, stage):
    complaint = to_stage(world, stage)
    bare = [asked(client, world.users[who], complaint) for who in ("desa", "penyelia", "auditor")]
    fill(complaint, world, 1)
    few = [asked(client, world.users[who], complaint) for who in ("desa", "penyelia", "auditor")]
    for row in range(4):
        add_file(complaint, Attachment.Purpose.EVIDENCE, now=START + timedelta(hours=row + 1))
        complaint.repayments.create(
            created_at=START, amount=row + 1, paid_on=START.date(), words="Lagi", recorded_by=world.desa
        )
    assert [asked(client, world.users[who], complaint) for who in ("desa", "penyelia", "auditor")] == few
    assert max(*bare, *few) <= BUDGET


def test_the_rows_read_with_the_case_are_the_rows_of_the_tables(world):
    """Each field of each row, money to the cent, through the JSON of the database and back."""
    complaint = to_stage(world, Stage.CLARIFICATION)
    fill(complaint, world, 2)
    whole = case_of(world.desa, complaint.number, whole=True)
    spread(whole)
    for name, part in PARTS.items():
        read = whole.notices if name == "notices" else list(getattr(whole, name).all())
        stored = list(part.rows.filter(complaint=complaint))
        assert stored != [] or name == "proposals", name
        columns = [each.attname for each in part.rows.model._meta.concrete_fields]
        assert [[getattr(row, each) for each in columns] for row in read] == [
            [getattr(row, each) for each in columns] for row in stored
        ], name
    named = [(str(party.user), party.words) for party in whole.reported_parties.all()]
    assert named == [("Koordinator", ""), ("None", "Agen 0"), ("None", "Agen 1")]
