"""Samples of closed cases, judged by a reviewer; what falls short goes back under its old clock (D40, D48, D54)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Event
from tiers.models import Programme, Region, User
from workflow import gate, notices, quality, taking
from workflow.machine import NEED_SENTENCES, Need, Refused, Who
from workflow.models import QualityReview, QualitySample
from workflow.needs import missing, steps_taken

CONFIRMING = frozenset({"sahkan-selesai", "sahkan-tidak-terbukti"})


def draw_sample(
    *,
    by: User,
    now: datetime,
    programme: Programme,
    region: Region | None,
    closed_from: date,
    closed_until: date,
    size: int,
) -> QualitySample:
    """Draw cases at random that were closed from one day to another, both included; fewer where there are fewer.

    Raises Refused outside the reviewer's area, and where there is nothing to judge.
    """
    if not quality.may_draw(by, programme, region):
        raise Refused(_("Wilayah ini di luar wilayah tugas Anda. Pilih wilayah lain."), field="region")
    with transaction.atomic():
        closed = quality.candidates(by, programme, region, closed_from=closed_from, closed_until=closed_until)
        drawn = list(closed.only("pk", "regency_code").order_by("?")[:size])
        if not drawn:
            raise Refused(
                _("Tidak ada pengaduan selesai yang dapat dinilai dalam masa itu. Pilih masa lain."),
                field="closed_until",
            )
        sample = QualitySample.objects.create(
            programme=programme,
            region=region,
            closed_from=closed_from,
            closed_until=closed_until,
            drawn_by=by,
            drawn_at=now,
        )
        QualityReview.objects.bulk_create(
            QualityReview(sample=sample, complaint=complaint, regency_code=complaint.regency_code)
            for complaint in drawn
        )
    return sample


def approve_quality(review: QualityReview, *, by: User, now: datetime, checklist: dict[str, bool]) -> None:
    """Judge a case as well handled; a question that was answered with no may stand, if the reviewer finds so."""
    complaint = review.complaint
    with transaction.atomic():
        if Who.REVIEWER not in gate.rights_of(by, complaint, now=now):
            raise Refused(_("Penilaian ini bukan wewenang Anda. Minta peninjau program itu."))
        for need in (Need.SAMPLED, Need.UNTOUCHED):
            if field := missing(need, complaint, code="", by=by, now=now, facts={"review": review}):
                raise Refused(NEED_SENTENCES[need], field=field)
        _judge(review, QualityReview.Verdict.GOOD, by=by, now=now, checklist=checklist)


def return_for_quality(
    review: QualityReview, *, by: User, now: datetime, checklist: dict[str, bool], reason: str
) -> Event:
    """Send a closed case back: to the review, or an answer to be written anew; no time is given anew (D54).

    The office that holds it, who confirmed its result, and the complainant are told.
    """
    complaint = review.complaint
    code = "kembalikan-mutu" if complaint.category.nature == "masalah" else "kembalikan-mutu-jawaban"
    with transaction.atomic():
        step = gate.allowed(complaint, code, by=by, now=now, facts={"reason": reason, "review": review})
        confirmed = {person for kind, person in steps_taken(complaint) if kind in CONFIRMING and person}
        _judge(review, QualityReview.Verdict.RETURNED, by=by, now=now, checklist=checklist, reason=reason)
        reopened: dict[str, Any] = {"settled_at": None, "closed_at": None, "outcome": ""}
        event = taking.take(complaint, step, by=by, now=now, text=reason, **reopened)
        notices.owe_people(event, complaint, confirmed, notices.QUALITY, now=now)
    return event


def _judge(
    review: QualityReview,
    verdict: QualityReview.Verdict,
    *,
    by: User,
    now: datetime,
    checklist: dict[str, bool],
    reason: str = "",
) -> None:
    """Write the verdict if nobody was first."""
    judged = {"verdict": verdict, "checklist": checklist, "reason": reason, "reviewed_by": by, "reviewed_at": now}
    if not QualityReview.objects.filter(pk=review.pk, verdict="").update(**judged):
        raise taking.ChangedMeanwhile
    for name, value in judged.items():
        setattr(review, name, value)
