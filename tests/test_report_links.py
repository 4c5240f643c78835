"""Links to reports that are too large for a mail: for their recipient, for a time, and in no log (D37, D44, D57)."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from config import logs
from reports import editions
from reports.models import ReportDelivery, ReportRecipient
from reports.periods import Month
from reports.sending import dispatch, links
from reports.subject import Subject
from tests.cast import at

NOW = at("2026-11-01 06:00")


@pytest.fixture
def sent(world, settings, monkeypatch, mailoutbox):
    """Return the world after the national report went out as a link, to the coordinator and to an address."""
    settings.REPORT_MAIL_MAX_BYTES = 5
    settings.SITE_URL = "https://pengaduan.test"
    monkeypatch.setattr("reports.papers.documents.render", lambda reading, ending: f"%PDF- {ending} lengkap".encode())
    monkeypatch.setattr("reports.sending.outside.content", lambda told, ending: f"%PDF- {ending} ringkasan".encode())
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr("time.time", NOW.timestamp)
    world.address = ReportRecipient.objects.create(
        programme=world.programmes["pkh"], name="Bappenas", email="b@pusat.id", needs_to_know=True, need="SK 12/2026"
    )
    edition = editions.first_edition(Subject(world.programmes["pkh"], None, Month.parse("2026-10")), now=NOW)
    dispatch.owe(edition, now=NOW)
    assert dispatch.deliver(now=NOW) == dispatch.Delivered(sent=2)
    world.mails = {mail.to[0]: mail for mail in mailoutbox}
    world.link = links_in(world.mails["b@pusat.id"])[0]
    world.delivery = ReportDelivery.objects.get(recipient=world.address)
    return world


def links_in(mail):
    return re.findall(r"https://pengaduan\.test(/laporan/\S+|/petugas/laporan/\d\S+)", mail.body)


def test_a_small_report_is_attached_and_a_large_one_is_linked(sent, settings, mailoutbox):
    assert [mail.attachments for mail in sent.mails.values()] == [[], []]
    assert set(ReportDelivery.objects.values_list("linked", flat=True)) == {True}
    settings.REPORT_MAIL_MAX_BYTES = 8 * 1024 * 1024
    ReportDelivery.objects.update(sent_at=None)
    dispatch.deliver(now=NOW)
    assert {len(mail.attachments) for mail in mailoutbox[2:]} == {2}
    assert {links_in(mail) == [] for mail in mailoutbox[2:]} == {True}
    assert set(ReportDelivery.objects.values_list("linked", flat=True)) == {False}


def test_the_link_of_an_address_shows_a_page_first_and_counts_only_the_fetching(sent, client):
    page = client.get(sent.link)
    assert page.status_code == 200
    assert "Laporan bulanan PKH: Nasional, Oktober 2026" in page.content.decode()
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert ReportDelivery.objects.filter(fetched_at__isnull=False).count() == 0
    button = re.search(r'class="govuk-button" href="([^"]+)"', page.content.decode())[1]
    file = client.get(button)
    assert (file.status_code, file.content) == (200, b"%PDF- pdf lengkap")
    assert file["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert file["Content-Disposition"] == 'attachment; filename="laporan-pkh-nasional-2026-10-edisi-1.pdf"'
    sent.delivery.refresh_from_db()
    assert sent.delivery.fetched_at == NOW


def test_a_user_is_led_to_the_archive_behind_the_sign_in(sent, client):
    mail = sent.mails["koordinator@kantor.id"]
    pdf, _xlsx = links_in(mail)
    assert client.get(pdf).url == f"/masuk/?next={pdf}"
    client.force_login(sent.tetangga)
    assert client.get(pdf).status_code == 404
    client.force_login(sent.koordinator)
    assert client.get(pdf).content == b"%PDF- pdf lengkap"
    assert ReportDelivery.objects.get(user=sent.koordinator).fetched_at == NOW


@pytest.mark.parametrize(
    "ended",
    [
        {"active": False},
        {"monthly": False},
        {"needs_to_know": False},
        {"region_id": "33"},
        {"email": "pengganti@pusat.id"},
    ],
)
def test_the_link_ends_with_what_its_recipient_may_have(sent, client, ended):
    ReportRecipient.objects.filter(pk=sent.address.pk).update(**ended)
    answers = [client.get(sent.link), client.get(sent.link + "berkas")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert all("Tautan ini tidak berlaku" in answer.content.decode() for answer in answers)
    assert ReportDelivery.objects.filter(fetched_at__isnull=False).count() == 0


def test_a_link_of_another_secret_kind_or_time_opens_nothing(sent, client, monkeypatch, settings):
    """Forged, cut, of a user's delivery, made for something else, and too old."""
    token = sent.link.removeprefix("/laporan/unduh/").rstrip("/")
    of_a_user = ReportDelivery.objects.get(user=sent.koordinator).pk.hex
    wrong = [
        token[:-2],
        "a" + token,
        token.replace(":", "%3A", 1) + "x",
        signing.dumps([sent.delivery.pk.hex, "pdf", links.FULL, links.addressed(sent.address)], salt="lain"),
        signing.dumps([of_a_user, "pdf", links.FULL, links.addressed(sent.address)], salt=links.SALT),
        signing.dumps([sent.delivery.pk.hex, "json", links.FULL, links.addressed(sent.address)], salt=links.SALT),
        signing.dumps("ringkas", salt=links.SALT),
    ]
    answers = [client.get(f"/laporan/unduh/{each}/berkas") for each in wrong]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content.partition(b"<main")[2].partition(b"</main>")[0] for answer in answers}) == 1
    monkeypatch.setattr("time.time", (NOW + timedelta(days=14, seconds=-1)).timestamp)
    assert client.get(sent.link + "berkas").status_code == 200
    monkeypatch.setattr("time.time", (NOW + timedelta(days=14, seconds=1)).timestamp)
    assert client.get(sent.link + "berkas").status_code == 404


def test_d57_the_link_of_an_outsider_brings_the_summary_and_not_the_full_report(sent, client, mailoutbox):
    outsider = ReportRecipient.objects.create(programme=sent.programmes["pkh"], name="Kampus", email="kampus@contoh.id")
    dispatch.owe(sent.delivery.edition, now=NOW)
    dispatch.deliver(now=NOW)
    link = links_in(mailoutbox[-1])[0]
    assert client.get(link + "berkas").content == b"%PDF- pdf ringkasan"
    ReportRecipient.objects.filter(pk=outsider.pk).update(needs_to_know=True)
    assert client.get(link + "berkas").status_code == 404  # a new mail brings the full one


def test_d37_the_link_is_in_no_log(sent, client, caplog):
    """Neither in the line of the request nor in what Django says of a link that is gone."""
    ReportRecipient.objects.update(active=False)
    assert client.get(sent.link).status_code == 404
    token = sent.link.removeprefix("/laporan/unduh/").rstrip("/")
    assert any(token in record.getMessage() for record in caplog.records)  # it would be, but for the filter
    for record in caplog.records:
        event = logs.without_traces(None, "warning", {"event": record.getMessage(), "request": f"GET {sent.link}"})
        assert token not in repr(event)
