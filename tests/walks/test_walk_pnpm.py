"""PNPM: a procedure was passed over; raised by degrees with consent, given more time, silent, reopened; and a code of
conduct case beside it (D7, D28, D33, D45, D52)."""

from datetime import date

import pytest

from pengaduan.models import Outcome, Stage
from tests.cast import at
from tests.walks.cast import Place
from tests.walks.walk import Citizen
from tiers.models import Tier

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PLACE = Place("53.01.05.2003", ("Nusa Tenggara Timur", "Kabupaten Kupang", "Kupang Barat", "Manulai I"))


def test_a_pnpm_case_is_walked_by_degrees(begin):
    walk = begin("pnpm", PLACE, start="2026-02-02 09:00")
    walk.warga.report(
        category="penyimpangan-prosedur", place=PLACE, secrecy="anonim", photo="Daftar hadir musyawarah",
        text="Jalan desa dipindahkan ke dusun lain tanpa musyawarah antardesa. Daftar hadirnya tidak ada.",
    )  # fmt: skip
    first_degree(walk)
    second_degree(walk)
    more_time(walk)
    settled(walk, walk.kabupaten, when="2026-05-20 09:00", above=walk.provinsi)
    walk.until(at("2026-06-04 09:00"))
    assert (walk.complaint.stage, walk.complaint.outcome) == (Stage.CLOSED, Outcome.SILENT)
    reopened(walk)
    settled(walk, walk.provinsi, when="2026-06-12 09:00", above=walk.pusat)
    walk.warga.say("terima-hasil", "Sekarang sudah dimusyawarahkan.", "Menerima hasil", "D28")
    assert (walk.complaint.stage, walk.complaint.outcome) == (Stage.CLOSED, Outcome.ACCEPTED)
    code_of_conduct(walk)
    walk.end()


def first_degree(walk):
    walk.kecamatan.take(
        "daftarkan", "D17, D18", subject="Jalan dipindahkan tanpa musyawarah",
        recorded="Lokasi jalan dipindahkan tanpa musyawarah antardesa.", suitable=True, programme_year=2026,
    )  # fmt: skip
    assert "Derajat masalah" in walk.kecamatan.look("Kasus berderajat satu di kecamatan", "D2, D33").content()
    walk.kecamatan.take("ubah-bobot", "D14, D45", weight="sedang", prominent=True, reason="Menyangkut beberapa desa.")


def second_degree(walk):
    """Refused once, consented to once; the office left behind helps (D33)."""
    walk.kecamatan.take("naikkan", "D33", "Mengusulkan naik ke derajat dua", reason="Camat ikut memutuskan.")
    walk.penyelia.decide_proposal(
        "Penyelia menolak usul dengan alasan", "D33", "Tinjau dulu berita acaranya.", verdict="tolak"
    )
    assert walk.complaint.tier == Tier.KECAMATAN
    walk.kecamatan.take(
        "naikkan", "D33", "Mengusulkan lagi sesudah peninjauan", reason="Sudah ditinjau: berita acaranya tidak ada."
    )
    walk.penyelia.decide_proposal("Penyelia menyetujui derajat dua", "D33", "Setuju, sudah ditinjau bersama.")
    assert walk.complaint.tier == Tier.KABUPATEN
    walk.kabupaten.take(
        "minta-bantuan", "D33", whom="FK dan PjOK Kecamatan Kupang Barat", asked="Salinan daftar hadir musyawarah."
    )
    walk.kecamatan.take("beri-bantuan", "D33", reason="Daftar hadir tidak pernah dibuat.")
    walk.kabupaten.take(
        "catat-keterangan", "D23", kind="tokoh", who="Tokoh adat", text="Tidak ada undangan musyawarah."
    )
    walk.kabupaten.take("nyatakan-terbukti", "D23", chronology="Undangan dan daftar hadir tidak ditemukan.")


def more_time(walk):
    """Proposed by who handles, agreed by the tier above, told to the complainant with reason and date (D52)."""
    until = walk.complaint.tier_due_at.date().replace(day=28)
    walk.until(at("2026-04-20 09:00"))
    walk.kabupaten.take(
        "perpanjang", "D52", "Mengusulkan perpanjangan", until=until, reason="Musyawarah antardesa menunggu panen."
    )
    due = walk.complaint.due_at
    walk.provinsi.decide_proposal("Provinsi menyetujui perpanjangan", "D52", "Setuju sekali ini.")
    assert (walk.complaint.extended_until, walk.complaint.due_at) == (until, due)
    assert "panen" in walk.warga.letter("masih dalam proses", "Surat masih dalam proses", "D42, D52")


def settled(walk, desk, *, when, above):
    desk.take(
        "rekomendasikan", "D24", case_analysis="Musyawarah dilewati.", stakeholder_analysis="FK, PjOK, kepala desa.",
        recommendation="non_litigation", follow_up_by="Faskab bersama camat",
    )  # fmt: skip
    action = f"Musyawarah antardesa sebelum {when[:7]}"
    desk.take("sepakati-tindakan", "D25", kind="prosedur", what=action, who="FK", until=at(when).date())
    walk.until(at(when))
    desk.take("catat-hasil-tindakan", "D25", action=f"{action} (FK)", done="ya", result="Sudah diadakan.")
    desk.take("laporkan-hasil", "D25", result="Lokasi jalan diputuskan lagi bersama.", file=f"Hasil {when}")
    desk.take(
        "nyatakan-selesai", "D26, D27, D29", finding="Keputusan dijalankan.", forum_held_on=at(when).date(),
        forum_place="Kantor camat", forum_attendance=56, forum_decision="Jalan dibangun di dua dusun.", ticked=True,
        file=f"Berita acara {when}",
    )  # fmt: skip
    above.take("sahkan-selesai", "D53")


def reopened(walk):
    """Closed in silence, opened again within thirty days, reviewed with minutes under the old clock (D28)."""
    due = walk.complaint.due_at
    walk.warga.say("buka-kembali", "Saya baru kembali dari ladang; jalannya belum dipindah.", "Membuka kembali", "D28")
    walk.kabupaten.take("tinjau-ke-analisis", "D28", file="Berita acara peninjauan")
    assert (walk.complaint.stage, walk.complaint.due_at) == (Stage.ANALYSIS, due)
    walk.until(at("2026-06-05 09:00"))
    assert (walk.complaint.tier, walk.complaint.due_at) == (Tier.PROVINSI, due)
    walk.provinsi.look("Tenggat lama sudah lewat: naik ke derajat tiga", "D32, D54")


def code_of_conduct(walk):
    """A facilitator is reported: kept from the kecamatan, heard, and left to the firm that employs them (D7, D35)."""
    walk.warga = Citizen(walk)
    walk.warga.report(
        category="kode-etik", place=PLACE, name="Yohanes Contoh", reported="Fasilitator kecamatan",
        text="Fasilitator meminta bagian dari honor pelatihan kepada tiga kader.", photo="Kuitansi honor",
    )  # fmt: skip
    walk.kecamatan.sees_nothing("Kecamatan tidak melihat kasus kode etik", "D35")
    walk.kabupaten.take(
        "daftarkan", "D17, D18", "Mendaftarkan kasus kode etik", subject="Permintaan bagian honor",
        recorded="Fasilitator dilaporkan meminta bagian honor kader.", suitable=True,
    )  # fmt: skip
    walk.kabupaten.take(
        "catat-keterangan", "D60", "Mencatat jawaban fasilitator", kind="terlapor", party="Fasilitator kecamatan",
        given_on=date(2026, 6, 12), text="Saya menerima uang transpor, bukan bagian honor.",
    )  # fmt: skip
    walk.kabupaten.take("nyatakan-terbukti", "D23", "Menyatakan masalah kode etik terjadi", chronology="Tiga kuitansi.")
    walk.kabupaten.take(
        "salurkan", "D7, D53", "Mengusulkan penyaluran kepada perusahaan", reason="Tindak lanjut pada pemberi kerja.",
        authority="Perusahaan konsultan pendamping provinsi",
    )  # fmt: skip
    assert walk.complaint.stage == Stage.ANALYSIS
    walk.penyelia.decide_proposal("Penyelia menyetujui penyaluran", "D7, D53", "Sesuai panduan kode etik.")
    assert walk.complaint.outcome == Outcome.REFERRED
    walk.warga.letter("kami salurkan", "Pelapor membaca ke mana disalurkan")
