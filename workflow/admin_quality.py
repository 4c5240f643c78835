"""Samples of closed cases for reviewers: drawn at random, judged by a checklist, counted (D40, D48).

A sample shows numbers and offices; the case itself is read on its own page, under the same rules as everywhere.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminRadioSelect
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Complaint
from tiers import scope
from tiers.admin_site import NOTHING, ScopedAdmin, posts, site
from tiers.models import Programme, Region, Tier, User
from tiers.permissions import Permission
from workflow import actions, quality
from workflow.machine import Refused
from workflow.models import QualityReview, QualitySample

READ, JUDGE = (Permission.REVIEW, Permission.AUDIT), (Permission.REVIEW,)
YES_NO = ((True, _("Ya")), (False, _("Tidak")))


class SampleForm(forms.ModelForm):
    """What to draw from; the drawing itself may still refuse, with a sentence."""

    size = forms.IntegerField(
        label=_("Jumlah pengaduan"),
        min_value=quality.SMALLEST,
        max_value=quality.LARGEST,
        initial=10,
        help_text=_("5 sampai 50. Diambil secara acak dari yang selesai; bila kurang, semuanya."),
    )
    filled_in_by: User

    class Meta:
        model = QualitySample
        fields = ("programme", "region", "closed_from", "closed_until")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        begin, end = cleaned.get("closed_from"), cleaned.get("closed_until")
        if begin and end and not begin <= end <= begin + quality.LONGEST:
            raise ValidationError({"closed_until": _("Masanya paling lama satu tahun, dan berakhir sesudah mulainya.")})
        if not self.errors:
            self._draw(cleaned)
        return cleaned

    def _draw(self, cleaned: dict[str, Any]) -> None:
        """Draw while the form is checked, so that a refusal is told at its field; the request is one transaction."""
        try:
            self.drawn = actions.draw_sample(by=self.filled_in_by, now=timezone.now(), **cleaned)
        except Refused as refusal:
            raise ValidationError({refusal.field or "programme": str(refusal)}) from refusal


class QualityAdmin(ScopedAdmin):
    """Rows of samples: of one's programmes and area."""

    def is_open_to(self, user: User, permissions: tuple[Permission, ...]) -> bool:
        return bool(posts(user, permissions))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.is_open_to(request.user, READ)

    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return self._reaches(request.user, READ, obj)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.model._default_manager.filter(self.reach(request.user, READ))


def _samples_of(user: User, permissions: tuple[Permission, ...], *, path: str = "") -> Q:
    """Return the samples of the user's posts: of the whole programme at Pusat, else of their region and below it."""
    area = NOTHING
    for post in posts(user, permissions):
        within = Q(**{f"{path}programme": post.programme_id})
        if post.tier != Tier.PUSAT:
            region = f"{path}region"
            within &= Q(**{region: post.region_id}) | Q(**{f"{region}__code__startswith": f"{post.region_id}."})
        area |= within
    return area


@admin.register(QualitySample, site=site)
class QualitySampleAdmin(QualityAdmin):
    """A sample once drawn stays as it is: its page shows what was found."""

    form = SampleForm
    change_form_template = "admin/workflow/qualitysample/change_form.html"
    list_display = ("drawn_at", "programme", "region", "closed_from", "closed_until", "judged", "returned", "drawn_by")
    list_display_links = ("drawn_at",)
    list_select_related = ("programme", "region", "drawn_by")
    ordering = ("-drawn_at",)
    autocomplete_fields = ("region",)

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        return _samples_of(user, permissions)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.is_open_to(request.user, JUDGE)

    def has_change_permission(self, request: HttpRequest, obj: QualitySample | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        returned = Count("reviews", Q(reviews__verdict=QualityReview.Verdict.RETURNED))
        return rows.annotate(drawn=Count("reviews"), waiting=Count("reviews", Q(reviews__verdict="")), back=returned)

    @admin.display(description=_("sudah dinilai"))
    def judged(self, sample: QualitySample) -> str:
        counts = {"judged": sample.drawn - sample.waiting, "drawn": sample.drawn}
        return gettext("%(judged)s dari %(drawn)s") % counts

    @admin.display(description=_("dikembalikan"))
    def returned(self, sample: QualitySample) -> int:
        return sample.back

    def get_fields(self, request: HttpRequest, obj: QualitySample | None = None) -> tuple[str, ...]:
        fields = ("programme", "region", "closed_from", "closed_until")
        return (*fields, "drawn_by", "drawn_at") if obj else (*fields, "size")

    def formfield_for_foreignkey(self, db_field, request: HttpRequest, **kwargs):
        if db_field.name == "programme":
            mine = {office.programme_id for office in scope.offices_of(request.user, Permission.REVIEW)}
            kwargs["queryset"] = Programme.objects.filter(pk__in=mine)
        if db_field.name == "region":
            kwargs["queryset"] = Region.objects.all()  # the drawing asks whether it is theirs
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_form(self, request: HttpRequest, form: SampleForm, change: bool) -> QualitySample:
        """Return what was drawn while the form was checked."""
        return form.drawn

    def save_model(self, request: HttpRequest, obj: QualitySample, form: SampleForm, change: bool) -> None:
        """Write nothing: it was drawn and written as one."""

    def save_related(self, request: HttpRequest, form: SampleForm, formsets: list, change: bool) -> None:
        """Write nothing here either: the cases came with the drawing."""

    def response_add(self, request: HttpRequest, obj: QualitySample, post_url_continue=None) -> HttpResponse:
        count = obj.reviews.count()
        sentence = ngettext("%(count)s pengaduan ditarik.", "%(count)s pengaduan ditarik.", count)
        messages.success(request, sentence % {"count": count})
        return redirect("admin:workflow_qualitysample_change", obj.pk)

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context=None) -> HttpResponse:
        sample = self.get_object(request, object_id)
        found = {}
        if sample:
            reviews = sample.reviews.select_related("complaint__office", "complaint__category", "reviewed_by")
            visible = Complaint.objects.visible_to(request.user).filter(pk__in=sample.reviews.values("complaint"))
            found = {
                "figures": quality.figures_of(sample),
                "reviews": reviews.order_by("complaint__number"),
                "visible": set(visible.values_list("pk", flat=True)),
            }
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **found})


class ReviewForm(forms.ModelForm):
    """The checklist of one case as questions with yes and no, and the verdict."""

    verdict = forms.ChoiceField(
        label=_("Penilaian"),
        widget=AdminRadioSelect(attrs={"class": "radiolist"}),
        choices=[
            (QualityReview.Verdict.GOOD, _("Baik: penanganannya cukup")),
            (QualityReview.Verdict.RETURNED, _("Dikembalikan: kantor menanganinya lagi, tenggat semula tetap")),
        ],
        error_messages={"required": _("Pilih penilaiannya.")},
    )
    reason = forms.CharField(
        label=_("Alasan"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Wajib bila dikembalikan: apa yang kurang dan apa yang harus dilakukan. Dibaca petugas."),
    )
    filled_in_by: User

    class Meta:
        model = QualityReview
        fields = ("verdict", "reason")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            self._judge(cleaned)
        return cleaned

    def _post_clean(self) -> None:
        """Leave the row alone: the verdict is written by its verb, with who and when."""

    def _judge(self, cleaned: dict[str, Any]) -> None:
        """Judge while the form is checked, so that a refusal is told on the page; the request is one transaction."""
        review = self.instance
        answers = {item.code: cleaned[f"item_{item.code}"] for item in quality.questions_of(review)}
        who: dict[str, Any] = {"by": self.filled_in_by, "now": timezone.now(), "checklist": answers}
        try:
            if cleaned["verdict"] == QualityReview.Verdict.GOOD:
                actions.approve_quality(review, **who)
            else:
                actions.return_for_quality(review, reason=cleaned["reason"].strip(), **who)
        except Refused as refusal:
            raise ValidationError({"reason" if refusal.field == "reason" else "verdict": str(refusal)}) from refusal


def question_field(item: quality.Item) -> forms.TypedChoiceField:
    """Ask one question of the checklist, answered by yes or no."""
    return forms.TypedChoiceField(
        label=item.question,
        choices=YES_NO,
        coerce=lambda value: value == "True",
        widget=AdminRadioSelect(attrs={"class": "radiolist inline"}),
        error_messages={"required": _("Jawab ya atau tidak.")},
    )


@admin.register(QualityReview, site=site)
class QualityReviewAdmin(QualityAdmin):
    """One case to judge. It is judged once; afterwards the page tells what was found."""

    form = ReviewForm
    may_add = False
    list_display = ("complaint", "of_sample", "verdict", "reviewed_by", "reviewed_at")
    list_filter = ("verdict",)
    list_select_related = ("complaint", "sample__programme", "sample__region", "reviewed_by")
    ordering = ("-sample", "complaint")

    def reach(self, user: User, permissions: tuple[Permission, ...]) -> Q:
        """Return the cases of one's samples that one sees elsewhere too: not those in which one is reported (D35)."""
        visible = Complaint.objects.visible_to(user)
        return _samples_of(user, permissions, path="sample__") & Q(complaint__in=visible.values("pk"))

    def has_change_permission(self, request: HttpRequest, obj: QualityReview | None = None) -> bool:
        return not (obj and obj.verdict) and self._reaches(request.user, JUDGE, obj)

    def get_fieldsets(self, request: HttpRequest, obj: QualityReview | None = None) -> list:
        facts = (None, {"fields": ("case_page", "of_sample")})
        if not self.has_change_permission(request, obj):
            answered = ("answers", "verdict", "reason", "reviewed_by", "reviewed_at")
            return [facts, (_("Penilaian"), {"fields": answered})]
        asked = [f"item_{item.code}" for item in quality.questions_of(obj)]
        return [facts, (_("Daftar periksa"), {"fields": asked}), (_("Penilaian"), {"fields": ("verdict", "reason")})]

    def get_readonly_fields(self, request: HttpRequest, obj: QualityReview | None = None) -> tuple[str, ...]:
        return ("case_page", "of_sample", "answers", "reviewed_by", "reviewed_at")

    def get_form(self, request: HttpRequest, obj: QualityReview | None = None, change: bool = False, **kwargs):
        """Add a field for each question of this case."""
        kwargs["fields"] = ["verdict", "reason"] if self.has_change_permission(request, obj) else None
        base = super().get_form(request, obj, change, **kwargs)
        asked = {f"item_{item.code}": question_field(item) for item in quality.questions_of(obj)} if obj else {}
        return type(base.__name__, (base,), asked)

    @admin.display(description=_("pengaduan"))
    def case_page(self, review: QualityReview) -> str:
        complaint = review.complaint
        return format_html('<a href="{}">{}</a> – {}', complaint.get_absolute_url(), complaint.number, complaint.office)

    @admin.display(description=_("sampel"))
    def of_sample(self, review: QualityReview) -> str:
        url = reverse("admin:workflow_qualitysample_change", args=[review.sample_id])
        return format_html('<a href="{}">{}</a>', url, review.sample)

    @admin.display(description=_("daftar periksa"))
    def answers(self, review: QualityReview) -> str:
        lines = [
            (item.question, gettext("ya") if review.checklist[item.code] else gettext("tidak"))
            for item in quality.questions_of(review)
            if item.code in review.checklist
        ]
        return format_html_join("", "{}: {}<br>", lines) or gettext("Belum dinilai")

    def save_model(self, request: HttpRequest, obj: QualityReview, form: ReviewForm, change: bool) -> None:
        """Write nothing: the verdict was written with what follows from it."""

    def response_change(self, request: HttpRequest, obj: QualityReview) -> HttpResponse:
        """Go on with the next case of the sample, or back to its figures."""
        messages.success(request, gettext("Penilaian %(number)s tersimpan.") % {"number": obj.complaint.number})
        rest = self.get_queryset(request).filter(sample=obj.sample_id, verdict="").order_by("complaint__number")
        if following := rest.first():
            return redirect("admin:workflow_qualityreview_change", following.pk)
        return redirect(reverse("admin:workflow_qualitysample_change", args=[obj.sample_id]))
