"""Counts, recomputed whole for each changed day, their sums, and the figures that may be shown.

The kiosk's home unit is the first column of every key, so that a cluster can spread the tables.
"""

from typing import ClassVar

from django.db import models

COUNTED = "counted"  # the state of a vote that is neither held nor excluded


class Counts(models.Model):
    """How many votes of each rating."""

    n1 = models.IntegerField(default=0)
    n2 = models.IntegerField(default=0)
    n3 = models.IntegerField(default=0)
    n4 = models.IntegerField(default=0)
    n5 = models.IntegerField(default=0)

    class Meta:
        abstract = True


class ReasonCounts(Counts):
    """With how many of them named each reason (protocol.rating); a vote may name several."""

    r0 = models.IntegerField(default=0)
    r1 = models.IntegerField(default=0)
    r2 = models.IntegerField(default=0)
    r3 = models.IntegerField(default=0)
    r4 = models.IntegerField(default=0)
    r5 = models.IntegerField(default=0)
    r6 = models.IntegerField(default=0)
    r7 = models.IntegerField(default=0)
    r8 = models.IntegerField(default=0)
    r9 = models.IntegerField(default=0)
    p1 = models.IntegerField(default=0)
    p2 = models.IntegerField(default=0)
    p3 = models.IntegerField(default=0)
    p4 = models.IntegerField(default=0)
    p5 = models.IntegerField(default=0)
    p6 = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Apart(models.Model):
    """How many of these votes, by rating, have R9 as their only reason: who disagrees with the
    decision says nothing of the official. They count everywhere but in an official's score."""

    x1 = models.IntegerField(default=0)
    x2 = models.IntegerField(default=0)
    x3 = models.IntegerField(default=0)
    x4 = models.IntegerField(default=0)
    x5 = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Sides(Apart):
    """Further sides of the same votes. i1..i5: by rating, those invited; lo: first rated 1 or 2;
    up: of those, ended at 4 or 5."""

    i1 = models.IntegerField(default=0)
    i2 = models.IntegerField(default=0)
    i3 = models.IntegerField(default=0)
    i4 = models.IntegerField(default=0)
    i5 = models.IntegerField(default=0)
    lo = models.IntegerField(default=0)
    up = models.IntegerField(default=0)

    class Meta:
        abstract = True


class Tally(ReasonCounts, Sides):
    """Votes of one counter, day, official, basis and state: what every other count is made of.

    Without an official: why (attribution.why). first_day == last_day but for votes of quality
    `interval`, which have no day of their own.
    """

    pk = models.CompositePrimaryKey(
        "unit", "counter", "first_day", "last_day", "official", "why", "basis", "state"
    )
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    official = models.CharField(max_length=32, blank=True)
    why = models.CharField(max_length=20, blank=True)
    basis = models.CharField(max_length=8)
    state = models.CharField(max_length=8)

    class Meta:
        # A page reads a unit's period, whatever the counter.
        indexes: ClassVar = [
            models.Index(fields=["unit", "first_day"], name="tally_by_day"),
            # Few, and asked of every unit of a territory at once.
            models.Index(
                fields=["unit", "first_day"],
                condition=models.Q(r6__gt=0),
                name="tally_of_integrity",
            ),
        ]


class HourTally(Counts):
    """Votes of one counter, day and local hour (0..23): those of whose hour there is no doubt."""

    pk = models.CompositePrimaryKey("unit", "day", "counter", "hour", "state")
    unit = models.CharField(max_length=32)
    day = models.DateField()
    counter = models.CharField(max_length=40, blank=True)
    hour = models.SmallIntegerField()
    state = models.CharField(max_length=8)


class ProcedureTally(ReasonCounts, Sides):
    """Votes of one unit, day and procedure: those whose dossier is known."""

    pk = models.CompositePrimaryKey("unit", "first_day", "last_day", "procedure", "state")
    unit = models.CharField(max_length=32)
    first_day = models.DateField()
    last_day = models.DateField()
    procedure = models.CharField(max_length=32)
    state = models.CharField(max_length=8)


class UnitMonth(ReasonCounts, Sides):
    """The sum of a unit's tallies over a month; made from them in the same transaction."""

    pk = models.CompositePrimaryKey("unit", "first_month", "last_month", "state")
    unit = models.CharField(max_length=32)
    first_month = models.DateField()  # the first day of the month
    last_month = models.DateField()
    state = models.CharField(max_length=8)


class OfficialMonth(ReasonCounts, Sides):
    """The sum of an official's tallies in a unit over a month; made from them likewise."""

    pk = models.CompositePrimaryKey("unit", "first_month", "last_month", "official", "state")
    unit = models.CharField(max_length=32)
    first_month = models.DateField()
    last_month = models.DateField()
    official = models.CharField(max_length=32)
    state = models.CharField(max_length=8)

    class Meta:
        # Where an official ever served is asked of every unit, on each look at their own page.
        indexes: ClassVar = [models.Index(fields=["unit", "official"], name="month_by_official")]


class ToldReasons(ReasonCounts):
    """Which reasons an official's own page tells of a month in a unit (reasons.py): as the month
    stood when it had so many votes (n1..n5), not as it stands now. No rebuild forgets it."""

    pk = models.CompositePrimaryKey("unit", "first_month", "last_month", "official")
    unit = models.CharField(max_length=32)
    first_month = models.DateField()
    last_month = models.DateField()
    official = models.CharField(max_length=32)


class CountedUnit(models.Model):
    """Every change of the unit's days up to this gen is counted: where to look for the next."""

    unit = models.CharField(primary_key=True, max_length=32)
    gen = models.BigIntegerField()


class CountedDay(models.Model):
    """The gen of attribution.ChangedDay that the tallies of this day were counted at.

    Negative: they stand, but a rebuild wants them counted again; the votes are the same.
    """

    pk = models.CompositePrimaryKey("unit", "counter", "first_day", "last_day")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40, blank=True)
    first_day = models.DateField()
    last_day = models.DateField()
    gen = models.BigIntegerField()
    received_ms = models.BigIntegerField()  # the newest receipt that was counted here; 0: none

    class Meta:
        indexes: ClassVar = [models.Index(fields=["unit", "received_ms"], name="newest_counted")]


class Rebuilding(models.Model):
    """A rebuild that has begun and not ended: the next one goes on with it. One row at most."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    tallies_only = models.BooleanField()


class Shown(Counts, Apart):
    """A cell: the part of a month's votes whose ratings may be shown, as the sum of its blocks.

    A cell is one counter, official (or nobody) and month; or those votes of it that are held or
    excluded (not `counted`), which no figure shows and of which no block is drawn. Every share and
    bar on a page or in an export is a sum of such cells. All zero: some votes of the cell are shown
    elsewhere.
    number: what blocks and their votes call the cell, within its unit.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    counter = models.CharField(max_length=40, blank=True)
    official = models.CharField(max_length=32, blank=True)
    first_month = models.DateField()  # the first day of the month
    last_month = models.DateField()
    counted = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit", "first_month", "last_month", "counter", "official", "counted"],
                name="one_cell",
            )
        ]


class Block(Counts, Apart):
    """Five votes or more fives that are shown together, in one cell, or not at all (cells.py).

    shown: the cell holds all of its votes or most of them. until_ms: the receipt at which the
    ratings stood like this.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    cell = models.BigIntegerField()
    shown = models.BooleanField(default=True)
    until_ms = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["unit", "cell"], name="blocks_of_cell")]


class ShownVote(models.Model):
    """A vote of a block, as drawn: its rating, and whether it stands apart (models.Apart); and the
    cell that it belongs to now."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    block = models.BigIntegerField()
    rating = models.SmallIntegerField()
    apart = models.BooleanField(default=False)
    cell = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "block"], name="votes_of_block"),
            models.Index(fields=["unit", "cell"], name="votes_of_cell"),
        ]
