"""Making checks of a service from the library."""

from threading import Barrier, Thread

import pytest
from django.db import connection

from checklists.models import Check, LibraryCheck, ServiceMapping
from checklists.services.check_library import (
    Standing,
    apply_library,
    map_service,
    offer_library,
)
from checklists.services.check_rules import CheckPlan, columns_of
from checklists.services.checks import delete_check, edit_check, set_check_enabled
from checklists.services.running import verify_check
from oncall.models import AuditEntry, Service
from oncall.queries.audit import read_log
from opsportal.kit.errors import PortalError
from tests.factories.checklists import CheckFactory, DataSourceFactory
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import SecretFactory, ServiceFactory, UserFactory
from tests.targets import Reply

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PROMETHEUS = {"prometheus": "http://prometheus:9090"}


@pytest.fixture
def service():
    service = ServiceFactory()
    SeverityLevelFactory(service=service, label="Sev1", level=1)
    SeverityLevelFactory(service=service, label="Sev2", level=2)
    return service


@pytest.fixture
def by(service):
    return UserFactory(team=service.team, team__role="manager")


@pytest.fixture
def take(service, by, now):
    """Apply templates as a person does."""
    return lambda *keys: apply_library(service, keys, by=by, now=now)


@pytest.fixture
def say(service, by, now):
    """Say where things are."""
    return lambda **places: map_service(service, places, by=by, now=now)


def standing(service, key):
    return next(o for o in offer_library(service) if o.template.key == key).standing


def test_a_check_is_made_as_the_template_and_the_mapping_say(service, say, take, by):
    assert standing(service, "error-rate") is Standing.UNMAPPED
    say(**PROMETHEUS, labels='job="arq"', requests="arq_requests_total")
    assert standing(service, "error-rate") is Standing.READY
    (check,) = take("error-rate", "error-rate").made
    part = 'sum(rate(arq_requests_total{status=~"5..",job="arq"}[5m]))'
    whole = 'sum(rate(arq_requests_total{job="arq"}[5m]))'
    assert check.spec == {
        "url": "http://prometheus:9090",
        "query": f"100 * ({part} or 0 * {whole}) / {whole}",
    }
    assert (check.condition, check.unit) == ("value < 0.1%", "%")
    assert check.ladder == [
        {"severity": "Sev1", "condition": "value > 1%"},
        {"severity": "Sev2", "condition": "value > 0.1%"},
    ]
    assert check.raises_alert
    assert check.next_due_at is not None
    assert standing(service, "error-rate") is Standing.MADE
    actions = AuditEntry.objects.order_by("pk").values_list("action", "actor")
    assert list(actions) == [
        ("check_library.mapped", by.pk),
        ("check.created", by.pk),
    ]


def test_applying_again_makes_nothing_twice(service, say, take):
    say(**PROMETHEUS)
    take("error-rate", "cpu")
    again = take("error-rate", "cpu", "memory")
    assert again.kept == ["error-rate", "cpu"]
    assert [check.name for check in again.made] == ["Memory below 80 %"]
    assert Check.objects.count() == 3


def test_what_nobody_edited_follows_the_mapping_and_keeps_what_is_its_own(
    service, say, take, by, now
):
    say(**PROMETHEUS)
    (check,) = take("cpu").made
    parent = CheckFactory(service=service)
    check.depends_on.add(parent)
    set_check_enabled(check, enabled=False, by=by, now=now)
    say(prometheus="http://new:9090")
    assert standing(service, "cpu") is Standing.OUTDATED
    assert [each.pk for each in take("cpu").changed] == [check.pk]
    check.refresh_from_db()
    assert check.spec["url"] == "http://new:9090"
    assert not check.is_enabled
    assert list(check.depends_on.all()) == [parent]
    assert take("cpu").kept == ["cpu"]


def test_the_whole_library_is_made_in_a_few_statements(
    service, say, by, now, django_assert_max_num_queries
):
    DataSourceFactory(team=service.team, name="primary")
    say(**PROMETHEUS, source="primary", labels='job="arq"')
    service = Service.objects.prefetch_related("severities").get(pk=service.pk)
    keys = [o.template.key for o in offer_library(service) if o.plan]
    assert len(keys) > 80
    with django_assert_max_num_queries(60):
        applied = apply_library(service, keys, by=by, now=now)
    assert len(applied.made) == len(keys)
    assert AuditEntry.objects.filter(action="check.created").count() == len(keys)
    assert not read_log().broken
    made = {row.template for row in LibraryCheck.objects.all()}
    assert made == set(keys)


def test_an_edit_of_a_person_is_never_overwritten(service, say, take, by, now):
    say(**PROMETHEUS)
    (check,) = take("cpu").made
    plan = CheckPlan(
        service=service,
        name=check.name,
        kind=check.kind,
        spec=check.spec,
        condition="value < 60%",
        unit="%",
    )
    edit_check(check, plan, by=by, now=now)
    say(prometheus="http://new:9090")
    assert standing(service, "cpu") is Standing.EDITED
    assert take("cpu").kept == ["cpu"]
    check.refresh_from_db()
    assert check.condition == "value < 60%"
    assert check.spec["url"] == "http://prometheus:9090"


def test_counting_failures_in_another_way_is_an_edit_too(service, say, take):
    say(**PROMETHEUS)
    (check,) = take("cpu").made
    Check.objects.filter(pk=check.pk).update(fail_within=5)
    assert standing(service, "cpu") is Standing.EDITED


def test_a_check_that_lost_its_places_stays(service, say, take):
    say(**PROMETHEUS)
    take("cpu")
    say(prometheus="")
    assert standing(service, "cpu") is Standing.MADE
    assert take("cpu").kept == ["cpu"]


def test_a_deleted_check_may_be_made_again(service, say, take, by, now):
    say(**PROMETHEUS)
    (check,) = take("cpu").made
    delete_check(check, by=by, now=now)
    assert standing(service, "cpu") is Standing.READY
    assert len(take("cpu").made) == 1


def test_each_template_is_accepted_and_says_what_would_be_stored(
    service, say, settings, tmp_path
):
    settings.FILE_ROOTS = [str(tmp_path)]
    DataSourceFactory(team=service.team, name="main")
    SecretFactory(team=service.team, name="backups")
    say(
        **PROMETHEUS,
        **{
            name: f"https://api.example.com/{name}"
            for name in (
                "health", "dependency", "metrics", "active_alerts", "past_alerts",
                "documents", "retention",
            )
        },
        tls_hosts="api.example.com, b.example.com:993",
        redis="redis.example.com",
        database="db.example.com",
        source="main",
        backups=str(tmp_path),
        bucket="backups",
        access_key="AKIAEXAMPLE",
        secret_key="{{secret:backups}}",
    )  # fmt: skip
    offers = offer_library(service)
    assert {offer.standing for offer in offers} == {Standing.READY}
    for offer in offers:
        columns = columns_of(offer.plan)
        assert columns["condition"] == offer.plan.condition, offer.template.key
        assert columns["ladder"] == list(offer.plan.ladder), offer.template.key
        assert columns["freshness"] == offer.plan.freshness, offer.template.key


def test_what_cannot_be_made_says_why_and_holds_nothing_up(say, take):
    say(backups="/nowhere/backups", health="https://api.example.com/health")
    applied = take("cpu", "backup-file", "service-answers")
    assert [check.name for check in applied.made] == ["Service answers"]
    (first, second) = applied.refused
    assert first == ("cpu", "Say first where it looks: Prometheus.")
    assert second[0] == "backup-file"
    assert "folder that an operator opened" in second[1]


def test_text_metrics_are_read_from_where_the_service_said(say, take, site, now):
    site.routes["/metrics"] = Reply(
        200,
        b'amas_queue_size{type="decision"} 96\n'
        b'amas_decision_write_duration_bucket{le="500"} 990\n'
        b"amas_decision_write_duration_count 1000\n"
        b'http_errors_total{status="500"} 20\nhttp_requests_total 1000\n',
    )
    say(metrics=f"{site.url}/metrics")
    made = take("waiting-writes", "write-time", "own-errors").made
    seen = [verify_check(check.pk, now=now) for check in made]
    assert [check.last_value for check in seen] == [96, 0.99, 0.02]
    outcomes = [check.results.get().outcome for check in made]
    assert outcomes == ["pass", "pass", "fail"]


@pytest.mark.parametrize(
    ("places", "field"),
    [
        ({"nowhere": "x"}, "nowhere"),
        ({"prometheus": "prometheus:9090"}, "prometheus"),
        ({"prometheus": "http://user:secret@prometheus"}, "prometheus"),
        ({"labels": 'job="a"} or up{'}, "labels"),
        ({"source": "missing"}, "source"),
        ({"source": "not one"}, "source"),
    ],
)
def test_a_place_that_cannot_be_is_refused(say, places, field):
    with pytest.raises(PortalError) as caught:
        say(**places)
    assert caught.value.field == field
    assert not ServiceMapping.objects.exists()


def test_only_what_differs_from_the_library_is_kept(service, say):
    DataSourceFactory(team=service.team, name="main")
    SecretFactory(team=service.team, name="backups")
    say(**PROMETHEUS, requests="http_requests_total", source="main", labels="")
    mapping = ServiceMapping.objects.get()
    assert mapping.places == {**PROMETHEUS, "source": "main"}
    ServiceMapping.objects.update(places={**mapping.places, "gone": "x"})
    say(source="")
    assert ServiceMapping.objects.get().places == PROMETHEUS


def test_an_unknown_template_is_refused(take):
    with pytest.raises(PortalError, match="no “nothing”"):
        take("nothing")


def test_the_offer_takes_the_same_questions_however_many_are_made(
    service, say, take, django_assert_num_queries
):
    say(**PROMETHEUS)
    take("cpu", "memory", "error-rate")
    fresh = Service.objects.prefetch_related("severities").get(pk=service.pk)
    with django_assert_num_queries(2):
        offer_library(fresh)


@pytest.mark.django_db(transaction=True)
def test_two_who_apply_at_once_make_one(service, say, by, now):
    say(**PROMETHEUS)
    together = Barrier(2)
    results = []

    def apply() -> None:
        try:
            together.wait()
            results.append(apply_library(service, ["cpu"], by=by, now=now))
        finally:
            connection.close()

    threads = [Thread(target=apply) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(result.made) for result in results) == [0, 1]
    assert Check.objects.count() == 1
