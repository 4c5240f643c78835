"""What a programme lets one choose from: categories with their clock, fields, channels, sources (D6–D9, D15, D16)."""

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tiers.models import Programme, Tier


class Nature(models.TextChoices):
    """The nature of a complaint decides its clock and how long its life is (D6)."""

    INFORMATIF = "informatif", _("Informatif")
    MASALAH = "masalah", _("Masalah")


class Unit(models.TextChoices):
    CALENDAR_DAYS = "calendar_days", _("hari kalender")
    WORKING_DAYS = "working_days", _("hari kerja")
    CALENDAR_MONTHS = "calendar_months", pgettext_lazy("length", "bulan")


class Path(models.TextChoices):
    """A way of its own that the programme's rules give a category beside the stages (D20, D36)."""

    USUAL = "", _("Seperti biasa")
    MASTER_DATA = "basis-data", _("Perbaikan basis data: rekomendasi daerah, keputusan Pusat")
    MASTER_DATA_DECISION = "keputusan-basis-data", _("Perbaikan basis data: sedang diputuskan di Pusat")
    AVAILABILITY = "ketersediaan", _("Ketersediaan pelayanan: dinas teknis melalui tim koordinasi")
    PAYMENT = "pembayaran", _("Pembayaran: dua pelapor atau lebih, penyalur dihubungi Pusat")
    EXCLUSION = "bukan-peserta", _("Merasa berhak: dikumpulkan dalam satu rekomendasi")


class Evidence(models.TextChoices):
    REQUIRED = "required", _("wajib ada bukti atau keterangan lengkap")
    OPTIONAL = "optional", _("boleh tanpa bukti")


@pghistory.track()
class ServiceLevel(models.Model):
    """How long a tier has, in which days, and in which steps (D9).

    `stages` is a list of `{"name": …, "days": 5, "while": ["registrasi", …]}`: the days of each step, not
    cumulative, and the stages of the complaint in which that step runs. Complaints keep the version under which they
    came; one of each code is current, the one that categories point to. `followed_by`: a reviewer had the running
    cases of this version follow that one (D10).
    """

    class Starts(models.TextChoices):
        RECEIVED = "received", _("hari diterima")
        COMPLETE = "complete", _("hari berkas dinyatakan lengkap")

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="service_levels", verbose_name=_("program")
    )
    code = models.SlugField(_("kode"))
    name = models.CharField(_("nama"), max_length=120)
    unit = models.CharField(_("satuan"), max_length=20, choices=Unit)
    length = models.PositiveSmallIntegerField(_("lamanya"))
    starts = models.CharField(_("dihitung dari"), max_length=10, choices=Starts, default=Starts.RECEIVED)
    stages = models.JSONField(_("langkah"), default=list, blank=True)
    basis = models.CharField(_("dasar"), max_length=240, blank=True)
    version = models.PositiveSmallIntegerField(_("versi"), default=1, editable=False)
    replaced_at = models.DateTimeField(_("diganti"), null=True, blank=True, editable=False)
    followed_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = _("batas waktu")
        verbose_name_plural = _("batas waktu")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "code"], condition=Q(replaced_at=None), name="one_current_service_level_per_code"
            ),
            models.UniqueConstraint(fields=["programme", "code", "version"], name="one_service_level_per_version"),
            models.CheckConstraint(
                condition=Q(followed_by__isnull=True) | Q(replaced_at__isnull=False),
                name="only_a_replaced_service_level_is_followed",
            ),
            models.CheckConstraint(condition=Q(length__gt=0), name="service_level_has_length"),
            models.CheckConstraint(condition=Q(unit__in=Unit.values), name="service_level_unit_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.length} {self.get_unit_display()})"

    def clean(self) -> None:
        total = sum(step.get("days", 0) for step in self.stages or [])
        if self.stages and total != self.length:
            raise ValidationError(
                {"stages": _("Jumlah hari semua langkah (%(total)s) harus sama dengan lamanya.") % {"total": total}}
            )


class ProgrammeEntry(models.Model):
    """One thing of a list that a programme offers; taken out of use rather than deleted."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="%(class)s_entries", verbose_name=_("program")
    )
    code = models.SlugField(_("kode"), max_length=60)
    name = models.CharField(_("nama"), max_length=160)
    position = models.PositiveSmallIntegerField(_("urutan"), default=0)
    active = models.BooleanField(_("dipakai"), default=True)

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="one_%(class)s_per_code")]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Field(ProgrammeEntry):
    """A field of activity (bidang, D8)."""

    class Meta(ProgrammeEntry.Meta):
        verbose_name = _("bidang")
        verbose_name_plural = _("bidang")


@pghistory.track()
class Channel(ProgrammeEntry):
    """The way by which a complaint came in (media, D15)."""

    counted_apart = models.BooleanField(
        _("dihitung tersendiri"), default=False, help_text=_("Temuan BPKP tidak dicampur dengan pengaduan masyarakat.")
    )
    online = models.BooleanField(_("formulir daring"), default=False)

    class Meta(ProgrammeEntry.Meta):
        verbose_name = _("media")
        verbose_name_plural = _("media")


@pghistory.track()
class Source(ProgrammeEntry):
    """Who reports, as a kind of person and never a name (sumber, D16)."""

    class Meta(ProgrammeEntry.Meta):
        verbose_name = _("sumber")
        verbose_name_plural = _("sumber")


@pghistory.track()
class ClosureStandard(ProgrammeEntry):
    """What must be true before a case of some category is settled (D29)."""

    items = models.JSONField(_("butir yang dicentang"), default=list)
    money = models.BooleanField(_("seluruh uang kembali"), default=False)

    class Meta(ProgrammeEntry.Meta):
        verbose_name = _("standar penyelesaian")
        verbose_name_plural = _("standar penyelesaian")


@pghistory.track()
class Category(ProgrammeEntry):
    """What a complaint is about, with the clock, the proof and the standard that follow from it (D7, D29, D35)."""

    description = models.TextField(_("penjelasan untuk pelapor"), blank=True)
    nature = models.CharField(_("sifat"), max_length=10, choices=Nature)
    service_level = models.ForeignKey(
        ServiceLevel, on_delete=models.PROTECT, related_name="categories", verbose_name=_("batas waktu")
    )
    evidence = models.CharField(_("bukti"), max_length=10, choices=Evidence, default=Evidence.OPTIONAL)
    start_tier = models.PositiveSmallIntegerField(
        _("jenjang awal"),
        choices=Tier,
        null=True,
        blank=True,
        help_text=_("Kosong: jenjang terendah program di tempat kejadian."),
    )
    conceal_up_to = models.PositiveSmallIntegerField(
        _("disembunyikan sampai jenjang"),
        choices=Tier,
        null=True,
        blank=True,
        help_text=_("Kantor pada jenjang ini dan di bawahnya tidak melihat pengaduan."),
    )
    path = models.CharField(
        _("jalur khusus"),
        max_length=24,
        choices=Path,
        blank=True,
        help_text=_("Langkah tambahan menurut pedoman program."),
    )
    follow_up = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("kategori lanjutan"),
        help_text=_("Kategori yang dipakai sesudah rekomendasi basis data, dengan batas waktunya sendiri."),
    )
    conflict_note = models.TextField(_("aturan benturan kepentingan"), blank=True)
    closure_standards = models.ManyToManyField(ClosureStandard, blank=True, verbose_name=_("standar penyelesaian"))
    is_default = models.BooleanField(
        _("bila pelapor tidak yakin"), default=False, help_text=_("Dipakai sampai petugas menetapkan kategori.")
    )

    class Meta(ProgrammeEntry.Meta):
        verbose_name = _("kategori")
        verbose_name_plural = _("kategori")
        constraints = [
            *ProgrammeEntry.Meta.constraints,
            models.UniqueConstraint(
                fields=["programme"], condition=Q(is_default=True), name="one_default_category_per_programme"
            ),
            models.CheckConstraint(
                condition=Q(conceal_up_to__isnull=True)
                | (Q(start_tier__isnull=False) & Q(conceal_up_to__lt=models.F("start_tier"))),
                name="category_starts_above_what_is_concealed",
            ),
        ]


@pghistory.track()
class CategoryStandard(Category.closure_standards.through):
    """Which standard a category has to meet, so that its history is kept too: added or taken away."""

    class Meta:
        proxy = True
        verbose_name = _("standar penyelesaian kategori")
        verbose_name_plural = _("standar penyelesaian kategori")

    def __str__(self) -> str:
        return f"{self.category}: {self.closurestandard}"
