"""The calendar, the words of replies, and what the machine did and owes, for reviewers (D10, D48)."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint
from tiers.admin_site import OfTheNation, ProgrammeRules, ReadOnly, ScopedAdmin, offices_kept, site
from tiers.models import Assignment, User
from tiers.permissions import Permission
from workflow import corrections
from workflow.models import Holiday, Notification, ReplyTemplate, SweepRun


@admin.register(Holiday, site=site)
class HolidayAdmin(OfTheNation):
    """The days on which nobody works; running deadlines follow every correction (D10)."""

    list_display = ("on", "name", "kind", "provisional")
    list_filter = ("kind", "provisional")
    date_hierarchy = "on"
    ordering = ("-on",)
    fields = ("on", "name", "kind", "provisional")
    may_delete = True

    def save_model(self, request: HttpRequest, obj: Holiday, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._follow(request)

    def delete_model(self, request: HttpRequest, obj: Holiday) -> None:
        super().delete_model(request, obj)
        self._follow(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Holiday]) -> None:
        super().delete_queryset(request, queryset)
        self._follow(request)

    def _follow(self, request: HttpRequest) -> None:
        moved = corrections.holidays_changed(now=timezone.now())
        if moved < corrections.IN_A_REQUEST:
            sentence = gettext("Kalender diperbarui. Tenggat %(count)s pengaduan berubah dan tercatat.")
        else:
            sentence = gettext("Kalender diperbarui. Tenggat %(count)s pengaduan berubah; sisanya menyusul sendiri.")
        messages.info(request, sentence % {"count": moved})


@admin.register(ReplyTemplate, site=site)
class ReplyTemplateAdmin(ProgrammeRules):
    """The words that people read. A template is found by its code, so that it is edited and never deleted."""

    list_display = ("name", "programme", "code", "is_letter")
    list_filter = (("programme", admin.RelatedOnlyFieldListFilter), "is_letter")
    list_select_related = ("programme",)
    search_fields = ("name", "^code", "subject")
    ordering = ("programme", "name")
    fields = ("programme", "code", "name", "subject", "body", "is_letter")
    fixed = ("programme", "code", "is_letter")


class FateFilter(admin.SimpleListFilter):
    """Show first of all what failed."""

    title = _("keadaan")
    parameter_name = "keadaan"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("gagal", _("gagal")), ("menunggu", _("menunggu")), ("terkirim", _("terkirim"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "gagal":
            return queryset.failing()
        if self.value() == "menunggu":
            return queryset.filter(sent_at__isnull=True, given_up_at__isnull=True, attempts=0)
        return queryset.filter(sent_at__isnull=False) if self.value() == "terkirim" else queryset


@admin.register(Notification, site=site)
class NotificationAdmin(ReadOnly, ScopedAdmin):
    """What is owed to whom: the person by kind only, the address nowhere."""

    list_display = (
        "created_at",
        "complaint",
        "template",
        "recipient",
        "attempts",
        "last_error",
        "sent_at",
        "given_up_at",
    )
    list_filter = (FateFilter, "template")
    list_select_related = ("complaint", "user")
    search_fields = ("^complaint__number",)
    ordering = ("-created_at",)
    fields = (
        "complaint",
        "template",
        "recipient",
        "created_at",
        "next_attempt_at",
        "attempts",
        "last_error",
        "sent_at",
        "given_up_at",
    )
    readonly_fields = ("recipient",)

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        """Return the notices of complaints that the user sees, and those about no complaint to people of the area."""
        people = Assignment.objects.filter(office__in=offices_kept(user, permissions)).values("user")
        visible = Complaint.objects.visible_to(user).values("pk")
        return Q(complaint__in=visible) | Q(complaint__isnull=True, user__in=people)

    @admin.display(description=_("kepada"))
    def recipient(self, notice: Notification) -> str:
        return str(notice.user) if notice.user_id else gettext("pelapor")


@admin.register(SweepRun, site=site)
class SweepRunAdmin(ReadOnly, OfTheNation):
    """What the escalation did, and whether it is held back and waits for a person (domain §11)."""

    list_display = ("as_of", "moved", "flagged", "refused", "by_hand")
    list_filter = ("by_hand",)
    ordering = ("-as_of",)
    fields = ("as_of", "started_at", "moved", "flagged", "refused", "by_hand")
