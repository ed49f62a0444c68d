import json
import sys

import pytest

from oncall.transports import Message, TransportError
from oncall.transports.apprise import AppriseTransport, describe_policy
from oncall.transports.apprise_child import Warden, load_policy
from opsportal.kit.outbound import EgressPolicy, parse_allow_list
from tests.oncall.transports.conftest import POLICY
from tests.targets import Reply

PAGE = Message("Queue is full", "value 900", url="https://x.example/12")


@pytest.fixture
def apprise():
    return AppriseTransport(lambda: {"json"}, policy=lambda: POLICY)


def refusal(apprise, address):
    with pytest.raises(TransportError) as caught:
        apprise.send(PAGE, address, key="k")
    return caught.value.code, caught.value.permanent


def test_apprise_sends_from_a_process_of_its_own(site, apprise):
    site.routes["/hook"] = Reply(200)
    address = f"json://127.0.0.1:{site.port}/hook"
    assert apprise.send(PAGE, address, key="k").detail == "Apprise sent it."
    sent = json.loads(site.seen[0].body)
    assert sent["title"] == "Queue is full"
    assert sent["message"] == "value 900\n\nhttps://x.example/12"
    assert "apprise" not in sys.modules


def test_its_sockets_obey_the_egress_policy(site):
    strict = AppriseTransport(lambda: {"json"}, policy=EgressPolicy)
    address = f"json://127.0.0.1:{site.port}/hook"
    assert refusal(strict, address) == ("egress_denied", True)
    assert site.seen == []


def test_a_redirect_cannot_lead_it_elsewhere(site, apprise):
    site.routes["/hook"] = Reply(307, headers={"Location": "http://127.0.0.2:1/x"})
    address = f"json://127.0.0.1:{site.port}/hook"
    assert refusal(apprise, address) == ("egress_denied", True)


def test_a_refusal_is_worth_repeating(site, apprise):
    site.routes["/hook"] = Reply(500)
    address = f"json://127.0.0.1:{site.port}/hook"
    assert refusal(apprise, address) == ("apprise_refused", False)


def test_one_that_hangs_is_ended(site):
    site.routes["/hook"] = Reply(200, wait=60)
    hasty = AppriseTransport(lambda: {"json"}, policy=lambda: POLICY, seconds=1.5)
    address = f"json://127.0.0.1:{site.port}/hook"
    assert refusal(hasty, address) == ("timeout", False)


def test_a_url_that_apprise_does_not_know(apprise):
    assert refusal(apprise, "json://") == ("bad_address", True)


def test_a_scheme_that_is_no_longer_allowed(apprise, settings):
    assert refusal(apprise, "windows://x") == ("scheme_not_allowed", True)
    settings.APPRISE_SCHEMES = [" NTFYS "]
    assert refusal(AppriseTransport(), "json://x") == ("scheme_not_allowed", True)


def test_a_process_that_breaks_down_is_worth_repeating(apprise, monkeypatch, tmp_path):
    broken = tmp_path / "child.py"
    broken.write_text("print('not json')")
    monkeypatch.setattr("oncall.transports.apprise.CHILD", broken)
    assert refusal(apprise, "json://x") == ("apprise_failed", False)
    broken.write_text("raise SystemExit(3)")
    assert refusal(apprise, "json://x") == ("apprise_failed", False)


def test_the_policy_travels_whole():
    policy = EgressPolicy(
        allowed=parse_allow_list("10.0.0.0/8:443,9000-9100"),
        forbidden_endpoints=frozenset({(POLICY.allowed[0].network[0], 5432)}),
        own_addresses=frozenset({POLICY.allowed[0].network[0]}),
        public_ports=(range(443, 444),),
    )
    there = load_policy(json.loads(json.dumps(describe_policy(policy))))
    for address, port in [
        ("10.1.2.3", 443), ("10.1.2.3", 80), ("127.0.0.1", 5432), ("1.1.1.1", 443),
        ("1.1.1.1", 80), ("169.254.169.254", 80),
    ]:  # fmt: skip
        told, wanted = (each.judge_address(address, port) for each in (there, policy))
        assert getattr(told, "code", None) == getattr(wanted, "code", None)


@pytest.mark.parametrize(
    ("event", "args"),
    [
        ("subprocess.Popen", ("sh",)),
        ("os.system", (b"true",)),
        ("socket.connect", (None, "/run/docker.sock")),
        ("socket.connect", (None, ("example.org", 80))),
        ("socket.sendto", (None, ("169.254.169.254", 80))),
    ],
)
def test_the_warden_stops_what_may_not_happen(event, args):
    warden = Warden(POLICY)
    with pytest.raises(PermissionError):
        warden(event, args)
    assert warden.denied


def test_the_warden_lets_the_rest_pass():
    warden = Warden(POLICY)
    warden("open", ("x", "r", 0))
    warden("socket.connect", (None, ("127.0.0.1", 80)))
    assert not warden.denied


def test_a_message_without_text_says_its_subject(site, apprise):
    site.routes["/hook"] = Reply(200)
    address = f"json://127.0.0.1:{site.port}/hook"
    apprise.send(Message("Only this", ""), address, key="k")
    assert json.loads(site.seen[0].body)["message"] == "Only this"
