"""What the admin changes of oncall keeps the rules and hides secrets."""

from datetime import timedelta

import pytest
from django.test import Client

from oncall.models import (
    ApiToken,
    AuditEntry,
    Channel,
    EscalationPolicyVersion,
    EscalationStep,
    HolidayCalendar,
    Membership,
    Notification,
    Override,
    Rotation,
    Secret,
    User,
)
from oncall.queries import users_on_call
from tests.conftest import NOW
from tests.factories.oncall import (
    ApiTokenFactory,
    EscalationTargetFactory,
    HolidayFactory,
    MembershipFactory,
    NotificationFactory,
    OverrideFactory,
    RotationMemberFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)
from tests.oncall.admin.conftest import text, url

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule():
    return make_weekly_schedule(people=3)


def week(rotation, client):
    """What the browser would send back of the rotation's page."""
    page = client.get(url(Rotation, "change", rotation.pk))
    form = page.context["adminform"].form
    values = {
        name: form[name].value() for name in form.fields if name != "effective_from"
    }
    values["keeps_current"] = "on"
    values |= {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    return {name: value for name, value in values.items() if value is not None}


def test_a_weekly_rotation_is_edited_through_the_service(client, schedule):
    rotation = schedule.rotations.get()
    fields = week(rotation, client)
    second, third, first = (str(fields[f"place_{n}"]) for n in range(3))
    assert [int(first), int(second), int(third)] == [p.pk for p in schedule.people]
    later = {"effective_from_0": "2026-01-20", "effective_from_1": "12:00"}

    answer = client.post(
        url(Rotation, "change", rotation.pk),
        {**fields, **later, "place_1": "nobody", "at": "10:00"},
    )

    assert answer.status_code == 302
    new = rotation.versions.order_by("-pk").first()
    assert new.created_by == client.user
    assert new.effective_from > NOW
    assert new.anchor.endswith("10:00")
    assert list(AuditEntry.objects.values_list("action", flat=True)).count(
        "rotation.edit"
    )
    assert [row.user_id for row in users_on_call(schedule.pk, NOW)] == [
        schedule.people[1].pk,
        schedule.people[2].pk,
    ]


def test_what_has_a_past_is_not_removed(client, schedule):
    for row in (schedule, schedule.rotations.get()):
        answer = client.post(url(type(row), "delete", row.pk), {"post": "yes"})
        assert answer.status_code == 403


def test_a_new_name_alone_makes_no_version(client, schedule):
    rotation = schedule.rotations.get()
    client.post(
        url(Rotation, "change", rotation.pk),
        {**week(rotation, client), "name": "Renamed"},
    )
    rotation.refresh_from_db()
    assert rotation.name == "Renamed"
    assert rotation.versions.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"place_0": "", "place_1": "", "place_2": ""}, "empty"),
        ({"role_names": "a, a"}, "repeat"),
        ({"effective_from_0": "2020-01-01", "effective_from_1": "00:00"}, "past"),
        ({"at": "nonsense"}, "valid time"),
    ],
)
def test_a_faulty_rotation_is_told(client, schedule, changes, said):
    rotation = schedule.rotations.get()
    fields = {**week(rotation, client), **changes}
    answer = client.post(url(Rotation, "change", rotation.pk), fields)
    assert answer.status_code == 200
    assert said in text(answer)


def test_a_rotation_is_added_with_its_week(client, schedule):
    fields = {
        "schedule": schedule.pk,
        "name": "Managers",
        "priority": 0,
        "role_names": "manager",
        "weekday": 0,
        "at": "09:00",
        "place_0": schedule.people[0].pk,
        "versions-TOTAL_FORMS": 0,
        "versions-INITIAL_FORMS": 0,
    }
    assert client.post(url(Rotation, "add"), fields).status_code == 302
    roles = {row.role for row in users_on_call(schedule.pk, NOW)}
    assert "manager" in roles


def test_a_group_shows_its_first_and_an_empty_slot_its_word(client, schedule):
    version = schedule.rotations.get().versions.get()
    RotationMemberFactory(version=version, position=3, user=None)
    for person in schedule.people[:2]:
        RotationMemberFactory(version=version, position=4, user=person)
    fields = week(schedule.rotations.get(), client)
    assert "nobody" in fields.values()


def test_members_keep_their_rules(client):
    team = TeamFactory()
    member = MembershipFactory(team=team, role="manager")
    page = url(Membership, "change", member.pk)
    refused = client.post(page, {"role": "viewer"}, follow=True)
    assert "needs a manager" in text(refused)
    MembershipFactory(team=team, role="manager")
    client.post(page, {"role": "viewer"})
    member.refresh_from_db()
    assert member.role == "viewer"

    user = UserFactory()
    client.post(
        url(Membership, "add"), {"team": team.pk, "user": user.pk, "role": "manager"}
    )
    assert user.memberships.get().role == "manager"
    client.post(url(Membership, "delete", member.pk), {"post": "yes"})
    assert not Membership.objects.filter(pk=member.pk).exists()
    Membership.objects.exclude(user=user).delete()
    last = url(Membership, "delete", user.memberships.get().pk)
    assert "needs a manager" in text(client.post(last, {"post": "yes"}, follow=True))


def test_a_channel_s_address_is_written_and_kept(client):
    team = TeamFactory()
    fields = {"team": team.pk, "name": "#ops", "kind": "email", "is_enabled": "on"}
    assert "empty" in text(client.post(url(Channel, "add"), fields))
    wrong = {**fields, "kind": "pigeon", "new_address": "x"}
    assert client.post(url(Channel, "add"), wrong).status_code == 200
    client.post(url(Channel, "add"), {**fields, "new_address": "ops@example.org"})
    channel = Channel.objects.get()
    client.post(url(Channel, "change", channel.pk), {**fields, "name": "#all"})
    channel.refresh_from_db()
    assert (channel.name, channel.address) == ("#all", "ops@example.org")
    client.post(url(Channel, "delete", channel.pk), {"post": "yes"})
    assert not Channel.objects.exists()


def test_a_secret_is_written_and_never_shown(client):
    team = TeamFactory()
    fields = {"team": team.pk, "name": "db", "host_names": "a.example.org"}
    assert "Enter the secret" in text(client.post(url(Secret, "add"), fields))
    client.post(url(Secret, "add"), {**fields, "new_value": "hush"})
    secret = Secret.objects.get()
    page = url(Secret, "change", secret.pk)
    assert "hush" not in text(client.get(page))
    client.post(page, {"host_names": "b.example.org"})
    secret.refresh_from_db()
    assert (secret.value, secret.hosts) == ("hush", ["b.example.org"])
    assert "no host" in text(client.post(page, {"host_names": "a/b"}, follow=True))
    assert "hush" not in str(list(AuditEntry.objects.values()))
    client.post(url(Secret, "delete", secret.pk), {"post": "yes"})
    assert not Secret.objects.exists()


def act(client, model, action, *rows):
    return client.post(
        url(model, "changelist"),
        {"action": action, "_selected_action": [row.pk for row in rows]},
        follow=True,
    )


def test_chosen_rows_are_revoked_cancelled_and_sent_again(client):
    token = ApiTokenFactory()
    assert "1 revoked" in text(act(client, ApiToken, "revoke", token))
    over = OverrideFactory(
        starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1)
    )
    rows = [OverrideFactory(), over]
    assert "1 cancelled" in text(act(client, Override, "cancel", *rows))
    failed = NotificationFactory(state="failed")
    pair = [failed, NotificationFactory()]
    answer = act(client, Notification, "send_again", *pair)
    assert "1 on their way" in text(answer)


def test_a_policy_version_is_added_with_its_rungs_and_then_stays(client):
    step = EscalationTargetFactory().step
    policy = step.version.policy
    fields = {
        "policy": policy.pk,
        "number": 2,
        "repeats": 1,
        "repeat_from": 0,
        "steps-TOTAL_FORMS": 1,
        "steps-INITIAL_FORMS": 0,
        "steps-0-position": 0,
        "steps-0-name": "First",
        "steps-0-condition": "unacknowledged",
        "steps-0-min_level": 5,
        "steps-0-max_level": 1,
        "steps-0-strategy": "all",
        "steps-0-ack_mode": "any",
        "steps-0-window_days": "[]",
        "steps-0-delay": "00:05:00",
    }
    assert client.post(url(EscalationPolicyVersion, "add"), fields).status_code == 302
    version = EscalationPolicyVersion.objects.get(number=2)
    assert (version.created_by, version.created_at) == (client.user, NOW)
    assert (version.repeats, version.steps.get().name) == (1, "First")
    page = url(EscalationPolicyVersion, "change", version.pk)
    assert client.post(page, fields).status_code == 403
    step_page = client.get(url(EscalationStep, "change", step.pk))
    assert step_page.status_code == 200
    AuditEntry.objects.get(action="escalationpolicyversion.add")


def test_configuration_is_audited_and_removed_with_a_trace(client):
    calendar = HolidayFactory(on=NOW.date()).calendar
    client.post(url(HolidayCalendar, "delete", calendar.pk), {"post": "yes"})
    assert AuditEntry.objects.get().action == "holidaycalendar.delete"
    assert not HolidayCalendar.objects.exists()


def test_a_password_is_not_in_the_audit_log(client):
    fields = {
        "username": "new",
        "email": "new@example.org",
        "time_zone": "UTC",
        "password1": "correct horse battery",
        "password2": "correct horse battery",
        "usable_password": "true",
        "memberships-TOTAL_FORMS": 0,
        "memberships-INITIAL_FORMS": 0,
        "contact_methods-TOTAL_FORMS": 0,
        "contact_methods-INITIAL_FORMS": 0,
    }
    answer = client.post(url(User, "add"), fields)
    assert answer.status_code == 302, text(answer)
    assert AuditEntry.objects.get().action == "user.add"
    assert "battery" not in str(AuditEntry.objects.values())


def test_the_admin_is_for_administrators(client):
    stranger = Client()
    stranger.force_login(
        UserFactory(), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert stranger.get(url(Rotation, "changelist")).status_code == 302
