"""Take a file in: refused by its content or written anew by us, so that nothing of the original is kept (D17, D37)."""

import hashlib
import io
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import magic
from django.conf import settings
from django.core.files import File
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from pengaduan.models import Attachment, Complainant, Complaint
from pengaduan.paper import UnreadablePaper, written_anew
from tiers.models import User

MOST_FILES = 10  # of one complainant on one complaint
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1600
JPEG_QUALITY = 72
PICTURES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
PAPER = "application/pdf"
ENDINGS = {"image/jpeg": "jpg", PAPER: "pdf"}


class UploadRefused(Exception):
    """A file that is not taken in; its text is a sentence for whoever sent it."""

    def __init__(self, sentence: str) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def accept_upload(
    complaint: Complaint,
    file: File,
    *,
    purpose: str,
    now: datetime,
    complainant: Complainant | None = None,
    by: User | None = None,
) -> Attachment:
    """Write an uploaded file anew and keep it with the complaint; the same file twice is one.

    Raises UploadRefused. The file lies in the storage before the row exists: a caller whose transaction fails
    afterwards removes it (`workflow.filing` does).
    """
    content, media_type = rewritten(file)
    digest = hashlib.sha256(content).hexdigest()
    known = complaint.attachments.filter(sha256=digest)
    if complainant:  # that somebody else sent the same picture is theirs alone (D55)
        known = known.filter(complainant=complainant)
    if there := known.first():
        return there
    if complainant and complaint.attachments.filter(complainant=complainant).count() >= MOST_FILES:
        raise UploadRefused(_("Paling banyak %(most)d berkas untuk satu pengaduan.") % {"most": MOST_FILES})
    attachment = Attachment(
        complaint=complaint,
        regency_code=complaint.region_id[:5],
        purpose=purpose,
        state=Attachment.State.QUARANTINED if settings.CLAMAV_HOST else Attachment.State.CLEAN,
        media_type=media_type,
        size=len(content),
        sha256=digest,
        complainant=complainant,
        uploaded_by=by,
        created_at=now,
    )
    with on_disk(content, digest) as written:
        attachment.file.save(f"x.{ENDINGS[media_type]}", written, save=False)
    try:
        attachment.save(force_insert=True)
    except BaseException:
        attachment.file.delete(save=False)
        raise
    return attachment


def rewritten(file: File) -> tuple[bytes, str]:
    """Return the content as we write it, and its type; what a file calls itself counts for nothing.

    Raises UploadRefused.
    """
    if not file.size:
        raise UploadRefused(_("Berkas ini kosong. Pilih berkas lain."))
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise UploadRefused(
            _("Berkas terlalu besar: paling banyak %(most)d MB.") % {"most": settings.UPLOAD_MAX_BYTES // 1024**2}
        )
    file.seek(0)
    content = file.read()
    kind = magic.from_buffer(content[:4096], mime=True)
    if kind in PICTURES:
        return _picture(content, PICTURES[kind]), "image/jpeg"
    if kind == PAPER:
        return _paper(content), PAPER
    raise UploadRefused(_("Jenis berkas ini tidak dapat diterima. Kirim foto (JPEG, PNG, atau WEBP) atau PDF."))


def _picture(content: bytes, picture_format: str) -> bytes:
    """Decode a picture and draw it anew: no EXIF, no place where it was taken, nothing hidden behind it."""
    too_large = UploadRefused(_("Foto ini terlalu besar ukurannya. Perkecil dulu, lalu kirim lagi."))
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=[picture_format]) as picture:
            warnings.simplefilter("ignore", UserWarning)  # broken EXIF: it is thrown away
            if picture.width * picture.height > MOST_PIXELS:
                raise too_large
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            return _drawn(ImageOps.exif_transpose(picture))
    except UploadRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_large from None
    except Exception:  # a decoder fed with hostile bytes may raise anything
        raise UploadRefused(_("Foto ini rusak atau tidak dapat dibaca. Pilih foto lain.")) from None


def _drawn(picture: Image.Image) -> bytes:
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        picture = Image.new("RGB", layer.size, "white")
        picture.paste(layer, mask=layer.getchannel("A"))
    drawn = io.BytesIO()
    Image.frombytes("RGB", picture.size, picture.convert("RGB").tobytes()).save(
        drawn, "JPEG", quality=JPEG_QUALITY, optimize=True
    )
    return drawn.getvalue()


def _paper(content: bytes) -> bytes:
    try:
        return written_anew(content)
    except UnreadablePaper as unreadable:
        raise UploadRefused(unreadable.sentence) from None


class _Written(File):
    """A complete file on the disk of the storage: the storage moves it to its place instead of copying it."""

    def temporary_file_path(self) -> str:
        return self.file.name


@contextmanager
def on_disk(content: bytes, digest: str) -> Iterator[File]:
    """Write to a temporary file, bring it to the disk and read it back, so that a full disk leaves no half file."""
    folder = Path(settings.MEDIA_ROOT) / "sementara"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(handle, "wb") as writing:
            writing.write(content)
            writing.flush()
            os.fsync(writing.fileno())
        with open(name, "rb") as reading:
            if _digest(reading) != digest:
                raise OSError(f"{name} is not what was written")
            reading.seek(0)
            yield _Written(reading, name=name)
    finally:
        Path(name).unlink(missing_ok=True)


def _digest(reading: IO[bytes]) -> str:
    return hashlib.file_digest(reading, "sha256").hexdigest()
