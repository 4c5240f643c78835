"""Point out what names a person before a text leaves the office: names, numbers, "the teacher in RT 03" (D57).

Hints, no proof: a person decides. Pure: whoever asks brings the names that this reader may know of.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Kind(StrEnum):
    """What a piece of text may be."""

    EMAIL = "email"
    NIK = "nik"
    PHONE = "phone"
    NUMBER = "number"
    NAME = "name"
    ROLE = "role"


LABELS = {
    Kind.EMAIL: _("alamat surel"),
    Kind.NIK: _("NIK"),
    Kind.PHONE: _("nomor telepon"),
    Kind.NUMBER: _("nomor rekening, kartu, atau kode"),
    Kind.NAME: _("nama orang"),
    Kind.ROLE: _("sebutan yang menunjuk satu orang"),
}

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
SIXTEEN = re.compile(
    r"(?<![\d-])(?:\d{16}|\d{4}([ .-])\d{4}\1\d{4}\1\d{4}|\d{6}([ .-])\d{6}\2\d{4}"
    r"|\d{2}(?:\.\d{2}){2}\.\d{6}\.\d{4})(?!\d)"
)
PHONE = re.compile(
    r"(?<![\d.,/-])(?:(?:\+62|62|0)[ .-]?8[1-9](?:[ .-]?\d){6,11}|\(0\d{2,3}\)[ .-]?\d(?:[ .-]?\d){5,7}"
    r"|0[2-79]\d{1,2}-\d{6,8})(?!\d)"
)
ACCOUNT = re.compile(r"(?<!\w)rek(?:ening)?(?!\w)[^\d\n]{0,30}?(\d[\d .-]{6,22}\d)", re.IGNORECASE)
LONG_NUMBER = re.compile(r"(?<![\w.,/-])\d{10,18}(?![\w/-])")
AMOUNT = re.compile(r"\d{1,3}(?:\.\d{3})+")

# The first two digits of a NIK: the provinces since the first was given one.
PROVINCES = {*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82, *range(91, 98)}

TITLE = (
    r"(?:bapak|ibu|pak|bu|bpk\.?|saudara|saudari|tn\.?|ny\.?|nn\.?|h\.|hj\.|haji|hajah|kh\.?|kiai|kyai|ustaz|ustadz"
    r"|ustazah|ustadzah|mas|mbak|mbah|kang|gus|dr\.|drs\.|ir\.|prof\.)"
)
CERTAIN = r"(?:sdr\.?|sdri\.?|bernama)"  # after these a name follows also in small letters
NAMED = r"(?:atas nama|a\.n\.|alias|nama (?:saya|lengkap|pelapor|beliau)(?: adalah|:)?|nama:|saya,?)"
WORD = r"[^\W\d_][\w'’-]*\.?"
AFTER = re.compile(
    rf"(?<![\w/])(?:(?P<certain>{CERTAIN})|{TITLE}|{NAMED})(?:\s+{TITLE})*\s+(?P<words>{WORD}(?:\s+{WORD}){{0,3}})",
    re.IGNORECASE,
)
PLACE_BEFORE = re.compile(r"(?<!\w)(?:RS\w*|jl\.?|jalan|gang|gg\.?|masjid|gedung|bandara|taman)\s+$", re.IGNORECASE)

ROLES = (
    "guru|kader|bidan|perawat|mantri|dukun|ketua|bendahara|sekretaris|pendamping|ustaz|ustadz|kiai|kyai|penghulu|modin"
    "|janda|duda|lansia|penjual|pedagang|pemilik|tukang|penjaga|penerima|peserta|operator|kepala dusun|kadus|pensiunan"
)
IN_RT = r"\bR[TW]\b\.?\s*\d{1,3}(?:\s*/\s*(?:RW\b\.?\s*)?\d{1,3})?"
ROLE_IN_RT = re.compile(
    rf"(?<!\w)(?:{ROLES})(?!\w)[^.;!?\n]{{0,40}}?{IN_RT}"
    rf"|{IN_RT},?\s+(?:seorang|satu-satunya|sebagai|yang (?:menjadi|bekerja sebagai))\s+(?:{ROLES})(?!\w)",
    re.IGNORECASE,
)

# What stands after a title and is no name: offices, groups, and the words that a sentence goes on with.
_PLAIN = (
    "aktif anda anggota angkat asuh atas atau auditor bapak bendahara bidan bkm bpd bupati camat dan danramil "
    "desa di dinas direktur dokter dukuh fasilitator gubernur guru hakim hamil ibu inspektorat inspektur jaksa "
    "kabid kabupaten kader kades kadis kadus kami kandung kantor kapolres kapolsek kasi kaur kecamatan kelompok "
    "kelurahan kementerian kepala ketua kita koordinator kota lansia lembaga lurah manajer masyarakat melapor "
    "mengadu menteri menyusui modin ombudsman operator panitia pelaksana pelapor pemerintah pendamping pengadu "
    "pengurus penyedia penyelia perangkat perawat pertiwi peserta petugas pihak pkk plh plt pj polisi pos "
    "presiden program provinsi pusat rt rumah rw satker saya sebagai sekalian sekretaris semua seluruh staf sudah "
    "tim tiri tokoh unit upk uppkh wali walikota warga yang "
)
NOT_NAMES = frozenset(_PLAIN.split())


@dataclass(frozen=True, order=True)
class Finding:
    """One piece of a text that may name a person; `start` and `end` are its place."""

    start: int
    end: int
    kind: Kind
    words: str


def find(text: str, *, names: Iterable[str] = ()) -> list[Finding]:
    """Return what may name a person in a text, in its order, no piece twice; `names` are looked for as they are."""
    found: list[Finding] = []
    for finding in (*_numbers(text), *_known(text, names), *_names(text), *_roles(text)):
        if not any(finding.start < other.end and other.start < finding.end for other in found):
            found.append(finding)
    return sorted(found)


def sentence(findings: Iterable[Finding]) -> str:
    """Say what was found, each in quotation marks and once."""
    said = dict.fromkeys(f"{LABELS[each.kind]} “{each.words}”" for each in findings)
    words = gettext("teks ini akan dibaca orang luar, padahal memuat %(findings)s. Hapus, atau centang di bawah ini.")
    return words % {"findings": ", ".join(said)}


def _numbers(text: str) -> Iterator[Finding]:
    for match in EMAIL.finditer(text):
        yield _finding(Kind.EMAIL, match)
    for match in SIXTEEN.finditer(text):
        yield _finding(Kind.NIK if _is_nik(match[0]) else Kind.NUMBER, match)
    for match in PHONE.finditer(text):
        yield _finding(Kind.PHONE, match)
    for match in ACCOUNT.finditer(text):
        if len(re.sub(r"\D", "", match[1])) >= 8 and not AMOUNT.fullmatch(match[1]):
            yield Finding(match.start(1), match.end(1), Kind.NUMBER, match[1])
    for match in LONG_NUMBER.finditer(text):
        yield _finding(Kind.NUMBER, match)


def _is_nik(typed: str) -> bool:
    """Say whether sixteen digits begin with a province and hold a day of birth, forty more for women."""
    digits = re.sub(r"\D", "", typed)
    day, month = int(digits[6:8]), int(digits[8:10])
    return int(digits[:2]) in PROVINCES and (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12


def _known(text: str, names: Iterable[str]) -> Iterator[Finding]:
    """Find a whole name however it is written, and a part of it of four letters or more where it is capitalised."""
    for name in names:
        parts = [part for part in re.split(r"[^\w'’]+", name) if len(part) > 1]
        if all(part.casefold() in NOT_NAMES for part in parts):
            continue
        whole = r"\W+".join(map(re.escape, parts))
        yield from (_finding(Kind.NAME, match) for match in re.finditer(rf"(?<!\w){whole}(?!\w)", text, re.IGNORECASE))
        for part in parts:
            if len(part) >= 4 and part.casefold() not in NOT_NAMES:
                for match in re.finditer(rf"(?<!\w){re.escape(part)}(?!\w)", text, re.IGNORECASE):
                    if match[0][0].isupper():
                        yield _finding(Kind.NAME, match)


def _names(text: str) -> Iterator[Finding]:
    """Find names by what stands before them; a road or a hospital that is called after someone is none."""
    for match in AFTER.finditer(text):
        if PLACE_BEFORE.search(text, 0, match.start()):
            continue
        end = match.start("words")
        for word in re.finditer(WORD, match["words"]):
            if not _is_name(word[0], certain=bool(match["certain"]) and end == match.start("words"), text=text):
                break
            end = match.start("words") + word.end()
            if word[0].endswith(".") and len(word[0]) > 2:
                break
        if end > match.start("words"):
            yield Finding(match.start(), end, Kind.NAME, text[match.start() : end].rstrip("."))


def _is_name(word: str, *, certain: bool, text: str) -> bool:
    plain = word.rstrip(".")
    if plain.casefold() in NOT_NAMES:
        return False
    if plain.isupper() and 1 < len(plain) <= 5 and not text.isupper():
        return False  # an abbreviation
    return certain or plain[0].isupper()


def _roles(text: str) -> Iterator[Finding]:
    return (_finding(Kind.ROLE, match) for match in ROLE_IN_RT.finditer(text))


def _finding(kind: Kind, match: re.Match) -> Finding:
    return Finding(match.start(), match.end(), kind, match[0])
