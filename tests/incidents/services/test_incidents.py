"""Declaring, moving on, roles, details and linked alerts."""

from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from incidents.domain.reference import parse_reference
from incidents.models import Incident, IncidentDay, SeverityLevel
from incidents.services import closing, incidents
from incidents.services.incidents import Declaration
from oncall.models import AuditEntry, Team
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import (
    AlertEventFactory,
    AlertFactory,
    IncidentFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import AdminFactory, ServiceFactory, UserFactory
from tests.incidents.threads import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    service = ServiceFactory(chat_channel="#arq", war_room_url="https://meet.test/arq")
    SeverityLevelFactory(service=service, label="P2")
    return service


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team)


@pytest.fixture
def declaration(service):
    return Declaration(
        title=" High error rate ", services=(service,), severity_label="P2"
    )


def kinds(incident) -> list[str]:
    return list(incident.timeline.order_by("pk").values_list("kind", flat=True))


def test_declaring_from_nothing(declaration, service, engineer):
    version = Team.objects.get(pk=service.team_id).version
    other = ServiceFactory(team=service.team)
    incident = incidents.declare_incident(
        replace(
            declaration,
            services=(service, other),
            commander=engineer,
            summary="Connections run out.",
        ),
        by=engineer,
        now=NOW,
    )
    incident.refresh_from_db()
    assert incident.ref == "INC-2026-01-14-001"
    assert (incident.title, incident.status) == ("High error rate", "investigating")
    assert (incident.severity.label, incident.team) == ("P2", service.team)
    assert set(incident.services.all()) == {service, other}
    assert (incident.chat_channel, incident.war_room_url) == (
        "#arq",
        "https://meet.test/arq",
    )
    assert incident.started_at == incident.acknowledged_at == NOW
    assert kinds(incident) == ["declared"]
    assert incident.timeline.get().text == "Connections run out."
    assert incident.roles.get().user == engineer
    assert Team.objects.get(pk=service.team_id).version == version + 1
    assert AuditEntry.objects.get().action == "incident.declare"


def test_declaring_from_an_alert_takes_its_start_and_links_it(
    declaration, service, engineer
):
    alert = AlertFactory(
        series__integration__service=service, acknowledged_at=NOW - MINUTE
    )
    incident = incidents.declare_incident(
        declaration, by=engineer, now=NOW, alert_pk=alert.pk
    )
    assert incident.started_at == alert.starts_at
    assert incident.acknowledged_at == NOW - MINUTE
    assert list(incident.alerts.all()) == [alert]
    assert kinds(incident) == ["declared", "alert", "alert_acknowledged"]
    entry = incident.timeline.get(kind="alert")
    assert (entry.occurred_at, entry.recorded_at) == (alert.starts_at, NOW)
    reading, sender = "error_rate 2.3 % > 0.1 %", "Checks"
    assert entry.data == {"alert": alert.pk, "reading": reading, "sender": sender}


def test_the_day_of_a_number_is_that_of_utc(declaration, engineer):
    just_before = datetime(2026, 1, 14, 23, 59, 59, tzinfo=UTC)
    refs = [
        incidents.declare_incident(declaration, by=engineer, now=at).ref
        for at in (just_before, just_before, just_before + MINUTE)
    ]
    assert refs == ["INC-2026-01-14-001", "INC-2026-01-14-002", "INC-2026-01-15-001"]


def test_a_number_is_given_back_when_the_declaration_fails(declaration, engineer):
    stranger = UserFactory()
    with pytest.raises(PortalError, match="not in the team"):
        incidents.declare_incident(
            replace(declaration, commander=stranger), by=engineer, now=NOW
        )
    incident = incidents.declare_incident(declaration, by=engineer, now=NOW)
    assert incident.ref.endswith("-001")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  "}, "title"),
        ({"status": "resolved"}, "status"),
        ({"services": ()}, "services"),
        ({"severity_label": "SEV1"}, "severity"),
        ({"started_at": NOW + HOUR}, "started_at"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_field(
    declaration, engineer, changes, field
):
    with pytest.raises(PortalError) as refused:
        incidents.declare_incident(
            replace(declaration, **changes), by=engineer, now=NOW
        )
    assert refused.value.field == field
    assert not Incident.objects.exists()


def test_services_of_two_teams_are_refused(declaration, service, engineer):
    services = (service, ServiceFactory())
    with pytest.raises(PortalError, match="one team"):
        incidents.declare_incident(
            replace(declaration, services=services), by=engineer, now=NOW
        )


def test_a_service_without_words_gets_the_common_ones(declaration, engineer, service):
    bare = ServiceFactory(team=service.team)
    incident = incidents.declare_incident(
        replace(declaration, services=(bare,), severity_label="High"),
        by=engineer,
        now=NOW,
    )
    assert (incident.severity.level, incident.severity.response) == (2, None)
    assert SeverityLevel.objects.filter(service=bare).count() == 5


def test_a_strange_alert_or_a_taken_one_is_refused(declaration, service, engineer):
    declare = incidents.declare_incident
    strange = AlertFactory()
    with pytest.raises(PortalError, match="same team"):
        declare(declaration, by=engineer, now=NOW, alert_pk=strange.pk)
    taken = AlertFactory(
        series__integration__service=service, incident=IncidentFactory(service=service)
    )
    with pytest.raises(Refused, match=taken.incident.ref):
        declare(declaration, by=engineer, now=NOW, alert_pk=taken.pk)


@pytest.mark.django_db(transaction=True)
def test_a_hundred_declarations_at_once_leave_no_gap():
    services = ServiceFactory.create_batch(3)
    people = [UserFactory(team=service.team) for service in services]
    for service in services:
        SeverityLevelFactory(service=service, label="P2")

    def declare(number):
        service, person = services[number % 3], people[number % 3]
        declaration = Declaration(
            title=f"No {number}", services=(service,), severity_label="P2"
        )
        for fails in (number % 5 == 0, False):
            with suppress(InterruptedError), transaction.atomic():
                incidents.declare_incident(declaration, by=person, now=NOW)
                if fails:
                    raise InterruptedError
                return

    assert run_together(100, declare) == []
    refs = Incident.objects.values_list("ref", flat=True)
    numbers = sorted(parse_reference(ref)[1] for ref in refs)
    assert numbers == list(range(1, 101))
    assert IncidentDay.objects.get(on=date(2026, 1, 14)).last_number == 100


def test_a_life_leaves_one_entry_a_move(service, engineer):
    incident = IncidentFactory(service=service, severity__level=3)
    moves = ["identified", "monitoring", "resolved", "closed"]
    for minute, status in enumerate(moves):
        incidents.change_status(
            incident.pk,
            status,
            by=engineer,
            now=NOW + minute * MINUTE,
            message=f"Now {status}",
        )
    incident.refresh_from_db()
    assert kinds(incident) == ["status"] * 4
    assert incident.timeline.last().data == {"from": "resolved", "to": "closed"}
    assert (incident.identified_at, incident.mitigated_at) == (NOW, NOW + MINUTE)
    assert incident.resolved_at == NOW + 2 * MINUTE
    assert incident.closed_at == NOW + 3 * MINUTE


def test_what_is_not_listed_is_refused_and_leaves_nothing(service, engineer):
    incident = IncidentFactory(service=service)
    with pytest.raises(Refused, match="identified, monitoring, resolved or cancelled"):
        incidents.change_status(incident.pk, "closed", by=engineer, now=NOW)
    assert kinds(incident) == []


def test_a_move_may_be_told_later_but_not_break_the_order(service, engineer):
    incident = IncidentFactory(service=service)
    earlier = NOW - 10 * MINUTE
    incidents.change_status(
        incident.pk, "monitoring", by=engineer, now=NOW, occurred_at=earlier
    )
    incident.refresh_from_db()
    assert incident.mitigated_at == earlier
    entry = incident.timeline.get()
    assert (entry.occurred_at, entry.recorded_at) == (earlier, NOW)
    with pytest.raises(PortalError, match="was mitigated at") as refused:
        incidents.change_status(
            incident.pk,
            "resolved",
            by=engineer,
            now=NOW,
            occurred_at=earlier - MINUTE,
        )
    assert refused.value.field == "occurred_at"


def test_reopening_needs_a_reason_and_of_closed_ones_an_admin(service, engineer):
    incident = IncidentFactory(service=service, status="closed", closed_at=NOW)
    reopen = incidents.change_status
    with pytest.raises(Refused, match="only an admin"):
        reopen(incident.pk, "investigating", by=engineer, now=NOW, message="Again")
    boss = AdminFactory()
    with pytest.raises(Refused, match="needs a reason"):
        reopen(incident.pk, "investigating", by=boss, now=NOW, is_admin=True)
    reopen(
        incident.pk, "investigating", by=boss, now=NOW, message="Again", is_admin=True
    )
    incident.refresh_from_db()
    assert (incident.status, incident.closed_at) == ("investigating", None)


def test_severity_changes_in_the_words_of_the_service(service, engineer):
    SeverityLevelFactory(service=service, label="P1", level=1)
    SeverityLevelFactory(label="SEV1")
    incident = IncidentFactory(
        service=service, severity=service.severities.get(level=2)
    )
    change = incidents.change_severity
    change(incident.pk, "P1", by=engineer, now=NOW, message="All customers")
    change(incident.pk, "P1", by=engineer, now=NOW)
    assert kinds(incident) == ["severity"]
    assert incident.timeline.get().data == {"from": "P2", "to": "P1"}
    with pytest.raises(PortalError, match="no severity “SEV1”"):
        change(incident.pk, "SEV1", by=engineer, now=NOW)


def test_a_role_is_one_persons_at_a_time(service, engineer):
    incident = IncidentFactory(service=service)
    second = UserFactory(team=service.team)
    assign = incidents.assign_role
    assign(incident.pk, "scribe", engineer, by=engineer, now=NOW)
    assign(incident.pk, "scribe", engineer, by=engineer, now=NOW)
    assign(incident.pk, "scribe", second, by=engineer, now=NOW)
    assert incident.roles.get().user == second
    assign(incident.pk, "scribe", None, by=engineer, now=NOW)
    assert not incident.roles.exists()
    assert kinds(incident) == ["role"] * 3
    assert incident.timeline.last().data == {
        "role": "Scribe",
        "from": second.display_name,
        "to": "",
    }


def test_roles_are_for_the_team_and_admins(service, engineer):
    incident = IncidentFactory(service=service)
    with pytest.raises(PortalError, match="not in the team"):
        incidents.assign_role(
            incident.pk, "scribe", UserFactory(), by=engineer, now=NOW
        )
    with pytest.raises(PortalError, match="no such role"):
        incidents.assign_role(incident.pk, "king", engineer, by=engineer, now=NOW)
    admin = AdminFactory()
    incidents.assign_role(incident.pk, "scribe", admin, by=engineer, now=NOW)
    assert incident.roles.get().user == admin


def test_whoever_has_it_leads_it_where_nobody_does(declaration, service, engineer):
    incident = incidents.declare_incident(declaration, by=engineer, now=NOW)
    assert incident.acknowledged_at is None
    second = UserFactory(team=service.team)
    incidents.acknowledge_incident(incident.pk, by=second, now=NOW + MINUTE)
    incident.refresh_from_db()
    assert incident.acknowledged_at == NOW + MINUTE
    assert incident.roles.get().user == second
    assert kinds(incident) == ["declared", "acknowledged"]
    with pytest.raises(Refused, match="has it already"):
        incidents.acknowledge_incident(incident.pk, by=engineer, now=NOW + MINUTE)


def test_who_leads_it_has_it(declaration, service, engineer):
    incident = incidents.declare_incident(declaration, by=engineer, now=NOW)
    assign = incidents.assign_role
    assign(incident.pk, "commander", engineer, by=engineer, now=NOW + MINUTE)
    incident.refresh_from_db()
    assert incident.acknowledged_at == NOW + MINUTE
    fresh = incidents.declare_incident(declaration, by=engineer, now=NOW)
    fresh.roles.create(name="commander", user=engineer)
    incidents.acknowledge_incident(fresh.pk, by=engineer, now=NOW)
    assert fresh.roles.count() == 1


def test_an_incident_is_detected_when_its_alert_came(declaration, service, engineer):
    opened = AlertEventFactory(
        alert__series__integration__service=service, at=NOW - 10 * MINUTE
    )
    incident = incidents.declare_incident(
        declaration, by=engineer, now=NOW, alert_pk=opened.alert.pk
    )
    assert incident.detected_at == NOW - 10 * MINUTE
    assert incident.detection == "alert"


def test_merging_is_no_plain_move(service, engineer):
    incident = IncidentFactory(service=service)
    with pytest.raises(Refused, match="merge it into"):
        incidents.change_status(incident.pk, "merged", by=engineer, now=NOW)


@pytest.mark.parametrize(("kind", "is_held"), [("real", True), ("drill", False)])
def test_gates_hold_what_is_real(service, engineer, kind, is_held):
    incident = IncidentFactory(
        service=service, kind=kind, status="resolved", resolved_at=NOW
    )
    closing.register("test", lambda row: f"{row.ref} lacks a thing.")
    try:
        with pytest.raises(Refused) if is_held else nullcontext():
            incidents.change_status(incident.pk, "closed", by=engineer, now=NOW)
    finally:
        closing.register("test", lambda row: None)
    incidents_now = Incident.objects.get(pk=incident.pk)
    assert (incidents_now.status == "resolved") == is_held
