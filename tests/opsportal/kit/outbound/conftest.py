"""Targets on loopback, for everything that goes out."""

import pytest

from opsportal.kit.outbound import EgressPolicy, Guard, Resolver, parse_allow_list
from tests.targets import Authority, Canary, WebTarget


@pytest.fixture
def site():
    target = WebTarget()
    yield target
    target.close()


@pytest.fixture
def canary():
    listener = Canary()
    yield listener
    listener.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def policy(authority):
    return EgressPolicy(
        allowed=parse_allow_list("127.0.0.1/32:*"), ca_file=str(authority.file)
    )


@pytest.fixture
def guard(policy):
    return Guard(policy, Resolver(threads=4))
