"""The forms about a complainant's identity: asking, deciding, and a new code for one that was lost (D62, D63)."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from workflow.actions.identity import MOST_HOURS
from workflow.forms.steps import words
from workflow.machine import Need
from workflow.models import IdentityRequest

HOURS = (4, 24, MOST_HOURS)
People = Iterable[tuple[str, str | Promise]]


class OfComplainant(forms.Form):
    """What is asked about one of the complainants; where there is one only, nobody has to choose."""

    complainant = forms.ChoiceField(
        label=_("Pelapor yang mana?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih pelapornya."), "invalid_choice": _("Pilih pelapor dari daftar ini.")},
    )

    def __init__(self, *args: Any, people: People, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = list(people)
        self.fields["complainant"].choices = choices
        if len(choices) == 1:
            self.fields["complainant"].initial = choices[0][0]
            self.fields["complainant"].widget = forms.HiddenInput()


class AskForm(OfComplainant):
    purpose = forms.ChoiceField(
        label=_("Untuk apa?"),
        choices=[(code, capfirst(label)) for code, label in IdentityRequest.Purpose.choices],
        widget=forms.RadioSelect,
        help_text=_("Pelapor diberi tahu keperluan ini."),
        error_messages={"required": _("Pilih keperluannya.")},
    )
    motive = words(
        _("Alasan"),
        Need.REASON,
        rows=4,
        help_text=_("Mengapa ini tidak dapat diselesaikan tanpa mengetahui siapa pelapornya."),
    )


class DecideForm(forms.Form):
    """Allow for some hours, or refuse; either with a reason."""

    REFUSE = "tolak"
    verdict = forms.ChoiceField(
        label=_("Keputusan Anda"),
        choices=[
            *((str(hours), format_lazy(_("Izinkan selama {hours} jam"), hours=hours)) for hours in HOURS),
            (REFUSE, _("Tolak")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih izinkan atau tolak.")},
    )
    reason = words(_("Alasan keputusan"), Need.REASON, rows=4, help_text=_("Dibaca petugas yang meminta."))

    @property
    def hours(self) -> int | None:
        verdict = self.cleaned_data["verdict"]
        return None if verdict == self.REFUSE else int(verdict)


class NewCodeForm(OfComplainant):
    """Recognise who lost the code; a telephone that is kept is compared and never shown."""

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    phone = PhoneNumberField(
        label=_("Nomor telepon yang disebut orang itu"),
        required=False,
        help_text=_("Bila waktu mengadu ia memberi nomor telepon, nomornya harus sama."),
        error_messages={"invalid": _("Nomor telepon ini tidak benar, misalnya 0812 3456 7890.")},
    )
    reason = words(
        _("Bagaimana Anda mengenali pelapor?"),
        rows=4,
        help_text=_("Misalnya: ia membawa tanda terima, atau tahu isi pengaduan yang hanya diketahui pelapor."),
    )
    reason.error_messages["required"] = _("Tulis bagaimana Anda mengenali pelapor.")
    field_order = ("version", "complainant", "phone", "reason")
