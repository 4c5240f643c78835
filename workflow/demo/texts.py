"""What invented people say: a few openings, matters and endings for each kind of trouble, put together at random."""

import re
from random import Random

MATTERS: dict[str, dict[str, tuple[str, ...]]] = {
    "pkh": {
        "data-peserta": (
            "Nama saya di kartu berbeda satu huruf dengan KTP, sehingga pencairan ditolak petugas bayar.",
            "Anak kedua saya sudah masuk SMP, tetapi di daftar masih tercatat kelas enam SD.",
            "Ibu mertua sudah pindah ke dusun lain dan sejak itu tidak lagi menerima undangan pertemuan.",
        ),
        "pembayaran": (
            "Bantuan tahap dua belum kami terima, padahal dusun sebelah sudah cair tiga minggu lalu.",
            "Antrean di kantor pos sejak subuh sampai sore, tiga ibu hamil pingsan menunggu.",
            "Jumlah yang dibayarkan kurang seratus ribu dari yang tertulis, tanpa penjelasan.",
        ),
        "komitmen-verifikasi": (
            "Anak saya rajin sekolah, tetapi tercatat sering tidak hadir sehingga bantuan dipotong.",
            "Posyandu tutup dua bulan karena bidan cuti, lalu kami dianggap tidak memenuhi kewajiban.",
        ),
        "bukan-peserta": (
            "Tetangga yang punya dua sawah menerima bantuan, sedangkan janda dengan empat anak tidak.",
            "Kami sudah didata tahun lalu, tetapi nama kami tidak ada dalam daftar peserta.",
        ),
        "ketersediaan-layanan": (
            "Vaksin di puskesmas pembantu kosong sejak bulan lalu, ibu-ibu pulang dengan tangan hampa.",
            "Guru kelas tiga pindah tugas dan belum ada penggantinya, anak-anak pulang pukul sembilan.",
        ),
        "kinerja-pendamping": ("Pendamping sudah empat bulan tidak datang ke pertemuan kelompok dan sulit dihubungi.",),
        "penyimpangan-kkn": ("Setiap pencairan ada potongan lima puluh ribu yang disebut uang administrasi kelompok.",),
        "teknis-administrasi": ("Formulir pemutakhiran habis di kecamatan dan kami diminta menunggu tanpa kepastian.",),
    },
    "pamsimas": {
        "penyimpangan-dana": (
            "Iuran air enam bulan terakhir tidak pernah dilaporkan, pompa rusak dan katanya kas kosong.",
            "Pembelian pipa di kuitansi dua inci, yang dipasang satu inci.",
        ),
        "pelanggaran-prosedur": (
            "Lokasi sumur bor dipindah tanpa musyawarah, sekarang hanya mengaliri rumah dekat balai desa.",
            "Pemilihan pengurus dilakukan tertutup, undangan hanya sampai ke beberapa rumah.",
        ),
        "kinerja-pelaku": ("Pengurus tidak menanggapi laporan kebocoran di RT empat selama tiga minggu.",),
        "force-majeure": ("Bak penampung retak sesudah tanah longsor, air tidak sampai ke tiga dusun.",),
    },
    "pnpm": {
        "penyimpangan-prosedur": (
            "Jenis kegiatan berubah dari jembatan menjadi talud sesudah dana turun, tanpa musyawarah khusus.",
            "Buku kas UPK tidak boleh dilihat anggota kelompok.",
        ),
        "penyimpangan-dana": (
            "Setoran kelompok simpan pinjam dipakai dulu oleh ketua dan belum kembali.",
            "Pemasok sudah dibayar lunas, batu dan pasir belum datang.",
        ),
        "intervensi-negatif": ("Usulan dusun kami dicoret karena ada tekanan agar jalan lain didahulukan.",),
        "force-majeure": ("Jembatan yang baru selesai hanyut oleh banjir bandang.",),
        "pembinaan-program": ("Tim pemelihara tidak pernah dilatih, saluran irigasi mulai rusak.",),
    },
    "kotaku": {
        "penyimpangan-dana": ("Upah kerja bakti padat karya belum dibayar penuh, sisanya tidak jelas.",),
        "pelanggaran-prosedur": ("Drainase dibangun tidak sesuai gambar yang disepakati warga.",),
        "intervensi-negatif": ("Penerima perbaikan rumah diganti sepihak menjelang pelaksanaan.",),
        "force-majeure": ("Jalan lingkungan ambles setelah banjir rob dan membahayakan anak sekolah.",),
    },
    "pelayanan-publik": {
        "penundaan-berlarut": (
            "Surat pindah diajukan enam minggu lalu dan setiap ditanya selalu diminta sabar.",
            "Akta kelahiran anak belum jadi, padahal tertulis selesai tiga hari.",
        ),
        "tidak-memberikan-pelayanan": ("Loket tutup sebelum waktunya dan sisa antrean disuruh pulang.",),
        "permintaan-imbalan": ("Diminta uang rokok supaya berkas didahulukan, tanpa kuitansi.",),
        "penyimpangan-prosedur": ("Diminta syarat tambahan yang tidak ada dalam papan standar pelayanan.",),
        "tidak-patut": ("Petugas membentak ibu lanjut usia yang salah mengisi formulir.",),
    },
}
INQUIRIES = {
    "pertanyaan": (
        "Kapan jadwal pencairan atau pelaksanaan berikutnya untuk desa kami?",
        "Apa syaratnya supaya dusun kami bisa ikut tahun depan?",
        "Ke mana kami melapor bila ada kerusakan pada malam hari?",
    ),
    "saran": (
        "Sebaiknya jadwal pertemuan diumumkan lewat pengeras suara masjid, banyak yang tidak punya ponsel.",
        "Mohon papan informasi dana dipasang di tempat yang mudah dilihat.",
    ),
    "kritik": ("Sosialisasi terlalu singkat, warga pulang tanpa mengerti hak dan kewajibannya.",),
}
OPENINGS = ("", "Mohon maaf mengganggu. ", "Dengan hormat, ", "Assalamualaikum. ", "Kami warga RT {rt}. ")
ENDINGS = (
    "",
    " Mohon ditindaklanjuti.",
    " Kami sudah menanyakan ke pengurus, belum ada jawaban.",
    " Foto menyusul bila diperlukan.",
    " Sudah kami bicarakan di musyawarah dusun, tetapi belum ada jalan keluar.",
)
NAMES = ("Siti", "Budi", "Yanti", "Joko", "Nur", "Tarno", "Lilis", "Rohman", "Endang", "Wahyu", "Murni", "Kasim")


def subject_of(text: str) -> str:
    """Return what an officer would write as the matter of such a text: its own sentence, up to the first comma."""
    for opening in OPENINGS[1:4]:
        text = text.removeprefix(opening)
    if text.startswith("Kami warga RT"):
        text = text.partition(". ")[2]
    sentence = re.split(r"[.,?]", text)[0]
    return sentence[:1].upper() + sentence[1:]


def matter(dice: Random, programme: str) -> tuple[str, str]:
    """Return (category code, text): one in four only asks or advises."""
    if dice.random() < 0.27:
        category = dice.choices(["pertanyaan", "saran", "kritik"], [6, 2, 1])[0]
        text = dice.choice(INQUIRIES[category])
    else:
        kinds = MATTERS[programme]
        category = dice.choices(list(kinds), [1 + 2 * len(texts) for texts in kinds.values()])[0]
        text = dice.choice(kinds[category])
    opening = dice.choice(OPENINGS).format(rt=f"{dice.randint(1, 12):02d}")
    return category, f"{opening}{text}{dice.choice(ENDINGS)}"
