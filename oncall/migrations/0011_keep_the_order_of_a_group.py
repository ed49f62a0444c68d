from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("oncall", "0010_former_settings")]

    operations = [
        migrations.AlterModelOptions(
            name="rotationmember",
            options={"ordering": ["version", "position", "pk"]},
        ),
    ]
