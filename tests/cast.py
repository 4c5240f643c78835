"""The small world of the tests: two regencies, two programmes, and a cast with an outsider.

Brebes (33.29) has an officer at each tier of one line down to the village; Tegal (33.28) is the neighbour who must
never see anything of it. PKH counts working days in steps, PAMSIMAS calendar days.
"""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pengaduan.models import (
    Category,
    Channel,
    ClosureStandard,
    Complaint,
    Field,
    Path,
    Secrecy,
    ServiceLevel,
    Source,
)
from tiers.models import Assignment, Office, Programme, ProgrammeTier, Region, Tier, User, Zone
from workflow import intake, sla
from workflow.models import Holiday

WIB = ZoneInfo("Asia/Jakarta")
VILLAGE, OTHER_VILLAGE, NEIGHBOUR_VILLAGE = "33.29.01.2001", "33.29.01.2002", "33.28.01.2001"
EASTERN_VILLAGE = "91.03.01.2001"  # WIT
SINCE = date(2024, 1, 1)

REGIONS = (
    ("33", "Jawa Tengah", Tier.PROVINSI, Zone.WIB),
    ("33.29", "Kabupaten Brebes", Tier.KABUPATEN, Zone.WIB),
    ("33.28", "Kabupaten Tegal", Tier.KABUPATEN, Zone.WIB),
    ("33.29.01", "Salem", Tier.KECAMATAN, Zone.WIB),
    ("33.28.01", "Margasari", Tier.KECAMATAN, Zone.WIB),
    (VILLAGE, "Indrajaya", Tier.DESA, Zone.WIB),
    (OTHER_VILLAGE, "Tembongraja", Tier.DESA, Zone.WIB),
    (NEIGHBOUR_VILLAGE, "Wanasari", Tier.DESA, Zone.WIB),
    ("91", "Papua", Tier.PROVINSI, Zone.WIT),
    ("91.03", "Kabupaten Jayapura", Tier.KABUPATEN, Zone.WIT),
    ("91.03.01", "Sentani", Tier.KECAMATAN, Zone.WIT),
    (EASTERN_VILLAGE, "Nolokla", Tier.DESA, Zone.WIT),
)
HOLIDAYS = (
    ("2026-01-01", "Tahun Baru"),
    ("2026-03-19", "Nyepi"),
    ("2026-03-20", "Idulfitri"),
    ("2026-12-25", "Natal"),
    ("2027-01-01", "Tahun Baru"),
    ("2027-12-25", "Natal"),
)


def at(text: str, zone: ZoneInfo = WIB) -> datetime:
    """Return an aware instant from `2026-03-02 10:00`, in WIB."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@dataclass
class World:
    programmes: dict[str, Programme] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["users"][name]
        except KeyError:
            raise AttributeError(name) from None

    def category(self, code: str, programme: str = "pkh") -> Category:
        return Category.objects.select_related("programme", "service_level").get(
            programme=self.programmes[programme], code=code
        )

    def office(self, tier: Tier, region: str | None, programme: str = "pkh") -> Office:
        return Office.objects.get(programme=self.programmes[programme], tier=tier, region_id=region)

    def complaint(
        self,
        category: str = "pembayaran",
        *,
        programme: str = "pkh",
        region: str = VILLAGE,
        received: str = "2026-03-02 10:00",
        now: str | None = None,
        by: User | None = None,
        text: str = "Bantuan tahap dua belum cair padahal tetangga sudah menerima.",
        secrecy: Secrecy = Secrecy.SECRET,
        identity: dict[str, str] | None = None,
        by_sms: bool = False,
        **matter,
    ) -> Complaint:
        """Take in a complaint and return it as read from the database; the receipt stands in `.receipt`."""
        received_at = at(received)
        receipt = intake.receive(
            intake.Matter(
                category=self.category(category, programme),
                region=Region.objects.get(pk=region),
                text=text,
                channel=Channel.objects.get(programme=self.programmes[programme], code="tatap-muka"),
                received_at=received_at,
                **matter,
            ),
            intake.Person(
                secrecy,
                identity if identity is not None else {"name": "Siti Contoh", "email": "siti@contoh.id"},
                by_sms=by_sms,
            ),
            now=at(now) if now else received_at,
            by=by,
            submission_key=uuid.uuid4(),
        )
        complaint = self.read(receipt.complaint)
        complaint.receipt = receipt
        return complaint

    @staticmethod
    def read(complaint: Complaint) -> Complaint:
        """Return the complaint afresh, as a page would read it."""
        return Complaint.objects.select_related(
            "programme", "category", "service_level", "region", "office", "text", "case_file", "channel"
        ).get(pk=complaint.pk)


def make_world() -> World:
    """Make the regions, the holidays, two programmes and the cast."""
    world = World()
    Region.objects.bulk_create(
        Region(code=code, name=name, tier=tier, zone=zone, parent_id=code.rpartition(".")[0] or None)
        for code, name, tier, zone in REGIONS
    )
    Holiday.objects.bulk_create(Holiday(on=date.fromisoformat(on), name=name) for on, name in HOLIDAYS)
    sla.rebuild_working_days()
    world.programmes = {"pkh": _pkh(), "pamsimas": _pamsimas()}
    _people(world)
    return world


def _programme(code: str, name: str, tiers: dict[Tier, str]) -> Programme:
    programme = Programme.objects.create(code=code, name=name, number_prefix=code.upper())
    ProgrammeTier.objects.bulk_create(
        ProgrammeTier(programme=programme, tier=tier, name=pattern, office_pattern=pattern)
        for tier, pattern in tiers.items()
    )
    Channel.objects.bulk_create(
        [
            Channel(programme=programme, code="daring", name="Formulir daring", position=0, online=True),
            Channel(programme=programme, code="tatap-muka", name="Tatap muka", position=1),
            Channel(programme=programme, code="surat", name="Surat", position=2),
            Channel(programme=programme, code="bpkp", name="Laporan BPKP", position=9, counted_apart=True),
        ]
    )
    Source.objects.create(programme=programme, code="warga", name="Warga")
    Field.objects.create(programme=programme, code="transparansi", name="Transparansi")
    return programme


def _pkh() -> Programme:
    pkh = _programme(
        "pkh",
        "Program Keluarga Harapan",
        {
            Tier.DESA: "Ketua Kelompok {wilayah}",
            Tier.KECAMATAN: "UPPKH Kecamatan {wilayah}",
            Tier.KABUPATEN: "UPPKH {wilayah}",
            Tier.PROVINSI: "Tim Koordinasi {wilayah}",
            Tier.PUSAT: "UPPKH Pusat",
        },
    )
    steps = [
        {"name": "Dokumentasi, analisis, klarifikasi", "days": 5, "while": ["registrasi", "klarifikasi"]},
        {"name": "Menentukan penindak lanjut", "days": 3, "while": ["analisis"]},
        {"name": "Menindaklanjuti", "days": 15, "while": ["penanganan", "pemantauan"]},
        {"name": "Memberi tahu pelapor", "days": 3, "while": ["selesai", "umpan-balik"]},
    ]
    level = ServiceLevel.objects.create(
        programme=pkh, code="pkh-26", name="PKH", unit="working_days", length=26, stages=steps
    )
    short = ServiceLevel.objects.create(
        programme=pkh, code="informatif", name="Informatif", unit="calendar_days", length=10
    )
    forum = ClosureStandard.objects.create(
        programme=pkh, code="musyawarah", name="Legitimasi masyarakat", items=["Keputusan musyawarah ada"]
    )
    for code, name in {"pembayaran": "Pembayaran", "data-peserta": "Data peserta"}.items():
        category = Category.objects.create(programme=pkh, code=code, name=name, nature="masalah", service_level=level)
        category.closure_standards.add(forum)
    Category.objects.create(
        programme=pkh,
        code="kkn",
        name="Penyimpangan dan KKN",
        nature="masalah",
        service_level=level,
        start_tier=Tier.PUSAT,
        conceal_up_to=Tier.KABUPATEN,
    )
    Category.objects.create(
        programme=pkh, code="pertanyaan", name="Pertanyaan", nature="informatif", service_level=short, is_default=True
    )
    _with_ways_of_their_own(pkh, level, forum)
    return pkh


def _with_ways_of_their_own(pkh: Programme, level: ServiceLevel, forum: ClosureStandard) -> None:
    """Give PKH the categories that have steps of their own (D36); payments stay usual until a test says otherwise."""
    month = ServiceLevel.objects.create(
        programme=pkh, code="bulan-1", name="Perbaikan basis data", unit="calendar_months", length=1
    )
    rest = {"programme": pkh, "nature": "masalah"}
    decided = Category.objects.create(
        code="perbaikan-basis-data", name="Perbaikan basis data", service_level=month, path=Path.MASTER_DATA_DECISION,
        start_tier=Tier.PUSAT, **rest,
    )  # fmt: skip
    decided.closure_standards.add(forum)
    Category.objects.filter(programme=pkh, code="data-peserta").update(path=Path.MASTER_DATA, follow_up=decided)
    own = {"ketersediaan-layanan": Path.AVAILABILITY, "bukan-peserta": Path.EXCLUSION}
    for code, path in own.items():
        made = Category.objects.create(code=code, name=code.capitalize(), service_level=level, path=path, **rest)
        made.closure_standards.add(forum)


def _pamsimas() -> Programme:
    pamsimas = _programme(
        "pamsimas",
        "PAMSIMAS",
        {
            Tier.DESA: "KKM {wilayah}",
            Tier.KECAMATAN: "Kecamatan {wilayah}",
            Tier.KABUPATEN: "PAKEM {wilayah}",
            Tier.PROVINSI: "ROMS {wilayah}",
            Tier.PUSAT: "CMAC",
        },
    )
    level = ServiceLevel.objects.create(
        programme=pamsimas, code="masalah", name="Masalah", unit="calendar_days", length=90
    )
    short = ServiceLevel.objects.create(
        programme=pamsimas, code="informatif", name="Informatif", unit="calendar_days", length=10
    )
    money = ClosureStandard.objects.create(
        programme=pamsimas, code="dana", name="Seluruh dana kembali", items=["Dana dapat dipakai lagi"], money=True
    )
    funds = Category.objects.create(
        programme=pamsimas, code="penyimpangan-dana", name="Penyimpangan dana", nature="masalah", service_level=level,
        evidence="required",
    )  # fmt: skip
    funds.closure_standards.add(money)
    Category.objects.create(
        programme=pamsimas,
        code="pertanyaan",
        name="Pertanyaan",
        nature="informatif",
        service_level=short,
        is_default=True,
    )
    return pamsimas


LINE = {
    "desa": ("petugas", Tier.DESA, VILLAGE),
    "kecamatan": ("petugas", Tier.KECAMATAN, "33.29.01"),
    "kabupaten": ("petugas", Tier.KABUPATEN, "33.29"),
    "penyelia": ("penyelia", Tier.KABUPATEN, "33.29"),
    "provinsi": ("petugas", Tier.PROVINSI, "33"),
    "pusat": ("petugas", Tier.PUSAT, None),
    "kustodian": ("kustodian", Tier.PUSAT, None),
    "auditor": ("auditor", Tier.PUSAT, None),
    "peninjau": ("peninjau", Tier.PUSAT, None),
    "koordinator": ("koordinator", Tier.PUSAT, None),
    "tetangga": ("petugas", Tier.KABUPATEN, "33.28"),
}


def _people(world: World) -> None:
    """Assign the cast to both programmes: the line of Brebes, who stands beside it, and the neighbour of Tegal."""
    users = User.objects.bulk_create(
        User(username=name, email=f"{name}@kantor.id", password="!", name=name.title(), is_staff=name == "peninjau")
        for name in LINE
    )
    world.users = dict(zip(LINE, users, strict=True))
    names = {code: name for code, name, _tier, _zone in REGIONS}
    offices = {}
    for programme in world.programmes.values():
        patterns = dict(programme.ladder.values_list("tier", "office_pattern"))
        offices |= {
            (programme, tier, region): Office(
                programme=programme,
                tier=tier,
                region_id=region,
                name=patterns[tier].replace("{wilayah}", names.get(region, "")),
            )
            for _role, tier, region in LINE.values()
        }
    Office.objects.bulk_create(offices.values())
    Assignment.objects.bulk_create(
        Assignment(user=world.users[name], office=offices[programme, tier, region], role=role, starts_on=SINCE)
        for programme in world.programmes.values()
        for name, (role, tier, region) in LINE.items()
    )
