"""The form by which an officer takes a complaint in for someone: from paper, the box, the telephone (D15–D18, D21)."""

import uuid
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import translation
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from pengaduan.models import Category, Channel, Secrecy
from tiers.forms import DayMonthYearField, HintedRadioSelect
from tiers.models import Assignment, Office, Programme, Region, User
from workflow.calendar import local_day
from workflow.forms.steps import CategoryField
from workflow.forms.texting import check_sms, offer_sms
from workflow.intake import TEXT_LENGTH, Matter, Person
from workflow.recognition import mentioned
from workflow.sla import WORKING_DAYS_FROM

NOON = time(12)
COMPLAINT_BOX = "kotak-pengaduan"  # the channel that is opened with minutes; programmes call it by this code
SECRECY_HINTS = {
    Secrecy.SECRET: _("Hanya petugas yang menangani; setiap pembukaan dicatat. Ini yang biasa."),
    Secrecy.OPEN: _("Pelapor tidak keberatan namanya diketahui."),
    Secrecy.ANONYMOUS: _("Nama, telepon, dan alamat tidak disimpan. Pelapor tetap dapat mengikuti dengan kode."),
}


class ChannelField(forms.ModelChoiceField):
    """Offer the channels, and say of which the complaints are counted apart (D15)."""

    def label_from_instance(self, channel: Channel) -> str:
        return gettext("%(name)s (dihitung tersendiri)") % {"name": channel} if channel.counted_apart else str(channel)


class RecordForm(forms.Form):
    """One complaint of a programme at a place; programme and place are chosen before."""

    submission_key = forms.UUIDField(widget=forms.HiddenInput)
    channel = ChannelField(
        None,
        label=_("Media"),
        empty_label=_("Pilih media"),
        help_text=_("Dengan cara apa pengaduan ini sampai."),
        error_messages={
            "required": _("Pilih medianya, misalnya tatap muka."),
            "invalid_choice": _("Media dan sumber harus dari program yang sama dengan kategorinya."),
        },
    )
    received_on = DayMonthYearField(
        label=_("Tanggal diterima"),
        help_text=_("Hari surat, telepon, atau orangnya datang. Tenggat dihitung dari hari ini."),
    )
    box_opened_on = DayMonthYearField(
        label=_("Kotak dibuka tanggal"),
        required=False,
        help_text=_("Hanya untuk kotak pengaduan, seperti pada berita acara pembukaannya."),
    )
    box_witnesses = forms.CharField(
        label=_("Yang menyaksikan pembukaan kotak"),
        required=False,
        max_length=240,
        help_text=_("Nama atau jabatan, sekurang-kurangnya dua orang."),
    )
    source = forms.ModelChoiceField(
        None,
        label=_("Sumber"),
        required=False,
        empty_label=_("Tidak diketahui"),
        error_messages={"invalid_choice": _("Media dan sumber harus dari program yang sama dengan kategorinya.")},
    )
    category = CategoryField(
        None,
        label=_("Kategori"),
        empty_label=_("Pilih kategori"),
        error_messages={
            "required": _("Pilih kategorinya."),
            "invalid_choice": _("Kategori ini bukan dari program yang dipilih. Pilih dari daftar ini."),
        },
    )
    text = forms.CharField(
        label=_("Isi pengaduan seperti diterima"),
        max_length=TEXT_LENGTH,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("Tulis seperti kata pelapor; tidak usah dihaluskan. Paling banyak 10.000 huruf."),
        error_messages={
            "required": _("Tulis apa yang terjadi."),
            "max_length": _("Teks terlalu panjang: %(show_value)d huruf, paling banyak %(limit_value)d."),
        },
    )
    subject = forms.CharField(
        label=_("Pokok pengaduan"),
        max_length=160,
        required=False,
        help_text=_("Satu kalimat pendek. Bila kosong, diambil dari awal isinya."),
    )
    occurred_on = DayMonthYearField(label=_("Tanggal kejadian"), required=False)
    programme_year = forms.IntegerField(
        label=_("Tahun program"),
        required=False,
        min_value=1998,
        max_value=2100,
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-4"}),
    )
    reported_words = forms.CharField(
        label=_("Siapa yang dilaporkan"),
        required=False,
        max_length=240,
        help_text=_("Sebutan seperti kata pelapor. Yang dilaporkan dianggap tidak bersalah sampai terbukti."),
    )
    reported_office = forms.ModelChoiceField(
        Office.objects.none(),
        label=_("Bila yang dilaporkan sebuah kantor"),
        required=False,
        empty_label=_("Bukan kantor di daftar ini"),
        help_text=_("Pengaduan langsung ke jenjang di atasnya dan tidak terlihat oleh kantor itu."),
    )
    reported_user = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Bila yang dilaporkan seorang petugas"),
        required=False,
        empty_label=_("Bukan petugas di daftar ini"),
    )
    not_them = forms.BooleanField(
        label=_("Bukan mereka: catat dengan sebutan saja"),
        required=False,
        help_text=_("Kantor atau petugas yang memang dilaporkan tidak boleh memegang pengaduan ini."),
    )
    secrecy = forms.ChoiceField(
        label=_("Kerahasiaan pelapor"),
        choices=[(each.value, each.label) for each in SECRECY_HINTS],
        initial=Secrecy.SECRET,
        widget=HintedRadioSelect({each.value: hint for each, hint in SECRECY_HINTS.items()}),
    )
    name = forms.CharField(label=_("Nama pelapor"), required=False, max_length=120)
    phone = PhoneNumberField(
        label=_("Telepon pelapor"),
        required=False,
        error_messages={"invalid": _("Nomor telepon ini tidak benar, misalnya 0812 3456 7890.")},
    )
    sms = forms.BooleanField(
        label=_("Pelapor mau dikabari lewat SMS"),
        help_text=_("SMS hanya memuat nomor pengaduan dan apa yang perlu dilakukan, tidak menyebut isinya."),
        required=False,
    )
    email = forms.EmailField(
        label=_("Surel pelapor"),
        required=False,
        help_text=_("Untuk mengabari perkembangannya."),
        error_messages={"invalid": _("Alamat surel ini tidak benar, misalnya nama@contoh.id.")},
    )
    address = forms.CharField(label=_("Alamat pelapor"), required=False, max_length=240)
    consent_noted = forms.BooleanField(
        label=_("Pelapor setuju pengaduannya saya catatkan"),
        required=False,
        help_text=_("Untuk surat dan kotak pengaduan tidak perlu dicentang."),
    )
    file = forms.FileField(
        label=_("Pindaian atau foto suratnya"),
        required=False,
        help_text=_("Foto (JPG, PNG) atau PDF, paling besar 10 MB."),
    )

    def __init__(self, *args: Any, programme: Programme, region: Region, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_sms(self)
        self.programme, self.region, self.now = programme, region, now
        self.today = local_day(now, region.zone)
        self.fields["submission_key"].initial = uuid.uuid4
        self.fields["received_on"].initial = self.today
        channels = programme.channel_entries.filter(active=True, online=False)
        self.fields["channel"].queryset = channels.order_by("position", "name")
        self.fields["source"].queryset = programme.source_entries.filter(active=True).order_by("position", "name")
        categories = Category.objects.filter(programme=programme, active=True)
        self.fields["category"].offer(categories.order_by("position", "name"))
        line = Office.objects.containing(region.code).filter(programme=programme)
        self.fields["reported_office"].queryset = line.order_by("tier")
        desks = Assignment.objects.current(self.today).filter(office__in=line)
        self.fields["reported_user"].queryset = User.objects.filter(pk__in=desks.values("user")).order_by("name")
        for widget in (self.fields["email"].widget, self.fields["phone"].widget, self.fields["name"].widget):
            widget.attrs["autocomplete"] = "off"  # the officer's own would be offered

    def clean(self) -> dict[str, Any]:
        super().clean()
        check_sms(self)
        self._check_box()
        self._check_reported()
        return self.cleaned_data

    def clean_received_on(self) -> date:
        day = self.cleaned_data["received_on"]
        if day > self.today:
            raise forms.ValidationError(_("Tanggal diterima tidak boleh di masa depan."))
        if day < WORKING_DAYS_FROM:
            raise forms.ValidationError(_("Tanggal diterima paling awal 1 Januari 2020."))
        return day

    def clean_occurred_on(self) -> date | None:
        day = self.cleaned_data["occurred_on"]
        if day and day > self.today:
            raise forms.ValidationError(_("Tanggal kejadian tidak boleh di masa depan."))
        return day

    def clean_box_opened_on(self) -> date | None:
        day = self.cleaned_data["box_opened_on"]
        if day and day > self.today:
            raise forms.ValidationError(_("Tanggal pembukaan kotak tidak boleh di masa depan."))
        return day

    def _check_box(self) -> None:
        """A complaint from the box comes with the minutes of its opening: when, and before whom (D58)."""
        channel = self.cleaned_data.get("channel")
        if channel is None or channel.code != COMPLAINT_BOX:
            return
        if "box_opened_on" not in self.errors and not self.cleaned_data.get("box_opened_on"):
            self.add_error("box_opened_on", _("Isi kapan kotak pengaduan dibuka."))
        if not self.cleaned_data.get("box_witnesses"):
            self.add_error("box_witnesses", _("Isi siapa yang menyaksikan pembukaan kotak."))

    def _check_reported(self) -> None:
        """Ask the officer whether the words mean somebody of this place; only a choice hides it from them (D35)."""
        facts = self.cleaned_data
        words = facts.get("reported_words", "")
        if not words or any(facts.get(name) for name in ("reported_user", "reported_office", "not_them")):
            return
        if found := mentioned(words, self.programme, self.region, on=self.today):
            names = get_text_list([str(each) for each in (*found.users, *found.offices)], gettext("atau"))
            self.add_error(
                "reported_user" if found.users else "reported_office",
                gettext("Mungkin yang dimaksud %(names)s. Pilih dari daftar, atau centang “Bukan mereka”.")
                % {"names": names},
            )

    @property
    def late_days(self) -> int | None:
        """Return after how many days the complaint came, where that is later than the programme asks for (D13)."""
        return self.programme.days_too_late(self.cleaned_data["occurred_on"], self.cleaned_data["received_on"])

    @property
    def note(self) -> str:
        """Return what the record keeps of how it came: the opening of the complaint box (D58)."""
        facts = self.cleaned_data
        if facts["channel"].code != COMPLAINT_BOX:
            return ""
        with translation.override("id"):
            opened = date_format(facts["box_opened_on"], "j F Y")
            return f"Kotak pengaduan dibuka {opened}, disaksikan: {facts['box_witnesses']}."

    def matter(self) -> Matter:
        """Return what is complained of; on a day before today it reached us at noon of the place."""
        facts = self.cleaned_data
        received_at = self.now
        if facts["received_on"] < self.today:
            received_at = datetime.combine(facts["received_on"], NOON, ZoneInfo(self.region.zone))
        names = ("category", "text", "channel", "source", "subject", "occurred_on", "programme_year", "reported_words")
        return Matter(
            region=self.region,
            received_at=received_at,
            note=self.note,
            reported_users=[facts["reported_user"]] if facts["reported_user"] else [],
            reported_offices=[facts["reported_office"]] if facts["reported_office"] else [],
            **{name: facts[name] for name in names},
        )

    def person(self) -> Person:
        facts = self.cleaned_data
        identity = {name: str(facts[name] or "") for name in ("name", "phone", "email", "address")}
        return Person(
            Secrecy(facts["secrecy"]),
            identity,
            consent_noted=facts["consent_noted"],
            by_sms=facts.get("sms", False),
        )
