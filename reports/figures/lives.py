"""Tell how cases stood at an instant, many at once, from their record: the same as the month's figures (D44, D46).

What happened later changes nothing: stage, office, deadlines and outcome are of the last event before that instant;
category, weight and money are led back from today's over what was changed since. Place, source and field are today's.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from pengaduan.models import Category, Channel, Complaint, Event, Field, Outcome, ServiceLevel, Source, Stage, Weight
from reports.figures.facts import DONE, MONEY, SORTING, WEIGHING
from tiers.models import CODE_LENGTH, Office, Programme, Region, Tier, User
from workflow.machine import BY_CODE
from workflow.models import Pause
from workflow.views.timeline import HAPPENED

CHUNK = 1_000  # cases read at a time: five queries each, and some megabytes
MOST_REGIONS = 20_000  # names kept in memory
COLUMNS = (
    "number", "received_at", "complete_at", "region_id", "zone", "category_id", "field_id", "channel_id", "source_id",
    "service_level_id", "weight", "prominent", "lost_amount", "returned_amount", "outcome",
)  # fmt: skip


class Happened(NamedTuple):
    """One line of the record, as far as a list tells of it."""

    complaint_id: int
    kind: str
    at: datetime
    from_stage: str
    to_stage: str
    to_office: int | None
    due_at: datetime | None
    tier_due_at: datetime | None
    seq: int
    data: str


class Waited(NamedTuple):
    complaint_id: int
    since: datetime
    until: datetime | None


class Names:
    """The words of a list in the language in use: of a programme's codes, of places and of days, each found once."""

    def __init__(self, programme: Programme) -> None:
        self.stages, self.outcomes = _labels(Stage.choices), _labels(Outcome.choices)
        self.weights, self.tiers = _labels(Weight.choices), _labels(Tier.choices)
        self.happened = {kind: str(words) for kind, words in HAPPENED.items()}
        self._days: dict[date, str] = {}
        of_it = {"programme": programme}
        self.categories = Category.objects.filter(**of_it).in_bulk()
        self.category_by_code = {each.code: each for each in self.categories.values()}
        self.fields: dict[int | None, str] = dict(Field.objects.filter(**of_it).values_list("pk", "name"))
        self.sources: dict[int | None, str] = dict(Source.objects.filter(**of_it).values_list("pk", "name"))
        self.channels = Channel.objects.filter(**of_it).in_bulk()
        self.from_completion = set(
            ServiceLevel.objects.filter(**of_it, starts=ServiceLevel.Starts.COMPLETE).values_list("pk", flat=True)
        )
        self.rungs = dict(programme.ladder.values_list("tier", "name"))
        self.offices: dict[int, Office] = {}
        self._regions: dict[str, str] = {}

    def learn(self, complaints: Iterable[Complaint], events: Iterable[Happened]) -> None:
        """Read the names of the offices and places that a chunk needs and that are not known yet."""
        offices = {event.to_office for event in events} - self.offices.keys() - {None}
        self.offices |= Office.objects.filter(pk__in=offices).only("name", "tier").in_bulk() if offices else {}
        if len(self._regions) > MOST_REGIONS:
            self._regions.clear()
        codes = {each.region_id[:length] for each in complaints for length in CODE_LENGTH.values()}
        if unknown := codes - self._regions.keys():
            self._regions |= dict(Region.objects.filter(pk__in=unknown).values_list("pk", "name"))

    def day(self, day: date) -> str:
        if day not in self._days:
            self._days[day] = date_format(day, "j M Y")
        return self._days[day]

    def holder(self, office: Office, *, near: bool) -> str:
        """Return the name of an office; to who is far away one of a village is told without its village (D57)."""
        return office.name if near or office.tier > Tier.DESA else self.rungs.get(office.tier, self.tiers[office.tier])

    def place(self, code: str, tier: Tier) -> str:
        """Return the name of the region of a tier in which a place lies; nothing where the place is larger."""
        length = CODE_LENGTH[tier]
        return self._regions.get(code[:length], "") if len(code) >= length else ""


@dataclass
class Life:
    """One case as it stood at `at`, when the span of days that began at `since` was over."""

    complaint: Complaint
    since: datetime
    at: datetime
    names: Names
    events: list[Happened] = field(default_factory=list)  # before `at`; the first one counts always
    later: list[Happened] = field(default_factory=list)
    pauses: list[Waited] = field(default_factory=list)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.complaint.zone)

    def day(self, instant: datetime) -> date:
        """Return the day of an instant at the place of the case (D11)."""
        return instant.astimezone(self.zone).date()

    @cached_property
    def stage(self) -> str:
        return _last(self.events, "to_stage")

    @cached_property
    def office(self) -> Office:
        return self.names.offices[_last(self.events, "to_office")]

    @cached_property
    def due_at(self) -> datetime:
        return _last(self.events, "due_at")

    @cached_property
    def tier_due_at(self) -> datetime:
        return _last(self.events, "tier_due_at")

    @property
    def is_done(self) -> bool:
        """Say whether its result was told or it was closed."""
        return self.stage in DONE

    @property
    def is_closed(self) -> bool:
        return self.stage == Stage.CLOSED

    @cached_property
    def done_at(self) -> datetime | None:
        """Return when its result was told, or when it was closed without one; None while it is worked on."""
        if not self.is_done:
            return None
        told = [each for each in self.events if each.to_stage in DONE]
        first = [each for each in told if each.from_stage not in DONE]  # none where a clock that was set back hides it
        return (first or told)[-1].at

    @cached_property
    def outcome(self) -> Outcome | None:
        if not self.is_closed:
            return None
        closing = next(each.kind for each in reversed(self.events) if each.to_stage == Stage.CLOSED != each.from_stage)
        return BY_CODE[closing].outcome

    @cached_property
    def was_open(self) -> bool:
        """Say whether it was open at any time of the span."""
        before = [each for each in self.events if each.at < self.since or each.seq == 1]
        return (
            self.complaint.received_at >= self.since
            or _last(before, "to_stage") != Stage.CLOSED
            or any(each.at >= self.since and each.to_stage not in ("", Stage.CLOSED) for each in self.events)
        )

    @property
    def waiting_since(self) -> datetime | None:
        """Return since when it waited for the complainant, so that its clock stood (D12)."""
        return next((each.since for each in self.pauses if each.until is None or each.until >= self.at), None)

    @cached_property
    def late_days(self) -> int:
        """Return by how many days it is, or was settled, after its original deadline; 0 in time."""
        reached = self.done_at or self.waiting_since or self.at
        return (self.day(reached) - self.day(self.due_at)).days if reached > self.due_at else 0

    @property
    def counted_from(self) -> datetime:
        """Return the instant from which its days count: the receipt, or the completed file where that begins it."""
        if self.complaint.service_level_id in self.names.from_completion and self.complete_at:
            return self.complete_at
        return self.complaint.received_at

    @property
    def complete_at(self) -> datetime | None:
        complete_at = self.complaint.complete_at
        return complete_at if complete_at and complete_at < self.at else None

    @property
    def days_used(self) -> int | None:
        """Return the calendar days until it was settled, without those waited for the complainant (D12)."""
        if self.done_at is None:
            return None
        start, end = self.day(self.counted_from), self.day(self.done_at)
        waited = sum(
            (min(self.day(each.until), end) - max(self.day(each.since), start)).days
            for each in self.pauses
            if each.until and self.day(each.since) < end and self.day(each.until) > start
        )
        return (end - start).days - waited

    @cached_property
    def category(self) -> Category:
        for each in self.later:
            if each.kind in SORTING and (code := json.loads(each.data).get("from")):
                return self.names.category_by_code[code]
        return self.names.categories[self.complaint.category_id]

    @cached_property
    def weighed(self) -> tuple[str, bool]:
        """Return its weight, and whether it was prominent (D14)."""
        for each in self.later:
            if each.kind in WEIGHING and (before := json.loads(each.data).get("from")):
                return before[0], before[1]
        return self.complaint.weight, self.complaint.prominent

    @cached_property
    def money(self) -> tuple[Decimal | None, Decimal]:
        """Return what was lost, None where no loss was on record, and what had come back (D29)."""
        lost, returned = self.complaint.lost_amount, self.complaint.returned_amount
        for each in reversed(self.later):
            if each.kind == MONEY:
                data = json.loads(each.data)
                if "lost" in data:
                    lost = None if data["lost_before"] is None else Decimal(data["lost_before"])
                returned -= Decimal(data.get("repaid", 0))
                returned += Decimal(data["amount"]) if "cancelled" in data else 0
        return lost, returned

    def times(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.events)

    @property
    def rejections(self) -> int:
        return sum(
            each.from_stage == Stage.FEEDBACK and each.to_stage != "" and each.to_stage not in DONE
            for each in self.events
        )

    @property
    def reopenings(self) -> int:
        return sum(each.from_stage == Stage.CLOSED and each.to_stage not in ("", Stage.CLOSED) for each in self.events)


def lives(ids: Sequence[int], *, user: User, since: datetime, at: datetime, names: Names) -> Iterator[Life]:
    """Yield how some cases stood, in the order of their numbers; what the user no longer sees is left out.

    Five queries however many they are, six where places or offices are new.
    """
    found = Complaint.objects.visible_to(user).filter(pk__in=ids).only(*COLUMNS).in_bulk()
    told = {
        pk: list(each)
        for pk, each in groupby(
            map(
                Happened._make,
                Event.objects.filter(complaint__in=ids)
                .order_by("complaint", "seq")
                .values_list(
                    "complaint", "kind", "at", "from_stage", "to_stage", "to_office", "due_at",
                    "tier_due_at", "seq", "data",
                ),
            ),
            attrgetter("complaint_id"),
        )
    }  # fmt: skip
    waited = {
        pk: list(each)
        for pk, each in groupby(
            map(
                Waited._make,
                Pause.objects.filter(complaint__in=ids, started_at__lt=at)
                .order_by("complaint", "started_at")
                .values_list("complaint", "started_at", "ended_at"),
            ),
            attrgetter("complaint_id"),
        )
    }
    names.learn(found.values(), (event for events in told.values() for event in events))
    for pk in ids:
        if complaint := found.get(pk):
            life = Life(complaint, since, at, names, pauses=waited.get(pk, []))
            for event in told[pk]:
                (life.events if event.at < at or event.seq == 1 else life.later).append(event)
            yield life


def _labels(choices: Iterable[tuple[Any, Any]]) -> dict[Any, str]:
    return {value: str(label) for value, label in choices}


def _last(events: list[Happened], name: str) -> Any:
    """Return what the last event that says anything about it says."""
    place = Happened._fields.index(name)
    return next(each[place] for each in reversed(events) if each[place])
