"""Who brought the complaint: sealed field by field, found again only by a keyed hash (D37, D62)."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pengaduan.models.complaint import Complaint
from pengaduan.sealing import seal, unseal


class Secrecy(models.TextChoices):
    """What the complainant wants to be known (D37)."""

    ANONYMOUS = "anonim", _("Tanpa nama")
    SECRET = "rahasia", _("Rahasia")
    OPEN = "terbuka", _("Terbuka")


SEALED = ("name", "phone", "email", "address")


class Complainant(models.Model):
    """One person who brought the matter, with a tracking code of their own (D20); anonymous keeps no identity."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="complainants")
    regency_code = models.CharField(max_length=5, blank=True)
    secrecy = models.CharField(_("kerahasiaan"), max_length=10, choices=Secrecy)
    tracking_hash = models.BinaryField(unique=True, max_length=32)
    name_sealed = models.BinaryField(default=b"")
    phone_sealed = models.BinaryField(default=b"")
    email_sealed = models.BinaryField(default=b"")
    address_sealed = models.BinaryField(default=b"")
    phone_hash = models.BinaryField(default=b"", db_index=True, max_length=32)
    sms_wanted = models.BooleanField(_("dikabari lewat SMS"), default=False, db_default=False)  # their choice (D42)
    consent_noted = models.BooleanField(_("setuju dicatatkan"), default=False)  # recorded on their behalf (D58)
    last_seen_at = models.DateTimeField(null=True, blank=True)  # last time the code was used
    # of several who brought one matter, each answers and withdraws for themselves (D20, D28)
    accepted_at = models.DateTimeField(_("menerima hasil"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("mencabut"), null=True, blank=True)
    created_at = models.DateTimeField()

    SEALED_AS = ("complainant", {f"{field}_sealed": field for field in SEALED})  # for `rotate_keys`

    class Meta:
        verbose_name = _("pelapor")
        verbose_name_plural = _("pelapor")
        constraints = [
            models.CheckConstraint(
                condition=~Q(secrecy=Secrecy.ANONYMOUS) | Q(name_sealed=b"", phone_sealed=b"", address_sealed=b""),
                name="anonymous_keeps_no_identity",
            ),
            models.CheckConstraint(
                condition=Q(sms_wanted=False) | ~Q(phone_sealed=b""), name="sms_goes_to_a_telephone"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_secrecy_display()} ({self.complaint_id})"

    def seal_identity(self, **fields: str) -> None:
        """Seal the given fields (name, phone, email, address) onto this row; saving is the caller's."""
        for field, text in fields.items():
            if field not in SEALED:
                raise ValueError(field)
            setattr(self, f"{field}_sealed", seal(text, table="complainant", column=field, row=self.pk))

    def unseal_identity(self, field: str) -> str:
        """Open one sealed field. Only `workflow` calls this: to deliver a message, or on a recorded motive (D63)."""
        return unseal(getattr(self, f"{field}_sealed"), table="complainant", column=field, row=self.pk)

    @property
    def can_be_mailed(self) -> bool:
        return bool(self.email_sealed)

    @property
    def can_be_texted(self) -> bool:
        return self.sms_wanted and bool(self.phone_sealed)

    def brought(self, complaint: Complaint) -> bool:
        """Say whether this is their matter: by their own complaint, or by one that was merged into it (D20, D55)."""
        return complaint.pk in (self.complaint_id, self.complaint.merged_into_id)

    def seen(self, *, now: datetime) -> None:
        type(self).objects.filter(pk=self.pk).update(last_seen_at=now)
