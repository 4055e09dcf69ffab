"""Signals, what people did with them, and how far each unit is watched."""

from typing import ClassVar

from django.db import models


class Signal(models.Model):
    """Something changed, and an inspector may ask why. A question, not a finding.

    kind, side: kinds.py. counter, official, procedure, reason: what it is about, each empty where
    it is about none; nothing of them: the unit. since_date: where the change is likely to have
    begun; found_date: the day whose votes crossed the threshold. statistic_m, threshold_m:
    thousandths. arl: how many votes (of those that this watch looks at) lie between two false ones.
    state: new | looked | closed. stands: the figures of today still say it; one that nobody has
    looked at and that does not stand is deleted. evidence: what the page draws and says.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    side = models.CharField(max_length=8, blank=True)
    counter = models.CharField(max_length=40, blank=True)
    official = models.CharField(max_length=32, blank=True)
    procedure = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=4, blank=True)
    since_date = models.DateField()
    found_date = models.DateField()
    statistic_m = models.BigIntegerField()
    threshold_m = models.BigIntegerField()
    arl = models.BigIntegerField()
    evidence = models.JSONField(default=dict)
    stands = models.BooleanField(default=True)
    state = models.CharField(max_length=8, default="new")
    looked_by = models.CharField(max_length=150, blank=True)
    looked_ms = models.BigIntegerField(null=True)
    closed_by = models.CharField(max_length=150, blank=True)
    closed_ms = models.BigIntegerField(null=True)
    outcome = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "state", "found_date"], name="signal_by_state"),
        ]


class WatchedUnit(models.Model):
    """How far a unit is watched, and all that the next day's watch needs to know of the past.

    gen: of analytics.CountedUnit. through: the last day watched. volume, budget: what thresholds
    were made from (budget.py). served: marks of the files that counts of citizens came from.
    """

    unit = models.CharField(primary_key=True, max_length=32)
    gen = models.BigIntegerField()
    through = models.DateField()
    volume = models.BigIntegerField()
    budget = models.BigIntegerField()
    served = models.CharField(max_length=100)
    watched_ms = models.BigIntegerField()
    state = models.TextField()


class Budget(models.Model):
    """How many false alarms a month the province looks into; hundredths. One row at most."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    alarms = models.IntegerField()
    by = models.CharField(max_length=150)
    set_ms = models.BigIntegerField()
