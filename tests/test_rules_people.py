"""Who sees and does what, and where: tiers, offices, dated assignments (D2–D4, D30, D48)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from pengaduan.models import Complaint, Stage
from tests.cast import SINCE, VILLAGE, at
from tests.journey import to_stage
from tiers import scope
from tiers.models import Assignment, Office, Tier, User
from tiers.permissions import ROLES, Permission
from workflow import escalation, gate, routing
from workflow.machine import Who

TODAY = timezone.localdate


def seen_by(user: User) -> int:
    """Count what somebody who has just signed in sees."""
    return Complaint.objects.visible_to(User.objects.get(pk=user.pk)).count()


def test_d02_a_case_climbs_the_ladder_of_its_programme_lowest_first(world):
    """PNPM and KOTAKU leave tiers out: a rung that a programme does not have is no stop."""
    world.programmes["pkh"].ladder.filter(tier=Tier.KECAMATAN).delete()
    assert [rung.tier for rung in routing.ladder(world.programmes["pkh"])] == [1, 3, 4, 5]
    complaint = world.complaint(received="2026-05-04 09:00")
    escalation.sweep(now=at("2026-06-10 00:00"), by_hand=True)
    assert world.read(complaint).office == world.office(Tier.KABUPATEN, "33.29")


def test_d03_one_programme_has_one_office_at_one_tier_in_one_region(world):
    office = world.office(Tier.KABUPATEN, "33.29")
    with pytest.raises(IntegrityError), transaction.atomic():
        Office.objects.create(programme=office.programme, tier=office.tier, region=office.region, name="Satu lagi")
    with pytest.raises(IntegrityError), transaction.atomic():
        Office.objects.create(programme=office.programme, tier=Tier.PUSAT, name="Pusat kedua")
    with pytest.raises(IntegrityError), transaction.atomic():
        Office.objects.create(programme=office.programme, tier=Tier.KECAMATAN, name="Tanpa wilayah")


def test_d04_an_assignment_counts_from_its_first_to_its_last_day(world):
    world.complaint()
    place = Assignment.objects.filter(user=world.desa, office__programme=world.programmes["pkh"])
    for starts, ends, sees in ((0, None, 1), (1, None, 0), (-9, 0, 1), (-9, -1, 0)):
        place.update(
            starts_on=TODAY() + timedelta(days=starts),
            ends_on=None if ends is None else TODAY() + timedelta(days=ends),
        )
        assert seen_by(world.desa) == sees, (starts, ends)


def test_d04_who_has_left_the_post_takes_no_step_and_hears_nothing_more(world):
    complaint = world.complaint()
    Assignment.objects.filter(user=world.desa).update(ends_on=TODAY() - timedelta(days=1))
    gone = User.objects.get(pk=world.desa.pk)
    assert gate.rights_of(gone, complaint, now=timezone.now()) == set()
    assert not scope.users_for(Permission.HANDLE, complaint.office).exists()


def test_d04_the_depth_of_access_follows_the_tier(world):
    """KOTAKU: how deep one sees differs with the user's tier; nobody sees a neighbour, nobody sees above."""
    world.complaint(region=VILLAGE)
    world.complaint("kkn")  # held at Pusat, hidden up to the kabupaten
    depth = {name: seen_by(user) for name, user in world.users.items()}
    assert depth == {
        "desa": 1,
        "kecamatan": 1,
        "kabupaten": 1,
        "penyelia": 1,
        "provinsi": 2,
        "pusat": 2,
        "auditor": 2,
        "peninjau": 2,
        "koordinator": 2,
        "kustodian": 0,
        "tetangga": 0,
    }


def test_d04_one_person_may_hold_several_posts_and_has_what_all_of_them_give(world):
    complaint = world.complaint()
    assert gate.rights_of(world.tetangga, complaint, now=timezone.now()) == set()
    Assignment.objects.create(user=world.tetangga, office=complaint.office, role="petugas", starts_on=SINCE)
    both = User.objects.get(pk=world.tetangga.pk)
    assert Who.HOLDER in gate.rights_of(both, complaint, now=timezone.now())
    assert {office.region_id for office in scope.offices_of(both, Permission.HANDLE)} == {VILLAGE, "33.28"}


def test_d04_a_post_in_one_programme_opens_nothing_of_another(world):
    Assignment.objects.filter(user=world.desa, office__programme=world.programmes["pamsimas"]).delete()
    world.complaint(programme="pamsimas", category="pertanyaan")
    assert (seen_by(world.desa), seen_by(world.kecamatan)) == (0, 1)


@pytest.mark.parametrize(
    "stage", [stage for stage in Stage if stage not in {Stage.FEEDBACK, Stage.CLOSED, Stage.ANSWER}]
)
def test_d30_a_tier_is_climbed_at_any_stage_and_the_stage_stays(world, stage):
    complaint = to_stage(world, stage)
    escalation.sweep(now=at("2026-07-01 00:00"), by_hand=True)
    climbed = world.read(complaint)
    assert (climbed.stage, climbed.tier) == (stage, complaint.tier + 1)


def test_d30_raising_by_hand_leaves_the_stage_and_the_file_as_they_are(world):
    complaint = to_stage(world, Stage.HANDLING)
    escalation.sweep(now=at("2026-07-01 00:00"), by_hand=True)
    climbed = world.read(complaint)
    assert climbed.case_file.chronology == complaint.case_file.chronology
    assert climbed.number == complaint.number


def test_d48_each_kind_of_person_has_the_permissions_of_their_work_and_no_more():
    may = {code: {permission.value for permission in role.permissions} for code, role in ROLES.items()}
    assert may == {
        "petugas": {"see", "record", "handle", "hear_alarms"},
        "penyelia": {"see", "record", "handle", "supervise", "hear_alarms", "receive_reports"},
        "koordinator": {"see", "hear_alarms", "receive_reports"},
        "peninjau": {"see", "configure", "review"},
        "auditor": {"see", "audit"},
        "kustodian": {"open_identity"},
        "admin-sistem": {"configure"},
    }


@pytest.mark.parametrize("name", ["auditor", "peninjau", "koordinator"])
def test_d48_who_only_reads_sees_the_case_without_the_identity_and_takes_no_step(world, client, name):
    complaint = world.complaint(identity={"name": "Siti Rahasia", "phone": "081234567890"})
    client.force_login(world.users[name])
    page = client.get(complaint.get_absolute_url())
    assert page.status_code == 200
    html = page.content.decode()
    assert ("Siti Rahasia" in html, "081234567890" in html, f"{complaint.get_absolute_url()}langkah/" in html) == (
        False,
        False,
        False,
    )
    assert gate.open_steps(complaint, by=world.users[name], now=timezone.now()) == []
