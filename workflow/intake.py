"""Take a complaint in: numbered at once, its clock set, its complainant sealed, its receipt owed (D15–D22, D59)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from pengaduan import record, sealing, tracking
from pengaduan.models import (
    Actor,
    CaseFile,
    Category,
    Channel,
    Complainant,
    Complaint,
    ComplaintText,
    Event,
    ReportedParty,
    Secrecy,
    Source,
    Stage,
)
from tiers.models import Office, Programme, Region, Tier, User
from workflow import correspondence, hints, notices, routing, sla
from workflow.calendar import local_day
from workflow.machine import Refused

SUBJECT_LENGTH = 72
TEXT_LENGTH = 10_000


@dataclass(frozen=True)
class Matter:
    """What is complained of, as it came in; `received_at` is when it reached us, on paper perhaps days ago."""

    category: Category
    region: Region
    text: str
    channel: Channel
    received_at: datetime
    source: Source | None = None
    subject: str = ""
    occurred_on: date | None = None
    programme_year: int | None = None
    reported_users: Iterable[User] = ()
    reported_offices: Iterable[Office] = ()
    reported_words: str = ""
    note: str = ""  # how it came, where that is to stand in the record: the opening of a complaint box (D58)


@dataclass(frozen=True)
class Person:
    """Who brings it. Anonymous keeps no name, telephone or address; an e-mail may be left to be told of progress."""

    secrecy: Secrecy = Secrecy.ANONYMOUS
    identity: dict[str, str] = field(default_factory=dict)  # name, phone, email, address
    consent_noted: bool = False
    by_sms: bool = False  # wants to be told by SMS; needs a telephone


@dataclass(frozen=True)
class Receipt:
    """What the complainant takes home. `code` is shown once and never stored; None when the form was sent twice."""

    complaint: Complaint
    complainant: Complainant
    code: str | None


def receive(
    matter: Matter, person: Person, *, now: datetime, by: User | None = None, submission_key: uuid.UUID | None = None
) -> Receipt:
    """Take a complaint in, once for each `submission_key`; raises Refused with a sentence and the field.

    The deadline runs from `received_at` at the place of the matter (D11). The office is the lowest that may handle it
    (D31, D35).
    """
    _check(matter, now=now)
    if submission_key and (first := _sent_before(submission_key)):
        return first
    try:
        with transaction.atomic():
            return _receive(matter, person, now=now, by=by, submission_key=submission_key)
    except IntegrityError:
        if submission_key and (first := _sent_before(submission_key)):  # the other of two at once was faster
            return first
        raise


def _check(matter: Matter, *, now: datetime) -> None:
    text = matter.text.strip()
    if not text:
        raise Refused(_("Tulis apa yang terjadi."), field="text")
    if len(text) > TEXT_LENGTH:
        raise Refused(
            _("Teks terlalu panjang: %(length)d karakter, paling banyak %(most)d.")
            % {"length": len(text), "most": TEXT_LENGTH},
            field="text",
        )
    if matter.received_at > now:
        raise Refused(_("Tanggal diterima tidak boleh di masa depan."), field="received_on")
    if matter.occurred_on and matter.occurred_on > local_day(now, matter.region.zone):
        raise Refused(_("Tanggal kejadian tidak boleh di masa depan."), field="occurred_on")
    if matter.region.tier > Tier.KABUPATEN:
        raise Refused(_("Pilih tempatnya, sekurang-kurangnya kabupaten atau kota."), field="region")
    programme = matter.category.programme
    if matter.channel.programme_id != programme.pk or (matter.source and matter.source.programme_id != programme.pk):
        raise Refused(_("Media dan sumber harus dari program yang sama dengan kategorinya."), field="channel")


def _receive(
    matter: Matter, person: Person, *, now: datetime, by: User | None, submission_key: uuid.UUID | None
) -> Receipt:
    complaint = _new_complaint(matter, person, now=now, submission_key=submission_key)
    regency = complaint.region_id[:5]
    text = matter.text.strip()
    ComplaintText.objects.create(complaint=complaint, regency_code=regency, original=text)
    CaseFile.objects.create(complaint=complaint, regency_code=regency)
    ReportedParty.objects.bulk_create(_reported(complaint, matter, regency))
    code = tracking.new_code()
    complainant = _complainant(complaint, person, code, regency=regency, now=now)
    _first_event(complaint, matter.note, by=by, now=now)
    return Receipt(complaint, complainant, code)


def _new_complaint(matter: Matter, person: Person, *, now: datetime, submission_key: uuid.UUID | None) -> Complaint:
    category, region = matter.category, matter.region
    start = routing.start(category, region, users=matter.reported_users, offices=matter.reported_offices)
    complaint = Complaint(
        submission_key=submission_key,
        programme=category.programme,
        category=category,
        service_level=category.service_level,
        region=region,
        zone=region.zone,
        subject=(matter.subject or _first_words(matter.text, person) or category.name)[:160],
        channel=matter.channel,
        source=matter.source,
        programme_year=matter.programme_year,
        occurred_on=matter.occurred_on,
        office=start.office,
        tier=start.office.tier,
        concealed_tier=start.concealed_tier,
        stage=Stage.REGISTRATION,
        received_at=matter.received_at,
        tier_since=matter.received_at,
        created_at=now,
    )
    clock = sla.deadlines(complaint, service_level=category.service_level, now=now)
    complaint.due_at, complaint.tier_due_at, complaint.stage_due_at = (
        clock.due_at,
        clock.tier_due_at,
        clock.stage_due_at,
    )
    complaint.number = _next_number(complaint)
    complaint.save(force_insert=True)
    return complaint


def _complainant(complaint: Complaint, person: Person, code: str, *, regency: str, now: datetime) -> Complainant:
    kept = {"email"} if person.secrecy == Secrecy.ANONYMOUS else {"name", "phone", "email", "address"}
    identity = {name: text.strip() for name, text in person.identity.items() if name in kept and text.strip()}
    complainant = Complainant(
        complaint=complaint,
        regency_code=regency,
        secrecy=person.secrecy,
        tracking_hash=tracking.code_hash(code),
        consent_noted=person.consent_noted,
        created_at=now,
    )
    complainant.seal_identity(**identity)
    if phone := identity.get("phone"):
        complainant.phone_hash = sealing.keyed_hash("phone", phone)
        complainant.sms_wanted = person.by_sms
    complainant.save(force_insert=True)
    return complainant


def _first_event(complaint: Complaint, note: str, *, by: User | None, now: datetime) -> Event:
    data: dict[str, Any] = {"category": complaint.category.code, "channel": complaint.channel.code}
    received_on = local_day(complaint.received_at, complaint.zone)
    if late := complaint.programme.days_too_late(complaint.occurred_on, received_on):
        data["late_days"] = late
    event = record.next_event(
        complaint,
        "diterima",
        at=now,
        text=note,
        actor=Actor.OFFICER if by else Actor.COMPLAINANT,
        by=by,
        to_stage=complaint.stage,
        to_office=complaint.office,
        due_at=complaint.due_at,
        tier_due_at=complaint.tier_due_at,
        data=data,
    )
    record.save(event, note)
    complaint.event_seq, complaint.event_head = event.seq, event.digest
    complaint.save(update_fields=["event_seq", "event_head"])
    notices.owe_for(event, complaint, now=now)
    correspondence.keep_for(event, complaint)
    return event


def _reported(complaint: Complaint, matter: Matter, regency: str) -> list[ReportedParty]:
    parties: list[dict[str, Any]] = [{"user": user} for user in matter.reported_users]
    parties += [{"office": office} for office in matter.reported_offices]
    if matter.reported_words.strip():
        parties.append({"words": matter.reported_words.strip()[:240]})
    return [ReportedParty(complaint=complaint, regency_code=regency, **party) for party in parties]


def _first_words(text: str, person: Person) -> str:
    """Return how a text begins, for the lists; nothing where that names somebody (D37, D57)."""
    line = " ".join(text.split())
    first = line if len(line) <= SUBJECT_LENGTH else line[:SUBJECT_LENGTH].rsplit(" ", 1)[0] + " …"
    return "" if hints.find(first, names=[person.identity.get("name", "")]) else first


def _next_number(complaint: Complaint) -> str:
    """Return the next number of the register of a programme, regency and year."""
    year = local_day(complaint.received_at, complaint.zone).year
    return next_number(complaint.programme, complaint.region_id[:5], year)


def next_number(programme: Programme, register: str, year: int) -> str:
    """Return the next number of a register, a regency's or that of the text messages: no gaps, held until commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO workflow_numbercounter AS c (programme_id, regency_code, year, last) VALUES (%s, %s, %s, 1)
            ON CONFLICT (programme_id, regency_code, year) DO UPDATE SET last = c.last + 1 RETURNING last
            """,
            [programme.pk, register, year],
        )
        (last,) = cursor.fetchone()
    return f"{programme.number_prefix}-{register}-{year}-{last:06d}"


def _sent_before(submission_key: uuid.UUID) -> Receipt | None:
    complaint = Complaint.objects.filter(submission_key=submission_key).first()
    return Receipt(complaint, complaint.complainants.order_by("created_at").first(), None) if complaint else None
