"""Traps that others fell into and that no other file holds: nothing is exempt, the accused gets in nowhere."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection

from pengaduan import tracking
from pengaduan.models import Category, Complaint, Secrecy, Stage, Weight
from tests.cast import SINCE, at
from tests.journey import START, lead_on
from tiers.models import Assignment, Tier, User
from workflow import actions, escalation, gate, routing
from workflow.machine import Refused
from workflow.models import Notification

LATER = START + timedelta(days=1)
FAR = at("2027-01-04 00:00")


def test_d32_nothing_is_exempt_from_escalation(world):
    """Every weight, prominent or not, assigned or not, nameless or open, of every category of the programme."""
    made = []
    for weight in Weight.values:
        for prominent in (False, True):
            case = world.complaint(secrecy=Secrecy.ANONYMOUS if prominent else Secrecy.OPEN, identity={})
            handler = world.desa if prominent else None
            Complaint.objects.filter(pk=case.pk).update(weight=weight, prominent=prominent, handler=handler)
            made.append(case)
    codes = Category.objects.filter(programme=world.programmes["pkh"], active=True).values_list("code", flat=True)
    made += [world.complaint(code) for code in codes]
    run = escalation.sweep(now=FAR, by_hand=True)
    assert (run.moved + run.flagged, escalation.missed(now=FAR).count()) == (len(made), 0)
    for case in made:
        after = world.read(case)
        one_up = (case.tier + 1, None) if case.tier < Tier.PUSAT else (Tier.PUSAT, FAR)
        assert (after.tier, after.top_overdue_at) == one_up, case.category.code


def test_d32_one_more_sweep_before_the_new_period_ends_moves_nothing(world):
    world.complaint()
    escalation.sweep(now=FAR, by_hand=True)
    again = escalation.sweep(now=FAR + timedelta(days=20), by_hand=True)
    assert (again.moved, again.flagged) == (0, 0)


@pytest.mark.parametrize("stage", [Stage.REGISTRATION, Stage.HANDLING, Stage.SETTLED])
def test_d49_the_accused_is_nowhere_in_the_case(world, client, stage):
    """Not its handler, verifier, helper or decider; not told, not counted, not found; for no step of the table."""
    accused = world.kecamatan
    complaint = lead_on(world.complaint(), world, stage, now=START)
    Assignment.objects.create(user=accused, office=complaint.office, role="penyelia", starts_on=SINCE)
    proposal = None
    if stage != Stage.SETTLED:
        facts = {"reason": "Perlu dukungan"}
        proposal = actions.propose(complaint, "naikkan", by=world.desa, now=LATER, facts=facts)
    before = Notification.objects.filter(user=accused).count()
    actions.name_reported(world.read(complaint), by=world.kabupaten, now=LATER, reported_user=[accused])
    case, accused = world.read(complaint), User.objects.get(pk=accused.pk)
    assert case.tier > Tier.KECAMATAN
    assert gate.rights_of(accused, case, now=LATER) == set()
    assert gate.open_steps(case, by=accused, now=LATER, rights=gate.rights_of(accused, case, now=LATER)) == []
    assert accused not in actions.helping.people_to_ask(case, now=LATER)
    for verb, facts in ((actions.verify, {}), (actions.hand_up, {"reason": "x"}), (actions.note, {"text": "x"})):
        with pytest.raises(Refused):
            verb(case, by=accused, now=LATER, **facts)
    with pytest.raises(Refused):
        actions.assign(case, by=world.kabupaten, now=LATER, handler=accused)
    if proposal:
        proposal.refresh_from_db()
        assert not actions.may_decide(proposal, by=accused, now=LATER)
    escalation.sweep(now=FAR, by_hand=True)
    assert world.read(case).tier == case.tier + 1
    assert Notification.objects.filter(user=accused).count() == before
    client.force_login(accused)
    assert client.get(case.get_absolute_url()).status_code == 404
    assert case.get_absolute_url() not in client.get(f"/petugas/?q={case.number}").content.decode()


def test_d31_a_case_that_is_lowered_goes_to_the_lowest_tier_that_may_see_it_and_no_lower(world):
    complaint = world.complaint(reported_offices=[world.office(Tier.KECAMATAN, "33.29.01")])
    assert (complaint.tier, routing.below(complaint)) == (Tier.KABUPATEN, None)


def test_d62_a_code_has_fifteen_random_digits_and_a_check_digit_that_finds_every_slip():
    codes = [tracking.new_code() for _ in range(200)]
    assert len(set(codes)) == 200
    assert {len(code) for code in codes} == {16}
    spread = Counter(digit for code in codes for digit in code[:15])
    assert min(spread.values()) > 200  # of 3,000 digits each of the ten comes about 300 times
    code = codes[0]
    for place in range(16):
        for digit in "0123456789":
            slipped = code[:place] + digit + code[place + 1 :]
            assert (tracking.clean(slipped) is None) == (slipped != code)
        swapped = code[:place] + code[place + 1 : place + 2] + code[place : place + 1] + code[place + 2 :]
        assert (tracking.clean(swapped) is None) == (swapped != code)


def test_d62_of_the_code_only_a_keyed_hash_is_stored(world, settings):
    receipt = world.complaint().receipt
    stored = bytes(receipt.complainant.tracking_hash)
    assert stored == tracking.code_hash(receipt.code)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pengaduan_complainant c WHERE c::text LIKE %s", [f"%{receipt.code}%"])
        assert cursor.fetchone() == (0,)
    settings.LOOKUP_KEY = b"another key, as long as the other"
    assert tracking.code_hash(receipt.code) != stored
