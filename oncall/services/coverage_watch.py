"""Warning before nobody is on call, or somebody whom nothing reaches."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse

from oncall.domain.coverage_watch import RUNGS, find_rung
from oncall.domain.schedule import Schedule as Plan
from oncall.models import Membership, Notification, Role, Schedule, User
from oncall.queries.coverage import People, gaps_of, know_people, unreachable_of
from oncall.queries.loading import load_schedules
from oncall.services.notifications import cancel, enqueue
from oncall.services.sweeps import sweep_each
from opsportal.kit.moments import say_moment, zone_name

TOPIC = "coverage:"
FIRST = max(RUNGS)
# What lasts for longer than this has no beginning any more, and is told of once more.
BACK = FIRST
# So little ahead, it cannot wait until somebody's quiet hours are over.
PRESSING = timedelta(hours=2)
State = Notification.State
Urgency = Notification.Urgency


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a schedule lacks soon; ``user_id`` is None for a gap."""

    topic: str
    rung: timedelta
    role: str
    starts_at: datetime
    ends_at: datetime
    user_id: int | None = None
    name: str = ""

    @property
    def key(self) -> str:
        """Name the finding and its rung: each pair is told of once."""
        return f"{self.topic}:{self.rung.days}"


def warn_coverage(*, now: datetime) -> int:
    """Warn of gaps and of people who cannot be reached, 14, 7, 2 and 1 days before.

    The managers are told, and the person who cannot be reached; each once a rung,
    and after a silence only of the nearest one. What no longer holds is taken out
    of the outbox. Returns how many messages were queued or cancelled.
    """
    rows = {row.pk: row for row in Schedule.objects.filter(is_active=True)}
    plans = load_schedules(rows, since=now - BACK)
    people = know_people(plans.values())
    found = {pk: list(_find(pk, plan, people, now)) for pk, plan in plans.items()}
    topics = {each.topic for findings in found.values() for each in findings}
    told = _told(topics)

    def act(pk: int) -> int:
        due = [each for each in found[pk] if each.key not in told]
        return _warn(rows[pk], due, now=now) if due else 0

    return _cancel_settled(topics, now) + sweep_each(found, act, what="coverage")


def _find(pk: int, plan: Plan, people: People, now: datetime) -> Iterator[Finding]:
    low, high = now - BACK, now + FIRST

    def name(who: str, role: str, starts_at: datetime) -> tuple[str, timedelta]:
        since = f"{starts_at.astimezone(UTC):%Y%m%dT%H%M}"
        topic = f"{TOPIC}{pk}:{who}:{role}:{since if starts_at > low else 'ever'}"
        return topic, find_rung(starts_at, now) or FIRST

    for gap in gaps_of(plan, low, high):
        if gap.ends_at > now:
            topic, rung = name("gap", gap.role, gap.starts_at)
            yield Finding(topic, rung, gap.role, gap.starts_at, gap.ends_at)
    seen: set[int] = set()
    for each in unreachable_of(plan, people, low, high):
        # Of each person one shift at a time: of the next one in its turn.
        if each.ends_at > now and each.user_id not in seen:
            seen.add(each.user_id)
            topic, rung = name(f"u{each.user_id}", each.role, each.starts_at)
            yield Finding(
                topic,
                rung,
                each.role,
                each.starts_at,
                each.ends_at,
                each.user_id,
                each.name,
            )


def _told(topics: Iterable[str]) -> set[str]:
    """Return the keys of what has been told already."""
    keys = Notification.objects.filter(topic__in=list(topics)).values_list(
        "dedupe_key", flat=True
    )
    # Behind a finding's key stand the person and their address.
    return {key.rsplit(":", 2)[0] for key in keys}


def _warn(schedule: Schedule, due: list[Finding], *, now: datetime) -> int:
    managers = _managers_of(schedule.team_id)
    queued = 0
    with transaction.atomic():
        for each in due:
            cancel(each.topic, reason="a later warning replaces it", now=now)
            for person in _audience(each, managers):
                queued += len(_tell(schedule, each, person, now))
    return queued


def _managers_of(team_id: int) -> list[User]:
    """Return who answers for a team: its managers, the admins where it has none."""
    members = Membership.objects.filter(
        team=team_id, role=Role.MANAGER, user__is_active=True
    )
    managers = [row.user for row in members.select_related("user")]
    return managers or list(User.objects.filter(is_superuser=True, is_active=True))


def _audience(finding: Finding, managers: list[User]) -> list[User]:
    if finding.user_id is None or any(each.pk == finding.user_id for each in managers):
        return managers
    return [*managers, *User.objects.filter(pk=finding.user_id, is_active=True)]


def _tell(
    schedule: Schedule, each: Finding, person: User, now: datetime
) -> list[Notification]:
    zone = ZoneInfo(person.time_zone)
    begin, end = (
        say_moment(at, zone, now=now) for at in (each.starts_at, each.ends_at)
    )
    when = f"from {begin}" if each.starts_at > now else "now"
    span = f"{begin} to {end} ({zone_name(zone)})"
    if each.user_id is None:
        subject = f"{schedule}: no {each.role} {when}"
        text = (
            f"Nobody is {each.role} of {schedule}, {span}. Alerts would reach nobody. "
            "Add an override, or change the rotation."
        )
    elif each.user_id == person.pk:
        subject = f"{schedule}: you are {each.role} {when}, and not reachable"
        text = (
            f"You are {each.role} of {schedule}, {span}, but no contact method of "
            "yours is verified. Add one to your profile and enter its code."
        )
    else:
        subject = f"{schedule}: {each.name} cannot be reached as {each.role} {when}"
        text = (
            f"{each.name} is {each.role} of {schedule}, {span}, without a verified "
            "contact method or an active account. Ask for one, or add an override."
        )
    is_pressing = each.starts_at - now <= PRESSING
    return enqueue(
        team_id=schedule.team_id,
        topic=each.topic,
        dedupe_key=f"{each.key}:{person.pk}",
        recipient=person,
        subject=subject,
        text=text,
        url=reverse("profile")
        if each.user_id == person.pk
        else reverse("schedule_detail", args=[schedule.slug]),
        urgency=Urgency.HIGH if is_pressing else Urgency.LOW,
        now=now,
    )


def _cancel_settled(topics: set[str], now: datetime) -> int:
    """Stop warnings that wait although what they warn of is settled."""
    waiting = Notification.objects.filter(
        topic__startswith=TOPIC, state__in=[State.PENDING, State.LEASED]
    )
    found = set(waiting.order_by().values_list("topic", flat=True).distinct())
    return sum(
        cancel(topic, reason="it is settled", now=now) for topic in found - topics
    )
