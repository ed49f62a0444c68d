"""The addresses of oncall."""

from django.urls import path

from oncall.views import log, profile, rotations, schedules, swaps, teams

urlpatterns = [
    path("oncall/", schedules.list_schedules, name="schedule_list"),
    path(
        "oncall/new/<slug:team_slug>/",
        rotations.create_schedule,
        name="schedule_create",
    ),
    path("oncall/<slug:slug>/", schedules.show_schedule, name="schedule_detail"),
    path(
        "oncall/<slug:slug>/rotation/<int:pk>/edit",
        rotations.edit_rotation,
        name="rotation_edit",
    ),
    path("oncall/<slug:slug>/override", schedules.add_override, name="override_create"),
    path(
        "oncall/<slug:slug>/override/<int:pk>/cancel",
        schedules.cancel_override,
        name="override_cancel",
    ),
    path("oncall/<slug:slug>/swap", swaps.create_swap, name="swap_create"),
    path("swaps/", swaps.list_swaps, name="swap_list"),
    path("swaps/<int:pk>/", swaps.show_swap, name="swap_detail"),
    path("swaps/<int:pk>/take", swaps.take_swap, name="swap_take"),
    path("swaps/<int:pk>/decline", swaps.decline_swap, name="swap_decline"),
    path("swaps/<int:pk>/cancel", swaps.cancel_swap, name="swap_cancel"),
    path("swaps/<int:pk>/undo", swaps.undo_swap, name="swap_undo"),
    path("teams/", teams.list_teams, name="team_list"),
    path("teams/<slug:team_slug>/", teams.show_team, name="team_detail"),
    path("teams/<slug:team_slug>/members", teams.add_member, name="member_add"),
    path(
        "teams/<slug:team_slug>/members/<int:pk>/role",
        teams.change_role,
        name="member_role",
    ),
    path(
        "teams/<slug:team_slug>/members/<int:pk>/remove",
        teams.remove_member,
        name="member_remove",
    ),
    path("teams/<slug:team_slug>/channels", teams.add_channel, name="channel_add"),
    path(
        "teams/<slug:team_slug>/channels/<int:pk>/edit",
        teams.edit_channel,
        name="channel_edit",
    ),
    path(
        "teams/<slug:team_slug>/channels/<int:pk>/test",
        teams.test_channel,
        name="channel_test",
    ),
    path(
        "teams/<slug:team_slug>/channels/<int:pk>/delete",
        teams.delete_channel,
        name="channel_delete",
    ),
    path("teams/<slug:team_slug>/secrets", teams.save_secret, name="secret_save"),
    path(
        "teams/<slug:team_slug>/secrets/<int:pk>/delete",
        teams.delete_secret,
        name="secret_delete",
    ),
    path("me/", profile.show_profile, name="profile"),
    path("me/profile", profile.edit_profile, name="profile_edit"),
    path("me/quiet", profile.edit_quiet_hours, name="quiet_edit"),
    path("me/contacts", profile.add_method, name="method_add"),
    path("me/contacts/<int:pk>/verify", profile.verify_method, name="method_verify"),
    path("me/contacts/<int:pk>/resend", profile.resend_code, name="method_resend"),
    path("me/contacts/<int:pk>/remove", profile.remove_method, name="method_remove"),
    path("me/tokens", profile.create_token, name="token_create"),
    path("me/tokens/<int:pk>/revoke", profile.revoke_token, name="token_revoke"),
    path("notifications/", log.list_notifications, name="notification_list"),
    path(
        "notifications/<int:pk>/retry",
        log.retry_notification,
        name="notification_retry",
    ),
]
