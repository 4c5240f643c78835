"""Money lost and returned: the sum of the repayments, never written away, all of it back before a case ends (D29)."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from pengaduan.models import Attachment, Complaint, Stage
from tests.cast import at
from tests.journey import START, add_file
from workflow import actions
from workflow.machine import NEED_SENTENCES, Need, Refused
from workflow.taking import ChangedMeanwhile

LATER = START + timedelta(days=2)
PAID = {"paid_on": date(2026, 3, 4), "words": "Setor ke rekening kegiatan"}
SETTLED = {
    "finding": "Kembali", "forum_held_on": date(2026, 3, 4), "forum_place": "Balai desa", "forum_attendance": 20,
    "forum_decision": "Diterima", "ticked": ["Dana dapat dipakai lagi"],
}  # fmt: skip


def funds(world, stage=Stage.MONITORING) -> Complaint:
    """Return a case of misused funds in PAMSIMAS, handled by the village."""
    complaint = world.complaint("penyimpangan-dana", programme="pamsimas")
    Complaint.objects.filter(pk=complaint.pk).update(stage=stage, handler=world.desa)
    add_file(complaint, Attachment.Purpose.MINUTES, now=START)
    return world.read(complaint)


def money(world, complaint, by=None, **facts):
    facts = {name: Decimal(value) if isinstance(value, int) else value for name, value in facts.items()}
    if "amount" in facts:
        facts = PAID | facts
    return actions.record_money(world.read(complaint), by=by or world.desa, now=LATER, **facts)


def amounts(complaint) -> tuple:
    complaint.refresh_from_db()
    return complaint.lost_amount, complaint.returned_amount, complaint.outstanding


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_d29_what_came_back_is_the_sum_of_the_repayments(world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000)
    money(world, complaint, amount=300)
    money(world, complaint, amount=200)
    assert amounts(complaint) == (1000, 500, 500)
    assert sorted(complaint.repayments.values_list("amount", flat=True)) == [200, 300]


def test_d29_nobody_pays_back_more_than_was_lost_and_nothing_is_kept_of_it(world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000, amount=900)
    with pytest.raises(Refused) as refusal:
        money(world, complaint, amount=101)
    assert (refusal.value.field, str(refusal.value)) == (
        "amount",
        "Yang kembali tidak boleh lebih besar daripada kerugiannya.",
    )
    assert (amounts(complaint), complaint.repayments.count()) == ((1000, 900, 100), 1)


def test_d29_a_loss_is_lowered_only_with_a_reason_and_both_figures_stay_on_record(world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000, amount=400)
    with pytest.raises(Refused) as refusal:
        money(world, complaint, lost_amount=400)
    assert refusal.value.field == "reason"
    event = money(world, complaint, lost_amount=400, reason="Hitungan pertama keliru")
    assert json.loads(event.data) == {"lost": "400", "lost_before": "1000"}
    assert event.note.text == "Hitungan pertama keliru"
    with pytest.raises(Refused) as refusal:
        money(world, complaint, lost_amount=300, reason="Lagi")
    assert refusal.value.field == "lost_amount"
    assert amounts(complaint) == (400, 400, 0)


def test_d29_a_loss_of_nothing_needs_a_reason_from_the_first_time_on(world):
    complaint = funds(world)
    with pytest.raises(Refused) as refusal:
        money(world, complaint, lost_amount=0)
    assert refusal.value.field == "reason"
    assert complaint.events.filter(kind="catat-uang").count() == 0


def test_d29_who_verifies_is_told_that_the_loss_was_lowered(client, world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1_500_000, amount=500_000)
    money(world, complaint, lost_amount=500_000, reason="Hitungan pertama keliru")
    complaint.case_file.__class__.objects.filter(complaint=complaint).update(position="proven")
    actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLED)
    client.force_login(world.kecamatan)
    told = "Kerugian yang dicatat pernah diturunkan dari Rp 1.500.000 menjadi Rp 500.000."
    assert told in words(client.get(complaint.get_absolute_url() + "langkah/sahkan-selesai/").content.decode())
    case = words(client.get(complaint.get_absolute_url()).content.decode())
    assert "Kerugian: dari Rp 1.500.000 menjadi Rp 500.000" in case


def test_d29_a_repayment_written_down_in_error_is_taken_back_and_stays_on_record(world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000, amount=900)
    wrong = complaint.repayments.get()
    with pytest.raises(Refused) as refusal:
        money(world, complaint, cancelled=wrong)
    assert refusal.value.field == "reason"
    event = money(world, complaint, cancelled=wrong, reason="Salah ketik")
    assert json.loads(event.data)["amount"] == "900"
    assert (amounts(complaint), complaint.repayments.count()) == ((1000, 0, 1000), 0)


def test_d29_a_repayment_of_another_case_is_not_taken_back_here(world):
    complaint, other = funds(world), funds(world)
    for each in (complaint, other):
        money(world, each, lost_amount=1000, amount=900)
    with pytest.raises(Refused):
        money(world, complaint, cancelled=other.repayments.get(), reason="Salah ketik")
    assert other.repayments.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({}, "lost_amount"),
        ({"amount": 10}, "lost_amount"),
        ({"lost_amount": -1}, "lost_amount"),
        ({"lost_amount": 100, "amount": -5}, "amount"),
        ({"lost_amount": 100, "amount": 5, "paid_on": date(2026, 3, 6)}, "paid_on"),
        ({"lost_amount": 100, "amount": 5, "words": ""}, "words"),
    ],
)
def test_d29_what_is_no_amount_is_refused_at_its_field(world, facts, field):
    complaint = funds(world)
    with pytest.raises(Refused) as refusal:
        money(world, complaint, **facts)
    assert refusal.value.field == field
    assert (amounts(complaint), complaint.repayments.count()) == ((None, 0, None), 0)


def test_d29_a_case_of_funds_is_not_settled_before_loss_is_known_and_all_of_it_is_back(world):
    complaint = funds(world)
    for facts in ({"lost_amount": 1000}, {"amount": 999}, {"amount": 1}):
        with pytest.raises(Refused) as refusal:
            actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLED)
        assert refusal.value.sentence == NEED_SENTENCES[Need.MONEY]
        money(world, complaint, **facts)
    actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLED)
    assert world.read(complaint).stage == Stage.SETTLED


def test_d29_money_is_not_forgotten_by_calling_the_case_a_question(world):
    """A masalah that becomes informatif keeps its loss: no answer closes it."""
    complaint = funds(world)
    money(world, complaint, lost_amount=1000)
    question = world.category("pertanyaan", "pamsimas")
    actions.recategorise(world.read(complaint), by=world.penyelia, now=LATER, category=question, reason="Bertanya")
    actions.register(world.read(complaint), by=world.desa, now=LATER, recorded="x", suitable=True)
    with pytest.raises(Refused) as refusal:
        actions.answer(world.read(complaint), by=world.desa, now=LATER, answer="Sudah")
    assert refusal.value.sentence == NEED_SENTENCES[Need.MONEY]


@pytest.mark.parametrize("outcome", ["accepted", "silent"])
def test_d29_the_database_itself_closes_no_case_with_money_outstanding(world, outcome):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000, amount=999)
    close = (
        "UPDATE pengaduan_complaint SET stage = 'ditutup', outcome = %s, closed_at = now()"
        " WHERE id = %s AND lost_amount = 1000"
    )
    with pytest.raises(IntegrityError, match="settled_with_all_money_returned"), transaction.atomic():
        connection.cursor().execute(close, [outcome, complaint.pk])
    money(world, complaint, amount=1)
    with connection.cursor() as cursor:
        cursor.execute(close, [outcome, complaint.pk])
        assert cursor.rowcount == 1


def test_d29_two_who_record_money_at_once_lose_neither(world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000)
    first, second = world.read(complaint), world.read(complaint)
    repay = {"by": world.desa, "now": LATER, "amount": Decimal(400), **PAID}
    actions.record_money(first, **repay)
    with pytest.raises(ChangedMeanwhile), transaction.atomic():
        actions.record_money(second, **repay)
    assert (amounts(complaint), complaint.repayments.count()) == ((1000, 400, 600), 1)


def test_d29_amounts_do_not_change_once_it_is_settled(world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000, amount=1000)
    actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLED)
    with pytest.raises(Refused):
        money(world, complaint, lost_amount=2000)
    assert amounts(complaint) == (1000, 1000, 0)


@pytest.mark.parametrize("name", ["tetangga", "kecamatan", "pusat", "auditor", "koordinator"])
def test_d29_only_who_holds_the_case_writes_money_down(world, name):
    complaint = funds(world)
    with pytest.raises(Refused):
        money(world, complaint, by=getattr(world, name), lost_amount=1000)
    assert amounts(complaint) == (None, 0, None)


def test_d29_the_case_page_reckons_lost_returned_and_outstanding(client, world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1_500_000, amount=500_000)
    client.force_login(world.desa)
    told = words(client.get(complaint.get_absolute_url()).content.decode())
    assert "Kerugian (Rp) 1.500.000 Sudah kembali (Rp) 500.000 Belum kembali (Rp) 1.000.000" in told
    assert "4 Maret 2026 Setor ke rekening kegiatan 500.000" in told
    assert "Kerugiannya harus sudah dicatat dan seluruh uang sudah kembali." in told


def test_d29_the_standard_is_ticked_item_by_item(world):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000, amount=1000)
    standard = complaint.category.closure_standards.get()
    standard.items = ["Dana dapat dipakai lagi", "Diumumkan"]
    standard.save()
    with pytest.raises(Refused) as refusal:
        actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLED)
    assert refusal.value.field == "ticked"
    ticked = SETTLED | {"ticked": ["Dana dapat dipakai lagi", "Diumumkan"]}
    actions.settle(world.read(complaint), by=world.desa, now=LATER, **ticked)
    assert world.read(complaint).case_file.ticked == ["Dana dapat dipakai lagi", "Diumumkan"]


@pytest.mark.parametrize("lacking", ["forum_held_on", "forum_place", "forum_attendance", "forum_decision"])
def test_d27_a_forum_has_its_day_its_place_its_attendance_and_its_decision(world, lacking):
    complaint = funds(world)
    money(world, complaint, lost_amount=1000, amount=1000)
    with pytest.raises(Refused) as refusal:
        actions.settle(world.read(complaint), by=world.desa, now=LATER, **{**SETTLED, lacking: None})
    assert (refusal.value.field, refusal.value.sentence) == (lacking, NEED_SENTENCES[Need.FORUM])


def test_d29_an_amount_is_written_as_people_write_it(client, world):
    complaint = funds(world)
    client.force_login(world.desa)
    typed = {"version": complaint.version, "lost_amount": "Rp 1.500.000", "reason": ""}
    assert client.post(complaint.get_absolute_url() + "langkah/catat-uang/", typed).status_code == 302
    assert amounts(complaint) == (1_500_000, 0, 1_500_000)
    assert complaint.events.filter(kind="catat-uang", at__gte=at("2026-03-05 00:00")).count() == 1
