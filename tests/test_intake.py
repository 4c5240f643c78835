"""A complaint is taken in: numbered, under its clock, at the right office, once (D15–D22, D31, D35)."""

import uuid

import pytest

from pengaduan import tracking
from pengaduan.models import Complaint, Secrecy
from tests.cast import VILLAGE, WIB, at
from tiers.models import Region, Tier
from workflow import intake
from workflow.machine import Refused


def test_d31_a_complaint_starts_at_the_lowest_tier_of_its_place_with_its_deadline_to_the_day(world):
    """D9, D11, D31."""
    complaint = world.complaint("pembayaran", received="2026-05-04 09:00")
    assert (complaint.number, complaint.office.tier, complaint.office.region_id) == (
        "PKH-33.29-2026-000001",
        Tier.DESA,
        VILLAGE,
    )
    assert complaint.due_at.astimezone(WIB).isoformat() == "2026-06-09T23:59:59+07:00"
    assert complaint.tier_due_at == complaint.due_at
    assert complaint.stage_due_at.astimezone(WIB).date().isoformat() == "2026-05-11"


def test_d17_numbers_follow_each_other_without_gaps_for_each_regency_and_year(world):
    world.complaint()
    with pytest.raises(Refused):
        world.complaint(text="   ")
    numbers = [world.complaint().number, world.complaint(region="33.28.01.2001").number]
    assert numbers == ["PKH-33.29-2026-000002", "PKH-33.28-2026-000001"]


def test_d35_a_case_of_corruption_starts_at_pusat_hidden_from_the_kabupaten(world):
    """D35."""
    complaint = world.complaint("kkn")
    assert (complaint.tier, complaint.concealed_tier) == (Tier.PUSAT, Tier.KABUPATEN)
    seen = [name for name in ("desa", "kecamatan", "kabupaten", "penyelia", "provinsi", "pusat") if _sees(world, name)]
    assert seen == ["provinsi", "pusat"]


def test_d35_a_case_against_an_officer_starts_above_their_office_and_none_below_sees_it(world):
    """D35, D49."""
    complaint = world.complaint(reported_users=[world.kecamatan])
    assert (complaint.tier, complaint.concealed_tier) == (Tier.KABUPATEN, Tier.KECAMATAN)
    assert [name for name in ("desa", "kecamatan", "kabupaten") if _sees(world, name)] == ["kabupaten"]


def test_the_neighbour_sees_nothing_of_brebes(world):
    world.complaint()
    assert not _sees(world, "tetangga")


def test_a_form_sent_twice_is_one_complaint(world):
    key = uuid.uuid4()
    matter = intake.Matter(
        category=world.category("pembayaran"),
        region=Region.objects.get(pk=VILLAGE),
        text="Belum cair",
        channel=world.category("pembayaran").programme.channel_entries.get(code="daring"),
        received_at=at("2026-03-02 10:00"),
    )
    first, second = (
        intake.receive(matter, intake.Person(), now=at("2026-03-02 10:00"), submission_key=key) for _ in range(2)
    )
    assert (first.complaint.pk, Complaint.objects.count()) == (second.complaint.pk, 1)
    assert (first.code is not None, second.code) == (True, None)


def test_d37_the_code_finds_its_complainant_and_is_stored_nowhere(world):
    """D62."""
    receipt = world.complaint().receipt
    assert tracking.clean(tracking.in_groups(receipt.code)) == receipt.code
    assert bytes(receipt.complainant.tracking_hash) == tracking.code_hash(receipt.code)


def test_d16_an_anonymous_complainant_leaves_no_identity(world):
    """D16, D37."""
    receipt = world.complaint(secrecy=Secrecy.ANONYMOUS, identity={"name": "Siti Contoh", "phone": "+62811"}).receipt
    assert (bytes(receipt.complainant.name_sealed), bytes(receipt.complainant.phone_sealed)) == (b"", b"")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 100_000}, "text"),
        ({"received": "2026-03-05 10:00", "now": "2026-03-02 10:00"}, "received_on"),
        ({"occurred_on": at("2026-03-03 10:00").date()}, "occurred_on"),
    ],
)
def test_bad_input_is_refused_with_the_field_to_mark(world, changed, field):
    with pytest.raises(Refused) as refusal:
        world.complaint(**changed)
    assert refusal.value.field == field
    assert not Complaint.objects.exists()


def _sees(world, name: str) -> bool:
    return Complaint.objects.visible_to(getattr(world, name)).exists()
