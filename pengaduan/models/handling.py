"""What is gathered and agreed while a case is handled: statements, actions, suspensions, money, help (D23-D26, D60)."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pengaduan.models.complaint import Complaint
from pengaduan.models.party import ReportedParty
from tiers.models import Office, User


class Statement(models.Model):
    """What somebody said or a document shows: the interviews of the clarification, the reported party's answer (D23).

    `who` names a role or an agency in neutral words; a witness need not be named (D57, D60).
    """

    class Kind(models.TextChoices):
        COMPLAINANT = "pelapor", _("Wawancara pelapor")
        WITNESS = "saksi", _("Keterangan saksi")
        PROVIDER = "penyedia", _("Wawancara penyedia layanan")
        LEADER = "tokoh", _("Wawancara pemimpin setempat")
        AGENCY = "dinas", _("Wawancara dinas atau lembaga terkait")
        DOCUMENT = "dokumen", _("Keterangan surat atau dokumen")
        REPORTED = "terlapor", _("Jawaban pihak yang dilaporkan")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="statements")
    regency_code = models.CharField(max_length=5, blank=True)
    kind = models.CharField(_("jenis"), max_length=10, choices=Kind)
    party = models.ForeignKey(ReportedParty, on_delete=models.PROTECT, null=True, blank=True, related_name="statements")
    who = models.CharField(_("siapa"), max_length=160, blank=True)
    given_on = models.DateField(_("tanggal"))
    text = models.TextField(_("isi keterangan"))
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("keterangan")
        verbose_name_plural = _("keterangan")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["pelapor", "saksi", "penyedia", "tokoh", "dinas", "dokumen", "terlapor"]),
                name="statement_kind_is_known",
            )
        ]


class AgreedAction(models.Model):
    """One thing that was agreed: what, by whom, until when, and what came of it (D25, D26)."""

    class Kind(models.TextChoices):
        SANCTION = "sanksi", _("Sanksi atau teguran")
        PROCEDURE = "prosedur", _("Pengembalian prinsip atau prosedur")
        REPAYMENT = "pengembalian", _("Pengembalian uang")
        AGREEMENT = "kesepakatan", _("Kesepakatan penyelesaian")
        OTHER = "lain", _("Tindakan lain")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="agreed_actions")
    regency_code = models.CharField(max_length=5, blank=True)
    kind = models.CharField(_("jenis"), max_length=12, choices=Kind)
    what = models.TextField(_("tindakan"))
    who = models.CharField(_("oleh siapa"), max_length=160)
    until = models.DateField(_("sampai kapan"))
    result = models.TextField(_("hasil"), blank=True)
    done = models.BooleanField(_("terlaksana"), null=True, blank=True)  # None: not yet known
    ended_on = models.DateField(_("tanggal hasil"), null=True, blank=True)
    agreed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("tindakan")
        verbose_name_plural = _("tindakan")
        constraints = [
            models.CheckConstraint(
                condition=Q(done__isnull=True, ended_on__isnull=True, result="")
                | Q(done__isnull=False, ended_on__isnull=False) & ~Q(result=""),
                name="action_ends_with_a_result",
            ),
        ]

    def is_late(self, *, today: date) -> bool:
        """Say whether its day has passed without a result (D26)."""
        return self.done is None and self.until < today


class Suspension(models.Model):
    """An accused member of staff relieved of duty while the case is examined, and how that ended (D25, D60)."""

    class End(models.TextChoices):
        RESTORED = "dipulihkan", _("Hak dan tugasnya dipulihkan")
        DISMISSED = "diberhentikan", _("Diberhentikan")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="suspensions")
    regency_code = models.CharField(max_length=5, blank=True)
    party = models.ForeignKey(ReportedParty, on_delete=models.PROTECT, related_name="suspensions")
    since = models.DateField(_("dibebastugaskan sejak"))
    ordered_by = models.CharField(_("oleh pejabat atau surat"), max_length=160)
    ended_on = models.DateField(_("berakhir"), null=True, blank=True)
    ended_as = models.CharField(_("berakhir dengan"), max_length=15, choices=End, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pembebastugasan")
        verbose_name_plural = _("pembebastugasan")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_as="") | Q(ended_on__gte=F("since")) & ~Q(ended_as=""),
                name="suspension_ends_with_an_outcome",
            ),
            models.UniqueConstraint(fields=["party"], condition=Q(ended_on=None), name="one_open_suspension"),
        ]


class Repayment(models.Model):
    """Money that came back, in rupiah; the complaint's `returned_amount` is their sum (D29)."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="repayments")
    regency_code = models.CharField(max_length=5, blank=True)
    amount = models.DecimalField(_("jumlah (Rp)"), max_digits=16, decimal_places=2)
    paid_on = models.DateField(_("tanggal"))
    words = models.CharField(_("keterangan"), max_length=240)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("pengembalian uang")
        verbose_name_plural = _("pengembalian uang")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_is_money")]


class HelpRequest(models.Model):
    """Help asked of an office, most often the tier left behind, or of one person; it ends with the case (D33)."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="help_requests")
    regency_code = models.CharField(max_length=5, blank=True)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asked = models.TextField(_("bantuan yang diminta"))
    until = models.DateField(_("paling lambat"), null=True, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(_("jawaban"), blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("permintaan bantuan")
        verbose_name_plural = _("permintaan bantuan")
        constraints = [
            models.CheckConstraint(
                condition=Q(office__isnull=False, user__isnull=True) | Q(office__isnull=True, user__isnull=False),
                name="help_is_asked_of_one",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="help_answered_by_someone",
            ),
        ]


class LegalWatch(models.Model):
    """A case in the hands of law enforcement: closed in the count, looked after until it ends there (D28, D29)."""

    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, primary_key=True, related_name="legal_watch")
    regency_code = models.CharField(max_length=5, blank=True)
    authority = models.CharField(_("aparat hukum"), max_length=240)
    reference = models.CharField(_("nomor laporan"), max_length=120, blank=True)
    next_check_on = models.DateField(_("ditanyakan lagi"))
    ended_on = models.DateField(_("berakhir"), null=True, blank=True)

    class Meta:
        verbose_name = _("pemantauan proses hukum")
        verbose_name_plural = _("pemantauan proses hukum")
        indexes = [models.Index(fields=["next_check_on"], condition=Q(ended_on=None), name="legal_watch_due")]
