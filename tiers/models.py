"""Who we are: places, programmes, offices, people and what ties them together (D1–D5)."""

from datetime import date, time

import pghistory
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from tiers.permissions import ROLES

C_COLLATION = "C"  # codes compare byte by byte, so that a prefix can use the index


class Tier(models.IntegerChoices):
    """The five levels of handling, lowest first (D2)."""

    DESA = 1, _("Desa/Kelurahan")
    KECAMATAN = 2, _("Kecamatan")
    KABUPATEN = 3, _("Kabupaten/Kota")
    PROVINSI = 4, _("Provinsi")
    PUSAT = 5, _("Pusat")


class Zone(models.TextChoices):
    """The three time zones of Indonesia (D11)."""

    WIB = "Asia/Jakarta", "WIB"
    WITA = "Asia/Makassar", "WITA"
    WIT = "Asia/Jayapura", "WIT"


# How many characters of a region code name each tier's region: 33.29.01.2001 (Kemendagri).
CODE_LENGTH = {Tier.PROVINSI: 2, Tier.KABUPATEN: 5, Tier.KECAMATAN: 8, Tier.DESA: 13}


class Region(models.Model):
    """An official region; its code is the key and the code's prefix the path (D3)."""

    code = models.CharField(_("kode"), primary_key=True, max_length=13, db_collation=C_COLLATION)
    name = models.CharField(_("nama"), max_length=120)
    tier = models.PositiveSmallIntegerField(_("jenjang"), choices=Tier)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("bagian dari")
    )
    zone = models.CharField(_("zona waktu"), max_length=20, choices=Zone)
    valid_from = models.DateField(_("berlaku sejak"), null=True, blank=True)
    valid_to = models.DateField(_("berlaku sampai"), null=True, blank=True)

    class Meta:
        verbose_name = _("wilayah")
        verbose_name_plural = _("wilayah")

    def __str__(self) -> str:
        return self.name

    def code_at(self, tier: int) -> str | None:
        """Return the code of the region of `tier` that this one lies in; None for Pusat or when it is larger."""
        length = CODE_LENGTH.get(Tier(tier))
        return self.code[:length] if length and len(self.code) >= length else None

    def path(self) -> list["Region"]:
        """Return the regions from this one up to the province, in one query."""
        codes = [self.code[:length] for length in CODE_LENGTH.values() if length <= len(self.code)]
        return sorted(Region.objects.filter(code__in=codes), key=lambda region: -len(region.code))

    @property
    def full_name(self) -> str:
        """Return the name with the path: village names repeat (98 villages are called Sidomulyo)."""
        return ", ".join(region.name for region in self.path())


@pghistory.track()
class Programme(models.Model):
    """A community programme or public service with rules of its own (D1)."""

    code = models.SlugField(_("kode"), unique=True)
    name = models.CharField(_("nama"), max_length=120)
    number_prefix = models.CharField(
        _("awalan nomor"), max_length=10, unique=True, validators=[RegexValidator(r"^[A-Z]{2,10}$")]
    )
    description = models.TextField(_("penjelasan"), blank=True)
    late_report_days = models.PositiveSmallIntegerField(
        _("hari sejak kejadian"),
        null=True,
        blank=True,
        help_text=_("Pengaduan yang datang lebih lambat dari ini diberi peringatan, tidak ditolak."),
    )
    oversight_name = models.CharField(
        _("pengawas"),
        max_length=160,
        blank=True,
        help_text=_("Misalnya inspektorat jenderal: ke sana pengaduan terhadap kantor Pusat sendiri."),
    )
    oversight_address = models.TextField(_("alamat pengawas"), blank=True)
    elsewhere = models.TextField(
        _("tempat bertanya lain"),
        blank=True,
        help_text=_("Satu baris satu tempat: ditawarkan kepada petugas bila pengaduan bukan kewenangan program."),
    )
    always_biweekly = models.BooleanField(
        _("laporan dua mingguan selalu dikirim"),
        default=False,
        help_text=_("Tanpa ini hanya dikirim bila ada kasus yang menonjol atau berat."),
    )
    active = models.BooleanField(_("dibuka"), default=True)

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("program")

    def __str__(self) -> str:
        return self.name

    def days_too_late(self, occurred_on: date | None, received_on: date) -> int | None:
        """Return after how many days a complaint came, where that is later than the programme asks for (D13)."""
        if not (self.late_report_days and occurred_on):
            return None
        days = (received_on - occurred_on).days
        return days if days > self.late_report_days else None


@pghistory.track()
class ProgrammeTier(models.Model):
    """One rung of a programme's ladder and what its office is called there (D2)."""

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="ladder", verbose_name=_("program"))
    tier = models.PositiveSmallIntegerField(_("jenjang"), choices=Tier)
    name = models.CharField(_("sebutan"), max_length=120, help_text=_("Misalnya: Pendamping (UPPKH Kecamatan)."))
    office_pattern = models.CharField(
        _("pola nama kantor"), max_length=120, help_text=_("{wilayah} diganti dengan nama wilayahnya.")
    )
    degree = models.PositiveSmallIntegerField(
        _("derajat"), null=True, blank=True, help_text=_("Sebutan derajat masalah pada PNPM.")
    )

    class Meta:
        verbose_name = _("jenjang program")
        verbose_name_plural = _("jenjang program")
        constraints = [models.UniqueConstraint(fields=["programme", "tier"], name="one_rung_per_tier")]

    def __str__(self) -> str:
        return self.name


class OfficeQuerySet(models.QuerySet):
    def containing(self, region_code: str) -> "OfficeQuerySet":
        """Return the offices whose region contains the given one, Pusat included."""
        codes = [region_code[:length] for length in CODE_LENGTH.values() if length <= len(region_code)]
        return self.filter(Q(region__isnull=True) | Q(region__in=codes))


@pghistory.track()
class Office(models.Model):
    """One programme at one tier in one region; comes into being when it is first needed (D3)."""

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="offices", verbose_name=_("program")
    )
    tier = models.PositiveSmallIntegerField(_("jenjang"), choices=Tier)
    region = models.ForeignKey(
        Region,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("wilayah"),
        help_text=_("Kosong untuk Pusat."),
    )
    name = models.CharField(_("nama kantor"), max_length=240)
    responsible_person = models.CharField(_("penanggung jawab"), max_length=120, blank=True)
    address = models.TextField(_("alamat"), blank=True)
    phone = models.CharField(_("telepon"), max_length=40, blank=True)
    email = models.EmailField(_("surel"), blank=True)
    opens_at = models.TimeField(_("buka"), default=time(8))
    closes_at = models.TimeField(_("tutup"), default=time(16))

    objects = OfficeQuerySet.as_manager()

    class Meta:
        verbose_name = _("kantor")
        verbose_name_plural = _("kantor")
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "tier", "region"], name="one_office_per_place", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(tier=Tier.PUSAT, region__isnull=True) | Q(tier__lt=Tier.PUSAT, region__isnull=False),
                name="only_pusat_has_no_region",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractUser):
    """A person who signs in. What they see and may do follows from their assignments alone (D4)."""

    first_name = None
    last_name = None
    name = models.CharField(_("nama"), max_length=120)
    phone = PhoneNumberField(_("telepon"), blank=True)

    REQUIRED_FIELDS = ["email", "name"]

    class Meta:
        verbose_name = _("pengguna")
        verbose_name_plural = _("pengguna")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class AssignmentQuerySet(models.QuerySet):
    def current(self, on: date) -> "AssignmentQuerySet":
        """Return the assignments in force on a day, of people who may still sign in."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on, user__is_active=True)

    def at_desk(self, on: date) -> "AssignmentQuerySet":
        """Return those in force of people who are not absent that day (D51)."""
        return self.current(on).exclude(user__in=Absence.objects.current(on).values("user"))

    def own(self) -> "AssignmentQuerySet":
        """Return the assignments that people have themselves, without those in which they stand in for somebody."""
        return self.filter(absence=None)


@pghistory.track()
class Assignment(models.Model):
    """A person in a role at an office, from one day to another, both included (D4)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments", verbose_name=_("pengguna"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("kantor"))
    role = models.CharField(_("peran"), max_length=20, choices=[(code, role.label) for code, role in ROLES.items()])
    starts_on = models.DateField(_("mulai"), default=timezone.localdate)
    ends_on = models.DateField(_("sampai"), null=True, blank=True)
    # the absence during which this person stands in; it goes with the absence
    absence = models.ForeignKey(
        "Absence",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="stand_ins",
        verbose_name=_("menggantikan selama"),
    )

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("penugasan")
        verbose_name_plural = _("penugasan")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="assignment_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(role__in=list(ROLES)), name="assignment_role_is_known"),
        ]
        indexes = [models.Index(fields=["office", "role"], name="assignment_of_office")]  # who staffs an office

    def __str__(self) -> str:
        return f"{self.user} – {self.office}"

    def clean(self) -> None:
        if self.ends_on and self.starts_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("Tanggal akhir harus sesudah tanggal mulai.")})


class AbsenceQuerySet(models.QuerySet):
    def current(self, on: date) -> "AbsenceQuerySet":
        """Return the absences in which a day lies, both ends included."""
        return self.filter(starts_on__lte=on, ends_on__gte=on)


@pghistory.track()
class Absence(models.Model):
    """Days on which a person is not at the desk, both included, and who stands in for them (D51)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences", verbose_name=_("pengguna"))
    starts_on = models.DateField(_("mulai"))
    ends_on = models.DateField(_("sampai"))
    stand_in = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pengganti")
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("ketidakhadiran")
        verbose_name_plural = _("ketidakhadiran")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(stand_in__isnull=True) | ~Q(stand_in=F("user")), name="nobody_stands_in_for_themselves"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.starts_on} – {self.ends_on}"
