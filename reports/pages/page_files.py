"""Hand out what the dashboard shows as files: the workbook of the report, and all counts as one plain sheet (D44).

A sent report has its own files; these are of what is on the page: a running month, a part of the figures.
"""

import csv
import io
from collections.abc import Iterator

from django.http import Http404, HttpResponse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from reports.lists.export_files import DELIMITER, safe
from reports.papers import documents
from reports.papers.files import MEDIA_TYPES
from reports.papers.names import MEASURES, SECTIONS
from reports.papers.words import Line, Reading
from reports.periods import JAKARTA

FORMATS = ("xlsx", "csv")


def answer(reading: Reading, ending: str, *, narrowed: list[str]) -> HttpResponse:
    """Return a file of what is shown; `narrowed` says in words of which part of the cases, if not of all.

    Only the sheet says so; a workbook is of all.
    """
    if ending == "csv":
        content, kind = _csv(reading, narrowed), "text/csv; charset=utf-8"
    elif narrowed:
        raise Http404
    else:
        content, kind = documents.render(reading, ending), MEDIA_TYPES[ending]
    day = f"{reading.edition.as_of.astimezone(JAKARTA):%Y-%m-%d}"
    name = f"{reading.subject.slug}{'-saringan' if narrowed else ''}-per-{day}.{ending}"
    return HttpResponse(
        content,
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Security-Policy": "sandbox"},
    )


def _csv(reading: Reading, narrowed: list[str]) -> bytes:
    """Return every count as one row a line of a table, in Indonesian, as Excel in Indonesia reads it."""
    written = io.StringIO(newline="")
    with translation.override("id"):
        sheet = csv.writer(written, delimiter=DELIMITER)
        as_of = date_format(reading.edition.as_of.astimezone(JAKARTA), "j F Y H.i")
        sheet.writerow([safe(reading.subject.title), _("Keadaan per %s WIB.") % as_of, *map(safe, narrowed)])
        sheet.writerow([_("Tabel"), _("Kode"), _("Nama"), *(str(label) for label in MEASURES.values())])
        for table, lines in _tables(reading):
            for line in lines:
                counts = [line.counts.get(measure, "") for measure in MEASURES]
                sheet.writerow([str(SECTIONS[table]), safe(line.code), safe(line.label), *counts])
    return written.getvalue().encode("utf-8-sig")


def _tables(reading: Reading) -> Iterator[tuple[str, list[Line]]]:
    yield "totals", [Line(_("Jumlah"), reading.totals)]
    yield "before", [Line(reading.subject.period.previous.label, reading.before)]
    for name in ("categories", "fields", "weights", "sources", "channels", "places", "stages", "tiers", "ages"):
        yield name, getattr(reading, name)
    yield "channels_apart", reading.channels_apart
