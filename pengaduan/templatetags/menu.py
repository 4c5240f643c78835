"""What the menu offers whom; none of it asks anything that an officer's page has not read already."""

from django import template

from pengaduan import board
from tiers import scope
from tiers.models import User
from tiers.permissions import Permission

register = template.Library()


@register.filter
def reads_complaints(user: User) -> bool:
    """Say whether someone sees complaints anywhere: a custodian alone does not (D63)."""
    return bool(scope.assignments_of(user, Permission.SEE))


@register.filter
def records_complaints(user: User) -> bool:
    """Say whether someone may take complaints in on another's behalf (D21)."""
    return bool(scope.assignments_of(user, Permission.RECORD))


@register.filter
def watches_deadlines(user: User) -> bool:
    """Say whether someone watches over an area: who supervises there, or receives its reports."""
    return bool(board.areas_of(user))


@register.filter
def receives_reports(user: User) -> bool:
    """Say whether the reports page holds anything for someone (D44)."""
    return bool(scope.assignments_of(user, Permission.RECEIVE_REPORTS))


@register.filter
def has_a_desk(user: User) -> bool:
    """Say whether someone has any assignment, without which no officer's page opens."""
    return bool(scope.assignments_of(user))
