"""Files: hostile until decoded and written anew (D17, D27)."""

import uuid
from pathlib import PurePath

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pengaduan.models.complainant import Complainant
from pengaduan.models.complaint import Complaint
from tiers.models import User


def stored_name(attachment: "Attachment", name: str) -> str:
    """Return where the file is kept: a random name, because names of files tell of people."""
    return f"{attachment.complaint_id % 1000:03d}/{attachment.pk}{PurePath(name).suffix}"


class Attachment(models.Model):
    """A photo or document of a complaint, as it was written anew by us; the original is not kept."""

    class Purpose(models.TextChoices):
        EVIDENCE = "bukti", _("Bukti")
        SCAN = "pindaian", _("Pindaian formulir atau surat")
        MINUTES = "berita-acara", _("Berita acara penyelesaian")
        REVIEW_MINUTES = "ba-peninjauan", _("Berita acara peninjauan kembali")
        RESULT = "hasil", _("Dokumen hasil penanganan")
        LETTER = "surat", _("Surat")

    class State(models.TextChoices):
        QUARANTINED = "karantina", _("Menunggu pemeriksaan virus")
        CLEAN = "bersih", _("Bersih")
        REFUSED = "ditolak", _("Ditolak pemeriksaan virus")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="attachments")
    regency_code = models.CharField(max_length=5, blank=True)
    purpose = models.CharField(_("jenis"), max_length=20, choices=Purpose, default=Purpose.EVIDENCE)
    state = models.CharField(_("keadaan"), max_length=10, choices=State, default=State.CLEAN)
    file = models.FileField(_("berkas"), upload_to=stored_name, max_length=200)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    complainant = models.ForeignKey(Complainant, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("lampiran")
        verbose_name_plural = _("lampiran")
        constraints = [
            # of one sender: that another sent the same picture is not theirs to know (D55)
            models.UniqueConstraint(
                fields=["complaint", "sha256", "complainant"], name="one_file_once_a_sender", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(complainant__isnull=True) | Q(uploaded_by__isnull=True), name="one_uploader"
            ),
        ]
        indexes = [  # every minute: what waits for the scanner, and what it refused
            models.Index(fields=["created_at"], condition=~Q(state="bersih"), name="file_not_cleared"),
        ]
