"""The form by which a proposal is decided (D33, D53)."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflow.forms.steps import words


class DecisionForm(forms.Form):
    """Agree, or refuse with a reason; who proposed reads it."""

    YES, NO = "setuju", "tolak"
    verdict = forms.ChoiceField(
        label=_("Keputusan Anda"),
        choices=[(YES, _("Setuju: langkah ini langsung diambil")), (NO, _("Tolak: tidak ada yang berubah"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Pilih setuju atau tolak.")},
    )
    reason = words(_("Hasil tinjauan Anda"), rows=4, required=False, help_text=_("Wajib diisi bila Anda menolak."))

    @property
    def approves(self) -> bool:
        return self.cleaned_data["verdict"] == self.YES

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("verdict") == self.NO and not cleaned.get("reason"):
            self.add_error("reason", _("Tulis mengapa usul ini Anda tolak."))
        return cleaned
