"""Objectives: kept, watched, and told of."""

from datetime import timedelta
from decimal import Decimal

import pytest

from checklists import slo_source
from incidents.models import Alert, Slo, SloEvent
from incidents.queries import slos as queries
from incidents.services import budgets
from incidents.services.budgets import SloForm
from incidents.slo_sources import list_choices
from opsportal.kit.errors import PortalError
from tests.conftest import NOW
from tests.factories.checklists import CheckFactory
from tests.factories.incidents import (
    IncidentFactory,
    MaintenanceWindowFactory,
    SeverityLevelFactory,
    SloFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.fixture
def service():
    return ServiceFactory()


def outage(service, began, ended, **changes):
    """Let a check of the service fail from one moment to the other."""
    check = CheckFactory(service=service, **{"measures_uptime": True, **changes})
    check.flips.create(at=NOW - 90 * DAY, old_status="pending", new_status="pass")
    check.flips.create(at=began, old_status="pass", new_status="fail")
    check.flips.create(at=ended, old_status="fail", new_status="pass")
    return check


def bad_minutes(slo):
    return queries.state_of(slo, NOW).budget.bad / 60


def test_failing_checks_consume_and_overlaps_count_once(service):
    outage(service, NOW - DAY, NOW - DAY + 10 * MINUTE)
    outage(service, NOW - DAY + 5 * MINUTE, NOW - DAY + 12 * MINUTE)
    outage(service, NOW - DAY, NOW, measures_uptime=False)
    outage(service, NOW - 40 * DAY, NOW - 39 * DAY)
    state = queries.state_of(SloFactory(service=service), NOW)
    assert state.budget.bad == 12 * 60
    assert state.words == "12 min of 21.6 min spent, 9.6 min left"
    assert state.tone == "warn"
    assert queries.state_of(SloFactory(), NOW).tone == "ok"


def test_what_is_asked_depends_on_the_kind(service):
    outage(service, NOW - DAY, NOW - DAY + MINUTE, slug="any", measures_uptime=False)
    outage(service, NOW - DAY, NOW - DAY + 2 * MINUTE, slug="server")
    of = {"service": service, "kind": "errors", "checks": ["any"]}
    with_4xx = SloFactory(**of)
    without = SloFactory(**of, includes_4xx=False, server_checks=["server"])
    unnamed = SloFactory(service=service, kind="latency")
    assert [bad_minutes(slo) for slo in (with_4xx, without, unnamed)] == [1, 2, 0]
    assert sorted(slug for slug, _ in list_choices(service.pk)) == ["any", "server"]
    assert slo_source.list_checks(ServiceFactory().pk) == []


def test_real_incidents_count_until_they_are_mitigated(service):
    grave = SeverityLevelFactory(service=service, level=1)
    mild = SeverityLevelFactory(service=service, level=3)
    began = NOW - DAY
    over = {
        "started_at": began,
        "resolved_at": began + 9 * MINUTE,
        "status": "resolved",
    }
    IncidentFactory(severity=grave, mitigated_at=began + 4 * MINUTE, **over)
    IncidentFactory(severity=mild, **over)
    IncidentFactory(severity=grave, kind="drill", **over)
    IncidentFactory(severity=grave, started_at=NOW - 2 * MINUTE)
    counted = SloFactory(service=service, counts_incidents=True)
    wider = SloFactory(service=service, counts_incidents=True, incident_level=3)
    blind = SloFactory(service=service)
    assert [bad_minutes(slo) for slo in (counted, wider, blind)] == [6, 11, 0]


def test_planned_work_is_excluded_by_choice(service):
    outage(service, NOW - DAY, NOW - DAY + 10 * MINUTE)
    MaintenanceWindowFactory(
        service=service, starts_at=NOW - DAY, ends_at=NOW - DAY + 7 * MINUTE
    )
    strict = SloFactory(service=service)
    lenient = SloFactory(service=service, excludes_maintenance=True)
    assert [bad_minutes(slo) for slo in (strict, lenient)] == [10, 3]


def test_a_fast_burn_alerts_once_and_ends(service):
    slo = SloFactory(service=service)
    outage(service, NOW - 5 * MINUTE, NOW)
    assert budgets.watch_budgets(now=NOW) == 1
    assert budgets.watch_budgets(now=NOW + MINUTE / 2) == 0
    assert budgets.watch_budgets(now=NOW + MINUTE) == 1
    alert = Alert.objects.get()
    assert (alert.level, alert.event_count) == (2, 1)
    assert "14.4 times too fast over 60 min" in alert.summary
    slo.refresh_from_db()
    assert slo.burning == "page"
    assert queries.state_of(slo, NOW).tone == "crit"
    budgets.watch_budgets(now=NOW + 10 * DAY)
    alert.refresh_from_db()
    assert alert.status == "resolved"
    kinds = [event.kind for event in reversed(queries.list_events(slo))]
    assert kinds == ["page", "calm"]


def test_half_of_the_budget_is_told_once_a_window(service):
    slo = SloFactory(service=service)
    outage(service, NOW - 10 * DAY, NOW - 10 * DAY + 11 * MINUTE)
    for later in range(3):
        budgets.watch_budgets(now=NOW + later * MINUTE)
    assert SloEvent.objects.get().kind == "half"
    alert = Alert.objects.get()
    assert "50.9 %" in alert.value
    assert "50 % of the error budget is gone: " in alert.summary
    slo.refresh_from_db()
    assert slo.half_told_at == NOW
    outage(service, NOW + 15 * DAY, NOW + 15 * DAY + 30 * MINUTE)
    budgets.watch_budgets(now=NOW + 29 * DAY)
    assert SloEvent.objects.count() == 1
    budgets.watch_budgets(now=NOW + 30 * DAY)
    assert SloEvent.objects.count() == 2
    overspent = queries.state_of(slo, NOW + 30 * DAY)
    assert overspent.words.endswith("overspent by 8.4 min")
    assert overspent.tone == "crit"


def test_who_loses_the_claim_looks_at_nothing(monkeypatch):
    SloFactory()
    stale = Slo.objects.select_related("service").get()
    Slo.objects.update(next_look_at=NOW + MINUTE)
    monkeypatch.setattr("incidents.services.budgets._due_slos", lambda _now: [stale])
    assert budgets.watch_budgets(now=NOW) == 0


def test_an_objective_is_made_changed_and_switched_off(service):
    manager = UserFactory()
    form = SloForm(name=" API ", target=Decimal("99.95"), checks=("http",))
    slo = budgets.save_slo(service, form, by=manager, now=NOW)
    assert (slo.name, slo.checks, slo.next_look_at) == ("API", ["http"], NOW)
    slo.burning = "page"
    off = SloForm(name="API", target=Decimal("99.9"), is_enabled=False)
    budgets.save_slo(service, off, slo=slo, by=manager, now=NOW)
    slo.refresh_from_db()
    assert (slo.burning, slo.next_look_at) == ("", None)
    assert budgets.watch_budgets(now=NOW) == 0
    budgets.save_slo(service, off, slo=slo, by=manager, now=NOW)
    assert SloEvent.objects.get().text == "The objective was switched off."
    with pytest.raises(PortalError, match="already"):
        budgets.save_slo(service, form, by=manager, now=NOW)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "speed"}, "kind"),
        ({"target": Decimal(100)}, "target"),
        ({"window_days": 0}, "window_days"),
        ({"kind": "latency"}, "checks"),
        ({"kind": "errors", "includes_4xx": False, "checks": ("a",)}, "server_checks"),
        ({"incident_level": 6}, "incident_level"),
    ],
)
def test_what_cannot_be_measured_is_refused(service, changes, field):
    form = SloForm(**{"name": "API", "target": Decimal(99), **changes})
    with pytest.raises(PortalError) as refused:
        budgets.save_slo(service, form, by=UserFactory(), now=NOW)
    assert refused.value.field == field


def test_an_objective_that_fails_holds_up_no_other(monkeypatch):
    first, second = SloFactory.create_batch(2)
    look = budgets._look

    def fail_for_first(slo, now):
        if slo == first:
            raise ArithmeticError
        look(slo, now)

    monkeypatch.setattr(budgets, "_look", fail_for_first)
    assert budgets.watch_budgets(now=NOW) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.next_look_at <= NOW < second.next_look_at
