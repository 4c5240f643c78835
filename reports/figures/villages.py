"""Call the office of a village by its rung of the ladder to who reads from far away: its name is a place (D57)."""

from collections.abc import Iterable

from reports.subject import Subject
from tiers.models import CODE_LENGTH, Office, Tier


def called(subject: Subject, offices: set[str], places: Iterable[str]) -> dict[str, str]:
    """Return what the village offices among these names are called in a report of a province or the nation.

    `places` are the codes of the places of the cases that they hold. A kabupaten reads the names as they are.
    """
    if subject.tier <= Tier.KABUPATEN or not offices:
        return {}
    around = {code[: CODE_LENGTH[Tier.KECAMATAN]] for code in places}
    found = Office.objects.filter(programme=subject.programme, tier=Tier.DESA, region__parent__in=around)
    villages = set(found.filter(name__in=offices).values_list("name", flat=True))
    ladder = subject.programme.ladder.filter(tier=Tier.DESA).values_list("name", flat=True)
    return dict.fromkeys(villages, ladder.first() or str(Tier.DESA.label)) if villages else {}
