"""The register of an office and a month, on the screen and on paper: all of D17, nobody's identity (D17, D37, D58)."""

import io
import re

import pytest
from pypdf import PdfReader

from pengaduan import book
from pengaduan.models import Channel, Complaint
from tests.cast import NEIGHBOUR_VILLAGE, OTHER_VILLAGE, at
from tests.journey import add_file
from tiers.models import Office, Region, Tier
from workflow import actions, intake

HERE, PRINTED = "/petugas/register/", "/petugas/register.pdf"
MARCH = "bulan=2026-03"


def rows(html: str) -> list[list[str]]:
    """Return the cells of the register as text."""
    body = re.search(r"<tbody>(.*?)</tbody>", html, re.S)
    cells = re.findall(r"<tr.*?</tr>", body[1], re.S) if body else []
    plain = [[re.sub(r"<[^>]*>", " ", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)] for row in cells]
    return [[" ".join(cell.split()) for cell in row] for row in plain]


def text_of(response) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages).split())


def registered(world, **matter) -> Complaint:
    complaint = world.complaint(
        reported_words="Pak Darmo ketua kelompok", source=world.programmes["pkh"].source_entries.get(), **matter
    )
    actions.register(
        complaint, by=world.desa, now=at("2026-03-03 09:00"), recorded="Bantuan belum diterima", suitable=True,
        subject="Bantuan tahap dua", programme_year=2025, occurred_on=at("2026-02-27 00:00").date(),
        field=world.programmes["pkh"].field_entries.get(),
    )  # fmt: skip
    add_file(complaint, "bukti", now=at("2026-03-03 10:00"))
    return complaint


def office_of(world, tier: Tier, region: str | None) -> int:
    return Office.objects.get(programme=world.programmes["pkh"], tier=tier, region_id=region).pk


def test_d17_the_register_holds_what_the_source_asks_for(client, world):
    """[N]: number, date received, place, source, matter; [P]: channel, category, field; reported and evidence."""
    complaint = registered(world)
    client.force_login(world.desa)
    kantor = office_of(world, Tier.DESA, "33.29.01.2001")
    assert rows(client.get(f"{HERE}?{MARCH}&kantor={kantor}").content.decode()) == [
        [
            f"{complaint.number} 2 Mar 2026",
            "Indrajaya, Salem, Kabupaten Brebes, Jawa Tengah",
            "Bantuan tahap dua Pembayaran · Transparansi",
            "Warga Tatap muka",
            "27 Feb 2026 2025",
            "Tercatat",
            "Ada",
        ]
    ]
    text = text_of(client.get(f"{PRINTED}?{MARCH}&kantor={kantor}"))
    wanted = ("Bantuan tahap dua", "Tatap muka", "Warga", "Transparansi", "27/2/2026", "2025", "Tercatat", "Maret 2026")
    assert [part for part in wanted if part not in text] == []


def test_d37_neither_who_reports_nor_who_is_reported_nor_their_words_stand_in_it(client, world):
    registered(world)
    world.complaint(text="Saya Siti Contoh dari RT 03 belum menerima")  # not registered: its subject is hers still
    client.force_login(world.kabupaten)
    where = f"?{MARCH}&kantor={office_of(world, Tier.KABUPATEN, '33.29')}"
    page, paper = client.get(HERE + where), client.get(PRINTED + where)
    told = page.content.decode() + text_of(paper)
    assert [word for word in ("Siti", "siti@contoh.id", "Darmo", "RT 03") if word in told] == []
    assert rows(page.content.decode())[1][2] == "Belum didaftarkan Pembayaran"
    assert paper["Content-Disposition"] == 'inline; filename="buku-register-pkh-33.29-2026-03.pdf"'
    assert "no-store" in paper["Cache-Control"]


def test_d17_a_month_begins_and_ends_at_the_place(client, world):
    for day in ("2026-02-28 23:59", "2026-03-01 00:00", "2026-03-31 23:59", "2026-04-01 00:00"):
        world.complaint(received=day)
    client.force_login(world.desa)
    kantor = office_of(world, Tier.DESA, "33.29.01.2001")
    html = client.get(f"{HERE}?{MARCH}&kantor={kantor}").content.decode()
    assert [row[0].split(" ", 1)[1] for row in rows(html)] == ["1 Mar 2026", "31 Mar 2026"]


@pytest.mark.parametrize(
    ("who", "expected"),
    [("desa", 1), ("kecamatan", 2), ("kabupaten", 2), ("pusat", 3), ("auditor", 3), ("tetangga", 1)],
)
def test_d17_everyone_reads_the_register_of_their_own_area(client, world, who, expected):
    for region in ("33.29.01.2001", OTHER_VILLAGE, NEIGHBOUR_VILLAGE):
        world.complaint(region=region)
    client.force_login(getattr(world, who))
    page = client.get(f"{HERE}?{MARCH}")
    kantor = next(each.pk for each in page.context["offices"] if each.programme == world.programmes["pkh"])
    assert len(rows(client.get(f"{HERE}?{MARCH}&kantor={kantor}").content.decode())) == expected


def test_d49_the_accused_and_who_stepped_aside_do_not_find_the_case_in_it(client, world):
    against = world.complaint(reported_users=[world.kecamatan])
    left = world.complaint()
    actions.step_aside(left, by=world.desa, now=at("2026-03-03 09:00"), reason="Saudara saya")
    for name, tier, region in (("kecamatan", Tier.KECAMATAN, "33.29.01"), ("desa", Tier.DESA, "33.29.01.2001")):
        client.force_login(getattr(world, name))
        where = f"?{MARCH}&kantor={office_of(world, tier, region)}"
        told = client.get(HERE + where).content.decode() + text_of(client.get(PRINTED + where))
        hidden = {"kecamatan": against, "desa": left}[name]
        assert hidden.number not in told, name


def test_d17_another_s_office_in_the_address_opens_one_s_own(client, world):
    world.complaint(region=NEIGHBOUR_VILLAGE)
    client.force_login(world.desa)
    page = client.get(f"{HERE}?{MARCH}&kantor={office_of(world, Tier.KABUPATEN, '33.28')}")
    assert page.context["office"].region_id == "33.29.01.2001"
    assert rows(page.content.decode()) == []


@pytest.mark.parametrize("month", ["2026-13", "kemarin", "1999-01", "٢٠٢٦-03"])
def test_d17_a_month_that_is_none_is_told(client, world, month):
    client.force_login(world.desa)
    response = client.get(HERE, {"bulan": month})
    assert (response.status_code, "Tulis bulannya seperti 2026-03." in response.content.decode()) == (422, True)
    assert client.get(PRINTED, {"bulan": month}).status_code == 404


def test_d17_the_book_goes_on_from_sheet_to_sheet_and_each_is_printed_by_itself(client, world, monkeypatch):
    monkeypatch.setattr(book, "ROWS", 2)
    numbers = [world.complaint(received="2026-03-02 10:00").number for _time in range(5)]
    client.force_login(world.desa)
    where, seen = f"?{MARCH}&kantor={office_of(world, Tier.DESA, '33.29.01.2001')}", []
    while where:
        html = client.get(HERE + where).content.decode()
        seen.append([row[0].split()[0] for row in rows(html)])
        following = re.search(r'href="(\?[^"]*sesudah=\d[^"]*)"', html)
        where = following[1].replace("&amp;", "&") if following else ""
    assert seen == [numbers[:2], numbers[2:4], numbers[4:]]
    cursor = book.sheet(
        world.desa, Office.objects.get(pk=office_of(world, Tier.DESA, "33.29.01.2001")), at("2026-03-01 00:00").date()
    ).cursor
    text = text_of(
        client.get(f"{PRINTED}?{MARCH}&kantor={office_of(world, Tier.DESA, '33.29.01.2001')}&sesudah={cursor}")
    )
    assert [number for number in numbers if number in text] == numbers[2:4]


def test_d15_findings_of_bpkp_stand_apart_in_it(client, world):
    channel = Channel.objects.get(programme=world.programmes["pkh"], code="bpkp")
    intake.receive(
        intake.Matter(
            category=world.category("pembayaran"), region=Region.objects.get(pk="33.29.01.2001"), text="Temuan",
            channel=channel, received_at=at("2026-03-02 10:00"),
        ),
        intake.Person(),
        now=at("2026-03-02 10:00"),
    )  # fmt: skip
    client.force_login(world.desa)
    html = client.get(f"{HERE}?{MARCH}&kantor={office_of(world, Tier.DESA, '33.29.01.2001')}").content.decode()
    assert rows(html)[0][3] == "– Laporan BPKP (dihitung tersendiri)"


def test_d17_a_sheet_costs_the_same_however_many_rows(client, world, django_assert_num_queries):
    world.complaint()
    client.force_login(world.desa)
    client.get(f"{HERE}?{MARCH}")
    with django_assert_num_queries(6) as few:
        client.get(f"{HERE}?{MARCH}")
    for _time in range(3):
        world.complaint()
    with django_assert_num_queries(len(few)):
        client.get(f"{HERE}?{MARCH}")
