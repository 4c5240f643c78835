"""The calendar from the decree's list or from the official one: what it would do is shown before it is done (D10)."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.cast import at
from workflow import corrections
from workflow.models import Holiday

URL, CONFIRM = "/admin/workflow/holiday/import/", "/admin/workflow/holiday/process_import/"
OFFICIAL = "/admin/workflow/holiday/daftar-resmi/"
LIST = """tanggal;nama;jenis;sementara
2026-05-14;Kenaikan Yesus Kristus;Libur nasional;
15/05/2026;Cuti bersama;cuti bersama;
2028-01-01;Tahun Baru;libur-nasional;ya
"""
FAULTY = """tanggal,nama,jenis,sementara
31-02-2026,,libur,mungkin
2019-01-01,A,cuti bersama,
2026-06-01,=1+1,cuti bersama,
2026-07-01,A,cuti bersama,
2026-07-01,B,cuti bersama,
31-02-2026,A,libur,mungkin
"""


@pytest.fixture
def reviewer(world, client):
    client.force_login(world.peninjau)
    return world.peninjau


def shown(client, text=LIST, **more):
    response = client.post(URL, {"format": "0", "import_file": SimpleUploadedFile("skb.csv", text.encode()), **more})
    assert response.context["form"].errors == {}
    return response


def confirmed(client, response):
    data = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode()))
    return client.post(CONFIRM, data)


def test_d10_the_decree_s_list_is_shown_with_what_would_move_and_then_followed(world, reviewer, client):
    running = world.complaint(received="2026-05-04 09:00")
    over = world.complaint("pertanyaan", received="2026-05-04 09:00")  # calendar days: no holiday moves it
    corrections.follow_calendar(now=at("2026-05-05 09:00"))
    page = shown(client)
    assert page.context["result"].consequence == "Tenggat sekitar 1 pengaduan yang berjalan akan berubah."
    assert "baru; belum ditetapkan" in page.content.decode()
    assert not Holiday.objects.filter(on="2026-05-14").exists()
    assert world.read(running).due_at == running.due_at
    assert confirmed(client, page).status_code == 302
    assert list(
        Holiday.objects.filter(on__gte="2026-05-01").exclude(on__month=12).values_list("on", "kind", "provisional")
    ) == [
        (date(2026, 5, 14), "libur-nasional", False),
        (date(2026, 5, 15), "cuti-bersama", False),
        (date(2027, 1, 1), "libur-nasional", False),
        (date(2028, 1, 1), "libur-nasional", True),
    ]
    assert world.read(running).due_at == at("2026-06-11 23:59:59")
    assert world.read(over).due_at == over.due_at
    assert world.read(running).events.filter(kind="ikuti-kalender").count() == 1


def test_d10_a_complete_list_takes_out_what_it_does_not_name_in_its_years_and_says_so(world, reviewer, client):
    text = "tanggal,nama,jenis,sementara\n2026-01-01,Tahun Baru Masehi,libur nasional,\n"
    page = shown(client, text, complete="on")
    assert page.context["result"].consequence.startswith(
        "Dihapus: 2026-03-19 Nyepi, 2026-03-20 Idulfitri, 2026-12-25 Natal."
    )
    assert Holiday.objects.filter(on__year=2026).count() == 4
    confirmed(client, page)
    assert [str(each) for each in Holiday.objects.filter(on__year=2026)] == ["2026-01-01 Tahun Baru Masehi"]
    assert Holiday.objects.filter(on__year=2027).count() == 2


def test_every_fault_of_a_line_is_told_and_nothing_is_written(world, reviewer, client):
    before = Holiday.objects.count()
    page = shown(client, FAULTY)
    told = {row.number: row.error_dict for row in page.context["result"].invalid_rows}
    assert told == {
        2: {
            "nama": ["Kolom ini harus diisi."],
            "tanggal": ["“31-02-2026” bukan tanggal. Tulis seperti 2026-03-01 atau 01-03-2026."],
            "jenis": ["Isi “libur nasional” atau “cuti bersama”."],
            "sementara": ["Isi “ya” atau kosongkan."],
        },
        3: {"tanggal": ["Kalender memuat tahun 2020 sampai 2036."]},
        4: {"nama": ["Sel ini berisi rumus. Tulis nilainya saja."]},
        6: {"__all__": ["Baris ini sama dengan baris lain dalam berkas ini. Hapus salah satunya."]},
        7: {
            "tanggal": ["“31-02-2026” bukan tanggal. Tulis seperti 2026-03-01 atau 01-03-2026."],
            "jenis": ["Isi “libur nasional” atau “cuti bersama”."],
            "sementara": ["Isi “ya” atau kosongkan."],
        },
    }
    assert Holiday.objects.count() == before


def test_d10_the_official_list_of_a_year_is_compared_and_followed_when_asked(world, reviewer, client):
    Holiday.objects.create(on=date(2026, 7, 1), name="Hari jadi kabupaten")
    corrections.follow_calendar(now=at("2026-05-05 09:00"))
    page = client.get(OFFICIAL, {"tahun": 2026})
    found = page.context["found"]
    assert date(2026, 5, 14) in {each.on for each in found.new}
    assert [each.name for each in found.unknown] == ["Hari jadi kabupaten"]
    assert Holiday.objects.filter(on__year=2026).count() == 5  # comparing has written nothing
    assert client.post(f"{OFFICIAL}?tahun=2026").status_code == 302
    assert Holiday.objects.filter(on__year=2026).count() == 26
    assert Holiday.objects.filter(name="Hari jadi kabupaten").exists()
    client.post(f"{OFFICIAL}?tahun=2026", {"take_out": "on"})
    assert not Holiday.objects.filter(name="Hari jadi kabupaten").exists()
    assert "Kalender 2026 sama dengan daftar resmi." in client.get(OFFICIAL, {"tahun": 2026}).content.decode()


def test_d10_a_year_that_is_not_decreed_is_marked_provisional(world, reviewer, client):
    client.post(f"{OFFICIAL}?tahun=2029")
    assert set(Holiday.objects.filter(on__year=2029).values_list("provisional", flat=True)) == {True}
    assert client.get(OFFICIAL, {"tahun": "1999"}).context["found"] is None


def test_what_would_move_is_counted_in_one_query_and_a_saturday_moves_nothing(world, django_assert_num_queries):
    for _ in range(3):
        world.complaint(received="2026-05-04 09:00")
    world.complaint("pertanyaan", received="2026-05-04 09:00")  # calendar days
    world.complaint(received="2026-05-14 09:00")  # came on that day: day 0 is not counted
    with django_assert_num_queries(1):
        assert corrections.would_move([date(2026, 5, 14), date(2026, 5, 16)]) == 3
    assert [corrections.would_move(days) for days in ([date(2026, 5, 16)], [date(2026, 5, 1)], [])] == [0, 0, 0]


@pytest.mark.parametrize("who", ["desa", "penyelia", "auditor", "tetangga"])
def test_d48_the_calendar_is_the_reviewers_alone(world, client, who):
    client.force_login(world.users[who])
    assert [client.get(url).status_code for url in (URL, OFFICIAL)] == [403, 403]
    assert [client.post(url).status_code for url in (CONFIRM, OFFICIAL)] == [403, 403]
