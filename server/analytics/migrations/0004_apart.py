"""Blocks know which of their votes stand apart from an official's score; votes that are held or
excluded have cells of their own, which nothing shows."""

from django.db import migrations, models

APART = ("x1", "x2", "x3", "x4", "x5")
SUMMED = ("shown", "block")
# By our own words: Django would write the tables anew on SQLite, once for each column.
ADD = [
    *(
        f"ALTER TABLE analytics_{table} ADD COLUMN {side} integer NOT NULL DEFAULT 0"
        for table in SUMMED
        for side in APART
    ),
    "ALTER TABLE analytics_shownvote ADD COLUMN apart bool NOT NULL DEFAULT FALSE",
    "ALTER TABLE analytics_shown ADD COLUMN counted bool NOT NULL DEFAULT TRUE",
]
DROP = [
    *(f"ALTER TABLE analytics_{table} DROP COLUMN {side}" for table in SUMMED for side in APART),
    "ALTER TABLE analytics_shownvote DROP COLUMN apart",
    "ALTER TABLE analytics_shown DROP COLUMN counted",
]
FILL = [
    "UPDATE analytics_shownvote SET apart = TRUE WHERE EXISTS (SELECT 1 FROM votes_vote v "
    "WHERE v.unit = analytics_shownvote.unit AND v.journal = analytics_shownvote.journal "
    "AND v.seq = analytics_shownvote.seq AND v.reasons = 'R9')",
    *(
        f"UPDATE analytics_block SET x{rating} = (SELECT count(*) FROM analytics_shownvote s "
        "WHERE s.unit = analytics_block.unit AND s.block = analytics_block.number AND s.apart "
        f"AND s.rating = {rating}) WHERE n{rating} > 0"
        for rating in range(1, 6)
    ),
    *(
        f"UPDATE analytics_shown SET {side} = (SELECT coalesce(sum(b.{side}), 0) "
        "FROM analytics_block b WHERE b.unit = analytics_shown.unit "
        "AND b.cell = analytics_shown.number AND b.shown)"
        for side in APART
    ),
]
KEY = ["unit", "first_month", "last_month", "counter", "official"]


class Migration(migrations.Migration):
    dependencies = [("analytics", "0003_sides"), ("votes", "0004_reasons_dossier")]

    operations = [
        migrations.RemoveConstraint("shown", "one_cell"),
        migrations.RunSQL(
            ADD,
            DROP,
            state_operations=[
                *(
                    migrations.AddField(table, side, models.IntegerField(default=0))
                    for table in SUMMED
                    for side in APART
                ),
                migrations.AddField("shownvote", "apart", models.BooleanField(default=False)),
                migrations.AddField("shown", "counted", models.BooleanField(default=True)),
            ],
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "shown", models.UniqueConstraint(fields=[*KEY, "counted"], name="one_cell")
        ),
    ]
