"""What was gathered, agreed and paid back, as the case page shows it (D23-D26, D29, D36)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch, QuerySet, prefetch_related_objects

from pengaduan.models import AgreedAction, Complaint, Path, Repayment, ReportedParty, Statement, Suspension
from workflow.calendar import local_day
from workflow.models import JointRecommendation, Pause, Proposal
from workflow.views.timeline import Entry

# Which event leaves rows of which kind: what never happened is not asked for.
LEFT_BY: dict[str, tuple[str, QuerySet]] = {
    "statements": (
        "catat-keterangan",
        Statement.objects.select_related("party__user", "party__office").order_by("given_on", "pk"),
    ),
    "agreed_actions": ("sepakati-tindakan", AgreedAction.objects.order_by("until", "pk")),
    "suspensions": (
        "bebastugaskan",
        Suspension.objects.select_related("party__user", "party__office").order_by("since", "pk"),
    ),
    "repayments": ("catat-uang", Repayment.objects.order_by("paid_on", "pk")),
    "pauses": ("minta-kelengkapan", Pause.objects.order_by("started_at")),
    "proposals": ("usulkan", Proposal.objects.select_related("proposed_by").order_by("proposed_at")),
}


@dataclass(frozen=True)
class Handling:
    """The part "Keterangan dan tindakan" of a case."""

    statements: list[Statement]
    actions: list[tuple[AgreedAction, bool]]  # and whether its day has passed without a result
    suspensions: list[Suspension]
    repayments: list[Repayment]
    joint: JointRecommendation | None
    gathers: bool  # the category's complaints are gathered into one recommendation
    today: date

    def __bool__(self) -> bool:
        return bool(self.statements or self.actions or self.suspensions or self.repayments or self.gathers)


def load_handling(complaint: Complaint, entries: Iterable[Entry]) -> None:
    """Read with the case what its record says there is: at most one query for each kind, none for what is not there."""
    happened = {entry.kind for entry in entries}
    wanted = [Prefetch(name, rows.all() if kind in happened else rows.none()) for name, (kind, rows) in LEFT_BY.items()]
    parties = Prefetch("reported_parties", ReportedParty.objects.select_related("user", "office").order_by("pk"))
    prefetch_related_objects([complaint], parties, *wanted)


def handling_of(complaint: Complaint, entries: Iterable[Entry], *, now: datetime) -> Handling:
    """Return the part of a case that `load_handling` has read."""
    today = local_day(now, complaint.zone)
    joined = any(entry.kind == "rekomendasi-bersama" for entry in entries)
    return Handling(
        statements=list(complaint.statements.all()),
        actions=[(action, action.is_late(today=today)) for action in complaint.agreed_actions.all()],
        suspensions=list(complaint.suspensions.all()),
        repayments=list(complaint.repayments.all()),
        joint=complaint.joint_recommendations.first() if joined else None,
        gathers=complaint.category.path == Path.EXCLUSION,
        today=today,
    )
