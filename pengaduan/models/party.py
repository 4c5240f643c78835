"""Who is complained of, and who stepped aside (D35, D38, D49)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pengaduan.models.complaint import Complaint
from tiers.models import Office, User


class ReportedParty(models.Model):
    """The person or office that a complaint is against; never public, not guilty until proven (D38)."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="reported_parties")
    regency_code = models.CharField(max_length=5, blank=True)
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pengguna")
    )
    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kantor")
    )
    words = models.CharField(_("sebutan"), max_length=240, blank=True)

    class Meta:
        verbose_name = _("pihak yang dilaporkan")
        verbose_name_plural = _("pihak yang dilaporkan")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(office__isnull=False) | ~Q(words=""),
                name="reported_party_says_who",
            )
        ]


class Recusal(models.Model):
    """An officer who stepped aside from a case: from then on it is hidden from them (D49)."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="recusals")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["complaint", "user"], name="stepped_aside_once")]
