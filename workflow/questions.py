"""One-tap questions for what a complaint lacks: as reviewers keep them, as asked, as answered (D19, D59).

A question is a mapping: `code`, `question`, `kind` (one of KINDS) and, for a choice, `options`. Once answered it also
has `answer`, in words, and where the kind has one `value`: a region's code, a year, a date in ISO form.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext

from pengaduan.models import Complaint
from tiers.models import Region, Tier

Question = dict[str, Any]

CHOICE, TEXT, PLACE, YEAR, DATE = KINDS = ("choice", "text", "place", "year", "date")
UNKNOWN = "Saya tidak tahu"  # kept with the case, which is Indonesian whoever reads it
FREE = "lain"  # the officer's own question beside the ready ones
SHORT = 60  # a text of fewer characters seldom says what happened
LONGEST = 240
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
PLACE_WORDS = re.compile(r"\b(desa|ds|kelurahan|kel|kecamatan|kec|kabupaten|kab)\b\.?", re.IGNORECASE)


def faults(questions: Any) -> list[str]:
    """Return what is wrong with a list of questions, each mistake as a sentence that names its question."""
    if not isinstance(questions, list) or not all(isinstance(each, dict) for each in questions):
        return [gettext("Isi dengan daftar pertanyaan, masing-masing dengan code, question, dan kind.")]
    found, seen = [], set()
    for place, each in enumerate(questions, start=1):
        name = each.get("code") or place
        found += [gettext("Pertanyaan %(name)s: %(what)s") % {"name": name, "what": what} for what in _faults_of(each)]
        if name in seen:
            found.append(gettext("Pertanyaan %(name)s: kodenya dipakai dua kali.") % {"name": name})
        seen.add(name)
    return found


def _faults_of(question: Question) -> list[str]:
    found = []
    if unknown := sorted(set(question) - {"code", "question", "kind", "options"}):
        found.append(gettext("kunci “%(key)s” tidak dikenal.") % {"key": unknown[0]})
    code, words, options = question.get("code"), question.get("question"), question.get("options", [])
    if not isinstance(code, str) or not CODE.fullmatch(code) or code == FREE:
        found.append(gettext("code hanya boleh berisi huruf kecil, angka, dan tanda hubung, dan bukan “lain”."))
    if not isinstance(words, str) or not words.strip() or len(words) > LONGEST:
        found.append(gettext("question harus berupa teks, paling panjang %(most)d huruf.") % {"most": LONGEST})
    if question.get("kind") not in KINDS:
        found.append(gettext("kind harus salah satu dari %(kinds)s.") % {"kinds": ", ".join(KINDS)})
    elif (question["kind"] == CHOICE) != bool(options):
        found.append(gettext("options wajib untuk kind choice, dan hanya untuk itu."))
    if not isinstance(options, list) or not all(isinstance(each, str) and each.strip() for each in options):
        found.append(gettext("options harus berupa daftar teks."))
    return found


def lacking(questions: Iterable[Question], complaint: Complaint) -> list[str]:
    """Return the codes of the questions whose answer the register does not have yet."""
    missing = {
        PLACE: complaint.region.tier > Tier.DESA,
        YEAR: complaint.programme_year is None,
        DATE: complaint.occurred_on is None,
        TEXT: len(complaint.text.original) < SHORT,
        CHOICE: False,
    }
    return [each["code"] for each in questions if missing[each["kind"]]]


def free(words: str) -> Question:
    """Return an officer's own question as one of the list."""
    return {"code": FREE, "question": words, "kind": TEXT}


def in_words(questions: Iterable[Question]) -> str:
    """Return the questions as numbered lines, for a mail, a letter, a slip."""
    return "\n".join(f"{number}. {_line(each)}" for number, each in enumerate(questions, start=1))


def _line(question: Question) -> str:
    options = question.get("options")
    return f"{question['question']} ({', '.join([*options, UNKNOWN])})" if options else question["question"]


def answered(questions: Iterable[Question], answers: Mapping[str, Mapping[str, Any]]) -> list[Question]:
    """Return the questions with the answers that were given, by code."""
    return [{**each, **answers.get(each["code"], {})} for each in questions]


def told(questions: Iterable[Question]) -> str:
    """Return what was answered as a text: a question and its answer each."""
    return "\n".join(f"{each['question']} {each['answer']}" for each in questions if each.get("answer"))


def known(complaint: Complaint) -> dict[str, Any]:
    """Return what the complainant's answers say of the register: region code, programme year, date of the event."""
    values = {
        each["kind"]: each["value"]
        for asked in complaint.pauses.order_by("started_at").values_list("questions", flat=True)
        for each in asked
        if each.get("value")
    }
    found: dict[str, Any] = {}
    if PLACE in values:
        found["region"] = values[PLACE]
    if YEAR in values:
        found["programme_year"] = int(values[YEAR])
    if DATE in values:
        found["occurred_on"] = date.fromisoformat(values[DATE])
    return found


def village_named(words: str, within: Region) -> Region | None:
    """Return the village that these words name inside a region, where they name one and only one.

    "Desa Indrajaya, Kec. Salem" and "indrajaya" both do, as long as no other village there is called so.
    """
    parts = [
        PLACE_WORDS.sub("", part).strip(" .:") for part in re.split(r"[,;\n]|\bkec(?:amatan)?\b\.?", words, flags=re.I)
    ]
    name, *rest = [part for part in parts if part] or [""]
    villages = Region.objects.filter(
        tier=Tier.DESA, code__startswith=f"{within.code}.", name__iexact=name, valid_to=None
    )
    found = list(villages.select_related("parent")[:50])
    if len(found) > 1 and rest:
        found = [each for each in found if each.parent and each.parent.name.casefold() == rest[0].casefold()]
    return found[0] if len(found) == 1 else None
