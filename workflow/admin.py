"""The words of replies, and what the machine did and owes, for reviewers (D48)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from pengaduan.models import Complaint
from tiers.admin_site import OfTheNation, ProgrammeRules, ReadOnly, ScopedAdmin, offices_kept, site
from tiers.models import Assignment, User
from tiers.permissions import Permission
from workflow import letter_pdf, letters, notices, sms, wording
from workflow.admin_holidays import HolidayAdmin
from workflow.admin_levels import ServiceLevelAdmin
from workflow.admin_quality import QualityReviewAdmin, QualitySampleAdmin
from workflow.admin_questions import QuestionsField
from workflow.admin_trail import EventAdmin, IdentityRequestAdmin
from workflow.models import Notification, ReplyTemplate, SweepRun

# kept in files of their own, registered with these
__all__ = [
    "EventAdmin",
    "HolidayAdmin",
    "IdentityRequestAdmin",
    "QualityReviewAdmin",
    "QualitySampleAdmin",
    "ServiceLevelAdmin",
]

QUESTIONS_HELP = _(
    "Satu pertanyaan sebaris: kode | jenis | pertanyaan. Jenis: pilihan, teks, tempat, tahun, tanggal. Pilihannya di"
    " belakang: peserta | pilihan | Apakah Anda peserta? | Ya | Bukan. “Saya tidak tahu” ditambahkan sendiri."
)


class ReplyTemplateForm(forms.ModelForm):
    """A template whose marks are all known to what it is used for, named with those that are allowed (D42)."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        code = self.instance.code or cleaned.get("code", "")
        for field in ("subject", "body"):
            if sentence := _fault(code, cleaned.get(field, "")):
                self.add_error(field, sentence)
        return cleaned


def _fault(code: str, text: str) -> str:
    """Return what is wrong with the marks in a text, as a sentence for the reviewer."""
    if unknown := wording.unknown_marks(code, text):
        return gettext("Tanda {%(mark)s} tidak dikenal di sini. Yang boleh dipakai: %(allowed)s.") % {
            "mark": unknown[0],
            "allowed": ", ".join(f"{{{mark}}}" for mark in wording.marks_of(code)),
        }
    if set("{}") & set(wording.MARK.sub("", text)):
        return gettext("Tanda kurung kurawal tidak berpasangan.")
    return ""


def _told(form: forms.ModelForm) -> list[tuple[str, str]]:
    return [(name, sentence) for name, sentences in form.errors.items() for sentence in sentences]


def _text(code: str) -> str:
    return sms.text_of(code, number=wording.EXAMPLE["nomor"], due_on=wording.EXAMPLE_DUE_ON)


@admin.register(ReplyTemplate, site=site)
class ReplyTemplateAdmin(ProgrammeRules):
    """The words that people read. A template is found by its code, so that it is edited and never deleted.

    Before it is saved it can be seen as mail, text message and letter, with invented facts.
    """

    form = ReplyTemplateForm
    change_form_template = "admin/workflow/replytemplate/change_form.html"

    list_display = ("name", "programme", "code", "is_letter")
    list_filter = (("programme", admin.RelatedOnlyFieldListFilter), "is_letter")
    list_select_related = ("programme",)
    search_fields = ("name", "^code", "subject")
    ordering = ("programme", "name")
    fields = ("programme", "code", "name", "subject", "body", "marks", "is_letter", "questions")
    readonly_fields = ("marks",)
    fixed = ("programme", "code", "is_letter")

    def get_fields(self, request: HttpRequest, obj: ReplyTemplate | None = None) -> tuple[str, ...]:
        asks = obj is not None and obj.code == notices.INCOMPLETE
        return self.fields if asks else tuple(name for name in self.fields if name != "questions")

    def formfield_for_dbfield(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "questions":
            return QuestionsField(label=_("Pertanyaan sekali ketuk"), required=False, help_text=QUESTIONS_HELP)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("tanda yang boleh dipakai"))
    def marks(self, template: ReplyTemplate) -> str:
        return ", ".join(f"{{{mark}}}" for mark in wording.marks_of(template.code))

    def get_urls(self) -> list:
        seen = self.admin_site.admin_view
        return [
            path("pratinjau/", seen(self.preview), name="workflow_replytemplate_preview_new"),
            path("<int:pk>/pratinjau/", seen(self.preview), name="workflow_replytemplate_preview"),
            *super().get_urls(),
        ]

    @method_decorator(require_POST)
    def preview(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Show what was typed, unsaved, as its reader would get it; a second button asks for the letter as PDF."""
        template = get_object_or_404(self.get_queryset(request), pk=pk) if pk else None
        if not (self.has_change_permission(request, template) if template else self.has_add_permission(request)):
            raise PermissionDenied
        form = self.get_form(request, template, change=bool(template))(request.POST, instance=template)
        if not form.is_valid():
            wrong = [(form[name].label if name in form.fields else "", said) for name, said in _told(form)]
            context = {"title": gettext("Pratinjau"), "errors": wrong}
            return self._preview_page(request, context, status=422)
        typed = form.instance
        words = letters.example(typed.programme, typed.code, typed.subject, typed.body)
        if "pdf" in request.POST:
            to_authority = typed.code in wording.AUTHORITY_LETTERS
            content = letter_pdf.example_pdf(
                typed.programme, words.subject, words.body, to_authority=to_authority, now=timezone.now()
            )
            return HttpResponse(content, content_type="application/pdf")
        to_officer = typed.code.startswith(notices.OFFICER)
        context = {
            "title": gettext("Pratinjau"),
            "words": words,
            "template": typed,
            "text": "" if to_officer or typed.is_letter else _text(typed.code),
            "on_paper": not to_officer,
            "posted": [(name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken"],
        }
        return self._preview_page(request, context)

    def _preview_page(self, request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return render(
            request,
            "admin/workflow/replytemplate/pratinjau.html",
            {**self.admin_site.each_context(request), "opts": self.opts, **context},
            status=status,
        )


class FateFilter(admin.SimpleListFilter):
    """Show first of all what failed."""

    title = _("keadaan")
    parameter_name = "keadaan"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("gagal", _("gagal")), ("menunggu", _("menunggu")), ("terkirim", _("terkirim"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "gagal":
            return queryset.failing()
        if self.value() == "menunggu":
            return queryset.filter(sent_at__isnull=True, given_up_at__isnull=True, attempts=0)
        return queryset.filter(sent_at__isnull=False) if self.value() == "terkirim" else queryset


class _Names(dict):
    def __missing__(self, code: str) -> str:
        return code.replace("-", " ").capitalize()  # a notice whose words nobody edits


def names_of_templates() -> dict[str, str]:
    """Return what people call each code; programmes call the same code nearly the same."""
    return _Names(ReplyTemplate.objects.order_by("-pk").values_list("code", "name"))


class WhatFilter(admin.SimpleListFilter):
    """Show the notices of one template, by its name."""

    title = _("isi")
    parameter_name = "isi"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        codes = Notification.objects.order_by("template").distinct("template").values_list("template", flat=True)
        names = names_of_templates()
        return sorted(((code, names[code]) for code in codes), key=lambda each: each[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(template=self.value()) if self.value() else queryset


@admin.register(Notification, site=site)
class NotificationAdmin(ReadOnly, ScopedAdmin):
    """What is owed to whom: the person by kind only, the address nowhere."""

    list_display = (
        "created_at",
        "complaint",
        "what",
        "recipient",
        "attempts",
        "last_error",
        "sent_at",
        "given_up_at",
    )
    list_filter = (FateFilter, WhatFilter)
    list_select_related = ("complaint", "user")
    search_fields = ("^complaint__number",)
    ordering = ("-created_at",)
    fields = (
        "complaint",
        "what",
        "recipient",
        "created_at",
        "next_attempt_at",
        "attempts",
        "last_error",
        "sent_at",
        "given_up_at",
    )
    readonly_fields = ("recipient", "what")

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        """Return the notices of complaints that the user sees, and those about no complaint to people of the area."""
        people = Assignment.objects.filter(office__in=offices_kept(user, permissions)).values("user")
        visible = Complaint.objects.visible_to(user).values("pk")
        return Q(complaint__in=visible) | Q(complaint__isnull=True, user__in=people)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        if found := getattr(response, "context_data", {}).get("cl"):
            names = names_of_templates()
            for notice in found.result_list:
                notice.named = names[notice.template]
        return response

    @admin.display(description=_("isi"), ordering="template")
    def what(self, notice: Notification) -> str:
        return getattr(notice, "named", "") or names_of_templates()[notice.template]

    @admin.display(description=_("kepada"))
    def recipient(self, notice: Notification) -> str:
        return str(notice.user) if notice.user_id else gettext("pelapor")


@admin.register(SweepRun, site=site)
class SweepRunAdmin(ReadOnly, OfTheNation):
    """What the escalation did, and whether it is held back and waits for a person (domain §11)."""

    list_display = ("as_of", "moved", "flagged", "refused", "by_hand")
    list_filter = ("by_hand",)
    ordering = ("-as_of",)
    fields = ("as_of", "started_at", "moved", "flagged", "refused", "by_hand")
