"""The page of the cases behind a number of the dashboard (D35, D44, D49)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from pengaduan.models import Category, Channel, Stage
from reports import editions
from reports.figures.hidden import kept_from
from reports.models import Edition
from reports.pages import behind, choosing, standing
from reports.pages.behind import Number
from reports.pages.choosing import NOTHING, PARTS, Chosen
from reports.papers.names import AGES
from reports.periods import JAKARTA
from reports.queries import OWED
from reports.subject import Subject
from tiers.models import CODE_LENGTH, Region, Tier, User
from workflow.views.kept import officer_page

TITLES = {
    "received": gettext_lazy("Masuk"),
    "complainants": gettext_lazy("Pelapor dari pengaduan yang masuk"),
    "settled": gettext_lazy("Selesai"),
    "on_time": gettext_lazy("Selesai tepat waktu"),
    "settled_late": gettext_lazy("Selesai sesudah tenggat asli"),
    "aside": gettext_lazy("Ditutup lewat jalan lain"),
    "open_before": gettext_lazy("Berjalan pada awal bulan"),
    "open": gettext_lazy("Berjalan"),
    "late": gettext_lazy("Terlambat"),
    "closings": gettext_lazy("Ditutup"),
    "reopenings": gettext_lazy("Dibuka kembali"),
    "rejections": gettext_lazy("Hasil ditolak pelapor"),
    "escalations": gettext_lazy("Eskalasi otomatis"),
    "not_followed_up": gettext_lazy("Belum ditindaklanjuti"),
    "merged": gettext_lazy("Digabung dengan pengaduan lain"),
    "waiting": gettext_lazy("Menunggu pelapor"),
    "past_due": gettext_lazy("Lewat tenggat jenjangnya"),
    "due_soon": gettext_lazy("Jatuh tempo dalam 30 hari"),
}
TIMES = dict.fromkeys(("closings", "reopenings", "rejections", "escalations"), gettext_lazy("Berapa kali"))
TIMES["complainants"] = gettext_lazy("Pelapor")
"""What a case may have counted for more than once, and the head of its column."""

ROWS_OF = {word: column for word, (column, _label) in PARTS.items()} | {
    "tempat": "place",
    "tahap": "stage",
    "umur": "age",
    "tersendiri": "channel",
}
TABLES = {
    "category": "categories",
    "field": "fields",
    "channel": "channels",
    "source": "sources",
    "weight": "weights",
    "tier": "tiers",
    "place": "places",
    "stage": "stages",
    "age": "ages",
}
"""The words of an address that name a row of a table, and the columns by which the tables divide."""


@dataclass(frozen=True)
class Way:
    """The way from a number to its cases, for the templates; `chosen` is what the page around it shows."""

    chosen: Chosen

    def to(self, measure: str, word: str = "", code: str = "") -> str:
        """Return the address of the list behind a measure, of the row of this code in the table of this word."""
        row = {word: str(code) or NOTHING} if word else {}
        return f"/petugas/laporan/daftar/?{self.chosen.query(ukuran=measure, **row)}"


@dataclass(frozen=True)
class Wanted:
    """The list that an address asks for, in its own terms and in words."""

    chosen: Chosen
    number: Number
    title: str
    rows: list[str]  # what it is narrowed to


@require_safe
@officer_page
def listing(request: HttpRequest) -> HttpResponse:
    """Show the cases behind a number, to whoever reads the report that says it; of another area it is not there."""
    now = timezone.now()
    asked, subject = asked_list(request.GET, request.user, now=now)
    as_of, sent = standing.instant_of(subject, now=now)
    page = behind.page_of(asked.number, subject, request.user, as_of=as_of, after=request.GET.get("sesudah", ""))
    context = {
        "wanted": asked,
        "subject": subject,
        "page": page,
        "as_of": as_of.astimezone(JAKARTA),
        "is_running": as_of < subject.period.ends_at,
        "edition": sent,
        "cases": _in_words(page, subject),
        "all_late": asked.number.measure == "late",
        "times": TIMES.get(asked.number.measure, ""),
        "differs": _otherwise_told(asked.number, page, sent, subject),
        "back": f"/petugas/laporan/?{asked.chosen.query()}",
        "wider": _plain(asked.chosen).query(ukuran=asked.number.measure),
    }
    return render(request, "laporan/daftar.html", context)


def asked_list(asked: Mapping[str, str], user: User, *, now: datetime) -> tuple[Wanted, Subject]:
    """Return which list of which figures an address asks for; what the user gets no reports of is not there."""
    offices = choosing.offices_with_reports(user)
    if not offices or asked.get("ukuran") not in TITLES:
        raise Http404
    chosen = choosing.read(asked, offices, now=now)
    if chosen.programme is None:
        raise Http404
    hidden = kept_from(user, [chosen.programme.pk])
    return wanted(asked, chosen), _plain(chosen).subject(without=hidden.get(chosen.programme.pk, ()))


def _plain(chosen: Chosen) -> Chosen:
    """Return the whole of which something is chosen: a list names its rows by itself."""
    return Chosen(chosen.programmes, chosen.programme, chosen.region, chosen.month)


def wanted(asked: Mapping[str, str], chosen: Chosen) -> Wanted:
    """Return which number an address means, of what is chosen; a row that does not exist is not there."""
    codes = dict(chosen.only)
    codes |= {word: asked[word] for word in ("tempat", "tahap", "umur", "tersendiri") if asked.get(word)}
    codes = {word: "" if code == NOTHING else code for word, code in codes.items()}
    of = tuple((ROWS_OF[word], _age(code) if word == "umur" else code) for word, code in codes.items())
    number = Number(asked["ukuran"], of, "tersendiri" in codes)
    rows = [f"{_label(word)}: {_name(word, code, chosen)}" for word, code in codes.items()]
    return Wanted(chosen, number, str(TITLES[asked["ukuran"]]), rows)


def _age(code: str) -> str:
    """Return the number of an age group, as the statement counts them."""
    if code not in AGES:
        raise Http404
    return str(list(AGES).index(code) + 1)


def _label(word: str) -> str:
    own = {"tempat": _("Tempat"), "tahap": _("Tahap"), "umur": _("Umur"), "tersendiri": _("Dihitung tersendiri")}
    return own.get(word) or str(PARTS[word][1])


def _name(word: str, code: str, chosen: Chosen) -> str:
    """Return the name of a row; a place or a channel that does not exist has no list."""
    if word == "tempat":
        found = Region.objects.filter(pk=code).first() if code else _("Lokasi belum lengkap")
    elif word == "tahap":
        found = dict(Stage.choices).get(code)
    elif word == "umur":
        found = AGES[code]
    elif word == "tersendiri":
        found = Channel.objects.filter(programme=chosen.programme, code=code).first()
    else:
        found = choosing.names_of_parts(chosen.programme)[word].get(code)
    if found is None:
        raise Http404
    return str(found)


def _otherwise_told(number: Number, page: behind.Page, sent: Edition | None, subject: Subject) -> int | None:
    """Return what the report that was sent says of this number, if that is not what the list comes to today.

    A place or a channel that was put right since has no history. Nothing is said to readers from whom a case is kept:
    what the report says to others is not theirs to know (D49).
    """
    if sent is None or subject.without or len(number.of) > 1 or number.measure in OWED:
        return None
    figures = editions.read(sent)
    if number.of:
        ((column, code),) = number.of
        table = "channels_apart" if number.apart else TABLES[column]
        code = list(AGES)[int(code) - 1] if column == "age" else code
        rows = {row["code"]: row["measures"] for row in figures.get(table, [])}
        if table not in figures:
            return None
        counts = rows.get(code, {})
    else:
        counts = figures["totals"]
    told = counts.get(number.measure, 0)
    if number.measure == "on_time":
        told = counts.get("settled", 0) - counts.get("settled_late", 0)
    return told if told != page.times else None


def _in_words(page: behind.Page, subject: Subject) -> list[dict]:
    categories = dict(Category.objects.filter(programme=subject.programme).values_list("code", "name"))
    codes = {case.region[:length] for case in page.cases for length in (2, 5, 8)}
    regions = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    return [
        {
            "complaint": case.complaint,
            "age_days": case.age_days,
            "times": case.times,
            "category": categories.get(case.category, case.category),
            "place": _place(case.region, regions, subject),
            "stage": Stage(case.stage).label,
            "office": case.office,
            "late": case.late,
        }
        for case in page.cases
    ]


def _place(code: str, names: dict[str, str], subject: Subject) -> str:
    """Return a kecamatan with its kabupaten, where that is not the one that the page is about."""
    lengths = (8,) if subject.tier == Tier.KABUPATEN and len(code) >= CODE_LENGTH[Tier.KECAMATAN] else (8, 5)
    parts = [names.get(code[:length], "") for length in lengths if len(code) >= length] or [names.get(code, code)]
    return ", ".join(filter(None, parts))
