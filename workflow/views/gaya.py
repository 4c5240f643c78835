"""The living page of the design system: every colour, size and part as the pages show it, with what one writes for it.

Each sample is a small template in templates/petugas/gaya/, rendered by the same tags as everywhere; its source stands
below it. A test holds that no tag of the library `face` is missing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace

from django import forms
from django.contrib.auth.views import redirect_to_login
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template, render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pengaduan.models.complaint import Stage, Weight
from pengaduan.tokens import tokens
from tiers import scope
from tiers.forms import DayMonthYearField, HintedRadioSelect

SECTIONS: tuple[tuple[Promise, tuple[tuple[str, Promise, Promise], ...]], ...] = (
    (
        gettext_lazy("Formulir"),
        (
            ("isian", gettext_lazy("Isian"), gettext_lazy("Label, petunjuk, lalu isian; yang boleh dilewati disebut.")),
            (
                "salah",
                gettext_lazy("Isian yang salah"),
                gettext_lazy(
                    "Ringkasan di atas judul, satu tautan tiap kesalahan; kalimatnya menyebut apa yang harus dilakukan."
                ),
            ),
            (
                "pertanyaan",
                gettext_lazy("Satu pertanyaan"),
                gettext_lazy("Label menjadi judul halaman (h1), satu halaman satu pertanyaan."),
            ),
            (
                "potongan",
                gettext_lazy("Bagian isian"),
                gettext_lazy("Hanya bila susunannya lain dari biasa; selain itu pakai isian utuh."),
            ),
            (
                "tombol",
                gettext_lazy("Tombol"),
                gettext_lazy("Satu tombol utama tiap halaman; merah hanya untuk yang tidak dapat dibatalkan."),
            ),
            (
                "berkas",
                gettext_lazy("Foto dan berkas"),
                gettext_lazy("Satu baris tiap berkas: keadaannya, coba lagi, hapus."),
            ),
            (
                "tugas",
                gettext_lazy("Daftar tugas"),
                gettext_lazy("Apa yang sudah dan yang masih harus dikerjakan; yang sudah tidak berwarna."),
            ),
        ),
    ),
    (
        gettext_lazy("Pengaduan"),
        (
            ("keadaan", gettext_lazy("Tahap dan tenggat"), gettext_lazy("Warna hanya membantu; katanya sudah cukup.")),
            (
                "tenggat",
                gettext_lazy("Dua tenggat"),
                gettext_lazy("Tenggat jenjang untuk petugas, tenggat pertama untuk pelapor."),
            ),
            ("langkah", gettext_lazy("Langkah berikutnya"), gettext_lazy("Satu langkah utama tiap pengaduan.")),
            (
                "ringkasan",
                gettext_lazy("Daftar ringkas"),
                gettext_lazy("Keterangan satu pengaduan; yang dapat diubah diberi tautan."),
            ),
            ("perjalanan", gettext_lazy("Perjalanan"), gettext_lazy("Yang sudah terjadi, terbaru di atas.")),
            ("pesan", gettext_lazy("Pesan"), gettext_lazy("Percakapan kantor dan pelapor.")),
            ("kode", gettext_lazy("Kode"), gettext_lazy("Dibacakan lewat telepon: kelompok empat angka.")),
            ("panel", gettext_lazy("Tanda terima"), gettext_lazy("Hanya sesudah pengaduan benar-benar tersimpan.")),
        ),
    ),
    (
        gettext_lazy("Daftar dan angka"),
        (
            (
                "tampilan",
                gettext_lazy("Tampilan, pencarian, daftar kosong"),
                gettext_lazy("Daftar yang kosong menyebut mengapa kosong."),
            ),
            (
                "baris",
                gettext_lazy("Baris"),
                gettext_lazy("Seluruh baris dapat disentuh; yang sedang dibuka bertanda."),
            ),
            (
                "halaman",
                gettext_lazy("Halaman berikutnya"),
                gettext_lazy("Menurut baris terakhir, tidak menurut nomor halaman."),
            ),
            (
                "batang",
                gettext_lazy("Batang tenggat"),
                gettext_lazy("Selalu dengan angkanya; di telepon baris menjadi kartu."),
            ),
            (
                "angka",
                gettext_lazy("Angka besar"),
                gettext_lazy("Angka dengan artinya; bagian dari keseluruhan sebagai batang."),
            ),
        ),
    ),
    (
        gettext_lazy("Pemberitahuan dan kerangka"),
        (
            (
                "pemberitahuan",
                gettext_lazy("Pemberitahuan"),
                gettext_lazy("Hasil langkah terakhir, keadaan sambungan, dan siapa lagi yang membuka."),
            ),
            (
                "peringatan",
                gettext_lazy("Peringatan, kutipan, lipatan"),
                gettext_lazy("Peringatan hanya untuk yang berakibat."),
            ),
            (
                "kerangka",
                gettext_lazy("Menu dan jalan kembali"),
                gettext_lazy("Jalan kembali di atas judul, menu menandai tempat Anda berada."),
            ),
            (
                "tombol_papan_ketik",
                gettext_lazy("Tombol papan ketik"),
                gettext_lazy("Hanya tampil bila ada papan ketik atau tetikus."),
            ),
            (
                "tinggalkan",
                gettext_lazy("Tinggalkan halaman"),
                gettext_lazy("Untuk pelapor yang sedang diawasi: paling bawah di dalam main."),
            ),
        ),
    ),
)

SPACINGS = (5, 10, 15, 20, 25, 30, 40, 50, 60)
"""Spaces between things in pixels, GOV.UK's steps 1 to 9 on a wide screen."""


@dataclass(frozen=True)
class Sample:
    """One part: its anchor, name and use, what it looks like and what is written for it."""

    code: str
    title: Promise
    use: Promise
    shown: str
    source: str


class Filled(forms.Form):
    """A form with one field of each kind; nothing is ever sent with it."""

    subject = forms.CharField(
        label=gettext_lazy("Pokok pengaduan"), help_text=gettext_lazy("Satu kalimat."), max_length=60
    )
    place = forms.CharField(
        label=gettext_lazy("Tempat"), error_messages={"required": gettext_lazy("Tulis nama desanya.")}
    )
    text = forms.CharField(label=gettext_lazy("Apa yang terjadi?"), widget=forms.Textarea({"rows": 3}))
    happened = DayMonthYearField(label=gettext_lazy("Tanggal kejadian"), help_text=gettext_lazy("Misalnya 27 3 2026"))
    secrecy = forms.ChoiceField(
        label=gettext_lazy("Siapa yang boleh tahu nama Anda?"),
        choices=[("rahasia", gettext_lazy("Rahasia")), ("terbuka", gettext_lazy("Terbuka"))],
        widget=HintedRadioSelect({"rahasia": gettext_lazy("Hanya petugas yang menangani.")}),
    )
    channel = forms.ChoiceField(
        label=gettext_lazy("Media"), choices=[("", "–"), ("surat", gettext_lazy("Surat"))], required=False
    )
    ways = forms.MultipleChoiceField(
        label=gettext_lazy("Bukti"),
        choices=[("foto", gettext_lazy("Foto")), ("surat", gettext_lazy("Surat"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    file = forms.FileField(label=gettext_lazy("Berkas"), required=False)
    consent = forms.BooleanField(label=gettext_lazy("Pelapor setuju dicatatkan"), required=False)


@require_safe
@never_cache
def gaya(request: HttpRequest) -> HttpResponse:
    """Show the design system to whoever works here: people with an assignment, and staff of the admin."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if not request.user.is_staff and not scope.assignments_of(request.user):
        raise PermissionDenied
    given = _examples(timezone.now())
    sections = [
        (title, [_sample(request, given, code, name, use) for code, name, use in parts]) for title, parts in SECTIONS
    ]
    response = render(request, "petugas/gaya.html", {"sections": sections, "tokens": tokens(), "spacings": SPACINGS})
    response["X-Robots-Tag"] = "noindex"
    return response


def _sample(request: HttpRequest, given: dict, code: str, title: Promise, use: Promise) -> Sample:
    name = f"petugas/gaya/{code}.html"
    shown = render_to_string(name, given, request)
    if code == "pertanyaan":  # the page has an h1 of its own
        shown = SafeString(shown.replace("<h1", "<h4").replace("</h1>", "</h4>"))
    return Sample(code, title, use, shown, get_template(name).template.source.partition("%}")[2].strip())


def _examples(now: datetime) -> dict:
    """Return what the samples show: each state once, one with words longer than any page was drawn for."""
    return {
        "now": now,
        "form": Filled(auto_id="isian_%s"),
        "sole": Filled(auto_id="satu_%s"),
        "wrong": Filled({"subject": "x" * 80, "happened_day": "31"}, auto_id="salah_%s"),
        "cases": _cases(now),
        "escalated": _case(now, tier_due_at=now + timedelta(days=20)),
        "entries": _entries(now),
        "messages": [
            Message(constants.SUCCESS, _("Kronologi disimpan.")),
            Message(constants.INFO, _("Yang Anda tulis sebelum sesi berakhir masih ada.")),
            Message(constants.WARNING, _("Surel kepada pelapor belum terkirim.")),
        ],
        "names": ["Siti Aminah", "Budi Santoso"],
        "code": "4821907755136204",
    }


def _case(now: datetime, **more) -> SimpleNamespace:
    stage = more.pop("stage", Stage.CLARIFICATION)
    usual = {
        "number": "PKH-33.29-2026-000123",
        "subject": _("Bantuan tahap tiga belum dibayarkan"),
        "stage": stage.value,
        "get_stage_display": lambda: stage.label,
        "weight": Weight.MEDIUM,
        "prominent": False,
        "zone": "Asia/Jakarta",
        "due_at": now + timedelta(days=9),
        "tier_due_at": now + timedelta(days=9),
        "waiting_since": None,
        "settled_at": None,
        "closed_at": None,
    }
    return SimpleNamespace(**usual | more)


def _cases(now: datetime) -> list[SimpleNamespace]:
    return [
        _case(now, tier_due_at=now - timedelta(days=2), weight=Weight.HEAVY, prominent=True),
        _case(now, tier_due_at=now + timedelta(days=2), stage=Stage.REGISTRATION),
        _case(
            now,
            subject=_(
                "Dana pembangunan sarana air bersih tahap kedua di tiga dusun tidak dipertanggungjawabkan dalam "
                "musyawarah dan papan informasinya tidak pernah dipasang"
            ),
        ),
        _case(now, waiting_since=now, stage=Stage.ANSWER),
        _case(now, settled_at=now, closed_at=now, stage=Stage.CLOSED),
    ]


def _entries(now: datetime) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            at=now, what=_("Naik jenjang karena lewat tenggat"), who=_("Sistem"), moved=_("Dari Kecamatan ke Kabupaten")
        ),
        SimpleNamespace(
            at=now - timedelta(days=3), what=_("Catatan"), who="Siti Aminah", note=_("Bendahara sudah ditemui.")
        ),
        SimpleNamespace(at=now - timedelta(days=26), what=_("Pengaduan diterima"), who=_("Pelapor")),
    ]
