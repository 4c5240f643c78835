"""The buku rekapitulasi pengaduan: each complaint from its receipt to the complainant's answer (D28, D46, [O])."""

from datetime import date

from pengaduan.models import Channel, Complaint, ServiceLevel, Stage
from reports.export_models import Export
from reports.lists import recap
from tests.cast import at
from tests.journey import lead_on
from tests.test_matrix import rows_of
from tiers.models import Programme, Region
from workflow import actions

ASKED = at("2026-06-30 09:00")


def book(user, *, first=date(2026, 3, 1), last=date(2026, 3, 31), asked=ASKED, region="33.29") -> Export:
    return Export(
        asked_by=user, asked_at=asked, what="rekapitulasi", format="csv", region=Region.objects.get(pk=region),
        programme=Programme.objects.get(code="pkh"), first_on=first, last_on=last,
    )  # fmt: skip


def rows(export):
    return rows_of(export, recap.LISTING)


def to_feedback(world, **matter):
    """Return a complaint of 2 March whose result was told on the 3rd at 14.00."""
    return lead_on(world.complaint(**matter), world, Stage.FEEDBACK, now=at("2026-03-03 09:00"))


def test_d46_a_row_of_the_book_follows_a_complaint_from_its_receipt_to_the_answer(world):
    complaint = to_feedback(world)
    (row,) = rows(book(world.kabupaten))
    assert row == recap.Row(
        number=complaint.number,
        received_on=date(2026, 3, 2),
        channel="Tatap muka",
        source="",
        office="Ketua Kelompok Indrajaya",
        category="Pembayaran",
        field="",
        province="Jawa Tengah",
        regency="Kabupaten Brebes",
        district="Salem",
        village="Indrajaya",
        place="Indrajaya, Salem",
        complete_on=date(2026, 3, 3),
        step_lines=(
            "3 Mar 2026: Hasil penanganan dilaporkan, pemantauan dimulai",
            "3 Mar 2026: Dinyatakan selesai dalam musyawarah, menunggu pemeriksaan",
            "3 Mar 2026: Penyelesaian disahkan, pelapor ditanya",
        ),
        due_on=date(2026, 4, 9),
        stage="Umpan balik",
        result="Hasil disampaikan kepada pelapor",
        done_on=date(2026, 3, 3),
        days_used=1,
        late_days=None,
        answer="Ditunggu",
    )


def test_a_clock_that_was_set_back_costs_nobody_the_list(world):
    """What was told at a later hour than the asking is not there yet; the closing that followed it is."""
    ahead = lead_on(world.complaint(), world, Stage.FEEDBACK, now=at("2026-03-05 09:00"))
    actions.accept(ahead, complainant=ahead.complainants.get(), now=at("2026-03-03 12:00"))
    (row,) = rows(book(world.kabupaten, asked=at("2026-03-04 09:00")))
    assert (row.stage, row.done_on) == ("Ditutup", date(2026, 3, 3))


def test_d28_the_answer_says_whether_the_result_was_rejected_accepted_or_met_with_silence(world):
    accepted, rejected, silent, unproven = (to_feedback(world) for _ in range(4))
    now = at("2026-03-04 09:00")
    actions.accept(accepted, complainant=accepted.complainants.get(), now=now)
    actions.reject(rejected, by=world.desa, now=now, reason="Kurang satu tahap")
    actions.close_silent(silent, now=at("2026-03-25 00:00"))
    found = {row.number: row for row in rows(book(world.kabupaten))}
    told = [(found[each.number].answer, found[each.number].result) for each in (accepted, rejected, silent, unproven)]
    assert told == [
        ("Diterima", "Selesai, diterima pelapor"),
        ("1 kali ditolak", ""),
        ("Tidak ada tanggapan", "Selesai, diterima tanpa tanggapan"),
        ("Ditunggu", "Hasil disampaikan kepada pelapor"),
    ]
    assert [found[each.number].done_on for each in (rejected, silent)] == [None, date(2026, 3, 3)]
    as_of_march_third = rows(book(world.kabupaten, asked=at("2026-03-03 23:00"), last=date(2026, 3, 3)))
    assert [row.answer for row in as_of_march_third] == ["Ditunggu"] * 4


def test_the_days_run_from_the_complete_file_where_the_programme_counts_so_less_those_waited(world):
    """[O] 60 days of the complete file; D12: the day on which waiting begins counts, the day of the answer does not."""
    level = world.category("pembayaran").service_level
    waited, plain = world.complaint(), world.complaint()
    for complaint in (waited, plain):
        actions.register(
            complaint, by=world.desa, now=at("2026-03-05 09:00"), recorded="Belum cair", information_complete=True,
            suitable=True,
        )  # fmt: skip
    waited = world.read(waited)
    actions.ask_completion(waited, by=world.desa, now=at("2026-03-06 09:00"), questions="Sejak kapan?")
    waited = world.read(waited)
    who = waited.complainants.get()
    actions.complete(waited, complainant=who, now=at("2026-03-11 20:00"), answer="Sejak Februari")
    for complaint in (waited, plain):
        actions.find_unproven(world.read(complaint), by=world.desa, now=at("2026-03-16 09:00"), chronology="Cair")
        actions.verify_unproven(world.read(complaint), by=world.kecamatan, now=at("2026-03-17 09:00"), reason="Ya")
    for starts, expected in (("received", [10, 15]), ("complete", [7, 12])):
        ServiceLevel.objects.filter(pk=level.pk).update(starts=starts)
        assert [row.days_used for row in rows(book(world.kabupaten))] == expected


def test_the_book_holds_what_came_in_on_its_days_and_marks_what_is_counted_apart(world):
    """Days are those of Jakarta, as in the reports; what was recorded after the asking is not in it."""
    for received, now in (
        ("2026-02-28 23:59", None), ("2026-03-01 00:00", None), ("2026-03-31 23:59", None), ("2026-04-01 00:00", None),
        ("2026-03-10 10:00", "2026-07-01 10:00"),
    ):  # fmt: skip
        world.complaint(received=received, now=now)
    bpkp = Channel.objects.get(code="bpkp", programme__code="pkh")
    Complaint.objects.filter(received_at=at("2026-03-01 00:00")).update(channel=bpkp)
    found = rows(book(world.kabupaten))
    assert [row.received_on for row in found] == [date(2026, 3, 1), date(2026, 3, 31)]
    assert [row.channel for row in found] == ["Laporan BPKP (dihitung tersendiri)", "Tatap muka"]
    assert len(rows(book(world.kabupaten, asked=at("2026-07-02 09:00")))) == 3


def test_late_is_counted_in_days_after_the_original_deadline(world):
    """It is due on 9 April; as in the figures, a case that is open when that day is over is one day late."""
    world.complaint()
    until = [book(world.kabupaten, last=date(2026, 4, day)) for day in (8, 9, 10)]
    assert [row.late_days for export in until for row in rows(export)] == [None, 1, 2]
