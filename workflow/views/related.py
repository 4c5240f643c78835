"""The other complaints that a case page points to: the one case, what was merged into it, links, what looks alike."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complainant, Complaint
from pengaduan.similar import Probe, similar_to
from tiers.models import User
from workflow.forms.record import RecordForm

ALL_THE_SAME = "tetap"  # the button that records a complaint although others look alike


@dataclass(frozen=True)
class Related:
    """Another complaint and how it belongs to this one."""

    how: str | Promise
    complaint: Complaint


def related_of(complaint: Complaint, people: list[Complainant], *, user: User) -> list[Related]:
    """Return what belongs to a case as `case_of` read it and the user may see; `people` are all who brought it (D20).

    Of another case not even the number is shown to who may not see it (D35).
    """
    merged = {person.complaint_id for person in people} - {complaint.pk}
    linked = {link.other_id for link in complaint.links.all()}
    wanted = merged | linked | ({complaint.merged_into_id} - {None})
    if not wanted:
        return []
    found = Complaint.objects.visible_to(user).filter(pk__in=wanted).select_related("office").order_by("received_at")
    return [Related(_how(each, complaint, merged), each) for each in found]


def _how(other: Complaint, complaint: Complaint, merged: set[int]) -> str | Promise:
    if other.pk == complaint.merged_into_id:
        return _("Digabung ke")
    return _("Digabungkan ke sini") if other.pk in merged else _("Ditautkan")


def alike_of(complaint: Complaint, related: list[Related], *, user: User, now: datetime) -> list[Complaint]:
    """Return what may be the same matter and does not belong to the case yet."""
    known = {each.complaint.pk for each in related}
    return [each for each in similar_to(complaint, user=user, now=now) if each.pk not in known]


def perhaps_known(request: HttpRequest, form: RecordForm) -> list[Complaint]:
    """Return what may be the same matter before it is recorded, for the officer to look at once (D20, D55).

    Nothing when they have looked and go on, nor when this very form was taken in before.
    """
    facts = form.cleaned_data
    if request.POST.get(ALL_THE_SAME) or Complaint.objects.filter(submission_key=facts["submission_key"]).exists():
        return []
    probe = Probe(form.programme, form.region, facts["text"], facts["subject"])
    return similar_to(probe, user=request.user, now=form.now)
