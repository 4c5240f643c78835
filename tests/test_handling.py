"""What is gathered, agreed and done in a case: statements, actions, suspensions, and who may write them down."""

import json
import re
from datetime import date, timedelta

import pytest

from pengaduan.models import AgreedAction, Attachment, Complaint, Position, Stage, Statement, Suspension
from tests.cast import at
from tests.journey import START, add_file, to_stage
from workflow import actions, gate
from workflow.machine import NEED_SENTENCES, Need, Refused
from workflow.views.step_pages import offered

LATER = START + timedelta(days=2)
DAY = date(2026, 3, 4)
SETTLED = {
    "finding": "Sudah berjalan", "forum_held_on": DAY, "forum_place": "Balai desa", "forum_attendance": 20,
    "forum_decision": "Diterima", "ticked": ["Keputusan musyawarah ada"],
}  # fmt: skip


def reported(world, stage=Stage.CLARIFICATION, **rest) -> Complaint:
    """Return a case of Brebes at a stage, with a reported party in words."""
    complaint = to_stage(world, stage, **rest)
    complaint.reported_parties.create(words="ketua kelompok lama")
    return world.read(complaint)


def state(complaint: Complaint, by, kind=Statement.Kind.WITNESS, **rest):
    rest = {"given_on": DAY, "text": "Bantuan dibagikan tanpa daftar.", **rest}
    return actions.take_statement(complaint, by=by, now=LATER, kind=kind, **rest)


def agree(world, complaint: Complaint, until=DAY) -> AgreedAction:
    facts = {"kind": "prosedur", "what": "Daftar ditempel di balai desa", "who": "Kelompok", "until": until}
    actions.agree_action(world.read(complaint), by=world.desa, now=START, **facts)
    return complaint.agreed_actions.latest("pk")


def suspend(world, complaint: Complaint) -> Suspension:
    party = complaint.reported_parties.get()
    actions.suspend(
        complaint, by=world.desa, now=LATER, party=party, since=DAY, ordered_by="Kepala UPPKH, surat 12/2026"
    )
    return complaint.suspensions.get()


def html_of(client, user, complaint, address="") -> str:
    client.force_login(user)
    return client.get(complaint.get_absolute_url() + address).content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


@pytest.mark.parametrize("kind", [kind for kind in Statement.Kind if kind != Statement.Kind.REPORTED])
def test_d23_each_kind_of_interview_and_document_is_a_record_of_its_own(world, kind):
    complaint = to_stage(world, Stage.CLARIFICATION)
    event = state(complaint, world.desa, kind, who="Bidan desa")
    kept = complaint.statements.get()
    said = "Bantuan dibagikan tanpa daftar."
    assert (kept.kind, kept.who, kept.given_on, kept.text) == (kind, "Bidan desa", DAY, said)
    assert (json.loads(event.data), event.text_digest) == ({"statement": kind}, "")
    assert world.read(complaint).tier_due_at == complaint.tier_due_at


def test_d23_a_statement_of_tomorrow_or_without_words_is_refused(world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    for wrong, field in (({"given_on": date(2026, 3, 6)}, "given_on"), ({"text": ""}, "text")):
        with pytest.raises(Refused) as refusal:
            state(complaint, world.desa, **wrong)
        assert refusal.value.field == field
    assert complaint.statements.count() == 0


def test_d60_the_reported_partys_answer_stands_in_the_case_linked_with_the_party_of_this_case(world):
    complaint, other = reported(world), reported(world)
    for party in (None, other.reported_parties.get()):
        with pytest.raises(Refused) as refusal:
            state(complaint, world.desa, Statement.Kind.REPORTED, party=party)
        assert refusal.value.field == "party"
    state(complaint, world.desa, Statement.Kind.REPORTED, party=complaint.reported_parties.get(), text="Daftar ada.")
    assert complaint.statements.get().party == complaint.reported_parties.get()
    with pytest.raises(Refused):
        state(world.read(complaint), world.desa, party=complaint.reported_parties.get())


def test_d60_who_finds_it_proven_is_reminded_that_the_reported_party_was_not_heard_but_not_stopped(client, world):
    complaint = reported(world)
    hint = "Pihak yang dilaporkan belum didengar."
    assert hint in words(html_of(client, world.desa, complaint, "langkah/nyatakan-terbukti/"))
    assert hint not in words(html_of(client, world.desa, complaint, "langkah/nyatakan-tidak-terbukti/"))
    state(complaint, world.desa, Statement.Kind.REPORTED, party=complaint.reported_parties.get())
    assert hint not in words(html_of(client, world.desa, complaint, "langkah/nyatakan-terbukti/"))
    unheard = reported(world)
    actions.find_proven(unheard, by=world.desa, now=LATER, chronology="Terjadi")
    assert world.read(unheard).stage == Stage.ANALYSIS


def test_d23_whom_to_interview_is_a_list_at_hand_of_what_is_recorded_and_what_not(client, world):
    """[K]: the complainant, the provider, the local leader, the agency."""
    complaint = to_stage(world, Stage.CLARIFICATION)
    state(complaint, world.desa, Statement.Kind.COMPLAINANT)
    state(world.read(complaint), world.desa, Statement.Kind.AGENCY)
    told = words(html_of(client, world.desa, complaint, "langkah/nyatakan-terbukti/"))
    assert "Sudah dicatat: wawancara pelapor dan wawancara dinas atau lembaga terkait." in told
    assert "Belum: wawancara penyedia layanan, wawancara pemimpin setempat, keterangan saksi" in told


def test_d25_an_action_says_what_by_whom_until_when_and_gets_its_result_once(world):
    complaint = to_stage(world, Stage.HANDLING)
    action = agree(world, complaint)
    assert (action.what, action.who) == ("Daftar ditempel di balai desa", "Kelompok")
    assert (action.until, action.done) == (DAY, None)
    actions.report_action(world.read(complaint), by=world.desa, now=LATER, action=action, done=True, result="Ditempel")
    action.refresh_from_db()
    assert (action.done, action.result, action.ended_on) == (True, "Ditempel", date(2026, 3, 5))
    with pytest.raises(Refused):
        actions.report_action(world.read(complaint), by=world.desa, now=LATER, action=action, done=False, result="x")
    action.refresh_from_db()
    assert action.done is True


def test_d25_an_action_is_not_agreed_for_a_day_that_is_over(world):
    with pytest.raises(Refused) as refusal:
        agree(world, to_stage(world, Stage.HANDLING), until=date(2026, 3, 2))
    assert refusal.value.field == "until"


def test_d26_an_action_of_another_case_gets_no_result_here(world):
    complaint, other = to_stage(world, Stage.HANDLING), to_stage(world, Stage.HANDLING)
    agree(world, complaint)
    foreign = agree(world, other)
    with pytest.raises(Refused):
        actions.report_action(world.read(complaint), by=world.desa, now=LATER, action=foreign, done=True, result="x")
    foreign.refresh_from_db()
    assert foreign.done is None


def test_d26_no_case_is_settled_while_an_agreed_action_has_no_result(world):
    complaint = to_stage(world, Stage.MONITORING)
    action = agree(world, complaint)
    add_file(complaint, Attachment.Purpose.MINUTES, now=LATER)
    with pytest.raises(Refused) as refusal:
        actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLED)
    assert refusal.value.sentence == NEED_SENTENCES[Need.ACTIONS_ENDED]
    actions.report_action(world.read(complaint), by=world.desa, now=LATER, action=action, done=True, result="Ditempel")
    actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLED)
    assert world.read(complaint).stage == Stage.SETTLED


def test_d26_an_action_that_was_not_done_is_told_to_who_settles_and_to_who_verifies(client, world):
    complaint = to_stage(world, Stage.MONITORING)
    action = agree(world, complaint)
    actions.report_action(world.read(complaint), by=world.desa, now=LATER, action=action, done=False, result="Belum")
    hint = "Ada tindakan yang disepakati tetapi tidak terlaksana. Pertimbangkan kembali ke analisis."
    assert hint in words(html_of(client, world.desa, complaint, "langkah/nyatakan-selesai/"))
    add_file(complaint, Attachment.Purpose.MINUTES, now=LATER)
    actions.settle(world.read(complaint), by=world.desa, now=LATER, **SETTLED)
    assert hint in words(html_of(client, world.kecamatan, complaint, "langkah/sahkan-selesai/"))


def test_d25_who_is_reported_is_relieved_of_duty_and_dismissed_only_when_it_was_proven(world):
    """D38: until the case is proven, a suspension can only end in restoration."""
    complaint = reported(world)
    suspension = suspend(world, complaint)
    ended = {"suspension": suspension, "ended_on": DAY}
    with pytest.raises(Refused) as refusal:
        actions.end_suspension(world.read(complaint), by=world.desa, now=LATER, ended_as="diberhentikan", **ended)
    assert refusal.value.field == "ended_as"
    actions.find_proven(world.read(complaint), by=world.desa, now=LATER, chronology="Terjadi")
    actions.end_suspension(world.read(complaint), by=world.desa, now=LATER, ended_as="diberhentikan", **ended)
    suspension.refresh_from_db()
    assert (suspension.ended_as, suspension.ended_on) == ("diberhentikan", DAY)


def test_d25_an_unproven_case_is_not_closed_before_who_was_relieved_of_duty_is_restored(world):
    complaint = reported(world)
    suspension = suspend(world, complaint)
    actions.find_unproven(world.read(complaint), by=world.desa, now=LATER, chronology="Tidak terjadi")
    close = {"by": world.kecamatan, "now": LATER, "reason": "Diumumkan"}
    with pytest.raises(Refused) as refusal:
        actions.verify_unproven(world.read(complaint), **close)
    assert refusal.value.sentence == NEED_SENTENCES[Need.SUSPENSIONS_ENDED]
    ended = {"suspension": suspension, "ended_on": DAY}
    with pytest.raises(Refused):
        actions.end_suspension(world.read(complaint), by=world.desa, now=LATER, ended_as="diberhentikan", **ended)
    actions.end_suspension(world.read(complaint), by=world.desa, now=LATER, ended_as="dipulihkan", **ended)
    actions.verify_unproven(world.read(complaint), **close)
    assert world.read(complaint).stage == Stage.CLOSED


def test_d25_a_suspension_can_still_be_ended_after_the_case_was_closed_by_its_complainant(world):
    complaint = reported(world)
    suspension = suspend(world, complaint)
    complaint = world.read(complaint)
    actions.withdraw(complaint, complainant=complaint.complainants.get(), now=LATER, reason="Sudah beres")
    ended = {"suspension": suspension, "ended_on": DAY, "ended_as": "dipulihkan"}
    actions.end_suspension(world.read(complaint), by=world.desa, now=LATER, **ended)
    suspension.refresh_from_db()
    assert suspension.ended_as == "dipulihkan"


def test_d25_nobody_but_a_reported_party_of_the_case_is_relieved_of_duty_and_nobody_twice(world):
    complaint, other = reported(world), reported(world)
    facts = {"by": world.desa, "now": LATER, "since": DAY, "ordered_by": "Kepala UPPKH"}
    with pytest.raises(Refused) as refusal:
        actions.suspend(complaint, party=other.reported_parties.get(), **facts)
    assert refusal.value.field == "party"
    suspend(world, complaint)
    with pytest.raises(Refused) as refusal:
        actions.suspend(world.read(complaint), party=complaint.reported_parties.get(), **facts)
    assert refusal.value.field == "party"
    unnamed = to_stage(world, Stage.CLARIFICATION)
    with pytest.raises(Refused) as refusal:
        actions.suspend(unnamed, party=None, **facts)
    assert refusal.value.sentence == NEED_SENTENCES[Need.PARTY]


def test_d60_the_record_of_a_suspension_names_nobody(world):
    complaint = reported(world)
    suspend(world, complaint)
    event = complaint.events.get(kind="bebastugaskan")
    assert ("ketua" in event.data, "Kepala" in event.data) == (False, False)
    assert not hasattr(event, "note")


def test_d23_the_case_page_shows_statements_actions_late_ones_and_suspensions(client, world):
    complaint = reported(world, Stage.HANDLING)
    state(complaint, world.desa, Statement.Kind.REPORTED, party=complaint.reported_parties.get(), text="Daftar ada.")
    agree(world, complaint)
    suspend(world, world.read(complaint))
    told = words(html_of(client, world.desa, complaint))
    assert "Jawaban pihak yang dilaporkan : ketua kelompok lama, 4 Maret 2026 Daftar ada." in told
    assert "Daftar ditempel di balai desa Kelompok 4 Maret 2026 lewat waktu Belum ada" in told
    assert "ketua kelompok lama: sejak 4 Maret 2026 , Kepala UPPKH, surat 12/2026. Masih berjalan." in told


def test_d23_the_complainant_reads_nothing_of_statements_and_suspensions(client, world):
    """D38: what was said and who is reported stay among officers."""
    made = world.complaint()
    made.reported_parties.create(words="ketua kelompok lama")
    code = made.receipt.code
    actions.register(made, by=world.desa, now=START, recorded="x", suitable=True)
    state(world.read(made), world.desa, text="Rahasia di antara petugas")
    suspend(world, world.read(made))
    client.post("/lacak/", {"code": code})
    html = client.get("/lacak/pengaduan/").content.decode()
    assert made.number in html
    assert ("Rahasia di antara" in html, "ketua kelompok" in html, "bebastugas" in html.lower()) == (False,) * 3


@pytest.mark.parametrize("name", ["tetangga", "auditor", "koordinator", "peninjau", "kecamatan", "pusat"])
def test_d23_only_the_office_that_holds_the_case_writes_into_it(world, name):
    complaint = reported(world, Stage.HANDLING)
    by = getattr(world, name)
    for attempt in (
        lambda: state(complaint, by),
        lambda: actions.agree_action(complaint, by=by, now=START, kind="lain", what="x", who="y", until=DAY),
        lambda: actions.suspend(
            complaint, by=by, now=LATER, party=complaint.reported_parties.get(), since=DAY, ordered_by="x"
        ),
    ):
        with pytest.raises(Refused):
            attempt()
    assert (complaint.statements.count(), complaint.agreed_actions.count(), complaint.suspensions.count()) == (0, 0, 0)


def test_d49_the_accused_reads_and_writes_nothing_of_it(client, world):
    complaint = to_stage(world, Stage.CLARIFICATION)
    state(complaint, world.desa)
    complaint.reported_parties.create(user=world.kabupaten)
    client.force_login(world.kabupaten)
    addresses = ("", "langkah/catat-keterangan/", "langkah/bebastugaskan/", "formulir/daftar-hadir.pdf")
    found = {address: client.get(complaint.get_absolute_url() + address).status_code for address in addresses}
    assert set(found.values()) == {404}
    with pytest.raises(Refused):
        state(world.read(complaint), world.kabupaten)


def test_d35_a_helper_of_the_kabupaten_gathers_for_a_kkn_case_and_decides_nothing(client, world):
    """[K]: collect, coordinate, monitor; concealed until Pusat asks for help."""
    complaint = world.complaint("kkn")
    actions.register(complaint, by=world.pusat, now=START, recorded="x", suitable=True, information_complete=True)
    client.force_login(world.kabupaten)
    assert client.get(complaint.get_absolute_url()).status_code == 404
    actions.ask_help(world.read(complaint), by=world.pusat, now=START, asked="Kumpulkan", user=world.kabupaten)
    complaint = world.read(complaint)
    state(complaint, world.kabupaten, text="Daftar bayar disalin")
    assert complaint.statements.get().recorded_by == world.kabupaten
    assert world.read(complaint).handler == world.pusat
    deciding = {"nyatakan-terbukti", "nyatakan-tidak-terbukti", "sepakati-tindakan", "bebastugaskan", "catat-uang"}
    deciding |= {"rekomendasikan", "laporkan-hasil", "nyatakan-selesai", "cabut", "salurkan", "ubah-kategori"}
    for stage in (Stage.CLARIFICATION, Stage.ANALYSIS, Stage.HANDLING, Stage.MONITORING, Stage.SETTLED):
        Complaint.objects.filter(pk=complaint.pk).update(stage=stage)
        complaint = world.read(complaint)
        theirs = {step.code for step in gate.open_steps(complaint, by=world.kabupaten, now=LATER)}
        assert theirs & deciding == set()
        with pytest.raises(Refused):
            actions.find_proven(complaint, by=world.kabupaten, now=LATER, chronology="x")


def test_d26_what_cannot_be_done_is_not_offered(world):
    """No action waits for a result, nobody is reported, nobody is relieved of duty."""
    complaint = to_stage(world, Stage.HANDLING)
    codes = {step.code for step in offered(complaint, by=world.desa, now=LATER)[0]}
    assert codes & {"catat-hasil-tindakan", "bebastugaskan", "akhiri-pembebastugasan"} == set()
    agree(world, complaint)
    complaint.reported_parties.create(words="ketua kelompok lama")
    codes = {step.code for step in offered(world.read(complaint), by=world.desa, now=LATER)[0]}
    assert codes & {"catat-hasil-tindakan", "bebastugaskan", "akhiri-pembebastugasan"} == {
        "catat-hasil-tindakan",
        "bebastugaskan",
    }


def test_d23_each_form_takes_its_step(client, world):
    complaint = reported(world, Stage.HANDLING)
    client.force_login(world.desa)
    party = complaint.reported_parties.get()

    def take(code, **typed):
        version = Complaint.objects.values_list("version", flat=True).get(pk=complaint.pk)
        response = client.post(f"{complaint.get_absolute_url()}langkah/{code}/", {"version": version, **typed})
        assert response.status_code == 302, re.findall(r"error-message.*?</p>", response.content.decode(), re.S)

    def day(name, number="4"):
        return {f"{name}_day": number, f"{name}_month": "3", f"{name}_year": "2026"}

    take("catat-keterangan", kind="terlapor", party=party.pk, text="Daftar ada.", **day("given_on"))
    tomorrow = at("2036-03-04 09:00").date()
    future = {"until_day": tomorrow.day, "until_month": tomorrow.month, "until_year": tomorrow.year}
    take("sepakati-tindakan", kind="prosedur", what="Tempel daftar", who="Kelompok", **future)
    action = complaint.agreed_actions.get()
    take("catat-hasil-tindakan", action=action.pk, done="tidak", result="Belum ditempel")
    take("bebastugaskan", party=party.pk, ordered_by="Kepala UPPKH", **day("since"))
    take("akhiri-pembebastugasan", suspension=complaint.suspensions.get().pk, ended_as="dipulihkan", **day("ended_on"))
    action.refresh_from_db()
    assert (complaint.statements.get().party, action.done) == (party, False)
    assert complaint.suspensions.get().ended_as == "dipulihkan"


def test_d23_the_position_decides_what_follows(world):
    """Unproven goes to another person, proven to the analysis; both need the chronology."""
    assert to_stage(world, Stage.SETTLED, position=Position.UNPROVEN).case_file.position == Position.UNPROVEN
    with pytest.raises(Refused) as refusal:
        actions.find_proven(to_stage(world, Stage.CLARIFICATION), by=world.desa, now=LATER, chronology="")
    assert refusal.value.sentence == NEED_SENTENCES[Need.CHRONOLOGY]
