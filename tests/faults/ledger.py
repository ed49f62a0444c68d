"""A portal under load: who sends alerts to it, and who was told how often."""

import http.client
import itertools
import json
import re
import threading
import time
from collections import Counter
from datetime import timedelta

from django.utils import timezone

from incidents.models import Alert, Integration
from oncall.models import Notification, Role
from oncall.services.policies import assign_services, create_policy
from oncall.services.policy_forms import PolicyForm, StepForm, TargetForm
from opsportal.kit.tokens import hash_token
from tests.factories.incidents import IntegrationFactory
from tests.factories.oncall import (
    ContactMethodFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
)

SENDERS = 8
# Fewer than what makes a storm of them.
A_SERVICE = 40
SERVICES_A_TEAM = 4
# What no sender should send; none of it may be answered by 5xx.
POISON = (
    b"{" * 500,
    b'{"routing_key": "\x00", "event_action": "trigger"}',
    b'{"routing_key": "\xed\xa0\x80", "payload": {"summary": "\\ud800"}}',
    b'{"routing_key": 1' + b"0" * 400 + b"}",
    b"\xff\xfe\x00",
)


def make_services(world, alerts):
    """Make services for so many alerts, each with one engineer; return their keys."""
    keys = []
    now = timezone.now()
    while len(keys) * A_SERVICE < alerts:
        team = TeamFactory()
        engineer = UserFactory(team=team, team__role=Role.MANAGER)
        ContactMethodFactory(user=engineer, kind="slack", address=world.slack.url)
        form = PolicyForm(
            steps=(
                StepForm(
                    name="Page",
                    delay=timedelta(),
                    targets=(TargetForm(kind="user", pk=engineer.pk),),
                ),
            )
        )
        policy = create_policy(
            team, name="P", slug=f"p{len(keys)}", form=form, by=engineer, now=now
        )
        services = ServiceFactory.create_batch(SERVICES_A_TEAM, team=team)
        pks = [service.pk for service in services]
        assign_services(policy, pks, by=engineer, now=now)
        for service in services:
            keys.append(f"{len(keys):032}")
            IntegrationFactory(
                service=service,
                kind=Integration.Kind.PAGERDUTY,
                name="PD",
                key_hash=hash_token(keys[-1]),
            )
    return keys


class Senders:
    """Clients that send numbered alerts until each was accepted, as real ones do.

    ``accepted`` are the dedup keys that were answered by 202; every tenth event is
    sent five times. ``strange`` are answers that no client should see.
    """

    def __init__(self, port, keys, count, *, pause=0.0):
        self.accepted, self.strange = set(), []
        self._port, self._keys, self._pause = port, keys, pause
        self._numbers = iter(range(count))
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def are_done(self):
        return not any(thread.is_alive() for thread in self._threads)

    def join(self):
        for thread in self._threads:
            thread.join()

    def _send(self):
        for number in iter(self._next, None):
            key = f"alert-{number}"
            event = {
                "routing_key": self._keys[number // A_SERVICE],
                "event_action": "trigger",
                "dedup_key": key,
                "payload": {"summary": key, "source": "s", "severity": "critical"},
            }
            for _ in range(5 if number % 10 == 0 else 1):
                self._post_until_taken(json.dumps(event).encode())
            self.accepted.add(key)
            if number % 20 == 0:
                self._post_poison(number // 20)
            time.sleep(self._pause)

    def _next(self):
        with self._lock:
            return next(self._numbers, None)

    def _post_until_taken(self, body):
        for attempt in itertools.count():
            status = self._post(body)
            if status == 202:
                return
            if status not in {None, 503}:
                self.strange.append((status, body[:80]))
                return
            time.sleep(min(0.1 * 2**attempt, 2))

    def _post_poison(self, number):
        status = self._post(POISON[number % len(POISON)])
        if status is not None and not 400 <= status < 500 and status != 503:
            self.strange.append((status, "poison"))

    def _post(self, body):
        """Return the status, None where the connection broke."""
        client = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
        try:
            client.request(
                "POST", "/v2/enqueue", body, {"Content-Type": "application/json"}
            )
            return client.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            client.close()


def count_told(world):
    """Return how often each alert arrived, by its dedup key."""
    posts = [re.search(r"/alerts/(\d+)/", str(post)) for post in [*world.slack.posts]]
    counts = Counter(int(found[1]) for found in posts if found)
    names = dict(Alert.objects.values_list("pk", "series__dedup_key"))
    return Counter({names[pk]: count for pk, count in counts.items()})


def count_leased():
    """Return how many messages are claimed and not settled."""
    return Notification.objects.filter(state=Notification.State.LEASED).count()
