"""Handoffs through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from oncall.models import Handoff
from oncall.services.handoffs import advance_handoffs
from oncall.services.tokens import create_token
from tests.factories.oncall import UserFactory, make_weekly_schedule

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def handoff():
    schedule = make_weekly_schedule()
    advance_handoffs(now=timezone.now())
    Handoff.objects.update(at=timezone.now() + timedelta(minutes=5))
    return Handoff.objects.get(schedule=schedule)


@pytest.fixture
def call(client):
    """`call(user)("get", path, body)` asks with a token of theirs."""

    def make(user, *scopes):
        _, plain = create_token(
            user,
            name="test",
            scopes=scopes or ["read", "respond", "manage"],
            team=None,
            lifetime=timedelta(days=1),
            now=timezone.now(),
        )

        def ask(verb, path, body=None):
            return getattr(client, verb)(
                f"/api/v1{path}",
                body,
                content_type="application/json",
                headers={"Authorization": f"Bearer {plain}"},
            )

        return ask

    return make


def test_handoffs_of_a_schedule_are_listed(call, handoff):
    ask = call(handoff.incoming, "read")
    path = f"/schedules/{handoff.schedule.slug}/handoffs"
    body = ask("get", path).json()
    assert body["count"] == 1
    assert body["items"][0]["incoming"] == handoff.incoming.name
    assert body["items"][0]["accepted_by"] is None
    stranger = call(UserFactory(), "read")
    assert stranger("get", path).status_code == 404
    assert stranger("get", f"/handoffs/{handoff.pk}").status_code == 404


def test_notes_are_written_and_a_stale_revision_is_answered_with_409(call, handoff):
    ask = call(handoff.outgoing)
    path = f"/handoffs/{handoff.pk}/notes"
    body = ask("put", path, {"notes": "Watch it", "revision": 0}).json()
    assert (body["notes"], body["revision"]) == ("Watch it", 1)
    assert body["notes_by"] == handoff.outgoing.name
    stale = ask("put", path, {"notes": "Mine", "revision": 0})
    assert stale.status_code == 409
    theirs = {name: body[name] for name in body if name not in {"brief", "is_frozen"}}
    assert stale.json()["current"] == theirs
    assert ask("put", path, {"notes": "x" * 20_001, "revision": 1}).status_code == 422
    reader = call(handoff.outgoing, "read")
    assert reader("put", path, {"notes": "Mine", "revision": 1}).status_code == 403


def test_the_incoming_person_accepts_and_the_brief_stays(call, handoff):
    path = f"/handoffs/{handoff.pk}"
    assert call(handoff.outgoing)("post", f"{path}/accept").status_code == 403
    ask = call(handoff.incoming)
    assert ask("get", path).json()["is_frozen"] is False
    body = ask("post", f"{path}/accept").json()
    assert body["accepted_by"] == handoff.incoming.name
    assert body["is_frozen"] is True
    assert "Open incidents" in [section["title"] for section in body["brief"]]
    manager = UserFactory(team=handoff.schedule.team, team__role="manager")
    assert call(manager)("post", f"{path}/accept").status_code == 409
