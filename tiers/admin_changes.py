"""Every change of the configuration with who made it and what it was before, for reviewers and auditors (D40, D48)."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pghistory.core import event_models
from pghistory.models import Events

from tiers.admin_site import READ, OfTheNation, ReadOnly, offices_kept, programmes_kept, site
from tiers.history import kind_of, name_of, parts_of, user_of
from tiers.models import Assignment, User
from tiers.permissions import Permission

FOR_ALL = ("workflow.Holiday", "pengaduan.CategoryStandard")  # what is public of every programme anyway
PERIODS = {"pekan": (7, _("7 hari terakhir")), "bulan": (31, _("31 hari terakhir")), "tahun": (366, _("1 tahun"))}


class KindOfRow(admin.SimpleListFilter):
    """Show the changes of one kind of thing."""

    title = _("jenis")
    parameter_name = "jenis"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        tracked = {model.pgh_tracked_model for model in event_models()}
        return sorted(
            ((model._meta.label, str(model._meta.verbose_name)) for model in tracked), key=lambda each: each[1]
        )

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(pgh_obj_model=self.value()) if self.value() else queryset


class WhatWasDone(admin.SimpleListFilter):
    """Show what was made, changed or deleted."""

    title = _("perubahan")
    parameter_name = "perubahan"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str | Promise]]:
        return [("insert", _("dibuat")), ("update", _("diubah")), ("delete", _("dihapus"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(pgh_label=self.value()) if self.value() else queryset


class Period(admin.SimpleListFilter):
    """Show the latest days only."""

    title = _("waktu")
    parameter_name = "waktu"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str | Promise]]:
        return [(code, words) for code, (_days, words) in PERIODS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() not in PERIODS:
            return queryset
        days, _words = PERIODS[self.value()]
        return queryset.filter(pgh_created_at__gte=timezone.now() - timedelta(days=days))


@admin.register(Events, site=site)
class ChangesAdmin(ReadOnly, OfTheNation):
    """The changes of all tables together, also those made by commands, and of rows that are deleted since."""

    list_display = ("at", "by", "what", "row", "done", "difference")
    list_display_links = None
    list_filter = (Period, WhatWasDone, KindOfRow)
    search_fields = ("pgh_obj_id",)  # the words are looked up by `get_search_results`
    ordering = ("-pgh_created_at", "-pgh_slug")

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        if user.is_superuser:
            return Q()
        kept = list(programmes_kept(user, permissions))
        offices = list(offices_kept(user, permissions).values_list("pk", flat=True))
        people = set(Assignment.objects.filter(office__in=offices).values_list("user", flat=True))
        return (
            Q(pgh_data__programme_id__in=kept)
            | Q(pgh_obj_model="tiers.Programme", pgh_obj_id__in=[str(pk) for pk in kept])
            | Q(pgh_obj_model="tiers.Assignment", pgh_data__office_id__in=offices)
            | Q(pgh_obj_model="tiers.User", pgh_obj_id__in=[str(pk) for pk in people])
            | Q(pgh_obj_model="tiers.Absence", pgh_data__user_id__in=list(people))
            | Q(pgh_obj_model__in=FOR_ALL)
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return Events.objects.all().filter(self.reach(request.user, READ))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term:
            return queryset, False
        people = User.objects.filter(Q(name__icontains=search_term) | Q(username__iexact=search_term))
        named = Q(pgh_data__name__icontains=search_term) | Q(pgh_data__username__icontains=search_term)
        by = Q(pgh_context__user__in=list(people.values_list("pk", flat=True)))
        return queryset.filter(by | named), False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        title = {"title": gettext("Riwayat perubahan")}
        response = super().changelist_view(request, title | (extra_context or {}))
        if found := getattr(response, "context_data", {}).get("cl"):
            _name_together(list(found.result_list))
        return response

    @admin.display(description=_("waktu"), ordering="pgh_created_at")
    def at(self, event: Events) -> Any:
        return event.pgh_created_at

    @admin.display(description=_("oleh"))
    def by(self, event: Events) -> str:
        return event.shown_by

    @admin.display(description=_("jenis"))
    def what(self, event: Events) -> str:
        return str(apps.get_model(event.pgh_obj_model)._meta.verbose_name)

    @admin.display(description=_("yang diubah"))
    def row(self, event: Events) -> str:
        return event.shown_row

    @admin.display(description=_("perubahan"))
    def done(self, event: Events) -> str:
        return kind_of(event)

    @admin.display(description=_("dari dan menjadi"))
    def difference(self, event: Events) -> str:
        return format_html_join("; ", "{}: {} → {}", parts_of(event)) or "–"


def _name_together(events: list[Events]) -> None:
    """Give each event the names it shows, in a query a kind of row rather than two a row."""
    people = User.objects.in_bulk({user_of(event) for event in events} - {None})
    wanted = defaultdict(set)
    for event in events:
        wanted[event.pgh_obj_model].add(event.pgh_obj_id)
    rows = {model: apps.get_model(model)._default_manager.in_bulk(keys) for model, keys in wanted.items()}
    for event in events:
        there = rows[event.pgh_obj_model]
        row = next((each for pk, each in there.items() if str(pk) == event.pgh_obj_id), None)
        event.shown_by = str(people.get(user_of(event)) or gettext("perintah atau pemuatan awal"))
        event.shown_row = str(row) if row else name_of(event)
