"""A list that somebody asked for: what it is of, how far it has come, and where its files lie (D46).

The row stays as the record of who took what along and when; its files are deleted after some days.
"""

import uuid
from datetime import datetime, time, timedelta

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from reports.periods import JAKARTA
from tiers import scope
from tiers.models import Office, Programme, Region, Tier, User
from tiers.permissions import Permission

BEAT_STOPS_AFTER = timedelta(minutes=5)  # the longest piece of work between two signs of life takes half a minute
PICKED_UP_WITHIN = timedelta(minutes=5)


class Format(models.TextChoices):
    PDF = "pdf", _("PDF, untuk dicetak")
    XLSX = "xlsx", _("Lembar kerja (XLSX)")
    CSV = "csv", _("Teks berkolom (CSV)")


class State(models.TextChoices):
    WAITING = "menunggu", _("Menunggu giliran")
    RUNNING = "dibuat", _("Sedang dibuat")
    READY = "siap", _("Siap diunduh")
    FAILED = "gagal", _("Tidak jadi dibuat")
    CANCELLED = "dibatalkan", _("Dibatalkan")
    GONE = "dihapus", _("Berkas sudah dihapus")


UNDER_WAY = (State.WAITING, State.RUNNING)


class ExportQuerySet(models.QuerySet):
    def under_way(self) -> "ExportQuerySet":
        return self.filter(state__in=UNDER_WAY)

    def to_take_up(self, *, now: datetime) -> "ExportQuerySet":
        """Return what waits for a worker, and what a worker that gives no sign of life has left behind."""
        return self.filter(Q(state=State.WAITING) | Q(state=State.RUNNING, alive_at__lt=now - BEAT_STOPS_AFTER))

    def same_as(self, export: "Export") -> "ExportQuerySet":
        """Return what the same person asked for in the same words."""
        return self.filter(
            asked_by=export.asked_by, what=export.what, format=export.format, programme=export.programme,
            region=export.region, first_on=export.first_on, last_on=export.last_on, choice=export.choice,
        )  # fmt: skip


class Export(models.Model):
    """One list that one officer asked for; only they may fetch it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("diminta oleh"))
    asked_at = models.DateTimeField(_("diminta"))
    what = models.CharField(_("daftar"), max_length=40)  # a code of `exports.LISTINGS`
    format = models.CharField(_("bentuk"), max_length=4, choices=Format)
    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="+", verbose_name=_("program"))
    region = models.ForeignKey(
        Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("wilayah")
    )
    first_on = models.DateField(_("dari tanggal"))  # in Jakarta, as the reports count
    last_on = models.DateField(_("sampai tanggal"))
    choice = models.JSONField(_("saringan"), default=dict, blank=True)  # what else a listing is narrowed by

    state = models.CharField(_("keadaan"), max_length=12, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(_("kasus"), null=True, blank=True)
    done = models.PositiveIntegerField(_("sudah ditulis"), default=0)
    attempts = models.PositiveSmallIntegerField(_("percobaan"), default=0)
    claim = models.UUIDField(null=True, blank=True, editable=False)  # of the worker that has it: another one lets go
    alive_at = models.DateTimeField(_("tanda terakhir"), null=True, blank=True)
    ended_at = models.DateTimeField(_("selesai dibuat"), null=True, blank=True)
    failure = models.CharField(_("sebab"), max_length=20, blank=True)
    rows = models.PositiveIntegerField(_("baris"), null=True, blank=True)
    files = models.JSONField(default=list, blank=True, editable=False)  # of each: name, path, bytes, rows
    fetched_at = models.DateTimeField(_("pertama diunduh"), null=True, blank=True)
    fetches = models.PositiveIntegerField(_("kali diunduh"), default=0)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("daftar yang diminta")
        verbose_name_plural = _("daftar yang diminta")
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="export_state_is_known"),
            models.CheckConstraint(condition=Q(first_on__lte=models.F("last_on")), name="export_ends_after_it_begins"),
            models.UniqueConstraint(  # two asks for the same at once are one
                fields=["asked_by", "what", "format", "programme", "region", "first_on", "last_on", "choice"],
                condition=Q(state__in=UNDER_WAY),
                name="one_export_under_way",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-asked_at"], name="export_of_its_asker"),  # the page
            models.Index(fields=["asked_at"], condition=Q(state__in=UNDER_WAY), name="export_under_way"),  # the worker
            models.Index(fields=["ended_at"], condition=Q(state=State.READY), name="export_kept"),  # the deletion
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.programme.code} {self.region_id or 'nasional'} {self.span}"

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    @property
    def starts_at(self) -> datetime:
        return datetime.combine(self.first_on, time.min, JAKARTA)

    @property
    def ends_at(self) -> datetime:
        """Return the instant of which the list tells: the end of its days, or the asking where that came first."""
        end = datetime.combine(self.last_on + timedelta(days=1), time.min, JAKARTA)
        return min(end, self.asked_at.astimezone(JAKARTA))

    @property
    def tier(self) -> Tier:
        return Tier.PUSAT if self.region is None else Tier(self.region.tier)

    @property
    def area(self) -> str:
        """Return the name of the area with what it lies in; no query where the region was read with its parents."""
        names, region = [], self.region
        while region is not None:
            names.append(region.name)
            region = region.parent
        return ", ".join(names) or gettext("Nasional")

    @property
    def span(self) -> str:
        """Return the days in words: 1–31 Oktober 2026."""
        first, last = self.first_on, self.last_on
        if first == last:
            return date_format(last, "j F Y")
        if (first.year, first.month) == (last.year, last.month):
            return f"{first.day}–{date_format(last, 'j F Y')}"
        return f"{date_format(first, 'j F Y' if first.year != last.year else 'j F')} – {date_format(last, 'j F Y')}"

    @property
    def slug(self) -> str:
        place = self.region_id or "nasional"
        return f"{self.what}-{self.programme.code}-{place}-{self.first_on}-{self.last_on}"

    @property
    def shows_villages(self) -> bool:
        """Say whether the asker reads this area from a kabupaten or below: further up a village is a name (D57)."""
        offices = reading_offices(self.asked_by, self.programme, self.region)
        return any(office.tier <= Tier.KABUPATEN for office in offices)

    def once_more(self, *, now: datetime) -> "Export":
        """Return the same ask as of now, not kept yet."""
        return Export(
            asked_by=self.asked_by, asked_at=now, what=self.what, format=self.format, programme=self.programme,
            region=self.region, first_on=self.first_on, last_on=self.last_on, choice=self.choice,
        )  # fmt: skip

    def is_left_waiting(self, *, now: datetime) -> bool:
        """Say whether it waits longer than a worker that lives would let it."""
        if self.state == State.RUNNING:
            return self.alive_at is not None and self.alive_at < now - BEAT_STOPS_AFTER
        return self.state == State.WAITING and (self.alive_at or self.asked_at) < now - PICKED_UP_WITHIN


def reading_offices(user: User, programme: Programme, region: Region | None) -> list[Office]:
    """Return the user's offices from which they read the complaints of a whole area."""
    tier, code = (Tier.PUSAT, "") if region is None else (region.tier, region.pk)
    return [
        office
        for office in scope.offices_of(user, Permission.SEE)
        if office.tier >= tier and scope.contains(office, programme_id=programme.pk, region_code=code)
    ]
