"""What a policy would do with an alert at a moment: who is told, when, and how."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from oncall.domain.escalation_story import Event, Story, simulate
from oncall.domain.ladder import Act, Reason
from oncall.domain.ladder_words import say_window
from oncall.domain.notification_rules import Way
from oncall.models import EscalationPolicyVersion
from oncall.queries.policies import read_policy
from oncall.queries.targets import Recipient, TargetBook, read_window, ways_of
from opsportal.kit.errors import PortalError

WITHIN = timedelta(days=7)
FARTHEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class WayLine:
    """One message of a person; ``is_stopped`` when it is taken back before."""

    at: datetime
    label: str
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class ToldLine:
    """One person or channel that is told. ``kind``: person or channel."""

    kind: str
    name: str
    via: str
    ways: list[WayLine]


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happens. ``act``: tell, pass, last_resort, repeat, expire, end."""

    at: datetime
    after: timedelta
    act: str
    step: int | None
    title: str
    text: str
    told: list[ToldLine] = field(default_factory=list)
    opens_at: datetime | None = None


def check_moment(at: datetime, now: datetime) -> None:
    """Raise PortalError for a moment that no schedule says anything about."""
    if abs(at - now) > FARTHEST:
        raise PortalError("At most two years from now.", field="at")


def tell_story(
    version: EscalationPolicyVersion, story: Story, *, within: timedelta = WITHIN
) -> list[StoryLine]:
    """Return everything that happens, in order.

    Nothing is sent or written. The people are those of each moment: overrides,
    swaps and absences that are known now count.
    """
    steps = list(version.steps.all())
    book = TargetBook(steps, version.policy.team, since=story.opened_at)
    policy = read_policy(version)

    def find(at: datetime, place: int) -> list[datetime | None]:
        return book.reachable_from(place, at)

    events = simulate(policy, story, find, within=within)
    people = [_people_of(book, event) for event in events]
    ids = {each.user.pk for told in people for each in told if each.user}
    ways = ways_of(ids)
    lines = []
    for event, told in zip(events, people, strict=True):
        step = event.move.step
        row = steps[step] if step is not None else None
        title, text = _say(event)
        if event.move.reason is Reason.WINDOW and row is not None:
            window = read_window(row, version.policy.team)
            text = f"Outside of {say_window(window)}." if window else text
        lines.append(
            StoryLine(
                at=event.at,
                after=event.at - story.opened_at,
                act=event.move.act.value,
                step=step,
                title=row.name if row else title,
                text=text,
                told=[_told_line(each, event.at, story, ways) for each in told],
                opens_at=event.move.opens_at,
            )
        )
    return lines


_WORDS = {
    Act.LAST_RESORT: (
        "Last resort",
        "Nobody could be told, so the managers of the team are.",
    ),
    Act.REPEAT: ("The steps begin again", ""),
    Act.EXPIRE: (
        "The acknowledgement ends",
        "It is not resolved: the steps that it stopped begin again.",
    ),
    Act.END: ("Resolved", "Nobody else is told."),
    Act.HOLD: ("Held", "It is older than a day: a person decides."),
    Act.TELL: ("", ""),
}
_REASONS = {
    Reason.LEVEL: "Not meant for this level.",
    Reason.LABEL: "The alert does not carry its label.",
    Reason.ACKNOWLEDGED: "Somebody has acknowledged.",
    Reason.WINDOW: "Outside of its hours.",
    Reason.NOBODY: "Nobody is there.",
}


def say_reason(reason: str) -> str:
    """Return why a step was passed over, as a sentence; empty for none."""
    return _REASONS[Reason(reason)] if reason else ""


def _say(event: Event) -> tuple[str, str]:
    if event.move.reason is not None:
        return "", _REASONS[event.move.reason]
    return _WORDS[event.move.act]


def _people_of(book: TargetBook, event: Event) -> list[Recipient]:
    move = event.move
    if move.act is Act.LAST_RESORT:
        return book.last_resort()
    if move.act is not Act.TELL or move.step is None:
        return []
    return book.people_of(move.step, move.targets, event.at)


def _told_line(
    each: Recipient, at: datetime, story: Story, ways: dict[int, list[tuple[Way, str]]]
) -> ToldLine:
    if each.user is None:
        kind = each.channel.get_kind_display() if each.channel else ""
        return ToldLine("channel", each.name, "", [WayLine(at, kind, is_stopped=False)])
    return ToldLine(
        "person",
        each.name,
        each.via,
        [
            WayLine(at + way.delay, label, _is_stopped(at, way.delay, story))
            for way, label in ways[each.user.pk]
        ],
    )


def _is_stopped(at: datetime, delay: timedelta, story: Story) -> bool:
    """Whether an acknowledgement or resolution comes between telling and sending."""
    ends = (story.acknowledged_at, story.resolved_at)
    return any(end is not None and at < end <= at + delay for end in ends)
