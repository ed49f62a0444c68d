"""A team with a run of several kinds of items, and people of every role."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from checklists.models import ChecklistItem
from checklists.services.checklists import ItemPlan
from oncall.services.tokens import create_token
from tests.factories.oncall import TeamFactory, UserFactory
from tests.factories.runs import (
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_service,
    open_run,
)

KIND = ChecklistItem.Kind
MODE = ChecklistItem.Mode


@pytest.fixture(autouse=True)
def _at_six_in_the_morning():
    with time_machine.travel(NOW + MINUTE, tick=False):
        yield


@pytest.fixture
def team():
    return TeamFactory(name="Platform")


@pytest.fixture
def service(team):
    return make_service(team=team, name="ARQ")


@pytest.fixture
def sign_in(team):
    """`sign_in("viewer")` is a member's client; `sign_in()` a stranger's."""

    def make(role=None, **options):
        user = UserFactory()
        if role is not None:
            user.memberships.create(team=team, role=role)
        client = Client(**options)
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        client.user = user
        return client

    return make


@pytest.fixture
def ask(client, sign_in):
    """`ask("manager", "post", "/checklists", {...})` is the API's answer to a member."""

    def make(role, method, path, body=None):
        _, plain = create_token(
            sign_in(role).user,
            name="test",
            scopes=["read", "respond", "manage"],
            team=None,
            lifetime=timedelta(days=1),
            now=NOW,
        )
        return getattr(client, method)(
            f"/api/v1{path}",
            body or {},
            content_type="application/json",
            headers={"Authorization": f"Bearer {plain}"},
        )

    return make


@pytest.fixture
def check(service):
    return make_check(
        service,
        kind="prometheus",
        spec={"url": "http://127.0.0.1:9", "query": "lag"},
        unit="ms",
        condition="value < 100 ms",
    )


@pytest.fixture
def run(service, check):
    """A run with an item of every kind; its check has seen nothing yet."""
    return open_run(
        [
            ItemPlan(text="Lag", mode=MODE.AUTO, checks=(check,), section="Data"),
            ItemPlan(text="Look around", section="People"),
            ItemPlan(text="Slow queries", needs_note=True),
            ItemPlan(
                text="Memory",
                kind=KIND.NUMBER,
                bounds={"hard_min": 0, "hard_max": 100, "warn_max": 80, "unit": "%"},
            ),
            ItemPlan(text="Review", kind=KIND.LINK, is_required=False),
            ItemPlan(text="Report", kind=KIND.FILE, is_required=False),
            ItemPlan(text="Rack", kind=KIND.PHOTO, is_required=False),
            ItemPlan(text="Findings", kind=KIND.TEXT, is_required=False),
        ],
        service=service,
    )


@pytest.fixture
def item_of(run):
    """`item_of("Lag")` is that item of the run."""
    return lambda text: run.items.get(item__text=text)


@pytest.fixture
def fail(check):
    """`fail()` lets the check of the first item fail, confirmed."""
    return lambda at=NOW + timedelta(seconds=1): judge_check(
        check, "fail", at, summary="400 ms, wanted less than 100 ms"
    )
