"""Read a case with all that hangs on it in one statement: the page costs the same however much a case has gathered.

Each small table comes as one column, an array of its rows as JSON, and is put where `prefetch_related` would put it;
so `complaint.statements.all()` asks nothing more.
"""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Expression, F, JSONField, Model, OuterRef, QuerySet, TextField
from django.db.models.functions import Cast, JSONObject

from pengaduan.models import (
    AgreedAction,
    Attachment,
    CaseLink,
    Complaint,
    Message,
    Repayment,
    ReportedParty,
    Statement,
    Suspension,
)
from tiers.models import Office, User
from workflow.models import Notification, Pause, Proposal

NAMED: dict[type[Model], tuple[str, ...]] = {User: ("name", "username"), Office: ("name",)}


@dataclass(frozen=True)
class Part:
    """One small table of a case: its rows in order, and of which people and offices the page shows the name."""

    rows: QuerySet
    named: dict[str, type[Model]] = field(default_factory=dict)


PARTS = {
    "reported_parties": Part(ReportedParty.objects.order_by("pk"), {"user": User, "office": Office}),
    "statements": Part(Statement.objects.order_by("given_on", "pk")),
    "agreed_actions": Part(AgreedAction.objects.order_by("until", "pk")),
    "suspensions": Part(Suspension.objects.order_by("since", "pk")),
    "repayments": Part(Repayment.objects.order_by("paid_on", "pk")),
    "pauses": Part(Pause.objects.order_by("started_at")),
    "proposals": Part(Proposal.objects.order_by("proposed_at"), {"proposed_by": User}),
    "attachments": Part(Attachment.objects.order_by("created_at")),
    "messages": Part(Message.objects.order_by("event_id", "pk")),
    "links": Part(CaseLink.objects.order_by("pk")),
    "notices": Part(Notification.objects.order_by("-created_at", "pk"), {"user": User}),
}


class Row(Expression):
    """The whole row of the table that a query begins with, as JSON under the names of its columns."""

    output_field = JSONField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list]:
        return f"to_jsonb({compiler.quote_name_unless_alias(compiler.query.get_initial_alias())})", []


def with_parts(cases: QuerySet[Complaint]) -> QuerySet[Complaint]:
    """Give each complaint its parts as columns; `spread` makes rows of them again."""
    return cases.annotate(**{_column(name): _as_column(part) for name, part in PARTS.items()})


def spread(complaint: Complaint) -> None:
    """Put the parts of a complaint that `with_parts` has read where its managers find them."""
    read = {name: _revived(part, getattr(complaint, _column(name))) for name, part in PARTS.items()}
    parties = {party.pk: party for party in read["reported_parties"]}
    for each in [*read["statements"], *read["suspensions"]]:
        if each.party_id:
            each.party = parties[each.party_id]
    complaint.__dict__["notices"] = read.pop("notices")
    kept = complaint.__dict__.setdefault("_prefetched_objects_cache", {})
    for name, rows in read.items():
        kept[name] = PARTS[name].rows.all()
        kept[name]._result_cache = rows


def _column(name: str) -> str:
    return f"read_{name}"


def _as_column(part: Part) -> ArraySubquery:
    names = {f"{to}__{name}": F(f"{to}__{name}") for to, model in part.named.items() for name in NAMED[model]}
    row = Cast(JSONObject(row=Row(), **names), TextField())  # as text: money must not become a binary fraction
    return ArraySubquery(part.rows.filter(complaint=OuterRef("pk")).values(row=row))


def _revived(part: Part, texts: list[str]) -> list[Any]:
    return [_one(part, json.loads(text, parse_float=Decimal)) for text in texts]


def _one(part: Part, found: dict[str, Any]) -> Model:
    columns, model = found["row"], part.rows.model
    fields = model._meta.concrete_fields
    one = model.from_db(
        "default", [each.attname for each in fields], [each.to_python(columns[each.column]) for each in fields]
    )
    for to, kind in part.named.items():
        if key := getattr(one, f"{to}_id"):
            setattr(one, to, kind(pk=key, **{name: found[f"{to}__{name}"] for name in NAMED[kind]}))
    return one
