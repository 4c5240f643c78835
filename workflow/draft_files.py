"""Photos and documents of a report that is not sent yet: written anew by the same door, gone with their draft (D41).

The words are never held up by them: a complaint is taken in and numbered first, its files follow one by one.
"""

import hashlib
import io
from datetime import datetime
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from PIL import Image

from pengaduan.attachments import ENDINGS, MOST_FILES, UploadRefused, on_disk, rewritten
from pengaduan.models import Complainant, Complaint
from workflow import filing
from workflow.machine import Refused
from workflow.models import Draft, DraftFile

LOST = _("Berkas ini tidak dapat dibaca lagi. Kirim sekali lagi.")
THUMBNAIL = 160  # pixels of the longer side: some 4 KB, enough to tell one photo from another


def of(draft: Draft | None) -> QuerySet[DraftFile]:
    """Return the files of a draft in the order in which they came."""
    return DraftFile.objects.filter(draft=draft).order_by("created_at", "pk") if draft else DraftFile.objects.none()


def add(draft: Draft, *, file: File, now: datetime) -> DraftFile:
    """Keep a file with a draft; the same file twice is one. Raises Refused with the field `file`."""
    try:
        content, media_type = rewritten(file)
    except UploadRefused as refused:
        raise Refused(refused.sentence, field="file") from None
    digest = hashlib.sha256(content).hexdigest()
    kept = DraftFile(draft=draft, media_type=media_type, size=len(content), sha256=digest, created_at=now)
    try:
        with transaction.atomic():
            locked = Draft.objects.select_for_update().get(pk=draft.pk)  # two at once are counted one after the other
            if locked.complaint_id:
                raise Refused(_("Pengaduan ini sudah terkirim. Tambahkan fotonya pada tanda terima."), field="file")
            if there := of(draft).filter(sha256=digest).first():
                return there
            if of(draft).count() >= MOST_FILES:
                sentence = _("Paling banyak %(most)d berkas untuk satu pengaduan.") % {"most": MOST_FILES}
                raise Refused(sentence, field="file")
            with on_disk(content, digest) as written:
                kept.file.save(f"x.{ENDINGS[media_type]}", written, save=False)
            kept.save(force_insert=True)
            Draft.objects.filter(pk=draft.pk).update(updated_at=now)  # a draft that grows does not grow old
            return kept
    except BaseException:
        if kept.file:
            kept.file.delete(save=False)
        raise


def remove(files: QuerySet[DraftFile]) -> None:
    """Delete the rows, and what they hold on the disk once that is certain."""
    with transaction.atomic():
        for kept in files.select_for_update(of=("self",)):
            storage, name = kept.file.storage, kept.file.name
            kept.delete()
            transaction.on_commit(lambda storage=storage, name=name: storage.delete(name))


def hand_over(draft: Draft, complaint: Complaint, *, complainant: Complainant, now: datetime) -> list[str]:
    """Turn the files of a draft that was sent into attachments; return a sentence for each that was refused.

    Each stands for itself: one that fails leaves the complaint and the others as they are. Where there is a virus
    scanner they wait for it like any other attachment. Again after a crash, it goes on with those that are left.
    """
    refused = []
    for pk in list(of(draft).values_list("pk", flat=True)):
        with transaction.atomic():
            kept = DraftFile.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if kept is None:
                continue  # the same report, sent by two taps at once: the other one has it in hand
            try:
                with kept.file.open("rb") as content:
                    filing.attach(complaint, file=content, now=now, complainant=complainant)
            except (Refused, OSError) as failure:
                refused.append(str(failure) if isinstance(failure, Refused) else str(LOST))
            remove(DraftFile.objects.filter(pk=pk))
    return refused


def thumbnail(kept: DraftFile) -> bytes:
    """Return a photo small enough to be shown beside its name, as JPEG."""
    with kept.file.open("rb") as content, Image.open(content, formats=["JPEG"]) as picture:
        picture.draft("RGB", (THUMBNAIL, THUMBNAIL))
        picture.thumbnail((THUMBNAIL, THUMBNAIL))
        drawn = io.BytesIO()
        picture.save(drawn, "JPEG", quality=60)
        return drawn.getvalue()


def find(draft: Draft | None, pk: UUID) -> DraftFile | None:
    """Return a file of this draft and of no other."""
    return of(draft).filter(pk=pk).first()
