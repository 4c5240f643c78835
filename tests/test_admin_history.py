"""Every change on record with who and a diff: every model that a reviewer edits, deletions and passwords too (D40)."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pghistory.core import event_models

from pengaduan.models import Category, Channel, ClosureStandard
from tests.cast import VILLAGE
from tests.test_admin import filled, said
from tiers.admin_site import ReadOnly, site
from tiers.models import Assignment, Tier, User
from workflow.models import Holiday

CHANGES = "/admin/pghistory/events/"


def edited() -> list[type]:
    """Return the models whose rows can be made, changed or deleted in the admin, those of inlines included."""
    keepers = [(model, keeper) for model, keeper in site._registry.items() if not isinstance(keeper, ReadOnly)]
    inlines = [inline.model for _model, keeper in keepers for inline in keeper.inlines]
    return [model for model, keeper in keepers if keeper.may_add or keeper.may_change or keeper.may_delete] + inlines


def kinds(client, **wanted) -> list[tuple]:
    page = client.get(CHANGES, wanted)
    assert page.status_code == 200
    return [(event.pgh_obj_model, event.pgh_label) for event in page.context["cl"].result_list]


@pytest.mark.parametrize("model", edited(), ids=lambda model: model._meta.label)
def test_d40_every_model_that_a_reviewer_edits_is_tracked_with_its_choices_of_several(model):
    tracked = event_models(tracks_model=model)
    assert {tracker.label for tracker in tracked[0].pgh_trackers} == {"insert", "update", "delete"}
    for field in model._meta.many_to_many:
        if field.name in ("groups", "user_permissions"):
            continue  # Django's own: they open nothing here, and no form has them
        through = field.remote_field.through
        proxies = [each for each in event_models() if issubclass(each.pgh_tracked_model, through)]
        assert proxies, field


def test_d40_a_person_s_history_tells_who_changed_what_and_never_a_password(world, client):
    Assignment.objects.filter(user=world.desa, office__programme__code="pamsimas").delete()
    client.force_login(world.peninjau)
    url = reverse("admin:tiers_user_change", args=[world.desa.pk])
    assert client.post(url, filled(client, url, email="baru@kantor.id")).status_code == 302
    User.objects.get(pk=world.desa.pk).set_password("jambu-biji-merah")
    page = client.get(reverse("admin:tiers_user_history", args=[world.desa.pk]))
    [change, *_made] = page.context["changes"]
    assert (change.by, change.parts) == (world.peninjau, [("alamat email", "desa@kantor.id", "baru@kantor.id")])
    text = page.content.decode()
    assert "desa@kantor.id" in text
    assert "argon2" not in text


def test_d40_that_a_password_was_changed_is_on_record_and_never_which(world, client):
    world.desa.set_password("jambu-biji-merah")
    world.desa.save()
    client.force_login(world.desa)
    data = {"oldpassword": "jambu-biji-merah", "password1": "pisang-raja-sereh", "password2": "pisang-raja-sereh"}
    client.post(reverse("account_change_password"), data)
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (world.desa, str(world.desa.pk), "Kata sandi diganti")


def test_d40_what_a_category_must_meet_is_on_record_when_it_is_added_and_taken_away(world, client):
    category = Category.objects.get(programme__code="pkh", code="kkn")
    standard = ClosureStandard.objects.get(programme__code="pkh")
    client.force_login(world.peninjau)
    url = reverse("admin:pengaduan_category_change", args=[category.pk])
    for chosen in ([standard.pk], []):
        assert client.post(url, filled(client, url, closure_standards=chosen)).status_code == 302
    found = kinds(client, jenis="pengaduan.CategoryStandard", waktu="pekan")
    assert found[:2] == [("pengaduan.CategoryStandard", "delete"), ("pengaduan.CategoryStandard", "insert")]


def test_d40_a_deleted_row_is_found_with_who_deleted_it(world, client):
    channel = Channel.objects.get(programme__code="pkh", code="bpkp")
    client.force_login(world.peninjau)
    client.post(reverse("admin:pengaduan_channel_delete", args=[channel.pk]), {"post": "yes"})
    page = client.get(CHANGES, {"perubahan": "delete"})
    [event] = page.context["cl"].result_list
    assert (event.shown_by, event.shown_row, event.pgh_label) == ("Peninjau", "Laporan BPKP", "delete")
    named = client.get(CHANGES, {"q": "laporan bpkp"}).context["cl"].result_list
    assert sorted(each.pgh_label for each in named if each.pgh_obj_id == str(channel.pk)) == ["delete", "insert"]


def test_changes_are_found_by_who_made_them_and_by_what_was_changed(world, client):
    client.force_login(world.peninjau)
    data = {"on": "2026-03-17", "name": "Cuti bersama", "kind": "cuti-bersama"}
    client.post(reverse("admin:workflow_holiday_add"), data)
    assert kinds(client, q="peninjau", jenis="workflow.Holiday") == [("workflow.Holiday", "insert")]
    assert kinds(client, q="cuti bersama") == [("workflow.Holiday", "insert")]
    assert kinds(client, q="tetangga", jenis="workflow.Holiday") == []
    assert [str(each) for each in Holiday.objects.filter(on="2026-03-17")] == ["2026-03-17 Cuti bersama"]


def test_the_list_of_changes_takes_as_many_queries_for_many_rows_as_for_few(world, client):
    client.force_login(world.peninjau)
    with CaptureQueriesContext(connection) as few:
        client.get(CHANGES, {"q": "natal", "jenis": "workflow.Holiday"})
    with CaptureQueriesContext(connection) as many:
        page = client.get(CHANGES, {"q": "a", "jenis": "workflow.Holiday"})
    assert len(page.context["cl"].result_list) == 4
    assert len(many) == len(few)


def test_d48_changes_of_another_programme_and_its_people_are_not_shown(world, client):
    Assignment.objects.filter(user=world.peninjau, office__programme__code="pamsimas").delete()
    foreign = User.objects.create_user("asing", "asing@kantor.id", None, name="Orang Asing")
    office = world.office(Tier.PUSAT, None, programme="pamsimas")
    Assignment.objects.create(user=foreign, office=office, role="petugas", starts_on=date(2024, 1, 1))
    own = User.objects.create_user("sendiri", "sendiri@kantor.id", None, name="Orang Sendiri")
    office = world.office(Tier.DESA, VILLAGE)
    Assignment.objects.create(user=own, office=office, role="petugas", starts_on=date(2024, 1, 1))
    client.force_login(world.peninjau)
    assert [str(event.shown_row) for event in client.get(CHANGES, {"q": "orang"}).context["cl"].result_list] == [
        "Orang Sendiri"
    ]
    page = client.get(CHANGES, {"jenis": "tiers.Assignment"})
    offices = {event.pgh_data["office_id"] for event in page.context["cl"].result_list}
    assert office.pk in offices
    assert world.office(Tier.PUSAT, None, programme="pamsimas").pk not in offices


def test_who_has_no_password_yet_is_found_and_invited_by_mail(world, client):
    User.objects.update(password="argon2$x")
    Assignment.objects.filter(user=world.desa, office__programme__code="pamsimas").delete()
    world.desa.set_unusable_password()
    world.desa.save()
    client.force_login(User.objects.get(pk=world.peninjau.pk))
    url = reverse("admin:tiers_user_changelist")
    assert list(client.get(url, {"sandi": "belum"}).context["cl"].queryset) == [world.desa]
    response = client.post(url, {"action": "invite", "_selected_action": [world.desa.pk]})
    assert said(response) == ["1 undangan dikirim."]
    [letter] = mail.outbox
    assert letter.to == ["desa@kantor.id"]
    assert "/akun/kata-sandi/baru/" in letter.body
    assert LogEntry.objects.get().change_message == "Tautan kata sandi dikirim lewat surel"


def test_nobody_of_another_area_is_invited(world, client):
    brebes = User.objects.create_user("brebes", "brebes@kantor.id", None, name="Brebes")
    office = world.office(Tier.KABUPATEN, "33.29")
    Assignment.objects.create(user=brebes, office=office, role="peninjau", starts_on=date(2024, 1, 1))
    client.force_login(brebes)
    chosen = [world.tetangga.pk, world.penyelia.pk]  # the neighbour's, and one who works for another programme too
    client.post(reverse("admin:tiers_user_changelist"), {"action": "invite", "_selected_action": chosen})
    assert mail.outbox == []
