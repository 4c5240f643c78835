"""The forms of what is gathered, agreed and done while a case is handled (D23-D26, D29, D60)."""

import json
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pengaduan.models import AgreedAction, Complaint, Position, Repayment, ReportedParty, Statement, Suspension
from tiers.forms import DayMonthYearField
from workflow.calendar import local_day
from workflow.forms.steps import ChronologyForm, ConfirmForm, RupiahField, SettleForm, StepForm, words
from workflow.machine import NEED_SENTENCES, Need

# Who is interviewed in the clarification, as the guides list it, and what else is gathered (D23).
TO_HEAR = (
    Statement.Kind.COMPLAINANT,
    Statement.Kind.PROVIDER,
    Statement.Kind.LEADER,
    Statement.Kind.AGENCY,
    Statement.Kind.WITNESS,
    Statement.Kind.DOCUMENT,
)


def past_day(label: str | Promise, need: Need) -> DayMonthYearField:
    return DayMonthYearField(label=label, error_messages={"required": NEED_SENTENCES[need]})


class PartyField(forms.ModelChoiceField):
    """Choose one of the reported parties of the case, in the words that the case has for them."""

    def label_from_instance(self, party: ReportedParty) -> str:
        return str(party.words or party.user or party.office)


class ActionField(forms.ModelChoiceField):
    def label_from_instance(self, action: AgreedAction) -> str:
        return f"{action.what} ({action.who})"


class SuspensionField(forms.ModelChoiceField):
    def label_from_instance(self, suspension: Suspension) -> str:
        party = suspension.party
        return str(party.words or party.user or party.office)


class RepaymentField(forms.ModelChoiceField):
    def label_from_instance(self, repayment: Repayment) -> str:
        amount = f"{repayment.amount:,.0f}".replace(",", ".")
        return f"Rp {amount}, {repayment.paid_on:%d-%m-%Y}"


class StatementForm(StepForm):
    kind = forms.ChoiceField(
        label=_("Jenis keterangan"),
        choices=Statement.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": NEED_SENTENCES[Need.STATEMENT]},
    )
    party = PartyField(
        None,
        label=_("Pihak yang dilaporkan"),
        required=False,
        empty_label=_("Bukan jawaban pihak yang dilaporkan"),
        help_text=_("Hanya untuk jawaban pihak yang dilaporkan."),
    )
    who = forms.CharField(
        label=_("Dari siapa"),
        required=False,
        max_length=160,
        help_text=_("Jabatan atau sebutan sudah cukup, misalnya bidan desa. Jangan tulis nama pelapor."),
    )
    given_on = past_day(_("Tanggal keterangan"), Need.STATEMENT)
    text = words(
        _("Isi keterangan"),
        Need.STATEMENT,
        rows=8,
        help_text=_("Catat apa adanya, juga yang berlawanan. Yang dilaporkan belum tentu bersalah."),
    )

    def prepare(self) -> None:
        self.fields["given_on"].initial = local_day(self.now, self.complaint.zone)
        parties = self.complaint.reported_parties.select_related("user", "office").order_by("pk")
        self.fields["party"].queryset = parties
        if not parties:
            del self.fields["party"]
            kinds = [choice for choice in Statement.Kind.choices if choice[0] != Statement.Kind.REPORTED]
            self.fields["kind"].choices = kinds


class ActionForm(StepForm):
    kind = forms.ChoiceField(
        label=_("Jenis tindakan"),
        choices=AgreedAction.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": NEED_SENTENCES[Need.ACTION]},
    )
    what = words(_("Tindakan yang disepakati"), Need.ACTION, rows=3)
    who = forms.CharField(
        label=_("Dilakukan oleh"),
        max_length=160,
        help_text=_("Jabatan atau lembaga. Kalimat ini dapat dibacakan dalam musyawarah."),
        error_messages={"required": NEED_SENTENCES[Need.ACTION]},
    )
    until = past_day(_("Paling lambat"), Need.ACTION)

    def prepare(self) -> None:
        self.fields["until"].initial = local_day(self.now, self.complaint.zone) + timedelta(days=14)


class ActionResultForm(StepForm):
    action = ActionField(
        None,
        label=_("Tindakan"),
        empty_label=_("Pilih tindakan"),
        error_messages={"required": NEED_SENTENCES[Need.ACTION_RESULT]},
    )
    done = forms.TypedChoiceField(
        label=_("Terlaksana?"),
        choices=[("ya", _("Ya, terlaksana")), ("tidak", _("Tidak terlaksana"))],
        coerce=lambda answer: answer == "ya",
        widget=forms.RadioSelect,
        help_text=_("Bila tidak terlaksana, pertimbangkan kembali ke analisis untuk mencari jalan lain."),
        error_messages={"required": _("Pilih apakah tindakan itu terlaksana.")},
    )
    result = words(_("Hasilnya"), Need.ACTION_RESULT, rows=4)

    def prepare(self) -> None:
        self.fields["action"].queryset = self.complaint.agreed_actions.filter(done=None).order_by("until", "pk")


class SuspendForm(StepForm):
    party = PartyField(
        None,
        label=_("Siapa"),
        empty_label=_("Pilih pihak yang dilaporkan"),
        error_messages={"required": NEED_SENTENCES[Need.SUSPENSION]},
    )
    since = past_day(_("Sejak"), Need.SUSPENSION)
    ordered_by = forms.CharField(
        label=_("Oleh pejabat atau surat"),
        max_length=160,
        help_text=_("Misalnya Kepala UPPKH, surat nomor 12/2026."),
        error_messages={"required": NEED_SENTENCES[Need.SUSPENSION]},
    )

    def prepare(self) -> None:
        parties = self.complaint.reported_parties.select_related("user", "office").order_by("pk")
        self.fields["party"].queryset = parties


class EndSuspensionForm(StepForm):
    suspension = SuspensionField(
        None,
        label=_("Siapa"),
        empty_label=_("Pilih"),
        error_messages={"required": NEED_SENTENCES[Need.SUSPENSION_END]},
    )
    ended_on = past_day(_("Sejak kapan berakhir"), Need.SUSPENSION_END)
    ended_as = forms.ChoiceField(
        label=_("Berakhir dengan"),
        choices=Suspension.End.choices,
        widget=forms.RadioSelect,
        error_messages={"required": NEED_SENTENCES[Need.SUSPENSION_END]},
    )

    def prepare(self) -> None:
        running = self.complaint.suspensions.filter(ended_on=None).select_related("party__user", "party__office")
        self.fields["suspension"].queryset = running.order_by("pk")
        if self.complaint.case_file.position != Position.PROVEN:
            restored = Suspension.End.RESTORED
            self.fields["ended_as"].choices = [(restored.value, restored.label)]
            self.fields["ended_as"].help_text = _("Masalahnya tidak dinyatakan terbukti: hak dan tugasnya dipulihkan.")


class MoneyForm(StepForm):
    """What was lost, what came back, and the correction of a repayment that was written down in error (D29)."""

    reason = words(_("Alasan perubahan"), rows=3, required=False)
    lost_amount = RupiahField(
        label=_("Jumlah kerugian (Rp)"),
        required=False,
        help_text=_("Menurunkan jumlah ini memerlukan alasan; jumlah lama dan baru tetap tercatat."),
    )
    amount = RupiahField(
        label=_("Yang sekarang kembali (Rp)"), required=False, help_text=_("Hanya pengembalian yang belum dicatat.")
    )
    paid_on = DayMonthYearField(label=_("Tanggal pengembalian"), required=False)
    words = forms.CharField(
        label=_("Keterangan pengembalian"),
        required=False,
        max_length=240,
        help_text=_("Disetor ke mana, dengan bukti apa. Tanpa nama orang."),
    )
    cancelled = RepaymentField(
        None, label=_("Batalkan pengembalian yang salah catat"), required=False, empty_label=_("Tidak ada")
    )
    field_order = ("version", "lost_amount", "amount", "paid_on", "words", "cancelled", "reason")

    def prepare(self) -> None:
        self.fields["lost_amount"].initial = self.complaint.lost_amount
        repayments = self.complaint.repayments.order_by("paid_on", "pk")
        self.fields["cancelled"].queryset = repayments
        if not repayments:
            del self.fields["cancelled"]

    def clean_amount(self) -> Decimal | None:
        amount = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError(_("Jumlah yang kembali harus lebih dari nol."))
        return amount


class ProvenForm(ChronologyForm):
    """It happened: who is reported should have been heard, and the list of whom to interview is at hand (D23, D60)."""

    def prepare(self) -> None:
        super().prepare()
        kinds = set(self.complaint.statements.values_list("kind", flat=True))
        if Statement.Kind.REPORTED not in kinds and self.complaint.reported_parties.exists():
            self.hints = [
                _("Pihak yang dilaporkan belum didengar. Sebaiknya catat dulu jawabannya sebelum menyimpulkan.")
            ]
        self.hints = [*self.hints, heard(kinds)]


class UnprovenForm(ChronologyForm):
    def prepare(self) -> None:
        super().prepare()
        self.hints = [heard(set(self.complaint.statements.values_list("kind", flat=True)))]


class MonitoredForm(SettleForm):
    """Settle with the outcome of the agreed actions in view (D26)."""

    def prepare(self) -> None:
        super().prepare()
        self.hints = not_done(self.complaint.agreed_actions.all())


class VerifyForm(ConfirmForm):
    """Confirm a settlement with what deserves a second look before one's eyes (D29, D53)."""

    def prepare(self) -> None:
        super().prepare()
        self.hints = [*not_done(self.complaint.agreed_actions.all()), *lowered_loss(self.complaint)]


def heard(kinds: set[str]) -> str:
    """Say which of the interviews are on record and which are not; a checklist, no rule (D23)."""
    there = [kind.label.lower() for kind in TO_HEAR if kind in kinds]
    lacking = [kind.label.lower() for kind in TO_HEAR if kind not in kinds]
    said = gettext("Sudah dicatat: %(there)s.") % {"there": _listed(there) or gettext("belum ada keterangan")}
    return f"{said} {gettext('Belum: %(lacking)s.') % {'lacking': _listed(lacking)}}" if lacking else said


def not_done(actions: Iterable[AgreedAction]) -> list[str | Promise]:
    if any(action.done is False for action in actions):
        return [_("Ada tindakan yang disepakati tetapi tidak terlaksana. Pertimbangkan kembali ke analisis.")]
    return []


def lowered_loss(complaint: Complaint) -> list[str]:
    """Tell whoever verifies that the loss was once written down higher (D29)."""
    sentence = gettext("Kerugian yang dicatat pernah diturunkan dari Rp %(old)s menjadi Rp %(new)s.")
    told = []
    for data in complaint.events.filter(kind="catat-uang").order_by("seq").values_list("data", flat=True):
        change = json.loads(data)
        if change.get("lost_before") and Decimal(change["lost"]) < Decimal(change["lost_before"]):
            told.append(sentence % {"old": _rupiah(change["lost_before"]), "new": _rupiah(change["lost"])})
    return told


def _rupiah(amount: str) -> str:
    return f"{Decimal(amount):,.0f}".replace(",", ".")


def _listed(words: list[Any]) -> str:
    return get_text_list(words, gettext("dan"))
