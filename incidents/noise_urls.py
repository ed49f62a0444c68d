"""The addresses of what keeps alerts quiet."""

from django.urls import path

from incidents.views import cooldowns, durations, recurring, storms, told_groups

urlpatterns = [
    path("alerts/<int:pk>/cooldown/", cooldowns.of_alert, name="alert_cooldown"),
    path(
        "integrations/<int:pk>/cooldown/",
        cooldowns.of_integration,
        name="integration_cooldown",
    ),
    path(
        "integrations/<int:pk>/durations/",
        durations.of_integration,
        name="integration_durations",
    ),
    path("maintenance/recurring/new/", recurring.create, name="recurring_create"),
    path("maintenance/recurring/<int:pk>/stop/", recurring.stop, name="recurring_stop"),
    path("alert-groups/", told_groups.list_all, name="group_list"),
    path("alert-groups/<int:pk>/", told_groups.show, name="group_detail"),
    path("services/<slug:slug>/grouping/", told_groups.edit_rule, name="group_rule"),
    path("storms/", storms.list_all, name="storm_list"),
    path("storms/<int:pk>/", storms.show, name="storm_detail"),
    path("storms/<int:pk>/cooldown/", storms.cool, name="storm_cool"),
]
