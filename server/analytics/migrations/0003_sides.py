"""Sides of the votes of every tally: votes whose only reason is R9, invited ones, revised ones.

Every day is counted again, as in a rebuild of the tallies: what stands stays until then.
"""

from django.db import migrations, models

TABLES = ("tally", "proceduretally", "unitmonth", "officialmonth")
SIDES = ("x1", "x2", "x3", "x4", "x5", "i1", "i2", "i3", "i4", "i5", "lo", "up")
# By our own words: Django would write each table anew on SQLite, once for each column.
ADD = [
    f"ALTER TABLE analytics_{table} ADD COLUMN {side} integer NOT NULL DEFAULT 0"
    for table in TABLES
    for side in SIDES
]
DROP = [
    f"ALTER TABLE analytics_{table} DROP COLUMN {side}" for table in TABLES for side in SIDES
]
COUNT_AGAIN = [
    "UPDATE analytics_countedday SET gen = -gen WHERE gen > 0",
    "DELETE FROM analytics_countedunit",
]


class Migration(migrations.Migration):
    dependencies = [("analytics", "0002_parents")]

    operations = [
        migrations.RunSQL(
            ADD,
            DROP,
            state_operations=[
                migrations.AddField(table, side, models.IntegerField(default=0))
                for table in TABLES
                for side in SIDES
            ],
        ),
        migrations.RunSQL(COUNT_AGAIN, migrations.RunSQL.noop),
    ]
