from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oncall", "0007_limits_and_contact_lines")]

    operations = [
        migrations.AddField(
            model_name="handoff",
            name="asked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
