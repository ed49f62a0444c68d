"""Declaring by words, and emergencies that call everybody."""

from datetime import timedelta

import pytest

from incidents.models import Incident
from incidents.services.chat_commands import obey_command
from incidents.services.emergencies import page_everybody
from oncall.models import Notification
from oncall.queries import users_on_call
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import IncidentFactory, SeverityLevelFactory
from tests.factories.oncall import (
    ServiceFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def service():
    service = ServiceFactory(slug="architect-api")
    for level in (1, 2):
        SeverityLevelFactory(service=service, level=level)
    return service


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team)


def obey(text, engineer, service):
    return obey_command(
        text, [service.team_id], by=engineer, now=NOW, via="by chat text"
    )


def test_declaring_by_words(service, engineer):
    incident = obey("@incident-commander DECLARE P1 - API DOWN", engineer, service)
    assert (incident.title, incident.severity.label) == ("API DOWN", "P1")
    assert not incident.is_complete_outage
    assert incident.roles.get().user == engineer
    assert incident.timeline.get().data == {"via": "by chat text"}
    assert not Notification.objects.exists()


def test_an_emergency_calls_all_who_may_help_where_nobody_is_on_call(service, engineer):
    second = UserFactory(team=service.team)
    UserFactory()
    incident = obey("EMERGENCY - PRODUCTION DOWN", engineer, service)
    assert (incident.severity.label, incident.is_complete_outage) == ("P1", True)
    rows = Notification.objects.filter(topic=f"incident:{incident.pk}")
    assert {row.recipient for row in rows} == {engineer, second}
    assert all(row.urgency == "high" for row in rows)
    assert rows[0].subject == f"EMERGENCY {incident.ref}: PRODUCTION DOWN"
    assert incident.timeline.last().kind == "paged"


def test_an_emergency_calls_everybody_on_call(service, engineer):
    schedule = make_weekly_schedule(service.team)
    incident = IncidentFactory(service=service, kind="drill")
    text = " Join the war room "
    paged = page_everybody(incident.pk, by=engineer, now=NOW, text=text)
    on_call = {row.user_id for row in users_on_call(schedule.pk, NOW)}
    assert {user.pk for user in paged} == on_call
    rows = Notification.objects.filter(topic=f"incident:{incident.pk}")
    assert {row.recipient for row in rows} == set(paged)
    assert rows[0].text == "Join the war room"
    assert rows[0].subject.startswith("DRILL: EMERGENCY")


def test_nobody_calls_everybody_twice_at_once(service, engineer):
    incident = IncidentFactory(service=service)
    page_everybody(incident.pk, by=engineer, now=NOW)
    with pytest.raises(Refused, match="less than 10 minutes"):
        page_everybody(incident.pk, by=engineer, now=NOW + 9 * MINUTE)
    page_everybody(incident.pk, by=engineer, now=NOW + 10 * MINUTE)
    Incident.objects.update(status="resolved", resolved_at=NOW)
    with pytest.raises(Refused, match="is over"):
        page_everybody(incident.pk, by=engineer, now=NOW + 30 * MINUTE)


@pytest.mark.parametrize(
    ("text", "words"),
    [("API is down!", "Say “DECLARE P1"), ("DECLARE P9 - x", "no severity|a severity")],
)
def test_what_is_not_understood_says_what_to_say(service, engineer, text, words):
    ServiceFactory(team=service.team)
    with pytest.raises(PortalError, match=words) as refused:
        obey(text, engineer, service)
    assert refused.value.field == "text"
