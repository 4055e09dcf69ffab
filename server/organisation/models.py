"""Units as a tree through time, their counters, officials and rosters, and the accounts of staff.

Days are local to the unit and half-open: [started_date, ended_date); null: as far back as anybody
knows, or until told otherwise. Reference tables: small, and copied to every node of a cluster.
"""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class Level(models.TextChoices):
    """What a unit is in the administration."""

    PROVINCE = "province", "Tỉnh, thành phố"
    DISTRICT = "district", "Huyện, quận (đến 30/6/2025)"
    COMMUNE = "commune", "Xã, phường, đặc khu"
    AGENCY = "agency", "Sở, ngành, cơ quan"
    HALL = "hall", "Trung tâm Phục vụ hành chính công"
    OTHER = "other", "Khác"


class Unit(models.Model):
    """An office, by its code: 2-digit province and 5-digit commune codes of QĐ 19/2025/QĐ-TTg,
    stable for the unit's life and never reused, or an agency's own.

    name, parent: as they stand now or stood last; UnitSpell holds them through time.
    """

    code = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT)
    timezone = models.CharField(max_length=64, default="Asia/Ho_Chi_Minh")
    level = models.CharField(max_length=16, choices=Level.choices, default=Level.OTHER)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class UnitSpell(models.Model):
    """What a unit was called and to whom it belonged for a while. Spells of one unit never overlap;
    between two of them, and after the last ended, the unit does not exist."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="spells")
    name = models.CharField(max_length=200)
    parent = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="child_spells"
    )
    started_date = models.DateField(null=True)
    ended_date = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["unit_id", "started_date"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "started_date"], name="one_spell_a_start"),
            # The service checks overlaps; this is the second guard.
            models.UniqueConstraint(
                fields=["unit"], condition=models.Q(ended_date__isnull=True), name="one_open_spell"
            ),
        ]


class UnitAncestor(models.Model):
    """Which unit stood beneath which, and when; itself included, depth 0. Made from the spells."""

    unit = models.CharField(max_length=32)
    ancestor = models.CharField(max_length=32)
    depth = models.SmallIntegerField()
    started_date = models.DateField(null=True)
    ended_date = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["ancestor", "unit"], name="beneath_ancestor"),
            models.Index(fields=["unit", "ancestor"], name="ancestors_of_unit"),
        ]


class Successor(models.Model):
    """What a unit that ended became, from on_date on: 1→1, n→1 or 1→n, with a note (which decree,
    which part). Old figures are never rewritten; as-is views follow these links."""

    predecessor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successors")
    successor = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessors")
    on_date = models.DateField()
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["on_date", "predecessor_id", "successor_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="one_succession")
        ]


class Field(models.Model):
    """A field of administration (lĩnh vực)."""

    code = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=200)


class Procedure(models.Model):
    """An administrative procedure, by its national code."""

    code = models.CharField(primary_key=True, max_length=32)
    name = models.CharField(max_length=500)
    field = models.ForeignKey(Field, null=True, blank=True, on_delete=models.PROTECT)
    started_date = models.DateField(null=True)
    ended_date = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["field_id", "code"]


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


class CounterSpell(models.Model):
    """Which agency served at a counter for a while, who operated it and whether it moved about.

    agency null: the counter's own unit. operator: of another body (the post office), else empty.
    """

    counter = models.ForeignKey(Counter, on_delete=models.PROTECT, related_name="spells")
    agency = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    operator = models.CharField(max_length=200, blank=True)
    mobile = models.BooleanField(default=False)
    started_date = models.DateField(null=True)
    ended_date = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["counter_id", "started_date"]


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


class OfficialSpell(models.Model):
    """Which agency an official belonged to for a while, and as what. agency null: their unit."""

    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="spells")
    agency = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    title = models.CharField(max_length=200, blank=True)
    started_date = models.DateField(null=True)
    ended_date = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["official_id", "started_date"]


class Seat(models.Model):
    """An official's usual counter for a while. It fills rosters and proves nothing by itself."""

    counter = models.ForeignKey(Counter, on_delete=models.PROTECT, related_name="seats")
    official = models.ForeignKey(Official, on_delete=models.PROTECT, related_name="seats")
    started_date = models.DateField(null=True)
    ended_date = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["counter_id", "started_date"]


class Shift(models.Model):
    """An official planned at a counter, [started_ms, ended_ms). Those of one counter never overlap,
    nor do those of one official."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="shifts")
    counter = models.CharField(max_length=40)
    official = models.CharField(max_length=32)
    started_ms = models.BigIntegerField()
    ended_ms = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["unit", "counter", "started_ms"], name="shift_by_counter"),
            models.Index(fields=["official", "started_ms"], name="shift_by_official"),
        ]


class Holiday(models.Model):
    """A day on which counters are closed; unit null: everywhere. made_ms: when it was entered; 0:
    before this was kept."""

    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    date = models.DateField()
    name = models.CharField(max_length=200)
    made_ms = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["date"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit", "date"], name="one_holiday"),
            models.UniqueConstraint(
                fields=["date"], condition=models.Q(unit__isnull=True), name="one_holiday_for_all"
            ),
        ]


class UnitRules(models.Model):
    """What a unit chose about attribution and display; null: as the unit above it, at the top: no,
    or the default (rules.Rules).

    shifts_count: who was planned counts where nobody signed in. two_for_rulings: a correction is in
    force only once a second person has confirmed it. From how many votes figures show a share
    (show_from), a person's share (person_from), and colour and comparison (verdict_from); from
    which reliability a person's (hundredths), and from which response rate they are taken to speak
    for all who came (per cent).
    """

    unit = models.OneToOneField(Unit, primary_key=True, on_delete=models.PROTECT)
    shifts_count = models.BooleanField(null=True)
    two_for_rulings = models.BooleanField(null=True)
    show_from = models.IntegerField(null=True)
    person_from = models.IntegerField(null=True)
    verdict_from = models.IntegerField(null=True)
    reliability_from = models.IntegerField(null=True)
    response_from = models.IntegerField(null=True)


class CountingSpell(models.Model):
    """While shifts counted in a unit, by its own choice or one above it: those that began in
    [from_ms, to_ms). to_ms null: they still do. A unit without any counts from ever, if it does:
    nothing changed since it was made."""

    id = models.BigAutoField(primary_key=True)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="counting")
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField(null=True)


class RosterChange(models.Model):
    """A correction that attribution has not looked at yet: whom votes of this counter are about may
    differ in [from_ms, to_ms). Written in the transaction that changes the roster, deleted in the
    one that attributes anew: a crash between the two loses nothing. counter empty: the votes that
    stand at none. official: only votes that name this one may differ, at whatever counter; to_ms 0:
    the units where else it was served know already."""

    id = models.BigAutoField(primary_key=True)
    unit = models.CharField(max_length=32)
    counter = models.CharField(max_length=40)
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField()
    official = models.CharField(max_length=32, blank=True)


class Role(models.TextChoices):
    """What a staff account may do; access.py says what each may see."""

    SUPERVISOR = "supervisor", "Phụ trách đơn vị"
    ADMINISTRATOR = "administrator", "Quản trị hệ thống"
    OFFICIAL = "official", "Cán bộ tại quầy"
    INSPECTOR = "inspector", "Thanh tra"
    REVIEWER = "reviewer", "Người thẩm định"


class StaffAccount(AbstractUser):
    """A person who logs in, with a role in a unit's territory; official: who they are at a counter,
    for those who look at what concerns themselves. Of inspectors and reviewers unit is where they
    work themselves, if at all; their territory is what they were granted."""

    role = models.CharField(max_length=16, choices=Role.choices, default=Role.SUPERVISOR)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    official = models.ForeignKey(Official, null=True, blank=True, on_delete=models.PROTECT)


class Grant(models.Model):
    """That an inspector or reviewer may act for a unit, and all beneath it, in [from_ms, to_ms);
    null: until told otherwise. by: the administrators' accounts. Never deleted, and a deed."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="grants")
    account = models.ForeignKey(StaffAccount, on_delete=models.PROTECT, related_name="grants")
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField(null=True)
    granted_by = models.CharField(max_length=150)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering: ClassVar = ["account_id", "unit_id", "from_ms"]
