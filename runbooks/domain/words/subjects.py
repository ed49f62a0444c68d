"""What a metric or an item is about, and the check that would prove it.

``condition`` uses the portal's check language; ``{n}`` is filled from a number
in the item where there is one, ``<days>`` and ``<report>`` from its period.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject with its kind of check; ``unit`` is that of the check's value.

    ``is_assisted`` says that a person confirms what the check shows. ``beside`` are
    more checks: kind, condition, note. ``parts`` are the measures of a subject that
    has several, ``is_state`` tells what can be well or not. ``hint_free`` asks for what
    is free of it, where ``hint`` asks for what is used.
    """

    name: str
    pattern: re.Pattern[str]
    kind: str
    condition: str = ""
    unit: str = ""
    hint: str = ""
    hint_free: str = ""
    is_metric: bool = False
    is_assisted: bool = False
    is_state: bool = False
    spec: Mapping[str, object] = field(default_factory=dict)
    beside: tuple[tuple[str, str, str], ...] = ()
    parts: tuple[str, ...] = ()


def _state(
    name: str, words: str, kind: str, condition: str, hint: str = "",
    *beside: tuple[str, str, str],
) -> Subject:  # fmt: skip
    return Subject(
        name, re.compile(words), kind, condition, "", hint, is_state=True, beside=beside
    )


def _work(
    name: str, words: str, kind: str, condition: str, hint: str = "",
    *, assisted: bool = True,
) -> Subject:  # fmt: skip
    pattern = re.compile(words)
    return Subject(name, pattern, kind, condition, "", hint, is_assisted=assisted)


def _own(
    name: str, words: str, condition: str, *, assisted: bool = True, **spec: object
) -> Subject:
    """What the portal counts itself."""
    if assisted and condition == "value == 0":
        spec["auto_when_zero"] = True
    return Subject(
        name, re.compile(words), "internal", condition, "", f"source {spec['source']}",
        is_assisted=assisted, spec=spec,
    )  # fmt: skip


def _metric(
    name: str, words: str, unit: str, hint: str, kind: str = "prometheus",
    *, free: str = "",
) -> Subject:  # fmt: skip
    pattern = re.compile(words)
    return Subject(
        name, pattern, kind, "", unit, hint, free, is_metric=True, is_state=True
    )


def _past(
    name: str, words: str, condition: str, hint: str, kind: str = "prometheus",
    *, assisted: bool = True, parts: tuple[str, ...] = (), unit: str = "",
) -> Subject:  # fmt: skip
    """What is held against its own past, or is several measures."""
    return Subject(
        name, re.compile(words), kind, condition, unit, hint, is_metric=True,
        is_assisted=assisted, parts=parts,
    )  # fmt: skip


# The first that matches counts: what is special stands before what is general.
SUBJECTS: Final = (
    _state("certificate", r"\b(?:ssl|tls|cert(?:ificate)?s?|zertifikate?n?|certificados?|certificats?)\b|证书|сертификат", "tls", "cert_days > {30} and valid", "every host of the service"),
    _state("restore", r"restore|backup (?:integrity|test)|test.*backup|恢复.*备份|备份.*恢复", "heartbeat", 'age < <days> and json("$.rows") > 0', "a job that restores the newest backup, and reports its rows as {\"rows\": 1}"),
    _state("backup", r"backups?\b|snapshots?\b|备份|бэкап|резервн", "heartbeat", "age < 26h and exit_code == 0", "the backup job, and the age of its newest file", ("file", "age < 26h and size >= 0.5 * median_size and size > 0", "its newest file")),
    _own("on-call coverage", r"on-?call (?:coverage|schedule|rota)|coverage verified|值班", "value == 0", assisted=False, source="oncall_coverage"),
    _own("overnight alerts", r"(?:overnight|active|open|firing|security|outstanding|pending|unacknowledged) alerts?|alerts? (?:overnight|dashboard|review)|review alerts|(?:告警|报警)|алерт", "value == 0", source="alerts_reviewed"),
    _own("repeated alerts", r"alert(?:ing)? (?:history|patterns?|trends?|noise|fatigue|rules?|thresholds?|config\w*|tuning|effectiveness)|nois[ey]\w* alerts?|(?:tune|tuning|optimi[sz]e) .*alerts?", "value == 0", source="repeated_alerts", days=7),
    _own("drill", r"\bdrills?\b|\bdr test|disaster recovery|game ?day|failover test|演练|учени", "value >= 1", source="drills", days=7),
    _state("agents", r"agents?\b.*report|exporters?\b|targets? (?:up|down)|monitoring (?:agents|targets)", "prometheus", "value == 0", "count(up == 0) or vector(0)", ("prometheus", "", "count(up): as many as should report, for a target that vanished is not down")),
    _own("incident review", r"incidents? (?:log|reports?|reviews?)|post-?mortems?", "value == 0", source="unreviewed_incidents", days=7),
    _own("runbook review", r"(?:runbooks?|documentation|docs)\b|文档|документац", "value == 0", source="runbooks_reviewed", days=31),
    _work("benchmark", r"benchmark", "heartbeat", 'age < <days> and json("$.ratio") <= 1.1', "the report of the benchmark: {\"ratio\": 1.02} against the last one"),
    _work("load test", r"load[- ]tests?|performance test", "heartbeat", "age < <report> and exit_code == 0", "the report of the test"),
    _work("dependencies", r"dependenc|security patch|vulnerabilit|patching|漏洞", "heartbeat", 'age < 7d and json("$.critical") == 0', "the report of the scanner: {\"critical\": 0}"),
    _work("old data", r"(?:clean|purge|delete|archive|prune)\w*.*(?:old|> ?\d|older)", "sql", "value == 0", "count the rows that should be gone", assisted=False),
    _own("service checks", r"(?:system|service|platform|cluster|overall) health(?! ?(?:check|endpoint|page))|health dashboards?|(?:status|monitoring) dashboards?", "value == 0", source="service_checks"),
    _state("health check", r"health[- ]?(?:checks?|endpoints?|protocol|status)|/health\b|ping\b|健康检查|up and running|service is (?:up|running)", "http", "status == 200", "the address of the health check"),
    _metric("replication lag", r"replica(?:tion)?\s?(?:lag|delay)|\blag of .*\breplica|\breplicas?\b.* \blags?\b|复制延迟|репликаци", "ms", "max(pg_replication_lag_seconds) * 1000"),
    _metric("cache hit ratio", r"cache (?:hit|miss)|hit (?:ratio|rate)|缓存命中|попадани", "%", "100 * hits / (hits + misses)"),
    _metric("error rate", r"error[- ]rates?|5xx|failure rate|errors?\s?%|错误率|ошиб(?:ок|ки)", "%", '100 * sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'),
    _metric("availability", r"availab(?!le\b)|up-?time|可用性|доступност", "%", "the share of passing health checks"),
    _metric("slow queries", r"slow quer|query (?:time|latency|duration)|慢查询|медленн", "", "count of pg_stat_statements above 500 ms", "sql"),
    _metric("latency", r"latenc|response[- ]times?|(?<![a-z])p(?:50|90|95|99)(?!\d)|响应时间|延迟|задержк|время ответа", "ms", "histogram_quantile(0.95, ...) * 1000"),
    _metric("connections", r"connection|pool\b|连接|соединени", "%", "100 * connections / max_connections", "sql"),
    _metric("disk", r"disk|\bvolumes? (?:usage|use|space|size|full|capacity)|(?:data|log|ebs|persistent) volumes?|storage|filesystem|磁盘|диск", "%", "max(100 * (1 - avail / size))", free="min(100 * avail / size)"),
    _metric("memory", r"memory|\bram\b|heap|内存|памят", "%", "100 * (1 - available / total)", free="100 * available / total"),
    _metric("cpu", r"\bcpu\b|processor|load average|处理器|процессор|цп\b", "%", "100 * (1 - idle)", free="100 * idle"),
    _metric("queue depth", r"queue|backlog|lag\b|队列|积压|очеред", "", "the length of the queue"),
    _metric("throughput", r"throughput|request rate|requests? per|\brps\b|\bqps\b|吞吐|пропускн", "/s", "sum(rate(http_requests_total[5m]))"),
    _metric("restarts", r"\brestarts\b|restart (?:count|rate)|evictions?\b|crash", "", "increase(kube_pod_container_status_restarts_total[1h])"),
    _past("database size", r"database (?:growth|size)|growth rate|db size", "delta(7d) <= 1.25 * delta(28d) / 4", "pg_database_size(current_database())", "sql", assisted=False, unit="B"),
    _past("capacity planning", r"capacity (?:plan|review|forecast)\w*", "days_to_full(100%, 7d) > 30d", "the worst of CPU, memory and disk over its period", parts=("cpu", "memory", "disk"), unit="%"),
    _past("capacity", r"capacity|utili[sz]ation|headroom|容量|утилизац", "", "the worst of CPU, memory and connections", assisted=False, parts=("cpu", "memory", "connections"), unit="%"),
    _past("baseline", r"baseline|comparison", "value <= 1.1 * baseline(28d)", "the median of four weeks"),
    _past("trend", r"trend|anomal", "value <= 1.1 * ago(<days>)", "this period against the last"),
)  # fmt: skip
QUANTILE: Final = re.compile(
    r"(?<![a-z\d])p(\d{2})(?!\d)|\b(\d{2})(?:th)? ?percentile|quantile\(0?\.(\d{2})"
)


@lru_cache(maxsize=4096)
def find_subject(folded: str) -> Subject | None:
    """The first subject that folded words are about, or None."""
    return next((each for each in SUBJECTS if each.pattern.search(folded)), None)


@lru_cache(maxsize=4096)
def find_state(folded: str) -> str:
    """The name of what words say is well or not ("replication lag"); "" for none."""
    subject = find_subject(folded)
    return subject.name if subject is not None and subject.is_state else ""


@lru_cache(maxsize=4096)
def metric_key(folded: str) -> str:
    """What is measured, to put beside what is measured elsewhere; "" if unknown.

    "latency p99" and "decision.latency.p99" are the same measure.
    """
    subject = next(
        (each for each in SUBJECTS if each.is_metric and each.pattern.search(folded)),
        None,
    )
    if subject is None:
        return ""
    quantile = QUANTILE.search(folded)
    number = next((each for each in quantile.groups() if each), "") if quantile else ""
    holder = (
        "database "
        if re.search(r"\bdb\b|database|query|postgres|mysql|rds", folded)
        else ""
    )
    return f"{holder}{subject.name}{' p' + number if number else ''}"
