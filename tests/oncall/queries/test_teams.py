"""The teams that every page begins with are those that the one door shows."""

import pytest

from oncall.access import Actor, teams_of
from oncall.queries.teams import teams_by_name, versions_of
from oncall.services.pulse import touch_runs
from tests.factories.oncall import AdminFactory, TeamFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def teams():
    return [TeamFactory(name=name) for name in ("Web", "Base", "Data")]


@pytest.mark.parametrize("who", ["stranger", "member", "admin"])
def test_a_viewer_sees_what_the_door_shows(who, teams):
    user = AdminFactory() if who == "admin" else UserFactory()
    if who == "member":
        user.memberships.create(team=teams[0], role="viewer")
        user.memberships.create(team=teams[1], role="manager")
    UserFactory(team=teams[2])
    rows = teams_by_name(user.pk, is_admin=user.is_superuser)
    shown = teams_of(Actor(user=user)).order_by("name", "pk")
    columns = ("pk", "slug", "name", "time_zone", "version", "calm_version", "is_demo")
    assert [row[:-1] for row in rows] == list(shown.values_list(*columns))
    roles = {"stranger": [], "member": ["manager", "viewer"], "admin": ["admin"] * 3}
    assert [row.role for row in rows] == roles[who]


def test_a_team_that_is_gone_has_no_version(teams, django_assert_num_queries):
    touch_runs(teams[0].pk)
    pks = [team.pk for team in teams]
    teams[2].delete()
    with django_assert_num_queries(1):
        assert versions_of(pks) == {pks[0]: 1, pks[1]: 0}
    with django_assert_num_queries(0):
        assert versions_of([]) == {}
