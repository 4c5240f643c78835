"""The rich data set of the audit: cases in every stage, long lists and empty ones, and what officers owe each other.

Made by the real verbs and pages within the last days, so that deadlines, tabs and side steps look as on a working day.
"""

import io
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from pengaduan.models import Complaint, Stage
from reports import editions
from reports.periods import Month
from reports.subject import Subject
from tests.cast import OTHER_VILLAGE, VILLAGE, WIB, World, make_world
from tests.journey import lead_on
from tiers.models import Absence, Assignment, Region, User
from workflow import actions, filing, inbound
from workflow.inbound import Incoming

LONG_LIST = 27  # more than a page of any list
TOLD = (
    "Bantuan tahap dua belum cair padahal tetangga sudah menerima sejak pertengahan bulan lalu. "
    "Saya sudah bertanya kepada ketua kelompok dan diminta menunggu tanpa kepastian."
)
IDENTITY = {"name": "Siti Contoh", "phone": "+6281234567890", "email": "siti@contoh.id", "address": "RT 3 RW 1"}


@dataclass
class Story:
    """What there is to look at: the cases by what they show, and the codes of their complainants."""

    world: World
    now: datetime
    cases: dict[str, Complaint] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # to reports, for addresses without an account
    lists: dict[str, uuid.UUID] = field(default_factory=dict)  # that somebody asked for, by how they stand

    def number(self, name: str) -> str:
        return self.cases[name].number

    def add(self, name: str, *, received: datetime, category: str = "pembayaran", **more) -> Complaint:
        """Take a complaint in and keep it with its code under a name."""
        shown = f"{received.astimezone(WIB):%Y-%m-%d %H:%M}"
        made = self.world.complaint(
            category, received=shown, now=shown, **({"text": TOLD, "identity": IDENTITY} | more)
        )
        self.cases[name], self.codes[name] = made, made.receipt.code
        return made


def tell() -> Story:
    """Make the world and everything that happens in it; the database commits."""
    story = Story(make_world(), timezone.now())
    _one_in_every_stage(story)
    _side_steps(story)
    _long_lists(story)
    _of_the_offices(story)
    return story


def _one_in_every_stage(story: Story) -> None:
    then = story.now - timedelta(days=3)
    for stage in Stage:
        category = "pertanyaan" if stage == Stage.ANSWER else "pembayaran"
        case = story.add(stage.value, received=then, category=category)
        story.cases[stage.value] = _lead_on(case, story, stage, now=then + timedelta(hours=1))


def _lead_on(case: Complaint, story: Story, stage: Stage, *, now: datetime) -> Complaint:
    if stage == Stage.CLOSED:
        led = lead_on(case, story.world, Stage.FEEDBACK, now=now)
        actions.accept(led, complainant=led.complainants.get(), now=story.now - timedelta(days=1), reason="Sudah cair")
        return story.world.read(led)
    return lead_on(case, story.world, stage, now=now)


def _photo() -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.effect_noise((320, 240), 40).convert("RGB").save(written, "JPEG")
    return SimpleUploadedFile("bukti.jpg", written.getvalue(), content_type="image/jpeg")


def _side_steps(story: Story) -> None:
    """What a case may gather: questions, files, messages, a request for identity, a proposal, a reported party."""
    world, now = story.world, story.now - timedelta(hours=5)
    waiting = story.add("menunggu", received=now - timedelta(days=2))
    actions.ask_completion(waiting, by=world.desa, now=now, questions="Tahap dan tahun berapa?")
    rich = story.add("ramai", received=now - timedelta(days=2), reported_users=[world.tetangga])
    rich = lead_on(rich, world, Stage.HANDLING, now=now - timedelta(days=1))
    person = rich.complainants.get()
    filing.attach(rich, file=_photo(), complainant=person, now=now)
    actions.send_message(rich, complainant=person, now=now, text="Apakah sudah ada kabar dari kantor pos?")
    actions.ask_identity(rich, person, by=world.desa, now=now, motive="Perlu mencocokkan KTP", purpose="hukum")
    rich = world.read(rich)
    actions.propose(rich, "naikkan", by=world.desa, now=now, facts={"reason": "Dana desa lain juga terlibat."})
    late = story.add("terlambat", received=now - timedelta(days=80))
    soon = story.add("segera", received=now - timedelta(days=4))
    Complaint.objects.filter(pk=late.pk).update(tier_due_at=now - timedelta(days=9), due_at=now - timedelta(days=9))
    Complaint.objects.filter(pk=soon.pk).update(tier_due_at=now + timedelta(days=2))


def _long_lists(story: Story) -> None:
    for each in range(LONG_LIST):
        village = OTHER_VILLAGE if each % 3 == 0 else VILLAGE
        story.add(f"banyak-{each}", received=story.now - timedelta(days=1, minutes=each), region=village)
        if each < 3:
            story.add(f"keluar-{each}", received=story.now - timedelta(days=1), category="bukan-peserta")


def _of_the_offices(story: Story) -> None:
    """Texts, gathered recommendations, editions of the report, and an account that nobody has assigned."""
    world = story.world
    for each in range(2):
        told = Incoming(str(uuid.uuid4()), f"+628123456780{each}", "3456", "pa kenapa pancimas mati", story.now)
        inbound.take_in(told, now=story.now)
    today = story.now.astimezone(WIB).date()
    Absence.objects.create(
        user=world.desa, starts_on=today, ends_on=today + timedelta(days=3), stand_in=world.kecamatan
    )
    User.objects.create_user("orang", "orang@kantor.id", None, name="Orang Baru")
    month = Month.of(story.now).previous
    for region in (None, "33.29"):
        subject = Subject(world.programmes["pkh"], Region.objects.get(pk=region) if region else None, month)
        editions.new_edition(subject, now=story.now)
    client = Client()
    client.force_login(world.kabupaten)
    office = Assignment.objects.filter(user=world.kabupaten, office__programme__code="pkh").get().office_id
    chosen = [case.pk for name, case in story.cases.items() if name.startswith("keluar-")]
    answer = client.post(f"/petugas/rekomendasi/{office}/baru/", {"complaints": chosen, "text": TOLD})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    for each in ("keluar-nanti", "keluar-juga"):  # two that wait: one alone is not gathered
        story.add(each, received=story.now - timedelta(days=1), category="bukan-peserta")
