"""Lead a complaint along its life by the real verbs, to whatever stage a test needs."""

import hashlib
from datetime import datetime, timedelta

from django.core.files.base import ContentFile

from pengaduan.models import Attachment, Complaint, Position, Stage
from tests.cast import World, at
from workflow import actions

START = at("2026-03-03 09:00")


def add_file(complaint: Complaint, purpose: str, *, now: datetime) -> None:
    """Put a clean file into the case, as the upload leaves it."""
    content = f"{complaint.pk} {purpose} {now}".encode()
    Attachment.objects.create(
        complaint=complaint,
        purpose=purpose,
        file=ContentFile(content, name="berkas.pdf"),
        media_type="application/pdf",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        created_at=now,
    )


def to_stage(world: World, stage: Stage, *, nature: str = "masalah", position: Position = Position.PROVEN) -> Complaint:
    """Return a PKH complaint of Brebes that stands at a stage, handled by `desa` and verified by `kecamatan`."""
    complaint = world.complaint("pembayaran" if nature == "masalah" else "pertanyaan")
    return lead_on(complaint, world, stage, now=START, position=position)


def lead_on(
    complaint: Complaint, world: World, stage: Stage, *, now: datetime, position: Position = Position.PROVEN
) -> Complaint:
    """Lead a complaint that was just received to a stage, an hour a step, by `desa` and `kecamatan`."""
    if complaint.stage == stage:
        return complaint
    _register(complaint, world, now)
    way = _unproven if position == Position.UNPROVEN else _proven
    if complaint.category.nature == "informatif":
        way = _inquiry
    for take in way:
        if complaint.stage == stage:
            break
        now += timedelta(hours=1)
        take(complaint, world, now)
        complaint = world.read(complaint)
    assert complaint.stage == stage, f"no way leads to {stage}"
    return complaint


def _register(complaint, world, now):
    actions.register(
        complaint, by=world.desa, now=now, recorded="Bantuan belum cair.", information_complete=True, suitable=True
    )


def _settle(complaint, world, now):
    add_file(complaint, Attachment.Purpose.MINUTES, now=now)
    actions.settle(
        complaint,
        by=world.desa,
        now=now,
        finding="Dana sudah diterima",
        forum_held_on=now.date(),
        forum_place="Balai desa",
        forum_attendance=20,
        forum_decision="Warga menerima penyelesaian ini",
        ticked=["Keputusan musyawarah ada"],
    )


def _report(complaint, world, now):
    add_file(complaint, Attachment.Purpose.RESULT, now=now)
    actions.report_result(complaint, by=world.desa, now=now, result="Kantor pos membayar")


_inquiry = (
    lambda complaint, world, now: actions.answer(complaint, by=world.desa, now=now, answer="Bulan depan"),
    lambda complaint, world, now: actions.close_silent(complaint, now=now + timedelta(days=20)),
)
_unproven = (
    lambda complaint, world, now: actions.find_unproven(complaint, by=world.desa, now=now, chronology="Sudah cair"),
    lambda complaint, world, now: actions.verify_unproven(
        complaint, by=world.kecamatan, now=now, reason="Disampaikan di musyawarah"
    ),
)
_proven = (
    lambda complaint, world, now: actions.find_proven(complaint, by=world.desa, now=now, chronology="Belum dibayar"),
    lambda complaint, world, now: actions.recommend(
        complaint,
        by=world.desa,
        now=now,
        case_analysis="Daftar bayar salah",
        stakeholder_analysis="Pos, pendamping",
        recommendation="non_litigation",
        follow_up_by="Kantor pos",
    ),
    _report,
    _settle,
    lambda complaint, world, now: actions.verify(complaint, by=world.kecamatan, now=now),
    lambda complaint, world, now: actions.reject(complaint, by=world.desa, now=now, reason="Kurang satu tahap"),
)
