"""One-tap questions as lines of text, so that no reviewer writes JSON (D59)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pengaduan.admin_forms import LinesField
from workflow.questions import CHOICE, CODE, DATE, FREE, LONGEST, PLACE, TEXT, YEAR, Question

KINDS = {CHOICE: "pilihan", TEXT: "teks", PLACE: "tempat", YEAR: "tahun", DATE: "tanggal"}  # as typed, in any language
KNOWN = {name: kind for kind, name in KINDS.items()}


class QuestionsField(LinesField):
    """A line is: code | kind | question, and behind it the choices where there are any."""

    def line_of(self, each: Question) -> str:
        return " | ".join([each["code"], KINDS[each["kind"]], each["question"], *each.get("options", [])])

    def to_python(self, value: str | None) -> list:
        found = super().to_python(value)
        codes = [each["code"] for each in found]
        if twice := next((code for code in codes if codes.count(code) > 1), None):
            raise ValidationError(_("Kode “%(code)s” dipakai dua kali. Ubah salah satunya."), params={"code": twice})
        return found

    def read_line(self, number: int, line: str) -> Question:
        parts = [part.strip() for part in line.split("|")]
        where = {"line": number, "most": LONGEST, "kinds": ", ".join(KNOWN)}
        if len(parts) < 3:
            raise ValidationError(_("Baris %(line)s: tulis kode | jenis | pertanyaan."), params=where)
        code, kind, words, *options = parts
        if not CODE.fullmatch(code) or code == FREE:
            sentence = _("Baris %(line)s: kode hanya huruf kecil, angka, dan tanda hubung, dan bukan “lain”.")
            raise ValidationError(sentence, params=where)
        if kind.lower() not in KNOWN:
            raise ValidationError(_("Baris %(line)s: jenisnya harus salah satu dari %(kinds)s."), params=where)
        if not words or len(words) > LONGEST:
            sentence = _("Baris %(line)s: isi pertanyaannya, paling panjang %(most)s huruf.")
            raise ValidationError(sentence, params=where)
        return self._with_options(where, {"code": code, "question": words, "kind": KNOWN[kind.lower()]}, options)

    def _with_options(self, where: dict, question: Question, options: list[str]) -> Question:
        if question["kind"] != CHOICE:
            if options:
                raise ValidationError(_("Baris %(line)s: hanya jenis pilihan yang mempunyai pilihan."), params=where)
            return question
        if not options or not all(options):
            raise ValidationError(_("Baris %(line)s: tulis pilihannya sesudah pertanyaan."), params=where)
        return question | {"options": options}
