"""Templates: what people who use a service notice of it."""

from checklists.domain.check_library.writing import (
    AMAS,
    ARCA,
    ARCHITECT,
    ARQ,
    CRITICAL,
    HIGH,
    LOW,
    MEDIUM,
    QENERGYZ,
    QUARTER,
    look,
    prom,
    quantile,
    share_of,
)

GROUP, REACH = "Requests", "Reachability"
_OK = 'status == 200 and json("$.status") == "ok"'
_ERRORS, _ALL_ERRORS = "<error_labels>", "<all_errors>"
_REQUESTS = "sum(rate(<requests>{<labels>}[5m]))"
_DURATION = "<duration>_sum{<labels>}[5m]", "<duration>_count{<labels>}[5m]"

TEMPLATES = (
    prom(
        "request-rate", "Request rate", GROUP, (ARQ,), _REQUESTS,
        "value >= 1000/s", unit="/s",
    ),
    prom(
        "error-rate", "Error rate below 0.1 %", GROUP, (ARQ,),
        share_of(_ERRORS, "5m"), "value < 0.1%", unit="%",
        ladder=(
            (CRITICAL, "value > 1%"), (HIGH, "value > 0.5%"), (LOW, "value > 0.1%"),
        ),
    ),
    prom(
        "error-rate-day", "Error rate of the last day", GROUP, (ARQ, QENERGYZ),
        share_of(_ERRORS, "24h"), "value < 0.1%", unit="%",
    ),
    prom(
        "error-rate-warned", "Error rate below 0.1 %, warned at 1 %", GROUP,
        (QENERGYZ,), share_of(_ERRORS, "5m"), "value < 0.1%", unit="%",
        ladder=((CRITICAL, "value > 5%"), (HIGH, "value > 1%")),
    ),
    prom(
        "error-rate-held", "Error rate below 1 %", GROUP, (AMAS,),
        share_of(_ERRORS, "5m"), "value < 1%", unit="%",
        ladder=((HIGH, "value > 2%", "5m"),),
        about="The objective alerts at 2 %, the page on troubleshooting at 1 %.",
    ),
    prom(
        "error-rate-total", "Error rate up to all requests", GROUP, (ARCHITECT,),
        share_of(_ERRORS, "5m"), "value <= 0.1%", unit="%",
        ladder=((CRITICAL, "value >= 100%"), (HIGH, "value > 0.1%")),
    ),
    prom(
        "refused-rate", "Requests that end in 4xx or 5xx", GROUP, (ARCA,),
        share_of(_ALL_ERRORS, "5m"), "value < 0.1%", unit="%", alerts=True,
    ),
    prom(
        "error-trend", "Error rate against last week", GROUP, (ARQ,),
        f"({share_of(_ERRORS, '7d')}) / "
        f"({share_of(_ERRORS, '7d', shift=' offset 7d')})",
        "value <= 1.10", every=QUARTER,
    ),
    prom(
        "latency-p50", "Latency p50 below 200 ms", GROUP, (ARQ,), quantile("0.5"),
        "value < 200ms", unit="ms",
    ),
    prom(
        "latency-p95", "Latency p95 below 1 s", GROUP, (ARQ,), quantile("0.95"),
        "value < 1s", unit="ms",
    ),
    prom(
        "latency-p99", "Latency p99 below 2 s", GROUP, (ARQ,), quantile("0.99"),
        "value < 2s", unit="ms",
        ladder=((CRITICAL, "value > 5s"), (HIGH, "value > 2s"), (LOW, "value > 1s")),
        about="The target is 2 s, and a minor alert comes at 1 s already.",
    ),
    prom(
        "latency-p95-scaling", "Latency p95 below 200 ms, held for 5 minutes", GROUP,
        (AMAS,), quantile("0.95"), "value < 200ms", unit="ms",
        ladder=((HIGH, "value > 250ms", "5m"), (LOW, "value > 200ms", "5m")),
        about="Above 200 ms for 5 minutes is the time to scale out.",
    ),
    prom(
        "latency-p99-held", "Latency p99 below 500 ms", GROUP, (AMAS,),
        quantile("0.99"), "value < 500ms", unit="ms",
        ladder=((HIGH, "value > 600ms", "5m"),),
        about="The objective alerts above 600 ms for 5 minutes.",
    ),
    prom(
        "latency-p99-rule", "Latency p99, alert above 500 ms", GROUP, (AMAS,),
        quantile("0.99"), "value < 500ms", unit="ms",
        ladder=((HIGH, "value > 500ms", "2m"),),
        about="The alert rule fires above 500 ms for 2 minutes; the objective says "
        "600 ms for 5. Choose one of the two.",
    ),
    prom(
        "latency-p95-warned", "Latency p95 below 200 ms, warned at 500 ms", GROUP,
        (QENERGYZ,), quantile("0.95"), "value < 200ms", unit="ms",
        ladder=((CRITICAL, "value > 1000ms"), (HIGH, "value > 500ms")),
    ),
    prom(
        "latency-p95-slow", "Latency p95, slow above 300 ms", GROUP, (ARCHITECT,),
        quantile("0.95"), "value <= 300ms", unit="ms",
        ladder=((MEDIUM, "value > 300ms"),),
    ),
    prom(
        "latency-p95-objective", "Latency p95 below 200 ms", GROUP, (ARCA,),
        quantile("0.95"), "value < 200ms", unit="ms", alerts=True,
    ),
    prom(
        "latency-mean", "Mean response time, 10 minutes above 1 s", GROUP, (QENERGYZ,),
        f"sum(rate({_DURATION[0]})) / sum(rate({_DURATION[1]}))", "value <= 1s",
        unit="s", ladder=((HIGH, "value > 1s", "10m"),),
    ),
    prom(
        "latency-trend", "Latency p95 of the week against the one before", GROUP,
        (QENERGYZ,),
        f"({quantile('0.95', window='7d')}) / "
        "(1000 * histogram_quantile(0.95, sum by (le) "
        "(rate(<duration>_bucket{<labels>}[7d] offset 7d))))",
        "value <= 1.10", every=QUARTER,
    ),
    prom(
        "latency-baseline", "Latency p99 of the week against four weeks", GROUP, (ARQ,),
        f"({quantile('0.99', window='7d')}) / ({quantile('0.99', window='28d')})",
        "value <= 1.10", every=QUARTER,
    ),
    prom(
        "errors-counted", "More than 10 errors in 5 minutes", GROUP, (QENERGYZ,),
        "sum(increase(<requests>{<error_labels>,<labels>}[5m])) or "
        "0 * sum(increase(<requests>{<labels>}[5m]))",
        "value <= 10", ladder=((CRITICAL, "value > 10", "10m"),),
    ),
    prom(
        "throughput", "Throughput above 1000 a second", GROUP, (AMAS,), _REQUESTS,
        "value >= 1000/s", unit="/s", ladder=((MEDIUM, "value < 800/s", "5m"),),
    ),
    prom(
        "throughput-band", "Throughput of 100 to 1000 a minute", GROUP, (QENERGYZ,),
        f"60 * {_REQUESTS}", "value between 100/min and 1000/min", unit="/min",
        ladder=(
            (CRITICAL, "value < 10/min"), (HIGH, "value < 50/min"),
            (LOW, "value < 100/min"),
        ),
        about="Between 50 and 100 a minute nothing was agreed: it is shown as low.",
    ),
    prom(
        "capacity-requests", "Requests against 1200 a second", GROUP, (AMAS,),
        _REQUESTS, unit="/s", ladder=((LOW, "value > 0.8 * 1200/s"),),
    ),
    prom(
        "capacity-users", "Active users against 500", GROUP, (AMAS,),
        "sum(<users>{<labels>})", ladder=((LOW, "value > 0.8 * 500"),),
    ),
    prom(
        "connections", "Open connections", GROUP, (ARQ,),
        "sum(<connections>{<labels>})",
    ),
    prom("queue-depth", "Messages that wait", GROUP, (ARQ,), "sum(<queue>{<labels>})"),
    prom(
        "monitoring-overhead", "Monitoring overhead of a request", GROUP, (AMAS,),
        "1000 * sum(rate(<overhead>_sum{<labels>}[5m])) / "
        "sum(rate(<overhead>_count{<labels>}[5m]))",
        "value < 100ms", unit="ms", ladder=((MEDIUM, "value > 150ms"),),
    ),
    prom(
        "authority-calls", "Calls to the authority that succeed", GROUP, (ARCA,),
        f"100 - ({share_of('<call_errors>', '5m', counter='calls')})", "value > 99%",
        unit="%", alerts=True,
    ),
    prom(
        "authority-latency", "Calls to the authority, p95", GROUP, (ARCA,),
        quantile("0.95", "call_time"), unit="ms",
    ),
    prom(
        "token-cache", "Token cache hits", GROUP, (ARCA,),
        share_of("<token_hits>", "5m", counter="tokens"), unit="%",
    ),
    look(
        "service-answers", "Service answers", REACH, (ARQ, ARCHITECT, QENERGYZ),
        "http", {"url": "<health>"}, "status in (200, 204)", alerts=True,
        measures_uptime=True,
        about="Its failing time is the downtime of the service. Certificates are "
        "verified.",
    ),
    look(
        "health-status", "Health page says ok", REACH, (ARCHITECT,), "http",
        {"url": "<health>"}, _OK, alerts=True,
    ),
    look(
        "health-fresh", "Health page says ok, just now", REACH, (AMAS,), "http",
        {"url": "<health>"}, f'{_OK} and age(json("$.timestamp")) < 5m', alerts=True,
    ),
    prom(
        "availability-day", "Availability of the last day", REACH, (ARQ,),
        "100 * avg(avg_over_time(up{<labels>}[24h]))", "value >= 99.5%", unit="%",
        ladder=((CRITICAL, "value < 99%"), (HIGH, "value < 99.5%")),
    ),
    prom(
        "availability-month", "Availability of 30 days, 99.95 %", REACH, (ARCA,),
        "100 * avg(avg_over_time(up{<labels>}[30d]))", "value >= 99.95%", unit="%",
        every=QUARTER, alerts=True,
    ),
    look(
        "dependency-answers", "What it depends on answers", REACH,
        (QENERGYZ, ARCHITECT), "http", {"url": "<dependency>"}, "status == 200",
        alerts=True,
    ),
    look(
        "database-port", "Database takes connections", REACH, (QENERGYZ,), "tcp",
        {"host": "<database>", "port": "<database_port>"}, alerts=True,
    ),
    look(
        "certificates", "Certificates for 30 days", REACH, (ARQ, ARCA), "tls",
        {"hosts": "<tls_hosts>"}, "cert_days > 30 and valid", every=QUARTER,
        alerts=True,
    ),
)  # fmt: skip
