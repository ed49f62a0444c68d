"""slack_app: a bot in one channel, whose messages have buttons and can be changed."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from oncall.domain.message_act import Act
from oncall.transports.answers import Clock, Policy, deliver, utc_now
from oncall.transports.protocol import Message, Receipt, TransportError
from oncall.transports.slack import LASTING, build_blocks, build_payload
from opsportal.kit.outbound import policy_from_settings

# What a bot hears besides: asking again cannot help.
_LASTING = LASTING | {
    "account_inactive", "cant_update_message", "edit_window_closed", "invalid_auth",
    "is_archived", "message_not_found", "missing_scope", "msg_too_long",
    "not_authed", "not_in_channel", "restricted_action", "token_expired",
    "token_revoked", "user_not_visible",
}  # fmt: skip
# Somebody deleted it: there is nothing to change, and nobody misses it.
_GONE = {"Slack answered message_not_found.", "Slack answered edit_window_closed."}
# The first does most: it stands out.
_STYLES = {"acknowledge": {"style": "primary"}}


def url_from_settings() -> str:
    """Where Slack's Web API is."""
    url: str = settings.SLACK_API_URL
    return url


def can_hear() -> bool:
    """Say whether clicks on buttons can be told from forgeries."""
    return bool(settings.SLACK_SIGNING_SECRETS)


@dataclass(frozen=True, slots=True)
class SlackAppTransport:
    """The address is the bot's token, a space and the id of the channel."""

    url: Callable[[], str] = url_from_settings
    has_buttons: Callable[[], bool] = can_hear
    policy: Policy = policy_from_settings
    clock: Clock = utc_now

    def send(self, message: Message, address: str, *, key: str) -> Receipt:
        """Post, or change the message that ``message.replaces`` names.

        The receipt is "channel:ts", which names the message. ``key`` travels as
        metadata. Raises TransportError.
        """
        token, _, channel = address.partition(" ")
        acts = message.acts if self.has_buttons() else ()
        body = {
            **build_payload(message),
            "blocks": build_app_blocks(message, acts),
            "channel": channel,
            "metadata": {"event_type": "opsportal", "event_payload": {"key": key}},
        }
        method = "chat.postMessage"
        if message.replaces:
            method = "chat.update"
            body["channel"], _, body["ts"] = message.replaces.partition(":")
        try:
            told = self._ask(method, token, json_body=body)
        except TransportError as error:
            if message.replaces and error.message in _GONE:
                return Receipt(message.replaces, "That message is there no more.")
            raise
        return Receipt(f"{told.get('channel')}:{told.get('ts')}", "Slack took it.")

    def find_email(self, address: str, slack_user: str) -> str:
        """Return the mail address of a member of the workspace; "" for others.

        Deleted people, bots, guests from elsewhere and unconfirmed addresses count
        as others. Raises TransportError.
        """
        token = address.partition(" ")[0]
        told = self._ask("users.info", token, form={"user": slack_user})
        user = told.get("user")
        if not isinstance(user, Mapping) or any(
            user.get(name) for name in ("deleted", "is_bot", "is_stranger")
        ):
            return ""
        if user.get("is_email_confirmed") is False:
            return ""
        return str((user.get("profile") or {}).get("email") or "")

    def whisper(self, url: str, text: str) -> None:
        """Answer a click so that only who clicked sees it. Raises TransportError."""
        body = {"response_type": "ephemeral", "replace_original": False, "text": text}
        deliver(url, policy=self.policy(), now=self.clock(), json=body)

    def _ask(
        self,
        method: str,
        token: str,
        *,
        json_body: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        body = None
        if form is not None:
            body = urlencode(form).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = deliver(
            f"{self.url()}/{method}",
            policy=self.policy(),
            now=self.clock(),
            json=json_body,
            body=body,
            headers=headers,
        )
        return _read(answer.text)


def build_app_blocks(message: Message, acts: Sequence[Act]) -> list[Mapping[str, Any]]:
    """The blocks of a webhook's message, with a button for each act."""
    blocks = list(message.blocks or build_blocks(message))
    buttons = [
        {
            "type": "button",
            "action_id": act.name,
            "text": {"type": "plain_text", "text": act.label},
            "value": act.about,
            **_STYLES.get(act.name, {}),
        }
        for act in acts
    ]
    if buttons:
        blocks.append({"type": "actions", "block_id": "acts", "elements": buttons})
    return blocks


def _read(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise TransportError(
            "slack_refused", "Slack answered something else.", permanent=False
        )
    if document.get("ok") is True:
        return document
    word = str(document.get("error", ""))
    plain = word if word.replace("_", "").isalpha() else "something else"
    raise TransportError(
        "slack_refused",
        f"Slack answered {plain[:60]}.",
        permanent=word in _LASTING,
    )
