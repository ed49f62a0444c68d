"""Random scripts of alerts and silences, and a server of Alertmanager's API v2."""

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from random import Random
from urllib.parse import quote, urlsplit

from incidents.services.inbox import apply_inbox

PATIENCE = 60.0
HOUR = timedelta(hours=1)
# One level a line, the worst first; no severity is one of the middle.
LEVELS = (("critical", "page"), ("warning", ""), ("info",))
LABELS = {
    "alertname": ("DiskFull", "Lag"),
    "host": ("db1", "db2", "db1\n", "DB1", "web-1", ""),
    "zone": ("", "eu", 'Ö"\\'),
    "threshold": ("", "90", "95"),
    "severity": tuple(word for level in LEVELS for word in level),
}
# What differs between the rungs of one ladder is not among the equal labels.
EQUAL = ["script", "alertname", "host", "zone"]
PATTERNS = (
    *("", "db1", "db2", "eu", "critical", "DiskFull", "90"),
    *("db.*", "db[12]|web", ".*", ".+", "^db1$", "(?i)db1", "(?s)db.*", "|db2", "b1"),
    *("[^w]*", "ö.*", r"\w+\d", "db(", "*"),
)


def make_config():
    """Return the settings of an Alertmanager that inhibits as ladders do."""
    rules = [
        {
            "source_matchers": [f'severity=~"{"|".join(level)}"'],
            "target_matchers": [f'severity=~"{"|".join(sum(LEVELS[place:], ()))}"'],
            "equal": EQUAL,
        }
        for place, level in enumerate(LEVELS[:-1], start=1)
    ]
    return {
        "route": {"receiver": "nobody", "group_wait": "1h"},
        "receivers": [{"name": "nobody"}],
        "inhibit_rules": rules,
    }


class Server:
    """Something that speaks Alertmanager's API v2. Silences go by our own numbers."""

    def __init__(self, url):
        where = urlsplit(url)
        self._path = f"{where.path}/api/v2"
        # One for all questions: the portal opens its database for each connection.
        self._line = HTTPConnection(where.hostname, where.port, timeout=30)
        self.ids = {}

    def ask(self, method, path, value=None):
        """Return the status and the JSON of an answer; {} where it has none."""
        body = None if value is None else json.dumps(value).encode()
        head = {"Content-Type": "application/json"}
        try:
            self._line.request(method, self._path + path, body, head)
        except OSError:
            self.close()
            raise
        with self._line.getresponse() as answer:
            said = answer.read()
            is_good = answer.status < 400
            return answer.status, json.loads(said) if said and is_good else {}

    def close(self):
        """Hang up: a server ends when nobody is on the line."""
        self._line.close()

    def silence(self, number, draft):
        """Make or change a silence; say how it went and whether it kept its id."""
        kept = self.ids.get(number)
        status, said = self.ask(
            "POST", "/silences", draft | ({"id": kept} if kept else {})
        )
        if status == 200:
            self.ids[number] = said["silenceID"]
        return status, kept is not None and self.ids[number] == kept

    def expire(self, number):
        return self.ask("DELETE", f"/silence/{self.ids.pop(number)}")[0]

    def show(self, script):
        """Return what mutes each open alert: numbers of silences, and inhibition."""
        matcher = quote(f'script="{script}"')
        status, found = self.ask("GET", f"/alerts?filter={matcher}")
        assert status == 200
        numbers = {name: number for number, name in self.ids.items()}
        return {
            frozenset((k, v) for k, v in alert["labels"].items() if v): (
                {numbers.get(name, name) for name in alert["status"]["silencedBy"]},
                bool(alert["status"]["inhibitedBy"]),
            )
            for alert in found
        }


@dataclass
class Duel:
    """One script, told step by step to two servers, which have to agree."""

    seed: int
    servers: tuple
    told: list = field(default_factory=list)
    firing: dict = field(default_factory=dict)
    silences: set = field(default_factory=set)
    muted: int = 0

    def run(self):
        """Play the script; return how many alerts were found mute on the way."""
        chance = Random(self.seed)  # noqa: S311 -- a script, not a secret
        steps = (self.fire, self.fire, self.silence, self.silence, *self._changes())
        for _ in range(chance.randint(3, 8)):
            chance.choice(steps)(chance)
            self.compare()
        self.clear()
        self.compare()
        return self.muted

    def _changes(self):
        return self.resolve, self.edit, self.expire

    def fire(self, chance):
        batch = {}
        for _ in range(chance.randint(1, 4)):
            labels = {name: chance.choice(texts) for name, texts in LABELS.items()}
            labels["script"] = str(self.seed)
            batch[json.dumps(labels)] = labels
        for key, labels in batch.items():
            self.firing.setdefault(key, {"labels": labels, "startsAt": say(now())})
        self.post([self.firing[key] for key in batch])

    def resolve(self, chance):
        if self.firing:
            over = self.firing.pop(chance.choice(sorted(self.firing)))
            self.post([over | {"endsAt": say(now())}])

    def post(self, alerts):
        self.both(
            "alerts",
            *(each.ask("POST", "/alerts", alerts)[0] for each in self.servers),
            alerts,
        )
        # No sweep runs here that would do it a moment later.
        apply_inbox(now=now())

    def silence(self, chance):
        number = max(self.silences, default=0) + 1
        start = now() + (HOUR if chance.random() < 0.1 else timedelta())
        draft = {
            "matchers": self._matchers(chance),
            "startsAt": say(start),
            "endsAt": say(start + HOUR),
            "comment": "A script",
            "createdBy": "script",
        }
        if self._put(number, draft):
            self.silences.add(number)

    def edit(self, chance):
        if not self.silences:
            return
        number = chance.choice(sorted(self.silences))
        status, kept = self.servers[0].ask(
            "GET", f"/silence/{self.servers[0].ids[number]}"
        )
        assert status == 200
        draft = {
            name: kept[name]
            for name in ("matchers", "startsAt", "endsAt", "comment", "createdBy")
        }
        if chance.random() < 0.5:
            draft["matchers"] = self._matchers(chance)
        else:
            draft["endsAt"] = say(now() + 3 * HOUR)
        if not self._put(number, draft):
            # What it refuses to change, Alertmanager 0.25 has ended by then; the
            # portal leaves it as it was.
            self.silences.remove(number)
            for each in self.servers:
                each.expire(number)

    def expire(self, chance):
        if self.silences:
            number = chance.choice(sorted(self.silences))
            self.silences.remove(number)
            self.both("expire", *(each.expire(number) for each in self.servers), number)

    def clear(self):
        """End all, so that the next script stands alone."""
        self.post([each | {"endsAt": say(now())} for each in self.firing.values()])
        self.firing.clear()
        for number in sorted(self.silences):
            self.both("expire", *(each.expire(number) for each in self.servers), number)
        self.silences.clear()

    def _put(self, number, draft):
        done = [each.silence(number, draft) for each in self.servers]
        self.both("silence", *done, draft)
        return done[0][0] == 200

    def _matchers(self, chance):
        mine = {"name": "script", "value": str(self.seed)}
        drawn = [
            {
                "name": chance.choice(tuple(LABELS)),
                "value": chance.choice(PATTERNS),
                "isRegex": chance.random() < 0.6,
                "isEqual": chance.random() < 0.7,
            }
            for _ in range(chance.randint(1, 2))
        ]
        return [mine | {"isRegex": False, "isEqual": True}, *drawn]

    def both(self, what, theirs, ours, said):
        """Note a step; both have to answer it alike."""
        self.told.append((what, said))
        assert theirs == ours, self.story()

    def compare(self):
        """Both name the same open alerts, muted by the same."""
        deadline = time.monotonic() + PATIENCE
        theirs, ours = (each.show(self.seed) for each in self.servers)
        # Alertmanager's inhibitor hears of alerts a moment after they are posted.
        while theirs != ours and time.monotonic() < deadline:
            time.sleep(0.02)
            theirs, ours = (each.show(self.seed) for each in self.servers)
        assert theirs == ours, self.story()
        self.muted += sum(
            bool(numbers) or inhibited for numbers, inhibited in ours.values()
        )

    def story(self):
        return "\n".join(f"{what}: {said}" for what, said in self.told)


def now():
    return datetime.now(UTC)


def say(at):
    return at.isoformat().replace("+00:00", "Z")
