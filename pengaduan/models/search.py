"""What the search reads, and who has a case open: two side tables that a case can do without (D37, D40)."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from pengaduan.models.complaint import Complaint
from tiers.models import User


class SearchEntry(models.Model):
    """The words of a complaint by which it is found, stemmed; kept by triggers of the database.

    Only what everyone who sees the case reads too (subject, recorded text, number, place), never the original text:
    a search for a name would tell who complained (D37). The codes of the place are in it as words, so that one index
    answers for a word within an area (scale.md).
    """

    complaint = models.OneToOneField(Complaint, on_delete=models.CASCADE, primary_key=True, related_name="search")
    regency_code = models.CharField(max_length=5, blank=True)
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="complaint_words")]


class Reading(models.Model):
    """When somebody last had a case open, so that two people do not work on it unknown to each other."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="+", db_index=False)
    regency_code = models.CharField(max_length=5, blank=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["complaint", "user"], name="one_reading_a_case_and_user")]
