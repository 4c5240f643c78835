"""The complaint itself: where, about what, who holds it, at which stage, until when (D10–D14, D17, D22–D30)."""

from datetime import date, datetime

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Case, CheckConstraint, F, Index, OuterRef, Q, Subquery, When
from django.db.models.functions import Left, Length
from django.db.models.lookups import GreaterThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from pengaduan.models.catalogue import Category, Channel, Field, ServiceLevel, Source
from tiers import scope
from tiers.models import CODE_LENGTH, Assignment, Office, Programme, ProgrammeTier, Region, Tier, User
from tiers.permissions import ROLES, Permission, roles_with


class Stage(models.TextChoices):
    """The stages of a complaint's life, named as officers name them (D22–D28)."""

    REGISTRATION = "registrasi", _("Registrasi")
    ANSWER = "jawaban", _("Menyusun jawaban")
    CLARIFICATION = "klarifikasi", _("Klarifikasi")
    ANALYSIS = "analisis", _("Analisis")
    HANDLING = "penanganan", _("Penanganan")
    MONITORING = "pemantauan", _("Pemantauan")
    SETTLED = "selesai", _("Selesai, menunggu pemeriksaan")
    FEEDBACK = "umpan-balik", _("Umpan balik")
    REVIEW = "peninjauan-kembali", _("Peninjauan kembali")
    CLOSED = "ditutup", _("Ditutup")


class Outcome(models.TextChoices):
    """How a closed complaint ended (D19, D23, D28 and the side ways out)."""

    ACCEPTED = "accepted", _("Selesai, diterima pelapor")
    SILENT = "silent", _("Selesai, diterima tanpa tanggapan")
    UNPROVEN = "unproven", _("Tidak terbukti")
    NOT_OURS = "not-ours", _("Bukan kewenangan program")
    THANKS = "thanks", _("Ucapan terima kasih")
    REFERRED = "referred", _("Disalurkan ke instansi lain")
    DUPLICATE = "duplicate", _("Duplikat")
    WITHDRAWN = "withdrawn", _("Dicabut")
    LAPSED = "lapsed", _("Dianggap dicabut")
    LEGAL = "legal", _("Proses hukum")
    PHASED_OUT = "phased-out", _("Dilanjutkan masyarakat dan pemerintah daerah")


class Weight(models.TextChoices):
    """How heavy a case is (bobot, D14)."""

    LIGHT = "ringan", _("Ringan")
    MEDIUM = "sedang", _("Sedang")
    HEAVY = "berat", _("Berat")


RUNNING = Q(closed_at__isnull=True, waiting_since__isnull=True, settled_at__isnull=True)

# The column that names the region of a tier; a list asks for equality on it, which an index can order (scale.md §1).
SCOPE_COLUMN = {
    Tier.DESA: "region_id",
    Tier.KECAMATAN: "district_code",
    Tier.KABUPATEN: "regency_code",
    Tier.PROVINSI: "province_code",
}


class ComplaintQuerySet(models.QuerySet):
    def visible_to(
        self, user: User, *, through: list[Office] | None = None, exceptions: bool = True
    ) -> "ComplaintQuerySet":
        """Return the complaints that a user may see: the one door for lists, pages, counts, exports and admin.

        An assignment whose office's reach contains the complaint and lies above `concealed_tier`, or a named
        exception on this complaint; never one in which the user or their office is reported, nor one from
        which they stepped aside (D4, D35, D49). A list that is merged from parts asks for each part: what the user
        sees `through` some of their offices, or by `exceptions` alone.
        """
        offices = scope.offices_of(user, Permission.SEE)
        reach = Q(pk__in=[])
        for office in offices:
            if through is None or office in through:
                reach |= _reach_of(office)
        # read first: an OR with a subquery would make every list read all open cases instead of one index
        if exceptions and user.is_authenticated and (granted := granted_to(user)):
            reach |= Q(pk__in=granted, closed_at__isnull=True)
        return self.filter(reach).without_conflict(user)

    def without_conflict(self, user: User) -> "ComplaintQuerySet":
        """Leave out the complaints against the user or an office of theirs, and those they stepped aside from (D49)."""
        reported, aside = self._conflicts(user)
        return self.exclude(pk__in=reported).exclude(pk__in=aside)

    def in_conflict(self, user: User) -> "ComplaintQuerySet":
        """Return just those that `without_conflict` leaves out: what nobody may learn from a count either (D49)."""
        reported, aside = self._conflicts(user)
        return self.filter(Q(pk__in=reported) | Q(pk__in=aside))

    def _conflicts(self, user: User) -> list[models.QuerySet]:
        offices = [office.pk for office in scope.own_offices_of(user) if not _only_audits(user, office)]
        # as sets that are read once: a join for each would take the planner longer than the list takes to read
        reported = self.model.reported_parties.rel.related_model.objects.filter(Q(user=user.pk) | Q(office__in=offices))
        aside = self.model.recusals.rel.related_model.objects.filter(user=user.pk)
        return [reported.values("complaint"), aside.values("complaint")]

    def identities_kept_by(self, user: User, *, on: date | None = None) -> "ComplaintQuerySet":
        """Return the complaints about whose identities a custodian decides, without seeing the complaints (D63).

        The custodian's office stands at or above the one that holds the case, and is neither reported nor one where a
        reported person works: outside the accused's line.
        """
        offices = scope.offices_of(user, Permission.OPEN_IDENTITY, on=on)
        if not offices:
            return self.none()
        reach = Q(pk__in=[])
        for office in offices:
            reach |= _reach_of(office) & Q(tier__lte=office.tier)
        colleagues = Assignment.objects.current(on or timezone.localdate()).filter(office__in=offices)
        colleagues = colleagues.exclude(role__in=roles_with(Permission.AUDIT))
        return self.filter(reach).without_conflict(user).exclude(reported_parties__user__in=colleagues.values("user"))

    def with_degree(self) -> "ComplaintQuerySet":
        """Give each complaint the degree of the tier that holds it, None where the programme has none (PNPM, D30)."""
        rung = ProgrammeTier.objects.filter(programme=OuterRef("programme"), tier=OuterRef("tier"))
        return self.annotate(degree=Subquery(rung.values("degree")[:1]))

    def within(self, office: Office) -> "ComplaintQuerySet":
        """Return the complaints in the reach of one office that are not concealed from it (D35)."""
        return self.filter(_reach_of(office))

    def held_by(self, offices: list[Office]) -> "ComplaintQuerySet":
        """Return the complaints that one of these offices holds."""
        return self.filter(office__in=offices)

    def open(self) -> "ComplaintQuerySet":
        return self.filter(closed_at__isnull=True)

    def clock_running(self) -> "ComplaintQuerySet":
        """Return the complaints whose clock runs: not closed, not waiting for the complainant, not in feedback."""
        return self.filter(RUNNING)

    def waiting(self) -> "ComplaintQuerySet":
        """Return the complaints that wait for the complainant to complete the file (D12)."""
        return self.filter(closed_at__isnull=True, waiting_since__isnull=False)

    def overdue(self, *, now: datetime) -> "ComplaintQuerySet":
        """Return the complaints past their deadline at the tier that holds them (D32)."""
        return self.clock_running().filter(tier_due_at__lt=now)

    def due_before(self, until: datetime, *, now: datetime) -> "ComplaintQuerySet":
        return self.clock_running().filter(tier_due_at__gte=now, tier_due_at__lte=until)


def granted_to(user: User) -> list[int]:
    """Return the complaints that a user may see by exception; one query a user object, as with the assignments."""
    if "_granted" not in user.__dict__:
        granted = ComplaintGrant.objects.filter(user=user).values_list("content_object", flat=True)
        user.__dict__["_granted"] = list(granted)
    return user.__dict__["_granted"]


def _only_audits(user: User, office: Office) -> bool:
    """Say whether a user looks at an office from outside: an auditor's office is a reach, not a membership (D35)."""
    here = [each.role for each in scope.assignments_of(user) if each.office_id == office.pk]
    return all(Permission.AUDIT in ROLES[role].permissions for role in here)


def _reach_of(office: Office) -> Q:
    reach = Q(programme_id=office.programme_id, concealed_tier__lt=office.tier)
    if office.tier != Tier.PUSAT:
        reach &= Q(**{SCOPE_COLUMN[Tier(office.tier)]: office.region_id})
    return reach


def _code_column(tier: Tier) -> models.GeneratedField:
    """Return a column that the database keeps: the code of the region of `tier`, null when the place is larger."""
    length = CODE_LENGTH[tier]
    return models.GeneratedField(
        expression=Case(When(GreaterThanOrEqual(Length(F("region_id")), length), then=Left(F("region_id"), length))),
        output_field=models.CharField(max_length=length, null=True, db_collation="C"),
        db_persist=True,
    )


class Complaint(models.Model):
    """One matter, however many people brought it (D20). `workflow.actions` alone changes it.

    Every instant is aware (UTC in the database); a deadline is the last second of its day where the matter arose.
    """

    number = models.CharField(_("nomor"), max_length=40, unique=True)
    submission_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)  # a form sent twice is one
    # No index of their own for what no list asks for alone: each costs every escalation (scale.md §2), and one on the
    # programme alone misleads the planner.
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, verbose_name=_("program"), db_index=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, verbose_name=_("kategori"), db_index=False)
    service_level = models.ForeignKey(
        ServiceLevel, on_delete=models.PROTECT, verbose_name=_("batas waktu"), db_index=False
    )
    # of the original deadline, where a step gave the tier a period of its own (D36)
    original_level = models.ForeignKey(
        ServiceLevel, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    region = models.ForeignKey(Region, on_delete=models.PROTECT, verbose_name=_("lokasi"), db_index=False)
    province_code = _code_column(Tier.PROVINSI)
    regency_code = _code_column(Tier.KABUPATEN)
    district_code = _code_column(Tier.KECAMATAN)
    zone = models.CharField(_("zona waktu"), max_length=20)  # of the region, beside the deadlines that depend on it

    subject = models.CharField(_("pokok pengaduan"), max_length=160)
    field = models.ForeignKey(
        Field, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("bidang"), db_index=False
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, verbose_name=_("media"), db_index=False)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("sumber"), db_index=False
    )
    programme_year = models.PositiveSmallIntegerField(_("tahun program"), null=True, blank=True)
    occurred_on = models.DateField(_("tanggal kejadian"), null=True, blank=True)
    weight = models.CharField(_("bobot"), max_length=10, choices=Weight, default=Weight.MEDIUM)
    prominent = models.BooleanField(_("menonjol/prioritas"), default=False)

    office = models.ForeignKey(Office, on_delete=models.PROTECT, verbose_name=_("dipegang oleh"), db_index=False)
    tier = models.PositiveSmallIntegerField(_("jenjang"), choices=Tier)  # of the office, for the sweep in sets
    handler = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("penangan")
    )
    concealed_tier = models.PositiveSmallIntegerField(_("disembunyikan sampai jenjang"), default=0)

    stage = models.CharField(_("tahap"), max_length=20, choices=Stage, default=Stage.REGISTRATION)
    outcome = models.CharField(_("hasil akhir"), max_length=20, choices=Outcome, blank=True)
    received_at = models.DateTimeField(_("diterima"))
    complete_at = models.DateTimeField(_("dinyatakan lengkap"), null=True, blank=True)
    tier_since = models.DateTimeField(_("di jenjang ini sejak"))
    due_at = models.DateTimeField(_("tenggat asli"))  # decides "on time" in reports (D32)
    tier_due_at = models.DateTimeField(_("tenggat jenjang ini"))  # drives the escalation
    stage_due_at = models.DateTimeField(_("tenggat langkah"), null=True, blank=True)
    waiting_since = models.DateTimeField(_("menunggu pelapor sejak"), null=True, blank=True)
    settled_at = models.DateTimeField(_("diberitahukan selesai"), null=True, blank=True)
    closed_at = models.DateTimeField(_("ditutup"), null=True, blank=True)
    top_overdue_at = models.DateTimeField(_("lewat tenggat di jenjang teratas"), null=True, blank=True)
    extended_until = models.DateField(_("diperpanjang sampai"), null=True, blank=True)  # of this tier (D52)
    extensions = models.PositiveSmallIntegerField(_("perpanjangan"), default=0, db_default=0)
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged",
        verbose_name=_("digabung dengan"),
        db_index=False,  # the partial index below
    )
    escalations = models.PositiveSmallIntegerField(_("eskalasi"), default=0)
    rejections = models.PositiveSmallIntegerField(_("penolakan hasil"), default=0)
    lost_amount = models.DecimalField(_("kerugian (Rp)"), max_digits=16, decimal_places=2, null=True, blank=True)
    returned_amount = models.DecimalField(_("dikembalikan (Rp)"), max_digits=16, decimal_places=2, default=0)

    version = models.PositiveIntegerField(default=0)  # claimed as read: zero rows changed means someone was first
    event_seq = models.PositiveIntegerField(default=0)
    event_head = models.BinaryField(default=b"")
    created_at = models.DateTimeField(_("dicatat"))

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = _("pengaduan")
        verbose_name_plural = _("pengaduan")
        permissions = [("help_complaint", "May see this one complaint (a named exception)")]
        constraints = [
            CheckConstraint(condition=Q(stage__in=Stage.values), name="complaint_stage_is_known"),
            CheckConstraint(condition=Q(outcome__in=[*Outcome.values, ""]), name="complaint_outcome_is_known"),
            CheckConstraint(
                condition=Q(stage=Stage.CLOSED, closed_at__isnull=False) & ~Q(outcome="")
                | ~Q(stage=Stage.CLOSED) & Q(closed_at__isnull=True, outcome=""),
                name="closed_has_an_instant_and_an_outcome",
            ),
            CheckConstraint(condition=Q(tier__gt=F("concealed_tier")), name="held_above_the_concealed_tier"),
            CheckConstraint(
                condition=~Q(outcome__in=[Outcome.ACCEPTED, Outcome.SILENT])
                | Q(lost_amount__isnull=True)
                | Q(returned_amount__gte=F("lost_amount")),
                name="settled_with_all_money_returned",  # D29
            ),
            CheckConstraint(condition=Q(returned_amount__gte=0), name="returned_money_is_no_debt"),
            CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(outcome=Outcome.DUPLICATE) & ~Q(merged_into=F("id")),
                name="only_a_duplicate_is_merged",
            ),
        ]
        indexes = [
            # the sweep: overdue and running (D32)
            Index(fields=["tier_due_at", "id"], condition=RUNNING & Q(top_overdue_at=None), name="complaint_sweep"),
            # the officer's own work, in the order in which it is due
            Index(fields=["office", "tier_due_at", "id"], condition=Q(closed_at=None), name="complaint_of_office"),
            # the open cases of an area, in the order in which they are due, one index a tier
            Index(fields=["region", "tier_due_at", "id"], condition=Q(closed_at=None), name="complaint_of_desa"),
            Index(fields=["district_code", "tier_due_at", "id"], condition=Q(closed_at=None), name="complaint_of_kec"),
            Index(
                fields=["regency_code", "programme", "tier_due_at", "id"],
                condition=Q(closed_at=None),
                name="complaint_of_kab",
            ),
            Index(
                fields=["province_code", "programme", "tier_due_at", "id"],
                condition=Q(closed_at=None),
                name="complaint_of_prov",
            ),
            Index(fields=["programme", "tier_due_at", "id"], condition=Q(closed_at=None), name="complaint_of_nation"),
            # the closed ones of an area, the newest first; of a desa they are few. No escalation pays for them
            Index(
                fields=["district_code", "programme", "-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="complaint_closed_kec",
            ),
            Index(
                fields=["regency_code", "programme", "-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="complaint_closed_kab",
            ),
            Index(
                fields=["province_code", "programme", "-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="complaint_closed_prov",
            ),
            Index(
                fields=["programme", "-closed_at", "-id"],
                condition=Q(closed_at__isnull=False),
                name="complaint_closed_nation",
            ),
            # what waits to be verified: few of the open ones (D53)
            Index(
                fields=["programme", "tier_due_at", "id"],
                condition=Q(stage="selesai", closed_at=None),
                name="complaint_to_verify",
            ),
            # duplicates: the same village within sixty days (D20)
            Index(fields=["region", "received_at"], name="complaint_near_in_place_time"),
            # whoever brought the same matter follows the one case (D55)
            Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="complaint_merged"),
            # a month for the reports
            BrinIndex(fields=["received_at"], pages_per_range=32, name="complaint_month"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return f"/petugas/pengaduan/{self.number}/"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def all_complainants(self):
        """Return everyone who brings this matter, also by a complaint that was merged into it (D20, D55).

        Who withdrew while others go on is not among them: they are neither counted nor told any more.
        """
        return self.ever_complained().filter(withdrawn_at=None)

    def ever_complained(self):
        """Return everyone who brought this matter at any time, the first one first."""
        # as one set of complaints: an OR over the complainants themselves would read all of them
        brought = Complaint.objects.filter(Q(pk=self.pk) | Q(merged_into=self))
        return self.complainants.model.objects.filter(complaint__in=brought).order_by("created_at", "pk")

    @property
    def clock_runs(self) -> bool:
        return self.closed_at is None and self.waiting_since is None and self.settled_at is None

    @property
    def outstanding(self):
        """Return the money still missing in rupiah, or None when no loss is recorded (D29)."""
        return None if self.lost_amount is None else max(self.lost_amount - self.returned_amount, 0)

    def is_overdue(self, *, now: datetime) -> bool:
        """Say whether the tier that holds the case has let its deadline pass (D32)."""
        return self.clock_runs and self.tier_due_at < now


class ComplaintText(models.Model):
    """The words: as received, restricted to whoever may see the case, and as the officer recorded them (D18)."""

    complaint = models.OneToOneField(Complaint, on_delete=models.PROTECT, primary_key=True, related_name="text")
    regency_code = models.CharField(max_length=5, blank=True)
    original = models.TextField(_("teks asli"))
    recorded = models.TextField(_("teks yang dicatat"), blank=True)

    class Meta:
        verbose_name = _("isi pengaduan")
        verbose_name_plural = _("isi pengaduan")


class ComplaintGrant(UserObjectPermissionBase):
    """A named exception: one person may see one complaint; it ends with the case."""

    content_object = models.ForeignKey(Complaint, on_delete=models.CASCADE)
