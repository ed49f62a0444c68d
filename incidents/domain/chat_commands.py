"""Declaring by words in a chat: "DECLARE P1 - API DOWN", "EMERGENCY - PRODUCTION DOWN"."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

LONGEST_TITLE: Final = 250
GRAMMAR: Final = (
    "Say “DECLARE P1 - what is broken”, or “EMERGENCY - what is broken” to page "
    "everybody on call; a service goes before the dash, such as “DECLARE P1 api - "
    "what is broken”."
)
# "@incident-commander" as people write it, "<@U0123>" as Slack sends it.
_MENTION: Final = re.compile(r"^\s*(?:<@[\w|.-]{1,80}>|@[\w.-]{1,80})[\s:,]*")
_SHAPE: Final = re.compile(
    r"^\s*(?P<verb>DECLARE|EMERGENCY)\b(?P<words>[^\n]*?)"
    r"(?:\s[-–—]+\s|\s*:\s)\s*(?P<title>\S.*)$",  # noqa: RUF001 -- the dashes that phones make
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class ChatCommand:
    """What somebody wants declared.

    ``words`` are what stands before the dash: a severity and a service, each perhaps
    missing. An emergency has the worst severity and pages everybody.
    """

    title: str
    words: tuple[str, ...]
    is_emergency: bool


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service that may be meant, with its own words for severity, worst first."""

    slug: str
    name: str
    severities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meant:
    """Which service and severity a command means."""

    slug: str
    severity: str


def read_command(text: str) -> ChatCommand | None:
    """Read what was said, with or without a mention; None for anything else."""
    found = _SHAPE.match(_MENTION.sub("", text.strip(), count=1))
    if found is None:
        return None
    command = ChatCommand(
        title=" ".join(found["title"].split())[:LONGEST_TITLE],
        words=tuple(found["words"].split()),
        is_emergency=found["verb"].upper() == "EMERGENCY",
    )
    needs = 0 if command.is_emergency else 1
    return command if needs <= len(command.words) <= needs + 1 else None


def resolve_command(
    command: ChatCommand, services: Collection[KnownService]
) -> Meant | str:
    """Return what is meant among these services, or the sentence that asks for more.

    A service that is not named is the only one, or the only one with that word for
    severity, or the only one whose name is in the title.
    """
    label, named = (*([""] if command.is_emergency else []), *command.words, "")[:2]
    able = [each for each in services if not label or _own_word(each, label)]
    if named:
        able = [each for each in able if _is_named(each, named)]
    if len(able) > 1:
        said = command.title.casefold()
        able = [
            each
            for each in able
            if each.slug.casefold() in said or each.name.casefold() in said
        ] or able
    if len(able) == 1:
        return Meant(able[0].slug, _own_word(able[0], label) or able[0].severities[0])
    if able:
        return (
            f"Say which service, before the dash: {_join(each.slug for each in able)}."
        )
    return _say_nothing_fits(services, label, named)


def _own_word(service: KnownService, label: str) -> str:
    """Return the service's spelling of a severity, "" when it has none such."""
    same = (each for each in service.severities if each.casefold() == label.casefold())
    return next(same, "")


def _is_named(service: KnownService, word: str) -> bool:
    return word.strip("()[]#").casefold() in {
        service.slug.casefold(),
        service.name.casefold(),
    }


def _say_nothing_fits(
    services: Collection[KnownService], label: str, named: str
) -> str:
    if not services:
        return "There is no service for which you may declare an incident here."
    if named and not any(_is_named(each, named) for each in services):
        slugs = _join(each.slug for each in services)
        return f"There is no service “{named}” here. There are: {slugs}."
    known = dict.fromkeys(word for each in services for word in each.severities)
    return f"No service here has a severity “{label}”. There are: {_join(known)}."


def _join(words: Iterable[str]) -> str:
    return ", ".join(words)
