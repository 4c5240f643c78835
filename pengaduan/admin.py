"""What a programme lets one choose from, for reviewers to edit; complaints and their record only to read (D48)."""

from django.contrib import admin, messages
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.admin_forms import CategoryForm, ClosureStandardForm, ServiceLevelForm, StepsField
from pengaduan.models import Category, Channel, ClosureStandard, Complaint, Event, Field, ServiceLevel, Source
from tiers.admin_site import ProgrammeRules, ReadOnly, ScopedAdmin, posts, site
from tiers.models import User
from tiers.permissions import Permission

OF_PROGRAMME = ("programme", admin.RelatedOnlyFieldListFilter)


@admin.register(ServiceLevel, site=site)
class ServiceLevelAdmin(ProgrammeRules):
    """How long a tier has. Once complaints run under a level its length stands: nobody's deadline is moved unseen."""

    form = ServiceLevelForm
    list_display = ("name", "programme", "length", "unit", "starts")
    list_filter = (OF_PROGRAMME,)
    list_select_related = ("programme",)
    ordering = ("programme", "name")
    fixed = ("programme", "code")
    may_delete = True
    kept_instead = _("Pilih batas waktu lain pada kategorinya dulu.")
    clock = ("unit", "length", "starts", "steps")

    def get_fields(self, request: HttpRequest, obj: ServiceLevel | None = None) -> list[str]:
        """Show the steps as lines also where they are not to be changed."""
        edited = self.has_change_permission(request, obj) and not (obj and _running_under(obj))
        return [("steps" if name == "stages" and not edited else name) for name in ServiceLevelForm.Meta.fields]

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceLevel | None = None) -> tuple:
        fields = super().get_readonly_fields(request, obj)
        return (*fields, *self.clock) if obj and _running_under(obj) else (*fields, "steps")

    @admin.display(description=_("langkah"))
    def steps(self, level: ServiceLevel) -> str:
        return format_html_join("\n", "{}<br>", ((StepsField().line_of(step),) for step in level.stages)) or "–"

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None) -> HttpResponse:
        level = self.get_object(request, object_id)
        if level and request.method == "GET" and (running := _running_under(level)):
            sentence = gettext(
                "%(count)s pengaduan terbuka memakai batas waktu ini, jadi lamanya tidak dapat diubah di sini. Buat "
                "batas waktu baru dan pilih itu pada kategorinya: hanya pengaduan baru yang mengikutinya."
            )
            messages.warning(request, sentence % {"count": running})
        return super().change_view(request, object_id, form_url, extra_context)


def _running_under(level: ServiceLevel) -> int:
    return Complaint.objects.open().filter(service_level=level).count()


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


@admin.register(Category, site=site)
class CategoryAdmin(EntryAdmin):
    form = CategoryForm
    list_display = ("name", "programme", "nature", "service_level", "start_tier", "active")
    list_filter = (OF_PROGRAMME, "nature", "active")
    list_select_related = ("programme", "service_level")
    fields = CategoryForm.Meta.fields

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
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

    @admin.display(description=_("halaman pengaduan"))
    def case_page(self, complaint: Complaint) -> str:
        return format_html('<a href="{}">{}</a>', complaint.get_absolute_url(), complaint.number)


@admin.register(Event, site=site)
class EventAdmin(OfVisibleComplaints):
    """The record: what happened to which complaint when, without the words."""

    list_display = ("at", "complaint", "kind", "actor", "by", "from_stage", "to_stage")
    list_filter = ("kind", "actor")
    list_select_related = ("complaint", "by")
    search_fields = ("^complaint__number",)
    ordering = ("-pk",)
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
