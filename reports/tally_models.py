"""What is kept of each kabupaten and month so that larger areas are sums (docs/decisions/0021)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from tiers.models import Programme


class Tally(models.Model):
    """The figures of one kabupaten (a *bucket*) in one month, kept so that larger areas are sums: see `tallies`.

    It is true of every instant from `as_of` until `good_until` (null: for good), unless a mark says that something was
    recorded since which is not among those `seen`.
    """

    programme = models.ForeignKey(Programme, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()  # its first day
    bucket = models.CharField(max_length=5, db_collation="C")  # code of the kabupaten, or of the province without one
    version = models.PositiveSmallIntegerField()  # of the definitions
    as_of = models.DateTimeField()
    good_until = models.DateTimeField(null=True)
    seen = ArrayField(models.BigIntegerField())  # the marks that stood when it was reckoned, of which it tells all
    totals = models.TextField()  # JSON: what the next month compares itself with
    parts = models.TextField()  # JSON: the rows of `sums`, with the heads of the lists
    rest = models.TextField(default="{}")  # JSON: what follows the heads, which a large area seldom needs

    class Meta:
        verbose_name = _("hitungan kabupaten")
        verbose_name_plural = _("hitungan kabupaten")
        constraints = [models.UniqueConstraint(fields=["programme", "month", "bucket"], name="one_tally_a_bucket")]


class TallyMark(models.Model):
    """Something changed in a bucket (all of them when empty) that may change its figures, of this month and later ones.

    Triggers write these rows, see the migration that made the table; nothing is ever changed in them, so that nobody
    waits for anybody. A number that was drawn earlier may be seen later: hence tallies name the marks they have seen.
    """

    programme = models.ForeignKey(
        Programme, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    bucket = models.CharField(max_length=5, db_collation="C")
    month = models.DateField()
    latest = models.DateTimeField()  # the latest instant that was recorded with it

    class Meta:
        verbose_name = _("tanda perubahan hitungan")
        verbose_name_plural = _("tanda perubahan hitungan")
        indexes = [models.Index(fields=["programme", "bucket"], name="tally_marks_of_bucket")]
