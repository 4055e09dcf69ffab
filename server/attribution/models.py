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
    basis = models.CharField(max_length=8)  # ruling, dossier, duty, desk, board, shift, none
    why = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=8, default="counted")  # counted | held | excluded
    procedure = models.CharField(max_length=32, blank=True, default="")  # of the vote's dossier
    first_day = models.DateField()
    last_day = models.DateField()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["unit", "counter", "first_day", "last_day"], name="attribution_by_day"
            ),
            models.Index(
                fields=["unit"],
                condition=models.Q(why="unknown-official"),
                name="attribution_of_unknown",
            ),
            # Those of an uncertain time: few, and they may span months.
            models.Index(
                fields=["unit", "counter", "last_day"],
                condition=models.Q(first_day__lt=models.F("last_day")),
                name="attribution_of_days",
            ),
            models.Index(
                fields=["unit", "first_day", "last_day", "procedure"],
                condition=~models.Q(procedure=""),
                name="attribution_by_procedure",
            ),
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
            models.Index(fields=["unit", "counter", "high_ms"], name="counter_duty_by_time"),
            models.Index(fields=["unit", "official"], name="counter_duty_by_official"),
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


class PostedDuty(models.Model):
    """A duty that no kiosk saw: begun by the official at a work PC (desk), or set by the supervisor
    on today's board (board). [started_ms, ended_ms), from the moment of entering on; a deed.

    number: counts up within the unit, never reused. by, ended_by: staff accounts.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    counter = models.CharField(max_length=40)
    official = models.CharField(max_length=32)
    basis = models.CharField(max_length=8)  # desk | board
    started_ms = models.BigIntegerField()
    ended_ms = models.BigIntegerField(null=True)
    by = models.CharField(max_length=150)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "counter", "started_ms"], name="posted_by_counter"),
            models.Index(fields=["unit", "official"], name="posted_by_official"),
        ]


class Ruling(models.Model):
    """A correction by people: who served at a counter in [from_ms, to_ms), whatever was signed.

    It names a counter and an interval, never votes. official empty: nobody of the organisation.
    lifts: the number of the ruling that this one takes back; then nothing else is ruled. state:
    proposed | force | refused | withdrawn | lifted. Evidence: survives every rebuild, and each one
    in force is a deed in the ledger.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    counter = models.CharField(max_length=40)
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField()
    official = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=500)
    lifts = models.BigIntegerField(null=True)
    state = models.CharField(max_length=10)
    proposed_by = models.CharField(max_length=150)
    proposed_ms = models.BigIntegerField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_ms = models.BigIntegerField(null=True)
    decided_why = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "counter", "from_ms"], name="ruling_by_counter"),
            models.Index(fields=["unit", "official"], name="ruling_by_official"),
        ]


class Objection(models.Model):
    """An official does not agree with a ruling, or with a day on which they stand or do not."""

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.BigIntegerField()
    official = models.CharField(max_length=32)
    ruling = models.BigIntegerField(null=True)
    counter = models.CharField(max_length=40, blank=True)
    date = models.DateField(null=True)
    text = models.CharField(max_length=2000)
    at_ms = models.BigIntegerField()
    answer = models.CharField(max_length=2000, blank=True)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_ms = models.BigIntegerField(null=True)
