"""What officers call the people who brought a matter: by how secret they are, and by a number where there are several.

The number is the order in which they came and stays with them: officers talk of them by it (D20, D37).
"""

from django.utils.translation import gettext

from pengaduan.models import Complainant, Complaint


def labelled(complaint: Complaint) -> list[tuple[Complainant, str]]:
    """Return everyone who ever brought the matter, with what they are called; one query."""
    people = list(complaint.ever_complained())
    if len(people) == 1:
        return [(people[0], people[0].get_secrecy_display())]
    return [(person, _numbered(person, number)) for number, person in enumerate(people, start=1)]


def _numbered(person: Complainant, number: int) -> str:
    words = gettext("Pelapor %(number)d (%(secrecy)s)")
    if person.withdrawn_at:
        words = gettext("Pelapor %(number)d (%(secrecy)s, sudah mencabut)")
    return words % {"number": number, "secrecy": person.get_secrecy_display().lower()}
