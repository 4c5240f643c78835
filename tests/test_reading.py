"""Two people who work on one case are told of each other, and nobody else is (D35, D40)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from pengaduan.models import Reading, ReportedParty


def presence(client, user, complaint) -> list[str]:
    """Return the names of those who are said to have the case open too."""
    client.force_login(user)
    html = client.get(complaint.get_absolute_url()).content.decode()
    line = re.search(r'app-presence">Sedang dibuka juga oleh (.*?)</p>', html)
    return line[1].split(", ") if line else []


def test_who_opens_a_case_that_another_has_open_is_told(client, world):
    complaint = world.complaint()
    assert presence(client, world.desa, complaint) == []
    assert presence(client, world.penyelia, complaint) == ["Desa"]
    assert presence(client, world.desa, complaint) == ["Penyelia"]
    assert Reading.objects.count() == 2


def test_ten_minutes_later_nobody_is_said_to_be_there(client, world):
    complaint = world.complaint()
    presence(client, world.desa, complaint)
    Reading.objects.update(at=timezone.now() - timedelta(minutes=11))
    assert presence(client, world.kecamatan, complaint) == []


@pytest.mark.parametrize("reader", ["auditor", "koordinator"])
def test_who_only_reads_is_neither_named_nor_told(client, world, reader):
    complaint = world.complaint()
    presence(client, world.desa, complaint)
    assert presence(client, world.users[reader], complaint) == []
    assert presence(client, world.desa, complaint) == []


def test_the_outsider_and_the_accused_leave_no_trace_and_learn_nothing(client, world):
    complaint = world.complaint()
    ReportedParty.objects.create(complaint=complaint, user=world.kabupaten)
    for who in ("tetangga", "kabupaten"):
        client.force_login(world.users[who])
        assert client.get(complaint.get_absolute_url()).status_code == 404
    assert Reading.objects.count() == 0
