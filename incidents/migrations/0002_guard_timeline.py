from django.db import migrations

from opsportal.kit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_alerts_and_incidents")]
    operations = [guard("incidents_timelineentry")]
