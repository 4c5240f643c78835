"""What templates write over and over: form parts, stage tags, deadlines, dates and links; docs/face.md shows each."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import forms, template
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext

from pengaduan.models.complaint import Stage, Weight
from pengaduan.templatetags import parts
from tiers import scope
from tiers.forms import DayMonthYearWidget
from tiers.permissions import Permission

register = template.Library()
register.tags.update(parts.register.tags)

SOON_DAYS = 3
"""From how many days before a deadline it is shown as near; the inbox has a view of the same length."""

STAGE_COLOURS = {
    Stage.REGISTRATION: "magenta",
    Stage.ANSWER: "blue",
    Stage.CLARIFICATION: "blue",
    Stage.ANALYSIS: "purple",
    Stage.HANDLING: "teal",
    Stage.MONITORING: "teal",
    Stage.SETTLED: "green",
    Stage.FEEDBACK: "green",
    Stage.REVIEW: "orange",
    Stage.CLOSED: "grey",
}

CONTROL_CLASSES = (
    (forms.CheckboxInput, "govuk-checkboxes__input"),
    (forms.FileInput, "govuk-file-upload"),
    (forms.Textarea, "govuk-textarea"),
    (forms.RadioSelect, ""),
    (forms.CheckboxSelectMultiple, ""),
    (forms.Select, "govuk-select"),
    (forms.MultiWidget, ""),
    (forms.widgets.Input, "govuk-input"),
)
"""The class of each kind of control, the special before the general; those without one carry it in their template."""


@register.filter
def keeps_identities(user) -> bool:
    """Say whether someone is an identity custodian somewhere; asks nothing that an officer's page has not read."""
    return bool(scope.assignments_of(user, Permission.OPEN_IDENTITY))


@register.simple_tag
def control(field) -> str:
    """Render the control of a bound field alone, with its class, its error class and no placeholder.

    A placeholder goes away when typing begins and is too pale to read: the hint says it instead.
    """
    widget = field.field.widget
    block = next((name for kind, name in CONTROL_CLASSES if isinstance(widget, kind)), "")
    classes = [block, widget.attrs.get("class", "")]
    if block and field.errors and not isinstance(widget, forms.CheckboxInput):
        classes.append(f"{block}--error")
    attrs = {"class": " ".join(filter(None, classes)) or False, "placeholder": False}
    return field.as_widget(attrs=attrs)


@register.simple_tag
def field_label(field) -> str:
    """Return a field's label, saying when it may be skipped; a form with `mark_optional = False` says it nowhere."""
    if field.field.required or not getattr(field.form, "mark_optional", True):
        return field.label
    return gettext("%(label)s (boleh dilewati)") % {"label": field.label}


@register.inclusion_tag("django/forms/field.html")
def question(field) -> dict:
    """Render a field whose label is the heading of its page: one question, one page."""
    return {"field": field, "question": True}


@register.inclusion_tag("face/error_summary.html")
def error_summary(*bound_forms) -> dict:
    """List what is wrong in these forms, each line a link to its field. It stands above the h1."""
    problems = []
    for form in filter(None, bound_forms):
        form.errors_told = True
        hidden = [error for field in form.hidden_fields() for error in field.errors]
        problems += [(None, sentence) for sentence in [*form.non_field_errors(), *hidden]]
        problems += [(_target(field), sentence) for field in form.visible_fields() for sentence in sentences(field)]
    return {"problems": problems}


@register.filter
def sentences(field) -> list[str]:
    """Return what is wrong with a field, naming it where the library only says that "this field" is empty."""
    return [sentence for error in field.errors.as_data() for sentence in _named(error, field)]


def _named(error: ValidationError, field) -> list[str]:
    if error.code != "required" or str(error.message) != str(forms.Field.default_error_messages["required"]):
        return error.messages
    if field.label.endswith("?"):
        return [gettext("Jawab pertanyaan ini: %(label)s") % {"label": field.label}]
    return [gettext("%(label)s wajib diisi.") % {"label": field.label}]


@register.simple_tag
def error_prefix(*bound_forms) -> str:
    """Begin the title of a page that refuses something, so that a screen reader says so first."""
    return gettext("Kesalahan: ") if any(form.errors for form in bound_forms if form) else ""


def _target(field) -> str:
    if not field.use_fieldset:
        return field.id_for_label
    widget = field.field.widget
    place = widget.faulty_parts(field.value())[0] if isinstance(widget, DayMonthYearWidget) else 0
    return f"{field.auto_id}_{place}"


@register.simple_tag
def weight_tags(complaint) -> str:
    """Show what makes a case go first: heavy, prominent (D14); nothing for the others."""
    marks = []
    if complaint.weight == Weight.HEAVY:
        marks.append(("red", gettext("Berat")))
    if complaint.prominent:
        marks.append(("orange", gettext("Menonjol")))
    return format_html_join(" ", '<strong class="govuk-tag govuk-tag--{}">{}</strong>', marks)


@register.simple_tag
def stage_tag(complaint) -> str:
    """Show the stage as a coloured tag; the words carry the meaning, the colour only helps the eye."""
    colour = STAGE_COLOURS[complaint.stage]
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', colour, complaint.get_stage_display())


@register.simple_tag
def deadline(complaint, now: datetime, original: bool = False) -> str:
    """Say how long there is, and until which day at the place of the complaint (D11).

    The deadline is that of the tier that holds the case, by which lists are sorted; with `original` the first
    one, which decides "on time" (D32). Days are those of the place's calendar, counted from `now`.
    """
    zone = ZoneInfo(complaint.zone)
    if complaint.closed_at:
        return _due("still", gettext("Ditutup"), complaint.closed_at, zone)
    if complaint.settled_at:
        return _due("still", gettext("Diselesaikan"), complaint.settled_at, zone)
    if complaint.waiting_since:
        return _due("still", gettext("Jam berhenti: menunggu pelapor"))
    due_at = complaint.due_at if original else complaint.tier_due_at
    days = (timezone.localdate(due_at, zone) - timezone.localdate(now, zone)).days
    if due_at < now:
        late = max(-days, 1)
        return _due("late", ngettext("Terlambat %d hari", "Terlambat %d hari", late) % late, due_at, zone)
    urgency = "soon" if days <= SOON_DAYS else ""
    words = ngettext("Sisa %d hari", "Sisa %d hari", days) % days if days else gettext("Hari ini")
    return _due(urgency, words, due_at, zone)


def _due(urgency: str, words: str, instant: datetime | None = None, zone: ZoneInfo | None = None) -> str:
    classes = f"app-due app-due--{urgency}" if urgency else "app-due"
    if instant is None:
        return format_html('<span class="{}">{}</span>', classes, words)
    day = timezone.localdate(instant, zone)
    short = date_format(day, "j M Y")
    return format_html(
        '<span class="{}">{} · <time datetime="{}">{}</time></span>', classes, words, day.isoformat(), short
    )


@register.filter
def tanggal(value: date | datetime | None) -> str:
    """Write a day in full, "27 Maret 2026"; an instant is taken to the current time zone, None gives nothing."""
    if value is None:
        return ""
    day = timezone.localdate(value) if isinstance(value, datetime) else value
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), date_format(day, "j F Y"))


@register.simple_tag(takes_context=True)
def nav_link(context, path: str, words: str, whole: bool = False) -> str:
    """Link to a part of the site; marks the page one is on and, for a `whole` part, every page that lies in it."""
    request = context.get("request")
    here = request.path if request else ""
    current = ""
    if here == path or (whole and here.startswith(path)):
        current = format_html(' aria-current="{}"', "page" if here == path else "true")
    return format_html('<a class="app-nav__link" href="{}"{}>{}</a>', path, current, words)


@register.simple_tag
def back_link(href: str, words: str = "") -> str:
    """Lead back, named "Kembali" or after the page it leads to; a landmark of its own, for the block `before`."""
    label = gettext("Kembali")
    return format_html(
        '<nav aria-label="{}"><a class="govuk-back-link" href="{}">{}</a></nav>', label, href, words or label
    )


@register.inclusion_tag("face/next_page.html", takes_context=True)
def next_page_link(context, cursor: str | None, name: str = "sesudah") -> dict:
    """Link to the rows after `cursor` (keyset) and back to the first, keeping the other words of the address."""
    query = context["request"].GET.copy()
    later = query.pop(name, None) is not None
    first = query.urlencode()
    if cursor:
        query[name] = cursor
    return {"following": query.urlencode() if cursor else "", "first": f"?{first}" if later else ""}


@register.simple_tag
def summary_row(words: str, value, href: str = "", change: str = "") -> str:
    """Write one row of a govuk-summary-list; with `href` a link to change it, named `change` or "Ubah"."""
    return summary_cell(value if value not in (None, "") else gettext("Belum diisi"), words, href, change)


@register.simple_block_tag
def summary_cell(content: str, words: str, href: str = "", change: str = "") -> str:
    """Write one row of a govuk-summary-list whose value needs markup of its own."""
    action = format_html(
        '<dd class="govuk-summary-list__actions"><a class="govuk-link" href="{}">{}'
        '<span class="govuk-visually-hidden"> {}</span></a></dd>',
        href,
        change or gettext("Ubah"),
        words,
    )
    return format_html(
        '<div class="govuk-summary-list__row"><dt class="govuk-summary-list__key">{}</dt>'
        '<dd class="govuk-summary-list__value">{}</dd>{}</div>',
        words,
        content,
        action if href else "",
    )


@register.filter
def in_fours(code: str) -> str:
    """Write a code as groups of four that stay together, to be read out: inside `app-code`."""
    plain = "".join(code.split())
    return format_html_join("", "<span>{}</span>", ((plain[at : at + 4],) for at in range(0, len(plain), 4)))
