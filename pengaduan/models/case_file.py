"""What the steps of the procedure found out: the file behind a case (D23–D29)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pengaduan.models.complaint import Complaint


class Position(models.TextChoices):
    """The conclusion of the clarification: did it happen or not (D23)."""

    PROVEN = "proven", _("Terbukti terjadi")
    UNPROVEN = "unproven", _("Tidak terbukti")


class Recommendation(models.TextChoices):
    """The way that the analysis recommends (D24)."""

    LITIGATION = "litigation", _("Litigasi (proses hukum)")
    NON_LITIGATION = "non_litigation", _("Non-litigasi (penyelesaian alternatif)")
    ARBITRATION = "arbitration", _("Arbitrase")


class CaseFile(models.Model):
    """One row a complaint: what each step must leave behind before the next one opens."""

    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, primary_key=True, related_name="case_file")
    regency_code = models.CharField(max_length=5, blank=True)
    answer = models.TextField(_("jawaban"), blank=True)
    chronology = models.TextField(_("kronologi"), blank=True)
    position = models.CharField(_("posisi masalah"), max_length=10, choices=Position, blank=True)
    case_analysis = models.TextField(_("analisis kasus"), blank=True)
    stakeholder_analysis = models.TextField(_("analisis pemangku kepentingan"), blank=True)
    recommendation = models.CharField(_("rekomendasi"), max_length=20, choices=Recommendation, blank=True)
    follow_up_by = models.CharField(_("ditindaklanjuti oleh"), max_length=240, blank=True)
    result = models.TextField(_("hasil penanganan"), blank=True)
    finding = models.TextField(_("temuan pemantauan"), blank=True)
    coordination = models.CharField(_("dinas melalui tim koordinasi"), max_length=240, blank=True)
    coordinated_on = models.DateField(_("diteruskan kepada tim koordinasi"), null=True, blank=True)
    master_data_approved = models.BooleanField(_("basis data diperbaiki"), null=True, blank=True)
    master_data_decision = models.TextField(_("keputusan basis data"), blank=True)
    forum_place = models.CharField(_("tempat musyawarah"), max_length=160, blank=True)
    forum_decision = models.TextField(_("keputusan musyawarah"), blank=True)
    forum_held_on = models.DateField(_("tanggal musyawarah"), null=True, blank=True)
    forum_attendance = models.PositiveIntegerField(_("jumlah hadir"), null=True, blank=True)
    ticked = models.JSONField(_("standar yang dipenuhi"), default=list, blank=True)

    class Meta:
        verbose_name = _("berkas kasus")
        verbose_name_plural = _("berkas kasus")
