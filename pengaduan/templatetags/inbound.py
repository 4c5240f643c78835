"""Who finds the text messages in the menu, and how many wait."""

from django import template
from django.conf import settings

from pengaduan.models.inbound import waiting_for
from tiers.models import User

register = template.Library()


@register.filter
def waiting_texts(user: User) -> int | None:
    """Return how many text messages wait for this user; None who reads none, and where none come in."""
    return waiting_for(user) if settings.SMS_TOKEN else None
