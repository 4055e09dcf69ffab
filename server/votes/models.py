"""Lines understood. Everything here is derived from the ledger and can be rebuilt from it."""

from typing import ClassVar

from django.db import models


class Stamped(models.Model):
    """What every derived row shares: its line, and when it happened with what quality.

    low_ms == high_ms but for quality `interval` (protocol.md 8). gen: the journal's round of
    understanding in which this row last changed; attribution reads rows newer than its own mark.
    """

    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    kiosk = models.CharField(max_length=32)
    low_ms = models.BigIntegerField()
    high_ms = models.BigIntegerField()
    quality = models.CharField(max_length=8)  # exact | wall | interval
    received_ms = models.BigIntegerField()
    gen = models.BigIntegerField()

    class Meta:
        abstract = True


class Vote(Stamped):
    """One citizen's answer. rating is the last word, first_rating the first press."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    rating = models.SmallIntegerField()
    first_rating = models.SmallIntegerField()
    scale = models.CharField(max_length=8)
    via = models.CharField(max_length=8)
    counter = models.CharField(max_length=40, blank=True)  # as named by the vote itself
    not_official = models.BooleanField(default=False)
    invited = models.BooleanField(default=False)
    duty = models.BigIntegerField(null=True)  # a duty of this journal, in force at this line
    duty_named = models.BooleanField(default=False)  # the line named one, in force or not
    flags = models.CharField(max_length=100, blank=True)
    reasons = models.CharField(max_length=100, blank=True, default="")  # codes, a blank between
    dossier = models.CharField(max_length=64, blank=True, default="")  # as named by the vote itself

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "journal", "gen"], name="vote_changed"),
            models.Index(fields=["unit", "kiosk", "low_ms"], name="vote_by_kiosk"),
            models.Index(
                fields=["unit", "kiosk", "high_ms"],
                condition=models.Q(quality="interval"),
                name="vote_of_interval",
            ),
            models.Index(
                fields=["unit", "dossier"], condition=~models.Q(dossier=""), name="vote_by_dossier"
            ),
        ]


class VoteCode(models.Model):
    """Where the vote with a code stands. The code comes first in the key: it is what is asked for.

    Two votes of one code (60 bits) are a row each.
    """

    pk = models.CompositePrimaryKey("code", "unit", "journal", "seq")
    code = models.BigIntegerField()
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()


class Revision(models.Model):
    """A vote.revised that counts: which rating stood from when the server received it."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    vote = models.BigIntegerField()
    rating = models.SmallIntegerField()
    received_ms = models.BigIntegerField()


class Duty(Stamped):
    """An official signed in on a kiosk, from its line to ended_seq (null: not ended yet)."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    official = models.CharField(max_length=32)
    by = models.CharField(max_length=8)
    ended_seq = models.BigIntegerField(null=True)
    ended_low_ms = models.BigIntegerField(null=True)  # the earliest instant it can have ended
    ended_ms = models.BigIntegerField(null=True)  # the latest
    ended_by = models.CharField(max_length=10, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "journal", "gen"], name="duty_changed"),
            models.Index(
                fields=["unit", "journal"],
                condition=models.Q(ended_seq__isnull=True),
                name="duty_open",
            ),
        ]


class NotUnderstood(models.Model):
    """A line that is kept but says nothing to us, and why."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    why = models.CharField(max_length=300)


class SettledBoot(models.Model):
    """A boot within a journal's settled lines: the offset of its newest clock, or none."""

    pk = models.CompositePrimaryKey("unit", "journal", "boot")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    boot = models.CharField(max_length=36)
    offset_ms = models.BigIntegerField(null=True)


class Understanding(models.Model):
    """How a journal was understood: in which round (gen), and what the next round needs to know.

    Lines up to settled_seq keep their times whatever comes (protocol.cast_time.Carried); those
    after it may be timed anew. plain: no usable clock stands after settled_seq.
    """

    pk = models.CompositePrimaryKey("unit", "journal")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    gen = models.BigIntegerField(default=0)
    settled_seq = models.BigIntegerField(default=0)
    newest_server_ms = models.BigIntegerField(null=True)
    newest_exact_ms = models.BigIntegerField(null=True)
    plain = models.BooleanField(default=True)
    last_low_ms = models.BigIntegerField(default=0)  # when the newest line was written
    last_high_ms = models.BigIntegerField(default=0)


class KioskEvent(Stamped):
    """What a kiosk tells of itself: boot, fault, fault.cleared, suppressed, test or order.

    part: of a fault, else empty. data: the record as JSON, its long texts cut.
    """

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    type = models.CharField(max_length=16)
    part = models.CharField(max_length=100, blank=True)
    data = models.JSONField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "kiosk", "low_ms"], name="event_by_kiosk"),
        ]


class KioskDay(models.Model):
    """A local day as the kiosk itself counted it. scale: of its newest vote before, or empty."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    kiosk = models.CharField(max_length=32)
    date = models.DateField()
    scale = models.CharField(max_length=8, blank=True)
    n1 = models.BigIntegerField()
    n2 = models.BigIntegerField()
    n3 = models.BigIntegerField()
    n4 = models.BigIntegerField()
    n5 = models.BigIntegerField()
    uptime_s = models.BigIntegerField()
    suppressed = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kiosk", "date"], name="day_of_kiosk")]
