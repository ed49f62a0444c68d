"""Handing a run in, signing it off, giving it back, leaving it out."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from checklists.domain import refusal as domain
from checklists.domain import run_state
from checklists.domain.item_state import Act
from checklists.models import Run
from checklists.services.run_rows import LoadedRun, lock_run, save_run
from checklists.services.telling import tell_finished_run
from oncall.models import User
from oncall.services import notifications
from oncall.services.audit import record_change
from opsportal.kit.errors import Refused

Move = Callable[[LoadedRun, Act], run_state.Run]


def hand_in_run(run_pk: int, *, by: User, now: datetime) -> Run:
    """Hand in a run: it closes, or waits for sign-off."""

    def move(loaded: LoadedRun, act: Act) -> run_state.Run:
        return run_state.submit(loaded.state, loaded.evidence, act)

    return _move(run_pk, move, "handed_in", by=by, now=now)


def sign_off_run(run_pk: int, *, by: User, now: datetime) -> Run:
    """Close a run that waits; every automatic tick is looked at once more.

    The run comes back open when a check does not pass freshly any more.
    """

    def move(loaded: LoadedRun, act: Act) -> run_state.Run:
        return run_state.sign_off(loaded.state, loaded.evidence, act)

    return _move(run_pk, move, "signed_off", by=by, now=now)


def reject_run(run_pk: int, *, by: User, reason: str, now: datetime) -> Run:
    """Give a run that waits for sign-off back, with a reason."""

    def move(loaded: LoadedRun, act: Act) -> run_state.Run:
        return run_state.reject(loaded.state, act)

    return _move(run_pk, move, "rejected", by=by, now=now, reason=reason)


def skip_run(run_pk: int, *, by: User, reason: str, now: datetime) -> Run:
    """Leave a run out, with a reason."""

    def move(loaded: LoadedRun, act: Act) -> run_state.Run:
        return run_state.skip(loaded.state, act)

    return _end(run_pk, move, "skipped", by=by, now=now, reason=reason)


def void_run(run_pk: int, *, by: User, reason: str, now: datetime) -> Run:
    """Strike a run that should not have existed, with a reason."""

    def move(loaded: LoadedRun, act: Act) -> run_state.Run:
        return run_state.void(loaded.state, act)

    return _end(run_pk, move, "voided", by=by, now=now, reason=reason)


def _move(
    run_pk: int, move: Move, verb: str, *, by: User, now: datetime, reason: str = ""
) -> Run:
    with transaction.atomic():
        loaded = lock_run(run_pk)
        try:
            after = move(loaded, Act(str(by.pk), now, reason=reason))
        except domain.Refused as refused:
            raise Refused(refused.sentence, code=refused.code) from refused
        save_run(loaded, after, verb=verb, by=by, now=now, reason=reason)
        if after.state.outcome is run_state.RunOutcome.COMPLETED:
            tell_finished_run(loaded.row, now=now)
        return loaded.row


def _end(
    run_pk: int, move: Move, verb: str, *, by: User, now: datetime, reason: str
) -> Run:
    with transaction.atomic():
        run = _move(run_pk, move, verb, by=by, now=now, reason=reason)
        notifications.cancel(f"run:{run_pk}", reason=f"the run was {verb}", now=now)
        record_change(
            f"run.{verb}",
            run,
            by=by,
            now=now,
            team_id=run.team_id,
            after={"reason": reason},
        )
    return run
