"""The search of the inbox: words, place and number together; what it must never find, and for whom (D37, D49)."""

import pytest
from django.db import connection
from guardian.shortcuts import assign_perm

from pengaduan import search
from pengaduan.models import Complaint, ComplaintText, Stage
from tests.cast import NEIGHBOUR_VILLAGE, OTHER_VILLAGE, World, at
from tests.journey import to_stage
from tiers.models import User
from workflow import actions, simulation, sla
from workflow.models import Holiday

EVERYONE = (
    *("desa", "kecamatan", "kabupaten", "provinsi", "pusat", "penyelia", "kustodian", "auditor", "peninjau"),
    *("koordinator", "tetangga"),
)


def found(user, words: str, **narrowed) -> list[str]:
    """Return the numbers of what a user finds, best first."""
    page = search.page_of(user, words, narrowed=search.Narrowed(**narrowed))
    return [complaint.number for complaint in page.rows]


def recorded(world: World, words: str, **about) -> Complaint:
    """Return a complaint that the village's officer has registered in these words."""
    complaint = world.complaint(**about)
    actions.register(
        complaint,
        by=world.desa,
        now=at("2026-03-03 09:00"),
        recorded=words,
        information_complete=True,
        suitable=True,
    )
    return world.read(complaint)


def test_words_place_and_number_are_found_together_and_all_of_them_must_be_there(world):
    pump = recorded(world, "Pompa air di balai warga rusak sejak Februari.")
    recorded(world, "Pompa air belum dipasang.")
    assert found(world.desa, "pompa rusak salem") == [pump.number]
    assert found(world.desa, "rusak indrajaya brebes") == [pump.number]
    assert found(world.desa, f"pompa {pump.number}") == [pump.number]
    assert found(world.desa, "pompa rusak margasari") == []
    assert len(found(world.desa, "POMPA, air!")) == 2


@pytest.mark.parametrize("word", ["pembayaran", "bayar", "dibayarkan", "membayar"])
def test_a_word_finds_the_others_of_its_stem(world, word):
    complaint = recorded(world, "Uang transport belum dibayarkan.")
    assert found(world.desa, word) == [complaint.number]


def test_words_that_stand_everywhere_keep_nothing_from_being_found(world):
    complaint = recorded(world, "Pompa rusak.")
    assert found(world.desa, "pompa yang rusak di desa indrajaya") == []  # "desa" tells, and is not in it
    assert found(world.desa, "pompa yang rusak di indrajaya") == [complaint.number]
    assert found(world.desa, "yang") == []


@pytest.mark.parametrize(
    "words", ["{number}", "{lower}", "PKH-33", "pkh-33.29", "PKH-33.29-2026", "pkh-33.29-2026-0", "000001", "1 pkh"]
)
def test_a_number_is_found_by_its_beginning_or_its_last_digits_open_or_closed(world, words):
    closed = to_stage(world, Stage.CLOSED, nature="informatif")
    asked = words.format(number=closed.number, lower=closed.number.lower())
    assert found(world.desa, asked) == [closed.number]


@pytest.mark.parametrize(
    "words", ["", " ", "%", "'", "';:*", "\\", "s1:", "s1:33.29", "r:33.29", "r33", "!pompa&", "<->", "_"]
)
def test_signs_of_the_query_language_are_no_more_than_signs(world, words):
    recorded(world, "Bantuan belum cair.")
    assert found(world.desa, words) == []


def test_what_stands_in_the_subject_comes_before_what_stands_in_the_text(world):
    told = recorded(world, "Warga menanyakan pompa.", text="Air mati sejak kemarin sore.")
    named = recorded(world, "Mati sejak kemarin.", text="Pompa mati sejak kemarin sore.")
    assert found(world.desa, "pompa") == [named.number, told.number]


def test_pages_of_what_was_found_follow_each_other_without_gap_or_double(world, monkeypatch):
    monkeypatch.setattr(search, "ROWS", 2)
    numbers = [recorded(world, "Pompa rusak.").number for _ in range(5)]
    pages, cursor = [], ""
    while cursor is not None:
        page = search.page_of(world.desa, "pompa", after=cursor)
        pages.append([complaint.number for complaint in page.rows])
        cursor = page.cursor
    assert pages == [numbers[:2:-1], numbers[2:0:-1], numbers[:1]]


def test_only_the_newest_are_ranked(world, monkeypatch):
    monkeypatch.setattr(search, "NEWEST", 2)
    numbers = [recorded(world, "Pompa rusak.").number for _ in range(3)]
    assert found(world.desa, "pompa") == [numbers[2], numbers[1]]


def test_a_programme_a_place_and_an_office_narrow_what_is_found(world):
    here, there = recorded(world, "Pompa rusak."), world.complaint(text="Pompa rusak.", region=OTHER_VILLAGE)
    assert found(world.kabupaten, "pompa", place="33.29.01") == [there.number, here.number]
    assert found(world.kabupaten, "pompa", place=OTHER_VILLAGE) == [there.number]
    assert found(world.kabupaten, "pompa", programme="pamsimas") == []
    assert found(world.kabupaten, "pompa", programme="pkh", office=here.office_id) == [here.number]


def test_d37_nobody_finds_a_complaint_by_who_complained_or_by_the_words_as_received(world):
    """D37: a search for a name must not tell who complained, not even the custodian's."""
    complaint = recorded(
        world,
        "Bantuan belum cair.",
        text="Bantuan belum cair. Saya Rukmini Contohwati istri Paijan, jalan Kenanga.",
        identity={"name": "Rukmini Contohwati", "phone": "081234567890", "email": "rukmini@contoh.id"},
    )
    ComplaintText.objects.filter(pk=complaint.pk).update(original="Bantuan. Saya Rukmini Contohwati, Paijan, Kenanga")
    for name in EVERYONE:
        for words in ("rukmini", "contohwati", "paijan", "kenanga", "081234567890", "rukmini@contoh.id"):
            assert found(getattr(world, name), words) == [], (name, words)
    assert found(world.desa, "bantuan cair") == [complaint.number]


def test_d38_nobody_finds_a_complaint_by_whom_it_is_against(world):
    complaint = recorded(world, "Uang dipotong.", reported_words="Suparman, kepala dusun")
    for name in EVERYONE:
        assert found(getattr(world, name), "suparman") == [], name
        assert found(getattr(world, name), "kepala dusun") == [], name
    assert found(world.desa, "potong") == [complaint.number]


def test_d49_the_accused_the_neighbour_and_who_stepped_aside_find_nothing(world):
    """D49."""
    against = world.complaint(reported_users=[world.kabupaten], text="Pompa dijual.")
    aside = recorded(world, "Pompa rusak.")
    aside.recusals.create(user=world.desa, at=at("2026-03-05 10:00"))
    assert found(world.kabupaten, "pompa") == [aside.number]
    assert found(world.desa, "pompa") == []
    assert found(world.tetangga, "pompa") == []
    assert set(found(world.provinsi, "pompa")) == {against.number, aside.number}


def test_d35_what_is_concealed_from_a_tier_is_not_found_there(world):
    """D35."""
    complaint = world.complaint("kkn", text="Pompa dijual.")
    finders = [name for name in EVERYONE if found(getattr(world, name), "pompa") == [complaint.number]]
    assert finders == ["provinsi", "pusat", "auditor", "peninjau", "koordinator"]
    Complaint.objects.filter(pk=complaint.pk).update(concealed_tier=0)
    assert found(world.desa, "pompa") == [complaint.number]


def test_a_named_exception_is_found_while_the_case_is_open(world):
    complaint = world.complaint(region=NEIGHBOUR_VILLAGE, text="Pompa mati di pasar.")
    assert found(world.desa, "pompa") == []
    assign_perm("pengaduan.help_complaint", world.desa, complaint)
    assert found(User.objects.get(pk=world.desa.pk), "pompa") == [complaint.number]
    actions.withdraw(complaint, by=world.tetangga, now=at("2026-03-04 10:00"), reason="Sudah selesai.")
    assert found(User.objects.get(pk=world.desa.pk), "pompa") == []


def test_the_words_follow_the_case_and_forget_what_is_no_longer_recorded(world):
    complaint = recorded(world, "Pompa rusak.")
    ComplaintText.objects.filter(pk=complaint.pk).update(recorded="Sumur kering.")
    assert (found(world.desa, "pompa"), found(world.desa, "sumur")) == ([], [complaint.number])
    ComplaintText.objects.filter(pk=complaint.pk).update(recorded="")
    Complaint.objects.filter(pk=complaint.pk).update(subject="Kering", region=OTHER_VILLAGE)
    assert found(world.desa, "sumur") == []
    assert found(world.kecamatan, "kering tembongraja") == [complaint.number]
    assert (found(world.desa, "kering"), found(world.kecamatan, "kering indrajaya")) == ([], [])


def test_invented_complaints_have_their_words_too(world):
    Holiday.objects.bulk_create(Holiday(on=f"{year}-01-01", name="Tahun Baru") for year in range(2022, 2026))
    sla.rebuild_working_days()
    simulation.simulate(30, seed=5, now=at("2026-11-20 08:00"))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM pengaduan_searchentry e JOIN pengaduan_complaint c ON c.id = e.complaint_id
              JOIN pengaduan_complainttext t ON t.complaint_id = c.id
             WHERE e.words = complaint_words(c.number, c.subject, t.recorded, c.programme_id, c.region_id,
                                             c.concealed_tier)
            """
        )
        assert cursor.fetchone() == (30,)


def test_an_escalation_does_not_write_the_words_again(world):
    complaint = recorded(world, "Pompa rusak.")
    complaint.escalations += 1
    written = "SELECT xmin::text, ctid::text FROM pengaduan_searchentry"
    with connection.cursor() as cursor:
        cursor.execute(written)
        before = cursor.fetchone()
        complaint.save()
        cursor.execute(written)
        assert cursor.fetchone() == before


def test_who_finds_nothing_is_shown_what_to_leave_out(client, world):
    recorded(world, "Pompa rusak.")
    client.force_login(world.desa)
    page = client.get("/petugas/", {"q": "pompa rusak margasari"})
    assert page.context["tries"] == [
        (words, f"tampilan=kantor&q={words.replace(' ', '+')}")
        for words in ("rusak margasari", "pompa margasari", "pompa rusak")
    ]
    assert "kurangi katanya" in page.content.decode()
    single = client.get("/petugas/", {"q": "pomppa"})
    assert single.context["tries"] == []
    assert "Periksa ejaannya" in single.content.decode()


def test_the_search_costs_the_same_few_queries_whatever_it_finds(client, world, django_assert_max_num_queries):
    recorded(world, "Pompa rusak.")
    client.force_login(world.desa)
    client.get("/petugas/", {"q": "pompa"})  # from then on this is the list that is remembered
    with django_assert_max_num_queries(8) as one:
        client.get("/petugas/", {"q": "pompa"})
    for _ in range(3):
        recorded(world, "Pompa rusak.")
    with django_assert_max_num_queries(8) as many:
        assert len(client.get("/petugas/", {"q": "pompa"}).context["rows"]) == 4
    assert len(one) == len(many)
