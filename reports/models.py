"""What was reported, to whom it goes and whether it has arrived (D44, D47)."""

import uuid
from collections.abc import Collection, Iterator
from datetime import datetime

import pghistory
import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CharField, Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from reports.export_models import Export  # noqa: F401 - a model of this app
from reports.periods import PERIODS, Kind
from reports.subject import Subject
from reports.tally_models import Tally, TallyMark  # noqa: F401 - models of this app
from tiers.models import Office, Programme, Region, Tier, User


class EditionQuerySet(models.QuerySet):
    def about(self, subject: Subject) -> "EditionQuerySet":
        """Return the editions of one report, the first one first."""
        return self.filter(
            kind=subject.kind, programme=subject.programme, region=subject.region, begins_on=subject.period.first
        ).order_by("number")

    def with_integrity(self) -> "EditionQuerySet":
        """Say of each edition, as `intact`, whether its figures still have their digest; reckoned by the database."""
        digest = Func(
            F("figures"),
            template="encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')",
            output_field=CharField(),
        )
        return self.annotate(intact=Exact(digest, F("sha256"))).defer("figures")

    def in_force(self, unseen: Collection[int] = ()) -> "EditionQuerySet":
        """Return the last edition of each report; as if the `unseen` ones had not been made."""
        later = Edition.objects.annotate(place=Coalesce("region_id", Value(""))).filter(
            kind=OuterRef("kind"),
            programme=OuterRef("programme"),
            begins_on=OuterRef("begins_on"),
            place=Coalesce(OuterRef("region_id"), Value("")),
            number__gt=OuterRef("number"),
        )
        return self.filter(~Exists(later.exclude(pk__in=unseen))).exclude(pk__in=unseen)

    def readable_at(self, offices: list[Office]) -> "EditionQuerySet":
        """Return the reports of the areas of these offices and of what lies in them."""
        reach = Q(pk__in=[])
        for office in offices:
            area = Q(programme_id=office.programme_id)
            if office.tier != Tier.PUSAT:
                area &= Q(region_id=office.region_id) | Q(region__code__startswith=f"{office.region_id}.")
            reach |= area
        return self.filter(reach)


class Edition(models.Model):
    """The figures of a report as they were sent, for ever: the database refuses to change or delete them (D47).

    `figures` is one canonical JSON text of codes and numbers, and `sha256` the digest of its UTF-8 bytes.
    """

    kind = models.CharField(_("jenis"), max_length=12, choices=Kind, default=Kind.MONTHLY)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("program"))
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("wilayah")
    )
    begins_on = models.DateField(_("hari pertama"))  # of its period, in Jakarta
    number = models.PositiveSmallIntegerField(_("edisi"))
    as_of = models.DateTimeField(_("keadaan per"))  # what was recorded later is not in it
    made_at = models.DateTimeField(_("dibuat"))
    query_version = models.PositiveSmallIntegerField(_("versi hitungan"))
    figures = models.TextField(_("angka"))
    sha256 = models.CharField(_("sidik data"), max_length=64)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = _("edisi laporan")
        verbose_name_plural = _("edisi laporan")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "programme", "region", "begins_on", "number"],
                name="edition_is_numbered_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(begins_on__day=1) | Q(kind=Kind.BIWEEKLY, begins_on__day=16),
                name="edition_begins_with_its_period",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="edition_kind_is_known"),
            models.CheckConstraint(condition=Q(number__gt=0), name="editions_count_from_one"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.subject.title}, {_('edisi')} {self.number}"

    @property
    def subject(self) -> Subject:
        return Subject(self.programme, self.region, PERIODS[self.kind](self.begins_on))

    @property
    def slug(self) -> str:
        return f"{self.subject.slug}-edisi-{self.number}"


class PublicFigures(models.Model):
    """What the public reads at the end of a month of one programme (or all) in one province (or the nation).

    `figures` holds only what has passed `suppression.shown` (D57); a month is published once and stays as it is.
    """

    month = models.DateField(_("bulan"))  # its first day
    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("program")
    )
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("provinsi")
    )
    figures = models.JSONField(_("angka"))
    made_at = models.DateTimeField(_("dibuat"))

    class Meta:
        verbose_name = _("statistik publik")
        verbose_name_plural = _("statistik publik")
        constraints = [
            models.UniqueConstraint(  # the page asks for the latest month of one of them
                fields=["programme", "region", "month"], name="published_once_a_month", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="published_month_is_a_first_day"),
        ]


@pghistory.track()
class ReportRecipient(models.Model):
    """An address without an account that also gets a report, such as a ministry's secretariat."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("program"))
    region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("wilayah"),
        help_text=_("Kode provinsi atau kabupaten/kota; kosong untuk laporan nasional."),
    )
    name = models.CharField(_("nama"), max_length=120)
    email = models.EmailField(_("surel"))
    needs_to_know = models.BooleanField(
        _("perlu tahu angka lengkap"),
        default=False,
        help_text=_(
            "Tanpa ini, yang dikirim hanya ringkasan bulanan dari angka yang sudah terbit untuk umum: "
            "angka kecil ditutup dan daftar kasus tidak ikut."
        ),
    )
    need = models.CharField(
        _("mengapa perlu tahu"),
        max_length=200,
        blank=True,
        help_text=_("Misalnya dasar tugasnya: nomor keputusan atau perjanjian. Wajib bila angka lengkap dikirim."),
    )
    monthly = models.BooleanField(_("laporan bulanan"), default=True)
    biweekly = models.BooleanField(_("laporan dua mingguan"), default=False)
    quarterly = models.BooleanField(_("laporan triwulanan"), default=False)
    active = models.BooleanField(_("dikirimi"), default=True)

    class Meta:
        verbose_name = _("penerima tambahan")
        verbose_name_plural = _("penerima tambahan")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "region", "email"], name="one_recipient_per_report", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        self.email = self.email.lower()
        if wrong := dict(self._faults()):
            raise ValidationError(wrong)

    def _faults(self) -> Iterator[tuple[str, str]]:
        tier = Tier(self.region.tier) if self.region else Tier.PUSAT
        if tier < Tier.KABUPATEN:
            yield "region", _("Pilih provinsi atau kabupaten/kota.")
        if self.needs_to_know and not self.need.strip():
            yield "need", _("Tulis mengapa penerima ini perlu tahu angka lengkap.")
        if not self.needs_to_know and tier == Tier.KABUPATEN:
            yield (
                "needs_to_know",
                _(
                    "Angka kabupaten/kota terlalu kecil untuk umum. "
                    "Pilih provinsi atau nasional, atau tulis mengapa perlu tahu."
                ),
            )
        if not self.needs_to_know and (self.biweekly or self.quarterly):
            yield (
                "needs_to_know",
                _(
                    "Laporan dua mingguan dan triwulanan memuat kasus. "
                    "Pilih hanya laporan bulanan, atau tulis mengapa perlu tahu."
                ),
            )
        if self.quarterly and tier == Tier.KABUPATEN:
            yield "quarterly", _("Laporan triwulanan dibuat untuk provinsi dan nasional. Pilih laporan lain.")
        if not (self.monthly or self.biweekly or self.quarterly):
            yield "monthly", _("Pilih paling sedikit satu laporan, atau matikan penerima ini.")

    def wants(self, kind: Kind) -> bool:
        """Say whether this address is to get reports of a kind."""
        boxes = {Kind.MONTHLY: self.monthly, Kind.BIWEEKLY: self.biweekly, Kind.QUARTERLY: self.quarterly}
        return self.active and boxes[kind]


class ReportDueQuerySet(models.QuerySet):
    def owed(self, *, now: datetime) -> "ReportDueQuerySet":
        """Return what should be made now: not yet made, not given up, its hour has come."""
        return self.filter(made_at__isnull=True, given_up_at__isnull=True, next_attempt_at__lte=now)

    def troubled(self) -> "ReportDueQuerySet":
        """Return what could not be made so far."""
        return self.filter(made_at__isnull=True, attempts__gt=0)


class ReportDue(models.Model):
    """One report that a period calls for, once however often the beat fires; a row without an edition was not needed.

    All rows of a kind and period come at once, so that one of them says that the period has been taken up.
    """

    kind = models.CharField(_("jenis"), max_length=12, choices=Kind)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("program"))
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("wilayah")
    )
    begins_on = models.DateField(_("hari pertama"))
    created_at = models.DateTimeField(_("dibuat"))
    next_attempt_at = models.DateTimeField(_("dibuat mulai"))
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    last_error = models.CharField(_("kegagalan terakhir"), max_length=240, blank=True)
    made_at = models.DateTimeField(_("selesai"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("dihentikan"), null=True, blank=True)
    edition = models.ForeignKey(
        Edition, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("laporan")
    )

    objects = ReportDueQuerySet.as_manager()

    class Meta:
        verbose_name = _("laporan yang dijadwalkan")
        verbose_name_plural = _("laporan yang dijadwalkan")
        constraints = [
            models.UniqueConstraint(  # also asked: has this period been taken up?
                fields=["kind", "begins_on", "programme", "region"], name="due_once_a_period", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(made_at__isnull=True) | Q(given_up_at__isnull=True), name="due_made_or_given_up"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(made_at=None, given_up_at=None),
                name="report_due_owed",  # the making
            )
        ]

    def __str__(self) -> str:
        return self.subject.title

    @property
    def subject(self) -> Subject:
        return Subject(self.programme, self.region, PERIODS[self.kind](self.begins_on))


class CorrectionRequest(models.Model):
    """Somebody who receives a report asked to have it reckoned anew, and what came of it (D47)."""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+", verbose_name=_("laporan"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("diminta oleh"))
    asked_at = models.DateTimeField(_("diminta"))
    why = models.CharField(_("alasan"), max_length=200)
    answered_at = models.DateTimeField(_("dijawab"), null=True, blank=True)
    found = models.ForeignKey(  # the edition in force after it; the same one where no data differed
        Edition, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hasil")
    )

    class Meta:
        verbose_name = _("permintaan hitung ulang")
        verbose_name_plural = _("permintaan hitung ulang")
        constraints = [
            models.UniqueConstraint(
                fields=["edition"], condition=Q(answered_at__isnull=True), name="one_open_request_an_edition"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, found__isnull=True)
                | Q(answered_at__isnull=False, found__isnull=False),
                name="request_answered_with_an_edition",
            ),
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.edition)


class ReportDeliveryQuerySet(models.QuerySet):
    def owed(self, *, now: datetime) -> "ReportDeliveryQuerySet":
        """Return what should go out now: not yet sent, not given up, its hour has come."""
        return self.filter(sent_at__isnull=True, given_up_at__isnull=True, next_attempt_at__lte=now)


class ReportDelivery(models.Model):
    """One edition owed to one person, once however often the beat fires; the address is found when it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # names the Message-ID for ever
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="deliveries", verbose_name=_("laporan"))
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pengguna")
    )
    recipient = models.ForeignKey(
        ReportRecipient,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("penerima tambahan"),
    )
    created_at = models.DateTimeField(_("dibuat"))
    next_attempt_at = models.DateTimeField(_("dikirim mulai"))
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    last_error = models.CharField(_("kegagalan terakhir"), max_length=240, blank=True)
    sent_at = models.DateTimeField(_("terkirim"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("dihentikan"), null=True, blank=True)
    linked = models.BooleanField(_("dikirim sebagai tautan"), default=False)  # the files were too large for a mail
    fetched_at = models.DateTimeField(_("diunduh"), null=True, blank=True)  # through the link, the first time

    objects = ReportDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("pengiriman laporan")
        verbose_name_plural = _("pengiriman laporan")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, recipient__isnull=True) | Q(user__isnull=True, recipient__isnull=False),
                name="delivery_has_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(given_up_at__isnull=True), name="delivery_sent_or_given_up"
            ),
            models.UniqueConstraint(fields=["edition", "user"], name="one_delivery_a_user_and_edition"),
            models.UniqueConstraint(fields=["edition", "recipient"], name="one_delivery_a_recipient_and_edition"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(sent_at=None, given_up_at=None),
                name="report_delivery_owed",  # the delivery
            )
        ]

    def __str__(self) -> str:
        return str(self.edition)

    @property
    def to(self) -> User | ReportRecipient:
        return self.user or self.recipient
