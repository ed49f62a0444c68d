from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("oncall", "0004_keep_concurrency_a_version")]

    operations = [
        migrations.AddField(
            model_name="team",
            name="calm_version",
            field=models.BigIntegerField(default=0, editable=False),
        )
    ]
