"""A programme record into the database (D1): added as a whole at first, compared entry by entry ever after."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from pengaduan.models import Category, Channel, ClosureStandard, Field, ServiceLevel, Source
from tiers.models import Programme, ProgrammeTier
from workflow import levels
from workflow.models import ReplyTemplate
from workflow.seeding.merging import Merging, Outcome
from workflow.seeding.programme_file import (
    CategoryRecord,
    ChannelRecord,
    EntryRecord,
    LevelRecord,
    ProgrammeRecord,
    QuestionRecord,
    RungRecord,
    StandardRecord,
    TemplateRecord,
)


def load_programme(record: ProgrammeRecord, *, overwrite: bool) -> Outcome:
    """Add what the database lacks; what a person changed there is told and stays, unless overwritten."""
    merging = Merging(record.number_prefix, overwrite)
    programme = merging.rows(Programme, {record.code: _programme(record)})[record.code]
    merging.scope = {"programme": programme}
    merging.rows(ProgrammeTier, {rung.tier: _rung(rung) for rung in record.ladder}, key="tier")
    current = _load_levels(record, merging)
    standards = merging.rows(ClosureStandard, _in_order(record.closure_standards, _standard))
    _load_categories(record.categories, current, standards, merging)
    merging.rows(Field, _in_order(record.fields, _entry))
    merging.rows(Channel, _in_order(record.channels, _channel))
    merging.rows(Source, _in_order(record.sources, _entry))
    merging.rows(ReplyTemplate, {template.code: _template(template) for template in record.templates})
    return merging.outcome


def _load_levels(record: ProgrammeRecord, merging: Merging) -> dict[str, ServiceLevel]:
    """Compare the current versions; where the file wins over a period in use, it becomes a new version (D10)."""
    wanted = {level.code: _level(level) for level in record.service_levels}
    if merging.overwrite:
        for level in ServiceLevel.objects.filter(**merging.scope, replaced_at=None, code__in=wanted):
            clock = {name: wanted[level.code][name] for name in levels.CLOCK}
            if any(getattr(level, name) != value for name, value in clock.items()) and levels.is_used(level):
                for name, value in clock.items():
                    setattr(level, name, value)
                levels.new_version(level, now=timezone.now())
                merging.outcome.overwritten += 1
    return merging.rows(ServiceLevel, wanted, among={"replaced_at": None})


def _load_categories(
    records: Sequence[CategoryRecord],
    levels: Mapping[str, ServiceLevel],
    standards: Mapping[str, ClosureStandard],
    merging: Merging,
) -> None:
    wanted = _in_order(records, lambda record: _category(record, levels))
    known = set(Category.objects.filter(**merging.scope).values_list("code", flat=True))
    _leave_one_default(wanted, known, merging)
    rows = merging.rows(Category, wanted)
    for record in records:
        row, new = rows[record.code], record.code not in known
        _merge_standards(row, record, standards, merging, new=new)
        _merge_follow_up(row, rows.get(record.follow_up), merging, new=new)


def _merge_standards(
    row: Category, record: CategoryRecord, standards: Mapping[str, ClosureStandard], merging: Merging, *, new: bool
) -> None:
    stored, wanted = sorted(row.closure_standards.values_list("code", flat=True)), sorted(record.closure)
    if stored == wanted:
        return
    if not new and not merging.overwrite:
        merging.leave(row, record.code, _("standar penyelesaian"), stored, wanted)
        return
    row.closure_standards.set(standards[code] for code in record.closure)
    merging.outcome.overwritten += not new


def _merge_follow_up(row: Category, wanted: Category | None, merging: Merging, *, new: bool) -> None:
    """Point to the category in which Pusat decides, once all categories are there (D36)."""
    if row.follow_up == wanted:
        return
    if not new and not merging.overwrite:
        merging.leave(row, row.code, row._meta.get_field("follow_up").verbose_name, row.follow_up, wanted)
        return
    row.follow_up = wanted
    row.save(update_fields=["follow_up"])
    merging.outcome.overwritten += not new


def _leave_one_default(wanted: dict[str, dict[str, Any]], known: Set[str], merging: Merging) -> None:
    """Let the file's default category take the place of another only when the file wins."""
    default = Category.objects.filter(**merging.scope, is_default=True)
    if merging.overwrite:
        default.exclude(code__in=[code for code, values in wanted.items() if values["is_default"]]).update(
            is_default=False
        )
    elif default.exists():
        for code in wanted.keys() - known:
            wanted[code]["is_default"] = False


def _programme(record: ProgrammeRecord) -> dict[str, Any]:
    return {
        "name": record.name,
        "number_prefix": record.number_prefix,
        "description": record.description,
        "late_report_days": record.late_report_days,
        "always_biweekly": record.always_biweekly,
        "elsewhere": "\n".join(record.elsewhere),
        "oversight_name": record.oversight_name,
        "oversight_address": record.oversight_address,
    }


def _level(level: LevelRecord) -> dict[str, Any]:
    return {
        "name": level.name,
        "unit": level.unit,
        "length": level.length,
        "starts": level.starts,
        "stages": [{"name": step.name, "days": step.days, "while": list(step.stages)} for step in level.steps],
        "basis": level.basis,
    }


def _category(category: CategoryRecord, levels: Mapping[str, ServiceLevel]) -> dict[str, Any]:
    return {
        "name": category.name,
        "description": category.description,
        "nature": category.nature,
        "service_level": levels[category.service_level],
        "evidence": category.evidence,
        "start_tier": category.start_tier,
        "conceal_up_to": category.conceal_up_to,
        "conflict_note": category.conflict_note,
        "path": category.path,
        "is_default": category.is_default,
    }


def _rung(rung: RungRecord) -> dict[str, Any]:
    return {"name": rung.name, "office_pattern": rung.office_pattern, "degree": rung.degree}


def _standard(standard: StandardRecord) -> dict[str, Any]:
    return {"name": standard.name, "items": list(standard.items), "money": standard.money}


def _entry(entry: EntryRecord) -> dict[str, Any]:
    return {"name": entry.name}


def _channel(channel: ChannelRecord) -> dict[str, Any]:
    return {"name": channel.name, "counted_apart": channel.counted_apart, "online": channel.online}


def _template(template: TemplateRecord) -> dict[str, Any]:
    return {
        "name": template.name,
        "subject": template.subject,
        "body": template.body,
        "is_letter": template.kind == "letter",
        "questions": [_question(question) for question in template.questions],
    }


def _question(question: QuestionRecord) -> dict[str, Any]:
    asked = {"code": question.code, "question": question.question, "kind": question.kind}
    return {**asked, "options": list(question.options)} if question.options else asked


def _in_order(records: Iterable[Any], values: Callable[[Any], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the values of each record by its code, with its place in the list."""
    return {record.code: {**values(record), "position": place} for place, record in enumerate(records, start=1)}
