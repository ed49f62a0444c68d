from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incidents", "0016_alerts_that_last")]

    operations = [
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(
                fields=["-starts_at", "-id"], name="incidents_alert_newest"
            ),
        ),
    ]
