"""A form looks, speaks and refuses the same on every page: label, hint, error, and the summary above."""

import re
from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import Context, Template
from pytest_django.asserts import assertHTMLEqual

from tiers.forms import DayMonthYearField, HintedRadioSelect

EMPTY = "Isian ini belum diisi."


class Report(forms.Form):
    subject = forms.CharField(label="Pokok pengaduan", help_text="Satu kalimat.", max_length=20)
    when = DayMonthYearField(label="Tanggal kejadian", help_text="Misalnya 27 3 2026")
    secrecy = forms.ChoiceField(
        label="Siapa yang boleh tahu nama Anda?",
        choices=[("rahasia", "Rahasia"), ("terbuka", "Terbuka")],
        widget=HintedRadioSelect({"rahasia": "Hanya petugas."}),
    )
    place = forms.CharField(label="Tempat", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


class Closed(forms.Form):
    place = forms.CharField(label="Tempat")

    def clean(self):
        raise ValidationError("Wilayah ini sudah ditutup.")


def render(source: str, **context) -> str:
    return Template("{% load face %}" + source).render(Context(context))


def ids(html: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', html))


def summary_lines(html: str) -> list[tuple[str, str]]:
    return re.findall(r'<li>(?:<a href="#([^"]*)">)?([^<]+)', html)


def test_a_text_field_has_label_hint_and_error_tied_to_it():
    form = Report({"subject": "x" * 30})
    assertHTMLEqual(
        form["subject"].as_field_group(),
        """
        <div class="govuk-form-group govuk-form-group--error">
          <label class="govuk-label govuk-label--s" for="id_subject">Pokok pengaduan</label>
          <div class="govuk-hint" id="id_subject_helptext">Satu kalimat.</div>
          <p class="govuk-error-message" id="id_subject_error"><span class="govuk-visually-hidden">Kesalahan:</span>
            Pastikan nilai ini mengandung paling banyak 20 karakter (sekarang 30 karakter).</p>
          <input type="text" name="subject" value="xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" maxlength="20" required
            class="govuk-input govuk-input--error" aria-invalid="true" id="id_subject"
            aria-describedby="id_subject_helptext id_subject_error">
        </div>""",
    )


def test_choices_stand_in_a_fieldset_and_explain_themselves():
    assertHTMLEqual(
        Report({"secrecy": "terbuka"})["secrecy"].as_field_group(),
        """
        <div class="govuk-form-group"><fieldset class="govuk-fieldset">
          <legend class="govuk-fieldset__legend govuk-fieldset__legend--s">Siapa yang boleh tahu nama Anda?</legend>
          <div class="govuk-radios" id="id_secrecy">
            <div class="govuk-radios__item">
              <input class="govuk-radios__input" type="radio" name="secrecy" value="rahasia" id="id_secrecy_0"
                required aria-describedby="id_secrecy_0_hint">
              <label class="govuk-label govuk-radios__label" for="id_secrecy_0">Rahasia</label>
              <div class="govuk-hint govuk-radios__hint" id="id_secrecy_0_hint">Hanya petugas.</div>
            </div>
            <div class="govuk-radios__item">
              <input class="govuk-radios__input" type="radio" name="secrecy" value="terbuka" id="id_secrecy_1"
                required checked>
              <label class="govuk-label govuk-radios__label" for="id_secrecy_1">Terbuka</label>
            </div>
          </div></fieldset></div>""",
    )


@pytest.mark.parametrize(
    ("field", "classes"),
    [
        (forms.CharField(), "govuk-input"),
        (forms.CharField(widget=forms.PasswordInput), "govuk-input"),
        (
            forms.CharField(widget=forms.TextInput({"class": "govuk-input--width-10"})),
            "govuk-input govuk-input--width-10",
        ),
        (forms.CharField(widget=forms.Textarea), "govuk-textarea"),
        (forms.ChoiceField(choices=[("a", "A")]), "govuk-select"),
        (forms.FileField(), "govuk-file-upload"),
        (forms.BooleanField(), "govuk-checkboxes__input"),
    ],
)
def test_each_kind_of_control_has_its_class(field, classes):
    form = type("One", (forms.Form,), {"it": field})()
    assert re.findall(r'<(?:input|select|textarea)[^>]*class="([^"]*)"', form["it"].as_field_group()) == [classes]


def test_a_placeholder_is_never_shown():
    form = type("One", (forms.Form,), {"it": forms.CharField(widget=forms.TextInput({"placeholder": "Kode"}))})()
    assert "placeholder" not in form["it"].as_field_group()


def test_a_field_that_may_be_skipped_says_so_unless_the_form_says_it_nowhere():
    form = Report()
    assert render("{% field_label f %}", f=form["place"]) == "Tempat (boleh dilewati)"
    assert render("{% field_label f %}", f=form["subject"]) == "Pokok pengaduan"
    form.mark_optional = False
    assert render("{% field_label f %}", f=form["place"]) == "Tempat"


def test_the_question_of_a_page_is_its_heading():
    html = render("{% question f.subject %}{% question f.secrecy %}", f=Report())
    assert re.findall(r"<h1 [^>]*>(?:<label [^>]*>)?([^<]+)", html) == [
        "Pokok pengaduan",
        "Siapa yang boleh tahu nama Anda?",
    ]


def test_a_missing_answer_is_named():
    form = Report({})
    assert render("{% error_summary f %}", f=form).count(EMPTY) == 0
    assert summary_lines(render("{% error_summary f %}", f=form)) == [
        ("id_subject", "Pokok pengaduan wajib diisi."),
        ("id_when_0", "Isi tanggalnya, misalnya 27 3 2026."),
        ("id_secrecy_0", "Jawab pertanyaan ini: Siapa yang boleh tahu nama Anda?"),
    ]


def test_a_form_keeps_its_own_words_for_a_missing_answer():
    form = type("One", (forms.Form,), {"it": forms.CharField(error_messages={"required": "Tulis apa yang terjadi"})})(
        {}
    )
    assert summary_lines(render("{% error_summary f %}", f=form)) == [("id_it", "Tulis apa yang terjadi")]


def test_every_line_of_the_summary_leads_to_a_control_on_the_page():
    form = Report({"when_day": "31", "when_month": "3", "when_year": "26"})
    targets = {target for target, _ in summary_lines(render("{% error_summary f %}", f=form))}
    assert targets == {"id_subject", "id_when_2", "id_secrecy_0"}
    assert targets - ids(form.as_div()) == set()


def test_what_is_wrong_with_the_whole_form_is_told_once_with_or_without_a_summary():
    sentence = "Wilayah ini sudah ditutup."
    assert render("{% error_summary f %}{{ f.as_div }}", f=Closed({"place": "x"})).count(sentence) == 1
    assert render("{{ f.as_div }}", f=Closed({"place": "x"})).count(sentence) == 1


def test_a_form_that_is_right_has_no_summary_and_no_prefix():
    form = forms.Form({})
    assert render("{% error_summary f %}{% error_prefix f %}", f=form).strip() == ""
    assert render("{% error_prefix f %}", f=Closed({})) == "Kesalahan: "
    assert render("{% error_summary f %}{% error_prefix f %}").strip() == ""


def test_what_was_typed_is_shown_as_text_and_never_as_markup():
    html = Report({"subject": '"><script>', "when_day": '"><b>', "when_month": "1", "when_year": "2026"}).as_div()
    assert html.count("<script") == html.count("<b>") == 0


def typed(day: str, month: str, year: str) -> dict:
    return {"when_day": day, "when_month": month, "when_year": year}


class OnlyWhen(forms.Form):
    when = DayMonthYearField(required=False)


@pytest.mark.parametrize(
    ("boxes", "day"),
    [
        (("27", "3", "2026"), date(2026, 3, 27)),
        ((" 07 ", "03", "2026"), date(2026, 3, 7)),
        (("29", "2", "2024"), date(2024, 2, 29)),
        (("", "", ""), None),
    ],
)
def test_a_date_in_three_boxes_is_read(boxes, day):
    form = OnlyWhen(typed(*boxes))
    assert form.is_valid()
    assert form.cleaned_data == {"when": day}


IMPOSSIBLE = "Tanggal harus berupa tanggal yang benar, misalnya 27 3 2026."


@pytest.mark.parametrize(
    ("boxes", "sentence", "marked"),
    [
        (("29", "2", "2026"), IMPOSSIBLE, [0, 1, 2]),
        (("32", "1", "2026"), IMPOSSIBLE, [0]),
        (("1", "13", "2026"), IMPOSSIBLE, [1]),
        (("1", "Maret", "2026"), IMPOSSIBLE, [1]),
        (("-1", "3", "2026"), IMPOSSIBLE, [0]),
        (("²", "3", "2026"), IMPOSSIBLE, [0]),
        (("1", "3", "99999999999999999999"), IMPOSSIBLE, [2]),
        (("1", "3", "26"), "Tulis tahun dengan empat angka, misalnya 2026.", [2]),
        (("27", "3", ""), "Tanggal belum lengkap: isi tahun.", [2]),
        (("", "3", ""), "Tanggal belum lengkap: isi tanggal dan tahun.", [0, 2]),
    ],
)
def test_a_wrong_date_is_refused_with_a_sentence_and_the_wrong_box_marked(boxes, sentence, marked):
    form = OnlyWhen(typed(*boxes))
    assert form.errors == {"when": [sentence]}
    inputs = re.findall(r"<input[^>]*>", str(form["when"].as_field_group()))
    assert [place for place, tag in enumerate(inputs) if "govuk-input--error" in tag] == marked
    assert [place for place, tag in enumerate(inputs) if "aria-invalid" in tag] == marked
    assert [re.search(r'value="([^"]*)"', tag) is not None for tag in inputs] == [bool(box) for box in boxes]


def test_a_known_date_fills_the_boxes_and_counts_as_unchanged():
    form = OnlyWhen(typed("7", "3", "2026"), initial={"when": date(2026, 3, 7)})
    assert not form.has_changed()
    inputs = re.findall(r'value="([^"]*)"', OnlyWhen(initial={"when": date(2026, 3, 7)}).as_div())
    assert inputs == ["7", "3", "2026"]
