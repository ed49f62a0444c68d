"""Adding a service to a team, and changing what is said of it."""

import pytest

from oncall.models import AuditEntry, Service
from oncall.services.service_catalog import ServiceForm, change_service, create_service
from opsportal.kit.errors import PortalError
from tests.factories.oncall import (
    EscalationPolicyFactory,
    ScheduleFactory,
    ServiceFactory,
    TeamFactory,
    UserFactory,
)
from tests.opsportal.test_api_areas import Caller

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def team():
    return TeamFactory(slug="platform", name="Platform")


@pytest.fixture
def manager(team):
    return UserFactory(team=team, team__role="manager")


@pytest.fixture
def page(client, manager):
    client.force_login(manager)
    return client


NEW = "/services/new/platform/"


def test_a_manager_adds_a_service_and_changes_it(page, team):
    schedule = ScheduleFactory(team=team)
    policy = EscalationPolicyFactory(team=team)
    assert NEW in page.get("/services/").content.decode()
    values = {"name": "Billing API", "schedule_id": schedule.pk}
    answer = page.post(NEW, values | {"dashboard_url": "grafana.example.org/d/1"})
    assert answer.url == "/services/billing-api/"
    row = Service.objects.get()
    assert (row.team, row.schedule, row.policy) == (team, schedule, None)
    assert row.dashboard_url == "https://grafana.example.org/d/1"

    edit = "/services/billing-api/edit"
    assert edit in page.get("/services/billing-api/").content.decode()
    page.post(edit, values | {"policy_id": policy.pk, "name": "Billing"})
    row.refresh_from_db()
    assert (row.slug, row.name, row.policy) == ("billing-api", "Billing", policy)
    assert row.dashboard_url == ""
    last = AuditEntry.objects.filter(action="service.edit").get()
    assert last.after == {
        "name": "Billing",
        "policy_id": policy.pk,
        "dashboard_url": "",
    }

    page.post(edit, values | {"policy_id": policy.pk, "name": "Billing"})
    assert AuditEntry.objects.filter(action="service.edit").count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "\N{SNOWMAN}"}, "No short name can be made of"),
        (
            {"name": "New"},
            "No short name can be made of \N{LEFT DOUBLE QUOTATION MARK}new",
        ),
        ({"name": "ARQ"}, "There is a service \N{LEFT DOUBLE QUOTATION MARK}arq"),
        ({"name": "A", "slug": "a b"}, "Use letters, digits"),
        ({"name": "A", "war_room_url": "javascript:alert(1)"}, "Enter a valid URL"),
        ({"name": "A", "war_room_url": "ftp://a.example.org"}, "begins with https://"),
        ({"name": "A", "schedule_id": "0"}, "Select a valid choice"),
    ],
)
def test_what_cannot_be_a_service_is_refused_beside_its_field(page, values, words):
    ServiceFactory(slug="arq")
    answer = page.post(NEW, values)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Service.objects.count() == 1


def test_services_are_for_the_managers_of_their_team(client, team):
    service = ServiceFactory(team=team, slug="arq")
    responder, stranger = UserFactory(team=team), UserFactory()
    for user, status in ((responder, 403), (stranger, 404)):
        client.force_login(user)
        assert "/services/new/" not in client.get("/services/").content.decode()
        for url in (NEW, "/services/arq/edit"):
            assert client.post(url, {"name": "Mine"}).status_code == status
    service.refresh_from_db()
    assert service.name != "Mine"


@pytest.mark.parametrize("word", ["schedule", "policy"])
def test_a_service_follows_only_what_is_its_teams(team, manager, now, word):
    service = ServiceFactory(team=team)
    other = {"schedule": ScheduleFactory, "policy": EscalationPolicyFactory}[word]()
    form = ServiceForm("ARQ", **{f"{word}_id": other.pk})
    for save in (
        lambda: change_service(service, form, by=manager, now=now),
        lambda: create_service(team, form, slug="b", by=manager, now=now),
    ):
        with pytest.raises(PortalError, match=f"no such {word}"):
            save()
    assert Service.objects.get() == service


def test_a_new_service_stands_after_the_others(team, manager, now):
    ServiceFactory(team=team, position=4, name="B")
    row = create_service(team, ServiceForm("A"), by=manager, now=now)
    assert row.position == 5


def test_services_are_kept_by_the_api(client, team, manager):
    api = Caller(client, manager)
    schedule = ScheduleFactory(team=team, slug="weekly")
    body = {"team": "platform", "name": "Billing API", "schedule": "weekly"}
    made = api.post("/services", body)
    assert made.status_code == 201
    assert made.json()["slug"] == "billing-api"
    assert api.get("/services/billing-api").json() == made.json()
    assert made.json()["schedule"] == schedule.slug

    refused = api.post("/services", body | {"slug": "b", "policy": "none"})
    assert refused.status_code == 422
    assert "The team has no policy" in refused.content.decode()
    assert api.get("/services/nothing").status_code == 404
    changed = api.put("/services/billing-api", {"name": "Billing"})
    assert changed.json() == made.json() | {"name": "Billing", "schedule": None}
    stranger = Caller(client, UserFactory(team__role="manager", team=TeamFactory()))
    assert stranger.put("/services/billing-api", {"name": "B"}).status_code == 404


def test_what_a_service_follows_already_is_kept(page, team, manager):
    resting = ScheduleFactory(team=team, slug="resting", is_active=False)
    service = ServiceFactory(team=team, slug="arq", schedule=resting)
    shown = page.get("/services/arq/edit").content.decode()
    assert f'<option value="{resting.pk}" selected' in shown
    page.post("/services/arq/edit", {"name": "ARQ", "schedule_id": resting.pk})
    service.refresh_from_db()
    assert (service.name, service.schedule) == ("ARQ", resting)

    api = Caller(page, manager)
    body = {"name": "ARQ 2", "schedule": "resting"}
    assert api.put("/services/arq", body).json()["schedule"] == "resting"
    other = api.post("/services", body | {"team": team.slug, "name": "Other"})
    assert other.status_code == 422
