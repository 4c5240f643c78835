"""The admin for reviewers: Django's own, with our permissions instead of Django's (D48).

What one may read and change follows from one's assignments: CONFIGURE or AUDIT to read, CONFIGURE to change. Those at
Pusat keep their programmes; those below it the offices and people of their area. A superuser keeps all configuration;
complaints are seen through `visible_to` by everyone.
"""

from collections.abc import Callable
from functools import update_wrapper

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tiers import scope
from tiers.history import changes_of
from tiers.models import Office, Programme, Region, Tier, User
from tiers.permissions import Permission
from tiers.views import sign_out

READ = (Permission.CONFIGURE, Permission.AUDIT)
CHANGE = (Permission.CONFIGURE,)
NOTHING = Q(pk__in=[])
FIRST = ("tiers", "pengaduan", "workflow", "reports")  # what reviewers come for, before what was noted of it
THEIR_MODELS = {
    "LogEntry": _("Yang dilakukan di halaman ini"),
    "AccessAttempt": _("Percobaan masuk yang gagal"),
    "Events": _("Perubahan pengaturan dan petugas"),
}


def posts(user: User, permissions: tuple[Permission, ...]) -> list[Office]:
    """Return the offices where the user carries one of the permissions."""
    return list({office.pk: office for each in permissions for office in scope.offices_of(user, each)}.values())


def programmes_kept(user: User, permissions: tuple[Permission, ...]) -> set[int]:
    """Return the programmes whose rules the user reads or changes: those of their posts at Pusat."""
    return {office.programme_id for office in posts(user, permissions) if office.tier == Tier.PUSAT}


def offices_kept(user: User, permissions: tuple[Permission, ...]) -> QuerySet[Office]:
    """Return the offices in the area of the user's posts, the posts themselves included."""
    if user.is_superuser:
        return Office.objects.all()
    area = NOTHING
    for post in posts(user, permissions):
        within = Q(programme=post.programme_id)
        if post.tier != Tier.PUSAT:
            within &= Q(region=post.region_id) | Q(region__code__startswith=f"{post.region_id}.")
        area |= within
    return Office.objects.filter(area)


def in_area(user: User, programme: Programme, tier: int, region: Region | None) -> bool:
    """Say whether an office of a tier in a region, Pusat without one, lies in what the user configures."""
    code = region.code if region else ""
    return user.is_superuser or any(
        post.tier >= tier and scope.contains(post, programme_id=programme.pk, region_code=code)
        for post in posts(user, CHANGE)
    )


class ReviewSite(admin.AdminSite):
    """Django's admin behind our own sign-in, with only what is registered here."""

    site_header = _("Pengaduan: peninjau")
    index_title = _("Pengaturan")
    site_url = "/petugas/"

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser and request.user.is_active or posts(request.user, READ))

    def door(self, request: HttpRequest) -> HttpResponse | None:
        """Return where to send a request that may not come in, or None; raise PermissionDenied."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not self.has_permission(request):
            raise PermissionDenied
        if settings.MFA_REQUIRED and not is_mfa_enabled(request.user):
            messages.warning(request, _("Peninjau memakai langkah kedua saat masuk. Aktifkan dulu, lalu buka lagi."))
            return redirect("mfa_activate_totp")
        return None

    def admin_view(self, view: Callable, cacheable: bool = False) -> Callable:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            return self.door(request) or inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def get_urls(self) -> list:
        """Leave out the jump from a row's number to its page: it tells the number of any complaint."""
        return [each for each in super().get_urls() if getattr(each, "name", "") != "view_on_site"]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict]:
        """Name what libraries keep by what it is for the reader, behind what is ours."""
        found = super().get_app_list(request, app_label)
        for app in found:
            for model in app["models"]:
                model["name"] = THEIR_MODELS.get(model["object_name"], model["name"])
        return sorted(found, key=lambda app: (*FIRST, app["app_label"]).index(app["app_label"]))

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            return self.door(request) or redirect("admin:index")
        return redirect_to_login(request.GET.get("next") or "/admin/")

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return sign_out(request)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("mfa_index")


site = ReviewSite()


class ScopedAdmin(admin.ModelAdmin):
    """Ask our permissions, and show only rows within reach; a subclass says which those are by `reach`."""

    view_on_site = False
    show_full_result_count = False
    list_per_page = 50
    may_add = True
    may_change = True
    may_delete = False
    object_history_template = "admin/history.html"
    fixed = ()  # fields that stay as they were made
    kept_instead = _("Biarkan saja, atau matikan.")  # what to do instead of deleting

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        """Return which rows the user may touch with one of the permissions."""
        raise NotImplementedError

    def is_open_to(self, user: User, permissions: tuple[Permission, ...]) -> bool:
        """Say whether the user has any business with these rows."""
        return user.is_superuser or bool(posts(user, permissions))

    def _reaches(self, user: User, permissions: tuple[Permission, ...], row: Model | None) -> bool:
        if row is None or row.pk is None:
            return self.is_open_to(user, permissions)
        return self.model._default_manager.filter(self.reach(user, permissions), pk=row.pk).exists()

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(self.reach(request.user, READ))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_open_to(request.user, READ)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._reaches(request.user, READ, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and self.is_open_to(request.user, CHANGE)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change and self._reaches(request.user, CHANGE, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_delete and self._reaches(request.user, CHANGE, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple:
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, *self.fixed) if obj else fields

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs
    ) -> type[ModelForm]:
        """Let the form know who fills it in: what may be chosen depends on it."""
        form = super().get_form(request, obj, **{"labels": {"programme": _("Program")}} | kwargs)
        form.filled_in_by = request.user
        return form

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        kwargs.setdefault("queryset", pointed_at(db_field.remote_field.model, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request: HttpRequest, **kwargs):
        kwargs.setdefault("queryset", pointed_at(db_field.remote_field.model, request.user))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        name = THEIR_MODELS.get(self.opts.object_name, self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": capfirst(name), **(extra_context or {})})

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        changes = changes_of(row) if row else []
        return super().history_view(request, object_id, {"changes": changes, **(extra_context or {})})

    def get_deleted_objects(self, rows, request: HttpRequest) -> tuple:
        """Refuse with a sentence what is in use; the library would list the rows that use it, complaints too."""
        gone, counts, missing, in_use = super().get_deleted_objects(rows, request)
        return self.refusal() if in_use else (gone, counts, missing, in_use)

    def refusal(self) -> tuple:
        """Return, in the form that the library wants, that rows are in use and what to do instead."""
        return [], {}, set(), [gettext("Masih dipakai, jadi tidak dapat dihapus."), self.kept_instead]


def pointed_at(model: type[Model], user: User) -> QuerySet:
    """Return the rows that a form may point at: those that the user may change."""
    if not site.is_registered(model):
        return model._default_manager.all()
    return model._default_manager.filter(site.get_model_admin(model).reach(user, CHANGE))


class ProgrammeRules(ScopedAdmin):
    """Rows that belong to a programme: kept by those who configure it at Pusat."""

    programme_path = "programme"

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        if user.is_superuser:
            return Q()
        return Q(**{f"{self.programme_path}__in": programmes_kept(user, permissions)})

    def is_open_to(self, user: User, permissions: tuple[Permission, ...]) -> bool:
        return user.is_superuser or bool(programmes_kept(user, permissions))


class OfTheNation(ScopedAdmin):
    """Rows that all programmes share: kept by whoever configures one at Pusat."""

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        return Q() if self.is_open_to(user, permissions) else NOTHING

    def is_open_to(self, user: User, permissions: tuple[Permission, ...]) -> bool:
        return user.is_superuser or bool(programmes_kept(user, permissions))


class ReadOnly:
    """Rows that nobody changes here."""

    may_add = may_change = may_delete = False

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple:
        return tuple(self.fields or ())


class ScopedInline(admin.TabularInline):
    """Rows inside their parent's page: whoever may change the parent may change them; none is deleted."""

    extra = 0
    can_delete = False
    show_change_link = False

    def _may_change_parent(self, request: HttpRequest, parent: Model | None) -> bool:
        keeper = site.get_model_admin(self.parent_model)
        return keeper.has_change_permission(request, parent) if parent else keeper.has_add_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_change_parent(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may_change_parent(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        """Name each control for who hears the page: in a table the column's heading is not its label."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field:
            field.widget.attrs["aria-label"] = capfirst(field.label)
        return field

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        kwargs.setdefault("queryset", pointed_at(db_field.remote_field.model, request.user))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
