"""The five programme files say what the sources say, and a mistake in one is told with its file, line and sentence."""

from pathlib import Path

import pytest

from pengaduan.models import Stage
from workflow.notices import COMPLAINANT_TEMPLATES
from workflow.seeding.programme_file import (
    ProgrammeFileError,
    read_programme,
    read_programmes,
)
from workflow.wording import PLACEHOLDERS, TO_OFFICER, WORDS, WORDS_OF

FOLDER = Path(__file__).parent.parent / "programmes"
PROGRAMMES = {record.code: record for record in read_programmes(FOLDER)}
PKH = (FOLDER / "pkh.yaml").read_text(encoding="utf-8")
INFORMATIF = ["kritik", "pertanyaan", "saran"]


def by_code(entries):
    return {entry.code: entry for entry in entries}


def test_d01_five_programmes_come_built_in():
    """D1."""
    assert {code: record.number_prefix for code, record in PROGRAMMES.items()} == {
        "kotaku": "KOTAKU",
        "pamsimas": "PAMSIMAS",
        "pelayanan-publik": "PP",
        "pkh": "PKH",
        "pnpm": "PNPM",
    }


@pytest.mark.parametrize(
    ("programme", "ladder"),
    [
        ("pamsimas", {"DESA": "KKM", "KABUPATEN": "PAKEM", "PROVINSI": "ROMS", "PUSAT": "CMAC"}),
        (
            "pnpm",
            {
                "KECAMATAN": "FK dan PjOK",
                "KABUPATEN": "Faskab dan Satker Kabupaten",
                "PROVINSI": "Koorprov, RMC, dan Satker Provinsi",
                "PUSAT": "NMC dan Satker Pusat",
            },
        ),
        (
            "pkh",
            {
                "DESA": "Ketua Kelompok",
                "KECAMATAN": "Pendamping (UPPKH Kecamatan)",
                "KABUPATEN": "UPPKH Kabupaten/Kota",
                "PROVINSI": "Tim Koordinasi Provinsi",
                "PUSAT": "UPPKH Pusat",
            },
        ),
        (
            "kotaku",
            {
                "DESA": "BKM/LKM",
                "KABUPATEN": "Unit PIM Kabupaten/Kota",
                "PROVINSI": "Unit PIM Provinsi",
                "PUSAT": "KMP / Unit PIM Pusat",
            },
        ),
        (
            "pelayanan-publik",
            {
                "DESA": "Desa/Kelurahan",
                "KECAMATAN": "Kecamatan",
                "KABUPATEN": "Perangkat daerah",
                "PROVINSI": "Pemerintah Provinsi",
                "PUSAT": "Kementerian/Lembaga",
            },
        ),
    ],
)
def test_d02_the_ladder_has_the_offices_of_the_source(programme, ladder):
    """D2."""
    assert {rung.tier.name: rung.name for rung in PROGRAMMES[programme].ladder} == ladder


def test_d02_pnpm_alone_counts_its_tiers_in_degrees():
    """D2: derajat 1 to 4."""
    degrees = {code: [rung.degree for rung in record.ladder] for code, record in PROGRAMMES.items()}
    assert degrees.pop("pnpm") == [1, 2, 3, 4]
    assert {degree for ladder in degrees.values() for degree in ladder} == {None}


@pytest.mark.parametrize(
    ("programme", "masalah"),
    [
        ("pamsimas", ["penyimpangan-dana", "pelanggaran-prosedur", "kinerja-pelaku", "force-majeure"]),
        (
            "pnpm",
            [
                "penyimpangan-prosedur",
                "penyimpangan-dana",
                "intervensi-negatif",
                "force-majeure",
                "pembinaan-program",
                "dukungan-program",
                "kode-etik",
            ],
        ),
        (
            "pkh",
            [
                "data-peserta",
                "komitmen-verifikasi",
                "bukan-peserta",
                "pembayaran",
                "ketersediaan-layanan",
                "teknis-administrasi",
                "penyimpangan-kkn",
                "perbaikan-basis-data",
                "kinerja-pendamping",
                "aparat-setempat",
                "kepentingan-politik",
                "lintas-kabupaten",
                "aturan-program",
                "aduan-pendamping",
            ],
        ),
        (
            "kotaku",
            ["penyimpangan-dana", "pelanggaran-prosedur", "kinerja-pelaku", "intervensi-negatif", "force-majeure"],
        ),
        (
            "pelayanan-publik",
            [
                "penundaan-berlarut",
                "tidak-memberikan-pelayanan",
                "tidak-kompeten",
                "penyalahgunaan-wewenang",
                "penyimpangan-prosedur",
                "permintaan-imbalan",
                "tidak-patut",
                "berpihak",
                "diskriminasi",
                "konflik-kepentingan",
            ],
        ),
    ],
)
def test_d07_every_category_of_the_source_is_there(programme, masalah):
    """D6, D7."""
    categories = PROGRAMMES[programme].categories
    assert [category.code for category in categories if category.nature == "masalah"] == masalah
    assert [category.code for category in categories if category.nature == "informatif"] == INFORMATIF


def test_d07_every_category_is_explained_to_whoever_chooses_it():
    assert [
        category.code for record in PROGRAMMES.values() for category in record.categories if not category.description
    ] == []


def test_who_is_unsure_gets_the_category_with_the_shortest_clock():
    assert {code: [c.code for c in record.categories if c.is_default] for code, record in PROGRAMMES.items()} == {
        code: ["pertanyaan"] for code in PROGRAMMES
    }


@pytest.mark.parametrize(
    ("programme", "clocks"),
    [
        ("pamsimas", {("calendar_days", 90, "received"): 4}),
        ("pnpm", {("calendar_days", 90, "received"): 7}),
        ("kotaku", {("calendar_days", 90, "received"): 5}),
        ("pelayanan-publik", {("calendar_days", 60, "complete"): 10}),
        (
            "pkh",
            {
                ("working_days", 26, "received"): 12,
                ("calendar_months", 3, "received"): 1,
                ("calendar_months", 1, "received"): 1,
            },
        ),
    ],
)
def test_d09_every_masalah_has_the_clock_of_its_programme(programme, clocks):
    """D9."""
    levels = by_code(PROGRAMMES[programme].service_levels)
    found = {}
    for category in PROGRAMMES[programme].categories:
        level = levels[category.service_level]
        if category.nature == "masalah":
            clock = (level.unit, level.length, level.starts)
            found[clock] = found.get(clock, 0) + 1
        else:
            assert (level.unit, level.length, level.starts) == ("calendar_days", 10, "received")
    assert found == clocks


def test_d09_pkh_gives_its_long_clocks_to_services_and_to_the_master_database():
    """D9, D36."""
    categories = by_code(PROGRAMMES["pkh"].categories)
    levels = by_code(PROGRAMMES["pkh"].service_levels)
    assert levels[categories["ketersediaan-layanan"].service_level].length == 3
    assert levels[categories["perbaikan-basis-data"].service_level].length == 1
    assert categories["perbaikan-basis-data"].start_tier.name == "PUSAT"


def test_d09_the_steps_of_pkh_are_5_3_15_3_and_every_stage_belongs_to_one():
    """D9."""
    steps = by_code(PROGRAMMES["pkh"].service_levels)["hari-kerja-26"].steps
    assert [step.days for step in steps] == [5, 3, 15, 3]
    assert sorted(stage for step in steps for stage in step.stages) == sorted(set(Stage.values) - {Stage.CLOSED})


def test_d35_pkh_sends_what_concerns_its_own_people_to_pusat_unseen_by_them():
    """D35: performance, local officials, KKN, politics, more than one kabupaten, and complaints by a pendamping."""
    special = {
        category.code: (category.start_tier.name, category.conceal_up_to.name if category.conceal_up_to else None)
        for category in PROGRAMMES["pkh"].categories
        if category.start_tier
    }
    assert special == {
        "penyimpangan-kkn": ("PUSAT", "KABUPATEN"),
        "kinerja-pendamping": ("PUSAT", "KABUPATEN"),
        "aparat-setempat": ("PUSAT", "KABUPATEN"),
        "kepentingan-politik": ("PUSAT", "KABUPATEN"),
        "aduan-pendamping": ("PUSAT", "KABUPATEN"),
        "lintas-kabupaten": ("PUSAT", None),
        "aturan-program": ("PUSAT", None),
        "perbaikan-basis-data": ("PUSAT", None),
    }


def test_d35_every_concealed_category_says_why():
    """D35."""
    concealed = [c for record in PROGRAMMES.values() for c in record.categories if c.conceal_up_to]
    assert len(concealed) == 15
    assert [category.code for category in concealed if not category.conflict_note] == []


def test_d18_pamsimas_wants_evidence_for_performance_procedure_and_funds():
    """D18."""
    assert [c.code for c in PROGRAMMES["pamsimas"].categories if c.evidence == "required"] == [
        "penyimpangan-dana",
        "pelanggaran-prosedur",
        "kinerja-pelaku",
    ]


def test_d08_pamsimas_has_the_nine_fields_of_activity():
    """D8."""
    assert [field.name for field in PROGRAMMES["pamsimas"].fields] == [
        "Administrasi dan keuangan",
        "Pengadaan barang dan jasa",
        "Pelelangan",
        "Manajemen proyek",
        "Partisipasi masyarakat",
        "Kelembagaan",
        "Teknik dan infrastruktur",
        "Sumber air dan lingkungan",
        "Transparansi",
    ]


def test_d15_findings_of_bpkp_are_counted_apart_everywhere_and_nothing_else_is():
    """D15."""
    assert {
        code: [channel.code for channel in record.channels if channel.counted_apart]
        for code, record in PROGRAMMES.items()
    } == {code: ["bpkp"] for code in PROGRAMMES}


def test_every_programme_has_one_online_form():
    assert {
        code: [channel.code for channel in record.channels if channel.online] for code, record in PROGRAMMES.items()
    } == {code: ["formulir-daring"] for code in PROGRAMMES}


def test_d15_the_channels_of_the_sources_are_there():
    """D15."""
    pamsimas = {channel.code for channel in PROGRAMMES["pamsimas"].channels}
    assert pamsimas == {
        "formulir-daring",
        "forum-situs",
        "telepon",
        "faks",
        "sms",
        "surel",
        "tatap-muka",
        "surat",
        "kotak-pengaduan",
        "uji-petik",
        "media-cetak",
        "media-elektronik",
        "bpkp",
        "lainnya",
    }
    pkh = {channel.code for channel in PROGRAMMES["pkh"].channels}
    assert pkh - pamsimas == {"formulir-kertas", "kotak-pos", "musyawarah", "kajian", "legislatif", "penegak-hukum"}


def test_d16_the_sources_of_complaints_are_there():
    """D16."""
    pnpm = {source.code for source in PROGRAMMES["pnpm"].sources}
    assert pnpm == {
        "warga",
        "tokoh-masyarakat",
        "kelompok",
        "lsm",
        "ormas",
        "orsospol",
        "aparat",
        "konsultan",
        "wartawan",
        "lainnya",
    }
    pkh = {source.code for source in PROGRAMMES["pkh"].sources}
    assert pkh - pnpm == {"peserta", "bukan-peserta", "penyedia-layanan", "pendamping", "ketua-kelompok"}


def test_d13_only_public_service_has_a_time_within_which_to_complain():
    """D13."""
    assert {code: record.late_report_days for code, record in PROGRAMMES.items() if record.late_report_days} == {
        "pelayanan-publik": 30
    }


@pytest.mark.parametrize("programme", ["pamsimas", "pnpm", "kotaku"])
def test_d29_the_community_programmes_have_all_closure_standards(programme):
    """D29."""
    assert [standard.code for standard in PROGRAMMES[programme].closure_standards] == [
        "musyawarah",
        "informasi",
        "prosedur",
        "dana",
        "intervensi",
        "kebijakan",
        "kinerja",
        "hukum",
        "pascaprogram",
    ]


def test_d29_funds_and_only_funds_close_when_all_money_is_back():
    """D29."""
    assert {
        code: [standard.code for standard in record.closure_standards if standard.money]
        for code, record in PROGRAMMES.items()
    } == {code: ["dana"] for code in PROGRAMMES}
    assert {
        (code, category.code)
        for code, record in PROGRAMMES.items()
        for category in record.categories
        if "dana" in category.closure
    } == {
        ("pamsimas", "penyimpangan-dana"),
        ("pnpm", "penyimpangan-dana"),
        ("kotaku", "penyimpangan-dana"),
        ("pkh", "penyimpangan-kkn"),
        ("pelayanan-publik", "permintaan-imbalan"),
    }


@pytest.mark.parametrize("programme", sorted(PROGRAMMES))
def test_d42_every_letter_of_the_procedure_can_be_printed(programme):
    """D42, D54."""
    letters = {template.code for template in PROGRAMMES[programme].templates if template.kind == "letter"}
    assert letters - {"surat-basis-data-induk"} == {
        "surat-tanda-terima",
        "surat-minta-kelengkapan",
        "surat-jawaban",
        "surat-masih-dalam-proses",
        "surat-hasil",
        "surat-tidak-terbukti",
        "surat-disalurkan",
        "surat-ombudsman",
        "surat-pengawas",
    }
    assert ("surat-basis-data-induk" in letters) == (programme == "pkh")


@pytest.mark.parametrize("programme", sorted(PROGRAMMES))
def test_d43_notices_to_officers_carry_no_words_of_the_case(programme):
    """D37: what an officer or a complainant wrote is read after signing in, not in a mail."""
    notices = [template for template in PROGRAMMES[programme].templates if template.kind == "notice"]
    assert {notice.code for notice in notices} == TO_OFFICER.keys()
    assert [n.code for n in notices for mark in WORDS if f"{{{mark}}}" in n.subject + n.body] == []


@pytest.mark.parametrize("programme", sorted(PROGRAMMES))
def test_a_reply_asks_only_for_words_that_its_step_leaves_behind(programme):
    """D42: or the mail could not be written."""
    sent = {
        template.code: {mark for mark in WORDS if f"{{{mark}}}" in template.subject + template.body}
        for template in PROGRAMMES[programme].templates
        if template.code in COMPLAINANT_TEMPLATES
    }
    assert {code: marks for code, marks in sent.items() if marks} == {
        code: set(words) for code, words in WORDS_OF.items() if code in COMPLAINANT_TEMPLATES
    }
    assert sent.keys() == COMPLAINANT_TEMPLATES


def test_d54_the_complainant_is_told_of_the_ombudsman_where_the_ladder_ends():
    """D32."""
    for record in PROGRAMMES.values():
        body = by_code(record.templates)["puncak-terlambat"].body
        assert body.count("Ombudsman Republik Indonesia") == 1


# --- mistakes in a file


def problems_of(text, tmp_path, name="pkh.yaml"):
    """Read a programme file with this text and return (line, sentence) of each mistake."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ProgrammeFileError) as raised:
        read_programme(path)
    assert {problem.path for problem in raised.value.problems} == {str(path)}
    return [(problem.line, problem.sentence) for problem in raised.value.problems]


def line_of(text, needle):
    """Return the number of the first line that holds a text."""
    return text[: text.index(needle)].count("\n") + 1


@pytest.mark.parametrize(
    ("written", "instead", "at", "sentence"),
    [
        (
            "description: Nama, alamat",
            "deskription: Nama, alamat",
            "deskription:",
            "Kunci “deskription” tidak dikenal; mungkin maksudnya “description”.",
        ),
        ("    nature: masalah\n", "", "  - code: data-peserta", "Kunci “nature” wajib diisi."),
        ("fields:\n", "xyzzy: 1\nfields:\n", "xyzzy: 1", "Kunci “xyzzy” tidak dikenal."),
        (
            "service_level: bulan-3",
            "service_level: bulam-3",
            "service_level: bulam-3",
            "Nilai “bulam-3” untuk “service_level” tidak dikenal; mungkin maksudnya “bulan-3”.",
        ),
        (
            "path: pembayaran\n",
            "path: pembayran\n",
            "path: pembayran",
            "Nilai “pembayran” untuk “path” tidak dikenal; mungkin maksudnya “pembayaran”.",
        ),
        (
            "follow_up: perbaikan-basis-data\n",
            "follow_up: perbaikan-basisdata\n",
            "follow_up: perbaikan-basisdata",
            "Nilai “perbaikan-basisdata” untuk “follow_up” tidak dikenal; mungkin maksudnya “perbaikan-basis-data”.",
        ),
        (
            "    follow_up: perbaikan-basis-data\n",
            "",
            "path: basis-data",
            "Jalur “basis-data” memerlukan “follow_up”: kategori yang diputuskan di Pusat.",
        ),
        (
            "path: bukan-peserta\n",
            "path: bukan-peserta\n    follow_up: perbaikan-basis-data\n",
            "    follow_up: perbaikan-basis-data\n    closure: [informasi]\n",
            "Hanya kategori dengan jalur “basis-data” mempunyai “follow_up”.",
        ),
        (
            "closure: [dana, kinerja]",
            "closure: [dama, kinerja]",
            "closure: [dama",
            "Nilai “dama” untuk “closure” tidak dikenal; mungkin maksudnya “dana”.",
        ),
        (
            "unit: working_days",
            "unit: fortnights",
            "unit: fortnights",
            "Nilai “fortnights” untuk “unit” tidak dikenal; pilihannya: calendar_days, working_days, calendar_months.",
        ),
        (
            "while: [analisis]",
            "while: [analisa]",
            "while: [analisa]",
            "Nilai “analisa” untuk “while” tidak dikenal; mungkin maksudnya “analisis”.",
        ),
        (
            "while: [analisis]",
            "while: [analisis, klarifikasi]",
            "stages:\n",
            "Tahap “klarifikasi” ada di lebih dari satu langkah.",
        ),
        (
            "length: 26",
            "length: dua puluh enam",
            "length: dua",
            "Isian “length” harus berupa bilangan bulat, paling kecil 1.",
        ),
        ("length: 26", "length: 0", "length: 0", "Isian “length” harus berupa bilangan bulat, paling kecil 1."),
        ("length: 26", "length: 27", "stages:\n", "Jumlah hari semua langkah 26, padahal “length” 27."),
        ("name: Ketua Kelompok", "name: 12", "name: 12", "Isian “name” harus berupa teks."),
        ("name: Ketua Kelompok", "name:", "name:\n", "Isian “name” kosong."),
        ("money: true", "money: ya", "money: ya", "Isian “money” harus true atau false."),
        (
            "- code: pembayaran",
            "- code: data-peserta",
            "- code: data-peserta\n    name: Pembayaran",
            f"Kode “data-peserta” dipakai dua kali; yang pertama di baris {line_of(PKH, '- code: data-peserta')}.",
        ),
        (
            "tier: kecamatan",
            "tier: desa",
            "tier: desa\n    name: Pendamping",
            f"Kode “desa” dipakai dua kali; yang pertama di baris {line_of(PKH, '- tier: desa')}.",
        ),
        (
            "code: pembayaran",
            "code: Pembayaran PKH",
            "code: Pembayaran PKH",
            "Isian “code” hanya boleh berisi huruf kecil, angka, dan tanda hubung.",
        ),
        ("code: pkh\n", "code: pkh\ncode: pkh\n", "code: pkh\n", "Kunci “code” ditulis dua kali."),
        (
            "Tahap sekarang: {tahap}",
            "Tahap sekarang: {tahapp}",
            "{tahapp}",
            "Tanda {tahapp} tidak dikenal; mungkin maksudnya “tahap”.",
        ),
        (
            'subject: "Perkembangan pengaduan {nomor}"',
            'subject: "Perkembangan pengaduan {nama_pelapor}"',
            "{nama_pelapor}",
            "Tanda {nama_pelapor} tidak dikenal.",
        ),
        (
            "Ada pengaduan baru untuk {kantor}.",
            "Ada pengaduan baru untuk {kantor}: {alasan}.",
            "{kantor}: {alasan}",
            "Tanda {alasan} tidak dikenal.",
        ),
        ("Lokasi: {wilayah}", "Lokasi: {wilayah", "Lokasi: {wilayah", "Tanda kurung kurawal tidak berpasangan."),
        (
            "office: UPPKH Kecamatan {wilayah}",
            "office: UPPKH Kecamatan",
            "office: UPPKH Kecamatan",
            "Nama kantor harus memuat {wilayah}, supaya tiap wilayah mempunyai nama sendiri.",
        ),
        (
            "office: UPPKH Pusat",
            "office: UPPKH {wilayah} Pusat",
            "office: UPPKH {wilayah} Pusat",
            "Kantor Pusat hanya satu; namanya tidak memuat {wilayah}.",
        ),
        (
            "number_prefix: PKH",
            "number_prefix: pkh",
            "number_prefix:",
            "Isian “number_prefix” harus 2 sampai 10 huruf besar, misalnya PKH.",
        ),
        (
            "start: pusat\n    conflict:",
            "start: kabupaten\n    conflict:",
            "start: kabupaten",
            "Kategori yang disembunyikan sampai kabupaten harus mulai di jenjang di atasnya.",
        ),
        (
            "name: SMS}",
            "name: SMS, online: true}",
            "channels:",
            "Tepat satu butir “channels” harus diberi online: true; sekarang ada 2.",
        ),
        (
            "  - code: naik-jenjang",
            "  - code: naik-jenjeng",
            "templates:",
            "Templat “naik-jenjang” belum ada; mungkin maksudnya “naik-jenjeng”.",
        ),
        (
            "- {code: telepon, name: Telepon}",
            "- telepon",
            "- telepon",
            "Setiap butir “channels” harus berisi kunci dan nilai.",
        ),
        (
            "unit: calendar_months\n    length: 1\n    starts: received",
            "unit: calendar_months\n    length: 1\n    starts: received\n    stages:\n"
            "      - {name: Satu, days: 1, while: [analisis]}",
            "stages:\n      - {name: Satu",
            "Langkah dihitung dalam hari; batas waktu dalam bulan tidak dapat dibagi.",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_sentence(written, instead, at, sentence, tmp_path):
    text = PKH.replace(written, instead, 1)
    assert text != PKH
    expected = line_of(text, at)
    if at == "code: pkh\n":  # the second of the two
        expected += 1
    assert problems_of(text, tmp_path) == [(expected, sentence)]


def test_all_mistakes_of_a_file_are_told_together_in_the_order_of_the_lines(tmp_path):
    text = PKH.replace("length: 26", "length: -1").replace("{tautan}", "{taut}", 1).replace("name: UPPKH Pusat\n", "\n")
    found = problems_of(text, tmp_path)
    assert [sentence for _, sentence in found] == [
        "Kunci “name” wajib diisi.",
        "Isian “length” harus berupa bilangan bulat, paling kecil 1.",
        "Tanda {taut} tidak dikenal; mungkin maksudnya “tautan”.",
    ]
    assert [line for line, _ in found] == sorted(line for line, _ in found)


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("- a\n- b\n", 1, "Berkas harus berisi kunci dan nilai, misalnya code: pkh."),
        ("", 1, "Berkas harus berisi kunci dan nilai, misalnya code: pkh."),
        (
            "code: a\n  name: b\n",
            2,
            "Susunan YAML keliru; periksa takuk, titik dua, dan tanda kutip (mapping values are not allowed here).",
        ),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(text, line, sentence, tmp_path):
    assert problems_of(text, tmp_path) == [(line, sentence)]


def test_a_file_that_is_not_utf_8_is_refused(tmp_path):
    path = tmp_path / "pkh.yaml"
    path.write_bytes("code: é".encode("latin-1"))
    with pytest.raises(ProgrammeFileError) as raised:
        read_programme(path)
    assert str(raised.value) == f"{path}:1: Berkas bukan teks UTF-8."


def test_two_programmes_cannot_share_a_code_or_a_prefix(tmp_path):
    (tmp_path / "a.yaml").write_text(PKH, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(PKH, encoding="utf-8")
    with pytest.raises(ProgrammeFileError) as raised:
        read_programmes(tmp_path)
    second = tmp_path / "b.yaml"
    assert str(raised.value).splitlines() == [
        f"{second}:{line_of(PKH, 'code: pkh')}: Isian “code” pkh sudah dipakai program lain.",
        f"{second}:{line_of(PKH, 'number_prefix:')}: Isian “number_prefix” PKH sudah dipakai program lain.",
    ]


def test_the_mistakes_of_several_files_are_told_together(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("kode: x\n", encoding="utf-8")
    with pytest.raises(ProgrammeFileError) as raised:
        read_programmes(tmp_path)
    assert {problem.path for problem in raised.value.problems} == {
        str(tmp_path / "a.yaml"),
        str(tmp_path / "b.yaml"),
    }


def test_what_may_stand_in_braces_never_names_a_person():
    """D37, D38."""
    assert set(PLACEHOLDERS) == {
        "nomor",
        "program",
        "kategori",
        "wilayah",
        "tahap",
        "kantor",
        "jenjang",
        "tenggat",
        "alasan",
        "pertanyaan",
        "tautan",
        "tujuan",
    }
