"""Complaints that were received elsewhere."""

from typing import ClassVar

from django.db import models


class Elsewhere(models.Model):
    """A complaint that reached the administration by another way; nobody's name, by a reference.

    ref: the number that the sender's register gives it: the second import changes nothing.
    """

    pk = models.CompositePrimaryKey("unit", "ref")
    unit = models.CharField(max_length=32)
    ref = models.CharField(max_length=64)
    date = models.DateField()
    field = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=4, blank=True)
    channel = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["unit", "date"], name="elsewhere_by_date")]
