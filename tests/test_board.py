"""The supervisors' board, the workload and what waits for a decision: true to the inbox, and only of one's own area."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pengaduan import board, inbox
from pengaduan.board import Figures
from pengaduan.inbox import View
from pengaduan.models import Complaint, ReportedParty, Stage
from tests.cast import NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE
from tests.journey import to_stage
from tiers.models import Assignment, Office, Region, Tier, User
from workflow import actions, standing_in

BREBES, SALEM = "33.29", "33.29.01"
PAGES = ("/petugas/papan/", "/petugas/papan/beban/", "/petugas/papan/putusan/")
WATCHERS = ("penyelia", "koordinator")


def due(complaint: Complaint, *, office: Office | None = None, **moved) -> Complaint:
    """Move a deadline to where a test wants it, as seen from now, and the case to the office that shall hold it."""
    held = {"office": office, "tier": office.tier} if office else {}
    Complaint.objects.filter(pk=complaint.pk).update(tier_due_at=timezone.now() + timedelta(**moved), **held)
    return complaint


@pytest.fixture
def busy(world):
    """Return the world with cases of every kind at three tiers of Brebes, one above and one of the neighbour."""
    for days in (-4, -1, 2, 20):
        due(world.complaint(), days=days)
    waiting = due(to_stage(world, Stage.HANDLING), days=-2)
    Complaint.objects.filter(pk=waiting.pk).update(waiting_since=timezone.now())
    to_stage(world, Stage.FEEDBACK)
    due(world.complaint(region=OTHER_VILLAGE), days=1, office=world.office(Tier.KECAMATAN, SALEM))
    due(world.complaint(), days=-9, office=world.office(Tier.KABUPATEN, BREBES))
    due(world.complaint(), days=-3, office=world.office(Tier.PROVINSI, "33"))
    due(world.complaint(region=NEIGHBOUR_VILLAGE), days=-30)
    to_stage(world, Stage.CLOSED, nature="informatif")
    return world


def shown(client, user, address: str = "/petugas/papan/") -> board.Board:
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return response.context["board"]


def test_every_person_on_the_page_of_loads_who_is_a_link_opens(busy, client):
    """Who supervises opens them; who only receives reports reads their names."""
    led = {}
    for name in WATCHERS:
        client.force_login(busy.users[name])
        page = client.get("/petugas/papan/beban/").content.decode()
        ways = set(re.findall(r"/petugas/papan/petugas/\d+/", page))
        assert {way for way in ways if client.get(way).status_code != 200} == set(), name
        led[name] = bool(ways)
    assert led == {"penyelia": True, "koordinator": False}


def numbers(figures: Figures) -> tuple[int, int, int, int, int]:
    return figures.late, figures.soon, figures.within, figures.waiting, figures.told


def rows_of(found: board.Board) -> list[tuple[str, tuple]]:
    return [(row.name, numbers(row.figures)) for row in found.rows]


# The figures


def test_d34_a_supervisor_sees_the_own_office_and_the_places_below_the_oldest_overdue_first(client, busy):
    found = shown(client, busy.penyelia)
    assert rows_of(found) == [
        ("UPPKH Kabupaten Brebes", (1, 0, 0, 0, 0)),
        ("Salem", (2, 2, 1, 1, 1)),
        ("PAKEM Kabupaten Brebes", (0, 0, 0, 0, 0)),
    ]
    assert (numbers(found.above), numbers(found.total)) == ((1, 0, 0, 0, 0), (4, 2, 1, 1, 1))
    assert sum((line.figures for line in found.lines), Figures()) == found.total


def test_below_the_last_place_each_office_has_its_row(client, busy):
    assert rows_of(shown(client, busy.penyelia, f"/petugas/papan/?wilayah={SALEM}")) == [
        ("Ketua Kelompok Indrajaya", (2, 1, 1, 1, 1)),
        ("UPPKH Kecamatan Salem", (0, 1, 0, 0, 0)),
    ]
    assert rows_of(shown(client, busy.penyelia, f"/petugas/papan/?wilayah={VILLAGE}")) == [
        ("Ketua Kelompok Indrajaya", (2, 1, 1, 1, 1))
    ]


def test_pusat_is_grouped_by_province_and_leads_down(client, busy):
    found = shown(client, busy.koordinator)
    assert rows_of(found)[0] == ("Jawa Tengah", (5, 2, 1, 1, 1))
    assert rows_of(shown(client, busy.koordinator, "/petugas/papan/?wilayah=33"))[0] == (
        "Kabupaten Tegal",
        (1, 0, 0, 0, 0),
    )
    assert [row.place.pk for row in found.rows if row.place] == ["33"]


@pytest.mark.parametrize("who", WATCHERS)
def test_every_figure_of_an_office_is_what_its_list_in_the_inbox_holds(client, busy, who):
    user = busy.users[who]
    views = {View.LATE: "late", View.SOON: "soon", View.WAITING: "waiting", View.HELD: "open"}
    offices = 0
    for code in ("33", BREBES, SALEM):
        if not board.may_see(user, code):
            continue
        for row in shown(client, user, f"/petugas/papan/?wilayah={code}").rows:
            if row.office:
                offices += 1
                for view, name in views.items():
                    query = {"tampilan": view, "kantor": row.office.pk}
                    listed = client.get("/petugas/", query).context["page"].rows
                    assert len(listed) == getattr(row.figures, name), (row.name, view)
    assert offices > 2


def test_the_sum_is_all_that_the_inbox_shows_of_the_area(client, busy):
    for who in WATCHERS:
        user, now = busy.users[who], timezone.now()
        assert shown(client, user).total.open == inbox.complaints_in(View.ALL, user, now=now).count(), who


def test_one_programme_alone_can_be_looked_at(client, busy):
    due(busy.complaint("penyimpangan-dana", programme="pamsimas"), days=5)
    assert shown(client, busy.penyelia).total.within == 2
    assert numbers(shown(client, busy.penyelia, "/petugas/papan/?program=pamsimas").total) == (0, 0, 1, 0, 0)


def test_a_board_costs_the_same_for_one_office_and_for_many(client, world):
    def cost() -> int:
        client.force_login(world.koordinator)
        client.get("/petugas/papan/?wilayah=33.29.01")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/petugas/papan/?wilayah=33.29.01").status_code == 200
        return len(queries)

    world.complaint()
    before = cost()
    for n in range(30):
        region = Region.objects.create(code=f"33.29.01.3{n:03}", name=f"Desa {n}", tier=Tier.DESA, zone="Asia/Jakarta")
        due(world.complaint(region=region.pk), days=n - 10)
    assert (cost(), len(board.board(world.koordinator, Region.objects.get(pk=SALEM), now=timezone.now()).rows)) == (
        before,
        31,
    )
    assert before <= 10


# Who sees what


def test_who_does_not_supervise_sees_the_own_office_only(client, busy):
    assert rows_of(shown(client, busy.kabupaten)) == [
        ("UPPKH Kabupaten Brebes", (1, 0, 0, 0, 0)),
        ("PAKEM Kabupaten Brebes", (0, 0, 0, 0, 0)),
    ]
    assert numbers(shown(client, busy.kabupaten).total) == (1, 0, 0, 0, 0)
    for code in (SALEM, VILLAGE, "33", ""):
        assert client.get(f"/petugas/papan/?wilayah={code}").status_code == 404, code
    assert client.get("/petugas/papan/beban/").status_code == 403


def test_the_neighbour_sees_nothing_of_brebes(client, busy):
    found = shown(client, busy.tetangga)
    assert [row.name for row in found.rows] == ["PAKEM Kabupaten Tegal", "UPPKH Kabupaten Tegal"]
    assert numbers(found.total) == (0, 0, 0, 0, 0)
    for code in ("33", BREBES, SALEM, VILLAGE, "", "99", "33.2"):
        assert client.get(f"/petugas/papan/?wilayah={code}").status_code == 404, code
    assert client.get(f"/petugas/papan/petugas/{busy.desa.pk}/").status_code == 404
    assert client.get("/petugas/papan/putusan/").context["decisions"] == []


def test_d49_a_case_against_its_watcher_counts_in_none_of_their_figures(client, busy):
    before = shown(client, busy.penyelia).total.late
    case = Complaint.objects.filter(office=busy.office(Tier.KABUPATEN, BREBES)).get()
    ReportedParty.objects.create(complaint=case, user=busy.penyelia)
    client.force_login(busy.penyelia)
    assert shown(client, busy.penyelia).total.late == before - 1
    assert case.subject not in client.get("/petugas/papan/beban/").content.decode()
    assert sum(load.figures.open for load in board.workload(busy.penyelia, now=timezone.now())) == 0


@pytest.mark.parametrize("who", ["auditor", "peninjau", "kustodian"])
def test_who_hears_no_alarms_has_no_board(client, busy, who):
    client.force_login(busy.users[who])
    assert {client.get(page).status_code for page in PAGES} == {403}


def test_who_is_not_signed_in_is_led_to_the_sign_in(client, busy):
    for page in (*PAGES, f"/petugas/papan/petugas/{busy.desa.pk}/"):
        assert client.get(page).headers["Location"].startswith("/masuk/")


# The workload


def test_the_workload_counts_by_officer_who_handles_and_what_nobody_does(client, busy):
    office = busy.office(Tier.KABUPATEN, BREBES)
    due(busy.complaint(), days=8, office=office)
    mine = due(busy.complaint(), days=9, office=office)
    Complaint.objects.filter(pk=mine.pk).update(handler=busy.kabupaten)
    gone = User.objects.create(username="gone", name="Mantan")
    theirs = due(busy.complaint(), days=-1, office=office)
    Complaint.objects.filter(pk=theirs.pk).update(handler=gone)
    client.force_login(busy.penyelia)
    loads = client.get("/petugas/papan/beban/?program=pkh").context["loads"]
    assert [(str(each.officer), numbers(each.figures), each.works_here) for each in loads] == [
        ("None", (1, 0, 1, 0, 0), False),
        ("Kabupaten", (0, 0, 1, 0, 0), True),
        ("Mantan", (1, 0, 0, 0, 0), False),
        ("Penyelia", (0, 0, 0, 0, 0), True),
    ]


def test_what_nobody_or_an_absent_officer_handles_is_offered_to_be_assigned(client, busy):
    office = busy.office(Tier.KABUPATEN, BREBES)
    late = Complaint.objects.get(office=office)
    theirs = due(busy.complaint(), days=3, office=office)
    Complaint.objects.filter(pk=theirs.pk).update(handler=busy.kabupaten)
    client.force_login(busy.penyelia)
    answer = client.get("/petugas/papan/beban/")
    assert answer.context["to_assign"] == [late]
    # in the part of the row that lies above the title's target, or pressing it would open the case
    assert f'<p class="app-row__next"><a class="govuk-link" href="{late.get_absolute_url()}langkah/tugaskan/"' in (
        answer.content.decode()
    )
    now = timezone.now()
    today = timezone.localdate(now)
    standing_in.enter(busy.kabupaten, today, today, by=busy.kabupaten, now=now, stand_in=busy.penyelia)
    answer = client.get("/petugas/papan/beban/")
    assert answer.context["to_assign"] == [late, theirs]
    assert {each.officer.username: bool(each.absence) for each in answer.context["loads"] if each.officer} == {
        "kabupaten": True,
        "penyelia": False,
    }
    html = answer.content.decode()
    assert "Kabupaten tidak hadir hari ini" in html
    for each in (late, theirs):
        link = f"/petugas/pengaduan/{each.number}/langkah/tugaskan/"
        assert (f'href="{link}"' in html, client.get(link).status_code) == (True, 200)


# What waits for a decision


def test_d33_proposals_and_settlements_stand_in_one_list_the_longest_waiting_first(client, busy):
    settled = to_stage(busy, Stage.SETTLED)
    proposed = to_stage(busy, Stage.HANDLING)
    facts = {"reason": "Perlu wewenang kabupaten"}
    actions.propose(busy.read(proposed), "naikkan", by=busy.desa, now=timezone.now(), facts=facts)
    client.force_login(busy.penyelia)
    found = client.get("/petugas/papan/putusan/").context["decisions"]
    said = [(each.complaint.pk, str(each.asked), each.by, each.why, each.theirs) for each in found]
    assert said == [
        (settled.pk, "Periksa penyelesaian", "Desa", "Dana sudah diterima", True),
        (proposed.pk, "Naikkan ke jenjang di atas", "Desa", "Perlu wewenang kabupaten", True),
    ]
    assert [client.get(each.link).status_code for each in found] == [200, 200]
    assert found[0].since < found[1].since
    client.force_login(busy.kecamatan)
    assert [each.theirs for each in client.get("/petugas/papan/putusan/").context["decisions"]] == [True, False]


def test_d53_who_settled_or_proposed_finds_nothing_of_their_own_to_decide(client, busy):
    to_stage(busy, Stage.SETTLED)
    proposed = to_stage(busy, Stage.HANDLING)
    facts = {"reason": "Perlu wewenang"}
    actions.propose(busy.read(proposed), "naikkan", by=busy.desa, now=timezone.now(), facts=facts)
    for name in ("desa", "tetangga"):
        client.force_login(busy.users[name])
        assert client.get("/petugas/papan/putusan/").context["decisions"] == [], name


def test_the_list_of_decisions_costs_the_same_for_one_and_for_ten(client, world):
    def cost() -> int:
        client.force_login(world.penyelia)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/petugas/papan/putusan/").status_code == 200
        return len(queries)

    for n in (1, 9):
        for _each in range(n):
            to_stage(world, Stage.SETTLED)
            case = to_stage(world, Stage.HANDLING)
            facts = {"reason": "Perlu wewenang"}
            actions.propose(world.read(case), "naikkan", by=world.desa, now=timezone.now(), facts=facts)
        if n == 1:
            before = cost()
    assert cost() == before


# An officer, for who supervises them


def test_a_supervisor_enters_an_absence_for_an_officer(client, busy):
    client.force_login(busy.penyelia)
    today = timezone.localdate()
    answer = client.post(
        f"/petugas/papan/petugas/{busy.desa.pk}/tidak-hadir/",
        {
            f"{name}_{part}": getattr(today, part)
            for name in ("starts_on", "ends_on")
            for part in ("day", "month", "year")
        }
        | {"stand_in": busy.kecamatan.pk},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/petugas/papan/petugas/{busy.desa.pk}/")
    absence = busy.desa.absences.get()
    assert (absence.stand_in, Assignment.objects.filter(absence=absence).count()) == (busy.kecamatan, 2)
    assert client.get(f"/petugas/tidak-hadir/{absence.pk}/").status_code == 200


def test_an_officers_page_is_their_supervisors_alone(client, busy):
    page = f"/petugas/papan/petugas/{busy.desa.pk}/"
    for name, expected in {
        **dict.fromkeys(("kabupaten", "kecamatan", "tetangga", "koordinator", "auditor", "pusat", "desa"), 404),
        "penyelia": 200,
    }.items():
        client.force_login(busy.users[name])
        assert {client.get(page).status_code, client.get(f"{page}tidak-hadir/").status_code} == {expected}, name
    client.force_login(busy.penyelia)
    assert client.get(f"/petugas/papan/petugas/{busy.kustodian.pk}/").status_code == 404
