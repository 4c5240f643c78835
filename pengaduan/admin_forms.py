"""Lists that a reviewer edits as lines of text, so that nobody writes JSON by hand."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pengaduan.models import Category, ClosureStandard, Path, ServiceLevel, Stage
from tiers.models import Tier


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea

    def prepare_value(self, value: list | str | None) -> str:
        return "\n".join(self.line_of(each) for each in value) if isinstance(value, list) else value or ""

    def to_python(self, value: str | None) -> list:
        lines = (line.strip() for line in (value or "").splitlines())
        return [self.read_line(number, line) for number, line in enumerate(lines, 1) if line]

    def has_changed(self, initial: list | None, data: str | None) -> bool:
        return self.to_python(data) != (initial or [])

    def line_of(self, each) -> str:
        return each

    def read_line(self, number: int, line: str):
        return line


class StepsField(LinesField):
    """The steps of a service level, one a line: name; days; stages of the complaint in which it runs."""

    def line_of(self, each: dict) -> str:
        return f"{each['name']}; {each['days']}; {', '.join(each['while'])}"

    def read_line(self, number: int, line: str) -> dict:
        parts = [part.strip() for part in line.split(";")]
        if len(parts) != 3 or not parts[0]:
            raise ValidationError(_("Baris %(line)s: tulis nama; hari; tahap."), params={"line": number})
        name, days, stages = parts[0], parts[1], [stage.strip() for stage in parts[2].split(",")]
        if not (days.isascii() and days.isdecimal() and 0 < int(days) < 1000):
            raise ValidationError(_("Baris %(line)s: hari harus angka di atas nol."), params={"line": number})
        for stage in stages:
            if stage not in Stage.values:
                message = _("Baris %(line)s: tahap “%(stage)s” tidak ada. Pilih dari: %(known)s.")
                raise ValidationError(message, params={"line": number, "stage": stage, "known": ", ".join(Stage)})
        return {"name": name, "days": int(days), "while": stages}


class ServiceLevelForm(forms.ModelForm):
    stages = StepsField(
        label=_("Langkah"),
        required=False,
        help_text=_("Satu langkah sebaris: nama; hari; tahap, tahap. Contoh: Analisis; 3; analisis"),
    )
    apply_to_running = forms.BooleanField(
        label=_("Berlakukan juga untuk pengaduan yang sedang berjalan"),
        required=False,
        help_text=_("Tenggatnya dihitung ulang dari hari semula dan tercatat. Yang jadi lewat tenggat naik jenjang."),
    )

    class Meta:
        model = ServiceLevel
        fields = ("programme", "code", "name", "unit", "length", "starts", "stages", "basis")


class ClosureStandardForm(forms.ModelForm):
    items = LinesField(label=_("Butir yang dicentang"), required=False, help_text=_("Satu butir sebaris."))

    class Meta:
        model = ClosureStandard
        fields = ("programme", "code", "name", "items", "money", "position", "active")


class CategoryForm(forms.ModelForm):
    class Meta:
        model = Category
        fields = (
            "programme",
            "code",
            "name",
            "description",
            "nature",
            "service_level",
            "evidence",
            "start_tier",
            "conceal_up_to",
            "conflict_note",
            "path",
            "follow_up",
            "closure_standards",
            "is_default",
            "position",
            "active",
        )
        widgets = {"closure_standards": forms.CheckboxSelectMultiple}
        help_texts = {"service_level": _("Berlaku untuk pengaduan baru; yang sedang berjalan tetap pada tenggatnya.")}

    def clean(self) -> dict:
        cleaned = super().clean()
        programme = cleaned.get("programme") or getattr(self.instance, "programme", None)
        if programme:
            self._check_programme(cleaned, programme)
        conceal, start = cleaned.get("conceal_up_to"), cleaned.get("start_tier")
        if conceal and not (start and conceal < start):
            self.add_error("conceal_up_to", _("Harus di bawah jenjang awal, dan jenjang awal harus dipilih."))
        return cleaned

    def _check_programme(self, cleaned: dict, programme) -> None:
        """Refuse what belongs to another programme; the database knows no such rule."""
        level = cleaned.get("service_level")
        if level and level.programme_id != programme.pk:
            self.add_error("service_level", _("Batas waktu ini milik program lain. Pilih yang lain."))
        if any(standard.programme_id != programme.pk for standard in cleaned.get("closure_standards") or ()):
            self.add_error("closure_standards", _("Ada standar penyelesaian milik program lain. Pilih yang lain."))
        self._check_path(cleaned, programme)
        others = Category.objects.filter(programme=programme, is_default=True).exclude(pk=self.instance.pk)
        if cleaned.get("is_default") and (other := others.first()):
            self.add_error(
                "is_default",
                ValidationError(_("Sudah ada: %(name)s. Matikan dulu di sana."), params={"name": other.name}),
            )

    def _check_path(self, cleaned: dict, programme) -> None:
        """A recommendation to Pusat names the category in which Pusat decides, and no other way names one (D36)."""
        path, follow_up = cleaned.get("path"), cleaned.get("follow_up")
        if follow_up and follow_up.programme_id != programme.pk:
            self.add_error("follow_up", _("Kategori lanjutan ini milik program lain. Pilih yang lain."))
        elif follow_up and follow_up.path != Path.MASTER_DATA_DECISION:
            self.add_error("follow_up", _("Pilih kategori dengan jalur keputusan basis data."))
        if bool(follow_up) != (path == Path.MASTER_DATA):
            self.add_error("follow_up", _("Diisi untuk jalur rekomendasi basis data, dan hanya untuk itu."))
        if path == Path.MASTER_DATA_DECISION and cleaned.get("start_tier") != Tier.PUSAT:
            self.add_error("start_tier", _("Keputusan basis data hanya diambil di Pusat."))
