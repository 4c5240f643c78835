"""The form with which an officer asks for a list: what, of which area and days, in which form."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.export_models import Export, Format, reading_offices
from reports.lists import exports
from reports.periods import JAKARTA
from tiers import scope
from tiers.forms import DayMonthYearField, HintedRadioSelect
from tiers.models import CODE_LENGTH, Office, Region, Tier, User
from tiers.permissions import Permission

NATION = "nasional"
EARLIEST = date(2000, 1, 1)
HINTS = {
    "matriks": gettext_lazy("Setiap kasus yang terbuka pada masa itu, dengan tahap, tindakan, hasil, dan tenggatnya."),
    "rekapitulasi": gettext_lazy(
        "Setiap pengaduan yang diterima pada masa itu, sampai selesai dan tanggapan pelapornya."
    ),
}
FORMAT_HINTS = {
    Format.PDF: gettext_lazy("Melintang, siap dicetak. Daftar panjang dibagi dalam beberapa berkas."),
    Format.XLSX: gettext_lazy("Untuk disaring dan dihitung lagi."),
    Format.CSV: gettext_lazy("Untuk aplikasi lain. Kolom dipisahkan titik koma."),
}


class AskForm(forms.Form):
    """`user` asks on a day in Jakarta; the areas below the one that was chosen last are offered too."""

    mark_optional = False
    apa = forms.ChoiceField(label=gettext_lazy("Daftar"), widget=HintedRadioSelect(HINTS))
    program = forms.ChoiceField(label=gettext_lazy("Program"))
    wilayah = forms.ChoiceField(label=gettext_lazy("Wilayah"))
    dari = DayMonthYearField(label=gettext_lazy("Dari tanggal"))
    sampai = DayMonthYearField(label=gettext_lazy("Sampai tanggal"))
    bentuk = forms.ChoiceField(
        label=gettext_lazy("Bentuk"), choices=Format.choices, widget=HintedRadioSelect(FORMAT_HINTS)
    )

    def __init__(self, data: QueryDict | None = None, *, user: User, now: datetime, **rest: Any) -> None:
        super().__init__(data, **rest)
        self.user, self.now = user, now
        self.offices = scope.offices_of(user, Permission.SEE)
        self.opens = any(office.tier > Tier.DESA for office in self.offices)
        self.programmes = sorted({each.programme for each in self.offices}, key=lambda each: each.name)
        self.fields["apa"].choices = [(each.code, each.name) for each in exports.LISTINGS.values() if each.offered]
        self.fields["program"].choices = [(each.code, each.name) for each in self.programmes]
        chosen = (data if data is not None else self.initial).get("wilayah") or ""
        self.fields["wilayah"].choices = list(_areas(self.offices, chosen))

    def clean_dari(self) -> date:
        day = self.cleaned_data["dari"]
        if day < EARLIEST:
            raise forms.ValidationError(_("Tulis tahun dengan empat angka, misalnya 2026."))
        if day > self.now.astimezone(JAKARTA).date():
            raise forms.ValidationError(_("Tanggal ini belum tiba. Pilih hari ini atau sebelumnya."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        first, last = given.get("dari"), given.get("sampai")
        if first and last and last < first:
            self.add_error("sampai", _("Tanggal terakhir harus sama dengan tanggal pertama atau sesudahnya."))
        if "program" in given and "wilayah" in given:
            programme = next(each for each in self.programmes if each.code == given["program"])
            region = None if given["wilayah"] == NATION else Region.objects.get(pk=given["wilayah"])
            if not reading_offices(self.user, programme, region):
                self.add_error("wilayah", _("Untuk program ini Anda tidak membaca seluruh wilayah itu. Pilih lagi."))
            self.subject = programme, region
        return given

    def export(self) -> Export:
        """Return what is asked for, not kept yet."""
        given = self.cleaned_data
        programme, region = self.subject
        return Export(
            asked_by=self.user, asked_at=self.now, what=given["apa"], format=given["bentuk"], programme=programme,
            region=region, first_on=given["dari"], last_on=given["sampai"],
        )  # fmt: skip


def initial(asked: QueryDict, *, user: User, now: datetime) -> dict[str, Any]:
    """Return what the address asks for; else the running month of the widest area that the user reads."""
    today = now.astimezone(JAKARTA).date()
    offices = scope.offices_of(user, Permission.SEE)
    widest = max(offices, key=lambda office: office.tier, default=None)
    return {
        "apa": asked.get("apa", "matriks"),
        "program": asked.get("program") or (widest.programme.code if widest else ""),
        "wilayah": asked.get("wilayah") or (widest.region_id if widest else "") or NATION,
        "dari": _day(asked.get("dari")) or today.replace(day=1),
        "sampai": _day(asked.get("sampai")) or today,
        "bentuk": asked.get("bentuk", Format.XLSX),
    }


def _areas(offices: Iterable[Office], chosen: str) -> Iterable[tuple[str, str]]:
    """Yield the own areas and what lies right below them, and below the chosen one if it is within reach."""
    own = {office.region_id for office in offices}
    opened = {code for code in own if code}
    if any(chosen == code or None in own or chosen.startswith(f"{code}.") for code in own):
        opened |= {chosen[:length] for length in CODE_LENGTH.values() if length <= len(chosen)}
        opened = {code for code in opened if None in own or any(code.startswith(each) for each in own)}
    shown = Q(pk__in=opened) | Q(parent__in=opened)
    if None in own:
        yield NATION, _("Nasional")
        shown |= Q(tier=Tier.PROVINSI)
    top = min((len(code) for code in own if code and None not in own), default=0)
    for region in Region.objects.filter(shown).order_by("code"):
        depth = region.code.count(".") - (top and min(code.count(".") for code in own if code))
        yield region.pk, f"{'– ' * depth}{region.name}"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
