"""Dossiers of the electronic one-stop software, and transactions counted per counter and day."""

from typing import ClassVar

from django.db import models


class Channel(models.TextChoices):
    """How a citizen came."""

    COUNTER = "counter", "Tại quầy"
    APPOINTMENT = "appointment", "Hẹn giờ"
    ONLINE = "online", "Trực tuyến"
    POST = "post", "Bưu chính"
    MOBILE = "mobile", "Lưu động"


class Dossier(models.Model):
    """A citizen's file, by its number: no name of the citizen, nor anything else about them.

    due_ms: the last instant that is on time (a date alone means the end of that local day).
    resolved_ms null: pending. official, counter, procedure: codes as they came, empty if unknown.
    """

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.CharField(max_length=64)
    procedure = models.CharField(max_length=32, blank=True)
    official = models.CharField(max_length=32, blank=True)
    counter = models.CharField(max_length=40, blank=True)
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.COUNTER)
    received_ms = models.BigIntegerField()
    due_ms = models.BigIntegerField(null=True)
    resolved_ms = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "received_ms"], name="dossier_by_receipt"),
            models.Index(fields=["unit", "resolved_ms"], name="dossier_by_resolution"),
            models.Index(fields=["unit", "official", "received_ms"], name="dossier_by_official"),
        ]


class DossierChange(models.Model):
    """A dossier whose official or procedure is new or other: votes that name it wait to be looked
    at again. Deleted in the transaction that attributes them."""

    pk = models.CompositePrimaryKey("unit", "number")
    unit = models.CharField(max_length=32)
    number = models.CharField(max_length=64)


class Transactions(models.Model):
    """How many citizens were served at a counter on a day, by whoever counts them."""

    pk = models.CompositePrimaryKey("unit", "counter", "date")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40)
    date = models.DateField()
    n = models.IntegerField()


class ServedChange(models.Model):
    """A counter's day of which it is new how many citizens were served: whoever compares its votes
    with that looks again. Deleted in the transaction in which that is noted."""

    pk = models.CompositePrimaryKey("unit", "counter", "date")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40)
    date = models.DateField()
