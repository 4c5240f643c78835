"""What came by SMS without a tracking code: numbered at once, sealed, until an officer records or answers it (D59)."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from pengaduan.models.complaint import Complaint
from pengaduan.sealing import seal, unseal
from tiers import scope
from tiers.models import Programme, ProgrammeTier, User
from tiers.permissions import Permission


def programmes_read_by(user: User) -> list[int]:
    """Return the programmes whose text messages a user reads: who takes complaints in at the top of the ladder."""
    offices = scope.offices_of(user, Permission.RECORD)
    if not offices:
        return []
    rungs = ProgrammeTier.objects.filter(programme__in={office.programme_id for office in offices})
    tops = dict(rungs.values("programme").annotate(top=Max("tier")).values_list("programme", "top"))
    return [office.programme_id for office in offices if office.tier == tops[office.programme_id]]


def waiting_for(user: User) -> int | None:
    """Return how many text messages wait for a user, in one query with whose they are; None who reads none."""
    offices = scope.offices_of(user, Permission.RECORD)
    if not offices:
        return None
    theirs = Inbound.objects.waiting().filter(programme=OuterRef("programme")).order_by().values("programme")
    rungs = ProgrammeTier.objects.filter(programme__in={office.programme_id for office in offices})
    found = rungs.values("programme").annotate(
        top=Max("tier"), waiting=Subquery(theirs.annotate(n=Count("pk")).values("n"))
    )
    held = {(office.programme_id, office.tier) for office in offices}
    counts = [each["waiting"] or 0 for each in found if (each["programme"], each["top"]) in held]
    return sum(counts) if counts else None


class InboundQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "InboundQuerySet":
        """Return the texts of the programmes at whose top tier this user takes complaints in."""
        return self.filter(programme__in=programmes_read_by(user))

    def waiting(self) -> "InboundQuerySet":
        """Return what no officer has recorded or answered yet."""
        return self.filter(settled_at=None)


class Inbound(models.Model):
    """The texts of one telephone number about one matter, with a number of their own; never lost, never unanswered."""

    class Settled(models.TextChoices):
        """What became of it (D19)."""

        RECORDED = "dicatat", _("Dicatat sebagai pengaduan")
        NOT_OURS = "bukan-kewenangan", _("Bukan kewenangan program ini")
        THANKS = "terima-kasih", _("Salam atau ucapan terima kasih")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("program"))
    number = models.CharField(_("nomor"), max_length=40, unique=True)
    phone_sealed = models.BinaryField()
    phone_hash = models.BinaryField(max_length=32)
    answerable = models.BooleanField(_("dapat dibalas"))  # a telephone, not the short number of a machine
    received_at = models.DateTimeField(_("diterima"))
    settled_at = models.DateTimeField(_("selesai"), null=True, blank=True)
    settled_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    settled_as = models.CharField(_("menjadi"), max_length=20, choices=Settled, blank=True)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    SEALED_AS = ("inbound", {"phone_sealed": "phone"})  # for `rotate_keys`

    objects = InboundQuerySet.as_manager()

    class Meta:
        verbose_name = _("SMS masuk")
        verbose_name_plural = _("SMS masuk")
        constraints = [
            models.UniqueConstraint(
                fields=["phone_hash", "programme"], condition=Q(settled_at=None), name="one_waiting_inbound_a_phone"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settled_as="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settled_as="")),
                name="inbound_settled_by_whom_as_what",
            ),
            models.CheckConstraint(
                condition=Q(complaint__isnull=False, settled_as="dicatat")
                | (Q(complaint__isnull=True) & ~Q(settled_as="dicatat")),
                name="inbound_recorded_is_a_complaint",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "received_at", "id"], name="inbound_of_programme")  # the officers' list
        ]

    def __str__(self) -> str:
        return self.number

    def unseal_phone(self) -> str:
        """Open the sender's number: to answer it, or to record the complaint (D37)."""
        return unseal(self.phone_sealed, table="inbound", column="phone", row=self.pk)

    def words(self) -> str:
        """Open what was written, all of it."""
        return "\n\n".join(self.parts())

    def parts(self) -> list[str]:
        """Open each text; one that comes later is always the last."""
        texts = sorted(self.texts.all(), key=lambda text: (text.arrived_at, text.pk))
        return [text.unseal_text() for text in texts]


class InboundTextQuerySet(models.QuerySet):
    def answered_since(self, phone_hash: bytes, since: datetime) -> int:
        """Return how often a telephone was answered since an instant."""
        return self.filter(phone_hash=phone_hash, arrived_at__gte=since).exclude(answer="").count()


class InboundText(models.Model):
    """One text as the gateway handed it over, taken once; its words are kept only where an officer must read them.

    A text with a tracking code leaves its words in the complaint's conversation and nothing here (D37).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    gateway_hash = models.BinaryField(max_length=32, unique=True)  # of the gateway's own name for the message
    phone_hash = models.BinaryField(max_length=32)
    inbound = models.ForeignKey(Inbound, on_delete=models.PROTECT, null=True, blank=True, related_name="texts")
    text_sealed = models.BinaryField(default=b"")
    received_at = models.DateTimeField(_("dikirim"))
    arrived_at = models.DateTimeField(_("sampai"))
    answer = models.CharField(_("jawaban"), max_length=160, blank=True)  # the same again when the gateway asks again

    SEALED_AS = ("inboundtext", {"text_sealed": "text"})  # for `rotate_keys`

    objects = InboundTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("isi SMS")
        verbose_name_plural = _("isi SMS")
        constraints = [
            models.CheckConstraint(
                condition=Q(inbound__isnull=False) | Q(text_sealed=b""), name="text_kept_with_its_inbound"
            )
        ]
        indexes = [
            models.Index(fields=["phone_hash", "arrived_at"], name="inbound_answers_a_day")  # how often it was answered
        ]

    def seal_text(self, text: str) -> None:
        """Seal what was written onto this row; saving is the caller's."""
        self.text_sealed = seal(text, table="inboundtext", column="text", row=self.pk)

    def unseal_text(self) -> str:
        return unseal(self.text_sealed, table="inboundtext", column="text", row=self.pk)
