"""metrics: read a service's own metrics page, without a Prometheus in between."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from checklists.domain.condition.writer import name_key
from checklists.domain.observation import Failure, Observation
from checklists.probes.exposition import Sample, read_exposition, read_selector
from checklists.probes.failures import ProbeFailed, failed, unknown
from checklists.probes.protocol import FieldDoc, ProbeContext, Spec, SpecError
from checklists.probes.reduce import REDUCERS, divide, reduce_samples
from checklists.probes.spec import Key, check_keys, one_of
from checklists.probes.web import (
    WEB_KEYS,
    build_ask,
    describe,
    get_page,
    host_of_url,
    refuse_denied,
    web_fields,
)
from opsportal.kit.outbound import Page

MOST_SERIES = 5_000
BUCKET, COUNT = "_bucket", "_count"


def _check_selector(value: Any) -> str | None:
    if not isinstance(value, str):
        return "This must be a text."
    try:
        read_selector(value)
    except ValueError as error:
        return str(error)
    return None


def _check_parts(*names: str) -> Any:
    def rule(value: Any) -> str | None:
        if not isinstance(value, Mapping) or set(value) != set(names):
            return f"This needs {' and '.join(names)}."
        wrong = [_check_selector(value[name]) for name in names if name != "le"]
        if "le" in value and not _is_number(value["le"]):
            wrong.append("The bucket is named by a number, as in le.")
        return next((message for message in wrong if message), None)

    return rule


KEYS = {
    **WEB_KEYS,
    "metric": Key(_check_selector),
    "reduce": Key(one_of(*REDUCERS)),
    "ratio": Key(_check_parts("above", "below")),
    "le_ratio": Key(_check_parts("histogram", "le")),
}
SUBJECTS = ("metric", "ratio", "le_ratio")


class MetricsProbe:
    """Scrapes once; conditions may name any series the page shows."""

    kind = "metrics"
    fields = (
        FieldDoc("value", "", "the metric, or the share, that the check names"),
        FieldDoc("above", "", "what was counted, when the check names a share"),
        FieldDoc("below", "", "out of how many, when the check names a share"),
        FieldDoc("series", "", "number of samples the metric has"),
        FieldDoc("age", "s", "age of the sample, when the page states times"),
        FieldDoc("latency", "s", "how long the page took"),
    )
    keys_of_facts: tuple[str, ...] = ()

    def check_spec(self, spec: Spec) -> list[SpecError]:
        """Need ``url``; may have one of metric (with reduce), ratio, le_ratio."""
        errors = check_keys(spec, KEYS)
        if sum(bool(spec.get(name)) for name in SUBJECTS) > 1:
            errors.append(SpecError("", "Use one of metric, ratio and le_ratio."))
        return errors

    def host_of(self, spec: Spec) -> str:
        """The host of the URL."""
        return host_of_url(spec)

    async def observe(self, spec: Spec, context: ProbeContext) -> Observation:
        """Scrape; raises ProbeFailed when there is no page of metrics."""
        page = await get_page(build_ask(spec, context), context)
        samples = _read(page, context)
        fields: dict[str, Any] = {
            name_key(sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for sample in samples
        }
        fields |= web_fields(page)
        failure: Failure | None = None
        try:
            fields |= _subject(spec, samples, context.now)
        except ProbeFailed as error:
            failure = error.failure
        return Observation(
            observed_at=context.now,
            fields=fields,
            latency=page.latency,
            failure=failure,
            detail=f"{len(samples)} series; {describe(page)}",
        )


def _read(page: Page, context: ProbeContext) -> Sequence[Sample]:
    refuse_denied(page)
    if page.status >= 500:
        raise failed("http_status", f"The server answered {page.status}.")
    if page.status != 200:
        raise unknown("http_status", f"The server answered {page.status}.")
    if page.is_cut:
        raise unknown("too_large", "The page is larger than 256 KiB.")
    try:
        samples = read_exposition(context.secrets.redact(page.text))
    except ValueError as error:
        raise unknown("parse_error", str(error)) from None
    if len(samples) > MOST_SERIES:
        raise unknown("too_large", f"The page shows more than {MOST_SERIES} series.")
    return samples


def _subject(
    spec: Spec, samples: Sequence[Sample], now: datetime
) -> Mapping[str, object]:
    if text := spec.get("metric"):
        found = read_selector(text).pick(samples)
        value = reduce_samples([one.value for one in found], spec.get("reduce"))
        return {"value": value, "series": len(found), **_age(found, now)}
    if parts := spec.get("ratio"):
        above = _sum(parts["above"], samples)
        below = _sum(parts["below"], samples)
    elif parts := spec.get("le_ratio"):
        above = _bucket(parts["histogram"], float(parts["le"]), samples)
        below = _sum(_suffixed(parts["histogram"], COUNT), samples)
    else:
        return {}
    return {"above": above, "below": below, "value": divide(above, below)}


def _sum(selector: str, samples: Sequence[Sample]) -> float:
    found = read_selector(selector).pick(samples)
    return reduce_samples([one.value for one in found], "sum")


def _bucket(histogram: str, le: float, samples: Sequence[Sample]) -> float:
    found = read_selector(_suffixed(histogram, BUCKET)).pick(samples)
    inside = [
        one.value
        for one in found
        if _is_number(one.labels.get("le")) and float(one.labels["le"]) == le
    ]
    return reduce_samples(inside, "sum")


def _suffixed(selector: str, suffix: str) -> str:
    name, brace, labels = selector.strip().partition("{")
    return f"{name.strip()}{suffix}{brace}{labels}"


def _age(samples: Sequence[Sample], now: datetime) -> Mapping[str, float]:
    stamps = [one.stamp for one in samples if one.stamp is not None]
    if not stamps:
        return {}
    at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=min(stamps))
    return {"age": (now - at).total_seconds()}


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
