"""Sort the steps of a case page by what they are for, so that thirty links are five short lists."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflow.machine import Step

GROUPS: tuple[tuple[str | Promise, frozenset[str]], ...] = (
    (
        _("Catat"),
        frozenset(
            {
                *("catat-keterangan", "sepakati-tindakan", "catat-hasil-tindakan", "catat-uang", "tetapkan-terlapor"),
                *("bebastugaskan", "akhiri-pembebastugasan", "beri-bantuan", "catat", "lampirkan", "ubah-kategori"),
                *("ubah-bobot", "tautkan", "lepas-tautan", "pantau-hukum", "akhiri-proses-hukum", "alihkan-sifat"),
            }
        ),
    ),
    (
        _("Dengan pelapor"),
        frozenset(
            {
                *("minta-kelengkapan", "lengkapi", "lanjutkan-tanpa-kelengkapan", "kirim-pesan", "terima-hasil"),
                *("tolak-hasil", "tolak-jawaban", "buka-kembali", "buka-kembali-jawaban", "lanjutkan-kembali"),
                *("minta-perlindungan", "catat-perlindungan", "cabut"),
            }
        ),
    ),
    (
        _("Kantor, petugas, dan waktu"),
        frozenset(
            {
                *("tugaskan", "minta-bantuan", "naikkan", "turunkan", "ambil-alih", "perpanjang", "pindah-wilayah"),
                *("tetapkan-wilayah", "mundur"),
            }
        ),
    ),
    (
        _("Tutup dengan cara lain"),
        frozenset(
            {
                *("bukan-kewenangan", "ucapan-terima-kasih", "salurkan", "duplikat", "pisahkan", "proses-hukum"),
                *("serahkan-fase-akhir", "serahkan-pengawas"),
            }
        ),
    ),
)
OF_THE_STAGE = _("Tahap ini")  # whatever leads the case on belongs here
ELSEWHERE = frozenset().union(*(codes for _title, codes in GROUPS))
# While the complainant is awaited, what they may have said meanwhile stands with what leads the case on.
THEIR_WORD = frozenset({"lengkapi", "lanjutkan-tanpa-kelengkapan", "terima-hasil", "tolak-hasil", "tolak-jawaban"})
FEW = 3


def parted(steps: Iterable[Step]) -> tuple[list[Step], list[Step]]:
    """Part the steps into those shown at once, which lead the case on, and the rest; few are all shown at once."""
    steps = list(steps)
    if len(steps) <= FEW:
        return steps, []
    leading = [step for step in steps if step.code in THEIR_WORD or step.code not in ELSEWHERE]
    return leading, [step for step in steps if step not in leading]


def grouped(steps: Iterable[Step]) -> list[tuple[str | Promise, list[Step]]]:
    """Return the steps under their headings, in the table's order, without empty headings."""
    steps = list(steps)
    lists = [(OF_THE_STAGE, [step for step in steps if step.code not in ELSEWHERE])]
    lists += [(title, [step for step in steps if step.code in codes]) for title, codes in GROUPS]
    return [(title, found) for title, found in lists if found]
