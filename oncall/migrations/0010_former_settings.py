from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oncall", "0009_slack_app_messages")]

    operations = [
        migrations.AddField(
            model_name="schedule",
            name="former_settings",
            field=models.JSONField(blank=True, default=list, editable=False),
        ),
    ]
