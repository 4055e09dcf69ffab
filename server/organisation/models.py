"""Units, their counters, their officials, and the accounts of staff who log in."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Unit(models.Model):
    """An office, by its code (5-digit commune codes of QĐ 19/2025/QĐ-TTg, or an agency's own)."""

    code = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    timezone = models.CharField(max_length=64, default="Asia/Ho_Chi_Minh")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Counter(models.Model):
    """A numbered service window of a unit."""

    code = models.CharField(primary_key=True, max_length=40)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="counters")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["unit_id", "number"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Official(models.Model):
    """A public servant who serves at counters, by pseudonym code. Does not log in by that fact.

    pin_sealed, badge_sealed: the sign-in PIN, and what the badge reads, under the server's PIN
    key, because each kiosk needs a verifier of its own (protocol.md 7); neither is stored plain.
    pin_due: the PIN has to be changed, because a kiosk that held its verifier was lost.
    photo: SHA-256 (hex) of a picture that fleet keeps, or empty.
    """

    code = models.CharField(primary_key=True, max_length=32)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="officials")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    pin_sealed = models.BinaryField(default=b"")
    badge_sealed = models.BinaryField(default=b"")
    pin_due = models.BooleanField(default=False)
    photo = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering: ClassVar = ["unit_id", "code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Role(models.TextChoices):
    """What a staff account may do; access.py says what each may see."""

    SUPERVISOR = "supervisor", "Phụ trách đơn vị"
    ADMINISTRATOR = "administrator", "Quản trị hệ thống"


class StaffAccount(AbstractUser):
    """A person who logs in, with a role in a unit's territory."""

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.SUPERVISOR)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
