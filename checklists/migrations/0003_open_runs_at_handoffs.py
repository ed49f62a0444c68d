import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("oncall", "0008_handoff_asked_at"),
        ("checklists", "0002_guard_run_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="cadence",
            name="rotation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="cadences",
                to="oncall.rotation",
            ),
        ),
        migrations.AddField(
            model_name="cadence",
            name="roster_version",
            field=models.BigIntegerField(default=0, editable=False),
        ),
    ]
