"""Steps taken about votes that named harassment, visits to units, and saved views.

Evidence of people's work, like rulings: no rebuild touches it.
"""

from typing import ClassVar

from django.db import models

from server.organisation.models import StaffAccount


class IntegrityStep(models.Model):
    """Somebody looked into the votes of a counter's days that named harassment (R6), or answered
    for them. votes: how many there were then: if more came since, they are new again. Steps are
    added, never changed.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    counter = models.CharField(max_length=40, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    what = models.CharField(max_length=8)  # looking | answered
    votes = models.IntegerField()
    words = models.CharField(max_length=1_000, blank=True)  # what came of it
    by = models.CharField(max_length=150)
    at_ms = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["unit", "first_day"], name="step_by_day")]


class Visit(models.Model):
    """An inspection on the spot, from first_date to last_date inclusive. people: who went; about:
    what it was for."""

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    first_date = models.DateField()
    last_date = models.DateField()
    people = models.CharField(max_length=500)
    about = models.CharField(max_length=500)
    made_by = models.CharField(max_length=150)
    made_ms = models.BigIntegerField()


class Finding(models.Model):
    """What a visit found."""

    pk = models.CompositePrimaryKey("unit", "visit", "number")
    unit = models.CharField(max_length=32)
    visit = models.BigIntegerField()
    number = models.BigIntegerField()
    words = models.CharField(max_length=1_000)
    made_by = models.CharField(max_length=150)
    made_ms = models.BigIntegerField()


class Measure(models.Model):
    """What somebody is to do about a visit's findings until due_date (inclusive), and when it was
    done. owner: who answers for it, in words."""

    pk = models.CompositePrimaryKey("unit", "visit", "number")
    unit = models.CharField(max_length=32)
    visit = models.BigIntegerField()
    number = models.BigIntegerField()
    words = models.CharField(max_length=1_000)
    owner = models.CharField(max_length=200)
    due_date = models.DateField()
    done_date = models.DateField(null=True)
    done_by = models.CharField(max_length=150, blank=True)
    made_by = models.CharField(max_length=150)
    made_ms = models.BigIntegerField()


class SavedView(models.Model):
    """A page of the desk that an inspector wants again. address: from /desk/ on, with its query."""

    account = models.ForeignKey(StaffAccount, on_delete=models.CASCADE, related_name="views")
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=500)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "name"], name="one_view_a_name")
        ]
