"""Every address, read by everyone, with one person in everything that has a page (D37, D38)."""

import urllib.parse
import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pengaduan.models import Attachment, Complaint, Stage
from reports.models import Edition
from tests.cast import World
from tests.journey import lead_on
from tests.test_canary import EMAIL, IDENTITY, MONTH, NAME, OF_COMPLAINANT, OF_REPORTED, PHONE, REPORTED
from tests.test_every_url import NUMBER, ROUTES, address
from tests.traces import traces
from tiers.admin_site import site as admin_site
from workflow import actions, printing
from workflow.models import IdentityRequest, Letter

pytestmark = pytest.mark.slow


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


def pages_of_product() -> list[str]:
    """Return every address there is, with each number, key and kind that leads somewhere."""
    numbers = list(Complaint.objects.values_list("number", flat=True))
    keys = [
        str(key)
        for model in (Letter, Attachment, IdentityRequest)
        for key in model.objects.values_list("pk", flat=True)
    ]
    found = set()
    for route in ROUTES:
        base = address(route, object_id="1")
        for number in numbers if NUMBER in base else [NUMBER]:
            for key in keys if str(uuid.UUID(int=1)) in base else [""]:
                found.add(base.replace(NUMBER, number).replace(str(uuid.UUID(int=1)), key))
    for edition in Edition.objects.values_list("pk", flat=True):
        found |= {f"/petugas/laporan/{edition}.{kind}" for kind in ("pdf", "xlsx", "json")}
    for model in admin_site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        for pk in model._default_manager.values_list("pk", flat=True)[:3]:
            found |= {reverse(f"{name}_{page}", args=[pk]) for page in ("change", "history")}
    return sorted(found)


def content_of(response) -> bytes:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(response.headers).encode() + body


WHO = ("desa", "kecamatan", "penyelia", "pusat", "kustodian", "auditor", "koordinator", "peninjau", "tetangga")


@pytest.mark.parametrize("who", [*WHO, "anonymous", "complainant"])
def test_d37_no_role_reads_the_identity_from_any_address(full_world, who, monkeypatch):
    """Every address, read by everyone: pages, files, reports, admin. The reported stays with officers (D38).

    What is printed is read before it becomes a PDF: all of its words, and in a tenth of the time.
    """
    monkeypatch.setattr(printing, "to_pdf", lambda html, **options: html.encode())
    browser = Client(raise_request_exception=False)
    if who == "complainant":
        browser.post("/lacak/", {"code": full_world.code})
    elif who != "anonymous":
        browser.force_login(full_world.users[who])
    marks = OF_COMPLAINANT if who in WHO else OF_COMPLAINANT + OF_REPORTED
    found, answered = {}, 0
    for url in pages_of_product():
        response = browser.get(url)
        answered += response.status_code == 200
        if marks_there := traces(content_of(response), marks):
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
