"""What each kind of check asks of a person: its inputs and a sentence about it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms

from checklists.forms.fields import HeadersField, LinesField

Make = Callable[[], forms.Field]


@dataclass(frozen=True, slots=True)
class KindForm:
    """The inputs of a kind, by the entry of the spec that they fill."""

    label: str
    about: str
    example: str
    inputs: dict[str, Make] = field(default_factory=dict)


def _text(label: str, help_text: str = "", *, required: bool = False) -> Make:
    return lambda: forms.CharField(
        label=label, help_text=help_text, required=required, max_length=2_000
    )


def _long(label: str, help_text: str = "", *, required: bool = False) -> Make:
    return lambda: forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
    )


def _number(label: str, help_text: str = "", *, required: bool = False) -> Make:
    return lambda: forms.IntegerField(
        label=label, help_text=help_text, required=required
    )


def _choice(label: str, words: Iterable[str], help_text: str = "") -> Make:
    return lambda: forms.ChoiceField(
        label=label,
        help_text=help_text,
        required=False,
        choices=[("", "—"), *((word, word) for word in words)],
    )


def _flag(label: str, help_text: str = "") -> Make:
    return lambda: forms.BooleanField(label=label, help_text=help_text, required=False)


def _lines(label: str, help_text: str) -> Make:
    return lambda: LinesField(
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono"}),
    )


def _pairs(label: str, help_text: str) -> Make:
    return lambda: HeadersField(
        label=label,
        required=False,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 2, "class": "mono"}),
    )


_headers = _pairs(
    "Headers", "One “Name: value” a line. A secret goes in as {{secret:name}}."
)
_URL = _text(
    "URL", "http or https, such as https://api.example.com/health", required=True
)
_REDUCE = _choice(
    "Several series", ("max", "min", "sum"), "How many series become one number."
)
_ASKING: dict[str, Make] = {
    "url": _URL,
    "method": _choice("Method", ("GET", "HEAD", "POST", "OPTIONS"), "GET when empty."),
    "headers": _headers,
    "body": _long("Body"),
    "contains": _text("Answer contains", "Fails when this text is not in the answer."),
    "no_follow": _flag("Do not follow redirects"),
}
_AWS: dict[str, Make] = {
    "access_key": _text("Access key", required=True),
    "secret_key": _text("Secret key", "As {{secret:name}}.", required=True),
    "session_token": _text("Session token", "As {{secret:name}}."),
    "endpoint": _text("Endpoint", "A URL; empty is that of the region."),
}
KIND_FORMS: dict[str, KindForm] = {
    "http": KindForm(
        "HTTP",
        "Asks a URL and judges status, time and content.",
        'status == 200 and json("$.status") == "ok"',
        _ASKING,
    ),
    "json": KindForm(
        "JSON over HTTP",
        "Asks a URL that answers with JSON and takes one value out of it.",
        "value < 500",
        {**_ASKING, "path": _text("Path", "Such as $.queue.size; empty is the whole.")},
    ),
    "tcp": KindForm(
        "TCP port",
        "Connects to a port and closes again.",
        "latency < 200ms",
        {
            "host": _text("Host", required=True),
            "port": _number("Port", required=True),
        },
    ),
    "dns": KindForm(
        "DNS record",
        "Asks a name server for the records of a name.",
        "count >= 2",
        {
            "name": _text("Name", required=True),
            "type": _choice("Type", ("A", "AAAA", "CNAME", "MX", "NS", "TXT")),
            "server": _text("Name server", "An address; empty is the system's."),
            "port": _number("Port", "53 when empty."),
        },
    ),
    "tls": KindForm(
        "TLS certificate",
        "Shakes hands, verifies chain and name, and counts the days that are left.",
        "cert_days > 30",
        {
            "hosts": _lines(
                "Hosts", "One a line: api.example.com or mail.example.com:993"
            )
        },
    ),
    "prometheus": KindForm(
        "Prometheus query",
        "Asks a Prometheus for one number. No answer is unknown, never a pass.",
        "value < 100ms",
        {
            "url": _text("Prometheus URL", required=True),
            "query": _long("Query", "PromQL for one number.", required=True),
            "reduce": _REDUCE,
            "headers": _headers,
        },
    ),
    "metrics": KindForm(
        "Text metrics",
        "Scrapes a page of metrics; no Prometheus is needed.",
        "value < 500",
        {
            "url": _URL,
            "metric": _text("Metric", 'Such as queue_size{type="decision"}'),
            "reduce": _REDUCE,
            "above": _text("Share of", "A counter, such as errors_total"),
            "below": _text("out of", "The counter of all, such as requests_total"),
            "histogram": _text("Or share of a histogram", "Such as write_seconds"),
            "le": lambda: forms.FloatField(
                label="at most", required=False, help_text="A bucket's le, such as 0.5"
            ),
            "headers": _headers,
        },
    ),
    "cloudwatch": KindForm(
        "CloudWatch metric",
        "Asks AWS for the newest whole period of a metric, or for a share of another.",
        "value < 80",
        {
            "region": _text("Region", "Such as eu-west-1", required=True),
            "namespace": _text("Namespace", "Such as AWS/ECS", required=True),
            "metric": _text("Metric", "Such as CPUUtilization", required=True),
            "dimensions": _pairs("Dimensions", "One “Name: value” a line."),
            "stat": _text("Statistic", "Average when empty; Sum, Maximum, p99."),
            "period": _number("Period in seconds", "300 when empty."),
            "per": _text("Share of", "Another metric there, such as RequestCount."),
            "empty_is_zero": _flag(
                "No value counts as 0", "For metrics that AWS leaves out while 0."
            ),
            **_AWS,
        },
    ),
    "sql": KindForm(
        "SQL query",
        "Reads one number from a data source, read-only, in at most 5 seconds.",
        "value == 0",
        {
            "source": _text("Data source", "By name.", required=True),
            "query": _long("Query", "One row with one column.", required=True),
        },
    ),
    "redis": KindForm(
        "Redis",
        "PINGs, reads an entry of INFO, or counts a list.",
        "latency < 5ms",
        {
            "host": _text("Host", required=True),
            "port": _number("Port", "6379 when empty."),
            "tls": _flag("Use TLS"),
            "username": _text("User name"),
            "password": _text("Password", "As {{secret:name}}."),
            "db": _number("Database"),
            "command": _choice("Ask for", ("ping", "info", "llen")),
            "field": _text("Entry of INFO", "For info, such as used_memory"),
            "key": _text("Key of the list", "For llen."),
            "repeat": _number("PINGs", "1 to 20; the 95th percentile counts."),
        },
    ),
    "file": KindForm(
        "File or folder",
        "Looks for a fresh file of believable size, such as last night's backup.",
        "age < 26h and size > 0.5 * median_size",
        {
            "path": _text("Path", "A file, or a folder with a pattern.", required=True),
            "pattern": _text("Pattern", "Such as dump_%Y%m%d.sql or *.gz"),
            "zone": _text("Time zone of the dates", "UTC when empty."),
        },
    ),
    "object": KindForm(
        "Object in a bucket",
        "Looks for a fresh object of believable size in S3 or a store that speaks it.",
        "age < 26h and size > 0.5 * median_size",
        {
            "region": _text("Region", "Such as eu-west-1", required=True),
            "bucket": _text("Bucket", required=True),
            "prefix": _text("Prefix", "Keys that begin so, such as arq/%Y/%m/"),
            "pattern": _text("Pattern", "Of names, such as backup_*.sql.gz"),
            "zone": _text("Time zone of the dates", "UTC when empty."),
            **_AWS,
        },
    ),
    "heartbeat": KindForm(
        "Heartbeat",
        "A job calls a secret address when it is done. You get it after saving.",
        "age < 26h",
    ),
    "internal": KindForm(
        "Portal's own count",
        "Counts what the portal keeps itself.",
        "value == 0",
        {
            "source": _text("Source", required=True),
            "days": _number("Days", "How far to look, where the source counts days."),
            "most": _number("At most", "For repeated alerts: how many are fine."),
            "objective": lambda: forms.FloatField(
                label="Objective in %",
                required=False,
                help_text="For the error budget, such as 99.95.",
            ),
            "check": _text("Availability check", "For the error budget: its slug."),
            "auto_when_zero": _flag("Tick assisted items when the count is 0"),
        },
    ),
}


_PAIRS = {"ratio": ("above", "below"), "le_ratio": ("histogram", "le")}


def to_spec(kind: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the spec that the inputs of a form mean; what is empty is left out."""
    spec = {
        name: value
        for name, value in inputs.items()
        if value not in (None, "", [], {}, False)
    }
    if spec.pop("no_follow", False):
        spec["follow"] = False
    if kind == "metrics":
        for entry, names in _PAIRS.items():
            if any(name in spec for name in names):
                spec[entry] = {name: spec.pop(name, "") for name in names}
    return spec


def from_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs that show a spec."""
    inputs = dict(spec)
    inputs["no_follow"] = inputs.pop("follow", True) is False
    for entry in _PAIRS:
        inputs.update(inputs.pop(entry, {}))
    return inputs


def unshown_spec(kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of a spec that the form has no input for."""
    shown = {*KIND_FORMS[kind].inputs, "follow", *_PAIRS}
    return {name: value for name, value in spec.items() if name not in shown}
