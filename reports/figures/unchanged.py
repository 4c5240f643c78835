"""Find the corrections that tell a reader nothing, because all that differs in them is kept from this reader (D49).

For them there is no such edition: "something was put right, and you do not see what" would tell the accused that there
is a case. They are not sent it, do not find it, and what they read stays the edition before.
"""

import hashlib
from collections.abc import Iterable

from django.core.cache import cache
from django.db.models import Q

from reports import editions
from reports.figures import tallies
from reports.figures.hidden import kept_from
from reports.models import Edition, EditionQuerySet
from tiers.models import CODE_LENGTH, Programme, Tier, User

KEPT_SECONDS = 24 * 3600


def for_reader(user: User, among: EditionQuerySet) -> set[int]:
    """Return the keys of the editions that there are not for a user; one query where nothing is kept from them."""
    hidden = kept_from(user, Programme.objects.values_list("pk", flat=True))
    return {key for programme, cases in hidden.items() for key in of_programme(programme, cases, among)}


def of_programme(programme: int, without: tuple[int, ...], among: EditionQuerySet) -> Iterable[int]:
    """Yield the keys of a programme's corrections that tell nothing to whom these cases are kept from."""
    if not without:
        return
    buckets = tallies.concerned(without)
    places = buckets | {bucket[: CODE_LENGTH[Tier.PROVINSI]] for bucket in buckets}
    later = among.filter(Q(region=None) | Q(region__in=places), programme=programme, number__gt=1).order_by()
    for edition in later.select_related("programme", "region"):
        if tells_nothing(edition, without):
            yield edition.pk


def tells_nothing(edition: Edition, without: tuple[int, ...]) -> bool:
    """Say whether a correction is no different from the edition before, once these cases are left out of both."""
    if edition.number == 1 or not without or not editions.is_intact(edition):
        return False
    key = f"unchanged:{edition.pk}:{hashlib.sha256(repr(without).encode()).hexdigest()[:16]}"
    told = cache.get(key)
    if told is None:
        told = bool(editions.changed(edition, without))
        cache.set(key, told, KEPT_SECONDS)
    return not told
