"""The values by which people are reached: one spelling each, checked, and masked."""

import re
from collections.abc import Set as AbstractSet
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit, urlunsplit


class ContactKind(StrEnum):
    """What a contact value is."""

    EMAIL = "email"
    PHONE = "phone"
    SLACK = "slack"
    SLACK_APP = "slack_app"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    APPRISE = "apprise"
    URL = "url"


# What the address of each transport is.
KIND_OF_TRANSPORT = {
    "email": ContactKind.EMAIL,
    "slack": ContactKind.SLACK,
    "slack_app": ContactKind.SLACK_APP,
    "webhook": ContactKind.URL,
    "sms": ContactKind.PHONE,
    "pagerduty": ContactKind.PAGERDUTY,
    "teams": ContactKind.TEAMS,
    "apprise": ContactKind.APPRISE,
}


class ContactError(ValueError):
    """A contact value that cannot work: the field at fault and the remedy."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


_LOCAL_PART = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
)
_HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_PHONE_NOISE = re.compile(r"\(0\)|[\s().\u00a0\u2011/-]")
_ROUTING_KEY = re.compile(r"[0-9a-zA-Z]{32}")
_SLACK_APP = re.compile(r"(xoxb-[0-9A-Za-z-]{10,250})[\s,]+([CG][0-9A-Z]{2,30})")
_APPRISE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://(\S+)")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_EMAIL = 254
_LONGEST_LOCAL_PART = 64
_LONGEST_URL = 2_000


def normalise_contact(
    kind: ContactKind,
    value: str,
    *,
    allows_loopback_http: bool = False,
    apprise_schemes: AbstractSet[str] = frozenset(),
) -> str:
    """Return the one spelling of a contact value that is stored and compared.

    With `allows_loopback_http` a webhook of Slack or Teams may also be plain http on
    this very machine. An Apprise URL needs one of `apprise_schemes`.
    Raises ContactError when the value cannot work.
    """
    text = value.strip()
    if not text:
        raise ContactError(kind, "is empty. Fill it in.")
    if kind is ContactKind.EMAIL:
        return _normalise_email(text)
    if kind is ContactKind.PHONE:
        return _normalise_phone(text)
    if kind is ContactKind.PAGERDUTY:
        return _check_routing_key(text)
    if kind is ContactKind.SLACK_APP:
        return _check_slack_app(text)
    if kind is ContactKind.APPRISE:
        return _normalise_apprise(text, apprise_schemes)
    parts = _split_url(kind, text)
    if kind is not ContactKind.URL:
        loopback = allows_loopback_http and parts.hostname in _LOOPBACK
        _check_hook(kind, parts, loopback=loopback)
    return urlunsplit(parts)


def mask_contact(kind: ContactKind, value: str) -> str:
    """Return a normalised value with enough hidden to show it to others."""
    if kind is ContactKind.EMAIL:
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}•••@{domain}"
    if kind is ContactKind.PHONE:
        return f"{value[:3]}•••{value[-2:]}"
    if kind is ContactKind.PAGERDUTY:
        return f"key •••{value[-4:]}"
    if kind is ContactKind.SLACK_APP:
        return f"{value.rpartition(' ')[2]} with a bot"
    if kind is ContactKind.APPRISE:
        # Hosts of Apprise URLs are often tokens.
        return f"{value.partition('://')[0]}://•••"
    return f"{urlsplit(value).hostname}/•••"


def _normalise_email(text: str) -> str:
    local, at, domain = text.rpartition("@")
    if not at or not local or not domain:
        raise ContactError("email", "needs a name and a domain, like ops@example.org.")
    host = _ascii_host("email", domain)
    if len(local) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local):
        raise ContactError("email", "has a name that mail cannot carry. Check it.")
    if "." not in host:
        raise ContactError("email", "needs a full domain, like example.org.")
    if len(local) + 1 + len(host) > _LONGEST_EMAIL:
        raise ContactError("email", "is longer than 254 characters. Shorten it.")
    return f"{local}@{host}"


def _normalise_phone(text: str) -> str:
    number = _PHONE_NOISE.sub("", text)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if not number.startswith("+"):
        raise ContactError("phone", "needs its country code, like +48 12 345 67 89.")
    if not _PHONE.fullmatch(number):
        raise ContactError("phone", "must be + and 7 to 15 digits. Check the number.")
    return number


def _split_url(kind: ContactKind, text: str) -> SplitResult:
    if len(text) > _LONGEST_URL:
        raise ContactError(kind, "is longer than 2000 characters. Shorten it.")
    if any(char.isspace() or not char.isprintable() or char == "\\" for char in text):
        raise ContactError(kind, "has characters no address has. Copy it again.")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ContactError(kind, "is no web address. Copy it again.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise ContactError(kind, "must be a web address, like https://example.org/x.")
    if "@" in parts.netloc:
        raise ContactError(kind, "carries a user name. Take out what is before the @.")
    is_ipv6 = ":" in parts.hostname
    host = f"[{parts.hostname}]" if is_ipv6 else _ascii_host(kind, parts.hostname)
    netloc = host if port is None else f"{host}:{port}"
    return parts._replace(netloc=netloc, fragment="")


def _check_routing_key(text: str) -> str:
    if not _ROUTING_KEY.fullmatch(text):
        raise ContactError(
            "pagerduty",
            "must be the integration key of Events API v2: 32 letters and digits.",
        )
    return text


def _check_slack_app(text: str) -> str:
    match = _SLACK_APP.fullmatch(text)
    if not match:
        raise ContactError(
            "slack_app",
            "must be the bot's token, a space and the channel's id: xoxb-… C0123ABCD.",
        )
    return f"{match[1]} {match[2]}"


def _normalise_apprise(text: str, schemes: AbstractSet[str]) -> str:
    match = _APPRISE.fullmatch(text)
    if not match or not text.isprintable() or len(text) > _LONGEST_URL:
        raise ContactError("apprise", "must be an Apprise URL, like ntfys://host/x.")
    scheme = match[1].lower()
    if scheme not in schemes:
        allowed = ", ".join(sorted(schemes)) or "none yet"
        raise ContactError(
            "apprise",
            f"begins with {scheme}://, which the operator has not allowed. "
            f"Allowed: {allowed}.",
        )
    return f"{scheme}://{match[2]}"


def _check_hook(kind: ContactKind, parts: SplitResult, *, loopback: bool) -> None:
    if parts.scheme != "https" and not loopback:
        raise ContactError(kind, "must begin with https://. Copy the webhook again.")
    if not parts.path.strip("/"):
        raise ContactError(kind, "lacks its path. Copy the whole webhook address.")


def _ascii_host(field: str, host: str) -> str:
    try:
        name = host.lower().rstrip(".").encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ContactError(
            field, f"has no valid host in {host!r}. Check it."
        ) from error
    if not all(_HOST_LABEL.fullmatch(label) for label in name.split(".")):
        raise ContactError(field, f"has no valid host in {host!r}. Check it.")
    return name
