"""Post an update as far as one statement of it, and stand still there."""

import signal
import sys
from functools import partial

from django.db import connection
from django.utils import timezone

from incidents.services.updates import Draft, post_update
from oncall.models import User


def post(incident, author, channel, place):
    """Stand still where ``place`` stands in a statement, or behind the end if empty.

    It says so when it is there.
    """
    draft = Draft(
        audience="public",
        status="investigating",
        title="Trouble",
        text="Some requests fail.",
        channels=[channel],
    )
    by = User.objects.get(pk=author)
    connection._commit = partial(_commit, connection._commit, place)
    with connection.execute_wrapper(partial(_execute, place)):
        post_update(incident, draft, by=by, now=timezone.now())
    _stand_still()


def _commit(commit, place):
    if place == "COMMIT":
        _stand_still()
    commit()


def _execute(place, execute, sql, params, many, context):
    if place and place in sql:
        _stand_still()
    return execute(sql, params, many, context)


def _stand_still():
    sys.stdout.write("here\n")
    sys.stdout.flush()
    signal.pause()
