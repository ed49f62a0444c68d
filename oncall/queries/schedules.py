"""Who is on call: flat rows for pages, from the one kernel of the domain."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from oncall.domain import coverage
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import PersonId, Segment
from oncall.domain.schedule import Schedule as Plan
from oncall.models import Schedule, User
from oncall.queries.loading import load_schedule, load_schedules

AHEAD = timedelta(days=7)
# A shift that goes on for longer is shown without an end.
SIGHT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class OnCallRow:
    """One person on call in one role; ``until`` is None where no end is in sight."""

    role: str
    user_id: int
    name: str
    initials: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class GapRow:
    """A stretch in which nobody holds an expected role."""

    role: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class HandoffRow:
    """The next change: when, and who is on call from then."""

    at: datetime
    incoming: list[OnCallRow]


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One schedule on a board of who is on call."""

    schedule_id: int
    slug: str
    name: str
    team_id: int
    team_name: str
    time_zone: str
    on_call: list[OnCallRow]
    missing_roles: list[str]
    handoff: HandoffRow | None
    gaps: list[GapRow]


def users_on_call(
    schedule_pk: int, now: datetime, role: str | None = None
) -> list[OnCallRow]:
    """Return who is on call, in ``role`` or in all of them, the first role first."""
    plan = load_schedules([schedule_pk], since=now).get(schedule_pk)
    if plan is None:
        return []
    rows = _on_call_rows(plan, now, _names_of([plan]))
    return [row for row in rows if role in {None, row.role}]


def on_call_in(
    schedule_pks: Iterable[int], now: datetime
) -> dict[int, list[OnCallRow]]:
    """Return who is on call by schedule, with the same few queries for many."""
    plans = load_schedules(schedule_pks, since=now)
    names = _names_of(plans.values())
    return {pk: _on_call_rows(plan, now, names) for pk, plan in plans.items()}


def on_call_board(team_ids: Iterable[int], now: datetime) -> list[BoardRow]:
    """Return the active schedules of the teams: who now, what next, gaps ahead."""
    rows = list(
        Schedule.objects.filter(team__in=list(team_ids), is_active=True)
        .select_related("team")
        .order_by("team__name", "name")
    )
    plans = load_schedules([row.pk for row in rows], since=now)
    names = _names_of(plans.values())
    return [_board_row(row, plans[row.pk], now, names) for row in rows]


def coverage_gaps(schedule_pk: int, start: datetime, end: datetime) -> list[GapRow]:
    """Return when an expected role is empty within start <= t < end."""
    return gaps_of(load_schedule(schedule_pk), start, end)


def find_schedule(slug: str, team_ids: Iterable[int]) -> int | None:
    """Return the key of a schedule of one of the teams."""
    rows = Schedule.objects.filter(slug=slug, team__in=list(team_ids))
    return rows.values_list("pk", flat=True).first()


def people_on_call(schedule_pk: int, start: datetime, end: datetime) -> set[int]:
    """Return the ids of everybody who is on call at some time within [start, end)."""
    parts = timeline(load_schedule(schedule_pk), start, end)
    return {part.user for part in parts if isinstance(part.user, int)}


def gaps_of(plan: Plan, start: datetime, end: datetime) -> list[GapRow]:
    """Return the gaps of a schedule that is loaded, or only imagined."""
    return [
        GapRow(part.role, part.start, part.end)
        for part in coverage.find_gaps(plan, start, end)
    ]


def name_people(ids: Iterable[PersonId]) -> dict[PersonId, str]:
    """Return display names by user id."""
    wanted = [each for each in set(ids) if isinstance(each, int)]
    return {user.pk: user.display_name for user in User.objects.filter(pk__in=wanted)}


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of a lane; without a user it is a gap."""

    starts_at: datetime
    ends_at: datetime
    user_id: PersonId | None
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the schedule page. ``kind``: rotation, override or final."""

    label: str
    kind: str
    bars: list[Bar]


def schedule_lanes(plan: Plan, start: datetime, end: datetime) -> list[Lane]:
    """Return the lanes of a page: each role as rotated, overrides, each role at last."""
    names = _names_of([plan])
    bare = Plan(plan.zone, plan.rotations, (), plan.holidays, plan.required_roles)
    rotated = timeline(bare, start, end)
    final = timeline(plan, start, end)
    roles = list(dict.fromkeys([*plan.expected_roles, *(p.role for p in final)]))
    lanes = [_lane(role, "rotation", rotated, names) for role in plan.expected_roles]
    lanes.append(_override_lane(plan, start, end, names))
    lanes += [_lane(role, "final", final, names) for role in roles]
    return lanes


def _lane(
    role: str, kind: str, parts: list[Segment], names: dict[PersonId, str]
) -> Lane:
    bars: list[Bar] = []
    for part in parts:
        if part.role != role or (kind == "rotation" and part.user is None):
            continue
        # The same person going on for another reason is one bar.
        last = bars[-1] if bars else None
        if last and last.ends_at == part.start and last.user_id == part.user:
            bars[-1] = Bar(last.starts_at, part.end, part.user, last.name)
            continue
        name = "No one" if part.user is None else names.get(part.user, "")
        bars.append(Bar(part.start, part.end, part.user, name))
    return Lane(role, kind, bars)


def next_shifts(plan: Plan, now: datetime, most: int = 5) -> list[Bar]:
    """Return the coming shifts of the first role, gaps among them."""
    if not plan.expected_roles:
        return []
    parts = timeline(plan, now, now + SIGHT)
    bars = _lane(plan.expected_roles[0], "final", parts, _names_of([plan])).bars
    return [bar for bar in bars if bar.starts_at > now][:most]


def _override_lane(
    plan: Plan, start: datetime, end: datetime, names: dict[PersonId, str]
) -> Lane:
    bars = []
    for each in plan.overrides_as_created:
        stop = min(each.end, each.cancelled_at or each.end)
        if each.start >= end or stop <= max(start, each.start):
            continue
        comes = each.add_user is not None
        person = each.add_user if comes else each.remove_user
        name = names.get(person, "")
        bars.append(
            Bar(
                max(each.start, start),
                min(stop, end),
                person,
                name if comes else f"without {name}",
                each.role or "every role",
            )
        )
    return Lane("overrides", "override", sorted(bars, key=lambda bar: bar.starts_at))


def _board_row(
    row: Schedule, plan: Plan, now: datetime, names: dict[PersonId, str]
) -> BoardRow:
    on_call = _on_call_rows(plan, now, names)
    held = {each.role for each in on_call}
    return BoardRow(
        schedule_id=row.pk,
        slug=row.slug,
        name=row.name,
        team_id=row.team_id,
        team_name=row.team.name,
        time_zone=row.time_zone,
        on_call=on_call,
        missing_roles=[role for role in plan.expected_roles if role not in held],
        handoff=next_handoff_row(plan, now, names),
        gaps=gaps_of(plan, now, now + AHEAD),
    )


def next_handoff_row(
    plan: Plan, now: datetime, names: dict[PersonId, str] | None = None
) -> HandoffRow | None:
    """Return the next change of who is on call, with the people after it."""
    change = coverage.next_handoff(plan, now, horizon=SIGHT)
    if change is None:
        return None
    known = names if names is not None else _names_of([plan])
    return HandoffRow(change.at, _on_call_rows(plan, change.at, known))


def _on_call_rows(
    plan: Plan, at: datetime, names: dict[PersonId, str]
) -> list[OnCallRow]:
    rows = []
    for line in users_at(plan, at):
        shift = coverage.shift_of(plan, line.user, at, role=line.role, horizon=SIGHT)
        name = names.get(line.user, "")
        rows.append(
            OnCallRow(
                role=line.role,
                user_id=line.user,  # type: ignore[arg-type]  # ours are integers
                name=name,
                initials="".join(word[0] for word in name.split()[:2]).upper(),
                until=shift.end if shift else None,
            )
        )
    return rows


def _names_of(plans: Iterable[Plan]) -> dict[PersonId, str]:
    ids: set[PersonId] = set()
    for plan in plans:
        for each in plan.overrides:
            ids |= {each.add_user, each.remove_user}
        for rotation in plan.rotations:
            for version in rotation.versions:
                for member in version.members:
                    ids |= set(member) if isinstance(member, tuple) else {member}
    return name_people(ids)
