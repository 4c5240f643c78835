"""A tier gets more time by word of the tier above, a counted number of times, and the original deadline stays (D52)."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils.html import strip_tags
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pengaduan.models import Complaint, Stage
from tests.cast import at
from tests.journey import to_stage
from tiers.models import Tier
from workflow import actions, corrections, escalation, gate, sla
from workflow.calendar import local_day
from workflow.machine import Refused
from workflow.models import Holiday, Letter, Notification, Pause

LATER = at("2026-03-25 10:00")
DUE = date(2026, 4, 9)  # PKH, received 2 March: the 26th working day
UNTIL = date(2026, 4, 24)


def extend(world, complaint, *, by="kecamatan", now=LATER, until=UNTIL, reason="Menunggu jawaban bank penyalur."):
    return actions.extend(world.read(complaint), by=getattr(world, by), now=now, until=until, reason=reason)


def test_d52_the_tier_above_gives_more_time_and_the_original_deadline_stays(world):
    complaint = to_stage(world, Stage.HANDLING)
    event = extend(world, complaint)
    after = world.read(complaint)
    assert (after.tier_due_at, after.due_at) == (at("2026-04-24 23:59:59"), complaint.due_at)
    assert (after.extended_until, after.extensions) == (UNTIL, 1)
    assert (event.by, event.note.text, event.tier_due_at) == (
        world.kecamatan,
        "Menunggu jawaban bank penyalur.",
        after.tier_due_at,
    )
    assert after.handler == world.desa


@pytest.mark.parametrize("name", ["desa", "tetangga", "kustodian", "auditor", "peninjau", "koordinator"])
def test_d52_nobody_gives_themselves_more_time(world, name):
    complaint = to_stage(world, Stage.HANDLING)
    with pytest.raises(Refused) as refusal:
        extend(world, complaint, by=name)
    assert str(refusal.value) == "Langkah “Perpanjang waktu” bukan wewenang Anda pada pengaduan ini."
    assert world.read(complaint).tier_due_at == complaint.tier_due_at


def test_d52_the_office_proposes_and_the_tier_above_decides(world):
    complaint = to_stage(world, Stage.HANDLING)
    facts = {"until": UNTIL, "reason": "Menunggu jawaban bank penyalur."}
    proposal = actions.propose(complaint, "perpanjang", by=world.desa, now=LATER, facts=facts)
    assert world.read(complaint).extended_until is None
    with pytest.raises(Refused):
        actions.approve(proposal, by=world.desa, now=LATER)
    actions.approve(proposal, by=world.kecamatan, now=LATER)
    assert world.read(complaint).extended_until == UNTIL


def test_d52_at_the_top_a_supervisor_who_handled_the_case_does_not_lengthen_it(world):
    from tiers.models import Assignment

    complaint = world.complaint("kkn")
    top = world.office(Tier.PUSAT, None)
    Assignment.objects.create(user=world.koordinator, office=top, role="penyelia", starts_on=date(2024, 1, 1))
    actions.register(
        complaint, by=world.koordinator, now=at("2026-03-03 09:00"), recorded="Potongan bantuan.", suitable=True
    )
    with pytest.raises(Refused) as refusal:
        extend(world, complaint, by="koordinator")
    assert str(refusal.value) == "Perpanjangan harus disetujui orang lain daripada yang menangani."
    Assignment.objects.create(user=world.auditor, office=top, role="penyelia", starts_on=date(2024, 1, 1))
    extend(world, complaint, by="auditor")
    assert world.read(complaint).extended_until == UNTIL


def test_d52_twice_at_a_tier_and_no_more(world):
    complaint = to_stage(world, Stage.HANDLING)
    extend(world, complaint)
    extend(world, complaint, until=date(2026, 5, 8))
    with pytest.raises(Refused) as refusal:
        extend(world, complaint, until=date(2026, 5, 20))
    assert (
        str(refusal.value)
        == "Tenggat di jenjang ini sudah dua kali diperpanjang, paling banyak. Selesaikan, atau naikkan pengaduan ini."
    )


@pytest.mark.parametrize("until", [DUE, DUE - timedelta(days=1), DUE + timedelta(days=31), None])
def test_d52_the_new_day_lies_after_the_present_one_and_at_most_thirty_days_after(world, until):
    complaint = to_stage(world, Stage.HANDLING)
    with pytest.raises(Refused) as refusal:
        actions.propose(complaint, "perpanjang", by=world.desa, now=LATER, facts={"until": until, "reason": "Bank"})
    assert refusal.value.field == "until"


def test_d52_the_thirtieth_day_is_still_allowed(world):
    complaint = to_stage(world, Stage.HANDLING)
    extend(world, complaint, until=DUE + timedelta(days=30))
    assert local_day(world.read(complaint).tier_due_at, complaint.zone) == date(2026, 5, 9)


def test_d52_what_is_late_already_goes_up_and_is_not_lengthened(world):
    complaint = to_stage(world, Stage.HANDLING)
    late = at("2026-04-10 09:00")
    with pytest.raises(Refused) as refusal:
        extend(world, complaint, now=late)
    assert (
        str(refusal.value)
        == "Tenggatnya sudah lewat: pengaduan ini naik jenjang. Perpanjangan harus diminta sebelum tenggat."
    )
    escalation.sweep(now=late, by_hand=True)
    assert world.read(complaint).tier == Tier.KECAMATAN


def test_d52_the_complainant_is_told_why_and_until_when(world):
    complaint = to_stage(world, Stage.HANDLING)
    event = extend(world, complaint)
    assert (
        Notification.objects.filter(event=event, complainant__isnull=False).values_list("template", flat=True).get()
        == "masih-dalam-proses"
    )
    letter = Letter.objects.get(event=event)
    assert "Menunggu jawaban bank penyalur." in letter.body
    assert "Jumat, 24 April 2026" in letter.body


def test_d52_a_lengthened_case_goes_up_when_the_new_day_is_over_and_starts_there_without_it(world):
    complaint = to_stage(world, Stage.HANDLING)
    extend(world, complaint)
    escalation.sweep(now=at("2026-04-24 23:59:00"), by_hand=True)
    assert world.read(complaint).tier == Tier.DESA
    assert list(escalation.missed(now=at("2026-04-24 23:59:00"))) == []
    assert list(escalation.missed(now=at("2026-04-25 00:05:00"))) == [complaint]
    escalation.sweep(now=at("2026-04-25 00:05"), by_hand=True)
    after = world.read(complaint)
    assert (after.tier, after.extended_until, after.extensions) == (Tier.KECAMATAN, None, 0)
    assert after.due_at == complaint.due_at


def test_d10_a_corrected_holiday_does_not_undo_an_extension(world):
    complaint = to_stage(world, Stage.HANDLING)
    corrections.follow_calendar(now=LATER)
    extend(world, complaint)
    Holiday.objects.create(on=date(2026, 4, 3), name="Jumat Agung")
    assert corrections.holidays_changed(now=LATER) == 1
    after = world.read(complaint)
    assert (after.due_at, after.tier_due_at) == (at("2026-04-10 23:59:59"), at("2026-04-24 23:59:59"))
    Holiday.objects.bulk_create(Holiday(on=date(2026, 4, day), name="Libur") for day in range(6, 25))
    corrections.holidays_changed(now=LATER)
    after = world.read(complaint)
    assert after.tier_due_at == after.due_at > at("2026-04-24 23:59:59")


def test_d12_days_of_waiting_are_added_to_an_extension(world):
    complaint = to_stage(world, Stage.HANDLING)
    extend(world, complaint)
    actions.ask_completion(world.read(complaint), by=world.desa, now=at("2026-04-13 09:00"), questions="Rekening?")
    actions.complete(world.read(complaint), by=world.desa, now=at("2026-04-18 09:00"), answer="BRI")
    assert world.read(complaint).extended_until == date(2026, 4, 29)
    assert world.read(complaint).tier_due_at == at("2026-04-29 23:59:59")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(more=st.integers(1, 30), begins=st.integers(0, 12), stood=st.integers(0, 25))
def test_d52_waiting_never_shortens_an_extension_nor_lengthens_it_by_more_than_it_stood(world, more, begins, stood):
    complaint = world.complaint("penyimpangan-dana", programme="pamsimas")
    due_on = local_day(complaint.tier_due_at, complaint.zone)
    extend(world, complaint, until=due_on + timedelta(days=more))
    begin = at("2026-04-01 09:00") + timedelta(days=begins)
    actions.ask_completion(world.read(complaint), by=world.desa, now=begin, questions="Tahun berapa?")
    actions.complete(world.read(complaint), by=world.desa, now=begin + timedelta(days=stood), answer="2025")
    after = world.read(complaint)
    assert local_day(after.tier_due_at, after.zone) == due_on + timedelta(days=more + stood)
    assert local_day(after.due_at, after.zone) == due_on + timedelta(days=stood)
    assert Pause.objects.filter(complaint=complaint, ended_at=None).count() == 0


def test_d11_the_page_says_who_gave_more_time_and_until_when(world, client):
    complaint = to_stage(world, Stage.HANDLING)
    extend(world, complaint)
    client.force_login(world.desa)
    text = " ".join(strip_tags(client.get(complaint.get_absolute_url()).content.decode()).split())
    assert "Perpanjangan ke-1 di jenjang ini, disetujui jenjang Kecamatan pada 25 Maret 2026." in text
    clock = sla.clock_of(world.read(complaint))
    assert (clock.tier.due_on, clock.extended.due_on) == (DUE, UNTIL)
    assert clock.holds


def test_d52_the_form_asks_for_the_day_and_the_reason_and_says_how_far_it_may_go(world, client):
    complaint = to_stage(world, Stage.HANDLING)
    Complaint.objects.filter(pk=complaint.pk).update(tier_due_at=at("2099-03-10 23:59:59"))
    client.force_login(world.kecamatan)
    url = reverse("officer_step", args=[complaint.number, "perpanjang"])
    assert "Tenggat sekarang 10/3/2099; paling lama sampai 9/4/2099." in client.get(url).content.decode()
    typed = {"version": complaint.version, "reason": "Menunggu bank", "petugas": world.kecamatan.pk}
    asked = client.post(url, typed | {"until_day": "11", "until_month": "4", "until_year": "2099"})
    assert asked.status_code == 409
    assert "Isi tanggal baru sesudah tenggat yang sekarang, paling lama 30 hari sesudahnya." in asked.content.decode()
    taken = client.post(url, typed | {"until_day": "20", "until_month": "3", "until_year": "2099"})
    assert taken.status_code == 302
    assert world.read(complaint).extended_until == date(2099, 3, 20)


@pytest.mark.parametrize("name", ["tetangga", "auditor", "peninjau", "koordinator", "kustodian"])
def test_d49_the_form_is_not_there_for_who_may_not(world, client, name):
    complaint = to_stage(world, Stage.HANDLING)
    client.force_login(getattr(world, name))
    url = reverse("officer_step", args=[complaint.number, "perpanjang"])
    assert client.get(url).status_code in (403, 404, 409)
    assert "perpanjang" not in {step.code for step in gate.open_steps(complaint, by=getattr(world, name), now=LATER)}
