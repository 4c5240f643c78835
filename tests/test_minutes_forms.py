"""Forms to print for a forum: minutes and attendance, filled in as far as known, with no name in them (D27, D28)."""

import io
import re
from datetime import date, timedelta
from decimal import Decimal

import pikepdf
import pytest
from pypdf import PdfReader

from pengaduan.models import Stage
from tests.journey import START, to_stage
from workflow import actions
from workflow.forms.printed import PrintedForm

LATER = START + timedelta(days=2)
IDENTITY = {"name": "Siti Rahasia", "phone": "+628123456789", "email": "siti@rahasia.id", "address": "Jalan Sembunyi 7"}


def printed(client, user, complaint, kind):
    client.force_login(user)
    return client.get(f"{complaint.get_absolute_url()}formulir/{kind}.pdf")


def text_of(response) -> str:
    pages = PdfReader(io.BytesIO(response.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def monitored(world):
    """Return a case in monitoring with a reported party, an action, money and a result."""
    complaint = to_stage(world, Stage.MONITORING)
    complaint.reported_parties.create(words="Sebutan terlapor")
    facts = {"kind": "prosedur", "what": "Daftar ditempel", "who": "Kelompok", "until": date(2026, 3, 10)}
    actions.agree_action(world.read(complaint), by=world.desa, now=LATER, **facts)
    actions.record_money(world.read(complaint), by=world.desa, now=LATER, lost_amount=Decimal(1_500_000))
    return world.read(complaint)


def test_d27_the_minutes_of_a_settlement_are_filled_in_as_far_as_known(client, world):
    complaint = monitored(world)
    response = printed(client, world.desa, complaint, "berita-acara-penyelesaian")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == f'inline; filename="berita-acara-penyelesaian-{complaint.number}.pdf"'
    assert "no-store" in response["Cache-Control"]
    told = text_of(response)
    known = [
        complaint.number, "Berita acara penyelesaian", "Ketua Kelompok Indrajaya", "Kantor pos membayar",
        "Daftar ditempel", "10 Mar 2026", "Rp 1.500.000", "Keputusan musyawarah ada", "Pemimpin musyawarah",
    ]  # fmt: skip
    assert [each for each in known if each not in told] == []


def test_d28_the_minutes_of_a_review_say_that_the_old_deadline_holds(client, world):
    complaint = to_stage(world, Stage.REVIEW)
    told = text_of(printed(client, world.desa, complaint, "berita-acara-peninjauan"))
    assert "Peninjauan yang ke 1" in told
    assert "Tenggat yang lama tetap berlaku." in told
    assert "Kurang satu tahap" not in told  # the complainant's own words are theirs


def test_d27_the_attendance_has_twenty_lines_to_sign(client, world):
    told = text_of(printed(client, world.desa, monitored(world), "daftar-hadir"))
    lines = re.findall(r"\b\d{1,2}\b", told.partition("Tanda tangan")[2].partition("Siapa pun")[0])
    assert [number for number in lines if number in {"1", "20", "21"}] == ["1", "20"]


@pytest.mark.parametrize("kind", PrintedForm)
def test_d37_no_form_names_who_complained_their_code_or_who_is_reported(client, world, kind):
    complaint = world.complaint(identity=IDENTITY)
    complaint.reported_parties.create(words="Sebutan terlapor")
    complaint.reported_parties.create(user=world.kecamatan)
    response = printed(client, world.desa, complaint, kind)
    told = text_of(response)
    code = complaint.receipt.code
    secrets = [*IDENTITY.values(), code, " ".join(code[i : i + 4] for i in range(0, 16, 4)), "Sebutan", "Kecamatan"]
    with pikepdf.open(io.BytesIO(response.content)) as document:
        about = str(document.docinfo) + str(document.open_metadata())
    assert [each for each in secrets if each in told.replace("UPPKH Kecamatan", "") or each in about] == []


@pytest.mark.parametrize("kind", PrintedForm)
def test_d27_a_form_can_be_read_by_a_screen_reader(client, world, kind):
    response = printed(client, world.desa, monitored(world), kind)
    with pikepdf.open(io.BytesIO(response.content)) as document:
        assert document.Root.MarkInfo.Marked is True or bool(document.Root.MarkInfo.Marked)
        assert str(document.Root.Lang) == "id"


@pytest.mark.parametrize("name", ["tetangga", "kabupaten"])
def test_d49_the_neighbour_and_the_accused_print_nothing(client, world, name):
    complaint = monitored(world)
    complaint.reported_parties.create(user=world.kabupaten)
    assert printed(client, getattr(world, name), complaint, "daftar-hadir").status_code == 404
    client.logout()
    address = f"{complaint.get_absolute_url()}formulir/daftar-hadir.pdf"
    assert client.get(address).url == f"/masuk/?next={address}"


def test_an_unknown_form_is_not_found(client, world):
    assert printed(client, world.desa, world.complaint(), "sertifikat").status_code == 404


def test_d27_the_pages_that_ask_for_minutes_offer_the_forms(client, world):
    settling, reviewing = monitored(world), to_stage(world, Stage.REVIEW)
    found = {}
    for complaint, code in ((settling, "nyatakan-selesai"), (reviewing, "tinjau-ke-analisis")):
        client.force_login(world.desa)
        html = client.get(f"{complaint.get_absolute_url()}langkah/{code}/").content.decode()
        found[code] = re.findall(r'href="[^"]*/formulir/([a-z-]+)\.pdf"', html)
    assert found == {
        "nyatakan-selesai": ["berita-acara-penyelesaian", "daftar-hadir"],
        "tinjau-ke-analisis": ["berita-acara-peninjauan", "daftar-hadir"],
    }
