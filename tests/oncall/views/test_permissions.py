"""Who may see and do what: another team is not there, a small role is refused."""

import pytest
from django.urls import reverse

from oncall.models import Role
from tests.factories.oncall import (
    ChannelFactory,
    MembershipFactory,
    NotificationFactory,
    OverrideFactory,
    SecretFactory,
    TeamFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db
STATUS = {"stranger": 404, "refused": 403}
ROLES = ("viewer", "responder", "manager")

PAGES = [
    ("schedule_detail", "viewer"),
    ("team_detail", "viewer"),
    ("schedule_create", "manager"),
    ("rotation_edit", "manager"),
    ("override_create", "responder"),
    ("pager_take", "responder"),
    ("channel_edit", "manager"),
]
ACTS = [
    ("override_cancel", "manager"),
    ("override_restore", "manager"),
    ("pager_return", "responder"),
    ("member_add", "manager"),
    ("member_role", "manager"),
    ("member_remove", "manager"),
    ("channel_add", "manager"),
    ("channel_test", "manager"),
    ("channel_delete", "manager"),
    ("secret_save", "manager"),
    ("secret_delete", "manager"),
    ("notification_retry", "responder"),
]


@pytest.fixture(scope="module")
def team(kept_rows):
    return TeamFactory(slug="data")


@pytest.fixture(scope="module")
def schedule(team):
    return make_weekly_schedule(team, slug="data-primary")


@pytest.fixture(scope="module")
def address(team, schedule):
    """`address(name)` is the address of a page about things of the team."""
    rows = {
        "rotation": schedule.rotations.get(),
        "override": OverrideFactory(schedule=schedule, add_user=schedule.people[0]),
        "channel": ChannelFactory(team=team),
        "secret": SecretFactory(team=team),
        "member": MembershipFactory(team=team, role=Role.VIEWER),
        "notification": NotificationFactory(team=team, state="failed"),
    }

    def make(name):
        kind = name.split("_")[0]
        if kind in {"schedule", "rotation", "override", "pager"}:
            slug = team.slug if name == "schedule_create" else schedule.slug
            key = "team_slug" if name == "schedule_create" else "slug"
        else:
            slug, key = team.slug, "team_slug"
        kwargs = {} if kind == "notification" else {key: slug}
        if name not in {
            "schedule_detail",
            "schedule_create",
            "team_detail",
            "override_create",
            "pager_take",
            "pager_return",
            "member_add",
            "channel_add",
            "secret_save",
        }:
            kwargs["pk"] = rows[kind].pk
        return reverse(name, kwargs=kwargs)

    return make


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize(("name", "least"), PAGES)
def test_pages_open_for_those_who_may(sign_in, address, name, least, role):
    status = sign_in(role).get(address(name)).status_code
    if role is None:
        assert status == 404
    elif ROLES.index(role) < ROLES.index(least):
        assert status == 403
    else:
        assert status == 200


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize(("name", "least"), ACTS)
def test_acts_are_done_for_those_who_may(sign_in, address, name, least, role):
    status = sign_in(role).post(address(name)).status_code
    if role is None:
        assert status == 404
    elif ROLES.index(role) < ROLES.index(least):
        assert status == 403
    else:
        assert status in {302, 422}


@pytest.mark.parametrize("name", [name for name, _ in [*PAGES, *ACTS]])
def test_nobody_gets_in_without_signing_in(client, address, name):
    answer = client.post(address(name))
    assert (answer.status_code, answer.url[:16]) == (302, "/accounts/login/")


@pytest.mark.parametrize("name", [name for name, _ in ACTS])
def test_acts_need_the_token_against_forgery(sign_in, address, name):
    client = sign_in("manager", enforce_csrf_checks=True)
    assert client.post(address(name)).status_code == 403


@pytest.mark.parametrize("name", [name for name, _ in ACTS])
def test_a_link_changes_nothing(sign_in, address, name):
    assert sign_in("manager").get(address(name)).status_code == 405


SENSITIVE = [
    "member_add",
    "member_role",
    "member_remove",
    "channel_add",
    "channel_edit",
    "channel_delete",
    "secret_save",
    "secret_delete",
]


@pytest.mark.parametrize("name", SENSITIVE)
def test_power_asks_for_the_password_again(sign_in, address, name):
    client = sign_in("manager", is_fresh=False)
    answer = client.post(address(name))
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/reauthenticate/?next=")
