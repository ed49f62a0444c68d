"""What sends alerts to the services of the demo, and what it sent last.

None of the messages opens an alert: those that are open come from checks.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from incidents.domain.payloads.signal import Signal
from incidents.services.intake import receive, reject, take_heartbeat
from incidents.services.integrations import Settings, create_integration
from incidents.services.messages import Message
from oncall.models import Service
from opsportal.demo.seed_teams import HISTORY, Teams

_SENDERS = (
    ("arq", "prometheus", "Prometheus in the cluster"),
    ("arq", "sns", "CloudWatch alarms"),
    ("amas", "webhook", "Alert engine"),
    ("qenergyz", "sentry", "Sentry"),
    ("architect-api", "pagerduty", "Scripts of the runbook"),
    ("arca-api", "grafana", "Grafana"),
    ("arca-api", "heartbeat", "Nightly snapshot"),
)
_CHANGE = b"""{"routing_key": "(key)", "payload": {
  "summary": "Architect API 2.14.1 is live", "source": "deploys"}}"""
_BROKEN = b'{"status": "firing", "labels": {"queue": "decisions"}}'


def seed_senders(rows: Teams, services: Mapping[str, Service], now: datetime) -> None:
    """Make senders with keys that nobody knows, and a few messages of theirs."""
    made = {}
    for slug, kind, name in _SENDERS:
        service = services[slug]
        lead = rows.plans[service.team.slug].lead
        silence = timedelta(hours=25) if kind == "heartbeat" else None
        made[kind], _ = create_integration(
            service,
            kind,
            Settings(name=name, silence_after=silence),
            by=rows.people[lead],
            now=now - HISTORY,
        )
    change = Signal(
        action="change", dedup_key="deploy", summary="Architect API 2.14.1 is live"
    )
    receive(
        made["pagerduty"],
        Message(kind="change", body=_CHANGE),
        [change],
        now=now - timedelta(hours=3),
    )
    reject(
        made["webhook"],
        Message(kind="webhook", body=_BROKEN),
        "summary: Say in a few words what is wrong.",
        now=now - timedelta(days=2),
    )
    beat = Message(kind="heartbeat", body=b"")
    take_heartbeat(made["heartbeat"], beat, now=now - timedelta(hours=6))
