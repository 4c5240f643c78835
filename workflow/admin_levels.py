"""How long a tier has, for reviewers: an edit is for new complaints, unless they say that running ones follow (D10)."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.admin import OF_PROGRAMME
from pengaduan.admin_forms import ServiceLevelForm, StepsField
from pengaduan.models import ServiceLevel
from tiers.admin_site import ProgrammeRules, site
from workflow import corrections, levels


class VersionFilter(admin.SimpleListFilter):
    """Show what is in force, and on request what it was before."""

    title = _("versi")
    parameter_name = "versi"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("lama", _("versi lama"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(replaced_at__isnull=self.value() != "lama")


@admin.register(ServiceLevel, site=site)
class ServiceLevelAdmin(ProgrammeRules):
    """A period whose length changes becomes a new version; complaints keep the one under which they came."""

    form = ServiceLevelForm
    list_display = ("name", "programme", "length", "unit", "starts", "version")
    list_filter = (VersionFilter, OF_PROGRAMME)
    list_select_related = ("programme",)
    ordering = ("programme", "name", "-version")
    fixed = ("programme", "code")
    may_delete = True
    kept_instead = _("Pilih batas waktu lain pada kategorinya dulu.")

    def has_change_permission(self, request: HttpRequest, obj: ServiceLevel | None = None) -> bool:
        """Keep what was: an old version is read, by whoever may read it, and changed by nobody."""
        return not (obj and obj.replaced_at) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ServiceLevel | None = None) -> bool:
        return not (obj and obj.replaced_at) and super().has_delete_permission(request, obj)

    def get_fields(self, request: HttpRequest, obj: ServiceLevel | None = None) -> list[str]:
        """Show the steps as lines also where they are not to be changed, and the choice where somebody is affected."""
        edited = self.has_change_permission(request, obj)
        fields = [("steps" if name == "stages" and not edited else name) for name in ServiceLevelForm.Meta.fields]
        if obj and edited and levels.running_under(obj).exists():
            fields.append("apply_to_running")
        return [*fields, "versions"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: ServiceLevel | None = None) -> tuple:
        return (*super().get_readonly_fields(request, obj), "steps", "versions")

    @admin.display(description=_("langkah"))
    def steps(self, level: ServiceLevel) -> str:
        return format_html_join("\n", "{}<br>", ((StepsField().line_of(step),) for step in level.stages)) or "–"

    @admin.display(description=_("versi sebelumnya"))
    def versions(self, level: ServiceLevel) -> str:
        """Return what the period was before and until when, each with a link."""
        lines = (
            (
                reverse("admin:pengaduan_servicelevel_change", args=[each.pk]),
                each,
                date_format(timezone.localtime(each.replaced_at), "j F Y H.i"),
            )
            for each in levels.earlier_versions(level)
        )
        return format_html_join("\n", '<a href="{}">{}</a> – {}<br>', lines) or "–"

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None) -> HttpResponse:
        level = self.get_object(request, object_id)
        if level and request.method == "GET":
            if level.replaced_at:
                messages.info(
                    request, gettext("Ini versi lama: dipakai pengaduan yang masuk sewaktu versi ini berlaku.")
                )
            elif running := levels.running_under(level).count():
                sentence = gettext(
                    "%(count)s pengaduan sedang berjalan dengan batas waktu ini. Bila lamanya diubah, hanya pengaduan "
                    "baru yang mengikutinya, kecuali “Berlakukan juga” dicentang."
                )
                messages.warning(request, sentence % {"count": running})
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: ServiceLevel, form: ModelForm, change: bool) -> None:
        """Save a changed period as a new version where complaints know the old one, and say who follows it."""
        now = timezone.now()
        changed = change and not set(levels.CLOCK).isdisjoint(form.changed_data)
        if changed and levels.is_used(obj):
            levels.new_version(obj, now=now)
        else:
            super().save_model(request, obj, form, change)
        if change and form.cleaned_data.get("apply_to_running"):
            levels.let_running_follow(obj)
            self._say_who_follows(request, obj, corrections.follow_levels(now=now, limit=corrections.IN_A_REQUEST))
        elif changed:
            sentence = gettext("Hanya pengaduan baru mengikuti batas waktu ini; %(count)s yang sedang berjalan tetap.")
            messages.info(request, sentence % {"count": levels.running_under(obj).count()})

    def _say_who_follows(self, request: HttpRequest, level: ServiceLevel, moved: int) -> None:
        sentence = gettext("Tenggat %(count)s pengaduan yang sedang berjalan mengikuti batas waktu ini dan tercatat.")
        words = sentence % {"count": moved}
        if rest := levels.running_under(level).exclude(service_level=level.pk).count():
            more = gettext("%(count)s menyusul sendiri, yang menunggu pelapor sesudah waktunya berjalan lagi.")
            words = f"{words} {more % {'count': rest}}"
        messages.info(request, words)

    def response_change(self, request: HttpRequest, obj: ServiceLevel) -> HttpResponse:
        """Go on editing the version that is now in force, not the address of the one that it replaced."""
        response = super().response_change(request, obj)
        if "_continue" in request.POST:
            return redirect("admin:pengaduan_servicelevel_change", obj.pk)
        return response
