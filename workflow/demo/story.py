"""A year of some three hundred complaints, day by day: taken in, handled or left lying, swept, closed."""

import heapq
import io
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image, ImageDraw

from pengaduan.models import Attachment, Category, Channel, Complaint, Nature, Secrecy, Source, Stage
from tiers.models import Programme, Region, Tier, User
from workflow import actions, escalation, filing, intake
from workflow.demo import people, texts
from workflow.machine import Refused
from workflow.models import Notification, Pause, ReplyTemplate
from workflow.notices import INCOMPLETE
from workflow.questions import CHOICE, DATE, UNKNOWN, Question

CASES, DAYS = 300, 365
NAMESPACE = uuid.UUID("5d1c0c0e-9a4e-4d0e-8f0e-3f6f5a7b2d11")

# Where the matters arise: the line of the demo accounts, its neighbours, and each time zone.
PLACES = (
    ("33.29.01.2001", 14), ("33.29.01.2002", 4), ("33.29.01.2003", 3), ("33.29.02.2001", 4), ("33.29.09.2001", 3),
    ("33.28.01.2001", 5), ("33.28.02.2001", 3), ("32.04.05.2001", 4), ("35.09.01.2001", 3), ("12.01.09.2005", 2),
    ("73.01.08.2001", 3), ("53.01.04.2003", 2), ("63.03.01.2001", 2), ("91.03.07.2006", 1),
)  # fmt: skip
SHARE = {"pkh": 36, "pamsimas": 26, "pnpm": 15, "pelayanan-publik": 15, "kotaku": 8}
# How an office works: the days between two steps. `None`: from some stage on, nobody moves.
PACES = (((0, 2), 20), ((1, 6), 36), ((4, 18), 26), (None, 18))

Step = Callable[[Complaint, datetime, User], None]


class Story:
    """One telling: a queue of what is due when, and the dice that decide."""

    def __init__(self, *, now: datetime, seed: int = 3329) -> None:
        self.now = now
        self.dice = Random(seed)
        self.queue: list[tuple[datetime, int, int, Step]] = []
        self.order = count()
        self.paces: dict[int, tuple[int, int] | None] = {}
        self.staff: dict[tuple[Callable, int], User] = {}
        self.places = {region.pk: region for region in Region.objects.filter(pk__in=[code for code, _weight in PLACES])}

    def tell(self) -> int:
        """Play the year up to now; return how many complaints came in."""
        arrivals = sorted(self._arrival(number) for number in range(CASES))
        number = 0
        for back in range(DAYS, -1, -1):
            midnight = self.now - timedelta(days=back)
            while number < CASES and arrivals[number] <= midnight:
                self._receive(number, arrivals[number])
                number += 1
            while self.queue and self.queue[0][0] <= midnight:
                at, _order, pk, step = heapq.heappop(self.queue)
                self._try(pk, step, at)
            if Complaint.objects.overdue(now=midnight).filter(top_overdue_at=None).exists():
                escalation.sweep(now=midnight, by_hand=True)
            self._close_the_silent(midnight)
        # What the year owed was heard long ago; only what is a day old or younger goes out.
        Notification.objects.filter(next_attempt_at__lt=self.now - timedelta(days=1)).update(sent_at=self.now)
        return number

    def _arrival(self, number: int) -> datetime:
        """Return an instant of the year; the last weeks are a little fuller, and the last hours are not empty."""
        if number < 6:
            return self.now - timedelta(hours=self.dice.uniform(1, 30))
        return self.now - timedelta(days=self.dice.triangular(0, DAYS - 1, 40), minutes=self.dice.randint(1, 600))

    def _receive(self, number: int, at: datetime) -> None:
        programme = Programme.objects.get(code=self.dice.choices(list(SHARE), list(SHARE.values()))[0])
        code, weights = zip(*PLACES, strict=True)
        region = self.places[self.dice.choices(code, weights)[0]]
        category_code, text = texts.matter(self.dice, programme.code)
        online = self.dice.random() < 0.45
        channels = list(Channel.objects.filter(programme=programme, online=online).order_by("position")[:8])
        matter = intake.Matter(
            category=Category.objects.select_related("programme", "service_level").get(
                programme=programme, code=category_code
            ),
            region=region,
            text=text,
            channel=self.dice.choice(channels),
            received_at=at,
            source=self.dice.choice(list(Source.objects.filter(programme=programme).order_by("position")[:6])),
            programme_year=at.year,
            occurred_on=(at - timedelta(days=self.dice.randint(1, 25))).date(),
        )
        by = None if online else self._clerk(programme, region)
        receipt = intake.receive(
            matter, self._person(number), now=at, by=by, submission_key=uuid.uuid5(NAMESPACE, str(number))
        )
        self.paces[receipt.complaint.pk] = self.dice.choices(*zip(*PACES, strict=True))[0]
        self._plan(receipt.complaint.pk, at, _register)

    def _clerk(self, programme: Programme, region: Region) -> User:
        rung = programme.ladder.order_by("tier").first()
        return people.officer_of(people.routing.office_for(rung, region))

    def _person(self, number: int) -> intake.Person:
        secrecy = self.dice.choices([Secrecy.ANONYMOUS, Secrecy.SECRET, Secrecy.OPEN], [30, 55, 15])[0]
        identity = {
            "name": f"{self.dice.choice(texts.NAMES)} Contoh",
            "email": f"warga-{number}@warga.test" if self.dice.random() < 0.5 else "",
        }
        return intake.Person(secrecy, identity, consent_noted=True)

    def _plan(self, pk: int, after: datetime, step: Step) -> None:
        pace = self.paces[pk] or (1, 4)
        at = after + timedelta(days=self.dice.randint(*pace))
        at = at.astimezone(ZoneInfo("Asia/Jakarta")).replace(
            hour=self.dice.randint(9, 14), minute=self.dice.randint(0, 59)
        )
        heapq.heappush(self.queue, (max(at, after + timedelta(minutes=30)), next(self.order), pk, step))

    def _try(self, pk: int, step: Step, at: datetime) -> None:
        """Take a step unless the case has gone another way meanwhile; then plan what follows."""
        complaint = Complaint.objects.select_related(
            "programme", "category", "service_level", "region", "office__programme", "case_file", "text"
        ).get(pk=pk)
        if self.paces[pk] is None and self.dice.random() < 0.45:
            return  # from here on nobody moves
        if complaint.waiting_since:
            if self.dice.random() < 0.7:
                asked = Pause.objects.get(complaint=complaint, ended_at=None).questions
                answers = {each["code"]: {"answer": self._answer(each)} for each in asked}
                actions.complete(complaint, now=at, answers=answers, complainant=complaint.complainants.first())
                self._plan(pk, at, step)
            return
        try:
            self._sometimes_ask(complaint, at) or step(complaint, at, self._hands(complaint))
        except Refused:
            return
        complaint = Complaint.objects.select_related("category").get(pk=pk)
        if complaint.waiting_since:  # people answer when they next come by
            self._plan(pk, at + timedelta(days=self.dice.randint(2, 20)), step)
        elif complaint.is_open and (following := self._next(complaint)):
            self._plan(pk, at, following)

    def _answer(self, question: Question) -> str:
        if question["kind"] == CHOICE:
            return self.dice.choice([*question["options"], UNKNOWN])
        return (
            "Kira-kira sejak bulan lalu" if question["kind"] == DATE else "Di RT 04, untuk tahap dua. Kuitansinya ada."
        )

    def _hands(self, complaint: Complaint) -> User:
        """Return who takes the next step: of the office that holds the case, or who verifies; found once an office."""
        find = people.verifier_of if complaint.stage == Stage.SETTLED else people.officer_of
        key = (find, complaint.office_id)
        if key not in self.staff:
            self.staff[key] = find(complaint.office)
        return self.staff[key]

    def _sometimes_ask(self, complaint: Complaint, at: datetime) -> bool:
        if complaint.stage not in (Stage.REGISTRATION, Stage.CLARIFICATION) or self.dice.random() > 0.2:
            return False
        ready = ReplyTemplate.objects.get(programme=complaint.programme_id, code=INCOMPLETE).questions
        asked = [each for each in ready if each["kind"] in ("date", "choice", "text")]
        actions.ask_completion(complaint, by=self._hands(complaint), now=at, questions=asked)
        return True

    def _next(self, complaint: Complaint) -> Step | None:
        chance = self.dice.random()
        return {
            Stage.REGISTRATION: _register,
            Stage.ANSWER: _answer,
            Stage.CLARIFICATION: _unproven if chance < 0.15 else _refer if chance < 0.19 else _proven,
            Stage.ANALYSIS: _recommend,
            Stage.HANDLING: _result,
            Stage.MONITORING: _again if chance < 0.1 else _settle,
            Stage.SETTLED: _verify,
            Stage.FEEDBACK: _accept if chance < 0.62 else _reject if chance < 0.72 else None,
            Stage.REVIEW: _review,
        }.get(Stage(complaint.stage))

    def _close_the_silent(self, at: datetime) -> None:
        for stage_filter, verb in (
            ({"stage": Stage.FEEDBACK, "settled_at__lt": at - timedelta(days=15)}, actions.close_silent),
            ({"waiting_since__lt": at - timedelta(days=31), "closed_at": None}, actions.lapse),
        ):
            for complaint in Complaint.objects.filter(**stage_filter).select_related(
                "category", "service_level", "office"
            ):
                verb(complaint, now=at)


def told() -> bool:
    """Say whether the story stands in this database."""
    return Complaint.objects.filter(submission_key=uuid.uuid5(NAMESPACE, "0")).exists()


def tell(*, now: datetime) -> int:
    """Tell the story once, whole or not at all; return how many complaints came in."""
    with transaction.atomic():
        return 0 if told() else Story(now=now).tell()


def _register(complaint: Complaint, at: datetime, by: User) -> None:
    words = complaint.text.original.removeprefix("Assalamualaikum. ").removeprefix("Mohon maaf mengganggu. ")
    heavy = complaint.tier == Tier.PUSAT
    actions.register(
        complaint,
        by=by,
        suitable=True,
        now=at,
        recorded=words,
        subject=texts.subject_of(complaint.text.original),
        information_complete=True,
        weight="berat" if heavy else "sedang" if complaint.category.nature == Nature.MASALAH else "ringan",
        prominent=heavy,
        field=complaint.programme.field_entries.order_by("position").first(),
    )


def _answer(complaint: Complaint, at: datetime, by: User) -> None:
    answer = "Terima kasih. Jadwal dan syaratnya ditempel di papan balai desa dan dibacakan pada pertemuan bulanan."
    actions.answer(complaint, by=by, now=at, answer=answer)


def _proven(complaint: Complaint, at: datetime, by: User) -> None:
    chronology = (
        "Pelapor dan dua saksi diwawancarai di balai desa; catatan pengurus dibandingkan dengan keterangan warga."
    )
    actions.find_proven(complaint, by=by, now=at, chronology=chronology)


def _unproven(complaint: Complaint, at: datetime, by: User) -> None:
    chronology = "Dokumen diperiksa bersama pelapor; ternyata tanggalnya tertukar dan haknya sudah dipenuhi."
    actions.find_unproven(complaint, by=by, now=at, chronology=chronology)


def _refer(complaint: Complaint, at: datetime, by: User) -> None:
    actions.close_aside(
        complaint,
        "salurkan",
        by=by,
        now=at,
        authority="Dinas Pekerjaan Umum setempat",
        reason="Kerusakan berada pada saluran milik dinas.",
    )


def _recommend(complaint: Complaint, at: datetime, by: User) -> None:
    actions.recommend(
        complaint,
        by=by,
        now=at,
        case_analysis="Pokok masalah pada pencatatan dan pengawasan yang tidak berjalan.",
        stakeholder_analysis="Pengurus, perangkat desa, kelompok penerima.",
        recommendation="non_litigation",
        follow_up_by="Pengurus bersama perangkat desa",
    )


def _result(complaint: Complaint, at: datetime, by: User) -> None:
    _attach(complaint, Attachment.Purpose.RESULT, "Surat kesepakatan", by, at)
    if complaint.lost_amount is None and complaint.category.closure_standards.filter(money=True).exists():
        lost = 250_000 * (1 + complaint.pk % 40)
        _repay(complaint, at, by, lost if complaint.pk % 3 else lost // 2, lost_amount=Decimal(lost))
    actions.report_result(
        complaint, by=by, now=at, result="Disepakati perbaikan dan pengembalian dengan jadwal tertulis."
    )


def _again(complaint: Complaint, at: datetime, by: User) -> None:
    finding = "Jadwal kesepakatan tidak ditepati; perlu jalan lain."
    actions.analyse_again(complaint, by=by, now=at, finding=finding)


def _settle(complaint: Complaint, at: datetime, by: User) -> None:
    _attach(complaint, Attachment.Purpose.MINUTES, "Berita acara penyelesaian", by, at)
    if complaint.outstanding:
        _repay(complaint, at, by, complaint.outstanding)
    actions.settle(
        complaint,
        by=by,
        now=at,
        finding="Kesepakatan dijalankan dan diperiksa di lapangan.",
        forum_held_on=at.date(),
        forum_place="Balai desa",
        forum_attendance=14 + complaint.pk % 30,
        forum_decision="Musyawarah menerima penyelesaian ini.",
        ticked=[item for standard in complaint.category.closure_standards.all() for item in standard.items],
    )


def _repay(complaint: Complaint, at: datetime, by: User, amount: Decimal | int, **loss: Decimal) -> None:
    words = "Disetor kembali ke rekening kegiatan."
    actions.record_money(complaint, by=by, now=at, amount=Decimal(amount), paid_on=at.date(), words=words, **loss)


def _verify(complaint: Complaint, at: datetime, by: User) -> None:
    if complaint.case_file.position == "unproven":
        actions.verify_unproven(
            complaint, by=by, now=at, reason="Disampaikan kepada pelapor dan dalam musyawarah desa."
        )
    else:
        actions.verify(complaint, by=by, now=at)


def _accept(complaint: Complaint, at: datetime, by: User) -> None:
    actions.accept(complaint, now=at, complainant=complaint.complainants.first())


def _reject(complaint: Complaint, at: datetime, by: User) -> None:
    reason = "Sebagian belum dikerjakan seperti yang disepakati."
    actions.reject(complaint, now=at, complainant=complaint.complainants.first(), reason=reason)


def _review(complaint: Complaint, at: datetime, by: User) -> None:
    _attach(complaint, Attachment.Purpose.REVIEW_MINUTES, "Berita acara peninjauan kembali", by, at)
    actions.review(complaint, by=by, now=at, to=Stage.ANALYSIS)


def _attach(complaint: Complaint, purpose: str, title: str, by: User, at: datetime) -> None:
    filing.attach(complaint, file=_paper(title, complaint.number, at.date()), purpose=purpose, now=at, by=by)


def _paper(title: str, number: str, on: date) -> SimpleUploadedFile:
    """Return a page that says what it stands for, as a scanner would send it."""
    page = Image.new("L", (620, 877), 250)
    drawing = ImageDraw.Draw(page)
    for row, line in enumerate((title.upper(), number, on.isoformat(), "Contoh: bukan dokumen asli")):
        drawing.text((60, 80 + 40 * row), line, fill=40)
    content = io.BytesIO()
    page.save(content, "JPEG", quality=60)
    return SimpleUploadedFile("pindaian.jpg", content.getvalue(), content_type="image/jpeg")
