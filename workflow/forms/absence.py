"""The form of an absence: from when until when, and who stands in (D51)."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tiers import absences
from tiers.forms import DayMonthYearField
from tiers.models import Absence, Assignment, User
from workflow import standing_in


class StandInField(forms.ModelChoiceField):
    """Offer people with the office at which they work: of two with one name the right one is found."""

    offices: dict[int, str] = {}

    def label_from_instance(self, obj: User) -> str:
        return f"{obj} – {self.offices[obj.pk]}" if obj.pk in self.offices else str(obj)


class AbsenceForm(forms.Form):
    starts_on = DayMonthYearField(
        label=_("Hari pertama tidak hadir"),
        error_messages={"required": _("Isi hari pertama tidak hadir, misalnya 27 3 2026.")},
    )
    ends_on = DayMonthYearField(
        label=_("Hari terakhir tidak hadir"),
        help_text=_("Pada hari itu masih tidak hadir; besoknya kembali bertugas."),
        error_messages={"required": _("Isi hari terakhir tidak hadir, misalnya 28 3 2026.")},
    )
    stand_in = StandInField(
        None,
        label=_("Pengganti"),
        required=False,
        empty_label=_("Tanpa pengganti"),
        help_text=_("Orang yang bertugas di kantor yang sama atau di kantor di atasnya."),
        error_messages={"invalid_choice": _("Pilih pengganti dari daftar ini.")},
    )

    def __init__(self, *args: Any, user: User, by: User, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.by, self.now = user, by, now
        today = timezone.localdate(now)
        self.posts = absences.posts_to_fill(user, today, today, by=by, now=now)
        people = absences.fillable_by(self.posts, today, today)
        field = self.fields["stand_in"]
        field.queryset = User.objects.filter(pk__in=people).order_by("name", "pk")
        field.offices = _offices_of(people)
        if not people:
            del self.fields["stand_in"]

    def save(self) -> Absence:
        """Enter the absence and tell of it; raises ValidationError with what stands in the way."""
        facts = self.cleaned_data
        return standing_in.enter(
            self.user,
            facts["starts_on"],
            facts["ends_on"],
            by=self.by,
            now=self.now,
            stand_in=facts.get("stand_in"),
        )


class ShortenForm(forms.Form):
    ends_on = DayMonthYearField(
        label=_("Hari terakhir tidak hadir"),
        error_messages={"required": _("Isi hari terakhir tidak hadir, misalnya 28 3 2026.")},
    )


def _offices_of(people: dict[int, list[Assignment]]) -> dict[int, str]:
    """Return the lowest office of each person: the nearest to the one who is absent."""
    desks = Assignment.objects.own().filter(user__in=people, role__in=absences.DELEGABLE, ends_on=None)
    found: dict[int, str] = {}
    for user, name in desks.order_by("office__tier", "office__name").values_list("user_id", "office__name"):
        found.setdefault(user, name)
    return found
