"""Things on loopback to look at, and leave to look at them."""

import pytest

from tests.targets import Reply, WebTarget


@pytest.fixture
def loopback(settings):
    """Let checks reach this machine, as an operator does."""
    settings.EGRESS_ALLOW = "127.0.0.1/32:*"


@pytest.fixture
def site(loopback):
    """A healthy web server."""
    target = WebTarget()
    target.routes["/health"] = Reply(200, b'{"status": "ok", "lag": 42}')
    yield target
    target.close()
