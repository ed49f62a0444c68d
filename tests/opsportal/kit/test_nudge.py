"""A hint to a worker leaves when there is something to see, and never earlier."""

import threading

import pytest
from django.db import transaction

from opsportal.kit import nudge as nudges
from opsportal.kit.nudge import hint, nudge


@pytest.mark.django_db
def test_a_hint_waits_for_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as left, transaction.atomic():
        nudge("oncall.deliver_notifications")
    assert len(left) == 1


def test_many_who_ask_at_once_are_passed_on_together(monkeypatch):
    passed, arrived = [], threading.Event()

    def send(task):
        passed.append(task)
        arrived.set()

    monkeypatch.setattr(nudges, "_send", send)
    for _ in range(50):
        hint("test.many")
    assert arrived.wait(20)
    assert 1 <= passed.count("test.many") <= 2
