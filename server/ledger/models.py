"""What was accepted: lines byte for byte, and the server's own deeds."""

from typing import ClassVar

from django.db import models


class Line(models.Model):
    """One line of a journal, its bytes as they came. Never changed, never deleted."""

    pk = models.CompositePrimaryKey("unit", "journal", "seq")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    seq = models.BigIntegerField()
    body = models.BinaryField()


class ServerRecord(models.Model):
    """One deed of the server; for `received` the lines from_seq..seq that it covers.

    The natural key makes the second writing of one deed impossible.
    """

    pk = models.CompositePrimaryKey("unit", "journal", "type", "seq")
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    type = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    from_seq = models.BigIntegerField()
    at_ms = models.BigIntegerField()
    body = models.BinaryField()


class Pending(models.Model):
    """A server record that has no place in the log yet; written with it, taken by the integrator.

    By id: a journal's records wait in the order in which they were accepted.
    """

    id = models.BigAutoField(primary_key=True)
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    type = models.CharField(max_length=32)
    seq = models.BigIntegerField()


class Span(models.Model):
    """The log's entries first_index … first_index + size - 1: a record, and before it the lines
    that it says were received."""

    first_index = models.BigIntegerField(primary_key=True)
    size = models.BigIntegerField()
    unit = models.CharField(max_length=32)
    journal = models.CharField(max_length=36)
    type = models.CharField(max_length=32)
    seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit", "journal", "type", "seq"], name="one_place_a_record"
            )
        ]


class StoredTile(models.Model):
    """One tile of the tree's hashes; the last of each level grows until it holds 256."""

    pk = models.CompositePrimaryKey("level", "number")
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()


class Tree(models.Model):
    """How many entries the tree holds. One row: whoever adds entries or signs holds it."""

    id = models.SmallIntegerField(primary_key=True)
    size = models.BigIntegerField()


class SignedCheckpoint(models.Model):
    """The newest signed checkpoint, and the newest with each set of cosignatures."""

    pk = models.CompositePrimaryKey("origin", "size")
    origin = models.CharField(max_length=100)
    size = models.BigIntegerField()
    note = models.BinaryField()
    signed_ms = models.BigIntegerField()
    cosigned = models.BooleanField(default=False)


class Stop(models.Model):
    """Why the log signs no more, with the note that proves it; until an operator has acted."""

    id = models.BigAutoField(primary_key=True)
    at_ms = models.BigIntegerField()
    why = models.TextField()
    note = models.BinaryField(default=b"")
    ended_ms = models.BigIntegerField(null=True)


class AuditorToken(models.Model):
    """Who may fetch entries; the token itself is known to its holder alone."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    name = models.CharField(max_length=100)
    made_ms = models.BigIntegerField()
    made_by = models.CharField(max_length=150)
    ended_ms = models.BigIntegerField(null=True)
    viewed_ms = models.BigIntegerField(default=0)  # of its newest `viewed` record


class AuditReport(models.Model):
    """What an auditor found and handed in, as `hailong-audit --json` wrote it."""

    id = models.BigAutoField(primary_key=True)
    at_ms = models.BigIntegerField()
    by = models.CharField(max_length=150)
    verdict = models.CharField(max_length=12)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
