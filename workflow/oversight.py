"""Tell a complainant where to turn when no office may handle the matter: who oversees the programme (D35)."""

from datetime import date

from django.utils.translation import gettext

from pengaduan.models import Complaint
from workflow import routing


def where_to_turn(complaint: Complaint, *, on: date) -> str:
    """Return the sentences for a case that only the overseers can take further, nothing for all others.

    They name no reported party (D38), and the Ombudsman beside the overseer, to whom anyone may go.
    """
    if not complaint.is_open or not routing.is_for_oversight(complaint, on=on):
        return ""
    words = gettext(
        "Pengaduan ini tidak ditangani kantor program, melainkan diteruskan oleh pengawas. Anda juga dapat langsung"
        " menyampaikannya kepada %(overseer)s, atau kepada Ombudsman Republik Indonesia (telepon 137,"
        " ombudsman.go.id), tanpa biaya."
    )
    programme = complaint.programme
    address = ", ".join(line.strip() for line in programme.oversight_address.splitlines() if line.strip())
    overseer = programme.oversight_name or gettext("inspektorat yang mengawasi program ini")
    return words % {"overseer": f"{overseer} ({address})" if address else overseer}
