"""Every number of the dashboard leads to the cases that it counts, as far as its reader may know (D35, D44, D49)."""

import dataclasses
import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pengaduan.models import Complaint, Recusal, ReportedParty
from reports import editions, queries
from reports.figures.hidden import kept_from
from reports.pages import behind, standing
from reports.pages.behind import Number
from reports.pages.listing import TABLES
from reports.periods import Month
from reports.subject import Subject
from tests.cast import NEIGHBOUR_VILLAGE, OTHER_VILLAGE, at
from tiers.models import Region, User

OCTOBER = Month.parse("2026-10")
NOVEMBER_FIRST = at("2026-11-01 06:00")
LIST = "/petugas/laporan/daftar/"
MEASURES = [*queries.MEASURE_NAMES, "on_time"]


def subject_of(world, region=None, **less):
    return Subject(world.programmes["pkh"], Region.objects.get(pk=region) if region else None, OCTOBER, **less)


def numbers_of(figures):
    """Yield every number of the figures that has a list: which one, and how much it is."""
    for table, column in [("totals", ""), ("apart", ""), ("channels_apart", "channel")] + [
        (table, column) for column, table in TABLES.items()
    ]:
        rows = figures[table] if column else [{"code": "", "measures": figures[table]}]
        for place, row in enumerate(rows, start=1):
            counts = row["measures"] | {"on_time": row["measures"]["settled"] - row["measures"]["settled_late"]}
            code = str(place) if column == "age" else row["code"]
            of = ((column, code),) if column else ()
            yield from ((Number(measure, of, "apart" in table), counts[measure]) for measure in MEASURES)


def test_every_number_is_the_sum_of_its_cases(busy_world):
    """In the nation, and where something is concealed; rows that are crossed; and page by page."""
    each_number_is_the_sum_of_its_cases(busy_world)
    crossed_rows_are_the_rows_of_the_narrowed_figures(busy_world)
    the_pages_of_a_list_are_the_list(busy_world)


def each_number_is_the_sum_of_its_cases(world):
    seen = set()
    for region in (None, "33.29"):
        subject = subject_of(world, region)
        figures = dataclasses.asdict(queries.figures(subject, as_of=NOVEMBER_FIRST))
        for number, amount in numbers_of(figures):
            if amount and (region is None or not number.of or number.of[0][0] == "category"):
                page = behind.page_of(number, subject, world.koordinator, as_of=NOVEMBER_FIRST, most=500)
                assert (number, page.times) == (number, amount)
                assert sum(case.times for case in page.cases) == amount
                assert (page.unseen, page.cursor, len(page.cases)) == (0, None, page.number)
                seen.add(number.measure)
    assert seen >= set(MEASURES) - {"merged"}  # each one counted something; what is merged goes by the same rule


def crossed_rows_are_the_rows_of_the_narrowed_figures(world):
    """A filter narrows the figures and the lists by the same rule, and the parts add up to the whole."""
    whole = subject_of(world)
    totals = dataclasses.asdict(queries.figures(whole, as_of=NOVEMBER_FIRST).totals)
    added = dict.fromkeys(totals, 0)
    for weight in ("ringan", "sedang", "berat"):
        part = subject_of(world, only=(("weight", weight),))
        figures = dataclasses.asdict(queries.figures(part, as_of=NOVEMBER_FIRST))
        added = {measure: added[measure] + figures["totals"][measure] for measure in added}
        for row in figures["categories"]:
            of = (("weight", weight), ("category", row["code"]))
            for measure in ("received", "open", "late", "rejections"):
                found = behind.page_of(Number(measure, of), whole, world.koordinator, as_of=NOVEMBER_FIRST, most=500)
                assert found.times == row["measures"][measure]
        assert [row["code"] for row in figures["weights"]] == [weight]
        assert figures["trend"] == ()
    assert added == totals


def the_pages_of_a_list_are_the_list(world):
    """By comparing rows, whatever is inserted in between; the oldest first."""
    subject, number = subject_of(world), Number("open")
    whole = behind.page_of(number, subject, world.koordinator, as_of=NOVEMBER_FIRST, most=500)
    read, after = [], ""
    while after is not None:
        page = behind.page_of(number, subject, world.koordinator, as_of=NOVEMBER_FIRST, after=after, most=7)
        assert (page.number, len(page.cases) <= 7) == (whole.number, True)
        read += page.cases
        after = page.cursor
    assert [case.complaint.pk for case in read] == [case.complaint.pk for case in whole.cases]
    assert [case.received_at for case in read] == sorted(case.received_at for case in read)
    assert whole.number > 21
    assert behind.page_of(number, subject, world.koordinator, as_of=NOVEMBER_FIRST, after="x-'").number == whole.number


def test_d49_no_number_and_no_list_counts_what_is_kept_from_its_reader(busy_world):
    """D49: whoever is reported, or stepped aside, finds figures in which the case never was, and all of them agree."""
    subject = subject_of(busy_world, "33.29")
    before = queries.figures(subject, as_of=NOVEMBER_FIRST)
    ours = [case.number for case in before.attention.cases if not case.apart]
    first, second = Complaint.objects.filter(number__in=ours).order_by("pk")[:2]
    ReportedParty.objects.create(complaint=first, user=busy_world.penyelia)
    Recusal.objects.create(complaint=second, user=busy_world.penyelia, at=NOVEMBER_FIRST)
    hidden = kept_from(busy_world.penyelia, [subject.programme.pk])[subject.programme.pk]
    assert sorted(hidden) == sorted([first.pk, second.pk])
    less = subject_of(busy_world, "33.29", without=hidden)
    figures = dataclasses.asdict(queries.figures(less, as_of=NOVEMBER_FIRST))
    assert figures["totals"]["open"] == before.totals.open - 2
    for number, amount in numbers_of(figures):
        if amount or not number.of:
            page = behind.page_of(number, less, busy_world.penyelia, as_of=NOVEMBER_FIRST, most=500)
            assert (number, page.times) == (number, amount)
            assert {first.pk, second.pk} & {case.complaint.pk for case in page.cases} == set()
    for number in (first.number, second.number):
        assert number not in json.dumps(figures, default=str)

    a_report_that_was_sent_is_read_without_what_is_kept(busy_world)


def a_report_that_was_sent_is_read_without_what_is_kept(world):
    """The same figures in the archive, the PDF, the workbook and on the page: no two of them differ by one."""
    subject = subject_of(world, "33.29")
    sent = editions.first_edition(subject, now=NOVEMBER_FIRST)
    listed = json.loads(sent.figures)["attention"]["cases"]
    victim = Complaint.objects.get(number=next(case["number"] for case in listed if not case["apart"]))
    ReportedParty.objects.create(complaint=victim, user=world.penyelia)
    read = editions.read(sent, world.penyelia)
    hidden = kept_from(world.penyelia, [subject.programme.pk])[subject.programme.pk]
    less = subject_of(world, "33.29", without=hidden)
    assert read == json.loads(editions.canonical(queries.figures(less, as_of=NOVEMBER_FIRST)))
    assert read["totals"]["open"] == json.loads(sent.figures)["totals"]["open"] - len(hidden)
    assert victim.pk in hidden
    assert editions.read(sent, world.kabupaten) == json.loads(sent.figures)
    shown = standing.standing(less, now=at("2026-11-20 10:00"))
    assert (json.loads(shown.figures.figures), shown.as_of, shown.sent) == (read, NOVEMBER_FIRST, sent)


# The page


@pytest.fixture
def november(world, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: at("2026-11-20 10:00"))
    for day in range(2, 8):
        world.complaint(received=f"2026-11-{day:02d} 09:00")
    world.complaint("data-peserta", region=OTHER_VILLAGE, received="2026-11-09 09:00")
    world.complaint(region=NEIGHBOUR_VILLAGE, received="2026-11-10 09:00")
    world.complaint("kkn", received="2026-11-11 09:00")
    return world


def read(client, user, query):
    client.force_login(user)
    answer = client.get(f"{LIST}?{query}")
    html = answer.content.decode()
    return answer.status_code, html, re.findall(r'href="/petugas/pengaduan/(PKH-[\d.]+-\d{4}-\d{6})/"', html)


def said(html):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html.partition("<main")[2].partition("</main>")[0])).split())


def test_the_list_says_what_it_is_of_and_each_row_opens_its_case(november, client):
    status, html, numbers = read(client, november.penyelia, "program=pkh&ukuran=received&kategori=pembayaran")
    mine = Complaint.objects.filter(regency_code="33.29", category__code="pembayaran").order_by("received_at")
    assert (status, numbers) == (200, list(mine.values_list("number", flat=True)))
    assert "Program Keluarga Harapan, Kabupaten Brebes" in said(html)
    assert "Masuk: 6" in said(html)
    assert "Kategori: Pembayaran" in said(html)
    assert "Keadaan per 20 November 2026 10.00 WIB." in said(html)
    assert [client.get(f"/petugas/pengaduan/{number}/").status_code for number in numbers] == [200] * 6


def test_every_link_of_the_dashboard_leads_to_as_many_cases_as_it_says(november, client):
    client.force_login(november.koordinator)
    html = client.get("/petugas/laporan/?program=pkh").content.decode()
    links = set(re.findall(r'href="(/petugas/laporan/daftar/\?[^"]*)">([\d.]+)</a>', html))
    assert len(links) > 20
    for address, amount in links:
        page = said(client.get(unescape(address)).content.decode())
        assert re.search(r": ([\d.]+) ", page).group(1) == amount


@pytest.mark.parametrize("name", ["tetangga", "desa", "kabupaten", "pusat", "auditor", "kustodian", "peninjau"])
def test_who_receives_no_reports_has_no_lists(november, client, name):
    status, html, numbers = read(client, getattr(november, name), "program=pkh&wilayah=33.29&ukuran=open")
    assert (status, numbers, "Brebes" in html) == (404, [], False)


@pytest.mark.parametrize(
    "query",
    [
        "program=pkh&wilayah=33.28&ukuran=open",
        "program=pkh&wilayah=nasional&ukuran=open",
        "program=pkh&wilayah=33&ukuran=open",
        "program=semua&ukuran=open",
        "program=pkh&ukuran=office_id",
        "program=pkh",
        "program=pkh&ukuran=open&tahap=tidak-ada",
        "program=pkh&ukuran=open&umur=1)%20OR%20(1=1",
        "program=pkh&ukuran=open&tempat=99",
        "program=pkh&ukuran=open&tersendiri=tidak-ada",
        "program=pkh&bulan=2019-01&ukuran=open",
    ],
)
def test_a_list_of_another_area_or_of_nothing_that_is_counted_is_not_there(november, client, query):
    status, _html, numbers = read(client, november.penyelia, query)
    assert (status, numbers) == (404, [])


def test_without_an_account_there_is_no_list(november, client):
    assert client.get(f"{LIST}?ukuran=open").url.startswith("/masuk/?next=")
    client.force_login(User.objects.create_user("orang", "", None, name="Orang"))
    assert client.get(f"{LIST}?ukuran=open").status_code == 403


def test_d49_the_accused_reads_pages_that_do_not_betray_that_there_is_a_case(november, client):
    """Byte for byte the pages of a world in which it never was, but for what stands on every page."""
    addresses = [
        "/petugas/laporan/?program=pkh",
        f"{LIST}?program=pkh&ukuran=open",
        "/petugas/laporan/?program=semua",
        "/petugas/laporan/angka.csv?program=pkh",
    ]

    def pages():
        client.force_login(november.penyelia)
        return [
            re.sub(r'"csrfmiddlewaretoken" value="\w+"', "", client.get(each).content.decode()) for each in addresses
        ]

    without = pages()
    against = november.complaint(received="2026-11-12 09:00")
    ReportedParty.objects.create(complaint=against, user=november.penyelia)
    assert pages() == without
    client.force_login(november.koordinator)
    assert against.number in client.get(f"{LIST}?program=pkh&ukuran=open").content.decode()


def test_what_has_moved_to_another_area_is_counted_and_not_opened(november, client):
    """D35: the list of a past month counts what stood here then; what is elsewhere now is not for this reader."""
    moved = Complaint.objects.filter(regency_code="33.29").exclude(concealed_tier__gt=0).first()
    subject = Subject(november.programmes["pkh"], Region.objects.get(pk="33.29"), Month.parse("2026-11"))
    Complaint.objects.filter(pk=moved.pk).update(concealed_tier=0)
    page = behind.page_of(Number("open"), subject, november.tetangga, as_of=at("2026-11-20 10:00"))
    assert (page.cases, page.unseen, page.number) == ([], 7, 7)


def test_more_cases_need_no_more_queries(november, client):
    def asked():
        client.force_login(november.koordinator)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"{LIST}?program=pkh&ukuran=open").status_code == 200
        return len(asked)

    asked()
    few = asked()
    for day in range(12, 19):
        november.complaint(received=f"2026-11-{day:02d} 09:00", region=NEIGHBOUR_VILLAGE)
    assert asked() == few <= 15


# To take along


def sheet(client, user, query, form="csv"):
    client.force_login(user)
    made = client.post(f"{LIST}unduh/?{query}", {"bentuk": form})
    if made.status_code != 302:
        return made.status_code, []
    (link,) = re.findall(r'href="([^"]*)" download', client.get(made.url).content.decode())
    file = client.get(link)
    return file.status_code, b"".join(file.streaming_content).decode("utf-8-sig").splitlines()


def test_a_list_can_be_taken_along_and_holds_what_the_page_shows(november, client):
    query = "program=pkh&ukuran=received&kategori=pembayaran"
    _status, _html, shown = read(client, november.penyelia, query)
    status, (head, *rows) = sheet(client, november.penyelia, query)
    assert (status, [row.split(";")[1] for row in rows]) == (200, shown)
    assert head.startswith("No.;Nomor pengaduan;Diterima;Umur, hari;Kategori;")
    assert ";2026-11-02;18;Pembayaran;Kabupaten Brebes;Salem;Registrasi;Desa/Kelurahan;" in rows[0]
    page = said(client.get(client.post(f"{LIST}unduh/?{query}", {"bentuk": "xlsx"}).url).content.decode())
    assert "Masuk; Kategori: Pembayaran" in page


def test_d49_what_is_taken_along_lacks_what_is_kept_from_its_asker(november, client):
    query = "program=pkh&ukuran=open"
    victim = Complaint.objects.filter(regency_code="33.29", concealed_tier=0).first()
    ReportedParty.objects.create(complaint=victim, user=november.penyelia)
    readers = ("penyelia", "koordinator")
    rows = {name: sheet(client, getattr(november, name), f"{query}&wilayah=33.29")[1] for name in readers}
    assert victim.number not in "".join(rows["penyelia"])
    assert victim.number in "".join(rows["koordinator"])
    assert len(rows["koordinator"]) - len(rows["penyelia"]) == 1


def test_who_has_no_list_takes_none_along(november, client):
    for name in ("tetangga", "desa", "kabupaten", "auditor", "peninjau", "kustodian"):
        assert sheet(client, getattr(november, name), "program=pkh&wilayah=33.29&ukuran=open")[0] == 404
    for query in ("program=pkh&wilayah=33&ukuran=open", "program=pkh&ukuran=tidak-ada", "program=semua&ukuran=open"):
        assert sheet(client, november.penyelia, query)[0] == 404
    assert sheet(client, november.penyelia, "program=pkh&ukuran=open", "exe")[0] == 404
    client.logout()
    assert client.post(f"{LIST}unduh/?ukuran=open", {"bentuk": "csv"}).url.startswith("/masuk/")
