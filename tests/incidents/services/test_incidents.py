"""Declaring, moving on, roles, details and linked alerts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from incidents.domain.reference import parse_reference
from incidents.models import Incident, IncidentDay, SeverityLevel
from incidents.services import incidents
from incidents.services.incidents import Declaration
from oncall.models import AuditEntry, Team
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import (
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
    assert kinds(incident) == ["declared", "alert"]
    entry = incident.timeline.get(kind="alert")
    assert (entry.occurred_at, entry.recorded_at) == (alert.starts_at, NOW)
    assert entry.data == {"alert": alert.pk, "reading": "error_rate 2.3 % > 0.1 %"}


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
def test_fifty_declarations_at_once_leave_no_gap():
    services = ServiceFactory.create_batch(3)
    people = [UserFactory(team=service.team) for service in services]
    for service in services:
        SeverityLevelFactory(service=service, label="P2")

    def declare(number):
        service, person = services[number % 3], people[number % 3]
        declaration = Declaration(
            title=f"No {number}", services=(service,), severity_label="P2"
        )
        with transaction.atomic():
            incidents.declare_incident(declaration, by=person, now=NOW)
            if number % 10 == 9:
                raise InterruptedError

    failures = run_together(50, declare)
    assert [type(failure) for failure in failures] == [InterruptedError] * 5
    refs = Incident.objects.values_list("ref", flat=True)
    numbers = sorted(parse_reference(ref)[1] for ref in refs)
    assert numbers == list(range(1, 46))
    assert IncidentDay.objects.get(on=date(2026, 1, 14)).last_number == 45


def test_a_life_leaves_one_entry_a_move(service, engineer):
    incident = IncidentFactory(service=service)
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


def test_details_are_written_once_and_leave_what_they_were(service, engineer):
    incident = IncidentFactory(service=service, impact="Some")
    changes = {"impact": "4 % of customers", "summary": "Pool ran out", "title": "T"}
    incidents.edit_incident(
        incident.pk, changes, expected_version=0, by=engineer, now=NOW
    )
    same = {"impact": "4 % of customers"}
    incidents.edit_incident(incident.pk, same, expected_version=1, by=engineer, now=NOW)
    incident.refresh_from_db()
    assert (incident.version, incident.impact) == (1, "4 % of customers")
    entry = incident.timeline.get()
    assert entry.kind == "edited"
    assert entry.data["before"]["impact"] == "Some"
    assert entry.data["after"] == changes


def test_who_edits_what_another_changed_sees_the_others_words(service, engineer):
    incident = IncidentFactory(service=service)
    edit = incidents.edit_incident
    edit(incident.pk, {"impact": "A"}, expected_version=0, by=engineer, now=NOW)
    with pytest.raises(Conflict) as conflict:
        edit(incident.pk, {"impact": "B"}, expected_version=0, by=engineer, now=NOW)
    assert conflict.value.current == {"impact": "A", "version": 1}
    assert kinds(incident) == ["edited"]


@pytest.mark.django_db(transaction=True)
def test_of_eight_edits_at_once_one_wins():
    incident = IncidentFactory()
    person = UserFactory(team=incident.team)

    def edit(number):
        incidents.edit_incident(
            incident.pk,
            {"impact": f"Says {number}"},
            expected_version=0,
            by=person,
            now=NOW,
        )

    failures = run_together(8, edit)
    assert [type(failure) for failure in failures] == [Conflict] * 7
    assert kinds(incident) == ["edited"]


def test_the_start_may_move_but_not_past_the_rest(service, engineer):
    incident = IncidentFactory(service=service)
    edit = incidents.edit_incident
    changes = {"started_at": NOW - 2 * HOUR}
    edit(incident.pk, changes, expected_version=0, by=engineer, now=NOW)
    incident.refresh_from_db()
    assert incident.started_at == NOW - 2 * HOUR
    with pytest.raises(PortalError) as refused:
        edit(incident.pk, {"started_at": NOW}, expected_version=1, by=engineer, now=NOW)
    assert refused.value.field == "started_at"
    with pytest.raises(PortalError, match="title"):
        edit(incident.pk, {"title": " "}, expected_version=1, by=engineer, now=NOW)


def test_alerts_come_and_go(service, engineer):
    incident = IncidentFactory(service=service)
    alert = AlertFactory(series__integration__service=service)
    for _ in range(2):
        incidents.link_alert(incident.pk, alert.pk, by=engineer, now=NOW)
    assert incident.alerts.count() == 1
    incidents.unlink_alert(incident.pk, alert.pk, by=engineer, now=NOW)
    assert incident.alerts.count() == 0
    with pytest.raises(Refused, match="not part"):
        incidents.unlink_alert(incident.pk, alert.pk, by=engineer, now=NOW)
    incidents.link_alert(incident.pk, alert.pk, by=engineer, now=NOW)
    assert kinds(incident) == ["alert", "alert_unlinked", "alert"]
    other = IncidentFactory(service=service)
    with pytest.raises(Refused, match="part of"):
        incidents.link_alert(other.pk, alert.pk, by=engineer, now=NOW)
