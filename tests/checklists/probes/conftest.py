"""Looks at things through the engine, as a sweep does."""

from datetime import UTC, datetime, timedelta

import pytest

from checklists.probes.engine import ProbeJob, run_probes
from opsportal.kit.outbound import EgressPolicy, parse_allow_list
from tests.targets import Authority, WebTarget


@pytest.fixture
def site():
    target = WebTarget()
    yield target
    target.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def policy(authority, tmp_path):
    return EgressPolicy(
        allowed=parse_allow_list("127.0.0.0/8:*"),
        ca_file=str(authority.file),
        file_roots=(tmp_path.resolve(),),
    )


@pytest.fixture
def see(policy):
    """Look once at something and return the observation."""

    def look(kind, spec, *, seconds=5.0, facts=None, secrets=None, policy=policy):
        job = ProbeJob("it", kind, spec, timedelta(seconds=seconds))
        (result,) = run_probes(
            [job],
            now=datetime.now(UTC),
            policy=policy,
            secrets={None: secrets or {}},
            lookup=lambda _job: facts or {},
        )
        assert result.id == "it"
        return result.observation

    return look


@pytest.fixture
def code(see):
    """Look once and return how it failed: outcome and code."""

    def look(*args, **more):
        failure = see(*args, **more).failure
        return (failure.outcome.value, failure.code) if failure else None

    return look
