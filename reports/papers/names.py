"""The names of the codes that a report's figures are made of, for tables, workbook and what changed."""

from django.utils.translation import gettext_lazy, pgettext_lazy

REASONS = {
    "puncak": gettext_lazy("terlambat di jenjang teratas"),
    "menonjol": gettext_lazy("menonjol"),
    "berat": gettext_lazy("berat"),
    "eskalasi": gettext_lazy("berulang kali naik jenjang"),
}
AGES = {
    "0-5": gettext_lazy("0–5 hari"),
    "6-10": gettext_lazy("6–10 hari"),
    "11-30": gettext_lazy("11–30 hari"),
    "31-90": gettext_lazy("31–90 hari"),
    "91": gettext_lazy("lebih dari 90 hari"),
}
RECORDED_BY = {
    "sendiri": gettext_lazy("Pelapor sendiri"),
    "petugas": gettext_lazy("Petugas yang mencatat"),
    "titipan": gettext_lazy("Orang lain, dengan izin pelapor"),
}
MEASURES = {
    "received": gettext_lazy("masuk"),
    "merged": gettext_lazy("digabungkan dengan kasus lain"),
    "complainants": gettext_lazy("pelapor"),
    "settled": gettext_lazy("selesai"),
    "settled_late": gettext_lazy("selesai terlambat"),
    "aside": gettext_lazy("ditutup lewat jalan lain"),
    "open_before": gettext_lazy("berjalan pada awal bulan"),
    "open": gettext_lazy("berjalan"),
    "late": gettext_lazy("terlambat"),
    "closings": gettext_lazy("ditutup"),
    "reopenings": gettext_lazy("dibuka kembali"),
    "rejections": gettext_lazy("ditolak"),
    "escalations": gettext_lazy("naik jenjang"),
    "not_followed_up": gettext_lazy("belum ditindaklanjuti"),
}
TOLD = MEASURES | {
    "age_days": gettext_lazy("umur dalam hari"),
    "stage": gettext_lazy("tahap"),
    "office": gettext_lazy("kantor"),
    "category": gettext_lazy("kategori"),
    "total": gettext_lazy("jumlah"),
    "number": gettext_lazy("jumlah"),
    "lost": gettext_lazy("kerugian"),
    "returned": gettext_lazy("dikembalikan"),
    "outstanding": gettext_lazy("belum kembali"),
    "median_days": gettext_lazy("separuh dalam, hari"),
    "p90_days": gettext_lazy("9 dari 10 dalam, hari"),
    "waiting": gettext_lazy("menunggu pelapor"),
    "past_due": gettext_lazy("lewat tenggat jenjang"),
    "due_soon": gettext_lazy("jatuh tempo dalam 30 hari"),
    "oldest_days": gettext_lazy("hari yang paling lama"),
    "secrecy": gettext_lazy("kerahasiaan"),
    "recorded_by": gettext_lazy("yang mencatat"),
    "villages": gettext_lazy("desa/kelurahan"),
    "villages_heard": gettext_lazy("desa/kelurahan asal pengaduan"),
    "silent_places": gettext_lazy("tanpa pengaduan"),
}
"""Every name of a number, for the list of what changed between editions."""

SECTIONS = {
    "totals": gettext_lazy("Jumlah"),
    "before": gettext_lazy("Bulan sebelumnya"),
    "apart": gettext_lazy("Dihitung tersendiri"),
    "categories": gettext_lazy("Kategori"),
    "fields": gettext_lazy("Bidang"),
    "weights": gettext_lazy("Bobot"),
    "sources": gettext_lazy("Sumber"),
    "places": gettext_lazy("Wilayah"),
    "channels": gettext_lazy("Media"),
    "channels_apart": gettext_lazy("Media yang dihitung tersendiri"),
    "stages": gettext_lazy("Tahap"),
    "tiers": gettext_lazy("Jenjang"),
    "ages": gettext_lazy("Umur"),
    "speed": gettext_lazy("Lama sampai selesai"),
    "stage_speeds": gettext_lazy("Lama di tiap tahap"),
    "tier_speeds": gettext_lazy("Lama di tiap jenjang"),
    "owed": gettext_lazy("Yang ditunggu dari jenjang"),
    "equity": gettext_lazy("Siapa yang melapor"),
    "not_followed_up": gettext_lazy("Belum ditindaklanjuti"),
    "attention": gettext_lazy("Perhatian khusus"),
    "money_open": gettext_lazy("Uang, masih ditangani"),
    "money_settled": gettext_lazy("Uang, selesai bulan ini"),
    "trend": gettext_lazy("Bulan"),
}

COLUMNS = {
    "received": pgettext_lazy("received", "Masuk"),
    "settled": gettext_lazy("Selesai"),
    "on_time": gettext_lazy("Tepat waktu"),
    "rejections": gettext_lazy("Ditolak"),
    "reopenings": gettext_lazy("Dibuka kembali"),
    "escalations": gettext_lazy("Naik jenjang"),
    "open": gettext_lazy("Berjalan"),
    "late": gettext_lazy("Terlambat"),
}
"""The measures of tables that count cases by something, with the heads of their columns; no speed alone (D61)."""
