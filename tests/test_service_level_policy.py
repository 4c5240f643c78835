"""Another period is for new complaints; running ones follow only where a reviewer says so, each with an event (D10)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.urls import reverse

from pengaduan.models import Category, Complaint, Event, ServiceLevel, Stage
from tests.cast import at
from tests.journey import to_stage
from workflow import actions, corrections, escalation, levels
from workflow.calendar import local_day
from workflow.seeding.programme_file import read_programmes
from workflow.seeding.programmes import load_programme

PROGRAMMES = Path(__file__).parent.parent / "programmes"
NOW = at("2026-03-10 09:00")
URL = "admin:pengaduan_servicelevel_change"


def edit(client, level, **changes):
    """Send the form of a level as the page shows it, with changes."""
    url = reverse(URL, args=[level.pk])
    form = client.get(url).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    data["stages"] = form.fields["stages"].prepare_value(level.stages)
    data.pop("apply_to_running", None)
    return client.post(url, data | changes)


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def current(code="masalah", programme="pamsimas"):
    return ServiceLevel.objects.get(programme__code=programme, code=code, replaced_at=None)


def shorter(level, length, *, now=NOW):
    """Return a level after its length was changed."""
    level.length = length
    levels.new_version(level, now=now)
    return current(level.code, level.programme.code)


def pamsimas(world, **matter):
    return world.complaint("penyimpangan-dana", programme="pamsimas", **matter)


def test_d10_a_changed_period_is_for_new_complaints_and_running_ones_keep_theirs(world, client):
    running = pamsimas(world)
    client.force_login(world.peninjau)
    response = edit(client, current(), length="60")
    assert response.status_code == 302
    assert said(response)[0] == "Hanya pengaduan baru mengikuti batas waktu ini; 1 yang sedang berjalan tetap."
    new = current()
    assert (new.length, new.version) == (60, 2)
    assert world.category("penyimpangan-dana", "pamsimas").service_level == new
    after = world.read(running)
    assert (after.service_level.version, after.service_level.length, after.due_at) == (1, 90, running.due_at)
    assert pamsimas(world).due_at == running.due_at - timedelta(days=30)
    corrections.follow_levels(now=NOW)
    assert world.read(running).due_at == running.due_at


def test_d10_where_the_reviewer_ticks_it_running_complaints_follow_with_an_event_each(world, client):
    running = [pamsimas(world), pamsimas(world, received="2026-03-04 10:00")]
    client.force_login(world.peninjau)
    response = edit(client, current(), length="120", apply_to_running="on")
    assert said(response)[0] == ("Tenggat 2 pengaduan yang sedang berjalan mengikuti batas waktu ini dan tercatat.")
    for case in running:
        after = world.read(case)
        assert (after.service_level.length, after.due_at) == (120, case.due_at + timedelta(days=30))
        event = Event.objects.get(complaint=case, kind="ikuti-batas-waktu")
        assert (event.actor, event.due_at, event.tier_due_at) == ("sistem", after.due_at, after.tier_due_at)
    assert corrections.follow_levels(now=NOW) == 0


def test_d10_the_tick_alone_lets_what_runs_under_an_earlier_version_follow(world, client):
    running = pamsimas(world)
    shorter(current(), 60)
    client.force_login(world.peninjau)
    edit(client, current(), apply_to_running="on")
    assert current().version == 2
    assert world.read(running).due_at == running.due_at - timedelta(days=30)


def test_d10_the_page_says_so_beforehand_with_the_number(world, client):
    level = current()
    client.force_login(world.peninjau)
    url = reverse(URL, args=[level.pk])
    assert "apply_to_running" not in client.get(url).content.decode()
    pamsimas(world), pamsimas(world)
    page = client.get(url)
    assert said(page)[-1].startswith("2 pengaduan sedang berjalan dengan batas waktu ini.")
    assert "Berlakukan juga untuk pengaduan yang sedang berjalan" in page.content.decode()


def test_d10_an_old_version_is_kept_and_listed_and_nobody_changes_or_deletes_it(world, client):
    old = current()
    pamsimas(world)
    new = shorter(current(), 60)
    client.force_login(world.peninjau)
    url = reverse(URL, args=[old.pk])
    assert client.post(url, {"length": "1"}).status_code == 403
    assert (
        client.post(reverse("admin:pengaduan_servicelevel_delete", args=[old.pk]), {"post": "yes"}).status_code == 403
    )
    assert said(client.get(url))[-1].startswith("Ini versi lama")
    assert url in client.get(reverse(URL, args=[new.pk])).content.decode()
    listed = reverse("admin:pengaduan_servicelevel_changelist")
    assert old not in client.get(listed).context["cl"].queryset
    assert list(client.get(listed, {"versi": "lama"}).context["cl"].queryset) == [old]
    old.refresh_from_db()
    assert old.length == 90


def test_d10_a_name_is_mended_in_place(world, client):
    pamsimas(world)
    level = current()
    client.force_login(world.peninjau)
    edit(client, level, name="Masalah (90 hari)")
    assert (current().pk, current().name) == (level.pk, "Masalah (90 hari)")


def test_d10_a_period_that_no_complaint_knows_is_changed_in_place(world, client):
    level = current()
    client.force_login(world.peninjau)
    edit(client, level, length="60")
    assert (current().pk, current().length, current().version) == (level.pk, 60, 1)


def test_d10_also_ended_complaints_keep_the_explanation_of_their_day(world):
    ended = to_stage(world, Stage.CLOSED, nature="informatif")
    level = current("informatif", "pkh")
    assert levels.is_used(level)
    shorter(level, 5)
    assert world.read(ended).service_level.length == 10


def test_d10_one_current_version_of_each_code_is_all_the_database_takes(world):
    level = current()
    level.pk, level.version = None, 2
    with pytest.raises(IntegrityError), transaction.atomic():
        level.save(force_insert=True)


def test_d12_what_waits_follows_when_its_clock_runs_again(world):
    running = pamsimas(world)
    actions.ask_completion(running, by=world.desa, now=at("2026-03-06 09:00"), questions="Tahun berapa?")
    levels.let_running_follow(shorter(current(), 120))
    assert corrections.follow_levels(now=NOW) == 0
    actions.complete(world.read(running), by=world.desa, now=at("2026-03-11 09:00"), answer="2025")
    assert corrections.follow_levels(now=at("2026-03-11 09:05")) == 1
    assert local_day(world.read(running).due_at, running.zone) == local_day(running.due_at, running.zone) + timedelta(
        days=30 + 5
    )


def test_d28_what_is_told_settled_keeps_its_deadline(world):
    told = to_stage(world, Stage.FEEDBACK)
    level = current("pkh-26", "pkh")
    level.length, level.stages = 40, []
    levels.new_version(level, now=NOW)
    levels.let_running_follow(current("pkh-26", "pkh"))
    assert corrections.follow_levels(now=NOW) == 0
    assert world.read(told).due_at == told.due_at


def test_d32_at_a_tier_above_the_new_period_runs_from_the_escalation(world):
    running = world.complaint("pertanyaan")
    escalation.sweep(now=at("2026-03-13 00:05"), by_hand=True)
    levels.let_running_follow(shorter(current("informatif", "pkh"), 20))
    corrections.follow_levels(now=at("2026-03-14 09:00"))
    after = world.read(running)
    assert after.due_at == at("2026-03-22 23:59:59")
    assert after.tier_due_at == at("2026-04-02 23:59:59")


def test_d52_an_extension_outlives_a_shorter_period(world):
    running = pamsimas(world)
    until = local_day(running.tier_due_at, running.zone) + timedelta(days=10)
    actions.extend(running, by=world.kecamatan, now=NOW, until=until, reason="Menunggu bank")
    levels.let_running_follow(shorter(current(), 60))
    corrections.follow_levels(now=NOW)
    after = world.read(running)
    assert local_day(after.tier_due_at, after.zone) == until
    assert after.due_at == running.due_at - timedelta(days=30)


def test_d10_a_run_cut_short_goes_on_where_it_stood(world):
    for _ in range(3):
        pamsimas(world)
    levels.let_running_follow(shorter(current(), 60))
    assert [corrections.follow_levels(now=NOW, limit=2), corrections.follow_levels(now=NOW)] == [2, 1]
    assert Event.objects.filter(kind="ikuti-batas-waktu").count() == 3


def test_d10_a_later_change_without_the_tick_does_not_move_what_followed_before(world):
    running = pamsimas(world)
    levels.let_running_follow(shorter(current(), 120))
    corrections.follow_levels(now=NOW)
    moved = world.read(running)
    shorter(current(), 30)
    assert corrections.follow_levels(now=NOW) == 0
    assert world.read(running).due_at == moved.due_at


def test_d12_another_level_for_a_category_is_for_new_complaints_and_its_page_says_so(world, client):
    running = pamsimas(world)
    category = world.category("penyimpangan-dana", "pamsimas")
    client.force_login(world.peninjau)
    url = reverse("admin:pengaduan_category_change", args=[category.pk])
    page = client.get(url)
    assert "Berlaku untuk pengaduan baru; yang sedang berjalan tetap pada tenggatnya." in page.content.decode()
    form = page.context["adminform"].form
    data = {
        name: form[name].value()
        for name in form.fields
        if form[name].value() is not None and form[name].value() is not False
    }
    data["closure_standards"] = list(category.closure_standards.values_list("pk", flat=True))
    response = client.post(url, data | {"service_level": current("informatif").pk})
    assert response.status_code == 302, response.context["adminform"].form.errors
    assert said(response)[0] == "Batas waktu ini berlaku untuk pengaduan baru; 1 yang sedang berjalan tetap."
    assert Category.objects.get(pk=category.pk).service_level == current("informatif")
    assert world.read(running).due_at == running.due_at


def test_d10_a_category_is_offered_current_versions_alone(world, client):
    pamsimas(world)
    old = current()
    new = shorter(current(), 60)
    client.force_login(world.peninjau)
    category = world.category("penyimpangan-dana", "pamsimas")
    form = client.get(reverse("admin:pengaduan_category_change", args=[category.pk])).context["adminform"].form
    offered = set(form.fields["service_level"].queryset)
    assert new in offered
    assert old not in offered


def test_d10_a_seed_that_wins_over_a_period_in_use_makes_a_new_version_too_and_then_nothing_more(world):
    record = next(each for each in read_programmes(PROGRAMMES) if each.code == "pamsimas")
    load_programme(record, overwrite=True)
    wanted = record.service_levels[0]
    level = current(wanted.code)
    ServiceLevel.objects.filter(pk=level.pk).update(length=wanted.length + 1)
    running = pamsimas(world)
    Complaint.objects.filter(pk=running.pk).update(service_level=level)
    load_programme(record, overwrite=True)
    assert (current(wanted.code).length, current(wanted.code).version) == (wanted.length, 2)
    assert world.read(running).service_level.length == wanted.length + 1
    again = load_programme(record, overwrite=False)
    assert (again.added, again.overwritten, again.kept) == (0, 0, [])


@pytest.mark.parametrize("name", ["desa", "penyelia", "koordinator", "auditor", "tetangga"])
def test_d48_who_is_no_reviewer_changes_no_period(world, client, name):
    level = current()
    client.force_login(getattr(world, name))
    client.post(reverse(URL, args=[level.pk]), {"length": "1"})
    assert current().length == 90
