"""The pages of the reports in each state: figures, the cases behind them, lists to take along, the archive, a link."""

from collections.abc import Iterator
from datetime import timedelta

from playwright.sync_api import Response

from reports.export_models import Export, State
from reports.models import Edition
from reports.periods import Month
from tests.face.examined import Glass
from tests.face.story import Story
from tiers.models import User

REPORTS = "/petugas/laporan/"
SEVERAL = [{"name": name, "path": name, "bytes": 9_000, "rows": 200} for name in ("1.pdf", "2.pdf", "a.zip")]
WAYS: dict[str, dict] = {  # how a list may stand that somebody asked for
    **{state.value: {"state": state} for state in State if state not in (State.READY, State.FAILED)},
    "tertinggal": {"state": State.WAITING, "asked_at": timedelta(hours=1)},
    "siap": {"state": State.READY, "rows": 400, "files": SEVERAL},
    "siap, kosong": {"state": State.READY, "rows": 0},
    **{f"gagal, {why}": {"state": State.FAILED, "failure": why} for why in ("gagal", "berhenti", "terlalu-banyak")},
    "di balik angka": {
        "state": State.READY, "rows": 400, "files": SEVERAL[:1], "what": "di-balik-angka",
        "choice": {"ukuran": "late", "kategori": "pembayaran"},
    },
}  # fmt: skip


def ask_for_lists(story: Story, user: User) -> None:
    """Keep a list of this user in each state that one may be in."""
    today = story.now.date()
    for days, (name, way) in enumerate(WAYS.items()):
        asked_at = story.now - way.get("asked_at", timedelta(0))
        ended_at = None if way["state"] in (State.WAITING, State.RUNNING) else story.now
        rest = {"what": "matriks", "total": 50_000, "done": 12_000, "ended_at": ended_at} | way | {"asked_at": asked_at}
        story.lists[name] = Export.objects.create(
            asked_by=user, format="pdf", programme=story.world.programmes["pkh"], region_id="33.29",
            first_on=today - timedelta(days=days), last_on=today, **rest,
        ).pk  # fmt: skip


def of_the_figures(glass: Glass, story: Story) -> Iterator[tuple[str, Response]]:
    """The dashboard of one programme, narrowed, of an empty month, of a month that was sent; and its lists."""
    month = Month.of(story.now)
    for state, asked in {
        "satu program": "program=pkh",
        "saringan silang": "program=pkh&kategori=pembayaran&media=tatap-muka",
        "saringan tanpa kasus": "program=pkh&kategori=pembayaran&bobot=berat&sumber=-&jenjang=5",
        "bulan kosong": f"program=pamsimas&bulan={month.back(12)}",
        "bulan terkirim": f"program=pkh&bulan={month.previous}",
        "semua program, bulan lalu": f"bulan={month.previous}",
        "satu kabupaten": "program=pkh&wilayah=33.29",
        "cari, beberapa": "cari=kabupaten",
        "cari, tidak ada": "cari=entah",
        "daftar": "daftar/?program=pkh&ukuran=received",
        "daftar, berapa kali": "daftar/?program=pkh&ukuran=closings",
        "daftar, terlambat": "daftar/?program=pkh&ukuran=late&kategori=pembayaran&wilayah=33.29",
        "daftar kosong": f"daftar/?program=pamsimas&ukuran=settled&bulan={month.back(12)}",
        "daftar bulan terkirim": f"daftar/?program=pkh&ukuran=received&bulan={month.previous}",
    }.items():
        yield state, glass.open(REPORTS + (asked if asked.startswith("daftar/") else f"?{asked}"))


def of_the_archive(glass: Glass, _story: Story) -> Iterator[tuple[str, Response]]:
    """What is found in the archive and what is not, and each edition there is."""
    for asked in ("jenis=triwulanan", "wilayah=brebes", "wilayah=entah", "bulan=2001-01"):
        yield f"arsip {asked}", glass.open(f"{REPORTS}arsip/?{asked}")
    for edition in Edition.objects.filter(programme__code="pkh").order_by("pk"):
        yield f"{edition}", glass.open(f"{REPORTS}arsip/{edition.pk}/")


def of_the_lists(glass: Glass, story: Story) -> Iterator[tuple[str, Response]]:
    """A list that one takes along, in each state that it may be in; and asking for the next one."""
    for state, key in story.lists.items():
        yield f"daftar {state}", glass.open(f"{REPORTS}ekspor/{key}/")
    glass.open(f"{REPORTS}ekspor/")
    yield "wilayah dibuka", glass.press("Tampilkan wilayah di dalamnya")


def of_links(glass: Glass, story: Story) -> Iterator[tuple[str, Response]]:
    """A link that a mail brought: to the whole report, to the summary, too old, and one that is none."""
    for state, path in story.links.items():
        yield f"tautan {state}", glass.open(path)


def of_who_gets_none(glass: Glass, _story: Story) -> Iterator[tuple[str, Response]]:
    """What stands there for who receives no reports, or reads no complaints."""
    for page in ("", "arsip/", "ekspor/"):
        yield "tanpa laporan", glass.open(REPORTS + page)
