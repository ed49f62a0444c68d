"""Members, tokens, secrets, profiles: small acts with their refusals."""

from datetime import time, timedelta

import pytest

from oncall.models import (
    ApiToken,
    AuditEntry,
    Membership,
    QuietHours,
    Role,
    Secret,
)
from oncall.services.members import add_member, change_role, remove_member
from oncall.services.profile import set_quiet_hours, update_profile
from oncall.services.secrets import delete_secret, save_secret
from oncall.services.tokens import create_token, find_token, revoke_token
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.oncall import (
    AdminFactory,
    MembershipFactory,
    RotationMemberFactory,
    RotationVersionFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DAY = timedelta(days=1)


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def manager(team):
    return UserFactory(team=team, team__role="manager")


@pytest.mark.parametrize("login", ["EVE@example.org", " eve "])
def test_a_member_is_added_by_email_or_user_name(team, manager, login):
    user = UserFactory(username="eve", email="eve@example.org")
    member = add_member(team, login, role=Role.VIEWER, by=manager, now=NOW)
    assert (member.user, member.role) == (user, "viewer")
    assert AuditEntry.objects.get().after == {"user": "eve", "role": "viewer"}
    team.refresh_from_db()
    assert team.version == 1


def test_nobody_is_added_twice_or_out_of_thin_air(team, manager):
    with pytest.raises(PortalError) as caught:
        add_member(team, "ghost", role=Role.VIEWER, by=manager, now=NOW)
    assert caught.value.field == "login"
    with pytest.raises(Refused, match="already"):
        add_member(team, manager.username, role=Role.VIEWER, by=manager, now=NOW)


def test_a_role_changes_but_never_the_last_manager_s(team, manager):
    member = manager.memberships.get()
    change_role(member, Role.MANAGER, by=manager, now=NOW)
    assert not AuditEntry.objects.exists()
    with pytest.raises(Refused, match="needs a manager"):
        change_role(member, Role.VIEWER, by=manager, now=NOW)
    MembershipFactory(team=team, role=Role.MANAGER)
    change_role(member, Role.VIEWER, by=manager, now=NOW)
    assert Membership.objects.get(pk=member.pk).role == "viewer"
    assert AuditEntry.objects.get().before == {"role": "manager"}


def test_a_member_leaves_when_no_rotation_needs_them(team, manager):
    member = MembershipFactory(team=team)
    remove_member(member, by=manager, now=NOW)
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_who_serves_cannot_leave(team, manager):
    schedule = make_weekly_schedule(team)
    member = schedule.people[0].memberships.get()
    with pytest.raises(Refused, match="rotation"):
        remove_member(member, by=manager, now=NOW)


def test_who_served_long_ago_or_will_serve(team, manager):
    schedule = make_weekly_schedule(team)
    member = schedule.people[0].memberships.get()
    rotation = schedule.rotations.get()
    newer = RotationVersionFactory(rotation=rotation, effective_from=NOW - DAY)
    RotationMemberFactory(version=newer, user=manager)
    remove_member(member, by=manager, now=NOW)

    coming = RotationVersionFactory(rotation=rotation, effective_from=NOW + DAY)
    later = MembershipFactory(team=team)
    RotationMemberFactory(version=coming, user=later.user)
    with pytest.raises(Refused):
        remove_member(later, by=manager, now=NOW)


def test_a_token_is_found_by_its_secret_alone_and_while_it_lives(team, manager):
    token, plain = create_token(
        manager,
        name="CI",
        scopes=["respond", "read"],
        team=team,
        lifetime=90 * DAY,
        now=NOW,
    )
    assert token.scopes == ["read", "respond"]
    assert plain.startswith(token.prefix)
    assert plain not in str(ApiToken.objects.values())

    assert find_token(plain, now=NOW) == token
    assert find_token(plain[:-1], now=NOW) is None
    assert find_token(plain, now=NOW + 90 * DAY) is None
    find_token(plain, now=NOW + timedelta(seconds=59))
    token.refresh_from_db()
    assert token.last_used_at == NOW
    find_token(plain, now=NOW + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == NOW + timedelta(seconds=60)

    assert revoke_token(token, by=manager, now=NOW) is True
    assert revoke_token(token, by=manager, now=NOW) is False
    assert find_token(plain, now=NOW) is None


def test_a_token_dies_with_its_person(manager):
    _, plain = create_token(
        manager, name="CI", scopes=["read"], team=None, lifetime=DAY, now=NOW
    )
    type(manager).objects.filter(pk=manager.pk).update(is_active=False)
    assert find_token(plain, now=NOW) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"lifetime": 366 * DAY}, "lifetime"),
        ({"lifetime": 0 * DAY}, "lifetime"),
        ({"team": "other"}, "team"),
    ],
)
def test_a_token_may_not_be_just_anything(manager, changes, field):
    plan = {"scopes": ["read"], "lifetime": DAY, "team": None, **changes}
    if plan["team"]:
        plan["team"] = TeamFactory()
    with pytest.raises(PortalError) as caught:
        create_token(manager, name="CI", now=NOW, **plan)
    assert caught.value.field == field


def test_an_admin_limits_a_token_to_any_team(team):
    token, _ = create_token(
        AdminFactory(), name="CI", scopes=["read"], team=team, lifetime=DAY, now=NOW
    )
    assert token.team == team


def test_a_secret_is_written_and_written_anew(team, manager):
    def save(value):
        return save_secret(
            team,
            name="db",
            value=value,
            hosts=["DB.example.org", " ", "10.0.0.1"],
            by=manager,
            now=NOW,
        )

    save("one")
    secret = save("two")
    assert Secret.objects.get() == secret
    assert Secret.objects.get().value == "two"
    assert secret.hosts == ["10.0.0.1", "db.example.org"]
    log = str(list(AuditEntry.objects.values()))
    assert "secret.create" in log
    assert "secret.replace" in log
    assert "two" not in log
    delete_secret(secret, by=manager, now=NOW)
    assert not Secret.objects.exists()


@pytest.mark.parametrize(
    ("value", "hosts", "field"),
    [
        ("", ["example.org"], "value"),
        ("x", [], "hosts"),
        ("x", ["https://example.org/"], "hosts"),
    ],
)
def test_a_secret_needs_a_value_and_hosts(team, manager, value, hosts, field):
    with pytest.raises(PortalError) as caught:
        save_secret(team, name="db", value=value, hosts=hosts, by=manager, now=NOW)
    assert caught.value.field == field


def test_a_profile_changes_once_and_its_teams_see_it(team, manager):
    update_profile(manager, name="Engineer Z", time_zone="Asia/Tokyo", now=NOW)
    manager.refresh_from_db()
    team.refresh_from_db()
    assert (manager.name, manager.time_zone, team.version) == (
        "Engineer Z",
        "Asia/Tokyo",
        1,
    )
    update_profile(manager, name="Engineer Z", time_zone="Asia/Tokyo", now=NOW)
    assert AuditEntry.objects.count() == 1
    with pytest.raises(PortalError) as caught:
        update_profile(manager, name="", time_zone="Mars/Base", now=NOW)
    assert caught.value.field == "time_zone"


def test_quiet_hours_are_set_and_taken_away(manager):
    for end in (7, 8):
        set_quiet_hours(manager, starts=time(22), ends=time(end), now=NOW)
    assert QuietHours.objects.get().ends == time(8)
    set_quiet_hours(manager, starts=None, ends=None, now=NOW)
    assert not QuietHours.objects.exists()


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        (time(22), None, "ends"),
        (None, time(7), "starts"),
        (time(7), time(7), "ends"),
    ],
)
def test_quiet_hours_need_two_different_times(manager, starts, ends, field):
    with pytest.raises(PortalError) as caught:
        set_quiet_hours(manager, starts=starts, ends=ends, now=NOW)
    assert caught.value.field == field
