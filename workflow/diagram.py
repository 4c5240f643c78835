"""Draw the life of a complaint from the table of steps, so that the picture cannot lie (docs/lifecycle.md)."""

from collections.abc import Iterator

from django.utils import translation

from pengaduan.models import Stage
from workflow.machine import NEED_SENTENCES, STEPS, Step, Who

WHO = {
    Who.HOLDER: "petugas yang memegang",
    Who.SUPERVISOR: "penyelia kantor itu atau di atasnya",
    Who.VERIFIER: "penyelia, atau petugas kantor di atasnya; bukan penangan",
    Who.COMPLAINANT: "pelapor (atau petugas yang mencatatkannya)",
    Who.SYSTEM: "sistem",
    Who.ANYONE_IN_REACH: "petugas yang melihat kasus",
    Who.CLOSER: "petugas yang memegang, penyelia, atau petugas di atasnya",
    Who.ABOVE: "petugas kantor di atasnya; di puncak penyelia",
    Who.HELPER: "petugas yang memegang atau yang dimintai bantuan",
    Who.ASKED: "petugas yang dimintai bantuan",
    Who.CUSTODIAN: "kustodian identitas",
    Who.OVERSIGHT: "auditor, bila kantor yang memegang sendiri dilaporkan",
    Who.REVIEWER: "peninjau mutu, yang tidak pernah menanganinya",
    Who.WITHDREW: "pelapor yang mencabut, sedangkan pelapor lain meneruskan",
}


def markdown() -> str:
    """Return docs/lifecycle.md whole: the picture in Mermaid and a row for each step."""
    with translation.override("id"):
        return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Perjalanan pengaduan"
    yield ""
    yield "Drawn from `workflow/machine.py` by `manage.py lifecycle_diagram`; `make check` compares the two. A stage"
    yield "and a tier are two things (D30): steps that leave the stage as it is stand in the second table."
    yield ""
    yield "```mermaid"
    yield "stateDiagram-v2"
    for stage in Stage:
        yield f"    {_node(stage)}: {stage.label}"
    yield f"    [*] --> {_node(Stage.REGISTRATION)}"
    for step in STEPS:
        for source in _in_order(step):
            if step.target and step.target != Stage.CLOSED:
                yield f"    {_node(source)} --> {_node(step.target)}: {step.label}"
    for source in Stage:
        ends = [str(step.label) for step in STEPS if step.target == Stage.CLOSED and source in step.sources]
        if ends:
            yield f"    {_node(source)} --> {_node(Stage.CLOSED)}: {' / '.join(ends)}"
    yield "```"
    yield ""
    yield "## Langkah yang mengubah tahap"
    yield ""
    yield from _table([step for step in STEPS if step.target])
    yield ""
    yield "## Langkah yang tidak mengubah tahap"
    yield ""
    yield from _table([step for step in STEPS if not step.target])


def _table(steps: list[Step]) -> Iterator[str]:
    yield "| kode | langkah | dari | ke | siapa | siapa mengusulkan | syarat |"
    yield "|---|---|---|---|---|---|---|"
    for step in steps:
        sources = ", ".join(_in_order(step))
        needs = " ".join(str(NEED_SENTENCES[need]) for need in step.needs) or "–"
        only = [f"sifat {step.nature}"] if step.nature else []
        only += [f"posisi {step.position.label}"] if step.position else []
        only += [f"hasil akhir {', '.join(sorted(step.after))}"] if step.after and Stage.CLOSED in step.sources else []
        only += ["hanya selama menunggu pelapor"] if step.waiting else []
        only += [f"jalur {', '.join(sorted(step.paths))}"] if step.paths else []
        proposer = WHO[step.proposer] if step.proposer else "–"
        label = f"{step.label} ({'; '.join(only)})" if only else str(step.label)
        yield f"| `{step.code}` | {label} | {sources} | {step.target or '–'} | {WHO[step.who]} | {proposer} | {needs} |"


def _in_order(step: Step) -> list[Stage]:
    return [stage for stage in Stage if stage in step.sources]


def _node(stage: Stage) -> str:
    return stage.value.replace("-", "_")
