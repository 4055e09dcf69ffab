"""When each holiday was entered: what is entered afterwards holds no vote of the day."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisation", "0007_display_rules")]

    operations = [migrations.AddField("holiday", "made_ms", models.BigIntegerField(default=0))]
