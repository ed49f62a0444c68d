"""kill -9 inside the transaction of an update, and just behind it.

An update, its entry of the timeline and its messages are one transaction, so there is
no moment in which one of them exists without the others: a process is stopped at
several statements of it, and killed there.
"""

import pytest
from django.utils import timezone

from incidents.models import IncidentUpdate
from oncall.models import AuditEntry, Notification
from opsportal.invariants import find_violations
from tests.factories.incidents import (
    IncidentFactory,
    StatusPageFactory,
    SubscriberFactory,
)
from tests.factories.oncall import ChannelFactory, UserFactory

pytestmark = pytest.mark.faults

# Statements of the transaction: where one of them has come, it stands still.
PLACES = {
    "when the update is written": 'INTO "incidents_timelineentry"',
    "when nobody is told yet": 'INTO "oncall_notification"',
    "when all is written but the end": "COMMIT",
}
POST = "tests.faults.posting:post"


def kill_while_posting(world, incident, author, channel, place):
    """Let a process post an update as far as ``place``, and kill it there."""
    proc = world.fork("poster", POST, incident.pk, author.pk, channel.pk, place)
    # It says so when it is there; nothing when it ended before.
    world.wait_for("a poster", lambda: proc.said() or not proc.is_alive)
    assert proc.said().endswith("| here")
    proc.kill9()


def test_an_update_is_told_once_or_was_never_written(world):
    page = StatusPageFactory(next_write_at=timezone.now())
    SubscriberFactory(page=page, address="reader@example.org")
    author = UserFactory(team=page.team)
    channel = ChannelFactory(team=page.team, kind="slack", address=world.slack.url)
    incident = IncidentFactory(team=page.team)

    def post(place):
        kill_while_posting(world, incident, author, channel, place)

    for place in PLACES.values():
        post(place)
        assert not IncidentUpdate.objects.exists()
        assert not incident.timeline.exists()
        assert not AuditEntry.objects.filter(action="incident.update").exists()
        assert not Notification.objects.exists()
    post("")
    assert IncidentUpdate.objects.count() == incident.timeline.count() == 1
    assert Notification.objects.count() == 2
    world.spawn("engine")
    sent = Notification.objects.filter(state=Notification.State.SENT)
    world.wait_for("both told", lambda: sent.count() == 2)
    assert (len(world.slack.posts), len(world.mail.mails)) == (1, 1)
    found = find_violations(now=timezone.now())
    assert {sentence: rows for sentence, rows in found.items() if rows} == {}
