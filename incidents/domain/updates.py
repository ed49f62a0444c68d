"""What an update says to whom, and when the next one is owed.

The ten fields are those of the architect runbook's template: service, severity,
status, affected, customers, started, estimate, the latest words, where to follow
and where to ask.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

INTERNAL: Final = "internal"
STAKEHOLDER: Final = "stakeholder"
PUBLIC: Final = "public"
AUDIENCES: Final = (INTERNAL, STAKEHOLDER, PUBLIC)
STATUSES: Final = ("investigating", "identified", "monitoring", "resolved")
# In an escalation led by executives, stakeholders hear this often.
EXECUTIVE_PACE: Final = timedelta(minutes=5)
# Until when the runbooks want stakeholders and the public to know.
TELL_WITHIN: Final = (timedelta(minutes=15), timedelta(minutes=30))
LONGEST_PROMISE: Final = timedelta(hours=24)
_UNKNOWN = "not known yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateFacts:
    """One update as it was composed; moments are aware UTC.

    ``customers_percent`` is an estimate, None where nobody made one; ``eta_at`` is
    told outside of the response only when ``shows_eta``.
    """

    audience: str
    status: str
    title: str
    service: str
    severity: str
    affected: str
    customers_percent: Decimal | None
    started_at: datetime
    eta_at: datetime | None
    shows_eta: bool
    text: str
    follow_url: str
    questions: str
    at: datetime


def tells_eta(update: UpdateFacts) -> bool:
    """Say whether the readers see an estimate: inside always, outside if chosen."""
    return update.eta_at is not None and (
        update.audience == INTERNAL or update.shows_eta
    )


def write_update(update: UpdateFacts) -> str:
    """Return the text that is sent: a line a field, as the template has them.

    The public reads neither the severity, nor shares of customers, nor where the
    team talks.
    """
    lines = [*_facts(update), "", f"Latest update ({update.at:%H:%M} UTC):"]
    lines += [update.text, "", *_directions(update)]
    return "\n".join(lines).strip() + "\n"


def _facts(update: UpdateFacts) -> Iterator[str]:
    inside = update.audience != PUBLIC
    yield f"Service: {update.service}"
    if inside:
        yield f"Severity: {update.severity}"
    yield f"Status: {update.status.upper()}"
    yield f"Affected: {update.affected or _UNKNOWN}"
    if inside:
        yield f"Customers: {say_percent(update.customers_percent)}"
    yield f"Started: {say_iso(update.started_at)}"
    if update.eta_at is not None and tells_eta(update):
        yield f"ETA resolution: {say_iso(update.eta_at)}"
    elif update.audience == INTERNAL:
        yield f"ETA resolution: {_UNKNOWN}"


def _directions(update: UpdateFacts) -> Iterator[str]:
    if update.follow_url:
        yield f"Follow updates: {update.follow_url}"
    if update.questions and update.audience != PUBLIC:
        yield f"Questions: {update.questions}"


def headline(update: UpdateFacts) -> str:
    """Return the subject of the message."""
    return f"{update.status.capitalize()}: {update.title}"


def say_percent(percent: Decimal | None) -> str:
    """Return a share as people write it, without zeros that say nothing."""
    if percent is None:
        return _UNKNOWN
    return f"about {percent.normalize():f} %"


def say_iso(at: datetime) -> str:
    """Return the moment in UTC to the second, as 2026-01-14T10:30:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find_mistake(
    update: UpdateFacts, *, promised_after: timedelta | None
) -> tuple[str, str] | None:
    """Return the field and the sentence of the first mistake, or None."""
    mistakes = (
        (
            update.audience not in AUDIENCES,
            "audience",
            _say_none("audience", AUDIENCES),
        ),
        (update.status not in STATUSES, "status", _say_none("status", STATUSES)),
        (not update.title, "title", "Give it a title that its readers understand."),
        (not update.text, "text", "Say in a sentence or two what is known."),
        (
            update.eta_at is not None and update.eta_at <= update.at,
            "eta_at",
            "An estimate lies in the future; leave it empty if there is none.",
        ),
        (
            update.shows_eta and update.eta_at is None,
            "shows_eta",
            "There is no estimate to tell.",
        ),
        (
            update.customers_percent is not None
            and not 0 <= update.customers_percent <= 100,
            "customers_percent",
            "A share is between 0 and 100.",
        ),
        (
            promised_after is not None
            and not timedelta() < promised_after <= LONGEST_PROMISE,
            "next_update",
            "Promise the next update within a day.",
        ),
    )
    return next(((field, words) for bad, field, words in mistakes if bad), None)


def choose_pace(cadence: timedelta | None, *, is_executive: bool) -> timedelta | None:
    """Return after how long the next update is owed by default; None: no promise.

    ``cadence`` is what the severity asks for, None where the runbook names none.
    """
    if not is_executive:
        return cadence
    return min(cadence or EXECUTIVE_PACE, EXECUTIVE_PACE)


def promise(
    status: str, posted_at: datetime, after: timedelta | None
) -> datetime | None:
    """Return when the next update is owed; after the last one nothing is."""
    if after is None or status == "resolved":
        return None
    return posted_at + after


def say_silence(
    started_at: datetime, told_at: Iterable[datetime], now: datetime
) -> str | None:
    """Return a warning while nobody outside has heard, once they should have.

    The runbooks disagree: people respond within 5 minutes, while stakeholders and
    the status page have 15 to 30.
    """
    if any(True for _ in told_at):
        return None
    soonest, latest = TELL_WITHIN
    since = now - started_at
    minutes = int(since.total_seconds()) // 60
    if since < soonest:
        return None
    if since < latest:
        return (
            f"Nobody outside has heard of it yet, {minutes} minutes after it began: "
            "stakeholders and the status page are told between 15 and 30."
        )
    return (
        f"Nobody outside has heard of it, {minutes} minutes after it began: "
        "stakeholders and the status page should have been told within 30."
    )


def say_left_open(last_public: str | None, *, is_over: bool) -> str | None:
    """Return a warning while the public reads of what is over as if it went on."""
    if not is_over or last_public in {None, "resolved"}:
        return None
    return (
        f"The public still reads “{last_public}”: tell them that it is resolved, "
        "so that the status page shows it too."
    )


def _say_none(what: str, there_are: Iterable[str]) -> str:
    return f"There is no such {what}. There are: {', '.join(there_are)}."
