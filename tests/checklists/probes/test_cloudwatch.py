"""cloudwatch: what AWS may answer; moto's own server answers in tests/clients."""

import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from checklists.probes import PROBES
from checklists.probes.cloudwatch import _question, _window
from opsportal.kit.outbound import BoundSecret
from tests.targets import Reply

KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SECRETS = {"aws": BoundSecret(KEY, ("127.0.0.1",))}
SPEC = {
    "region": "eu-west-1",
    "namespace": "AWS/ApplicationELB",
    "metric": "HTTPCode_Target_5XX_Count",
    "access_key": "AKIA",
    "secret_key": "{{secret:aws}}",
}
SHARE = {"per": "RequestCount", "stat": "Sum", "empty_is_zero": True}


def series(*, status="Complete", **named):
    """Return AWS's answer: moments and values by the name of each series."""
    results = [
        {
            "Id": name,
            "Timestamps": list(points),
            "Values": list(points.values()),
            "StatusCode": status,
        }
        for name, points in named.items()
    ]
    return Reply(200, json.dumps({"MetricDataResults": results}).encode())


def refusal(kind, status=400, **told):
    return Reply(status, json.dumps({"__type": f"com.aws#{kind}", **told}).encode())


@pytest.fixture
def aws(site, see):
    def look(reply, **more):
        site.routes["/"] = reply
        return see("cloudwatch", SPEC | {"endpoint": site.url} | more, secrets=SECRETS)

    return look


def test_the_newest_whole_period_counts_and_is_signed_for(aws, site):
    seen = aws(series(value={600.0: 1, 1200: 7.5, 900: 2}))
    assert seen.fields["value"] == 7.5
    ended = datetime.fromtimestamp(1500, UTC)
    assert seen.fields["age"] == (seen.observed_at - ended).total_seconds()
    assert seen.detail == "HTTPCode_Target_5XX_Count: 7.5 (Average of 300 s)"
    (asked,) = site.seen
    assert asked.headers["x-amz-target"].endswith(".GetMetricData")
    assert "/eu-west-1/monitoring/aws4_request" in asked.headers["authorization"]
    assert "x-amz-security-token" not in asked.headers
    assert KEY not in repr(asked)
    assert KEY not in repr(seen)


def test_a_session_is_signed_along(aws, site):
    aws(series(value={1: 1}), session_token="{{secret:aws}}")
    assert site.seen[0].headers["x-amz-security-token"] == KEY


def test_only_whole_periods_are_asked_for():
    now = datetime(2026, 1, 1, 10, 10, 59, tzinfo=UTC)
    assert _window({}, now).end == (now - timedelta(seconds=359)).timestamp()
    assert _window({}, now + timedelta(seconds=1)).end == now.timestamp() - 59
    day = _window({"period": 86_400}, now)
    assert day.end - day.start == 3 * 86_400
    spec = SPEC | SHARE | {"dimensions": {"LoadBalancer": "app/q"}}
    first, second = json.loads(_question(spec, day))["MetricDataQueries"]
    assert first["MetricStat"]["Metric"]["Dimensions"] == [
        {"Name": "LoadBalancer", "Value": "app/q"}
    ]
    assert (first["Id"], second["Id"]) == ("value", "below")
    assert second["MetricStat"]["Stat"] == "Sum"


@pytest.mark.parametrize(
    ("value", "below", "share"),
    [
        ({300: 1, 600: 2}, {300: 10, 600: 50}, 0.04),
        ({300: 1}, {300: 10, 600: 50}, 0.0),  # nothing counted is none
        ({}, {600: 50}, 0.0),
    ],
)
def test_a_share_is_of_the_same_period(aws, value, below, share):
    seen = aws(series(value=value, below=below), **SHARE)
    assert seen.fields["value"] == share
    assert seen.fields["below"] == 50


def test_no_value_is_zero_only_where_that_was_said(aws):
    assert aws(series(value={}), empty_is_zero=True).fields["value"] == 0


@pytest.mark.parametrize(
    ("reply", "more", "code"),
    [
        (series(value={}), {}, "no_data"),
        (series(value={600: 1}, below={}), SHARE, "no_data"),
        (series(below={600: 9}), SHARE | {"empty_is_zero": False}, "no_data"),
        (series(value={600: 1}, below={600: 0}), SHARE, "nothing_counted"),
        (series(value={600: float("1e999")}), {}, "parse_error"),
        (series(value={600: 1}, status="Forbidden"), {}, "query_error"),
        (Reply(200, b'{"MetricDataResults": [{}]}'), {}, "parse_error"),
        (Reply(200, b"[]"), {}, "parse_error"),
        (Reply(500, b"<html>"), {}, "parse_error"),
        (
            Reply(302, headers={"Location": "http://169.254.169.254/"}),
            {},
            "parse_error",
        ),
        (refusal("AccessDeniedException", message="no"), {}, "access_denied"),
        (refusal("ExpiredTokenException", 403), {}, "access_denied"),
        (refusal("ThrottlingException"), {}, "throttled"),
        (refusal("InvalidParameterValue", Message="p"), {}, "query_error"),
    ],
)
def test_what_is_no_number_is_unknown(aws, reply, more, code):
    failure = aws(reply, **more).failure
    assert (failure.outcome, failure.code) == ("unknown", code)


def test_what_aws_says_is_told_without_the_secret(aws):
    failure = aws(refusal("SignatureDoesNotMatch", 403, message=f"not {KEY}")).failure
    assert failure.message == (
        "AWS did not let us in (SignatureDoesNotMatch): not [secret]"
    )


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("region", "Ireland"),
        ("stat", "mean"),
        ("period", 90),
        ("period", True),
        ("secret_key", KEY),
        ("secret_key", "a {{secret:aws}}"),
        ("session_token", "clear"),
        ("dimensions", ["x"]),
        ("dimensions", {"Name": ""}),
        ("endpoint", "ftp://x"),
        ("metric", ""),
        ("odd", 1),
    ],
)
def test_a_wrong_spec_is_named(entry, value):
    errors = PROBES["cloudwatch"].check_spec(SPEC | {entry: value})
    assert [error.field for error in errors] == [entry]


def test_it_goes_to_the_region():
    assert PROBES["cloudwatch"].check_spec(SPEC | SHARE | {"period": 60}) == []
    host = PROBES["cloudwatch"].host_of
    assert host(SPEC) == "monitoring.eu-west-1.amazonaws.com"
    assert host({"region": "cn-north-1"}) == "monitoring.cn-north-1.amazonaws.com.cn"


def test_without_the_package_the_kind_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "botocore", None)
    (error,) = PROBES["cloudwatch"].check_spec(SPEC)
    assert "boto3" in error.message
