"""Who is away is not at the desk: a stand-in acts for those days; where there is none the tier above hears (D51)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from pengaduan.models import Complaint, ReportedParty
from tests.cast import VILLAGE, at
from tiers import absences, scope
from tiers.models import Absence, Assignment, Tier, User
from tiers.permissions import ROLES, Permission
from workflow import actions, gate, letters, routing, standing_in, warnings
from workflow.machine import Refused, Who
from workflow.models import Notification

NOW = at("2026-03-02 08:00")
TODAY = date(2026, 3, 2)


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def away(user, first: int = 0, last: int = 4, *, by=None, stand_in=None, now=NOW) -> Absence:
    return standing_in.enter(user, day(first), day(last), by=by or user, now=now, stand_in=stand_in)


def refusal(user, first: int, last: int, **rest) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        away(user, first, last, **rest)
    return refused.value.message_dict


def afresh(user: User) -> User:
    """Return the person as the next request reads them: assignments are kept on the object for one."""
    return User.objects.get(pk=user.pk)


def heard_at(world, tier: Tier, region: str | None, *, on: date = TODAY) -> set[str]:
    office = world.office(tier, region)
    names = dict(User.objects.values_list("pk", "username"))
    return {names[user] for _office, user in routing.staff([office.pk], on=on)}


def posts_of(user) -> list[tuple[str, str, date, date]]:
    rows = Assignment.objects.filter(user=user, absence__isnull=False).order_by("office__name")
    return [(each.office.name, each.role, each.starts_on, each.ends_on) for each in rows]


# What is entered


def test_d51_a_stand_in_gets_role_and_office_for_those_days_only(world):
    away(world.desa, 0, 4, stand_in=world.kecamatan)
    assert posts_of(world.kecamatan) == [
        ("KKM Indrajaya", "petugas", day(0), day(4)),
        ("Ketua Kelompok Indrajaya", "petugas", day(0), day(4)),
    ]
    village = world.office(Tier.DESA, VILLAGE)
    assert [scope.may(world.kecamatan, Permission.HANDLE, village, on=day(n)) for n in (-1, 0, 4, 5)] == [
        False,
        True,
        True,
        False,
    ]


def test_d51_the_days_lie_within_the_absent_persons_own_assignment(world):
    own = Assignment.objects.filter(user=world.desa, office__programme=world.programmes["pkh"])
    own.update(starts_on=day(1), ends_on=day(2))
    Assignment.objects.filter(user=world.desa).exclude(pk__in=own).delete()
    away(world.desa, 0, 4, by=world.desa, stand_in=world.kecamatan)
    assert posts_of(world.kecamatan) == [("Ketua Kelompok Indrajaya", "petugas", day(1), day(2))]


@pytest.mark.parametrize(
    ("first", "last", "field"), [(-1, 3, "starts_on"), (3, 2, "ends_on"), (0, 400, "ends_on"), (4, 6, "starts_on")]
)
def test_days_that_are_past_turned_too_many_or_taken_are_refused(world, first, last, field):
    away(world.desa, 2, 4)
    assert list(refusal(world.desa, first, last)) == [field]
    assert Absence.objects.count() == 1


def test_a_refusal_of_taken_days_says_which(world):
    away(world.desa, 2, 4)
    assert refusal(world.desa, 0, 2) == {
        "starts_on": ["Sudah tercatat tidak hadir dari 4 Maret 2026 sampai 6 Maret 2026. Pilih hari lain."]
    }
    assert away(world.desa, 5, 5).ends_on == day(5)


@pytest.mark.parametrize(
    ("absent", "able"),
    [
        ("desa", {"kecamatan", "kabupaten", "penyelia", "provinsi", "pusat"}),
        ("kabupaten", {"penyelia", "provinsi", "pusat"}),
        ("penyelia", {"kabupaten", "provinsi", "pusat"}),
        ("pusat", set()),
        ("koordinator", {"pusat"}),
        ("kustodian", set()),
        ("auditor", set()),
        ("peninjau", set()),
    ],
)
def test_d51_who_works_at_the_same_office_or_above_may_stand_in(world, absent, able):
    """D63: nobody replaces who keeps or audits, nor do they replace anybody; the neighbour never."""
    person = world.users[absent]
    posts = absences.posts_to_fill(person, day(0), day(4), by=person, now=NOW)
    found = absences.fillable_by(posts, day(0), day(4))
    assert {name for name, user in world.users.items() if user.pk in found} == able
    for name in set(world.users) - able - {absent}:
        assert list(refusal(person, 0, 4, stand_in=world.users[name])) == ["stand_in"], name
    assert Absence.objects.count() == 0


def test_d63_roles_that_watch_are_never_handed_on():
    assert {code for code, role in ROLES.items() if role.delegable} == {"petugas", "penyelia", "koordinator"}


def test_who_also_audits_stands_in_for_nobody(world):
    office = world.office(Tier.PUSAT, None)
    Assignment.objects.create(user=world.provinsi, office=office, role="auditor", starts_on=day(-9))
    assert list(refusal(world.desa, 0, 4, stand_in=world.provinsi)) == ["stand_in"]


def test_who_is_away_on_one_of_the_days_cannot_stand_in(world):
    away(world.kecamatan, 4, 8)
    assert list(refusal(world.desa, 0, 4, stand_in=world.kecamatan)) == ["stand_in"]
    away(world.desa, 0, 3, stand_in=world.kecamatan)


def test_a_supervisor_enters_it_for_their_officers_and_for_nobody_else(world):
    for name in ("kabupaten", "kecamatan", "desa"):
        away(world.users[name], by=world.penyelia)
    for name in ("tetangga", "provinsi", "pusat", "auditor", "kustodian"):
        with pytest.raises(PermissionDenied):
            away(world.users[name], by=world.penyelia)
    for name in ("kabupaten", "koordinator", "peninjau", "tetangga"):
        with pytest.raises(PermissionDenied):
            away(world.desa, 20, 21, by=world.users[name])


def test_a_supervisor_gives_away_only_what_they_supervise(world):
    """D4."""
    Assignment.objects.filter(user=world.penyelia, office__programme=world.programmes["pamsimas"]).delete()
    away(world.desa, by=world.penyelia, stand_in=world.kecamatan)
    assert [office for office, *_rest in posts_of(world.kecamatan)] == ["Ketua Kelompok Indrajaya"]


# What is changed


def test_cancelled_before_it_begins_it_goes_with_its_assignments(world):
    absence = away(world.desa, 3, 6, stand_in=world.kecamatan)
    standing_in.end(absence, by=world.desa, now=NOW)
    assert (Absence.objects.count(), posts_of(world.kecamatan)) == (0, [])


def test_back_early_one_is_at_the_desk_at_once_and_the_stand_in_may_finish_today(world):
    absence = away(world.desa, 0, 6, stand_in=world.kecamatan)
    later = NOW + timedelta(days=2)
    standing_in.end(absence, by=world.desa, now=later)
    absence.refresh_from_db()
    assert absence.ends_on == day(1)
    assert {ends for _office, _role, _starts, ends in posts_of(world.kecamatan)} == {day(2)}
    assert heard_at(world, Tier.DESA, VILLAGE, on=day(2)) == {"desa", "kecamatan"}


def test_shortened_the_stand_in_ends_with_it(world):
    absence = away(world.desa, 0, 6, stand_in=world.kecamatan)
    standing_in.shorten(absence, day(2), by=world.penyelia, now=NOW)
    absence.refresh_from_db()
    assert (absence.ends_on, {ends for *_rest, ends in posts_of(world.kecamatan)}) == (day(2), {day(2)})
    for wrong in (day(2), day(5), day(-1)):
        with pytest.raises(ValidationError, match="Pilih hari dari"):
            standing_in.shorten(absence, wrong, by=world.desa, now=NOW)
    with pytest.raises(PermissionDenied):
        standing_in.shorten(absence, day(1), by=world.tetangga, now=NOW)
    with pytest.raises(PermissionDenied):
        standing_in.end(absence, by=world.kecamatan, now=NOW)


# What it does


def test_d51_a_stand_in_hears_and_who_is_away_does_not(world):
    away(world.desa, 0, 4, stand_in=world.penyelia)
    assert heard_at(world, Tier.DESA, VILLAGE) == {"penyelia"}
    assert heard_at(world, Tier.DESA, VILLAGE, on=day(5)) == {"desa"}


def test_d51_an_office_whose_people_are_all_away_counts_as_unstaffed(world):
    away(world.desa)
    assert heard_at(world, Tier.DESA, VILLAGE) == {"kecamatan"}
    away(world.kecamatan)
    assert heard_at(world, Tier.DESA, VILLAGE) == {"kabupaten", "penyelia"}


def test_d51_an_absent_stand_in_is_passed_over(world):
    away(world.desa, stand_in=world.kecamatan)
    away(world.kecamatan, stand_in=world.kabupaten)
    assert posts_of(world.kabupaten) == [
        ("Kecamatan Salem", "petugas", day(0), day(4)),
        ("UPPKH Kecamatan Salem", "petugas", day(0), day(4)),
    ]
    assert heard_at(world, Tier.DESA, VILLAGE) == {"kabupaten"}


def test_d51_with_nobody_at_any_desk_the_nearest_are_told_all_the_same(world):
    for name in ("desa", "kecamatan", "kabupaten", "penyelia", "provinsi", "pusat", "koordinator"):
        away(world.users[name])
    assert heard_at(world, Tier.DESA, VILLAGE) == {"desa"}


def test_d51_a_new_complaint_is_told_to_the_stand_in(world):
    away(world.desa, stand_in=world.provinsi)
    complaint = world.complaint(received="2026-03-02 10:00")
    told = Notification.objects.filter(complaint=complaint, template="petugas-baru")
    assert set(told.values_list("user__username", flat=True)) == {"provinsi"}


def test_d51_a_stand_in_may_act_and_not_after_the_last_day(world):
    complaint = world.complaint(received="2026-03-02 07:00")
    assert Who.HOLDER not in gate.rights_of(world.provinsi, complaint, now=NOW)
    away(world.desa, 0, 1, stand_in=world.provinsi)
    person = afresh(world.provinsi)
    rights = [Who.HOLDER in gate.rights_of(person, complaint, now=NOW + timedelta(days=n)) for n in (0, 1, 2)]
    assert rights == [True, True, False]


def test_d34_a_warning_goes_past_an_absent_handler(world):
    complaint = world.complaint(received="2026-03-02 07:00")
    Complaint.objects.filter(pk=complaint.pk).update(handler=world.desa)
    away(world.desa, stand_in=world.kecamatan)
    cases = warnings.cases_of({complaint.pk})
    heard = [warnings.Hearers(cases, on=on).of(cases[complaint.pk], supervisors=False) for on in (day(0), day(5))]
    assert heard == [{world.kecamatan.pk}, {world.desa.pk}]


def test_d51_a_case_is_not_lowered_to_an_office_whose_people_are_away(world):
    complaint = world.complaint(received="2026-03-02 07:00")
    actions.register(
        complaint, by=world.desa, now=NOW, recorded="Bantuan belum cair.", information_complete=True, suitable=True
    )
    actions.hand_up(world.read(complaint), by=world.penyelia, now=NOW, reason="Perlu kecamatan")
    away(world.desa)
    with pytest.raises(Refused, match="tidak ada petugas"):
        actions.hand_down(world.read(complaint), by=world.penyelia, now=NOW, reason="Kembali")


def test_d49_standing_in_for_the_accused_office_takes_no_case_from_its_handler(world):
    """D35: else the accused could shut out whoever handles the case against them, by naming them as stand-in."""
    complaint = world.complaint(received="2026-03-02 07:00")
    ReportedParty.objects.create(complaint=complaint, office=world.office(Tier.DESA, VILLAGE))
    Complaint.objects.filter(pk=complaint.pk).update(
        office=world.office(Tier.KECAMATAN, "33.29.01"), tier=Tier.KECAMATAN, concealed_tier=Tier.DESA
    )
    away(world.desa, stand_in=world.kecamatan)
    seen = {
        name: Complaint.objects.visible_to(afresh(world.users[name])).filter(pk=complaint.pk).exists()
        for name in ("desa", "kecamatan", "kabupaten", "tetangga")
    }
    assert seen == {"desa": False, "kecamatan": True, "kabupaten": True, "tetangga": False}
    assert world.kecamatan.pk not in routing.hidden_from(world.read(complaint), on=TODAY)


def test_d35_a_stand_in_who_is_reported_still_does_not_see_the_case(world):
    complaint = world.complaint(received="2026-03-02 07:00")
    ReportedParty.objects.create(complaint=complaint, user=world.kecamatan)
    away(world.desa, stand_in=world.kecamatan)
    assert not Complaint.objects.visible_to(afresh(world.kecamatan)).filter(pk=complaint.pk).exists()
    told = routing.staff([complaint.office_id], on=TODAY, hidden=routing.hidden_from(world.read(complaint), on=TODAY))
    assert world.kecamatan.pk not in {user for _office, user in told}


def test_d35_a_colleague_who_is_only_away_leaves_nothing_to_the_overseers(world):
    complaint = world.complaint("kkn", received="2026-03-02 07:00")
    second = User.objects.create(username="pusat2", name="Pusat Dua")
    Assignment.objects.create(user=second, office=complaint.office, role="petugas", starts_on=day(-9))
    ReportedParty.objects.create(complaint=complaint, user=second)
    away(world.pusat)
    assert routing.is_for_oversight(world.read(complaint), on=TODAY) is False


def test_d63_an_absent_custodian_is_asked_only_where_no_other_is_at_the_desk(world):
    complaint = world.complaint(received="2026-03-02 07:00")
    away(world.kustodian)
    assert routing.identity_keepers(complaint, on=TODAY) == [world.kustodian.pk]
    second = User.objects.create(username="kustodian2", name="Kustodian Dua")
    office = world.office(Tier.PUSAT, None)
    Assignment.objects.create(user=second, office=office, role="kustodian", starts_on=day(-9))
    assert routing.identity_keepers(complaint, on=TODAY) == [second.pk]


# Who is told


def told_of_absences() -> set[str]:
    return set(Notification.objects.filter(template="petugas-ketidakhadiran").values_list("user__username", flat=True))


def test_the_stand_in_and_the_nearest_supervisor_are_told(world):
    away(world.desa, stand_in=world.kecamatan)
    assert told_of_absences() == {"kecamatan", "penyelia"}


def test_who_is_declared_absent_by_another_is_told_too(world):
    away(world.desa, by=world.penyelia)
    assert told_of_absences() == {"desa"}


def test_the_mail_says_whom_where_and_when(world):
    away(world.desa, 1, 4, stand_in=world.kecamatan)
    mail = letters.render(Notification.objects.get(user=world.kecamatan, template="petugas-ketidakhadiran"))
    assert mail.subject == "Ketidakhadiran dan pengganti"
    assert mail.body.splitlines()[:2] == [
        "Anda menggantikan Desa di KKM Indrajaya dari 3 Maret 2026 sampai 6 Maret 2026.",
        "Anda menggantikan Desa di Ketua Kelompok Indrajaya dari 3 Maret 2026 sampai 6 Maret 2026.",
    ]
    supervisor = letters.render(Notification.objects.get(user=world.penyelia, template="petugas-ketidakhadiran"))
    first = supervisor.body.splitlines()[0]
    assert first == "Desa tidak hadir dari 3 Maret 2026 sampai 6 Maret 2026, digantikan Kecamatan."


def test_a_cancelled_absence_is_told_as_such(world):
    absence = away(world.desa, 3, 6, stand_in=world.kecamatan)
    Notification.objects.all().delete()
    standing_in.end(absence, by=world.desa, now=NOW)
    mail = letters.render(Notification.objects.get(user=world.kecamatan, template="petugas-ketidakhadiran"))
    assert mail.body.splitlines()[0] == "Tidak ada lagi ketidakhadiran atau penggantian yang berlaku untuk Anda."


def test_d51_a_case_says_that_its_handler_is_away_until_when(client, world):
    now = timezone.now()
    today = timezone.localdate(now)
    complaint = world.complaint()
    Complaint.objects.filter(pk=complaint.pk).update(handler=world.desa)
    client.force_login(world.kecamatan)
    assert "Tidak hadir" not in client.get(complaint.get_absolute_url()).content.decode()
    standing_in.enter(world.desa, today, today + timedelta(days=2), by=world.desa, now=now)
    answer = client.get(complaint.get_absolute_url())
    assert answer.context["complaint"].handler_away_until == today + timedelta(days=2)
    assert "Tidak hadir" in answer.content.decode()


def test_d51_who_is_away_is_not_offered_as_handler_and_their_stand_in_is(client, world):
    now = timezone.now()
    today = timezone.localdate(now)
    complaint = world.complaint()
    standing_in.enter(world.desa, today, today, by=world.desa, now=now, stand_in=world.kecamatan)
    client.force_login(world.kecamatan)
    form = client.get(f"{complaint.get_absolute_url()}langkah/tugaskan/").context["form"]
    assert [user.username for user in form.fields["handler"].queryset] == ["kecamatan"]
    actions.assign(world.read(complaint), by=afresh(world.kecamatan), now=now, handler=afresh(world.kecamatan))
    assert world.read(complaint).handler == world.kecamatan
