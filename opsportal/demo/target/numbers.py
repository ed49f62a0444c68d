"""The moving numbers behind Prometheus's answers and the text metrics."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from opsportal.demo.services import SERVICES
from opsportal.demo.shapes import Play, Trouble, is_troubled

COUNTED = 1_000_000
MINUTE = timedelta(minutes=1)
# Only one rule of AMAS fires, and only now and then.
RULE = {
    "metric": "decision.latency.p99",
    "severity": "high",
    "value": 550,
    "threshold": 500,
    "message": "Decision latency P99 exceeds 500ms",
}


def queries() -> dict[str, tuple[str, Play]]:
    """Return what is played for each query of the demo's checks."""
    return {
        check.spec["query"]: (f"{service.slug}/{check.slug}", check.plays)
        for service in SERVICES
        for check in service.checks
        if check.kind == "prometheus" and check.plays is not None
    }


def plays_of(service: str) -> dict[str, Play]:
    """Return the plays of one service by the check's slug."""
    return {
        check.slug: check.plays
        for plan in SERVICES
        if plan.slug == service
        for check in plan.checks
        if check.plays is not None
    }


def answer_query(query: str, *, since: datetime, now: datetime) -> dict[str, Any]:
    """Answer as Prometheus does, an error for a query that no check asks."""
    known = queries().get(query)
    if known is None:
        return {
            "status": "error",
            "errorType": "bad_data",
            "error": "This demo knows the queries of its own checks and no others.",
        }
    seed, play = known
    value = play.at(now, since=since, seed=seed)
    sample = {"metric": {}, "value": [now.timestamp(), f"{value:.15g}"]}
    return {"status": "success", "data": {"resultType": "vector", "result": [sample]}}


def write_metrics(*, since: datetime, now: datetime) -> str:
    """Write AMAS's page of metrics in the text format of Prometheus."""
    plays = plays_of("amas")

    def read(slug: str) -> float:
        return plays[slug].at(now, since=since, seed=f"amas/{slug}")

    quick = round(read("decision-writes") * COUNTED)
    stamp = int(now.timestamp() * 1000)
    return "\n".join(
        [
            "# opsportal demo: these numbers are played",
            "# TYPE amas_queue_size gauge",
            f'amas_queue_size{{type="decision"}} {read("queue-depth"):g} {stamp}',
            "# TYPE amas_decision_write_duration histogram",
            f'amas_decision_write_duration_bucket{{le="100"}} {quick * 7 // 10}',
            f'amas_decision_write_duration_bucket{{le="500"}} {quick}',
            f'amas_decision_write_duration_bucket{{le="+Inf"}} {COUNTED}',
            f"amas_decision_write_duration_count {COUNTED}",
            "# TYPE http_requests_total counter",
            f"http_requests_total {COUNTED}",
            "# TYPE http_errors_total counter",
            f'http_errors_total{{status="500"}} {read("errors") * COUNTED:.0f}',
            "",
        ]
    )


def active_alerts(*, since: datetime, now: datetime) -> list[Mapping[str, Any]]:
    """Return the list of AMAS's alert engine: empty, or its one alert."""
    if not is_troubled(Trouble.COMES_AND_GOES, now, since):
        return []
    return [{"id": "alert-demo-1", "status": "firing", "occurredAt": _iso(now), **RULE}]


def alert_history(now: datetime) -> list[Mapping[str, Any]]:
    """Return the engine's buffer: 142 alerts, 40 minutes apart."""
    return [
        {
            "id": f"alert-demo-{number}",
            "status": "resolved",
            "occurredAt": _iso(now - number * 40 * MINUTE),
            **RULE,
        }
        for number in range(1, 143)
    ]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
