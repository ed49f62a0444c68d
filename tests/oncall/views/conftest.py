"""People of one team, signed in with and without a recent password."""

import time
from functools import cache

import pytest
from allauth.account.internal.flows import login
from django.contrib.auth.hashers import make_password
from django.test import Client

from tests.factories.oncall import TeamFactory, UserFactory, make_weekly_schedule


@cache
def _hashed():
    """One hash for all: making one takes as long as several tests."""
    return make_password("correct horse battery")


@pytest.fixture
def team():
    return TeamFactory(slug="data")


@pytest.fixture
def schedule(team):
    return make_weekly_schedule(team, slug="data-primary")


@pytest.fixture
def sign_in(team):
    """`sign_in("viewer")` is a member's client; `sign_in()` a stranger's.

    A member has just given their password unless `is_fresh` says otherwise.
    """

    def make(role=None, *, is_fresh=True, **options):
        user = UserFactory()
        user.password = _hashed()
        user.save()
        if role is not None:
            user.memberships.create(team=team, role=role)
        client = Client(**options)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        if is_fresh:
            session = client.session
            session["account_authentication_methods"] = [
                {"method": "password", "at": time.time()}
            ]
            session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
            session.save()
        client.user = user
        return client

    return make
