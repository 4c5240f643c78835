"""A kept letter on paper: letterhead, number, subject, body, signature, one page where the words allow it (D42, D54).

The words are those that were kept; only their salutation and signature give way to the form of an Indonesian letter.
Nobody is named but the office and its responsible person, and the code stands nowhere (D5, D37).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from tiers.models import Office, Programme, Tier
from workflow.calendar import local_day
from workflow.models import Letter
from workflow.printing import pdf
from workflow.wording import AUTHORITY_LETTERS, BELOW_COMPLAINANT, OMBUDSMAN, OVERSIGHT, SALUTATION

TEMPLATE, STYLES = "surat/surat.html", "surat.css"
GREETINGS = ("Salam hormat,", "Hormat kami,")
NUMBERED = f"{BELOW_COMPLAINANT['nomor']}:"  # stands in the head already
KINDS = ("Kabupaten ", "Kota ", "Kecamatan ", "Desa ", "Kelurahan ", "Provinsi ")


@dataclass(frozen=True)
class Sheet:
    """What stands on the paper beside letterhead and signature."""

    number: str
    subject: str
    on: date
    place: str
    to: list[str]
    paragraphs: list[list[str]]  # each a list of lines
    facts: list[str]  # what stood below the signature
    to_authority: bool


def sheet_of(letter: Letter) -> Sheet:
    """Return a kept letter as it stands on paper; expects its event, complaint and complainant."""
    office = letter.event.to_office or letter.complaint.office
    paragraphs, facts = _parts(letter.body, office.name)
    complaint = letter.complainant.complaint if letter.complainant else letter.complaint  # the number they know (D55)
    return Sheet(
        number=complaint.number,
        subject=letter.subject,
        on=local_day(letter.created_at, complaint.zone),
        place=place_of(office),
        to=_addressee(letter),
        paragraphs=paragraphs,
        facts=facts,
        to_authority=letter.template in AUTHORITY_LETTERS,
    )


def letter_pdf(letter: Letter) -> bytes:
    """Return the PDF of a kept letter, in Indonesian whatever the language in use."""
    office = letter.event.to_office or letter.complaint.office
    return sheet_pdf(sheet_of(letter), office, letter.complaint.programme)


def example_pdf(programme: Programme, subject: str, body: str, *, to_authority: bool, now: datetime) -> bytes:
    """Return the PDF of invented words, for the reviewer who edits a template."""
    office = Office(programme=programme, tier=Tier.PUSAT, name="Kantor Contoh")
    office.address, office.phone, office.responsible_person = "Jalan Contoh 1", "021-0000000", "Nama Penanggung Jawab"
    paragraphs, facts = _parts(body, office.name)
    to = ["Dinas Contoh Kabupaten Brebes"] if to_authority else ["Pelapor"]
    on = local_day(now, "Asia/Jakarta")
    sheet = Sheet("CONTOH-33.29-2026-000123", subject, on, place_of(office), to, paragraphs, facts, to_authority)
    return sheet_pdf(sheet, office, programme)


def sheet_pdf(sheet: Sheet, office: Office, programme: Programme) -> bytes:
    context = {"sheet": sheet, "office": office, "programme": programme, "site": f"{settings.SITE_URL}/lacak/"}
    return pdf(TEMPLATE, context, styles=STYLES)


def filename(letter: Letter) -> str:
    """Return a name that tells nothing but the number and the place of the letter in the record."""
    complaint = letter.complainant.complaint if letter.complainant else letter.complaint
    return f"surat-{complaint.number}-{letter.event.seq}.pdf"


def place_of(office: Office) -> str:
    """Return where a letter of an office is dated: its region without the word for its kind; Pusat sits in Jakarta."""
    name = office.region.name if office.region else "Jakarta"
    return next((name.removeprefix(kind) for kind in KINDS if name.startswith(kind)), name)


def _addressee(letter: Letter) -> list[str]:
    """Return to whom it goes, line by line: a complainant is never named on paper (D37)."""
    with override("id"):
        if letter.template not in AUTHORITY_LETTERS:
            return [_("Pelapor")]
        if letter.template == OMBUDSMAN:
            return ["Ombudsman Republik Indonesia", _("atau kantor perwakilannya di provinsi")]
    authority = json.loads(letter.event.data).get("authority", "")
    programme = letter.complaint.programme
    if letter.template == OVERSIGHT and authority == programme.oversight_name:
        return [authority, *programme.oversight_address.splitlines()]
    return [authority]


def _parts(body: str, office: str) -> tuple[list[list[str]], list[str]]:
    """Return the paragraphs of a letter without salutation and signature, and the facts below the signature."""
    paragraphs = [part.strip().splitlines() for part in body.split("\n\n") if part.strip()]
    if paragraphs and paragraphs[0] == [SALUTATION]:
        paragraphs = paragraphs[1:]
    signed = next((place for place, lines in enumerate(paragraphs) if _is_signature(lines, office)), None)
    if signed is None:
        return paragraphs, []
    below = [line for lines in paragraphs[signed + 1 :] for line in lines]
    return paragraphs[:signed], [line for line in below if not line.startswith(NUMBERED)]


def _is_signature(lines: list[str], office: str) -> bool:
    return lines == [office] or (len(lines) == 2 and lines[0] in GREETINGS and lines[1] == office)
