"""The forms of the steps between offices: raise, lower, help, place, weight, whom it is against (D14, D33–D36)."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint, HelpRequest, Weight
from tiers.forms import DayMonthYearField
from tiers.models import Office, ProgrammeTier, Region, Tier, User
from workflow import routing
from workflow.actions import helping, placing
from workflow.calendar import local_day
from workflow.forms.steps import AuthorityForm, StepForm, words
from workflow.machine import NEED_SENTENCES, Need
from workflow.recognition import line_of, mentioned_in

PLACES = 20  # of one name that a page offers


class ReviewedForm(StepForm):
    """Raise or lower after a review with the supervisor; the page says from where to where (D33)."""

    reason = words(_("Hasil peninjauan bersama penyelia"), Need.REASON)
    goes_to: Callable[[Complaint], Office | None]  # which office would get the case

    def prepare(self) -> None:
        target = self.goes_to(self.complaint)
        if target is None:
            return
        rungs = {rung.tier: rung for rung in self.complaint.programme.ladder.all()}
        self.fields["reason"].help_text = gettext("Sekarang: %(here)s. Sesudah ini: %(there)s.") % {
            "here": _rung_words(rungs.get(self.complaint.tier), self.complaint.office),
            "there": _rung_words(rungs.get(target.tier), target),
        }


class RaiseForm(ReviewedForm):
    goes_to = staticmethod(routing.above)


class LowerForm(ReviewedForm):
    goes_to = staticmethod(routing.below)


def _rung_words(rung: ProgrammeTier | None, office: Office) -> str:
    """Return how officers call a rung: its degree where the programme has degrees (PNPM), and the office."""
    if rung and rung.degree:
        return gettext("derajat %(degree)d (%(office)s)") % {"degree": rung.degree, "office": office.name}
    return office.name


class HelpForm(StepForm):
    """Ask an office that sees the case, or one person, for help (D33)."""

    whom = forms.ChoiceField(
        label=_("Siapa yang diminta"),
        help_text=_("Orang yang dipilih dapat membaca kasus ini sampai kasusnya ditutup."),
        error_messages={"required": NEED_SENTENCES[Need.HELP], "invalid_choice": _("Pilih dari daftar ini.")},
    )
    asked = words(_("Bantuan yang diminta"), Need.HELP, rows=4, help_text=_("Misalnya: mendatangi pelaksana di desa."))
    until = DayMonthYearField(label=_("Paling lambat"), required=False)

    def prepare(self) -> None:
        self.offices = {str(office.pk): office for office in helping.offices_to_ask(self.complaint)}
        self.people = {str(user.pk): user for user in helping.people_to_ask(self.complaint, now=self.now)}
        self.fields["whom"].choices = [
            ("", _("Pilih kantor atau orang")),
            (_("Kantor"), [(f"kantor:{pk}", office.name) for pk, office in self.offices.items()]),
            (_("Satu orang"), [(f"orang:{pk}", user.name) for pk, user in self.people.items()]),
        ]

    def clean_until(self) -> date | None:
        day = self.cleaned_data["until"]
        if day and day < local_day(self.now, self.complaint.zone):
            raise forms.ValidationError(_("Tanggal ini sudah lewat. Pilih hari ini atau sesudahnya."))
        return day

    def facts(self) -> dict[str, Any]:
        kind, _colon, key = self.cleaned_data["whom"].partition(":")
        return {
            "asked": self.cleaned_data["asked"],
            "until": self.cleaned_data["until"],
            "office": self.offices.get(key) if kind == "kantor" else None,
            "user": self.people.get(key) if kind == "orang" else None,
        }


class RequestField(forms.ModelChoiceField):
    def label_from_instance(self, request: HelpRequest) -> str:
        return request.asked


class HelpAnswerForm(StepForm):
    request = RequestField(
        None,
        label=_("Yang diminta"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Pilih permintaan yang Anda jawab.")},
    )
    reason = words(
        _("Jawaban"), help_text=_("Apa yang Anda temukan atau kerjakan. Keputusan tetap pada yang memegang.")
    )
    reason.error_messages["required"] = _("Tulis jawabannya.")

    def prepare(self) -> None:
        waiting = helping.unanswered(self.complaint, by=self.by, now=self.now)
        self.fields["request"].queryset = waiting
        self.fields["request"].initial = waiting.first()


class PlaceField(forms.ModelChoiceField):
    def label_from_instance(self, region: Region) -> str:
        names, each = [region.name], region.parent
        while each:
            names.append(each.name)
            each = each.parent
        return ", ".join(names)


class PlaceForm(StepForm):
    """Name the village whose office should have the case: typed, and chosen where several have the name (D56)."""

    region = PlaceField(
        None,
        label=_("Pilih tempat yang dimaksud"),
        widget=forms.RadioSelect,
        required=False,
        empty_label=None,
        error_messages={"invalid_choice": _("Pilih dari daftar ini.")},
    )
    place = forms.CharField(
        label=_("Desa atau kelurahan yang seharusnya menangani"),
        required=False,
        max_length=60,
        help_text=_("Tulis namanya atau kodenya, misalnya Sidomulyo atau 33.29.01.2001."),
    )
    reason = words(_("Alasan"), Need.REASON, rows=4)

    def prepare(self) -> None:
        typed = " ".join(str(self.data.get("place", "")).replace("\0", "").split())[:60]
        self.found = list(_villages(typed, near=self.complaint.region_id)) if typed else []
        codes = [region.pk for region in (*self.suggested(), *self.found)]
        if codes:
            offered = Region.objects.filter(pk__in=codes).select_related("parent__parent__parent")
            self.fields["region"].queryset = offered.order_by("code")
        else:
            del self.fields["region"]

    def suggested(self) -> list[Region]:
        """Return the places that are offered without typing."""
        return []

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        if facts.get("region") or "region" in self.errors:
            return facts
        if len(self.found) == 1:
            facts["region"] = self.found[0]
        elif self.found:
            self.add_error("region", _("Ada beberapa tempat dengan nama itu. Pilih yang dimaksud."))
        elif facts.get("place"):
            self.add_error("place", _("Tidak ada desa atau kelurahan dengan nama atau kode itu. Periksa ejaannya."))
        else:
            self.add_error("place", NEED_SENTENCES[Need.PLACE])
        return facts

    def facts(self) -> dict[str, Any]:
        return {"region": self.cleaned_data["region"], "reason": self.cleaned_data["reason"]}


class DecidePlaceForm(PlaceForm):
    """Decide between the places that two offices named, or name a third (D56)."""

    def suggested(self) -> list[Region]:
        return [region for region in placing.places_named(self.complaint) if region.tier == Tier.DESA]


def _villages(typed: str, *, near: str) -> QuerySet[Region]:
    """Return the villages of a name or a code, those nearest to the place of the matter first."""
    villages = Region.objects.filter(tier=Tier.DESA, valid_to=None)
    if typed[0].isdigit():
        return villages.filter(pk=typed[:13])
    nearest = [When(code__startswith=near[:length], then=Value(-length)) for length in (8, 5, 2)]
    order = Case(*nearest, default=Value(0), output_field=IntegerField())
    return villages.filter(name__iexact=typed).order_by(order, "code")[:PLACES]


class WeightForm(StepForm):
    weight = forms.ChoiceField(label=_("Bobot"), choices=Weight.choices, widget=forms.RadioSelect)
    prominent = forms.BooleanField(
        label=_("Menonjol atau prioritas"),
        required=False,
        help_text=_("Masuk laporan dua mingguan. Penyelia dan jenjang di atas langsung diberi tahu."),
    )
    reason = words(_("Alasan"), Need.REASON, rows=4)

    def prepare(self) -> None:
        for name in ("weight", "prominent"):
            self.fields[name].initial = getattr(self.complaint, name)


class UserField(forms.ModelMultipleChoiceField):
    """People with the office where each works; `marked` are those whom the complaint's own words may mean."""

    marked: frozenset[int] = frozenset()
    posts: dict[int, str] = {}

    def label_from_instance(self, each: User | Office) -> str:
        name = f"{each}, {self.posts[each.pk]}" if each.pk in self.posts else str(each)
        return (
            gettext("%(name)s (mungkin disebut dalam pengaduan)") % {"name": name} if each.pk in self.marked else name
        )


class ReportedForm(StepForm):
    """Name whom the complaint is against: officers, offices, or words; also several (D35, D49)."""

    reported_user = UserField(None, label=_("Petugas"), required=False, widget=forms.CheckboxSelectMultiple)
    reported_office = UserField(
        None,
        label=_("Kantor"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Seluruh petugas kantor itu tidak melihat pengaduan ini lagi."),
    )
    reported_words = forms.CharField(
        label=_("Sebutan, bila bukan petugas atau kantor di atas"),
        required=False,
        max_length=240,
        help_text=_("Dengan kata yang netral. Yang dilaporkan dianggap tidak bersalah sampai terbukti."),
    )

    def prepare(self) -> None:
        on = local_day(self.now, self.complaint.zone)
        offices = line_of(self.complaint.programme, self.complaint.region, on=on)
        found = mentioned_in(self.complaint, on=on)
        parties = list(self.complaint.reported_parties.values_list("user_id", "office_id"))
        people, places = self.fields["reported_user"], self.fields["reported_office"]
        people.marked = frozenset(user.pk for user in found.users)
        people.posts = {person.pk: office.name for office in reversed(offices) for person in office.people}
        places.marked = frozenset(office.pk for office in found.offices)
        people.queryset = _marked_first(
            User.objects.filter(pk__in=people.posts).exclude(pk__in=[user for user, _ in parties if user]),
            people.marked,
            "name",
        )
        places.queryset = _marked_first(
            Office.objects.filter(pk__in=[office.pk for office in offices]).exclude(
                pk__in=[office for _, office in parties if office]
            ),
            places.marked,
            "tier",
        )

    def clean(self) -> dict[str, Any]:
        facts = super().clean()
        if not any(facts.get(name) for name in ("reported_user", "reported_office", "reported_words")):
            self.add_error("reported_words", NEED_SENTENCES[Need.REPORTED])
        return facts


def _marked_first(rows: QuerySet, marked: frozenset[int], then: str) -> QuerySet:
    first = Case(When(pk__in=marked, then=Value(0)), default=Value(1), output_field=IntegerField())
    return rows.order_by(first, then, "pk") if marked else rows.order_by(then, "pk")


class OverseersForm(AuthorityForm):
    """Hand the case to who oversees the programme: filled in from the programme (D35)."""

    def prepare(self) -> None:
        super().prepare()
        programme = self.complaint.programme
        parts = [programme.oversight_name, *programme.oversight_address.split("\n")]
        self.fields["authority"].initial = ", ".join(part.strip() for part in parts if part.strip())[:240]
