"""Paper is equal: forms to print for everybody, and a complaint box that is opened with its minutes (D58)."""

import io

import pikepdf
import pytest
from django.core.cache import cache
from pypdf import PdfReader

from pengaduan.models import Category, Channel, Complaint, Path
from tests.test_record_page import filled, there
from tests.test_steps_pages import problems
from workflow.views import paper


def text_of(response) -> str:
    assert response["Content-Type"] == "application/pdf"
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages).split())


def test_d58_anybody_prints_the_form_with_what_the_programme_lets_one_choose(client, world):
    """[K]: above the complainant and the complaint, below the classification."""
    response = client.get("/formulir/pkh.pdf")
    text = text_of(response)
    order = [
        text.index(part) for part in ("A. Pelapor", "Saya adalah", "B. Pengaduan", "C. Diisi petugas", "Kode pelacakan")
    ]
    assert order == sorted(order)
    offered = {name: name in text for name in ("Warga", "Surat", "Laporan BPKP", "Data peserta", "Transparansi")}
    assert offered == dict.fromkeys(offered, True)
    assert "Formulir daring" not in text
    assert response["Content-Disposition"] == 'inline; filename="formulir-pkh.pdf"'
    with pikepdf.open(io.BytesIO(response.content)) as document:
        assert bool(document.Root.MarkInfo.Marked)


def test_d58_the_form_for_who_is_no_participant_is_there_where_the_programme_has_such_complaints(client, world):
    """[K]: formulir C-2."""
    category = Category.objects.get(path=Path.EXCLUSION)
    text = text_of(client.get("/formulir/pkh/bukan-peserta.pdf"))
    assert f"Formulir pengaduan: {category.name}" in text
    assert "Anak usia 0–15 tahun" in text
    html = client.get("/formulir/").content.decode()
    assert html.count("Formulir bukan peserta") == 1


def test_d58_a_form_is_printed_once_and_again_when_the_programme_changes(client, world, monkeypatch):
    cache.clear()
    printed = []
    monkeypatch.setattr(paper, "to_pdf", lambda html, styles: printed.append(html) or b"%PDF-")
    for _time in range(3):
        assert client.get("/formulir/pkh.pdf").content == b"%PDF-"
    assert len(printed) == 1
    Channel.objects.filter(programme=world.programmes["pkh"], code="surat").update(name="Surat atau kartu pos")
    client.get("/formulir/pkh.pdf")
    assert ["kartu pos" in html for html in printed] == [False, True]


@pytest.mark.parametrize("path", ["tidak-ada.pdf", "tidak-ada/berita-acara-kotak.pdf", "pamsimas/bukan-peserta.pdf"])
def test_d58_a_form_that_does_not_exist_is_not_found(client, world, path):
    assert client.get(f"/formulir/{path}").status_code == 404


def test_d58_a_programme_that_is_closed_has_no_form(client, world):
    world.programmes["pkh"].active = False
    world.programmes["pkh"].save()
    assert client.get("/formulir/pkh.pdf").status_code == 404
    assert "Program Keluarga Harapan" not in client.get("/formulir/").content.decode()


def test_d58_the_minutes_of_the_box_ask_for_witnesses_and_for_no_names(client, world):
    text = text_of(client.get("/formulir/pkh/berita-acara-kotak.pdf"))
    asked = ("Saksi 1", "Saksi 2", "Jumlah surat", "Nomor pengaduan", "Jangan menulis nama pelapor")
    assert [part for part in asked if part not in text] == []


def box(world) -> Channel:
    return Channel.objects.create(
        programme=world.programmes["pkh"], code="kotak-pengaduan", name="Kotak pengaduan", position=3
    )


def test_d58_a_complaint_from_the_box_says_when_it_was_opened_and_before_whom(client, world):
    client.force_login(world.desa)
    channel = box(world)
    response = client.post(there(), filled(world, channel=channel.pk))
    assert (response.status_code, problems(response)) == (
        422,
        ["Isi kapan kotak pengaduan dibuka.", "Isi siapa yang menyaksikan pembukaan kotak."],
    )
    opened = {"box_opened_on_day": "2", "box_opened_on_month": "3", "box_opened_on_year": "2026"}
    typed = filled(world, channel=channel.pk, box_witnesses="Kepala dusun dan ketua RT 03", **opened)
    assert client.post(there(), typed).status_code == 302
    event = Complaint.objects.get().events.get()
    assert event.note.text == "Kotak pengaduan dibuka 2 Maret 2026, disaksikan: Kepala dusun dan ketua RT 03."
    assert "dusun" not in event.data
    assert "Kepala dusun dan ketua RT 03" in client.get(Complaint.objects.get().get_absolute_url()).content.decode()


def test_d58_what_is_said_of_a_box_counts_for_the_box_only(client, world):
    client.force_login(world.desa)
    assert client.post(there(), filled(world, box_witnesses="Siapa saja")).status_code == 302
    assert not hasattr(Complaint.objects.get().events.get(), "note")


def test_d15_findings_of_bpkp_are_said_to_be_counted_apart(client, world):
    client.force_login(world.desa)
    assert "Laporan BPKP (dihitung tersendiri)" in client.get(there()).content.decode()
