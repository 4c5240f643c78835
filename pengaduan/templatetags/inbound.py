"""Who finds the text messages in the menu, and how many wait."""

from django import template
from django.conf import settings

from pengaduan.models.inbound import Inbound, programmes_read_by
from tiers.models import User

register = template.Library()


@register.filter
def waiting_texts(user: User) -> int | None:
    """Return how many text messages wait for this user; None who reads none, and where none come in."""
    programmes = programmes_read_by(user) if settings.SMS_TOKEN else []
    return Inbound.objects.waiting().filter(programme__in=programmes).count() if programmes else None
