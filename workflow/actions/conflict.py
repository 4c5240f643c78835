"""Keep a case from those it is against: name the reported, step aside, hand it to the overseers (D35, D49, D51)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from pengaduan.models import Complaint, ComplaintGrant, Event, Recusal, ReportedParty
from tiers import scope
from tiers.models import Office, User
from tiers.permissions import Permission
from workflow import gate, notices, routing, taking
from workflow.actions.moving import to_office
from workflow.actions.placing import start_in


def name_reported(
    complaint: Complaint,
    *,
    by: User,
    now: datetime,
    reported_user: Iterable[User] = (),
    reported_office: Iterable[Office] = (),
    reported_words: str = "",
) -> Event:
    """Write down whom the complaint is against; nobody is taken off again (D35, D49).

    From then on it is hidden from them and from all below. Where the office that holds it is one of them, it goes on at
    the lowest office above, with a full period of its own; the original deadline stays. Matters against Pusat itself
    stay there, hidden from Pusat, and the auditors are told.
    """
    users, offices = list(reported_user), list(reported_office)
    facts = {"reported_user": users, "reported_office": offices, "reported_words": reported_words.strip()}
    with transaction.atomic():
        step = gate.allowed(complaint, "tetapkan-terlapor", by=by, now=now, facts=facts)
        _add(complaint, users=users, offices=offices, words=reported_words.strip())
        hidden = routing.hidden_from(complaint, on=timezone.localdate(now))
        ComplaintGrant.objects.filter(content_object=complaint, user__in=hidden).delete()
        start = start_in(complaint, complaint.region)
        concealed = max(complaint.concealed_tier, start.concealed_tier)
        changes: dict[str, Any] = {"concealed_tier": concealed}
        if complaint.tier > concealed:
            if hidden & {complaint.handler_id, by.pk}:  # who has just lost sight of it is not made its handler
                changes["handler"] = None if complaint.handler_id in hidden else complaint.handler
        else:
            changes |= to_office(complaint, start.office, now=now)
        data = {"users": [user.pk for user in users], "offices": [office.pk for office in offices]}
        return taking.take(complaint, step, by=by, now=now, data=data, **changes)


def _add(complaint: Complaint, *, users: list[User], offices: list[Office], words: str) -> None:
    known = list(complaint.reported_parties.values_list("user", "office", "words"))
    wanted: list[tuple[int | None, int | None, str]] = [(user.pk, None, "") for user in users]
    wanted += [(None, office.pk, "") for office in offices]
    wanted += [(None, None, words[:240])] if words else []
    ReportedParty.objects.bulk_create(
        ReportedParty(
            complaint=complaint, regency_code=complaint.region_id[:5], user_id=user, office_id=office, words=text
        )
        for user, office, text in dict.fromkeys(wanted)
        if (user, office, text) not in known
    )


def step_aside(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Step aside from a case: it is hidden from this officer from now on, and moves on where nobody is left (D49, D51).

    The office above gets it with a full period. At the top, where there is none, the coordinators are told.
    """
    on = timezone.localdate(now)
    with transaction.atomic():
        step = gate.allowed(complaint, "mundur", by=by, now=now, facts={"reason": reason})
        handled_here = scope.may(by, Permission.HANDLE, complaint.office, on=on)
        Recusal.objects.get_or_create(complaint=complaint, user=by, defaults={"at": now})
        ComplaintGrant.objects.filter(content_object=complaint, user=by).delete()
        alone = handled_here and not routing.at_desk(complaint, complaint.office, on=on)
        above = routing.staffed_above(complaint, on=on) if alone else None
        changes: dict[str, Any]
        if above:
            changes = to_office(complaint, above, now=now)
        else:
            changes = {"handler": None if complaint.handler_id == by.pk else complaint.handler}
        event = taking.take(complaint, step, by=by, now=now, text=reason, **changes)
        if alone and above is None:
            people = notices.people_of(complaint, [complaint.office_id], now=now, permission=Permission.RECEIVE_REPORTS)
            notices.owe_people(event, complaint, people, notices.NOBODY_LEFT, now=now)
        return event


def hand_to_overseers(complaint: Complaint, *, by: User, now: datetime, authority: str, reason: str) -> Event:
    """Hand a case that no office may handle to who oversees the programme; here it ends as referred (D35)."""
    with transaction.atomic():
        facts = {"authority": authority, "reason": reason}
        step = gate.allowed(complaint, "serahkan-pengawas", by=by, now=now, facts=facts)
        return taking.resume(complaint, step, by=by, now=now, text=reason, data={"authority": authority})
