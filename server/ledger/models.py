"""What was accepted: lines byte for byte, and the server's own deeds."""

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
