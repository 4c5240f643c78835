"""What an officer may only propose, and who decides it (D33, D36, D53)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from pengaduan import inbox
from pengaduan.models import Complaint, Outcome, Stage
from tests.cast import at
from tests.journey import START, to_stage
from workflow import actions, gate, needs
from workflow.machine import STEPS, Refused, Who
from workflow.models import Notification, Proposal

LATER = START + timedelta(days=1)


def propose(world, complaint, code="naikkan", by="desa", **facts):
    facts = {"reason": "Dana desa lain juga terlibat."} | facts
    return actions.propose(complaint, code, by=getattr(world, by), now=LATER, facts=facts)


def test_d33_an_officer_alone_raises_nothing_and_the_supervisors_consent_does(world):
    """D33: raising needs a review with the supervisor and its reason; the tier above gets a period of its own."""
    complaint = to_stage(world, Stage.HANDLING)
    with pytest.raises(Refused) as refusal:
        actions.hand_up(complaint, by=world.desa, now=LATER, reason="Terlalu berat")
    assert str(refusal.value) == "Langkah “Naikkan ke jenjang di atas” bukan wewenang Anda pada pengaduan ini."
    proposal = propose(world, complaint)
    assert world.read(complaint).office == world.office(1, "33.29.01.2001")
    actions.approve(proposal, by=world.penyelia, now=LATER, decision="Sudah ditinjau bersama.")
    raised = world.read(complaint)
    assert (raised.office, raised.tier_since) == (world.office(2, "33.29.01"), LATER)
    proposal.refresh_from_db()
    assert (proposal.approved, proposal.decided_by, proposal.decision) == (
        True,
        world.penyelia,
        "Sudah ditinjau bersama.",
    )
    last = list(complaint.events.order_by("seq").values_list("kind", "by__username"))[-2:]
    assert last == [("usulkan", "desa"), ("naikkan", "penyelia")]


def test_d51_who_may_decide_hears_of_a_proposal_and_who_proposed_of_the_decision(world):
    """In an office without a supervisor the nearest one above hears."""
    complaint = to_stage(world, Stage.HANDLING)
    proposal = propose(world, complaint)
    told = Notification.objects.filter(template="petugas-usul").values_list("user__username", flat=True)
    assert list(told) == ["penyelia"]
    actions.refuse(proposal, by=world.penyelia, now=LATER, reason="Tidak perlu")
    told = Notification.objects.filter(template="petugas-usul-diputus").values_list("user__username", flat=True)
    assert list(told) == ["desa"]


def test_d33_a_refused_proposal_leaves_the_case_as_it_was_with_the_reason_on_record(world):
    complaint = to_stage(world, Stage.HANDLING)
    before = world.read(complaint)
    proposal = propose(world, before)
    actions.refuse(proposal, by=world.penyelia, now=LATER, reason="Masih dapat diselesaikan di desa.")
    after = world.read(complaint)
    assert (after.office, after.tier_due_at, after.stage) == (before.office, before.tier_due_at, before.stage)
    assert complaint.events.order_by("-seq").first().note.text == "Masih dapat diselesaikan di desa."


@pytest.mark.parametrize("name", ["desa", "kecamatan", "tetangga", "kustodian", "auditor", "peninjau", "koordinator"])
def test_d33_nobody_but_the_supervisor_consents_to_raising(world, name):
    proposal = propose(world, to_stage(world, Stage.HANDLING))
    with pytest.raises(Refused):
        actions.approve(proposal, by=getattr(world, name), now=LATER)
    with pytest.raises(Refused):
        actions.refuse(proposal, by=getattr(world, name), now=LATER, reason="Tidak perlu")
    assert Proposal.objects.get().decided_at is None


def test_d33_who_proposed_does_not_decide_even_as_supervisor(world):
    """The supervisor holds the case at the kabupaten and proposes to close it aside; a colleague decides."""
    complaint = to_stage(world, Stage.HANDLING)
    Complaint.objects.filter(pk=complaint.pk).update(office=world.office(3, "33.29"), tier=3, handler=world.penyelia)
    complaint = world.read(complaint)
    proposal = propose(world, complaint, "salurkan", by="penyelia", authority="Dinas Sosial")
    with pytest.raises(Refused):
        actions.approve(proposal, by=world.penyelia, now=LATER)
    actions.approve(proposal, by=world.provinsi, now=LATER)
    assert world.read(complaint).outcome == Outcome.REFERRED


def test_d33_a_proposal_is_decided_once(world):
    proposal = propose(world, to_stage(world, Stage.HANDLING))
    same = Proposal.objects.select_related("complaint__office", "complaint__programme").get(pk=proposal.pk)
    actions.refuse(proposal, by=world.penyelia, now=LATER, reason="Tidak perlu")
    with pytest.raises(Refused) as refusal:
        actions.approve(same, by=world.penyelia, now=LATER)
    assert str(refusal.value) == "Usul ini sudah diputuskan. Muat ulang halaman."


def test_d33_the_same_step_is_not_proposed_twice_and_not_without_its_reason(world):
    complaint = to_stage(world, Stage.HANDLING)
    with pytest.raises(Refused) as refusal:
        propose(world, complaint, reason="")
    assert refusal.value.field == "reason"
    propose(world, complaint)
    with pytest.raises(Refused) as refusal:
        propose(world, world.read(complaint))
    assert str(refusal.value) == "Langkah ini sudah diusulkan. Tunggu keputusannya."


SIDE_WAYS = ("bukan-kewenangan", "salurkan", "proses-hukum", "serahkan-fase-akhir")


@pytest.mark.parametrize("code", SIDE_WAYS)
def test_d53_who_handled_a_masalah_does_not_close_it_aside_but_proposes_it(world, code):
    """D53: the one who closes a masalah is not the one who handled it; in an office of one, the tier above decides."""
    complaint = to_stage(world, Stage.HANDLING)
    facts = {"authority": "Kejaksaan Negeri Brebes", "reason": "Sudah ditangani di sana."}
    with pytest.raises(Refused) as refusal:
        actions.close_aside(complaint, code, by=world.desa, now=LATER, **facts)
    assert refusal.value.field == "by"
    proposal = propose(world, complaint, code, **facts)
    actions.approve(proposal, by=world.kecamatan, now=LATER)
    assert world.read(complaint).stage == Stage.CLOSED


def test_d53_at_the_door_nothing_was_handled_yet_and_one_officer_sends_it_on(world):
    complaint = world.complaint()
    facts = {"authority": "Dinas Pendidikan", "reason": "Bukan urusan program."}
    actions.close_aside(complaint, "bukan-kewenangan", by=world.desa, now=LATER, **facts)
    assert world.read(complaint).outcome == Outcome.NOT_OURS


def test_d53_passing_the_case_to_a_colleague_does_not_wash_the_hands_of_who_handled_it(world):
    """The handler hands the case to somebody else and then wants to verify: still one of those who handled it."""
    complaint = to_stage(world, Stage.SETTLED)
    Complaint.objects.filter(pk=complaint.pk).update(
        handler=world.kecamatan, office=world.office(2, "33.29.01"), tier=2
    )
    assert needs.hands_of(world.read(complaint)) == {world.kecamatan.pk, world.desa.pk}


def test_d53_the_handler_does_not_close_the_case_by_writing_down_that_all_are_content(world):
    """D27, D53: acceptance on somebody's word comes through another officer, and says how it came."""
    complaint = to_stage(world, Stage.FEEDBACK)
    with pytest.raises(Refused) as refusal:
        actions.accept(complaint, by=world.desa, now=LATER, reason="Katanya sudah puas")
    assert refusal.value.field == "by"
    with pytest.raises(Refused) as refusal:
        actions.accept(complaint, by=world.kecamatan, now=LATER)
    assert refusal.value.field == "reason"
    actions.accept(complaint, by=world.kecamatan, now=LATER, reason="Datang ke kantor 4 Maret, menerima hasilnya")
    assert world.read(complaint).outcome == Outcome.ACCEPTED


def test_d53_the_handler_does_not_withdraw_the_case_in_the_complainants_name(world):
    complaint = to_stage(world, Stage.HANDLING)
    with pytest.raises(Refused):
        actions.withdraw(complaint, by=world.desa, now=LATER, reason="Katanya tidak jadi")
    actions.withdraw(complaint, complainant=complaint.complainants.get(), now=LATER, reason="Sudah dibayar")
    assert world.read(complaint).outcome == Outcome.WITHDRAWN


def test_d53_each_way_to_close_a_masalah_asks_for_another_person_or_is_not_an_officers(world):
    """No row of the table lets the handler close a masalah alone, whatever rows are added."""
    complaint = to_stage(world, Stage.HANDLING)
    for step in STEPS:
        if step.target != Stage.CLOSED or step.sources == {Stage.REGISTRATION} or step.nature == "informatif":
            continue
        asks = {needs.Need.OTHER_PERSON, needs.Need.SECOND_PAIR} & set(step.needs)
        assert asks or step.who in {Who.SYSTEM, Who.OVERSIGHT}, step.code
    assert gate.may_take(STEPS[0], complaint, by=world.desa, now=LATER)


@pytest.fixture
def page(client, world):
    def get(name, path):
        client.force_login(getattr(world, name))
        return client.get(path)

    return get


def test_the_page_of_a_step_that_others_decide_says_so_and_proposes_it(client, world):
    complaint = to_stage(world, Stage.HANDLING)
    client.force_login(world.desa)
    url = reverse("officer_step", args=[complaint.number, "naikkan"])
    html = client.get(url).content.decode()
    assert "Yang memutuskan: penyelia kantor itu atau kantor di atasnya." in html
    client.post(url, {"petugas": world.desa.pk, "version": complaint.version, "reason": "Perlu bantuan kabupaten."})
    assert Proposal.objects.get().facts == {"reason": "Perlu bantuan kabupaten."}
    assert world.read(complaint).tier == 1


def test_a_decision_is_taken_on_its_page_and_what_is_missing_is_marked(client, world):
    complaint = to_stage(world, Stage.HANDLING)
    url = reverse("officer_proposal", args=[complaint.number, propose(world, complaint).pk])
    client.force_login(world.penyelia)
    assert "Dana desa lain juga terlibat." in client.get(url).content.decode()
    answer = client.post(url, {"petugas": world.penyelia.pk, "verdict": "tolak", "reason": ""})
    assert (answer.status_code, "Tulis mengapa usul ini Anda tolak." in answer.content.decode()) == (422, True)
    assert client.post(url, {"petugas": world.penyelia.pk, "verdict": "setuju"}).status_code == 302
    assert world.read(complaint).tier == 2
    again = client.post(url, {"petugas": world.penyelia.pk, "verdict": "setuju"})
    assert again.status_code == 409


@pytest.mark.parametrize(("name", "status"), [("tetangga", 404), ("kustodian", 404), ("auditor", 200), ("desa", 200)])
def test_who_does_not_see_the_case_does_not_see_what_is_proposed_in_it(page, world, name, status):
    complaint = to_stage(world, Stage.HANDLING)
    proposal = propose(world, complaint)
    answer = page(name, reverse("officer_proposal", args=[complaint.number, proposal.pk]))
    assert answer.status_code == status
    assert b'<form method="post"' not in answer.content.split(b"<main")[-1].split(b"</main>")[0]


def test_a_proposal_of_another_case_is_not_read_through_this_one(page, world):
    proposal = propose(world, to_stage(world, Stage.HANDLING))
    other = world.complaint()
    assert page("penyelia", reverse("officer_proposal", args=[other.number, proposal.pk])).status_code == 404


def test_the_inbox_lists_what_waits_for_a_decision_to_who_may_take_it(world):
    """The numbers in the list are those of cases whose page this person may open."""
    complaint = to_stage(world, Stage.HANDLING)
    propose(world, complaint)
    listed = {
        name: list(inbox.complaints_in(inbox.View.TO_DECIDE, getattr(world, name), now=LATER))
        for name in ("penyelia", "desa", "tetangga")
    }
    assert listed == {"penyelia": [complaint], "desa": [], "tetangga": []}


def test_a_step_proposed_for_a_case_that_has_moved_on_is_refused_with_a_sentence(world):
    complaint = to_stage(world, Stage.HANDLING)
    proposal = propose(world, complaint, "salurkan", authority="Dinas Sosial")
    actions.withdraw(
        world.read(complaint), complainant=complaint.complainants.get(), now=LATER, reason="Sudah selesai sendiri"
    )
    fresh = Proposal.objects.select_related("complaint__office", "complaint__category").get(pk=proposal.pk)
    with pytest.raises(Refused) as refusal:
        actions.approve(fresh, by=world.kecamatan, now=at("2026-03-06 09:00"))
    assert str(refusal.value) == "Pengaduan ini sudah ditutup; langkah ini tidak terbuka lagi."
    fresh.refresh_from_db()
    assert fresh.decided_at is None
