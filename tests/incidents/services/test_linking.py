"""Alerts and changes under an incident."""

import json
from datetime import timedelta

import pytest

from incidents.services import linking
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    IngestEventFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def service():
    return ServiceFactory()


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team)


@pytest.fixture
def incident(service):
    return IncidentFactory(service=service)


def kinds(incident) -> list[str]:
    return list(incident.timeline.order_by("pk").values_list("kind", flat=True))


def told_of(service, **event):
    body = {"payload": {"summary": "Deployed 4.2", **event}}
    if link := body["payload"].pop("href", None):
        body["links"] = [{"href": link}]
    return IngestEventFactory(
        integration__service=service,
        kind="change",
        body=json.dumps(body).encode(),
        received_at=NOW - 40 * MINUTE,
    )


def test_alerts_come_and_go(service, engineer, incident):
    alert = AlertFactory(series__integration__service=service)
    for _ in range(2):
        linking.link_alert(incident.pk, alert.pk, by=engineer, now=NOW)
    assert incident.alerts.count() == 1
    linking.unlink_alert(incident.pk, alert.pk, by=engineer, now=NOW)
    assert incident.alerts.count() == 0
    with pytest.raises(Refused, match="not part"):
        linking.unlink_alert(incident.pk, alert.pk, by=engineer, now=NOW)
    linking.link_alert(incident.pk, alert.pk, by=engineer, now=NOW)
    assert kinds(incident) == ["alert", "alert_unlinked", "alert"]
    other = IncidentFactory(service=service)
    with pytest.raises(Refused, match="part of"):
        linking.link_alert(other.pk, alert.pk, by=engineer, now=NOW)


def test_a_change_is_told_once_at_its_own_time(service, engineer, incident):
    change = told_of(
        service, timestamp="2026-01-14T09:00:00Z", href="https://ci.test/1"
    )
    for _ in range(2):
        linking.link_change(incident.pk, change.pk, by=engineer, now=NOW)
    entry = incident.timeline.get()
    assert (entry.kind, entry.text) == ("change", "Deployed 4.2")
    assert entry.occurred_at == NOW - 90 * MINUTE
    assert entry.data == {"service": service.name, "url": "https://ci.test/1"}


def test_a_change_without_time_happened_when_it_came(service, engineer, incident):
    change = told_of(service, href="javascript:alert(1)")
    linking.link_change(incident.pk, change.pk, by=engineer, now=NOW)
    entry = incident.timeline.get()
    assert (entry.occurred_at, entry.data["url"]) == (change.received_at, "")


def test_changes_of_strangers_are_not_found(engineer, incident):
    change = told_of(ServiceFactory())
    with pytest.raises(PortalError, match="one of the changes"):
        linking.link_change(incident.pk, change.pk, by=engineer, now=NOW)
