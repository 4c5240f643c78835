"""Lists that one takes along: asked once, made whole, fetched by their asker alone, gone after a week (D46, D49)."""

import csv
import io
import re
import threading
import uuid
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from pengaduan.models import Complaint, ReportedParty
from reports import tasks
from reports.export_models import Export, State
from reports.lists import export_files, exports
from tests.cast import NEIGHBOUR_VILLAGE, OTHER_VILLAGE, at
from tiers.models import Assignment, Programme, Region, Tier, User

PAGE = "/petugas/laporan/ekspor/"
FORM = {
    "apa": "matriks", "program": "pkh", "wilayah": "33.29", "bentuk": "csv",
    "dari_day": "1", "dari_month": "3", "dari_year": "2026", "sampai_day": "31", "sampai_month": "3",
    "sampai_year": "2026",
}  # fmt: skip


def wanted(user, what="matriks", format="csv", region="33.29") -> Export:
    """Return an ask for March that is not kept yet."""
    return Export(
        asked_by=user, asked_at=at("2026-04-02 09:00"), what=what, format=format,
        programme=Programme.objects.get(code="pkh"), region=Region.objects.get(pk=region),
        first_on=date(2026, 3, 1), last_on=date(2026, 3, 31),
    )  # fmt: skip


def made(user, **what) -> Export:
    """Return a list that was asked for and made."""
    export = exports.ask(wanted(user, **what))
    exports.make(export.pk, clock=lambda: at("2026-04-02 09:01"))
    return Export.objects.get(pk=export.pk)


def kept(export: Export, number: int = 1) -> bytes:
    with default_storage.open(export.files[number - 1]["path"]) as file:
        return file.read()


def lines(export: Export) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(kept(export).decode("utf-8-sig")), delimiter=";"))


def numbers(export: Export) -> list[str]:
    return [line["Nomor pengaduan"] for line in lines(export)] if export.files else []


@pytest.fixture
def march(world):
    """Return the world with three complaints of March in Brebes and one of the neighbour."""
    world.cases = [
        world.complaint(received=f"2026-03-0{day} 10:00", region=region)
        for day, region in enumerate(("33.29.01.2001", OTHER_VILLAGE, "33.29.01.2001"), start=2)
    ]
    world.theirs = world.complaint(region=NEIGHBOUR_VILLAGE)
    return world


def test_a_short_list_is_there_at_once_and_a_second_ask_makes_another(march, client):
    client.force_login(march.kabupaten)
    answer = client.post(PAGE, FORM)
    (export,) = Export.objects.all()
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}{export.pk}/")
    assert (export.state, export.rows, len(export.files)) == (State.READY, 3, 1)
    page = client.get(answer["Location"]).content.decode()
    assert re.findall(r'href="([^"]*unduh[^"]*)"', page) == [f"{PAGE}{export.pk}/1/unduh/"]
    file = client.get(f"{PAGE}{export.pk}/1/unduh/")
    assert file["Content-Disposition"] == 'attachment; filename="matriks-pkh-33.29-2026-03-01-2026-03-31.csv"'
    assert (file["Content-Type"], "no-store" in file["Cache-Control"]) == ("text/csv; charset=utf-8", True)
    assert b"".join(file.streaming_content) == kept(export)
    assert numbers(export) == [case.number for case in march.cases]
    export.refresh_from_db()
    assert export.fetches == 1
    client.post(PAGE, FORM)
    assert Export.objects.filter(state=State.READY).count() == 2


def test_each_sees_only_what_visible_to_gives_and_the_file_tells_nothing_else(march):
    """D49: for who is reported, or stepped aside, the list is whole without the case; nothing betrays the gap."""
    ReportedParty.objects.create(complaint=march.cases[0], user=march.kabupaten)
    march.cases[1].recusals.create(user=march.kabupaten, at=at("2026-03-05 09:00"))
    export = made(march.kabupaten)
    assert numbers(export) == [march.cases[2].number]
    assert (export.total, export.rows, [line["No."] for line in lines(export)]) == (1, 1, ["1"])
    assert numbers(made(march.koordinator)) == [case.number for case in march.cases]  # of Pusat, and not concerned
    elsewhere = User.objects.create_user("lain", "", None, name="Koordinator lain")
    office = march.office(Tier.KABUPATEN, "33.28")
    Assignment.objects.create(user=elsewhere, office=office, role="koordinator", starts_on=date(2026, 1, 1))
    assert numbers(made(elsewhere)) == []


def test_the_outsider_gets_nothing_at_any_of_its_addresses(march, client):
    """D49: the neighbour, the complainant's village officer, nobody signed in: another's list does not exist."""
    export = made(march.kabupaten)
    addresses = [f"{PAGE}{export.pk}/", f"{PAGE}{export.pk}/1/unduh/"]
    posts = [f"{PAGE}{export.pk}/batal/", f"{PAGE}{export.pk}/ulangi/"]
    for who in ("tetangga", "desa", "auditor", "peninjau"):
        client.force_login(march.users[who])
        assert [client.get(url).status_code for url in addresses] == [404, 404], who
        assert [client.post(url).status_code for url in posts] == [404, 404], who
    client.force_login(march.tetangga)
    refused = client.post(PAGE, FORM)
    assert (refused.status_code, Export.objects.count()) == (422, 1)
    client.logout()
    assert {client.get(url).status_code for url in addresses} == {302}
    assert numbers(made(march.tetangga)) == []  # and were the form no guard


def test_who_reads_no_cases_is_told_so(march, client):
    client.force_login(march.kustodian)
    page = client.get(PAGE)
    assert (page.status_code, "Buat daftar" in page.content.decode()) == (200, False)
    assert client.post(PAGE, FORM).status_code == 200
    assert Export.objects.count() == 0


def test_a_file_whose_asker_may_no_longer_see_all_of_it_is_gone_with_the_sentence_of_any_old_file(march, client):
    """D49: neither its being gone nor its words tell that a case is against the reader."""
    old, touched, lost = made(march.kabupaten), made(march.kabupaten), made(march.kabupaten)
    Export.objects.filter(pk=old.pk).update(ended_at=at("2026-03-20 09:00"))
    assert exports.forget_old(now=at("2026-04-02 10:00")) == 1
    ReportedParty.objects.create(complaint=march.cases[0], user=march.kabupaten)
    client.force_login(march.kabupaten)
    assert client.get(f"{PAGE}{touched.pk}/1/unduh/").status_code == 302
    pages = [client.get(f"{PAGE}{each.pk}/").content.decode() for each in (old, touched)]
    bare = [re.sub(r'[0-9a-f-]{36}|value="[^"]{64}"|nonce="[^"]*"', "", page) for page in pages]
    assert bare[0] == bare[1]
    assert not default_storage.exists(touched.files[0]["path"])
    Assignment.objects.filter(user=march.kabupaten).update(ends_on=date(2026, 4, 1))
    office = march.office(Tier.KABUPATEN, "33.28")
    Assignment.objects.create(user=march.kabupaten, office=office, role="petugas", starts_on=date(2026, 4, 1))
    assert client.get(f"{PAGE}{lost.pk}/1/unduh/").status_code == 404
    assert client.post(f"{PAGE}{lost.pk}/ulangi/").status_code == 404
    assert Export.objects.get(pk=lost.pk).state == State.GONE


def test_a_file_is_kept_for_seven_days_and_its_record_for_ever(march, client):
    export = made(march.kabupaten)
    assert exports.forget_old(now=at("2026-04-09 09:00")) == 0
    assert exports.forget_old(now=at("2026-04-09 09:02")) == 1
    export.refresh_from_db()
    assert (export.state, export.files, export.rows) == (State.GONE, [], 3)
    assert default_storage.listdir("ekspor")[0] == []
    client.force_login(march.kabupaten)
    assert client.get(f"{PAGE}{export.pk}/1/unduh/").status_code == 404


def test_what_a_killed_worker_was_writing_goes_a_day_later(db, tmp_path, monkeypatch):
    monkeypatch.setattr("reports.lists.exports.gettempdir", lambda: str(tmp_path))
    for name in ("ekspor-lama", "lain"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "daftar.csv").write_text("33.29")
    exports.forget_old(now=timezone.now() + timedelta(hours=23))
    assert len(list(tmp_path.iterdir())) == 2
    exports.forget_old(now=timezone.now() + timedelta(hours=25))
    assert [each.name for each in tmp_path.iterdir()] == ["lain"]


def test_nothing_found_makes_no_file(march, client):
    client.force_login(march.kabupaten)
    page = client.post(PAGE, FORM | {"dari_year": "2025", "sampai_year": "2025"}, follow=True).content.decode()
    assert Export.objects.get().files == []
    assert "Tidak ada kasus yang boleh Anda baca di wilayah dan masa itu" in page


def test_a_long_list_waits_for_the_worker_and_tells_how_far_it_is(march, client, monkeypatch):
    monkeypatch.setitem(exports.AT_ONCE, "csv", 2)
    monkeypatch.setattr(export_files, "CHUNK", 1)
    client.force_login(march.kabupaten)
    address = client.post(PAGE, FORM)["Location"]
    export = Export.objects.get()
    assert (export.state, export.total, export.attempts) == (State.WAITING, 3, 0)
    assert "3 kasus: daftar panjang dibuat satu per satu." in client.get(address).content.decode()
    assert client.post(PAGE, FORM)["Location"] == address  # the same, still under way, is one
    seen = []
    real = exports._still_mine
    monkeypatch.setattr(
        exports, "_still_mine",
        lambda export, **change: (real(export, **change), seen.append(client.get(address).content.decode())),
    )  # fmt: skip
    tasks.write_lists()
    told = [re.findall(r"(\d) dari 3 kasus sudah ditulis", page) for page in seen]
    assert [each[0] for each in told if each] == ["0", "1", "2", "3"]
    assert Export.objects.get().state == State.READY
    assert numbers(Export.objects.get()) == [case.number for case in march.cases]


def test_what_was_cancelled_stops_at_the_next_chunk_and_leaves_no_file(march, client, monkeypatch):
    monkeypatch.setattr(export_files, "CHUNK", 1)
    client.force_login(march.kabupaten)
    export = exports.ask(wanted(march.kabupaten))
    read = []

    def rows(asked):
        def read_and_cancel(ids):
            read.append(list(ids))
            client.post(f"{PAGE}{export.pk}/batal/")
            return []

        return read_and_cancel

    listing = exports.LISTINGS["matriks"]
    monkeypatch.setitem(exports.LISTINGS, "matriks", replace(listing, rows=rows))
    exports.make(export.pk, clock=timezone.now)
    assert (read, Export.objects.get().state) == ([[march.cases[0].pk]], State.CANCELLED)
    assert not default_storage.exists("ekspor")
    assert client.post(f"{PAGE}{export.pk}/batal/").status_code == 302  # too late a second time: nothing happens
    assert tasks.write_lists() is None and Export.objects.get().state == State.CANCELLED


def test_a_worker_that_died_is_seen_and_its_list_taken_up_three_times_at_most(march, client, monkeypatch):
    """A crash says nothing: no sign of life for five minutes does, on the page and for the next worker."""

    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    export = exports.ask(wanted(march.kabupaten, format="xlsx"))
    client.force_login(march.kabupaten)
    monkeypatch.setattr(export_files, "write", die)
    now = at("2026-04-02 09:00")
    for attempt in (1, 2, 3):
        with pytest.raises(Killed):
            exports.make(export.pk, clock=lambda now=now: now)
        export.refresh_from_db()
        assert (export.state, export.attempts) == (State.RUNNING, attempt)
        assert exports.make(export.pk, clock=lambda now=now: now + timedelta(minutes=5)) is None  # not yet
        now += timedelta(minutes=5, seconds=1)
    assert "Sudah lebih lama daripada biasanya" in client.get(f"{PAGE}{export.pk}/").content.decode()
    exports.make_waiting(["xlsx"], clock=lambda: now)
    export.refresh_from_db()
    assert (export.state, export.failure) == (State.FAILED, "berhenti")
    assert str(exports.FAILURES["berhenti"]) in client.get(f"{PAGE}{export.pk}/").content.decode()
    monkeypatch.undo()
    address = client.post(f"{PAGE}{export.pk}/ulangi/")["Location"]
    fresh = Export.objects.get(pk=address.split("/")[-2])
    assert (fresh.pk != export.pk, fresh.state, fresh.rows) == (True, State.READY, 3)


def test_a_worker_that_was_taken_for_dead_lets_go_and_spoils_nothing(march, monkeypatch):
    export = exports.ask(wanted(march.kabupaten))
    real = export_files.write

    def slow(*args, **kwargs):
        monkeypatch.setattr(export_files, "write", real)
        exports.make(export.pk, clock=lambda: at("2026-04-02 10:00"))  # another one, an hour later
        return real(*args, **kwargs)

    monkeypatch.setattr(export_files, "write", slow)
    exports.make(export.pk, clock=lambda: at("2026-04-02 09:00"))
    export.refresh_from_db()
    assert (export.state, export.attempts, export.ended_at) == (State.READY, 2, at("2026-04-02 10:00"))
    assert len(default_storage.listdir(f"ekspor/{export.pk}")[0]) == 1
    assert numbers(export) == [case.number for case in march.cases]


def test_a_fault_is_said_and_does_not_hold_up_the_others(march, monkeypatch, caplog):
    broken, whole = exports.ask(wanted(march.kabupaten)), exports.ask(wanted(march.kabupaten, what="rekapitulasi"))
    listing = exports.LISTINGS["matriks"]
    monkeypatch.setitem(exports.LISTINGS, "matriks", replace(listing, rows=lambda export: 1 / 0))
    assert exports.make_waiting(["csv"], clock=lambda: at("2026-04-02 09:01")) == 2
    broken.refresh_from_db(), whole.refresh_from_db()
    assert (broken.state, broken.failure, whole.state) == (State.FAILED, "gagal", State.READY)
    assert [record.getMessage() for record in caplog.records] == [f"the list matriks {broken.pk} could not be made"]


def test_one_person_has_five_lists_under_way_at_most(march, client, monkeypatch):
    monkeypatch.setitem(exports.AT_ONCE, "csv", 0)
    client.force_login(march.kabupaten)
    answers = [client.post(PAGE, FORM | {"sampai_day": str(day)}) for day in range(10, 16)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [422]
    assert "Lima daftar Anda masih dibuat" in answers[-1].content.decode()


def test_two_asks_in_the_same_moment_are_one(real_world):
    world, barrier, got = real_world, threading.Barrier(2), []

    def ask():
        export = wanted(world.kabupaten)
        barrier.wait()
        got.append(exports.ask(export).pk)
        connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    [each.start() for each in threads], [each.join() for each in threads]
    assert (len(set(got)), Export.objects.count()) == (1, 1)


@pytest.mark.parametrize("text", [" =1+1", '=HYPERLINK("http://x")', "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1+1"])
def test_no_cell_is_a_formula(world, text):
    """Whatever a reviewer named a category, a spreadsheet reads it as the text that it is."""
    category = world.category("pembayaran")
    category.name = text
    category.save()
    world.complaint()
    (line,) = lines(made(world.kabupaten))
    assert line["Kategori"] == f"'{text}"
    export = made(world.kabupaten, format="xlsx")
    sheet = load_workbook(io.BytesIO(kept(export))).active
    column = [cell.value for cell in sheet[6]].index("Kategori")
    cell = sheet[7][column]
    assert cell.data_type == "s"


def test_the_workbook_says_what_it_is_and_holds_days_and_numbers(march):
    export = made(march.kabupaten, format="xlsx")
    sheet = load_workbook(io.BytesIO(kept(export))).active
    assert [sheet.cell(row, 1).value for row in range(1, 5)] == [
        "Matriks penanganan masalah",
        "Program Keluarga Harapan, Kabupaten Brebes, Jawa Tengah, 1–31 Maret 2026",
        "Keadaan per 1 April 2026 00.00 WIB. Diminta oleh Kabupaten pada 2 April 2026 09.00 WIB.",
        "Tanpa identitas pelapor dan tanpa nama pihak yang dilaporkan. Jangan disebarluaskan.",
    ]
    head = [cell.value for cell in sheet[6]]
    first = dict(zip(head, (cell.value for cell in sheet[7]), strict=True))
    assert (first["No."], first["Nomor pengaduan"]) == (1, march.cases[0].number)
    assert (first["Diterima"], first["Tenggat asli"]) == (datetime(2026, 3, 2), datetime(2026, 4, 9))  # noqa: DTZ001
    assert sheet.max_row == 9
    assert (sheet.page_setup.orientation, sheet.print_title_rows) == ("landscape", "$6:$6")


def test_a_register_is_printed_in_parts_and_all_of_them_in_one_archive(march, client, monkeypatch):
    monkeypatch.setattr(export_files, "PART", 2)
    export = made(march.kabupaten, format="pdf", what="rekapitulasi")
    stem = "rekapitulasi-pkh-33.29-2026-03-01-2026-03-31"
    names = [f"{stem}-bagian-1-dari-2.pdf", f"{stem}-bagian-2-dari-2.pdf"]
    assert [(file["name"], file["rows"]) for file in export.files] == [(names[0], 2), (names[1], 1), (f"{stem}.zip", 3)]
    with zipfile.ZipFile(io.BytesIO(kept(export, 3))) as archive:
        assert archive.namelist() == names
        assert [archive.read(name) for name in names] == [kept(export, 1), kept(export, 2)]
    pages = [" ".join(PdfReader(io.BytesIO(kept(export, part))).pages[0].extract_text().split()) for part in (1, 2)]
    assert [case.number in page for page in pages for case in march.cases] == [True, True, False, False, False, True]
    assert ["Bagian 2 dari 2, baris 3 sampai 3." in pages[1], "Halaman 1 dari 1" in pages[1]] == [True, True]
    document = PdfReader(io.BytesIO(kept(export, 1)))
    assert [mark.title for mark in document.outline[1]] == ["Baris 1–2, diterima 2 Maret 2026 sampai 3 Maret 2026"]
    client.force_login(march.kabupaten)
    archive = client.get(f"{PAGE}{export.pk}/3/unduh/")
    assert (archive["Content-Type"], b"".join(archive.streaming_content)) == ("application/zip", kept(export, 3))


def test_the_form_offers_what_lies_within_reach_and_refuses_the_rest(march, client):
    client.force_login(march.kabupaten)
    page = client.get(f"{PAGE}?apa=rekapitulasi&program=pkh&wilayah=33.29&dari=2026-03-01&sampai=2026-03-31")
    areas = [value for value, _ in page.context["form"].fields["wilayah"].choices]
    assert areas == ["33.29", "33.29.01"]
    opened = client.post(PAGE, FORM | {"wilayah": "33.29.01", "buka": "1"})
    areas = [value for value, _ in opened.context["form"].fields["wilayah"].choices]
    assert (areas, Export.objects.count()) == (["33.29", "33.29.01", "33.29.01.2001", "33.29.01.2002"], 0)
    assert opened.context["form"].errors == {}
    for wrong in ({"wilayah": "33.28"}, {"wilayah": "nasional"}, {"wilayah": "33"}, {"program": "lain"},
                  {"dari_year": "2099"}, {"sampai_day": "31", "dari_day": "31", "sampai_month": "2"}, {"apa": "x"},
                  {"bentuk": "exe"}):  # fmt: skip
        assert client.post(PAGE, FORM | wrong).status_code == 422, wrong
    client.force_login(march.pusat)
    areas = [value for value, _ in client.get(f"{PAGE}?wilayah=33").context["form"].fields["wilayah"].choices]
    assert areas == ["nasional", "33", "33.28", "33.29", "91"]


def test_each_list_is_on_record_for_reviewers_and_auditors_and_nobody_changes_it(march, client):
    export = made(march.kabupaten)
    for who, expected in (("peninjau", 200), ("auditor", 200), ("kabupaten", 403)):
        client.force_login(march.users[who])
        assert client.get("/admin/reports/export/").status_code == expected, who
    client.force_login(march.peninjau)
    row = client.get(f"/admin/reports/export/{export.pk}/change/")
    assert (row.status_code, "Kabupaten Brebes" in row.content.decode()) == (200, True)
    assert client.post(f"/admin/reports/export/{export.pk}/change/", {"rows": 1}).status_code == 403
    assert client.post(f"/admin/reports/export/{export.pk}/delete/", {"post": "yes"}).status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_cases(march):
    def count():
        with CaptureQueriesContext(connections["default"]) as found:
            made(march.kabupaten)
        return len(found)

    few = count()
    for day in range(5, 25):
        march.complaint(received=f"2026-03-{day:02} 10:00", region=OTHER_VILLAGE)
    assert Complaint.objects.count() == 24
    assert count() == few


def test_another_asks_id_that_does_not_exist_is_not_there(march, client):
    client.force_login(march.kabupaten)
    assert client.get(f"{PAGE}{uuid.UUID(int=7)}/1/unduh/").status_code == 404
