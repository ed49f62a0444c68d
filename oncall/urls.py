"""The addresses of oncall."""

from django.urls import path

from oncall.views import (
    absence_feeds,
    absences,
    contact_lists,
    contacts,
    feeds,
    handoffs,
    log,
    overrides,
    policies,
    profile,
    rosters,
    rotations,
    schedules,
    shifts,
    swaps,
    teams,
)

urlpatterns = [
    path("oncall/", schedules.list_schedules, name="schedule_list"),
    path("oncall/mine/", shifts.list_my_shifts, name="my_shifts"),
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
    path(
        "oncall/<slug:slug>/rotation/new",
        rotations.create_rotation,
        name="rotation_create",
    ),
    path(
        "oncall/<slug:slug>/rotation/<int:pk>/retire",
        rosters.retire_rotation,
        name="rotation_retire",
    ),
    path("oncall/<slug:slug>/versions/", rosters.show_history, name="rotation_history"),
    path(
        "oncall/<slug:slug>/versions/<int:pk>/undo",
        rosters.undo_version,
        name="version_undo",
    ),
    path(
        "oncall/<slug:slug>/settings", rosters.edit_settings, name="schedule_settings"
    ),
    path("oncall/<slug:slug>/switch", rosters.switch_schedule, name="schedule_switch"),
    path("oncall/<slug:slug>/override", overrides.add_override, name="override_create"),
    path(
        "oncall/<slug:slug>/override/<int:pk>/cancel",
        overrides.cancel_override,
        name="override_cancel",
    ),
    path(
        "oncall/<slug:slug>/override/<int:pk>/restore",
        overrides.restore_override,
        name="override_restore",
    ),
    path("oncall/<slug:slug>/take", overrides.take_pager, name="pager_take"),
    path(
        "oncall/<slug:slug>/give-back", overrides.give_back_pager, name="pager_return"
    ),
    path("oncall/<slug:slug>/swap", swaps.create_swap, name="swap_create"),
    path("swaps/", swaps.list_swaps, name="swap_list"),
    path("swaps/<int:pk>/", swaps.show_swap, name="swap_detail"),
    path("swaps/<int:pk>/take", swaps.take_swap, name="swap_take"),
    path("swaps/<int:pk>/decline", swaps.decline_swap, name="swap_decline"),
    path("swaps/<int:pk>/cancel", swaps.cancel_swap, name="swap_cancel"),
    path("swaps/<int:pk>/undo", swaps.undo_swap, name="swap_undo"),
    path("handoffs/", handoffs.list_handoffs, name="handoff_list"),
    path("handoffs/<int:pk>/", handoffs.show_handoff, name="handoff_detail"),
    path("handoffs/<int:pk>/notes", handoffs.save_notes, name="handoff_notes"),
    path("handoffs/<int:pk>/accept", handoffs.accept, name="handoff_accept"),
    path("absences/", absences.list_absences, name="absence_list"),
    path(
        "absences/team/<slug:team_slug>/",
        absences.show_team_absences,
        name="absence_team",
    ),
    path(
        "absences/team/<slug:team_slug>/<int:pk>/",
        absences.add_for_member,
        name="absence_add",
    ),
    path("absences/<int:pk>/cancel", absences.cancel_absence, name="absence_cancel"),
    path("absences/<int:pk>/cover", absences.cover_absence, name="absence_cover"),
    path("absences/calendars/new", absence_feeds.add_feed, name="absence_feed_add"),
    path(
        "absences/calendars/<int:pk>/read",
        absence_feeds.read_feed,
        name="absence_feed_read",
    ),
    path(
        "absences/calendars/<int:pk>/remove",
        absence_feeds.remove_feed,
        name="absence_feed_remove",
    ),
    path("calendars/", feeds.list_feeds, name="feed_list"),
    path("calendars/<int:pk>/revoke", feeds.revoke_feed, name="feed_revoke"),
    path("ical/<str:token>.ics", feeds.read_own, name="ical_own"),
    path("ical/s/<str:token>.ics", feeds.read_schedule, name="ical_schedule"),
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
    path("me/contacts", contacts.add_method, name="method_add"),
    path("me/contacts/<int:pk>/verify", contacts.verify_method, name="method_verify"),
    path("me/contacts/<int:pk>/resend", contacts.resend_code, name="method_resend"),
    path("me/contacts/<int:pk>/remove", contacts.remove_method, name="method_remove"),
    path("me/contacts/<int:pk>/move", contacts.move_method, name="method_move"),
    path("me/contacts/<int:pk>/test", contacts.test_method, name="method_test"),
    path("me/rules", contacts.add_rule, name="rule_add"),
    path("me/rules/<int:pk>/remove", contacts.remove_rule, name="rule_remove"),
    path("me/tokens", profile.create_token, name="token_create"),
    path("me/tokens/<int:pk>/revoke", profile.revoke_token, name="token_revoke"),
    path(
        "services/<slug:slug>/contacts/",
        contact_lists.show_service_table,
        name="service_contacts",
    ),
    path(
        "teams/<slug:team_slug>/contacts/",
        contact_lists.show_team_table,
        name="team_contacts",
    ),
    path("contacts/<int:pk>/edit", contact_lists.edit_contact, name="contact_edit"),
    path("contacts/<int:pk>/move", contact_lists.move_contact, name="contact_move"),
    path(
        "contacts/<int:pk>/remove", contact_lists.remove_contact, name="contact_remove"
    ),
    path("contacts/<int:pk>/test", contact_lists.test_contact, name="contact_test"),
    path(
        "notifications/retry-failed",
        log.retry_failed,
        name="notification_retry_failed",
    ),
    path("notifications/", log.list_notifications, name="notification_list"),
    path(
        "notifications/<int:pk>/retry",
        log.retry_notification,
        name="notification_retry",
    ),
    path("policies/", policies.list_policies, name="policy_list"),
    path(
        "policies/new/<slug:team_slug>/", policies.create_policy, name="policy_create"
    ),
    path("policies/<slug:slug>/", policies.show_policy, name="policy_detail"),
    path("policies/<slug:slug>/edit", policies.edit_policy, name="policy_edit"),
    path(
        "policies/<slug:slug>/simulate",
        policies.simulate_policy,
        name="policy_simulate",
    ),
    path(
        "policies/<slug:slug>/services",
        policies.assign_services,
        name="policy_services",
    ),
    path(
        "policies/<slug:slug>/versions/<int:number>/restore",
        policies.restore_version,
        name="policy_restore",
    ),
    path("policies/<slug:slug>/delete", policies.delete_policy, name="policy_delete"),
]
