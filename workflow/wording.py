"""The words that are built in, and the marks in braces that each template may use: the one place that knows (D19, D42).

A programme's own template comes before these words; the seed, the admin and the letters all ask `marks_of`.
"""

import re
from datetime import date

from pengaduan.models import Stage
from workflow import notices

MARK = re.compile(r"\{([^{}]*)\}")
FACTS = ("nomor", "program", "kategori", "wilayah", "tahap", "kantor", "jenjang", "tenggat", "tautan")
WORDS = ("alasan", "pertanyaan", "tujuan")  # what somebody wrote: never in a mail to officers (D37)
PLACEHOLDERS = (*FACTS, *WORDS)
LETTER = "surat-"  # before the code of a reply: its words on paper

# Letters to an authority, never with the complainant's identity (D35, D54).
REFERRAL, OMBUDSMAN, OVERSIGHT = "surat-disalurkan", "surat-ombudsman", "surat-pengawas"
TO_AUTHORITY = {
    "salurkan": REFERRAL,
    "teruskan-tim-koordinasi": REFERRAL,
    "serahkan-fase-akhir": REFERRAL,
    "serahkan-pengawas": OVERSIGHT,
}
# With any refusal the complainant may turn to the Ombudsman; an office refers once refused twice, or late at the top.
REFUSALS = frozenset({"tolak-hasil", "tolak-jawaban", "bukan-kewenangan", "sahkan-tidak-terbukti", "puncak-terlambat"})
AUTHORITY_LETTERS = (REFERRAL, OMBUDSMAN, OVERSIGHT)

# Which words a template may repeat to the complainant: those that an officer wrote for them at that very step. A reason
# meant for the file is none of them.
_ASKED = ("minta-kelengkapan", notices.INCOMPLETE, notices.REMINDER)
_REASONED = (
    *("jawaban", "hasil", "tidak-terbukti", "masih-dalam-proses", "keputusan-basis-data"),
    "proses-hukum-berakhir",
)
_TURNED = (
    *("bukan-kewenangan", "disalurkan", "proses-hukum", "serahkan-fase-akhir", "serahkan-pengawas"),
    "teruskan-tim-koordinasi",
)
WORDS_OF = {
    **dict.fromkeys(_ASKED, ("pertanyaan",)),
    **dict.fromkeys(_REASONED, ("alasan",)),
    **dict.fromkeys((*_TURNED, *(code.removeprefix(LETTER) for code in AUTHORITY_LETTERS)), ("alasan", "tujuan")),
}


def marks_of(code: str) -> tuple[str, ...]:
    """Return the marks that a template may use, in the order in which they are explained."""
    return (*FACTS, *WORDS_OF.get(code.removeprefix(LETTER), ()))


def unknown_marks(code: str, *texts: str) -> list[str]:
    """Return what stands in braces in the texts of a template and is no mark of it."""
    known = marks_of(code)
    return [mark for text in texts for mark in MARK.findall(text) if mark not in known]


# A stage in the words of someone who has never handled a complaint; the tracking page says the same.
STAGE_WORDS = {
    Stage.REGISTRATION: "Diterima",
    Stage.ANSWER: "Jawaban disiapkan",
    Stage.CLARIFICATION: "Diperiksa kebenarannya",
    Stage.ANALYSIS: "Dicari jalan keluarnya",
    Stage.HANDLING: "Ditangani",
    Stage.MONITORING: "Dipantau",
    Stage.SETTLED: "Diperiksa lagi",
    Stage.FEEDBACK: "Menunggu tanggapan Anda",
    Stage.REVIEW: "Ditinjau kembali",
    Stage.CLOSED: "Ditutup",
}

# Where a programme has no template of its own: a few sentences each, the facts follow below them.
UNSATISFIED = (
    "Bila Anda tidak puas, Anda dapat menolak hasil ini, menyampaikannya kepada atasan kantor ini, atau melapor kepada"
    " Ombudsman Republik Indonesia (telepon 137, ombudsman.go.id), tanpa biaya."
)
TO_COMPLAINANT = {
    "tanda-terima": "Terima kasih. Pengaduan Anda sudah kami terima dan kami catat.",
    "terdaftar": "Pengaduan Anda sudah kami periksa dan kami daftarkan.",
    "jawaban": "Ini jawaban kami:\n\n{alasan}\n\nMohon beri tahu kami apakah jawaban ini membantu.",
    "minta-kelengkapan": "Untuk melanjutkan pengaduan Anda, kami memerlukan keterangan berikut:\n\n{pertanyaan}",
    "belum-lengkap": "Supaya kami dapat menindaklanjutinya, kami memerlukan keterangan berikut:\n\n{pertanyaan}",
    notices.REMINDER: (
        "Kami masih menunggu keterangan yang kami minta. Mohon jawab sebelum {tenggat}; sesudah itu pengaduan kami"
        " anggap dicabut. Selama menunggu, waktu penanganan berhenti dihitung."
    ),
    "perkembangan": "Ada perkembangan dalam penanganan pengaduan Anda.",
    "hasil": (
        "Pengaduan Anda sudah kami tangani. Hasilnya:\n\n{alasan}\n\nApakah Anda menerima hasil ini? Bila sampai"
        f" {{tenggat}} belum ada jawaban, hasilnya dianggap diterima.\n\n{UNSATISFIED}"
    ),
    "tidak-terbukti": (f"Menurut bukti yang kami temukan, kejadian itu tidak terbukti.\n\n{{alasan}}\n\n{UNSATISFIED}"),
    "ditutup": "Terima kasih atas tanggapan Anda. Pengaduan ini kami tutup sebagai selesai.",
    "ditutup-diam": (
        "Kami belum menerima tanggapan Anda, sehingga pengaduan ini kami tutup sebagai diterima tanpa tanggapan."
        " Bila Anda tidak setuju, Anda masih dapat membukanya lagi sampai {tenggat}."
    ),
    "ditolak": (
        "Penolakan Anda sudah kami catat dan kami tindak lanjuti. Tenggat yang semula tetap berlaku; waktunya tidak"
        " dihitung dari awal lagi. Anda juga berhak melapor kepada Ombudsman Republik Indonesia: telepon 137,"
        " ombudsman.go.id. Surat rujukannya tersedia di halaman pengaduan Anda."
    ),
    "dibuka-kembali": "Pengaduan Anda dibuka kembali dengan nomor dan tenggat yang sama.",
    "ingat-kelengkapan": (
        "Kami masih menunggu keterangan Anda:\n\n{pertanyaan}\n\nSelama menunggu, waktu penanganan berhenti. Jawablah"
        " paling lambat {tenggat}; sesudah itu pengaduan kami anggap dicabut, tetapi masih dapat dilanjutkan."
    ),
    "tidak-dilengkapi": (
        "Sampai {tenggat} kami belum menerima keterangan yang kami minta, sehingga pengaduan ini kami anggap dicabut."
        " Anda masih dapat melanjutkannya."
    ),
    "dicabut": "Sesuai permintaan Anda, pengaduan ini sudah dicabut.",
    "bukan-kewenangan": "Kami tidak berwenang menangani hal ini. Yang dapat membantu Anda: {tujuan}\n\n{alasan}",
    "terima-kasih": "Terima kasih atas pesan dan dukungan Anda.",
    "disalurkan": "Pengaduan Anda kami salurkan kepada: {tujuan}\n\n{alasan}",
    "proses-hukum": (
        "Perkara yang Anda laporkan sekarang ditangani aparat hukum: {tujuan}\n\n{alasan}\n\n"
        "Perkembangannya tetap kami pantau."
    ),
    "pantau-hukum": "Kami menanyakan perkembangan perkara Anda kepada aparat hukum. Prosesnya masih berjalan.",
    "proses-hukum-berakhir": "Proses hukum atas perkara yang Anda laporkan sudah berakhir.\n\n{alasan}",
    "serahkan-fase-akhir": (
        "Program di lokasi ini berakhir. Penyelesaian pengaduan Anda dilanjutkan oleh: {tujuan}\n\n{alasan}"
    ),
    "serahkan-pengawas": (
        "Supaya diperiksa oleh pihak di luar kantor yang dilaporkan, pengaduan Anda kami serahkan kepada: {tujuan}"
        "\n\n{alasan}"
    ),
    "duplikat": "Hal yang sama sudah kami tangani dalam pengaduan lain; pengaduan Anda kami gabungkan dengannya.",
    "pisahkan": "Pengaduan Anda ternyata tentang hal lain, sehingga kami tangani tersendiri lagi.",
    "pesan": "Ada pesan untuk Anda. Demi kerahasiaan, isinya hanya dapat dibaca dengan kode Anda.",
    "basis-data-induk": (
        "Pernyataan dan bukti Anda sudah kami kirim ke Pusat dengan rekomendasi untuk memperbaiki data induk."
        " Pemrosesannya paling lama satu bulan, sampai {tenggat}."
    ),
    "keputusan-basis-data": "Pusat sudah memutuskan perbaikan data induk atas pengaduan Anda.\n\n{alasan}",
    "teruskan-tim-koordinasi": (
        "Pengaduan Anda kami teruskan melalui tim koordinasi kepada dinas yang berwenang: {tujuan}\n\n{alasan}"
    ),
    "rekomendasi-penyalur": "Kami sudah meminta Pusat menghubungi penyalur bantuan supaya masalah ini diselesaikan.",
    "rekomendasi-bersama": (
        "Pengaduan Anda kami masukkan dalam rekomendasi kepada Pusat bersama pengaduan serupa dari daerah Anda."
    ),
    "naik-jenjang": "Supaya penanganannya berlanjut, pengaduan Anda kini dipegang jenjang di atasnya.",
    "pindah-jenjang": "Pengaduan Anda kini ditangani kantor yang lebih dekat dengan tempat kejadian.",
    "masih-dalam-proses": (
        "Pengaduan Anda masih kami proses dan memerlukan waktu lebih lama daripada yang kami janjikan. Kami mohon maaf."
        "\n\nSebabnya: {alasan}\n\nKami usahakan selesai paling lambat {tenggat}."
    ),
    "puncak-terlambat": (
        "Pengaduan Anda belum selesai sampai tenggatnya, padahal sudah di jenjang teratas. Kami mohon maaf."
        " Anda juga berhak melapor kepada Ombudsman Republik Indonesia: telepon 137, ombudsman.go.id."
        " Surat rujukannya tersedia di halaman pengaduan Anda."
    ),
    "identitas-dibuka": (
        "Identitas Anda dibuka oleh petugas yang menangani pengaduan ini, dan pembukaannya tercatat."
        " Waktu dan keperluannya tertulis di halaman pengaduan Anda."
    ),
    "kode-baru": (
        "Kode pelacakan baru untuk pengaduan ini dibuat di kantor; kode yang lama tidak berlaku lagi."
        " Bila bukan Anda yang memintanya, segera hubungi kantor di bawah ini."
    ),
}
TO_OFFICER = {
    notices.NEW_CASE: "Ada pengaduan baru untuk kantor Anda.",
    notices.ESCALATED_HERE: "Pengaduan ini naik dari jenjang di bawah dan sekarang dipegang kantor Anda.",
    notices.ESCALATED_AWAY: "Pengaduan ini naik dan sekarang dipegang {kantor}.",
    notices.TOP_OVERDUE: "Pengaduan ini melewati tenggat dan tidak ada jenjang di atasnya.",
    notices.COMPLETED: "Pelapor sudah mengirim keterangan yang diminta. Waktu penanganan berjalan lagi.",
    notices.FEEDBACK: "Pelapor sudah menanggapi hasil penanganan.",
    notices.REOPENED: "Pengaduan ini dibuka kembali. Tenggat semula tetap berlaku.",
    notices.MESSAGE: "Pelapor menulis pesan.",
    notices.TO_VERIFY: "Penyelesaian pengaduan ini menunggu pemeriksaan oleh orang lain daripada yang menangani.",
    notices.SENT_BACK: "Penyelesaian pengaduan ini belum disahkan. Alasannya tercatat pada pengaduan.",
    notices.QUALITY: (
        "Peninjau mutu mengembalikan pengaduan yang sudah ditutup ini. Alasannya tercatat pada pengaduan; tenggat"
        " semula tetap berlaku."
    ),
    notices.MERGED_HERE: "Pengaduan lain tentang hal yang sama digabungkan ke pengaduan ini.",
    notices.PROPOSED: "Ada usul pada pengaduan ini yang menunggu keputusan Anda.",
    notices.PROPOSAL_DECIDED: "Usul Anda pada pengaduan ini sudah diputuskan.",
    notices.HELP_ASKED: "Anda atau kantor Anda diminta membantu menangani pengaduan ini.",
    notices.HELP_ANSWERED: "Permintaan bantuan pada pengaduan ini sudah dijawab.",
    notices.WARNING: "Tenggat pengaduan ini mendekat. Lewat tenggat, pengaduan naik ke jenjang di atasnya.",
    notices.IDENTITY_ASKED: "Seorang petugas meminta izin membuka identitas pelapor. Mohon diputuskan.",
    notices.IDENTITY_DECIDED: "Permintaan Anda untuk membuka identitas pelapor sudah diputuskan.",
    notices.AGAINST_TOP: (
        "Pengaduan ini menyangkut kantor teratas yang memegangnya. Serahkan kepada pengawas di luar kantor itu."
    ),
    notices.TOP_RECEIVED: (
        "Pusat menerima pengaduan dari wilayah Anda. Mohon periksa apakah pengaduan yang sama juga Anda terima."
    ),
    notices.NOBODY_LEFT: (
        "Di {kantor} tidak ada lagi petugas yang dapat menangani pengaduan ini, dan tidak ada jenjang di atasnya."
        " Mohon tunjuk petugas lain."
    ),
    notices.PROTECTION: (
        "Pelapor meminta perlindungan. Kantor wajib melindunginya selama pengaduan ditangani"
        " (Perpres 76/2013 pasal 15). Baca permintaannya sesudah masuk, dan catat yang Anda lakukan."
    ),
    notices.GRAVE: (
        "Pengaduan ini berbobot berat atau menonjol. Mohon diperhatikan lebih dulu; jenjang di atas dapat"
        " mengambil alih."
    ),
    notices.PLACE_TO_DECIDE: (
        "Dua kantor menyatakan pengaduan ini bukan urusan wilayahnya. Mohon tetapkan kantor mana yang menangani."
    ),
    notices.MASTER_DATA_DECIDED: "Pusat sudah memutuskan perbaikan basis data yang direkomendasikan kantor Anda.",
    notices.PAYER_ASKED: (
        "Kantor di daerah merekomendasikan Pusat menghubungi penyalur bantuan tentang pengaduan ini."
    ),
    notices.JOINT_MADE: (
        "Ada rekomendasi bersama dari daerah untuk Pusat. Pengaduan ini salah satunya; daftarnya ada di halaman itu."
    ),
    notices.LEGAL_CHECK: "Tanyakan lagi perkembangan proses hukum perkara ini, lalu catat hasilnya.",
}
TO_AUTHORITIES = {
    REFERRAL: (
        "Dengan hormat,\n\nBersama ini kami salurkan pengaduan nomor {nomor} tentang {kategori} di {wilayah} kepada"
        " {tujuan}, karena: {alasan}\n\nIdentitas pelapor tidak disertakan."
    ),
    OMBUDSMAN: (
        "Dengan hormat,\n\nPengaduan nomor {nomor} tentang {kategori} di {wilayah} sudah ditangani sampai jenjang"
        " {jenjang} dan belum selesai atau belum diterima pelapor.\n\n{alasan}\n\nDengan surat ini pelapor dapat"
        " melanjutkannya kepada Ombudsman Republik Indonesia. Identitas pelapor tidak disertakan."
    ),
    OVERSIGHT: (
        "Dengan hormat,\n\nPengaduan nomor {nomor} tentang {kategori} di {wilayah} menyangkut kantor yang memegangnya."
        " Kami serahkan pemeriksaannya kepada {tujuan}, karena: {alasan}\n\nIdentitas pelapor tidak disertakan."
    ),
}
# What a referral tells of the course of a case: what was done and when, no word that anybody wrote (D54).
MILESTONES = {
    "diterima": "diterima",
    "daftarkan": "didaftarkan",
    "daftarkan-informatif": "didaftarkan",
    "eskalasi": "lewat tenggat, naik jenjang",
    "naikkan": "naik jenjang",
    "ambil-alih": "diambil alih jenjang di atas",
    "jawab": "jawaban disampaikan kepada pelapor",
    "sahkan-selesai": "hasil disampaikan kepada pelapor",
    "sahkan-tidak-terbukti": "dinyatakan tidak terbukti",
    "tolak-hasil": "hasil belum diterima, ditinjau kembali",
    "tolak-jawaban": "jawaban belum diterima, disusun kembali",
    "kembalikan-mutu": "dikembalikan penilai mutu, ditinjau kembali",
    "kembalikan-mutu-jawaban": "dikembalikan penilai mutu, jawaban disusun kembali",
    "bukan-kewenangan": "dinyatakan bukan kewenangan program",
    "puncak-terlambat": "lewat tenggat di jenjang teratas",
}
PLACED = frozenset({"diterima", "eskalasi", "naikkan", "ambil-alih"})  # with the office that it came to
SALUTATION = "Yth. Pelapor,"
ANY_NEWS = "Ada perkembangan pada pengaduan ini."

# The facts set below the words, with their labels; a mark that the template uses is not repeated.
BELOW_COMPLAINANT = {
    "nomor": "Nomor pengaduan",
    "tahap": "Tahap",
    "kantor": "Ditangani oleh",
    "tenggat": "Paling lambat",
    "tautan": "Ikuti di",
}
BELOW_OFFICER = {
    "nomor": "Nomor",
    "kategori": "Kategori",
    "wilayah": "Lokasi",
    "tenggat": "Paling lambat",
    "tautan": "Buka di",
}

# Invented facts, for whoever edits a template.
EXAMPLE_DUE_ON = date(2026, 4, 15)
EXAMPLE = {
    "nomor": "CONTOH-33.29-2026-000123",
    "kategori": "Pembayaran",
    "wilayah": "Desa Contoh, Kecamatan Contoh, Kabupaten Brebes, Jawa Tengah",
    "tahap": "Ditangani",
    "kantor": "Kantor Contoh",
    "jenjang": "Kabupaten/Kota",
    "tenggat": "Rabu, 15 April 2026",
    "tautan": "https://contoh.go.id/lacak/",
    "alasan": "Di sini tertulis yang ditulis petugas untuk pelapor, misalnya hasil pemeriksaan atau alasannya.",
    "pertanyaan": "1. Sejak kapan masalah itu terjadi?\n2. Apa yang terjadi?",
    "tujuan": "Dinas Contoh Kabupaten Brebes",
}
