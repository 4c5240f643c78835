"""Several who brought one matter: each follows it with their own code and answers for themselves (D20, D28, D55)."""

import io
import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from pengaduan.models import Attachment, Complainant, Complaint, Outcome, Stage
from workflow import actions, needs
from workflow.delivery import deliver
from workflow.machine import Refused
from workflow.models import Notification

STORY = "Bantuan tahap dua belum cair, kata pendamping rekening saya salah."
SECRET_STORY = "Saya ibu dari anak kelas empat; uang tahap dua belum masuk sampai kini."
ANSWER = "Pencairan tahap dua tanggal sepuluh di kantor pos."


@pytest.fixture(autouse=True)
def no_attempts_yet(db):
    cache.clear()


def days_ago(days: int):
    return timezone.now() - timedelta(days=days)


class Shared:
    """One case that Siti and Wati brought; Wati's complaint was merged into Siti's."""

    def __init__(self, world, category="pertanyaan"):
        self.world = world
        self.siti = self._brought(category, 6, STORY, "siti")
        self.wati = self._brought(category, 4, SECRET_STORY, "wati")
        actions.close_duplicate(self.world.read(self.wati), by=world.desa, now=days_ago(3), original=self.siti)

    def _brought(self, category, days, text, name):
        identity = {"name": f"{name.title()} Rahasia", "email": f"{name}@contoh.id"}
        return self.world.complaint(category, received=f"{days_ago(days):%Y-%m-%d} 10:00", text=text, identity=identity)

    @property
    def case(self) -> Complaint:
        return self.world.read(self.siti)

    def answered(self) -> "Shared":
        actions.register(self.case, by=self.world.desa, now=days_ago(2), recorded="Kapan cair?", suitable=True)
        actions.answer(self.case, by=self.world.desa, now=days_ago(1), answer=ANSWER)
        return self

    def person(self, complaint):
        return Complainant.objects.get(complaint=complaint.pk)


@pytest.fixture
def shared(world) -> Shared:
    return Shared(world)


def page_of(client, complaint) -> str:
    client.post("/lacak/", {"code": complaint.receipt.code})
    response = client.get("/lacak/pengaduan/")
    assert response.status_code == 200
    return response.content.decode()


def send(client, complaint, code, words="Sebab saya."):
    client.post("/lacak/", {"code": complaint.receipt.code})
    return client.post("/lacak/pengaduan/", {"langkah": code, f"{code}-words": words}, follow=True).content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def offered(html: str) -> set[str]:
    return set(re.findall(r'name="langkah" value="([^"]*)"', html))


def photo(name="foto.jpg") -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(drawn, "JPEG")
    return SimpleUploadedFile(name, drawn.getvalue())


# --- what each sees


def test_d55_the_page_of_who_was_merged_shows_the_case_under_their_own_number(client, shared):
    html = page_of(client, shared.answered().wati)
    assert shared.wati.number in html
    assert ANSWER in html
    assert "Digabung dengan pengaduan lain tentang hal yang sama" in html
    assert offered(html) == {"terima-hasil", "tolak-jawaban", "pesan-pelapor", "minta-perlindungan", "cabut"}


def test_d55_neither_learns_of_the_other(client, shared):
    shared.answered()
    for mine, other in ((shared.siti, shared.wati), (shared.wati, shared.siti)):
        html = page_of(client, mine)
        secrets = (other.number, other.text.original, "Rahasia", other.receipt.code, str(shared.person(other).pk))
        assert [secret for secret in secrets if secret in html] == []


def test_d55_the_first_learns_nothing_of_the_merging(client, world, shared):
    assert "abung" not in words(page_of(client, shared.siti))


def test_d55_the_day_on_which_another_came_first_is_not_told(client, world):
    shared = Shared(world, "pembayaran")
    html = page_of(client, shared.wati)
    theirs = f"{shared.siti.received_at:%-d}"
    lines = words(html).partition("Mengapa tanggal ini?")[2]
    assert "supaya pelapor tidak saling dikenali" in lines
    assert f"Dihitung dari {theirs} " not in lines
    assert "Dihitung dari" in words(page_of(client, shared.siti))


def test_d55_what_happened_before_the_merging_is_told_of_their_own_only(client, shared):
    actions.ask_completion(shared.case, by=shared.world.desa, now=days_ago(2), questions="Sejak kapan?")
    told = words(page_of(client, shared.wati)).partition("Yang sudah terjadi")[2]
    assert told.count("Pengaduan diterima dan diberi nomor") == 1
    assert told.count("Petugas meminta keterangan tambahan") == 1


def test_d55_a_file_of_one_is_not_the_others(client, shared):
    client.post("/lacak/", {"code": shared.siti.receipt.code})
    client.post(reverse("add-file"), {"file": photo()})
    sent = Attachment.objects.get()
    client.post("/lacak/", {"code": shared.wati.receipt.code})
    assert client.get(reverse("own-file", args=[sent.pk])).status_code == 404
    client.post(reverse("add-file"), {"file": photo()})  # the same picture: that somebody sent it before is not told
    assert Attachment.objects.filter(complainant=shared.person(shared.wati)).count() == 1
    assert str(sent.pk) not in client.get("/lacak/pengaduan/").content.decode()


def test_d55_messages_go_both_ways_and_stay_between_two(client, shared):
    send(client, shared.wati, "pesan-pelapor", "Pesan dari Wati saja")
    assert "Pesan dari Wati saja" in page_of(client, shared.wati)
    assert "Pesan dari Wati saja" not in page_of(client, shared.siti)
    to = shared.person(shared.wati)
    actions.send_message(shared.case, by=shared.world.desa, now=timezone.now(), text="Untuk Ibu sendiri", to=to)
    actions.send_message(shared.case, by=shared.world.desa, now=timezone.now(), text="Untuk semuanya")
    assert "Untuk Ibu sendiri" in page_of(client, shared.wati)
    assert "Untuk Ibu sendiri" not in page_of(client, shared.siti)
    assert [("Untuk semuanya" in page_of(client, each)) for each in (shared.siti, shared.wati)] == [True, True]


def test_d55_an_officer_writes_to_nobody_elses_complainant(world, shared):
    stranger = world.complaint().complainants.get()
    with pytest.raises(Refused, match="Pilih pelapor"):
        actions.send_message(shared.case, by=world.desa, now=timezone.now(), text="Halo", to=stranger)


def test_d55_mails_name_each_ones_own_number(shared, mailoutbox):
    shared.answered()
    deliver(now=timezone.now())
    for mine, other in ((shared.siti, shared.wati), (shared.wati, shared.siti)):
        name = "siti" if mine is shared.siti else "wati"
        mails = [mail for mail in mailoutbox if mail.to == [f"{name}@contoh.id"]]
        text = "\n".join(f"{mail.subject}\n{mail.body}" for mail in mails)
        assert [ANSWER in text, mine.number in text, other.number in text] == [True, True, False]


def test_d12_anyone_of_several_completes_the_file(client, shared):
    actions.ask_completion(shared.case, by=shared.world.desa, now=days_ago(2), questions="Sejak kapan?")
    html = send(client, shared.wati, "lengkapi", "Sejak Januari")
    assert shared.case.waiting_since is None
    assert "Keterangan tambahan diterima" in html
    siti = words(page_of(client, shared.siti))
    assert "Keterangan tambahan diterima" not in siti
    assert "Waktu penanganan berjalan lagi" in siti
    assert "Sejak Januari" not in siti


# --- what each decides (D28)


def test_d28_the_case_is_closed_when_all_have_accepted(client, shared):
    shared.answered()
    html = send(client, shared.siti, "terima-hasil")
    assert "Tanggapan Anda sudah dicatat" in html
    assert shared.case.stage == Stage.FEEDBACK
    assert offered(page_of(client, shared.siti)) == {"tolak-jawaban", "pesan-pelapor", "minta-perlindungan", "cabut"}
    assert "Pengaduan Anda ditutup" in send(client, shared.wati, "terima-hasil")
    assert (shared.case.stage, shared.case.outcome) == (Stage.CLOSED, Outcome.ACCEPTED)


def test_d28_any_of_them_may_reject_also_after_another_accepted(client, shared):
    shared.answered()
    send(client, shared.siti, "terima-hasil")
    send(client, shared.wati, "tolak-jawaban", "Belum menjawab soal saya")
    assert (shared.case.stage, shared.case.rejections) == (Stage.ANSWER, 1)
    siti, wati = (words(page_of(client, each)) for each in (shared.siti, shared.wati))
    assert ("ditolak" in siti, "ditolak" in wati) == (False, True)
    assert "Petugas menjawab lagi" in siti


def test_d55_that_another_rejected_is_in_nobodys_mail(client, shared):
    shared.answered()
    send(client, shared.wati, "tolak-jawaban", "Belum menjawab soal saya")
    told = dict(
        Notification.objects.filter(event__kind="tolak-jawaban", user=None).values_list(
            "complainant__complaint", "template"
        )
    )
    assert told == {shared.siti.pk: "dibuka-kembali", shared.wati.pk: "ditolak"}


def test_d28_a_new_answer_is_accepted_anew(client, shared):
    shared.answered()
    send(client, shared.siti, "terima-hasil")
    send(client, shared.wati, "tolak-jawaban", "Belum menjawab")
    actions.answer(shared.case, by=shared.world.desa, now=timezone.now(), answer="Jawaban kedua")
    send(client, shared.wati, "terima-hasil")
    assert shared.case.stage == Stage.FEEDBACK
    send(client, shared.siti, "terima-hasil")
    assert shared.case.outcome == Outcome.ACCEPTED


def test_d28_an_officer_does_not_accept_for_several_with_one_word(shared):
    shared.answered()
    with pytest.raises(Refused, match="beberapa pelapor"):
        actions.accept(shared.case, by=shared.world.desa, now=timezone.now(), reason="Katanya sudah")
    assert shared.case.stage == Stage.FEEDBACK


def test_d28_silence_of_the_others_closes_and_may_be_reopened_by_any(client, shared):
    shared.answered()
    send(client, shared.siti, "terima-hasil")
    Complaint.objects.filter(pk=shared.siti.pk).update(settled_at=days_ago(needs.SILENCE_DAYS + 2))
    actions.close_silent(shared.case, now=timezone.now())
    assert "buka-kembali-jawaban" in offered(page_of(client, shared.wati))
    send(client, shared.wati, "buka-kembali-jawaban", "Belum cair juga")
    assert shared.case.stage == Stage.ANSWER


# --- one withdraws


@pytest.mark.parametrize("name", ["siti", "wati"])
def test_d20_who_withdraws_withdraws_only_themselves(client, shared, name):
    leaving = getattr(shared, name)
    staying = shared.wati if name == "siti" else shared.siti
    assert "Pengaduan Anda dicabut" in send(client, leaving, "cabut", "Sudah tidak perlu")
    assert shared.case.stage == Stage.REGISTRATION
    assert list(shared.case.all_complainants()) == [shared.person(staying)]
    html = words(page_of(client, leaving))
    assert "Dicabut" in html
    assert offered(page_of(client, leaving)) == {"ikut-lagi"}
    assert "cabut" not in words(page_of(client, staying)).partition("Yang sudah terjadi")[2].partition("Bila Anda")[0]


def test_d20_who_withdrew_hears_and_sees_no_more_and_may_come_back(client, shared):
    send(client, shared.wati, "cabut", "Sudah tidak perlu")
    shared.answered()
    wati = shared.person(shared.wati)
    assert not Notification.objects.filter(complainant=wati, template="jawaban").exists()
    assert ANSWER not in page_of(client, shared.wati)
    with pytest.raises(Refused):
        actions.reject(shared.case, complainant=wati, now=timezone.now(), reason="Tidak")
    send(client, shared.wati, "ikut-lagi", "Ternyata masih perlu")
    assert ANSWER in page_of(client, shared.wati)
    assert shared.case.all_complainants().count() == 2


def test_d20_when_the_last_one_withdraws_the_case_is_closed(client, shared):
    send(client, shared.wati, "cabut")
    send(client, shared.siti, "cabut")
    assert shared.case.outcome == Outcome.WITHDRAWN


def test_d20_an_officer_does_not_withdraw_a_matter_of_several(shared):
    with pytest.raises(Refused, match="beberapa pelapor"):
        actions.withdraw(shared.case, by=shared.world.desa, now=timezone.now(), reason="Katanya dicabut")


# --- undone


def test_d20_after_the_split_each_sees_their_own_again(client, shared):
    actions.split(shared.world.read(shared.wati), by=shared.world.desa, now=days_ago(2), reason="Hal lain")
    shared.answered()
    wati = page_of(client, shared.wati)
    assert ANSWER not in wati
    assert "Pengaduan Anda ditangani tersendiri lagi" in wati
    assert SECRET_STORY in wati
    with pytest.raises(Refused):
        actions.accept(shared.case, complainant=shared.person(shared.wati), now=timezone.now())


def test_d20_a_notice_that_is_still_owed_is_dropped_at_the_split(shared, mailoutbox):
    shared.answered()
    actions.split(shared.world.read(shared.wati), by=shared.world.desa, now=timezone.now(), reason="Hal lain")
    deliver(now=timezone.now())
    assert [ANSWER in mail.body for mail in mailoutbox if mail.to == ["wati@contoh.id"]].count(True) == 0
    assert [ANSWER in mail.body for mail in mailoutbox if mail.to == ["siti@contoh.id"]].count(True) == 1
