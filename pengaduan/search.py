"""The search of an officer: words of what everyone who sees a case reads, its number and its place, all together (D37).

`SearchEntry` holds those words, kept by triggers; never the original text, nor anybody's name. One index answers for
words within a reach, as the offices that see a case stand in it as words too (scale.md). Of what is found the newest
`NEWEST` are ranked: to rank a whole country would take a second.
"""

import re

from django.contrib.postgres.search import SearchQuery, SearchQueryCombinable, SearchQueryField, SearchRank
from django.db.models import F, FloatField, IntegerField, Lookup, Q, Value
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.db.models.functions import Cast, Round

from pengaduan.inbox import ROWS, WHOLE, Narrowed, Page, cursor_at, read_cursor, rows_of
from pengaduan.models import Complaint, SearchEntry
from pengaduan.models.complaint import granted_to
from tiers import scope
from tiers.models import Office, Tier, User
from tiers.permissions import Permission

NEWEST = 200
LONGEST = 80  # characters that are looked for; a case is found by a few words, not by a copied letter
NUMBER = re.compile(r"\b[a-z]{2,10}-[0-9]{2}[0-9.]*(?:-[0-9]{1,4}(?:-[0-9]*)?)?", re.IGNORECASE)
# What stands in nearly every text, and would keep a case from being found in which it does not.
FILLERS = frozenset(
    [
        "ada", "adalah", "agar", "akan", "antara", "apa", "atau", "bagi", "bahwa", "belum", "bila", "bisa", "dalam",
        "dan", "dapat", "dari", "dengan", "di", "hanya", "ini", "itu", "juga", "kami", "karena", "ke", "kepada", "kita",
        "lagi", "mohon", "oleh", "pada", "para", "pun", "saat", "saja", "sampai", "saya", "secara", "sebagai",
        "seperti", "serta", "sudah", "telah", "tentang", "tidak", "untuk", "yaitu", "yang",
    ]
)  # fmt: skip


class Matches(Lookup):
    """Say whether a vector of words fulfils a query: `words @@ query`."""

    lookup_name = "matches"
    prepare_rhs = False

    def as_sql(self, compiler, connection):
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}", (*left_params, *right_params)


class Exactly(SearchQueryCombinable, Cast):
    """A query in PostgreSQL's own writing, of words as they stand in the vector."""

    config = None

    def __init__(self, lexemes: str) -> None:
        super().__init__(Value(lexemes), SearchQueryField())


def words_of(typed: str) -> list[str]:
    """Return what is looked for: numbers or their beginnings, and words without fillers unless there are no others."""
    typed = typed[:LONGEST]
    numbers = [found.lower() for found in NUMBER.findall(typed)]
    words = re.findall(r"[^\W_]+", NUMBER.sub(" ", typed))
    telling = [word for word in words if word.lower() not in FILLERS]
    return [*numbers, *(telling or words if not numbers else telling)]


def page_of(user: User, typed: str, *, narrowed: Narrowed = WHOLE, after: str = "") -> Page:
    """Return one page of the complaints, open and closed, in which all that was typed is found; the best first."""
    words = words_of(typed)
    if not words:
        return Page([], None)
    telling = _query(words)
    newest = SearchEntry.objects.filter(Matches(F("words"), telling), _reach(user, narrowed))
    newest = newest.order_by("-complaint_id").values("complaint_id")[:NEWEST]
    rank = Cast(Round(SearchRank(F("search__words"), telling) * Value(1_000_000, FloatField())), IntegerField())
    found = Complaint.objects.visible_to(user).filter(pk__in=newest).annotate(rank=rank)
    if narrowed.office is not None:
        found = found.filter(office=narrowed.office)
    if place := read_cursor(after):
        found = found.filter(TupleLessThan((F("rank"), F("id")), place))
    keys = list(found.order_by("-rank", "-id").values_list("rank", "id")[: ROWS + 1])
    rows = rows_of([key for _rank, key in keys[:ROWS]])
    return Page(rows, cursor_at(*keys[ROWS - 1]) if len(keys) > ROWS else None)


def fewer(typed: str) -> list[str]:
    """Return what may be tried where nothing was found: the same without one of its words."""
    words = words_of(typed)
    if len(words) < 2:
        return []
    return [" ".join(words[:place] + words[place + 1 :]) for place in range(len(words))]


def _query(words: list[str]) -> SearchQueryCombinable:
    """Return the words as a query that all of them must fulfil: stemmed, of a number its beginning."""
    query = None
    for word in words:
        # only letters, digits, dots and dashes are in a number: nothing that could end the quotes
        each = Exactly(f"'{word}':*") if NUMBER.fullmatch(word) else SearchQuery(word, config="indonesian")
        query = each if query is None else query & each
    return query


def _reach(user: User, narrowed: Narrowed) -> Q:
    """Return who may see it as words of the entry: any office of the user, or a named exception.

    It only makes the set small before it is cut; `visible_to` decides.
    """
    offices = narrowed.of(scope.offices_of(user, Permission.SEE))
    lexemes = " | ".join(f"'{_lexeme(office)}'" for office in offices)
    reach = Q(Matches(F("words"), Exactly(lexemes))) if lexemes else Q(pk__in=[])
    if granted := granted_to(user):
        reach |= Q(pk__in=granted)
    return reach & Q(Matches(F("words"), Exactly(f"'r:{narrowed.place}'"))) if narrowed.place else reach


def _lexeme(office: Office) -> str:
    return f"s{office.programme_id}:{'' if office.tier == Tier.PUSAT else office.region_id}"
