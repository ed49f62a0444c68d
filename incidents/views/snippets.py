"""How each sender is set up, ready to copy."""

from typing import NamedTuple

from incidents.models import Integration

Kind = Integration.Kind


class Snippet(NamedTuple):
    """The address to enter, and a configuration that has it."""

    url: str
    text: str


def write_snippet(kind: str, site: str, key: str) -> Snippet:
    """Return the address and the configuration of a sender for this key."""
    url = _write_url(kind, site, key)
    scheme, _, host = site.partition("://")
    texts = {
        Kind.PAGERDUTY: (
            "# Alertmanager: point global.pagerduty_url here; other clients likewise\n"
            "receivers:\n- name: opsportal\n  pagerduty_configs:\n"
            f"  - url: {url}\n    routing_key: {key}\n"
        ),
        Kind.PROMETHEUS: (
            "alerting:\n  alertmanagers:\n"
            f"  - scheme: {scheme}\n    path_prefix: /ingest/prometheus/{key}\n"
            f"    static_configs:\n    - targets: ['{host}']\n\n"
            f"# vmalert -notifier.url={url}\n# amtool --alertmanager.url={url}\n"
        ),
        Kind.ALERTMANAGER: (
            "receivers:\n- name: opsportal\n  webhook_configs:\n"
            f"  - url: {url}\n    send_resolved: true\n"
        ),
        Kind.GRAFANA: (
            "Alerting, Contact points, Add contact point\n"
            f"Integration: Webhook\nURL: {url}\nHTTP Method: POST\n"
        ),
        Kind.SNS: (
            "aws sns subscribe --topic-arn TOPIC_ARN \\\n"
            f"  --protocol {scheme} --notification-endpoint {url}\n"
        ),
        Kind.SENTRY: (
            "Settings, Custom integrations, Create: internal integration\n"
            f"Webhook URL: {url}\nAlert rule action: on\n"
        ),
        Kind.WEBHOOK: (
            f"curl -X POST {url} \\\n  -H 'Content-Type: application/json' \\\n"
            '  -d \'{"summary": "Queue is long", "severity": "warning", '
            '"dedup_key": "queue"}\'\n'
        ),
        Kind.EMAIL: (
            f"Mail to: alerts+{key}@YOUR_MAIL_DOMAIN\n\n"
            "# Postfix: main.cf has recipient_delimiter = +, aliases has\n"
            'alerts: "|PATH_TO_THE_PORTAL/manage.py receive_mail"\n\n'
            "# A mail server elsewhere, or a provider, posts the message as it came:\n"
            f"curl -fsS --data-binary @- {url}\n"
        ),
        Kind.HEARTBEAT: f"*/5 * * * * job && curl -fsS -m 10 {url}\n",
    }
    return Snippet(url, texts[Kind(kind)])


def _write_url(kind: str, site: str, key: str) -> str:
    if kind == Kind.PAGERDUTY:
        return f"{site}/v2/enqueue"
    return f"{site}/ingest/{kind}/{key}"
