"""Kiosks, where they stand, the codes that enrol them, and what they are configured to show.

A field `chosen` is what an administrator chose (chosen.py), with pictures by hash and the
technician's PIN sealed.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Kiosk(models.Model):
    """A device at a counter. Its home unit is fixed for ever; its id is never reused.

    duty_ordered_ms: when the server last put somebody (duty_official) or nobody (empty) on duty
    here; null if it never did.
    """

    id = models.CharField(primary_key=True, max_length=32)
    unit = models.CharField(max_length=32)
    name = models.CharField(max_length=200)
    chosen = models.JSONField(default=dict)
    duty_official = models.CharField(max_length=32, blank=True)
    duty_ordered_ms = models.BigIntegerField(null=True)


class UnitSettings(models.Model):
    """What was chosen for all kiosks of a unit; a kiosk's own lies over it, key by key."""

    unit = models.CharField(primary_key=True, max_length=32)
    chosen = models.JSONField(default=dict)


class Media(models.Model):
    """A picture's bytes, once, by their SHA-256 (hex)."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    body = models.BinaryField()


class Placement(models.Model):
    """A kiosk at a counter, [started_ms, ended_ms); an open end is null."""

    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT, related_name="placements")
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40)
    started_ms = models.BigIntegerField()
    ended_ms = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [
            # The service checks overlaps; this is the second guard: one open placement a kiosk.
            models.UniqueConstraint(
                fields=["kiosk"], condition=Q(ended_ms__isnull=True), name="one_open_placement"
            )
        ]


class EnrolmentCode(models.Model):
    """A one-use code, stored hashed. used_key is the public key that used it (hex)."""

    code_hash = models.CharField(primary_key=True, max_length=64)
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT)
    expires_ms = models.BigIntegerField()
    used_key = models.CharField(max_length=64, blank=True)
    used_journal = models.CharField(max_length=36, blank=True)
    refused_key = models.CharField(max_length=64, blank=True)  # code used by another device


class Configuration(models.Model):
    """One version of what a kiosk shows: the body's exact bytes and the signed note over them.

    several: it asks which counter served, so a vote that names none belongs to the unit alone.
    """

    pk = models.CompositePrimaryKey("kiosk_id", "version")
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT)
    version = models.BigIntegerField()
    body = models.BinaryField()
    note = models.BinaryField()
    several = models.BooleanField(default=False)
    made_ms = models.BigIntegerField()
