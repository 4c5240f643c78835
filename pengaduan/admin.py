"""What a programme lets one choose from, for reviewers to edit; complaints and their record only to read (D48)."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Model, Q
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.admin_forms import CategoryForm, ClosureStandardForm
from pengaduan.models import Category, Channel, ClosureStandard, Complaint, Field, Source
from tiers.admin_site import ProgrammeRules, ReadOnly, ScopedAdmin, posts, site
from tiers.models import User
from tiers.permissions import Permission

OF_PROGRAMME = ("programme", admin.RelatedOnlyFieldListFilter)


class EntryAdmin(ProgrammeRules):
    """One list of a programme; what is in use is switched off rather than deleted."""

    list_display = ("name", "programme", "code", "position", "active")
    list_filter = (OF_PROGRAMME, "active")
    list_select_related = ("programme",)
    search_fields = ("name", "^code")
    ordering = ("programme", "position", "name")
    fields = ("programme", "code", "name", "position", "active")
    fixed = ("programme", "code")
    may_delete = True
    kept_instead = _("Kosongkan “dipakai”: tidak lagi ditawarkan, dan yang lama tetap terbaca.")


@admin.register(Field, Source, site=site)
class PlainEntryAdmin(EntryAdmin):
    """Fields of activity and kinds of people."""


@admin.register(Channel, site=site)
class ChannelAdmin(EntryAdmin):
    fields = ("programme", "code", "name", "counted_apart", "online", "position", "active")


@admin.register(ClosureStandard, site=site)
class ClosureStandardAdmin(EntryAdmin):
    form = ClosureStandardForm
    fields = ClosureStandardForm.Meta.fields

    def get_deleted_objects(self, rows, request: HttpRequest) -> tuple:
        """Keep what a category asks for before a case may be closed: it would be asked no longer (D29, D53)."""
        if Category.objects.filter(closure_standards__in=list(rows)).exists():
            return self.refusal()
        return super().get_deleted_objects(rows, request)


@admin.register(Category, site=site)
class CategoryAdmin(EntryAdmin):
    form = CategoryForm
    list_display = ("name", "programme", "nature", "service_level", "start_tier", "active")
    list_filter = (OF_PROGRAMME, "nature", "active")
    list_select_related = ("programme", "service_level")
    fields = CategoryForm.Meta.fields

    def save_model(self, request: HttpRequest, obj: Category, form: ModelForm, change: bool) -> None:
        """Say that another period is for new complaints: those that run keep theirs (D10, D12)."""
        super().save_model(request, obj, form, change)
        if change and "service_level" in form.changed_data:
            running = Complaint.objects.open().filter(category=obj).count()
            sentence = gettext("Batas waktu ini berlaku untuk pengaduan baru; %(count)s yang sedang berjalan tetap.")
            messages.info(request, sentence % {"count": running})

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "service_level":
            field.queryset = field.queryset.filter(replaced_at=None)  # an old version is for its own complaints
        return _named_with_programme(field) if db_field.name in {"service_level", "follow_up"} else field

    def formfield_for_manytomany(self, db_field, request: HttpRequest, **kwargs):
        return _named_with_programme(super().formfield_for_manytomany(db_field, request, **kwargs))


def _named_with_programme(field):
    """Let a choice say whose it is: two programmes have a level of the same name."""
    field.queryset = field.queryset.select_related("programme").order_by("programme", "name")
    field.label_from_instance = lambda row: f"{row.programme}: {row}"
    return field


class OfVisibleComplaints(ReadOnly, ScopedAdmin):
    """Rows of complaints, of exactly those that the reviewer sees elsewhere too; a superuser is no exception."""

    complaint_path = "complaint"

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        visible = Complaint.objects.visible_to(user)
        return Q(**{f"{self.complaint_path}__in": visible.values("pk")})

    def is_open_to(self, user: User, permissions: tuple[Permission, ...]) -> bool:
        return bool(posts(user, (Permission.SEE,)))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Complaints are read with SEE, as everywhere."""
        return self._reaches(request.user, (Permission.SEE,), obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_open_to(request.user, (Permission.SEE,))


@admin.register(Complaint, site=site)
class ComplaintAdmin(OfVisibleComplaints):
    """The register, without words, persons and the reported: those stand on the case's own page."""

    complaint_path = "pk"
    list_display = ("number", "programme", "category", "region", "office", "stage", "tier_due_at")
    list_filter = (OF_PROGRAMME, "stage", "tier", "outcome")
    list_select_related = ("programme", "category", "region", "office")
    search_fields = ("^number",)
    ordering = ("-received_at", "-pk")
    fields = (
        "case_page",
        "number",
        "programme",
        "category",
        "service_level",
        "region",
        "office",
        "stage",
        "outcome",
        "weight",
        "prominent",
        "received_at",
        "due_at",
        "tier_due_at",
        "closed_at",
        "escalations",
        "rejections",
    )
    readonly_fields = ("case_page",)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict | None = None) -> HttpResponse:
        """Lead to the record, which is searched by its number."""
        if complaint := self.get_object(request, unquote(object_id)):
            return redirect(f"{reverse('admin:pengaduan_event_changelist')}?nomor={complaint.number}")
        return super().history_view(request, object_id, extra_context)

    @admin.display(description=_("halaman pengaduan"))
    def case_page(self, complaint: Complaint) -> str:
        return format_html('<a href="{}">{}</a>', complaint.get_absolute_url(), complaint.number)
