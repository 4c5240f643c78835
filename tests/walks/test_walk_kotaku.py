"""KOTAKU without JavaScript: told at the BKM's table, settled by the residents' own meeting (D26, D31, D53, D58)."""

from datetime import date

import pytest

from pengaduan.models import Outcome, Stage
from tests.cast import at
from tests.walks.cast import Place
from tiers.models import Tier

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PLACE = Place("33.75.01.1002", ("Jawa Tengah", "Kota Pekalongan", "Pekalongan Barat", "Medono"))
ACTION = "Membongkar dan memasang lagi saluran menurut gambar"


def test_a_kotaku_case_is_walked_in_the_residents_own_meeting(begin):
    walk = begin("kotaku", PLACE, start="2026-07-06 09:00", javascript=False)
    told_at_the_table(walk)
    talked_about(walk)
    handled(walk)
    not_yet_effective(walk)
    settled(walk, "Berita acara pertama")
    walk.kabupaten.take("kembalikan-ke-pemantauan", "D53", reason="Daftar hadir belum memuat warga RT 05.")
    settled(walk, "Berita acara kedua", again=" sekali lagi")
    walk.kabupaten.take("sahkan-selesai", "D53")
    walk.warga.letter("Hasil", "Surat hasil")
    assert not walk.desa.offers("terima-hasil")  # who handled it does not close it, not even on the complainant's word
    walk.kabupaten.take(
        "terima-hasil", "D21, D28, D53", "Unit PIM mencatat kata pelapor", reason="Menelepon: saluran sudah lancar."
    )
    case = walk.complaint
    assert (case.stage, case.outcome, case.tier) == (Stage.CLOSED, Outcome.ACCEPTED, Tier.DESA)
    walk.warga.look("Pengaduan selesai di mata pelapor")
    walk.end()


def told_at_the_table(walk):
    """The BKM writes it down for somebody who comes in, and hands over a slip with the code (D21, D58, D62)."""
    desk = walk.desa
    desk.open("/petugas/catat/?program=kotaku")
    desk.fill(
        channel="Tatap muka", category="Pelanggaran mekanisme atau prosedur",
        text="Saluran di RT 05 dangkal, tidak sesuai gambar, air masuk rumah.", name="Bu Contoh", consent_noted=True,
        reported_words="Panitia saluran", file="Formulir kertas",
    )  # fmt: skip
    desk.see("BKM mencatatkan pengaduan warga yang datang", "D21, D58")
    desk.send()
    walk.warga.code = "".join(desk.page.locator(".app-code").inner_text().split())
    walk.number = desk.page.locator(".govuk-summary-list__value").first.inner_text()
    desk.see("Lembar tanda terima dengan kode", "D62")
    walk.warga.look("Pelapor mengikuti dengan kodenya", "D39")


def talked_about(walk):
    """Register, and speak with the complainant both ways through the code."""
    walk.desa.take(
        "daftarkan", "D17, D18", subject="Saluran tidak sesuai gambar", suitable=True, weight="ringan",
        recorded="Saluran di RT 05 dilaporkan lebih dangkal daripada gambar.", source="Warga masyarakat",
        field="Teknik dan infrastruktur permukiman",
    )  # fmt: skip
    walk.desa.take("kirim-pesan", "D39", reason="Kami datang mengukur hari Kamis pukul empat sore.")
    walk.warga.say("pesan-pelapor", "Baik, kami tunggu di pos RT.", "Membalas pesan petugas", "D39")
    walk.desa.take(
        "catat-keterangan", "D23", kind="penyedia", who="Panitia pelaksana", text="Kedalaman berkurang karena batu."
    )
    walk.desa.take("nyatakan-terbukti", "D23", chronology="Diukur bersama warga: kurang dua puluh sentimeter.")


def handled(walk):
    analysed(walk)
    walk.desa.take("sepakati-tindakan", "D25", kind="kesepakatan", what=ACTION, who="Panitia", until=date(2026, 8, 1))
    walk.until(at("2026-07-27 09:00"))
    walk.desa.take("catat-hasil-tindakan", "D25", action=f"{ACTION} (Panitia)", done="ya", result="Dipasang lagi.")
    walk.desa.take("laporkan-hasil", "D25", result="Saluran dipasang menurut gambar.", file="Foto saluran")


def analysed(walk, again=""):
    walk.desa.take(
        "rekomendasikan", "D24", f"Menetapkan rekomendasi{again}", case_analysis=f"Gambar tidak diikuti{again}.",
        stakeholder_analysis="BKM, panitia, warga RT 05.", recommendation="non_litigation", follow_up_by="Panitia",
    )  # fmt: skip


def not_yet_effective(walk):
    """The agreement did not hold: back to the analysis, with the finding (D26)."""
    walk.desa.take("analisis-ulang", "D26", finding="Sesudah hujan air masih masuk di ujung saluran.")
    analysed(walk, " sekali lagi")
    walk.desa.take(
        "laporkan-hasil", "D25", "Melaporkan hasil sekali lagi", result="Ujung saluran diperlebar.", file="Foto ujung"
    )


def settled(walk, minutes, again=""):
    walk.desa.take(
        "nyatakan-selesai", "D27, D29, D31", f"Menyatakan selesai dalam musyawarah warga{again}", ticked=True,
        finding="Air tidak masuk lagi.", forum_held_on=walk.clock.now().date(), forum_place="Balai RW 02",
        forum_attendance=33, forum_decision="Warga menerima saluran.", file=minutes,
    )  # fmt: skip
    assert not walk.desa.offers("sahkan-selesai")
