"""How checklists went, through the API."""

from datetime import timedelta

import pytest
import time_machine

from checklists.models import Run
from oncall.services.tokens import create_token
from tests.factories.oncall import TeamFactory, UserFactory
from tests.factories.runs import DAY, MINUTE, NOW, make_service, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def _at_six_in_the_morning():
    with time_machine.travel(NOW + MINUTE, tick=False):
        yield


@pytest.fixture
def run():
    run = open_run(service=make_service())
    copy = Run.objects.get(pk=run.pk)
    copy.pk, copy.period_key, copy.due_at = None, "old", run.due_at - DAY
    copy.state, copy.outcome, copy.closed_at = "closed", "completed", copy.due_at
    copy.save()
    return run


@pytest.fixture
def get(client):
    def ask(path, team):
        user = UserFactory()
        user.memberships.create(team=team, role="viewer")
        _, plain = create_token(
            user,
            name="test",
            scopes=["read"],
            team=None,
            lifetime=timedelta(days=1),
            now=NOW,
        )
        headers = {"Authorization": f"Bearer {plain}"}
        return client.get(f"/api/v1{path}", headers=headers)

    return ask


def test_each_checklist_has_its_figures(run, get):
    body = get("/history?days=30", run.team).json()
    assert body["count"] == 1
    (row,) = body["items"]
    assert (row["checklist"], row["percent"], row["streak"], row["pending"]) == (
        run.checklist.slug,
        100.0,
        1,
        1,
    )


def test_one_checklist_is_told_day_by_day(run, get):
    body = get(f"/checklists/{run.checklist.slug}/history?days=3", run.team).json()
    assert body["days"] == [
        {"on": "2026-01-12", "standing": None},
        {"on": "2026-01-13", "standing": "on_time"},
        {"on": "2026-01-14", "standing": "pending"},
    ]
    assert body["auto_percent"] is None


def test_runs_are_listed_and_narrowed(run, get):
    slug = run.checklist.slug
    path = f"/history/runs?checklist={slug}&standing=on_time"
    (row,) = get(path, run.team).json()["items"]
    assert (row["period_key"], row["standing"], row["items"]) == ("old", "on_time", 0)
    assert get("/history/runs", run.team).json()["count"] == 2


def test_others_find_nothing(run, get):
    far, slug = TeamFactory(), run.checklist.slug
    assert get("/history", far).json()["items"] == []
    assert get(f"/checklists/{slug}/history", far).status_code == 404
    assert get(f"/history/runs?checklist={slug}", far).status_code == 404
