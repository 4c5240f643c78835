"""The public statistics: what is published, once, fit for everyone, and the page that shows it (D37–D39, D57, D61)."""

import gzip
import io
import re
from html import unescape

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pengaduan.models import Channel, Complaint, Stage
from reports import queries, tasks
from reports.models import PublicFigures
from reports.pages import publishing, statistics
from reports.papers import tiles
from reports.periods import Month
from reports.subject import Subject
from tests.cast import EASTERN_VILLAGE, VILLAGE, at
from tests.journey import lead_on
from tiers.models import Region, Tier
from workflow import actions

OCTOBER = Month.parse("2026-10")
NOVEMBER_FIRST = at("2026-11-01 06:00")
PAGE = "/statistik/"


@pytest.fixture
def busy(world, settings, monkeypatch):
    """Return the world with complaints of two programmes in two provinces, on the morning of 1 November."""
    settings.SECRET_KEY = "selalu sama"  # the amounts by which numbers are off
    monkeypatch.setattr(timezone, "now", lambda: NOVEMBER_FIRST)
    monkeypatch.setattr("workflow.notices.owe_for", lambda *args, **kwargs: [])
    monkeypatch.setattr("workflow.correspondence.keep_for", lambda *args, **kwargs: [])
    for day in range(1, 13):
        world.complaint(received=f"2026-{9 + day % 2:02d}-{day:02d} 09:00", text="Zyxwv kartu disita.")
    for day in range(1, 4):
        world.complaint("data-peserta", received=f"2026-10-{day:02d} 09:00")
        world.complaint(region=EASTERN_VILLAGE, received=f"2026-10-{day:02d} 09:00")
    for day in range(1, 8):
        world.complaint("kkn", received=f"2026-10-{day:02d} 09:00")  # concealed from the kabupaten and below
        world.complaint("pertanyaan", programme="pamsimas", received=f"2026-08-{day:02d} 09:00")
    apart = world.complaint(received="2026-10-13 09:00")
    Complaint.objects.filter(pk=apart.pk).update(channel=Channel.objects.get(programme__code="pkh", code="bpkp"))
    return world


@pytest.fixture
def as_counted(monkeypatch):
    """Publish the counts themselves, to see what they count."""
    monkeypatch.setattr(publishing, "shown", lambda count, name, *, time, key: count)


def figures(programme="", region=""):
    return statistics.latest(programme, region).figures


def publish(again=False):
    return publishing.publish(OCTOBER, now=NOVEMBER_FIRST, again=again)


def main_of(answer):
    return answer.content.decode().partition("<main")[2].partition("</main>")[0]


def text_of(answer):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main_of(answer))).split())


def numbers_on(answer):
    """Return every number that stands in a count or a cell of the page."""
    html = main_of(answer)
    found = re.findall(r"<strong>([^<]*)</strong>|govuk-table__cell--numeric[^>]*>([^<]*)</td>", html)
    return [unescape(one or other) for one, other in found]


def test_a_month_is_published_once_and_stays_as_it_is(busy):
    assert publish() is True
    before = list(PublicFigures.objects.order_by("pk").values_list("pk", "figures"))
    for day in range(1, 20):
        busy.complaint(received=f"2026-10-{day:02d} 09:00", now="2026-11-01 05:00")
    assert publish() is False
    assert list(PublicFigures.objects.order_by("pk").values_list("pk", "figures")) == before
    assert publish(again=True) is True
    assert figures("pkh")["totals"]["received"] > before[1][1]["totals"]["received"]
    assert PublicFigures.objects.count() == len(before)


def test_there_is_a_page_for_each_programme_and_province_and_for_all(busy):
    publish()
    expected = {(programme, region) for programme in (None, "pkh", "pamsimas") for region in (None, "33", "91")}
    assert set(PublicFigures.objects.values_list("programme__code", "region")) == expected


def test_a_month_that_runs_is_not_published(busy):
    with pytest.raises(ValueError, match="2026-11 has not ended"):
        publishing.publish(Month.parse("2026-11"), now=NOVEMBER_FIRST)
    for arguments, sentence in (
        (["--month", "2026-11"], "November 2026 belum berakhir."),
        (["--month", "besok"], "“besok” bukan bulan. Tulis seperti 2026-10."),
    ):
        with pytest.raises(CommandError) as refusal:
            call_command("publish_statistics", *arguments)
        assert (str(refusal.value), refusal.value.returncode) == (sentence, 2)
    assert PublicFigures.objects.count() == 0


def test_the_beat_and_the_command_publish_the_month_before(busy):
    tasks.publish_statistics()
    assert set(PublicFigures.objects.values_list("month", flat=True)) == {OCTOBER.first}
    told = io.StringIO()
    call_command("publish_statistics", stdout=told)
    assert told.getvalue() == "Statistik Oktober 2026 sudah terbit.\n"


def test_what_is_counted_agrees_with_the_monthly_report(busy, as_counted):
    """The same definitions: the months of the trend are those of the report, the year is what happened in it."""
    for complaint, to in zip(
        Complaint.objects.filter(category__code="pembayaran", region=VILLAGE, channel__code="tatap-muka").order_by(
            "-received_at"
        ),
        (Stage.FEEDBACK, Stage.ANALYSIS, Stage.FEEDBACK),
        strict=False,
    ):
        last = lead_on(busy.read(complaint), busy, to, now=at("2026-10-20 09:00"))
    actions.accept(last, complainant=last.complainants.get(), now=at("2026-10-25 09:00"))
    publish()
    subject = Subject(busy.programmes["pkh"], None, OCTOBER)
    report = queries.figures(subject, as_of=NOVEMBER_FIRST)
    found = figures("pkh")
    assert [[point.month, {"received": point.received, "settled": point.settled}] for point in report.trend] == (
        found["trend"]
    )
    totals = found["totals"]
    assert (totals["received"], totals["settled"], totals["on_time"]) == (25, 2, 2)
    assert (totals["open"], totals["late"]) == (report.totals.open, report.totals.late) == (24, 6)
    assert {code: row["received"] for code, row in found["categories"] if row["received"]} == {
        "pembayaran": 15, "data-peserta": 3, "kkn": 7,
    }  # fmt: skip
    assert {code: row["received"] for code, row in found["natures"]} == {"masalah": 25, "informatif": 0}
    assert {code: row["ended"] for code, row in found["outcomes"] if row["ended"]} == {"told": 1, "accepted": 1}


def test_d35_what_is_concealed_counts_in_the_nation_only(busy, as_counted):
    publish()
    assert figures("pkh")["totals"]["received"] == 25
    assert {code: row["received"] for code, row in figures("pkh")["places"]} == {"33": 15, "91": 3}
    assert figures("pkh", "33")["totals"]["received"] == 15
    assert [code for code, _row in figures("pkh", "33")["categories"] if code == "kkn"] == []
    assert figures("", "33")["totals"]["received"] == 22
    assert figures()["totals"]["received"] == 32
    assert {code: row["received"] for code, row in figures()["programmes"]} == {"pkh": 25, "pamsimas": 7}


def test_findings_of_bpkp_are_not_the_publics(busy, as_counted):
    """D15: they stand apart."""
    publish()
    assert figures("pkh")["totals"]["received"] == Complaint.objects.filter(programme__code="pkh").count() - 1


def leaves(value):
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value] if not isinstance(value, str) else []


def test_d57_no_number_below_five_is_kept_or_shown(busy, client):
    """Neither on a page nor in what lies behind it; every number is rounded."""
    publish()
    kept = {leaf for row in PublicFigures.objects.values_list("figures", flat=True) for leaf in leaves(row)}
    assert kept - {None} != set()
    assert {number for number in kept - {None} if number < 5 or number % 5} == set()
    for programme in ("", "pkh", "pamsimas"):
        for region in ("", "33", "91"):
            shown = numbers_on(client.get(PAGE, {"program": programme, "provinsi": region}))
            assert [each for each in shown if each != "<5" and (int(each) < 5 or int(each) % 5)] == []


def test_d57_what_is_fewer_than_five_is_hidden_in_every_table_and_filter(busy):
    """Three complaints of Papua and three of a category: hidden in rows, in totals and in each month."""
    publish()
    assert dict(figures()["places"])["91"]["received"] is None
    assert dict(figures("pkh")["places"])["91"]["received"] is None
    assert figures("", "91")["totals"]["received"] is None
    assert dict(figures("pkh")["categories"])["data-peserta"]["received"] is None
    assert {row["received"] for _month, row in figures("pkh", "91")["trend"]} == {None}


def test_d57_a_number_is_the_same_wherever_it_stands(busy):
    """The row of a province on one page is the sum on its own page: two roundings of one count would teach more."""
    publish()
    for programme in ("", "pkh", "pamsimas"):
        for code, row in figures(programme)["places"]:
            assert row == figures(programme, code)["totals"]
    for code, row in figures()["programmes"]:
        assert row == figures(code)["totals"]


def test_d57_the_order_and_the_bars_follow_the_published_numbers(busy, client):
    """Two rows that are both hidden stand by name, whichever has more."""
    row = publish() and statistics.latest("pkh", "")
    row.figures["places"] = [["91", dict.fromkeys(publishing.MEASURES)], ["33", dict.fromkeys(publishing.MEASURES)]]
    found = statistics.Statistics(row, busy.programmes.values(), [])
    assert [line.label for line in found.places] == ["33", "91"]


def test_d61_no_share_in_time_without_what_was_rejected_and_reopened(busy):
    publish()
    row = statistics.latest("pkh", "")
    row.figures["totals"] |= {"settled": 40, "on_time": 30, "rejections": 5, "reopenings": None}
    assert statistics.Statistics(row, [], []).quality == (
        "Sekitar 75% dari yang selesai tepat waktu. Hasil yang ditolak pelapor: 5; dibuka kembali: <5."
    )
    row.figures["totals"] |= {"settled": None, "on_time": None}
    assert statistics.Statistics(row, [], []).quality == (
        "Yang selesai masih terlalu sedikit untuk menyebut berapa bagian yang tepat waktu."
    )


def test_a_part_is_never_larger_than_its_whole(busy, monkeypatch):
    """Each is rounded by itself, but nobody shall read of more cases in time than settled."""
    monkeypatch.setattr(publishing, "shown", lambda count, name, **_: 20 if name.endswith(("on_time", "/late")) else 15)
    publish()
    totals = figures()["totals"]
    assert (totals["on_time"], totals["settled"], totals["late"], totals["open"]) == (15, 15, 15, 15)
    monkeypatch.setattr(publishing, "shown", lambda count, name, **_: 20 if name.endswith("on_time") else None)
    publish(again=True)
    assert figures()["totals"]["on_time"] is None


def test_anyone_reads_the_page_and_it_holds_nothing_of_a_person(busy, client):
    """D37, D38."""
    publish()
    html = client.get(PAGE).content.decode()
    assert [word for word in ("Zyxwv", "Siti Contoh", "siti@contoh.id", "Indrajaya", "Brebes") if word in html] == []
    assert Complaint.objects.filter(number__in=re.findall(r"PKH-[\d.]+-2026-\d{6}", html)).count() == 0
    assert 'href="/statistik/"' in client.get("/").content.decode()


def test_the_page_is_of_what_was_chosen(busy, client):
    publish()
    pages = {
        "": "Semua program, seluruh Indonesia",
        "?program=pkh": "Program Keluarga Harapan, seluruh Indonesia",
        "?program=pkh&provinsi=33": "Program Keluarga Harapan, Jawa Tengah",
        "?program=lain&provinsi=33": "Semua program, Jawa Tengah",
        "?provinsi=33.29": "Semua program, seluruh Indonesia",
    }
    for asked, expected in pages.items():
        assert expected in text_of(client.get(PAGE + asked))


def test_the_page_says_what_it_counts_and_when(busy, client):
    publish()
    said = text_of(client.get(PAGE))
    assert "Yang terjadi dari November 2025 sampai 31 Oktober 2026." in said
    assert "Yang ini dibuat pada 1 November 2026." in said


def test_before_the_first_publication_the_page_says_so(world, client):
    assert "Belum ada statistik yang terbit." in text_of(client.get(PAGE))


def test_where_there_is_too_little_the_page_says_so_and_draws_nothing(busy, client):
    publish()
    answer = client.get(PAGE, {"program": "pamsimas", "provinsi": "91"})
    assert "terlalu sedikit untuk ditampilkan, atau tidak ada" in text_of(answer)
    assert (main_of(answer).count("<svg"), main_of(answer).count("<table")) == (0, 0)


def test_each_picture_has_its_table(busy, client):
    publish()
    html = main_of(client.get(PAGE))
    assert re.findall(r"<svg role=\"img\"[^>]*><title>([^<]*)", html) == [
        "Pengaduan masuk dan selesai setiap bulan, November 2025 sampai Oktober 2026",
        "Pengaduan yang masuk menurut provinsi",
    ]
    assert {"Masuk dan selesai setiap bulan", "Pilih provinsi untuk semua angkanya"} <= set(
        re.findall(r"<caption[^>]*>([^<]*)", html)
    )


def test_a_browser_keeps_the_page_and_asks_whether_it_changed(busy, client):
    publish()
    client.get(PAGE)  # brings the token of the language form
    first = client.get(PAGE)
    assert (first["Cache-Control"], first["Vary"]) == ("private, max-age=600", "Cookie, Accept-Encoding")
    again = client.get(PAGE, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(f"{PAGE}?program=pkh", headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    publish(again=True)
    assert client.get(PAGE, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_whoever_signs_in_does_not_get_the_page_from_before(busy, client):
    publish()
    client.get(PAGE)
    before = client.get(PAGE)["ETag"]
    client.force_login(busy.desa)
    assert client.get(PAGE, headers={"If-None-Match": before}).status_code == 200


def test_the_page_asks_the_database_little_and_reads_no_complaint(busy, client):
    publish()
    for asked in ("", "?program=pkh&provinsi=33"):
        with CaptureQueriesContext(connection) as statements:
            client.get(PAGE + asked)
        assert len(statements) <= 4
        assert [each["sql"] for each in statements if "pengaduan_complaint" in each["sql"]] == []


def test_the_page_weighs_four_kilobytes_beside_its_pictures(busy, client):
    """At its largest: all 38 provinces and every number shown. A picture and the table of its numbers are one."""
    codes = [code for code in tiles.TILES if code not in ("33", "91")]
    Region.objects.bulk_create(
        Region(code=code, name=f"Provinsi {letters} {code}{column}", tier=Tier.PROVINSI, zone="WIB")
        for code, (letters, column, _row) in tiles.TILES.items()
        if code in codes
    )
    publish()
    for row in PublicFigures.objects.filter(region=None):
        for table in ("places", "programmes", "natures", "categories"):
            for place, (_code, measures) in enumerate(row.figures.get(table, [])):
                measures |= {name: 5 * (17 * place + len(name)) for name in measures}
        row.save(update_fields=["figures"])
    for asked in ("", "?program=pkh"):
        html = client.get(PAGE + asked).content.decode()
        assert html.count('href="?program=') == 38
        words = re.sub(r"(?s)<figure.*?</table>", "", html)
        assert len(gzip.compress(words.encode())) <= 4 * 1024
        assert len(gzip.compress(html.encode())) <= 7 * 1024
