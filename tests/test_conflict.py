"""Whom a case is against neither handles nor sees it, whatever step was taken before (D35, D49, D51)."""

import re
import uuid

import pytest

from pengaduan.inbox import View, complaints_in, counts
from pengaduan.models import Channel, Complaint, Outcome, Recusal, ReportedParty, Stage
from tests.cast import LINE, VILLAGE, World, at
from tests.journey import to_stage
from tests.test_programme_files import FOLDER
from tiers.models import Assignment, Region, Tier, User
from workflow import actions, escalation, gate, notices, recognition
from workflow.forms.record import RecordForm
from workflow.machine import BY_CODE, STEPS, Refused
from workflow.models import Notification
from workflow.seeding.programme_file import read_programmes

LATER = at("2026-03-05 09:00")
EVERYONE_BELOW_PUSAT = {"desa", "kecamatan", "kabupaten", "penyelia", "provinsi"}
READERS = {"auditor", "peninjau", "koordinator"}  # at Pusat, outside the line


def told(template: str) -> set[str]:
    return set(Notification.objects.filter(template=template).values_list("user__username", flat=True))


def who_sees(client, complaint: Complaint) -> set[str]:
    """Return who finds the case in their list; the page, the counts and the search say the same of each."""
    seen = set()
    for name in LINE:
        user = User.objects.get(username=name)
        client.force_login(user)
        opened = client.get(complaint.get_absolute_url()).status_code == 200
        view = View.ALL if complaint.is_open else View.CLOSED
        assert (complaint in complaints_in(view, user, now=LATER)) == opened, name
        assert (counts(user, now=LATER)[view] == 1) == opened, name
        found = client.get(f"/petugas/?q={complaint.number}").content.decode()
        assert (f'href="{complaint.get_absolute_url()}"' in found) == opened, name
        if opened:
            seen.add(name)
    return seen


def reported(world: World, *, by: str = "desa", stage: Stage = Stage.CLARIFICATION, **parties) -> Complaint:
    complaint = to_stage(world, stage)
    actions.name_reported(complaint, by=world.users[by], now=LATER, **parties)
    return world.read(complaint)


REPORTED_USERS = {
    # whom → the office that gets the case, who sees it then
    "desa": (Tier.KECAMATAN, {"kecamatan", "kabupaten", "penyelia", "provinsi", "pusat"}),
    "kecamatan": (Tier.KABUPATEN, {"kabupaten", "penyelia", "provinsi", "pusat"}),
    "kabupaten": (Tier.PROVINSI, {"provinsi", "pusat"}),
    "penyelia": (Tier.PROVINSI, {"provinsi", "pusat"}),
    "provinsi": (Tier.PUSAT, {"pusat"}),
}


@pytest.mark.parametrize("name", REPORTED_USERS)
def test_d35_a_reported_officer_and_all_up_to_their_tier_see_it_no_more(world, client, name):
    """The one at the kabupaten who supervises is hidden from with the colleagues; the tiers above see it."""
    tier, sees = REPORTED_USERS[name]
    complaint = reported(world, reported_user=[world.users[name]])
    assert (complaint.tier, complaint.concealed_tier, complaint.handler) == (tier, tier - 1, None)
    assert who_sees(client, complaint) == sees | READERS


@pytest.mark.parametrize(
    ("tier", "region", "sees"),
    [
        (Tier.DESA, VILLAGE, {"kecamatan", "kabupaten", "penyelia", "provinsi", "pusat"}),
        (Tier.KABUPATEN, "33.29", {"provinsi", "pusat"}),
        (Tier.PROVINSI, "33", {"pusat"}),
    ],
)
def test_d35_a_reported_office_is_passed_over(world, client, tier, region, sees):
    complaint = reported(world, reported_office=[world.office(tier, region)])
    assert complaint.tier == tier + 1
    assert who_sees(client, complaint) == sees | READERS


def test_d35_several_are_named_at_once_and_the_highest_decides(world, client):
    complaint = reported(
        world, reported_user=[world.desa], reported_office=[world.office(Tier.KABUPATEN, "33.29")],
        reported_words="Bendahara kelompok",
    )  # fmt: skip
    assert complaint.tier == Tier.PROVINSI
    assert who_sees(client, complaint) == {"provinsi", "pusat"} | READERS
    assert complaint.reported_parties.count() == 3


def test_d31_where_it_goes_on_there_is_a_full_period_and_the_original_deadline_stays(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    original, before = complaint.due_at, complaint.tier_due_at
    actions.name_reported(complaint, by=world.desa, now=LATER, reported_user=[world.desa])
    complaint = world.read(complaint)
    assert (complaint.due_at, complaint.tier_since, complaint.escalations) == (original, LATER, 0)
    assert complaint.tier_due_at > before


def test_d35_a_case_held_above_the_reported_stays_where_it_is_under_its_clock(world, client):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.hand_up(complaint, by=world.penyelia, now=LATER, reason="Ditinjau bersama")
    due = world.read(complaint).tier_due_at
    actions.name_reported(world.read(complaint), by=world.kecamatan, now=LATER, reported_user=[world.desa])
    complaint = world.read(complaint)
    assert (complaint.tier, complaint.concealed_tier, complaint.tier_due_at) == (Tier.KECAMATAN, Tier.DESA, due)
    assert "desa" not in who_sees(client, complaint)


def test_d35_words_alone_hide_from_nobody_but_stand_there(world, client):
    complaint = reported(world, reported_words="Seorang kader")
    assert (complaint.tier, complaint.concealed_tier) == (Tier.DESA, 0)
    assert who_sees(client, complaint) == EVERYONE_BELOW_PUSAT | {"pusat"} | READERS


def test_d49_who_is_named_twice_stands_there_once_and_nobody_is_taken_off(world):
    complaint = reported(world, reported_user=[world.desa])
    actions.name_reported(complaint, by=world.kecamatan, now=LATER, reported_user=[world.desa], reported_words="Kader")
    assert [(party.user, party.words) for party in complaint.reported_parties.order_by("pk")] == [
        (world.desa, ""), (None, "Kader"),
    ]  # fmt: skip


def test_d49_the_reported_neither_names_nor_takes_any_step_and_hears_nothing(world):
    complaint = reported(world, reported_user=[world.kabupaten])
    later = {notice.user for notice in Notification.objects.filter(event__kind="tetapkan-terlapor")}
    assert later - {None} == {world.provinsi}
    for name in ("kabupaten", "penyelia", "kecamatan", "desa"):
        assert not any(gate.may_take(step, complaint, by=world.users[name], now=LATER) for step in STEPS), name


def test_d49_the_tier_above_names_the_reported_where_the_holder_does_not(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.name_reported(complaint, by=world.kecamatan, now=LATER, reported_user=[world.desa])
    assert world.read(complaint).office == world.office(Tier.KECAMATAN, "33.29.01")
    for name in ("tetangga", "auditor", "koordinator", "peninjau"):
        with pytest.raises(Refused):
            actions.name_reported(complaint, by=world.users[name], now=LATER, reported_words="Siapa saja")


def test_d35_naming_nobody_is_refused(world):
    with pytest.raises(Refused, match="Sebutkan siapa yang dilaporkan"):
        reported(world, reported_words="  ")


# stepping aside


def test_d49_who_steps_aside_alone_at_the_desk_sends_it_up_at_once_with_a_full_period(world, client):
    complaint = to_stage(world, Stage.CLARIFICATION)
    original = complaint.due_at
    actions.step_aside(complaint, by=world.desa, now=LATER, reason="Paman saya")
    complaint = world.read(complaint)
    assert (complaint.office, complaint.handler) == (world.office(Tier.KECAMATAN, "33.29.01"), None)
    assert (complaint.due_at, complaint.tier_since, complaint.escalations) == (original, LATER, 0)
    assert "desa" not in who_sees(client, complaint)
    assert set(
        Notification.objects.filter(event__kind="mundur", user__isnull=False).values_list("user__username", flat=True)
    ) == {"kecamatan"}


def test_d49_with_a_colleague_at_the_desk_the_case_stays_and_loses_its_handler(world):
    colleague = User.objects.create_user("rekan", "rekan@kantor.id", name="Rekan")
    desk = world.office(Tier.DESA, VILLAGE)
    Assignment.objects.create(user=colleague, office=desk, role="petugas", starts_on="2024-01-01")
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.step_aside(complaint, by=world.desa, now=LATER, reason="Paman saya")
    complaint = world.read(complaint)
    assert (complaint.office, complaint.handler) == (desk, None)
    actions.step_aside(complaint, by=colleague, now=LATER, reason="Bibi saya")
    assert world.read(complaint).office == world.office(Tier.KECAMATAN, "33.29.01")


def test_d51_an_office_whose_only_officer_stepped_aside_before_is_passed_over(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    actions.step_aside(complaint, by=world.kecamatan, now=LATER, reason="Paman saya")
    assert world.read(complaint).office == world.office(Tier.DESA, VILLAGE)
    actions.step_aside(world.read(complaint), by=world.desa, now=LATER, reason="Paman saya")
    assert world.read(complaint).office == world.office(Tier.KABUPATEN, "33.29")


def test_d49_alone_at_the_top_the_coordinators_and_the_auditors_are_told(world, client):
    complaint = world.complaint("kkn")
    actions.step_aside(complaint, by=world.pusat, now=LATER, reason="Kakak saya")
    complaint = world.read(complaint)
    assert complaint.office == world.office(Tier.PUSAT, None)
    assert told(notices.NOBODY_LEFT) == {"koordinator"}
    assert told(notices.AGAINST_TOP) == {"auditor"}
    assert gate.may_take(BY_CODE["serahkan-pengawas"], complaint, by=world.auditor, now=LATER)
    assert who_sees(client, complaint) == {"provinsi"} | READERS
    assert complaint in complaints_in(View.OVERSIGHT, world.auditor, now=LATER)


def test_d51_where_all_of_an_office_are_kept_out_the_tier_above_hears_what_happens(world):
    """A notice to an office whose only person stepped aside is not lost."""
    complaint = to_stage(world, Stage.CLARIFICATION)
    Recusal.objects.create(complaint=complaint, user=world.desa, at=LATER)
    assert notices.people_of(complaint, [complaint.office_id], now=LATER) == {world.kecamatan.pk}


# a case against Pusat itself


def against_pusat(world: World) -> Complaint:
    return world.complaint(reported_offices=[world.office(Tier.PUSAT, None)])


def test_d35_a_case_against_pusat_is_seen_by_the_auditor_alone_who_is_told_at_once(world, client):
    complaint = against_pusat(world)
    assert who_sees(client, complaint) == {"auditor"}
    assert told(notices.AGAINST_TOP) == {"auditor"}
    assert told(notices.NEW_CASE) == set()
    client.force_login(world.auditor)
    assert complaint.number in client.get(f"/petugas/?tampilan={View.OVERSIGHT}").content.decode()
    assert "langkah/serahkan-pengawas/" in client.get(complaint.get_absolute_url()).content.decode()


def test_d35_an_auditor_who_is_reported_too_does_not_see_it(world, client):
    complaint = world.complaint(reported_offices=[world.office(Tier.PUSAT, None)], reported_users=[world.auditor])
    assert who_sees(client, complaint) == set()
    assert told(notices.AGAINST_TOP) == set()


def test_d35_pusat_named_later_loses_the_case_to_the_auditor(world, client):
    complaint = world.complaint("kkn")
    actions.name_reported(complaint, by=world.pusat, now=LATER, reported_office=[world.office(Tier.PUSAT, None)])
    complaint = world.read(complaint)
    assert (complaint.office.tier, complaint.handler) == (Tier.PUSAT, None)
    assert who_sees(client, complaint) == {"auditor"}
    assert told(notices.AGAINST_TOP) == {"auditor"}


def test_d35_the_auditor_hands_it_to_the_overseer_that_the_programme_names(world, client):
    programme = world.programmes["pkh"]
    programme.oversight_name, programme.oversight_address = "Inspektorat Jenderal Contoh", "Jalan Contoh 1\nJakarta"
    programme.save()
    complaint = against_pusat(world)
    client.force_login(world.auditor)
    address = f"{complaint.get_absolute_url()}langkah/serahkan-pengawas/"
    assert 'value="Inspektorat Jenderal Contoh, Jalan Contoh 1, Jakarta"' in client.get(address).content.decode()
    actions.hand_to_overseers(
        complaint, by=world.auditor, now=LATER, authority="Inspektorat Jenderal Contoh", reason="Terhadap Pusat"
    )
    complaint = world.read(complaint)
    assert (complaint.stage, complaint.outcome) == (Stage.CLOSED, Outcome.REFERRED)
    letter = Notification.objects.get(complaint=complaint, event__kind="serahkan-pengawas")
    assert letter.template == "serahkan-pengawas" and letter.complainant is not None


def test_d35_nobody_else_and_no_other_case_is_handed_to_the_overseer(world):
    complaint = against_pusat(world)
    for name in [*EVERYONE_BELOW_PUSAT, "pusat", "koordinator", "peninjau", "tetangga"]:
        with pytest.raises(Refused):
            actions.hand_to_overseers(
                complaint, by=world.users[name], now=LATER, authority="Inspektorat", reason="Terhadap Pusat"
            )
    ordinary = world.complaint("kkn")
    with pytest.raises(Refused, match="bukan wewenang Anda"):
        actions.hand_to_overseers(ordinary, by=world.auditor, now=LATER, authority="Inspektorat", reason="Ingin saja")


def test_d35_the_complainant_is_told_where_to_turn_from_the_beginning(world, client):
    programme = world.programmes["pkh"]
    programme.oversight_name = "Inspektorat Jenderal Contoh"
    programme.save()
    complaint, other = against_pusat(world), world.complaint()
    pages = {}
    for each in (complaint, other):
        client.post("/lacak/", {"code": each.receipt.code})
        pages[each] = client.get("/lacak/pengaduan/").content.decode()
    assert "Inspektorat Jenderal Contoh" in pages[complaint] and "137" in pages[complaint]
    assert "Inspektorat Jenderal Contoh" not in pages[other]


def test_d35_every_programme_names_who_oversees_it():
    """Real names and addresses, to be kept current by the reviewers."""
    records = {record.code: record.oversight_name for record in read_programmes(FOLDER)}
    assert records == {
        "pkh": "Inspektorat Jenderal Kementerian Sosial",
        "pamsimas": "Inspektorat Jenderal Kementerian Pekerjaan Umum",
        "kotaku": "Inspektorat Jenderal Kementerian Pekerjaan Umum",
        "pnpm": "Inspektorat Jenderal Kementerian Dalam Negeri",
        "pelayanan-publik": "Inspektorat instansi atau inspektorat daerah, dan Ombudsman Republik Indonesia",
    }
    assert all(record.oversight_address for record in read_programmes(FOLDER))


def test_d35_pnpm_says_who_has_authority_over_each_kind_of_matter():
    """N: implementation is the supervisor's with SP2M, managerial the manager's of that tier, ethics two units'."""
    pnpm = next(record for record in read_programmes(FOLDER) if record.code == "pnpm")
    notes = {category.code: category.conflict_note for category in pnpm.categories if category.conflict_note}
    with_unit = {code for code, note in notes.items() if "SP2M" in note}
    assert with_unit == {
        "penyimpangan-prosedur", "penyimpangan-dana", "intervensi-negatif", "force-majeure", "kode-etik",
    }  # fmt: skip
    assert {code for code, note in notes.items() if "manajer" in note} == {"pembinaan-program", "dukungan-program"}
    assert "perusahaan dan/atau Satker" in notes["kode-etik"]


# who may be meant


def test_d35_names_and_posts_of_the_place_are_recognised_in_the_words(world):
    world.kecamatan.name = "Slamet Contoh"
    world.kecamatan.save()
    found = recognition.mentioned(
        "Pak Slamet minta potongan.", world.programmes["pkh"], world.complaint().region, on=LATER.date()
    )
    assert (found.users, found.offices) == ([world.kecamatan], [])
    found = recognition.mentioned(
        "Petugas UPPKH minta uang", world.programmes["pkh"], world.complaint().region, on=LATER.date()
    )
    assert world.office(Tier.KABUPATEN, "33.29") in found.offices
    nobody = "Bantuan dari desa dan kecamatan di Kabupaten Brebes belum cair."
    assert not recognition.mentioned(nobody, world.programmes["pkh"], world.complaint().region, on=LATER.date())


def test_d35_the_neighbours_people_are_not_suggested(world):
    world.tetangga.name = "Slamet Contoh"
    world.tetangga.save()
    found = recognition.mentioned(
        "Pak Slamet minta potongan.", world.programmes["pkh"], world.complaint().region, on=LATER.date()
    )
    assert not found


def test_d35_an_officer_is_shown_who_may_be_meant_and_confirms(world, client):
    world.kecamatan.name = "Slamet Contoh"
    world.kecamatan.save()
    complaint = world.complaint(text="Pak Slamet minta potongan dua puluh ribu.")
    client.force_login(world.desa)
    page = client.get(complaint.get_absolute_url()).content.decode()
    assert "Mungkin yang dimaksud: Slamet Contoh" in " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert world.read(complaint).concealed_tier == 0  # nothing by itself
    address = f"{complaint.get_absolute_url()}langkah/tetapkan-terlapor/"
    html = client.get(address).content.decode()
    first = re.search(r'name="reported_user" value="(\d+)"', html)
    assert int(first[1]) == world.kecamatan.pk and "mungkin disebut dalam pengaduan" in html
    typed = {"petugas": world.desa.pk, "version": world.read(complaint).version}
    assert client.post(address, typed).status_code == 422
    sent = client.post(address, typed | {"reported_user": world.kecamatan.pk})
    assert (sent.status_code, sent.url) == (302, "/petugas/")
    assert (world.read(complaint).tier, ReportedParty.objects.get().user) == (Tier.KABUPATEN, world.kecamatan)


def test_d38_the_complainant_is_never_shown_who_may_be_meant_or_who_was_named(world, client):
    world.kecamatan.name = "Slamet Contoh"
    world.kecamatan.save()
    complaint = world.complaint(text="Ketua minta potongan.")
    actions.name_reported(
        complaint, by=world.desa, now=LATER, reported_user=[world.kecamatan], reported_words="Sang mandor"
    )
    client.post("/lacak/", {"code": complaint.receipt.code})
    page = client.get("/lacak/pengaduan/").content.decode()
    assert complaint.number in page
    assert "Slamet" not in page and "mandor" not in page


def test_d51_an_escalation_to_an_office_that_is_kept_out_is_heard_above(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    Recusal.objects.create(complaint=complaint, user=world.kecamatan, at=LATER)
    escalation.sweep(now=at("2026-06-01 10:00"), by_hand=True)
    assert world.read(complaint).tier == Tier.KECAMATAN  # exactly one tier up, as everywhere
    assert told(notices.ESCALATED_HERE) == {"kabupaten", "penyelia"}


def test_d35_who_writes_a_complaint_down_is_asked_whether_the_words_mean_somebody_here(world):
    world.kecamatan.name = "Slamet Contoh"
    world.kecamatan.save()
    about = {
        "programme": world.programmes["pkh"],
        "region": Region.objects.get(pk=VILLAGE),
        "now": LATER,
    }
    typed = {
        "submission_key": uuid.uuid4(),
        "channel": Channel.objects.get(programme=about["programme"], code="tatap-muka").pk,
        "category": world.category("pembayaran").pk,
        "text": "Pendamping minta potongan.",
        "reported_words": "Pak Slamet",
        "received_on_day": "5",
        "received_on_month": "3",
        "received_on_year": "2026",
        "secrecy": "rahasia",
    }
    form = RecordForm(typed, **about)
    assert not form.is_valid()
    assert form.errors == {
        "reported_user": ["Mungkin yang dimaksud Slamet Contoh. Pilih dari daftar, atau centang “Bukan mereka”."]
    }
    assert RecordForm(typed | {"not_them": "on"}, **about).is_valid()
    named = RecordForm(typed | {"reported_user": world.kecamatan.pk}, **about)
    assert named.is_valid()
    assert named.matter().reported_users == [world.kecamatan]
    assert RecordForm(typed | {"reported_words": "Ibu Wati"}, **about).is_valid()
