"""Add a file to a complaint, or take it back before the case is registered: two verbs beside `workflow.actions`."""

from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.attachments import UploadRefused, accept_upload
from pengaduan.models import Attachment, Complainant, Complaint
from tiers.models import User
from workflow import gate, taking
from workflow.machine import Refused


def attach(
    complaint: Complaint,
    *,
    file: File,
    purpose: str = Attachment.Purpose.EVIDENCE,
    now: datetime,
    by: User | None = None,
    complainant: Complainant | None = None,
) -> Attachment:
    """Add a photo or document; the same file twice is one and leaves one event (D17, D27).

    Raises Refused with the field `file`. When the transaction fails, the stored file is removed again.
    """
    code = "lampirkan-pelapor" if complainant else "lampirkan"
    new = None
    try:
        with transaction.atomic():
            step = gate.allowed(complaint, code, by=by, complainant=complainant, now=now)
            known = set(complaint.attachments.values_list("pk", flat=True))
            attachment = accept_upload(complaint, file, purpose=purpose, now=now, by=by, complainant=complainant)
            if attachment.pk not in known:
                new = attachment
                data = {"attachment": str(attachment.pk), "purpose": purpose}
                taking.take(complaint, step, by=by, complainant=complainant, now=now, data=data)
            return attachment
    except UploadRefused as refused:
        raise Refused(refused.sentence, field="file") from None
    except BaseException:
        if new:
            new.file.delete(save=False)
        raise


def take_back(complaint: Complaint, *, attachment: Attachment, now: datetime, complainant: Complainant) -> None:
    """Take back a file that the complainant handed in, before the case is registered; raises Refused.

    That there was one stays on record; the file itself goes.
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "tarik-lampiran", complainant=complainant, now=now)
        if attachment.complaint_id != complaint.pk or attachment.complainant_id != complainant.pk:
            raise Refused(_("Berkas ini bukan kiriman Anda. Hanya kiriman Anda sendiri yang dapat dihapus."))
        taking.take(complaint, step, complainant=complainant, now=now, data={"attachment": str(attachment.pk)})
        storage, name = attachment.file.storage, attachment.file.name
        attachment.delete()
        transaction.on_commit(lambda: name and storage.delete(name))  # a refused file has no content
