from django.db import migrations

from opsportal.kit.narrow import NarrowRunPython

SWEEPS = [
    ("incidents.watch_groups", 5),
]


def seed(apps, schema_editor):
    interval_model = apps.get_model("django_celery_beat", "IntervalSchedule")
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    for task, seconds in SWEEPS:
        interval, _ = interval_model.objects.get_or_create(
            every=seconds, period="seconds"
        )
        task_model.objects.get_or_create(
            name=task,
            defaults={
                "task": task,
                "interval": interval,
                "expire_seconds": max(seconds, 30),
            },
        )


def unseed(apps, schema_editor):
    task_model = apps.get_model("django_celery_beat", "PeriodicTask")
    task_model.objects.filter(name__in=[task for task, _ in SWEEPS]).delete()


class Migration(migrations.Migration):
    dependencies = [("opsportal", "0016_seed_weekly_review_sweep")]
    operations = [NarrowRunPython(seed, unseed, labels=["django_celery_beat"])]
