"""Words back to the person who acted."""

import pytest
from django.contrib.messages import WARNING, get_messages
from django.contrib.messages.storage.cookie import CookieStorage

from opsportal.kit.toasts import read_undo, say


@pytest.fixture
def request_with_toasts(rf):
    request = rf.get("/")
    request._messages = CookieStorage(request)
    return request


def test_a_toast_carries_the_way_back(request_with_toasts):
    say(request_with_toasts, "Ticked.", undo_url="/runs/1/untick/")
    (message,) = get_messages(request_with_toasts)
    assert str(message) == "Ticked."
    assert read_undo(message.extra_tags) == "/runs/1/untick/"


def test_a_toast_may_have_no_way_back(request_with_toasts):
    say(request_with_toasts, "Held.", level=WARNING)
    (message,) = get_messages(request_with_toasts)
    assert message.level == WARNING
    assert read_undo(message.extra_tags) == ""


def test_other_peoples_messages_have_no_undo():
    assert read_undo(None) == ""
    assert read_undo("safe loud") == ""
