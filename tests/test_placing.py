"""Not this place's: the office names whose it is; of two that refuse, the tier above both decides (D56)."""

import re

import pytest

from pengaduan.inbox import View, complaints_in
from pengaduan.models import Complaint, Stage
from tests.cast import EASTERN_VILLAGE, LINE, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE, at
from tests.journey import START, to_stage
from tiers.models import Assignment, Office, Region, Tier, User
from workflow import actions, gate, notices
from workflow.machine import BY_CODE, Refused
from workflow.models import Notification

LATER = at("2026-03-05 09:00")
NEXT_DAY = at("2026-03-06 09:00")
WHY = "Kejadiannya di desa lain"


def told(template: str) -> set[str]:
    return set(Notification.objects.filter(template=template).values_list("user__username", flat=True))


def place(code: str) -> Region:
    return Region.objects.get(pk=code)


def officer_of(region: str, name: str, programme_office: Office | None = None) -> User:
    """Return an officer at the desk of a village."""
    user = User.objects.create_user(name, f"{name}@kantor.id", name=name.title())
    Assignment.objects.create(user=user, office=programme_office, role="petugas", starts_on="2024-01-01")
    return user


def office_in(world, region: str) -> Office:
    """Return the PKH office of a village, made as when it is first needed."""
    office, _made = Office.objects.get_or_create(
        programme=world.programmes["pkh"],
        tier=Tier.DESA,
        region_id=region,
        defaults={"name": f"Ketua Kelompok {region}"},
    )
    return office


def refused_once(world, to: str) -> tuple[Complaint, User]:
    """Return a case that the village said belongs elsewhere, and the officer who has it now."""
    complaint = to_stage(world, Stage.CLARIFICATION)
    there = officer_of(to, "sana", office_in(world, to))
    actions.not_ours(complaint, by=world.desa, now=LATER, region=place(to), reason=WHY)
    return world.read(complaint), there


def test_d56_the_place_named_gets_the_case_under_its_number_and_its_clock(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    before = (complaint.number, complaint.due_at, complaint.tier_due_at, complaint.stage_due_at, complaint.stage)
    there = officer_of(NEIGHBOUR_VILLAGE, "sana", office_in(world, NEIGHBOUR_VILLAGE))
    actions.not_ours(complaint, by=world.desa, now=LATER, region=place(NEIGHBOUR_VILLAGE), reason=WHY)
    complaint = world.read(complaint)
    assert (
        complaint.number, complaint.due_at, complaint.tier_due_at, complaint.stage_due_at, complaint.stage,
    ) == before  # fmt: skip
    assert (complaint.region_id, complaint.district_code, complaint.regency_code, complaint.province_code) == (
        NEIGHBOUR_VILLAGE, "33.28.01", "33.28", "33",
    )  # fmt: skip
    assert (complaint.office, complaint.handler) == (office_in(world, NEIGHBOUR_VILLAGE), None)
    assert told(notices.NEW_CASE) >= {"sana"}
    assert gate.may_take(BY_CODE["nyatakan-terbukti"], complaint, by=there, now=LATER)


def test_d56_who_sees_it_follows_the_place_in_list_and_page_alike(world, client):
    complaint, _there = refused_once(world, NEIGHBOUR_VILLAGE)
    answers = {}
    for name in [*LINE, "sana"]:
        user = User.objects.get(username=name)
        client.force_login(user)
        listed = complaint in complaints_in(View.ALL, user, now=LATER)
        opened = client.get(complaint.get_absolute_url()).status_code == 200
        assert listed == opened, name
        answers[name] = opened
    assert {name for name, seen in answers.items() if seen} == {
        "tetangga", "provinsi", "pusat", "auditor", "peninjau", "koordinator", "sana",
    }  # fmt: skip


def test_d56_the_second_refusal_goes_to_the_lowest_tier_above_both_which_is_asked_to_decide(world):
    complaint, there = refused_once(world, OTHER_VILLAGE)
    actions.not_ours(complaint, by=there, now=NEXT_DAY, region=place(VILLAGE), reason="Bukan di sini")
    complaint = world.read(complaint)
    assert complaint.office == world.office(Tier.KECAMATAN, "33.29.01")
    assert complaint.region_id == OTHER_VILLAGE
    assert told(notices.PLACE_TO_DECIDE) == {"kecamatan"}


def test_d56_above_two_villages_of_two_regencies_the_province_decides(world):
    complaint, there = refused_once(world, NEIGHBOUR_VILLAGE)
    actions.not_ours(complaint, by=there, now=NEXT_DAY, region=place(VILLAGE), reason="Bukan di sini")
    assert world.read(complaint).office == world.office(Tier.PROVINSI, "33")


def test_d56_above_two_provinces_pusat_decides(world):
    complaint, there = refused_once(world, EASTERN_VILLAGE)
    actions.not_ours(complaint, by=there, now=NEXT_DAY, region=place(VILLAGE), reason="Bukan di sini")
    assert world.read(complaint).office == world.office(Tier.PUSAT, None)


def test_d56_the_third_refusal_is_none_and_the_decision_binds(world):
    complaint, there = refused_once(world, OTHER_VILLAGE)
    actions.not_ours(complaint, by=there, now=NEXT_DAY, region=place(VILLAGE), reason="Bukan di sini")
    complaint = world.read(complaint)
    with pytest.raises(Refused, match="sudah ditetapkan jenjang di atas"):
        actions.not_ours(complaint, by=world.kecamatan, now=NEXT_DAY, region=place(NEIGHBOUR_VILLAGE), reason=WHY)
    due = complaint.tier_due_at
    actions.decide_place(complaint, by=world.kecamatan, now=NEXT_DAY, region=place(VILLAGE), reason="Saksi di sana")
    complaint = world.read(complaint)
    assert (complaint.office.region_id, complaint.tier, complaint.tier_due_at) == (VILLAGE, Tier.DESA, due)
    with pytest.raises(Refused, match="sudah ditetapkan jenjang di atas"):
        actions.not_ours(complaint, by=world.desa, now=NEXT_DAY, region=place(OTHER_VILLAGE), reason=WHY)
    with pytest.raises(Refused, match="dua kantor sudah menolak"):
        actions.decide_place(complaint, by=world.desa, now=NEXT_DAY, region=place(OTHER_VILLAGE), reason=WHY)


def test_d56_nobody_but_the_office_that_was_given_the_decision_takes_it(world):
    complaint, there = refused_once(world, OTHER_VILLAGE)
    with pytest.raises(Refused):  # one refusal is no quarrel yet
        actions.decide_place(complaint, by=there, now=NEXT_DAY, region=place(VILLAGE), reason=WHY)
    actions.not_ours(complaint, by=there, now=NEXT_DAY, region=place(VILLAGE), reason="Bukan di sini")
    complaint = world.read(complaint)
    for name in ("desa", "kabupaten", "penyelia", "provinsi", "tetangga", "auditor"):
        with pytest.raises(Refused, match="bukan wewenang Anda"):
            actions.decide_place(complaint, by=world.users[name], now=NEXT_DAY, region=place(VILLAGE), reason=WHY)
    with pytest.raises(Refused, match="di luar wilayah kantor Anda"):
        actions.decide_place(complaint, by=world.kecamatan, now=NEXT_DAY, region=place(NEIGHBOUR_VILLAGE), reason=WHY)


def test_d56_a_place_of_one_s_own_a_missing_place_and_a_missing_reason_are_refused(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    with pytest.raises(Refused, match="kantor Anda sendiri"):
        actions.not_ours(complaint, by=world.desa, now=LATER, region=place(VILLAGE), reason=WHY)
    with pytest.raises(Refused, match="Pilih desa atau kelurahan"):
        actions.not_ours(complaint, by=world.desa, now=LATER, region=None, reason=WHY)
    with pytest.raises(Refused, match="Tulis alasannya"):
        actions.not_ours(complaint, by=world.desa, now=LATER, region=place(OTHER_VILLAGE), reason="")


def test_d35_what_is_hidden_stays_hidden_in_the_new_place(world):
    """The reported officer of the kabupaten is not met in the other one; the category still hides it there."""
    complaint = world.complaint(reported_users=[world.kabupaten])
    assert complaint.office == world.office(Tier.PROVINSI, "33")
    actions.not_ours(complaint, by=world.provinsi, now=LATER, region=place(NEIGHBOUR_VILLAGE), reason=WHY)
    complaint = world.read(complaint)
    assert (complaint.concealed_tier, complaint.office) == (0, office_in(world, NEIGHBOUR_VILLAGE))
    assert not Complaint.objects.visible_to(world.kabupaten).filter(pk=complaint.pk).exists()
    hidden = world.complaint("kkn")
    with pytest.raises(Refused, match="kantor Anda sendiri"):  # it is Pusat's wherever it arose
        actions.not_ours(hidden, by=world.pusat, now=LATER, region=place(NEIGHBOUR_VILLAGE), reason=WHY)
    assert world.read(hidden).concealed_tier == Tier.KABUPATEN


def test_d35_the_arbiter_is_never_the_reported_office(world):
    complaint, there = refused_once(world, OTHER_VILLAGE)
    actions.name_reported(complaint, by=there, now=NEXT_DAY, reported_office=[world.office(Tier.KABUPATEN, "33.29")])
    complaint = world.read(complaint)
    assert complaint.office == world.office(Tier.PROVINSI, "33")


def test_d11_a_deadline_is_the_end_of_its_day_where_the_matter_is_now(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    day = complaint.due_at.astimezone(at("2026-01-01 00:00").tzinfo).date()
    actions.not_ours(complaint, by=world.desa, now=LATER, region=place(EASTERN_VILLAGE), reason=WHY)
    complaint = world.read(complaint)
    assert complaint.zone == "Asia/Jayapura"
    assert complaint.due_at.astimezone(at("2026-01-01 00:00").tzinfo).date() == day
    assert complaint.due_at.astimezone(at("2026-01-01 00:00").tzinfo).hour == 21  # 23.59 WIT


def test_d51_where_nobody_is_at_the_desk_of_the_place_the_tier_above_hears(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    Notification.objects.all().delete()
    actions.not_ours(complaint, by=world.desa, now=LATER, region=place(NEIGHBOUR_VILLAGE), reason=WHY)
    assert told(notices.NEW_CASE) == {"tetangga"}


def test_d39_the_complainant_reads_where_the_case_went(world):
    complaint, _there = refused_once(world, OTHER_VILLAGE)
    letters = Notification.objects.filter(complaint=complaint, event__kind="pindah-wilayah", complainant__isnull=False)
    assert letters.values_list("template", flat=True).get() == "pindah-jenjang"


def test_d56_the_page_finds_a_village_by_its_name_and_asks_where_there_are_several(world, client):
    Region.objects.create(
        code="91.03.01.2002", name="Wanasari", tier=Tier.DESA, zone="Asia/Jayapura", parent_id="91.03.01"
    )
    complaint = to_stage(world, Stage.CLARIFICATION)
    client.force_login(world.desa)
    address = f"{complaint.get_absolute_url()}langkah/pindah-wilayah/"
    typed = {"petugas": world.desa.pk, "version": world.read(complaint).version, "reason": WHY}
    assert client.get(address).status_code == 200
    asked = client.post(address, typed | {"place": "Wanasari"})
    assert asked.status_code == 422
    offered = re.findall(r'type="radio" name="region" value="([^"]*)"', asked.content.decode())
    assert offered == [NEIGHBOUR_VILLAGE, "91.03.01.2002"]
    assert "Tidak ada desa atau kelurahan" in client.post(address, typed | {"place": "Entah"}).content.decode()
    assert "Pilih desa atau kelurahan" in client.post(address, typed | {"place": ""}).content.decode()
    sent = client.post(address, typed | {"place": "Wanasari", "region": NEIGHBOUR_VILLAGE})
    assert (sent.status_code, sent.url) == (302, "/petugas/")
    assert world.read(complaint).region_id == NEIGHBOUR_VILLAGE


def test_d56_the_deciding_page_offers_the_places_that_were_named(world, client):
    complaint, there = refused_once(world, OTHER_VILLAGE)
    actions.not_ours(complaint, by=there, now=NEXT_DAY, region=place(VILLAGE), reason="Bukan di sini")
    client.force_login(world.kecamatan)
    page = client.get(complaint.get_absolute_url()).content.decode()
    assert "langkah/tetapkan-wilayah/" in page and "langkah/pindah-wilayah/" not in page
    address = f"{complaint.get_absolute_url()}langkah/tetapkan-wilayah/"
    html = client.get(address).content.decode()
    assert re.findall(r'type="radio" name="region" value="([^"]*)"', html) == [VILLAGE, OTHER_VILLAGE]
    typed = {"petugas": world.kecamatan.pk, "version": world.read(complaint).version, "reason": "Saksi di sana"}
    assert client.post(address, typed | {"region": VILLAGE}).status_code == 302
    assert world.read(complaint).office.region_id == VILLAGE


def test_d33_a_holder_alone_neither_raises_nor_lowers_and_the_supervisor_does_with_the_review(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    due = complaint.tier_due_at
    for verb in (actions.hand_up, actions.hand_down):
        with pytest.raises(Refused, match="bukan wewenang Anda"):
            verb(complaint, by=world.desa, now=LATER, reason="Terlalu berat")
    with pytest.raises(Refused, match="Tulis alasannya"):
        actions.hand_up(complaint, by=world.penyelia, now=LATER, reason="")
    event = actions.hand_up(complaint, by=world.penyelia, now=LATER, reason="Ditinjau bersama 4 Maret")
    assert (event.note.text, event.by) == ("Ditinjau bersama 4 Maret", world.penyelia)
    complaint = world.read(complaint)
    assert (complaint.tier, complaint.tier_due_at > due) == (Tier.KECAMATAN, True)
    actions.hand_down(complaint, by=world.penyelia, now=NEXT_DAY, reason="Ditinjau lagi")
    complaint = world.read(complaint)
    assert (complaint.tier, complaint.tier_due_at) == (Tier.DESA, due)


def test_d51_a_case_is_not_lowered_to_where_nobody_is_left_to_handle_it(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.hand_up(complaint, by=world.penyelia, now=LATER, reason="Ditinjau bersama")
    actions.step_aside(world.read(complaint), by=world.desa, now=LATER, reason="Paman saya")
    with pytest.raises(Refused, match="tidak ada petugas yang dapat menangani"):
        actions.hand_down(world.read(complaint), by=world.penyelia, now=NEXT_DAY, reason="Ditinjau lagi")


def test_d36_the_tier_above_takes_over_with_a_full_period_and_it_is_no_escalation(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    original = complaint.due_at
    actions.take_over(complaint, by=world.kabupaten, now=NEXT_DAY, reason="Desa kebanyakan kasus")
    complaint = world.read(complaint)
    assert (complaint.office, complaint.handler) == (world.office(Tier.KABUPATEN, "33.29"), None)
    assert (complaint.due_at, complaint.tier_since, complaint.escalations) == (original, NEXT_DAY, 0)
    assert complaint.tier_due_at > original


def test_d36_who_has_too_many_asks_and_does_not_take_it_up_alone(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    for name in ("desa", "tetangga", "auditor", "koordinator"):
        with pytest.raises(Refused, match="bukan wewenang Anda"):
            actions.take_over(complaint, by=world.users[name], now=LATER, reason="Terlalu banyak")
    proposal = actions.propose(complaint, "ambil-alih", by=world.desa, now=LATER, facts={"reason": "Ada 40 kasus"})
    actions.approve(proposal, by=world.kecamatan, now=NEXT_DAY)
    assert world.read(complaint).office == world.office(Tier.KECAMATAN, "33.29.01")


def test_d36_at_the_top_there_is_nobody_to_take_over(world):
    complaint = world.complaint("kkn")
    Assignment.objects.create(
        user=world.pusat, office=world.office(Tier.PUSAT, None), role="penyelia", starts_on="2024-01-01"
    )
    with pytest.raises(Refused, match="Tidak ada jenjang di atas"):
        actions.take_over(complaint, by=User.objects.get(username="pusat"), now=START, reason="Saya atasannya")
