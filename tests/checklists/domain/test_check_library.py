"""The templates of the check library, and filling them for a service."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklists.domain.check_library import (
    GROUPS,
    KINDS,
    LIBRARY,
    PLACES_BY_NAME,
    TEMPLATES,
    PlaceKind,
    fill_spec,
    fill_text,
    fit_ladder,
)
from checklists.domain.check_library.template import CheckTemplate, Place, RungTemplate
from checklists.domain.condition import parse

NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
UNITS = {"latency": "s", "age": "s", "size": "B", "median_size": "B", "cert_days": "d"}
REPORT = {"p95_ms": 171, "p99_ms": 402, "error_percent": 0.2, "alerts": 0}
SAID = {name: place.default or "5" for name, place in PLACES_BY_NAME.items()}
GIB = 2**30


def judge(key, text, fields):
    units = {name: unit for name, unit in UNITS.items() if name in fields}
    condition = parse(fill_text(text, SAID), LIBRARY[key].unit or None, units=units)
    return condition.holds(fields, NOW, None)


# What the runbooks ask: template, a value that passes, one that fails, and from
# which value on which level of the ladder is open (1 critical to 4 low).
NUMBERS = """
request-rate 1000 999
error-rate 0.09 0.11 0.11:4 0.6:2 1.1:1
error-rate-day 0.09 0.1
error-rate-warned 0.09 0.1 0.9:- 1.1:2 5.1:1
error-rate-held 0.9 1 1.9:- 2.1:2
error-rate-total 0.1 0.2 0.2:2 100:1
refused-rate 0.09 0.1
error-trend 1.1 1.2
latency-p50 199 200
latency-p95 999 1000
latency-p99 1999 2000 900:- 1001:4 2001:2 5001:1
latency-p95-scaling 199 200 201:4 251:2
latency-p99-held 499 500 599:- 601:2
latency-p99-rule 499 500 501:2
latency-p95-warned 199 200 501:2 1001:1
latency-p95-slow 300 301 301:3
latency-p95-objective 199 200
latency-mean 1 1.1 1.1:2
latency-trend 1.1 1.2
latency-baseline 1.1 1.2
errors-counted 10 11 11:1
throughput 1000 999 799:3 801:-
throughput-band 100 1001 99:4 49:2 9:1
capacity-requests - - 959:- 961:4
capacity-users - - 400:- 401:4
capacity-connections - - 16:- 17:4
capacity-memory - - 400e6:- 410e6:4
monitoring-overhead 99 100 149:- 151:3
authority-calls 99.1 99
availability-day 99.5 99.4 99.4:2 98.9:1
availability-month 99.95 99.94
replication-lag 99 100 999:- 1001:1
replication-lag-sql 99 100 1001:1
connections-share 80 81 81:2
connections-share-metrics 79 80 81:2
idle-connections 0 1
waiting-locks 0 1
database-answers 1 0
query-time-p99 499 500
query-time-p95 49 50
replication-slots 0 1
archived-wal 299 300
database-cpu 90 91 91:1
database-cpu-low 74 75
database-cpu-held 75 76 76:2
database-io 9 10
insights-an-hour 100 99 0:2 99:4 501:4
old-insights 0 1
cache-hit-ratio 86 85 69:2 71:-
cache-hit-quarter 81 80 59:3
cpu 69 70
cpu-warned 69 70 81:2 91:1
cpu-held 70 71 71:4 91:1
cpu-high 80 81 81:2
cpu-alarm 80 81 81:2
scale-up 70 71 71:4
scale-down 30 29 29:4
memory 79 80 89:- 91:1
memory-warned 79 80 86:2 96:1
memory-held 80 81 81:3
disk-used 79 80 81:4 96:1
disk-in-a-week 1 0
cpu-week 69 70
cpu-month 69 70
cpu-quarter 69 70
memory-week 79 80
memory-month 79 80
memory-quarter 79 80
disk-days-week 31 30
disk-days-month 31 30
disk-days-quarter 31 30
pod-restarts 0 1 1:- 5:2
pod-evictions 0 1 1:4
pods-ready 0 1
autoscaler 0 1 1:3
nodes-ready 1 0
agents-down 0 1
agents-known 1 0
overnight-alerts 0 1
security-alerts 0 1
on-call-coverage 0 1
all-checks 0 1
alert-storm 50 51 51:2
message-rate 12 13
repeated-alerts 0 1
noise-month 0 1
noise-quarter 0 1
incident-log 0 1
incident-reports 0 1
drill-week 1 0
drill-quarter 1 0
error-budget 49 50
waiting-writes 499 500
write-time 0.99 0.98
own-errors 0.009 0.01
"""
# The others: template, what passes, what fails.
SEEN = [
    ("retained-wal", {"value": 9 * GIB}, {"value": 11 * GIB}),
    ("service-answers", {"status": 204}, {"status": 500}),
    ("dependency-answers", {"status": 200}, {"status": 204}),
    (
        "health-status",
        {"status": 200, "json": {"status": "ok"}},
        {"status": 200, "json": {"status": "down"}},
    ),
    (
        "health-fresh",
        {"status": 200, "json": {"status": "ok", "timestamp": NOW.isoformat()}},
        {
            "status": 200,
            "json": {
                "status": "ok",
                "timestamp": (NOW - timedelta(minutes=6)).isoformat(),
            },
        },
    ),
    ("certificates", {"cert_days": 31, "valid": True}, {"cert_days": 30}),
    ("redis-answers", {"value": "PONG"}, {"value": "LOADING"}),
    ("cache-latency", {"latency": 0.004}, {"latency": 0.006}),
    ("backup", {"age": 25 * 3600, "exit_code": 0}, {"age": 3600, "exit_code": 1}),
    (
        "backup-file",
        {"age": 60, "size": 50, "median_size": 100},
        {"age": 60, "size": 49, "median_size": 100},
    ),
    (
        "backup-object",
        {"age": 25 * 3600, "size": 50, "median_size": 100},
        {"age": 27 * 3600, "size": 50, "median_size": 100},
    ),
    ("dump-today", {"age": 60, "size": 1}, {"age": 60, "size": 0}),
    ("snapshot", {"age": 25 * 3600}, {"age": 27 * 3600}),
    (
        "bucket-replication",
        {"age": 60, "json": {"versioning": True, "lag_seconds": 10}},
        {"age": 60, "json": {"versioning": False, "lag_seconds": 10}},
    ),
    ("restore-test", {"age": 60, "json": {"rows": 1}}, {"age": 60, "json": {"rows": 0}}),
    ("load-test", {"age": 60, "json": REPORT}, {"age": 60, "json": REPORT | {"alerts": 1}}),
    (
        "peak-load-test",
        {"age": 91 * 86400, "json": REPORT},
        {"age": 60, "json": REPORT | {"p95_ms": 201}},
    ),
    ("benchmark", {"age": 60, "json": {"ratio": 1.1}}, {"age": 60, "json": {"ratio": 1.2}}),
    (
        "dependency-audit",
        {"age": 60, "json": {"critical": 0}},
        {"age": 60, "json": {"critical": 1}},
    ),
    (
        "recovery-time",
        {"age": 60, "json": {"rto_minutes": 59, "rpo_minutes": 4}},
        {"age": 60, "json": {"rto_minutes": 59, "rpo_minutes": 5}},
    ),
    ("stale-documents", {"json": {"stale": []}}, {"json": {"stale": ["a"]}}),
    (
        "log-retention",
        {"json": {"production": 30, "staging": 7, "development": 3}},
        {"json": {"production": 30, "staging": 7, "development": 1}},
    ),
    (
        "record-retention",
        {"json": {"operational": 90, "audit": 365}},
        {"json": {"operational": 90, "audit": 364}},
    ),
    ("collection", {"value": 1, "age": 89}, {"value": 1, "age": 91}),
    ("active-alerts", {"status": 200, "json": []}, {"status": 200, "json": [1]}),
    ("alert-engine", {"json": []}, {"json": {}}),
    ("alert-history", {"json": [0] * 200}, {"json": [0] * 201}),
]  # fmt: skip
# They compare with what was before: the tests of the language judge those.
OF_THE_PAST = {"database-growth", "slow-queries", "disk-change"}


def test_what_passes_and_what_fails_is_as_the_runbooks_say():
    judged = set(OF_THE_PAST)
    for line in NUMBERS.strip().splitlines():
        key, good, bad, *_ = line.split()
        judged.add(key)
        if good != "-":
            condition = LIBRARY[key].condition
            assert judge(key, condition, {"value": float(good)}) is True, line
            assert judge(key, condition, {"value": float(bad)}) is False, line
            assert judge(key, condition, {}) is None, line
    for key, good, bad in SEEN:
        judged.add(key)
        assert judge(key, LIBRARY[key].condition, good) is True, key
        assert judge(key, LIBRARY[key].condition, bad) is False, key
    assert judged == {each.key for each in TEMPLATES if each.condition or each.ladder}


def test_the_ladder_opens_at_the_level_that_the_runbooks_say():
    laddered = set(OF_THE_PAST)
    for line in NUMBERS.strip().splitlines():
        key, _, _, *steps = line.split()
        if steps:
            laddered.add(key)
        for step in steps:
            value, level = step.split(":")
            open_levels = [
                str(rung.level)
                for rung in LIBRARY[key].ladder
                if judge(key, rung.condition, {"value": float(value)})
            ]
            assert min(open_levels, default="-") == level, step
    with_ladder = {each.key for each in TEMPLATES if each.ladder}
    assert with_ladder <= laddered


def test_alarms_wait_as_long_as_the_runbooks_say():
    held = {
        (each.key, rung.level): rung.held
        for each in TEMPLATES
        for rung in each.ladder
        if rung.held
    }
    assert held == {
        ("throughput", 3): "5m", ("latency-p95-scaling", 2): "5m",
        ("latency-p95-scaling", 4): "5m", ("latency-p99-held", 2): "5m",
        ("latency-p99-rule", 2): "2m", ("error-rate-held", 2): "5m",
        ("cache-hit-quarter", 3): "15m", ("cpu-held", 4): "5m",
        ("errors-counted", 1): "10m", ("latency-mean", 2): "10m",
        ("cpu-alarm", 2): "10m", ("database-cpu-held", 2): "10m",
        ("scale-up", 4): "10m", ("scale-down", 4): "30m", ("autoscaler", 3): "10m",
    }  # fmt: skip


def test_rows_are_complete():
    assert len(TEMPLATES) == len(LIBRARY)
    for template in TEMPLATES:
        assert set(template.places) <= set(PLACES_BY_NAME), template.key
        assert template.group in GROUPS
        levels = [rung.level for rung in template.ladder]
        assert levels == sorted(set(levels)), template.key
    used = {name for template in TEMPLATES for name in template.places}
    assert used == set(PLACES_BY_NAME)
    for place in PLACES_BY_NAME.values():
        assert place.find_fault(place.default) == "", place.name


def template(**spec):
    return CheckTemplate(
        key="it", name="Lag of it", group="Here", runbooks=("ARQ",), kind="k", spec=spec
    )


def test_places_are_filled_once_and_take_their_type():
    made = template(
        query="up{<labels>} < <redis_port>",
        port="<redis_port>",
        hosts="<tls_hosts>",
        headers={"Authorization": "<authorization>"},
        nested={"le": 5},
    )
    places = {"labels": "<redis_port>", "redis_port": "6379", "tls_hosts": "a, b c"}
    assert fill_spec(made, {**places, "authorization": ""}, KINDS) == {
        "query": "up{<redis_port>} < 6379",
        "port": 6379,
        "hosts": ["a", "b", "c"],
        "nested": {"le": 5},
    }
    assert made.places == ("labels", "redis_port", "tls_hosts", "authorization")


@pytest.mark.parametrize(
    ("levels", "labels"),
    [
        ([], []),
        ([("Critical", 1), ("Major", 2), ("Minor", 4)], ["Critical", "Major", "Minor"]),
        ([("P1", 1), ("P2", 3)], ["P1", "P2"]),
        ([("Only", 3)], ["Only"]),
    ],
)
def test_a_ladder_takes_the_words_of_the_service(levels, labels):
    rungs = [
        RungTemplate(1, "value > 3"),
        RungTemplate(2, "value > 2", "5m"),
        RungTemplate(4, "value > 1"),
    ]
    fitted = fit_ladder(rungs, levels)
    assert [rung["severity"] for rung in fitted] == labels
    if labels:
        assert fitted[-1] == {"severity": labels[-1], "condition": "value > 1"}
    if labels == ["P1", "P2"]:
        # Of critical and high, the milder: it speaks earlier.
        assert fitted[0] == {"severity": "P1", "condition": "value > 2", "for": "5m"}


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("", True), ("LAG of", True), ("arq here", True), ("up", True), ("redis", False)],
)
def test_a_search_looks_everywhere(text, is_found):
    assert template(query="up").fits(text) is is_found


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (PlaceKind.URL, "http://prometheus:9090", "prometheus:9090"),
        (PlaceKind.HOST, "redis.example.com", "redis://a"),
        (PlaceKind.HOSTS, "a.example.com, b:993", "a, ,b/c"),
        (PlaceKind.PORT, "6379", "0"),
        (PlaceKind.METRIC, "http_requests_total", 'up{job="a"}'),
        (PlaceKind.SERIES, 'queue{type="a",b="c"}', 'queue{type="a"'),
        (PlaceKind.SERIES, "queue", "queue or vector(0)"),
        (PlaceKind.MATCHERS, 'job="a", code=~"5.."', 'job="a"} or up{'),
        (PlaceKind.MATCHERS, 'job="a"', 'job="a",'),
        (PlaceKind.SOURCE, "arq", "arq; drop"),
        (PlaceKind.SLUG, "service-answers", "service answers"),
        (PlaceKind.TABLE, "public.insights", "insights; DROP TABLE x"),
        (PlaceKind.NUMBER, "12", "twelve"),
        (PlaceKind.TEXT, "Bearer {{secret:prometheus}}", "two\nlines"),
        (PlaceKind.TEXT, "dump_%Y%m%d.sql", "a\x00b"),
    ],
)
def test_a_place_says_what_is_wrong_with_a_text(kind, good, bad):
    place = Place("it", "It", kind)
    assert place.find_fault(good) == ""
    assert place.find_fault("") == ""
    assert place.find_fault(bad).endswith(".")


@given(st.text(alphabet='a1=~!",{}\\ '))
def test_labels_that_are_let_in_close_no_brace(text):
    if not Place("it", "It", PlaceKind.MATCHERS).find_fault(text):
        unquoted = text.replace("\\\\", "").replace('\\"', "").split('"')[::2]
        assert not set("{}") & set("".join(unquoted))
