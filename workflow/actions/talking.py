"""Notes in the record, and messages both ways (D40, D62)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complainant, Complaint, Event
from tiers.models import User
from workflow import gate, taking
from workflow.actions.moving import say_and_take
from workflow.machine import Refused


def note(complaint: Complaint, *, by: User, now: datetime, text: str) -> Event:
    """Write a note into the record. It touches no deadline."""
    return say_and_take(complaint, "catat", by=by, now=now, reason=text)


def send_message(
    complaint: Complaint,
    *,
    now: datetime,
    text: str,
    by: User | None = None,
    complainant: Complainant | None = None,
    to: Complainant | None = None,
) -> Event:
    """Write to the complainant, or as the complainant to the office; also the anonymous have this way back.

    Of several complainants `to` is the one written to; without it all are, each for themselves (D55).
    """
    with transaction.atomic():
        code = "pesan-pelapor" if complainant else "kirim-pesan"
        step = gate.allowed(complaint, code, by=by, complainant=complainant, now=now, facts={"reason": text})
        if to and not to.brought(complaint):
            raise Refused(_("Pilih pelapor dari pengaduan ini."), field="to")
        data = {"complainant": str(to.pk)} if to else {}
        event = taking.take(complaint, step, by=by, complainant=complainant, now=now, data=data)
        taking.say(event, complaint, text, from_complainant=complainant is not None, complainant=complainant or to)
        return event
