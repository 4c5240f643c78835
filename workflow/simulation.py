"""Invent complaints by the hundred thousand in set-based SQL, for measurements: real places, real rules, no people.

The same seed on the same regions and programmes gives the same cases. Places are as unequal as the country (scale.md):
provinces by population, regencies and villages lognormal, a kelurahan two and a half times a desa. Each case has its
register number, deadlines reckoned by `sla`, one anonymous complainant, and a chained record that walks the rows of
`machine.STEPS`. Slices of `SLICE` cases are committed one by one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from pengaduan.models import Category, Channel, Complaint, Nature, ServiceLevel, Source, Stage
from tiers.models import CODE_LENGTH, Programme, ProgrammeTier, Tier
from workflow import simulation_sql, sla
from workflow.machine import BY_CODE, Who

SLICE = 50_000
DAYS = 4 * 365
MARK = "5101a7ed"  # the submission keys of invented cases begin so
PROGRAMME_SHARE = (0.40, 0.27, 0.18, 0.145, 0.005)  # by code; the last is a rare one, as real ones are
MILLIONS = {
    "11": 5.5, "12": 15.4, "13": 5.7, "14": 6.7, "15": 3.7, "16": 8.7, "17": 2.1, "18": 9.3, "19": 1.5, "21": 2.2,
    "31": 10.7, "32": 49.9, "33": 37.5, "34": 3.8, "35": 41.5, "36": 12.3, "51": 4.4, "52": 5.6, "53": 5.6, "61": 5.6,
    "62": 2.8, "63": 4.2, "64": 3.9, "65": 0.7, "71": 2.7, "72": 3.1, "73": 9.4, "74": 2.8, "75": 1.2, "76": 1.5,
    "81": 1.9, "82": 1.4, "91": 1.1, "92": 0.6, "93": 0.5, "94": 1.4, "95": 1.4, "96": 0.6,
}  # fmt: skip
"""Inhabitants of each province."""

# The ways of cases, as codes of `machine.STEPS` after `diterima`, and how many of a hundred go so far.
SETTLING = "daftarkan nyatakan-terbukti rekomendasikan laporkan-hasil nyatakan-selesai sahkan-selesai"
PATHS = {
    (Nature.MASALAH, True): (
        ("", 22),
        ("daftarkan", 26),
        ("daftarkan nyatakan-terbukti", 14),
        ("daftarkan nyatakan-terbukti rekomendasikan", 24),
        ("daftarkan nyatakan-terbukti rekomendasikan laporkan-hasil", 6),
        ("daftarkan nyatakan-terbukti rekomendasikan laporkan-hasil nyatakan-selesai", 4),
        (SETTLING, 4),
    ),
    (Nature.INFORMATIF, True): (("", 50), ("daftarkan-informatif", 44), ("daftarkan-informatif jawab", 6)),
    (Nature.MASALAH, False): (
        (f"{SETTLING} terima-hasil", 30),
        (f"{SETTLING} diam-dianggap-menerima", 30),
        ("daftarkan nyatakan-tidak-terbukti sahkan-tidak-terbukti", 14),
        ("daftarkan salurkan", 14),
        ("bukan-kewenangan", 12),
    ),
    (Nature.INFORMATIF, False): (
        ("daftarkan-informatif jawab terima-hasil", 35),
        ("daftarkan-informatif jawab diam-dianggap-menerima", 45),
        ("ucapan-terima-kasih", 20),
    ),
}
OPENINGS = (
    "Bantuan tahap dua belum cair", "Sambungan air mati sejak minggu lalu", "Nama anggota keluarga salah tercatat",
    "Drainase di gang kami tersumbat", "Petugas tidak berada di tempat", "Antrean pembayaran terlalu panjang",
    "Jalan usaha tani rusak sebelum diresmikan", "Kartu peserta hilang dan belum diganti",
    "Jadwal pertemuan kelompok tidak diumumkan", "Papan informasi kegiatan tidak dipasang",
    "Meteran air tidak sesuai pemakaian", "Syarat pendaftaran berbeda dari pengumuman",
)  # fmt: skip
MIDDLES = (
    "padahal tetangga di RT yang sama sudah menerima", "dan sudah dua kali kami tanyakan ke kantor desa",
    "sehingga anak-anak harus berjalan jauh", "meskipun semua berkas sudah kami serahkan",
    "dan tidak ada penjelasan tertulis", "sejak musyawarah terakhir di balai desa",
    "sementara batas waktunya hampir lewat", "dan warga lain mengalami hal yang sama",
)  # fmt: skip
ENDINGS = (
    "Mohon dijelaskan langkah berikutnya.", "Kami berharap segera ada perbaikan.", "Kapan hal ini ditangani?",
    "Mohon petugas datang melihat langsung.", "Kami siap memberi keterangan tambahan.", "Terima kasih.",
)  # fmt: skip


@dataclass(frozen=True)
class Size:
    """What stands in the database after a run, of this run alone."""

    complaints: int
    events: int
    offices: int


def simulate(number: int, *, seed: int, now: datetime, said: Callable[[int], None] = lambda done: None) -> Size:
    """Add `number` cases received in the four years before `now`; `said` hears how many are done after each slice."""
    first = Complaint.objects.count() + 1
    before = _sizes()
    with connection.cursor() as cursor:
        cursor.execute(simulation_sql.PREPARE.replace("{seed}", str(int(seed))))
        try:
            _fill_choices(cursor, now=now)
            cursor.execute(simulation_sql.PLACES, {"provinces": list(MILLIONS), "weights": list(MILLIONS.values())})
            for start in range(first, first + number, SLICE):
                last = min(start + SLICE, first + number) - 1
                with transaction.atomic():
                    _spare_triggers(cursor)
                    _add_slice(cursor, first=first, number=number, start=start, last=last, seed=seed, now=now)
                said(last - first + 1)
        finally:
            cursor.execute(simulation_sql.CLEAN_UP)
        for table in ("pengaduan_complaint", "pengaduan_event", "pengaduan_complainant", "pengaduan_complainttext",
                      "tiers_office", "tiers_user", "tiers_assignment"):  # fmt: skip
            cursor.execute(f"ANALYZE {table}")
    return Size(*(after - earlier for after, earlier in zip(_sizes(), before, strict=True)))


def others_exist() -> bool:
    """Say whether the database holds a complaint that was not invented here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pengaduan_complaint"
            " WHERE submission_key IS NULL OR submission_key::text NOT LIKE %s)",
            [f"{MARK}-%"],
        )
        return cursor.fetchone()[0]


def _sizes() -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pengaduan_complaint), (SELECT count(*) FROM pengaduan_event),"
            " (SELECT count(*) FROM tiers_office)"
        )
        return cursor.fetchone()


def _add_slice(cursor: Any, *, first: int, number: int, start: int, last: int, seed: int, now: datetime) -> None:
    span = {
        "start": start, "last": last, "first": first, "number": number, "now": now, "days": DAYS,
        "since": now - timedelta(days=DAYS), "mark": MARK, "seed": seed,
        "shares": [sum(PROGRAMME_SHARE[:place]) for place in range(1, len(PROGRAMME_SHARE))],
        "tiers": list(CODE_LENGTH), "lengths": list(CODE_LENGTH.values()), "top": int(Tier.PUSAT),
        "openings": list(OPENINGS), "middles": list(MIDDLES), "endings": list(ENDINGS),
    }  # fmt: skip
    for statement in simulation_sql.SLICE:
        cursor.execute(statement, span)


def _spare_triggers(cursor: Any) -> None:
    """Leave out, where we may, the triggers of this transaction: foreign keys and history cost more than all the rest.

    What a foreign key would refuse is not made here: every key comes from a join (a test looks each one up).
    """
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone()[0]:
        cursor.execute("SET LOCAL session_replication_role = replica")


def _fill_choices(cursor: Any, *, now: datetime) -> None:
    """Put what the dice choose from into temporary tables: categories, channels, sources, ways, deadlines."""
    programmes = list(Programme.objects.order_by("code"))
    for table, rows in (
        ("sim_programme", [(place, programme.pk) for place, programme in enumerate(programmes)]),
        ("sim_matter", list(_matters(programmes, now=now))),
        ("sim_channel", list(_numbered(Channel, programmes))),
        ("sim_source", list(_numbered(Source, programmes))),
        ("sim_way", list(_ways())),
        ("sim_step", list(_steps())),
        ("sim_clock", list(_clocks(now=now))),
        ("sim_running", list(_running())),
    ):
        with cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"ANALYZE {table}")


def _matters(programmes: list[Programme], *, now: datetime) -> Iterator[tuple]:
    """Yield, for each programme and wished tier, the categories that a case held there can be of.

    With each stand the tier that is nearest to the wish, the one it climbs from and the one it is handed down from.
    """
    calendar = sla.holiday_calendar()
    for place, programme in enumerate(programmes):
        rungs = list(ProgrammeTier.objects.filter(programme=programme).order_by("tier").values_list("tier", flat=True))
        categories = list(
            Category.objects.filter(programme=programme, active=True).select_related("service_level").order_by("code")
        )
        days = {
            category.pk: (
                sla.reckon_level(category.service_level, now.date(), calendar=calendar).due_on - now.date()
            ).days
            for category in categories
        }
        for wish in Tier.values:
            tier = next((rung for rung in rungs if rung >= wish), rungs[-1])
            if not any(_lowest(category) <= tier for category in categories):
                tier = rungs[-1]
            fitting = [category for category in categories if _lowest(category) <= tier]
            above = min((rung for rung in rungs if rung > tier), default=None)
            for choice, category in enumerate(fitting):
                below = max((rung for rung in rungs if _lowest(category) <= rung < tier), default=None)
                yield (
                    place, wish, choice, len(fitting), category.pk, category.code, category.service_level_id,
                    category.service_level.starts, category.nature, category.conceal_up_to or 0, tier, below, above,
                    days[category.pk],
                )  # fmt: skip


def _lowest(category: Category) -> int:
    return max(category.start_tier or 0, (category.conceal_up_to or 0) + 1)


def _numbered(model: type[Channel] | type[Source], programmes: list[Programme]) -> Iterator[tuple]:
    for place, programme in enumerate(programmes):
        rows = list(model.objects.filter(programme=programme, active=True).order_by("position", "code"))
        for choice, row in enumerate(rows):
            yield place, choice, len(rows), row.pk, row.code


def _ways() -> Iterator[tuple]:
    """Yield each way with its share of its kind as an interval, its number of steps and where it ends."""
    for (nature, is_open), ways in PATHS.items():
        until = 0
        for way, share in ways:
            steps = [BY_CODE[code] for code in way.split()]
            stage = next((step.target for step in reversed(steps) if step.target), Stage.REGISTRATION)
            told = next((place for place, step in enumerate(steps, start=1) if step.target == Stage.FEEDBACK), None)
            outcome = (steps[-1].outcome or "") if steps else ""
            yield nature, is_open, until / 100, (until + share) / 100, way, len(steps), told, stage, outcome
            until += share


def _steps() -> Iterator[tuple]:
    for way in sorted({way for ways in PATHS.values() for way, _share in ways}):
        stage = Stage.REGISTRATION
        for place, code in enumerate(way.split(), start=1):
            step = BY_CODE[code]
            actor = {Who.SYSTEM: "sistem", Who.COMPLAINANT: "pelapor"}.get(step.who, "petugas")
            yield way, place, code, actor, step.who == Who.VERIFIER, stage, step.target
            stage = step.target


def _clocks(*, now: datetime) -> Iterator[tuple]:
    """Yield the last days of a period and of its stages, for each level and first day, as `sla` reckons them."""
    calendar = sla.holiday_calendar()
    for level in ServiceLevel.objects.all():
        for back in range(-1, DAYS + 3):
            start = now.date() - timedelta(days=back)
            period = sla.reckon_level(level, start, calendar=calendar)
            yield level.pk, start, period.due_on, [stage.due_on for stage in period.stages]


def _running() -> Iterator[tuple]:
    for level in ServiceLevel.objects.all():
        for stage in Stage.values:
            yield level.pk, stage, sla.running_step(level, stage)
