"""Who the targets of a ladder stand for, at any moment, from one reading."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from oncall.domain import ladder
from oncall.domain.notification_rules import HIGH, Method, Rule, Way, choose_ways
from oncall.domain.plan import SHADOW
from oncall.domain.rotation import timeline, users_at
from oncall.domain.schedule import Schedule as Plan
from oncall.domain.step_window import StepWindow
from oncall.models import (
    Channel,
    ContactMethod,
    EscalationStep,
    EscalationTarget,
    Membership,
    NotificationRule,
    Role,
    Schedule,
    Team,
    User,
)
from oncall.queries.loading import load_schedules
from oncall.queries.schedules import SIGHT

RESPONDER = "responder"
Scope = EscalationTarget.Scope


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person or one channel that a target stands for at a moment.

    ``via`` says why a person is meant: "primary of ARQ rotation".
    """

    name: str
    user: User | None = None
    channel: Channel | None = None
    via: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a target stands for; ``problem`` says why it is nobody."""

    label: str
    recipients: tuple[Recipient, ...] = ()
    problem: str = ""


class TargetBook:
    """The people behind the steps of ladders, read once, asked for any moment.

    ``since`` is the earliest moment that will be asked about. Reading takes a
    constant number of queries; asking takes none.
    """

    def __init__(
        self, steps: Sequence[EscalationStep], team: Team, *, since: datetime
    ) -> None:
        self._team = team
        self._steps = list(steps)
        self._windows = [read_window(step, team) for step in self._steps]
        targets = [each for step in self._steps for each in step.targets.all()]
        teams = {each.team_id for each in targets if each.team_id} | {team.pk}
        self._schedules = _schedules_of(targets, teams)
        self._plans = load_schedules(self._schedules, since=since)
        self._members = _members_of(teams)
        wanted = {each.user_id for each in targets if each.user_id}
        for plan in self._plans.values():
            wanted |= _people_in(plan)
        for rows in self._members.values():
            wanted |= {user_id for user_id, _ in rows}
        self._users = User.objects.in_bulk(wanted)

    def find(self, place: int, at: datetime) -> list[Found]:
        """Return what each target of the step stands for, whatever its hours."""
        return [
            self._find_target(each, at) for each in self._steps[place].targets.all()
        ]

    def reachable_from(self, place: int, at: datetime) -> list[datetime | None]:
        """Return from when each target of the step leads to somebody, as moments.

        ``at`` for at once, None for never. This is what ladder.FindPeople asks.
        """
        window = self._windows[place]
        if window is None or window.zone is not None:
            return [at if found.recipients else None for found in self.find(place, at)]
        return [
            min(
                (window.opens_at(at, self._zone_of(each)) for each in found.recipients),
                default=None,
            )
            for found in self.find(place, at)
        ]

    def people_of(
        self,
        place: int,
        targets: Iterable[int],
        at: datetime,
        *,
        ignores_hours: bool = False,
    ) -> list[Recipient]:
        """Return who is told by these targets of a step: each person only once."""
        window = self._windows[place]
        found = self.find(place, at)
        chosen: dict[tuple[str, int], Recipient] = {}
        for target in targets:
            for each in found[target].recipients:
                if (
                    window is None
                    or window.zone is not None
                    or ignores_hours
                    or window.opens_at(at, self._zone_of(each)) == at
                ):
                    chosen.setdefault(_key_of(each), each)
        return list(chosen.values())

    def last_resort(self) -> list[Recipient]:
        """Return the team's managers, or the admins where there is none."""
        managers = self._members_in(self._team.pk, Scope.MANAGERS, "manager")
        if managers:
            return managers
        admins = User.objects.filter(is_superuser=True, is_active=True)
        return [Recipient(each.display_name, user=each, via="admin") for each in admins]

    def _zone_of(self, each: Recipient) -> ZoneInfo:
        return ZoneInfo(each.user.time_zone if each.user else self._team.time_zone)

    def _find_target(self, row: EscalationTarget, at: datetime) -> Found:
        label = say_target(row)
        if row.schedule is not None:
            people = self._on_call(row.schedule_id or 0, row.role, row.offset, at)
            word = "next" if row.offset == EscalationTarget.Offset.NEXT else "on call"
            return Found(label, tuple(people), "" if people else f"nobody is {word}")
        if row.team is not None:
            people = self._of_team(row.team, row.scope, at)
            return Found(label, tuple(people), "" if people else "nobody is there")
        if row.user is not None:
            return self._find_user(row, label)
        if row.channel is not None:
            if not row.channel.is_enabled:
                return Found(label, (), "the channel is off")
            return Found(label, (Recipient(row.channel.name, channel=row.channel),))
        return Found(label, (), "has no account and cannot be paged")

    def _find_user(self, row: EscalationTarget, label: str) -> Found:
        user = self._users.get(row.user_id or 0)
        if user is None or not user.is_active:
            return Found(label, (), "the account is inactive")
        members = {user_id for user_id, _ in self._members[self._team.pk]}
        if user.pk not in members and not user.is_superuser:
            return Found(label, (), "is no longer in the team")
        return Found(label, (Recipient(user.display_name, user=user, via=row.title),))

    def _on_call(
        self, schedule_id: int, role: str, offset: str, at: datetime
    ) -> list[Recipient]:
        plan = self._plans[schedule_id]
        if offset == EscalationTarget.Offset.NEXT:
            held = _next_in(plan, role, at)
        else:
            held = [(each.role, each.user) for each in users_at(plan, at)]
        held = [each for each in held if each[0] != SHADOW]
        name = self._schedules[schedule_id].name
        found: list[Recipient] = []
        for each_role, user_id in held:
            user = self._users.get(user_id)
            if role in {"", each_role} and user is not None and user.is_active:
                via = f"{each_role} of {name}"
                found.append(Recipient(user.display_name, user=user, via=via))
        return found

    def _of_team(self, team: Team, scope: str, at: datetime) -> list[Recipient]:
        if scope != Scope.ON_CALL:
            word = "manager" if scope == Scope.MANAGERS else ""
            return self._members_in(team.pk, scope, word)
        return [
            each
            for pk, schedule in self._schedules.items()
            if schedule.team_id == team.pk and schedule.is_active
            for each in self._on_call(pk, "", EscalationTarget.Offset.NOW, at)
        ]

    def _members_in(self, team_id: int, scope: str, via: str) -> list[Recipient]:
        roles = {Role.MANAGER} if scope == Scope.MANAGERS else {*Role} - {Role.VIEWER}
        users = [
            self._users[user_id]
            for user_id, role in self._members[team_id]
            if role in roles
        ]
        return [
            Recipient(user.display_name, user=user, via=via)
            for user in users
            if user.is_active
        ]


def read_window(step: EscalationStep, team: Team) -> StepWindow | None:
    """Return the hours of a step as a value; None for always."""
    if not step.window_days and step.window_starts is None:
        return None
    zone = step.window_zone
    return StepWindow(
        days=frozenset(step.window_days),
        starts=step.window_starts,
        ends=step.window_ends,
        zone=None if zone == RESPONDER else ZoneInfo(zone or team.time_zone),
    )


def say_target(row: EscalationTarget) -> str:
    """Return who is meant, in words: "on-call primary of ARQ rotation"."""
    if row.schedule is not None:
        is_next = row.offset == EscalationTarget.Offset.NEXT
        word = "next" if is_next else "on-call"
        if not row.role:
            head = "next on call" if is_next else "everybody on call"
            return f"{head} in {row.schedule.name}"
        return f"{word} {row.role} of {row.schedule.name}"
    if row.team is not None:
        head = EscalationTarget.Scope(row.scope or Scope.MEMBERS).label
        return f"{head} of {row.team.name}"
    if row.user is not None:
        name = row.user.display_name
        return f"{row.title} ({name})" if row.title else name
    if row.channel is not None:
        return f"channel {row.channel.name}"
    return row.title


def ways_of(
    user_ids: Iterable[int], urgency: str = HIGH
) -> dict[int, list[tuple[Way, str]]]:
    """Return how each person is told, with the name of each way: two queries."""
    ids = list(user_ids)
    methods: dict[int, list[Method]] = defaultdict(list)
    for row in ContactMethod.objects.filter(user__in=ids).exclude(verified_at=None):
        label = f"{row.get_kind_display()} ({row.label})" if row.label else ""
        methods[row.user_id].append(
            Method(row.pk, row.kind, label or row.get_kind_display())
        )
    rules: dict[int, list[Rule]] = defaultdict(list)
    for rule in NotificationRule.objects.filter(user__in=ids, urgency=urgency):
        rules[rule.user_id].append(Rule(rule.contact_method_id, rule.delay))
    return {pk: _name_ways(urgency, methods[pk], rules[pk]) for pk in ids}


def find_people(
    book: TargetBook, now: datetime
) -> ladder.FindPeople:  # what next_move asks at one moment
    """Return the question of next_move at ``now``."""
    return lambda place: book.reachable_from(place, now)


def _name_ways(
    urgency: str, methods: list[Method], rules: list[Rule]
) -> list[tuple[Way, str]]:
    labels: dict[int | None, str] = {each.pk: each.label for each in methods}
    return [
        (way, labels.get(way.method_pk, "the account's email"))
        for way in choose_ways(urgency, methods, rules)
    ]


def _key_of(each: Recipient) -> tuple[str, int]:
    if each.user is not None:
        return ("user", each.user.pk)
    return ("channel", each.channel.pk if each.channel else 0)


def _schedules_of(
    targets: Iterable[EscalationTarget], teams: Iterable[int]
) -> dict[int, Schedule]:
    rows = list(targets)
    found = {each.schedule.pk: each.schedule for each in rows if each.schedule}
    if any(each.scope == Scope.ON_CALL for each in rows):
        for row in Schedule.objects.filter(team__in=teams, is_active=True):
            found.setdefault(row.pk, row)
    return found


def _members_of(teams: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = Membership.objects.filter(team__in=teams).order_by("user__name", "pk")
    for team_id, user_id, role in rows.values_list("team_id", "user_id", "role"):
        found[team_id].append((user_id, role))
    return found


def _people_in(plan: Plan) -> set[int]:
    ids: set[object] = set()
    for override in plan.overrides:
        ids.add(override.add_user)
    for rotation in plan.rotations:
        for version in rotation.versions:
            for member in version.members:
                ids |= set(member) if isinstance(member, tuple) else {member}
    return {each for each in ids if isinstance(each, int)}


def _next_in(plan: Plan, role: str, at: datetime) -> list[tuple[str, object]]:
    """Who takes over next in a role, or in each: somebody else than now."""
    present = {(each.role, each.user) for each in users_at(plan, at)}
    found: dict[str, tuple[datetime, list[object]]] = {}
    for part in timeline(plan, at, at + SIGHT):
        if part.user is None or role not in {"", part.role} or part.start <= at:
            continue
        if (part.role, part.user) in present:
            continue
        start, users = found.setdefault(part.role, (part.start, []))
        if start == part.start:
            users.append(part.user)
    return [(name, user) for name, (_, users) in found.items() for user in users]
