"""Random lives of complaints, by the steps and the verbs that the product has, without asking who may and with what."""

import heapq
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from unittest import mock

from pengaduan.models import Channel, Complaint, Field, Inbound, Outcome, Secrecy, Source, Stage
from reports.periods import Month
from tests.cast import EASTERN_VILLAGE, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, VILLAGE, at
from tiers.models import Region, User
from workflow import actions, routing, taking
from workflow.actions import moving
from workflow.machine import BY_CODE, STEPS, Refused, fits
from workflow.models import Pause

VILLAGES = (VILLAGE, OTHER_VILLAGE, NEIGHBOUR_VILLAGE, EASTERN_VILLAGE)
CATEGORIES = ("pembayaran", "data-peserta", "kkn", "pertanyaan")
DONE = {Stage.FEEDBACK, Stage.CLOSED}
# Of the steps that leave the stage as it is, those of which the figures tell, and one that they must not count.
TOLD = {"eskalasi", "ubah-kategori", "minta-kelengkapan", "lengkapi", "lanjutkan-tanpa-kelengkapan", "catat"}
DAY = 24 * 60
OCTOBER = Month.parse("2026-10")
NOVEMBER_FIRST = at("2026-11-01 06:00")


def tell_nobody(patch):
    for notice in ("notices.owe_for", "notices.owe_people", "correspondence.keep_for"):
        patch.setattr(f"workflow.{notice}", lambda *args, **kwargs: [])


def take_some_step(rng, complaint, now):
    """Take a random step that the table opens, with what its verb writes, without asking who and with what proof."""
    position = rng.choice(["proven", "unproven"])
    mixed = [step for step in STEPS if step.target or step.code in TOLD]
    open_steps = [step for step in mixed if fits(step, complaint, position=position)]
    if complaint.outstanding:  # the table refuses to call that settled (D29)
        open_steps = [step for step in open_steps if step.outcome not in (Outcome.ACCEPTED, Outcome.SILENT)]
    if not open_steps:
        return
    (step,) = rng.choices(open_steps, [_likely(step) for step in open_steps])
    changes = {}
    if step.target == Stage.FEEDBACK:
        changes["settled_at"] = now
    if Stage.FEEDBACK in step.sources and step.target in (Stage.REVIEW, Stage.ANSWER):
        changes |= {"settled_at": None, "rejections": complaint.rejections + 1}
    if Stage.CLOSED in step.sources and step.target:
        changes |= {"settled_at": None, "closed_at": None, "outcome": "", "merged_into": None}
    if step.code == "eskalasi":
        office = routing.above(complaint)
        if office is None:
            return
        changes |= {"office": office, "tier": office.tier, "escalations": complaint.escalations + 1}
        changes |= {"tier_since": now, "tier_due_at": now + timedelta(days=20)}
    data = {}
    if step.code == "ubah-kategori":
        category = rng.choice(
            list(complaint.programme.category_entries.filter(nature=complaint.category.nature, conceal_up_to=None))
        )
        data = {"from": complaint.category.code, "to": category.code}
        changes |= {"category": category, "service_level": category.service_level}
    if step.code == "minta-kelengkapan":
        Pause.objects.create(complaint=complaint, started_at=now, asked="Sejak kapan?")
        changes["waiting_since"] = now
    if step.waiting or (complaint.waiting_since and step.target == Stage.CLOSED):
        taking.resume(complaint, step, now=now, data=data, **changes)
    else:
        taking.take(complaint, step, now=now, data=data, **changes)


def _likely(step):
    if step.code.startswith("tolak"):
        return 6
    return 0.2 if step.target == Stage.CLOSED and not step.primary else 10 if step.primary else 2


def live_on(rng, complaint, now, until):
    while (now := now + timedelta(hours=rng.randrange(1, 24 * 25))) < until:
        take_some_step(rng, complaint, now)


def lives(world, rng, number, *, until):
    """Take in complaints from May on and let them live side by side until an instant, each at random."""
    turns = []
    for turn in range(number):
        received = at("2026-05-01 00:00") + timedelta(minutes=rng.randrange(183 * DAY))
        late = timedelta(minutes=rng.randrange(20 * DAY)) if rng.random() < 0.1 else timedelta()
        turns.append((received + late, turn, received, None))
    go_on(world, rng, turns, until=until)


def go_on(world, rng, turns, *, until):
    """Take turns (when, a number of one's own, when received, which complaint) in the order of time, until an instant.

    A complaint that is None comes in when its turn does.
    """
    heapq.heapify(turns)
    while turns and turns[0][0] < until:
        now, turn, received, pk = heapq.heappop(turns)
        if pk is None:
            pk = come_in(world, rng, received, now).pk
        else:
            complaint = world.read(Complaint(pk=pk))
            added = complaint.merged_into_id or rng.random() < 0.4
            (add_something if added else take_some_step)(rng, complaint, now)
        heapq.heappush(turns, (now + timedelta(hours=rng.randrange(1, 24 * 25)), turn, received, pk))


def come_in(world, rng, received, now):
    """Take a complaint in, by anybody and by any way; now and then it was an SMS."""
    programme = world.programmes["pkh"]
    complaint = world.complaint(
        rng.choice(CATEGORIES),
        region=rng.choice(VILLAGES),
        received=f"{received:%Y-%m-%d %H:%M}",
        now=f"{now:%Y-%m-%d %H:%M}",
        by=rng.choice([None, world.desa]),
        secrecy=rng.choice(list(Secrecy)),
        source=rng.choice([None, *Source.objects.filter(programme=programme)]),
    )
    fields = [None, *Field.objects.filter(programme=programme)]
    channel = rng.choice(Channel.objects.filter(programme=programme).order_by("pk"))
    Complaint.objects.filter(pk=complaint.pk).update(channel=channel, field=rng.choice(fields))
    complaint.complainants.update(consent_noted=rng.random() < 0.4)
    if rng.random() < 0.1:
        Inbound.objects.create(
            programme=programme, number=f"SMS-{complaint.pk}", phone_sealed=b"x", phone_hash=b"x", answerable=True,
            received_at=received, complaint=complaint, settled_as=Inbound.Settled.RECORDED, settled_at=now,
            settled_by=world.desa,
        )  # fmt: skip
    return complaint


def add_something(rng, complaint, now):
    """Use a verb whose words the figures read: merge, weigh, money, place, tier, category, withdrawal."""
    verbs = []
    if complaint.merged_into_id:
        verbs = [_split, _come_back, _withdraw, _withdraw, _let_be, _let_be, _let_be]
    elif complaint.stage != Stage.CLOSED:
        verbs = [_merge, _merge, _merge, _weigh, _weigh, _money, _money, _place, _down, _sort]
        verbs += [_register] * 6 if complaint.stage == Stage.REGISTRATION else []
    if verbs:
        with suppress(Refused), mock.patch("workflow.gate.allowed", lambda _complaint, code, **_kwargs: BY_CODE[code]):
            rng.choice(verbs)(rng, complaint, now, User.objects.get(username="pusat"))


def _merge(rng, complaint, now, by):
    others = Complaint.objects.open().filter(received_at__lte=complaint.received_at, created_at__lt=now)
    if others := list(others.exclude(pk=complaint.pk).order_by("-received_at", "pk")[:8]):
        actions.close_duplicate(complaint, by=by, now=now, original=rng.choice(others))


def _let_be(rng, complaint, now, by):
    """Leave what was merged as it is."""


def _split(rng, complaint, now, by):
    actions.split(complaint, by=by, now=now, reason="Bukan hal yang sama.")


def _weigh(rng, complaint, now, by):
    weight, prominent = rng.choice(["ringan", "sedang", "berat"]), rng.random() < 0.3
    actions.weigh(complaint, by=by, now=now, weight=weight, prominent=prominent, reason="Dinilai lagi.")


def _register(rng, complaint, now, by):
    entry = {"weight": rng.choice(["ringan", "sedang", "berat"])}
    actions.register(complaint, by=by, now=now, recorded="Bantuan belum diterima.", **entry)


def _money(rng, complaint, now, by):
    entry = {"lost_amount": Decimal(rng.randrange(1, 40) * 50_000)} if rng.random() < 0.5 else {}
    if complaint.lost_amount is not None and rng.random() < 0.7:
        entry |= {"amount": complaint.outstanding * rng.choice([1, 1, 2]) / 2, "paid_on": now.date(), "words": "Tunai"}
    if repayments := list(complaint.repayments.order_by("pk")):
        entry |= {"cancelled": rng.choice([None, None, *repayments])}
    actions.record_money(complaint, by=by, now=now, reason="Menurut kuitansi.", **entry)


def _place(rng, complaint, now, by):
    place = Region.objects.get(pk=rng.choice(VILLAGES))
    rng.choice([actions.not_ours, actions.decide_place])(
        complaint, by=by, now=now, region=place, reason="Terjadi di sana."
    )


def _down(rng, complaint, now, by):
    if office := routing.below(complaint):
        moving.move_office(complaint, BY_CODE["turunkan"], office, now=now, by=by, fresh_period=False)


def _sort(rng, complaint, now, by):
    category = rng.choice(complaint.programme.category_entries.filter(active=True).order_by("pk"))
    actions.recategorise(complaint, by=by, now=now, category=category, reason="Lebih tepat.")


def _withdraw(rng, complaint, now, by):
    """Let one of several who brought a matter withdraw; they stand on the record of the one case."""
    case = complaint.merged_into
    if case.is_open:
        actions.withdraw(case, now=now, reason="Tidak jadi.", complainant=rng.choice(list(case.all_complainants())))


def _come_back(rng, complaint, now, by):
    case = complaint.merged_into
    if person := case.ever_complained().exclude(withdrawn_at=None).first():
        actions.follow_again(case, complainant=person, now=now, reason="Jadi lagi.")
