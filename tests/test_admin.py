"""The reviewers' pages: our permissions, our scope, and what is refused (D4, D10, D48)."""

import re
from datetime import date

import pytest
from allauth.account.forms import default_token_generator
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.urls import reverse

from pengaduan.models import (
    Category,
    Channel,
    ClosureStandard,
    Complaint,
    Event,
    ReportedParty,
    ServiceLevel,
    Stage,
)
from reports.export_models import Export
from reports.models import CorrectionRequest, Edition, ReportDelivery, ReportDue, ReportRecipient
from tests.cast import VILLAGE, at
from tests.journey import to_stage
from tiers.admin_site import site
from tiers.models import Absence, Assignment, Office, Programme, Region, Tier, User
from workflow import actions
from workflow.models import Holiday, Notification, ReplyTemplate, SweepRun

MODELS = sorted(f"{model._meta.app_label}_{model._meta.model_name}" for model in site._registry)


@pytest.fixture
def pkh_only(world):
    """Let `peninjau` review PKH alone, and give Brebes a reviewer of its own."""
    Assignment.objects.filter(user=world.peninjau, office__programme__code="pamsimas").delete()
    world.users["brebes"] = User.objects.create_user("brebes", "brebes@kantor.id", None, name="Brebes")
    office = world.office(Tier.KABUPATEN, "33.29")
    Assignment.objects.create(user=world.brebes, office=office, role="peninjau", starts_on=date(2024, 1, 1))
    return world


def listed(client, model: str) -> set:
    """Return the keys of the rows that a list shows."""
    response = client.get(reverse(f"admin:{model}_changelist"))
    assert response.status_code == 200
    if "lines" in response.context:  # the record has a list of its own
        return {line.event.pk for line in response.context["lines"]}
    return set(response.context["cl"].queryset.values_list("pk", flat=True))


def said(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def filled(client, url: str, **changes) -> dict:
    """Return what the form at an address would send, with changes."""
    response = client.get(url)
    assert response.status_code == 200
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = value
    return data | changes


def test_the_reviewer_opens_every_list_and_every_row(world, client):
    rows_of_every_kind(world)
    client.force_login(world.peninjau)
    for model in MODELS:
        response = client.get(reverse(f"admin:{model}_changelist"))
        assert response.status_code == 200, model
        if model == "pghistory_events":
            continue  # a list without pages of its own
        row = min(listed(client, model))
        assert client.get(reverse(f"admin:{model}_change", args=[row])).status_code == 200, model
        assert client.get(reverse(f"admin:{model}_history", args=[row]), follow=True).status_code == 200, model


def rows_of_every_kind(world):
    asked = to_stage(world, Stage.CLARIFICATION)
    actions.ask_identity(
        asked, asked.complainants.get(), by=world.desa, now=at("2026-03-04 09:00"), motive="Alamat tidak jelas"
    )
    ReplyTemplate.objects.create(programme=world.programmes["pkh"], code="sapa", name="Sapa", subject="a", body="b")
    SweepRun.objects.create(as_of=at("2026-03-02 10:00"), started_at=at("2026-03-02 10:00"))
    AccessAttempt.objects.create(username="desa", ip_address="203.0.113.1", failures_since_start=2)
    Absence.objects.create(user=world.desa, starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 3))
    LogEntry.objects.log_actions(world.desa.pk, [world.desa], 2, change_message="[]", single_object=True)
    now = at("2026-04-01 06:00")
    recipient = ReportRecipient.objects.create(programme=world.programmes["pkh"], name="Setditjen", email="s@contoh.id")
    edition = Edition.objects.create(
        programme=recipient.programme,
        begins_on=date(2026, 3, 1),
        number=1,
        as_of=now,
        made_at=now,
        query_version=1,
        figures="{}",
        sha256="0" * 64,
    )
    ReportDelivery.objects.create(edition=edition, recipient=recipient, created_at=now, next_attempt_at=now)
    ReportDue.objects.create(
        kind="bulanan", programme=recipient.programme, begins_on=date(2026, 3, 1), created_at=now, next_attempt_at=now
    )
    CorrectionRequest.objects.create(edition=edition, asked_by=world.koordinator, asked_at=now, why="Surat terlambat")
    Export.objects.create(
        asked_by=world.koordinator,
        asked_at=now,
        what="matriks",
        format="xlsx",
        programme=recipient.programme,
        first_on=date(2026, 3, 1),
        last_on=date(2026, 3, 31),
    )
    closed = to_stage(world, Stage.CLOSED, nature="informatif")
    day = closed.closed_at.date()
    drawn = {"programme": closed.programme, "region": None, "closed_from": day, "closed_until": day, "size": 5}
    actions.draw_sample(by=world.peninjau, now=now, **drawn)
    assert Notification.objects.exists()


@pytest.mark.parametrize("who", ["desa", "kecamatan", "kabupaten", "provinsi", "pusat", "penyelia", "tetangga"])
def test_d48_officers_have_no_business_in_the_admin(world, client, who):
    client.force_login(world.users[who])
    opened = {model for model in MODELS if client.get(reverse(f"admin:{model}_changelist")).status_code != 403}
    assert opened == set()


def test_who_is_not_signed_in_is_led_to_the_one_sign_in(client, db):
    for url in (reverse(f"admin:{model}_changelist") for model in MODELS):
        assert client.get(url).headers["Location"] == f"/masuk/?next={url}"
    assert client.get("/admin/login/?next=/admin/").headers["Location"] == "/masuk/?next=/admin/"


def test_django_s_own_flags_open_nothing(world, client):
    world.desa.is_staff = True
    world.desa.save()
    client.force_login(world.desa)
    assert client.get("/admin/").status_code == 403


def test_d48_the_auditor_reads_and_changes_nothing(world, client):
    client.force_login(world.auditor)
    programme = world.programmes["pkh"]
    url = reverse("admin:tiers_programme_change", args=[programme.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {"name": "Lain"}).status_code == 403
    assert client.get(reverse("admin:workflow_holiday_add")).status_code == 403
    assert Programme.objects.get(pk=programme.pk).name == "Program Keluarga Harapan"


def test_d48_a_reviewer_of_one_programme_sees_that_one(pkh_only, client):
    client.force_login(pkh_only.peninjau)
    pkh, other = pkh_only.programmes["pkh"], pkh_only.programmes["pamsimas"]
    assert listed(client, "tiers_programme") == {pkh.pk}
    for model, name in ((Category, "pengaduan_category"), (ServiceLevel, "pengaduan_servicelevel")):
        assert listed(client, name) == set(model.objects.filter(programme=pkh).values_list("pk", flat=True))
        foreign = model.objects.filter(programme=other).first()
        assert client.get(reverse(f"admin:{name}_change", args=[foreign.pk])).status_code == 302
        assert client.post(reverse(f"admin:{name}_change", args=[foreign.pk]), {}).status_code == 302
    offices = Office.objects.filter(programme=pkh)
    assert listed(client, "tiers_office") == set(offices.values_list("pk", flat=True))
    kept = Assignment.objects.filter(office__in=offices)
    assert listed(client, "tiers_assignment") == set(kept.values_list("pk", flat=True))


def test_a_reviewer_of_a_kabupaten_sees_its_offices_and_people_and_no_rules(pkh_only, client):
    client.force_login(pkh_only.brebes)
    pkh = pkh_only.programmes["pkh"]
    regions = {"33.29", "33.29.01", VILLAGE}
    area = Office.objects.filter(programme=pkh, region__in=regions)
    assert set(area.values_list("region", flat=True)) == regions
    assert listed(client, "tiers_office") == set(area.values_list("pk", flat=True))
    people = {pkh_only.users[name].pk for name in ("desa", "kecamatan", "kabupaten", "penyelia", "brebes")}
    assert listed(client, "tiers_user") == people
    for model in ("tiers_programme", "pengaduan_category", "workflow_holiday", "workflow_replytemplate"):
        assert client.get(reverse(f"admin:{model}_changelist")).status_code == 403
    assert client.get(reverse("admin:tiers_user_change", args=[pkh_only.tetangga.pk])).status_code == 302


def test_complaints_are_those_one_sees_elsewhere_and_are_only_read(pkh_only, client):
    mine = pkh_only.complaint()
    other = pkh_only.complaint("pertanyaan", programme="pamsimas")
    against = pkh_only.complaint(text="Peninjau meminta imbalan.")
    ReportedParty.objects.create(complaint=against, user=pkh_only.peninjau)
    client.force_login(pkh_only.peninjau)
    assert listed(client, "pengaduan_complaint") == {mine.pk}
    assert set(Event.objects.filter(pk__in=listed(client, "pengaduan_event")).values_list("complaint", flat=True)) == {
        mine.pk
    }
    notices = Notification.objects.filter(pk__in=listed(client, "workflow_notification"))
    assert set(notices.values_list("complaint", flat=True)) == {mine.pk}
    for hidden in (other, against):
        assert client.get(reverse("admin:pengaduan_complaint_change", args=[hidden.pk])).status_code == 302
    page = client.get(reverse("admin:pengaduan_complaint_change", args=[mine.pk])).content.decode()
    for secret in ("Siti Contoh", "siti@contoh.id", "tetangga sudah menerima", mine.receipt.code):
        assert secret not in page
    assert (
        client.post(reverse("admin:pengaduan_complaint_change", args=[mine.pk]), {"stage": "ditutup"}).status_code
        == 403
    )
    assert client.post(reverse("admin:pengaduan_complaint_delete", args=[mine.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse("admin:pengaduan_complaint_add")).status_code == 403
    assert Complaint.objects.get(pk=mine.pk).stage == mine.stage


def test_a_superuser_without_assignments_keeps_the_rules_and_sees_no_complaint(world, client):
    world.complaint()
    root = User.objects.create_superuser("akar", "akar@kantor.id", None, name="Akar")
    client.force_login(root)
    assert listed(client, "tiers_programme") == {each.pk for each in world.programmes.values()}
    assert client.get(reverse("admin:pengaduan_complaint_changelist")).status_code == 403
    assert listed(client, "workflow_notification") == set()


def test_no_address_tells_the_number_behind_a_row(world, client):
    complaint = world.complaint()
    client.force_login(world.peninjau)
    assert client.get(f"/admin/r/{complaint.pk}/{complaint.pk}/").status_code == 404


def new_person(client, office: Office, **changes) -> dict:
    return filled(
        client,
        reverse("admin:tiers_user_add"),
        **{
            "username": "baru",
            "name": "Petugas Baru",
            "email": "baru@kantor.id",
            "is_active": "on",
            "assignments-TOTAL_FORMS": "1",
            "assignments-0-office": office.pk,
            "assignments-0-role": "petugas",
            "assignments-0-starts_on": "2026-01-02",
        }
        | changes,
    )


def test_a_new_person_gets_a_link_that_sets_a_password_once(pkh_only, client):
    client.force_login(pkh_only.brebes)
    office = pkh_only.office(Tier.DESA, VILLAGE)
    response = client.post(reverse("admin:tiers_user_add"), new_person(client, office))
    assert response.status_code == 302
    person = User.objects.get(username="baru")
    assert (person.has_usable_password(), person.is_superuser, person.is_staff) == (False, False, False)
    assert [each.office for each in person.assignments.all()] == [office]
    [sentence, _] = said(response)
    link = re.search(r"http://[^/]+(/akun/kata-sandi/baru/\S+)", sentence)[1]
    client.logout()
    form = client.get(link, follow=True)
    password = "jambu-biji-merah"
    done = client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})
    assert done.headers["Location"] == "/akun/kata-sandi/baru/selesai/"
    assert client.post("/masuk/", {"login": "baru", "password": password}).headers["Location"] == "/petugas/"
    client.logout()
    assert client.get(link, follow=True).context["token_fail"] is True


@pytest.mark.parametrize(
    ("office", "extra"),
    [
        ((Tier.KABUPATEN, "33.28"), {}),
        ((Tier.PUSAT, None), {}),
        ((Tier.DESA, VILLAGE), {"assignments-0-role": "raja"}),
        ((Tier.DESA, VILLAGE), {"assignments-TOTAL_FORMS": "0"}),
    ],
)
def test_nobody_is_placed_outside_the_reviewer_s_area_or_nowhere(pkh_only, client, office, extra):
    client.force_login(pkh_only.brebes)
    response = client.post(reverse("admin:tiers_user_add"), new_person(client, pkh_only.office(*office), **extra))
    assert response.status_code == 200
    assert len(response.context["errors"]) > 0
    assert not User.objects.filter(username="baru").exists()


def test_a_reviewer_cannot_raise_a_person_with_a_forged_field(pkh_only, client):
    client.force_login(pkh_only.brebes)
    forged = {"is_superuser": "on", "is_staff": "on"}
    data = new_person(client, pkh_only.office(Tier.DESA, VILLAGE), **forged)
    assert client.post(reverse("admin:tiers_user_add"), data).status_code == 302
    person = User.objects.get(username="baru")
    assert (person.is_superuser, person.is_staff) == (False, False)


def test_a_reviewer_changes_neither_themselves_nor_their_own_assignments(pkh_only, client):
    client.force_login(pkh_only.peninjau)
    own = pkh_only.peninjau.assignments.get()
    assert client.post(reverse("admin:tiers_user_change", args=[pkh_only.peninjau.pk]), {}).status_code == 403
    assert (
        client.post(reverse("admin:tiers_assignment_change", args=[own.pk]), {"role": "kustodian"}).status_code == 403
    )
    data = {"user": pkh_only.peninjau.pk, "office": own.office_id, "role": "kustodian", "starts_on": "2026-01-01"}
    assert client.post(reverse("admin:tiers_assignment_add"), data).status_code == 200
    assert [each.role for each in pkh_only.peninjau.assignments.all()] == ["peninjau"]


def test_who_works_elsewhere_too_is_not_taken_over(pkh_only, client):
    """A new e-mail address and a link would make the other office's person."""
    client.force_login(pkh_only.brebes)
    away = Assignment.objects.create(
        user=pkh_only.penyelia, office=pkh_only.office(Tier.PUSAT, None), role="koordinator", starts_on=date(2024, 1, 1)
    )
    url = reverse("admin:tiers_user_change", args=[pkh_only.penyelia.pk])
    assert client.post(url, {"email": "saya@contoh.id"}).status_code == 403
    chosen = {"action": "give_password_link", "_selected_action": [pkh_only.penyelia.pk, pkh_only.desa.pk]}
    response = client.post(reverse("admin:tiers_user_changelist"), chosen)
    assert sum("/akun/kata-sandi/baru/" in sentence for sentence in said(response)) == 0
    Assignment.objects.filter(user__in=[pkh_only.penyelia, pkh_only.desa], office__programme__code="pamsimas").delete()
    away.delete()
    response = client.post(reverse("admin:tiers_user_changelist"), chosen)
    assert sum("/akun/kata-sandi/baru/" in sentence for sentence in said(response)) == 2


def test_a_closed_account_is_out_at_once(world, client):
    client.force_login(world.desa)
    assert client.get("/petugas/").status_code == 200
    User.objects.filter(pk=world.desa.pk).update(is_active=False)
    assert client.get("/petugas/").status_code == 302


def test_a_lost_telephone_is_helped_by_the_reviewer(world, client):
    Authenticator.objects.create(user=world.desa, type="totp", data={"secret": "x"})
    client.force_login(world.peninjau)
    chosen = {"action": "take_second_step_off", "_selected_action": [world.desa.pk]}
    client.post(reverse("admin:tiers_user_changelist"), chosen)
    assert Authenticator.objects.filter(user=world.desa).exists() is False


def test_d10_a_holiday_moves_running_deadlines_and_says_how_many(world, client):
    complaint = world.complaint()
    before = complaint.due_at
    client.force_login(world.peninjau)
    data = {"on": "2026-03-17", "name": "Cuti bersama", "kind": "cuti-bersama"}
    response = client.post(reverse("admin:workflow_holiday_add"), data)
    assert response.status_code == 302
    assert said(response)[0] == "Kalender diperbarui. Tenggat 1 pengaduan berubah dan tercatat."
    assert world.read(complaint).due_at > before
    holiday = Holiday.objects.get(on="2026-03-17")
    client.post(reverse("admin:workflow_holiday_delete", args=[holiday.pk]), {"post": "yes"})
    assert world.read(complaint).due_at == before


def test_many_holidays_deleted_at_once_are_followed_too(world, client):
    complaint = world.complaint()
    client.force_login(world.peninjau)
    chosen = list(Holiday.objects.filter(on__year=2026, on__month=3).values_list("pk", flat=True))
    data = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    client.post(reverse("admin:workflow_holiday_changelist"), data)
    assert Holiday.objects.filter(pk__in=chosen).exists() is False
    assert world.read(complaint).due_at < complaint.due_at


def test_a_service_level_that_no_complaint_knows_is_edited_as_a_form(world, client):
    """What happens where complaints run under it: test_service_level_policy."""
    level = ServiceLevel.objects.get(code="pkh-26")
    client.force_login(world.peninjau)
    url = reverse("admin:pengaduan_servicelevel_change", args=[level.pk])
    assert client.post(url, filled(client, url, length="30", stages="")).status_code == 302
    level.refresh_from_db()
    assert (level.length, level.stages) == (30, [])


@pytest.mark.parametrize(
    ("stages", "sentence"),
    [
        ("Analisis", "Baris 1: tulis nama; hari; tahap."),
        ("Analisis; lima; analisis", "Baris 1: hari harus angka di atas nol."),
        ("Analisis; 5; analis", "Baris 1: tahap “analis” tidak ada."),
        ("Analisis; 5; analisis", "Jumlah hari semua langkah (5) harus sama dengan lamanya."),
    ],
)
def test_the_steps_of_a_level_are_lines_and_a_slip_is_a_sentence(world, client, stages, sentence):
    level = ServiceLevel.objects.get(code="pkh-26")
    client.force_login(world.peninjau)
    url = reverse("admin:pengaduan_servicelevel_change", args=[level.pk])
    response = client.post(url, filled(client, url, stages=stages))
    assert response.context["adminform"].form.errors["stages"][0].startswith(sentence)


def test_the_steps_of_a_level_come_back_as_they_were(world, client):
    level = ServiceLevel.objects.get(code="pkh-26")
    client.force_login(world.peninjau)
    url = reverse("admin:pengaduan_servicelevel_change", args=[level.pk])
    assert client.post(url, filled(client, url)).status_code == 302
    assert ServiceLevel.objects.get(pk=level.pk).stages == level.stages


def test_what_is_in_use_is_not_deleted_and_no_number_is_told(world, client):
    complaint = world.complaint()
    client.force_login(world.peninjau)
    for row in (complaint.category, complaint.service_level, complaint.channel, complaint.office):
        name = f"{row._meta.app_label}_{row._meta.model_name}"
        url = reverse(f"admin:{name}_delete", args=[row.pk])
        page = client.get(url).content.decode()
        assert "Masih dipakai, jadi tidak dapat dihapus." in page
        assert complaint.number not in page
        client.post(url, {"post": "yes"})
        assert type(row).objects.filter(pk=row.pk).exists()
    unused = Channel.objects.get(programme=complaint.programme, code="bpkp")
    client.post(reverse("admin:pengaduan_channel_delete", args=[unused.pk]), {"post": "yes"})
    assert Channel.objects.filter(pk=unused.pk).exists() is False


def test_a_category_takes_nothing_of_another_programme(world, client):
    category = Category.objects.get(programme__code="pkh", code="pembayaran")
    foreign = ServiceLevel.objects.get(programme__code="pamsimas", code="masalah")
    standard = ClosureStandard.objects.get(programme__code="pamsimas")
    client.force_login(world.peninjau)
    url = reverse("admin:pengaduan_category_change", args=[category.pk])
    data = filled(client, url, service_level=foreign.pk, closure_standards=[standard.pk], is_default="on")
    errors = client.post(url, data).context["adminform"].form.errors
    assert set(errors) == {"service_level", "closure_standards", "is_default"}
    assert Category.objects.get(pk=category.pk).service_level != foreign


@pytest.mark.parametrize(
    ("tier", "region", "field"),
    [
        (Tier.KABUPATEN, "33.28", "region"),  # the neighbour
        (Tier.KABUPATEN, "33.29.01", "region"),  # a place of another tier
        (Tier.PUSAT, "", "region"),  # above the reviewer
        (Tier.DESA, "33.29.01.2002", None),
    ],
)
def test_an_office_is_founded_only_in_the_reviewer_s_area(pkh_only, client, tier, region, field):
    client.force_login(pkh_only.brebes)
    Office.objects.filter(tier=Tier.PUSAT, assignments=None).delete()
    data = {
        "programme": pkh_only.programmes["pkh"].pk,
        "tier": tier,
        "region": region,
        "name": "Kantor baru",
        "opens_at": "08:00",
        "closes_at": "16:00",
    }
    response = client.post(reverse("admin:tiers_office_add"), data)
    if field is None:
        assert response.status_code == 302
        assert Office.objects.get(name="Kantor baru").region == Region.objects.get(pk=region)
    else:
        assert list(response.context["adminform"].form.errors) == [field]
        assert Office.objects.filter(name="Kantor baru").exists() is False


@pytest.mark.django_db(transaction=True)
def test_the_history_tells_who_changed_what_from_what(real_world, client):
    category = Category.objects.get(programme__code="pkh", code="pembayaran")
    client.force_login(real_world.peninjau)
    url = reverse("admin:pengaduan_category_change", args=[category.pk])
    assert client.post(url, filled(client, url, name="Pembayaran bantuan")).status_code == 302
    changes = client.get(reverse("admin:pengaduan_category_history", args=[category.pk])).context["changes"]
    assert [(change.by, change.parts) for change in changes] == [
        (real_world.peninjau, [("nama", "Pembayaran", "Pembayaran bantuan")]),
        (None, []),
    ]
    page = client.get(reverse("admin:pghistory_events_changelist")).content.decode()
    assert "nama: Pembayaran → Pembayaran bantuan" in page


def test_a_spent_link_does_not_outlive_a_change_of_the_password(world):
    token = default_token_generator.make_token(world.desa)
    world.desa.set_password("jambu-biji-merah")
    world.desa.save()
    assert default_token_generator.check_token(world.desa, token) is False
