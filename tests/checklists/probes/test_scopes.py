"""Secrets and facts belong to the job that they were read for."""

from datetime import UTC, datetime

import pytest

from checklists.probes.engine import ProbeJob, run_probes
from opsportal.kit.outbound import BoundSecret

SECRETS = {
    1: {"token": BoundSecret("first-secret", ("127.0.0.1",))},
    2: {"token": BoundSecret("second-secret", ("127.0.0.1",))},
}


@pytest.fixture
def spec(site):
    return {"url": f"{site.url}/", "headers": {"X-Token": "{{secret:token}}"}}


def test_a_job_is_filled_with_the_secret_of_its_own_scope(site, spec, policy):
    jobs = [ProbeJob(scope, "http", spec, scope=scope) for scope in (1, 2)]
    run_probes(jobs, now=datetime.now(UTC), policy=policy, secrets=SECRETS)
    sent = sorted(asked.headers["x-token"] for asked in site.seen)
    assert sent == ["first-secret", "second-secret"]


def test_a_job_of_another_scope_finds_no_secret(site, spec, policy):
    (seen,) = run_probes(
        [ProbeJob("it", "http", spec, scope=3)],
        now=datetime.now(UTC),
        policy=policy,
        secrets=SECRETS,
    )
    assert seen.observation.failure.code == "secret_refused"
    assert site.seen == []


def test_facts_are_looked_up_by_job(policy):
    jobs = [ProbeJob(number, "internal", {"source": "x"}) for number in (1, 2)]
    seen = run_probes(
        jobs,
        now=datetime.now(UTC),
        policy=policy,
        lookup=lambda job: {"value": job.id},
    )
    assert [one.observation.fields["value"] for one in seen] == [1, 2]
