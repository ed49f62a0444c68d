"""The words of services for severity, by the API: as their page."""

import pytest

from incidents.models import SeverityLevel
from oncall.models import AuditEntry
from tests.factories import oncall
from tests.factories.incidents import IntegrationFactory, SeverityLevelFactory
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]
URL = "/services/arq/severities"
SAID = {"label": "P1", "level": 1, "response_minutes": 5, "pages": True}


@pytest.fixture
def service():
    return oncall.ServiceFactory(slug="arq")


@pytest.fixture
def api(client, service):
    return Caller(client, oncall.UserFactory(team=service.team, team__role="manager"))


def test_words_are_added_read_changed_and_removed(api, service):
    common = api.get(URL).json()
    assert [each["id"] for each in common] == [None] * 5
    assert common[0]["label"] == "Critical"
    made = api.post(URL, SAID)
    assert made.status_code == 201
    word = made.json()
    assert (word["level_name"], word["response_minutes"]) == ("Critical", 5)
    assert api.get(URL).json() == [word]
    path = f"/severities/{word['id']}"
    assert api.get(path).json() == word
    slower = SAID | {"response_minutes": 15, "update_every_minutes": 30}
    changed = api.put(path, slower | {"revision": word["revision"]}).json()
    assert (changed["response_minutes"], changed["update_every_minutes"]) == (15, 30)
    stale = api.put(path, SAID | {"revision": word["revision"]})
    assert (stale.status_code, stale.json()["current"]) == (409, changed)
    assert api.put(path, SAID).json()["revision"] == word["revision"]
    assert api.delete(path).status_code == 204
    assert not SeverityLevel.objects.exists()
    told = AuditEntry.objects.filter(team=service.team, action__startswith="severity")
    assert [each.action for each in told.order_by("pk")] == [
        "severity.put",
        "severity.put",
        "severity.put",
        "severity.remove",
    ]


def test_what_is_asked_for_stays(api, service):
    word = SeverityLevelFactory(service=service, label="P1", level=1)
    IntegrationFactory(service=service, severity_mapping={"page": "P1"})
    path = f"/severities/{word.pk}"
    for answer in (api.put(path, SAID | {"label": "SEV1"}), api.delete(path)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "in_use")
        assert answer.json().get("current") is None


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"label": " "}, "label"),
        ({"label": "P2"}, "label"),
        ({"level": 6}, "body.level"),
        ({"is_next_business_day": True}, "response"),
    ],
)
def test_errors_name_the_field(typed, field, api, service):
    SeverityLevelFactory(service=service, label="P2")
    answer = api.post(URL, SAID | typed)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


def test_words_are_read_by_all_and_kept_by_managers(client, service):
    word = SeverityLevelFactory(service=service)
    path = f"/severities/{word.pk}"
    for user, seen, written in (
        (oncall.UserFactory(team=service.team), 200, 403),
        (oncall.UserFactory(team=oncall.TeamFactory(), team__role="manager"), 404, 404),
    ):
        api = Caller(client, user)
        assert api.get(URL).status_code == api.get(path).status_code == seen
        assert api.post(URL, SAID).status_code == written
        assert api.put(path, SAID).status_code == written
        assert api.delete(path).status_code == written
    assert api.get(f"/severities/{2**64}").status_code == 404
