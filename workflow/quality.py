"""How closed cases are judged: the checklist, what may be drawn into a sample, and what a sample came to (D40, D48)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint, Event, Nature, Outcome, Stage
from tiers import scope
from tiers.models import Programme, Region, User
from tiers.permissions import Permission
from workflow.machine import REOPENABLE
from workflow.models import QualityReview, QualitySample

SMALLEST, LARGEST = 5, 50  # cases in a sample
LONGEST = timedelta(days=366)  # from the first to the last day of closing


@dataclass(frozen=True)
class Item:
    """One question of the checklist, answered yes or no; None: asked of both natures, or of every outcome."""

    code: str
    question: str | Promise
    nature: Nature | None = None
    outcomes: frozenset[Outcome] | None = None


SETTLED = frozenset({Outcome.ACCEPTED, Outcome.SILENT})
CHECKLIST = (
    Item("bukti", _("Bukti dan keterangannya ada dan cukup"), Nature.MASALAH),
    Item("berita-acara", _("Berita acaranya sah: tanggal, tempat, yang hadir, dan keputusan"), Nature.MASALAH, SETTLED),
    Item("standar", _("Hasilnya sesuai dengan standar penyelesaian kategorinya"), Nature.MASALAH, SETTLED),
    Item("diumumkan", _("Warga diberi tahu mengapa tidak terbukti"), Nature.MASALAH, frozenset({Outcome.UNPROVEN})),
    Item("jawaban", _("Jawabannya menjawab yang ditanyakan"), Nature.INFORMATIF),
    Item("kabar", _("Pelapor diberi tahu pada setiap tahap")),
    Item("tenggat", _("Tenggatnya ditepati, atau keterlambatannya dijelaskan kepada pelapor")),
    Item("netral", _("Kata-katanya netral; yang dilaporkan tidak dianggap bersalah sebelum terbukti")),
    Item("rahasia", _("Identitas pelapor tidak tersebut dalam catatan, surat, dan berkas")),
)


def items_for(complaint: Complaint) -> list[Item]:
    """Return the questions that fit what the case was about and how it ended."""
    return [
        item
        for item in CHECKLIST
        if item.nature in (None, complaint.category.nature)
        and (item.outcomes is None or complaint.outcome in item.outcomes)
    ]


def questions_of(review: QualityReview) -> list[Item]:
    """Return what is asked of a case, or once judged what was asked: a case that was sent back is no longer closed."""
    if review.verdict:
        return [item for item in CHECKLIST if item.code in review.checklist]
    return items_for(review.complaint)


def may_draw(by: User, programme: Programme, region: Region | None) -> bool:
    """Say whether someone judges the cases of a programme in a region; None: in the whole country."""
    code = region.code if region else ""
    return any(
        scope.contains(office, programme_id=programme.pk, region_code=code)
        for office in scope.offices_of(by, Permission.REVIEW)
    )


def candidates(
    by: User, programme: Programme, region: Region | None, *, closed_from: date, closed_until: date
) -> QuerySet[Complaint]:
    """Return the closed cases that this person may judge: seen, never touched, and not judged since they were closed.

    Only what can be taken up again: not what was withdrawn, merged, or given to others. Days as in Jakarta.
    """
    begin, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (closed_from, closed_until))
    reviews = QualityReview.objects.filter(complaint=OuterRef("pk"))
    in_hand = reviews.filter(Q(verdict="") | Q(reviewed_at__gte=OuterRef("closed_at")))
    closed = Complaint.objects.visible_to(by).filter(
        ~Exists(Event.objects.filter(complaint=OuterRef("pk"), by=by)),
        ~Exists(in_hand),
        programme=programme,
        stage=Stage.CLOSED,
        outcome__in=REOPENABLE,
        closed_at__gte=begin,
        closed_at__lt=end + timedelta(days=1),
    )
    closed = closed.exclude(handler=by)
    if region:
        closed = closed.filter(Q(region=region.code) | Q(region__code__startswith=f"{region.code}."))
    return closed


@dataclass(frozen=True)
class Count:
    """Of some questions or cases, how many were judged, and how many of those fell short."""

    of: str | Promise
    judged: int
    short: int


@dataclass(frozen=True)
class Figures:
    """What a sample came to so far."""

    drawn: int
    waiting: int
    good: int
    returned: int
    by_item: list[Count]
    by_office: list[Count]


def figures_of(sample: QualitySample) -> Figures:
    """Count the verdicts of a sample, by question and by the office that held the case; one query."""
    reviews = list(sample.reviews.select_related("complaint__office"))
    verdicts = Counter(review.verdict for review in reviews)
    judged = [review for review in reviews if review.verdict]
    return Figures(
        drawn=len(reviews),
        waiting=verdicts[""],
        good=verdicts[QualityReview.Verdict.GOOD],
        returned=verdicts[QualityReview.Verdict.RETURNED],
        by_item=_by_item(judged),
        by_office=_by_office(judged),
    )


def _by_item(judged: Iterable[QualityReview]) -> list[Count]:
    answers = [(code, met) for review in judged for code, met in review.checklist.items()]
    asked = Counter(code for code, _met in answers)
    short = Counter(code for code, met in answers if not met)
    return [Count(item.question, asked[item.code], short[item.code]) for item in CHECKLIST if asked[item.code]]


def _by_office(judged: Iterable[QualityReview]) -> list[Count]:
    cases = Counter(str(review.complaint.office) for review in judged)
    back = (review for review in judged if review.verdict == QualityReview.Verdict.RETURNED)
    returned = Counter(str(review.complaint.office) for review in back)
    return [Count(office, cases[office], returned[office]) for office in sorted(cases)]
