"""Seeding: the whole country, the decreed holidays, the programmes; twice changes nothing, and people's edits stay."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count, F, Q

from pengaduan.models import Category, Channel, ClosureStandard, Field, ServiceLevel, Source
from tests.decrees import DAYS_OFF
from tiers.models import Office, Programme, ProgrammeTier, Region, Tier, Zone
from workflow.models import Holiday, ReplyTemplate, WorkingDay
from workflow.seeding import regions
from workflow.seeding.programme_file import read_programmes

FOLDER = Path(__file__).parent.parent / "programmes"
TRACKED = (Programme, ProgrammeTier, ServiceLevel, ClosureStandard, Category, Field, Channel, Source, ReplyTemplate)


def seed(**options):
    """Run the command and return the lines that it prints, without the seconds."""
    said = io.StringIO()
    call_command("seed", stdout=said, **options)
    return [line.partition(" (")[0] if line[0] != " " else line for line in said.getvalue().splitlines()]


@pytest.fixture(scope="module")
def first_run(django_db_setup, django_db_blocker):
    """Seed once for all tests here, in a transaction that is undone at the end; hold what was said."""
    with django_db_blocker.unblock(), transaction.atomic():
        lines = seed()
        connection.check_constraints()  # as the commit would
        yield lines
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def whole_country():
    return list(regions.official_regions())


@pytest.fixture
def seeded(first_run, whole_country, monkeypatch, db):
    """Give a test the seeded database, and later runs the regions without reading them again."""
    monkeypatch.setattr(regions, "official_regions", lambda: whole_country)


@pytest.fixture
def pkh(seeded):
    return Programme.objects.get(code="pkh")


@pytest.fixture
def folder(tmp_path):
    """Give a test programme files of its own."""
    for path in FOLDER.glob("*.yaml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


def edit(path, written, instead):
    text = path.read_text(encoding="utf-8")
    assert text.count(written) >= 1
    path.write_text(text.replace(written, instead, 1), encoding="utf-8")


NOTHING_CHANGED = [
    "Wilayah: tidak ada yang berubah",
    "Hari libur: tidak ada yang berubah",
    "KOTAKU: tidak ada yang berubah",
    "PAMSIMAS: tidak ada yang berubah",
    "Pelayanan publik: tidak ada yang berubah",
    "Program Keluarga Harapan: tidak ada yang berubah",
    "PNPM Mandiri Perdesaan: tidak ada yang berubah",
]


# --- regions


def test_the_whole_country_is_loaded_at_once(first_run):
    """D3."""
    assert first_run[0] == "Wilayah: 91.599 ditambahkan"


def test_d03_every_region_of_every_tier_is_there(seeded):
    """D3: 38, 514, 7,285 and 83,762."""
    counts = dict(Region.objects.values_list("tier").annotate(count=Count("code")))
    assert counts == {Tier.PROVINSI: 38, Tier.KABUPATEN: 514, Tier.KECAMATAN: 7_285, Tier.DESA: 83_762}


def test_d03_every_region_lies_in_the_one_whose_code_begins_its_own(seeded):
    assert Region.objects.filter(parent=None).exclude(tier=Tier.PROVINSI).count() == 0
    assert Region.objects.exclude(parent=None).exclude(code__startswith=F("parent__code")).count() == 0
    assert Region.objects.exclude(parent=None).exclude(tier=F("parent__tier") - 1).count() == 0


def test_a_village_is_shown_with_its_path(seeded):
    village = Region.objects.get(code="33.29.01.2001")
    assert village.full_name == "Banjaran, Salem, Kabupaten Brebes, Jawa Tengah"


def test_every_province_has_its_time_zone(seeded):
    """D11."""
    zones = {zone: set() for zone in Zone}
    for name, zone in Region.objects.filter(tier=Tier.PROVINSI).values_list("name", "zone"):
        zones[zone].add(name)
    assert zones[Zone.WITA] == {
        "Bali",
        "Nusa Tenggara Barat",
        "Nusa Tenggara Timur",
        "Kalimantan Selatan",
        "Kalimantan Timur",
        "Kalimantan Utara",
        "Sulawesi Utara",
        "Sulawesi Tengah",
        "Sulawesi Selatan",
        "Sulawesi Tenggara",
        "Gorontalo",
        "Sulawesi Barat",
    }
    assert zones[Zone.WIT] == {
        "Maluku",
        "Maluku Utara",
        "Papua",
        "Papua Barat",
        "Papua Selatan",
        "Papua Tengah",
        "Papua Pegunungan",
        "Papua Barat Daya",
    }
    assert len(zones[Zone.WIB]) == 18
    assert {"Kalimantan Barat", "Kalimantan Tengah"} - zones[Zone.WIB] == set()


def test_every_region_has_the_zone_of_its_province(seeded):
    """D11."""
    assert Region.objects.exclude(parent=None).exclude(zone=F("parent__zone")).count() == 0


def test_d03_no_office_comes_into_being_before_it_is_needed(seeded):
    """D3."""
    assert Office.objects.count() == 0


# --- holidays


def test_d10_the_holidays_of_2024_to_2027_are_those_of_the_decrees(seeded):
    """D10."""
    loaded = Holiday.objects.filter(on__year__gte=2024, on__year__lte=2027)
    assert set(loaded.values_list("on", flat=True)) == set(DAYS_OFF)
    assert loaded.filter(provisional=True).count() == 0


def test_d10_holidays_not_yet_decreed_are_provisional(seeded):
    """D10."""
    assert set(Holiday.objects.filter(provisional=True).values_list("on__year", flat=True)) == set(range(2028, 2037))
    assert Holiday.objects.filter(provisional=False, on__year__gt=2027).count() == 0
    assert Holiday.objects.filter(name__contains="perkiraan").count() == 0


def test_d10_cuti_bersama_is_told_from_a_national_holiday(seeded):
    """D10."""
    kinds = Holiday.objects.filter(on__range=(date(2026, 3, 18), date(2026, 3, 21))).values_list("on__day", "kind")
    assert dict(kinds) == {18: "cuti-bersama", 19: "libur-nasional", 20: "cuti-bersama", 21: "libur-nasional"}


def test_the_look_up_of_working_days_counts_around_the_holidays(seeded):
    """D9, D10: PKH received on 2 March 2026 is due on 15 April."""
    received = WorkingDay.objects.get(on=date(2026, 3, 2))
    assert WorkingDay.objects.get(is_working=True, seq=received.seq + 26).on == date(2026, 4, 15)


def test_a_holiday_that_a_person_took_out_does_not_come_back(seeded):
    """D10: the government cancels a cuti bersama within the year."""
    Holiday.objects.get(on=date(2026, 12, 24)).delete()
    assert seed()[1:3] == [
        "Hari libur: 1 berbeda dan dibiarkan",
        "  Dibiarkan: Hari libur 2026-12-24, Cuti Bersama Hari Raya Natal: dihapus dari basis data.",
    ]
    assert not Holiday.objects.filter(on=date(2026, 12, 24)).exists()


def test_a_holiday_that_a_person_took_out_comes_back_when_the_file_wins(seeded):
    """D10: and the look-up of working days follows."""
    Holiday.objects.get(on=date(2026, 12, 24)).delete()
    WorkingDay.objects.filter(on=date(2026, 12, 24)).update(is_working=True, seq=1_000_000)
    assert seed(overwrite=True)[1] == "Hari libur: 1 ditambahkan"
    assert WorkingDay.objects.get(on=date(2026, 12, 24)).is_working is False


def test_a_holiday_that_a_person_corrected_or_added_stays(seeded):
    """D10."""
    Holiday.objects.filter(on=date(2028, 1, 26)).update(name="Tahun Baru Imlek 2579", provisional=False)
    Holiday.objects.create(on=date(2026, 7, 1), name="Pemilihan kepala desa serentak")
    assert seed()[1:4] == [
        "Hari libur: 2 berbeda dan dibiarkan",
        "  Dibiarkan: Kalender, hari libur “2028-01-26”, nama: "
        "basis data “Tahun Baru Imlek 2579”, berkas “Tahun Baru Imlek”.",
        "  Dibiarkan: Kalender, hari libur “2028-01-26”, sementara: basis data “tidak”, berkas “ya”.",
    ]
    assert Holiday.objects.get(on=date(2028, 1, 26)).provisional is False
    assert Holiday.objects.filter(on=date(2026, 7, 1)).exists()


# --- programmes


@pytest.mark.parametrize("record", read_programmes(FOLDER), ids=lambda record: record.code)
def test_the_database_holds_what_the_file_says(record, seeded):
    """D1."""
    programme = Programme.objects.get(code=record.code)
    assert (programme.name, programme.number_prefix, programme.description, programme.late_report_days) == (
        record.name,
        record.number_prefix,
        record.description,
        record.late_report_days,
    )
    assert list(programme.ladder.order_by("tier").values_list("tier", "name", "office_pattern", "degree")) == [
        (rung.tier, rung.name, rung.office_pattern, rung.degree) for rung in record.ladder
    ]
    levels = programme.service_levels.values_list("code", "name", "unit", "length", "starts", "basis", "stages")
    assert sorted(levels) == sorted(
        (
            level.code,
            level.name,
            level.unit,
            level.length,
            level.starts,
            level.basis,
            [{"name": step.name, "days": step.days, "while": list(step.stages)} for step in level.steps],
        )
        for level in record.service_levels
    )
    assert [
        (
            category.code,
            category.name,
            category.description,
            category.nature,
            category.service_level.code,
            category.evidence,
            category.start_tier,
            category.conceal_up_to,
            category.conflict_note,
            sorted(standard.code for standard in category.closure_standards.all()),
            category.is_default,
            category.active,
        )
        for category in Category.objects.filter(programme=programme).order_by("position")
    ] == [
        (
            category.code,
            category.name,
            category.description,
            category.nature,
            category.service_level,
            category.evidence,
            category.start_tier,
            category.conceal_up_to,
            category.conflict_note,
            sorted(category.closure),
            category.is_default,
            True,
        )
        for category in record.categories
    ]
    in_order = {"programme": programme}
    assert list(
        ClosureStandard.objects.filter(**in_order).order_by("position").values_list("code", "name", "items", "money")
    ) == [(standard.code, standard.name, list(standard.items), standard.money) for standard in record.closure_standards]
    assert list(
        Channel.objects.filter(**in_order).order_by("position").values_list("code", "name", "counted_apart", "online")
    ) == [(channel.code, channel.name, channel.counted_apart, channel.online) for channel in record.channels]
    for model, entries in ((Field, record.fields), (Source, record.sources)):
        assert list(model.objects.filter(**in_order).order_by("position").values_list("code", "name")) == [
            (entry.code, entry.name) for entry in entries
        ]
    assert sorted(
        ReplyTemplate.objects.filter(**in_order).values_list("code", "name", "subject", "body", "is_letter")
    ) == sorted(
        (template.code, template.name, template.subject, template.body, template.kind == "letter")
        for template in record.templates
    )


def test_seeding_twice_changes_nothing(seeded):
    """D1: not a row, not an entry in the history of changes."""
    history = [model.pgh_event_models["insert"].objects.count() for model in (*TRACKED, Holiday)]
    assert seed() == NOTHING_CHANGED
    assert [model.pgh_event_models["insert"].objects.count() for model in (*TRACKED, Holiday)] == history


def test_seeding_twice_with_overwrite_changes_nothing_either(seeded):
    assert seed(overwrite=True) == NOTHING_CHANGED


def test_d01_what_a_person_edited_is_told_and_stays(pkh):
    """D1: after the first load the database rules."""
    Category.objects.filter(programme=pkh, code="pembayaran").update(name="Penyaluran bantuan")
    ServiceLevel.objects.filter(programme=pkh, code="bulan-3").update(length=2)
    ProgrammeTier.objects.filter(programme=pkh, tier=Tier.DESA).update(name="Ketua RT")
    Programme.objects.filter(code="pkh").update(late_report_days=90)
    assert seed()[5:-1] == [
        "Program Keluarga Harapan: 4 berbeda dan dibiarkan",
        "  Dibiarkan: PKH, program “pkh”, hari sejak kejadian: basis data “90”, berkas “kosong”.",
        "  Dibiarkan: PKH, jenjang program “Desa/Kelurahan”, sebutan: basis data “Ketua RT”, berkas “Ketua Kelompok”.",
        "  Dibiarkan: PKH, batas waktu “bulan-3”, lamanya: basis data “2”, berkas “3”.",
        "  Dibiarkan: PKH, kategori “pembayaran”, nama: basis data “Penyaluran bantuan”, berkas “Pembayaran”.",
    ]
    assert Category.objects.get(programme=pkh, code="pembayaran").name == "Penyaluran bantuan"
    assert ServiceLevel.objects.get(programme=pkh, code="bulan-3").length == 2


def test_with_overwrite_the_file_wins(pkh):
    Category.objects.filter(programme=pkh, code="pembayaran").update(name="Penyaluran bantuan")
    category = Category.objects.get(programme=pkh, code="bukan-peserta")
    category.closure_standards.clear()
    assert seed(overwrite=True)[5] == "Program Keluarga Harapan: 2 diganti"
    assert Category.objects.get(programme=pkh, code="pembayaran").name == "Pembayaran"
    assert [standard.code for standard in category.closure_standards.all()] == ["informasi"]
    assert seed() == NOTHING_CHANGED


def test_a_template_edited_by_a_person_is_shown_from_the_line_that_differs(pkh):
    """D19."""
    template = ReplyTemplate.objects.get(programme=pkh, code="terima-kasih")
    template.body = template.body.replace("Salam hormat,", "Salam,")
    template.save()
    assert seed()[5:7] == [
        "Program Keluarga Harapan: 1 berbeda dan dibiarkan",
        "  Dibiarkan: PKH, templat “terima-kasih”, isi: basis data “Salam,”, berkas “Salam hormat,”.",
    ]


def test_a_template_saved_unchanged_in_a_browser_is_no_difference(pkh):
    """A browser sends its lines with a carriage return."""
    template = ReplyTemplate.objects.get(programme=pkh, code="terima-kasih")
    template.body = template.body.replace("\n", "\r\n") + "\r\n"
    template.save()
    assert seed() == NOTHING_CHANGED


def test_what_a_person_switched_off_or_added_is_their_own(pkh):
    Channel.objects.filter(programme=pkh, code="faks").update(active=False)
    Channel.objects.create(programme=pkh, code="radio-desa", name="Radio desa")
    assert seed(overwrite=True) == NOTHING_CHANGED
    assert Channel.objects.get(programme=pkh, code="faks").active is False
    assert Channel.objects.filter(programme=pkh, code="radio-desa").exists()


def test_the_closure_standards_that_a_person_chose_for_a_category_stay(pkh):
    """D29."""
    category = Category.objects.get(programme=pkh, code="bukan-peserta")
    category.closure_standards.clear()
    assert seed()[5:7] == [
        "Program Keluarga Harapan: 1 berbeda dan dibiarkan",
        '  Dibiarkan: PKH, kategori “bukan-peserta”, standar penyelesaian: basis data “[]”, berkas “["informasi"]”.',
    ]
    assert category.closure_standards.count() == 0


def test_what_is_new_in_a_file_is_added_beside_what_people_edited(pkh, folder):
    Channel.objects.filter(programme=pkh, code="sms").update(name="SMS 1708")
    edit(
        folder / "pkh.yaml",
        "  - {code: telepon, name: Telepon}\n",
        "  - {code: aplikasi, name: Aplikasi pesan}\n  - {code: telepon, name: Telepon}\n",
    )
    assert seed(folder=folder)[5:7] == [
        "Program Keluarga Harapan: 1 ditambahkan, 1 berbeda dan dibiarkan",
        "  Dibiarkan: PKH, media “sms”, nama: basis data “SMS 1708”, berkas “SMS”.",
    ]
    assert Channel.objects.get(programme=pkh, code="aplikasi").name == "Aplikasi pesan"


def test_d01_a_sixth_programme_needs_a_file_and_no_code(seeded, folder):
    """D1."""
    text = (FOLDER / "kotaku.yaml").read_text(encoding="utf-8")
    sixth = text.replace("code: kotaku", "code: mbg").replace("number_prefix: KOTAKU", "number_prefix: MBG")
    (folder / "mbg.yaml").write_text(sixth.replace("name: KOTAKU\n", "name: Makan Bergizi\n"), encoding="utf-8")
    assert "Makan Bergizi: 134 ditambahkan" in seed(folder=folder)
    assert Programme.objects.get(number_prefix="MBG").ladder.count() == 4


def test_the_default_category_that_a_person_chose_stays_the_only_one(pkh, folder):
    Category.objects.filter(programme=pkh, is_default=True).update(is_default=False)
    Category.objects.filter(programme=pkh, code="pembayaran").update(is_default=True)
    path = folder / "pkh.yaml"
    edit(path, "    default: true", "")
    edit(
        path,
        "categories:\n",
        "categories:\n  - {code: belum-tahu, name: Belum tahu, description: Belum jelas, nature: informatif,\n"
        "     service_level: informatif-10, evidence: optional, start: lowest, closure: [informasi], default: true}\n",
    )
    seed(folder=folder)
    default = Category.objects.filter(programme=pkh, is_default=True)
    assert [category.code for category in default] == ["pembayaran"]
    seed(folder=folder, overwrite=True)
    assert [category.code for category in default.all()] == ["belum-tahu"]


# --- refusals


def test_a_typo_in_a_file_stops_the_seeding_with_file_and_line_and_changes_nothing(seeded, folder, capsys):
    path = folder / "pkh.yaml"
    edit(path, "service_level: bulan-3", "service_level: bulan-4")
    edit(folder / "kotaku.yaml", "{code: telepon, name: Telepon}", "{code: telepon, name: Telepon rumah}")
    Channel.objects.filter(code="telepon").delete()
    line = path.read_text(encoding="utf-8").partition("bulan-4")[0].count("\n") + 1
    with pytest.raises(SystemExit) as stopped:
        call_command("seed", folder=folder)
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (1, "")
    assert err.splitlines() == [
        f"{path}:{line}: Nilai “bulan-4” untuk “service_level” tidak dikenal; mungkin maksudnya “bulan-3”.",
        "Berkas program belum benar; basis data tidak diubah.",
    ]
    assert Channel.objects.filter(code="telepon").count() == 0


def test_a_folder_without_programmes_is_refused(db, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        call_command("seed", folder=tmp_path)
    assert (stopped.value.code, capsys.readouterr().err) == (
        1,
        f"Tidak ada berkas program (*.yaml) di {tmp_path}.\n",
    )


def test_a_region_that_a_person_renamed_stays_until_the_official_name_shall_win(seeded):
    """D3."""
    Region.objects.filter(code="33.29.01.2001").update(name="Banjaran Baru", zone=Zone.WIT)
    assert seed()[:3] == [
        "Wilayah: 2 berbeda dan dibiarkan",
        "  Dibiarkan: wilayah 33.29.01.2001, nama: basis data “Banjaran Baru”, berkas “Banjaran”.",
        "  Dibiarkan: wilayah 33.29.01.2001, zona waktu: basis data “Asia/Jayapura”, berkas “Asia/Jakarta”.",
    ]
    assert Region.objects.filter(~Q(name="Banjaran"), code="33.29.01.2001").count() == 1
    assert seed(overwrite=True)[0] == "Wilayah: 1 diganti"
    assert Region.objects.get(code="33.29.01.2001").name == "Banjaran"
