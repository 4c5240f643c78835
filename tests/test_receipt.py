"""The receipt: on the screen, and as a proof on paper that names nobody (D11, D22, D37, D62)."""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format
from pypdf import PdfReader

from pengaduan import tracking
from pengaduan.models import Complaint
from tests.test_lapor import fill, send
from workflow.models import Draft

PROOF = "/lapor/tanda-terima.pdf"


@pytest.fixture(autouse=True)
def no_attempts_yet(db):
    cache.clear()


def words_of(response) -> str:
    pages = PdfReader(io.BytesIO(response.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def sent(client) -> Complaint:
    fill(client)
    send(client)
    return Complaint.objects.select_related("office", "region").get()


def day(complaint, instant) -> str:
    return date_format(timezone.localtime(instant, ZoneInfo(complaint.zone)), "j F Y")


def test_d22_the_proof_says_number_time_office_deadline_and_where_to_follow(world, client):
    """D11, D22."""
    complaint = sent(client)
    words = words_of(client.get(PROOF))
    code = tracking.in_groups(client.get("/lapor/tanda-terima/").context["code"])
    wanted = [
        complaint.number, complaint.office.name, f"Diterima {day(complaint, complaint.received_at)} pukul", "WIB",
        day(complaint, complaint.tier_due_at), "Lamanya 26 hari kerja.", "/lacak/", "Ombudsman", code,
    ]  # fmt: skip
    assert [each for each in wanted if each not in words] == []


def test_d11_the_proof_names_each_day_left_out(world, client):
    sent(client)
    left_out = client.get("/lapor/tanda-terima/").context["left_out"]
    words = words_of(client.get(PROOF))
    assert [why for on, why in left_out if f"{date_format(on, 'j F Y')} ({why})" not in words] == []
    assert len(left_out) > 0


def test_d37_the_proof_names_neither_complainant_nor_accused_and_no_cache_keeps_it(world, client):
    sent(client)
    response = client.get(PROOF)
    words = words_of(response)
    assert [each for each in ("Siti", "siti@", "81234567890", "Ketua kelompok", "belum cair") if each in words] == []
    assert (response["Content-Disposition"], "no-store" in response["Cache-Control"]) == (
        'inline; filename="tanda-terima.pdf"', True,
    )  # fmt: skip


def test_the_proof_can_be_read_out(world, client):
    """PDF/UA: tagged, with a title and a language."""
    sent(client)
    pdf = PdfReader(io.BytesIO(client.get(PROOF).content))
    root = pdf.trailer["/Root"]
    assert ("/StructTreeRoot" in root, root["/Lang"], pdf.metadata.title.startswith("Bukti pengaduan")) == (
        True, "id", True,
    )  # fmt: skip


def test_d62_after_an_hour_the_proof_bears_no_code(world, client):
    sent(client)
    code = tracking.in_groups(client.get("/lapor/tanda-terima/").context["code"])
    assert code in words_of(client.get(PROOF))
    Draft.objects.update(updated_at=timezone.now() - timedelta(minutes=61))
    words = words_of(client.get(PROOF))
    assert (code in words, "Kode pelacakan" in words, Complaint.objects.get().number in words) == (False, False, True)


def test_another_visitor_gets_no_proof(world, client):
    sent(client)
    officer = Client()
    officer.force_login(world.tetangga)
    assert [each.get(PROOF).url for each in (Client(), officer)] == ["/lacak/"] * 2


def test_the_receipt_says_the_next_step_its_day_and_where_to_get_the_proof(world, client):
    complaint = sent(client)
    html = client.get("/lapor/tanda-terima/").content.decode()
    due = timezone.localtime(complaint.tier_due_at, ZoneInfo(complaint.zone)).date()
    wanted = [
        complaint.office.name,
        f'datetime="{due.isoformat()}"',
        f'href="{PROOF}"',
        "Foto layar ini",
        "Mengapa tanggal ini?",
    ]
    assert [each for each in wanted if each not in html] == []


def test_the_receipt_does_not_promise_a_day_that_no_longer_holds(world, client):
    complaint = sent(client)
    Complaint.objects.filter(pk=complaint.pk).update(waiting_since=timezone.now())
    html = client.get("/lapor/tanda-terima/").content.decode()
    assert ("paling lambat" in html, "Sudah ada perkembangan." in html) == (False, True)
