"""One matter, several complaints: merged into one case and split again, or linked and left apart (D20, D55).

The case into which others are merged is never merged itself: a chain is made flat at once. Merging buys no time and
hides nothing: see `_check_original`.
"""

import json
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pengaduan.models import CaseLink, Complaint, Event, Nature
from tiers.models import User
from workflow import gate, taking
from workflow.machine import BY_CODE, NEED_SENTENCES, Need, Refused


def close_duplicate(complaint: Complaint, *, by: User, now: datetime, original: Complaint | None) -> Event:
    """Close as the same matter as another complaint, which lives on for all who brought it (D20, D55).

    What was merged into this one follows along. The officer must see both.
    """
    with transaction.atomic():
        step = gate.allowed(complaint, "duplikat", by=by, now=now, facts={"original": original})
        original = _case_of(original, by=by)
        _check_original(complaint, original)
        _lock(complaint, original)
        into = gate.allowed(original, "terima-gabungan", by=by, now=now)
        along = [each.pk for each in complaint.merged.order_by("pk")]
        _lead(along, original, by=by, now=now)
        data = {"original": original.pk, "along": along}
        event = taking.resume(complaint, step, by=by, now=now, data=data, merged_into=original)
        # whoever merges does not thereby handle the other case
        taking.take(original, into, by=by, now=now, data={"other": complaint.pk}, handler=original.handler)
        return event


def split(complaint: Complaint, *, by: User, now: datetime, reason: str) -> Event:
    """Take a merged complaint out again: it goes its own way under the old clock, with those it had brought (D20)."""
    with transaction.atomic():
        step = gate.allowed(complaint, "pisahkan", by=by, now=now, facts={"reason": reason})
        original = _seen(complaint.merged_into_id, by=by)
        if original is None:
            raise Refused(_("Anda tidak dapat melihat pengaduan yang satu lagi. Mintalah kepada kantor di atas Anda."))
        _lock(complaint, original)
        along = Complaint.objects.filter(pk__in=_brought_along(complaint), merged_into=original)
        more: dict[str, Any] = {"merged_into": None, "closed_at": None, "outcome": "", "settled_at": None}
        event = taking.take(complaint, step, by=by, now=now, text=reason, data={"other": original.pk}, **more)
        _lead([each.pk for each in along], complaint, by=by, now=now)
        _mark(original, complaint, "split", by=by, now=now)
        return event


def link(complaint: Complaint, *, by: User, now: datetime, original: Complaint | None) -> Event:
    """Note that two cases belong together; neither is closed, no clock changes (D20)."""
    with transaction.atomic():
        other = _other(complaint, original, by=by)
        step = gate.allowed(complaint, "tautkan", by=by, now=now, facts={"original": other})
        _lock(complaint, other)
        if complaint.links.filter(other=other).exists():
            raise Refused(_("Kedua pengaduan ini sudah ditautkan. Pilih pengaduan lain."), field="original")
        CaseLink.objects.bulk_create(
            CaseLink(complaint=one, other=another, regency_code=one.region_id[:5], created_at=now)
            for one, another in ((complaint, other), (other, complaint))
        )
        event = taking.take(complaint, step, by=by, now=now, data={"other": other.pk})
        _mark(other, complaint, "linked", by=by, now=now)
        return event


def unlink(complaint: Complaint, *, by: User, now: datetime, original: Complaint | None, reason: str) -> Event:
    """Take a link back that was wrong; that there was one stays on record."""
    with transaction.atomic():
        other = _other(complaint, original, by=by)
        facts = {"original": other, "reason": reason}
        step = gate.allowed(complaint, "lepas-tautan", by=by, now=now, facts=facts)
        _lock(complaint, other)
        pair = [complaint.pk, other.pk]
        if not CaseLink.objects.filter(complaint__in=pair, other__in=pair).delete()[0]:
            raise Refused(_("Kedua pengaduan ini tidak ditautkan. Pilih dari yang tertaut."), field="original")
        event = taking.take(complaint, step, by=by, now=now, text=reason, data={"other": other.pk})
        _mark(other, complaint, "unlinked", by=by, now=now)
        return event


def _case_of(original: Complaint | None, *, by: User) -> Complaint:
    """Return the case that lives on: the complaint named, or the one it was merged into, afresh and seen by both."""
    found = original and _seen(original.merged_into_id or original.pk, by=by)
    if not found:
        raise Refused(NEED_SENTENCES[Need.ORIGINAL], field="original")
    return found


def _other(complaint: Complaint, other: Complaint | None, *, by: User) -> Complaint:
    found = other and _seen(other.pk, by=by)
    if not found:
        raise Refused(NEED_SENTENCES[Need.ORIGINAL], field="original")
    if found.pk == complaint.pk:
        raise Refused(
            _("Pengaduan ini tidak dapat ditautkan dengan dirinya sendiri. Tulis nomor yang lain."), field="original"
        )
    return found


def _seen(pk: int | None, *, by: User) -> Complaint | None:
    together = ("programme", "category", "service_level", "region", "office", "handler", "case_file")
    return Complaint.objects.visible_to(by).select_related(*together).filter(pk=pk).first()


def _check_original(complaint: Complaint, original: Complaint) -> None:
    """Raise Refused where the other complaint cannot stand for this one: it must ask no less of the office.

    Not younger and its clock not standing, or merging would buy time (D12); a masalah is not answered as a question;
    what is kept from lower tiers, who is reported and what was lost stays so in the one case (D29, D35, D49).
    """
    for wrong, sentence in (
        (
            original.pk == complaint.pk,
            _("Pengaduan ini tidak dapat menjadi duplikat dirinya sendiri. Tulis nomor yang lain."),
        ),
        (original.programme_id != complaint.programme_id, _("Pengaduan itu dari program lain. Tautkan saja.")),
        (
            original.received_at > complaint.received_at,
            _("Pengaduan ini lebih dulu diterima. Gabungkan yang lebih baru ke sini, supaya tenggatnya tidak mundur."),
        ),
        (
            original.category.nature == Nature.INFORMATIF and complaint.category.nature == Nature.MASALAH,
            _("Pengaduan masalah tidak dapat digabungkan ke pengaduan informatif."),
        ),
        (
            original.concealed_tier < complaint.concealed_tier,
            _("Pengaduan ini tidak boleh dilihat jenjang yang dapat melihat pengaduan itu. Ubah dulu kategorinya."),
        ),
        (
            not _reported(complaint) <= _reported(original),
            _("Pengaduan ini melaporkan pihak yang belum dilaporkan pada pengaduan itu. Tetapkan dulu di sana."),
        ),
        (
            (complaint.lost_amount or 0) > (original.lost_amount or 0) or _of_funds(complaint) > _of_funds(original),
            _("Pengaduan ini menyangkut kerugian yang belum dicatat pada pengaduan itu. Catat atau ubah dulu di sana."),
        ),
        (
            bool(original.settled_at) or original.closed_at is not None,
            _("Pengaduan itu sudah ditutup atau hasilnya sudah disampaikan. Tangani pengaduan ini, dan tautkan."),
        ),
        (
            original.waiting_since is not None,
            _("Waktu pengaduan itu sedang berhenti menunggu pelapornya. Lanjutkan dulu pengaduan itu."),
        ),
    ):
        if wrong:
            raise Refused(sentence, field="original")


def _reported(complaint: Complaint) -> set[tuple[int | None, int | None]]:
    """Return the people and offices that the complaint is against; mere words hide it from nobody."""
    parties = complaint.reported_parties.exclude(user=None, office=None)
    return set(parties.values_list("user_id", "office_id"))


def _of_funds(complaint: Complaint) -> bool:
    """Say whether the money must be back before a case of this category is settled (D29)."""
    return complaint.category.closure_standards.filter(money=True).exists()


def _lock(*complaints: Complaint) -> None:
    """Hold the rows in one order, so that two who merge crosswise wait for each other; the second is told so."""
    pks = [complaint.pk for complaint in complaints]
    held = Complaint.objects.filter(pk__in=pks).order_by("pk").select_for_update()
    versions = dict(held.values_list("pk", "version"))
    if any(versions[complaint.pk] != complaint.version for complaint in complaints):
        raise taking.ChangedMeanwhile


def _lead(pks: list[int], case: Complaint, *, by: User, now: datetime) -> None:
    """Let complaints that were merged before follow another case from now on."""
    for follower in (
        Complaint.objects.filter(pk__in=pks).select_related("service_level", "office", "handler").order_by("pk")
    ):
        _mark(follower, case, "led", by=by, now=now, merged_into=case)


def _mark(complaint: Complaint, other: Complaint, what: str, *, by: User, now: datetime, **changes: Any) -> None:
    """Leave on the other side's record what was done; it moves neither stage nor clock nor handler there."""
    data = {"what": what, "other": other.pk}
    step = BY_CODE["terkait"]  # goes with the step that was allowed on the other side
    taking.take(complaint, step, by=by, now=now, data=data, handler=complaint.handler, **changes)


def _brought_along(complaint: Complaint) -> list[int]:
    """Return what followed when this complaint was last merged."""
    merged = complaint.events.filter(kind="duplikat").order_by("-seq").first()
    return json.loads(merged.data)["along"] if merged else []
