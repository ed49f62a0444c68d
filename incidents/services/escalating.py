"""The escalation engine: takes the moves that are due, one alert a transaction.

Any number of engines may run: a move is taken by compare and swap on ``rev``, and
what it tells is queued in the same transaction. Losing is a quiet return.
"""

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from incidents.domain.climb import freeze, thaw
from incidents.models import Alert, Escalation, EscalationEvent, PolicyTurn
from incidents.services.alerts import expire_acknowledgement
from incidents.services.escalations import TASK, facts_of, note_event
from incidents.services.muting import apply_silences
from incidents.services.pages import page_recipients, topic_of
from oncall.domain.escalation import next_move
from oncall.domain.ladder import AckMode, Act, Move, Policy, Strategy
from oncall.domain.ladder import Alert as Facts
from oncall.domain.ladder import State as Progress
from oncall.models import EscalationPolicyVersion, EscalationStep
from oncall.queries.policies import read_policy, versions
from oncall.queries.targets import Recipient, TargetBook
from oncall.services.pulse import touch_team
from oncall.services.sweeps import sweep_each
from opsportal.kit.nudge import nudge

log = logging.getLogger(__name__)
# So few that what is queued leaves in between.
MOST_ROWS = 200
# More moves at one moment than a ladder of twenty steps can have.
MOST_MOVES = 100
State = Escalation.State


class _Ladders:
    """The versions that alerts climb by, each read once a sweep."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._known: dict[int, _Ladder] = {}

    def get(self, version_pk: int) -> "_Ladder":
        """Return a version with its people. Raises DoesNotExist when it is gone."""
        if version_pk not in self._known:
            self._known[version_pk] = _Ladder(version_pk, self._now)
        return self._known[version_pk]


class _Ladder:
    def __init__(self, version_pk: int, now: datetime) -> None:
        row: EscalationPolicyVersion = versions().get(pk=version_pk)
        self.policy_pk = row.policy_id
        self.steps: list[EscalationStep] = list(row.steps.all())
        self.policy: Policy = read_policy(row)
        self.book = TargetBook(self.steps, row.policy.team, since=now)
        self.takes_turns = any(
            step.strategy is Strategy.ROUND_ROBIN for step in self.policy.steps
        )


def advance_escalations(*, now: datetime) -> int:
    """Take every move that is due; returns how many alerts moved."""
    apply_silences(now=now)
    due = Escalation.objects.filter(state=State.RUNNING, next_step_at__lte=now)
    pks = list(due.order_by("next_step_at").values_list("pk", flat=True)[:MOST_ROWS])
    ladders = _Ladders(now)
    moved = sweep_each(pks, lambda pk: _advance(pk, ladders, now), what="escalation")
    if len(pks) == MOST_ROWS:
        nudge(TASK)
    return moved


def _advance(pk: int, ladders: _Ladders, now: datetime) -> int:
    row = (
        Escalation.objects.filter(pk=pk, state=State.RUNNING, next_step_at__lte=now)
        .select_related("alert__service__team")
        .first()
    )
    if row is None:
        return 0
    if row.alert.muted_at is not None:
        return _swap(row, next_step_at=None)
    if row.snoozed_until is not None and row.snoozed_until > now:
        return _swap(row, next_step_at=row.snoozed_until)
    if row.version_id is None:
        return _give_up(row, now)
    with transaction.atomic():
        ladder = ladders.get(row.version_id)
        progress = thaw(row.progress)
        if ladder.takes_turns:
            progress = replace(progress, turn=_turn_of(ladder.policy_pk))
        return _climb(row, ladder, progress, now)


def _climb(row: Escalation, ladder: _Ladder, progress: Progress, now: datetime) -> int:
    """Take all moves of this moment, if nobody else did meanwhile."""
    facts = facts_of(row.alert, row)
    moves: list[Move] = []
    told: list[list[Recipient]] = []
    move = _ask(ladder, progress, facts, now)
    while move.act not in {Act.WAIT, Act.END, Act.HOLD} and len(moves) < MOST_MOVES:
        people = _people_of(ladder, progress, move, now)
        after = _await(ladder, move, people)
        moves.append(move)
        told.append(people)
        if move.act is Act.EXPIRE:
            facts = replace(facts, acknowledged_at=None)
        progress = after
        move = _ask(ladder, progress, facts, now)
    if moves:
        # The team first, then the escalation: everybody locks in this order.
        touch_team(row.alert.service.team_id)
    won = _swap(
        row,
        progress=freeze(progress),
        loop=progress.loop,
        step=_last_step(moves, row.step),
        **_outcome(move, now),
        **({"ack_deadline": None} if facts.acknowledged_at is None else {}),
    )
    if not won:
        return 0
    for each, people in zip(moves, told, strict=True):
        _write(row, ladder, each, people, now)
    if move.act is Act.HOLD:
        note_event(row.alert, "hold", now=now, loop=row.loop)
    if ladder.takes_turns:
        PolicyTurn.objects.filter(policy=ladder.policy_pk).update(count=progress.turn)
    return 1


def _ask(ladder: _Ladder, progress: Progress, facts: Facts, now: datetime) -> Move:
    return next_move(
        ladder.policy,
        progress,
        facts,
        now,
        lambda place: ladder.book.reachable_from(place, now),
    )


def _outcome(move: Move, now: datetime) -> dict[str, object]:
    if move.act is Act.HOLD:
        return {"state": State.HELD, "next_step_at": None}
    if move.act is Act.END:
        return {"state": State.ENDED, "next_step_at": None, "ended_at": now}
    # A ladder that never comes to rest must not hold up the others.
    later = now + timedelta(minutes=1)
    return {"next_step_at": move.at if move.act is Act.WAIT else later}


def _people_of(
    ladder: _Ladder, before: Progress, move: Move, now: datetime
) -> list[Recipient]:
    if move.act is Act.LAST_RESORT:
        return ladder.book.last_resort()
    if move.act is not Act.TELL or move.step is None:
        return []
    is_ordered = before.by_hand and before.forced == move.step
    return ladder.book.people_of(move.step, move.targets, now, ignores_hours=is_ordered)


def _await(ladder: _Ladder, move: Move, people: list[Recipient]) -> Progress:
    if move.act is not Act.TELL or move.step is None:
        return move.state
    if ladder.policy.steps[move.step].ack_mode is not AckMode.EACH:
        return move.state
    users = {each.user.pk for each in people if each.user}
    return replace(move.state, awaited=move.state.awaited | users)


def _write(
    row: Escalation, ladder: _Ladder, move: Move, people: list[Recipient], now: datetime
) -> None:
    """Write what follows from a move that was won."""
    alert, loop = row.alert, move.state.loop
    step = ladder.steps[move.step] if move.step is not None else None
    fields = {"loop": loop, "step": move.step, "step_name": step.name if step else ""}
    if people:
        place = "last" if step is None else str(move.step)
        key = f"{topic_of(alert)}:{loop}:{place}"
        if place == "last":
            key += f":{EscalationEvent.objects.filter(alert=alert).count()}"
        note = step.instructions if step else "Nobody else could be told: please look."
        # A channel that hears of the opening need not hear of it twice.
        is_first = loop == 0 and move.at is not None and move.at <= row.opened_at
        page_recipients(
            alert,
            people,
            key=key,
            channel_key=f"{topic_of(alert)}:opened" if is_first else "",
            kind=move.act.value,
            now=now,
            note=note,
            **fields,
        )
        return
    if move.act is Act.EXPIRE:
        expire_acknowledgement(alert, now=now)
    note_event(
        alert,
        move.act.value,
        now=now,
        reason=move.reason.value if move.reason else "",
        text=f"opens {move.opens_at:%d %b %H:%M} UTC" if move.opens_at else "",
        **fields,
    )


def _give_up(row: Escalation, now: datetime) -> int:
    """The policy is gone: the team's managers are told, and that is the end."""
    alert: Alert = row.alert
    with transaction.atomic():
        won = _swap(row, state=State.ENDED, next_step_at=None, ended_at=now)
        if won:
            people = TargetBook([], alert.service.team, since=now).last_resort()
            page_recipients(
                alert,
                people,
                key=f"{topic_of(alert)}:gone",
                kind=Act.LAST_RESORT.value,
                now=now,
                note=f"Its policy {row.policy_name} is gone: nobody else is told.",
            )
    return won


def _swap(row: Escalation, **fields: object) -> int:
    mine = Escalation.objects.filter(pk=row.pk, rev=row.rev, state=State.RUNNING)
    return mine.update(rev=row.rev + 1, **fields)


def _turn_of(policy_pk: int) -> int:
    """Take the counter of turns, and hold it until the move is written."""
    PolicyTurn.objects.get_or_create(policy_id=policy_pk)
    return PolicyTurn.objects.select_for_update().get(policy=policy_pk).count


def _last_step(moves: list[Move], before: int | None) -> int | None:
    steps = [move.step for move in moves if move.act is Act.TELL]
    return steps[-1] if steps else before
