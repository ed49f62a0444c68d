"""The addresses of doors for machines, each with the key of an integration."""

from django.urls import path

from incidents.views import (
    alertmanager_api,
    alertmanager_silences,
    hooks,
    pagerduty_doors,
)

_ALERTMANAGER = (
    ("alerts", alertmanager_api.alerts),
    ("alerts/groups", alertmanager_api.groups),
    ("silences", alertmanager_silences.silences),
    ("silence/<str:public_id>", alertmanager_silences.silence),
    ("receivers", alertmanager_api.receivers),
    ("status", alertmanager_api.status),
)
_PREFIX = "ingest/prometheus/<str:key>/api/v2/"
urlpatterns = [
    path("v2/enqueue", pagerduty_doors.enqueue, name="door_enqueue"),
    path("v2/change/enqueue", pagerduty_doors.enqueue_change, name="door_change"),
    path(
        "generic/2010-04-15/create_event.json",
        pagerduty_doors.create_event,
        name="door_create_event",
    ),
    path(
        "ingest/alertmanager/<str:key>",
        hooks.take_alertmanager,
        name="door_alertmanager",
    ),
    path("ingest/grafana/<str:key>", hooks.take_grafana, name="door_grafana"),
    path("ingest/sns/<str:key>", hooks.take_sns, name="door_sns"),
    path("ingest/sentry/<str:key>", hooks.take_sentry, name="door_sentry"),
    path("ingest/webhook/<str:key>", hooks.take_webhook, name="door_webhook"),
    path("ingest/email/<str:key>", hooks.take_email, name="door_email"),
    path("ingest/heartbeat/<str:key>", hooks.take_heartbeat, name="door_heartbeat"),
    *(path(f"api/v2/{word}", view) for word, view in _ALERTMANAGER),
    *(path(f"{_PREFIX}{word}", view) for word, view in _ALERTMANAGER),
]
