"""From how much on figures show what: chosen by unit."""

from django.db import migrations, models

NAMES = ("show_from", "person_from", "verdict_from", "reliability_from", "response_from")


class Migration(migrations.Migration):
    dependencies = [("organisation", "0006_grants")]

    operations = [
        migrations.AddField("unitrules", name, models.IntegerField(null=True)) for name in NAMES
    ]
