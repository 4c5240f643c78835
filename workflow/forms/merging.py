"""Name the other complaint: one of those that look alike, or any other by its number (D20)."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint
from pengaduan.similar import similar_to
from workflow.forms.steps import StepForm, words
from workflow.machine import NEED_SENTENCES, Need


class OtherCaseForm(StepForm):
    """The verb refuses what the officer may not see with the same sentence as what does not exist."""

    alike = forms.ChoiceField(label=_("Yang mirip"), required=False, widget=forms.RadioSelect)
    original = forms.CharField(
        label=_("Nomor pengaduan yang lain"),
        max_length=40,
        required=False,
        help_text=_("Misalnya PKH-33.29-2026-000123."),
        error_messages={"required": NEED_SENTENCES[Need.ORIGINAL]},
    )

    def prepare(self) -> None:
        super().prepare()
        found = self.choices()
        if found:
            self.fields["alike"].choices = [(each.number, _as_line(each)) for each in found]
        else:
            del self.fields["alike"]
            self.fields["original"].required = True

    def choices(self) -> list[Complaint]:
        """Return the complaints to choose from."""
        return similar_to(self.complaint, user=self.by, now=self.now)

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        if not facts.get("original") and not facts.get("alike") and not self.errors:
            self.add_error("original", NEED_SENTENCES[Need.ORIGINAL])
        return facts

    def facts(self) -> dict[str, Any]:
        """Return the complaint of that number that the officer may see; the verb refuses None with its sentence."""
        facts = super().facts()
        number = facts.pop("original").strip().upper() or facts.get("alike", "")
        facts.pop("alike", None)
        return {**facts, "original": Complaint.objects.visible_to(self.by).filter(number=number).first()}


class DuplicateForm(OtherCaseForm):
    """The case that lives on; the verb refuses a younger one, so none is offered (D12)."""

    def choices(self) -> list[Complaint]:
        return [each for each in super().choices() if each.received_at <= self.complaint.received_at]


class UnlinkForm(OtherCaseForm):
    """The link that was wrong, and why."""

    reason = words(_("Alasan"), Need.REASON)
    field_order = ("version", "alike", "original", "reason")

    def prepare(self) -> None:
        super().prepare()
        if "alike" in self.fields:
            self.fields["alike"].label = _("Yang tertaut")

    def choices(self) -> list[Complaint]:
        linked = self.complaint.links.values_list("other", flat=True)
        return list(Complaint.objects.visible_to(self.by).filter(pk__in=list(linked)).order_by("received_at"))


def _as_line(complaint: Complaint):
    return format_html("{}: {}", complaint.number, complaint.subject)
