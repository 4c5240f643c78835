"""The forms of steps about time: more of it, law enforcement asked after, a programme that ends (D29, D52)."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tiers.forms import DayMonthYearField
from workflow import needs
from workflow.calendar import local_day
from workflow.forms.steps import AuthorityForm, StepForm, words
from workflow.machine import NEED_SENTENCES, Need


class ExtendForm(StepForm):
    """Ask for a later day, or agree to it (D52)."""

    tells = ("reason",)
    until = DayMonthYearField(
        label=_("Diperpanjang sampai"), error_messages={"required": NEED_SENTENCES[Need.NEW_DATE]}
    )
    reason = words(
        _("Alasan"), Need.REASON, help_text=_("Disampaikan kepada pelapor. Jangan menyebut nama dan jangan menuduh.")
    )

    def prepare(self) -> None:
        due_on = local_day(self.complaint.tier_due_at, self.complaint.zone)
        latest = due_on + timedelta(days=needs.EXTENSION_DAYS)
        self.fields["until"].help_text = _("Tenggat sekarang %(due)s; paling lama sampai %(latest)s.") % {
            "due": _numbers(due_on),
            "latest": _numbers(latest),
        }


class NextCheck(StepForm):
    """A step after which somebody asks again; the day is suggested."""

    next_check_on = DayMonthYearField(
        label=_("Ditanyakan lagi pada"),
        help_text=_("Pada hari itu kantor Anda diingatkan untuk menanyakan perkembangannya."),
        error_messages={"required": NEED_SENTENCES[Need.NEXT_CHECK]},
    )

    def prepare(self) -> None:
        super().prepare()
        today = local_day(self.now, self.complaint.zone)
        self.fields["next_check_on"].initial = today + timedelta(days=needs.FIRST_CHECK_DAYS)


class LegalForm(NextCheck, AuthorityForm):
    """Leave a case with law enforcement (D29)."""

    reference = forms.CharField(
        label=_("Nomor laporan di sana"), max_length=120, required=False, help_text=_("Bila sudah ada.")
    )
    field_order = ("version", "authority", "reference", "reason", "next_check_on")

    def prepare(self) -> None:
        super().prepare()
        self.fields["authority"].label = _("Aparat hukum yang menangani")
        self.fields["authority"].help_text = _("Misalnya Polres Brebes atau Kejaksaan Negeri Brebes.")


class LegalCheckForm(NextCheck):
    """Write down what law enforcement says (D29)."""

    reason = words(
        _("Perkembangannya"),
        Need.REASON,
        help_text=_("Apa kata aparat hukum, kapan, dan dari siapa. Tanpa nama orang yang dilaporkan."),
    )
    field_order = ("version", "reason", "next_check_on")


class LegalEndForm(StepForm):
    tells = ("reason",)
    reason = words(
        _("Bagaimana proses hukumnya berakhir"),
        Need.REASON,
        help_text=_("Misalnya putusan pengadilan atau penghentian perkara, dengan tanggalnya."),
    )


class PhaseOutForm(StepForm):
    """Name who goes on with a matter where the programme ends: the community and the local government (D29)."""

    tells = ("reason",)
    community = forms.CharField(
        label=_("Masyarakat yang melanjutkan"),
        max_length=110,
        help_text=_("Misalnya KKM Tirta Lestari atau BPD Indrajaya."),
        error_messages={"required": _("Sebutkan siapa di masyarakat yang melanjutkan.")},
    )
    government = forms.CharField(
        label=_("Pemerintah daerah yang bertanggung jawab"),
        max_length=110,
        help_text=_("Misalnya Dinas Pekerjaan Umum Kabupaten Brebes."),
        error_messages={"required": _("Sebutkan pemerintah daerah yang bertanggung jawab.")},
    )
    reason = words(
        _("Alasan"), Need.REASON, help_text=_("Apa yang sudah dan belum selesai, dan sejak kapan program berakhir.")
    )

    def facts(self) -> dict[str, Any]:
        facts = super().facts()
        return {"authority": f"{facts.pop('community')}; {facts.pop('government')}", **facts}


def _numbers(day) -> str:
    return f"{day.day}/{day.month}/{day.year}"
