from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0002_guard_timeline")]
    operations = [
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                condition=models.Q(reviewed_at__isnull=True),
                fields=["service", "-starts_at"],
                name="incidents_alert_review",
            ),
        )
    ]
