"""The ways of their own that a programme gives some categories: master database, services, payments (D20, D36)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import CaseFile, Complaint, Event
from tiers import scope
from tiers.models import Office, Tier, User
from tiers.permissions import Permission
from workflow import gate, notices, routing, taking
from workflow.actions.moving import to_office
from workflow.calendar import local_day
from workflow.machine import Refused
from workflow.models import JointRecommendation

COORDINATE, REVISE = "koordinasi", "tinjau-kerja-sama"  # what Pusat is asked to do about who pays out


def recommend_master_data(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Send the evidence to Pusat with the recommendation to correct the master database (D36).

    The case goes on as the category's `follow_up`, whose period runs from now; the original deadline stays.
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "rekomendasi-basis-data", by=by, now=now, facts={"reason": reason})
        old, new = complaint.category, complaint.category.follow_up
        if new is None or not new.active:
            raise Refused(_("Kategori ini belum mempunyai kategori lanjutan di Pusat. Hubungi peninjau program."))
        first = complaint.original_level or complaint.service_level
        parties = list(complaint.reported_parties.select_related("user", "office"))
        start = routing.start(
            new,
            complaint.region,
            users=[party.user for party in parties if party.user],
            offices=[party.office for party in parties if party.office],
        )
        office = start.office if start.office.tier > complaint.tier else complaint.office
        complaint.category, complaint.service_level = new, new.service_level  # the new tier's period is the new one's
        changes = to_office(complaint, office, now=now)
        changes |= {"category": new, "service_level": new.service_level, "original_level": first}
        changes["concealed_tier"] = min(max(complaint.concealed_tier, start.concealed_tier), office.tier - 1)
        data = {"from": old.code, "to": new.code}
        return taking.take(complaint, step, by=by, now=now, text=reason, data=data, **changes)


def decide_master_data(complaint: Complaint, *, by: User, now: datetime, approved: bool, reason: str) -> Event:
    """Decide at Pusat, as the one responsible there, whether the master database is corrected (D36).

    The office that recommended it hears of the decision, and so does the complainant.
    """
    with transaction.atomic():
        facts = {"approved": approved, "reason": reason}
        step = gate.allowed(complaint, "putuskan-basis-data", by=by, now=now, facts=facts)
        _file(complaint, master_data_approved=approved, master_data_decision=reason)
        event = taking.take(complaint, step, by=by, now=now, text=reason, data={"approved": approved})
        asked = complaint.events.filter(kind="rekomendasi-basis-data").exclude(from_office=complaint.office_id)
        offices = list(asked.order_by("-seq").values_list("from_office", flat=True)[:1])
        people = notices.people_of(complaint, offices, now=now) - {by.pk}
        notices.owe_people(event, complaint, people, notices.MASTER_DATA_DECIDED, now=now)
        return event


def coordinate(complaint: Complaint, *, by: User, now: datetime, authority: str, reason: str) -> Event:
    """Hand the follow-up to the technical agency through the coordination team; the case stays to be watched (D36)."""
    with transaction.atomic():
        facts = {"authority": authority, "reason": reason}
        step = gate.allowed(complaint, "teruskan-tim-koordinasi", by=by, now=now, facts=facts)
        _file(complaint, coordination=authority, coordinated_on=local_day(now, complaint.zone))
        return taking.take(complaint, step, by=by, now=now, text=reason, data={"authority": authority})


def recommend_payer(complaint: Complaint, *, by: User, now: datetime, asked: str, reason: str) -> Event:
    """Ask Pusat to approach the agency that pays out, when two or more persons complain (D20).

    `asked` is COORDINATE, or REVISE where the trouble goes on and spreads. The case stays where it is.
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "rekomendasi-penyalur", by=by, now=now, facts={"reason": reason})
        event = taking.take(complaint, step, by=by, now=now, text=reason, data={"asked": asked})
        top = routing.office_for(routing.ladder(complaint.programme)[-1], complaint.region)
        people = notices.people_of(complaint, [top.pk], now=now) - {by.pk}
        notices.owe_people(event, complaint, people, notices.PAYER_ASKED, now=now)
        return event


def recommend_together(
    complaints: Sequence[Complaint], *, office: Office, by: User, now: datetime, text: str
) -> JointRecommendation:
    """Gather complaints of an area that claim a wrongful exclusion into one recommendation to Pusat (D36).

    All or none: raises Refused where one of them is not open to it. The people of Pusat hear of it once.
    """
    if office.tier < Tier.KABUPATEN or not scope.may(by, Permission.HANDLE, office):
        raise Refused(_("Rekomendasi bersama hanya dibuat oleh kantor kabupaten/kota."))
    if len(complaints) < 2:
        raise Refused(_("Pilih sedikitnya dua pengaduan."), field="complaints")
    with transaction.atomic():
        joint = JointRecommendation.objects.create(
            programme=office.programme, office=office, text=text, made_by=by, made_at=now
        )
        told: set[int] = set()
        for complaint in complaints:
            told |= _join(complaint, joint, office=office, by=by, now=now, told=told)
        return joint


def _join(
    complaint: Complaint, joint: JointRecommendation, *, office: Office, by: User, now: datetime, told: set[int]
) -> set[int]:
    """Put one complaint into a joint recommendation; return the people of Pusat who hear of it by this one."""
    step = gate.allowed(complaint, "rekomendasi-bersama", by=by, now=now, facts={"reason": joint.text})
    reached = scope.contains(office, programme_id=complaint.programme_id, region_code=complaint.region_id)
    if not reached or complaint.joint_recommendations.exists():
        words = _("Pengaduan %(number)s tidak dapat dimasukkan, atau sudah ada dalam rekomendasi bersama.")
        raise Refused(words % {"number": complaint.number}, field="complaints")
    joint.complaints.add(complaint)
    data = {"joint": joint.pk}
    event = taking.take(complaint, step, by=by, now=now, text=joint.text, data=data, handler=complaint.handler)
    top = routing.office_for(routing.ladder(complaint.programme)[-1], complaint.region)
    people = notices.people_of(complaint, [top.pk], now=now) - told - {by.pk}
    notices.owe_people(event, complaint, people, notices.JOINT_MADE, now=now)
    return people


def _file(complaint: Complaint, **found: Any) -> None:
    CaseFile.objects.filter(complaint=complaint).update(**found)
    for name, value in found.items():
        setattr(complaint.case_file, name, value)
