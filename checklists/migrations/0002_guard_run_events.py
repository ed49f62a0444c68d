from django.db import migrations

from opsportal.kit.append_only import guard


class Migration(migrations.Migration):
    dependencies = [("checklists", "0001_checklists_and_checks")]
    operations = [guard("checklists_runevent")]
