"""What an inspector tries against the reports: what they give away, to whom, and what becomes of a late morning."""

import csv
import io
from datetime import date

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from pengaduan.models import Complaint
from reports import editions, tasks
from reports.export_models import Export, State
from reports.lists import exports
from reports.models import Edition, ReportDelivery, ReportDue, ReportRecipient
from reports.papers import documents
from reports.periods import HalfMonth, Kind, Month
from reports.sending import dispatch, links, making
from reports.subject import Subject
from tests.cast import at
from tiers.models import Assignment, Programme, Region, Tier

OCTOBER = Month.parse("2026-10")
NOW = at("2026-11-01 06:00")
MONDAY = at("2026-11-09 05:00")


def of(world, region=None, period=OCTOBER, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, period)


@pytest.fixture
def quick(monkeypatch):
    """Spare the printing."""
    monkeypatch.setattr("reports.papers.documents.render", lambda reading, ending: b"%PDF-")


# A village is a name (D57)


def taken_along(user, region, measure="received"):
    """Return the rows of the cases behind a number of October, as one takes them along."""
    export = exports.ask(
        Export(
            asked_by=user, asked_at=NOW, what="di-balik-angka", format="csv",
            programme=user.assignments.first().office.programme, region=region and Region.objects.get(pk=region),
            first_on=OCTOBER.first, last_on=OCTOBER.last, choice={"ukuran": measure},
        )
    )  # fmt: skip
    exports.make(export.pk, clock=lambda: NOW)
    (file,) = Export.objects.get(pk=export.pk).files
    with default_storage.open(file["path"]) as kept:
        return list(csv.DictReader(io.StringIO(kept.read().decode("utf-8-sig")), delimiter=";"))


def test_d57_far_away_no_list_names_the_office_of_a_village(world, quick):
    """What is carried away from the nation or a province ends with the kecamatan, in the office's name too."""
    case = world.complaint(received="2026-10-05 09:00")
    Complaint.objects.filter(pk=case.pk).update(prominent=True)
    assert case.office.name == "Ketua Kelompok Indrajaya"
    told = {
        name: [row["Kantor yang memegang"] for row in taken_along(world.users[name], region)]
        for name, region in (("koordinator", None), ("penyelia", "33.29"))
    }
    assert told == {"koordinator": ["Ketua Kelompok {wilayah}"], "penyelia": ["Ketua Kelompok Indrajaya"]}
    for period, table in (
        (OCTOBER, "attention"),
        (OCTOBER, "not_followed_up"),
        (HalfMonth.parse("2026-10-01"), "told"),
    ):
        offices = {}
        for region in (None, "33", "33.29"):
            reading = documents.read(editions.first_edition(of(world, region, period), now=NOW))
            offices[region] = [each.office for each in getattr(reading, table)]
        far = ["Ketua Kelompok {wilayah}"]
        assert offices == {None: far, "33": far, "33.29": ["Ketua Kelompok Indrajaya"]}


# What is kept from a reader shows nowhere, not as a correction either (D49)


@pytest.fixture
def sent(world, monkeypatch, mailoutbox, quick):
    """Return the world after the reports of October went out to two coordinators and the supervisor of Brebes."""
    world.programmes["pamsimas"].active = False
    world.programmes["pamsimas"].save()
    for kind in (Kind.BIWEEKLY, Kind.QUARTERLY):
        done = {"kind": kind, "begins_on": making.last_due(kind, now=MONDAY).first, "made_at": NOW}
        ReportDue.objects.create(programme=world.programmes["pkh"], created_at=NOW, next_attempt_at=NOW, **done)
    pusat = world.office(Tier.PUSAT, None)
    Assignment.objects.create(user=world.pusat, office=pusat, role="koordinator", starts_on=date(2026, 1, 1))
    world.complaint(received="2026-10-05 09:00")
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    tasks.send_monthly_reports()
    mailoutbox.clear()
    monkeypatch.setattr(timezone, "now", lambda: MONDAY)
    return world


def test_d49_a_correction_that_is_only_about_a_case_against_the_reader_is_none_for_them(sent, mailoutbox, client):
    """A second edition in which they find nothing new would tell the accused that there is something to find."""
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00", reported_users=[sent.koordinator])
    first = Edition.objects.about(of(sent)).get()
    client.force_login(sent.koordinator)
    assert client.post(reverse("report_recount", args=[first.pk]), {"why": "Surat terlambat."}).status_code == 302
    tasks.deliver_reports()
    tasks.correct_reports()
    assert [edition.number for edition in Edition.objects.about(of(sent))] == [1, 2]
    second = Edition.objects.about(of(sent)).last()
    assert sorted(mail.to[0] for mail in mailoutbox if "Nasional" in mail.subject) == ["pusat@kantor.id"]
    archive = client.get(reverse("report_archive")).content.decode()
    assert reverse("report_edition", args=[first.pk]) in archive
    assert "Perbaikan" not in archive
    page = client.get(reverse("report_edition", args=[first.pk])).content.decode()
    assert "data tidak berubah" in page
    assert [word for word in ("sudah diganti", "Edisi 2", "edisi 2", "Edisi lain") if word in page] == []
    for name, args in (("report_edition", []), ("report_recount", []), ("report_file", ["pdf"])):
        assert client.get(reverse(name, args=[second.pk, *args])).status_code == 404
    assert client.get(reverse("report_recount", args=[first.pk])).status_code == 200
    dashboard = client.get("/petugas/laporan/?program=pkh&bulan=2026-10").content.decode()
    assert ("edisi 1" in dashboard, "edisi 2" in dashboard) == (True, False)
    client.force_login(sent.pusat)
    assert client.get(reverse("report_edition", args=[first.pk])).content.decode().count("Edisi ini sudah diganti") == 1
    assert client.get(reverse("report_file", args=[second.pk, "pdf"])).status_code == 200


def test_d49_a_correction_that_tells_them_more_reaches_the_accused_without_their_case(sent, mailoutbox):
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00", reported_users=[sent.koordinator])
    sent.complaint(received="2026-10-29 09:00", now="2026-11-04 10:00")
    tasks.correct_reports()
    told = {mail.to[0]: "masuk: 1 → 2" in mail.body for mail in mailoutbox if "Nasional" in mail.subject}
    assert told == {"koordinator@kantor.id": True, "pusat@kantor.id": False}


def test_d49_a_first_edition_that_is_still_owed_goes_to_the_accused_though_others_get_the_second(
    sent, mailoutbox, client
):
    ReportDelivery.objects.update(sent_at=None)
    sent.complaint(received="2026-10-30 09:00", now="2026-11-04 09:00", reported_users=[sent.koordinator])
    tasks.correct_reports()
    assert sorted(
        (mail.to[0], mail.subject.startswith("Perbaikan, edisi 2")) for mail in mailoutbox if "Nasional" in mail.subject
    ) == [
        ("koordinator@kantor.id", False),
        ("pusat@kantor.id", True),
    ]
    first = Edition.objects.about(of(sent)).first()
    replaced = {}
    for name in ("koordinator", "pusat"):
        client.force_login(sent.users[name])
        page = client.get(reverse("report_edition", args=[first.pk])).content.decode()
        replaced[name] = ("Diganti edisi 2." in page, "Pusat" in page.partition("Siapa menerima")[2])
    assert replaced == {"koordinator": (False, False), "pusat": (True, True)}


# Who opens what was mailed


def test_a_program_that_asks_for_the_head_of_a_file_has_not_taken_it(world, client, settings, monkeypatch, quick):
    """A scanner of mails opens each link; the record says who fetched the report, not what looked at it."""
    settings.REPORT_MAIL_MAX_BYTES, settings.SITE_URL = 1, "https://pengaduan.test"
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    address = {"name": "Bappenas", "email": "b@pusat.id", "needs_to_know": True, "need": "SK 12"}
    ReportRecipient.objects.create(programme=world.programmes["pkh"], **address)
    edition = editions.first_edition(of(world), now=NOW)
    dispatch.owe(edition, now=NOW)
    monkeypatch.setattr("time.time", NOW.timestamp)
    link = links.address(ReportDelivery.objects.get(user=None), "pdf").removeprefix("https://pengaduan.test")
    client.force_login(world.koordinator)
    own = reverse("report_file", args=[edition.pk, "pdf"])
    heads = [client.head(where) for where in (link, f"{link}berkas", own)]
    assert [(head.status_code, head.content) for head in heads] == [(200, b"")] * 3
    assert [head["X-Content-Type-Options"] for head in heads] == ["nosniff"] * 3
    assert heads[1]["Content-Security-Policy"] == "sandbox"
    assert ReportDelivery.objects.filter(fetched_at__isnull=False).count() == 0
    for where in (f"{link}berkas", own):
        client.get(where)
    assert ReportDelivery.objects.filter(fetched_at=NOW).count() == 2


# A morning on which nothing is as it was


def test_a_programme_that_begins_later_has_no_report_of_the_time_before(world, mailoutbox, quick, monkeypatch):
    """A fresh installation takes up the last month as if its beat had been down; there is nothing to tell of it."""
    monkeypatch.setattr(timezone, "now", lambda: at("2026-11-22 11:00"))
    Assignment.objects.update(starts_on=date(2026, 11, 20))
    tasks.deliver_reports()
    assert (mailoutbox, Edition.objects.count(), ReportDue.objects.filter(made_at=None).count()) == ([], 0, 0)
    monkeypatch.setattr(timezone, "now", lambda: at("2026-12-01 06:00"))
    world.complaint(received="2026-11-21 09:00")
    tasks.send_monthly_reports()
    months = Edition.objects.filter(kind=Kind.MONTHLY).values_list("begins_on", flat=True)
    assert set(months) == {date(2026, 11, 1)}
    assert mailoutbox != []


def test_after_two_silent_weeks_only_what_was_due_last_goes_out(world, mailoutbox, quick, monkeypatch):
    """The beat stands still from 30 October to 20 December: no mail of the months in between comes late."""
    Programme.objects.update(always_biweekly=True)
    monkeypatch.setattr(timezone, "now", lambda: at("2026-12-20 09:00"))
    tasks.deliver_reports()
    assert set(Edition.objects.values_list("kind", "begins_on")) == {
        (Kind.MONTHLY, date(2026, 11, 1)),
        (Kind.BIWEEKLY, date(2026, 12, 1)),
        (Kind.QUARTERLY, date(2026, 7, 1)),
    }


# Lists that one takes along


def asked(world, user, **rest):
    choice = {"what": "matriks", "format": "csv", "first_on": OCTOBER.first, "last_on": OCTOBER.last} | rest
    return exports.ask(
        Export(asked_by=user, asked_at=NOW, programme=world.programmes["pkh"], region_id="33.29", **choice)
    )


def test_a_list_whose_files_are_lost_is_gone_and_says_so(world, client, monkeypatch):
    """The database was brought back without its files."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    world.complaint(received="2026-10-05 09:00")
    client.force_login(world.penyelia)
    for lost in (0, 1):
        export = asked(world, world.penyelia)
        exports.make(export.pk, clock=lambda: NOW)
        export.refresh_from_db()
        default_storage.delete((export.files[0]["path"], exports._index(export))[lost])
        answer = client.get(f"/petugas/laporan/ekspor/{export.pk}/1/unduh/", follow=True)
        assert (answer.status_code, "Berkas sudah dihapus" in answer.content.decode()) == (200, True)
        assert Export.objects.get(pk=export.pk).state == State.GONE


def test_a_full_disk_is_said_and_leaves_nothing_behind(world, client, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    world.complaint(received="2026-10-05 09:00")
    export = asked(world, world.penyelia)
    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "save", full)
        exports.make(export.pk, clock=lambda: NOW)
    export.refresh_from_db()
    assert (export.state, export.files, default_storage.exists(exports._folder(export))) == (State.FAILED, [], False)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    client.force_login(world.penyelia)
    assert "Ada gangguan saat daftar ini dibuat" in client.get(f"/petugas/laporan/ekspor/{export.pk}/").content.decode()


def test_no_word_of_the_address_opens_a_programme_or_days_that_are_not_ones_own(world, client, monkeypatch):
    """A changed POST: another programme or area, days before they come or the wrong way round, a hidden list."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    Assignment.objects.filter(user=world.penyelia, office__programme__code="pamsimas").delete()
    client.force_login(world.penyelia)
    said = {
        "apa": "matriks", "program": "pkh", "wilayah": "33.29", "bentuk": "csv", "dari_day": "1", "dari_month": "10",
        "dari_year": "2026", "sampai_day": "31", "sampai_month": "10", "sampai_year": "2026",
    }  # fmt: skip
    for wrong in (
        {"program": "pamsimas"}, {"wilayah": "33.28"}, {"wilayah": "nasional"}, {"wilayah": "33"},
        {"apa": "di-balik-angka"},
        {"bentuk": "exe"}, {"sampai_year": "2025"}, {"dari_year": "1026"}, {"dari_year": "9999", "sampai_year": "9999"},
    ):  # fmt: skip
        assert client.post("/petugas/laporan/ekspor/", said | wrong).status_code == 422, wrong
    assert Export.objects.count() == 0
    wide = said | {"dari_year": "2000"}
    assert client.post("/petugas/laporan/ekspor/", wide).status_code == 302
