"""The record, searched by reviewers and auditors: what happened to which case, and who opened whose identity why.

Never the words of a case, never an identity; exactly the cases that the reader sees elsewhere too (D37, D40, D48).
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.admin import OfVisibleComplaints
from pengaduan.models import Actor, Complaint, Event
from tiers.admin_site import posts, site
from tiers.models import Office, User
from tiers.permissions import Permission
from workflow.machine import STEPS
from workflow.models import IdentityRequest

ROWS = 50
MOST_MEANT = 500  # people or offices that a name may stand for
KINDS: dict[str, str | Promise] = {
    "diterima": _("Pengaduan diterima"),
    "puncak-terlambat": _("Lewat tenggat di jenjang teratas"),
    **{step.code: step.label for step in STEPS},
}


class TrailForm(forms.Form):
    """What to look for; every field may stay empty. Days are days in Jakarta."""

    nomor = forms.CharField(label=_("Nomor pengaduan"), required=False, max_length=40)
    orang = forms.CharField(label=_("Oleh (nama atau nama pengguna)"), required=False, max_length=120)
    kantor = forms.CharField(label=_("Kantor"), required=False, max_length=120)
    jenis = forms.ChoiceField(label=_("Kejadian"), required=False)
    sejak = forms.DateField(label=_("Sejak"), required=False, widget=forms.DateInput({"type": "date"}))
    sampai = forms.DateField(label=_("Sampai"), required=False, widget=forms.DateInput({"type": "date"}))
    sebelum = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = sorted(((code, str(label)) for code, label in KINDS.items()), key=lambda each: each[1])
        self.fields["jenis"].choices = [("", gettext("Semua")), *named]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        begin, end = cleaned.get("sejak"), cleaned.get("sampai")
        if begin and end and end < begin:
            self.add_error("sampai", _("Tanggal ini sebelum “Sejak”. Pilih tanggal sesudahnya."))
        return cleaned


@dataclass(frozen=True)
class Line:
    """One event as a reader of the record sees it."""

    event: Event
    what: str | Promise
    who: str
    moved: str


def search(user: User, wanted: dict[str, Any]) -> QuerySet[Event]:
    """Return the events of visible cases that fit, newest first; a page begins below the row it is given (keyset)."""
    visible = Complaint.objects.visible_to(user)
    if number := wanted.get("nomor"):
        visible = visible.filter(number__istartswith=number)
    found = Event.objects.filter(complaint__in=visible.values("pk"))
    if kind := wanted.get("jenis"):
        found = found.filter(kind=kind)
    if person := wanted.get("orang"):
        people = User.objects.filter(Q(username__iexact=person) | Q(name__icontains=person))
        found = found.filter(by__in=list(people.values_list("pk", flat=True)[:MOST_MEANT]))
    if office := wanted.get("kantor"):
        offices = list(Office.objects.filter(name__icontains=office).values_list("pk", flat=True)[:MOST_MEANT])
        found = found.filter(Q(to_office__in=offices) | Q(from_office__in=offices))
    if begin := wanted.get("sejak"):
        found = found.filter(at__gte=timezone.make_aware(datetime.combine(begin, time.min)))
    if end := wanted.get("sampai"):
        found = found.filter(at__lt=timezone.make_aware(datetime.combine(end + timedelta(days=1), time.min)))
    if before := wanted.get("sebelum"):
        found = found.filter(pk__lt=before)
    return found.select_related("complaint", "by", "from_office", "to_office").order_by("-pk")


def line_of(event: Event) -> Line:
    moved = ""
    if event.from_office_id and event.to_office_id and event.from_office_id != event.to_office_id:
        moved = gettext("Dari %(old)s ke %(new)s") % {"old": event.from_office, "new": event.to_office}
    who = str(event.by) if event.actor == Actor.OFFICER else event.get_actor_display()
    return Line(event, KINDS.get(event.kind, event.kind), who, moved)


@admin.register(Event, site=site)
class EventAdmin(OfVisibleComplaints):
    """The record: what happened to which complaint when, without the words. The list is a search of our own.

    The library would count all rows of the largest table and leave earlier ones out by counting past them.
    """

    fields = (
        "complaint",
        "seq",
        "kind",
        "at",
        "actor",
        "by",
        "from_stage",
        "to_stage",
        "from_office",
        "to_office",
        "due_at",
        "tier_due_at",
        "data",
    )

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = TrailForm(request.GET)
        rows = list(search(request.user, form.cleaned_data)[: ROWS + 1]) if form.is_valid() else []
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Cari dalam catatan"),
            "form": form,
            "lines": [line_of(event) for event in rows[:ROWS]],
            "following": _following(request.GET, rows[ROWS - 1].pk) if len(rows) > ROWS else "",
            "later": "sebelum" in request.GET,
        }
        return render(request, "admin/pengaduan/event/cari.html", context)


def _following(asked: QueryDict, last: int) -> str:
    words = asked.copy()
    words["sebelum"] = str(last)
    return words.urlencode()


class OpenedFilter(admin.SimpleListFilter):
    """Show what was opened, what was granted and never used, what was refused, or what waits."""

    title = _("keadaan")
    parameter_name = "keadaan"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str | Promise]]:
        return [
            ("dibuka", _("dibuka")),
            ("diizinkan", _("diizinkan, tidak dibuka")),
            ("ditolak", _("ditolak")),
            ("menunggu", _("menunggu")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        states = {
            "dibuka": Q(opened_at__isnull=False),
            "diizinkan": Q(opened_at__isnull=True, granted_until__isnull=False),
            "ditolak": Q(decided_at__isnull=False, granted_until__isnull=True),
            "menunggu": Q(decided_at__isnull=True),
        }
        return queryset.filter(states[self.value()]) if self.value() in states else queryset


@admin.register(IdentityRequest, site=site)
class IdentityRequestAdmin(OfVisibleComplaints):
    """Who asked to open an identity, why, who decided, and whether it was opened; never whose it is (D63)."""

    list_display = (
        "asked_at",
        "complaint",
        "asked_by",
        "purpose",
        "motive",
        "decided_by",
        "granted_until",
        "opened_at",
    )
    list_filter = (OpenedFilter, "purpose")
    list_select_related = ("complaint", "asked_by", "decided_by")
    search_fields = ("^complaint__number", "^asked_by__username", "asked_by__name")
    ordering = ("-asked_at",)
    fields = (
        *("complaint", "purpose", "motive", "asked_by", "asked_at"),
        *("decided_by", "decided_at", "decision", "granted_until", "opened_at"),
    )

    def is_open_to(self, user: User, permissions: tuple[Permission, ...]) -> bool:
        """Keep the motives among those who look after the rules: nobody else needs them."""
        return bool(posts(user, (Permission.AUDIT, Permission.REVIEW)))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.is_open_to(request.user, ()) and super().has_view_permission(request, obj)
