"""The words of a notice: the programme's own template, or built-in ones where it has none (D42, D43).

A mail is Indonesian whoever caused it. To officers it never names a person nor repeats what was told; to complainants
it says only what is addressed to them, and never the tracking code (D37, D38). What a template leaves out of number,
stage, office, deadline and link is set below it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pengaduan.models import Complainant, Complaint, Event, Note, Stage
from tiers.models import User
from workflow import daily, needs, notices
from workflow.calendar import local_day
from workflow.models import Notification, Pause, ReplyTemplate, SweepRun
from workflow.wording import (
    ANY_NEWS,
    BELOW_COMPLAINANT,
    BELOW_OFFICER,
    MARK,
    STAGE_WORDS,
    TO_COMPLAINANT,
    TO_OFFICER,
    WORDS_OF,
)

# The complainant's own days, counted from the event (D12, D28).
ANSWER_DAYS = {
    "minta-kelengkapan": needs.COMPLETION_DAYS,
    "jawaban": needs.SILENCE_DAYS,
    "belum-lengkap": needs.COMPLETION_DAYS,
    "hasil": needs.SILENCE_DAYS,
    "ditutup-diam": needs.REOPEN_DAYS,
}


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
    with translation.override("id"):
        complaint, complainant, event = notification.complaint, notification.complainant, notification.event
        template = notification.template
        if complaint is None:
            return _without_complaint(notification)
        facts = _facts(complaint, event, template)
        if complainant:
            subject, body = _words(complaint, template, TO_COMPLAINANT, "Yth. Pelapor,\n\n")
            facts |= _for_complainant(complaint, event) | _addressed(complaint, complainant, event, template)
        else:
            subject, body = _words(complaint, template, TO_OFFICER)
            if template == notices.IDENTITY_ASKED:  # a custodian decides without seeing the case (D63)
                facts = {mark: facts[mark] for mark in ("nomor", "program")} | {
                    "tautan": f"{settings.SITE_URL}/petugas/identitas/"
                }
        text = _fill(body, facts, template).strip()
        below = _below(BELOW_COMPLAINANT if complainant else BELOW_OFFICER, facts, used=MARK.findall(body))
        return Letter(_one_line(_fill(subject, facts, template)), f"{text}\n\n{below}".strip() + "\n")


def _words(complaint: Complaint, template: str, built_in: dict[str, str], opening: str = "") -> tuple[str, str]:
    """Return subject and body with their marks: as the reviewers keep them, else as built in."""
    own = ReplyTemplate.objects.filter(programme=complaint.programme_id, code=template).first()
    if own:
        return own.subject, own.body
    return "Pengaduan {nomor}", opening + built_in.get(template, ANY_NEWS)


def _facts(complaint: Complaint, event: Event | None, template: str) -> dict[str, str]:
    """Return what every notice may say, as it stood at the event: the case may have moved on since."""
    office = event.to_office if event and event.to_office else complaint.office
    due_at = _deadline(complaint, event, template)
    return {
        "nomor": complaint.number,
        "program": complaint.programme.name,
        "kategori": complaint.category.name,
        "wilayah": complaint.region.full_name,
        "tahap": str(_stage(complaint, event).label),
        "kantor": office.name,
        "jenjang": str(office.get_tier_display()),
        "tenggat": date_format(local_day(due_at, complaint.zone), "l, j F Y") if due_at else "",
        "tautan": _link(complaint),
    }


def _for_complainant(complaint: Complaint, event: Event | None) -> dict[str, str]:
    """Return the facts that a complainant reads otherwise: plain words, and the page that asks for the code."""
    return {
        "tahap": STAGE_WORDS[_stage(complaint, event)],
        "tautan": f"{settings.SITE_URL}/lacak/ (pakai kode pada tanda terima)",
    }


def _stage(complaint: Complaint, event: Event | None) -> Stage:
    return Stage(event.to_stage if event and event.to_stage else complaint.stage)


def _deadline(complaint: Complaint, event: Event | None, template: str) -> datetime | None:
    """Return the last instant that this notice speaks of: the complainant's own where one is set, else the office's."""
    if event is None:
        return complaint.tier_due_at
    if template in (notices.REMINDER, "tidak-dilengkapi") and (pause := _pause_at(complaint, event)):
        return needs.days_after(pause.started_at, needs.COMPLETION_DAYS, complaint.zone)
    if length := ANSWER_DAYS.get(template):
        return needs.days_after(event.at, length, complaint.zone)
    return None if event.to_stage == Stage.CLOSED else event.tier_due_at


def _addressed(complaint: Complaint, complainant: Complainant, event: Event | None, template: str) -> dict[str, str]:
    """Return the words written for this complainant at this very step; a reason meant for the file is none of them."""
    if event is None:
        return {}
    if "pertanyaan" in WORDS_OF.get(template, ()):
        pause = _pause_at(complaint, event)
        return {"pertanyaan": pause.asked if pause else ""}
    if template == "jawaban":
        return {"alasan": complaint.case_file.answer}
    if template == "hasil":
        return {"alasan": complaint.case_file.result}
    if template in WORDS_OF:
        note = Note.objects.filter(event=event).first()
        return {"alasan": note.text if note else "", "tujuan": json.loads(event.data).get("authority", "")}
    return {}


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
    if notification.template == notices.SWEEP_HELD:
        held = SweepRun.objects.exclude(refused="").order_by("-as_of").first()
        words = (
            f"Eskalasi otomatis ditahan dan menunggu seseorang. {held.refused if held else ''}\n\n"
            "Bila jam mesin benar, jalankan dengan tangan: manage.py escalate_overdue\n"
        )
        return Letter("Eskalasi otomatis ditahan", words)
    raise TemplateFault(_("Pemberitahuan “%s” tidak punya pengaduan.") % notification.template)


def _daily_list(user: User, day: date) -> Letter:
    lines = [f"{complaint.number}  {_link(complaint)}" for complaint in daily.late_at_top(user)]
    if not lines:
        raise NothingToTell(_("Tidak ada lagi yang lewat tenggat di jenjang teratas."))
    subject = f"{len(lines)} pengaduan lewat tenggat di jenjang teratas"
    head = f"Pada {date_format(day, 'l, j F Y')}, {subject} dan belum selesai:"
    return Letter(subject, "\n".join([head, "", *lines, ""]))


def _link(complaint: Complaint) -> str:
    return settings.SITE_URL + complaint.get_absolute_url()


def _one_line(text: str) -> str:
    return " ".join(text.split())
