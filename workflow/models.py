"""What handling needs beside the complaint: the calendar, the pauses, what is owed to whom, drafts, counters."""

import uuid
from datetime import datetime
from pathlib import PurePath

import pghistory
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complainant, Complaint, Event, Inbound
from tiers.models import Office, Programme, Region, User
from workflow import questions


@pghistory.track()
class Holiday(models.Model):
    """A day on which nobody works: a national holiday or cuti bersama (D10). A reviewer may correct it."""

    class Kind(models.TextChoices):
        NATIONAL = "libur-nasional", _("Libur nasional")
        SHARED_LEAVE = "cuti-bersama", _("Cuti bersama")

    on = models.DateField(_("tanggal"), unique=True)
    name = models.CharField(_("nama"), max_length=160)
    kind = models.CharField(_("jenis"), max_length=20, choices=Kind, default=Kind.NATIONAL)
    provisional = models.BooleanField(
        _("sementara"), default=False, help_text=_("Belum ditetapkan dalam keputusan bersama tiga menteri.")
    )

    class Meta:
        verbose_name = _("hari libur")
        verbose_name_plural = _("hari libur")
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"


class WorkingDay(models.Model):
    """Every day with the number of working days so far: "n days later" is a look-up, also in sets (scale.md §2)."""

    on = models.DateField(primary_key=True)
    is_working = models.BooleanField()
    seq = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seq"], condition=Q(is_working=True), name="one_day_per_seq")]


class Pause(models.Model):
    """A stretch in which the file waited for the complainant; the clock stood (D12)."""

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="pauses")
    regency_code = models.CharField(max_length=5, blank=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    asked = models.TextField(_("yang diminta"))
    questions = models.JSONField(default=list, blank=True)  # the one-tap questions asked, in order (D59)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint"], condition=Q(ended_at=None), name="one_open_pause"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="pause_ends_after_start"
            ),
        ]


@pghistory.track()
class ReplyTemplate(models.Model):
    """The words of a reply, a letter or a notice, which a reviewer may edit (D19, D42)."""

    programme = models.ForeignKey(
        Programme, on_delete=models.CASCADE, related_name="reply_templates", verbose_name=_("program")
    )
    code = models.SlugField(_("kode"), max_length=60)
    name = models.CharField(_("nama"), max_length=160)
    subject = models.CharField(_("judul"), max_length=160)
    body = models.TextField(_("isi"))
    is_letter = models.BooleanField(_("surat"), default=False)
    questions = models.JSONField(
        _("pertanyaan sekali ketuk"),
        default=list,
        blank=True,
        help_text=_("Daftar pertanyaan yang dapat dipilih petugas bila keterangan belum lengkap."),
    )

    class Meta:
        verbose_name = _("templat")
        verbose_name_plural = _("templat")
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="one_template_per_code")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if wrong := questions.faults(self.questions):
            raise ValidationError({"questions": wrong})


class Letter(models.Model):
    """What was written to a complainant or an authority, kept as it was sent; never an address or a code (D19, D42)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="letters")
    regency_code = models.CharField(max_length=5, blank=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="letters", db_index=False)
    complainant = models.ForeignKey(
        Complainant, on_delete=models.PROTECT, null=True, blank=True, related_name="letters"
    )
    template = models.CharField(_("templat"), max_length=60)
    subject = models.CharField(_("judul"), max_length=240)
    body = models.TextField(_("isi"))
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("surat")
        verbose_name_plural = _("surat")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "template", "complainant"], name="one_letter_an_event", nulls_distinct=False
            )
        ]


class Proposal(models.Model):
    """A step that somebody else must decide: raise, lower, extend, close aside (D33, D52, D53).

    `facts` is what the step will be taken with, as JSON; an approved proposal was taken by `decided_by`.
    """

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="proposals")
    regency_code = models.CharField(max_length=5, blank=True)
    code = models.CharField(_("langkah"), max_length=40)
    facts = models.JSONField(default=dict)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("diusulkan oleh"))
    proposed_at = models.DateTimeField(_("diusulkan"))
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("diputuskan oleh")
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    approved = models.BooleanField(null=True, blank=True)
    decision = models.TextField(_("keputusan"), blank=True)

    class Meta:
        verbose_name = _("usul")
        verbose_name_plural = _("usul")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "code"], condition=Q(decided_at=None), name="one_open_proposal_a_step"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, approved__isnull=True)
                | Q(decided_at__isnull=False, approved__isnull=False),
                name="proposal_decided_one_way",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="nobody_decides_their_own_proposal",
            ),
        ]


class IdentityRequest(models.Model):
    """Somebody asks to open a complainant's identity, on a motive; open for a time when granted (D63).

    `granted_by` is the custodian; where the complainant is `terbuka` the handler's own motive is enough and there is
    none. `decided_at` without `granted_until` is a refusal.
    """

    class Purpose(models.TextChoices):
        """Why, in the words that the complainant is told; what was written with it stays among officers."""

        REACH = "menghubungi", _("menghubungi pelapor")
        MATCH = "mencocokkan", _("mencocokkan data pelapor")
        PROTECT = "melindungi", _("melindungi pelapor")
        LAW = "hukum", _("memenuhi permintaan hukum")
        OTHER = "lain", _("keperluan penanganan lain")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, related_name="identity_requests", verbose_name=_("pengaduan")
    )
    complainant = models.ForeignKey(Complainant, on_delete=models.PROTECT, related_name="+")
    regency_code = models.CharField(max_length=5, blank=True)
    purpose = models.CharField(_("keperluan"), max_length=15, choices=Purpose, default=Purpose.OTHER)
    motive = models.TextField(_("alasan"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("diminta oleh"))
    asked_at = models.DateTimeField(_("diminta"))
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("diputuskan oleh")
    )
    decided_at = models.DateTimeField(_("diputuskan"), null=True, blank=True)
    decision = models.TextField(_("alasan keputusan"), blank=True)
    granted_until = models.DateTimeField(_("terbuka sampai"), null=True, blank=True)
    opened_at = models.DateTimeField(_("pertama dibuka"), null=True, blank=True)

    class Meta:
        verbose_name = _("permintaan identitas")
        verbose_name_plural = _("permintaan identitas")
        constraints = [
            models.CheckConstraint(
                condition=Q(granted_until__isnull=True) | Q(decided_at__isnull=False),
                name="identity_granted_by_decision",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True) | Q(granted_until__isnull=False),
                name="identity_opened_when_granted",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="nobody_grants_an_identity_to_themselves",
            ),
            models.UniqueConstraint(
                fields=["complainant", "asked_by"], condition=Q(decided_at=None), name="one_open_identity_request"
            ),
        ]

    def __str__(self) -> str:
        return self.get_purpose_display()


class JointRecommendation(models.Model):
    """One recommendation to Pusat for many complaints of a kind: exclusion errors of a regency (PKH, D36)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("kantor"))
    text = models.TextField(_("rekomendasi"))
    complaints = models.ManyToManyField(Complaint, related_name="joint_recommendations")
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rekomendasi bersama")
        verbose_name_plural = _("rekomendasi bersama")


class NotificationQuerySet(models.QuerySet):
    def owed(self, *, now: datetime) -> "NotificationQuerySet":
        """Return what should go out now: not yet sent, not given up, its hour has come."""
        return self.filter(sent_at__isnull=True, given_up_at__isnull=True, next_attempt_at__lte=now)

    def failing(self) -> "NotificationQuerySet":
        """Return what was tried in vain and is still owed, or was given up."""
        return self.filter(sent_at__isnull=True, attempts__gt=0)


class Notification(models.Model):
    """A message owed to someone, written in the transaction that owes it and paid later by the beat (D42, D43).

    Address and words are found at delivery: no address and no name is stored here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # names the Message-ID for ever
    # the unique constraints below begin with the event: no index of its own
    event = models.ForeignKey(
        Event, on_delete=models.PROTECT, null=True, blank=True, related_name="notifications", db_index=False
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("pengaduan")
    )
    regency_code = models.CharField(max_length=5, blank=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    complainant = models.ForeignKey(Complainant, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    inbound = models.ForeignKey(Inbound, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # by SMS
    template = models.CharField(_("templat"), max_length=60)
    by_sms = models.BooleanField(_("lewat SMS"), default=False, db_default=False)
    created_at = models.DateTimeField(_("dibuat"))
    next_attempt_at = models.DateTimeField(_("dikirim mulai"))  # alarms wait for the office hours of the place
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    last_error = models.CharField(_("kegagalan terakhir"), max_length=240, blank=True)
    sent_at = models.DateTimeField(_("terkirim"), null=True, blank=True)
    given_up_at = models.DateTimeField(_("dihentikan"), null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("pemberitahuan")
        verbose_name_plural = _("pemberitahuan")
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, complainant__isnull=True, inbound__isnull=True)
                | Q(user__isnull=True, complainant__isnull=False, inbound__isnull=True)
                | Q(user__isnull=True, complainant__isnull=True, inbound__isnull=False, by_sms=True),
                name="notification_has_one_recipient",
            ),
            models.UniqueConstraint(fields=["event", "user", "template"], name="one_notice_a_user_and_event"),
            models.UniqueConstraint(
                fields=["event", "complainant", "template", "by_sms"], name="one_notice_a_complainant_and_event"
            ),
            models.UniqueConstraint(fields=["inbound", "template"], name="one_notice_an_inbound"),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(sent_at=None, given_up_at=None),
                name="notification_owed",  # the delivery
            )
        ]

    def __str__(self) -> str:
        return self.template


class Draft(models.Model):
    """A form under way, sealed: a citizen's steps, or what an officer typed when the session ended (D62).

    Lives a day. `content` is sealed JSON; after sending it holds only the code for the receipt page.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=20)
    content = models.BinaryField(default=b"")
    complaint = models.ForeignKey(Complaint, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(db_index=True)

    SEALED_AS = ("draft", {"content": "content"})  # for `rotate_keys`


def draft_file_name(kept: "DraftFile", name: str) -> str:
    """Return where the file waits: a random name, because names of files tell of people."""
    return f"draf/{kept.pk}{PurePath(name).suffix}"


class DraftFile(models.Model):
    """A photo or document of a draft, written anew by us; goes over to the complaint when it is sent (D41)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    file = models.FileField(_("berkas"), upload_to=draft_file_name, max_length=200)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "sha256"], name="one_file_once_a_draft")]


@pghistory.track()
class QualitySample(models.Model):
    """A random sample of closed cases that a reviewer draws to judge how they were handled."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("program"))
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("wilayah")
    )
    closed_from = models.DateField(_("ditutup sejak"))
    closed_until = models.DateField(_("ditutup sampai"))
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("ditarik oleh"))
    drawn_at = models.DateTimeField(_("ditarik"))

    class Meta:
        verbose_name = _("sampel mutu")
        verbose_name_plural = _("sampel mutu")

    def __str__(self) -> str:
        where = f" {self.region}" if self.region else ""
        return f"{self.programme}{where}, {self.closed_from} – {self.closed_until}"


@pghistory.track()
class QualityReview(models.Model):
    """One closed case of a sample, judged by a checklist; what is lacking goes back with the reason (D40, D53)."""

    class Verdict(models.TextChoices):
        GOOD = "baik", _("Baik")
        RETURNED = "dikembalikan", _("Dikembalikan")

    sample = models.ForeignKey(QualitySample, on_delete=models.PROTECT, related_name="reviews")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+", verbose_name=_("pengaduan"))
    regency_code = models.CharField(max_length=5, blank=True)
    checklist = models.JSONField(_("daftar periksa"), default=dict)  # item code: true or false
    verdict = models.CharField(_("penilaian"), max_length=20, choices=Verdict, blank=True)
    reason = models.TextField(_("alasan"), blank=True)
    reviewed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("dinilai oleh")
    )
    reviewed_at = models.DateTimeField(_("dinilai"), null=True, blank=True)

    class Meta:
        verbose_name = _("penilaian mutu")
        verbose_name_plural = _("penilaian mutu")
        constraints = [
            models.UniqueConstraint(fields=["sample", "complaint"], name="one_review_a_sample_and_case"),
            models.CheckConstraint(
                condition=Q(verdict="", reviewed_by__isnull=True, reviewed_at__isnull=True)
                | ~Q(verdict="") & Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="a_verdict_has_who_and_when",
            ),
            models.CheckConstraint(condition=~Q(verdict="dikembalikan") | ~Q(reason=""), name="returned_with_a_reason"),
        ]

    def __str__(self) -> str:
        return self.complaint.number


class NumberCounter(models.Model):
    """The last number given, a programme, regency and year; taken last in the transaction: no gaps (scale.md §6)."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT)
    regency_code = models.CharField(max_length=5)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "regency_code", "year"], name="one_counter_per_register")
        ]


class SweepRun(models.Model):
    """One run of the escalation: as of when, how many moved, or why it stopped and waits for a person (domain §11)."""

    as_of = models.DateTimeField(_("keadaan per"))
    started_at = models.DateTimeField(_("mulai"))
    moved = models.PositiveIntegerField(_("naik jenjang"), default=0)
    flagged = models.PositiveIntegerField(_("lewat tenggat di jenjang teratas"), default=0)
    refused = models.CharField(_("ditahan karena"), max_length=240, blank=True)
    by_hand = models.BooleanField(_("oleh petugas"), default=False)

    class Meta:
        verbose_name = _("eskalasi otomatis")
        verbose_name_plural = _("eskalasi otomatis")
        indexes = [models.Index(fields=["-as_of"], name="sweep_latest")]

    def __str__(self) -> str:
        return date_format(timezone.localtime(self.as_of), "j F Y H.i")


class CalendarFollowed(models.Model):
    """The holidays that the deadlines of all running cases follow, as a fingerprint; one row (D10)."""

    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField(_("waktu"))
    moved = models.PositiveIntegerField(_("tenggat yang berubah"), default=0)


class Warned(models.Model):
    """How far the handler of a case was warned of a deadline: a row a case and clock, moved on mark by mark (D34)."""

    class Clock(models.TextChoices):
        TIER = "jenjang", _("Tenggat jenjang")
        STEP = "langkah", _("Tenggat langkah")

    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+", db_index=False)
    regency_code = models.CharField(max_length=5, blank=True)
    clock = models.CharField(max_length=10, choices=Clock)
    due_at = models.DateTimeField()  # the deadline that was spoken of: another one is warned of anew
    mark = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["complaint", "clock"], name="one_warning_a_clock")]
