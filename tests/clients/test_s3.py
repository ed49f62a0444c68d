"""S3 as moto plays it, filled by boto3, is looked through by a check."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from checklists.probes.engine import ProbeJob, run_probes
from opsportal.kit.outbound import BoundSecret, EgressPolicy, parse_allow_list
from tests.clients.aws import REGION, playing

pytestmark = pytest.mark.clients
BUCKET = "backups"
MANY = 450


@pytest.fixture
def endpoint() -> Iterator[str]:
    """Return the address of a store with a few backups and many logs."""
    with playing("s3") as (url, client):
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        sizes = {
            "architect/backup_1708172400.sql.gz": 900,
            "architect/notes & more.txt": 7,
        }
        sizes |= {f"logs/{number:04}": 1 for number in range(MANY)}
        for key, size in sizes.items():
            client.put_object(Bucket=BUCKET, Key=key, Body=b"x" * size)
        client.put_object(
            Bucket=BUCKET, Key="architect/backup_1708258800.sql.gz", Body=b"x" * 500
        )
        yield url


def test_a_check_finds_the_newest_backup(endpoint):
    spec = {
        "endpoint": endpoint,
        "region": REGION,
        "bucket": BUCKET,
        "access_key": "test",
        "secret_key": "{{secret:aws}}",
    }
    looks = {
        "backup": {"prefix": "architect/", "pattern": "backup_*.sql.gz"},
        "notes": {"prefix": "architect/notes &"},
        "logs": {"prefix": "logs/"},
        "nothing": {"prefix": "arq/"},
        "elsewhere": {"bucket": "nobodys"},
    }
    results = run_probes(
        [ProbeJob(name, "object", spec | more) for name, more in looks.items()],
        now=datetime.now(UTC) + timedelta(hours=1),
        policy=EgressPolicy(allowed=parse_allow_list("127.0.0.0/8:*")),
        secrets={None: {"aws": BoundSecret("test", ("127.0.0.1",))}},
    )
    seen = {result.id: result.observation for result in results}
    newest = seen["backup"].fields
    assert newest["name"] == "architect/backup_1708258800.sql.gz"
    assert (newest["size"], newest["median_size"], newest["count"]) == (500, 700, 2)
    assert 3600 - 5 < newest["age"] < 3600 + 300
    assert seen["notes"].fields["name"] == "architect/notes & more.txt"
    assert seen["logs"].fields["count"] == MANY
    for name in ("nothing", "elsewhere"):
        failure = seen[name].failure
        assert (failure.outcome, failure.code) == ("fail", "missing")
