"""Which reading, PDF and workbook each kind of report has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reports.models import Edition
from reports.papers import biweekly, pdf, periodic_workbooks, quarterly, workbook
from reports.papers.biweekly import Biweekly
from reports.papers.quarterly import Quarterly
from reports.papers.words import Reading
from reports.periods import Kind
from tiers.models import User


@dataclass(frozen=True)
class Document:
    """How one kind of report is told: its words, and what makes its files of them."""

    reading: type[Reading]
    pdf: Callable[[Any], bytes]
    xlsx: Callable[[Any], bytes]


DOCUMENTS: dict[str, Document] = {
    Kind.MONTHLY: Document(Reading, pdf.render, workbook.render),
    Kind.BIWEEKLY: Document(Biweekly, biweekly.render, periodic_workbooks.half_month),
    Kind.QUARTERLY: Document(Quarterly, quarterly.render, periodic_workbooks.quarter),
}


def read(edition: Edition, reader: User | None = None) -> Reading:
    """Return an edition in words as a reader gets it; `reader` None is an address without an account."""
    return DOCUMENTS[edition.kind].reading(edition, reader)


def render(reading: Reading, ending: str) -> bytes:
    """Return the file of a reading, `pdf` or `xlsx`, in Indonesian whatever the language in use."""
    document = DOCUMENTS[reading.edition.kind]
    return {"pdf": document.pdf, "xlsx": document.xlsx}[ending](reading)
