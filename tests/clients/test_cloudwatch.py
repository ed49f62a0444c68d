"""CloudWatch as moto plays it, filled by boto3, is asked by a check."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from checklists.probes.engine import ProbeJob, run_probes
from opsportal.kit.outbound import BoundSecret, EgressPolicy, parse_allow_list
from tests.clients.aws import REGION, playing

pytestmark = pytest.mark.clients
NAMESPACE = "AWS/ApplicationELB"
DIMENSION = {"Name": "LoadBalancer", "Value": "app/qenergyz"}
NOW = datetime(2026, 1, 14, 10, 31, tzinfo=UTC)


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Return the address of a CloudWatch that knows ten minutes of a balancer."""
    with playing("cloudwatch") as (url, client):
        minutes_ago = {"RequestCount": [(4, 4_000), (3, 4_000), (9, 100)]}
        minutes_ago["HTTPCode_Target_5XX_Count"] = [(4, 4), (3, 12)]
        client.put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [DIMENSION],
                    "Value": value,
                    "Timestamp": NOW - timedelta(minutes=ago),
                }
                for name, samples in minutes_ago.items()
                for ago, value in samples
            ],
        )
        yield url


def test_a_check_reads_sums_averages_and_shares(endpoint):
    spec = {
        "endpoint": endpoint,
        "region": REGION,
        "namespace": NAMESPACE,
        "dimensions": {DIMENSION["Name"]: DIMENSION["Value"]},
        "access_key": "test",
        "secret_key": "{{secret:aws}}",
    }
    errors = "HTTPCode_Target_5XX_Count"
    looks = {
        "sum": {"metric": errors, "stat": "Sum"},
        "average": {"metric": errors},
        "share": {"metric": errors, "stat": "Sum", "per": "RequestCount"},
        "nothing": {"metric": "HTTPCode_ELB_5XX_Count"},
        "zero": {"metric": "HTTPCode_ELB_5XX_Count", "empty_is_zero": True},
    }
    results = run_probes(
        [ProbeJob(name, "cloudwatch", spec | more) for name, more in looks.items()],
        now=NOW,
        policy=EgressPolicy(allowed=parse_allow_list("127.0.0.0/8:*")),
        secrets={None: {"aws": BoundSecret("test", ("127.0.0.1",))}},
    )
    seen = {result.id: result.observation for result in results}
    values = {name: one.fields.get("value") for name, one in seen.items()}
    assert values == {
        "sum": 16, "average": 8, "share": 0.002, "nothing": None, "zero": 0
    }  # fmt: skip
    assert seen["nothing"].failure.code == "no_data"
    assert 0 < seen["sum"].fields["age"] < 120
