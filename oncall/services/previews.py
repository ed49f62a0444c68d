"""What an edit of a schedule would do, before anybody saves it. Writes nothing."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Model
from django.utils.crypto import constant_time_compare, salted_hmac

from oncall import queries
from oncall.domain.moves import Move, Span, compare, find_end
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.wording import say_changes, say_rotation
from oncall.models import Absence
from oncall.queries.lanes import Lane
from oncall.queries.naming import names_in
from oncall.queries.rosters import absences_within
from oncall.queries.schedules import GapRow
from oncall.services.edit_ground import Outcome
from oncall.services.edits import ScheduleEdit
from opsportal.kit.errors import Conflict, Refused

PREVIEW_WEEKS = 4
_SALT = "oncall.services.previews"


@dataclass(frozen=True, slots=True)
class PersonChange:
    """What an edit gives one person in one role, and what it takes away."""

    name: str
    role: str
    gained: timedelta
    lost: timedelta
    first_at: datetime


@dataclass(frozen=True, slots=True)
class ClashRow:
    """Hours that an edit gives to somebody who is away then."""

    name: str
    role: str
    kind: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would do from its moment on.

    ``words`` say it, ``sentence`` is the rotation as it would be; ``gaps`` are those
    that it makes. ``seal`` lets exactly this be saved.
    """

    starts_at: datetime
    ends_at: datetime
    words: list[str]
    sentence: str
    changes: list[PersonChange]
    gaps: list[GapRow]
    clashes: list[ClashRow]
    lanes: list[Lane]
    plan: Plan
    seal: str


def preview_edit(edit: ScheduleEdit, *, now: datetime) -> Preview:
    """Say whose hours would change, and which gaps and clashes there would be.

    Eight weeks ahead, or until four weeks after the last change. Raises PortalError
    with the field at fault.
    """
    outcome = edit.think(now)
    before, after, start = outcome.before, outcome.after, outcome.starts_at
    names = names_in([before, after])
    moves = compare(before, after, start)
    changes = [
        PersonChange(
            names.get(move.user, ""),
            move.role,
            _total(move.gained),
            _total(move.lost),
            min(span.start for span in (*move.gained, *move.lost)),
        )
        for move in moves
        if move.user is not None
    ]
    return Preview(
        starts_at=start,
        ends_at=find_end(before, after, start),
        words=_say(outcome, names),
        sentence=_sentence(outcome),
        changes=sorted(changes, key=lambda change: (change.name, change.role)),
        gaps=[
            GapRow(move.role, *span)
            for move in moves
            if move.user is None
            for span in move.gained
        ],
        clashes=_clashes(moves),
        lanes=queries.schedule_lanes(
            after, start, start + timedelta(weeks=PREVIEW_WEEKS)
        ),
        plan=after,
        seal=seal_of(edit, outcome),
    )


def seal_of(edit: ScheduleEdit, outcome: Outcome) -> str:
    """Return a mark of what would be saved, and of the rows it was thought from."""
    asked = _say_asked(edit)
    return f"{_mark(asked)}.{_mark(asked + outcome.ground)}"


def check_seal(edit: ScheduleEdit, outcome: Outcome, seal: str) -> None:
    """Raise Refused when something else was previewed, Conflict when rows changed."""
    asked, ground = seal_of(edit, outcome).split(".")
    seen, _, stood = seal.partition(".")
    if not constant_time_compare(asked, seen):
        raise Refused(
            "This is not what was previewed. Look at it again, then save.",
            code="not_previewed",
        )
    if not constant_time_compare(ground, stood):
        raise Conflict(
            "Somebody changed this schedule after you looked at the preview. Look at "
            "it again, then save.",
            current=outcome.schedule,
        )


def _say_asked(edit: ScheduleEdit) -> str:
    """The edit as a text of its own: rows by their keys."""
    parts = [type(edit).__name__]
    for each in fields(edit):  # type: ignore[arg-type]  # edits are dataclasses
        value = getattr(edit, each.name)
        parts.append(str(value.pk) if isinstance(value, Model) else repr(value))
    return "|".join(parts)


def _mark(text: str) -> str:
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()


def _total(spans: tuple[Span, ...]) -> timedelta:
    return sum((span.length for span in spans), timedelta())


def _say(outcome: Outcome, names: dict[object, str]) -> list[str]:
    if outcome.version is None:
        return []

    def name(person: object) -> str:
        return names.get(person, "somebody")

    return say_changes(outcome.present, outcome.version, name)


def _sentence(outcome: Outcome) -> str:
    version, rotation = outcome.version, outcome.rotation
    if version is None or rotation is None:
        return ""
    roles = tuple(rotation.roles[: version.concurrency])
    return say_rotation(version, roles, outcome.schedule.time_zone)


def _clashes(moves: list[Move]) -> list[ClashRow]:
    gained = [
        (move.user, move.role, span)
        for move in moves
        if isinstance(move.user, int)
        for span in move.gained
    ]
    if not gained:
        return []
    absences = absences_within(
        {user for user, _, _ in gained},
        min(span.start for _, _, span in gained),
        max(span.end for _, _, span in gained),
    )
    return [
        _clash(absence, role, span)
        for absence in absences
        for user, role, span in gained
        if user == absence.user_id
        and span.start < absence.ends_at
        and absence.starts_at < span.end
    ]


def _clash(absence: Absence, role: str, span: Span) -> ClashRow:
    return ClashRow(
        name=absence.user.display_name,
        role=role,
        kind=absence.get_kind_display(),
        starts_at=max(span.start, absence.starts_at),
        ends_at=min(span.end, absence.ends_at),
    )
