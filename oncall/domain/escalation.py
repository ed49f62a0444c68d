"""Which step of an escalation policy comes next: a pure function of what is known.

The engine takes one move after the other and stores the state that each carries;
the simulator takes the same moves without storing anything. Delays count from the
opening of the alert, so each step has its own moment and its own conditions. A step
whose conditions do not hold at its moment is passed over, and is told at once when
they come to hold later.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from oncall.domain.ladder import (
    Act,
    Alert,
    Condition,
    FindPeople,
    Move,
    Policy,
    Reason,
    State,
    Step,
    Strategy,
)

# A sweep may come this late without anybody calling it late.
SLACK = timedelta(minutes=1)
# A step that is due for longer is history, as after a restore from a backup.
STALE = timedelta(days=1)
LEAST_PAUSE = timedelta(minutes=1)
# What no order by hand gets past: the step is not meant for this alert.
_UNFIT = frozenset({Reason.LEVEL, Reason.LABEL})


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything that a move depends on."""

    policy: Policy
    state: State
    alert: Alert
    now: datetime
    find_people: FindPeople


@dataclass(frozen=True, slots=True)
class _Look:
    """A step that is not told yet, as it stands now."""

    step: int
    due: datetime
    reason: Reason | None = None
    opens_at: datetime | None = None


def begin(alert: Alert, *, turn: int = 0) -> State:
    """Return the state of a ladder that nobody has climbed yet."""
    return State(begun_at=alert.opened_at, turn=turn)


def serves(policy: Policy, level: int) -> bool:
    """Say whether any step is for alerts of this level."""
    return any(step.max_level <= level <= step.min_level for step in policy.steps)


def is_acknowledged(state: State, alert: Alert) -> bool:
    """Say whether everybody acknowledged who has to."""
    if alert.acknowledged_at is None:
        return False
    return alert.acknowledged_by is None or state.awaited <= alert.acknowledged_by


def next_move(
    policy: Policy, state: State, alert: Alert, now: datetime, find_people: FindPeople
) -> Move:
    """Return what to do at `now`, all moments aware UTC.

    `find_people` is asked only about a step whose moment has come.
    """
    scene = _Scene(policy, state, alert, now, find_people)
    first = _before_steps(scene)
    if first is not None:
        return first
    looks = _look_at_steps(scene)
    for look in looks:
        if look.due <= now and (move := _try(scene, look)):
            return move
    return _rest(scene, looks)


def restart(policy: Policy, state: State, now: datetime) -> State:
    """Return the state after an acknowledgement ended at `now`.

    The steps that it had stopped begin again; those that only ask whether it is
    resolved keep their moments and are not told twice.
    """
    again = frozenset(
        place
        for place, step in enumerate(policy.steps)
        if step.condition is Condition.UNACKNOWLEDGED
    )
    return State(
        begun_at=state.begun_at,
        loop=state.loop + 1,
        repeats=state.repeats,
        restarted_at=now,
        told=state.told - again,
        passed=state.passed - again,
        slip=state.slip,
        last_at=now,
        turn=state.turn,
    )


def begin_again(state: State, now: datetime) -> State:
    """Return the state of a held ladder that somebody sets going at `now`."""
    return State(begun_at=now, loop=state.loop + 1, turn=state.turn)


def force_next(policy: Policy, state: State, alert: Alert) -> State | None:
    """Return the state in which the next step is due at once; None without one."""
    farthest = max(state.told, default=-1)
    free = [
        place
        for place, step in enumerate(policy.steps)
        if place not in state.told and _why_not(state, alert, step) not in _UNFIT
    ]
    if not free:
        return None
    chosen = next((place for place in free if place > farthest), free[0])
    return replace(state, forced=chosen, by_hand=True)


def _before_steps(scene: _Scene) -> Move | None:
    """What comes before any step: the end, or an acknowledgement that ends."""
    policy, state, now = scene.policy, scene.state, scene.now
    if scene.alert.resolved_at is not None:
        return Move(Act.END, state)
    expiry = _expiry_of(policy, scene.alert)
    if expiry is not None and now - expiry > STALE:
        return Move(Act.HOLD, state, at=expiry)
    if expiry is not None and expiry <= now:
        return Move(Act.EXPIRE, restart(policy, state, now), at=expiry)
    if state.needs_last_resort:
        done = replace(state, needs_last_resort=False, last_at=now)
        return Move(Act.LAST_RESORT, done, at=now)
    return None


def _expiry_of(policy: Policy, alert: Alert) -> datetime | None:
    if alert.acknowledged_at is None or policy.ack_expires_after is None:
        return None
    return alert.acknowledged_at + policy.ack_expires_after


def _planned(policy: Policy, state: State, place: int) -> datetime | None:
    step = policy.steps[place]
    if step.delay is None:
        return None
    if state.restarted_at and step.condition is Condition.UNACKNOWLEDGED:
        return max(state.restarted_at, state.begun_at) + step.delay
    return state.begun_at + step.delay + state.slip


def _why_not(state: State, alert: Alert, step: Step) -> Reason | None:
    if not step.max_level <= alert.level <= step.min_level:
        return Reason.LEVEL
    if step.requires and not _is_true(alert.labels.get(step.requires, "")):
        return Reason.LABEL
    if step.condition is Condition.UNACKNOWLEDGED and is_acknowledged(state, alert):
        return Reason.ACKNOWLEDGED
    return None


def _is_true(value: str) -> bool:
    return value.strip().lower() not in {"", "0", "false", "no"}


def _look_at_steps(scene: _Scene) -> list[_Look]:
    """The steps that are still to come, the most overdue first."""
    places = set(range(len(scene.policy.steps))) - scene.state.told
    looks = [_look_at(scene, place) for place in sorted(places)]
    found = [look for look in looks if look is not None]
    return sorted(found, key=lambda look: (look.due, look.step))


def _look_at(scene: _Scene, place: int) -> _Look | None:
    """One step as it stands; None for one that no clock reaches."""
    state, now, step = scene.state, scene.now, scene.policy.steps[place]
    reason = _why_not(state, scene.alert, step)
    if place == state.forced and (reason is None or state.by_hand):
        return _Look(place, now)
    planned = _planned(scene.policy, state, place)
    if planned is None:
        return None
    if reason is not None or step.window is None or step.window.zone is None:
        return _Look(place, planned, reason)
    at = max(planned, now)
    opens_at = step.window.opens_at(at)
    if opens_at > at:
        return _Look(place, planned, Reason.WINDOW, opens_at)
    # It was closed at its moment: nobody was late until it opened.
    return _Look(place, step.window.opens_at(planned))


def _try(scene: _Scene, look: _Look) -> Move | None:
    """The move of a step whose moment has come; None when it goes on waiting."""
    state, now = scene.state, scene.now
    is_new = look.step not in state.passed
    if is_new and now - look.due > STALE:
        return Move(Act.HOLD, state, at=look.due, step=look.step)
    if look.reason is not None:
        return _pass_over(state, look) if is_new else None
    found = scene.find_people(look.step)
    is_ordered = state.by_hand and look.step == state.forced
    ready = [
        place
        for place, at in enumerate(found)
        if at is not None and (at <= now or is_ordered)
    ]
    if ready:
        return _tell(scene, look, ready)
    later = [at for at in found if at is not None]
    if not later or look.step == state.forced:
        return _hand_on(scene, look)
    if not is_new:
        return None
    return _pass_over(state, replace(look, reason=Reason.WINDOW, opens_at=min(later)))


def _tell(scene: _Scene, look: _Look, ready: list[int]) -> Move:
    state, now, step = scene.state, scene.now, scene.policy.steps[look.step]
    is_forced = look.step == state.forced
    slip = state.slip
    if look.step not in state.passed and now - look.due > SLACK:
        slip += now - look.due
    targets, turn = tuple(ready), state.turn
    if step.strategy is Strategy.ROUND_ROBIN:
        start = turn % step.targets
        first = min(ready, key=lambda place: (place - start) % step.targets)
        targets, turn = (first,), turn + 1
    after = replace(
        state,
        told=state.told | {look.step},
        passed=state.passed - {look.step},
        forced=None if is_forced else state.forced,
        by_hand=state.by_hand and not is_forced,
        slip=slip,
        last_at=now,
        turn=turn,
    )
    return Move(Act.TELL, after, at=look.due, step=look.step, targets=targets)


def _pass_over(state: State, look: _Look) -> Move:
    return Move(
        Act.PASS,
        replace(state, passed=state.passed | {look.step}),
        at=look.due,
        step=look.step,
        reason=look.reason,
        opens_at=look.opens_at,
    )


def _hand_on(scene: _Scene, look: _Look) -> Move:
    """Nobody is there: the next step is due at once, or else the last resort is."""
    state = replace(
        scene.state,
        told=scene.state.told | {look.step},
        passed=scene.state.passed - {look.step},
        last_at=scene.now,
        forced=None,
    )
    step = scene.policy.steps[look.step]
    following = _next_open(scene, state, look.step) if step.skip_if_empty else None
    after = replace(
        state,
        forced=following,
        by_hand=state.by_hand and following is not None,
        needs_last_resort=following is None,
    )
    return Move(Act.PASS, after, at=look.due, step=look.step, reason=Reason.NOBODY)


def _next_open(scene: _Scene, state: State, place: int) -> int | None:
    """The next step after `place` that may be told now."""
    for later in range(place + 1, len(scene.policy.steps)):
        step = scene.policy.steps[later]
        reason = _why_not(state, scene.alert, step)
        is_stopped = reason is Reason.ACKNOWLEDGED and not state.by_hand
        if later in state.told or is_stopped or reason in _UNFIT:
            continue
        window = step.window
        if window is None or window.zone is None:
            return later
        if window.opens_at(scene.now) == scene.now:
            return later
    return None


def _rest(scene: _Scene, looks: list[_Look]) -> Move:
    """Nothing is due now: begin again, or say when to look again."""
    moments = _moments_ahead(scene, looks)
    expiry = _expiry_of(scene.policy, scene.alert)
    if expiry is not None:
        moments.append(expiry)
    goes_on = any(
        look.due > scene.now and look.reason in {None, Reason.WINDOW} for look in looks
    )
    repeat_at = None if goes_on else _repeat_at(scene)
    if repeat_at is not None:
        if repeat_at <= scene.now:
            return _repeat(scene, repeat_at)
        moments.append(repeat_at)
    return Move(Act.WAIT, scene.state, at=min(moments, default=None))


def _moments_ahead(scene: _Scene, looks: list[_Look]) -> list[datetime]:
    """When to look at the steps again, those that wait for a window among them."""
    moments = []
    for look in looks:
        if look.due > scene.now:
            moments.append(look.due)
        elif look.opens_at is not None:
            moments.append(look.opens_at)
        elif look.reason is None:
            # Tried and not told: its people are all outside of their hours.
            found = scene.find_people(look.step)
            moments += [at for at in found if at is not None]
    return moments


def _repeat_at(scene: _Scene) -> datetime | None:
    """When the steps begin again, if any is left to do so."""
    policy, state = scene.policy, scene.state
    if state.repeats >= policy.repeats:
        return None
    again = policy.steps[policy.repeat_from :]
    if not any(
        step.delay is not None and _why_not(state, scene.alert, step) is None
        for step in again
    ):
        return None
    pause = max(policy.repeat_after or LEAST_PAUSE, LEAST_PAUSE)
    return (state.last_at or state.begun_at) + pause


def _repeat(scene: _Scene, at: datetime) -> Move:
    policy, state, now = scene.policy, scene.state, scene.now
    if now - at > STALE:
        return Move(Act.HOLD, state, at=at)
    first = policy.steps[policy.repeat_from]
    after = State(
        # So that the step it begins with is due at once.
        begun_at=now - (first.delay or timedelta()),
        loop=state.loop + 1,
        repeats=state.repeats + 1,
        told=frozenset(range(policy.repeat_from)),
        last_at=now,
        turn=state.turn,
        awaited=state.awaited,
    )
    return Move(Act.REPEAT, after, at=at)
