"""Programmes, offices and people, for reviewers: who works where, and how they get in (D1–D5, D48)."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.results import Result

from tiers import sheets
from tiers.accounts import invite_by_mail, password_link
from tiers.admin_changes import ChangesAdmin
from tiers.admin_import import SheetImport, as_download
from tiers.admin_site import (
    CHANGE,
    ProgrammeRules,
    ReadOnly,
    ScopedAdmin,
    ScopedInline,
    in_area,
    offices_kept,
    posts,
    site,
)
from tiers.assignment_import import NOTES, AssignmentResource, exported
from tiers.models import Absence, Assignment, Office, Programme, ProgrammeTier, Region, Tier, User
from tiers.permissions import Permission

__all__ = ["ChangesAdmin"]  # kept in a file of its own, registered with these

Permissions = tuple[Permission, ...]


class LadderInline(ScopedInline):
    model = ProgrammeTier
    fields = ("tier", "name", "office_pattern", "degree")
    ordering = ("tier",)


@admin.register(Programme, site=site)
class ProgrammeAdmin(ProgrammeRules):
    programme_path = "pk"
    list_display = ("name", "code", "number_prefix", "active")
    fields = (
        *("code", "name", "number_prefix", "description", "late_report_days", "always_biweekly"),
        *("elsewhere", "oversight_name", "oversight_address", "active"),
    )
    fixed = ("code", "number_prefix")
    inlines = (LadderInline,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A reviewer of one programme would not see the new one; it comes from its file, or from a superuser."""
        return request.user.is_superuser


@admin.register(Region, site=site)
class RegionAdmin(ReadOnly, ScopedAdmin):
    """The official regions: public, loaded as data, here to be searched."""

    list_display = ("code", "name", "tier", "zone", "valid_to")
    list_filter = ("tier", "zone")
    search_fields = ("^code", "^name")
    ordering = ("code",)
    fields = ("code", "name", "tier", "parent", "zone", "valid_from", "valid_to")

    def reach(self, user: User, permissions: Permissions) -> Q:
        return Q()


class OfficeForm(forms.ModelForm):
    filled_in_by: User

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.instance.pk is None and {"programme", "tier"} <= cleaned.keys() and "region" not in self.errors:
            self._check_place(cleaned["programme"], cleaned["tier"], cleaned["region"])
        return cleaned

    def _check_place(self, programme: Programme, tier: int, region: Region | None) -> None:
        if not programme.ladder.filter(tier=tier).exists():
            raise ValidationError({"tier": _("Program ini tidak memakai jenjang itu. Pilih jenjang lain.")})
        if (region.tier if region else Tier.PUSAT) != tier:
            raise ValidationError({"region": _("Pilih wilayah dari jenjang yang sama; untuk Pusat kosongkan.")})
        if not in_area(self.filled_in_by, programme, tier, region):
            raise ValidationError({"region": _("Wilayah ini di luar wilayah tugas Anda. Pilih wilayah lain.")})


@admin.register(Office, site=site)
class OfficeAdmin(ScopedAdmin):
    form = OfficeForm
    list_display = ("name", "programme", "tier", "responsible_person", "phone")
    list_filter = ("tier", ("programme", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("programme",)
    search_fields = ("name", "^region__code")
    ordering = ("tier", "name")
    autocomplete_fields = ("region",)
    fields = (
        "programme",
        "tier",
        "region",
        "name",
        "responsible_person",
        "address",
        "phone",
        "email",
        "opens_at",
        "closes_at",
    )
    fixed = ("programme", "tier", "region")
    may_delete = True
    kept_instead = _("Kantor yang pernah memegang pengaduan atau mempunyai petugas tetap tercatat.")

    def reach(self, user: User, permissions: Permissions) -> Q:
        return Q() if user.is_superuser else Q(pk__in=offices_kept(user, permissions).values("pk"))

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "programme" and not request.user.is_superuser:
            mine = {post.programme_id for post in posts(request.user, CHANGE)}
            kwargs["queryset"] = Programme.objects.filter(pk__in=mine)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class AssignmentInline(ScopedInline):
    """The assignments within the reviewer's area; one to begin with, or nobody could find the account again."""

    model = Assignment
    fields = ("office", "role", "starts_on", "ends_on")
    autocomplete_fields = ("office",)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request).select_related("office")
        return rows.filter(site.get_model_admin(Assignment).reach(request.user, CHANGE))

    def get_min_num(self, request: HttpRequest, obj: User | None = None, **kwargs) -> int:
        return 0 if obj else 1

    def get_formset(self, request: HttpRequest, obj: User | None = None, **kwargs):
        return super().get_formset(request, obj, validate_min=True, **kwargs)


class WithoutPassword(admin.SimpleListFilter):
    """Show who has an account and has not set a password: they wait for the link."""

    title = _("kata sandi")
    parameter_name = "sandi"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        return [("belum", _("belum dibuat"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX) if self.value() else queryset


@admin.register(User, site=site)
class UserAdmin(ScopedAdmin):
    """People, without their passwords: a reviewer hands out a link with which a person sets their own."""

    list_display = ("username", "name", "email", "is_active", "last_login")
    list_filter = ("is_active", WithoutPassword)
    search_fields = ("^username", "name", "^email")
    ordering = ("username",)
    inlines = (AssignmentInline,)
    actions = ("invite", "give_password_link", "take_second_step_off")

    def reach(self, user: User, permissions: Permissions) -> Q:
        """Return the people of the area; changed are those who work nowhere else, who are not oneself, nor above."""
        if user.is_superuser:
            return Q()
        area = offices_kept(user, permissions)
        people = Q(pk__in=Assignment.objects.filter(office__in=area).values("user"))
        if permissions != CHANGE:
            return people
        running = Q(ends_on__isnull=True) | Q(ends_on__gte=timezone.localdate())
        elsewhere = Assignment.objects.filter(running).exclude(office__in=area)
        return people & Q(is_superuser=False) & ~Q(pk=user.pk) & ~Q(pk__in=elsewhere.values("user"))

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = ("username", "name", "email", "phone", "is_active")
        return (*fields, "is_superuser") if request.user.is_superuser else fields

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs):
        words = {
            "labels": {"email": _("Surel"), "is_active": _("Boleh masuk")},
            "help_texts": {
                "username": _("Untuk masuk: huruf, angka, dan @ . + - _"),
                "is_active": _("Kosongkan bila orangnya tidak bertugas lagi; akunnya tetap tercatat."),
            },
        }
        return super().get_form(request, obj, change, **(words | kwargs))

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        self._tell_link(request, obj)
        return super().response_add(request, obj, post_url_continue)

    @admin.action(description=_("Kirim tautan untuk membuat kata sandi lewat surel"), permissions=["change"])
    def invite(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Mail each chosen person the link; one connection sends a page of them in a few seconds."""
        invited = list(self._changeable(request, queryset).exclude(email=""))
        try:
            invite_by_mail(invited)
        except OSError:  # smtplib's errors are OSErrors too
            messages.error(request, gettext("Server surel tidak menjawab. Coba lagi, atau beri tautannya sendiri."))
            return
        for user in invited:
            self.log_change(request, user, gettext("Tautan kata sandi dikirim lewat surel"))
        messages.success(request, gettext("%(count)s undangan dikirim.") % {"count": len(invited)})

    @admin.action(description=_("Beri tautan untuk membuat kata sandi"), permissions=["change"])
    def give_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._changeable(request, queryset):
            self._tell_link(request, user)
            self.log_change(request, user, gettext("Tautan kata sandi diberikan"))

    @admin.action(description=_("Matikan langkah kedua (telepon hilang)"), permissions=["change"])
    def take_second_step_off(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in self._changeable(request, queryset):
            Authenticator.objects.filter(user=user).delete()
            self.log_change(request, user, gettext("Langkah kedua dimatikan"))
            messages.success(request, gettext("Langkah kedua %(name)s dimatikan.") % {"name": user})

    def _changeable(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return those of the chosen whom the reviewer may change; say if that is not all."""
        mine = queryset.filter(self.reach(request.user, CHANGE), is_active=True)
        if mine.count() < queryset.count():
            messages.warning(request, gettext("Sebagian dilewati: bukan petugas wilayah Anda saja, atau akun ditutup."))
        return mine

    def _tell_link(self, request: HttpRequest, user: User) -> None:
        sentence = gettext("Sampaikan tautan ini hanya kepada %(name)s, untuk membuat kata sandinya: %(link)s")
        messages.warning(request, sentence % {"name": user, "link": password_link(user)})


@admin.register(Assignment, site=site)
class AssignmentAdmin(SheetImport, ScopedAdmin):
    """Who works where; an assignment ends by its date and stays on record. Many at once come as a spreadsheet."""

    resource_classes = (AssignmentResource,)
    import_title = _("Impor penugasan")
    template_name = "templat-penugasan"
    import_notes = NOTES

    fields = ("user", "office", "role", "starts_on", "ends_on")
    list_display = ("user", "office", "role", "starts_on", "ends_on")
    list_filter = ("role", ("office__programme", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "office")
    search_fields = ("user__name", "^user__username", "office__name")
    ordering = ("-starts_on", "-pk")
    autocomplete_fields = ("user", "office")
    fixed = ("user",)

    def reach(self, user: User, permissions: Permissions) -> Q:
        """Return the assignments of the area; nobody changes their own."""
        if user.is_superuser:
            return Q()
        area = Q(office__in=offices_kept(user, permissions))
        return area & ~Q(user=user) & Q(user__is_superuser=False) if permissions == CHANGE else area

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.export)
        return [path("penugasan.xlsx", view, name="tiers_assignment_export"), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponse:
        """Hand out the assignments of the area with the columns by which they come in."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = exported(self.get_queryset(request))
        return as_download(sheets.workbook(gettext("Penugasan"), AssignmentResource.columns, rows), "penugasan")

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"export_url": reverse("admin:tiers_assignment_export")})

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        """Say how many accounts are new: without an invitation nobody knows of theirs."""
        response = super().process_result(result, request)
        new = {row.instance.user for row in result.rows if row.is_new() and not row.instance.user.last_login}
        if new := [user for user in new if not user.has_usable_password()]:
            sentence = gettext("%(count)s orang belum mempunyai kata sandi. Undang mereka dari daftar pengguna.")
            messages.warning(request, sentence % {"count": len(new)})
        return response


@admin.register(Absence, site=site)
class AbsenceAdmin(ReadOnly, ScopedAdmin):
    """Who was or will be away and who stands in (D51). Entered by themselves or their supervisor, so that the
    stand-in's assignments follow."""

    list_display = ("user", "starts_on", "ends_on", "stand_in")
    list_select_related = ("user", "stand_in")
    search_fields = ("user__name", "^user__username")
    ordering = ("-starts_on", "-pk")
    fields = ("user", "starts_on", "ends_on", "stand_in")

    def reach(self, user: User, permissions: Permissions) -> Q:
        if user.is_superuser:
            return Q()
        people = User.objects.filter(site.get_model_admin(User).reach(user, permissions))
        return Q(user__in=people.values("pk"))


@admin.register(AccessAttempt, site=site)
class AccessAttemptAdmin(ReadOnly, ScopedAdmin):
    """Failed sign-ins of the people of one's area; a lock opens by itself."""

    list_display = ("at", "username", "failures", "ip_address")
    search_fields = ("^username",)
    ordering = ("-attempt_time",)
    fields = ("at", "username", "failures", "ip_address", "browser")

    def reach(self, user: User, permissions: Permissions) -> Q:
        if user.is_superuser:
            return Q()
        people = User.objects.filter(site.get_model_admin(User).reach(user, permissions))
        return Q(username__in=people.values("username"))

    @admin.display(description=_("waktu"), ordering="attempt_time")
    def at(self, attempt: AccessAttempt) -> datetime:
        return attempt.attempt_time

    @admin.display(description=_("gagal berturut-turut"), ordering="failures_since_start")
    def failures(self, attempt: AccessAttempt) -> int:
        return attempt.failures_since_start

    @admin.display(description=_("peramban"))
    def browser(self, attempt: AccessAttempt) -> str:
        return attempt.user_agent


@admin.register(LogEntry, site=site)
class LogEntryAdmin(ReadOnly, ScopedAdmin):
    """What the people of one's area did in the admin, what they deleted included."""

    list_display = ("action_time", "by", "kind", "row", "action", "said")
    list_filter = ("action_flag",)
    list_select_related = ("user", "content_type")
    ordering = ("-action_time",)
    fields = ("action_time", "by", "kind", "row", "action", "said")

    def reach(self, user: User, permissions: Permissions) -> Q:
        if user.is_superuser:
            return Q()
        people = User.objects.filter(site.get_model_admin(User).reach(user, permissions))
        return Q(user__in=people.values("pk"))

    @admin.display(description=_("oleh"), ordering="user")
    def by(self, entry: LogEntry) -> str:
        return str(entry.user)

    @admin.display(description=_("jenis"))
    def kind(self, entry: LogEntry) -> str:
        model = entry.content_type.model_class() if entry.content_type else None
        return str(model._meta.verbose_name) if model else "–"

    @admin.display(description=_("yang diubah"))
    def row(self, entry: LogEntry) -> str:
        return entry.object_repr

    @admin.display(description=_("tindakan"))
    def action(self, entry: LogEntry) -> str:
        return entry.get_action_flag_display()

    @admin.display(description=_("perubahan"))
    def said(self, entry: LogEntry) -> str:
        return entry.get_change_message()
