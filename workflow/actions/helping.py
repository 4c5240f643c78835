"""Ask the tier left behind, another office or one person for help, and answer (D33)."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.shortcuts import assign_perm

from pengaduan.models import Complaint, Event, HelpRequest
from tiers import scope
from tiers.models import Office, User
from tiers.permissions import Permission
from workflow import gate, notices, routing, taking
from workflow.machine import Refused


def ask_help(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    asked: str,
    office: Office | None = None,
    user: User | None = None,
    until: date | None = None,
) -> HelpRequest:
    """Ask an office that sees the case, or one person, to help with it; whoever handles it goes on deciding (D33, D35).

    A person sees this one case from now on, by a named exception that ends with the case: so Pusat can ask somebody at
    a kabupaten from which the case is hidden to collect what it needs.
    """
    with transaction.atomic():
        facts = {"asked": asked, "office": office, "user": user}
        step = gate.allowed(complaint, "minta-bantuan", by=by, now=now, facts=facts)
        if office and user:
            raise Refused(_("Minta bantuan satu kantor atau satu orang, bukan keduanya."), field="office")
        people = _people_of_office(complaint, office, now=now) if office else set()
        if user:
            people = {_helper(complaint, user, now=now).pk}
        request = HelpRequest.objects.create(
            complaint=complaint,
            regency_code=complaint.region_id[:5],
            office=office,
            user=user,
            asked=asked,
            until=until,
            asked_by=by,
            asked_at=now,
        )
        if user:
            assign_perm("pengaduan.help_complaint", user, complaint)
        event = taking.take(complaint, step, by=by, now=now, text=asked, data={"request": request.pk})
        notices.owe_people(event, complaint, people - {by.pk}, notices.HELP_ASKED, now=now)
        return request


def _people_of_office(complaint: Complaint, office: Office, *, now: datetime) -> set[int]:
    """Return who of an office hears the request; raises Refused where the office may not be asked."""
    if office.pk == complaint.office_id:
        raise Refused(_("Kantor ini sendiri yang memegang pengaduannya. Pilih kantor lain."), field="office")
    if not any(each.pk == office.pk for each in offices_to_ask(complaint)):
        raise Refused(
            _("Kantor ini tidak boleh melihat pengaduan ini. Pilih kantor lain, atau mintalah satu orang."),
            field="office",
        )
    return notices.people_of(complaint, [office.pk], now=now)


def _helper(complaint: Complaint, user: User, *, now: datetime) -> User:
    """Return the person if they may be asked: a colleague of the programme whom the case does not concern (D35)."""
    on = timezone.localdate(now)
    if user.pk in routing.hidden_from(complaint, on=on):
        raise Refused(_("Orang ini tidak boleh melihat pengaduan ini. Pilih orang lain."), field="user")
    handles = scope.offices_of(user, Permission.HANDLE, on=on)
    if not any(office.programme_id == complaint.programme_id for office in handles):
        raise Refused(_("Pilih petugas yang menangani pengaduan program ini."), field="user")
    if any(office.pk == complaint.office_id for office in handles):
        raise Refused(
            _("Orang ini bertugas di kantor yang memegang pengaduan ini. Pilih orang lain, atau tugaskan kepadanya."),
            field="user",
        )
    return user


def offices_to_ask(complaint: Complaint) -> list[Office]:
    """Return the offices of the line that see the case, without the one that holds it, lowest first."""
    reported = routing.tiers_reported_in(complaint)
    line = Office.objects.containing(complaint.region_id).filter(
        programme=complaint.programme_id, tier__gt=complaint.concealed_tier
    )
    return list(line.exclude(pk=complaint.office_id).exclude(tier__in=reported).order_by("tier"))


def people_to_ask(complaint: Complaint, *, now: datetime) -> list[User]:
    """Return the people of the line who may be asked by name, also where the case is hidden from their office."""
    on = timezone.localdate(now)
    line = Office.objects.containing(complaint.region_id).filter(programme=complaint.programme_id)
    hidden = routing.hidden_from(complaint, on=on)
    holding = set(scope.users_for(Permission.HANDLE, complaint.office, on=on).values_list("pk", flat=True))
    people = scope.users_for_any(Permission.HANDLE, line, on=on).exclude(pk__in=hidden | holding)
    return list(people.order_by("name", "pk"))


def answer_help(
    complaint: Complaint, *, by: User, now: datetime, reason: str, request: HelpRequest | None = None
) -> Event:
    """Answer a request for help; who asked is told. Without `request` it is the oldest one that waits for this person.

    The step is open to who was asked and has not answered; everything that decides stays with the holder (D33).
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "beri-bantuan", by=by, now=now, facts={"reason": reason})
        waiting = unanswered(complaint, by=by, now=now)
        mine = waiting.filter(pk=request.pk).first() if request else waiting.first()
        if mine is None:
            raise Refused(_("Permintaan bantuan ini sudah dijawab. Muat ulang halaman."), field="request")
        HelpRequest.objects.filter(pk=mine.pk).update(answer=reason, answered_by=by, answered_at=now)
        event = taking.take(complaint, step, by=by, now=now, text=reason, data={"request": mine.pk})
        hidden = routing.hidden_from(complaint, on=timezone.localdate(now))
        notices.owe_people(event, complaint, {mine.asked_by_id} - hidden, notices.HELP_ANSWERED, now=now)
        return event


def unanswered(complaint: Complaint, *, by: User, now: datetime) -> QuerySet[HelpRequest]:
    """Return the requests for help with a case that wait for this person or an office of theirs, oldest first."""
    offices = [office.pk for office in scope.offices_of(by, Permission.HANDLE, on=timezone.localdate(now))]
    return complaint.help_requests.filter(Q(user=by) | Q(office__in=offices), answered_at=None).order_by(
        "asked_at", "pk"
    )
