"""The record searched: by number, person, kind, period, office; only visible cases, never an identity (D37, D40)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pengaduan.models import Event, ReportedParty, Stage
from tests.cast import NEIGHBOUR_VILLAGE, at
from tests.journey import to_stage
from tiers.models import Assignment, Tier, User
from workflow import actions
from workflow.admin_trail import KINDS, ROWS
from workflow.models import IdentityRequest

URL, OPENED = "/admin/pengaduan/event/", "/admin/workflow/identityrequest/"


def found(client, **wanted) -> list[Event]:
    response = client.get(URL, wanted)
    assert response.status_code == 200
    return [line.event for line in response.context["lines"]]


def test_d40_the_record_is_found_by_number_person_kind_period_and_office(world, client):
    complaint = to_stage(world, Stage.ANALYSIS)
    other = world.complaint("pertanyaan", region=NEIGHBOUR_VILLAGE)
    client.force_login(world.auditor)
    assert {event.complaint_id for event in found(client)} == {complaint.pk, other.pk}
    assert {event.complaint for event in found(client, nomor=complaint.number.lower())} == {complaint}
    assert {event.kind for event in found(client, orang="desa")} == {"daftarkan", "nyatakan-terbukti"}
    assert [event.kind for event in found(client, jenis="nyatakan-terbukti")] == ["nyatakan-terbukti"]
    assert {event.complaint for event in found(client, kantor="kelompok wanasari")} == {other}
    assert {event.kind for event in found(client, sejak="2026-03-03", sampai="2026-03-03")} == {
        "daftarkan",
        "nyatakan-terbukti",
    }
    assert found(client, orang="tetangga") == []
    assert "Tidak ada catatan yang cocok." in client.get(URL, {"orang": "tidak ada"}).content.decode()


def test_a_slip_in_the_search_is_a_sentence(world, client):
    client.force_login(world.auditor)
    form = client.get(URL, {"sejak": "2026-03-03", "sampai": "2026-03-01", "jenis": "raja"}).context["form"]
    assert set(form.errors) == {"sampai", "jenis"}


def test_older_pages_follow_by_the_last_row_in_the_same_number_of_queries(world, client):
    world.complaint("pertanyaan")
    client.force_login(world.auditor)
    with CaptureQueriesContext(connection) as with_one:
        client.get(URL)
    for _ in range(ROWS + 4):
        world.complaint("pertanyaan")
    with CaptureQueriesContext(connection) as with_many:
        first = client.get(URL)
    assert len(with_many) == len(with_one)
    assert len(first.context["lines"]) == ROWS
    second = client.get(f"{URL}?{first.context['following']}")
    keys = [line.event.pk for page in (first, second) for line in page.context["lines"]]
    assert keys == sorted(Event.objects.values_list("pk", flat=True), reverse=True)
    assert second.context["following"] == ""


def test_d35_a_case_in_which_the_reader_is_reported_is_not_in_the_record_they_read(world, client):
    against = world.complaint()
    ReportedParty.objects.create(complaint=against, user=world.auditor)
    client.force_login(world.auditor)
    assert found(client) == []


def test_d48_a_reviewer_of_another_kabupaten_finds_nothing_of_this_one(world, client):
    complaint = world.complaint()
    event = complaint.events.first()
    tegal = User.objects.create_user("tegal", "tegal@kantor.id", None, name="Tegal")
    office = world.office(Tier.KABUPATEN, "33.28")
    Assignment.objects.create(user=tegal, office=office, role="peninjau", starts_on=date(2024, 1, 1))
    client.force_login(tegal)
    assert found(client) == found(client, nomor=complaint.number) == []
    assert client.get(f"{URL}{event.pk}/change/").status_code == 302


@pytest.mark.parametrize("who", ["desa", "penyelia", "tetangga", "koordinator", "kustodian"])
def test_d48_officers_search_no_record_but_that_of_their_cases(world, client, who):
    client.force_login(world.users[who])
    assert [client.get(url).status_code for url in (URL, OPENED)] == [403, 403]


def test_d63_who_opened_an_identity_is_found_with_the_motive_and_without_the_identity(world, client):
    complaint = to_stage(world, Stage.CLARIFICATION)
    person = complaint.complainants.get()
    now = at("2026-03-04 09:00")
    actions.ask_identity(complaint, person, by=world.desa, now=now, purpose="menghubungi", motive="Alamat tidak jelas")
    client.force_login(world.auditor)
    page = client.get(OPENED)
    assert list(page.context["cl"].queryset.values_list("asked_by__username", "motive")) == [
        ("desa", "Alamat tidak jelas")
    ]
    assert list(client.get(OPENED, {"keadaan": "dibuka"}).context["cl"].queryset) == []
    assert client.get(OPENED, {"keadaan": "menunggu"}).context["cl"].queryset.count() == 1
    row = IdentityRequest.objects.get()
    for url in (OPENED, f"{OPENED}{row.pk}/change/", URL):
        text = client.get(url).content.decode()
        for secret in ("Siti Contoh", "siti@contoh.id", "tetangga sudah menerima", complaint.receipt.code):
            assert secret not in text


def test_every_kind_of_event_that_a_step_leaves_has_a_name():
    assert all(str(label) for label in KINDS.values())
    assert {"diterima", "buka-identitas", "kembalikan-mutu"} <= set(KINDS)
