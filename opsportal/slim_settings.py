"""The settings of processes that serve no page and run no sweep.

Beat sends the names of tasks and records that it did, and the demo's target knows no
table at all: with a few apps instead of all each holds half as much memory.
"""

from opsportal.settings import *  # noqa: F403 -- the same, but for the apps

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django_celery_beat",
    "oncall",
]
