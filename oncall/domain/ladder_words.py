"""A ladder in plain sentences, and what changed between two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from typing import NamedTuple

from oncall.domain.ladder import AckMode, Condition, Policy, Step, Strategy
from oncall.domain.step_window import StepWindow

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Difference:
    """One sentence that came ("+") or went ("-") between two versions."""

    sign: str
    text: str


class People(NamedTuple):
    """The targets of a step in words, and whether any of them are people."""

    words: tuple[str, ...]
    are_people: bool = True


def describe_policy(policy: Policy, people: Sequence[People]) -> list[str]:
    """Return one sentence a step, then one for repeats and one for expiry."""
    sentences = [
        describe_step(step, who) for step, who in zip(policy.steps, people, strict=True)
    ]
    if policy.repeats:
        times = "once" if policy.repeats == 1 else f"{policy.repeats} times"
        pause = say_delay(policy.repeat_after or timedelta(minutes=1))
        sentences.append(
            f"Then again from step {policy.repeat_from + 1} after {pause}, {times}."
        )
    if policy.ack_expires_after is not None:
        length = say_delay(policy.ack_expires_after)
        sentences.append(f"An acknowledgement ends {length} later if not resolved.")
    return sentences


def describe_step(step: Step, people: People) -> str:
    """Return a sentence: "After 15 min if not resolved: engineering lead."."""
    parts = [_say_moment(step), *_say_limits(step)]
    who = ", ".join(people.words) or "nobody"
    if people.are_people:
        who += ", by their page rules"
    if step.strategy is Strategy.ROUND_ROBIN:
        who += ", one of them in turn"
    if step.ack_mode is AckMode.EACH:
        who += "; everybody told must acknowledge"
    return f"{' '.join(parts)}: {who}."


def compare(before: Sequence[str], after: Sequence[str]) -> list[Difference]:
    """Return the sentences that went and came, in the order of the ladder."""
    found = []
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        if tag != "equal":
            found += [Difference("-", text) for text in before[a1:a2]]
            found += [Difference("+", text) for text in after[b1:b2]]
    return found


def say_delay(delay: timedelta) -> str:
    """Return a length in words: "90 s", "15 min", "1 h 30 min", "2 d"."""
    seconds = int(delay.total_seconds())
    if seconds % 60:
        return f"{seconds} s"
    minutes = seconds // 60
    units = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in units if count) or "0 min"


def say_window(window: StepWindow) -> str:
    """Return the days and hours: "Mon to Fri 09:00 to 17:00 Europe/Berlin"."""
    parts = []
    if window.days:
        parts.append(_say_days(sorted(window.days)))
    if window.starts is not None and window.ends is not None:
        parts.append(f"{window.starts:%H:%M} to {window.ends:%H:%M}")
    parts.append(
        "on the responder's clock" if window.zone is None else f"{window.zone}"
    )
    return " ".join(parts)


def _say_moment(step: Step) -> str:
    if step.delay is None:
        return "When somebody escalates"
    if not step.delay:
        return "At once"
    word = "not resolved"
    if step.condition is Condition.UNACKNOWLEDGED:
        word = "nobody acknowledged"
    return f"After {say_delay(step.delay)} if {word}"


def _say_limits(step: Step) -> list[str]:
    limits = []
    if step.max_level == step.min_level:
        limits.append(f"at level {step.min_level}")
    elif (step.max_level, step.min_level) != (1, 5):
        limits.append(f"at levels {step.max_level} to {step.min_level}")
    if step.requires:
        limits.append(f"when labelled {step.requires}")
    if step.window is not None:
        limits.append(f"({say_window(step.window)})")
    return limits


def _say_days(days: Sequence[int]) -> str:
    first, last = days[0], days[-1]
    if len(days) > 2 and list(days) == list(range(first, last + 1)):
        return f"{DAYS[first]} to {DAYS[last]}"
    return ", ".join(DAYS[day] for day in days)
