"""The demo accounts (design.md §5) and the officers who staff whatever other office the story reaches."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from tiers import scope
from tiers.models import Assignment, Office, Programme, Region, Tier, User
from tiers.permissions import Permission
from workflow import routing, standing_in

VILLAGE = "33.29.01.2001"
NEXT_VILLAGE = "33.29.01.2002"
NEIGHBOUR_REGENCY = "33.28"
SINCE = date(2024, 1, 1)
LINE_PROGRAMMES = ("pkh", "pamsimas")

# account, name, what it is for, role, tier, region; None: every programme at Pusat
LINE = (
    ("desa", "Wati Suryani", "petugas desa", "petugas", Tier.DESA, VILLAGE),
    ("kecamatan", "Agus Pramono", "petugas kecamatan", "petugas", Tier.KECAMATAN, VILLAGE[:8]),
    ("kabupaten", "Retno Wulandari", "petugas Kabupaten Brebes", "petugas", Tier.KABUPATEN, VILLAGE[:5]),
    ("penyelia", "Hadi Santosa", "penyelia Kabupaten Brebes", "penyelia", Tier.KABUPATEN, VILLAGE[:5]),
    ("provinsi", "Dewi Lestari", "petugas Jawa Tengah", "petugas", Tier.PROVINSI, VILLAGE[:2]),
    ("pusat", "Bambang Irawan", "petugas Pusat", "petugas", Tier.PUSAT, None),
    ("penyelia-pusat", "Sri Handayani", "penyelia Pusat", "penyelia", Tier.PUSAT, None),
    ("tetangga", "Slamet Riyadi", "petugas Kabupaten Tegal", "petugas", Tier.KABUPATEN, NEIGHBOUR_REGENCY),
)
AT_THE_TOP = (
    ("koordinator", "Maya Kartika", "koordinator, penerima laporan bulanan", "koordinator"),
    ("kustodian", "Yusuf Hakim", "kustodian identitas", "kustodian"),
    ("auditor", "Ratna Sari", "auditor", "auditor"),
    ("peninjau", "Indra Wijaya", "peninjau, halaman admin", "peninjau"),
)


def make_accounts() -> None:
    """Make the demo accounts and their assignments, all with DEMO_PASSWORD; run again it changes nothing."""
    password = make_password(settings.DEMO_PASSWORD)
    programmes = list(Programme.objects.order_by("code"))
    for account, name, _what, role, tier, region in LINE:
        user = _account(account, name, password)
        for programme in programmes:
            if programme.code in LINE_PROGRAMMES and (office := _office(programme, tier, region)):
                _assign(user, office, role)
                _announce(office, name)
    for account, name, _what, role in AT_THE_TOP:
        user = _account(account, name, password, is_staff=role == "peninjau")
        for programme in programmes:
            if office := _office(programme, Tier.PUSAT, None):
                _assign(user, office, role)


def send_on_leave(*, now: datetime) -> None:
    """Let the officer of the next village be away for a week, with `kecamatan` at the desk meanwhile; once (D51)."""
    office = _office(Programme.objects.get(code="pkh"), Tier.DESA, NEXT_VILLAGE)
    away = _account("desa-sebelah", "Endang Susilowati", "!")
    if office is None or away.absences.exists():
        return
    _assign(away, office, "petugas")
    yesterday = now - timedelta(days=1)
    first = timezone.localdate(yesterday)
    stand_in = User.objects.get(username="kecamatan")
    standing_in.enter(away, first, first + timedelta(days=6), by=away, now=yesterday, stand_in=stand_in)


def listing() -> list[tuple[str, str]]:
    """Return (account, what it is for) as `make run` prints them."""
    return [(row[0], row[2]) for row in (*LINE, *AT_THE_TOP)]


def officer_of(office: Office) -> User:
    """Return someone who handles cases at an office; where nobody does, an officer who cannot sign in."""
    people = scope.users_for(Permission.HANDLE, office, with_absent=True).order_by("pk")
    if (user := people.first()) is None:
        user = _account(f"petugas-{office.pk}", f"Petugas {office.name}"[:120], "!")
        _assign(user, office, "petugas")
    return user


def verifier_of(office: Office) -> User:
    """Return someone else who may confirm what the office declared settled: of the tier above (D53)."""
    rungs = [rung for rung in routing.ladder(office.programme) if rung.tier > office.tier]
    if rungs:
        return officer_of(routing.office_for(rungs[0], office.region))
    colleague = _account(f"rekan-{office.pk}", f"Rekan {office.name}"[:120], "!")
    _assign(colleague, office, "penyelia")
    return colleague


def _account(username: str, name: str, password: str, *, is_staff: bool = False) -> User:
    user, _created = User.objects.get_or_create(
        username=username,
        defaults={"name": name, "email": f"{username}@kantor.test", "password": password, "is_staff": is_staff},
    )
    return user


def _office(programme: Programme, tier: Tier, region: str | None) -> Office | None:
    rung = programme.ladder.filter(tier=tier).first()
    return rung and routing.office_for(rung, Region.objects.get(pk=region) if region else Region())


def _announce(office: Office, name: str) -> None:
    """Name who is responsible for the office and where it is, unless a reviewer did (D5)."""
    place = office.region.full_name if office.region else "Jakarta Pusat"
    Office.objects.filter(pk=office.pk, responsible_person="").update(
        responsible_person=name, address=f"Jalan Contoh Nomor {10 + office.tier}, {place}", phone="(021) 555-0100"
    )


def _assign(user: User, office: Office, role: str) -> None:
    Assignment.objects.get_or_create(user=user, office=office, role=role, defaults={"starts_on": SINCE})
