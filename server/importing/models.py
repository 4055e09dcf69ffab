"""What was imported, by whom, and what it takes to undo it."""

from typing import ClassVar

from django.db import models


class Import(models.Model):
    """One file that was applied. sha256: of its bytes. undone_ms null: it stands."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=20)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    at_ms = models.BigIntegerField()
    by = models.CharField(max_length=150)
    rows = models.IntegerField()
    added = models.IntegerField()
    changed = models.IntegerField()
    undone_ms = models.BigIntegerField(null=True)
    undone_by = models.CharField(max_length=150, blank=True)


class ImportedRow(models.Model):
    """A table's row that an import added (before null) or changed, as JSON of its columns."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="applied")
    table = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    before = models.JSONField(null=True)
    after = models.JSONField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["table", "key"], name="imported_row_by_key")]
