"""A heavy or prominent case takes the shorter path: told at once to who supervises and to the tier above (D14)."""

import re

import pytest

from pengaduan.inbox import View, complaints_in
from pengaduan.models import Complaint, Stage, Weight
from tests.cast import at
from tests.journey import to_stage
from tiers.models import ProgrammeTier, Tier
from workflow import actions, notices
from workflow.machine import Refused
from workflow.models import Notification

LATER = at("2026-03-05 09:00")
NIGHT = at("2026-03-07 22:00")  # a Saturday


def told() -> set[str]:
    return set(Notification.objects.filter(template=notices.GRAVE).values_list("user__username", flat=True))


def weighed(world, *, weight: str = Weight.HEAVY, prominent: bool = False, **by) -> Complaint:
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.weigh(
        complaint, **{"by": world.desa, "now": LATER} | by, weight=weight, prominent=prominent, reason="Dana besar"
    )
    return world.read(complaint)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.mark.parametrize("facts", [{"weight": Weight.HEAVY}, {"weight": Weight.MEDIUM, "prominent": True}])
def test_d14_a_heavy_or_prominent_case_is_told_to_the_supervisor_and_the_tier_above(world, facts):
    complaint = weighed(world, **facts)
    assert told() == {"penyelia", "kecamatan"}
    assert (complaint.weight, complaint.prominent) == (facts["weight"], facts.get("prominent", False))


def test_d14_a_lighter_case_and_one_that_was_heavy_before_tell_nobody_anew(world):
    complaint = weighed(world, weight=Weight.LIGHT)
    assert told() == set()
    actions.weigh(complaint, by=world.desa, now=LATER, weight=Weight.HEAVY, prominent=False, reason="Dana besar")
    before = Notification.objects.filter(template=notices.GRAVE).count()
    actions.weigh(world.read(complaint), by=world.desa, now=LATER, weight=Weight.HEAVY, prominent=True, reason="Ramai")
    assert Notification.objects.filter(template=notices.GRAVE).count() == before == 2


def test_d14_registered_as_heavy_it_is_told_as_well(world):
    actions.register(
        world.complaint(), by=world.desa, now=LATER, recorded="Bantuan belum cair.", suitable=True, weight=Weight.HEAVY
    )
    assert told() == {"penyelia", "kecamatan"}


def test_d14_the_record_is_at_once_and_the_notice_in_office_hours(world):
    weighed(world, now=NIGHT)
    at_work = set(Notification.objects.filter(template=notices.GRAVE).values_list("next_attempt_at", flat=True))
    assert at_work == {at("2026-03-09 08:00")}


def test_d14_the_weight_moves_no_deadline_and_needs_a_reason(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    due = (complaint.due_at, complaint.tier_due_at)
    with pytest.raises(Refused, match="Tulis alasannya"):
        actions.weigh(complaint, by=world.desa, now=LATER, weight=Weight.HEAVY, prominent=False, reason="")
    complaint = weighed(world)
    assert (complaint.due_at, complaint.tier_due_at) == due


def test_d14_the_tier_above_weighs_too_and_the_outsider_does_not(world):
    weighed(world, by=world.kecamatan)
    complaint = to_stage(world, Stage.CLARIFICATION)
    for name in ("tetangga", "auditor", "koordinator", "peninjau", "kustodian"):
        with pytest.raises(Refused, match="bukan wewenang Anda"):
            actions.weigh(
                complaint, by=world.users[name], now=LATER, weight=Weight.HEAVY, prominent=False, reason="Dana besar"
            )


def test_d49_a_supervisor_who_is_reported_is_not_told(world):
    complaint = world.complaint(reported_users=[world.penyelia])
    actions.weigh(complaint, by=world.provinsi, now=LATER, weight=Weight.HEAVY, prominent=False, reason="Dana besar")
    assert told() == {"koordinator", "pusat"}


def test_d14_it_is_marked_in_the_inbox_and_on_its_page_and_has_a_view_of_its_own(world, client):
    light, heavy = to_stage(world, Stage.CLARIFICATION), weighed(world, prominent=True)
    assert list(complaints_in(View.GRAVE, world.desa, now=LATER)) == [heavy]
    client.force_login(world.desa)
    listed = client.get(f"/petugas/?tampilan={View.GRAVE}").content.decode()
    assert heavy.number in listed and light.number not in listed
    for page in (listed, client.get(heavy.get_absolute_url()).content.decode()):
        assert re.search(r'govuk-tag--red">Berat</strong> <strong class="govuk-tag govuk-tag--orange">Menonjol', page)
    assert "govuk-tag--red" not in client.get(light.get_absolute_url()).content.decode()


def test_d14_the_page_sets_it(world, client):
    complaint = to_stage(world, Stage.CLARIFICATION)
    client.force_login(world.desa)
    address = f"{complaint.get_absolute_url()}langkah/ubah-bobot/"
    assert client.get(address).status_code == 200
    typed = {"petugas": world.desa.pk, "version": world.read(complaint).version}
    assert client.post(address, typed | {"weight": "berat", "reason": ""}).status_code == 422
    sent = client.post(address, typed | {"weight": "berat", "prominent": "on", "reason": "Dana besar"})
    assert sent.status_code == 302
    complaint = world.read(complaint)
    assert (complaint.weight, complaint.prominent) == (Weight.HEAVY, True)


# derajat: what PNPM calls a tier (D30, D33)


@pytest.fixture
def degrees(world):
    for degree, tier in enumerate((Tier.DESA, Tier.KECAMATAN, Tier.KABUPATEN, Tier.PROVINSI, Tier.PUSAT)):
        ProgrammeTier.objects.filter(programme__code="pkh", tier=tier).update(degree=degree or None)


def test_d30_the_degree_stands_in_inbox_and_case_where_the_programme_has_it(world, client, degrees):
    complaint = to_stage(world, Stage.CLARIFICATION)
    client.force_login(world.kabupaten)
    assert "Derajat masalah" not in words(client.get(complaint.get_absolute_url()).content.decode())
    actions.hand_up(complaint, by=world.penyelia, now=LATER, reason="Ditinjau bersama")
    assert "Derajat masalah 1 " in words(client.get(complaint.get_absolute_url()).content.decode())
    assert "· Derajat 1" in words(client.get("/petugas/?tampilan=semua").content.decode())


def test_d33_the_page_that_raises_or_lowers_says_from_which_degree_to_which(world, client, degrees):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.hand_up(complaint, by=world.penyelia, now=LATER, reason="Ditinjau bersama")
    client.force_login(world.penyelia)
    up = words(client.get(f"{complaint.get_absolute_url()}langkah/naikkan/").content.decode())
    assert "Sekarang: derajat 1 (UPPKH Kecamatan Salem). Sesudah ini: derajat 2 (UPPKH Kabupaten Brebes)." in up
    down = words(client.get(f"{complaint.get_absolute_url()}langkah/turunkan/").content.decode())
    assert "Sekarang: derajat 1 (UPPKH Kecamatan Salem). Sesudah ini: Ketua Kelompok Indrajaya." in down


def test_d33_without_degrees_the_page_names_the_offices(world, client):
    complaint = to_stage(world, Stage.CLARIFICATION)
    client.force_login(world.penyelia)
    up = words(client.get(f"{complaint.get_absolute_url()}langkah/naikkan/").content.decode())
    assert "Sekarang: Ketua Kelompok Indrajaya. Sesudah ini: UPPKH Kecamatan Salem." in up
    assert "Hasil peninjauan bersama penyelia" in up
