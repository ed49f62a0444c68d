"""What a metric or an item is about, and the check that would prove it.

``condition`` uses the portal's check language; ``{n}`` is filled from a number
in the item where there is one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject with its kind of check; ``unit`` is that of the check's value."""

    name: str
    pattern: re.Pattern[str]
    kind: str
    condition: str = ""
    unit: str = ""
    hint: str = ""
    is_metric: bool = False


def _work(name: str, words: str, kind: str, condition: str, hint: str = "") -> Subject:
    return Subject(name, re.compile(words), kind, condition, "", hint)


def _metric(
    name: str, words: str, unit: str, hint: str, kind: str = "prometheus"
) -> Subject:
    return Subject(name, re.compile(words), kind, "", unit, hint, is_metric=True)


# The first that matches counts: what is special stands before what is general.
SUBJECTS: Final = (
    _work("certificate", r"\b(?:ssl|tls|cert(?:ificate)?s?)\b|证书|сертификат", "tls", "cert_days > {30} and valid", "every host of the service"),
    _work("restore", r"restore|backup (?:integrity|test)|test.*backup|恢复.*备份|备份.*恢复", "heartbeat", "age < 7d and exit_code == 0", "a job that restores the newest backup"),
    _work("backup", r"backups?\b|snapshots?\b|备份|бэкап|резервн", "heartbeat", "age < 26h and exit_code == 0", "the backup job, and the age of its newest file"),
    _work("on-call coverage", r"on-?call (?:coverage|schedule|rota)|coverage verified|值班", "internal", "value == 0", "source oncall_coverage"),
    _work("overnight alerts", r"(?:overnight|active|open|firing|security|outstanding|pending|unacknowledged) alerts?|alerts? (?:overnight|dashboard|review)|review alerts|(?:告警|报警)|алерт", "internal", "value == 0", "source alerts_reviewed"),
    _work("drill", r"\bdrills?\b|\bdr test|disaster recovery|game ?day|failover test|演练|учени", "internal", "value >= 1", "source drills"),
    _work("agents", r"agents?\b.*report|exporters?\b|targets? (?:up|down)|monitoring (?:agents|targets)", "prometheus", "value == 0", "count(up == 0) or vector(0)"),
    _work("incident review", r"incidents? (?:log|reports?|reviews?)|post-?mortems?", "internal", "value == 0", "source incidents"),
    _work("runbook review", r"(?:runbooks?|documentation|docs)\b|文档|документац", "internal", "value == 0", "source runbook_review"),
    _work("load test", r"load[- ]tests?|performance (?:test|benchmark)|benchmark", "heartbeat", "age < 24h and exit_code == 0", "the report of the test"),
    _work("dependencies", r"dependenc|security patch|vulnerabilit|patching|漏洞", "heartbeat", "age < 7d and exit_code == 0", "the report of the scanner"),
    _work("old data", r"(?:clean|purge|delete|archive|prune)\w*.*(?:old|> ?\d|older)", "sql", "value == 0", "count the rows that should be gone"),
    _work("health check", r"health[- ]?(?:checks?|endpoints?|protocol|status)|/health\b|ping\b|健康检查|up and running|service is (?:up|running)", "http", "status == 200", "the address of the health check"),
    _metric("replication lag", r"replica(?:tion)?\s?(?:lag|delay)|复制延迟|репликаци", "ms", "max(pg_replication_lag_seconds) * 1000"),
    _metric("cache hit ratio", r"cache (?:hit|miss)|hit (?:ratio|rate)|缓存命中|попадани", "%", "100 * hits / (hits + misses)"),
    _metric("error rate", r"error[- ]rates?|5xx|failure rate|errors?\s?%|错误率|ошиб(?:ок|ки)", "%", '100 * sum(rate(http_requests_total{status=~"5.."}[5m])) / sum(rate(http_requests_total[5m]))'),
    _metric("availability", r"availab(?!le\b)|up-?time|可用性|доступност", "%", "the share of passing health checks"),
    _metric("slow queries", r"slow quer|query (?:time|latency|duration)|慢查询|медленн", "", "count of pg_stat_statements above 500 ms", "sql"),
    _metric("latency", r"latenc|response[- ]times?|(?<![a-z])p(?:50|90|95|99)(?!\d)|响应时间|延迟|задержк|время ответа", "ms", "histogram_quantile(0.95, ...) * 1000"),
    _metric("connections", r"connection|pool\b|连接|соединени", "%", "100 * connections / max_connections", "sql"),
    _metric("disk", r"disk|\bvolumes? (?:usage|use|space|size|full|capacity)|(?:data|log|ebs|persistent) volumes?|storage|filesystem|磁盘|диск", "%", "max(100 * (1 - avail / size))"),
    _metric("memory", r"memory|\bram\b|heap|内存|памят", "%", "100 * (1 - available / total)"),
    _metric("cpu", r"\bcpu\b|processor|load average|处理器|процессор|цп\b", "%", "100 * (1 - idle)"),
    _metric("queue depth", r"queue|backlog|lag\b|队列|积压|очеред", "", "the length of the queue"),
    _metric("throughput", r"throughput|request rate|requests? per|\brps\b|\bqps\b|吞吐|пропускн", "/s", "sum(rate(http_requests_total[5m]))"),
    _metric("restarts", r"\brestarts\b|restart (?:count|rate)|evictions?\b|crash", "", "increase(kube_pod_container_status_restarts_total[1h])"),
    _metric("database size", r"database (?:growth|size)|growth rate|db size", "", "pg_database_size over a week", "sql"),
    _metric("capacity", r"capacity|utili[sz]ation|headroom|容量|утилизац", "%", "the worst of CPU, memory and disk"),
    _metric("trend", r"trend|baseline|comparison|anomal", "", "this week against the last"),
)  # fmt: skip
QUANTILE: Final = re.compile(
    r"(?<![a-z\d])p(\d{2})(?!\d)|\b(\d{2})(?:th)? ?percentile|quantile\(0?\.(\d{2})"
)


@lru_cache(maxsize=4096)
def find_subject(folded: str) -> Subject | None:
    """The first subject that folded words are about, or None."""
    return next((each for each in SUBJECTS if each.pattern.search(folded)), None)


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
