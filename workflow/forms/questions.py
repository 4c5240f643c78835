"""Asking for what is missing, and answering with one tap: the same fields for complainants and officers (D59)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pengaduan.models import Complaint, Stage
from tiers.forms import DayMonthYearField
from tiers.models import Region, Tier
from workflow import questions
from workflow.calendar import local_day
from workflow.forms.steps import StepForm, words
from workflow.machine import NEED_SENTENCES, Need
from workflow.models import Pause, ReplyTemplate
from workflow.notices import INCOMPLETE
from workflow.questions import CHOICE, DATE, PLACE, YEAR, Question

FIRST_YEAR = 1998
NOTHING = _("Jawab pertanyaan ini, atau centang “Saya tidak tahu”.")
Answers = dict[str, dict[str, Any]]


def ready(complaint: Complaint) -> list[Question]:
    """Return the questions that the programme keeps ready."""
    template = ReplyTemplate.objects.filter(programme=complaint.programme_id, code=INCOMPLETE).first()
    return template.questions if template else []


class QuestionsForm(StepForm):
    """Ask for what is missing: ticked beforehand is what the register lacks."""

    tells = ("questions",)
    wanted = forms.MultipleChoiceField(
        label=_("Apa yang belum diketahui?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Pelapor menjawab setiap pertanyaan tersendiri; cukup satu ketukan bila ada pilihannya."),
    )
    questions = words(_("Pertanyaan lain"), rows=3, required=False)

    def prepare(self) -> None:
        self.ready = ready(self.complaint)
        if self.ready:
            self.fields["wanted"].choices = [(each["code"], each["question"]) for each in self.ready]
            self.fields["wanted"].initial = questions.lacking(self.ready, self.complaint)
        else:
            del self.fields["wanted"]
            self.fields["questions"].label = _("Apa yang harus dilengkapi pelapor?")
            self.fields["questions"].required = True
            self.fields["questions"].error_messages["required"] = NEED_SENTENCES[Need.QUESTIONS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "wanted" in self.fields and not cleaned.get("wanted") and not cleaned.get("questions"):
            self.add_error("wanted", NEED_SENTENCES[Need.QUESTIONS])
        return cleaned

    def facts(self) -> dict[str, Any]:
        """Return the chosen questions in their order, the officer's own last; alone it stays a plain text."""
        own, codes = self.cleaned_data["questions"], self.cleaned_data.get("wanted", [])
        chosen = [each for each in self.ready if each["code"] in codes]
        return {"questions": [*chosen, *([questions.free(own)] if own else [])] if chosen else own}

    def reply(self) -> tuple[str, dict[str, str]]:
        asked = self.facts()["questions"]
        template = INCOMPLETE if self.complaint.stage == Stage.REGISTRATION else "minta-kelengkapan"
        return template, {"pertanyaan": asked if isinstance(asked, str) else questions.in_words(asked)}


class OneTap:
    """The fields for the questions of a pause, mixed into a form; `answers` is what the verb keeps."""

    asked: list[Question]
    within: Region
    strict = True  # each question wants an answer or "Saya tidak tahu"

    def ask(self, pause: Pause | None, complaint: Complaint, *, now: datetime) -> None:
        """Put the questions before the fields that the form has already."""
        self.asked = pause.questions if pause else []
        self.within = complaint.region
        self.today = local_day(now, complaint.zone)
        own = list(self.fields)
        for each in self.asked:
            self.fields[_name(each)] = self._field(each)
            if each["kind"] != CHOICE and self.strict:
                heard = f"{_('Saya tidak tahu')}: {each['question']}"  # there may be several of them on the page
                self.fields[_unknown(each)] = forms.BooleanField(
                    label=_("Saya tidak tahu"), required=False, widget=forms.CheckboxInput({"aria-label": heard})
                )
        self.order_fields([name for name in self.fields if name not in own] + own)

    def _field(self, question: Question) -> forms.Field:
        about = {"label": question["question"], "required": False}
        kind = question["kind"]
        if kind == CHOICE:
            options = [(option, option) for option in question["options"]]
            field = forms.ChoiceField(
                choices=[*options, (questions.UNKNOWN, _("Saya tidak tahu"))], widget=forms.RadioSelect, **about
            )
            field.required = self.strict
            field.error_messages["required"] = _("Pilih salah satu; bila tidak tahu, pilih “Saya tidak tahu”.")
            return field
        if kind == DATE:
            return DayMonthYearField(help_text=_("Perkiraan juga boleh."), **about)
        if kind == YEAR:
            return forms.IntegerField(
                min_value=FIRST_YEAR,
                max_value=self.today.year,
                widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-4"}),
                error_messages={"invalid": _("Tulis tahun dengan empat angka, misalnya 2026.")},
                **about,
            )
        if kind == PLACE:
            return self._place(about)
        return forms.CharField(max_length=4000, widget=forms.Textarea({"rows": 4}), **about)

    def _place(self, about: dict[str, Any]) -> forms.Field:
        """Offer the villages of a known kecamatan; above it, 300 of them are too many for a weak signal."""
        if self.within.tier == Tier.KECAMATAN:
            villages = Region.objects.filter(parent=self.within, valid_to=None).order_by("name")
            choices = [("", _("Pilih desa atau kelurahan")), *((each.code, each.name) for each in villages)]
            return forms.ChoiceField(choices=choices, **about)
        return forms.CharField(max_length=240, help_text=_("Misalnya: Sukamaju, Kecamatan Salem."), **about)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.answers = {each["code"]: self._answer(each, cleaned) for each in self.asked}
        self.answers = {code: answer for code, answer in self.answers.items() if answer}
        for each in self.asked:
            name = _name(each)
            if self.strict and each["code"] not in self.answers and name not in self.errors:
                self.add_error(name, NOTHING)
            elif each["kind"] == DATE and (cleaned.get(name) or self.today) > self.today:
                self.add_error(name, _("Tanggal kejadian tidak boleh di masa depan."))
        return cleaned

    def _answer(self, question: Question, cleaned: dict[str, Any]) -> dict[str, Any]:
        """Return an answer in words, and as a value where the register can take it over."""
        given = cleaned.get(_name(question))
        if not given:
            return {"answer": questions.UNKNOWN} if cleaned.get(_unknown(question)) else {}
        kind = question["kind"]
        if kind == PLACE:
            return self._place_answer(given)
        if kind == DATE:
            return {"answer": f"{given.day}-{given.month}-{given.year}", "value": given.isoformat()}
        return {"answer": str(given), "value": str(given)} if kind == YEAR else {"answer": given}

    def _place_answer(self, given: str) -> dict[str, Any]:
        if self.within.tier == Tier.KECAMATAN:
            village = Region.objects.get(pk=given)
            return {"answer": f"{village.name}, {self.within.name}", "value": village.code}
        village = questions.village_named(given, self.within)
        return {"answer": given, "value": village.code} if village else {"answer": given}


class CompletionForm(OneTap, StepForm):
    """What the complainant told an officer, question by question or in words (D12, D21)."""

    answer = words(_("Keterangan dari pelapor"), help_text=_("Tulis apa yang disampaikan pelapor kepada Anda."))
    answer.error_messages["required"] = _("Tulis keterangan yang disampaikan pelapor.")
    strict = False
    mark_optional = False

    def prepare(self) -> None:
        pause = Pause.objects.filter(complaint=self.complaint, ended_at=None).first()
        self.ask(pause, self.complaint, now=self.now)
        if self.asked:
            self.fields["answer"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.asked and not self.answers and not cleaned.get("answer"):
            self.add_error("answer", self.fields["answer"].error_messages["required"])
        return cleaned

    def facts(self) -> dict[str, Any]:
        return {"answer": self.cleaned_data["answer"], "answers": self.answers}


class AnswersForm(OneTap, forms.Form):
    """The complainant's answers to the questions, each with one tap where there is a choice."""

    words = forms.CharField(
        label=pgettext_lazy("more words", "Keterangan lain"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 4}),
    )
    mark_optional = False

    def __init__(self, *args: Any, pause: Pause, complaint: Complaint, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ask(pause, complaint, now=now)

    @property
    def kept_words(self) -> str:
        """Return all that was answered as a text, to be shown again when the step was refused."""
        told = questions.told(questions.answered(self.asked, self.answers))
        return "\n".join(filter(None, [told, self.cleaned_data["words"]]))


def _name(question: Question) -> str:
    return f"q-{question['code']}"


def _unknown(question: Question) -> str:
    return f"q-{question['code']}-tidak-tahu"
