"""Counts, recomputed whole for each changed day, and the figures that may be shown."""

from django.db import models


class Counts(models.Model):
    """How many votes of each rating."""

    n1 = models.IntegerField(default=0)
    n2 = models.IntegerField(default=0)
    n3 = models.IntegerField(default=0)
    n4 = models.IntegerField(default=0)
    n5 = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Tally(Counts):
    """Votes of one counter, day and official; without an official, why (attribution.why)."""

    pk = models.CompositePrimaryKey("unit", "counter", "first_day", "last_day", "official", "why")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    official = models.CharField(max_length=32, blank=True)
    why = models.CharField(max_length=20, blank=True)


class CountedUnit(models.Model):
    """Every change of the unit's days up to this gen is counted: where to look for the next."""

    unit = models.CharField(primary_key=True, max_length=32)
    gen = models.BigIntegerField()


class CountedDay(models.Model):
    """The gen of attribution.ChangedDay that the tallies of this day were counted at."""

    pk = models.CompositePrimaryKey("unit", "counter", "first_day", "last_day")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    gen = models.BigIntegerField()
    received_ms = models.BigIntegerField()  # the newest receipt that was counted here; 0: none


class Shown(Counts):
    """The part of a month's votes whose ratings may be shown: whole fives, in order of arrival.

    A cell is one counter, official (or nobody) and month. Every share and bar on a page or in an
    export is a sum of such cells, so no two of them differ by one vote's rating. Ratings are as
    they stood when the last five were complete: a revision that comes later waits for the next.
    A cell is drawn anew only when another whole five is complete, or one is taken away by a new
    attribution; so a change behind it never shows as the exchange of a single vote.
    """

    pk = models.CompositePrimaryKey("unit", "counter", "official", "first_month", "last_month")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40, blank=True)
    official = models.CharField(max_length=32, blank=True)
    first_month = models.DateField()  # the first day of the month
    last_month = models.DateField()
