"""A form whose text leaves the office: what may name a person in it is shown once before it is taken (D57)."""

import hashlib
from collections.abc import Iterable
from typing import Any

from cryptography.exceptions import InvalidTag
from django import forms
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complainant, Complaint, Secrecy
from tiers.models import User
from workflow import hints
from workflow.models import IdentityRequest

CHECKED = "checked"


class CheckedField(forms.MultipleChoiceField):
    """One box to tick. Its value names the findings that were shown, so that a tick is good for these only."""

    def __init__(self, value: str, **options: Any) -> None:
        label = _("Saya sudah memeriksa; teks ini boleh dibaca orang luar seperti tertulis")
        super().__init__(
            label=_("Sudah diperiksa?"),
            choices=[(value, label)],
            widget=forms.CheckboxSelectMultiple,
            **options,
        )


class Careful(forms.Form):
    """Show what the texts named in `tells` may give away, keep what was typed, and take it once that was ticked.

    A form of a case with `complaint` and `by`. Fields that are not there, or empty, are passed over.
    """

    tells: tuple[str, ...] = ()
    complaint: Complaint
    by: User

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        texts = {name: cleaned[name] for name in self.tells if cleaned.get(name)}
        names = names_known(self.complaint, by=self.by) if texts else []
        found = {name: each for name, text in texts.items() if (each := hints.find(text, names=names))}
        if found and not self._ticked(found):
            self.fields[CHECKED] = CheckedField(_marks(found.values()))
            for name, findings in found.items():
                self.add_error(CHECKED, f"{self.fields[name].label}: {hints.sentence(findings)}")
        return cleaned

    def _ticked(self, found: dict[str, list[hints.Finding]]) -> bool:
        """Say whether the box was ticked under these findings, or under more of them."""
        box = forms.CheckboxSelectMultiple()
        ticked = box.value_from_datadict(self.data, self.files, self.add_prefix(CHECKED)) or []
        shown = {mark for value in ticked for mark in value.split(".")}
        return set(_marks(found.values()).split(".")) <= shown


def names_known(complaint: Complaint, *, by: User) -> list[str]:
    """Return names to look for: the reported, and complainants whom this officer may know by name already.

    Whom they may not know is not compared: a hint would tell a stranger who complained without an opening on record.
    Known is who is `terbuka`, who is named in the words as received, whose identity this officer opened, and whom
    they recorded themselves (D37, D63).
    """
    names = []
    for party in complaint.reported_parties.select_related("user"):
        names += [party.user.name] if party.user else []
        names += [finding.words for finding in hints.find(party.words)]
    recorded = complaint.events.filter(seq=1, by=by).exists()
    opened = IdentityRequest.objects.filter(complaint=complaint, asked_by=by, opened_at__isnull=False)
    opened = set(opened.values_list("complainant", flat=True))
    for person in complaint.all_complainants():
        try:
            name = person.unseal_identity("name")
        except (InvalidTag, KeyError):
            continue  # what does not open is told by `rotate_keys`; an answer does not wait for it
        if name and (recorded or person.pk in opened or _is_known(person, name, complaint)):
            names.append(name)
    return names


def _is_known(person: Complainant, name: str, complaint: Complaint) -> bool:
    return person.secrecy == Secrecy.OPEN or name.casefold() in complaint.text.original.casefold()


def _marks(found: Iterable[list[hints.Finding]]) -> str:
    words = sorted({finding.words.casefold() for findings in found for finding in findings})
    return ".".join(hashlib.sha256(each.encode()).hexdigest()[:12] for each in words)
