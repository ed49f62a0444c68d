from django.db import migrations

from opsportal.kit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("oncall", "0001_people_and_schedules")]
    operations = [guard("oncall_auditentry")]
