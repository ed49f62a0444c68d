"""Details: written over what was seen, in the order of time."""

from datetime import timedelta
from decimal import Decimal

import pytest

from incidents.services.details import edit_incident as edit
from opsportal.kit.errors import Conflict, PortalError
from tests.conftest import NOW
from tests.factories.incidents import IncidentFactory
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.incidents.threads import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def service():
    return ServiceFactory()


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team)


def kinds(incident) -> list[str]:
    return list(incident.timeline.order_by("pk").values_list("kind", flat=True))


def test_details_are_written_once_and_leave_what_they_were(service, engineer):
    incident = IncidentFactory(service=service, impact="Some")
    changes = {"impact": "4 % of customers", "summary": "Pool ran out", "title": "T"}
    edit(incident.pk, changes, expected_version=0, by=engineer, now=NOW)
    same = {"impact": "4 % of customers"}
    edit(incident.pk, same, expected_version=1, by=engineer, now=NOW)
    incident.refresh_from_db()
    assert (incident.version, incident.impact) == (1, "4 % of customers")
    entry = incident.timeline.get()
    assert entry.kind == "edited"
    assert entry.data["before"]["impact"] == "Some"
    assert entry.data["after"] == changes
    assert sorted(row.word for row in incident.words.all()) == ["out", "pool", "ran"]


def test_impact_is_counted_where_somebody_counted(service, engineer):
    incident = IncidentFactory(service=service)
    counted = {
        "impact_users": 1200,
        "customers_percent": Decimal("4.25"),
        "is_data_at_risk": True,
    }
    edit(incident.pk, counted, expected_version=0, by=engineer, now=NOW)
    incident.refresh_from_db()
    assert {name: getattr(incident, name) for name in counted} == counted
    with pytest.raises(PortalError) as refused:
        edit(
            incident.pk,
            {"customers_percent": Decimal(101)},
            expected_version=1,
            by=engineer,
            now=NOW,
        )
    assert refused.value.field == "customers_percent"


def test_who_edits_what_another_changed_sees_the_others_words(service, engineer):
    incident = IncidentFactory(service=service)
    edit(incident.pk, {"impact": "A"}, expected_version=0, by=engineer, now=NOW)
    with pytest.raises(Conflict) as conflict:
        edit(incident.pk, {"impact": "B"}, expected_version=0, by=engineer, now=NOW)
    assert conflict.value.current == {"impact": "A", "version": 1}
    assert kinds(incident) == ["edited"]


@pytest.mark.django_db(transaction=True)
def test_of_eight_edits_at_once_one_wins():
    incident = IncidentFactory()
    person = UserFactory(team=incident.team)

    def write(number):
        edit(
            incident.pk,
            {"impact": f"Says {number}"},
            expected_version=0,
            by=person,
            now=NOW,
        )

    failures = run_together(8, write)
    assert [type(failure) for failure in failures] == [Conflict] * 7
    assert kinds(incident) == ["edited"]


def test_the_start_may_move_but_not_past_the_rest(service, engineer):
    incident = IncidentFactory(service=service)
    changes = {"started_at": NOW - 2 * HOUR}
    edit(incident.pk, changes, expected_version=0, by=engineer, now=NOW)
    incident.refresh_from_db()
    assert incident.started_at == NOW - 2 * HOUR
    with pytest.raises(PortalError) as refused:
        edit(incident.pk, {"started_at": NOW}, expected_version=1, by=engineer, now=NOW)
    assert refused.value.field == "started_at"
    with pytest.raises(PortalError, match="title"):
        edit(incident.pk, {"title": " "}, expected_version=1, by=engineer, now=NOW)


def test_a_time_that_was_reached_is_put_right_but_not_taken_back(service, engineer):
    incident = IncidentFactory(service=service, mitigated_at=NOW - 5 * MINUTE)
    better = {"mitigated_at": NOW - 8 * MINUTE}
    edit(incident.pk, better, expected_version=0, by=engineer, now=NOW)
    incident.refresh_from_db()
    assert incident.mitigated_at == NOW - 8 * MINUTE
    for changes in ({"mitigated_at": None}, {"resolved_at": NOW}):
        with pytest.raises(PortalError, match="Only a move"):
            edit(incident.pk, changes, expected_version=1, by=engineer, now=NOW)
