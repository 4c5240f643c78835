"""The same matter is found before it is registered twice, and merged into one case (D20, D55)."""

from datetime import timedelta

import pytest

from pengaduan.models import Complaint, Outcome, ReportedParty, Stage
from pengaduan.similar import ALIKE, Probe, similar_to
from tests.cast import VILLAGE, at
from tests.journey import to_stage
from tiers.models import Region
from workflow import actions, needs
from workflow.escalation import sweep
from workflow.machine import Refused
from workflow.models import Notification
from workflow.taking import ChangedMeanwhile

MINE = "Bantuan tahap dua belum cair padahal tetangga sudah menerima."
THEIRS = "Uang PKH tahap 2 saya belum cair, tetangga sudah dapat semua."
OTHER = "Jadwal pertemuan kelompok tidak pernah diumumkan."
LATER = at("2026-03-10 10:00")


def two(world, **matter) -> tuple[Complaint, Complaint]:
    """Return a complaint of 2 March, and another about the same matter of 9 March."""
    return world.complaint(text=MINE), world.complaint(text=THEIRS, received="2026-03-09 10:00", **matter)


def merged(world, **matter) -> tuple[Complaint, Complaint]:
    """Return the case and what was merged into it."""
    first, second = two(world, **matter)
    actions.close_duplicate(second, by=world.desa, now=LATER, original=first)
    return world.read(first), world.read(second)


def kinds(complaint: Complaint) -> list[str]:
    return list(complaint.events.order_by("seq").values_list("kind", flat=True))


# --- found


def test_d20_the_same_matter_is_found_in_other_words(world):
    first, second = two(world)
    world.complaint(text=OTHER, received="2026-03-08 10:00")
    assert similar_to(second, user=world.desa, now=LATER) == [first]


def test_d20_what_is_about_to_be_recorded_is_looked_for_too(world):
    first = world.complaint(text=MINE)
    probe = Probe(first.programme, first.region, THEIRS)
    found = similar_to(probe, user=world.desa, now=LATER)
    assert found == [first]
    assert ALIKE <= found[0].likeness < 1


@pytest.mark.parametrize(("received", "found"), [("2026-03-02 10:00", True), ("2025-12-20 10:00", False)])
def test_d20_only_sixty_days_back(world, received, found):
    first = world.complaint(text=MINE, received=received)
    second = world.complaint(text=MINE, received="2026-03-09 10:00")
    assert similar_to(second, user=world.desa, now=LATER) == ([first] if found else [])


def test_d20_only_in_the_same_village_and_programme(world):
    world.complaint(text=MINE, region="33.29.01.2002")
    world.complaint("penyimpangan-dana", programme="pamsimas", text=MINE)
    second = world.complaint(text=MINE, received="2026-03-09 10:00")
    assert similar_to(second, user=world.pusat, now=LATER) == []


def test_d20_where_only_the_district_is_known_its_villages_are_looked_through(world):
    first = world.complaint(text=MINE)
    probe = Probe(first.programme, Region.objects.get(pk="33.29.01"), MINE)
    assert similar_to(probe, user=world.kecamatan, now=LATER) == [first]
    wide = world.complaint(text=MINE, region="33.29.01", received="2026-03-09 10:00")
    assert similar_to(first, user=world.kecamatan, now=LATER) == [wide]


def test_d20_pusat_finds_what_the_kabupaten_has(world):
    first, second = two(world)
    Complaint.objects.filter(pk=second.pk).update(office=world.office(5, None), tier=5)
    assert similar_to(world.read(second), user=world.pusat, now=LATER) == [first]


def test_d20_of_a_case_and_what_was_merged_into_it_one_is_shown(world):
    merged(world)
    third = world.complaint(text=MINE, received="2026-03-11 10:00")
    found = similar_to(third, user=world.desa, now=LATER)
    assert [each.text.original for each in found] == [MINE]


@pytest.mark.parametrize("name", ["tetangga", "kustodian"])
def test_d55_an_outsider_finds_nothing(world, name):
    first = world.complaint(text=MINE)
    probe = Probe(first.programme, first.region, MINE)
    assert similar_to(probe, user=getattr(world, name), now=LATER) == []


def test_d55_the_accused_does_not_find_the_complaint_against_them(world):
    world.complaint(text=MINE, reported_users=[world.kecamatan])
    probe = Probe(world.programmes["pkh"], Region.objects.get(pk=VILLAGE), MINE)
    assert similar_to(probe, user=world.kecamatan, now=LATER) == []
    assert len(similar_to(probe, user=world.pusat, now=LATER)) == 1


def test_d55_a_lower_tier_does_not_find_what_is_concealed_from_it(world):
    world.complaint("kkn", text=MINE)
    probe = Probe(world.programmes["pkh"], Region.objects.get(pk=VILLAGE), MINE)
    found = {
        name: len(similar_to(probe, user=getattr(world, name), now=LATER)) for name in ("desa", "kabupaten", "pusat")
    }
    assert found == {"desa": 0, "kabupaten": 0, "pusat": 1}


# --- merged


def test_d20_the_duplicate_is_closed_and_both_records_say_so(world):
    first, second = merged(world)
    assert (second.stage, second.outcome, second.merged_into) == (Stage.CLOSED, Outcome.DUPLICATE, first)
    assert kinds(second) == ["diterima", "duplikat"]
    assert kinds(first) == ["diterima", "terima-gabungan"]
    assert [event.by for event in (first.events.last(), second.events.last())] == [world.desa, world.desa]
    assert (first.stage, first.due_at, first.handler) == (Stage.REGISTRATION, world.read(first).due_at, None)


def test_d20_merging_touches_no_clock_of_the_case(world):
    first, second = two(world)
    clock = (first.due_at, first.tier_due_at, first.stage_due_at)
    actions.close_duplicate(second, by=world.desa, now=LATER, original=first)
    after = world.read(first)
    assert (after.due_at, after.tier_due_at, after.stage_due_at) == clock


def test_d20_the_count_of_complainants_grows(world):
    first, _second = merged(world)
    assert first.all_complainants().count() == 2


def test_d20_two_complainants_open_the_step_that_needs_two(world):
    """PKH: payment complaints of two or more."""
    first, second = two(world)

    def lacks() -> str | None:
        return needs.missing(needs.Need.TWO_COMPLAINANTS, first, code="rekomendasi-penyalur", now=LATER, facts={})

    assert lacks() == "complainants"
    actions.close_duplicate(second, by=world.desa, now=LATER, original=first)
    assert lacks() is None


def test_d20_a_chain_becomes_flat(world):
    first, second = merged(world)
    third = world.complaint(text=MINE, received="2026-03-10 09:00")
    actions.close_duplicate(third, by=world.desa, now=LATER, original=second)  # itself merged: goes to its case
    assert world.read(third).merged_into == first
    assert first.all_complainants().count() == 3


def test_d20_what_was_merged_into_a_duplicate_follows_along(world):
    oldest = world.complaint(text=MINE, received="2026-02-27 10:00")
    first, second = merged(world)
    actions.close_duplicate(first, by=world.desa, now=LATER, original=oldest)
    assert [world.read(each).merged_into for each in (first, second)] == [oldest, oldest]
    assert kinds(second) == ["diterima", "duplikat", "terkait"]
    assert oldest.all_complainants().count() == 3


def test_d20_no_case_into_which_others_are_merged_is_merged_itself(world):
    test_d20_what_was_merged_into_a_duplicate_follows_along(world)
    assert not Complaint.objects.filter(merged_into__merged_into__isnull=False).exists()


# --- cheating is refused


def refusal(world, complaint, original, *, by="desa") -> str:
    before = (kinds(complaint), complaint.version)
    with pytest.raises(Refused) as refused:
        actions.close_duplicate(complaint, by=getattr(world, by), now=LATER, original=original)
    after = world.read(complaint)
    assert (kinds(after), after.version) == before
    return str(refused.value)


def test_d20_never_into_itself(world):
    complaint = world.complaint()
    assert "dirinya sendiri" in refusal(world, complaint, complaint)


def test_d20_never_into_nothing(world):
    assert "nomor pengaduan yang sama" in refusal(world, world.complaint(), None)


def test_d20_not_into_another_programme(world):
    original = world.complaint("penyimpangan-dana", programme="pamsimas")
    assert "program lain" in refusal(world, world.complaint(), original)


def test_d12_merging_into_a_younger_one_would_buy_time(world):
    first, second = two(world)
    assert "lebih dulu diterima" in refusal(world, first, second)


def test_d12_merging_into_one_whose_clock_stands_would_stop_this_one(world):
    first, second = two(world)
    actions.ask_completion(first, by=world.desa, now=LATER, questions="Sejak kapan?")
    assert "sedang berhenti" in refusal(world, second, world.read(first))


def test_d20_a_problem_is_not_merged_into_a_question(world):
    question = world.complaint("pertanyaan", text=MINE)
    assert "informatif" in refusal(world, world.complaint(received="2026-03-09 10:00"), question)


@pytest.mark.parametrize("stage", [Stage.FEEDBACK, Stage.CLOSED])
def test_d20_not_into_one_that_was_told_its_result_or_is_closed(world, stage):
    original = to_stage(world, stage, nature="informatif")
    second = world.complaint("pertanyaan", received="2026-03-03 10:00")
    assert "sudah ditutup atau hasilnya sudah disampaikan" in refusal(world, second, original)


def test_d35_what_is_concealed_is_not_merged_into_what_is_not(world):
    first = world.complaint(text=MINE)
    grave = world.complaint("kkn", text=MINE, received="2026-03-09 10:00")
    assert "tidak boleh dilihat" in refusal(world, grave, first, by="pusat")


def test_d35_the_one_case_must_know_who_is_reported(world):
    first = world.complaint("kkn", text=MINE)
    second = world.complaint("kkn", text=MINE, received="2026-03-09 10:00", reported_users=[world.kabupaten])
    assert "belum dilaporkan" in refusal(world, second, first, by="pusat")
    ReportedParty.objects.create(complaint=first, user=world.kabupaten)
    actions.close_duplicate(second, by=world.pusat, now=LATER, original=first)
    assert world.read(second).merged_into == first


def test_d20_who_does_not_see_both_merges_nothing(world):
    """Of a case that is concealed from them, they learn no more than of one that does not exist."""
    hidden = world.complaint("kkn", text=MINE)
    second = world.complaint(text=MINE, received="2026-03-09 10:00")
    assert refusal(world, second, hidden) == refusal(world, second, None)


@pytest.mark.parametrize("name", ["tetangga", "auditor", "koordinator", "kustodian", "peninjau"])
def test_d20_outsiders_and_readers_merge_split_and_link_nothing(world, name):
    first, second = two(world)
    refusal(world, second, first, by=name)
    user = getattr(world, name)
    with pytest.raises(Refused):
        actions.link(second, by=user, now=LATER, original=first)
    actions.close_duplicate(second, by=world.desa, now=LATER, original=first)
    with pytest.raises(Refused):
        actions.split(world.read(second), by=user, now=LATER, reason="Beda")


def test_d53_who_handled_a_registered_problem_does_not_close_it_as_a_duplicate(world):
    first = world.complaint(text=MINE)
    second = to_stage(world, Stage.CLARIFICATION)
    assert "orang lain" in refusal(world, second, first)
    actions.close_duplicate(second, by=world.kecamatan, now=LATER, original=first)
    assert world.read(second).merged_into == first


def test_d20_two_who_merge_at_once_do_it_once(world):
    first, second = two(world)
    stale = world.read(second)
    actions.close_duplicate(second, by=world.desa, now=LATER, original=first)
    with pytest.raises((ChangedMeanwhile, Refused)):
        actions.close_duplicate(stale, by=world.desa, now=LATER, original=first)
    assert kinds(first) == ["diterima", "terima-gabungan"]


# --- undone


def test_d20_a_split_complaint_goes_its_own_way_under_the_old_clock(world):
    first, second = two(world)
    clock = (second.received_at, second.due_at, second.tier_due_at)
    actions.close_duplicate(second, by=world.desa, now=LATER, original=first)
    actions.split(world.read(second), by=world.desa, now=LATER + timedelta(days=3), reason="Ternyata hal lain")
    after = world.read(second)
    assert (after.stage, after.outcome, after.merged_into, after.closed_at) == (Stage.REGISTRATION, "", None, None)
    assert (after.received_at, after.due_at, after.tier_due_at) == clock
    assert kinds(second) == ["diterima", "duplikat", "pisahkan"]
    assert kinds(first) == ["diterima", "terima-gabungan", "terkait"]
    assert first.all_complainants().count() == 1


def test_d20_splitting_gives_back_those_it_had_brought(world):
    oldest = world.complaint(text=MINE, received="2026-02-27 10:00")
    first, second = merged(world)
    actions.close_duplicate(first, by=world.desa, now=LATER, original=oldest)
    actions.split(world.read(first), by=world.desa, now=LATER, reason="Ternyata hal lain")
    assert (world.read(first).merged_into, world.read(second).merged_into) == (None, first)
    assert (oldest.all_complainants().count(), first.all_complainants().count()) == (1, 2)


def test_d20_splitting_needs_a_reason(world):
    _first, second = merged(world)
    with pytest.raises(Refused, match="alasan"):
        actions.split(second, by=world.desa, now=LATER, reason="")


# --- linked


def test_d20_a_link_closes_nothing_and_stands_on_both_records(world):
    first, second = two(world)
    stages = (first.stage, second.stage, second.due_at)
    actions.link(second, by=world.desa, now=LATER, original=first)
    first, second = world.read(first), world.read(second)
    assert (first.stage, second.stage, second.due_at) == stages
    assert (kinds(first), kinds(second)) == (["diterima", "terkait"], ["diterima", "tautkan"])
    assert [list(each.links.values_list("other", flat=True)) for each in (first, second)] == [[second.pk], [first.pk]]


def test_d20_a_wrong_link_is_taken_back_with_a_reason(world):
    first, second = two(world)
    actions.link(second, by=world.desa, now=LATER, original=first)
    with pytest.raises(Refused, match="alasan"):
        actions.unlink(world.read(first), by=world.desa, now=LATER, original=second, reason="")
    actions.unlink(world.read(first), by=world.desa, now=LATER, original=second, reason="Salah nomor")
    assert [each.links.count() for each in (first, second)] == [0, 0]
    assert (kinds(first), kinds(second)) == (
        ["diterima", "terkait", "lepas-tautan"],
        ["diterima", "tautkan", "terkait"],
    )


@pytest.mark.parametrize("again", [True, False])
def test_d20_a_link_needs_another_case_once(world, again):
    first, second = two(world)
    actions.link(second, by=world.desa, now=LATER, original=first)
    with pytest.raises(Refused):
        actions.link(world.read(second), by=world.desa, now=LATER, original=first if again else second)


# --- who hears


def test_d43_the_office_of_the_case_hears_of_the_merging(world):
    first, second = two(world)
    Complaint.objects.filter(pk=first.pk).update(office=world.office(3, "33.29"), tier=3)
    actions.close_duplicate(second, by=world.desa, now=LATER, original=world.read(first))
    told = Notification.objects.filter(complaint=first, template="petugas-gabungan").values_list(
        "user__username", flat=True
    )
    assert set(told) == {"kabupaten", "penyelia"}


def test_d55_everyone_who_brought_it_hears_of_each_step(world):
    first, second = merged(world)
    before = set(Notification.objects.values_list("pk", flat=True))
    actions.register(
        first, by=world.desa, now=LATER, recorded="Bantuan belum cair.", information_complete=True, suitable=True
    )
    told = Notification.objects.exclude(pk__in=before).filter(template="terdaftar")
    assert {notice.complainant for notice in told} == set(first.all_complainants())


def test_d55_the_sweep_tells_everyone_who_brought_it(world):
    first, second = merged(world)
    sweep(now=at("2026-06-30 09:00"), by_hand=True)
    told = Notification.objects.filter(template="naik-jenjang")
    assert {notice.complainant.complaint for notice in told} == {first, second}
    assert {notice.complaint for notice in told} == {first}


def test_d20_who_was_split_off_no_longer_hears_of_the_other_case(world):
    first, second = merged(world)
    actions.split(second, by=world.desa, now=LATER, reason="Ternyata hal lain")
    before = set(Notification.objects.values_list("pk", flat=True))
    actions.register(
        world.read(first), by=world.desa, now=LATER, recorded="Belum cair.", information_complete=True, suitable=True
    )
    told = Notification.objects.exclude(pk__in=before).filter(user=None)
    assert {notice.complainant.complaint for notice in told} == {first}
