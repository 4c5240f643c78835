"""PKH's ways of their own: the master database, services through the coordination team, payments, exclusions."""

import json
import re
from datetime import date, timedelta

import pytest
from django.urls import reverse

from pengaduan.models import Attachment, CaseFile, Category, Complaint, Path, Stage, Statement
from tests.cast import NEIGHBOUR_VILLAGE, OTHER_VILLAGE, SINCE, at
from tests.journey import START, add_file
from tiers.models import Assignment, Tier, User
from workflow import actions, gate, notices, sla
from workflow.machine import NEED_SENTENCES, Need, Refused, Who
from workflow.models import JointRecommendation, Notification, Proposal

LATER = START + timedelta(days=2)
TEXT = "Dua puluh rumah tangga memenuhi syarat tetapi tidak terdaftar."


def held(world, category: str, office=("kabupaten", Tier.KABUPATEN, "33.29"), **rest) -> Complaint:
    """Return a registered case in clarification that an office holds."""
    complaint = world.complaint(category, **rest)
    who, tier, region = office
    by = getattr(world, who)
    changes = {"office": world.office(tier, region), "tier": tier, "handler": by, "stage": Stage.CLARIFICATION}
    Complaint.objects.filter(pk=complaint.pk).update(**changes)
    return world.read(complaint)


def responsible(world) -> User:
    """Return the person responsible at Pusat: who supervises there."""
    user = User.objects.create(username="penanggung", email="penanggung@kantor.id", password="!", name="Penanggung")
    Assignment.objects.create(user=user, office=world.office(Tier.PUSAT, None), role="penyelia", starts_on=SINCE)
    return user


def recommended(world) -> Complaint:
    complaint = held(world, "data-peserta")
    add_file(complaint, Attachment.Purpose.EVIDENCE, now=START)
    actions.recommend_master_data(complaint, by=world.kabupaten, now=LATER, reason="Akta kelahiran cocok")
    return world.read(complaint)


def told(template: str) -> set[str]:
    return set(
        Notification.objects.filter(template=template, user__isnull=False).values_list("user__username", flat=True)
    )


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


# The master database (D36)


def test_d36_with_evidence_the_case_goes_to_pusat_which_has_a_month_of_its_own_from_now(world):
    before = held(world, "data-peserta")
    complaint = recommended(world)
    assert (complaint.office.tier, complaint.category.code, complaint.handler) == (
        *(Tier.PUSAT, "perbaikan-basis-data"),
        None,
    )
    assert complaint.due_at == before.due_at
    assert complaint.tier_due_at == at("2026-04-05 23:59:59")
    event = complaint.events.get(kind="rekomendasi-basis-data")
    assert json.loads(event.data) == {"from": "data-peserta", "to": "perbaikan-basis-data"}


def test_d36_the_original_deadline_stays_also_after_the_clock_stood(world):
    """D12: the days of waiting are added to the twenty-six working days, not to Pusat's month."""
    complaint = recommended(world)
    plain = held(world, "data-peserta")
    for each in (complaint, plain):
        by = world.pusat if each == complaint else world.kabupaten
        actions.ask_completion(world.read(each), by=by, now=at("2026-03-09 10:00"), questions="Tahap berapa?")
        actions.complete(
            world.read(each), complainant=each.complainants.get(), now=at("2026-03-11 10:00"), answer="Dua"
        )
    complaint, plain = world.read(complaint), world.read(plain)
    assert complaint.due_at == plain.due_at
    assert complaint.tier_due_at > at("2026-04-05 23:59:59")
    clock = sla.clock_of(complaint)
    assert (clock.level.code, clock.tier_level.code, clock.holds) == ("pkh-26", "bulan-1", True)


def test_d36_without_document_or_statement_nothing_is_recommended(world):
    complaint = held(world, "data-peserta")
    with pytest.raises(Refused) as refusal:
        actions.recommend_master_data(complaint, by=world.kabupaten, now=LATER, reason="Percaya saja")
    assert refusal.value.sentence == NEED_SENTENCES[Need.PROOF]
    actions.take_statement(
        complaint, by=world.kabupaten, now=LATER, kind=Statement.Kind.DOCUMENT, given_on=date(2026, 3, 4), text="Akta"
    )
    actions.recommend_master_data(world.read(complaint), by=world.kabupaten, now=LATER, reason="Akta cocok")
    assert world.read(complaint).tier == Tier.PUSAT


@pytest.mark.parametrize("category", ["data-peserta", "ketersediaan-layanan", "pembayaran"])
def test_d36_a_village_passes_over_no_kabupaten(world, category):
    Category.objects.filter(code="pembayaran").update(path=Path.PAYMENT)
    complaint = held(world, category, office=("desa", Tier.DESA, "33.29.01.2001"))
    add_file(complaint, Attachment.Purpose.EVIDENCE, now=START)
    attempt = {
        "data-peserta": lambda: actions.recommend_master_data(complaint, by=world.desa, now=LATER, reason="x"),
        "ketersediaan-layanan": lambda: actions.coordinate(
            complaint, by=world.desa, now=LATER, authority="Dinas", reason="x"
        ),
        "pembayaran": lambda: actions.recommend_payer(
            complaint, by=world.desa, now=LATER, asked="koordinasi", reason="x"
        ),
    }[category]
    with pytest.raises(Refused) as refusal:
        attempt()
    assert refusal.value.sentence == NEED_SENTENCES[Need.AT_REGENCY]


def test_d36_pusat_decides_with_the_consent_of_the_one_responsible_who_alone_decides(world):
    complaint, person = recommended(world), responsible(world)
    decision = {"now": LATER, "approved": True, "reason": "Akta cocok dengan kartu keluarga"}
    for name in ("pusat", "kabupaten", "provinsi", "penyelia", "auditor", "tetangga"):
        with pytest.raises(Refused):
            actions.decide_master_data(world.read(complaint), by=getattr(world, name), **decision)
    actions.decide_master_data(world.read(complaint), by=person, **decision)
    file = CaseFile.objects.get(complaint=complaint)
    assert (file.master_data_approved, file.master_data_decision) == (True, "Akta cocok dengan kartu keluarga")


def test_d36_who_examines_at_pusat_proposes_and_the_one_responsible_decides(world):
    complaint, person = recommended(world), responsible(world)
    facts = {"approved": False, "reason": "Akta tidak cocok"}
    proposal = actions.propose(complaint, "putuskan-basis-data", by=world.pusat, now=LATER, facts=facts)
    with pytest.raises(Refused):
        actions.approve(proposal, by=world.pusat, now=LATER)
    actions.approve(Proposal.objects.get(pk=proposal.pk), by=person, now=LATER)
    file = CaseFile.objects.get(complaint=complaint)
    assert (file.master_data_approved, file.master_data_decision) == (False, "Akta tidak cocok")


def test_d36_the_one_responsible_reads_a_proposed_decision_in_words(client, world):
    complaint, person = recommended(world), responsible(world)
    facts = {"approved": False, "reason": "Akta tidak cocok"}
    proposal = actions.propose(complaint, "putuskan-basis-data", by=world.pusat, now=LATER, facts=facts)
    client.force_login(person)
    html = client.get(reverse("officer_proposal", args=[complaint.number, proposal.pk])).content.decode()
    rows = re.findall(r"<dt[^>]*>(.*?)</dt><dd[^>]*>(.*?)</dd>", html)
    assert [value for label, value in rows if label == "Basis data diperbaiki"] == ["Tidak"]


def test_d36_the_kabupaten_that_recommended_hears_of_the_decision_and_no_other(world):
    complaint, person = recommended(world), responsible(world)
    actions.decide_master_data(complaint, by=person, now=LATER, approved=True, reason="Cocok")
    assert told(notices.MASTER_DATA_DECIDED) == {"kabupaten", "penyelia"}


def test_d36_nothing_is_settled_before_the_master_database_is_decided(world):
    complaint, person = recommended(world), responsible(world)
    Complaint.objects.filter(pk=complaint.pk).update(stage=Stage.MONITORING, handler=world.pusat)
    add_file(complaint, Attachment.Purpose.MINUTES, now=LATER)
    settled = {
        "finding": "x", "forum_held_on": date(2026, 3, 4), "forum_place": "Balai desa", "forum_attendance": 9,
        "forum_decision": "Diterima", "ticked": ["Keputusan musyawarah ada"],
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        actions.settle(world.read(complaint), by=world.pusat, now=LATER, **settled)
    assert refusal.value.sentence == NEED_SENTENCES[Need.MASTER_DATA]
    actions.decide_master_data(world.read(complaint), by=person, now=LATER, approved=True, reason="Cocok")
    actions.settle(world.read(complaint), by=world.pusat, now=LATER, **settled)
    assert world.read(complaint).stage == Stage.SETTLED


def test_d36_a_change_of_category_buys_no_time_out_of_pusats_month(world):
    """D12: every deadline is reckoned from the day of receipt again."""
    complaint = recommended(world)
    actions.recategorise(
        complaint, by=world.pusat, now=LATER, category=world.category("data-peserta"), reason="Bukan basis data"
    )
    complaint = world.read(complaint)
    assert (complaint.original_level, complaint.service_level.code) == (None, "pkh-26")
    assert complaint.due_at == held(world, "data-peserta").due_at


# Services and payments


def test_d36_services_go_to_the_agency_through_the_coordination_team_and_stay_to_be_watched(world):
    complaint = held(world, "ketersediaan-layanan")
    actions.coordinate(
        complaint, by=world.kabupaten, now=LATER, authority="Dinas Kesehatan Brebes", reason="Bidan tidak ada"
    )
    file = CaseFile.objects.get(complaint=complaint)
    assert (file.coordination, file.coordinated_on) == ("Dinas Kesehatan Brebes", date(2026, 3, 5))
    after = world.read(complaint)
    assert (after.office, after.due_at, after.is_open) == (complaint.office, complaint.due_at, True)


def test_d36_services_are_not_settled_before_the_agency_has_them(world):
    complaint = held(world, "ketersediaan-layanan")
    Complaint.objects.filter(pk=complaint.pk).update(stage=Stage.MONITORING)
    add_file(complaint, Attachment.Purpose.MINUTES, now=LATER)
    settled = {
        "finding": "x", "forum_held_on": date(2026, 3, 4), "forum_place": "Balai desa", "forum_attendance": 9,
        "forum_decision": "Diterima", "ticked": ["Keputusan musyawarah ada"],
    }  # fmt: skip
    with pytest.raises(Refused) as refusal:
        actions.settle(world.read(complaint), by=world.kabupaten, now=LATER, **settled)
    assert refusal.value.sentence == NEED_SENTENCES[Need.COORDINATION]


def test_d36_a_commitment_that_hangs_on_the_provider_goes_the_same_way(world):
    """[K]: where the provider is the cause, the coordination team is told too."""
    complaint = held(world, "data-peserta")
    actions.coordinate(complaint, by=world.kabupaten, now=LATER, authority="Dinas Pendidikan", reason="Guru tidak ada")
    assert CaseFile.objects.get(complaint=complaint).coordination == "Dinas Pendidikan"


def test_d20_one_complainant_is_not_enough_to_call_on_who_pays_out_and_two_are(world):
    Category.objects.filter(code="pembayaran").update(path=Path.PAYMENT)
    complaint = held(world, "pembayaran")
    ask = {"by": world.kabupaten, "now": LATER, "asked": "koordinasi", "reason": "Kantor pos tidak menjawab"}
    with pytest.raises(Refused) as refusal:
        actions.recommend_payer(complaint, **ask)
    assert refusal.value.sentence == NEED_SENTENCES[Need.TWO_COMPLAINANTS]
    second = world.complaint("pembayaran")
    closed = {"stage": Stage.CLOSED, "outcome": "duplicate", "closed_at": START, "merged_into": complaint}
    Complaint.objects.filter(pk=second.pk).update(**closed)
    actions.recommend_payer(world.read(complaint), **ask)
    after = world.read(complaint)
    assert (after.office, after.tier_due_at) == (complaint.office, complaint.tier_due_at)
    assert told(notices.PAYER_ASKED) == {"pusat", "koordinator"}
    assert json.loads(after.events.get(kind="rekomendasi-penyalur").data) == {"asked": "koordinasi"}


# Exclusions gathered into one recommendation


def excluded(world, **rest) -> Complaint:
    return world.complaint("bukan-peserta", **rest)


def gather(client, user, complaints, **rest):
    client.force_login(user)
    office = Assignment.objects.filter(user=user, office__programme__code="pkh").get().office_id
    typed = {"complaints": [complaint.pk for complaint in complaints], "text": TEXT, **rest}
    return client.post(f"/petugas/rekomendasi/{office}/baru/", typed)


def test_d36_exclusions_of_a_kabupaten_become_one_recommendation_with_an_event_each(client, world):
    village, kabupaten = excluded(world), held(world, "bukan-peserta", region=OTHER_VILLAGE)
    response = gather(client, world.kabupaten, [village, kabupaten])
    joint = JointRecommendation.objects.get()
    assert (response.status_code, response.url) == (302, f"/petugas/rekomendasi/{joint.pk}/")
    assert (joint.text, joint.office, set(joint.complaints.all())) == (
        *(TEXT, world.office(Tier.KABUPATEN, "33.29")),
        {village, kabupaten},
    )
    for complaint in (village, kabupaten):
        event = complaint.events.get(kind="rekomendasi-bersama")
        assert json.loads(event.data) == {"joint": joint.pk}
        after = world.read(complaint)
        assert (after.office, after.handler, after.stage) == (complaint.office, complaint.handler, complaint.stage)


def test_d36_pusat_is_told_once_of_all_of_them_and_opens_the_list(client, world):
    cases = [excluded(world), excluded(world), excluded(world, region=OTHER_VILLAGE)]
    gather(client, world.kabupaten, cases)
    owed = Notification.objects.filter(template=notices.JOINT_MADE)
    assert sorted(owed.values_list("user__username", flat=True)) == ["koordinator", "pusat"]
    client.force_login(world.pusat)
    html = client.get(f"/petugas/rekomendasi/{JointRecommendation.objects.get().pk}/").content.decode()
    assert [case.number in html for case in cases] == [True] * 3
    assert "Mencakup 3 pengaduan." in words(html)
    assert TEXT[:40] in client.get("/petugas/rekomendasi/").content.decode()


def test_d36_the_form_offers_only_open_cases_of_the_area_that_the_officer_may_see(client, world):
    """D49: not the neighbour's, not one against the officer, not another category, not one that was closed."""
    own, neighbour = excluded(world), excluded(world, region=NEIGHBOUR_VILLAGE)
    against, other, closed = excluded(world, reported_users=[world.kabupaten]), world.complaint(), excluded(world)
    actions.withdraw(closed, complainant=closed.complainants.get(), now=LATER, reason="Sudah terdaftar")
    client.force_login(world.kabupaten)
    html = client.get(f"/petugas/rekomendasi/{world.office(Tier.KABUPATEN, '33.29').pk}/baru/").content.decode()
    shown = [case.number in html for case in (own, neighbour, against, other, closed)]
    assert shown == [True, False, False, False, False]
    for hidden in (neighbour, against, other, closed):
        assert gather(client, world.kabupaten, [own, hidden]).status_code == 422
    assert JointRecommendation.objects.count() == 0


def test_d36_one_case_is_recommended_once_and_one_alone_is_no_joint_recommendation(client, world):
    cases = [excluded(world), excluded(world)]
    assert gather(client, world.kabupaten, cases[:1]).status_code == 409
    assert gather(client, world.kabupaten, cases, text="").status_code == 422
    assert gather(client, world.kabupaten, cases).status_code == 302
    assert gather(client, world.kabupaten, cases).status_code == 422
    office = world.office(Tier.KABUPATEN, "33.29")
    again = [world.read(case) for case in cases]
    with pytest.raises(Refused):
        actions.recommend_together(again, office=office, by=world.kabupaten, now=LATER, text=TEXT)
    assert JointRecommendation.objects.count() == 1


@pytest.mark.parametrize("name", ["desa", "kecamatan", "tetangga", "auditor", "koordinator", "pusat"])
def test_d36_nobody_else_makes_one_for_a_kabupaten(client, world, name):
    cases = [excluded(world), excluded(world)]
    office = world.office(Tier.KABUPATEN, "33.29")
    client.force_login(getattr(world, name))
    typed = {"complaints": [case.pk for case in cases], "text": TEXT}
    assert client.post(f"/petugas/rekomendasi/{office.pk}/baru/", typed).status_code == 404
    with pytest.raises(Refused):
        actions.recommend_together(cases, office=office, by=getattr(world, name), now=LATER, text=TEXT)
    assert JointRecommendation.objects.count() == 0


def test_d49_a_reader_of_the_list_sees_no_case_that_is_against_them_and_the_neighbour_no_list(client, world):
    cases = [excluded(world), excluded(world)]
    gather(client, world.kabupaten, cases)
    address = f"/petugas/rekomendasi/{JointRecommendation.objects.get().pk}/"
    cases[0].reported_parties.create(user=world.provinsi)
    client.force_login(world.provinsi)
    html = client.get(address).content.decode()
    assert [case.number in html for case in cases] == [False, True]
    for name in ("tetangga", "desa"):
        client.force_login(getattr(world, name))
        assert client.get(address).status_code == 404
        assert TEXT[:40] not in client.get("/petugas/rekomendasi/").content.decode()
    client.logout()
    assert client.get(address).url.startswith("/masuk/")


def test_d36_the_steps_of_a_way_are_open_only_to_its_categories(world):
    """A payment case knows no master database, and the decision belongs to Pusat's category alone."""
    own = {"rekomendasi-basis-data", "teruskan-tim-koordinasi", "rekomendasi-penyalur", "putuskan-basis-data"}
    found = {}
    for category in ("pembayaran", "data-peserta", "ketersediaan-layanan", "bukan-peserta"):
        complaint = held(world, category)
        steps = gate.open_steps(complaint, by=world.kabupaten, now=LATER)
        found[category] = {step.code for step in steps} & (own | {"rekomendasi-bersama"})
    assert found == {
        "pembayaran": set(),
        "data-peserta": {"rekomendasi-basis-data", "teruskan-tim-koordinasi"},
        "ketersediaan-layanan": {"teruskan-tim-koordinasi"},
        "bukan-peserta": {"rekomendasi-bersama"},
    }
    person = responsible(world)
    rights = gate.roles_of(person, recommended(world), now=LATER)
    assert Who.SUPERVISOR in rights


def test_d36_a_recommendation_goes_by_its_page_with_the_document_in_it(client, world):
    complaint = held(world, "data-peserta")
    client.force_login(world.kabupaten)
    address = complaint.get_absolute_url() + "langkah/rekomendasi-basis-data/"
    refused = client.post(address, {"version": complaint.version, "reason": "Akta cocok"})
    assert refused.status_code == 422
    assert str(NEED_SENTENCES[Need.PROOF]) in words(refused.content.decode())
    add_file(complaint, Attachment.Purpose.EVIDENCE, now=START)
    assert client.post(address, {"version": complaint.version, "reason": "Akta cocok"}).status_code == 302
    assert world.read(complaint).tier == Tier.PUSAT
    case = words(client.get(complaint.get_absolute_url()).content.decode())
    assert "Waktu jenjang ini Perbaikan basis data (1 bulan)" in case
