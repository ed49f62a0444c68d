"""The delivery log through the API."""

from datetime import timedelta

import pytest
import time_machine

from oncall.models import Notification
from oncall.services.tokens import create_token
from tests.conftest import NOW
from tests.factories.oncall import (
    ChannelFactory,
    NotificationFactory,
    TeamFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team():
    return TeamFactory(slug="data")


@pytest.fixture
def ask(client, team):
    ann = UserFactory(team=team, name="=Ann")

    def ask(path, method="GET", scopes=("read", "respond"), who=ann):
        lifetime = timedelta(1)
        _, plain = create_token(
            who, name="t", scopes=scopes, team=None, lifetime=lifetime, now=NOW
        )
        headers = {"Authorization": f"Bearer {plain}"}
        return client.generic(method, f"/api/v1{path}", headers=headers)

    ask.ann = ann
    return ask


def test_messages_are_listed_filtered_and_never_with_their_text(ask, team):
    failed = NotificationFactory(
        team=team, recipient=ask.ann, topic="alert:7", state="failed", attempts=1,
        last_error="The server answered 404.", urgency="high", text="code 1234",
    )  # fmt: skip
    failed.tries.create(number=1, started_at=NOW, outcome="failed", detail="404")
    channel = ChannelFactory(team=team, name="#ops")
    NotificationFactory(team=team, recipient=None, contact_method=None, channel=channel)
    NotificationFactory(team=None, recipient=ask.ann)
    NotificationFactory(topic="alert:7")
    told = ask("/notifications").json()
    assert told["count"] == 2
    assert [each["to"] for each in told["items"]] == ["#ops", "=Ann"]
    query = f"state=failed&urgency=high&way=email&about=alert:7&person={ask.ann.pk}"
    answer = ask(f"/notifications?{query}")
    (only,) = answer.json()["items"]
    assert (only["id"], only["error"]) == (failed.pk, "The server answered 404.")
    assert only["tries"][0]["detail"] == "404"
    assert "1234" not in answer.content.decode()
    rows = ask(f"/notifications?format=csv&{query}")
    assert rows["Content-Type"].startswith("text/csv")
    head, line = rows.content.decode().splitlines()
    assert head.startswith("created_at,team,about,subject")
    assert ",data,alert:7," in line
    assert "'=Ann" in line
    assert ask("/notifications", scopes=("respond",)).status_code == 403
    assert ask("/notifications?state=odd").status_code == 422


def test_a_failed_message_is_sent_again_once(ask, team):
    row = NotificationFactory(team=team, state="failed", next_try_at=None)
    path = f"/notifications/{row.pk}/retry"
    assert ask(path, "POST", scopes=("read",)).status_code == 403
    answer = ask(path, "POST", scopes=("respond",))
    assert (answer.status_code, answer.json()["state"]) == (200, "pending")
    assert ask(path, "POST").status_code == 409
    theirs = NotificationFactory(state="failed", next_try_at=None)
    private = NotificationFactory(team=None, recipient=ask.ann, state="failed")
    for pk in (theirs.pk, private.pk, 2**70):
        assert ask(f"/notifications/{pk}/retry", "POST").status_code == 404
    assert Notification.objects.filter(state="failed").count() == 2


def test_all_that_failed_in_the_teams_is_sent_again(ask, team):
    for _ in range(2):
        NotificationFactory(team=team, state="failed", next_try_at=None)
    theirs = NotificationFactory(state="failed", next_try_at=None)
    path = "/notifications/retry"
    assert ask(path, "POST", scopes=("read",)).status_code == 403
    assert ask(path, "POST").json() == {"retried": 2}
    assert Notification.objects.get(state="failed") == theirs
    assert ask(path, "POST").json() == {"retried": 0}
