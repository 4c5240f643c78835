"""One mail a morning tells an officer how much waits, and never of whom or what (D34, D37)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from pengaduan.models import Recusal, Stage
from tests.cast import EASTERN_VILLAGE, at
from tests.journey import to_stage
from tiers.models import Assignment, User
from workflow import actions, daily, delivery, notices
from workflow.models import Notification

MORNING = at("2026-03-04 05:30")


def owed(**wanted):
    found = Notification.objects.filter(template=notices.DAILY, **wanted)
    return sorted(found.values_list("user__username", flat=True))


def section(user, label, now=MORNING):
    return next((each for each in daily.digest_of(user, now=now) if each.label == label), None)


def test_d43_who_has_nothing_waiting_gets_no_mail(world):
    assert daily.owe_digests(now=MORNING) == 0
    assert owed() == []


def test_d43_a_new_case_stands_in_the_mail_of_the_office_that_holds_it_and_of_nobody_else(world, mailoutbox):
    complaint = world.complaint()
    daily.owe_digests(now=MORNING)
    assert owed() == ["desa"]
    assert Notification.objects.get(template=notices.DAILY).next_attempt_at == at("2026-03-04 08:00")
    delivery.deliver(now=at("2026-03-04 08:01"))
    mail = next(each for each in mailoutbox if each.subject == "Pengaduan hari ini: Rabu, 4 Maret 2026")
    assert mail.to == ["desa@kantor.id"]
    assert mail.body.splitlines()[:4] == [
        "Yang menunggu Anda pada Rabu, 4 Maret 2026:",
        "",
        "Baru, belum didaftarkan: 1",
        f"  {complaint.number}",
    ]


def test_d37_the_mail_tells_numbers_and_no_matter_no_place_and_no_name(world, mailoutbox):
    world.complaint(subject="Pemotongan oleh Pak Joni", identity={"name": "Siti Contoh", "phone": "+628123456789"})
    daily.owe_digests(now=MORNING)
    delivery.deliver(now=at("2026-03-04 08:01"))
    mail = next(each for each in mailoutbox if each.subject.startswith("Pengaduan hari ini"))
    for word in ("Siti", "Joni", "Pemotongan", "Indrajaya", "8123456789", "tetangga sudah menerima"):
        assert word not in mail.body


def test_d34_what_is_due_in_three_days_and_what_is_late_is_counted_apart(world):
    world.complaint("pertanyaan", received="2026-02-24 09:00")
    world.complaint("pertanyaan", received="2026-02-20 09:00")
    to_stage(world, Stage.HANDLING)
    now = at("2026-03-05 05:30")
    daily.owe_digests(now=now)
    assert owed() == ["desa"]
    assert section(world.desa, "Jatuh tempo dalam tiga hari", now).count == 1
    assert section(world.desa, "Terlambat", now).count == 1
    assert section(world.desa, "Baru, belum didaftarkan", now).count == 2


def test_d53_what_waits_to_be_verified_or_decided_is_told_to_the_tier_above(world):
    complaint = to_stage(world, Stage.SETTLED)
    daily.owe_digests(now=MORNING)
    assert owed() == ["kecamatan", "penyelia"]
    assert section(world.kecamatan, "Penyelesaian untuk diperiksa").numbers == [complaint.number]
    assert section(world.desa, "Penyelesaian untuk diperiksa") is None


def test_d52_a_proposal_is_told_to_who_decides(world):
    complaint = to_stage(world, Stage.HANDLING)
    facts = {"until": at("2026-04-20 09:00").date(), "reason": "Menunggu bank."}
    actions.propose(complaint, "perpanjang", by=world.desa, now=MORNING - timedelta(hours=1), facts=facts)
    daily.owe_digests(now=MORNING)
    assert owed() == ["kecamatan", "penyelia"]
    assert section(world.kecamatan, "Usul yang menunggu keputusan").numbers == [complaint.number]


def test_d43_one_mail_a_morning_and_on_a_weekend_the_one_of_monday(world):
    world.complaint(received="2026-03-05 10:00")
    for moment in ("2026-03-06 16:30", "2026-03-07 05:30", "2026-03-08 05:30", "2026-03-09 05:30"):
        daily.owe_digests(now=at(moment))
    notice = Notification.objects.get(template=notices.DAILY)
    assert notice.next_attempt_at == at("2026-03-09 08:00")
    daily.owe_digests(now=at("2026-03-10 05:30"))
    assert owed() == ["desa", "desa"]


def test_d11_the_office_hours_are_those_of_the_place(world):
    complaint = world.complaint(region=EASTERN_VILLAGE)
    officer = User.objects.create(username="timur", email="timur@kantor.id", password="!")
    Assignment.objects.create(user=officer, office=complaint.office, role="petugas", starts_on=at("2024-01-01 00:00"))
    daily.owe_digests(now=MORNING)
    assert Notification.objects.get(user=officer, template=notices.DAILY).next_attempt_at == at("2026-03-04 06:00")


def test_d43_what_is_done_by_the_time_of_the_mail_is_not_told(world, mailoutbox):
    complaint = world.complaint()
    daily.owe_digests(now=MORNING)
    actions.withdraw(
        complaint, complainant=complaint.complainants.get(), now=at("2026-03-04 06:00"), reason="Sudah beres"
    )
    delivery.deliver(now=at("2026-03-04 08:01"))
    assert [mail for mail in mailoutbox if mail.subject.startswith("Pengaduan hari ini")] == []
    assert Notification.objects.get(template=notices.DAILY).last_error == "Tidak ada yang menunggu petugas ini."


def test_d49_who_stepped_aside_does_not_find_the_number_in_the_mail(world):
    complaint = world.complaint()
    Recusal.objects.create(complaint=complaint, user=world.desa, at=MORNING)
    assert daily.digest_of(world.desa, now=MORNING) == []


@pytest.mark.parametrize("name", ["tetangga", "kustodian", "auditor", "peninjau", "koordinator"])
def test_d43_nobody_outside_the_line_finds_a_case_in_the_mail(world, name):
    world.complaint()
    to_stage(world, Stage.SETTLED)
    assert daily.digest_of(getattr(world, name), now=MORNING) == []
    daily.owe_digests(now=MORNING)
    assert owed(user=getattr(world, name)) == []


def test_d43_an_officer_without_an_address_is_owed_nothing(world):
    User.objects.filter(pk=world.desa.pk).update(email="")
    world.complaint()
    assert daily.owe_digests(now=MORNING) == 0


def test_d43_a_long_list_shows_the_first_numbers_and_how_many_more(world, mailoutbox):
    for _ in range(13):
        world.complaint()
    daily.owe_digests(now=MORNING)
    delivery.deliver(now=at("2026-03-04 08:01"))
    body = next(each.body for each in mailoutbox if each.subject.startswith("Pengaduan hari ini"))
    assert "Baru, belum didaftarkan: 13" in body
    assert "  … dan 3 lagi" in body


@pytest.mark.django_db(transaction=True)
def test_d43_three_beats_at_once_owe_one_mail_each(real_world):
    real_world.complaint()
    gate = threading.Barrier(3)

    def beat():
        gate.wait()
        try:
            daily.owe_digests(now=MORNING)
        finally:
            connection.close()

    beats = [threading.Thread(target=beat) for _ in range(3)]
    for each in beats:
        each.start()
    for each in beats:
        each.join()
    assert owed() == ["desa"]
