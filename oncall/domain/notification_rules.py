"""Whom a message reaches how, and after how long: a person's own rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

HIGH, LOW = "high", "low"
LONGEST_DELAY = timedelta(hours=24)
# Where a reminder goes when nobody said where.
_CALM_KINDS = frozenset({"email", "slack"})


@dataclass(frozen=True, slots=True)
class Method:
    """A verified contact method, in the person's order."""

    pk: int
    kind: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """Tell by the method `method_pk` so long after the message."""

    method_pk: int
    delay: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Way:
    """One row to be: by a method, or without one by the account's own address."""

    method_pk: int | None
    delay: timedelta = timedelta()

    def suffix(self, user_pk: int) -> str:
        """Return the end of the row's key: stable, and different for each way."""
        place = f"u{user_pk}" if self.method_pk is None else f"m{self.method_pk}"
        seconds = int(self.delay.total_seconds())
        return f"{place}:{seconds}" if seconds else place


def choose_ways(
    urgency: str, methods: Sequence[Method], rules: Sequence[Rule]
) -> list[Way]:
    """Return by which ways a person is told, the earliest first.

    `methods` are the verified ones, `rules` those of this urgency. Rules about other
    methods count for nothing. Without any that counts, a page takes all methods at
    once and a reminder the first mail or Slack; without methods there is the
    account's own address.
    """
    known = {method.pk for method in methods}
    wanted = {(rule.delay, rule.method_pk) for rule in rules if rule.method_pk in known}
    if wanted:
        order = {method.pk: place for place, method in enumerate(methods)}
        return [
            Way(pk, delay)
            for delay, pk in sorted(wanted, key=lambda each: (each[0], order[each[1]]))
        ]
    if not methods:
        return [Way(None)]
    if urgency == HIGH:
        return [Way(method.pk) for method in methods]
    calm = [method for method in methods if method.kind in _CALM_KINDS]
    return [Way((calm or list(methods))[0].pk)]


def say_ways(urgency: str, methods: Sequence[Method], ways: Sequence[Way]) -> str:
    """Return one sentence: "A page: Slack at once, SMS after 5 min."."""
    labels = {method.pk: method.label for method in methods}
    parts = [
        f"{_label_of(way, labels)} {_say_delay(way.delay)}".strip() for way in ways
    ]
    head = "A page" if urgency == HIGH else "A reminder"
    return f"{head}: {', '.join(parts)}."


def message_key(dedupe_key: str) -> str:
    """Return what the rows of one message to one person have in common."""
    parts = dedupe_key.split(":")
    if len(parts) > 1 and parts[-1].isdigit():
        parts.pop()
    return ":".join(parts[:-1])


def _label_of(way: Way, labels: dict[int, str]) -> str:
    if way.method_pk is None:
        return "the account's email"
    return labels[way.method_pk]


def _say_delay(delay: timedelta) -> str:
    minutes, seconds = divmod(int(delay.total_seconds()), 60)
    if not minutes and not seconds:
        return "at once"
    if not minutes:
        return f"after {seconds} s"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"after {minutes} min"
    return f"after {hours} h {rest} min" if rest else f"after {hours} h"
