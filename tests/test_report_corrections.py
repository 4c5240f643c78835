"""What was recorded late makes a new, numbered edition with its differences; what was sent stays (D44, D47)."""

import subprocess
import sys
from datetime import date, timedelta

import pgtrigger
import pytest
from django.utils import timezone

from reports import editions, tasks
from reports.figures.reckoning import RECKONINGS
from reports.models import CorrectionRequest, Edition, ReportDelivery, ReportDue, ReportRecipient
from reports.periods import Kind, Month
from reports.sending import corrections, dispatch, making
from reports.subject import Subject
from tests.cast import at
from tests.postbox import Postbox, of_this_test
from tiers.models import Assignment, Region, Tier

OCTOBER = Month.parse("2026-10")
NOW = at("2026-11-01 06:00")
MONDAY = at("2026-11-09 05:00")


def of_october(world, region=None):
    return Subject(world.programmes["pkh"], Region.objects.get(pk=region) if region else None, OCTOBER)


def leave_the_other_kinds(world, *, now):
    """Say that the reports of other kinds have been made."""
    for kind in (Kind.BIWEEKLY, Kind.QUARTERLY):
        done = {"kind": kind, "begins_on": making.last_due(kind, now=now).first, "made_at": now}
        ReportDue.objects.create(programme=world.programmes["pkh"], created_at=now, next_attempt_at=now, **done)


@pytest.fixture
def sent(world, monkeypatch, mailoutbox):
    """Return the world after the reports of October have gone out."""
    monkeypatch.setattr("reports.papers.documents.render", lambda reading, ending: b"%PDF-")
    world.programmes["pamsimas"].active = False
    world.programmes["pamsimas"].save()
    leave_the_other_kinds(world, now=MONDAY)
    world.complaint(received="2026-10-05 09:00", now="2026-10-05 09:00")
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    tasks.send_monthly_reports()
    assert sorted(mail.to[0] for mail in mailoutbox) == ["koordinator@kantor.id", "penyelia@kantor.id"]
    mailoutbox.clear()
    monkeypatch.setattr(timezone, "now", lambda: MONDAY)
    return world


def editions_of(subject):
    return list(Edition.objects.about(subject).values_list("number", flat=True))


def test_where_nothing_was_recorded_late_monday_makes_no_edition_and_sends_nothing(sent, mailoutbox):
    """What happens after the month, and a complaint of November, correct nothing."""
    sent.complaint(received="2026-11-03 09:00", now="2026-11-03 09:00")
    tasks.correct_reports()
    assert set(Edition.objects.values_list("number", flat=True)) == {1}
    assert mailoutbox == []


def test_d47_a_late_letter_makes_edition_2_with_its_difference_sent_once_to_who_had_the_first(sent, mailoutbox):
    late = Assignment.objects.create(
        user=sent.provinsi, office=sent.office(Tier.PUSAT, None), role="koordinator",
        starts_on=date(2026, 11, 5),
    )  # fmt: skip
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00")
    tasks.correct_reports()
    tasks.correct_reports()
    assert [editions_of(of_october(sent, region)) for region in (None, "33.29")] == [[1, 2], [1, 2]]
    assert sorted(mail.to[0] for mail in mailoutbox) == ["koordinator@kantor.id", "penyelia@kantor.id"]
    assert late.user.email not in {mail.to[0] for mail in mailoutbox}  # who had no first edition
    (mail,) = [mail for mail in mailoutbox if mail.to == ["koordinator@kantor.id"]]
    assert mail.subject == "Perbaikan, edisi 2. Laporan bulanan PKH: Nasional, Oktober 2026"
    assert (
        "Ini perbaikan, edisi 2: ada yang dicatat terlambat atau diperbaiki. Edisi sebelumnya tidak berlaku lagi."
        in mail.body
    )
    assert "masuk: 1 → 2" in mail.body
    first, second = Edition.objects.about(of_october(sent))
    assert ("totals/received", 1, 2) in editions.differences(second)
    assert editions.differences(first) == []


def test_periods_longer_ago_than_three_months_stay_as_they_are(sent):
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00")
    corrections.look_back(now=at("2027-02-08 05:00"))
    assert editions_of(of_october(sent)) == [1]
    corrections.look_back(now=at("2027-01-04 05:00"))
    assert editions_of(of_october(sent)) == [1, 2]


def test_a_first_edition_that_was_not_mailed_yet_gives_way_to_the_second(sent, mailoutbox):
    ReportDelivery.objects.update(sent_at=None)
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00")
    tasks.correct_reports()
    assert {mail.subject.partition(".")[0] for mail in mailoutbox} == {"Perbaikan, edisi 2"}
    assert set(ReportDelivery.objects.filter(edition__number=1).values_list("last_error", flat=True)) == {
        "Diganti edisi 2."
    }


def test_a_new_version_of_the_definitions_corrects_nobodys_data_and_old_editions_can_still_be_read(
    sent, monkeypatch, mailoutbox
):
    """D47: they are told from their stored figures."""
    before = Edition.objects.about(of_october(sent)).get()
    old = RECKONINGS[Kind.MONTHLY]
    newer = type(old)(old.figures, old.version + 1, old.lists)
    monkeypatch.setitem(RECKONINGS, Kind.MONTHLY, newer)
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00")
    tasks.correct_reports()
    assert (editions_of(of_october(sent)), mailoutbox) == ([1], [])
    assert editions.read(before)["totals"]["received"] == 1
    second, is_new = editions.new_edition(of_october(sent), now=MONDAY)
    assert (is_new, second.query_version) == (True, old.version + 1)


def test_who_receives_a_report_asks_for_it_to_be_reckoned_with_the_reason_on_record(sent, client, mailoutbox):
    first = Edition.objects.about(of_october(sent, "33.29")).get()
    address = f"/petugas/laporan/arsip/{first.pk}/hitung-ulang/"
    client.force_login(sent.penyelia)
    assert "dikirim kepada 1 penerima" in client.get(address).content.decode()
    assert client.post(address, {"why": ""}).status_code == 422
    for _twice in range(2):
        assert client.post(address, {"why": "Surat dari Salem baru dicatat"}).url == address.removesuffix(
            "hitung-ulang/"
        )
    asked = CorrectionRequest.objects.get()
    assert (asked.asked_by, asked.asked_at, asked.why) == (sent.penyelia, MONDAY, "Surat dari Salem baru dicatat")
    tasks.deliver_reports()
    asked.refresh_from_db()
    assert (asked.answered_at, asked.found) == (MONDAY, first)
    page = client.get(f"/petugas/laporan/arsip/{first.pk}/").content.decode()
    assert "data tidak berubah" in page
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00")
    client.post(address, {"why": "Surat kedua"})
    tasks.deliver_reports()
    assert CorrectionRequest.objects.get(why="Surat kedua").found.number == 2
    assert [mail.to[0] for mail in mailoutbox] == ["penyelia@kantor.id"]  # the nation waits for Monday
    assert client.get(address).status_code == 404  # edition 1 is not in force any more


def test_what_cannot_be_reckoned_again_fails_the_task_and_is_told_to_who_asked(sent, client, monkeypatch):
    first = Edition.objects.about(of_october(sent, "33.29")).get()
    corrections.ask(first, by=sent.penyelia, now=MONDAY - timedelta(minutes=31), why="Surat baru dicatat")

    def broken(*args, **kwargs):
        raise ValueError

    with monkeypatch.context() as patch:
        patch.setattr(corrections, "_correct", broken)
        with pytest.raises(tasks.NotAllMade, match="Brebes"):
            tasks.deliver_reports()
    client.force_login(sent.penyelia)
    assert "belum berhasil dihitung" in client.get(f"/petugas/laporan/arsip/{first.pk}/").content.decode()
    tasks.deliver_reports()
    assert CorrectionRequest.objects.get().found == first


@pytest.mark.parametrize("who", ["tetangga", "kabupaten", "auditor", "provinsi"])
def test_nobody_else_asks(sent, client, who):
    first = Edition.objects.about(of_october(sent, "33.29")).get()
    client.force_login(sent.users[who])
    for address in (f"/petugas/laporan/arsip/{first.pk}/", f"/petugas/laporan/arsip/{first.pk}/hitung-ulang/"):
        assert client.get(address).status_code == 404
    assert client.post(address, {"why": "Coba"}).status_code == 404
    assert CorrectionRequest.objects.count() == 0


def test_an_edition_that_was_tampered_with_is_neither_sent_nor_shown_and_everybody_hears_of_it(
    sent, client, mailoutbox, caplog
):
    """D47: the database refuses; but for who gets past it, the digest does not fit."""
    edition = Edition.objects.about(of_october(sent)).get()
    ReportDelivery.objects.filter(edition=edition).update(sent_at=None)
    with pgtrigger.ignore("reports.Edition:append_only"):
        Edition.objects.filter(pk=edition.pk).update(figures=edition.figures.replace('"received":1', '"received":9'))
    with pytest.raises(tasks.NotAllMade, match="Program Keluarga Harapan – Nasional – Oktober 2026, edisi 1"):
        tasks.deliver_reports()
    assert mailoutbox == []
    assert "has been tampered with" in caplog.text
    delivery = ReportDelivery.objects.get(edition=edition)
    assert delivery.given_up_at == MONDAY
    assert delivery.last_error.startswith("Data edisi ini tidak lagi cocok dengan sidiknya.")
    client.force_login(sent.koordinator)
    refused = client.get(f"/petugas/laporan/{edition.pk}.pdf")
    assert (refused.status_code, refused.content[:5]) == (409, b"<!doc")
    for page in ("/petugas/laporan/arsip/", f"/petugas/laporan/arsip/{edition.pk}/"):
        html = client.get(page).content.decode()
        assert f"/petugas/laporan/{edition.pk}.pdf" not in html
        assert "idik" in html
        assert "tidak cocok" in html or "tidak lagi cocok" in html
    assert [edition.intact for edition in Edition.objects.with_integrity().order_by("pk")] == [False, True]
    with pytest.raises(tasks.NotAllMade):
        tasks.correct_reports()


CORRECT = """
import django; django.setup()
from reports import tasks
from reports.papers import documents
documents.render = lambda reading, ending: b"%PDF-"
tasks.correct_reports()
"""


def test_two_beats_at_once_make_one_correction(real_world, tmp_path, settings, monkeypatch):
    """Real processes, on the month that has really ended."""
    real_world.programmes["pamsimas"].active = False
    real_world.programmes["pamsimas"].save()
    monkeypatch.setattr("reports.papers.documents.render", lambda reading, ending: b"%PDF-")
    now = timezone.now()
    month = Month.of(now).previous
    subject = Subject(real_world.programmes["pkh"], None, month)
    edition = editions.first_edition(subject, now=month.ends_at + timedelta(hours=1))
    dispatch.owe(edition, now=now)
    dispatch.deliver(now=now)
    real_world.complaint(received=f"{month.last} 09:00")
    leave_the_other_kinds(real_world, now=now)
    with Postbox() as box:
        environment = of_this_test(
            box, DJANGO_SETTINGS_MODULE="config.settings", MEDIA_ROOT=str(tmp_path / "media"),
            REDIS_URL="redis+socket:///tidak/ada/redis.sock",
        )  # fmt: skip
        beats = [
            subprocess.Popen([sys.executable, "-c", CORRECT], env=environment, stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        said = [(each.communicate(timeout=120)[1], each.returncode) for each in beats]
    assert said == [("", 0), ("", 0)]
    assert [one["To"] for one in box.mails] == ["koordinator@kantor.id"]
    assert editions_of(subject) == [1, 2]


def test_d57_who_reads_the_summary_gets_no_correction(sent, mailoutbox):
    """What is published stays; a second version would tell by the difference."""
    outsider = ReportRecipient.objects.create(programme=sent.programmes["pkh"], name="Kampus", email="k@contoh.id")
    edition = Edition.objects.about(of_october(sent)).get()
    dispatch.owe(edition, now=NOW)
    dispatch.deliver(now=NOW)
    assert [mail.to[0] for mail in mailoutbox] == ["k@contoh.id"]
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00")
    tasks.correct_reports()
    assert ReportDelivery.objects.filter(recipient=outsider).count() == 1
