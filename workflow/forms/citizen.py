"""What a citizen is asked, one form a step; each holds to the limits of `workflow.intake` (D17, D18, D37, D59)."""

import re
from datetime import date, datetime

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from pengaduan.models import Category, Secrecy
from tiers.forms import DayMonthYearField, HintedRadioSelect
from tiers.models import Programme, Region, Tier
from workflow.calendar import local_day
from workflow.forms.texting import check_sms, offer_sms
from workflow.intake import TEXT_LENGTH

MOST_FOUND = 25
SHORTEST_NAME = 3
KIND_OF_PLACE = re.compile(r"^(desa|kelurahan|kel\.|ds\.)\s+", re.IGNORECASE)
UNSURE = "tidak-yakin"
REPORTED_LENGTH = 240


def programmes() -> QuerySet[Programme]:
    """Return the programmes that take complaints from this page."""
    return Programme.objects.filter(
        active=True,
        channel_entries__online=True,
        channel_entries__active=True,
        category_entries__is_default=True,
        category_entries__active=True,
    ).distinct()


def regions(*, on: date) -> QuerySet[Region]:
    """Return the regions that exist on a day: the map changes."""
    return Region.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=on), Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    )


class AnswerForm(forms.Form):
    """One step of the report; `kept` is what the draft remembers of it."""

    @classmethod
    def typed_in(cls, post) -> dict[str, str]:
        """Return what was typed into this form's inputs, as it was typed, without what is not to be kept at all."""
        names = tuple(cls.base_fields)
        return {name: text for name, text in post.items() if name.removesuffix(_part(name)) in names}

    @property
    def kept(self) -> dict[str, str]:
        return dict(self.data)


def _part(name: str) -> str:
    return next((part for part in ("_day", "_month", "_year") if name.endswith(part)), "")


class ProgrammeForm(AnswerForm):
    """Which programme or service it is about."""

    program = forms.ModelChoiceField(
        label=_("Tentang program atau pelayanan apa?"),
        help_text=_("Bila ragu, pilih yang paling mirip. Petugas memberi tahu Anda bila ini urusan kantor lain."),
        queryset=Programme.objects.none(),
        to_field_name="code",
        empty_label=None,
        error_messages={
            "required": _("Pilih program atau pelayanan yang diadukan."),
            "invalid_choice": _("Program ini tidak menerima pengaduan di sini. Pilih dari daftar."),
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offered = list(programmes().order_by("name"))
        field = self.fields["program"]
        field.queryset = programmes()
        field.widget = HintedRadioSelect(
            {programme.code: first_sentence(programme.description) for programme in offered},
            choices=[(programme.code, programme.name) for programme in offered],
        )


def first_sentence(text: str) -> str:
    """Return the first sentence of a description: enough to choose by."""
    return text.split(". ")[0].rstrip(".") + "." if text else ""


class AreaForm(forms.Form):
    """One level of the way down to the village: a select among the regions of the one above."""

    mark_optional = False
    di = forms.ChoiceField()

    WORDS = {
        Tier.PROVINSI: (_("Provinsi"), _("Pilih provinsinya.")),
        Tier.KABUPATEN: (_("Kabupaten atau kota"), _("Pilih kabupaten atau kotanya.")),
        Tier.KECAMATAN: (_("Kecamatan"), _("Pilih kecamatannya.")),
    }

    def __init__(self, *args, within: list[Region], tier: Tier, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        label, sentence = self.WORDS[tier]
        field = self.fields["di"]
        field.label = label
        field.choices = [("", _("Pilih …")), *((region.code, region.name) for region in within)]
        field.error_messages = {"required": sentence, "invalid_choice": sentence}


class PlaceForm(AnswerForm):
    """The village; `di` is the kecamatan from which it was chosen, `cari` the name by which it was found.

    With `seluas` it may be a kecamatan or kabupaten: who does not know more is asked later, not sent away (D59).
    """

    region = forms.CharField(
        label=_("Desa atau kelurahan"), error_messages={"required": _("Pilih desa atau kelurahannya.")}
    )
    di = forms.CharField(required=False, widget=forms.HiddenInput)
    cari = forms.CharField(required=False, widget=forms.HiddenInput)
    seluas = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, now: datetime, choices: list[tuple[str, str]] = (), found: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.now = now
        widget = forms.RadioSelect if found else forms.Select
        self.fields["region"].widget = widget(choices=choices if found else [("", _("Pilih …")), *choices])
        if found:
            self.fields["region"].label = _("Pilih salah satu")

    def clean(self) -> dict:
        code, within = self.cleaned_data.get("region"), self.cleaned_data.get("di")
        if not code:
            return self.cleaned_data
        largest = Tier.KABUPATEN if self.cleaned_data.get("seluas") else Tier.DESA
        known = regions(on=timezone.localdate(self.now)).filter(tier__lte=largest)
        village = known.filter(code=code).select_related("parent").first()
        if village is None:
            self.add_error("region", _("Desa atau kelurahan ini tidak ada dalam daftar. Pilih lagi."))
        elif within and village.parent_id != within:
            self.add_error(
                "region", _("Desa atau kelurahan itu bukan bagian dari kecamatan yang dipilih. Pilih dari daftar.")
            )
        else:
            self.cleaned_data["region"] = village
        return self.cleaned_data


def find_villages(words: str, *, on: date) -> tuple[list[Region], bool]:
    """Return the villages that a name fits, and whether there are more than are shown.

    After a comma follows where: "Sidomulyo, Sleman" (98 villages are called Sidomulyo). Who writes it without the
    comma is understood too, as is "desa" before the name.
    """
    village, *places = (part.strip() for part in words.split(","))
    if len(village) < SHORTEST_NAME:
        return [], False
    found = _named(village, places, on=on) or _named(village, places, on=on, anywhere=True)
    if not found and (bare := KIND_OF_PLACE.sub("", words)) != words:
        return find_villages(bare, on=on)
    if not found and not places:
        found = _without_comma(village.split(), on=on)
    return found[:MOST_FOUND], len(found) > MOST_FOUND


def _named(village: str, places: list[str], *, on: date, anywhere: bool = False) -> list[Region]:
    """Return villages whose name begins so, or has it `anywhere`, within the places; one more than are shown."""
    like = "name__icontains" if anywhere else "name__istartswith"
    rows = regions(on=on).filter(tier=Tier.DESA, **{like: village})
    for place in filter(None, places):
        rows = rows.filter(
            Q(parent__name__icontains=place)
            | Q(parent__parent__name__icontains=place)
            | Q(parent__parent__parent__name__icontains=place)
        )
    return list(rows.select_related("parent__parent__parent").order_by("name", "code")[: MOST_FOUND + 1])


def _without_comma(words: list[str], *, on: date) -> list[Region]:
    """Take the last words for the place, first one of them, then two."""
    for cut in range(len(words) - 1, max(0, len(words) - 3), -1):
        village, place = " ".join(words[:cut]), " ".join(words[cut:])
        if len(village) >= SHORTEST_NAME and (found := _named(village, [place], on=on)):
            return found
    return []


def full_name(village: Region) -> str:
    """Return a village with its path, from rows that were read together with their parents."""
    names, region = [], village
    while region:
        names.append(region.name)
        region = region.parent
    return ", ".join(names)


class MatterForm(AnswerForm):
    """What happened, when, and who is complained of. Who is not sure of the kind leaves it to the officer."""

    text = forms.CharField(
        label=_("Apa yang terjadi?"),
        help_text=_("Tulis dengan kata-kata Anda sendiri. Paling banyak 10.000 karakter, kira-kira empat halaman."),
        widget=forms.Textarea({"rows": 9}),
        error_messages={"required": _("Tulis apa yang terjadi.")},
    )
    occurred_on = DayMonthYearField(
        label=_("Kapan terjadinya?"), help_text=_("Misalnya 27 3 2026. Perkiraan juga boleh."), required=False
    )
    reported = forms.CharField(
        label=_("Siapa yang dilaporkan?"),
        help_text=_("Nama, jabatan, atau kantornya. Mereka tidak diberi tahu siapa yang melapor."),
        max_length=REPORTED_LENGTH,
        required=False,
    )
    category = forms.ChoiceField(
        label=_("Mana yang paling sesuai?"),
        error_messages={
            "required": _("Pilih yang paling sesuai. Bila ragu, pilih “Saya tidak yakin”."),
            "invalid_choice": _("Pilihan ini bukan bagian dari program yang Anda pilih. Pilih lagi dari daftar."),
        },
    )

    def __init__(self, *args, programme: Programme | None, region: Region | None, now: datetime, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.programme, self.region, self.now = programme, region, now
        offered = list(self._categories().order_by("position", "name"))
        hints = {category.code: first_sentence(category.description) for category in offered}
        hints[UNSURE] = _("Petugas akan menentukannya.")
        field = self.fields["category"]
        choices = [*((category.code, category.name) for category in offered), (UNSURE, _("Saya tidak yakin"))]
        field.widget = HintedRadioSelect(hints)
        field.choices = choices

    def clean_category(self) -> Category:
        code = self.cleaned_data["category"]
        wanted = {"is_default": True} if code == UNSURE else {"code": code}
        return self._categories().select_related("programme", "service_level").get(**wanted)

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        if len(text) > TEXT_LENGTH:
            raise ValidationError(
                _("Teks terlalu panjang: %(length)d karakter, paling banyak %(most)d."),
                params={"length": len(text), "most": TEXT_LENGTH},
            )
        return text

    def clean_occurred_on(self) -> date | None:
        day = self.cleaned_data["occurred_on"]
        today = local_day(self.now, self.region.zone) if self.region else timezone.localdate(self.now)
        if day and day > today:
            raise ValidationError(_("Tanggal kejadian tidak boleh di masa depan."))
        return day

    def _categories(self) -> QuerySet[Category]:
        return Category.objects.filter(programme=self.programme, active=True)


class IdentityForm(AnswerForm):
    """Whether and how the complainant wants to be known; anonymous leaves neither name nor telephone (D37)."""

    secrecy = forms.ChoiceField(
        label=_("Bagaimana Anda ingin melapor?"),
        choices=[
            (Secrecy.SECRET, _("Rahasia")),
            (Secrecy.ANONYMOUS, _("Tanpa nama")),
            (Secrecy.OPEN, _("Terbuka")),
        ],
        widget=HintedRadioSelect(
            {
                "rahasia": _("Nama Anda disimpan terkunci; hanya dibuka bila perlu, dan setiap pembukaan dicatat."),
                "anonim": _("Nama dan telepon tidak disimpan; jawaban petugas hanya dapat dibaca dengan kode Anda."),
                "terbuka": _("Petugas yang menangani boleh mengetahui dan menyebut nama Anda."),
            }
        ),
        error_messages={"required": _("Pilih bagaimana Anda ingin melapor.")},
    )  # fmt: skip
    name = forms.CharField(
        label=_("Nama"),
        help_text=_("Perlu diisi hanya bila Anda memilih terbuka."),
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "name", "class": "govuk-input--width-20"}),
    )
    phone = PhoneNumberField(
        label=_("Nomor telepon"),
        required=False,
        error_messages={"invalid": _("Tulis nomor telepon yang benar, misalnya 0812 3456 7890.")},
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel", "class": "govuk-input--width-20"}),
    )
    sms = forms.BooleanField(
        label=_("Kabari saya lewat SMS"),
        help_text=_("SMS hanya memuat nomor pengaduan dan apa yang perlu Anda lakukan, tidak menyebut isinya."),
        required=False,
    )
    email = forms.EmailField(
        label=_("Surel (e-mail)"),
        help_text=_("Untuk kabar perkembangan. Boleh diisi juga bila Anda melapor tanpa nama."),
        required=False,
        error_messages={"invalid": _("Tulis alamat surel yang benar, misalnya nama@contoh.id.")},
        widget=forms.EmailInput({"autocomplete": "email", "class": "govuk-input--width-20", "spellcheck": "false"}),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offer_sms(self)

    def clean(self) -> dict:
        chosen = self.cleaned_data.get("secrecy")
        if chosen == Secrecy.ANONYMOUS:
            for field in ("name", "phone"):
                self.errors.pop(field, None)
                self.cleaned_data[field] = ""
        if chosen == Secrecy.OPEN and not self.cleaned_data.get("name") and "name" not in self.errors:
            self.add_error("name", _("Tulis nama Anda, atau pilih rahasia atau tanpa nama."))
        check_sms(self)
        return self.cleaned_data

    @classmethod
    def typed_in(cls, post) -> dict[str, str]:
        """Return what was typed; of who chose to stay without a name neither name nor telephone (D37)."""
        typed = super().typed_in(post)
        if typed.get("secrecy") == Secrecy.ANONYMOUS:
            return {name: text for name, text in typed.items() if name not in ("name", "phone", "sms")}
        return typed

    @property
    def identity(self) -> dict[str, str]:
        """Return what is to be sealed, the telephone as +62…"""
        return {name: str(self.cleaned_data[name] or "") for name in ("name", "phone", "email")}


class WordsForm(forms.Form):
    """A few sentences to the office: an answer, a message, a reason."""

    words = forms.CharField(widget=forms.Textarea({"rows": 4}))

    def __init__(self, *args, label: str, sentence: str, required: bool = True, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["words"]
        field.label, field.required = label, required
        field.error_messages["required"] = sentence

    @property
    def kept_words(self) -> str:
        return self.cleaned_data["words"]

    def clean_words(self) -> str:
        words = self.cleaned_data["words"].replace("\r\n", "\n")
        if len(words) > TEXT_LENGTH:
            raise ValidationError(
                _("Teks terlalu panjang: %(length)d karakter, paling banyak %(most)d."),
                params={"length": len(words), "most": TEXT_LENGTH},
            )
        return words


class FileForm(forms.Form):
    """One photo or document at a time, so that a weak signal loses at most one."""

    mark_optional = False
    file = forms.FileField(
        label=_("Foto atau dokumen"),
        help_text=_("JPEG, PNG, WEBP, atau PDF, paling besar 10 MB. Kirim satu per satu, paling banyak 10 berkas."),
        widget=forms.FileInput({"accept": "image/jpeg,image/png,image/webp,application/pdf"}),
        error_messages={
            "required": _("Pilih foto atau dokumen dulu."),
            "empty": _("Berkas ini kosong. Pilih berkas lain."),
        },
    )  # fmt: skip
