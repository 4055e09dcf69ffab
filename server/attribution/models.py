"""Who was served by whom, as far as the evidence says; and the days whose tallies that changes."""

from typing import ClassVar

from django.db import models


class Attribution(models.Model):
    """Vote -> official with its basis, or none and why. The days are local to the unit.

    first_day == last_day but for votes of quality `interval`, which have no day of their own.
    """

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    counter = models.CharField(max_length=40, blank=True)
    official = models.CharField(max_length=32, blank=True)
    basis = models.CharField(max_length=8)  # ruling | dossier | duty | shift | none
    why = models.CharField(max_length=20, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["unit", "counter", "first_day", "last_day"], name="attribution_by_day"
            )
        ]


class AttributedJournal(models.Model):
    """Up to which round of understanding a journal's votes and duties are attributed."""

    pk = models.CompositePrimaryKey("unit", "journal")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    gen = models.BigIntegerField(default=0)
    seq = models.BigIntegerField(default=0)  # every line up to here is attributed


class CounterDuty(models.Model):
    """A duty as it stands at a counter: what votes there that name no duty are compared with.

    It began within [low_ms, high_ms] and ended within [until_low_ms, until_ms]; null: not yet.
    Duties of several kiosks may overlap; effective.py says which one counts.
    """

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    counter = models.CharField(max_length=40)
    official = models.CharField(max_length=32)
    low_ms = models.BigIntegerField()
    high_ms = models.BigIntegerField()
    until_low_ms = models.BigIntegerField(null=True)
    until_ms = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "counter", "high_ms"], name="counter_duty_by_time")
        ]


class ChangedUnit(models.Model):
    """How often a unit's attributions changed; never falls, not even in a rebuild."""

    unit = models.CharField(primary_key=True, max_length=32)
    gen = models.BigIntegerField(default=0)


class ChangedDay(models.Model):
    """A (counter, day) whose votes changed, and in which gen of its unit it last did."""

    pk = models.CompositePrimaryKey("unit", "counter", "first_day", "last_day")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    gen = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["unit", "gen"], name="changed_day_by_gen")]
