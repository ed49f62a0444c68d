"""Amazon SNS: its envelope, what of it is signed, and CloudWatch alarms inside."""

import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from incidents.domain.payloads import reading
from incidents.domain.payloads.signal import LONGEST_SUMMARY, Action, ParseError, Signal

_HOST: Final = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_NOTIFICATION: Final = (
    "Message",
    "MessageId",
    "Subject",
    "Timestamp",
    "TopicArn",
    "Type",
)
_CONFIRMATION: Final = (
    *("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
)
_SIGNED: Final = {
    "Notification": _NOTIFICATION,
    "SubscriptionConfirmation": _CONFIRMATION,
    "UnsubscribeConfirmation": _CONFIRMATION,
}
_STATES: Final[dict[str, Action]] = {"ALARM": "trigger", "OK": "resolve"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message of SNS; its signature is yet to be verified."""

    kind: str
    message_id: str
    topic: str
    subject: str
    message: str
    signature: str
    version: str
    certificate_url: str
    subscribe_url: str
    signed: bytes


def open_envelope(body: bytes) -> Envelope:
    """Read a message of SNS. Raises ParseError, naming the field.

    Addresses that are not on a host of SNS over HTTPS are refused here, before
    anybody could fetch them.
    """
    found = reading.load_object(body)
    kind = _need(found, "Type")
    if kind not in _SIGNED:
        raise ParseError("Type", "This is no message of SNS.")
    is_notification = kind == "Notification"
    signed = "".join(
        f"{name}\n{found[name]}\n"
        for name in _SIGNED[kind]
        if isinstance(found.get(name), str)
    )
    return Envelope(
        kind=kind,
        message_id=_need(found, "MessageId")[:200],
        topic=_need(found, "TopicArn"),
        subject=reading.read_text(found.get("Subject"), LONGEST_SUMMARY),
        message=_need(found, "Message"),
        signature=_need(found, "Signature"),
        version=_need(found, "SignatureVersion"),
        certificate_url=_need_address(found, "SigningCertURL"),
        subscribe_url="" if is_notification else _need_address(found, "SubscribeURL"),
        signed=signed.encode("utf-8", "replace"),
    )


def read_message(envelope: Envelope) -> list[Signal]:
    """Return the signals of a verified notification.

    A CloudWatch alarm without enough data says nothing; any other text of the
    topic is an alert of its own.
    """
    try:
        alarm = reading.as_object(reading.load_json(envelope.message.encode()))
    except ParseError:
        alarm = {}
    if "AlarmName" not in alarm:
        said = envelope.subject or envelope.message.strip() or "Message of SNS"
        return [
            Signal(
                action="trigger",
                dedup_key=reading.read_key(f"sns:{envelope.message_id}"),
                summary=said[:LONGEST_SUMMARY],
                description=envelope.message,
                labels={"topic": envelope.topic[:1024]},
            )
        ]
    state = alarm.get("NewStateValue")
    if not isinstance(state, str) or state not in _STATES:
        return []
    return [_read_alarm(alarm, _STATES[state], envelope.topic)]


def _read_alarm(alarm: dict[str, Any], action: Action, topic: str) -> Signal:
    name = reading.read_text(alarm["AlarmName"], 255)
    trigger = reading.as_object(alarm.get("Trigger"))
    dimensions = {
        reading.read_text(each.get("name")): each.get("value")
        for each in map(reading.as_object, reading.as_list(trigger.get("Dimensions")))
    }
    account = reading.read_text(alarm.get("AWSAccountId"))
    region = reading.read_text(alarm.get("Region"))
    arn = reading.read_text(alarm.get("AlarmArn"))
    said = reading.read_text(alarm.get("AlarmDescription")).strip()
    changed_at = reading.read_moment(alarm.get("StateChangeTime"))
    labels = {"alarm": name, "topic": topic.rpartition(":")[2], "region": region}
    return Signal(
        action=action,
        dedup_key=reading.read_key(arn or f"{account}:{region}:{name}"),
        summary=(said or name or "CloudWatch alarm")[:LONGEST_SUMMARY],
        severity=labels["topic"][:32],
        description=reading.read_text(alarm.get("NewStateReason")),
        metric=reading.read_text(trigger.get("MetricName"), 120),
        threshold=reading.read_text(trigger.get("Threshold"), 64),
        labels=reading.read_labels(dimensions | labels),
        starts_at=changed_at,
        episode_at=changed_at,
    )


def _need(found: dict[str, Any], name: str) -> str:
    value = reading.read_text(found.get(name), 300_000)
    if not value:
        raise ParseError(name, f"{name} is missing.")
    return value


def _need_address(found: dict[str, Any], name: str) -> str:
    url = _need(found, name)
    try:
        parts = urlsplit(url)
        is_theirs = (
            parts.scheme == "https"
            and _HOST.fullmatch(parts.netloc) is not None
            and "\\" not in url
        )
    except ValueError:
        is_theirs = False
    if not is_theirs:
        raise ParseError(name, f"{name} is not on a host of SNS.")
    return url
