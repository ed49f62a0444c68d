"""The other sides: a web server and a mail server on loopback."""

from datetime import UTC, datetime

import pytest

from opsportal.kit.outbound import EgressPolicy, parse_allow_list
from tests.oncall.sinks import MailServer
from tests.targets import WebTarget

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
POLICY = EgressPolicy(allowed=parse_allow_list("127.0.0.1/32:*"))


@pytest.fixture
def site():
    target = WebTarget()
    yield target
    target.close()


class Postbox:
    """Keeps mails; `refusals` are answers to give instead, by command."""

    def __init__(self):
        self.mails, self.refusals = [], {}

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "RCPT" in self.refusals:
            return self.refusals["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- its names
        if "DATA" in self.refusals:
            return self.refusals["DATA"]
        self.mails.append((envelope.rcpt_tos, envelope.content))
        return "250 OK"


@pytest.fixture
def postbox():
    box = Postbox()
    controller = MailServer(box)
    controller.start()
    box.port = controller.port
    yield box
    controller.stop()
