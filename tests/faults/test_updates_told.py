"""kill -9 inside the transaction of an update, and just behind it.

An update, its entry of the timeline and its messages are one transaction, so there is
no moment in which one of them exists without the others: a process is stopped at
several statements of it, and killed there.
"""

import os
import subprocess
import sys

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
from tests.faults.harness import ROOT

pytestmark = pytest.mark.faults

# Statements of the transaction: where one of them has come, it stands still.
PLACES = {
    "when the update is written": 'INTO "incidents_timelineentry"',
    "when nobody is told yet": 'INTO "oncall_notification"',
    "when all is written but the end": "COMMIT",
}
# Arguments: the incident, its author, the channel, a place or "" for behind the end.
POST = """
import os, signal, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "opsportal.settings")
import django
django.setup()
from django.db import connection
from django.utils import timezone
from incidents.services.updates import Draft, post_update
from oncall.models import User

incident, author, channel, place = sys.argv[1:]

def stand_still():
    print("here", flush=True)
    signal.pause()

def look(execute, sql, params, many, context):
    if place and place in sql:
        stand_still()
    return execute(sql, params, many, context)

commit = connection._commit
def commit_or_stand_still():
    if place == "COMMIT":
        stand_still()
    commit()

draft = Draft(
    audience="public", status="investigating", title="Trouble",
    text="Some requests fail.", channels=[int(channel)],
)
author = User.objects.get(pk=author)
connection._commit = commit_or_stand_still
with connection.execute_wrapper(look):
    post_update(int(incident), draft, by=author, now=timezone.now())
stand_still()
"""


def kill_while_posting(world, incident, author, channel, place):
    """Let a process post an update as far as ``place``, and kill it there."""
    arguments = (incident.pk, author.pk, channel.pk, place)
    child = subprocess.Popen(
        [sys.executable, "-c", POST, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | world.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        # It says so when it is there; nothing when it ended before.
        assert child.stdout.readline() == "here\n"
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


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
