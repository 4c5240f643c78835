"""The complainant's identity: asked for on a motive, decided by a custodian, opened for a time, told (D37, D63).

Every opening leaves an event, and none of them holds anything of the identity.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pengaduan import sealing, tracking
from pengaduan.models import Complainant, Complaint, Event, Secrecy
from pengaduan.models.complainant import SEALED
from tiers.models import User
from workflow import gate, needs, notices, routing, taking
from workflow.machine import Refused
from workflow.models import IdentityRequest

OWN_MOTIVE_HOURS = 24  # for an open identity, where the handler's own motive is enough
MOST_HOURS = 72


def ask_identity(
    complaint: Complaint,
    complainant: Complainant,
    *,
    by: User,
    now: datetime,
    motive: str,
    purpose: str = IdentityRequest.Purpose.OTHER,
) -> IdentityRequest:
    """Ask to open one complainant's identity; where they are `terbuka` the motive itself grants it (D63).

    Raises Refused where nothing is kept, and where a request of this person waits or still holds.
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "minta-identitas", by=by, now=now, facts={"reason": motive})
        _check(complaint, complainant, by=by, now=now)
        granted = complainant.secrecy == Secrecy.OPEN
        request = IdentityRequest(
            complaint=complaint,
            complainant=complainant,
            regency_code=complaint.region_id[:5],
            purpose=purpose,
            motive=motive,
            asked_by=by,
            asked_at=now,
            decided_at=now if granted else None,
            granted_until=now + timedelta(hours=OWN_MOTIVE_HOURS) if granted else None,
        )
        data = {**_named(request), "opened_for": purpose, **({"granted": True} if granted else {})}
        event = taking.take(complaint, step, by=by, now=now, text=motive, data=data)  # of two at once one is told so
        request.save(force_insert=True)
        if not granted:
            keepers = routing.identity_keepers(complaint, on=timezone.localdate(now))
            notices.owe_people(event, complaint, set(keepers) - {by.pk}, notices.IDENTITY_ASKED, now=now)
        return request


def grant_identity(request: IdentityRequest, *, by: User, now: datetime, reason: str, hours: int) -> Event:
    """Let the identity be opened for some hours; the clock of the case does not know of it."""
    if not 1 <= hours <= MOST_HOURS:
        raise Refused(_("Izin berlaku paling lama %(hours)d jam.") % {"hours": MOST_HOURS}, field="hours")
    return _decide(request, "izinkan-identitas", by=by, now=now, reason=reason, until=now + timedelta(hours=hours))


def refuse_identity(request: IdentityRequest, *, by: User, now: datetime, reason: str) -> Event:
    """Refuse to open it; who asked reads the reason."""
    return _decide(request, "tolak-identitas", by=by, now=now, reason=reason, until=None)


def open_identity(request: IdentityRequest, *, by: User, now: datetime) -> dict[str, str]:
    """Open what is kept of one complainant, by field; recorded each time, told to the complainant the first time."""
    with transaction.atomic():
        request = IdentityRequest.objects.select_for_update().get(pk=request.pk)
        complaint, complainant = request.complaint, request.complainant
        step = gate.allowed(complaint, "buka-identitas", by=by, now=now, facts={"request": request})
        first = request.opened_at is None
        if first:
            IdentityRequest.objects.filter(pk=request.pk).update(opened_at=now)
        data = {**_named(request), "opened_for": request.purpose, **({"first": True} if first else {})}
        taking.take(complaint, step, by=by, now=now, data=data)
        return {field: complainant.unseal_identity(field) for field in kept_fields(complainant)}


def kept_fields(complainant: Complainant) -> list[str]:
    """Return which fields of an identity are kept; of who wishes no name nothing counts as kept."""
    if complainant.secrecy == Secrecy.ANONYMOUS:
        return []
    return [field for field in SEALED if getattr(complainant, f"{field}_sealed")]


def give_new_code(
    complaint: Complaint, complainant: Complainant, *, by: User, now: datetime, reason: str, phone: str = ""
) -> str:
    """Give a complainant who lost the code a new one; the old one is dead from then on (D62).

    `reason` says how the person at the desk was recognised. Where a telephone is kept it must be named, and is
    compared without being shown; raises Refused when it is another. Where none is kept, somebody who did not handle
    the case gives it: a code is the complainant's voice (D53). It is returned once and stored nowhere.
    """
    with transaction.atomic():
        kept = bytes(complainant.phone_hash)
        facts = {"reason": reason, "phone_known": bool(kept)}
        step = gate.allowed(complaint, "kode-baru", by=by, now=now, facts=facts)
        _check_theirs(complaint, complainant)
        if kept and sealing.keyed_hash("phone", phone) != kept:
            raise Refused(
                _("Nomor telepon ini bukan yang dicatat waktu melapor. Periksa lagi nomornya."), field="phone"
            )
        code = tracking.new_code()
        Complainant.objects.filter(pk=complainant.pk).update(tracking_hash=tracking.code_hash(code))
        taking.take(complaint, step, by=by, now=now, text=reason, data={"complainant": str(complainant.pk)})
        return code


def _decide(
    request: IdentityRequest, code: str, *, by: User, now: datetime, reason: str, until: datetime | None
) -> Event:
    with transaction.atomic():
        request = IdentityRequest.objects.select_for_update().get(pk=request.pk)
        complaint = request.complaint
        step = gate.allowed(complaint, code, by=by, now=now, facts={"reason": reason})
        if request.decided_at:
            raise Refused(_("Permintaan ini sudah diputuskan. Muat ulang halaman."))
        if request.asked_by_id == by.pk:
            raise Refused(_("Permintaan Anda sendiri harus diputuskan kustodian lain."))
        decision = {"decided_by": by, "decided_at": now, "decision": reason, "granted_until": until}
        IdentityRequest.objects.filter(pk=request.pk).update(**decision)
        event = taking.take(complaint, step, by=by, now=now, text=reason, data=_named(request))
        notices.owe_people(event, complaint, [request.asked_by_id], notices.IDENTITY_DECIDED, now=now)
        return event


def _check(complaint: Complaint, complainant: Complainant, *, by: User, now: datetime) -> None:
    _check_theirs(complaint, complainant)
    if not kept_fields(complainant):
        raise Refused(
            _("Tidak ada identitas yang dapat dibuka: pelapor ini tidak meninggalkan nama atau kontak. Kirim pesan.")
        )
    for earlier in IdentityRequest.objects.filter(complaint=complaint, complainant=complainant, asked_by=by):
        if earlier.decided_at is None:
            raise Refused(_("Permintaan Anda yang sebelumnya masih menunggu keputusan. Tunggu dulu."))
        if needs.is_open(earlier, now=now):
            raise Refused(_("Izin Anda masih berlaku. Buka identitasnya tanpa meminta lagi."))


def _check_theirs(complaint: Complaint, complainant: Complainant) -> None:
    if not complaint.all_complainants().filter(pk=complainant.pk).exists():
        raise Refused(_("Orang ini bukan pelapor pengaduan ini. Pilih pelapor dari daftar."))


def _named(request: IdentityRequest) -> dict[str, str]:
    return {"request": str(request.pk), "complainant": str(request.complainant_id)}
