"""The inbox: what an officer's views hold, page by page, and that list and case agree on who may see (D4, D35, D49)."""

import gzip
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from guardian.shortcuts import assign_perm

from pengaduan import inbox
from pengaduan.inbox import View
from pengaduan.models import Complaint, Outcome, Stage
from tests.cast import OTHER_VILLAGE, at
from tests.journey import to_stage
from tiers.models import Tier
from workflow.views.inbox import back_to_list

EVERYONE = ("desa", "kecamatan", "kabupaten", "provinsi", "pusat", "penyelia", "tetangga", "auditor", "koordinator")


def listed(client, user, address: str = "/petugas/") -> list[str]:
    """Return the numbers of one page of the inbox."""
    client.force_login(user)
    response = client.get(address)
    assert response.status_code == 200
    return [complaint.number for complaint in response.context["page"].rows]


def whole_view(client, user, view: str) -> list[str]:
    """Return the numbers of all pages of a view, following "Berikutnya"."""
    client.force_login(user)
    numbers, cursor = [], ""
    while True:
        page = client.get("/petugas/", {"tampilan": view, "sesudah": cursor}).context["page"]
        numbers += [complaint.number for complaint in page.rows]
        if page.cursor is None:
            return numbers
        cursor = page.cursor


def count_of(client, user, view: View) -> str:
    client.force_login(user)
    return {tab: shown for tab, _, _, shown in client.get("/petugas/", {"tampilan": view}).context["tabs"]}[view]


def due(complaint: Complaint, **moved) -> Complaint:
    """Move a deadline to where a test wants it, as seen from now."""
    Complaint.objects.filter(pk=complaint.pk).update(tier_due_at=timezone.now() + timedelta(**moved))
    return complaint


def test_the_first_view_holds_what_the_own_office_holds_by_its_deadline(client, world):
    later, sooner = due(world.complaint(), days=20), due(world.complaint(), days=2)
    world.complaint(region=OTHER_VILLAGE)
    assert listed(client, world.desa) == [sooner.number, later.number]


def test_a_row_tells_stage_deadline_number_village_programme_category_and_tier(client, world):
    complaint = due(world.complaint(), days=10, hours=1)
    client.force_login(world.desa)
    row = re.search(r'<li class="app-row">.*?</li>', client.get("/petugas/").content.decode(), re.S)[0]
    said = " ".join(re.sub(r"<[^>]*>", " ", row).split())
    day = f"{timezone.localtime(timezone.now() + timedelta(days=10, hours=1)).day}"
    assert said.startswith(f"Registrasi Sisa {10 if f' {day} ' in said else 11} hari")
    assert said.endswith(
        f"{complaint.subject} {complaint.number} · Indrajaya · Program Keluarga Harapan · Pembayaran · Desa/Kelurahan"
        f" Daftarkan pengaduan {complaint.number}"
    )


def test_each_view_holds_its_own(client, world):
    fresh = due(world.complaint(), days=20)
    soon = due(to_stage(world, Stage.CLARIFICATION), days=2)
    late = due(to_stage(world, Stage.ANALYSIS), days=-2)
    waiting = due(to_stage(world, Stage.HANDLING), days=-2)
    Complaint.objects.filter(pk=waiting.pk).update(waiting_since=at("2026-03-05 10:00"))
    escalated = due(to_stage(world, Stage.MONITORING), days=20)
    Complaint.objects.filter(pk=escalated.pk).update(escalations=1)
    closed = to_stage(world, Stage.CLOSED, nature="informatif")
    views = {view: set(whole_view(client, world.desa, view)) for view in inbox.views_of(world.desa)}
    everything = {each.number for each in (fresh, soon, late, waiting, escalated)}
    assert views == {
        View.HELD: everything,
        View.NEW: {fresh.number},
        View.SOON: {soon.number},
        View.LATE: {late.number},
        View.WAITING: {waiting.number},
        View.ESCALATED: {escalated.number},
        **dict.fromkeys((View.GRAVE, View.HELP, View.TO_VERIFY, View.TO_DECIDE, View.LEGAL), set()),
        View.ALL: everything,
        View.CLOSED: {closed.number},
    }


def test_d53_what_is_to_be_verified_is_shown_to_another_than_who_settled_it(client, world):
    """D53."""
    settled = to_stage(world, Stage.SETTLED)
    shown = [name for name in EVERYONE if View.TO_VERIFY in inbox.views_of(getattr(world, name))]
    found = [name for name in shown if whole_view(client, getattr(world, name), "periksa") == [settled.number]]
    assert found == ["kecamatan", "kabupaten", "provinsi", "pusat", "penyelia"]
    Complaint.objects.update(handler=world.kecamatan)
    assert whole_view(client, world.kecamatan, "periksa") == []


@pytest.mark.parametrize("name", ["auditor", "koordinator", "peninjau"])
def test_who_handles_nothing_reads_the_whole_area(client, world, name):
    complaint = world.complaint()
    assert listed(client, getattr(world, name)) == [complaint.number]
    overseen = [View.OVERSIGHT] if name == "auditor" else []
    assert inbox.views_of(getattr(world, name)) == [View.ALL, View.LEGAL, View.CLOSED, *overseen]


def test_the_tabs_count_what_their_views_hold(client, world):
    for _ in range(3):
        world.complaint()
    to_stage(world, Stage.SETTLED)
    to_stage(world, Stage.CLOSED, nature="informatif")
    for name in EVERYONE:
        user = getattr(world, name)
        for view in inbox.views_of(user):
            assert count_of(client, user, view) == str(len(whole_view(client, user, view))), (name, view)


def test_a_view_that_holds_nothing_is_offered_only_where_it_belongs_always(client, world):
    """Fourteen tabs of which ten are empty are no help on a small screen."""
    world.complaint()
    client.force_login(world.desa)
    tabs = [tab for tab, *_rest in client.get("/petugas/").context["tabs"]]
    assert tabs == [View.HELD, View.NEW, View.SOON, View.LATE, View.ALL, View.CLOSED]
    waiting = client.get("/petugas/", {"tampilan": View.WAITING}).context["tabs"]
    assert View.WAITING in [tab for tab, *_rest in waiting]


def test_a_count_that_would_cost_too_much_says_so(client, world, monkeypatch):
    monkeypatch.setattr(inbox, "COUNTED_UP_TO", 1)
    world.complaint(), world.complaint()
    assert count_of(client, world.auditor, View.ALL) == "1+"


def test_d49_the_neighbour_the_accused_and_who_stepped_aside_find_nothing_in_lists_counts_and_search(client, world):
    """D49."""
    complaint = world.complaint(reported_users=[world.kabupaten])
    aside = world.complaint()
    aside.recusals.create(user=world.desa, at=at("2026-03-05 10:00"))
    assert not {complaint.number, aside.number} & set(whole_view(client, world.tetangga, "semua"))
    for name, number in (("tetangga", complaint.number), ("kabupaten", complaint.number), ("desa", aside.number)):
        user = getattr(world, name)
        assert listed(client, user, f"/petugas/?q={number}") == []
        for view in inbox.views_of(user):
            assert number not in whole_view(client, user, view)
    assert count_of(client, world.tetangga, View.ALL) == "0"
    assert count_of(client, world.kabupaten, View.ALL) == "1"


def test_d49_the_numbers_in_the_list_are_the_numbers_whose_page_answers(client, world):
    world.complaint(), world.complaint("kkn"), world.complaint(region="33.28.01.2001")
    world.complaint(reported_users=[world.desa]), world.complaint(programme="pamsimas", category="penyimpangan-dana")
    to_stage(world, Stage.CLOSED, nature="informatif")
    everything = set(Complaint.objects.values_list("number", flat=True))
    for name in EVERYONE:
        user = getattr(world, name)
        listed_ones = set(whole_view(client, user, "semua")) | set(whole_view(client, user, "ditutup"))
        answered = {number for number in everything if client.get(f"/petugas/pengaduan/{number}/").status_code == 200}
        assert listed_ones == answered, name


def test_pages_follow_each_other_without_gap_or_double_also_at_equal_deadlines(client, world):
    numbers = [world.complaint().number for _ in range(inbox.ROWS + 5)]
    assert whole_view(client, world.desa, "kantor") == numbers
    first = listed(client, world.desa)
    assert len(first) == inbox.ROWS


def test_next_stands_only_where_a_twenty_sixth_exists(client, world):
    for _ in range(inbox.ROWS):
        world.complaint()
    client.force_login(world.desa)
    assert "Berikutnya" not in client.get("/petugas/").content.decode()
    world.complaint()
    assert "Berikutnya" in client.get("/petugas/").content.decode()


@pytest.mark.parametrize("cursor", ["", "x", "1-", "-1", "99999999999999999999-1", "1-99999999999999999999", "１-２"])
def test_a_spoilt_cursor_starts_the_list_anew(client, world, cursor):
    complaint = world.complaint()
    assert listed(client, world.desa, f"/petugas/?sesudah={cursor}") == [complaint.number]


def test_closed_ones_stand_newest_first(client, world):
    numbers = []
    for days in (3, 2, 1):
        closed = to_stage(world, Stage.CLOSED, nature="informatif")
        Complaint.objects.filter(pk=closed.pk).update(closed_at=timezone.now() - timedelta(days=days))
        numbers.insert(0, closed.number)
    assert whole_view(client, world.desa, "ditutup") == numbers
    assert set(Complaint.objects.values_list("outcome", flat=True)) == {Outcome.SILENT}


def test_a_programme_can_be_looked_at_alone(client, world):
    world.complaint()
    pamsimas = world.complaint(programme="pamsimas", category="pertanyaan")
    assert listed(client, world.desa, "/petugas/?program=pamsimas") == [pamsimas.number]
    assert len(listed(client, world.desa, "/petugas/?program=tidak-ada")) == 2


def test_an_empty_view_says_so_kindly(client, world):
    client.force_login(world.desa)
    assert "Tidak ada pengaduan terbuka di kantor Anda saat ini." in client.get("/petugas/").content.decode()


@pytest.mark.parametrize("name", ["desa", "kecamatan", "penyelia", "pusat", "auditor"])
def test_one_row_and_a_full_page_cost_the_same_few_queries(client, world, name, django_assert_max_num_queries):
    world.complaint()
    client.force_login(getattr(world, name))
    address = "/petugas/?tampilan=semua"
    client.get(address)  # from then on this is the list that is remembered
    with django_assert_max_num_queries(8) as one:
        client.get(address)
    for _ in range(inbox.ROWS):
        world.complaint()
    with django_assert_max_num_queries(8) as many:
        client.get(address)
    assert len(one) == len(many)
    assert not [query["sql"] for query in many.captured_queries if "OFFSET" in query["sql"]]


def test_a_full_inbox_is_eight_kilobytes_or_less_on_the_wire(client, world):
    for _ in range(inbox.ROWS + 1):
        world.complaint()
    client.force_login(world.desa)
    assert len(gzip.compress(client.get("/petugas/").content)) <= 8_000


def test_who_has_not_signed_in_is_led_to_do_so(client, world):
    response = client.get("/petugas/?tampilan=baru")
    assert (response.status_code, response.url) == (302, "/masuk/?next=/petugas/%3Ftampilan%3Dbaru")


def test_who_has_no_assignment_is_told_in_a_sentence(client, world):
    world.desa.assignments.all().delete()
    client.force_login(world.desa)
    response = client.get("/petugas/")
    assert response.status_code == 403
    assert "Tugas Anda tidak mencakup halaman ini." in response.content.decode()


def test_no_browser_keeps_what_officers_see(client, world):
    client.force_login(world.desa)
    assert "no-store" in client.get("/petugas/")["Cache-Control"]


def steps_shown(client, user, address: str = "/petugas/") -> dict[str, tuple[str, str]]:
    """Return, for each number of a page, the next step that its row names and where that leads."""
    client.force_login(user)
    rows = client.get(address).context["rows"]
    return {each.number: (str(label), href.replace(each.get_absolute_url(), "")) for each, label, href in rows}


@pytest.mark.parametrize(
    ("stage", "nature", "shown"),
    [
        (Stage.REGISTRATION, "masalah", ("Daftarkan pengaduan", "langkah/daftarkan/")),
        (Stage.REGISTRATION, "informatif", ("Daftarkan sebagai informatif", "langkah/daftarkan-informatif/")),
        (Stage.ANSWER, "informatif", ("Kirim jawaban", "")),
        (Stage.CLARIFICATION, "masalah", ("Nyatakan masalah terjadi", "langkah/nyatakan-terbukti/")),
        (Stage.ANALYSIS, "masalah", ("Tetapkan rekomendasi", "langkah/rekomendasikan/")),
        (Stage.HANDLING, "masalah", ("Laporkan hasil penanganan", "langkah/laporkan-hasil/")),
        (Stage.MONITORING, "masalah", ("Nyatakan selesai", "")),
        (Stage.SETTLED, "masalah", ("", "")),
        (Stage.FEEDBACK, "masalah", ("", "")),
        (Stage.REVIEW, "masalah", ("Tinjau kembali dari klarifikasi", "langkah/tinjau-ke-klarifikasi/")),
    ],
)
def test_a_row_names_the_next_step_to_whose_office_holds_the_case_and_to_nobody_else(
    client, world, stage, nature, shown
):
    complaint = to_stage(world, stage, nature=nature)
    assert steps_shown(client, world.desa) == {complaint.number: shown}
    for name in ("kecamatan", "penyelia", "auditor", "koordinator"):
        assert steps_shown(client, getattr(world, name), "/petugas/?tampilan=semua") == {complaint.number: ("", "")}
    address = complaint.get_absolute_url() + shown[1]
    client.force_login(world.desa)
    assert client.get(address).status_code == 200


def test_d59_of_an_incomplete_matter_the_row_names_asking_and_of_a_waiting_one_nothing(client, world):
    complaint = world.complaint()
    office = world.office(Tier.KECAMATAN, "33.29.01")
    Complaint.objects.update(region="33.29.01", office=office, tier=office.tier)
    assert steps_shown(client, world.kecamatan) == {complaint.number: ("Minta pelapor melengkapi", "")}
    Complaint.objects.update(waiting_since=at("2026-03-05 10:00"))
    assert steps_shown(client, world.kecamatan) == {complaint.number: ("", "")}


def test_what_waits_for_another_pair_of_eyes_says_so_in_its_row(client, world):
    settled = to_stage(world, Stage.SETTLED)
    shown = steps_shown(client, world.kecamatan, "/petugas/?tampilan=periksa")
    assert shown == {settled.number: ("Periksa penyelesaian", "")}


def test_one_office_can_be_looked_at_by_whoever_sees_its_cases(client, world):
    """The board of a supervisor or coordinator leads here."""
    late, soon = due(world.complaint(), days=-2), due(world.complaint(), days=1)
    world.complaint("kkn"), world.complaint(region=OTHER_VILLAGE)
    office = late.office_id
    for name in ("desa", "kecamatan", "penyelia", "koordinator", "auditor"):
        user = getattr(world, name)
        assert listed(client, user, f"/petugas/?kantor={office}") == [late.number, soon.number], name
        assert listed(client, user, f"/petugas/?kantor={office}&tampilan=terlambat") == [late.number]
        page = client.get(f"/petugas/?kantor={office}&tampilan=jatuh-tempo")
        shown = {tab: number for tab, _, _, number in page.context["tabs"]}
        assert (shown[View.HELD], shown[View.LATE], shown[View.SOON]) == ("2", "1", "1")
        assert "Ketua Kelompok Indrajaya" in page.content.decode()
    for name in ("tetangga", "kustodian"):
        user = getattr(world, name)
        assert set(inbox.complaints_in(View.HELD, user, now=timezone.now(), office=office)) == set()
    assert listed(client, world.penyelia, "/petugas/?kantor=999999") == []


@pytest.mark.parametrize("office", ["x", "-1", "٣", "1e3", "9" * 30, "0"])
def test_an_office_that_is_none_does_no_harm(client, world, office):
    world.complaint()
    client.force_login(world.desa)
    assert client.get("/petugas/", {"kantor": office}).status_code == 200


def test_a_place_can_be_looked_at_alone(client, world):
    here = world.complaint()
    world.complaint(region=OTHER_VILLAGE)
    address = "/petugas/?tampilan=semua&wilayah="
    assert listed(client, world.kecamatan, f"{address}{here.region_id}") == [here.number]
    assert len(listed(client, world.kabupaten, f"{address}33.29.01")) == 2
    for elsewhere in ("33.28.01", "33.29", "x", "33.29.01'", "33.29.1"):  # not in the area: not looked at alone
        assert len(listed(client, world.kabupaten, address + elsewhere)) == 2
    client.force_login(world.kecamatan)
    places = client.get("/petugas/").context["places"]
    assert places == [("33.29.01.2001", "Indrajaya"), ("33.29.01.2002", "Tembongraja")]
    client.force_login(world.kabupaten)
    village = client.get(address + here.region_id)
    assert village.context["places"] == [("33.29.01", "Salem"), (here.region_id, here.region_id)]
    client.force_login(world.desa)
    assert client.get("/petugas/").context["places"] == []


def test_who_works_for_two_offices_gets_one_list_in_the_order_of_the_deadlines(client, world):
    """Each office is read by its own index and the lists are merged: that is the same as one question."""
    days = (9, 3, 7, 1, 8, 2)
    about = ({}, {"programme": "pamsimas", "category": "pertanyaan"})
    numbers = {day: due(world.complaint(**about[place % 2]), days=day).number for place, day in enumerate(days)}
    expected = [numbers[day] for day in sorted(days)]
    for name, view in (("desa", "kantor"), ("desa", "semua"), ("pusat", "semua"), ("auditor", "semua")):
        assert whole_view(client, getattr(world, name), view) == expected, (name, view)


def test_pages_of_a_merged_list_follow_each_other_without_gap_or_double(client, world, monkeypatch):
    monkeypatch.setattr(inbox, "ROWS", 2)
    about = ({}, {"programme": "pamsimas", "category": "pertanyaan"})
    numbers = [due(world.complaint(**about[day % 2]), days=day).number for day in range(5)]
    assert whole_view(client, world.kabupaten, "semua") == numbers
    Complaint.objects.update(tier_due_at=timezone.now())
    assert whole_view(client, world.kabupaten, "semua") == numbers


def test_a_named_exception_stands_in_the_list_beside_the_own_area(client, world):
    own, other = due(world.complaint(), days=5), due(world.complaint(region="33.28.01.2001"), days=2)
    assign_perm("pengaduan.help_complaint", world.desa, other)
    assert whole_view(client, world.desa, "semua") == [other.number, own.number]
    assert whole_view(client, world.desa, "kantor") == [own.number]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("tampilan=terlambat", "Terlambat"),
        ("tampilan=semua&program=pkh", "Semua di wilayah saya"),
        ("tampilan=kantor&q=pompa", "Hasil pencarian"),
    ],
)
def test_a_case_leads_back_to_the_list_it_was_opened_from(client, world, address, name):
    world.complaint()
    client.force_login(world.desa)
    request = client.get(f"/petugas/?{address}").wsgi_request
    back, label = back_to_list(request)
    assert label == name
    assert client.get(back).context["asked"] == client.get(f"/petugas/?{address}").context["asked"]


def test_the_way_back_carries_only_what_a_list_is_made_of(client, world):
    client.force_login(world.desa)
    request = client.get("/petugas/?tampilan=//jahat.id&program=x&wilayah=%22&sesudah=1-2&next=//jahat.id").wsgi_request
    assert back_to_list(request) == ("/petugas/?sesudah=1-2", "Di kantor saya")
    request = client.get("/petugas/").wsgi_request
    assert back_to_list(request) == ("/petugas/", "Kotak masuk")
