"""Telling people that a change of a schedule moves their hours."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from django.urls import reverse

from oncall.domain.moves import Move, Span, compare
from oncall.domain.schedule import Schedule as Plan
from oncall.models import Notification, Schedule, User
from oncall.services.notifications import enqueue
from opsportal.kit.moments import zone_name

_MOST_LINES = 8


def tell_moved_people(
    schedule: Schedule,
    before_plan: Plan,
    after_plan: Plan,
    *,
    by: User | None,
    now: datetime,
    cause: str,
    what: str = "the schedule",
    besides: Iterable[int] = (),
) -> list[int]:
    """Queue a message to each person whose hours from ``now`` on change.

    Call it inside the transaction of the change, with the schedule as it was and as
    it is (`queries.load_schedule`, or the same with `replace`). ``cause`` names the
    change, as "override:7": nobody is told twice of one cause. ``what`` says what
    changed, as "the rotation Weekly". Neither ``by`` nor the users ``besides``, who
    know already, are told. Returns the ids of those who are.
    """
    moves: dict[int, list[Move]] = defaultdict(list)
    for move in compare(before_plan, after_plan, now):
        if isinstance(move.user, int):
            moves[move.user].append(move)
    silent = {*besides, by.pk if by else None}
    people = User.objects.filter(
        pk__in=[each for each in moves if each not in silent], is_active=True
    )
    who = by.display_name if by else "The portal"
    for user in people:
        enqueue(
            team_id=schedule.team_id,
            topic=f"schedule:{schedule.pk}",
            dedupe_key=f"roster:{cause}:{user.pk}",
            recipient=user,
            subject=f"Your on-call hours change: {schedule.name}",
            text=_say(f"{who} changed {what}.", moves[user.pk], user, now),
            url=reverse("schedule_detail", args=[schedule.slug]),
            urgency=Notification.Urgency.LOW,
            now=now,
        )
    return [user.pk for user in people]


def _say(first: str, moves: list[Move], user: User, now: datetime) -> str:
    zone = ZoneInfo(user.time_zone)
    gained = _lines([(move.role, move.gained) for move in moves], zone, now)
    lost = _lines([(move.role, move.lost) for move in moves], zone, now)
    parts = [first]
    if gained:
        parts.append("You are now on call:\n" + "\n".join(gained))
    if lost:
        parts.append("You are no longer on call:\n" + "\n".join(lost))
    parts.append(f"Times are {zone_name(zone)}.")
    return "\n\n".join(parts)


def _lines(
    spans: Sequence[tuple[str, tuple[Span, ...]]], zone: tzinfo, now: datetime
) -> list[str]:
    every = sorted((span, role) for role, some in spans for span in some)
    lines = [
        f"- {role}: {_say_day(span.start, zone, now)} to "
        f"{_say_day(span.end, zone, now)}"
        for span, role in every[:_MOST_LINES]
    ]
    rest = len(every) - len(lines)
    return [*lines, f"- and {rest} more"] if rest else lines


def _say_day(moment: datetime, zone: tzinfo, now: datetime) -> str:
    local = moment.astimezone(zone)
    year = "" if local.year == now.astimezone(zone).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"
