"""cloudwatch: the newest whole period of a metric of AWS."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from yarl import URL

from checklists.domain.observation import Observation
from checklists.probes.aws import AWS_KEYS, endpoint_of, find_faults, refuse, sign
from checklists.probes.documents import NotJSON, read_json
from checklists.probes.failures import as_unknown, explain, unknown
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.reduce import divide, reduce_samples
from checklists.probes.spec import Key, is_text, is_truth
from checklists.probes.web import get_page
from opsportal.kit.outbound import Ask, Page

TARGET = "GraniteServiceVersion20100801.GetMetricData"
DEFAULT_PERIOD = 300
# What was measured arrives late; the minute that just ended is not whole yet.
SETTLING = timedelta(minutes=1)
LEAST_LOOKED_BACK = timedelta(minutes=15)
PERIODS_LOOKED_BACK = 3
MOST_DIMENSIONS = 30
SERVICE = "monitoring"

_STAT = re.compile(r"Average|Sum|Minimum|Maximum|SampleCount|p\d{1,2}(\.\d{1,2})?")


def _is_stat(value: Any) -> str | None:
    if isinstance(value, str) and _STAT.fullmatch(value):
        return None
    return "Use Average, Sum, Minimum, Maximum, SampleCount or one such as p99."


def _is_period(value: Any) -> str | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number and 60 <= value <= 86_400 and value % 60 == 0:
        return None
    return "This must be whole minutes in seconds, from 60 to 86400."


def _is_dimensions(value: Any) -> str | None:
    if not isinstance(value, Mapping) or len(value) > MOST_DIMENSIONS:
        return "This must be a mapping of at most 30 names to texts."
    texts = [*value, *value.values()]
    if all(isinstance(text, str) and 0 < len(text) <= 1_024 for text in texts):
        return None
    return "Names and values are texts of 1 to 1,024 characters."


KEYS = {
    **AWS_KEYS,
    "namespace": Key(is_text, is_required=True),
    "metric": Key(is_text, is_required=True),
    "per": Key(is_text),
    "dimensions": Key(_is_dimensions),
    "stat": Key(_is_stat),
    "period": Key(_is_period),
    "empty_is_zero": Key(is_truth),
}

Points = dict[float, float]


@dataclass(frozen=True, slots=True)
class _Window:
    """Whole periods: ``period`` and moments in seconds, the end not included."""

    period: int
    start: int
    end: int


class CloudWatchProbe:
    """Asks GetMetricData; trouble of AWS says nothing about what it watches."""

    kind = "cloudwatch"
    fields = (
        FieldDoc("value", "", "the newest whole period of the metric, or its share"),
        FieldDoc("below", "", "the metric that a share is of"),
        FieldDoc("age", "s", "how long ago that period ended"),
        FieldDoc("latency", "s", "how long the answer took"),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need region, namespace, metric, access_key, secret_key, and boto3."""
        return find_faults(spec, KEYS)

    def host_of(self, spec: Spec) -> str:
        """The endpoint of the region, unless the spec names another."""
        return URL(endpoint_of(spec, SERVICE)).host or ""

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Ask once; whatever stands between us and a number is unknown."""
        import aiohttp  # noqa: PLC0415 -- slow import

        window = _window(spec, context.now)
        headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": TARGET}
        body = _question(spec, window)
        ask = Ask(endpoint_of(spec, SERVICE), "POST", headers, body)
        try:
            page = await get_page(sign(ask, SERVICE, spec, context), context)
        except (OSError, aiohttp.ClientError) as error:
            failure = explain(error)
            if failure is None:
                raise
            return Observation(context.now, failure=as_unknown(failure))
        fields = _read(page, spec, context, window)
        fields["latency"] = page.latency.total_seconds()
        return Observation(
            observed_at=context.now,
            fields=fields,
            latency=page.latency,
            detail=_describe(spec, fields["value"], window),
        )


def _window(spec: Spec, now: datetime) -> _Window:
    period = spec.get("period") or DEFAULT_PERIOD
    back = max(PERIODS_LOOKED_BACK * period, int(LEAST_LOOKED_BACK.total_seconds()))
    end = int((now - SETTLING).timestamp()) // period * period
    return _Window(period, end - back, end)


def _question(spec: Spec, window: _Window) -> bytes:
    names = {"value": spec["metric"]} | (
        {"below": spec["per"]} if spec.get("per") else {}
    )
    dimensions = [
        {"Name": name, "Value": text}
        for name, text in (spec.get("dimensions") or {}).items()
    ]
    queries = [
        {
            "Id": key,
            "MetricStat": {
                "Metric": {
                    "Namespace": spec["namespace"],
                    "MetricName": name,
                    "Dimensions": dimensions,
                },
                "Period": window.period,
                "Stat": spec.get("stat") or "Average",
            },
        }
        for key, name in names.items()
    ]
    document = {
        "StartTime": window.start,
        "EndTime": window.end,
        "MetricDataQueries": queries,
    }
    return json.dumps(document).encode()


def _read(
    page: Page, spec: Spec, context: ProbeContext, window: _Window
) -> dict[str, Any]:
    series = _read_series(page, context)
    above, below = series.get("value", {}), series.get("below", {})
    base = below if spec.get("per") else above
    newest = max(base, default=None)
    if newest is None:
        if spec.get("per") or not spec.get("empty_is_zero"):
            raise unknown("no_data", "CloudWatch has no value in the last periods.")
        return {"value": 0.0}
    ended_at = datetime.fromtimestamp(newest + window.period, UTC)
    fields: dict[str, Any] = {"age": (context.now - ended_at).total_seconds()}
    counted = above.get(newest)
    if counted is None and spec.get("empty_is_zero"):
        counted = 0.0
    if counted is None:
        raise unknown("no_data", f"There is no {spec['metric']} beside {spec['per']}.")
    value = reduce_samples([counted], None)
    if spec.get("per"):
        fields["below"] = reduce_samples([below[newest]], None)
        value = divide(value, fields["below"])
    return {**fields, "value": value}


def _read_series(page: Page, context: ProbeContext) -> dict[str, Points]:
    try:
        document = read_json(context.secrets.redact(page.text))
        if page.status != 200:
            raise _refusal(page.status, document)
        return {one["Id"]: _read_points(one) for one in document["MetricDataResults"]}
    except (NotJSON, LookupError, TypeError, ValueError, AttributeError):
        raise unknown(
            "parse_error", f"The answer ({page.status}) is not CloudWatch's."
        ) from None


def _read_points(one: Mapping[str, Any]) -> Points:
    if one["StatusCode"] not in {"Complete", "PartialData"}:
        raise unknown("query_error", f"CloudWatch says {one['StatusCode']}.")
    moments = map(float, one["Timestamps"])
    return dict(zip(moments, map(float, one["Values"]), strict=True))


def _refusal(status: int, document: Mapping[str, Any]) -> Exception:
    kind = str(document["__type"]).rpartition("#")[2]
    told = str(document.get("message") or document.get("Message") or "")[:300]
    return refuse("CloudWatch", kind, told, status)


def _describe(spec: Spec, value: float, window: _Window) -> str:
    share = f" / {spec['per']}" if spec.get("per") else ""
    stat = spec.get("stat") or "Average"
    return f"{spec['metric']}{share}: {value:g} ({stat} of {window.period} s)"
