import django.db.models.deletion
from django.db import migrations, models

KINDS = [
    ("email", "Email"),
    ("slack", "Slack"),
    ("slack_app", "Slack app"),
    ("webhook", "Webhook"),
    ("sms", "SMS"),
    ("pagerduty", "PagerDuty"),
    ("teams", "Microsoft Teams"),
    ("apprise", "Apprise"),
]


class Migration(migrations.Migration):
    dependencies = [("oncall", "0008_handoff_asked_at")]

    operations = [
        *(
            migrations.AlterField(
                model_name=model,
                name="kind",
                field=models.CharField(choices=KINDS, max_length=16),
            )
            for model in ("channel", "contactmethod", "endpoint")
        ),
        migrations.AddField(
            model_name="notification",
            name="replaces",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="revisions",
                to="oncall.notification",
            ),
        ),
    ]
