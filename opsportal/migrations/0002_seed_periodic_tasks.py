from django.db import migrations

from opsportal.kit.narrow import NarrowRunPython

# Frozen here: a later change of the list gets a migration of its own, so that
# an admin's own intervals are never overwritten.
SWEEPS = [
    ("checklists.open_due_runs", 30),
    ("checklists.settle_runs", 30),
    ("checklists.remind_late_runs", 30),
    ("checklists.run_due_checks", 10),
    ("checklists.purge_results", 3600),
    ("oncall.deliver_notifications", 10),
    ("oncall.record_shifts", 60),
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
    dependencies = [
        ("opsportal", "0001_make_cache_table"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [NarrowRunPython(seed, unseed, labels=["django_celery_beat"])]
