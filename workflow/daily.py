"""What is told every morning: officers what waits for them, coordinators what is late at the top (D29, D32, D34)."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pengaduan import inbox
from pengaduan.inbox import View
from pengaduan.models import Complaint, Inbound, LegalWatch, Stage
from pengaduan.models.complaint import RUNNING, ComplaintQuerySet
from tiers import scope
from tiers.models import CODE_LENGTH, Office, ProgrammeTier, Tier, User, Zone
from tiers.permissions import Permission
from workflow import notices, routing, sla, warnings
from workflow.calendar import local_day
from workflow.models import Notification, Proposal

TEMPLATE = "harian-puncak"
ONCE_A_DAY = uuid.uuid5(uuid.NAMESPACE_URL, TEMPLATE)
ONCE_A_MORNING = uuid.uuid5(uuid.NAMESPACE_URL, notices.DAILY)
ONCE_A_CHECK = uuid.uuid5(uuid.NAMESPACE_URL, notices.LEGAL_CHECK)
SHOWN = 10  # numbers of a kind in one mail; the inbox has all
SUPERVISOR_AFTER = timedelta(days=7)  # since the day on which law enforcement was to be asked

SECTIONS: dict[View, str | Promise] = {
    View.NEW: gettext_lazy("Baru, belum didaftarkan"),
    View.SOON: gettext_lazy("Jatuh tempo dalam tiga hari"),
    View.LATE: gettext_lazy("Terlambat"),
    View.TO_VERIFY: gettext_lazy("Penyelesaian untuk diperiksa"),
    View.TO_DECIDE: gettext_lazy("Usul yang menunggu keputusan"),
    View.HELP: gettext_lazy("Bantuan yang diminta"),
}


@dataclass(frozen=True)
class Section:
    """One kind of thing that waits: how many, and the first numbers."""

    label: str
    count: int
    numbers: list[str]


def late_at_top(user: User) -> ComplaintQuerySet:
    """Return what is flagged as late at the top and still runs, as far as this person may see it (D49)."""
    return _flagged().visible_to(user).order_by("tier_due_at", "id")


def owe_daily(*, now: datetime) -> list[Complaint]:
    """Owe each coordinator one list for their next day at the office; return the cases that nobody would hear of.

    The notice is named by person and day, so that it is owed once however often this runs; the list itself is made at
    delivery. Nights, weekends and holidays lead to the next working day in Jakarta: one mail then, not three.
    """
    offices = list(_flagged().order_by().values_list("office_id", flat=True).distinct())
    if not offices:
        return []
    at = sla.next_office_hour(now, Zone.WIB)
    day = timezone.localdate(at)
    told = [person for person in _coordinators(offices, now=now) if late_at_top(person).exists()]
    Notification.objects.bulk_create(
        [
            Notification(
                id=uuid.uuid5(ONCE_A_DAY, f"{person.pk}/{day}"),
                user=person,
                template=TEMPLATE,
                created_at=now,
                next_attempt_at=at,
            )
            for person in told
        ],
        ignore_conflicts=True,
    )
    unheard = _flagged()
    for person in told:
        unheard = unheard.exclude(pk__in=late_at_top(person).order_by().values("pk"))
    return list(unheard.order_by("id"))


def _flagged() -> ComplaintQuerySet:
    return Complaint.objects.clock_running().filter(top_overdue_at__isnull=False)


def _coordinators(offices: list[int], *, now: datetime) -> list[User]:
    """Return who receives the reports of these offices; where an office has nobody, whoever hears its alarms (D51)."""
    on = timezone.localdate(now)
    people = routing.staff(offices, on=on, permission=Permission.RECEIVE_REPORTS)
    without = set(offices) - {office for office, _ in people}
    people += routing.staff(without, on=on, permission=Permission.HEAR_ALARMS)
    return list(User.objects.filter(pk__in={user for _, user in people}).order_by("pk"))


def owe_digests(*, now: datetime) -> int:
    """Owe each officer for whom something waits one mail for their next morning at the office; return how many.

    Who that is, is found in sets; the mail itself is made at delivery from their own inbox. Named by person and day, so
    that it is owed once however often this runs.
    """
    on = timezone.localdate(now)
    desks = _desks(now=now)
    undecided = _undecided()
    watched, long_watched = _watching(now=now)
    people = {
        *routing.staff(desks | watched, on=on, permission=Permission.HANDLE),
        *routing.staff(_next_above(undecided), on=on, permission=Permission.HANDLE),
        *routing.staff(undecided | long_watched, on=on, permission=Permission.SUPERVISE),
        *routing.staff(_written_to(), on=on, permission=Permission.RECORD),
    }
    reachable = set(User.objects.exclude(email="").values_list("pk", flat=True))
    hours = _hours({office for office, _user in people}, now=now)
    owed: dict[int, Notification] = {}
    for office, user in sorted(people):
        if user in reachable:
            at, day = hours[office]
            owed.setdefault(user, _named(ONCE_A_MORNING, f"{user}/{day}", user, notices.DAILY, now=now, at=at))
    Notification.objects.bulk_create(owed.values(), ignore_conflicts=True, batch_size=5_000)
    return len(owed)


def digest_of(user: User, *, now: datetime) -> list[Section]:
    """Return what waits for an officer, of each kind how many and the first numbers; kinds without any are left out."""
    counts = inbox.counts(user, now=now)
    found = []
    for view, label in SECTIONS.items():
        if counts.get(view):
            cases = inbox.complaints_in(view, user, now=now).order_by("tier_due_at", "id")
            found.append(Section(str(label), counts[view], _numbers(cases)))
    if due := legal_due(user, now=now).count():
        cases = legal_due(user, now=now).order_by("legal_watch__next_check_on", "id")
        found.append(Section(_("Proses hukum yang perlu ditanyakan"), due, _numbers(cases)))
    texts = Inbound.objects.visible_to(user).waiting().order_by("received_at", "id")
    if unread := texts.count():
        found.append(Section(_("SMS masuk"), unread, list(texts.values_list("number", flat=True)[:SHOWN])))
    return found


def legal_due(user: User, *, now: datetime) -> ComplaintQuerySet:
    """Return the cases with law enforcement that this person is to ask after: of the own office, or as supervisor those
    that nobody asked after for a week (D29)."""
    today = timezone.localdate(now)
    due = Q(office__in=scope.offices_of(user, Permission.HANDLE), legal_watch__next_check_on__lte=today)
    if scope.offices_of(user, Permission.SUPERVISE):
        due |= Q(legal_watch__next_check_on__lte=today - SUPERVISOR_AFTER)
    return Complaint.objects.visible_to(user).filter(due, legal_watch__ended_on=None)


def owe_legal_checks(*, now: datetime) -> int:
    """Remind the office that a case with law enforcement is to be asked after, a week later its supervisor too (D29).

    Once each for every day that was set for asking; afterwards the morning's mail repeats it.
    """
    watches = list(LegalWatch.objects.filter(ended_on=None, next_check_on__lte=timezone.localdate(now)))
    cases = warnings.cases_of({watch.pk for watch in watches})
    heard = warnings.Hearers(cases, on=timezone.localdate(now))
    late = timezone.localdate(now) - SUPERVISOR_AFTER
    owed = [
        _named(
            ONCE_A_CHECK,
            f"{watch.pk}/{watch.next_check_on}/{user}",
            user,
            notices.LEGAL_CHECK,
            now=now,
            at=sla.next_office_hour(now, cases[watch.pk].zone),
            complaint_id=watch.pk,
            regency_code=watch.regency_code,
        )
        for watch in watches
        for user in sorted(heard.of(cases[watch.pk], supervisors=watch.next_check_on <= late))
    ]
    return len(Notification.objects.bulk_create(owed, ignore_conflicts=True))


def _desks(*, now: datetime) -> set[int]:
    """Return the offices that hold something new, soon due or late."""
    soon = inbox.end_of_day_in(inbox.SOON_DAYS, now=now)
    waits = Q(stage=Stage.REGISTRATION) | RUNNING & Q(tier_due_at__lte=soon)
    return set(Complaint.objects.open().filter(waits).values_list("office_id", flat=True).distinct())


def _undecided() -> set[int]:
    """Return the offices whose case waits for a supervisor or the tier above: settled, or a step proposed."""
    settled = Complaint.objects.open().filter(stage=Stage.SETTLED).values_list("office_id", flat=True)
    proposed = Proposal.objects.filter(decided_at=None).values_list("complaint__office_id", flat=True)
    return set(settled.distinct()) | set(proposed.distinct())


def _written_to() -> set[int]:
    """Return the top offices of the programmes for which a text message waits (D59)."""
    rungs = ProgrammeTier.objects.filter(programme__in=Inbound.objects.waiting().values("programme"))
    tops = rungs.values("programme").annotate(top=Max("tier")).values_list("programme", "top")
    offices = (Office.objects.filter(programme=programme, tier=top) for programme, top in tops)
    return {office.pk for each in offices for office in each}


def _watching(*, now: datetime) -> tuple[set[int], set[int]]:
    """Return the offices that have law enforcement to ask, and those that have let a week go by."""
    today = timezone.localdate(now)
    due = Complaint.objects.filter(legal_watch__ended_on=None, legal_watch__next_check_on__lte=today)
    late = due.filter(legal_watch__next_check_on__lte=today - SUPERVISOR_AFTER)
    return set(due.values_list("office_id", flat=True)), set(late.values_list("office_id", flat=True))


def _next_above(offices: set[int]) -> set[int]:
    """Return the next office above each of these, as far as there is one."""
    lower = list(Office.objects.filter(pk__in=offices).values_list("programme_id", "tier", "region_id"))
    places = {region[:length] for _, _, region in lower if region for length in CODE_LENGTH.values()}
    known = {
        (programme, tier, region): pk
        for pk, programme, tier, region in Office.objects.filter(Q(region__in=places) | Q(region=None)).values_list(
            "pk", "programme_id", "tier", "region_id"
        )
    }
    found = set()
    for programme, tier, region in lower:
        rungs = [each for each in Tier if each > tier]
        line = (
            (programme, rung, (region or "")[: CODE_LENGTH[rung]] if rung in CODE_LENGTH else None) for rung in rungs
        )
        if above := next((known[place] for place in line if place in known), None):
            found.add(above)
    return found


def _hours(offices: set[int], *, now: datetime) -> dict[int, tuple[datetime, date]]:
    """Return when each office next opens, and which day that is there; Pusat keeps the hours of Jakarta."""
    calendar = sla.holiday_calendar()
    opens = {zone: sla.next_office_hour(now, zone, calendar=calendar) for zone in Zone.values}
    zones = Office.objects.filter(pk__in=offices).values_list("pk", "region__zone")
    return {pk: (opens[zone or Zone.WIB], local_day(opens[zone or Zone.WIB], zone or Zone.WIB)) for pk, zone in zones}


def _named(
    kind: uuid.UUID, name: str, user: int, template: str, *, now: datetime, at: datetime, **about: Any
) -> Notification:
    """Return a notice whose id says what makes it one, so that the database keeps it from being owed twice."""
    return Notification(
        id=uuid.uuid5(kind, name), user_id=user, template=template, created_at=now, next_attempt_at=at, **about
    )


def _numbers(cases: ComplaintQuerySet) -> list[str]:
    return list(cases.values_list("number", flat=True)[:SHOWN])
