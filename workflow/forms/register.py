"""The four ways that lead on from the register: registered, incomplete, not ours, thanks (D17-D19)."""

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Attachment, Complaint, Weight
from pengaduan.similar import similar_to
from tiers.forms import DayMonthYearField
from tiers.models import Region, Tier
from workflow import questions
from workflow.calendar import local_day
from workflow.forms.steps import AuthorityForm, StepForm, words
from workflow.machine import NEED_SENTENCES, Need

# What may be recorded (D18), point by point; evidence is looked at only where the category asks for it.
EVIDENCE = "bukti"
POINTS = (
    ("terkait", _("Isinya terkait dengan program ini")),
    ("tempat", _("Lokasinya lengkap: desa/kelurahan, kecamatan, kabupaten/kota, provinsi")),
    (EVIDENCE, _("Ada bukti, atau keterangannya lengkap, supaya tidak menjadi fitnah")),
    ("sopan", _("Teks yang dicatat sopan dan berkaidah")),
    ("fitnah", _("Bukan fitnah dan bukan hasutan")),
    ("hina", _("Tidak menghina dan tidak melecehkan siapa pun")),
    ("susila", _("Tidak memuat pornografi atau narkoba")),
    ("sara", _("Tidak berbau SARA (suku, agama, ras, antargolongan)")),
    ("iklan", _("Bukan iklan")),
    ("politik", _("Tidak bernuansa politik")),
)


class RegisterForm(StepForm):
    """Close the register (D17, D18): the officer's wording beside the original, the facts, and what was looked at."""

    tells = ("subject", "recorded")
    subject = forms.CharField(label=_("Pokok pengaduan"), max_length=160, help_text=_("Satu kalimat pendek."))
    recorded = words(
        _("Teks yang dicatat"),
        Need.REGISTER,
        rows=10,
        help_text=_("Tulis dengan kata yang sopan dan tanpa nama pelapor. Teks asli tetap disimpan."),
    )
    region = forms.ModelChoiceField(
        Region.objects.none(),
        label=_("Desa atau kelurahan"),
        empty_label=_("Pilih desa atau kelurahan"),
        help_text=_("Bila kantor di sana yang menangani, pengaduan ini langsung diteruskan kepadanya."),
        error_messages={
            "required": _("Pilih desa atau kelurahannya. Bila belum diketahui, minta pelapor melengkapi."),
            "invalid_choice": _("Pilih desa atau kelurahan di dalam wilayah pengaduan ini."),
        },
    )
    information_complete = forms.BooleanField(
        label=_("Keterangannya sudah lengkap walaupun tanpa bukti"), required=False
    )
    field = forms.ModelChoiceField(None, label=_("Bidang"), required=False, empty_label=_("Belum ditentukan"))
    source = forms.ModelChoiceField(None, label=_("Sumber"), required=False, empty_label=_("Tidak diketahui"))
    channel = forms.ModelChoiceField(None, label=_("Media"), empty_label=None)
    weight = forms.ChoiceField(
        label=_("Bobot"), choices=Weight.choices, widget=forms.RadioSelect({"class": "govuk-radios--inline"})
    )
    programme_year = forms.IntegerField(
        label=_("Tahun program"),
        required=False,
        min_value=1998,
        max_value=2100,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-4"}),
    )
    occurred_on = DayMonthYearField(label=_("Tanggal kejadian"), required=False)
    suitable = forms.MultipleChoiceField(
        label=_("Yang harus diperiksa sebelum dicatat"),
        help_text=_("Centang satu per satu. Bila ada yang tidak terpenuhi, pilih jalan lain di atas."),
        widget=forms.CheckboxSelectMultiple({"class": "govuk-checkboxes--small"}),
        error_messages={"required": NEED_SENTENCES[Need.SUITABLE]},
    )

    def prepare(self) -> None:
        complaint, programme = self.complaint, self.complaint.programme
        self.fields["field"].queryset = programme.field_entries.filter(active=True).order_by("position")
        self.fields["source"].queryset = programme.source_entries.filter(active=True).order_by("position")
        self.fields["channel"].queryset = programme.channel_entries.filter(active=True).order_by("position")
        for name in ("subject", "weight", "programme_year", "occurred_on"):
            self.fields[name].initial = getattr(complaint, name)
        for name in ("field", "source", "channel"):
            self.fields[name].initial = getattr(complaint, f"{name}_id")
        self.fields["recorded"].initial = complaint.text.recorded or complaint.text.original
        self._offer_villages()
        self._take_over_answers()
        asks_evidence = complaint.category.evidence == "required"
        if not asks_evidence:
            del self.fields["information_complete"]
        self.fields["suitable"].choices = [each for each in POINTS if asks_evidence or each[0] != EVIDENCE]

    def _offer_villages(self) -> None:
        """Offer the villages inside the place that is known, those of one kecamatan together (D18)."""
        known, field = self.complaint.region, self.fields["region"]
        if known.tier == Tier.DESA:
            del self.fields["region"]
            return
        inside = Region.objects.filter(tier=Tier.DESA, code__startswith=f"{known.code}.", valid_to=None)
        field.queryset = inside
        groups: dict[str, list[tuple[str, str]]] = {}
        for village in inside.select_related("parent").order_by("parent__name", "name"):
            groups.setdefault(village.parent.name, []).append((village.code, village.name))
        field.choices = [("", field.empty_label), *groups.items()]

    def _take_over_answers(self) -> None:
        """Let what the complainant answered stand where the register has nothing yet (D59)."""
        for name, value in questions.known(self.complaint).items():
            if name in self.fields and not self.fields[name].initial:
                self.fields[name].initial = value

    def clean_occurred_on(self):
        day = self.cleaned_data["occurred_on"]
        if day and day > local_day(self.now, self.complaint.zone):
            raise forms.ValidationError(_("Tanggal kejadian tidak boleh di masa depan."))
        return day

    @property
    def alike(self) -> list[Complaint]:
        """Return what may be the same matter, to look at before it is registered twice (D20, D55)."""
        return similar_to(self.complaint, user=self.by, now=self.now)

    @property
    def answered(self) -> list[questions.Question]:
        """Return what the complainant answered to the questions put so far."""
        asked = self.complaint.pauses.order_by("started_at").values_list("questions", flat=True)
        return [each for one in asked for each in one if each.get("answer")]

    @property
    def evidence(self) -> str:
        """Say how many files there are."""
        number = self.complaint.attachments.exclude(state=Attachment.State.REFUSED).count()
        return ngettext("%d berkas", "%d berkas", number) % number if number else gettext("Tidak ada berkas")

    @property
    def late_days(self) -> int | None:
        """Return after how many days the complaint came, where that is later than the programme asks for (D13)."""
        complaint = self.complaint
        day = getattr(self, "cleaned_data", {}).get("occurred_on") or self.fields["occurred_on"].initial
        return complaint.programme.days_too_late(day, local_day(complaint.received_at, complaint.zone))

    def facts(self) -> dict[str, Any]:
        """Return the facts; the text is suitable when each point was ticked."""
        points = {code for code, _label in self.fields["suitable"].choices}
        return super().facts() | {"suitable": set(self.cleaned_data["suitable"]) == points}


class Suggesting(forms.TextInput):
    """A line of text with suggestions, which an old browser simply does not show."""

    template_name = "django/forms/widgets/suggesting.html"

    def __init__(self, suggestions: list[str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if self.suggestions:
            context["widget"]["attrs"]["list"] = f"{context['widget']['attrs']['id']}_saran"
        return context | {"suggestions": self.suggestions}


class NotOursForm(AuthorityForm):
    """Answer that the matter is not this programme's, and where to turn instead (D19)."""

    field_order = ("version", "authority", "reason")

    def prepare(self) -> None:
        super().prepare()
        lines = [line.strip() for line in self.complaint.programme.elsewhere.splitlines()]
        self.fields["authority"].label = _("Ke mana pelapor sebaiknya bertanya")
        self.fields["authority"].widget = Suggesting([line for line in lines if line], {"maxlength": "240"})
        self.fields["reason"].label = _("Alasannya, seperti dibaca pelapor")
        self.fields["reason"].widget.attrs["rows"] = 4

    def reply(self) -> tuple[str, dict[str, str]]:
        return "bukan-kewenangan", {
            "alasan": self.cleaned_data.get("reason", ""),
            "tujuan": self.cleaned_data.get("authority", ""),
        }


class ThanksForm(StepForm):
    """Thank for praise or a greeting; the template has all the words (D19)."""

    def reply(self) -> tuple[str, dict[str, str]]:
        return "terima-kasih", {}
