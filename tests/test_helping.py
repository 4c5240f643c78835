"""Help asked of the tier left behind or of one person: they read and contribute, the holder goes on deciding (D33)."""

import re

import pytest

from pengaduan.inbox import View
from pengaduan.models import Complaint, ComplaintGrant, HelpRequest, Stage
from tests.cast import at
from tests.journey import START, to_stage
from tiers.models import Assignment, Tier, User
from workflow import actions, gate, notices
from workflow.machine import BY_CODE, STEPS, Refused, Who
from workflow.models import Notification

LATER = at("2026-03-05 09:00")
IN_REACH = {step.code for step in STEPS if step.who == Who.ANYONE_IN_REACH}


def told(template: str) -> set[str]:
    return set(Notification.objects.filter(template=template).values_list("user__username", flat=True))


def helped(world, **whom) -> tuple[Complaint, HelpRequest]:
    """Return a case at clarification, handled by `desa`, with help asked."""
    complaint = to_stage(world, Stage.CLARIFICATION)
    request = actions.ask_help(complaint, by=world.desa, now=LATER, asked="Mohon datangi pendamping.", **whom)
    return world.read(complaint), request


def someone(world, office, name: str = "pembantu", role: str = "petugas") -> User:
    user = User.objects.create_user(name, f"{name}@kantor.id", name=name.title())
    Assignment.objects.create(user=user, office=office, role=role, starts_on="2024-01-01")
    return user


def test_d33_the_tier_left_behind_is_asked_by_its_office_and_told(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.hand_up(complaint, by=world.penyelia, now=START, reason="Ditinjau bersama, perlu kecamatan")
    complaint = world.read(complaint)
    left = world.office(Tier.DESA, complaint.region_id)
    actions.ask_help(complaint, by=world.kecamatan, now=LATER, asked="Mohon cek daftar bayar.", office=left)
    assert told(notices.HELP_ASKED) == {"desa"}
    complaint = world.read(complaint)
    assert complaint.office == world.office(Tier.KECAMATAN, "33.29.01")
    contributes = {"beri-bantuan", "catat-keterangan", "lampirkan"}
    assert {step.code for step in gate.open_steps(complaint, by=world.desa, now=LATER)} - IN_REACH == contributes


def test_d33_one_person_sees_this_one_case_until_it_is_closed(world, client):
    helper = someone(world, world.office(Tier.KABUPATEN, "33.28"))
    complaint = to_stage(world, Stage.CLARIFICATION)
    other = world.complaint()
    assert not Complaint.objects.visible_to(helper).filter(pk=complaint.pk).exists()
    # outside the line nobody is offered by the page, the verb knows people of the programme
    actions.ask_help(complaint, by=world.desa, now=LATER, asked="Mohon bandingkan datanya.", user=helper)
    helper = User.objects.get(pk=helper.pk)
    client.force_login(helper)
    assert client.get(complaint.get_absolute_url()).status_code == 200
    assert client.get(other.get_absolute_url()).status_code == 404
    actions.close_aside(
        world.read(complaint), "salurkan", by=world.kecamatan, now=LATER, authority="Dinas Sosial", reason="Wewenangnya"
    )
    assert ComplaintGrant.objects.count() == 0
    assert client.get(complaint.get_absolute_url()).status_code == 404


def test_d33_a_helper_decides_nothing(world):
    helper = someone(world, world.office(Tier.KABUPATEN, "33.28"))
    complaint, _request = helped(world, user=helper)
    for step in STEPS:
        if step.who in {Who.HELPER, Who.ASKED, Who.ANYONE_IN_REACH}:
            continue
        assert not gate.may_take(step, complaint, by=helper, now=LATER), step.code
    with pytest.raises(Refused):
        actions.find_proven(complaint, by=helper, now=LATER, chronology="Saya yang memutuskan")


def test_d33_the_answer_goes_to_who_asked_and_ends_the_request(world):
    complaint, request = helped(world, user=world.kabupaten)
    assert told(notices.HELP_ASKED) == {"kabupaten"}
    actions.answer_help(complaint, by=world.kabupaten, now=LATER, reason="Pendamping mengakui.", request=request)
    request.refresh_from_db()
    assert (request.answer, request.answered_by, request.answered_at) == (
        "Pendamping mengakui.", world.kabupaten, LATER,
    )  # fmt: skip
    assert told(notices.HELP_ANSWERED) == {"desa"}
    complaint = world.read(complaint)
    assert not gate.may_take(BY_CODE["beri-bantuan"], complaint, by=world.kabupaten, now=LATER)
    assert gate.may_take(BY_CODE["catat-keterangan"], complaint, by=world.kabupaten, now=LATER)


def test_d33_only_who_was_asked_answers(world):
    complaint, request = helped(world, user=world.kabupaten)
    for name in ("desa", "kecamatan", "provinsi", "pusat", "tetangga", "auditor"):
        with pytest.raises(Refused):
            actions.answer_help(complaint, by=world.users[name], now=LATER, reason="Saya jawab saja", request=request)


def test_d35_the_accused_who_stepped_aside_and_a_concealed_office_are_not_asked(world):
    complaint = world.complaint("kkn", reported_users=[world.kabupaten])
    pusat, ask = world.pusat, {"now": LATER, "asked": "Kumpulkan keterangan."}
    actions.step_aside(complaint, by=world.provinsi, now=LATER, reason="Saudara saya")
    complaint = world.read(complaint)
    for user in (world.kabupaten, world.provinsi):
        with pytest.raises(Refused, match="Orang ini tidak boleh melihat pengaduan ini"):
            actions.ask_help(complaint, by=pusat, user=user, **ask)
    for user in (world.auditor, world.koordinator, world.kustodian):
        with pytest.raises(Refused, match="Pilih petugas yang menangani pengaduan program ini"):
            actions.ask_help(complaint, by=pusat, user=user, **ask)
    concealed = world.office(Tier.KABUPATEN, "33.29")
    with pytest.raises(Refused, match="tidak boleh melihat"):
        actions.ask_help(complaint, by=pusat, office=concealed, **ask)
    neighbour = world.office(Tier.KABUPATEN, "33.28")
    with pytest.raises(Refused, match="tidak boleh melihat"):
        actions.ask_help(complaint, by=pusat, office=neighbour, **ask)
    own = world.office(Tier.PUSAT, None)
    with pytest.raises(Refused, match="sendiri yang memegang"):
        actions.ask_help(complaint, by=pusat, office=own, **ask)
    assert not HelpRequest.objects.exists()


def test_d35_the_kabupaten_collects_for_pusat_by_a_named_person_and_does_not_decide(world):
    """KKN (K): collect, coordinate, monitor, never decide; the rest of that office still does not see the case."""
    complaint = world.complaint("kkn")
    colleague = someone(world, world.office(Tier.KABUPATEN, "33.29"), "rekan")
    actions.ask_help(complaint, by=world.pusat, now=LATER, asked="Kumpulkan daftar bayar.", user=world.kabupaten)
    seen = {
        name: Complaint.objects.visible_to(User.objects.get(username=name)).filter(pk=complaint.pk).exists()
        for name in ("kabupaten", "rekan", "penyelia", "kecamatan", "desa", "tetangga")
    }
    assert seen == dict.fromkeys(seen, False) | {"kabupaten": True}
    complaint, kabupaten = world.read(complaint), User.objects.get(username="kabupaten")
    theirs = {step.code for step in gate.open_steps(complaint, by=kabupaten, now=LATER)} - IN_REACH
    assert theirs == {"beri-bantuan", "lampirkan"}
    assert colleague not in [each.user for each in complaint.help_requests.all()]


def test_d33_naming_the_helper_as_reported_ends_the_exception(world):
    complaint = world.complaint("kkn")
    actions.ask_help(complaint, by=world.pusat, now=LATER, asked="Kumpulkan.", user=world.kabupaten)
    actions.name_reported(world.read(complaint), by=world.pusat, now=LATER, reported_user=[world.kabupaten])
    assert ComplaintGrant.objects.count() == 0
    assert not Complaint.objects.visible_to(User.objects.get(username="kabupaten")).exists()


def test_d51_an_office_asked_with_nobody_at_the_desk_is_heard_above(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    Assignment.objects.filter(user=world.kecamatan).delete()
    actions.ask_help(
        complaint, by=world.desa, now=LATER, asked="Mohon bantu.", office=world.office(Tier.KECAMATAN, "33.29.01")
    )
    assert told(notices.HELP_ASKED) == {"kabupaten", "penyelia"}


def test_d33_help_needs_words_and_one_who_is_asked(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    with pytest.raises(Refused, match="Tulis bantuan apa"):
        actions.ask_help(complaint, by=world.desa, now=LATER, asked="Tolong")
    with pytest.raises(Refused, match="Tulis bantuan apa"):
        actions.ask_help(complaint, by=world.desa, now=LATER, asked="", user=world.kabupaten)
    with pytest.raises(Refused, match="bukan keduanya"):
        actions.ask_help(
            complaint, by=world.desa, now=LATER, asked="Tolong", user=world.kabupaten,
            office=world.office(Tier.KECAMATAN, "33.29.01"),
        )  # fmt: skip


def test_d33_the_pages_ask_and_answer_and_the_inbox_lists_what_waits(world, client):
    complaint = to_stage(world, Stage.CLARIFICATION)
    client.force_login(world.desa)
    ask = f"{complaint.get_absolute_url()}langkah/minta-bantuan/"
    html = client.get(ask).content.decode()
    assert re.findall(r'value="(orang|kantor):', html).count("kantor") == 4
    assert "Neighbour" not in html and "Tetangga" not in html
    office = world.office(Tier.KECAMATAN, "33.29.01")
    typed = {"petugas": world.desa.pk, "version": world.read(complaint).version}
    sent = client.post(ask, typed | {"whom": f"kantor:{office.pk}", "asked": "Mohon datangi pendamping."})
    assert sent.status_code == 302
    client.force_login(world.kecamatan)
    listed = client.get(f"/petugas/?tampilan={View.HELP}").content.decode()
    assert complaint.number in listed
    page = client.get(complaint.get_absolute_url()).content.decode()
    assert "Mohon datangi pendamping." in page and "langkah/beri-bantuan/" in page
    answer = f"{complaint.get_absolute_url()}langkah/beri-bantuan/"
    typed = {"petugas": world.kecamatan.pk, "version": world.read(complaint).version}
    request = HelpRequest.objects.get()
    assert client.post(answer, typed | {"request": request.pk, "reason": "Sudah didatangi."}).status_code == 302
    assert complaint.number not in client.get(f"/petugas/?tampilan={View.HELP}").content.decode()
    client.force_login(world.desa)
    assert "Sudah didatangi." in client.get(complaint.get_absolute_url()).content.decode()
