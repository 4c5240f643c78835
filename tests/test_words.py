"""The words of the product as one copy deck: the mechanical part of docs/kata.md, over every text and every programme.

The catalogue lists all texts with their places; `tests/test_translations.py` holds that it is whole.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from config.translations import CATALOGUE, ROOT

# What citizens read: pages, forms and refusals. Everything else is for officers and reviewers.
PUBLIC = (
    *("templates/warga/", "templates/face/", "templates/base.html", "templates/4", "templates/500.html"),
    *("templates/cetak/tanda_terima.html", "templates/cetak/formulir_pengaduan.html"),
    *("templates/luring/luring.html", "templates/luring/tulis.html", "templates/luring/susul.html"),
    *("templates/luring/draf_mau.html", "templates/luring/draf_ada.html"),
    *("workflow/views/citizen.py", "workflow/views/lapor.py", "workflow/views/receipt.py", "workflow/views/photos.py"),
    *("workflow/views/plain_words.py", "workflow/views/procedure.py", "workflow/forms/citizen.py"),
    *("workflow/draft_files.py", "workflow/oversight.py", "pengaduan/views.py", "pengaduan/attachments.py"),
    *("reports/pages/statistics.py", "reports/pages/public.py", "reports/sending/outside.py"),
    *("templates/laporan/tautan", "templates/laporan/ringkasan"),  # readers outside, without an account
)
# These say their words on one page.
SAID_ON = {
    "workflow/views/procedure.py": "templates/warga/prosedur.html",
    "workflow/views/plain_words.py": "templates/warga/pengaduan.html",
    "reports/pages/statistics.py": "templates/warga/statistik.html",
}
LONGEST_PUBLIC, LONGEST = 20, 30  # words in a sentence
GRADE, ENOUGH_WORDS = 6.0, 40  # the end of primary school; below so many words the figure says nothing

GLOSSES = {"Surel (e-mail)"}  # beside the term, for who knows only the other word
IN_LETTERS = {"bapak/ibu", "maaf"}  # a letter on paper is politer than a page
NAMES_WITH_MARKS = re.compile(r"SP4N-LAPOR!|\.(pdf|xlsx|json)|@ \. \+ - _")
# A capital inside a sentence belongs to one of these, to a word in capitals (NIK, SMS), or to a quotation.
CAPITALS = set(
    re.findall(
        r"\w+",
        """
        Aegis Alamat Anda Authenticator Bahasa Brebes Data Dinas Google Indonesia Indrajaya Jakarta Januari
        Jumat Kabupaten Kecamatan Kejaksaan Kemendagri Kepala Kesehatan Lacak Lapor Lestari Maret Menteri
        Microsoft Negeri Nomor Ombudsman Pekerjaan Pelayanan Pelindungan Pengaduan Pesan Polres Presiden
        Pribadi Publik Pusat Republik Rp Salem Senin Shift Sidomulyo Tahun Tirta Umum Undang Wonosobo
        """,
    )
)
# An error says one of these, or which form is right.
DEEDS = set(
    re.findall(
        r"\w+",
        """
        ambil baca beri biarkan buka catat centang coba gabungkan hapus hubungi isi jawab kirim kosongkan
        lampirkan lanjutkan lengkapi masuk masukkan matikan minta mintalah muat mulai naikkan pakai perbaiki
        periksa perkecil pilih putuskan sampaikan sebutkan selesaikan simpan tambahkan tangani tautkan tekan
        teruskan tetapkan tulis tunggu ubah usulkan
        """,
    )
)
RIGHT_FORM = {"harus", "hanya", "misalnya", "paling", "seperti", "wajib", "boleh"}
SAY_WHY_ONLY = {"Langkah “%(step)s” bukan wewenang Anda pada pengaduan ini."}  # nothing that this reader can do
REFUSING = {"Refused", "ValidationError", "add_error"}
SENTENCES_OF_REFUSAL = {"NEED_SENTENCES", "error_messages", "default_error_messages"}

WORD = re.compile(r"[^\W_]+(?:[-’'./][^\W_]+)*")
HEADINGS = re.compile(
    r"<(h[1-6]|legend|label|th|dt|button|caption|summary)\b[^>]*>\s*(?:<span[^>]*>\s*)?"
    r"\{% translate (?:\"([^\"]+)\"|'([^']+)')"
)


@dataclass(frozen=True)
class Text:
    """One text of the deck, without markup, with the files that say it."""

    words: str
    places: tuple[str, ...]

    @property
    def public(self) -> bool:
        return any(place.startswith(PUBLIC) for place in self.places)

    @property
    def clauses(self) -> list[str]:
        """Return what is read in one breath: a colon and a semicolon end it like a full stop."""
        return re.split(r"(?<=[.?:;])\s+", self.words)

    @property
    def sentences(self) -> list[str]:
        """Return the whole sentences, without labels."""
        return [part for part in re.split(r"(?<=[.?])\s+", self.words) if part.endswith((".", "?"))]


def bare(text: str) -> str:
    """Return a text as a reader gets it: no tags, and a figure where something is filled in."""
    return re.sub(r"%\(\w+\)[sd]|%[sd]|\{[^}]*\}", "1", re.sub(r"<[^>]+>", "", text)).strip()


def deck(catalogue: Path, part: str) -> list[Text]:
    """Return every text of a catalogue: `msgid` of what is ours, `msgstr` of what Django says otherwise."""
    line = re.compile(r'^(msg\w+(?:\[\d\])?|) ?"(.*)"$')
    found = []
    for entry in (ROOT / catalogue).read_text().split("\n\n")[1:]:  # the first is the header
        places, parts, key = [], defaultdict(str), ""
        for written in entry.splitlines():
            if written.startswith("#:"):
                places += written[2:].split()
            elif words := line.match(written):
                key = words[1] or key
                parts[key] += ast.literal_eval(f'"{words[2]}"')
        found += [
            Text(bare(words), tuple(places)) for name, words in parts.items() if re.fullmatch(rf"{part}(\[\d\])?", name)
        ]
    return found


def letters() -> list[Text]:
    """Return what the programmes say: names, explanations, replies, notices, SMS."""
    return [
        Text(bare(line), (f"programmes/{path.name}",))
        for path in sorted((ROOT / "programmes").glob("*.yaml"))
        for words in strings(yaml.safe_load(path.read_text()))
        for line in words.splitlines()
    ]


def strings(value: object) -> Iterator[str]:
    """Yield every text within mappings and lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def refused_words() -> list[str]:
    """Return the words that docs/kata.md rules out: in backticks, in the last column of its tables."""
    rows = [line.rsplit("|", 2)[1] for line in (ROOT / "docs/kata.md").read_text().splitlines() if line.startswith("|")]
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row)]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def untranslated(template: str) -> str:
    """Return what a template says outside the tags that translate."""
    said = r"\{%\s*(blocktrans(?:late)?|comment)\b.*?end\1\s*%\}"
    for ours in (said, r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", r"<kbd>.*?</kbd>", r"<[^>]*>|&\w+;"):
        template = re.sub(ours, " ", template, flags=re.DOTALL)
    return template


def sources() -> Iterator[Path]:
    for app in ("tiers", "pengaduan", "workflow", "reports", "api", "config"):
        yield from (
            path for path in (ROOT / app).rglob("*.py") if not {"migrations", "management", "seeding"} & {*path.parts}
        )


def refusals(tree: ast.AST) -> Iterator[str]:
    """Yield the sentences with which a module refuses something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if getattr(node.func, "id", getattr(node.func, "attr", "")) in REFUSING:
                yield from translated(node)
            yield from (
                words for given in node.keywords if given.arg == "error_messages" for words in translated(given.value)
            )
        elif isinstance(node, ast.Assign) and {getattr(to, "id", "") for to in node.targets} & SENTENCES_OF_REFUSAL:
            yield from translated(node.value)


def translated(node: ast.AST) -> Iterator[str]:
    """Yield the texts within a piece of code that are marked for translation."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"_", "gettext", "ngettext"} and call.args:
            yield call.args[0].value


def syllables(word: str) -> int:
    """Count them as docs/kata.md says: every vowel, and ai, au, oi at the end of the word as one."""
    return max(1, len(re.findall("[aiueo]", word.lower())) - bool(re.search("(ai|au|oi)$", word.lower())))


def grade(sentences: list[str]) -> float:
    """Return the school year that a page asks for (docs/kata.md, “The measure of reading”)."""
    words = [word for sentence in sentences for word in WORD.findall(sentence)]
    per_word = sum(map(syllables, words)) / len(words)
    return 0.39 * len(words) / len(sentences) + 11.8 * 0.6 * per_word - 15.59


def pages() -> dict[str, list[str]]:
    """Return the sentences of each public page or form and of each programme, where there are enough."""
    said = defaultdict(list)
    for text in [*DECK, *LETTERS]:
        public = (place for place in text.places if place.startswith((*PUBLIC, "programmes/")))
        for page in {SAID_ON.get(place, place) for place in public}:
            said[page] += text.sentences
    return {page: found for page, found in said.items() if len(WORD.findall(" ".join(found))) >= ENOUGH_WORDS}


DECK = [*deck(CATALOGUE, "msgid"), *deck(Path("locale/id/LC_MESSAGES/django.po"), "msgstr")]
LETTERS = letters()
REFUSED = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, refused_words()))})(?![\w-])", re.IGNORECASE)


def test_the_deck_is_read_whole():
    assert len(DECK) > 2000 and len(LETTERS) > 2000 and len(refused_words()) > 60
    assert {"templates/warga/mulai.html", "templates/warga/privasi.html", "workflow/forms/citizen.py"} <= {*pages()}


def test_no_template_speaks_past_the_deck():
    beside = {"Yth", "PDF", "XLSX", "SMS", "WIB", "Bahasa", "Indonesia", "English"}  # the same in every language
    beside |= {"app", "wide"}  # a class that a page hands to its frame
    found = [
        (path.name, words - beside)
        for path in templates()
        if "gaya" not in path.parts and path.name != "gaya.html"  # samples, names of classes
        if (words := set(re.findall(r"[^\W\d_]{3,}", untranslated(path.read_text())))) - beside
    ]
    assert found == []


@pytest.mark.parametrize("texts", [DECK, LETTERS], ids=["pages", "letters"])
def test_one_thing_has_one_term(texts):
    allowed = IN_LETTERS if texts is LETTERS else set()
    found = [
        (word, text.places[:1], text.words)
        for text in texts
        if text.words not in GLOSSES
        for word in REFUSED.findall(text.words)
        if word.lower() not in allowed
    ]
    assert found == []


def test_a_citizen_reads_of_a_complaint_and_not_of_a_case():
    kinds = {"analisis kasus dan analisis pemangku kepentingan"}  # the guidelines' name of a paper
    found = [text.words for text in DECK if text.public and text.words not in kinds and "kasus" in text.words.lower()]
    assert found == []


@pytest.mark.parametrize("texts", [DECK, LETTERS], ids=["pages", "letters"])
def test_no_text_shouts_or_is_carelessly_set(texts):
    careless = re.compile(r"!|\.\.\.|  |\"|\w…|\s[,;:]|\s\.(?=\s|$)|\s\?$")
    plain = [(text.places[:1], NAMES_WITH_MARKS.sub("…", text.words)) for text in texts]
    assert [(place, words) for place, words in plain if careless.search(words)] == []


def test_capitals_inside_a_sentence_are_names():
    inside = re.compile(r"(?<=[\w,;)] )([A-Z][a-z]+)\b")
    found = [
        (word, text.places[:1], text.words)
        for text in DECK
        for word in inside.findall(re.sub(r"“[^”]*”", "“”", text.words))
        if word not in CAPITALS
    ]
    assert found == []


def test_headings_labels_and_buttons_begin_with_a_capital_and_end_without_a_full_stop():
    found = [
        (path.name, kind, words)
        for path in templates()
        for kind, *either in HEADINGS.findall(path.read_text())
        for words in ["".join(either)]
        if words[0].islower() or (words.endswith(".") and not words.endswith("No."))
    ]
    assert found == []


@pytest.mark.parametrize("texts", [DECK, LETTERS], ids=["pages", "letters"])
def test_sentences_stay_short(texts):
    found = [
        (count, text.places[:1], clause)
        for text in texts
        for clause in text.clauses
        if (count := len(WORD.findall(clause))) > (LONGEST_PUBLIC if text.public else LONGEST)
    ]
    assert found == []


def test_public_pages_read_like_primary_school():
    heavy = {page: round(level, 1) for page, said in pages().items() if (level := grade(said)) > GRADE}
    assert heavy == {}


def test_the_measure_tells_office_language_from_plain_language():
    office = "Penyelenggaraan administrasi keuangan dilaksanakan berdasarkan ketentuan peraturan perundang-undangan."
    plain = "Uang itu sudah kembali. Warga boleh melihat bukunya di kantor desa."
    assert grade([office]) > 12 > GRADE > grade(plain.split(". "))
    assert [syllables(word) for word in ("pantai", "air", "kalau", "desa", "NIK", "137")] == [2, 2, 2, 2, 1, 1]


def test_every_refusal_names_a_deed_or_the_right_form():
    sentences = {words for path in sources() for words in refusals(ast.parse(path.read_text()))}
    assert len(sentences) > 200
    helpful = DEEDS | RIGHT_FORM
    silent = {words for words in sentences if not helpful & {word.lower() for word in WORD.findall(words)}}
    assert silent == SAY_WHY_ONLY
