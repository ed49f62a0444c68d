"""What holds for every kind that asks AWS."""

import pytest

from opsportal.kit.outbound import BoundSecret, EgressPolicy
from tests.targets import free_port

ASKED = {
    "region": "eu-west-1",
    "access_key": "AKIA",
    "secret_key": "{{secret:aws}}",
}
KINDS = pytest.mark.parametrize(
    ("kind", "spec", "host"),
    [
        (
            "cloudwatch",
            ASKED | {"namespace": "AWS/ApplicationELB", "metric": "RequestCount"},
            "monitoring.eu-west-1.amazonaws.com",
        ),
        ("object", ASKED | {"bucket": "backups"}, "s3.eu-west-1.amazonaws.com"),
    ],
    ids=["cloudwatch", "object"],
)


def known_at(*hosts):
    """The secret that both specs name, bound to these hosts."""
    return {"aws": BoundSecret("a key", hosts)}


@KINDS
def test_aws_out_of_reach_says_nothing_about_what_it_watches(code, kind, spec, host):
    spec = spec | {"endpoint": f"http://127.0.0.1:{free_port()}"}
    assert code(kind, spec, secrets=known_at("127.0.0.1")) == (
        "unknown",
        "connect_refused",
    )


@KINDS
def test_it_reaches_nothing_that_the_policy_forbids(site, code, kind, spec, host):
    for endpoint in (site.url, "http://169.254.169.254"):
        seen = code(
            kind,
            spec | {"endpoint": endpoint},
            secrets=known_at("127.0.0.1", "169.254.169.254"),
            policy=EgressPolicy(),
        )
        assert seen == ("unknown", "egress_denied")
    assert site.seen == []


@KINDS
def test_the_secret_follows_no_endpoint_that_an_editor_wrote(
    site, code, kind, spec, host
):
    seen = code(kind, spec | {"endpoint": site.url}, secrets=known_at(host))
    assert (seen, site.seen) == (("unknown", "secret_refused"), [])
