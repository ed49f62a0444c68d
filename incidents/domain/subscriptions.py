"""What people outside are mailed of a public page, in words."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from incidents.domain.updates import UpdateFacts, headline, write_update

PLANNED: Final = "planned"
BEGAN: Final = "began"
DONE: Final = "done"
WITHDRAWN: Final = "withdrawn"
_WORDS: Final = {
    PLANNED: ("Planned maintenance", "This work is planned."),
    BEGAN: ("Maintenance has begun", "The work has begun."),
    DONE: ("Maintenance is done", "The work is done."),
    WITHDRAWN: ("Maintenance is cancelled", "This work will not take place."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFacts:
    """Planned work as the public knows it; ``components`` are names."""

    title: str
    starts_at: datetime
    ends_at: datetime
    components: tuple[str, ...]


def find_work_word(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """Return what there is to say of announced work at ``now``."""
    if now < starts_at:
        return PLANNED
    return BEGAN if now < ends_at else DONE


def find_next_telling(
    starts_at: datetime, ends_at: datetime, now: datetime
) -> datetime | None:
    """Return when there is news of announced work again; None once it is over."""
    return next((at for at in (starts_at, ends_at) if at > now), None)


def write_work(word: str, work: WorkFacts) -> tuple[str, str]:
    """Return the subject and the text of a mail about planned work."""
    about, sentence = _WORDS[word]
    lines = (
        sentence,
        "",
        f"What: {work.title}",
        f"Affected: {', '.join(work.components)}",
        f"From: {_say_minute(work.starts_at)}",
        f"Until: {_say_minute(work.ends_at)}",
    )
    return f"{about}: {work.title}", "\n".join(lines)


def write_news(facts: UpdateFacts, *, is_correction: bool) -> tuple[str, str]:
    """Return the subject and the text of a mail about a public update."""
    subject = headline(facts)
    return f"Correction: {subject}" if is_correction else subject, write_update(facts)


def write_request(title: str, url: str, days: int) -> tuple[str, str]:
    """Return the subject and the text of the mail that asks to confirm."""
    text = (
        f"Somebody, probably you, asked for mails from “{title}” to this address.\n\n"
        f"Confirm it within {days} days:\n{url}\n\n"
        "If it was not you, do nothing: without it there are no more mails."
    )
    return f"Confirm your subscription to {title}", text


def say_wish(
    names: tuple[str, ...], *, hears_incidents: bool, hears_maintenance: bool
) -> str:
    """Return in a sentence's half what somebody hears of; no names are all."""
    words = [
        word
        for word, is_wanted in (
            ("incidents", hears_incidents),
            ("planned maintenance", hears_maintenance),
        )
        if is_wanted
    ]
    return f"{' and '.join(words)} of {', '.join(names) or 'all components'}"


def _say_minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
