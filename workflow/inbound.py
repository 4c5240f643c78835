"""What comes by SMS: follow or complete with the code, else a number at once and an officer who reads it (D12, D59).

The gateway may hand a message over again until we have answered it: each is taken once, and answered alike. A sender
is answered in neutral words and a few times a day only, so that no two machines talk to each other for ever.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import phonenumbers
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from pengaduan import attempts, following, tracking
from pengaduan.models import Complainant, Complaint, Inbound, InboundText, Stage
from pengaduan.sealing import keyed_hash, seal
from tiers.models import Programme, User
from workflow import actions, gate, intake, needs, sms
from workflow.calendar import local_day
from workflow.machine import Refused
from workflow.models import Notification
from workflow.taking import ChangedMeanwhile
from workflow.wording import STAGE_WORDS

REGISTER = "SMS"  # stands in the number where a complaint has its regency
ANSWERS_A_DAY = 10
OLDEST = timedelta(days=30)  # a message that the gateway kept longer counts from its arrival
CODE = r"(?P<code>\d(?:[ .-]?\d){15})(?!\d)"
LEADING = re.compile(rf"\W*(?:L(?:ACAK)?\W*)?{CODE}(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
FOLLOW = re.compile(r"L(?:ACAK)?\W*", re.IGNORECASE)
ANYWHERE = re.compile(rf"(?<!\d){CODE}")

RECEIVED = (
    "Terima kasih, kami catat: {number}. Mohon balas: desa, kecamatan, kabupaten; tahun program; sejak kapan;"
    " apa yang terjadi."
)
ADDED = "Terima kasih, kami tambahkan pada {number}. Petugas akan membacanya."
COMPLETED = "Pengaduan {number}: keterangan Anda kami terima. Penanganan berjalan lagi."
PASSED_ON = "Pengaduan {number}: pesan Anda kami teruskan kepada petugas."
OVER = "Pengaduan {number} sudah ditutup. Pesan Anda kami teruskan kepada petugas."
NO_SUCH_CODE = "Kode tidak dikenal. Periksa 16 angka pada tanda terima Anda, lalu kirim lagi."
TOO_MANY_CODES = "Terlalu banyak kode yang salah. Tunggu 15 menit, lalu kirim lagi."
HOW = "Tulis pengaduan Anda. Untuk melihat perkembangannya: L (spasi) kode 16 angka."


@dataclass(frozen=True)
class Incoming:
    """A message as the gateway hands it over; `gateway_id` stays the same however often it does."""

    gateway_id: str
    sender: str
    receiver: str
    words: str
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Sender:
    """A telephone that wrote; `answerable` is False for the short numbers and names of machines."""

    phone: str
    answerable: bool

    @property
    def hash(self) -> bytes:
        return keyed_hash("phone", self.phone)


def take_in(message: Incoming, *, now: datetime) -> str:
    """Do what a message asks for, once, and return what its sender is answered; "" is no answer.

    Raises ChangedMeanwhile when somebody changed the complaint at this moment: the gateway hands it over again.
    """
    sender = _sender(message.sender)
    text = InboundText(
        gateway_hash=keyed_hash("sms", message.gateway_id),
        phone_hash=sender.hash,
        received_at=_when(message, now=now),
        arrived_at=now,
    )
    try:
        with transaction.atomic():
            text.save(force_insert=True)  # of two at once the second waits here, and then reads the first's answer
            answer = _answer(message, text, sender, now=now)
            text.answer = answer if _may_answer(sender, now=now) else ""
            text.save(update_fields=["answer", "inbound", "text_sealed"])
    except IntegrityError:
        first = InboundText.objects.filter(gateway_hash=text.gateway_hash).first()
        if first is None:
            raise
        return first.answer
    return text.answer


def _sender(number: str) -> Sender:
    """Return the telephone in the one form in which complainants' numbers are kept."""
    try:
        parsed = phonenumbers.parse(number, "ID")
    except phonenumbers.NumberParseException:
        return Sender(number, answerable=False)
    if not phonenumbers.is_valid_number(parsed):
        return Sender(number, answerable=False)
    return Sender(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), answerable=True)


def _when(message: Incoming, *, now: datetime) -> datetime:
    """Return when it was sent, so that a gateway that waited for us costs no day; never in the future (D11)."""
    sent_at = message.sent_at
    return sent_at if sent_at and now - OLDEST <= sent_at <= now else now


def _may_answer(sender: Sender, *, now: datetime) -> bool:
    answered = InboundText.objects.answered_since(sender.hash, now - timedelta(days=1))
    return sender.answerable and answered < ANSWERS_A_DAY


@dataclass(frozen=True)
class Coded:
    """A text with sixteen digits in it: they lead it, perhaps after an L, or stand somewhere among the words."""

    digits: str
    rest: str
    leads: bool


def _coded(words: str) -> Coded | None:
    if match := LEADING.match(words):
        return Coded(match["code"], match["rest"].strip(" \t\r\n:;,.#()-"), leads=True)
    if match := ANYWHERE.search(words):
        rest = f"{words[: match.start()]}{words[match.end() :]}".strip()
        return Coded(match["code"], rest, leads=False)
    return None


def _answer(message: Incoming, text: InboundText, sender: Sender, *, now: datetime) -> str:
    words = message.words.strip()
    coded = _coded(words)
    if coded is None:
        return _without_code(message, text, sender, words, now=now)
    code, complainant, answer = tracking.clean(coded.digits), None, NO_SUCH_CODE
    if code and attempts.exhausted_by_phone(sender.phone, now=now):
        answer = TOO_MANY_CODES
    elif code:
        complainant = following.owner_of(code)
        if complainant is None:
            attempts.count_failure_by_phone(sender.phone, now=now)
    if complainant:
        return _with_code(message, text, sender, complainant, coded.rest, now=now)
    if not coded.leads:  # some other number among the words
        return _without_code(message, text, sender, words, now=now)
    if coded.rest:  # a code mistyped: what was to be said is kept without the digits (D19)
        _keep(message, text, sender, coded.rest, now=now)
    return answer


def _with_code(
    message: Incoming, text: InboundText, sender: Sender, complainant: Complainant, words: str, *, now: datetime
) -> str:
    complaint = following.case_of(complainant)
    complainant.seen(now=now)
    if not words:
        return _stage(complaint, complainant.complaint.number)
    if answer := _take_words(complaint, complainant, words, now=now):
        return answer
    _keep(message, text, sender, words, now=now)
    return OVER.format(number=complainant.complaint.number)


def _take_words(complaint: Complaint, complainant: Complainant, words: str, *, now: datetime) -> str | None:
    """Complete the file that waits, else write to the office; None when the case is open for neither."""
    steps, number = gate.steps_of_complainant(complaint, complainant), complainant.complaint.number
    try:
        if "lengkapi" in steps:
            actions.complete(complaint, complainant=complainant, now=now, answer=words)
            return COMPLETED.format(number=number)
        if "pesan-pelapor" in steps:
            actions.send_message(complaint, complainant=complainant, now=now, text=words)
            return PASSED_ON.format(number=number)
    except ChangedMeanwhile:
        raise  # the gateway hands the message over again
    except Refused:
        return None
    return None


def _without_code(message: Incoming, text: InboundText, sender: Sender, words: str, *, now: datetime) -> str:
    """Take the words as the completion that we asked this telephone for, else as something new."""
    if not words:
        return HOW
    if FOLLOW.fullmatch(words):
        complainant = _followed(sender)
        return _stage(following.case_of(complainant), complainant.complaint.number) if complainant else HOW
    if complainant := _awaited(sender):
        answer = _take_words(following.case_of(complainant), complainant, words, now=now)
        if answer:
            return answer
    inbound, is_new = _keep(message, text, sender, words, now=now)
    return (RECEIVED if is_new else ADDED).format(number=inbound.number)


def _followed(sender: Sender) -> Complainant | None:
    """Return the one complainant whom we tell by SMS at this telephone: the answer goes where the notices go."""
    people = list(Complainant.objects.filter(phone_hash=sender.hash, sms_wanted=True)[:2])
    return people[0] if len(people) == 1 else None


def _awaited(sender: Sender) -> Complainant | None:
    """Return the one complainant whom we asked by SMS at this telephone and whose file waits (D12).

    Who has no code at hand answers the question like this; it opens nothing and tells nothing. With two such files
    an officer must look.
    """
    waits = Q(complaint__waiting_since__isnull=False) | Q(complaint__merged_into__waiting_since__isnull=False)
    people = list(Complainant.objects.filter(waits, phone_hash=sender.hash, sms_wanted=True)[:2])
    return people[0] if len(people) == 1 else None


def _stage(complaint: Complaint, number: str) -> str:
    """Return the stage in words that tell a stranger nothing of the matter."""
    words = f"Pengaduan {number}: {STAGE_WORDS[Stage(complaint.stage)]}."
    due_at = None if complaint.closed_at else complaint.tier_due_at
    if complaint.waiting_since:
        due_at = needs.days_after(complaint.waiting_since, needs.COMPLETION_DAYS, complaint.zone)
        words = f"Pengaduan {number}: menunggu keterangan Anda."
    elif complaint.settled_at and not complaint.closed_at:
        due_at = needs.days_after(complaint.settled_at, needs.SILENCE_DAYS, complaint.zone)
    if due_at:
        with override("id"):
            words += f" Paling lambat {date_format(local_day(due_at, complaint.zone), 'j M Y')}."
    return sms.with_site(words)


def _keep(message: Incoming, text: InboundText, sender: Sender, words: str, *, now: datetime) -> tuple[Inbound, bool]:
    """Keep the words for an officer, with what the same telephone wrote before and nobody has settled yet."""
    programme = _programme(message.receiver)
    key = uuid.uuid4()
    inbound, is_new = Inbound.objects.select_for_update().get_or_create(
        programme=programme,
        phone_hash=sender.hash,
        settled_at=None,
        defaults={
            "id": key,
            "number": lambda: intake.next_number(programme, REGISTER, timezone.localdate(now).year),
            "phone_sealed": seal(sender.phone, table="inbound", column="phone", row=key),
            "answerable": sender.answerable,
            "received_at": text.received_at,
        },
    )
    text.inbound = inbound
    text.seal_text(words)
    return inbound, is_new


def _programme(receiver: str) -> Programme:
    """Return the programme that a short number serves; a setting that names none stops here, and nothing is lost."""
    served = settings.SMS_PROGRAMME
    code = served.get(receiver.lstrip("+")) or served.get("") or next(iter(served.values()), "")
    programme = Programme.objects.filter(code=code).first()
    if programme is None:
        raise ImproperlyConfigured(f"SMS_PROGRAMME: no programme “{code}”")
    return programme


def record(inbound: Inbound, complaint: Complaint, *, by: User, now: datetime, seen: int) -> None:
    """Settle what came by SMS: it is this complaint now, whose receipt goes to the same telephone."""
    _settle(inbound, by=by, now=now, seen=seen, settled_as=Inbound.Settled.RECORDED, complaint=complaint)


def reply(inbound: Inbound, settled_as: Inbound.Settled, *, by: User, now: datetime, seen: int) -> None:
    """Settle what is no complaint of this programme, with a courteous reply to who can be answered (D19)."""
    with transaction.atomic():
        _settle(inbound, by=by, now=now, seen=seen, settled_as=settled_as)
        if inbound.answerable:
            Notification.objects.create(
                inbound=inbound, template=settled_as, by_sms=True, created_at=now, next_attempt_at=now
            )


def _settle(inbound: Inbound, *, by: User, now: datetime, seen: int, **became: Any) -> None:
    """Settle the row, unless somebody was first or the sender has written more than the officer has seen."""
    with transaction.atomic():
        claim(inbound, by=by, seen=seen)
        Inbound.objects.filter(pk=inbound.pk).update(settled_at=now, settled_by=by, **became)


def claim(inbound: Inbound, *, by: User, seen: int) -> None:
    """Hold the row until the transaction ends; raises Refused when it is no longer what the officer has seen."""
    waiting = Inbound.objects.visible_to(by).waiting().filter(pk=inbound.pk).select_for_update().first()
    if waiting is None:
        raise Refused(_("SMS ini sudah ditangani oleh petugas lain. Pilih SMS yang lain."))
    if waiting.texts.count() != seen:
        raise Refused(_("Pengirimnya baru saja menulis lagi. Baca dulu, lalu coba lagi."))
