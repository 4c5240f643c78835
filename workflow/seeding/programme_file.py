"""A programme as one YAML file (D1): its typed record, and the reader that finds every mistake in it."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from pengaduan.models import Evidence, Nature, ServiceLevel, Stage
from pengaduan.models import Path as Way
from pengaduan.models.catalogue import Unit
from tiers.models import Tier
from workflow import questions
from workflow.notices import COMPLAINANT_TEMPLATES
from workflow.seeding.reading import Block, ProgrammeFileError, Reading, near_spelling, open_block
from workflow.wording import AUTHORITY_LETTERS, MARK, TO_OFFICER, marks_of

TIERS = {tier.name.lower(): tier for tier in Tier}
LOWEST = "lowest"
KINDS = ("reply", "notice", "letter")
# What the notices look up (D42, D43): each programme has them all, so that a reviewer finds every text in the admin.
NEEDED_TEMPLATES = COMPLAINANT_TEMPLATES | TO_OFFICER.keys() | frozenset(AUTHORITY_LETTERS)
NUMBER_PREFIX = re.compile(r"[A-Z]{2,10}")


@dataclass(frozen=True, slots=True)
class RungRecord:
    """One rung of the ladder and what its office is called (D2)."""

    tier: Tier
    name: str
    office_pattern: str
    degree: int | None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of a service level: its own days, and the stages in which it runs (D9)."""

    name: str
    days: int
    stages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LevelRecord:
    """How long a tier has (D9)."""

    code: str
    name: str
    unit: str
    length: int
    starts: str
    basis: str
    steps: tuple[StepRecord, ...]


@dataclass(frozen=True, slots=True)
class StandardRecord:
    """What must be ticked before a case is settled (D29)."""

    code: str
    name: str
    items: tuple[str, ...]
    money: bool


@dataclass(frozen=True, slots=True)
class CategoryRecord:
    """What a complaint is about; `start_tier` None means the lowest rung where it arose (D7, D31, D35)."""

    code: str
    name: str
    description: str
    nature: str
    service_level: str
    evidence: str
    start_tier: Tier | None
    conceal_up_to: Tier | None
    conflict_note: str
    closure: tuple[str, ...]
    is_default: bool
    path: str
    follow_up: str | None


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """A field of activity or a source (D8, D16)."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A way in which complaints arrive (D15)."""

    code: str
    name: str
    counted_apart: bool
    online: bool


@dataclass(frozen=True, slots=True)
class QuestionRecord:
    """A one-tap question for what a complaint lacks (D59)."""

    code: str
    question: str
    kind: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplateRecord:
    """The words of a reply, a notice or a letter (D19, D42)."""

    code: str
    name: str
    kind: str
    subject: str
    body: str
    questions: tuple[QuestionRecord, ...]


@dataclass(frozen=True, slots=True)
class ProgrammeRecord:
    """A whole programme as its file says it; references are codes and known to exist."""

    code: str
    name: str
    number_prefix: str
    description: str
    late_report_days: int | None
    always_biweekly: bool
    elsewhere: tuple[str, ...]
    oversight_name: str
    oversight_address: str
    ladder: tuple[RungRecord, ...]
    service_levels: tuple[LevelRecord, ...]
    closure_standards: tuple[StandardRecord, ...]
    categories: tuple[CategoryRecord, ...]
    fields: tuple[EntryRecord, ...]
    channels: tuple[ChannelRecord, ...]
    sources: tuple[EntryRecord, ...]
    templates: tuple[TemplateRecord, ...]


def read_programmes(folder: Path) -> list[ProgrammeRecord]:
    """Read every programme file of a folder, by name; raises ProgrammeFileError with the mistakes of all of them."""
    readings: list[Reading] = []
    records: list[ProgrammeRecord] = []
    for path in sorted(folder.glob("*.yaml")):
        readings.append(Reading(path))
        if record := _read(path, readings[-1], others=records):
            records.append(record)
    if problems := [problem for reading in readings for problem in reading.problems]:
        raise ProgrammeFileError(problems)
    return records


def read_programme(path: Path) -> ProgrammeRecord:
    """Read one programme file; raises ProgrammeFileError with all that is wrong in it."""
    reading = Reading(path)
    record = _read(path, reading)
    if record is None or reading.problems:
        raise ProgrammeFileError(reading.problems)
    return record


def _read(path: Path, reading: Reading, *, others: Sequence[ProgrammeRecord] = ()) -> ProgrammeRecord | None:
    top = open_block(path, reading)
    if top is None:
        return None
    ladder = _all(top.blocks("ladder"), _rung, by="tier")
    tiers = [rung.tier.name.lower() for rung in ladder]
    levels = _all(top.blocks("service_levels"), _level)
    standards = _all(top.blocks("closure_standards"), _standard)
    blocks = top.blocks("categories")
    decided = [str(block.raw("code")) for block in blocks if block.raw("path") == Way.MASTER_DATA_DECISION]
    categories = _all(
        blocks, _category, tiers, [level.code for level in levels], [each.code for each in standards], decided
    )
    _check_one(top, "categories", "default", [category.is_default for category in categories])
    channels = _all(top.blocks("channels"), _channel)
    _check_one(top, "channels", "online", [channel.online for channel in channels])
    templates = _all(top.blocks("templates"), _template)
    _check_templates(top, [template.code for template in templates])
    oversight_name, oversight_address = _oversight(top)
    record = ProgrammeRecord(
        code=top.slug("code", longest=50),
        name=top.text("name", longest=120),
        number_prefix=_prefix(top),
        description=top.text("description"),
        late_report_days=top.whole_or_none("late_report_days"),
        always_biweekly=top.flag("always_biweekly"),
        elsewhere=top.texts("elsewhere"),
        oversight_name=oversight_name,
        oversight_address=oversight_address,
        ladder=ladder,
        service_levels=levels,
        closure_standards=standards,
        categories=categories,
        fields=_all(top.blocks("fields"), _entry),
        channels=channels,
        sources=_all(top.blocks("sources"), _entry),
        templates=templates,
    )
    top.close()
    _check_alone(top, record, others)
    return record


def _all(blocks: Iterable[Block], read: Callable, *known: Collection[str], by: str = "code") -> tuple:
    """Read each mapping of a list and note a code that stands twice."""
    records: list = []
    lines: dict[str, int] = {}
    for block in blocks:
        records.append(read(block, *known))
        block.close()
        code = block.raw(by)
        if code in lines:
            block.say(
                by,
                _("Kode “%(code)s” dipakai dua kali; yang pertama di baris %(line)s.")
                % {"code": code, "line": lines[code]},
            )
        elif isinstance(code, str):
            lines[code] = block.line_of(by)
    return tuple(records)


def _oversight(top: Block) -> tuple[str, str]:
    """Read who oversees the programme: there a complaint against its own Pusat goes (D35)."""
    oversight = top.block("oversight")
    if oversight is None:
        return "", ""
    name, address = oversight.text("name", longest=160), oversight.text("address")
    oversight.close()
    return name, address


def _prefix(top: Block) -> str:
    prefix = top.text("number_prefix")
    if prefix and not NUMBER_PREFIX.fullmatch(prefix):
        top.say("number_prefix", _("Isian “number_prefix” harus 2 sampai 10 huruf besar, misalnya PKH."))
    return prefix


def _rung(block: Block) -> RungRecord:
    tier = TIERS[block.choice("tier", TIERS)]
    pattern = block.text("office", longest=120)
    found = MARK.findall(pattern)
    _check_braces(block, "office", pattern, ["wilayah"])
    if pattern and tier != Tier.PUSAT and "wilayah" not in found:
        block.say("office", _("Nama kantor harus memuat {wilayah}, supaya tiap wilayah mempunyai nama sendiri."))
    if tier == Tier.PUSAT and found:
        block.say("office", _("Kantor Pusat hanya satu; namanya tidak memuat {wilayah}."))
    return RungRecord(tier, block.text("name", longest=120), pattern, block.whole_or_none("derajat"))


def _level(block: Block) -> LevelRecord:
    level = LevelRecord(
        code=block.slug("code", longest=50),
        name=block.text("name", longest=120),
        unit=block.choice("unit", Unit.values),
        length=block.whole("length"),
        starts=block.choice("starts", ServiceLevel.Starts.values),
        basis=block.text("basis", longest=240),
        steps=tuple(_step(each) for each in block.blocks("stages", optional=True)),
    )
    if not level.steps or block.raw("length") != level.length:
        return level
    total = sum(step.days for step in level.steps)
    if level.unit == Unit.CALENDAR_MONTHS:
        block.say("stages", _("Langkah dihitung dalam hari; batas waktu dalam bulan tidak dapat dibagi."))
    elif total != level.length:
        block.say(
            "stages",
            _("Jumlah hari semua langkah %(total)s, padahal “length” %(length)s.")
            % {"total": total, "length": level.length},
        )
    for stage, times in Counter(stage for step in level.steps for stage in step.stages).items():
        if times > 1:
            block.say("stages", _("Tahap “%(stage)s” ada di lebih dari satu langkah.") % {"stage": stage})
    return level


def _step(block: Block) -> StepRecord:
    running = [stage for stage in Stage.values if stage != Stage.CLOSED]
    step = StepRecord(block.text("name", longest=120), block.whole("days"), block.choices("while", running))
    block.close()
    return step


def _standard(block: Block) -> StandardRecord:
    return StandardRecord(
        block.slug("code", longest=60), block.text("name", longest=160), block.texts("items"), block.flag("money")
    )


def _category(
    block: Block,
    tiers: Collection[str],
    levels: Collection[str],
    standards: Collection[str],
    decided: Collection[str],
) -> CategoryRecord:
    start = block.choice("start", [LOWEST, *tiers])
    conceal, note = _conflict(block, start, tiers)
    path, follow_up = _path(block, start, decided)
    return CategoryRecord(
        code=block.slug("code", longest=60),
        name=block.text("name", longest=160),
        description=block.text("description"),
        nature=block.choice("nature", Nature.values),
        service_level=block.choice("service_level", levels),
        evidence=block.choice("evidence", Evidence.values),
        start_tier=TIERS.get(start),
        conceal_up_to=conceal,
        conflict_note=note,
        closure=block.choices("closure", standards),
        is_default=block.flag("default"),
        path=path,
        follow_up=follow_up,
    )


def _path(block: Block, start: str, decided: Collection[str]) -> tuple[str, str | None]:
    """Read the way of its own: a recommendation names the category in which Pusat then decides (D36)."""
    path = block.choice_or_none("path", [each for each in Way.values if each]) or Way.USUAL
    written = block.raw("path")  # a misspelt one is told by itself
    follow_up = block.choice_or_none("follow_up", decided)
    if written == Way.MASTER_DATA and block.raw("follow_up") is None:
        block.say("path", _("Jalur “basis-data” memerlukan “follow_up”: kategori yang diputuskan di Pusat."))
    if follow_up and written != Way.MASTER_DATA:
        block.say("follow_up", _("Hanya kategori dengan jalur “basis-data” mempunyai “follow_up”."))
    if written == Way.MASTER_DATA_DECISION and TIERS.get(start) != Tier.PUSAT:
        block.say("start", _("Kategori dengan jalur “keputusan-basis-data” harus mulai di pusat."))
    return path, follow_up


def _conflict(block: Block, start: str, tiers: Collection[str]) -> tuple[Tier | None, str]:
    """Read who may handle it: a note, and up to which tier it is hidden; what is hidden starts above (D35)."""
    conflict = block.block("conflict")
    if conflict is None:
        return None, ""
    hides = conflict.raw("conceal_up_to") is not None
    conceal = TIERS.get(conflict.choice("conceal_up_to", tiers)) if hides else None
    note = conflict.text("note")
    conflict.close()
    if conceal and TIERS.get(start, Tier.DESA) <= conceal:
        block.say(
            "start",
            _("Kategori yang disembunyikan sampai %(tier)s harus mulai di jenjang di atasnya.")
            % {"tier": conceal.name.lower()},
        )
    return conceal, note


def _entry(block: Block) -> EntryRecord:
    return EntryRecord(block.slug("code", longest=60), block.text("name", longest=160))


def _channel(block: Block) -> ChannelRecord:
    return ChannelRecord(
        block.slug("code", longest=60),
        block.text("name", longest=160),
        block.flag("counted_apart"),
        block.flag("online"),
    )


def _template(block: Block) -> TemplateRecord:
    template = TemplateRecord(
        code=block.slug("code", longest=60),
        name=block.text("name", longest=160),
        kind=block.choice("kind", KINDS),
        subject=block.text("subject", longest=160),
        body=block.text("body"),
        questions=_all(block.blocks("questions", optional=True), _question),
    )
    known = marks_of(template.code)
    _check_braces(block, "subject", template.subject, known)
    _check_braces(block, "body", template.body, known)
    return template


def _question(block: Block) -> QuestionRecord:
    code = block.slug("code", longest=40)
    if code == questions.FREE:
        block.say("code", _("Kode “%(code)s” dipakai untuk pertanyaan petugas sendiri.") % {"code": code})
    kind, written = block.choice("kind", questions.KINDS), block.raw("kind")  # one that is wrong reads as a choice
    options = block.texts("options") if written == questions.CHOICE or block.raw("options") is not None else ()
    if options and written != questions.CHOICE:
        block.say("options", _("Isian “options” hanya untuk kind: choice."))
    return QuestionRecord(code, block.text("question", longest=questions.LONGEST), kind, options)


def _check_braces(block: Block, key: str, text: str, known: Sequence[str]) -> None:
    """Note what stands in braces and is none of the known placeholders, and a brace without its partner."""
    for match in MARK.finditer(text):
        if match[1] not in known:
            block.say(
                key,
                _("Tanda {%(word)s} tidak dikenal%(hint)s.")
                % {"word": match[1], "hint": near_spelling(match[1], known)},
                at=match.start(),
            )
    masked = MARK.sub(lambda match: "_" * len(match[0]), text)
    if lone := re.search(r"[{}]", masked):
        block.say(key, _("Tanda kurung kurawal tidak berpasangan."), at=lone.start())


def _check_one(top: Block, key: str, flag: str, flags: Sequence[bool]) -> None:
    if flags and sum(flags) != 1:
        top.say(
            key,
            _("Tepat satu butir “%(key)s” harus diberi %(flag)s: true; sekarang ada %(count)s.")
            % {"key": key, "flag": flag, "count": sum(flags)},
        )


def _check_templates(top: Block, codes: Collection[str]) -> None:
    missing = sorted(NEEDED_TEMPLATES - set(codes)) if codes else []
    for code in missing:
        others = [other for other in codes if other not in NEEDED_TEMPLATES]
        top.say(
            "templates",
            _("Templat “%(code)s” belum ada%(hint)s.") % {"code": code, "hint": near_spelling(code, others)},
        )


def _check_alone(top: Block, record: ProgrammeRecord, others: Sequence[ProgrammeRecord]) -> None:
    """Note a code or a number prefix that another programme has already taken."""
    for key in ("code", "number_prefix"):
        value = getattr(record, key)
        if value and value in [getattr(other, key) for other in others]:
            top.say(key, _("Isian “%(key)s” %(value)s sudah dipakai program lain.") % {"key": key, "value": value})
