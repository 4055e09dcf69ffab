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


class CounterSettings(models.Model):
    """What was chosen for the kiosks at one counter, between its unit's and a kiosk's own."""

    counter = models.CharField(primary_key=True, max_length=40)
    chosen = models.JSONField(default=dict)


class SettingsChange(models.Model):
    """Who changed whose settings, when, from what to what; nothing is ever removed here.

    level: unit | counter | kiosk. before, after: `chosen` as it is kept, PINs sealed. published_to:
    the kiosks beneath, by id, have it up to this one; null: all of them.
    """

    level = models.CharField(max_length=8)
    holder = models.CharField(max_length=40)
    at_ms = models.BigIntegerField()
    by = models.CharField(max_length=150)
    why = models.CharField(max_length=300, blank=True)
    before = models.JSONField()
    after = models.JSONField()
    published_to = models.CharField(max_length=32, null=True, default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["level", "holder", "at_ms"], name="settings_history"),
            # The work list: empty when every kiosk beneath every change has it.
            models.Index(
                fields=["id"], condition=Q(published_to__isnull=False), name="settings_waiting"
            ),
        ]


class AdminPinDue(models.Model):
    """The technician's PIN of this level has to be changed: a kiosk that held it was revoked."""

    pk = models.CompositePrimaryKey("level", "holder")
    level = models.CharField(max_length=8)
    holder = models.CharField(max_length=40)
    since_ms = models.BigIntegerField()


class BadgeMade(models.Model):
    """That a kiosk's verifier of a badge was made, which takes 40 ms, so that it need not be made
    again. mark: HMAC of both under the server's PIN key (hex)."""

    pk = models.CompositePrimaryKey("kiosk", "mark")
    kiosk = models.CharField(max_length=32)
    mark = models.CharField(max_length=64)


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
    made_ms = models.BigIntegerField(default=0)
    made_by = models.CharField(max_length=150, blank=True)


class Configuration(models.Model):
    """One version of what a kiosk shows: the body's exact bytes and the signed note over them.

    several: it asks which counter served, so a vote that names none belongs to the unit alone.
    heartbeat_s: how often the kiosk reports while it is in force. by, why: who made it, and of
    what: `settings 12` names a SettingsChange.
    """

    pk = models.CompositePrimaryKey("kiosk_id", "version")
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT)
    version = models.BigIntegerField()
    body = models.BinaryField()
    note = models.BinaryField()
    several = models.BooleanField(default=False)
    made_ms = models.BigIntegerField()
    heartbeat_s = models.IntegerField(default=60)
    by = models.CharField(max_length=150, blank=True)
    why = models.CharField(max_length=300, blank=True)


class Order(models.Model):
    """Something that a kiosk was asked to do (diagnostics, restart, selftest), and its answer.

    outcome: empty until the kiosk's journal says more (protocol.records.Order).
    """

    pk = models.CompositePrimaryKey("kiosk_id", "number")
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT)
    number = models.BigIntegerField()
    what = models.CharField(max_length=16)
    by = models.CharField(max_length=150)
    at_ms = models.BigIntegerField()
    outcome = models.CharField(max_length=8, blank=True)
    findings = models.JSONField(default=dict)
    answered_ms = models.BigIntegerField(null=True)


class Diagnostics(models.Model):
    """What a kiosk sent when it was asked for diagnostics; the newest few are kept."""

    pk = models.CompositePrimaryKey("kiosk_id", "number")
    kiosk = models.ForeignKey(Kiosk, on_delete=models.PROTECT)
    number = models.BigIntegerField()
    received_ms = models.BigIntegerField()
    text = models.TextField()


class KioskStatus(models.Model):
    """The newest status of a kiosk (protocol.status), whatever its journal.

    ms: as the request was signed; an older one never replaces a newer. body: the JSON as it came.
    attention: it names a fault or something to look at, so that these kiosks are found at once.
    """

    kiosk = models.OneToOneField(Kiosk, primary_key=True, on_delete=models.PROTECT)
    journal = models.CharField(max_length=36)
    ms = models.BigIntegerField()
    received_ms = models.BigIntegerField()
    body = models.BinaryField()
    attention = models.BooleanField(default=False)


class Silence(models.Model):
    """A kiosk was not heard for three heartbeats or longer, [started_ms, ended_ms): written down
    by the contact that ended it. The one that lasts is now minus the journal's seen_ms."""

    pk = models.CompositePrimaryKey("kiosk", "started_ms")
    kiosk = models.CharField(max_length=32)
    started_ms = models.BigIntegerField()
    ended_ms = models.BigIntegerField()


class Outage(models.Model):
    """The server itself did not run, [started_ms, ended_ms): no kiosk is blamed for that time."""

    started_ms = models.BigIntegerField(primary_key=True)
    ended_ms = models.BigIntegerField()


class ServerBeat(models.Model):
    """When this server was last known to run: one row, moved every few seconds."""

    only = models.SmallIntegerField(primary_key=True, default=1)
    at_ms = models.BigIntegerField()
