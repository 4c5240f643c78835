"""The public list of offices: choose a programme and a place, or search for the place (D5)."""

from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tiers import offices
from tiers.models import Programme, Region, Tier

LEVEL_BELOW = {
    None: _("Provinsi"),
    Tier.PROVINSI: _("Kabupaten atau kota"),
    Tier.KABUPATEN: _("Kecamatan"),
    Tier.KECAMATAN: _("Desa atau kelurahan"),
}


class PlaceForm(forms.Form):
    """The programme, and one level of the way down to the place; both may be left open."""

    mark_optional = False
    program = forms.ChoiceField(
        label=_("Program"), required=False, error_messages={"invalid_choice": _("Pilih program dari daftar ini.")}
    )
    wilayah = forms.CharField(label=_("Wilayah"), required=False)

    def __init__(self, *args, programmes: list[Programme], on: date, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choices = [(programme.code, programme.name) for programme in programmes]
        self.fields["program"].choices = [("", _("Semua program")), *choices]
        code = self.data.get("wilayah", "").strip()
        asked = offices.regions(on=on).filter(code=code) if code and "\0" not in code else Region.objects.none()
        self.region = asked.first()
        self._offer_level_below(on)

    def _offer_level_below(self, on: date) -> None:
        """Let the region be narrowed; a village cannot be, it goes along unseen."""
        field, region = self.fields["wilayah"], self.region
        if region and region.tier == Tier.DESA:
            field.widget = forms.HiddenInput()
            return
        below = offices.regions(on=on).filter(parent=region).values_list("code", "name")
        field.label = LEVEL_BELOW[region.tier if region else None]
        stay = (region.code, _("Seluruh %(place)s") % {"place": region.name}) if region else ("", _("Pilih …"))
        field.widget = forms.Select(choices=[stay, *sorted(below, key=lambda row: row[1])])

    def clean_wilayah(self) -> Region | None:
        if self.cleaned_data["wilayah"] and self.region is None:
            raise ValidationError(_("Wilayah ini tidak ada dalam daftar. Pilih lagi."))
        return self.region


@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """Show the offices of a place up to Pusat, the level below to narrow it, and what a search found."""
    today = timezone.localdate()
    programmes = list(offices.programmes())
    form = PlaceForm(request.GET, programmes=programmes, on=today)
    form.is_valid()
    region, code = form.region, form.cleaned_data.get("program")
    words = " ".join(request.GET.get("cari", "").replace("\0", "").split())[:100]
    found, more_found = offices.find(words, on=today)
    context = {
        "form": form,
        "program": code or "",
        "region": region,
        "path": offices.path(region),
        "list": offices.directory([each for each in programmes if code in (None, "", each.code)], region),
        "words": words,
        "found": found,
        "more_found": more_found,
    }
    return render(request, "warga/kantor.html", context, status=422 if form.errors else 200)
