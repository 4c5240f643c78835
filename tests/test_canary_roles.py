"""Every address, read by everyone, with one person in everything that has a page (D37, D38)."""

import itertools
import urllib.parse
import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pengaduan.models import Attachment, Complaint, Stage
from reports import editions
from reports.export_models import Export, Format
from reports.lists import exports
from reports.models import Edition, ReportDelivery, ReportRecipient
from reports.periods import HalfMonth, Month, Quarter
from reports.sending import links
from reports.subject import Subject
from tests.cast import VILLAGE, World
from tests.journey import lead_on
from tests.test_canary import (
    EMAIL,
    IDENTITY,
    MONTH,
    NAME,
    OF_COMPLAINANT,
    OF_REPORTED,
    PHONE,
    REPORTED,
    REPORTS,
)
from tests.test_every_url import NUMBER, ROUTES, address
from tests.traces import traces
from tiers.admin_site import site as admin_site
from workflow import actions, printing
from workflow.models import IdentityRequest, Letter

pytestmark = pytest.mark.slow
KEYED = {  # what has a key in its address, and the words of these addresses
    Letter: ("/surat/",),
    Attachment: ("/berkas/", "/foto/"),
    IdentityRequest: ("/pelapor/", "/identitas/"),
    Export: ("/ekspor/",),
}


@pytest.fixture
def full_world(world) -> World:
    """Return a world in which everything that has a page exists, about one person."""
    now = timezone.now()
    for text in ("Kartu diganti tanpa izin pemiliknya.", "Potongan diminta waktu pencairan."):
        complaint = world.complaint(received=f"{MONTH}-05 10:00", identity=IDENTITY, reported_words=REPORTED, text=text)
        request = actions.ask_identity(complaint, complaint.complainants.get(), by=world.desa, now=now, motive="Perlu")
    actions.grant_identity(request, by=world.kustodian, now=now, reason="Wajar", hours=24)
    actions.open_identity(request, by=world.desa, now=now)
    lead_on(world.read(complaint), world, Stage.FEEDBACK, now=now)
    world.code = complaint.receipt.code
    return world


@pytest.fixture
def reported_world(full_world) -> World:
    """Add a report of each kind, a link to one, and a list that its asker may fetch."""
    pkh, now = full_world.programmes["pkh"], timezone.now()
    periods = (Month.parse(MONTH), HalfMonth.parse(f"{MONTH}-01"), Quarter.parse("2026-T3"))
    made = [editions.first_edition(Subject(pkh, None, period), now=now) for period in periods]
    whom = ReportRecipient.objects.create(programme=pkh, name="Kementerian", needs_to_know=True, need="SK 12/2026")
    ReportDelivery.objects.create(edition=made[0], recipient=whom, created_at=now, next_attempt_at=now)
    for what in ("matriks", "rekapitulasi"):
        first, last = Month.parse(MONTH).first, timezone.localdate(now)
        span = {"asked_at": now, "first_on": first, "last_on": last, "region_id": VILLAGE}
        asked = Export(asked_by=full_world.desa, what=what, format=Format.CSV, programme=pkh, **span)
        exports.make(exports.ask(asked).pk, clock=timezone.now)
    return full_world


def own_addresses(base: str) -> Iterator[str]:
    """Yield an address of something that a case or an officer has, once for each one there is."""
    for model, words in KEYED.items():
        if any(word in base for word in words):
            for each in model.objects.all():
                number = each.complaint.number if NUMBER in base else ""
                yield base.replace(NUMBER, number).replace(str(uuid.UUID(int=1)), str(each.pk))


def pages_of_product(*, admin: bool) -> list[str]:
    """Return every address there is, with each number, key and kind that leads somewhere; of the admin also its rows.

    Who has nothing to do with the admin is turned away at its door, whatever the row.
    """
    found = set()
    for route in ROUTES:
        base = address(route, object_id="1")
        found |= set(own_addresses(base)) if str(uuid.UUID(int=1)) in base else set()
        for number in Complaint.objects.values_list("number", flat=True) if NUMBER in base else [NUMBER]:
            found.add(base.replace(NUMBER, number))
    for edition in Edition.objects.values_list("pk", flat=True):
        found |= {f"{REPORTS}{edition}.{kind}" for kind in ("pdf", "xlsx", "json")} | {f"{REPORTS}arsip/{edition}/"}
    for delivery, kind in itertools.product(ReportDelivery.objects.all(), links.KINDS):
        link = urllib.parse.urlsplit(links.address(delivery, kind)).path
        found |= {link, f"{link}berkas"}
    found |= {f"{REPORTS}{page}program=pkh&bulan={MONTH}" for page in ("?", "angka.csv?", "daftar/?ukuran=open&")}
    for model in admin_site._registry if admin else ():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for pk in model._default_manager.values_list("pk", flat=True)[:3]:
            found |= {reverse(f"{name}_{page}", args=[pk]) for page in ("change", "history")}
    return sorted(found)


def content_of(response) -> bytes:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(response.headers).encode() + body


WHO = ("desa", "kecamatan", "penyelia", "pusat", "kustodian", "auditor", "koordinator", "peninjau", "tetangga")


@pytest.mark.parametrize("who", [*WHO, "anonymous", "complainant"])
def test_d37_no_role_reads_the_identity_from_any_address(reported_world, who, monkeypatch):
    """Every address, read by everyone: pages, files, reports, admin. The reported stays with officers (D38).

    No report says who it is, to nobody. What is printed is read before it becomes a PDF: all of its words, and in a
    tenth of the time.
    """
    monkeypatch.setattr(printing, "to_pdf", lambda html, **options: html.encode())
    browser = Client(raise_request_exception=False)
    if who == "complainant":
        browser.post("/lacak/", {"code": reported_world.code})
    elif who != "anonymous":
        browser.force_login(reported_world.users[who])
    marks = OF_COMPLAINANT if who in WHO else OF_COMPLAINANT + OF_REPORTED
    found, answered = {}, 0
    for url in pages_of_product(admin=who == "peninjau"):
        response = browser.get(url)
        answered += response.status_code == 200
        unnamed = OF_REPORTED if url.startswith((REPORTS, "/laporan/")) else ()
        if marks_there := traces(content_of(response), marks + unnamed):
            found[url] = marks_there
    assert found == {}
    assert answered >= 8


@pytest.mark.parametrize("who", WHO)
def test_d37_no_search_counts_by_a_name(full_world, who):
    """What is found, and how much, is the same as for a word that stands nowhere (domain §11)."""
    browser = Client()
    browser.force_login(full_world.users[who])

    def answers(asked: str) -> list:
        typed = urllib.parse.quote(asked)
        pages = [f"/petugas/?q={typed}"]
        pages += [
            reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist") + f"?q={typed}"
            for model, admin in admin_site._registry.items()
            if admin.search_fields
        ]
        shown = [browser.get(page) for page in pages]
        return [
            (page.status_code, page.context and _found(page.context)) if page.status_code == 200 else page.status_code
            for page in shown
        ]

    nothing = answers("qqqqzzzz")
    words = (NAME, PHONE, EMAIL, "Zamrudiawati", "0813 9999 8877", REPORTED)
    assert {asked: answers(asked) for asked in words} == dict.fromkeys(words, nothing)


def _found(context) -> object:
    if "cl" in context:
        return context["cl"].result_count
    return len(context["page"].rows) if "page" in context else None
