"""The inbox: a message is stored before it is answered, and applied right after.

The door stores it with one statement, in which the key is asked as well, so that a
key that was taken back opens nothing from that moment. What it makes of alerts is
written by ``apply_inbox``, woken at once and swept for what nobody was woken for.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from incidents.domain.payloads.signal import Signal, pack_signals, unpack_signals
from incidents.models import IngestEvent
from incidents.services.applying import Letter, apply_letters
from incidents.services.messages import LONGEST_REASON, MOST_BODY, Message
from oncall.services.pulse import touch_team
from opsportal.kit.nudge import hint, nudge
from opsportal.kit.turns import takes_turn

log = logging.getLogger(__name__)

TASK = "incidents.apply_inbox"
# In one transaction, and in one sweep: others want to work as well.
MOST_TOGETHER = 200
MOST_SWEPT = 4_000
# The kind of turn at the inbox of a team.
_TURN = 4_001
Status = IngestEvent.Status
_STORE = """
INSERT INTO incidents_ingestevent
    (integration_id, received_at, kind, external_id, status, reason, body, signals)
SELECT id, %s, %s, %s, 'waiting', %s, %s, %s FROM incidents_integration
WHERE (key_hash = %s OR (old_key_hash = %s AND old_key_until > %s))
    AND kind = %s AND is_enabled
ON CONFLICT DO NOTHING
RETURNING id
"""


def store(
    key_hash: str,
    kind: str,
    message: Message,
    signals: Sequence[Signal],
    *,
    now: datetime,
) -> int | None:
    """Store a message of the sender behind a key; return its number.

    None when there is no such sender, when it is switched off, or when the message
    came before: then nothing was stored.
    """
    moment = connection.ops.adapt_datetimefield_value(now)
    values = (
        *(moment, message.kind, message.external_id, message.note[:LONGEST_REASON]),
        *(message.body[:MOST_BODY], pack_signals(signals)),
        *(key_hash, key_hash, moment, kind),
    )
    row = _ask(values)
    if row is None:
        return None
    transaction.on_commit(partial(hint, TASK))
    return int(row[0])


def apply_inbox(*, now: datetime) -> int:
    """Apply what waits, team after team; returns how many messages."""
    applied = 0
    while applied < MOST_SWEPT:
        waiting = IngestEvent.objects.filter(status=Status.WAITING)
        teams = waiting.values_list("integration__service__team", flat=True)
        found = sorted(set(teams[:MOST_SWEPT]))
        done = sum([apply_of_team(pk, now=now) for pk in found])
        if not done:
            return applied
        applied += done
    nudge(TASK)
    return applied


def apply_of_team(team_id: int, *, now: datetime) -> int:
    """Apply the oldest messages of a team that wait; returns how many.

    A message that cannot be applied is set aside with the reason, so that it does
    not hold up those behind it.
    """
    try:
        return _apply_together(team_id, now)
    except (InterfaceError, OperationalError):
        raise
    except Exception:
        log.exception("inbox_failed", extra={"team": team_id})
    waiting = _waiting_of(team_id).values_list("pk", flat=True)
    return sum([_apply_alone(team_id, pk, now) for pk in list(waiting)])


def _ask(values: Sequence[Any]) -> Any:
    # Asking first whether the connection lives would double the round trips.
    connection.health_check_done = True  # type: ignore[attr-defined]
    try:
        return _execute(values)
    except (InterfaceError, OperationalError):
        if connection.in_atomic_block or connection.is_usable():
            raise
    connection.close()
    return _execute(values)


def _execute(values: Sequence[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(_STORE, values)
        return cursor.fetchone()


def _waiting_of(team_id: int) -> Any:
    waiting = IngestEvent.objects.filter(
        status=Status.WAITING, integration__service__team=team_id
    )
    rows = waiting.select_related("integration__service").defer("body")
    return rows.order_by("pk")[:MOST_TOGETHER]


def _apply_together(team_id: int, now: datetime) -> int:
    if not _waiting_of(team_id).exists():
        return 0
    with transaction.atomic():
        if not takes_turn(_TURN, team_id):
            return 0
        touch_team(team_id)
        return apply_events(list(_waiting_of(team_id)), now=now)


def _apply_alone(team_id: int, pk: int, now: datetime) -> int:
    waiting = IngestEvent.objects.filter(pk=pk, status=Status.WAITING)
    try:
        with transaction.atomic():
            touch_team(team_id)
            rows = waiting.select_related("integration__service").defer("body")
            return apply_events(list(rows), now=now)
    except (InterfaceError, OperationalError):
        raise
    except Exception as error:
        log.exception("message_failed", extra={"event_pk": pk})
        reason = f"Not applied: {error!r}"[:LONGEST_REASON]
        return waiting.update(status=Status.FAILED, reason=reason)


def apply_events(events: Collection[IngestEvent], *, now: datetime) -> int:
    """Apply stored messages of one team, whose row is held; returns how many."""
    letters = [
        Letter(event.integration, unpack_signals(event.signals)) for event in events
    ]
    apply_letters(letters, now=now)
    for event, letter in zip(events, letters, strict=True):
        said = "; ".join(filter(None, (event.reason, letter.say())))
        event.status, event.signals = Status.ACCEPTED, ""
        event.reason, event.alert_id = said[:LONGEST_REASON], letter.alert_pk
    IngestEvent.objects.bulk_update(events, ["status", "signals", "reason", "alert"])
    return len(events)
