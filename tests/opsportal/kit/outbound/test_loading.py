import socket
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

import pytest

from opsportal.kit.outbound import loading, policy_from_settings
from opsportal.kit.outbound.loading import local_addresses, own_endpoints


@pytest.fixture
def installation(tmp_path):
    return SimpleNamespace(
        EGRESS_ALLOW="10.0.0.0/8:443;127.0.0.1/32:*",
        EGRESS_PUBLIC_PORTS="443",
        EGRESS_OWN_ENDPOINTS=["[::1]:9999", "10.0.0.9:8500"],
        FILE_ROOTS=[str(tmp_path)],
        HOST="0.0.0.0",  # noqa: S104 -- a usual setting
        PORT=8000,
        REDIS_URL="redis://localhost:6390/0",
        DATABASES={
            "default": {"ENGINE": "django.db.backends.postgresql", "HOST": "10.0.0.8"},
            "here": {"ENGINE": "x.postgresql", "HOST": "/run/pg", "PORT": "5433"},
            "file": {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"},
        },
    )


def test_the_policy_comes_from_settings(installation, tmp_path):
    policy = policy_from_settings(installation)
    assert policy.file_roots == (tmp_path,)
    assert policy.judge_address("10.1.1.1", 443) is None
    assert policy.judge_address("1.1.1.1", 80).code == "port_not_allowed"
    assert policy_from_settings(installation) is policy


def test_this_installation_has_a_policy():
    assert policy_from_settings().max_redirects == 3


@pytest.mark.parametrize(
    ("address", "port"),
    [
        ("127.0.0.1", 6390),
        ("127.0.0.1", 5433),
        ("127.0.0.1", 8000),
        ("127.0.0.1", 9999),
        ("10.0.0.8", 5432),
        ("10.0.0.9", 8500),
    ],
)
def test_our_own_servers_are_known(installation, address, port):
    denied = policy_from_settings(installation).judge_address(address, port)
    assert denied.code == "own_endpoint"


def test_an_endpoint_that_cannot_be_looked_up_is_left_out(installation):
    installation.EGRESS_OWN_ENDPOINTS = ["no.such.name.invalid:1", "a\0b:2"]
    assert policy_from_settings(installation).forbidden_endpoints


def test_a_broker_on_a_socket_is_no_endpoint(installation):
    installation.REDIS_URL = "unix:///run/valkey.sock"
    installation.PORT = 0
    installation.EGRESS_OWN_ENDPOINTS = []
    assert list(own_endpoints(installation)) == [
        ("10.0.0.8", 5432),
        ("/run/pg", 5433),
    ]


def test_a_setting_that_cannot_be_read_is_named(installation):
    installation.EGRESS_ALLOW = "everything"
    with pytest.raises(ValueError, match="everything"):
        policy_from_settings(installation)


def test_the_addresses_of_this_machine_are_known():
    found = local_addresses()
    assert {ip_address("127.0.0.1"), ip_address("::1")} <= found
    for address in found:
        if address.version == 4:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.bind((str(address), 0))  # only an own address can be bound


def test_where_the_kernel_does_not_tell_the_name_does(monkeypatch):
    def missing(self):
        raise FileNotFoundError(self)

    monkeypatch.setattr(Path, "read_text", missing)
    monkeypatch.setattr(loading.socket, "gethostname", lambda: "localhost")
    local_addresses.cache_clear()
    try:
        assert ip_address("127.0.0.1") in local_addresses()
    finally:
        local_addresses.cache_clear()
