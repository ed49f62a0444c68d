from datetime import UTC, datetime

import pytest

from checklists.probes import PROBES
from tests.targets import Reply, free_port

TEXT = """\
amas_queue_size{type="decision"} 12
amas_queue_size{type="learning"} 3
write_ms_bucket{le="100"} 50
write_ms_bucket{le="500.0"} 99
write_ms_bucket{le="+Inf"} 100
write_ms_count 100
errors_total 1
requests_total 200
nobody_total 0
lost_bucket{le="500"} 5
"""


@pytest.fixture
def scrape(site, see):
    def look(text=TEXT, status=200, **spec):
        site.routes["/metrics"] = Reply(status, text.encode())
        return see("metrics", {"url": f"{site.url}/metrics", **spec})

    return look


def test_conditions_may_name_every_series(scrape):
    seen = scrape()
    assert seen.failure is None
    assert seen.fields['amas_queue_size{type="decision"}'] == 12.0
    assert seen.fields["errors_total"] == 1.0
    assert seen.fields["status"] == 200
    assert seen.detail.startswith("10 series; 200, ")


def test_the_named_metric_is_the_value(scrape):
    fields = scrape(metric='amas_queue_size{type="decision"}').fields
    assert (fields["value"], fields["series"]) == (12.0, 1)
    assert scrape(metric="amas_queue_size", reduce="sum").fields["value"] == 15.0
    assert scrape(metric="amas_queue_size", reduce="max").fields["value"] == 12.0


def test_a_share_is_made_of_two_metrics(scrape):
    fields = scrape(ratio={"above": "errors_total", "below": "requests_total"}).fields
    assert (fields["above"], fields["below"]) == (1.0, 200.0)
    assert fields["value"] == pytest.approx(0.005)


def test_a_share_of_a_bucket_is_a_percentile_turned_round(scrape):
    fields = scrape(le_ratio={"histogram": "write_ms", "le": "500"}).fields
    assert fields["value"] == pytest.approx(0.99)


def test_a_sample_with_a_time_has_an_age(scrape):
    stamp = int((datetime.now(UTC).timestamp() - 60) * 1000)
    fields = scrape(f"a 1 {stamp}\n", metric="a").fields
    assert fields["age"] == pytest.approx(60, abs=2)


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"metric": "nothing"}, "no_data"),
        ({"metric": "amas_queue_size"}, "many_series"),
        ({"ratio": {"above": "errors_total", "below": "nothing"}}, "no_data"),
        (
            {"ratio": {"above": "errors_total", "below": "nobody_total"}},
            "nothing_counted",
        ),
        ({"le_ratio": {"histogram": "lost", "le": "500"}}, "no_data"),
        ({"le_ratio": {"histogram": "write_ms", "le": "7"}}, "no_data"),
    ],
)
def test_what_cannot_be_counted_is_unknown(scrape, spec, code):
    seen = scrape(**spec)
    assert (seen.failure.outcome, seen.failure.code) == ("unknown", code)
    assert seen.fields["errors_total"] == 1.0


@pytest.mark.parametrize(
    ("text", "status", "failure"),
    [
        ("", 500, ("fail", "http_status")),
        ("", 404, ("unknown", "http_status")),
        ("", 401, ("unknown", "access_denied")),
        ("<html>", 200, ("unknown", "parse_error")),
        ("a{b} 1", 200, ("unknown", "parse_error")),
        ("a 1\n" * 100_000, 200, ("unknown", "too_large")),
        ("a 1\n" * 5_001, 200, ("unknown", "too_large")),
        ("a NaN\n", 200, ("unknown", "not_a_number")),
    ],
)
def test_a_page_that_cannot_be_read_is_told_apart(scrape, text, status, failure):
    seen = scrape(text, status, metric="a")
    assert (seen.failure.outcome.value, seen.failure.code) == failure


def test_a_service_that_is_not_there_is_broken(code):
    spec = {"url": f"http://127.0.0.1:{free_port()}/metrics"}
    assert code("metrics", spec) == ("fail", "connect_refused")


@pytest.mark.parametrize(
    "spec",
    [
        {"metric": "a b"},
        {"metric": 7},
        {"ratio": {"above": "a"}},
        {"ratio": {"above": "a", "below": "b{"}},
        {"ratio": "a/b"},
        {"le_ratio": {"histogram": "a", "le": "x"}},
        {"le_ratio": {"histogram": "a", "le": None}},
        {"metric": "a", "ratio": {"above": "a", "below": "b"}},
        {"reduce": "avg", "metric": "a"},
    ],
)
def test_a_wrong_spec_is_refused(spec):
    assert len(PROBES["metrics"].check_spec({"url": "http://x/", **spec})) == 1


def test_the_host_is_that_of_the_url():
    assert PROBES["metrics"].host_of({"url": "http://m:1/"}) == "m"
