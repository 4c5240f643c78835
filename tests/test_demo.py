"""The demo data set looks like life, tells of no real person, and is told once."""

import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from pengaduan.models import Complainant, Complaint, Event, Stage
from tiers.models import Absence, Assignment, User
from workflow.demo import people, story
from workflow.escalation import missed

pytestmark = pytest.mark.django_db  # asked for by name, or a run of this file alone would meet the real database


@pytest.fixture(scope="module")
def told(django_db_setup, django_db_blocker):
    """Seed and tell once for this file, in a transaction that is undone."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr(story, "CASES", 40)
        call_command("seed", stdout=io.StringIO())
        call_command("demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


def test_the_demo_fills_every_programme_and_leaves_nothing_overdue_behind(told):
    assert Complaint.objects.count() == 40
    assert Complaint.objects.values("programme").distinct().count() >= 4
    assert Complaint.objects.filter(stage=Stage.CLOSED).exists()
    assert Event.objects.filter(kind="eskalasi").exists()
    assert not list(missed(now=timezone.now() - timedelta(minutes=1)))


def test_the_demo_names_no_address_that_exists(told):
    mails = [person.unseal_identity("email") for person in Complainant.objects.all() if person.can_be_mailed]
    mails += list(User.objects.exclude(email="").values_list("email", flat=True))
    assert {mail.rpartition(".")[2] for mail in mails} == {"test"}


def test_the_accounts_of_the_design_are_there_and_the_neighbour_sees_nothing_of_brebes(told):
    accounts = {account for account, _what in people.listing()}
    assert accounts >= {"desa", "kecamatan", "kabupaten", "provinsi", "pusat", "penyelia", "tetangga"}
    assert accounts >= {"kustodian", "auditor", "peninjau"}
    neighbour = User.objects.get(username="tetangga")
    assert not Complaint.objects.visible_to(neighbour).exclude(regency_code="33.28").exists()
    village = Complaint.objects.visible_to(User.objects.get(username="desa"))
    assert set(village.values_list("region", flat=True)) <= {people.VILLAGE}


def test_an_officer_is_away_and_the_one_above_sits_at_their_desk(told):
    absence = Absence.objects.get()
    today = timezone.localdate()
    assert absence.starts_on < today < absence.ends_on
    post = Assignment.objects.get(absence=absence)
    assert (post.user.username, post.office.region_id) == ("kecamatan", people.NEXT_VILLAGE)


def test_told_again_it_changes_nothing(told):
    before = (Complaint.objects.count(), Event.objects.count(), User.objects.count(), Absence.objects.count())
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert (Complaint.objects.count(), Event.objects.count(), User.objects.count(), Absence.objects.count()) == before
    assert "sudah ada" in out.getvalue()
