"""Mail: one message is one signal, read from its subject.

Monitors say in the first word of a subject whether something begins or is over, and
repeat the rest. One rest of one sender is one alert.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from incidents.domain.payloads import generic, reading
from incidents.domain.payloads.mail_text import Letter, open_letter
from incidents.domain.payloads.signal import Action, ParseError, Signal

DAY: Final = timedelta(days=1)
# The first word of a subject; any other begins an alert.
STATES: Final[dict[str, Action]] = {
    **dict.fromkeys(("acknowledged", "acknowledgement", "ack"), "acknowledge"),
    **dict.fromkeys(("resolved", "recovery", "recovered", "ok", "up"), "resolve"),
    **dict.fromkeys(("cleared", "closed", "normal"), "resolve"),
}
# Words of severity that are believed without a mapping. Those that would make it
# milder are not: "low disk space" is no trifle.
GRAVE: Final = ("critical", "fatal", "emergency", "error", "warning")
# They change while one thing goes on: an alert is known without them.
_CHANGING: Final = {
    *STATES,
    *GRAVE,
    *("alarm", "alerting", "degraded", "down", "failed", "firing", "problem"),
    *("triggered", "unknown", "unreachable", "warn", "crit", "info", "severity"),
}
_REPLY: Final = re.compile(r"^(?:\s*(?:re|fwd?|aw|wg|sv|vs)\s*:)+\s*", re.IGNORECASE)
_COUNT: Final = re.compile(
    r"\[\s*(?:firing|resolved)\s*:\s*\d+[^\]]{0,40}\]", re.IGNORECASE
)
_LASTED: Final = re.compile(
    r"\bin (?:\d{1,9}\s?(?:ms|[smhdwy])\s?){1,8}:", re.IGNORECASE
)
_WORD: Final = re.compile(r"\w+")
_TAG: Final = re.compile(r"^\W*\[[^\]]{0,80}\]")
_APART: Final = re.compile(r"\s*(?:[:\])}|>*!\u2013\u2014]|-+\s|$)")
_MOST_TAGS: Final = 4
_ADDRESS: Final = re.compile(r"[^\s<>()\[\],;:\"]{1,64}@[^\s<>()\[\],;:\"@]{1,255}")
_KEY: Final = re.compile(r"(?<![a-z0-9])[a-z0-9]{32}(?![a-z0-9])")
# Who a mail was for, the surest first.
_RECIPIENTS: Final = (
    *("delivered-to", "x-original-to", "envelope-to", "x-envelope-to"),
    *("to", "cc"),
)
_OWN_ID: Final = re.compile(r"<[0-9a-f]{40}@[^@\s]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail: what it says, and the id by which its sender knows it."""

    signal: Signal
    message_id: str


def read_mail(
    body: bytes,
    mapping: Mapping[str, str],
    words: Collection[str],
    now: datetime,
) -> Mail:
    """Return what a mail says.

    ``mapping`` is our field -> a path such as "headers.x-state", "subject", "text",
    "from", "words.2" or "links.0"; ``words`` are the sender's words for severity.
    Raises ParseError for what is no mail, for automatic replies and for mails that a
    portal sent: those would go round in circles.
    """
    letter = open_letter(body)
    _refuse(letter)
    subject = _REPLY.sub("", letter.headers.get("subject", ""), count=1)
    sender = find_address(letter.headers.get("from", ""))
    severity = _fit_severity(words)
    places = {
        "subject": subject,
        "from": sender,
        "text": letter.text,
        "words": subject.split(),
        "links": list(letter.links),
        "headers": dict(letter.headers),
    }
    found: dict[str, Any] = dict.fromkeys(generic.NAMES) | {
        "summary": subject or letter.text.partition("\n")[0] or "A mail without words",
        "description": letter.text,
        "source": sender,
        "status": subject,
        "severity": said[0] if (said := severity.search(subject)) else "",
        "dedup_key": _find_key(sender, subject, letter, severity),
        "timestamp": _read_sent_at(letter.headers.get("date", ""), now),
    }
    mapped = {name: generic.follow(places, path) for name, path in mapping.items()}
    # What a mail does not have where the mapping points is found as in any other.
    found |= {name: value for name, value in mapped.items() if value}
    found["status"] = _read_state(reading.read_text(found["status"], 500))
    message_id = reading.read_text(letter.headers.get("message-id"), 255)
    return Mail(signal=generic.make_signal(found, now), message_id=message_id)


def find_address(text: str) -> str:
    """Return the first mail address in a text in lower case, "" for none."""
    found = _ADDRESS.search(text)
    return found[0].lower() if found else ""


def find_keys(texts: Iterable[str]) -> list[str]:
    """Return what may be keys of integrations in addresses, as in alerts+KEY@..."""
    found = (_KEY.findall(text.lower()[:10_000]) for text in texts)
    return list(dict.fromkeys(key for keys in found for key in keys))[:20]


def find_keys_of(body: bytes) -> list[str]:
    """Return what may be keys in the addresses that a mail was for."""
    headers = open_letter(body).headers
    return find_keys(headers.get(name, "") for name in _RECIPIENTS)


def _refuse(letter: Letter) -> None:
    headers = letter.headers
    if not headers.keys() & {"from", "subject", "message-id", "date"}:
        raise ParseError("body", "This is no mail: it has no headers.")
    how = headers.get("auto-submitted", "").lower()
    if how.startswith("auto-replied"):
        raise ParseError("auto-submitted", "An automatic reply is no alert.")
    is_own = how.startswith("auto-generated") and _OWN_ID.fullmatch(
        headers.get("message-id", "")
    )
    if is_own and headers.get("x-auto-response-suppress", "").lower() == "all":
        raise ParseError("message-id", "What a portal sends is no alert.")


def _read_state(text: str) -> Action:
    """Return what the first word says; tags such as [prod] may stand before it.

    Only one that stands apart counts: "OK: web", "[RESOLVED] web", "RECOVERY of web";
    "Up to 30 % of packets are lost" and "Recovery failed" begin an alert.
    """
    for _ in range(_MOST_TAGS):
        first = _WORD.search(text)
        action = STATES.get(first[0].casefold()) if first else None
        if first and action:
            return action if _stands_apart(first[0], text, first.end()) else "trigger"
        text, count = _TAG.subn("", text, count=1)
        if not count:
            break
    return "trigger"


def _stands_apart(word: str, text: str, end: int) -> bool:
    is_loud = word.isupper() and not text.isupper()
    return bool(is_loud or _APART.match(text, end) or _LASTED.match(text, end + 1))


def _fit_severity(words: Iterable[str]) -> re.Pattern[str]:
    known = "|".join(re.escape(word) for word in [*words, *GRAVE] if word)
    return re.compile(rf"(?<!\w)(?:{known})(?!\w)", re.IGNORECASE)


def _find_key(
    sender: str, subject: str, letter: Letter, severity: re.Pattern[str]
) -> str:
    """Return one key for all that one sender says of one thing."""
    plain = subject
    for changing in (_COUNT, _LASTED, severity):
        plain = changing.sub(" ", plain)
    kept = [word for word in _WORD.findall(plain.casefold()) if word not in _CHANGING]
    if kept:
        return _hash(sender, " ".join(kept))
    return _hash(sender, letter.headers.get("message-id") or letter.text)


def _read_sent_at(text: str, now: datetime) -> str:
    """Return when a mail was sent, "" for clocks that are more than a day off."""
    try:
        sent_at = parsedate_to_datetime(text[:100])
        if sent_at.tzinfo is None:
            sent_at = sent_at.replace(tzinfo=UTC)
        return sent_at.isoformat() if sent_at > now - DAY else ""
    except (ValueError, TypeError, LookupError, OverflowError):
        return ""


def _hash(*texts: str) -> str:
    joined = "\n".join(texts).encode("utf-8", "replace")
    return hashlib.sha256(joined).hexdigest()[:32]
