"""Slack's Web API as far as the portal uses it, on loopback: it keeps what it got."""

import hashlib
import hmac
import itertools
import json
from urllib.parse import parse_qs, urlencode

from tests.targets import Reply, WebTarget

SECRET = "signing-secret-of-a-test"
ADDRESS = "xoxb-1111-secret C0123ABCD"


class Slack:
    """`messages` are what the channel shows, by ts; `whispers` what one person saw."""

    def __init__(self):
        self.target, self.messages, self.whispers = WebTarget(), {}, []
        self.emails, self.tokens = {}, set()
        self._ts = itertools.count(1)
        self.target.routes = {
            "/api/chat.postMessage": self._post,
            "/api/chat.update": self._update,
            "/api/users.info": self._tell_user,
            "/whisper": self._whisper,
        }
        self.url = f"{self.target.url}/api"

    def _post(self, seen):
        return self._put(seen, f"1700000000.{next(self._ts):06}")

    def _update(self, seen):
        ts = json.loads(seen.body)["ts"]
        if ts not in self.messages:
            return _answer(ok=False, error="message_not_found")
        return self._put(seen, ts)

    def _put(self, seen, ts):
        body = json.loads(seen.body)
        self.tokens.add(seen.headers["authorization"])
        self.messages[ts] = body
        return _answer(ok=True, channel=body["channel"], ts=ts)

    def _tell_user(self, seen):
        name = parse_qs(seen.body.decode())["user"][0]
        if name not in self.emails:
            return _answer(ok=False, error="user_not_found")
        return _answer(ok=True, user={"profile": {"email": self.emails[name]}})

    def _whisper(self, seen):
        self.whispers.append(json.loads(seen.body))
        return Reply(200, b"ok")

    def buttons(self, ts):
        """Return the acts that a message offers."""
        blocks = self.messages[ts]["blocks"]
        acts = [b for b in blocks if b.get("block_id") == "acts"]
        return [each["action_id"] for b in acts for each in b["elements"]]

    def click(self, ts, act, person, **changes):
        """Return the payload of a press of a button of a message."""
        (block,) = [
            b for b in self.messages[ts]["blocks"] if b.get("block_id") == "acts"
        ]
        return {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": person},
            "channel": {"id": self.messages[ts]["channel"]},
            "message": {"ts": ts},
            "response_url": f"{self.target.url}/whisper",
            "actions": [{"action_id": act, "value": block["elements"][0]["value"]}],
            **changes,
        }

    def close(self):
        self.target.close()


def sign(payload, at, secret=SECRET):
    """Return the body and headers with which Slack posts a payload."""
    body = urlencode({"payload": json.dumps(payload)}).encode()
    base = f"v0:{int(at.timestamp())}:".encode() + body
    made = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return body, {
        "X-Slack-Request-Timestamp": str(int(at.timestamp())),
        "X-Slack-Signature": f"v0={made}",
    }


def _answer(**told):
    return Reply(200, json.dumps(told).encode())
