"""Write a PDF anew without what acts, hides or tells on people: scripts, actions, embedded files, metadata."""

import io

import pikepdf
from django.utils.translation import gettext_lazy as _
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

MOST_PAGES = 300
ACTING = (
    "/JS", "/JavaScript", "/OpenAction", "/AA", "/EmbeddedFiles", "/EmbeddedFile", "/EF", "/AF", "/XFA", "/RichMedia",
    "/Metadata", "/PieceInfo", "/Collection", "/Launch", "/URI",
)  # fmt: skip
HARMLESS_ACTIONS = {"/GoTo", "/Named"}
ACTING_NOTES = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}


class UnreadablePaper(Exception):
    """A PDF that cannot be taken in; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def written_anew(content: bytes) -> bytes:
    """Return the PDF as we write it: the same pages, nothing that acts; raises UnreadablePaper."""
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise UnreadablePaper(_("PDF ini terkunci. Simpan tanpa kata sandi, lalu kirim lagi."))
            if not 0 < len(pdf.pages) <= MOST_PAGES:
                raise UnreadablePaper(_("PDF ini harus berisi 1 sampai %(most)d halaman.") % {"most": MOST_PAGES})
            return _cleaned(pdf)
    except pikepdf.PasswordError:
        raise UnreadablePaper(_("PDF ini terkunci. Simpan tanpa kata sandi, lalu kirim lagi.")) from None
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, RecursionError):
        raise UnreadablePaper(_("PDF ini rusak atau tidak dapat dibaca. Pilih berkas lain.")) from None


def _cleaned(pdf: Pdf) -> bytes:
    if "/Info" in pdf.trailer:
        del pdf.trailer["/Info"]
    for thing in pdf.objects:
        _disarm(thing)
        if isinstance(thing, Stream) and thing.get("/Filter") == Name.DCTDecode:
            thing.write(without_marks(thing.read_raw_bytes()), filter=Name.DCTDecode)
    written = io.BytesIO()
    pdf.save(written, deterministic_id=True)
    return written.getvalue()


def _disarm(thing: Object) -> None:
    """Take the acting entries out of an object and of the objects that lie directly in it."""
    if isinstance(thing, Array):
        for place in reversed(range(len(thing))):
            value = thing[place]
            if _is_acting_note(value):
                del thing[place]
            elif isinstance(value, Object) and not value.is_indirect:
                _disarm(value)
    elif isinstance(thing, Dictionary | Stream):
        for key in list(thing.keys()):
            value = thing[key]
            if key in ACTING or (key == "/A" and not _harmless(value)):
                del thing[key]
            elif isinstance(value, Object) and not value.is_indirect:
                _disarm(value)


def _harmless(action: Object) -> bool:
    return isinstance(action, Dictionary) and str(action.get("/S", "")) in HARMLESS_ACTIONS and "/Next" not in action


def _is_acting_note(thing: object) -> bool:
    return isinstance(thing, Dictionary) and str(thing.get("/Subtype", "")) in ACTING_NOTES


def without_marks(jpeg: bytes) -> bytes:
    """Return a JPEG without its EXIF and comments: a scanning telephone writes there who, when and where.

    The head is a row of segments `FF kind length`, until the picture itself begins (`FF DA`). APP0 and Adobe's APP14
    say how to read the colours and stay.
    """
    kept, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        kind, end = jpeg[at + 1], at + 2 + int.from_bytes(jpeg[at + 2 : at + 4])
        if not (kind == 0xFE or (0xE1 <= kind <= 0xEF and kind != 0xEE)):
            kept.append(jpeg[at:end])
        at = end
    return b"".join([*kept, jpeg[at:]])
