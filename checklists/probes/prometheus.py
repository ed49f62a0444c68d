"""prometheus: one instant query; an empty or undefined answer is never a pass."""

import math
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from checklists.domain.observation import Observation
from checklists.probes.documents import NotJSON, read_json
from checklists.probes.failures import ProbeFailed, as_unknown, explain, unknown
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.reduce import REDUCERS, reduce_samples
from checklists.probes.spec import Key, check_keys, is_text, one_of
from checklists.probes.web import (
    WEB_KEYS,
    build_ask,
    get_page,
    host_of_url,
    refuse_denied,
)
from opsportal.kit.outbound import Page

KEYS = {
    **WEB_KEYS,
    "query": Key(is_text, is_required=True),
    "reduce": Key(one_of(*REDUCERS)),
}
QUERY_PATH = "/api/v1/query"
MOST_SHOWN = 5

Sample = tuple[str, float]


class PrometheusProbe:
    """Asks a Prometheus, whose own trouble says nothing about what it watches."""

    kind = "prometheus"
    fields = (
        FieldDoc("value", "", "the scalar, the single sample, or the reduced ones"),
        FieldDoc("series", "", "number of samples in the answer"),
        FieldDoc("latency", "s", "how long the query took"),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``url`` (of the server) and ``query``; may have headers, reduce."""
        return check_keys(spec, KEYS)

    def host_of(self, spec: Spec) -> str:
        """The host of the URL."""
        return host_of_url(spec)

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Ask once; whatever stands between us and a number is unknown."""
        import aiohttp  # noqa: PLC0415 -- slow import

        base = str(spec["url"]).rstrip("/").removesuffix(QUERY_PATH)
        url = f"{base}{QUERY_PATH}?{urlencode({'query': spec['query']})}"
        try:
            page = await get_page(build_ask({**spec, "url": url}, context), context)
        except (OSError, aiohttp.ClientError) as error:
            failure = explain(error)
            if failure is None:
                raise
            return Observation(context.now, failure=as_unknown(failure))
        samples = _read_samples(page, context)
        fields: dict[str, Any] = {
            "series": len(samples),
            "latency": page.latency.total_seconds(),
        }
        try:
            fields["value"] = reduce_samples(
                [value for _, value in samples], spec.get("reduce")
            )
        except ProbeFailed as error:
            return Observation(
                context.now, fields, page.latency, error.failure, _show(samples)
            )
        return Observation(
            observed_at=context.now,
            fields=fields,
            latency=page.latency,
            detail=_show(samples),
        )


def _read_samples(page: Page, context: ProbeContext) -> list[Sample]:
    refuse_denied(page)
    try:
        document = read_json(context.secrets.redact(page.text))
        if document["status"] != "success":
            message = str(document.get("error", ""))[:300]
            raise unknown("query_error", f"Prometheus refused the query: {message}")
        return _samples(document["data"])
    except (NotJSON, LookupError, TypeError, ValueError, AttributeError):
        raise unknown(
            "parse_error", f"The answer ({page.status}) is not Prometheus's."
        ) from None


def _samples(data: Mapping[str, Any]) -> list[Sample]:
    result = data["result"]
    if data["resultType"] == "scalar":
        return [("", float(result[1]))]
    if data["resultType"] == "vector":
        return [(_labels(one["metric"]), float(one["value"][1])) for one in result]
    raise ValueError(data["resultType"])


def _labels(metric: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={text}" for name, text in sorted(metric.items()))


def _show(samples: list[Sample]) -> str:
    """The extremest samples, for people."""
    known = [one for one in samples if not math.isnan(one[1])]
    shown = sorted(known, key=lambda one: -abs(one[1]))[:MOST_SHOWN]
    return "; ".join(f"{labels or 'value'}: {value:g}" for labels, value in shown)
