"""The addresses of alerts, incidents and maintenance."""

from django.urls import include, path

from incidents import incident_urls, noise_urls
from incidents.postmortem_urls import urlpatterns as after_incidents
from incidents.views import (
    actions,
    alerts,
    declaring,
    escalations,
    incidents,
    integrations,
    maintenance,
    plain,
    severities,
    silences,
    working,
)

urlpatterns = [
    path("", include("incidents.door_urls")),
    path("api/alerts/active", plain.show_alerts, {"which": "active"}),
    path("api/alerts/history", plain.show_alerts, {"which": "history"}),
    path("", include("incidents.communication_urls")),
    path("alerts/", alerts.list_alerts, name="alert_list"),
    path("alerts/review/", alerts.review, name="alert_review"),
    path("alerts/many/", alerts.act_on_many, name="alert_many"),
    path("alerts/<int:pk>/", alerts.show_alert, name="alert_detail"),
    path("alerts/<int:pk>/acknowledge/", alerts.acknowledge, name="alert_acknowledge"),
    path(
        "alerts/<int:pk>/unacknowledge/",
        alerts.unacknowledge,
        name="alert_unacknowledge",
    ),
    path("alerts/<int:pk>/resolve/", alerts.resolve, name="alert_resolve"),
    path("alerts/<int:pk>/confirm/", escalations.confirm, name="alert_confirm"),
    path("alerts/<int:pk>/escalate/", escalations.escalate, name="alert_escalate"),
    path("alerts/<int:pk>/snooze/", escalations.snooze, name="alert_snooze"),
    path("alerts/<int:pk>/page/", escalations.page, name="alert_page"),
    path("alerts/<int:pk>/note/", alerts.note, name="alert_note"),
    path("incidents/", incidents.list_incidents, name="incident_list"),
    path("incidents/declare/", declaring.declare, name="incident_declare"),
    path("incidents/<str:ref>/", incidents.show_incident, name="incident_detail"),
    path("incidents/<str:ref>/edit/", incidents.edit, name="incident_edit"),
    path("incidents/<str:ref>/status/", working.move, name="incident_status"),
    path("incidents/<str:ref>/note/", working.note, name="incident_note"),
    path(
        "incidents/<str:ref>/entries/<int:pk>/",
        incidents.correct,
        name="incident_correct",
    ),
    path(
        "incidents/<str:ref>/severity/", working.set_severity, name="incident_severity"
    ),
    path("incidents/<str:ref>/roles/", working.assign, name="incident_role"),
    path("incidents/<str:ref>/link/", working.link, name="incident_link"),
    path("incidents/<str:ref>/unlink/", working.unlink, name="incident_unlink"),
    path("incidents/<str:ref>/actions/", actions.add, name="action_add"),
    path("actions/", actions.list_actions, name="action_list"),
    path("actions/<int:pk>/", actions.show, name="action_detail"),
    path("actions/<int:pk>/move/", actions.move, name="action_move"),
    path("actions/<int:pk>/export/", actions.export, name="action_export"),
    path("integrations/", integrations.list_all, name="integration_list"),
    path("integrations/new/", integrations.create, name="integration_create"),
    path("integrations/<int:pk>/", integrations.show, name="integration_detail"),
    path("integrations/<int:pk>/edit/", integrations.edit, name="integration_edit"),
    path(
        "integrations/<int:pk>/rotate/", integrations.rotate, name="integration_rotate"
    ),
    path(
        "integrations/<int:pk>/revoke/", integrations.revoke, name="integration_revoke"
    ),
    path(
        "integrations/<int:pk>/switch/", integrations.switch, name="integration_switch"
    ),
    path(
        "integrations/<int:pk>/test/", integrations.send_test, name="integration_test"
    ),
    path("silences/", silences.list_silences, name="silence_list"),
    path("silences/new/", silences.create, name="silence_create"),
    path("silences/<int:pk>/edit/", silences.edit, name="silence_edit"),
    path("silences/<int:pk>/expire/", silences.expire, name="silence_expire"),
    path(
        "services/<slug:slug>/severities/", severities.list_words, name="severity_list"
    ),
    path("services/<slug:slug>/severities/new/", severities.add, name="severity_add"),
    path("severities/<int:pk>/", severities.edit, name="severity_edit"),
    path("severities/<int:pk>/remove/", severities.remove, name="severity_remove"),
    path("maintenance/", maintenance.list_windows, name="maintenance_list"),
    path("maintenance/new/", maintenance.create, name="maintenance_create"),
    path("maintenance/<int:pk>/end/", maintenance.end, name="maintenance_end"),
    path("maintenance/<int:pk>/cancel/", maintenance.cancel, name="maintenance_cancel"),
]

urlpatterns += noise_urls.urlpatterns
urlpatterns += after_incidents
urlpatterns += incident_urls.urlpatterns
