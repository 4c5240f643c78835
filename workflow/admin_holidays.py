"""The calendar for reviewers: one day at a time, the decree's list from a sheet, or the official list of a year (D10).

Whatever changes it, the running deadlines follow; before it is written they see how many would move.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export.forms import ConfirmImportForm
from import_export.results import Result

from tiers import sheets
from tiers.admin_import import SheetForm, SheetImport, SheetResource
from tiers.admin_site import OfTheNation, site
from workflow import corrections, sla
from workflow.models import Holiday
from workflow.seeding.holidays import official_holidays

DAY, NAME, KIND, PROVISIONAL = "tanggal", "nama", "jenis", "sementara"
YES, NO = "ya", "tidak"
NOTES = (
    _("Tanggal: misalnya 2027-03-10."),
    _("Jenis: libur nasional atau cuti bersama."),
    _("Sementara: ya, bila belum ditetapkan dalam keputusan bersama tiga menteri; selain itu kosong."),
    _("Hari yang sudah ada diubah nama, jenis, dan tandanya."),
)


class HolidayResource(SheetResource):
    """A row is a day off, found again by its date."""

    columns = (DAY, NAME, KIND, PROVISIONAL)
    required = (DAY, NAME, KIND)

    class Meta:
        model = Holiday
        import_id_fields = ()
        use_transactions = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        store_row_values = True

    def before_import(self, dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.touched: set[date] = set()

    def before_import_row(self, row: dict[str, str], **kwargs: Any) -> None:
        faults: dict[str, Any] = {}
        kinds = {str(name).lower(): code for code, label in Holiday.Kind.choices for name in (code, label)}
        kind, provisional = kinds.get(row[KIND].lower()), row[PROVISIONAL].lower() or NO
        on = None
        try:
            on = sheets.day(row[DAY])
        except ValueError as fault:
            faults[DAY] = str(fault)
        if on and not sla.WORKING_DAYS_FROM <= on <= sla.WORKING_DAYS_UNTIL:
            faults[DAY] = gettext("Kalender memuat tahun %(first)s sampai %(last)s.") % {
                "first": sla.WORKING_DAYS_FROM.year,
                "last": sla.WORKING_DAYS_UNTIL.year,
            }
        if kind is None:
            faults[KIND] = _("Isi “libur nasional” atau “cuti bersama”.")
        if provisional not in (YES, NO):
            faults[PROVISIONAL] = _("Isi “ya” atau kosongkan.")
        faults |= self.faults_of_cells(row)
        if faults:
            raise ValidationError(faults)
        self.only_once(on)
        self.read = {"on": on, "name": row[NAME], "kind": kind, "provisional": provisional == YES}

    def get_instance(self, instance_loader, row: dict[str, str]) -> Holiday | None:
        return Holiday.objects.filter(on=self.read["on"]).first()

    def import_instance(self, instance: Holiday, row: dict[str, str], **kwargs: Any) -> None:
        for name, value in self.read.items():
            setattr(instance, name, value)

    def skip_row(self, instance: Holiday, original: Holiday, row, import_validation_errors=None) -> bool:
        return original.pk is not None and all(getattr(original, name) == value for name, value in self.read.items())

    def after_import_row(self, row, row_result, **kwargs: Any) -> None:
        if self.read["provisional"]:
            row_result.note = gettext("belum ditetapkan")
        if row_result.is_new():
            self.touched.add(self.read["on"])

    def after_import(self, dataset, result: Result, **kwargs: Any) -> None:
        """Take out what a complete list does not name, and say what all this does to running deadlines."""
        super().after_import(dataset, result, **kwargs)
        if result.has_validation_errors() or result.has_errors():
            return
        gone = self._take_out_the_others() if kwargs.get("complete") else []
        result.consequence = consequence(self.touched | {each.on for each in gone}, gone)

    def _take_out_the_others(self) -> list[Holiday]:
        years = {on.year for on in self.seen}
        others = Holiday.objects.filter(on__year__in=years).exclude(on__in=self.seen)
        gone = list(others)
        others.delete()
        return gone


def consequence(touched: Iterable[date], gone: Iterable[Holiday]) -> str:
    """Say which days are taken out, and about how many running deadlines would move."""
    sentences = []
    if named := ", ".join(str(each) for each in gone):
        sentences.append(gettext("Dihapus: %(days)s.") % {"days": named})
    words = gettext("Tenggat sekitar %(count)s pengaduan yang berjalan akan berubah.")
    return " ".join([*sentences, words % {"count": corrections.would_move(touched)}])


class HolidaySheetForm(SheetForm):
    complete = forms.BooleanField(
        label=_("Daftar ini lengkap untuk tahunnya"),
        required=False,
        help_text=_("Hari libur lain pada tahun yang sama dihapus."),
    )


class HolidayConfirmForm(ConfirmImportForm):
    complete = forms.BooleanField(required=False, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Difference:
    """The official list of a year beside the table: what it adds, what it says otherwise, what it does not know."""

    new: list[Holiday]
    changed: list[tuple[Holiday, Holiday]]  # as it is, as it would be
    unknown: list[Holiday]

    def apply(self, *, take_out: bool) -> None:
        """Write the official list; what it does not know stays, unless it is to be taken out."""
        for holiday in [*self.new, *(after for _before, after in self.changed)]:
            holiday.save()
        if take_out:
            Holiday.objects.filter(pk__in=[holiday.pk for holiday in self.unknown]).delete()

    @property
    def said(self) -> str:
        """Say what following the list in all would do to running deadlines."""
        return consequence({holiday.on for holiday in [*self.new, *self.unknown]}, [])


def difference(year: int) -> Difference:
    """Compare the official list of a year with the table, in the order of the days."""
    official = {on: facts for on, facts in official_holidays().items() if on.year == year}
    there = {holiday.on: holiday for holiday in Holiday.objects.filter(on__year=year).order_by("on")}
    pairs = [(there[on], Holiday(pk=there[on].pk, on=on, **facts)) for on, facts in official.items() if on in there]
    same = ("name", "kind", "provisional")
    return Difference(
        new=[Holiday(on=on, **facts) for on, facts in official.items() if on not in there],
        changed=[(old, new) for old, new in pairs if any(getattr(old, name) != getattr(new, name) for name in same)],
        unknown=[holiday for on, holiday in there.items() if on not in official],
    )


class YearForm(forms.Form):
    tahun = forms.TypedChoiceField(
        label=_("Tahun"),
        coerce=int,
        choices=[(year, year) for year in range(sla.WORKING_DAYS_FROM.year, sla.WORKING_DAYS_UNTIL.year + 1)],
    )


@admin.register(Holiday, site=site)
class HolidayAdmin(SheetImport, OfTheNation):
    """The days on which nobody works; running deadlines follow every correction (D10)."""

    list_display = ("on", "name", "kind", "provisional")
    list_filter = ("kind", "provisional")
    date_hierarchy = "on"
    ordering = ("-on",)
    fields = ("on", "name", "kind", "provisional")
    may_delete = True
    resource_classes = (HolidayResource,)
    import_form_class = HolidaySheetForm
    confirm_form_class = HolidayConfirmForm
    import_title = _("Impor hari libur")
    template_name = "templat-hari-libur"
    import_notes = NOTES

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

    def get_confirm_form_initial(self, request: HttpRequest, import_form: forms.Form | None) -> dict[str, Any]:
        initial = super().get_confirm_form_initial(request, import_form)
        return initial | {"complete": import_form.cleaned_data["complete"]} if import_form else initial

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form")
        return super().get_import_data_kwargs(**kwargs) | {"complete": form.cleaned_data["complete"]}

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        response = super().process_result(result, request)
        if response.status_code == 302:
            self._follow(request)
        return response

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return super().changelist_view(request, {"decree_url": reverse("admin:workflow_holiday_official")})

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.official)
        return [path("daftar-resmi/", view, name="workflow_holiday_official"), *super().get_urls()]

    def official(self, request: HttpRequest) -> HttpResponse:
        """Show what the official list of a year would change, and change it when asked to."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = YearForm(request.GET if "tahun" in request.GET else {"tahun": timezone.localdate().year})
        year = form.cleaned_data["tahun"] if form.is_valid() else None
        found = difference(year) if year else None
        if request.method == "POST" and found:
            with transaction.atomic():
                found.apply(take_out="take_out" in request.POST)
            self._follow(request)
            return redirect("admin:workflow_holiday_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("Daftar resmi hari libur"),
            "form": form,
            "year": year,
            "found": found,
        }
        return render(request, "admin/workflow/holiday/daftar_resmi.html", context)
