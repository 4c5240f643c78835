"""Cases that belong together without being one: nothing is closed, each goes its own way (D20)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pengaduan.models.complaint import Complaint


class CaseLink(models.Model):
    """One side of a link; there is a row on each side, so that a case finds its own."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="links", db_index=False)
    other = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+", db_index=False)
    regency_code = models.CharField(max_length=5, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("tautan pengaduan")
        verbose_name_plural = _("tautan pengaduan")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "other"], name="linked_once"),
            models.CheckConstraint(condition=~Q(complaint=F("other")), name="linked_with_another"),
        ]
