"""Which complaints a reader of reports may not learn of, not by a count either (D35, D49)."""

from collections.abc import Iterable

from pengaduan.models import Complaint
from tiers.models import User


def kept_from(user: User, programmes: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Return the keys of the complaints of which nobody may let the user know, by programme: often none.

    Those against them or an office of theirs, and those they stepped aside from. A number that holds one of them would
    tell it by what is missing in the list behind it; so figures for this reader do not count them.
    """
    keys: dict[int, tuple[int, ...]] = {}
    found = Complaint.objects.filter(programme__in=programmes).in_conflict(user)
    for programme, key in found.order_by("pk").values_list("programme_id", "pk"):
        keys[programme] = (*keys.get(programme, ()), key)
    return keys
