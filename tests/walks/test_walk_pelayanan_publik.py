"""Public service: sixty days from the complete file, refused twice, the Ombudsman at the end (D9, D12, D13, D54)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from pengaduan.models import Stage
from tests.cast import at
from tests.walks.cast import Place
from tiers.models import Tier
from workflow import daily

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PLACE = Place("73.71.01.1001", ("Sulawesi Selatan", "Kota Makassar", "Mariso", "Bontorannu"))


def test_a_public_service_case_is_walked_to_the_ombudsman(begin):
    walk = begin("pelayanan-publik", PLACE, start="2026-03-02 09:00")
    walk.warga.report(
        category="penundaan-berlarut", place=PLACE, knows_village=False, name="Andi Contoh", email="andi@contoh.id",
        text="Surat pengantar pindah tidak selesai-selesai, katanya petugasnya belum ada.",
        occurred_on=date(2026, 1, 5),
    )  # fmt: skip
    completed(walk)
    registered(walk)
    settled(walk, "pertama")
    refused(walk, "Suratnya salah nama.", "Menolak hasil")
    walk.desa.take("tinjau-ke-analisis", "D28, D54", file="Berita acara peninjauan")
    settled(walk, "kedua", again=" sekali lagi")
    refused(walk, "Namanya masih salah.", "Menolak hasil untuk kedua kalinya")
    assert (walk.complaint.tier, walk.complaint.stage) == (Tier.KECAMATAN, Stage.REVIEW)
    walk.kecamatan.look("Ditolak dua kali: kecamatan yang memegang", "D54")
    walk.warga.letter("Rujukan", "Surat rujukan ke Ombudsman", "D54")
    up_to_the_top(walk)
    walk.end()


def completed(walk):
    """What is missing is asked in one tap each; the complainant is reminded and answers; the clock stood (D12, D59)."""
    walk.kecamatan.look("Diterima di kecamatan: kelurahannya belum diketahui", "D19, D59")
    walk.kecamatan.take("minta-kelengkapan", "D12, D59", wanted=["tempat", "layanan", "sudah-lapor"])
    walk.until(at("2026-03-18 09:00"))
    walk.warga.letter("masih menunggu", "Pengingat sesudah lima belas hari", "D12")
    walk.warga.answer(
        "Menjawab dengan sekali ketuk", "D59",
        **{"q-tempat": "Bontorannu", "q-layanan": "Kantor kelurahan, surat pindah", "q-sudah-lapor": "Belum"},
    )  # fmt: skip


def registered(walk):
    """The sixty days begin on the day of the complete file; a late report is noted, not refused (D9, D13)."""
    walk.until(at("2026-03-20 09:00"))
    walk.kecamatan.take(
        "daftarkan", "D9, D13, D18", subject="Surat pengantar pindah tertunda", region="Bontorannu", suitable=True,
        recorded="Surat pengantar pindah belum selesai sejak Januari.", source="Warga, perseorangan",
    )  # fmt: skip
    case = walk.complaint
    assert (case.tier, case.due_at.date()) == (Tier.DESA, date(2026, 3, 20) + timedelta(days=60))
    walk.desa.look("Enam puluh hari sejak berkas lengkap, di kelurahan", "D9, D11, D31")
    walk.desa.take("catat-keterangan", "D23", kind="dinas", who="Loket kelurahan", text="Blangko habis dua bulan.")
    walk.desa.take("nyatakan-terbukti", "D23", chronology="Buku agenda menunjukkan berkas masuk 5 Januari.")


def settled(walk, minutes, again=""):
    walk.desa.take(
        "rekomendasikan", "D24", f"Menetapkan rekomendasi{again}", case_analysis=f"Berkas {minutes} terlambat.",
        stakeholder_analysis="Kelurahan, Dukcapil.", recommendation="non_litigation", follow_up_by="Lurah",
    )  # fmt: skip
    walk.desa.take(
        "laporkan-hasil", "D25", f"Melaporkan hasil{again}", result=f"Surat {minutes} selesai.", file=f"Surat {minutes}"
    )
    walk.desa.take(
        "nyatakan-selesai", "D27, D29", f"Menyatakan selesai{again}", ticked=True, finding="Surat sudah di loket.",
        forum_held_on=walk.clock.now().date(), forum_place="Kantor kelurahan", forum_attendance=5,
        forum_decision="Surat diserahkan.", file=f"Berita acara {minutes}",
    )  # fmt: skip
    assert not walk.kecamatan.offers("sahkan-selesai")  # it took the complaint in, so it has handled it
    walk.kabupaten.take("sahkan-selesai", "D53", f"Perangkat daerah mengesahkan{again}")


def refused(walk, why, what):
    due = walk.complaint.due_at
    walk.warga.say("tolak-hasil", why, what, "D28, D54")
    assert walk.complaint.due_at == due


def up_to_the_top(walk):
    """Nobody acts: rung by rung to the top, where it is flagged, told every day, and the Ombudsman is named (D32)."""
    for tier in (Tier.KABUPATEN, Tier.PROVINSI, Tier.PUSAT):
        walk.until(walk.complaint.tier_due_at + timedelta(hours=9))
        assert walk.complaint.tier == tier
    walk.provinsi.look("Provinsi melepas dan tetap membaca", "D32, D33")
    walk.until(walk.complaint.tier_due_at + timedelta(hours=9))
    assert walk.complaint.top_overdue_at is not None
    assert daily.owe_daily(now=timezone.now()) == []  # nobody is left untold
    walk.pusat.look("Terlambat di puncak, ditandai", "D32")
    walk.koordinator.look("Koordinator diberi tahu setiap hari", "D32")
    walk.warga.letter("melewati tenggat", "Pelapor diberi tahu haknya ke Ombudsman", "D32")
    walk.pusat.open(f"{walk.case_url}surat/")
    walk.pusat.see("Semua surat kasus ini, juga untuk dicetak", "D42")
