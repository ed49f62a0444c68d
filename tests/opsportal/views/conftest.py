"""A signed-in team at six in the morning."""

import pytest
import time_machine
from django.test import Client

from tests.factories.oncall import TeamFactory, UserFactory
from tests.factories.runs import MINUTE, NOW


@pytest.fixture
def at_six():
    with time_machine.travel(NOW + MINUTE, tick=False):
        yield


@pytest.fixture
def team():
    return TeamFactory(name="Platform")


@pytest.fixture
def sign_in(team):
    """`sign_in("viewer")` is a member's client; `sign_in()` a stranger's."""

    def make(role=None, **fields):
        user = UserFactory(**fields)
        if role is not None:
            user.memberships.create(team=team, role=role)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.user = user
        return client

    return make
