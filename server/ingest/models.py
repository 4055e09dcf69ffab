"""Journals as the server knows them, and the lines that a journal's state keeps out."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q


class Journal(models.Model):
    """One journal of one kiosk: its key, how far it is stored, and how far it is understood."""

    pk = models.CompositePrimaryKey("unit", "journal")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    kiosk = models.CharField(max_length=32)
    public_key = models.BinaryField()
    enrolled_ms = models.BigIntegerField()
    state = models.CharField(max_length=8, default="open")  # open | closed | forked | revoked
    acked = models.BigIntegerField(default=0)
    head_hash = models.BinaryField()
    head_note = models.BinaryField(default=b"")
    fork_seq = models.BigIntegerField(default=0)
    fork_note = models.BinaryField(default=b"")  # a head of the branch that was not stored
    revoked_seq = models.BigIntegerField(default=0)  # lines from here on are not trusted; 0: none
    seen_ms = models.BigIntegerField(default=0)
    signed_ms = models.BigIntegerField(default=0)  # by the kiosk's clock, of the request seen last
    understood = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["journal"], name="journal_by_id"),
            models.Index(fields=["kiosk"], name="journal_by_kiosk"),
            # The pipeline's work list: empty when everything is understood.
            models.Index(
                fields=["unit", "journal"],
                condition=Q(acked__gt=F("understood")),
                name="journal_waiting",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["public_key"], name="one_journal_a_key"),
            models.UniqueConstraint(fields=["journal"], name="one_row_a_journal"),
        ]


class WrongCode(models.Model):
    """A wrong enrolment code, by the address it came from; kept for a minute."""

    address = models.CharField(max_length=64)
    at_ms = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["address", "at_ms"], name="wrong_codes")]


class Quarantined(models.Model):
    """A line kept apart: its journal was forked, revoked or closed when it came."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq", "sha256")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
