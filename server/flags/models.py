"""Flags on votes, the doubts that they make together, and what two people decided on these.

Flags and marks are derived and can be made again. Doubts keep their numbers through a rebuild, for
decisions name them; decisions are evidence, and each one in force is a deed in the ledger.
"""

from typing import ClassVar

from django.db import models


class Flag(models.Model):
    """A rule (rules.RULES) doubts a vote. held: the vote is not counted until people decide."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq", "flag")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    flag = models.CharField(max_length=12)
    version = models.SmallIntegerField()  # rules.RULES_VERSION
    held = models.BooleanField()
    counter = models.CharField(max_length=40, blank=True)
    day = models.DateField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["unit", "day", "counter"], name="flag_by_day")]


class FlaggedUnit(models.Model):
    """Every change of the unit's days up to this gen went through the rules of this version."""

    unit = models.CharField(primary_key=True, max_length=32)
    gen = models.BigIntegerField()
    version = models.SmallIntegerField()


class FlaggedDay(models.Model):
    """The gen of attribution.ChangedDay at which a day went through the rules; 0: once more.

    crowded: votes crowded there, so it was compared with the thirty days before it, and is looked
    at again when one of these changes.
    """

    pk = models.CompositePrimaryKey("unit", "counter", "first_day", "last_day")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    gen = models.BigIntegerField()
    crowded = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["unit", "first_day"],
                condition=models.Q(crowded=True),
                name="flagged_crowded",
            ),
            models.Index(fields=["unit", "first_day", "counter"], name="flagged_by_day"),
        ]


class KnownHoliday(models.Model):
    """A holiday as the rules last knew it; unit empty: everywhere. What differs is flagged anew."""

    pk = models.CompositePrimaryKey("unit", "date")
    unit = models.CharField(max_length=32, blank=True)
    date = models.DateField()


class Doubt(models.Model):
    """Flagged votes that belong together: neighbours at one kiosk, or (kiosk empty) a counter's
    whole day. Its votes are in DoubtVote; n 0: no rule doubts any of them now.

    flags: in order of their names, a blank between. held: how many of the n are held by rule.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    counter = models.CharField(max_length=40, blank=True)
    kiosk = models.CharField(max_length=32, blank=True)
    day = models.DateField()
    first_ms = models.BigIntegerField()
    last_ms = models.BigIntegerField()
    flags = models.CharField(max_length=100)
    n = models.IntegerField()
    held = models.IntegerField()
    state = models.CharField(max_length=8, default="new")  # new | looked | excluded | included
    looked_by = models.CharField(max_length=150, blank=True)
    looked_ms = models.BigIntegerField(null=True)
    looked_n = models.IntegerField(default=0)  # how many votes there were to look at
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "day", "counter"], name="doubt_by_day"),
            models.Index(fields=["unit", "state", "day"], name="doubt_by_state"),
        ]


class DoubtVote(models.Model):
    """A vote of a doubt. held: a rule holds it, so a decision is about it."""

    pk = models.CompositePrimaryKey("unit", "number", "journal", "seq")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    held = models.BooleanField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "journal", "seq", "number"], name="doubts_of_vote"),
        ]


class Decision(models.Model):
    """Two people on a doubt: its votes are excluded, or (include) counted. In force the newest one
    stands in place of those on the same doubt before it, which are lifted.

    state: proposed | force | refused | withdrawn | lifted. Survives every rebuild.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    doubt = models.BigIntegerField()
    what = models.CharField(max_length=8)  # exclude | include
    reason = models.CharField(max_length=500)
    state = models.CharField(max_length=10)
    proposed_by = models.CharField(max_length=150)
    proposed_ms = models.BigIntegerField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_ms = models.BigIntegerField(null=True)
    decided_why = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "doubt"], name="decision_by_doubt"),
            models.Index(fields=["unit", "state"], name="decision_by_state"),
        ]


class DecidedVote(models.Model):
    """A vote that a decision is about, as both people saw it: what comes later has its own."""

    pk = models.CompositePrimaryKey("unit", "number", "journal", "seq")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
