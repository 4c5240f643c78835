"""Let the scanner look at what waits in quarantine: cleared, or refused and its content removed (D17)."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from pengaduan import scanning
from pengaduan.models import Attachment, Complaint
from workflow import gate, taking
from workflow.taking import ChangedMeanwhile

State = Attachment.State

log = logging.getLogger(__name__)


@dataclass
class Scanned:
    """What a run came to; `failed` holds the key of each file of which nothing was learnt, with the reason."""

    clean: int = 0
    refused: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    down: str = ""


def scan_quarantined(*, now: datetime, limit: int = 200) -> Scanned:
    """Have the files in quarantine scanned, oldest first, each in a transaction of its own, until `limit` are settled.

    A file that another run has in hand is left to it; one that cannot be scanned waits on and does not stop the
    others. A scanner that is down ends the run: everything waits.
    """
    run = Scanned()
    waiting = Attachment.objects.filter(state=State.QUARANTINED).order_by("created_at", "pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        if run.clean + run.refused >= limit:
            break
        try:
            state = _scan_one(pk, now=now)
        except ChangedMeanwhile:
            continue  # someone has the complaint in hand; the next run says it
        except scanning.ScannerDown as down:
            run.down = str(down)
            log.error("the virus scanner is down, files wait: %s", run.down)
            break
        except Exception as failure:  # one file must not keep the others waiting; it is told, not swallowed
            run.failed.append((str(pk), _reason(failure)))
            continue
        run.clean += state == State.CLEAN
        run.refused += state == State.REFUSED
    if run.failed:
        log.error("%s files could not be scanned, first %s: %s", len(run.failed), *run.failed[0])
    _remove_refused()
    return run


def waits_longer_than(length: timedelta, *, now: datetime) -> bool:
    """Say whether a file has stayed in quarantine longer than that."""
    return Attachment.objects.filter(state=State.QUARANTINED, created_at__lt=now - length).exists()


def _reason(failure: Exception) -> str:
    """Say what failed; an error of the database would repeat the row with its words (D37)."""
    return str(failure) if isinstance(failure, scanning.NotScanned) else type(failure).__name__


def _scan_one(pk: UUID, *, now: datetime) -> str:
    """Scan one file if it still waits and nobody else has it in hand; return the state that it came to."""
    with transaction.atomic():
        waiting = Attachment.objects.filter(pk=pk, state=State.QUARANTINED)
        attachment = waiting.select_for_update(skip_locked=True).first()
        if attachment is None:
            return ""
        if found := scanning.scan(attachment):
            return _refuse(attachment, found, now=now)
        attachment.state = State.CLEAN
        attachment.save(update_fields=["state"])
        return attachment.state


def _refuse(attachment: Attachment, found: str, *, now: datetime) -> str:
    """Refuse an infected file; the record of the complaint says so, with what was found."""
    complaint = (
        Complaint.objects.filter(pk=attachment.complaint_id)
        .select_related("programme", "category", "service_level", "region", "office", "case_file")
        # waiting with the file in hand for who has the complaint, and may want the file, would be a deadlock
        .select_for_update(skip_locked=True, of=("self",))
        .first()
    )
    if complaint is None:
        raise ChangedMeanwhile
    step = gate.allowed(complaint, "berkas-ditolak", now=now)
    data = {"attachment": str(attachment.pk), "purpose": attachment.purpose, "found": found}
    taking.take(complaint, step, now=now, data=data)
    attachment.state = State.REFUSED
    attachment.save(update_fields=["state"])
    return attachment.state


def _remove_refused() -> None:
    """Remove the content of refused files, also of those that a crash left behind after they were refused."""
    for attachment in Attachment.objects.filter(state=State.REFUSED).exclude(file=""):
        attachment.file.delete(save=False)
        Attachment.objects.filter(pk=attachment.pk).update(file="")
