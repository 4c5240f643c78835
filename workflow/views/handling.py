"""What was gathered, agreed and paid back, as the case page shows it (D23-D26, D29, D36)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from pengaduan.models import AgreedAction, Complaint, Path, Repayment, Statement, Suspension
from workflow.calendar import local_day
from workflow.models import JointRecommendation
from workflow.views.timeline import Entry


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


def handling_of(complaint: Complaint, entries: Iterable[Entry], *, now: datetime) -> Handling:
    """Return the part of a case that `workflow.views.gathered` has read."""
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
