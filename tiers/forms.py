"""Form parts that every page shares: a date in three boxes and choices that explain themselves."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import get_text_list
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

YEARS = range(1900, 2200)
DATE_PARTS = ("day", "month", "year")


class DayMonthYearWidget(forms.MultiWidget):
    """Ask for a date in three short boxes: a calendar pop-up is hard to use on an old phone and for dates long ago."""

    template_name = "django/forms/widgets/day_month_year.html"
    use_fieldset = True
    labels = (_("Tanggal"), _("Bulan"), _("Tahun"))
    ranges = (range(1, 32), range(1, 13), YEARS)

    def __init__(self, attrs: dict | None = None):
        boxes = {name: forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}) for name in DATE_PARTS}
        super().__init__(boxes, attrs)

    def decompress(self, value: date | None) -> list:
        return [value.day, value.month, value.year] if value else [None, None, None]

    def faulty_parts(self, typed) -> list[int]:
        """Return the places of the boxes to mark: those that are empty or impossible by themselves, else all three."""
        values = typed if isinstance(typed, list | tuple) else self.decompress(typed)
        faulty = [place for place, value in enumerate(values) if _number(value) not in self.ranges[place]]
        return faulty or [0, 1, 2]

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        parts = context["widget"]["subwidgets"]
        faulty = self.faulty_parts(value) if "aria-invalid" in context["widget"]["attrs"] else []
        for place, (part, label) in enumerate(zip(parts, self.labels, strict=True)):
            width = 4 if place == 2 else 2
            classes = f"govuk-input govuk-date-input__input govuk-input--width-{width}"
            part["label"] = label
            part["attrs"]["class"] = f"{classes} govuk-input--error" if place in faulty else classes
            if place not in faulty:
                part["attrs"].pop("aria-invalid", None)
        return context


class DayMonthYearField(forms.Field):
    """Read a date from three boxes; the sentence of a refusal says what is missing or wrong.

    Whether a true date makes sense (not in the future, not before the programme) is the form's to say.
    """

    widget = DayMonthYearWidget
    default_error_messages = {
        "required": _("Isi tanggalnya, misalnya 27 3 2026."),
        "incomplete": _("Tanggal belum lengkap: isi %(missing)s."),
        "year": _("Tulis tahun dengan empat angka, misalnya 2026."),
        "invalid": _("Tanggal harus berupa tanggal yang benar, misalnya 27 3 2026."),
    }

    def to_python(self, value) -> date | None:
        if value is None or isinstance(value, date):
            return value
        typed = [str(part or "").strip() for part in value]
        if not any(typed):
            return None
        names = (pgettext("part of a date", "tanggal"), pgettext("part of a date", "bulan"), gettext("tahun"))
        missing = [name for name, part in zip(names, typed, strict=True) if not part]
        if missing:
            raise self._refusal("incomplete", missing=get_text_list(missing, gettext("dan")))
        day, month, year = (_number(part) for part in typed)
        if year is not None and year not in YEARS:
            raise self._refusal("year")
        try:
            return date(year, month, day)
        except (TypeError, ValueError):
            raise self._refusal("invalid") from None

    def _refusal(self, code: str, **params) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)


class HintedRadioSelect(forms.RadioSelect):
    """Offer choices that each carry a line of explanation; `hints` maps a choice's value to its line."""

    def __init__(self, hints: dict | None = None, **kwargs):
        super().__init__(**kwargs)
        self.hints = hints or {}

    def create_option(self, name, value, *args, **kwargs):
        option = super().create_option(name, value, *args, **kwargs)
        option["hint"] = self.hints.get(getattr(value, "value", value))
        return option


def _number(text) -> int | None:
    digits = str(text or "").strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 4 else None
