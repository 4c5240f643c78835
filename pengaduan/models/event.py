"""The record: one append-only row for everything that happened, chained so that a change shows (D40)."""

import hashlib
import struct
from datetime import UTC, datetime

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pengaduan.models.complainant import Complainant
from pengaduan.models.complaint import Complaint, Stage
from tiers.models import Office, User

POSTGRES_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
SEPARATOR = "\x1f"


class Actor(models.TextChoices):
    OFFICER = "petugas", _("Petugas")
    COMPLAINANT = "pelapor", _("Pelapor")
    SYSTEM = "sistem", _("Sistem")


class Event(models.Model):
    """One thing that happened to one complaint, with the deadlines then in force.

    The database refuses UPDATE and DELETE. `digest` covers the row and the digest before it; free text stands
    in Note or Message, which the row names by a digest only, so that a text can be blanked (D64) while the
    chain still holds.
    """

    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="events", db_index=False, verbose_name=_("pengaduan")
    )
    regency_code = models.CharField(max_length=5, blank=True)
    seq = models.PositiveIntegerField(_("urutan"))
    kind = models.CharField(_("kejadian"), max_length=40)
    at = models.DateTimeField(_("waktu"))
    actor = models.CharField(_("pelaku"), max_length=10, choices=Actor)
    by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False, verbose_name=_("oleh")
    )
    from_stage = models.CharField(_("dari tahap"), max_length=20, choices=Stage, blank=True)
    to_stage = models.CharField(_("ke tahap"), max_length=20, choices=Stage, blank=True)
    from_office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dari kantor")
    )
    to_office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("ke kantor")
    )
    due_at = models.DateTimeField(_("tenggat asli"), null=True, blank=True)
    tier_due_at = models.DateTimeField(_("tenggat jenjang"), null=True, blank=True)
    data = models.TextField(default="{}")  # canonical JSON, without personal data
    text_digest = models.CharField(max_length=64, blank=True)
    previous = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        verbose_name = _("catatan")
        verbose_name_plural = _("catatan")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "seq"], name="event_in_its_place"),
            models.CheckConstraint(
                condition=Q(actor=Actor.OFFICER, by__isnull=False) | ~Q(actor=Actor.OFFICER) & Q(by__isnull=True),
                name="only_an_officer_is_named",
            ),
        ]
        indexes = [models.Index(fields=["kind", "at"], name="event_kind_at")]  # reports: what happened in a month
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="never_emptied",
                operation=pgtrigger.Truncate,
                when=pgtrigger.Before,
                level=pgtrigger.Statement,
                func="RAISE EXCEPTION 'pgtrigger: the record is not emptied';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}/{self.seq} {self.kind}"

    def reckon_digest(self) -> bytes:
        """Return the digest of this row; the SQL function `event_digest` reckons the same (a test compares them)."""
        text = SEPARATOR.join(
            (
                self.kind,
                self.actor,
                self.from_stage,
                self.to_stage,
                str(self.from_office_id or ""),
                str(self.to_office_id or ""),
                _microseconds(self.due_at),
                _microseconds(self.tier_due_at),
                self.data,
                self.text_digest,
            )
        )
        head = struct.pack(">qiqq", self.complaint_id, self.seq, int(_microseconds(self.at)), self.by_id or 0)
        return hashlib.sha256(bytes(self.previous) + head + text.encode()).digest()


def _microseconds(at: datetime | None) -> str:
    """Return an instant as PostgreSQL keeps it: whole microseconds since 2000."""
    if at is None:
        return ""
    since = at - POSTGRES_EPOCH
    return str((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


class Note(models.Model):
    """The words of an event: the reason, the officer's note. Kept apart so that they can be blanked (D64)."""

    event = models.OneToOneField(Event, on_delete=models.PROTECT, primary_key=True, related_name="note")
    regency_code = models.CharField(max_length=5, blank=True)
    text = models.TextField(_("catatan"))
    blanked_at = models.DateTimeField(null=True, blank=True)


class Message(models.Model):
    """One message between an officer and a complainant, both ways, also for the anonymous (D62).

    Each complainant sees only what was said with them.
    """

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="messages")
    complainant = models.ForeignKey(Complainant, on_delete=models.PROTECT, related_name="messages")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="messages")
    regency_code = models.CharField(max_length=5, blank=True)
    from_complainant = models.BooleanField()
    text = models.TextField(_("pesan"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("pesan")
        verbose_name_plural = _("pesan")
