"""Assignments brought in from a spreadsheet: shown first, all or none, within the reviewer's area (D4, D48)."""

import io
import re
import zipfile
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import VILLAGE
from tiers import sheets
from tiers.assignment_import import AssignmentResource
from tiers.models import Assignment, Office, Tier, User

COLUMNS = AssignmentResource.columns
URL, CONFIRM = "/admin/tiers/assignment/import/", "/admin/tiers/assignment/process_import/"
NEW = ("rina", "Rina Sari", "rina@kantor.id", "pkh", VILLAGE, "petugas", "2026-05-01", "")


@pytest.fixture
def brebes(world):
    """Return a reviewer of PKH in Kabupaten Brebes alone."""
    user = User.objects.create_user("brebes", "brebes@kantor.id", None, name="Brebes")
    office = world.office(Tier.KABUPATEN, "33.29")
    Assignment.objects.create(user=user, office=office, role="peninjau", starts_on=date(2024, 1, 1))
    return user


def sheet(*rows, columns=COLUMNS) -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in (columns, *rows):
        book.active.append(row)
    written = io.BytesIO()
    book.save(written)
    return SimpleUploadedFile("penugasan.xlsx", written.getvalue())


def shown(client, *rows, **kwargs):
    response = client.post(URL, {"format": "0", "import_file": sheet(*rows, **kwargs)})
    assert response.status_code == 200
    assert response.context["form"].errors == {}
    return response


def confirmed(client, response):
    page = response.content.decode()
    data = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    return client.post(CONFIRM, {name: value for name, value in data.items() if name != "csrfmiddlewaretoken"})


def faults(response) -> dict:
    assert "confirm_form" not in response.context
    return {
        row.number: {name: said[0] for name, said in row.error_dict.items()}
        for row in response.context["result"].invalid_rows
    }


def test_d48_rows_are_shown_first_and_written_when_confirmed_with_who_did_it(world, brebes, client):
    Assignment.objects.filter(user=world.desa, office__programme__code="pamsimas").delete()
    client.force_login(brebes)
    page = shown(client, NEW, ("desa", "", "", "PKH", "33.29.01", "Penyelia", date(2026, 5, 4), "31/12/2026"))
    assert [row.import_type for row in page.context["result"].rows] == ["new", "new"]
    assert not User.objects.filter(username="rina").exists()
    assert not Assignment.objects.filter(starts_on__year=2026).exists()
    assert confirmed(client, page).status_code == 302
    rina = User.objects.get(username="rina")
    assert (rina.name, rina.email, rina.has_usable_password(), rina.is_superuser) == (
        "Rina Sari",
        "rina@kantor.id",
        False,
        False,
    )
    assert [(each.office, each.role, each.starts_on) for each in rina.assignments.all()] == [
        (world.office(Tier.DESA, VILLAGE), "petugas", date(2026, 5, 1))
    ]
    added = Assignment.objects.get(user=world.desa, role="penyelia")
    assert (added.office, added.ends_on) == (world.office(Tier.KECAMATAN, "33.29.01"), date(2026, 12, 31))
    for row in (rina, added):
        event = type(row).pgh_event_models["insert"].objects.get(pgh_obj_id=row.pk)
        assert event.pgh_context.metadata["user"] == brebes.pk


def test_every_fault_of_a_row_is_told_in_its_column_and_nothing_is_written(world, brebes, client):
    client.force_login(brebes)
    before = (User.objects.count(), Assignment.objects.count(), Office.objects.count())
    page = shown(
        client,
        NEW,
        ("rina 2", "", "bukan surel", "pkk", "33.29.99", "raja", "besok", ""),
        ("rudi", "Rudi", "rudi@kantor.id", "pkh", "99", "petugas", "2026-05-01", "2026-04-01"),
        ("", "", "", "", "", "", "", "2026-04-01"),
        ("sari", "Sari", '=HYPERLINK("http://x")', "pkh", VILLAGE, "petugas", "2026-05-01", ""),
        NEW,
    )
    told = faults(page)
    assert told[3] == {
        "nama": "Isi untuk orang baru.",
        "program": "Program dengan kode ini tidak ada. Periksa kodenya.",
        "peran": "Peran ini tidak ada. Pilih dari: petugas, penyelia, koordinator, peninjau, auditor, kustodian, "
        "admin-sistem.",
        "mulai": "“besok” bukan tanggal. Tulis seperti 2026-03-01 atau 01-03-2026.",
    }
    assert told[4] == {
        "kode wilayah": "Wilayah dengan kode ini tidak ada. Periksa kodenya.",
        "sampai": "Tanggal akhir harus sesudah tanggal mulai.",
    }
    assert set(told[5]) == {"nama pengguna", "program", "peran", "mulai"}
    assert told[6] == {"surel": "Sel ini berisi rumus. Tulis nilainya saja."}
    assert told[7] == {"__all__": "Baris ini sama dengan baris lain dalam berkas ini. Hapus salah satunya."}
    assert (User.objects.count(), Assignment.objects.count(), Office.objects.count()) == before


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("tetangga", "", "", "pkh", VILLAGE, "petugas", "2026-05-01", ""), "nama pengguna"),  # works in Tegal
        (("brebes", "", "", "pkh", VILLAGE, "kustodian", "2026-05-01", ""), "nama pengguna"),  # oneself
        (("baru", "Baru", "b@kantor.id", "pkh", "33.28", "petugas", "2026-05-01", ""), "kode wilayah"),
        (("baru", "Baru", "b@kantor.id", "pkh", "", "petugas", "2026-05-01", ""), "kode wilayah"),  # Pusat
        (("baru", "Baru", "b@kantor.id", "pamsimas", VILLAGE, "petugas", "2026-05-01", ""), "kode wilayah"),
        (("baru", "Baru", "b@kantor.id", "pkh", "33", "petugas", "2026-05-01", ""), "kode wilayah"),
    ],
)
def test_d04_nobody_is_placed_or_taken_outside_the_reviewer_s_area(world, brebes, client, row, column):
    client.force_login(brebes)
    assert list(faults(shown(client, row))[2]) == [column]


def test_an_assignment_that_is_there_gets_its_last_day_and_one_that_is_the_same_stays(world, brebes, client):
    Assignment.objects.filter(office__programme__code="pamsimas").delete()
    client.force_login(brebes)
    desa = ("desa", "", "", "pkh", VILLAGE, "petugas", "2024-01-01", "2026-06-30")
    kecamatan = ("kecamatan", "", "", "pkh", "33.29.01", "petugas", "2024-01-01", "")
    page = shown(client, desa, kecamatan)
    assert [row.import_type for row in page.context["result"].rows] == ["update", "skip"]
    confirmed(client, page)
    own = world.desa.assignments.get()
    assert own.ends_on == date(2026, 6, 30)
    assert [event.ends_on for event in type(own).pgh_event_models["insert"].objects.filter(pgh_obj_id=own.pk)] == [
        None,
        date(2026, 6, 30),
    ]
    overlap = ("kecamatan", "", "", "pkh", "33.29.01", "petugas", "2026-05-01", "")
    assert faults(shown(client, overlap))[2] == {
        "mulai": "Sudah bertugas di kantor itu dengan peran itu sejak 2024-01-01."
    }


def test_what_became_wrong_between_showing_and_confirming_writes_no_row_at_all(world, brebes, client):
    client.force_login(brebes)
    page = shown(client, NEW, ("budi", "Budi", "budi@kantor.id", "pkh", VILLAGE, "petugas", "2026-05-01", ""))
    User.objects.create_user("budi", "budi@lain.id", None, name="Budi Lain")
    response = confirmed(client, page)
    assert response.status_code == 409
    assert "Belum ada yang disimpan." in response.content.decode()
    assert not User.objects.filter(username="rina").exists()
    assert not Assignment.objects.filter(starts_on__year=2026).exists()


def test_a_file_that_is_gone_by_the_time_of_confirming_is_asked_for_again(world, brebes, client):
    client.force_login(brebes)
    kept = {"import_file_name": "0" * 32, "original_file_name": "x.xlsx", "format": "0", "resource": ""}
    assert client.post(CONFIRM, kept).headers["Location"] == URL


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"nama pengguna,nama\nu\x00x,Ujang\n", "Berkas ini bukan XLSX atau CSV yang dapat dibaca."),
        (b"PK\x03\x04 bukan apa-apa", "Berkas ini bukan XLSX yang dapat dibaca."),
        (b"\x89PNG\r\n\xff", "Berkas ini bukan XLSX atau CSV yang dapat dibaca."),
        (b"nama pengguna;nama", "Berkas ini tidak berisi baris. Isi mulai baris kedua; baris pertama judul kolom."),
        (b"a,b\n" + b"1,2\n" * (sheets.MOST_ROWS + 1), "Paling banyak 2.000 baris dalam satu berkas."),
        (b"a" * (sheets.MOST_BYTES + 1), "Berkas ini terlalu besar. Paling besar 1 MB; bagi menjadi beberapa berkas."),
    ],
)
def test_a_file_that_is_no_sheet_or_too_large_is_refused_with_a_sentence(world, brebes, client, content, sentence):
    client.force_login(brebes)
    file = SimpleUploadedFile("x.xlsx", content)
    response = client.post(URL, {"format": "0", "import_file": file})
    assert response.context["form"].errors == {"import_file": [sentence]}


def test_a_sheet_that_unpacks_to_gigabytes_is_refused_before_it_is_read(world, brebes, client):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.MOST_UNPACKED + 1))
    client.force_login(brebes)
    response = client.post(URL, {"format": "0", "import_file": SimpleUploadedFile("x.xlsx", packed.getvalue())})
    assert response.context["form"].errors == {"import_file": ["Berkas ini terlalu besar sesudah dibuka."]}


def test_a_sheet_without_a_column_is_told_which(world, brebes, client):
    client.force_login(brebes)
    page = shown(client, ("rina", "Rina"), columns=("nama pengguna", "nama"))
    assert "Kolom ini tidak ada: surel, program, kode wilayah, peran, mulai, sampai." in page.content.decode()


def test_the_template_has_the_columns_and_what_goes_out_comes_in_again_unchanged(world, brebes, client):
    Assignment.objects.filter(office__programme__code="pamsimas").delete()
    User.objects.filter(pk=world.desa.pk).update(name="=1+1")
    client.force_login(brebes)
    template = client.get("/admin/tiers/assignment/import/templat.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(template.content))
    assert [cell.value for cell in book.worksheets[0][1]] == list(COLUMNS)
    out = client.get("/admin/tiers/assignment/penugasan.xlsx").content
    table = openpyxl.load_workbook(io.BytesIO(out)).worksheets[0]
    assert {row[0].value for row in table.iter_rows(min_row=2)} == {
        "desa",
        "kecamatan",
        "kabupaten",
        "penyelia",
        "brebes",
    }
    assert {cell.data_type for row in table.iter_rows() for cell in row} == {"s", "d"}  # none is a formula
    User.objects.filter(pk=world.desa.pk).update(name="Desa")
    out = client.get("/admin/tiers/assignment/penugasan.xlsx").content
    rows = [
        [cell.value for cell in row]
        for row in openpyxl.load_workbook(io.BytesIO(out)).worksheets[0].iter_rows(min_row=2)
    ]
    page = shown(client, *(row for row in rows if row[0] != "brebes"))
    assert {row.import_type for row in page.context["result"].rows} == {"skip"}


@pytest.mark.parametrize("who", ["desa", "tetangga", "auditor", "koordinator"])
def test_d48_who_does_not_configure_neither_imports_nor_takes_the_template(world, client, who):
    client.force_login(world.users[who])
    for url in (URL, "/admin/tiers/assignment/import/templat.xlsx"):
        assert client.get(url).status_code == 403
    assert client.post(CONFIRM, {}).status_code == 403
    out = client.get("/admin/tiers/assignment/penugasan.xlsx")
    assert out.status_code == (200 if who == "auditor" else 403)
