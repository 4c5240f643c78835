"""`manage.py deadline`: when is it due and why, for people and for machines; wrong input gets a sentence and exit 2."""

import json

import pytest
from django.core.management import call_command

from pengaduan.models import Category, ServiceLevel
from tests.decrees import DAYS_OFF
from tiers.models import Programme
from workflow.models import Holiday

pytestmark = pytest.mark.django_db

STAGES = [
    {"name": "Dokumentasi", "days": 5, "while": ["registrasi"]},
    {"name": "Penentuan penindak lanjut", "days": 3, "while": ["analisis"]},
    {"name": "Tindak lanjut", "days": 15, "while": ["penanganan"]},
    {"name": "Pemberitahuan", "days": 3, "while": ["selesai"]},
]


@pytest.fixture(autouse=True)
def catalogue():
    Holiday.objects.bulk_create(Holiday(on=on, name=name, provisional=on.year == 2027) for on, name in DAYS_OFF.items())
    pkh = Programme.objects.create(code="pkh", name="Program Keluarga Harapan", number_prefix="PKH")
    services = Programme.objects.create(code="pelayanan-publik", name="Pelayanan publik", number_prefix="PP")
    for programme, code, name, level in (
        (pkh, "data-peserta", "Data peserta", {"unit": "working_days", "length": 26, "stages": STAGES}),
        (pkh, "pertanyaan", "Pertanyaan", {"unit": "calendar_days", "length": 10}),
        (pkh, "ketersediaan-layanan", "Ketersediaan layanan", {"unit": "calendar_months", "length": 3}),
        (services, "penundaan", "Penundaan", {"unit": "calendar_days", "length": 60, "starts": "complete"}),
    ):
        level = ServiceLevel.objects.create(programme=programme, code=code, name=name, **level)
        Category.objects.create(programme=programme, code=code, name=name, nature="masalah", service_level=level)


@pytest.fixture
def deadline(capsys):
    """Run the command with the words of a command line; return what it printed and, if refused, its exit code."""

    def deadline(words):
        try:
            call_command("deadline", *words.split())
            code = 0
        except SystemExit as ending:
            code = ending.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return deadline


@pytest.fixture
def answer(deadline):
    def answer(words):
        code, out, err = deadline(words + " --json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return answer


PKH = "--programme pkh --category data-peserta --received"


def test_the_answer_for_machines_has_the_deadline_the_stages_and_the_days_left_out(answer):
    result = answer(f"{PKH} 2026-04-29")
    assert list(result) == ["due_on", "stages", "left_out"]
    assert result["due_on"] == "2026-06-12"
    assert result["stages"] == [
        {"days": 5, "due_on": "2026-05-07"},
        {"days": 3, "due_on": "2026-05-12"},
        {"days": 15, "due_on": "2026-06-09"},
        {"days": 3, "due_on": "2026-06-12"},
    ]
    assert result["left_out"][:3] == [
        {"on": "2026-05-01", "why": "Hari Buruh"},
        {"on": "2026-05-02", "why": "Sabtu"},
        {"on": "2026-05-03", "why": "Minggu"},
    ]


@pytest.mark.parametrize(
    ("received", "due"), [("2026-03-02", "2026-04-15"), ("2026-05-04", "2026-06-17"), ("2026-12-01", "2027-01-12")]
)
def test_d09_the_examples_of_the_guideline(answer, received, due):
    assert answer(f"{PKH} {received}")["due_on"] == due


@pytest.mark.parametrize(
    "words",
    [
        "--paused 2026-03-05:2026-03-06 2026-03-10:2026-03-12",
        "--paused 2026-03-10:2026-03-12 --paused 2026-03-05:2026-03-06",
        "--paused 2026-03-05:2026-03-06 --paused 2026-03-10:2026-03-11 2026-03-11:2026-03-12",  # touching
    ],
)
def test_pauses_are_listed_or_repeated_in_any_order(answer, words):
    result = answer(f"{PKH} 2026-03-02 {words}")
    assert result["due_on"] == "2026-04-20"  # three working days later than without
    waiting = [one["on"] for one in result["left_out"] if one["why"] == "menunggu kelengkapan dari pelapor"]
    assert waiting == ["2026-03-06", "2026-03-11", "2026-03-12"]


def test_a_calendar_clock_leaves_out_nothing_but_the_waiting(answer):
    result = answer("--programme pkh --category pertanyaan --received 2026-03-12 --paused 2026-03-13:2026-03-14")
    assert result == {
        "due_on": "2026-03-23",
        "stages": [],
        "left_out": [{"on": "2026-03-14", "why": "menunggu kelengkapan dari pelapor"}],
    }


def test_d09_public_service_counts_from_the_complete_file(answer):
    words = "--programme pelayanan-publik --category penundaan --received 2026-06-15"
    assert answer(words)["due_on"] == "2026-08-14"
    assert answer(words + " --paused 2026-06-20:2026-06-25")["due_on"] == "2026-08-19"


def test_months(answer):
    words = "--programme pkh --category ketersediaan-layanan --received 2026-03-02"
    assert answer(words)["due_on"] == "2026-06-02"


def test_a_pause_still_open_leaves_no_deadline_but_the_stages_that_are_over(answer):
    result = answer(f"{PKH} 2026-03-02 --paused 2026-03-10:")
    assert result["due_on"] is None
    assert [stage["due_on"] for stage in result["stages"]] == ["2026-03-09", None, None, None]


def test_the_text_for_people_says_everything_in_words(deadline):
    code, out, err = deadline("--programme pkh --category data-peserta --received 2026-03-02")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[:8] == [
        "Program Keluarga Harapan, Data peserta",
        "Batas waktu: 26 hari kerja sejak hari diterima, Senin, 2 Maret 2026 (hari ke-0).",
        "Jatuh tempo: Rabu, 15 April 2026, pukul 23.59.59 waktu setempat.",
        "",
        "Langkah:",
        "  Dokumentasi: 5 hari, sampai hari ke-5: Senin, 9 Maret 2026",
        "  Penentuan penindak lanjut: 3 hari, sampai hari ke-8: Kamis, 12 Maret 2026",
        "  Tindak lanjut: 15 hari, sampai hari ke-23: Jumat, 10 April 2026",
    ]
    assert lines[10:12] == ["18 hari tidak dihitung:", "  7 Maret 2026: Sabtu"]
    assert lines[-1] == "  12 April 2026: Minggu"


def test_the_text_says_how_much_is_used_while_the_clock_stands(deadline):
    _, out, _ = deadline("--programme pkh --category data-peserta --received 2026-03-02 --paused 2026-03-11:")
    assert out.splitlines()[2] == ("Jam berhenti sejak Rabu, 11 Maret 2026: menunggu pelapor. Terpakai 7 dari 26 hari.")


def test_the_text_says_when_a_holiday_is_not_yet_decreed(deadline):
    words = "--programme pkh --category data-peserta --received"
    caution = "Sebagian hari libur belum ditetapkan pemerintah; tenggat ini dapat berubah."
    assert deadline(f"{words} 2026-12-01")[1].splitlines()[-1] == caution
    assert caution not in deadline(f"{words} 2026-03-02")[1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "--programme pkhh --category data-peserta --received 2026-03-02",
            "Program “pkhh” tidak ada. Mungkin maksud Anda “pkh”?",
        ),
        (
            "--programme PKH --category data-peserta --received 2026-03-02",
            "Program “PKH” tidak ada. Mungkin maksud Anda “pkh”?",
        ),
        (
            "--programme zzz --category data-peserta --received 2026-03-02",
            "Program “zzz” tidak ada. Yang ada: pelayanan-publik, pkh.",
        ),
        (
            "--programme pkh --category data-pesreta --received 2026-03-02",
            "Kategori “data-pesreta” tidak ada pada program “pkh”. Mungkin maksud Anda “data-peserta”?",
        ),
        (
            "--programme pelayanan-publik --category data-peserta --received 2026-03-02",
            "Kategori “data-peserta” tidak ada pada program “pelayanan-publik”. Yang ada: penundaan.",
        ),
        (f"{PKH} 2026-02-30", "“2026-02-30” bukan tanggal. Tulis seperti 2026-03-02."),
        (f"{PKH} kemarin", "“kemarin” bukan tanggal. Tulis seperti 2026-03-02."),
        (
            f"{PKH} 2026-03-02 --paused 2026-03-15:2026-03-10",
            "Jeda 2026-03-15:2026-03-10 terbalik: berakhir sebelum dimulai.",
        ),
        (
            f"{PKH} 2026-03-02 --paused 2026-03-10:2026-03-15 2026-03-14:2026-03-20",
            "Jeda 2026-03-10:2026-03-15 dan 2026-03-14:2026-03-20 bertumpang tindih.",
        ),
        (
            f"{PKH} 2026-03-02 --paused 2026-03-10: 2026-03-14:2026-03-20",
            "Jeda 2026-03-10: dan 2026-03-14:2026-03-20 bertumpang tindih.",
        ),
        (f"{PKH} 2026-03-02 --paused 2026-03-10", "“2026-03-10” bukan jeda. Tulis seperti 2026-03-10:2026-03-15."),
        (f"{PKH} 2026-03-02 --paused :2026-03-10", "“” bukan tanggal. Tulis seperti 2026-03-02."),
        (f"{PKH} 2023-12-31", "Hari libur baru diketahui sejak 2024-01-01."),
        (f"{PKH} 2027-12-15", "Hari libur baru diketahui sampai 2027-12-31; tenggat ini melewatinya."),
    ],
)
def test_wrong_input_gets_a_sentence_on_stderr_and_exit_2(deadline, words, sentence):
    assert deadline(words) == (2, "", sentence + "\n")


def test_an_empty_database_says_what_to_do(deadline):
    Category.objects.all().delete()
    ServiceLevel.objects.all().delete()
    Programme.objects.all().delete()
    code, _, err = deadline(f"{PKH} 2026-03-02")
    assert (code, err) == (2, "Program “pkh” tidak ada. Yang ada: belum satu pun; jalankan seed.\n")
