"""Each metric of the five runbooks has a template in the check library.

The requirements lie in ../shared beside the checkout, which does not ship.
"""

import re

import pytest

from checklists.domain.check_library import LIBRARY

pytestmark = pytest.mark.shared

# Only a person can do these; what proves that they did is a check of its own.
BY_HAND = {"C10", "E03", "E05", "E06", "E07", "I01", "I02", "I03", "I04", "I05", "I06"}
TEMPLATES = """
A20 request-rate
A21 error-rate
A22 latency-p50 latency-p95 latency-p99
A23 connections
A24 queue-depth
A25 cache-hit-ratio
A26 connections-share
A27 query-time-p99
A28 transactions
A29 replication-lag replication-lag-sql
A30 database-size
A31 checkpoints
A32 slow-queries
A33 cpu database-cpu
A34 memory
A35 disk-used
A36 network
A37 pod-restarts pod-evictions
A38 nodes-ready
A39 cache-evictions cache-memory cache-keys
A40 cache-latency
A41 availability-day service-answers
B01 health-fresh
B02 waiting-writes
B03 write-time
B04 own-errors
B05 active-alerts
B06 collection
B07 alert-engine
B08 alert-history
B09 insights-an-hour
B10 dump-today
B11 alert-storm
B12 message-rate
B20 repeated-alerts
B21 database-growth
B22 restore-test
B23 load-test
B24 incident-log
B25 incident-log
B30 noise-month
B31 old-insights
B32 benchmark
B33 dependency-audit
B40 peak-load-test
B41 drill-quarter
B42 cpu-quarter memory-quarter disk-days-quarter
B43 noise-quarter
B50 throughput
B51 latency-p95-scaling
B52 latency-p99-held latency-p99-rule
B53 error-rate-held
B54 monitoring-overhead
B55 cache-hit-quarter
B56 cpu-held memory-held
B57 capacity-requests capacity-users capacity-connections capacity-memory
C01 overnight-alerts
C02 all-checks service-answers
C03 backup backup-file backup-object
C04 error-rate-day error-rate-warned
C05 latency-trend
C06 repeated-alerts
C07 cpu-warned memory-warned connections-share-metrics
C08 security-alerts
C09 incident-reports
C10 stale-documents
C11 noise-month
C12 cpu-month memory-month disk-days-month
C20 latency-p95-warned
C21 error-rate-warned
C22 throughput-band
C23 cpu-warned
C24 memory-warned
C25 database-cpu-low
C26 connections-share-metrics
C27 database-io
C28 errors-counted latency-mean cpu-alarm database-cpu-held
C29 scale-up scale-down connections-share
C30 log-retention
C31 service-answers
C32 dependency-answers
C33 database-port
D01 health-status
D02 error-rate-total
D03 error-rate-total
D04 latency-p95-slow
D05 database-answers
D06 redis-answers
D07 dependency-answers
D08 slowest-query
D09 waiting-locks
D10 connections-count
D11 replication-lag
D12 replication-slots retained-wal
D13 backup-object backup-file
D14 cpu-high
D15 pod-memory-growth
D16 idle-connections
D17 pods-ready autoscaler
D18 cache-slowlog cache-memory
E01 backup-object snapshot
E02 bucket-replication
E04 restore-test
E08 error-budget
E09 incident-log
E10 certificates
E20 availability-month
E21 latency-p95-objective
E22 refused-rate
E23 query-time-p95
E24 authority-calls
E25 token-cache authority-latency
E26 cache-hit-ratio cache-memory cache-evictions
E27 record-retention
E28 recovery-time
E29 archived-wal
"""
FOUND = {line.split()[0]: line.split()[1:] for line in TEMPLATES.split("\n") if line}


def test_each_metric_of_the_runbooks_has_a_template(shared):
    page = (shared / "requirements" / "checklists-and-checks.md").read_text()
    section = page[page.index("### 2.3") : page.index("### 2.10")]
    asked = set(re.findall(r"^\| ([A-E]\d{2}) \|", section, re.MULTILINE))
    asked |= set(re.findall(r"\b([CDE]\d{2}) [^,|]", section))
    assert len(asked) > 90
    assert asked - BY_HAND - set(FOUND) == set()


def test_each_template_named_is_there_and_each_there_comes_of_a_runbook():
    named = {key for keys in FOUND.values() for key in keys}
    assert named <= set(LIBRARY)
    assert all(template.runbooks for template in LIBRARY.values())
