"""Bring many rows in from a spreadsheet: shown first, written when confirmed, all of them or none (D48)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from import_export.admin import ImportMixin
from import_export.fields import Field
from import_export.formats.base_formats import Format
from import_export.forms import ImportForm
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from import_export.tmp_storages import CacheStorage
from tablib import Dataset

from tiers import sheets
from tiers.models import User


class SheetFormat(Format):
    """A table as `tiers.sheets` reads it."""

    def __init__(self, encoding: str | None = None) -> None:
        """Take what the library gives every format; the file itself says how it is written."""

    def get_title(self) -> str:
        return "XLSX"

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def can_import(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes | None) -> Dataset:
        if in_stream is None:
            raise sheets.Unreadable(gettext("Berkasnya sudah tidak tersimpan. Kirim sekali lagi."))
        headings, rows, lines = sheets.read(in_stream)
        dataset = Dataset(*rows, headers=headings)
        dataset.lines = lines  # empty rows are passed over: a fault is told by the number that the sheet shows
        return dataset


class KeptAnHour(CacheStorage):
    """The file between the showing and the confirming, in the cache that all web workers share."""

    CACHE_LIFETIME = 60 * 60


class SheetForm(ImportForm):
    """One file; the library's choices of format and table are ours."""

    resource = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, formats: list, resources: list, **kwargs: Any) -> None:
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].widget = forms.HiddenInput()
        self.fields["format"].required = False
        self.fields["import_file"].label = _("Berkas")
        self.fields["import_file"].widget.attrs["accept"] = ".xlsx,.csv"
        self.fields["import_file"].error_messages["required"] = _("Pilih berkasnya dulu.")

    def _init_resources(self, resources: list) -> None:
        """Leave the choice out: there is one table."""

    def clean_format(self) -> str:
        return "0"

    @property
    def media(self) -> forms.Media:
        return forms.Media()


class SheetResource(ModelResource):
    """Rows of a sheet, each checked with all its faults at once; a subclass reads a row into an instance."""

    columns: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    by: User

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.fields = {name: Field(column_name=name, attribute=None) for name in cls.columns}

    def before_import(self, dataset: Dataset, **kwargs: Any) -> None:
        self.by = kwargs["user"]
        self.seen: set = set()
        lacking = [name for name in self.columns if name not in dataset.headers]
        if lacking:
            sentence = gettext("Kolom ini tidak ada: %(names)s. Pakai templat di halaman ini.")
            raise ValidationError(sentence % {"names": ", ".join(lacking)})

    def get_instance(self, instance_loader, row):
        return None

    def faults_of_cells(self, row: dict[str, str]) -> dict[str, Any]:
        """Return what can be said of single cells before they are read: they hold a formula, or lack what they need."""
        faults = {name: sheets.HOLDS_FORMULA for name in self.columns if row[name].startswith(sheets.FORMULA)}
        return faults | {name: _("Kolom ini harus diisi.") for name in self.required if not row[name]}

    def after_import(self, dataset: Dataset, result: Result, **kwargs: Any) -> None:
        """Number the rows as the sheet does."""
        for place, row in enumerate(result.rows):
            row.line = dataset.lines[place]
        for wrong in [*result.invalid_rows, *result.error_rows]:
            wrong.number = dataset.lines[wrong.number - 1]

    def only_once(self, key: Any) -> None:
        """Refuse what an earlier row of the same file already says."""
        if key in self.seen:
            raise ValidationError(_("Baris ini sama dengan baris lain dalam berkas ini. Hapus salah satunya."))
        self.seen.add(key)


class SheetImport(ImportMixin):
    """The pages of an import for a ScopedAdmin: whoever may add rows may bring them in."""

    import_template_name = "admin/impor.html"
    import_form_class = SheetForm
    import_export_change_list_template = "admin/daftar_impor.html"
    tmp_storage_class = KeptAnHour
    skip_admin_log = True  # the history keeps each row with who and what
    import_title = _("Impor")
    template_name = "templat"  # of the file to fill in
    import_notes: tuple = ()

    @property
    def import_formats(self) -> list:
        return [SheetFormat]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request)

    def get_urls(self) -> list:
        name = "{}_{}_import_template".format(*self.get_model_info())
        view = self.admin_site.admin_view(self.import_template)
        return [path("import/templat.xlsx", view, name=name), *super().get_urls()]

    def import_template(self, request: HttpRequest) -> HttpResponse:
        """Hand out an empty sheet with the headings, and what goes into them."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        columns = self.resource_classes[0].columns
        notes = [str(note) for note in self.import_notes]
        return as_download(sheets.workbook(str(self.opts.verbose_name), columns, [], notes), self.template_name)

    def add_data_read_fail_error_to_form(self, form: forms.Form, fault: Exception) -> None:
        if not isinstance(fault, sheets.Unreadable):
            raise fault
        form.add_error("import_file", str(fault))

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = super().import_action(request, **kwargs)
        if isinstance(response, TemplateResponse):
            response.context_data |= self._page()
        return response

    def _page(self) -> dict[str, Any]:
        resource = self.resource_classes[0]
        return {
            "title": self.import_title,
            "columns": resource.columns,
            "notes": self.import_notes,
            "template_url": reverse("admin:{}_{}_import_template".format(*self.get_model_info())),
        }

    @method_decorator(require_POST)
    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except sheets.Unreadable as gone:
            messages.error(request, str(gone))
            return redirect("admin:{}_{}_import".format(*self.get_model_info()))

    def process_dataset(self, dataset: Dataset, form: forms.Form, request: HttpRequest, **kwargs: Any) -> Result:
        """Write all rows or none; what was right when it was shown may be wrong by now."""
        return super().process_dataset(dataset, form, request, rollback_on_validation_errors=True, **kwargs)

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            form = self.import_form_class(self.get_import_formats(), self.resource_classes)
            context = {**self.admin_site.each_context(request), "opts": self.opts, "form": form, "result": result}
            return TemplateResponse(request, self.import_template_name, context | self._page(), status=409)
        return super().process_result(result, request)

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        sentence = gettext("Impor selesai: %(new)s baru, %(changed)s diubah, %(same)s tetap.")
        counts = {
            "new": result.totals[RowResult.IMPORT_TYPE_NEW],
            "changed": result.totals[RowResult.IMPORT_TYPE_UPDATE],
            "same": result.totals[RowResult.IMPORT_TYPE_SKIP],
        }
        messages.success(request, sentence % counts)


def as_download(content: bytes, name: str) -> HttpResponse:
    """Return a spreadsheet to be saved under a name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return HttpResponse(content, content_type=sheets.CONTENT_TYPE, headers=headers)
