"""The days on which nobody works, from the yearly joint decrees, and the look-up of working days (D10)."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from holidays import country_holidays
from holidays.constants import GOVERNMENT, PUBLIC

from workflow import sla
from workflow.models import Holiday, WorkingDay
from workflow.seeding.merging import Merging, Outcome

YEARS = range(sla.WORKING_DAYS_FROM.year, sla.WORKING_DAYS_UNTIL.year + 1)
DECREED_UNTIL = 2027
ESTIMATED = " (perkiraan)"  # how the source marks a moon not yet sighted; `provisional` says it here


def load_holidays(*, overwrite: bool) -> Outcome:
    """Load the holidays and rebuild the look-up where they changed.

    What a person corrected stays, and so does what a person took out: a cuti bersama that the government cancelled
    does not come back, unless overwritten.
    """
    merging = Merging(_("Kalender"), overwrite)
    wanted = official_holidays()
    if not overwrite:
        for on in sorted(_taken_out() & wanted.keys()):
            sentence = _("Hari libur %(on)s, %(name)s: dihapus dari basis data.")
            merging.outcome.kept.append(sentence % {"on": on, "name": wanted.pop(on)["name"]})
    merging.rows(Holiday, wanted, key="on")
    if merging.outcome.changed or not WorkingDay.objects.exists():
        sla.rebuild_working_days()
    return merging.outcome


def official_holidays() -> dict[date, dict[str, Any]]:
    """Return the national holidays and cuti bersama of the years that the look-up covers, by day."""
    national = country_holidays("ID", years=YEARS, categories=PUBLIC, language="id")
    shared_leave = country_holidays("ID", years=YEARS, categories=GOVERNMENT, language="id")
    named = {on: (Holiday.Kind.SHARED_LEAVE, name) for on, name in shared_leave.items()}
    named |= {on: (Holiday.Kind.NATIONAL, name) for on, name in national.items()}
    return {
        on: {"name": name.replace(ESTIMATED, ""), "kind": kind, "provisional": on.year > DECREED_UNTIL}
        for on, (kind, name) in sorted(named.items())
    }


def _taken_out() -> set[date]:
    """Return the days that were once in the table and are no more, by the history that the database keeps."""
    once = Holiday.pgh_event_models["insert"].objects.values_list("on", flat=True)
    return set(once) - set(Holiday.objects.values_list("on", flat=True))
