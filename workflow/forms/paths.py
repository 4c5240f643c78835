"""The forms of the ways of their own that a programme gives some categories (D20, D36)."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Attachment, Complaint
from workflow.actions.paths import COORDINATE, REVISE
from workflow.forms.steps import AuthorityForm, FileForm, StepForm, words
from workflow.machine import NEED_SENTENCES, Need


class MasterDataForm(FileForm):
    """Send statement and documents to Pusat with a recommendation."""

    reason = words(
        _("Rekomendasi"),
        help_text=_("Apa yang harus diperbaiki, dan bukti apa yang mendukungnya. Tanpa nama pelapor."),
    )
    reason.error_messages["required"] = _("Tulis rekomendasinya.")
    purpose, need, file_label = Attachment.Purpose.EVIDENCE, Need.PROOF, _("Dokumen pendukung")
    field_order = ("version", "reason", "file")


class DecisionForm(StepForm):
    tells = ("reason",)
    approved = forms.TypedChoiceField(
        label=_("Keputusan"),
        choices=[("ya", _("Basis data diperbaiki")), ("tidak", _("Basis data tidak diubah"))],
        coerce=lambda answer: answer == "ya",
        widget=forms.RadioSelect,
        error_messages={"required": NEED_SENTENCES[Need.DECISION]},
    )
    reason = words(
        _("Alasan keputusan"), Need.DECISION, help_text=_("Disampaikan kepada kantor yang merekomendasikan.")
    )


class CoordinationForm(AuthorityForm):
    def prepare(self) -> None:
        super().prepare()
        self.fields["authority"].label = _("Dinas teknis")
        self.fields["authority"].help_text = _("Misalnya Dinas Kesehatan Kabupaten Brebes.")
        self.fields["reason"].label = _("Yang disampaikan kepada tim koordinasi")


class PayerForm(StepForm):
    asked = forms.ChoiceField(
        label=_("Yang diminta dari Pusat"),
        choices=[
            (COORDINATE, _("Menghubungi penyalur supaya kantornya di sini menindaklanjuti")),
            (REVISE, _("Meninjau ulang kerja sama: masalahnya terus terjadi dan meluas")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih apa yang diminta.")},
    )
    reason = words(
        _("Alasan"), Need.REASON, help_text=_("Apa yang sudah dicoba dengan kantor penyalur di tempat, dan hasilnya.")
    )


class ComplaintsField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, complaint: Complaint) -> str:
        return f"{complaint.number}: {complaint.subject} ({complaint.region.name})"


class JointForm(forms.Form):
    """Choose the complaints of an area that go to Pusat in one recommendation (D36)."""

    complaints = ComplaintsField(
        None,
        label=_("Pengaduan"),
        widget=forms.CheckboxSelectMultiple({"class": "govuk-checkboxes--small"}),
        error_messages={"required": _("Pilih sedikitnya dua pengaduan.")},
    )
    text = words(
        _("Rekomendasi kepada Pusat"),
        help_text=_("Berapa rumah tangga, di mana, mengapa mereka memenuhi syarat. Tanpa nama orang."),
    )
    text.error_messages["required"] = _("Tulis rekomendasinya.")

    def __init__(self, *args: Any, complaints: QuerySet[Complaint], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["complaints"].queryset = complaints
