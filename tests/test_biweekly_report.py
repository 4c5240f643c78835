"""The biweekly report of prominent and heavy cases: its figures against another count, its paper (D14, D45)."""

import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pypdf import PdfReader

from pengaduan.models import Channel, Complaint, Recusal, ReportedParty
from reports import editions
from reports.figures import prominent
from reports.models import Edition
from reports.papers import documents, files
from reports.periods import HalfMonth, Kind
from reports.subject import Subject
from tests.cast import at
from tests.lives import VILLAGES
from tiers.models import Region
from workflow import taking
from workflow.machine import BY_CODE

LATE_OCTOBER = HalfMonth.parse("2026-10-16")
NOVEMBER_FIRST = at("2026-11-01 06:00")


def late_october(world, region=None, programme="pkh"):
    return Subject(world.programmes[programme], Region.objects.get(pk=region) if region else None, LATE_OCTOBER)


CANARY = {"name": "Kenari Rahasiawati", "phone": "+6281234567890", "email": "kenari.rahasia@contoh.id"}
WORDS = "Zyxwv kartu disita ketua kelompok."
NOTE = "Qwortz mengaku di depan saksi."


def weigh(complaint, when, weight, flag):
    data = {"from": [complaint.weight, complaint.prominent], "to": [weight, flag]}
    taking.take(complaint, BY_CODE["ubah-bobot"], now=at(when), data=data, text=NOTE, weight=weight, prominent=flag)


@pytest.fixture
def grave_world(world, monkeypatch):
    """Return a world with one case of each way into the report, and out of it."""
    monkeypatch.setattr(timezone, "now", lambda: NOVEMBER_FIRST)
    said = {"text": WORDS, "identity": CANARY, "reported_words": "Pak Terlapor"}
    world.cases = {
        name: world.complaint(category, received=received, region=region, **said)
        for name, category, received, region in (
            ("old", "pembayaran", "2026-08-03 09:00", VILLAGES[0]),
            ("raised", "data-peserta", "2026-09-20 09:00", VILLAGES[1]),
            ("new", "pembayaran", "2026-10-20 09:00", VILLAGES[0]),
            ("lowered", "pembayaran", "2026-09-21 09:00", VILLAGES[0]),
            ("closed", "pembayaran", "2026-09-22 09:00", VILLAGES[2]),
            ("plain", "pembayaran", "2026-10-21 09:00", VILLAGES[0]),
            ("apart", "pembayaran", "2026-10-22 09:00", VILLAGES[3]),
        )
    }
    cases = world.cases
    for name in ("old", "lowered", "closed"):
        weigh(cases[name], "2026-09-25 09:00", "berat", name == "old")
    for name in ("raised", "new", "apart"):
        weigh(cases[name], "2026-10-23 09:00", "sedang", True)
    weigh(cases["lowered"], "2026-10-24 09:00", "ringan", False)
    Complaint.objects.filter(pk=cases["apart"].pk).update(
        channel=Channel.objects.get(programme__code="pkh", code="bpkp")
    )
    loss = {"lost_before": None, "lost": "5000000"}
    taking.take(
        cases["old"], BY_CODE["catat-uang"], now=at("2026-10-18 09:00"), text=NOTE, data=loss,
        lost_amount=Decimal(5000000),
    )  # fmt: skip
    for hour in ("09:00", "10:00"):
        taking.take(cases["old"], BY_CODE["catat-keterangan"], now=at(f"2026-10-19 {hour}"), text=NOTE)
    taking.take(cases["old"], BY_CODE["minta-perlindungan"], now=at("2026-10-19 11:00"), text=NOTE)
    taking.take(cases["closed"], BY_CODE["salurkan"], now=at("2026-10-25 09:00"), text=NOTE)
    return world


def text_of(content):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def test_the_paper_tells_each_case_by_its_steps_and_nothing_of_what_was_said(grave_world, tmp_path):
    """D37, D38: the place down to the kecamatan; no name, no text, no note, no protection that was asked for."""
    target = tmp_path / "laporan.pdf"
    arguments = ("--kind", "dua-mingguan", "--programme", "pkh", "--period", "2026-10-16")
    call_command("periodic_report", *arguments, "--output", str(target), stdout=io.StringIO())
    edition = Edition.objects.get(kind=Kind.BIWEEKLY)
    made = target.read_bytes()
    text = text_of(made)
    reading = documents.read(edition)
    assert {case.number: (case.entry, case.grade) for case in reading.told} == {
        grave_world.cases["old"].number: ("sejak sebelumnya", "menonjol, berat"),
        grave_world.cases["raised"].number: ("baru ditandai", "menonjol"),
        grave_world.cases["new"].number: ("baru masuk", "menonjol"),
        grave_world.cases["apart"].number: ("baru masuk", "menonjol"),
        grave_world.cases["closed"].number: ("sejak sebelumnya", "berat"),
        grave_world.cases["lowered"].number: ("tanda dilepas", "semula menonjol atau berat"),
    }
    assert [(step.on.isoformat(), step.what, step.times) for step in reading.told[0].done] == [
        ("2026-10-18", "Kerugian atau pengembalian uang dicatat", 1), ("2026-10-19", "Keterangan dicatat", 2),
    ]  # fmt: skip
    for case in reading.told:
        for word in (case.number, case.category, case.place, case.stage, case.tier, case.next):
            assert word in text
        for step in case.done:
            assert f"{step.on.day} Okt: {step.what}" in text
    for label, number in [*reading.flow, *reading.quality]:
        assert f"{label} {number}" in text
    assert "Baru Selesai Berjalan Terlambat 2" in text
    assert "2 kasus tanpa satu langkah pun" not in text
    assert "Kerugian Rp 5.000.000, belum kembali Rp 5.000.000" in text
    assert grave_world.cases["plain"].number not in text
    for secret in (*CANARY.values(), "Kenari", "Zyxwv", "Qwortz", "Terlapor", "perlindungan yang", "Indrajaya, "):
        assert secret not in text
    with zipfile.ZipFile(io.BytesIO(files.content(edition, "xlsx"))) as book:
        everything = b"".join(map(book.read, book.namelist())).decode()
    assert [each for each in ("Kenari", "Zyxwv", "Qwortz", "Terlapor") if each in everything] == []
    assert grave_world.cases["apart"].number in everything
    sheet = openpyxl.load_workbook(io.BytesIO(files.content(edition, "xlsx")))["Kasus"]
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == [case.number for case in reading.told]


def test_d49_a_case_is_in_no_list_and_no_count_of_who_it_is_against(grave_world):
    """Nor of who stepped aside: they get what would be reckoned had the case never been, and a file of their own."""
    subject = late_october(grave_world, "33")
    edition = editions.first_edition(subject, now=NOVEMBER_FIRST)
    old, new = grave_world.cases["old"], grave_world.cases["new"]
    ReportedParty.objects.create(complaint=old, user=grave_world.provinsi)
    Recusal.objects.create(complaint=new, user=grave_world.koordinator, at=NOVEMBER_FIRST)
    whole = editions.read(edition)
    for reader, hidden in ((grave_world.provinsi, old), (grave_world.koordinator, new)):
        told = editions.read(edition, reader)
        without = prominent.figures(replace(subject, without=(hidden.pk,)), as_of=NOVEMBER_FIRST)
        assert told == json.loads(editions.canonical(without))
        assert told["totals"]["open"] == whole["totals"]["open"] - 1
        text = text_of(files.content(edition, "pdf", reader=reader))
        assert hidden.number not in text
        assert grave_world.cases["raised"].number in text
    assert old.number in text_of(files.content(edition, "pdf"))


def test_only_who_receives_the_reports_of_an_area_fetches_one(grave_world, client):
    """Neither the neighbour, nor an officer who handles its cases, nor the auditor."""
    edition = editions.first_edition(late_october(grave_world, "33.29"), now=NOVEMBER_FIRST)
    answers = {}
    for name in (None, "tetangga", "desa", "kabupaten", "auditor", "penyelia", "koordinator"):
        client.logout()
        if name:
            client.force_login(grave_world.users[name])
        answers[name] = client.get(f"/petugas/laporan/{edition.pk}.xlsx").status_code
    refused = dict.fromkeys(("tetangga", "desa", "kabupaten", "auditor"), 404)
    assert answers == refused | {None: 302, "penyelia": 200, "koordinator": 200}


def test_d47_what_was_sent_is_the_same_to_the_byte_a_year_later(grave_world, monkeypatch):
    """And a later correction makes an edition that says what is different, case by case."""
    subject = late_october(grave_world, "33")
    first = editions.first_edition(subject, now=NOVEMBER_FIRST)
    made = {kind: files.content(first, kind) for kind in ("pdf", "json")}
    late = grave_world.complaint(received="2026-10-30 09:00", now="2026-11-03 09:00")
    taking.take(
        late, BY_CODE["ubah-bobot"], now=at("2026-11-03 10:00"), data={"from": ["berat", True], "to": ["sedang", False]}
    )
    monkeypatch.setattr(timezone, "now", lambda: at("2027-11-01 06:00"))
    assert {
        kind: files.content(editions.latest_edition(subject, now=at("2027-11-01 06:00")), kind) for kind in made
    } == made
    second, is_new = editions.new_edition(subject, now=at("2026-11-04 06:00"))
    assert is_new
    changes = {path: (then, now) for path, then, now in documents.read(second).differences}
    assert changes["totals/received"] == (1, 2)
    assert changes[f"cases/cases/{late.number}"] == (None, "dimuat")
    assert [path for path in changes if path.startswith(f"cases/cases/{late.number}/")] == []


def test_half_a_month_without_such_cases_says_so_on_one_page(world):
    made = files.content(editions.first_edition(late_october(world, "33.29"), now=NOVEMBER_FIRST), "pdf")
    assert len(PdfReader(io.BytesIO(made)).pages) == 1
    assert "Tidak ada kasus yang menonjol atau berat." in text_of(made)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--period", "2026-10-15"), "“2026-10-15” bukan masa laporan dua-mingguan. Tulis seperti 2026-10-16."),
        (
            ("--period", "2026-11-01"),
            "1–15 November 2026 belum berakhir; laporannya dapat dibuat mulai 16 November 2026.",
        ),
    ],
)
def test_the_command_says_what_is_wrong(world, monkeypatch, tmp_path, arguments, sentence):
    monkeypatch.setattr(timezone, "now", lambda: NOVEMBER_FIRST)
    given = ("--kind", "dua-mingguan", "--programme", "pkh", "--output", str(tmp_path / "a.pdf"))
    with pytest.raises(CommandError) as refusal:
        call_command("periodic_report", *given, *arguments)
    assert (str(refusal.value), refusal.value.returncode) == (sentence, 2)
