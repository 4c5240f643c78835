"""The words of a notice: the programme's own template, or built-in ones where it has none (D42, D43).

A mail is Indonesian whoever caused it. To officers it never names a person nor repeats what was told; to complainants
it says only what is addressed to them, and never the tracking code (D37, D38). What a template leaves out of number,
stage, office, deadline and link is set below it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pengaduan.models import Complainant, Complaint, Event, Note, Stage
from tiers.models import Programme, User
from workflow import daily, needs, notices, sla, standing_in, warnings
from workflow.calendar import end_of_day, local_day, months_after
from workflow.models import Notification, Pause, ReplyTemplate, SweepRun
from workflow.oversight import where_to_turn
from workflow.wording import (
    ANY_NEWS,
    BELOW_COMPLAINANT,
    BELOW_OFFICER,
    EXAMPLE,
    LETTER,
    MARK,
    MILESTONES,
    OMBUDSMAN,
    PLACED,
    SALUTATION,
    STAGE_WORDS,
    TO_AUTHORITIES,
    TO_COMPLAINANT,
    TO_OFFICER,
    WORDS_OF,
    marks_of,
)

# The complainant's own days, counted from the event (D12, D28).
ANSWER_DAYS = {
    "minta-kelengkapan": needs.COMPLETION_DAYS,
    "jawaban": needs.SILENCE_DAYS,
    "belum-lengkap": needs.COMPLETION_DAYS,
    "hasil": needs.SILENCE_DAYS,
    "ditutup-diam": needs.REOPEN_DAYS,
}

RECEIPT = notices.TO_COMPLAINANT["diterima"]


class TemplateFault(Exception):
    """A template asks for something that its notice does not have; the text says which, for the reviewer."""


class NothingToTell(Exception):
    """What the notice was about is over by now."""


@dataclass(frozen=True)
class Letter:
    """What is sent: one line and plain text."""

    subject: str
    body: str


def render(notification: Notification) -> Letter:
    """Return the words of a notice; raises TemplateFault where the template has a mark it may not use."""
    complaint, event, template = notification.complaint, notification.event, notification.template
    with translation.override("id"):
        if complaint is None:
            return _without_complaint(notification)
        if complainant := notification.complainant:
            return compose(complaint, event, template, complainant)
        facts = _facts(complaint, event, template)
        if template == notices.IDENTITY_ASKED:  # a custodian decides without seeing the case (D63)
            facts = {mark: facts[mark] for mark in ("nomor", "program")} | {
                "tautan": f"{settings.SITE_URL}/petugas/identitas/"
            }
        over = _over(complaint, now=notification.next_attempt_at) if template == notices.WARNING else ""
        letter = _filled(_words(complaint, template), facts, template, below=BELOW_OFFICER)
        return Letter(letter.subject, over + letter.body)


def _over(complaint: Complaint, *, now: datetime) -> str:
    """Return what of the time is over, to stand before the words of a warning (D34)."""
    if found := warnings.sentences(complaint, sla.clock_of(complaint), now=now):
        return " ".join(found) + "\n\n"
    raise NothingToTell(_("Tidak ada lagi yang perlu diperingatkan."))


def compose(complaint: Complaint, event: Event | None, template: str, complainant: Complainant | None = None) -> Letter:
    """Return what a complainant or an authority is written at an event, from the template now in force (D19, D42).

    Raises TemplateFault where the template has a mark it may not use.
    """
    with translation.override("id"):
        reply = template.removeprefix(LETTER)
        facts = _facts(complaint, event, reply) | _for_complainant(complaint, event)
        facts |= _addressed(complaint, event, template)
        if complainant:
            facts |= _own(complaint, complainant)
        below = {} if template.startswith(LETTER) else BELOW_COMPLAINANT
        letter = _filled(_words(complaint, template), facts, template, below=below)
        if event and reply == RECEIPT and (turn := where_to_turn(complaint, on=local_day(event.at, complaint.zone))):
            return Letter(letter.subject, f"{letter.body}\n{turn}\n")
        return letter


def preview(complaint: Complaint, template: str, *, now: datetime, words: dict[str, str], stage: Stage) -> Letter:
    """Return a reply as the complainant will read it once the step that sends it is taken (D19).

    `words` are those that the officer has written so far, `stage` where the step will lead.
    """
    with translation.override("id"):
        length = ANSWER_DAYS.get(template)
        until = needs.days_after(now, length, complaint.zone) if length else None
        facts = _facts(complaint, None, template) | _for_complainant(complaint, None) | words
        facts["tahap"] = STAGE_WORDS[stage]
        facts["tenggat"] = _day(until, complaint.zone)
        return _filled(_words(complaint, template), facts, template, below=BELOW_COMPLAINANT)


def example(programme: Programme, template: str, subject: str, body: str) -> Letter:
    """Return a template filled with invented facts, for the reviewer who edits it; raises TemplateFault."""
    with translation.override("id"):
        facts = {**EXAMPLE, "program": programme.name}
        facts = {mark: facts[mark] for mark in marks_of(template)}
        to_officer = template.startswith(notices.OFFICER)
        below = {} if template.startswith(LETTER) else BELOW_OFFICER if to_officer else BELOW_COMPLAINANT
        return _filled((subject, body), facts, template, below=below)


def _filled(words: tuple[str, str], facts: dict[str, str], template: str, *, below: dict[str, str]) -> Letter:
    subject, body = words
    text = _fill(body, facts, template).strip()
    more = _below(below, facts, used=MARK.findall(body))
    return Letter(_one_line(_fill(subject, facts, template)), f"{text}\n\n{more}".strip() + "\n")


def _words(complaint: Complaint, template: str) -> tuple[str, str]:
    """Return subject and body with their marks: as the reviewers keep them, else as built in."""
    own = ReplyTemplate.objects.filter(programme=complaint.programme_id, code=template).first()
    if own:
        return own.subject, own.body
    if template in TO_AUTHORITIES:
        return "Pengaduan {nomor}", TO_AUTHORITIES[template]
    if template.startswith(notices.OFFICER):
        return "Pengaduan {nomor}", TO_OFFICER.get(template, ANY_NEWS)
    return "Pengaduan {nomor}", f"{SALUTATION}\n\n" + TO_COMPLAINANT.get(template, ANY_NEWS)


def _facts(complaint: Complaint, event: Event | None, template: str) -> dict[str, str]:
    """Return what every notice may say, as it stood at the event: the case may have moved on since."""
    office = event.to_office if event and event.to_office else complaint.office
    due_at = deadline_of(complaint, event, template)
    return {
        "nomor": complaint.number,
        "program": complaint.programme.name,
        "kategori": complaint.category.name,
        "wilayah": complaint.region.full_name,
        "tahap": str(_stage(complaint, event).label),
        "kantor": office.name,
        "jenjang": str(office.get_tier_display()),
        "tenggat": _day(due_at, complaint.zone),
        "tautan": _link(complaint),
    }


def _for_complainant(complaint: Complaint, event: Event | None) -> dict[str, str]:
    """Return the facts that a complainant reads otherwise: plain words, and the page that asks for the code."""
    return {
        "tahap": STAGE_WORDS[_stage(complaint, event)],
        "tautan": f"{settings.SITE_URL}/lacak/ (pakai kode pada tanda terima)",
    }


def _own(complaint: Complaint, complainant: Complainant) -> dict[str, str]:
    """Return number, matter and place as this complainant told them: the case may be known by another's (D55)."""
    if complainant.complaint_id == complaint.pk:
        return {}
    own = complainant.complaint
    return {"nomor": own.number, "kategori": own.category.name, "wilayah": own.region.full_name}


def _stage(complaint: Complaint, event: Event | None) -> Stage:
    return Stage(event.to_stage if event and event.to_stage else complaint.stage)


def deadline_of(complaint: Complaint, event: Event | None, template: str) -> datetime | None:
    """Return the last instant that this notice speaks of: the complainant's own where one is set, else the office's."""
    if event is None:
        return None if complaint.closed_at else complaint.tier_due_at
    if template in (notices.REMINDER, "tidak-dilengkapi") and (pause := _pause_at(complaint, event)):
        return needs.days_after(pause.started_at, needs.COMPLETION_DAYS, complaint.zone)
    if length := ANSWER_DAYS.get(template):
        return needs.days_after(event.at, length, complaint.zone)
    if template == "basis-data-induk":  # a month to process it, as the guide promises (D9, D36)
        return end_of_day(months_after(local_day(event.at, complaint.zone), 1), complaint.zone)
    return None if event.to_stage == Stage.CLOSED else event.tier_due_at


def _addressed(complaint: Complaint, event: Event | None, template: str) -> dict[str, str]:
    """Return the words written for the reader at this very step; a reason meant for the file is none of them."""
    reply = template.removeprefix(LETTER)
    if event is None or reply not in WORDS_OF:
        return {}
    if "pertanyaan" in WORDS_OF[reply]:
        pause = _pause_at(complaint, event)
        return {"pertanyaan": pause.asked if pause else ""}
    if template == OMBUDSMAN:
        return {"alasan": _course(complaint, event), "tujuan": "Ombudsman Republik Indonesia"}
    if reply == "jawaban":
        return {"alasan": complaint.case_file.answer}
    if reply == "hasil":
        return {"alasan": complaint.case_file.result}
    note, data = Note.objects.filter(event=event).first(), json.loads(event.data)
    return {"alasan": _decided(data) + (note.text if note else ""), "tujuan": data.get("authority", "")}


def _decided(data: dict[str, Any]) -> str:
    """Return in words how a recommendation was decided, where the step decides one (D36)."""
    if "approved" not in data:
        return ""
    return "Perbaikan disetujui. " if data["approved"] else "Perbaikan tidak disetujui. "


def _course(complaint: Complaint, event: Event) -> str:
    """Return what was done and when, up to an event, without a word that anybody wrote (D54)."""
    events = complaint.events.filter(kind__in=MILESTONES, seq__lte=event.seq).select_related("to_office")
    lines = [
        f"- {date_format(local_day(each.at, complaint.zone), 'j F Y')}: {MILESTONES[each.kind]}"
        + (f" ({each.to_office})" if each.kind in PLACED else "")
        for each in events.order_by("seq")
    ]
    return "\n".join(lines)


def _pause_at(complaint: Complaint, event: Event) -> Pause | None:
    """Return the waiting that an event is about: the last that had begun by then (D12)."""
    return complaint.pauses.filter(started_at__lte=event.at).order_by("-started_at").first()


def _fill(text: str, facts: dict[str, str], template: str) -> str:
    """Put the facts in their places, in one pass: braces inside a fact stay what they are."""
    unknown = [mark for mark in MARK.findall(text) if mark not in facts]
    if unknown:
        raise TemplateFault(
            _("Templat “%(template)s”: tanda {%(mark)s} tidak dikenal di sini.")
            % {"template": template, "mark": unknown[0]}
        )
    return MARK.sub(lambda mark: facts[mark[1]], text)


def _below(labels: dict[str, str], facts: dict[str, str], *, used: Iterable[str]) -> str:
    return "\n".join(
        f"{label}: {facts[mark]}" for mark, label in labels.items() if mark not in used and facts.get(mark)
    )


def _without_complaint(notification: Notification) -> Letter:
    """Return the words of what concerns no single complaint: the daily list, and the escalation that was held back."""
    if notification.template == daily.TEMPLATE and notification.user:
        return _daily_list(notification.user, timezone.localdate(notification.next_attempt_at))
    if notification.template == notices.DAILY and notification.user:
        return _digest(notification.user, now=notification.next_attempt_at)
    if notification.template == notices.ABSENCE and notification.user:
        words = standing_in.words_for(notification.user, now=notification.created_at)
        return Letter("Ketidakhadiran dan pengganti", words)
    if notification.template == notices.SWEEP_HELD:
        held = SweepRun.objects.exclude(refused="").order_by("-as_of").first()
        words = (
            f"Eskalasi otomatis ditahan dan menunggu seseorang. {held.refused if held else ''}\n\n"
            "Bila jam mesin benar, jalankan dengan tangan: manage.py escalate_overdue\n"
        )
        return Letter("Eskalasi otomatis ditahan", words)
    raise TemplateFault(_("Pemberitahuan “%s” tidak punya pengaduan.") % notification.template)


def _digest(user: User, *, now: datetime) -> Letter:
    """Return an officer's mail of the morning: how many and which numbers, nothing of the matter (D37)."""
    sections = daily.digest_of(user, now=now)
    if not sections:
        raise NothingToTell(_("Tidak ada yang menunggu petugas ini."))
    day = date_format(timezone.localdate(now), "l, j F Y")
    lines = [f"Yang menunggu Anda pada {day}:"]
    for section in sections:
        lines += ["", f"{section.label}: {section.count}", *(f"  {number}" for number in section.numbers)]
        if more := section.count - len(section.numbers):
            lines.append(f"  … dan {more} lagi")
    return Letter(f"Pengaduan hari ini: {day}", "\n".join([*lines, "", f"Buka di: {settings.SITE_URL}/petugas/", ""]))


def _daily_list(user: User, day: date) -> Letter:
    lines = [f"{complaint.number}  {_link(complaint)}" for complaint in daily.late_at_top(user)]
    if not lines:
        raise NothingToTell(_("Tidak ada lagi yang lewat tenggat di jenjang teratas."))
    subject = f"{len(lines)} pengaduan lewat tenggat di jenjang teratas"
    head = f"Pada {date_format(day, 'l, j F Y')}, {subject} dan belum selesai:"
    return Letter(subject, "\n".join([head, "", *lines, ""]))


def _day(instant: datetime | None, zone: str) -> str:
    return date_format(local_day(instant, zone), "l, j F Y") if instant else ""


def _link(complaint: Complaint) -> str:
    return settings.SITE_URL + complaint.get_absolute_url()


def _one_line(text: str) -> str:
    return " ".join(text.split())
