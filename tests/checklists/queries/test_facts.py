"""What the portal knows itself."""

from datetime import timedelta

import pytest

from checklists.models import HeartbeatPing
from checklists.queries.facts import SOURCES, facts_of
from checklists.services.checklists import ItemPlan
from checklists.services.heartbeats import create_heartbeat
from incidents.models import Alert, Incident
from tests.factories.checklists import (
    CadenceFactory,
    CheckFactory,
    CheckFlipFactory,
    ChecklistFactory,
    DataSourceFactory,
    RunFactory,
    settle_check,
)
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    IncidentRoleFactory,
)
from tests.factories.oncall import (
    ChannelFactory,
    ContactMethodFactory,
    NotificationFactory,
    ServiceFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def service():
    return ServiceFactory()


@pytest.fixture
def ask(service, now):
    def read(source, **spec):
        check = CheckFactory(
            service=service, kind="internal", spec={"source": source, **spec}
        )
        facts = facts_of(check, now)
        return facts["value"], facts["evidence"]

    return read


def alert(service, **fields):
    return AlertFactory(series__integration__service=service, **fields)


def test_other_kinds_and_unknown_sources_know_nothing(service, now):
    assert facts_of(CheckFactory(), now) == {}
    lost = CheckFactory(kind="internal", spec={"source": "stars"})
    assert facts_of(lost, now) == {}
    assert facts_of(CheckFactory(kind="sql"), now) == {}


def test_an_sql_check_is_told_its_source(now):
    source = DataSourceFactory(dsn="sqlite:////tmp/x")
    check = CheckFactory(kind="sql", data_source=source)
    assert facts_of(check, now) == {"dsn": "sqlite:////tmp/x"}


class TestHeartbeat:
    @pytest.fixture
    def check(self, now):
        check = CheckFactory(kind="heartbeat", spec={})
        create_heartbeat(check, by=None, now=now)
        return check

    def ping(self, check, at, kind, **more):
        HeartbeatPing.objects.create(
            heartbeat=check.heartbeat, at=at, kind=kind, **more
        )

    def test_a_silent_job(self, check, now):
        assert facts_of(check, now) == {
            "last_success_at": None,
            "last_fail_at": None,
            "exit_code": None,
            "report": None,
        }

    def test_the_latest_of_each_kind_and_the_report_of_the_last(self, check, now):
        self.ping(check, now - 3 * HOUR, "success")
        self.ping(check, now - 2 * HOUR, "success", body='{"rows": 7}', exit_code=0)
        self.ping(check, now - 9 * HOUR, "fail", exit_code=1)
        self.ping(check, now - HOUR, "log", body="not this")
        assert facts_of(check, now) == {
            "last_success_at": now - 2 * HOUR,
            "last_fail_at": now - 9 * HOUR,
            "exit_code": 0,
            "report": {"rows": 7},
        }


class TestCoverage:
    def test_without_a_schedule(self, ask):
        assert ask("oncall_coverage") == (
            None,
            "The service has no on-call schedule.",
        )

    def test_full_and_reachable(self, ask, service):
        service.schedule = make_weekly_schedule(service.team)
        service.save()
        for person in service.schedule.people:
            ContactMethodFactory(user=person)
        assert ask("oncall_coverage") == (0, "no gap for 14 days")

    def test_people_whom_nobody_can_reach(self, ask, service):
        service.schedule = make_weekly_schedule(service.team)
        service.save()
        ContactMethodFactory(user=service.schedule.people[0])
        value, evidence = ask("oncall_coverage", days=21)
        assert (value, evidence) == (
            2,
            "2 people without a verified contact method",
        )

    def test_gaps(self, ask, service):
        roles = ["primary", "secondary", "deputy"]
        service.schedule = make_weekly_schedule(service.team, required_roles=roles)
        service.save()
        assert ask("oncall_coverage") == (
            4,
            "1 gap, the first on Wed 14 Jan 10:30 UTC; "
            "3 people without a verified contact method",
        )


class TestAlertsToReview:
    def test_none_came(self, ask):
        assert ask("alerts_reviewed") == (0, "0 alerts")

    def test_handled_ones_do_not_count(self, ask, service, now):
        since = {"starts_at": now - HOUR}
        alert(service, **since)
        alert(service, reviewed_at=now, **since)
        alert(service, is_resolved=True, acknowledged_at=now, **since)
        alert(service, is_resolved=True, **since)
        alert(ServiceFactory(), **since)
        # Before yesterday's 18:00 in Berlin.
        alert(service, starts_at=now - 18 * HOUR)
        assert ask("alerts_reviewed") == (2, "2 to review")

    def test_they_count_from_the_close_of_the_previous_run(self, service, now):
        check = CheckFactory(
            service=service, kind="internal", spec={"source": "alerts_reviewed"}
        )
        item = ItemPlan(text="Review alerts", mode="assisted", checks=(check,))
        checklist = ChecklistFactory(service=service, items=[item])
        RunFactory(
            cadence=CadenceFactory(checklist=checklist),
            state="closed",
            outcome="completed",
            closed_at=now - 2 * DAY,
        )
        alert(service, starts_at=now - 40 * HOUR)
        assert facts_of(check, now)["value"] == 1


def test_alerts_of_the_last_minute(ask, service, now):
    alert(service, starts_at=now - timedelta(seconds=30))
    alert(service, starts_at=now - 2 * MINUTE)
    assert ask("alert_rate") == (1, "1 alert in the last minute")


def test_channel_messages_of_the_last_minute(ask, service, now):
    channel = ChannelFactory(team=service.team)
    common = {"team": service.team, "recipient": None, "contact_method": None}
    NotificationFactory(channel=channel, sent_at=now, **common)
    NotificationFactory(channel=channel, sent_at=now - 2 * MINUTE, **common)
    NotificationFactory(channel=channel, sent_at=None, **common)
    assert ask("notification_rate") == (1, "1 channel message in the last minute")


class TestServiceChecks:
    def test_without_others_nothing_is_known(self, ask):
        assert ask("service_checks") == (None, "The service has no other checks.")

    def test_failing_ones_are_counted(self, ask, service):
        settle_check(CheckFactory(service=service), "fail")
        settle_check(CheckFactory(service=service), "pass")
        settle_check(CheckFactory(service=service, is_enabled=False), "fail")
        settle_check(CheckFactory(service=service, kind="internal"), "fail")
        assert ask("service_checks") == (1, "1 of 2 checks fail")


def test_series_that_repeat_unreviewed(ask, service, now):
    first = alert(service, is_resolved=True, starts_at=now - HOUR)
    for number in range(3):
        AlertFactory(
            series=first.series, is_resolved=True, starts_at=now - number * HOUR
        )
    alert(service, is_resolved=True, starts_at=now - HOUR)
    assert ask("repeated_alerts") == (
        1,
        "1 alert repeated more than 3 times in 7 days",
    )
    assert ask("repeated_alerts", most=4)[0] == 0
    Alert.objects.update(reviewed_at=now)
    assert ask("repeated_alerts")[0] == 0


def test_incidents_without_summary_or_owner(ask, service, now):
    whole = IncidentFactory(service=service, summary="The pool was full.")
    IncidentRoleFactory(incident=whole, user=UserFactory())
    IncidentFactory(service=service, summary="")
    IncidentFactory(service=service, summary="Nobody led it.")
    IncidentFactory(service=service, status=Incident.Status.CANCELLED)
    IncidentFactory(service=service, declared_at=now - 8 * DAY)
    assert ask("unreviewed_incidents") == (
        2,
        "2 of 3 incidents lack a summary or an owner",
    )


def test_drills_that_were_finished(ask, service, now):
    drill = {"service": service, "kind": Incident.Kind.DRILL}
    resolved = {"status": Incident.Status.RESOLVED}
    IncidentFactory(resolved_at=now - DAY, **drill, **resolved)
    IncidentFactory(resolved_at=now - 9 * DAY, **drill, **resolved)
    IncidentFactory(**drill)
    assert ask("drills") == (1, "1 drill in the last 7 days")


class TestErrorBudget:
    def test_without_the_check_nothing_is_known(self, ask):
        assert ask("error_budget", check="gone") == (
            None,
            "The availability check is not there.",
        )

    def test_half_of_21_6_minutes(self, ask, service, now):
        check = CheckFactory(service=service, slug="front")
        began = now - 10 * DAY
        CheckFlipFactory(check_ref=check, at=began)
        ended = began + timedelta(minutes=10.8)
        CheckFlipFactory(check_ref=check, at=ended, new_status="pass")
        value, evidence = ask("error_budget", check="front")
        assert value == pytest.approx(50.0)
        assert evidence == "50 % used: 10 min of 21.6 min in 30 days"


def test_every_source_answers_with_a_value_and_evidence(ask):
    for source in SOURCES:
        _, evidence = ask(source)
        assert evidence
