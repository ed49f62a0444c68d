"""What the two people of a handoff do: write the notes, accept."""

from datetime import datetime, timedelta

from django.db import transaction

from oncall import handoff_sections
from oncall.access import Actor, may
from oncall.domain.handoff_steps import ACCEPT_FROM
from oncall.models import Handoff, User
from oncall.queries import handoffs as queries
from oncall.services.audit import record_change
from oncall.services.handoff_news import tell_accepted
from oncall.services.pulse import touch_team
from opsportal.kit.errors import Conflict, PortalError, Refused

LONGEST_NOTES = 20_000
# Notes save themselves while they are typed: one entry of the audit log for all.
_ONE_SITTING = timedelta(minutes=10)


def write_notes(
    handoff_pk: int, text: str, *, revision: int, by: User, now: datetime
) -> Handoff:
    """Replace the notes; ``revision`` is the one that was being edited.

    Saving what stands there already changes nothing. Raises Conflict (``current``
    is the row) when somebody else wrote meanwhile, Refused when the handoff does
    not happen, PortalError when the text is too long.
    """
    if len(text) > LONGEST_NOTES:
        raise PortalError(
            f"Keep the notes below {LONGEST_NOTES} characters; link what is longer.",
            code="too_long",
            field="notes",
        )
    row = queries.get_handoff(handoff_pk)
    if row.cancelled_at is not None:
        raise Refused("This handoff does not happen any more.", code="cancelled")
    if row.notes == text:
        return row
    with transaction.atomic():
        won = Handoff.objects.filter(
            pk=handoff_pk, revision=revision, cancelled_at=None
        ).update(notes=text, notes_by=by, notes_at=now, revision=revision + 1)
        if not won:
            raise Conflict(
                "Somebody else changed the notes first.",
                current=queries.get_handoff(handoff_pk),
            )
        sits = row.notes_by_id == by.pk and row.notes_at is not None
        if not (sits and row.notes_at and now - row.notes_at < _ONE_SITTING):
            record_change(
                "handoff.notes",
                row,
                by=by,
                now=now,
                team_id=row.schedule.team_id,
                before={"revision": revision, "notes": row.notes[:500]},
            )
        touch_team(row.schedule.team_id)
    return queries.get_handoff(handoff_pk)


def may_accept(actor: Actor, row: Handoff) -> bool:
    """Say whether the actor may accept it: the incoming person, or a manager.

    Where nobody comes in, anybody who answers pages may take it.
    """
    team_id = row.schedule.team_id
    if may(actor, "override.any", team_id):
        return True
    is_theirs = row.incoming_id in {None, actor.user.pk}
    return is_theirs and may(actor, "override.own", team_id)


def accept_handoff(handoff_pk: int, *, by: User, now: datetime) -> Handoff:
    """Take the pager over: the brief is kept as it says now, and nobody waits.

    Accepting again what one accepted oneself changes nothing. Raises Refused when
    somebody else did, when the handoff does not happen, or when it is too early.
    """
    row = queries.get_handoff(handoff_pk)
    if row.accepted_at is not None and row.accepted_by_id == by.pk:
        return row
    if now < row.at - ACCEPT_FROM:
        raise Refused(
            "It is too early: a handoff can be accepted from two hours before it.",
            code="too_early",
        )
    brief = handoff_sections.sections_to_json(queries.live_sections(row, now))
    with transaction.atomic():
        won = Handoff.objects.filter(
            pk=handoff_pk, accepted_at=None, cancelled_at=None
        ).update(
            accepted_at=now,
            accepted_by=by,
            brief={"sections": brief, "notes": row.notes, "at": now.isoformat()},
            next_step_at=None,
        )
        if not won:
            raise Refused(_say_lost(queries.get_handoff(handoff_pk)), code="over")
        tell_accepted(row, by=by, now=now)
        record_change(
            "handoff.accept",
            row,
            by=by,
            now=now,
            team_id=row.schedule.team_id,
            after={"incoming": row.incoming_id, "accepted_by": by.pk},
        )
        touch_team(row.schedule.team_id)
    return queries.get_handoff(handoff_pk)


def _say_lost(row: Handoff) -> str:
    if row.cancelled_at is not None:
        return "This handoff does not happen any more."
    return f"{row.accepted_by} accepted it already."
