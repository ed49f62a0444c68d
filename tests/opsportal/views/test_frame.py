"""What stands around a page that shows none of it itself."""

import pytest
import time_machine

from tests.factories.incidents import AlertFactory, IncidentFactory
from tests.factories.oncall import (
    NOW,
    OverrideFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team():
    return TeamFactory(name="Platform")


@pytest.fixture
def page(client):
    """`page(user)` are the words of a page as that person sees it."""

    def make(user):
        client.force_login(user, backend=BACKEND)
        return " ".join(client.get("/runbooks/").content.decode().split())

    return make


def test_who_takes_a_turn_or_stands_in_is_on_call(team, page):
    schedule = make_weekly_schedule(team, people=3)
    stand_in, other = UserFactory.create_batch(2, team=team)
    OverrideFactory(schedule=schedule, add_user=stand_in, role="tertiary")
    said = {user.name: "· on call" in page(user) for user in (*schedule.people, other)}
    assert sorted(said.values()) == [False, False, True, True]
    assert not said[other.name]
    assert "· on call" in page(stand_in)


def test_what_waits_is_counted_beside_the_links(team, page):
    alert = AlertFactory(series__integration__service__team=team)
    AlertFactory(series__integration__service=alert.service, is_resolved=True)
    for status in ("triage", "monitoring", "closed"):
        IncidentFactory(service=alert.service, status=status)
    AlertFactory()
    html = page(UserFactory(team=team))
    counted = '<span class="count"><span class="sr">, </span>{}<span class="sr"> open'
    # The fifth link and those after it are also behind "More".
    assert html.count(counted.format(1)) == 1
    assert html.count(counted.format(2)) == 2
