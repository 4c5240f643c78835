"""PAMSIMAS: the village's own body is reported for missing money; it never sees the case (D29, D35, D49, D60, D63)."""

from datetime import date

import pytest

from pengaduan.models import Outcome, Stage
from tests.cast import at
from tests.walks.cast import Place
from tiers.models import Tier

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PLACE = Place("52.01.01.2002", ("Nusa Tenggara Barat", "Kabupaten Lombok Barat", "Gerung", "Kebon Ayu"))
NAME, PHONE = "Baiq Contoh", "0812 3456 7891"
STANDARD_REFUSED = "Kerugiannya harus sudah dicatat dan seluruh uang sudah kembali. Catat dulu uangnya."


def test_a_pamsimas_case_of_money_is_walked_past_the_office_that_it_is_against(begin):
    walk = begin("pamsimas", PLACE, start="2026-04-06 09:00")
    walk.warga.report(
        category="penyimpangan-dana", place=PLACE, name=NAME, phone=PHONE, reported="Bendahara KKM",
        text="Iuran air dua belas juta rupiah tidak ada di kas. Keran sudah tiga bulan kering.",
        photo="Kuitansi iuran", occurred_on=date(2026, 3, 20),
    )  # fmt: skip
    against_the_village(walk)
    clarified(walk)
    handled(walk)
    money_back(walk)
    walk.provinsi.take("sahkan-selesai", "D53")
    walk.warga.say("terima-hasil", "Air mengalir lagi.", "Menerima hasil", "D28")
    case = walk.complaint
    assert (case.stage, case.outcome, case.tier, case.outstanding) == (
        Stage.CLOSED,
        Outcome.ACCEPTED,
        Tier.KABUPATEN,
        0,
    )
    walk.kabupaten.look("Kasus ditutup, uangnya kembali semua", "D29")
    walk.desa.sees_nothing("Juga sesudah ditutup KKM tidak melihatnya", "D49")
    walk.end()


def against_the_village(walk):
    """The regency sees who is meant, and takes the case out of the reported office's reach."""
    walk.kabupaten.look("PAKEM membaca siapa yang mungkin disebut", "D49")
    walk.kabupaten.take(
        "tetapkan-terlapor", "D35, D49", reported_office="KKM Kebon Ayu", reported_words="Bendahara KKM"
    )
    walk.desa.sees_nothing("KKM yang dilaporkan tidak melihat apa pun", "D35, D49")
    assert walk.complaint.tier == Tier.KABUPATEN
    walk.kabupaten.take(
        "daftarkan", "D17, D18", subject="Iuran air tidak ada di kas",
        recorded="Iuran air warga dilaporkan tidak ada di kas kelompok pengelola.", suitable=True,
        source="Warga masyarakat",
    )  # fmt: skip
    walk.kabupaten.take("ubah-bobot", "D14", weight="berat", prominent=True, reason="Air bersih satu desa terhenti.")


def clarified(walk):
    """Hear both sides, relieve the accused meanwhile, ask the custodian for the identity (D23, D25, D60, D63)."""
    walk.kabupaten.take(
        "catat-keterangan", "D23", "Mencatat wawancara tokoh", kind="tokoh", who="Kepala dusun",
        text="Keran kering sejak Januari; kas tidak pernah dibacakan.",
    )  # fmt: skip
    walk.kabupaten.take(
        "catat-keterangan", "D60", "Mencatat jawaban pihak yang dilaporkan", kind="terlapor", party="Bendahara KKM",
        who="Bendahara KKM", text="Uangnya dipinjam untuk pompa dan akan dikembalikan.",
    )  # fmt: skip
    walk.kabupaten.take(
        "bebastugaskan", "D25", party="Bendahara KKM", since=date(2026, 4, 6), ordered_by="Kepala desa, surat 12/2026"
    )
    identity(walk)
    walk.kabupaten.take("nyatakan-terbukti", "D23", chronology="Buku kas dan rekening selisih Rp 12.000.000.")


def identity(walk):
    """Ask, be granted by the custodian, open it; the complainant is told."""
    desk = walk.kabupaten
    desk.open(f"{walk.case_url}pelapor/")
    assert NAME not in desk.page.content()
    desk.fill(purpose="mencocokkan", motive="Kuitansi harus dicocokkan dengan penyetornya.")
    desk.see("Meminta identitas dibuka, dengan alasan", "D63")
    desk.send()
    walk.kustodian.open("/petugas/identitas/")
    with walk.kustodian.page.expect_navigation():
        walk.kustodian.page.get_by_role("link", name=walk.number).click()
    walk.kustodian.fill(verdict="4", reason="Hanya untuk mencocokkan kuitansi.")
    walk.kustodian.see("Kustodian mengizinkan empat jam", "D63")
    walk.kustodian.send()
    desk.open(f"{walk.case_url}pelapor/")
    desk.press("Buka identitas")
    assert NAME in desk.page.content()
    desk.see("Identitas terbuka di halaman ini saja", "D63")
    walk.warga.letter("Identitas Anda", "Pelapor diberi tahu identitasnya dibuka", "D63")


def handled(walk):
    """Analyse, ask for help, agree on repayment and a warning."""
    walk.kabupaten.take(
        "rekomendasikan", "D24", case_analysis="Uang dipinjam tanpa musyawarah.", recommendation="non_litigation",
        stakeholder_analysis="KKM, kepala desa, warga pemakai air.", follow_up_by="PAKEM bersama kepala desa",
    )  # fmt: skip
    walk.kabupaten.take(
        "minta-bantuan", "D33", whom="ROMS Provinsi Nusa Tenggara Barat", asked="Memeriksa rekening program di bank."
    )
    walk.provinsi.take("beri-bantuan", "D33", reason="Rekening program utuh; selisihnya hanya di kas.")
    walk.kabupaten.take(
        "sepakati-tindakan", "D25", kind="pengembalian", what="Mengembalikan seluruh iuran ke kas", who="Bendahara KKM",
        until=date(2026, 5, 1),
    )  # fmt: skip
    walk.kabupaten.take("catat-uang", "D29", "Mencatat kerugian", lost_amount="12.000.000")
    walk.kabupaten.take("laporkan-hasil", "D25", result="Disepakati dikembalikan dua kali.", file="Kesepakatan")


def money_back(walk):
    """Money outstanding keeps the case from being settled; when all is back it may be (D29)."""
    desk = walk.kabupaten
    repaid(walk, "7.000.000", at("2026-04-20 09:00"), "Mencatat pengembalian pertama")
    assert STANDARD_REFUSED in desk.case().inner_text("aside")
    assert not desk.offers("nyatakan-selesai")
    desk.see("Belum boleh selesai selama uang belum kembali", "D29")
    repaid(walk, "5.000.000", at("2026-05-01 09:00"), "Mencatat pengembalian kedua")
    desk.take(
        "catat-hasil-tindakan", "D25", action="Mengembalikan seluruh iuran ke kas (Bendahara KKM)", done="ya",
        result="Rp 12.000.000 sudah di kas.",
    )  # fmt: skip
    desk.take(
        "akhiri-pembebastugasan", "D25", suspension="Bendahara KKM", ended_on=date(2026, 5, 1), ended_as="diberhentikan"
    )
    desk.begin("nyatakan-selesai")
    assert [sheet[:4] for sheet in desk.print_forms()] == [b"%PDF", b"%PDF"]
    desk.take(
        "nyatakan-selesai", "D26, D27, D29", finding="Kas dibacakan di depan warga.", forum_held_on=date(2026, 5, 1),
        forum_place="Balai desa Kebon Ayu", forum_attendance=41, forum_decision="Warga menerima.", ticked=True,
        file="Berita acara",
    )  # fmt: skip
    assert not desk.offers("sahkan-selesai")


def repaid(walk, amount, when, what):
    walk.until(when)
    walk.kabupaten.take("catat-uang", "D29", what, amount=amount, paid_on=when.date(), words=f"Setoran kas {amount}")
