from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opsportal.kit.outbound.policy import (
    ANY_PORT,
    EgressPolicy,
    carried_addresses,
    parse_allow_list,
    parse_ports,
)

CLOSED = EgressPolicy()
WIDE_OPEN = EgressPolicy(allowed=parse_allow_list("0.0.0.0/0:*;::/0:*"))
OWN = EgressPolicy(
    allowed=parse_allow_list("127.0.0.0/8:*;10.0.0.0/8:*;::1/128:*"),
    forbidden_endpoints=frozenset(
        {(ip_address("127.0.0.1"), 5432), (ip_address("10.9.9.9"), 6379)}
    ),
    own_addresses=frozenset({ip_address("10.0.0.5")}),
)

JUDGED = {
    "93.184.216.34": None,
    "1.1.1.1": None,
    "::ffff:1.1.1.1": None,
    "2606:4700::1111": None,
    "2001:4860:4860::8888": None,
    "10.0.0.1": "not_allowed",
    "100.64.0.1": "not_allowed",
    "127.0.0.1": "not_allowed",
    "::1": "not_allowed",
    "::ffff:127.0.0.1": "not_allowed",
    "192.0.0.9": "not_allowed",
    "192.88.99.1": "not_allowed",
    "64:ff9b::101:101": "not_allowed",
    "64:ff9b:1::1": "not_allowed",
    "2002:101:101::": "not_allowed",
    "2001::1": "unusable",  # Teredo: its server would be 0.0.0.0
    "2001:20::1": "not_allowed",
    "3fff::1": "not_allowed",
    "fec0::1": "not_allowed",
    "fc00::1": "not_allowed",
    "::7f00:1": "not_allowed",
    "240.0.0.1": "not_allowed",
    "169.254.169.254": "metadata",
    "::ffff:169.254.169.254": "metadata",
    "64:ff9b::a9fe:a9fe": "metadata",
    "2002:a9fe:a9fe::": "metadata",
    "fe80::1%eth0": "metadata",
    "fd00:ec2::254": "metadata",
    "168.63.129.16": "metadata",
    "0.0.0.0": "unusable",  # noqa: S104
    "::": "unusable",
    "224.0.0.1": "unusable",
    "ff02::1": "unusable",
    "255.255.255.255": "unusable",
}


def code_of(policy, address, port=443):
    denied = policy.judge_address(address, port)
    return denied.code if denied else None


@pytest.mark.parametrize(("address", "code"), JUDGED.items())
def test_an_address_is_judged_by_what_is_there(address, code):
    assert code_of(CLOSED, address) == code


@pytest.mark.parametrize(
    "address", [a for a, code in JUDGED.items() if code in {"metadata", "unusable"}]
)
def test_some_addresses_cannot_be_allowed_at_all(address):
    assert code_of(WIDE_OPEN, address) == JUDGED[address]


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_is_one_of_65535(port):
    assert code_of(WIDE_OPEN, "1.1.1.1", port) == "bad_port"


def test_a_private_network_is_open_for_its_ports_only():
    policy = EgressPolicy(allowed=parse_allow_list("10.0.0.0/8:443,9000-9010"))
    assert code_of(policy, "10.1.2.3", 443) is None
    assert code_of(policy, "::ffff:10.1.2.3", 9005) is None
    assert code_of(policy, "10.1.2.3", 9011) == "not_allowed"
    assert code_of(policy, "11.1.2.3", 9011) is None


def test_public_ports_can_be_limited():
    policy = EgressPolicy(public_ports=parse_ports("80,443"))
    assert code_of(policy, "1.1.1.1", 443) is None
    assert code_of(policy, "1.1.1.1", 25) == "port_not_allowed"


@pytest.mark.parametrize(
    ("address", "port", "code"),
    [
        ("127.0.0.1", 5432, "own_endpoint"),
        ("127.0.0.9", 5432, "own_endpoint"),
        ("::1", 5432, "own_endpoint"),
        ("10.0.0.5", 5432, "own_endpoint"),
        ("::ffff:127.0.0.1", 5432, "own_endpoint"),
        ("10.9.9.9", 6379, "own_endpoint"),
        ("10.0.0.5", 6379, None),
        ("10.9.9.9", 5432, None),
        ("127.0.0.1", 5433, None),
    ],
)
def test_our_own_servers_are_never_reached(address, port, code):
    assert code_of(OWN, address, port) == code


@given(st.ip_addresses(), st.integers(1, 65535))
def test_what_is_not_public_is_never_reached_without_a_rule(address, port):
    if CLOSED.judge_address(address, port) is None:
        assert address.is_global
        assert not address.is_multicast
        assert not carried_addresses(address)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("10.0.0.0/8", "is not NETWORK/LENGTH:PORTS"),
        ("fd00::/8", "is not NETWORK/LENGTH:PORTS"),
        ("10.0.0.1:443", "is not NETWORK/LENGTH:PORTS"),
        ("10.0.0.1/8:443", "has host bits set"),
        ("10.0.0.0/8:0", "'0' is not a port"),
        ("10.0.0.0/8:x", "'x' is not a port"),
        ("10.0.0.0/8:9-1", "'9-1' is not a port"),
        ("10.0.0.0/8:", "'' is not a port"),
    ],
)
def test_a_wrong_entry_of_the_allow_list_is_named(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        parse_allow_list(text)


def test_an_allow_list_is_read():
    rules = parse_allow_list(" 10.0.0.0/8:443,9090 ; 127.0.0.1/32:*;[fd00::]/8:1-9;")
    assert [str(rule.network) for rule in rules[:2]] == ["10.0.0.0/8", "127.0.0.1/32"]
    assert rules[0].ports == (range(443, 444), range(9090, 9091))
    assert rules[1].ports == ANY_PORT
    assert rules[2].ports == (range(1, 10),)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.com/x?y=1", None),
        ("http://[2606::1]:8080/", None),
        ("ftp://example.com/", "scheme"),
        ("HTTP://example.com/", None),
        ("http://a b/", "bad_url"),
        ("http://a\\b/", "bad_url"),
        ("http://u@a/", "bad_url"),
        ("http://:p@a/", "bad_url"),
        ("http://a:0/", "bad_url"),
        ("http://a:99999/", "bad_url"),
        ("http://[::1/", "bad_url"),
        ("http:///x", "bad_url"),
    ],
)
def test_the_shape_of_a_url_is_judged(url, code):
    denied = CLOSED.judge_url(url)
    assert (denied.code if denied else None) == code
