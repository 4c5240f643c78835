"""PKH: a participant's data are wrong; the village is late, the regency recommends, Pusat decides (D32, D36, D54)."""

from datetime import date

import pytest

from pengaduan.models import Outcome, Stage
from tests.cast import at
from tests.walks.cast import Place
from tiers.models import Tier

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PLACE = Place("33.29.01.2001", ("Jawa Tengah", "Kabupaten Brebes", "Salem", "Banjaran"))
NAME, PHONE = "Siti Contoh", "0812 3456 7890"


def test_a_pkh_case_is_walked_from_the_village_to_pusat_and_back(begin):
    walk = begin("pkh", PLACE, start="2026-03-02 09:00")
    walk.warga.report(
        category="data-peserta", place=PLACE, name=NAME, phone=PHONE, reported="Petugas pendataan",
        text="Anak kedua saya tidak tercatat sebagai anggota keluarga, padahal ia bersekolah. Sudah saya sampaikan.",
    )  # fmt: skip
    in_the_village(walk)
    up_by_time_and_by_consent(walk)
    recommended_and_decided(walk)
    rejected_once(walk)
    settled(walk, ask_again=False)
    walk.warga.say("terima-hasil", "Kartu anak saya sudah benar.", "Menerima hasil", "D28")
    walk.warga.look("Pengaduan ditutup di mata pelapor")
    case = walk.complaint
    assert (case.stage, case.outcome, case.rejections, case.tier) == (Stage.CLOSED, Outcome.ACCEPTED, 1, Tier.PUSAT)
    walk.pusat.look("Kasus ditutup, seluruh perjalanannya tercatat", "D40")
    walk.end()


def in_the_village(walk):
    """Ask, wait with the clock standing, register, hear a witness."""
    walk.desa.open("/petugas/")
    walk.desa.see("Kotak masuk petugas desa", "D48")
    assert NAME not in walk.desa.look("Kasus baru tanpa nama pelapor", "D37").content()
    walk.desa.take(
        "minta-kelengkapan", "D12, D59", wanted=["tahun", "tahap", "sejak"], questions="Sekolah anak Anda di desa mana?"
    )
    walk.desa.look("Berkas menunggu pelapor, waktunya berhenti", "D12")
    walk.until(at("2026-03-05 09:00"))
    walk.warga.look("Petugas bertanya; waktunya berhenti dan mengapa", "D12")
    walk.warga.answer(
        "Menjawab dengan sekali ketuk", "D59",
        **{"q-tahun": 2026, "q-tahap": "Tahap 1", "q-sejak": date(2026, 1, 12), "q-lain": "Di desa ini juga."},
    )  # fmt: skip
    due = walk.complaint.due_at
    walk.desa.take(
        "daftarkan", "D17, D18", subject="Anggota keluarga belum tercatat",
        recorded="Satu anak keluarga peserta belum tercatat sebagai anggota.", field="Data dan kepesertaan",
        source="Peserta PKH", suitable=True,
    )  # fmt: skip
    assert walk.complaint.due_at == due
    walk.desa.take(
        "catat-keterangan", "D23", kind="saksi", who="Guru kelas", text="Anak itu murid kelas dua sejak tahun lalu."
    )


def up_by_time_and_by_consent(walk):
    """Nobody acts: one tier up by itself. Then the kecamatan proposes and the supervisor consents."""
    due = walk.complaint.due_at
    walk.until(at("2026-05-04 09:00"))
    assert (walk.complaint.tier, walk.complaint.due_at) == (Tier.KECAMATAN, due)
    walk.kecamatan.look("Naik sendiri sesudah tenggat desa lewat", "D32")
    walk.desa.look("Desa tetap dapat membaca kasusnya", "D33")
    assert not walk.desa.offers("nyatakan-terbukti")
    walk.kecamatan.take(
        "naikkan", "D33", "Mengusulkan naik ke kabupaten", reason="Basis data hanya dapat diubah lewat kabupaten."
    )
    assert walk.complaint.tier == Tier.KECAMATAN
    walk.penyelia.decide_proposal("Penyelia menyetujui usul naik", "D33", "Sudah ditinjau bersama pendamping.")
    assert walk.complaint.tier == Tier.KABUPATEN


def recommended_and_decided(walk):
    """The regency recommends with proof, the one responsible at Pusat decides (D36)."""
    walk.kabupaten.take(
        "rekomendasi-basis-data", "D36", reason="Catat anak kedua; surat keterangan sekolah terlampir.", file="Surat"
    )
    assert (walk.complaint.tier, walk.complaint.category.code) == (Tier.PUSAT, "perbaikan-basis-data")
    walk.warga.letter("sedang diproses di Pusat", "Surat: pemrosesan basis data paling lama sebulan")
    walk.pusat.take(
        "nyatakan-terbukti", "D23", chronology="Data sekolah dan basis data dibandingkan; anaknya terlewat."
    )
    walk.pusat.take(
        "putuskan-basis-data", "D36", "Mengusulkan keputusan basis data", approved="ya", reason="Buktinya cukup."
    )
    walk.rekan.decide_proposal("Penanggung jawab di Pusat memutuskan", "D36", "Perbaiki sebelum pembayaran berikut.")
    assert walk.complaint.case_file.master_data_approved is True
    walk.pusat.take(
        "rekomendasikan", "D24", case_analysis="Terlewat saat pemutakhiran.", recommendation="non_litigation",
        stakeholder_analysis="Sekolah, pendamping, UPPKH Kabupaten.", follow_up_by="UPPKH Kabupaten Brebes",
    )  # fmt: skip
    settled(walk)


def settled(walk, *, ask_again=True):
    """Agreed, done, reported, monitored, settled in a forum, verified by somebody else."""
    walk.pusat.take(
        "sepakati-tindakan", "D25", kind="prosedur", what="Mencatat anggota keluarga dan mencetak kartu baru",
        who="UPPKH Kabupaten Brebes", until=date(2026, 7, 1),
    )  # fmt: skip
    walk.pusat.take(
        "catat-hasil-tindakan", "D25", action="Mencatat anggota keluarga dan mencetak kartu baru", done="ya",
        result="Sudah tercatat.",
    )  # fmt: skip
    walk.pusat.take("laporkan-hasil", "D25", result="Basis data sudah diperbaiki.", file="Hasil")
    walk.pusat.begin("nyatakan-selesai")
    assert [sheet[:4] for sheet in walk.pusat.print_forms()] == [b"%PDF", b"%PDF"]
    walk.pusat.take(
        "nyatakan-selesai", "D26, D27, D29", finding="Kartu baru sudah diterima.",
        forum_held_on=walk.clock.now().date(),
        forum_place="Balai desa Banjaran", forum_attendance=24, forum_decision="Warga menerima.",
        ticked=True, file="Berita acara",
    )  # fmt: skip
    assert not walk.pusat.offers("sahkan-selesai")
    walk.rekan.take("sahkan-selesai", "D53")


def rejected_once(walk):
    due = walk.complaint.due_at
    walk.warga.letter("Hasil", "Surat hasil dan apa yang dapat dilakukan bila tidak puas")
    walk.warga.say("tolak-hasil", "Tanggal lahirnya masih salah.", "Menolak hasil", "D28")
    walk.pusat.begin("tinjau-ke-analisis")
    assert [sheet[:4] for sheet in walk.pusat.print_forms()] == [b"%PDF", b"%PDF"]
    walk.pusat.take("tinjau-ke-analisis", "D28, D54", file="Berita acara peninjauan")
    walk.pusat.take(
        "rekomendasikan", "D24", "Menetapkan rekomendasi sekali lagi", case_analysis="Tanggal lahir tertukar."
    )
    assert walk.complaint.due_at == due
