from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0004_through_time'),
    ]

    operations = [
        migrations.CreateModel(
            name='CountingSpell',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('from_ms', models.BigIntegerField()),
                ('to_ms', models.BigIntegerField(null=True)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counting', to='organisation.unit')),
            ],
        ),
    ]
