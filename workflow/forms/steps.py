"""The form of each step of a case: exactly what the step needs, under the names that the verbs and refusals use."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pengaduan.models import Attachment, Category, Complaint, Nature, Recommendation
from tiers import scope
from tiers.forms import DayMonthYearField
from tiers.models import User
from tiers.permissions import Permission
from workflow import needs
from workflow.calendar import local_day
from workflow.complainants import labelled
from workflow.forms.careful import Careful
from workflow.forms.printed import PrintedForm
from workflow.machine import NEED_SENTENCES, Need, Refused

WORDS = 10_000
NO_CHANGE = _("Tidak diubah")
RUPIAH = re.compile(r"(?:Rp\.?)?\s*(\d{1,3}(?:\.\d{3})+|\d+)(?:,00?)?", re.IGNORECASE)


def words(label: str, need: Need | None = None, *, rows: int = 6, required: bool = True, **options: Any):
    """Make a field for running text that says in the procedure's own sentence what is missing."""
    errors = {"required": NEED_SENTENCES[need]} if need else {}
    return forms.CharField(
        label=label,
        required=required,
        max_length=WORDS,
        widget=forms.Textarea({"rows": rows}),
        error_messages=errors,
        **options,
    )


class RupiahField(forms.Field):
    """Read an amount as people write it: `1.500.000`, `Rp 1500000`."""

    widget = forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-10", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,.0f}".replace(",", ".") if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        typed = str(value or "").strip()
        if not typed:
            return None
        found = RUPIAH.fullmatch(typed)
        if not found or len(found[1]) > 17:
            raise forms.ValidationError(_("Tulis jumlah rupiah dengan angka saja, misalnya 1.500.000."), code="invalid")
        return Decimal(found[1].replace(".", ""))


class StepForm(Careful):
    """What every step carries: the version of the complaint as it was read, so that nobody overwrites another."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    purpose: Attachment.Purpose | None = None  # what a file of this step is
    hints: Sequence[str | Promise] = ()  # what is worth a thought before the step, and no rule
    refused: Refused | None = None  # why the step was not taken

    def __init__(self, *args: Any, complaint: Complaint, by: User, now: datetime, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("version", complaint.version)
        super().__init__(*args, **kwargs)
        self.complaint, self.by, self.now = complaint, by, now
        self.prepare()

    def prepare(self) -> None:
        """Fill choices from the complaint; a form with such choices says how."""

    def facts(self) -> dict[str, Any]:
        """Return what the verb takes: everything but the version and the file."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "file"}}

    def show_version(self, version: int) -> None:
        """Let the next try stand on the complaint as it is now; what was typed stays."""
        self.data = self.data.copy()
        self.data["version"] = version

    def reply(self) -> tuple[str, dict[str, str]] | None:
        """Return the template of the reply that the step sends, with the words written for it (D19)."""
        return None

    def purpose_of_file(self) -> str:
        """Return as what the file of this step is kept."""
        return self.purpose or Attachment.Purpose.EVIDENCE


class FileForm(StepForm):
    """A step that leaves a document; where one is there already it need not be handed in again."""

    file = forms.FileField(
        label=_("Berkas"), help_text=_("Foto (JPG, PNG) atau PDF, paling besar 10 MB."), required=False
    )
    need: Need
    file_label: str
    printed: tuple[PrintedForm, ...] = ()  # blank forms for it, filled in as far as known

    def prepare(self) -> None:
        super().prepare()
        field = self.fields["file"]
        field.label = self.file_label
        if self.printed:
            field.help_text = format_html(
                "{}<br>{} {}", field.help_text, _("Formulir untuk dicetak:"), self._links_to_forms()
            )
        field.required = needs.missing(self.need, self.complaint, code="", now=self.now, facts={}) is not None
        field.error_messages["required"] = NEED_SENTENCES[self.need]

    def _links_to_forms(self) -> SafeString:
        number = self.complaint.number
        links = [(reverse("officer_printed_form", args=[number, kind]), kind.label) for kind in self.printed]
        return format_html_join(", ", '<a class="govuk-link" href="{}">{}</a>', links)


class AnswerForm(StepForm):
    tells = ("answer",)
    answer = words(_("Jawaban untuk pelapor"), Need.ANSWER, rows=8)


class ChronologyForm(StepForm):
    chronology = words(
        _("Kronologi"),
        Need.CHRONOLOGY,
        rows=8,
        help_text=_("Siapa yang ditemui, apa yang ditemukan, dan dari dokumen mana."),
    )

    def prepare(self) -> None:
        self.fields["chronology"].initial = self.complaint.case_file.chronology


class AnalysisForm(StepForm):
    case_analysis = words(_("Analisis kasus"), Need.ANALYSES)
    stakeholder_analysis = words(_("Analisis pemangku kepentingan"), Need.ANALYSES)
    recommendation = forms.ChoiceField(
        label=_("Rekomendasi"),
        choices=Recommendation.choices,
        widget=forms.RadioSelect,
        error_messages={"required": NEED_SENTENCES[Need.RECOMMENDATION]},
    )
    follow_up_by = forms.CharField(
        label=_("Ditindaklanjuti oleh"), max_length=240, error_messages={"required": NEED_SENTENCES[Need.FOLLOW_UP]}
    )

    def prepare(self) -> None:
        for name in ("case_analysis", "stakeholder_analysis", "recommendation", "follow_up_by"):
            self.fields[name].initial = getattr(self.complaint.case_file, name)


class ResultForm(FileForm):
    tells = ("result",)
    result = words(
        _("Hasil penanganan"), Need.RESULT, help_text=_("Apa yang disepakati dan dilakukan, oleh siapa, sampai kapan.")
    )
    purpose, need, file_label = Attachment.Purpose.RESULT, Need.RESULT_DOCUMENT, _("Dokumen hasil penanganan")
    field_order = ("version", "result", "file")


class FindingForm(StepForm):
    finding = words(_("Temuan pemantauan"), Need.FINDING)


class SettleForm(FileForm):
    """Declare settled in a forum (D27), with the category's standard as boxes to tick (D29)."""

    finding = words(_("Temuan pemantauan"), Need.FINDING)
    forum_held_on = DayMonthYearField(
        label=_("Tanggal musyawarah"), error_messages={"required": NEED_SENTENCES[Need.FORUM]}
    )
    forum_place = forms.CharField(
        label=_("Tempat musyawarah"), max_length=160, error_messages={"required": _("Tulis tempat musyawarah.")}
    )
    forum_attendance = forms.IntegerField(
        label=_("Jumlah yang hadir"),
        min_value=1,
        max_value=100_000,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-4"}),
        error_messages={
            "required": _("Tulis jumlah yang hadir."),
            "invalid": _("Tulis jumlah yang hadir dengan angka."),
        },
    )
    forum_decision = words(_("Keputusan musyawarah"), rows=4, help_text=_("Seperti tertulis dalam berita acara."))
    forum_decision.error_messages["required"] = _("Tulis keputusan musyawarah.")
    ticked = forms.MultipleChoiceField(
        label=_("Standar penyelesaian"),
        help_text=_("Semua butir harus terpenuhi."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": NEED_SENTENCES[Need.STANDARD]},
    )
    purpose, need, file_label = Attachment.Purpose.MINUTES, Need.MINUTES, _("Berita acara penyelesaian")
    printed = (PrintedForm.SETTLED, PrintedForm.ATTENDANCE)
    field_order = (
        *("version", "finding", "forum_held_on", "forum_place", "forum_attendance", "forum_decision"),
        *("file", "ticked"),
    )

    def prepare(self) -> None:
        super().prepare()
        standards = self.complaint.category.closure_standards.all()
        items = [item for standard in standards for item in standard.items]
        if items:
            self.fields["ticked"].choices = [(item, item) for item in dict.fromkeys(items)]
        else:
            del self.fields["ticked"]
        kept = ("finding", "forum_held_on", "forum_place", "forum_attendance", "forum_decision", "ticked")
        for name in kept:
            if name in self.fields:
                self.fields[name].initial = getattr(self.complaint.case_file, name)

    def facts(self) -> dict[str, Any]:
        return {"ticked": [], **super().facts()}

    def clean_forum_held_on(self):
        day = self.cleaned_data["forum_held_on"]
        if day > local_day(self.now, self.complaint.zone):
            raise forms.ValidationError(_("Tanggal musyawarah tidak boleh di masa depan."))
        return day


class ReviewForm(FileForm):
    purpose, need = Attachment.Purpose.REVIEW_MINUTES, Need.REVIEW_MINUTES
    file_label = _("Berita acara peninjauan kembali")
    printed = (PrintedForm.REVIEW, PrintedForm.ATTENDANCE)


class ReasonForm(StepForm):
    reason = words(_("Alasan"), Need.REASON)


class AnnouncedForm(StepForm):
    tells = ("reason",)
    reason = words(
        _("Bagaimana masyarakat diberi tahu"),
        Need.REASON,
        help_text=_("Pelapor dan masyarakat diberi tahu bahwa masalah ini tidak terbukti."),
    )


class WordForm(StepForm):
    """Write down what the complainant said: the officer takes the step on their word (D21)."""

    reason = words(
        _("Kata pelapor"), Need.REASON, help_text=_("Tulis apa yang dikatakan pelapor, kapan, dan dengan cara apa.")
    )


class AcceptForm(WordForm):
    def prepare(self) -> None:
        self.fields["reason"].required = False


class NoteForm(StepForm):
    reason = words(_("Catatan"), help_text=_("Dibaca petugas yang dapat melihat kasus ini, bukan pelapor."))
    reason.error_messages["required"] = _("Tulis catatannya.")

    def facts(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["reason"]}


class ProtectionForm(StepForm):
    tells = ("reason",)
    reason = words(
        _("Perlindungan yang diberikan"),
        Need.REASON,
        help_text=_("Apa yang dilakukan, oleh siapa, dan siapa yang dihubungi pelapor bila terancam lagi."),
    )


class MessageForm(NoteForm):
    tells = ("reason",)
    reason = words(pgettext_lazy("one", "Pesan"), help_text=_("Dibaca pelapor dengan kode pelacakannya."))
    reason.error_messages["required"] = _("Tulis pesannya.")
    to = forms.ChoiceField(label=_("Kepada"), required=False)
    field_order = ("version", "to", "reason")

    def prepare(self) -> None:
        """Ask to whom where several brought the matter: what is meant for one is not read by the others (D55)."""
        super().prepare()
        self.people = {str(each.pk): (each, label) for each, label in labelled(self.complaint) if not each.withdrawn_at}
        if len(self.people) > 1:
            names = [(key, label) for key, (_each, label) in self.people.items()]
            self.fields["to"].choices = [("", _("Semua pelapor, masing-masing")), *names]
        else:
            del self.fields["to"]

    def facts(self) -> dict[str, Any]:
        to = self.people.get(self.cleaned_data.get("to", ""))
        return {**super().facts(), "to": to[0]} if to else super().facts()


class AuthorityForm(StepForm):
    tells = ("reason",)
    authority = forms.CharField(
        label=_("Instansi yang dituju"),
        max_length=240,
        error_messages={"required": NEED_SENTENCES[Need.AUTHORITY]},
        help_text=_("Nama lengkap, supaya pelapor tahu ke mana bertanya."),
    )
    reason = words(_("Alasan"), Need.REASON)


class HandlerForm(StepForm):
    handler = forms.ModelChoiceField(
        None,
        label=_("Petugas"),
        empty_label=_("Pilih petugas"),
        error_messages={"required": _("Pilih petugasnya."), "invalid_choice": _("Pilih petugas dari daftar ini.")},
    )

    def prepare(self) -> None:
        complaint = self.complaint
        hidden = complaint.reported_parties.exclude(user=None).values("user")
        self.fields["handler"].queryset = (
            scope.users_for(Permission.HANDLE, complaint.office)
            .exclude(pk__in=hidden)
            .exclude(pk__in=complaint.recusals.values("user"))
            .order_by("name")
        )
        self.fields["handler"].initial = complaint.handler_id


class CategoryField(forms.ModelChoiceField):
    """Offer the categories of a programme, those of one nature together (D6)."""

    def offer(self, categories: Any) -> None:
        self.queryset = categories
        groups = [
            (nature.label, [(each.pk, each.name) for each in categories if each.nature == nature]) for nature in Nature
        ]
        self.choices = [("", self.empty_label), *(group for group in groups if group[1])]


class CategoryForm(StepForm):
    category = CategoryField(
        None,
        label=_("Kategori"),
        empty_label=_("Pilih kategori"),
        help_text=_("Tenggat dihitung ulang dari hari diterima; mengubah kategori tidak menambah waktu."),
        error_messages={
            "required": _("Pilih kategorinya."),
            "invalid_choice": _("Pilih kategori dari program pengaduan ini."),
        },
    )
    reason = words(_("Alasan"), Need.REASON, rows=3)

    def prepare(self) -> None:
        categories = Category.objects.filter(programme=self.complaint.programme_id, active=True)
        others = self.choose(categories.exclude(pk=self.complaint.category_id))
        self.fields["category"].offer(others.order_by("position", "name"))

    def choose(self, categories: QuerySet[Category]) -> QuerySet[Category]:
        """Return what may be chosen: who only proposes another nature does so on the page for it (D53)."""
        barred = needs.missing(
            Need.SECOND_PAIR, self.complaint, code="alihkan-sifat", by=self.by, now=self.now, facts={}
        )
        return categories.filter(nature=self.complaint.category.nature) if barred else categories


class NatureForm(CategoryForm):
    """Call a masalah a question, or a question a masalah: back to the registration (D6)."""

    def choose(self, categories: QuerySet[Category]) -> QuerySet[Category]:
        return categories.exclude(nature=self.complaint.category.nature)


class ConfirmForm(StepForm):
    """A step that needs nothing but the decision."""


class AttachForm(StepForm):
    """Hand in a document outside the steps that ask for one."""

    document = forms.ChoiceField(
        label=_("Jenis berkas"),
        choices=Attachment.Purpose.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih jenis berkasnya.")},
    )
    file = forms.FileField(
        label=_("Berkas"),
        help_text=_("Foto (JPG, PNG) atau PDF, paling besar 10 MB."),
        error_messages={"required": _("Pilih berkasnya.")},
    )

    def facts(self) -> dict[str, Any]:
        return {}

    def purpose_of_file(self) -> str:
        return self.cleaned_data["document"]
