"""The Celery app. Its tasks wake sweeps; no message carries state."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

# By its name, for TLS and sockets alike: it is imported by who connects.
TRANSPORT_ALIASES.update(
    dict.fromkeys(("redis", "rediss"), "opsportal.broker:Transport")
)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")
app = Celery("opsportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
