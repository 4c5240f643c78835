"""Numbers that lead to their cases, where a page says how (`behind`); on paper they are numbers."""

from django import template
from django.utils.html import format_html

from reports.papers.numbers import amount

register = template.Library()


@register.simple_tag(takes_context=True)
def angka(context, number: int | None, measure: str, word: str = "", code: str = "") -> str:
    """Write a number; on screen as the link to the cases that it counts, in the row of this code of a table."""
    way = context.get("behind")
    if not way or not number:
        return amount(number)
    return format_html('<a class="govuk-link" href="{}">{}</a>', way.to(measure, word, code), amount(number))
