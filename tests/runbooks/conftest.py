"""A service with its team, people of every role, and a runbook to import."""

from pathlib import Path

import pytest
from django.test import Client

from runbooks.domain.plan import read_plan
from runbooks.queries.review import review_plan
from runbooks.services.applying import apply_plan
from runbooks.services.choosing import Choices
from tests.conftest import NOW
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory
from tests.runbooks.addresses import RunbookServer

KESTREL = Path(__file__).with_name("kestrel.md").read_text()


def everything(service, plan, runbook=None):
    """Return the keys of all that can be chosen, steps of the ladder too."""
    rows = [row for row in review_plan(service, plan, runbook) if row.is_open]
    parts = [part.key for row in rows if row.entry for part in row.entry.parts]
    return frozenset([*(row.key for row in rows), *parts])


@pytest.fixture
def team():
    return TeamFactory(name="Platform", time_zone="UTC")


@pytest.fixture
def service(team):
    return ServiceFactory(team=team, name="Kestrel", slug="kestrel", policy=None)


@pytest.fixture
def manager(team):
    return UserFactory(team=team, team__role="manager")


@pytest.fixture
def sign_in(team):
    """`sign_in("viewer")` is a member's client; `sign_in()` a stranger's."""

    def make(role=None):
        user = UserFactory(team=team, team__role=role) if role else UserFactory()
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.user = user
        return client

    return make


@pytest.fixture
def apply(service, manager):
    """`apply(text)` applies all of it; give `runbook` for a newer text."""
    kestrel = service

    def act(
        text=KESTREL,
        *,
        runbook=None,
        but=(),
        only=None,
        now=NOW,
        service=kestrel,
        **more,
    ):
        plan = read_plan(text.encode())
        keys = everything(service, plan, runbook) if only is None else frozenset(only)
        last = runbook and runbook.versions.filter(undone_at=None).first()
        choices = Choices(
            accepted=keys - set(but), based_on=last.number if last else 0, **more
        )
        return apply_plan(service, plan, choices, runbook=runbook, by=manager, now=now)

    return act


@pytest.fixture
def server(settings):
    """A server that answers the sample, and that may be reached."""
    one = RunbookServer(KESTREL.encode())
    settings.EGRESS_ALLOW = f"127.0.0.1/32:{one.port}"
    yield one
    one.close()
