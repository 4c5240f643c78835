"""What a person may do, and the roles that bundle it. Code asks for a Permission, never for a role."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """One thing that a person may do within an office's reach (D4)."""

    SEE = "see"  # read the complaints of the area, without identities
    RECORD = "record"  # take a complaint in on someone's behalf (D21)
    HANDLE = "handle"  # take the steps of a case that the own office holds
    SUPERVISE = "supervise"  # verify a settlement, raise and lower, assign (D33, D53)
    HEAR_ALARMS = "hear_alarms"  # be told of what is late (D32, D34)
    RECEIVE_REPORTS = "receive_reports"  # the monthly PDF and the figures (D44)
    OPEN_IDENTITY = "open_identity"  # open a complainant's identity on a motive (D63)
    CONFIGURE = "configure"  # programmes, service levels, holidays, templates, offices, people (D48)
    REVIEW = "review"  # judge samples of closed cases, and send back what falls short (D48)
    AUDIT = "audit"  # read the whole record, without identities (D48)


P = Permission


@dataclass(frozen=True)
class Role:
    """A named bundle of permissions, with the sentence that explains it to whoever grants it."""

    label: str | Promise
    description: str | Promise
    permissions: frozenset[Permission]
    delegable: bool = False  # whether a stand-in may take it over; who watches from outside is replaced by nobody (D63)


ROLES: dict[str, Role] = {
    "petugas": Role(
        _("Petugas"),
        _("Menerima, mencatat, dan menangani pengaduan yang dipegang kantornya."),
        frozenset({P.SEE, P.RECORD, P.HANDLE, P.HEAR_ALARMS}),
        delegable=True,
    ),
    "penyelia": Role(
        _("Penyelia"),
        _("Memeriksa penyelesaian, menunjuk petugas, menaikkan dan menurunkan jenjang."),
        frozenset({P.SEE, P.RECORD, P.HANDLE, P.SUPERVISE, P.HEAR_ALARMS, P.RECEIVE_REPORTS}),
        delegable=True,
    ),
    "koordinator": Role(
        _("Koordinator"),
        _("Menerima laporan bulanan dan kabar tentang pengaduan yang terlambat."),
        frozenset({P.SEE, P.HEAR_ALARMS, P.RECEIVE_REPORTS}),
        delegable=True,
    ),
    "peninjau": Role(
        _("Peninjau"),
        _("Mengatur program, batas waktu, hari libur, templat, kantor, dan petugas; menilai mutu pengaduan selesai."),
        frozenset({P.SEE, P.CONFIGURE, P.REVIEW}),
    ),
    "auditor": Role(
        _("Auditor"),
        _("Membaca seluruh catatan tanpa identitas pelapor."),
        frozenset({P.SEE, P.AUDIT}),
    ),
    "kustodian": Role(
        _("Kustodian identitas"),
        _("Memutuskan permintaan membuka identitas pelapor."),
        frozenset({P.OPEN_IDENTITY}),
    ),
    "admin-sistem": Role(
        _("Admin sistem"),
        _("Menjaga jalannya sistem dan akun petugas; tidak melihat isi pengaduan."),
        frozenset({P.CONFIGURE}),
    ),
}


def roles_with(permission: Permission) -> list[str]:
    """Return the codes of the roles that carry the permission."""
    return [code for code, role in ROLES.items() if permission in role.permissions]
