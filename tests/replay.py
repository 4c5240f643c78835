"""The figures of a month counted again, one case after the other in plain Python: nothing of `reports` is used.

Each case is replayed forward from its first event to the end of the month, whereas the statements read what stood from
the latest events and from what later ones found.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil
from zoneinfo import ZoneInfo

from pengaduan.models import Complainant, Complaint, Event, Inbound, Stage
from tiers.models import Region

JAKARTA = ZoneInfo("Asia/Jakarta")
DONE = (Stage.FEEDBACK, Stage.CLOSED)
SETTLING = ("jawab", "sahkan-selesai", "sahkan-tidak-terbukti")
CODE_LENGTHS = {5: 2, 4: 5, 3: 8}  # of the places by which the report of a tier counts


@dataclass
class Case:
    """A case as it stood at an instant, and what happened to it in the month before that."""

    complaint: Complaint
    people: list
    region: str
    stage: str = ""
    office: object = None
    due_at: datetime | None = None
    tier_due_at: datetime | None = None
    category: str = ""
    weight: str = "sedang"
    prominent: bool = False
    lost: Decimal | None = None
    returned: Decimal = Decimal(0)
    merged_into: int | None = None
    waiting: datetime | None = None
    left_off: set = field(default_factory=set)
    done_at: datetime | None = None
    done_by: str = ""
    climbed: int = 0
    first_actor: str = ""
    stage_since: datetime | None = None
    tier_since: datetime | None = None
    was_open: bool = False
    happened: Counter = field(default_factory=Counter)
    stays: list = field(default_factory=list)  # (what, code, days) that ended in the month
    behind: list = field(default_factory=list)  # whoever brought it, also by what was merged into it


def day(instant):
    return instant.astimezone(JAKARTA).date()


def history(programme):
    """Return each complaint of a programme with its people and its events, read once for many months."""
    events, people = defaultdict(list), defaultdict(list)
    for event in Event.objects.select_related("to_office", "from_office").order_by("complaint", "seq"):
        events[event.complaint_id].append((event, json.loads(event.data)))
    for person in Complainant.objects.order_by("pk"):
        people[person.complaint_id].append(person)
    complaints = Complaint.objects.filter(programme=programme).select_related("channel", "field", "source")
    return [(complaint, people[complaint.pk], events[complaint.pk]) for complaint in complaints]


def replayed(told, start, end, *, as_of):
    """Return every case received by the end of a month, as it stood then."""
    cases = {
        complaint.pk: replay(complaint, people, events, start, end)
        for complaint, people, events in told
        if complaint.created_at <= as_of and complaint.received_at < end
    }
    gone = set().union(*(case.left_off for case in cases.values()))
    for case in cases.values():
        home = cases.get(case.merged_into, case)
        if home.complaint.received_at >= start and home.merged_into is None:
            home.behind += [person for person in case.people if str(person.pk) not in gone]
    return list(cases.values())


def replay(complaint, people, events, start, end):
    places = [data["was"] for _event, data in events if "was" in data]
    case = Case(complaint, people, region=places[0] if places else complaint.region_id)
    case.stage_since = case.tier_since = complaint.received_at
    for event, data in events:
        if event.at >= end and event.seq > 1:
            break
        if event.at >= start and case.stage and not case.happened["begun"]:
            case.happened["begun"] = 1
            case.was_open = complaint.received_at < start and case.stage != Stage.CLOSED
        if event.seq > 1:
            _count(case, event, inside=event.at >= start)
        _become(case, event, data)
    if not case.happened["begun"]:
        case.was_open = complaint.received_at < start and case.stage != Stage.CLOSED
    return case


def _count(case, event, *, inside):
    was, now = event.from_stage, event.to_stage
    left_tier = event.from_office.tier != event.to_office.tier
    if inside:
        case.happened["escalations"] += event.kind == "eskalasi"
        case.happened["closings"] += now == Stage.CLOSED != was
        case.happened["reopenings"] += was == Stage.CLOSED != now
        case.happened["rejections"] += was == Stage.FEEDBACK and now not in DONE
        if was not in (now, Stage.CLOSED):
            case.stays.append(("stage", was, (day(event.at) - day(case.stage_since)).days))
        if was not in DONE and (left_tier or event.kind in SETTLING):
            case.stays.append(("tier", str(event.from_office.tier), (day(event.at) - day(case.tier_since)).days))
    case.climbed += event.kind == "eskalasi"
    if was != now:
        case.stage_since = event.at
    if left_tier or (was in DONE and now not in DONE):
        case.tier_since = event.at


def _become(case, event, data):
    if event.to_stage in DONE and event.from_stage not in DONE:
        case.done_at, case.done_by = event.at, event.kind
    case.stage, case.office = event.to_stage, event.to_office
    case.due_at, case.tier_due_at = event.due_at, event.tier_due_at
    match event.kind:
        case "diterima":
            case.category, case.first_actor = data["category"], event.actor
        case "ubah-kategori" | "alihkan-sifat" if "to" in data:
            case.category = data["to"]
        case "ubah-bobot" | "daftarkan" | "daftarkan-informatif" if "to" in data:
            case.weight, case.prominent = data["to"]
        case "catat-uang":
            case.lost = Decimal(data["lost"]) if "lost" in data else case.lost
            case.returned += Decimal(data.get("repaid", 0)) - Decimal(data.get("amount", 0))
        case "pindah-wilayah" | "tetapkan-wilayah" if "was" in data:
            case.region = data["named"]
        case "duplikat":
            case.merged_into = data.get("original", 0)
        case "terkait" if data["what"] == "led":
            case.merged_into = data["other"]
        case "pisahkan":
            case.merged_into = None
        case "minta-kelengkapan":
            case.waiting = event.at
        case "lengkapi" | "lanjutkan-tanpa-kelengkapan":
            case.waiting = None
        case "cabut-sendiri":
            case.left_off.add(data["complainant"])
        case "ikut-lagi":
            case.left_off.discard(data["complainant"])
    if case.stage == Stage.CLOSED:
        case.waiting = None


class Counted:
    """The figures of a month, counted of what was replayed; `region` is "" for the nation."""

    def __init__(self, told, region, start, end, *, as_of):
        self.start, self.end, self.region = start, end, region
        self.tier = {0: 5, 2: 4, 5: 3}[len(region)]
        within = f"{region}." if region else ""
        found = [
            case for case in replayed(told, start, end, as_of=as_of)
            if case.complaint.concealed_tier < self.tier and f"{case.region}.".startswith(within)
        ]  # fmt: skip
        self.public = [case for case in found if not case.complaint.channel.counted_apart]
        self.apart = [case for case in found if case.complaint.channel.counted_apart]

    def received(self, case):
        return case.complaint.received_at >= self.start

    def settled(self, case):
        return case.stage in DONE and case.done_at >= self.start and case.done_by in SETTLING

    def late(self, case, due_at):
        return case.stage not in DONE and due_at < (case.waiting or self.end)

    def age(self, case):
        return (day(self.end - timedelta(microseconds=1)) - day(case.complaint.received_at)).days

    def measures(self, cases):
        counts = Counter()
        for case in cases:
            settled, received = self.settled(case), self.received(case)
            counts.update({name: case.happened[name] for name in
                           ("closings", "reopenings", "rejections", "escalations")})  # fmt: skip
            counts["received"] += received
            counts["settled"] += settled
            counts["settled_late"] += settled and case.done_at > case.due_at
            counts["aside"] += case.stage in DONE and case.done_at >= self.start and not settled
            counts["open_before"] += case.was_open
            counts["open"] += case.stage != Stage.CLOSED
            counts["late"] += self.late(case, case.due_at)
            counts["not_followed_up"] += case.stage == Stage.REGISTRATION
            counts["merged"] += received and case.merged_into is not None
            counts["complainants"] += len(case.behind)
        return +counts

    def table(self, code, cases=None):
        """Return the measures of each group, those of nothing left out."""
        groups = defaultdict(list)
        for case in self.public if cases is None else cases:
            groups[code(case)].append(case)
        return {name: counts for name, group in groups.items() if (counts := self.measures(group))}

    def place(self, case):
        length = CODE_LENGTHS[self.tier]
        return case.region[:length] if len(case.region) >= length else ""

    def money(self, cases):
        cases = [case for case in cases if case.lost is not None]
        outstanding = sum(max(case.lost - case.returned, 0) for case in cases)
        return len(cases), sum(case.lost for case in cases), sum(case.returned for case in cases), outstanding

    def speeds(self, what):
        """Return by code the number, the median and the 90th percentile by nearest rank."""
        days = defaultdict(list)
        for case in self.public:
            if what == "" and self.settled(case):
                days[""].append((day(case.done_at) - day(case.complaint.received_at)).days)
            for kind, code, length in case.stays:
                if kind == what:
                    days[code].append(length)
        return {code: (len(each), ranked(each, 0.5), ranked(each, 0.9)) for code, each in days.items()}

    def owed(self):
        tiers = defaultdict(list)
        for case in self.public:
            if case.stage != Stage.CLOSED:
                tiers[str(case.office.tier)].append(case)
        return {
            tier: (
                len(cases),
                sum(case.stage == Stage.REGISTRATION for case in cases),
                sum(case.waiting is not None for case in cases),
                sum(self.late(case, case.tier_due_at) for case in cases),
                sum(
                    case.stage not in DONE and not case.waiting
                    and self.end <= case.tier_due_at < self.end + timedelta(days=30) for case in cases
                ),
                max([self.age(case) for case in cases if case.stage not in DONE], default=0),
            )
            for tier, cases in tiers.items()
        }  # fmt: skip

    def secrecy(self):
        return Counter(person.secrecy for case in self.public for person in case.behind)

    def recorded_by(self):
        by_sms = set(Inbound.objects.values_list("complaint_id", flat=True))
        counts = Counter()
        for case in filter(self.received, self.public):
            itself = case.first_actor == "pelapor" or case.complaint.pk in by_sms
            agreed = any(person.consent_noted for person in case.people)
            counts["sendiri" if itself else "titipan" if agreed else "petugas"] += 1
        return counts

    def villages(self):
        return {case.region for case in filter(self.received, self.public) if len(case.region) == len("33.29.01.2001")}

    def silent_places(self):
        heard = {self.place(case) for case in filter(self.received, self.public)}
        there = Region.objects.filter(tier=self.tier - 1, code__startswith=self.region)
        return tuple(sorted(set(there.values_list("code", flat=True)) - heard))

    def not_followed_up(self):
        waiting = [case for case in self.public if case.stage == Stage.REGISTRATION]
        return [case.complaint.number for case in sorted(waiting, key=lambda case: (-self.age(case), _number(case)))]

    def attention(self):
        """Return the number and the reasons of each case that needs special attention, the most urgent first."""
        rows = []
        for case in self.public + self.apart:
            top = self.late(case, case.tier_due_at) and case.office.tier == 5
            reasons = {"puncak": top, "menonjol": case.prominent, "berat": case.weight == "berat"}
            reasons["eskalasi"] = case.climbed > 1
            if case.stage not in DONE and any(reasons.values()):
                rank = (not top, not case.prominent, -case.climbed, -self.age(case), _number(case))
                rows.append((rank, _number(case), tuple(name for name, holds in reasons.items() if holds)))
        return [(number, reasons) for _rank, number, reasons in sorted(rows)]


def _number(case):
    return case.complaint.number


def ranked(days, share):
    return sorted(days)[ceil(share * len(days)) - 1]
