"""The pages of the check library, and the same for programs."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from checklists.domain.check_library import LIBRARY, TEMPLATES
from checklists.models import Check, ServiceMapping
from tests.factories.checklists import DataSourceFactory, ServiceMappingFactory
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import UserFactory
from tests.opsportal.test_api_areas import Caller

pytestmark = pytest.mark.django_db


def page(client, name, *args, **query):
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


@pytest.fixture
def mapped(service):
    return ServiceMappingFactory(service=service)


def test_the_library_shows_every_template(sign_in, service):
    html = page(sign_in("viewer"), "check_library")
    assert all(escape(template.name) in html for template in TEMPLATES)
    assert f"{len(TEMPLATES)} of {len(TEMPLATES)}" in html
    assert reverse("service_library", args=[service.slug]) not in html
    assert reverse("service_library", args=[service.slug]) in page(
        sign_in("manager"), "check_library"
    )


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ({"q": "replication LAG"}, "Replication lag below", "CPU below"),
        ({"group": "Cache"}, "Redis answers", "CPU below"),
        ({"runbook": "ARCA API"}, "Error budget", "CPU below"),
        ({"group": "odd", "runbook": "odd"}, "CPU below", "No check fits"),
        ({"q": "no such thing"}, "No check fits", "CPU below"),
    ],
)
def test_the_library_can_be_searched(sign_in, query, there, absent):
    html = page(sign_in("viewer"), "check_library", **query)
    assert there in html
    assert absent not in html


def test_a_service_sees_what_is_missing_says_it_and_makes_checks(sign_in, service):
    SeverityLevelFactory(service=service, label="Sev1", level=1)
    DataSourceFactory(team=service.team, name="main")
    client = sign_in("manager")
    html = page(client, "service_library", service.slug, q="p99 below 2")
    for words in ("Needs a place", "Prometheus", "disabled", ">main</option>"):
        assert words in html
    # No place is named like what a form has itself.
    assert "needs another look" not in html
    url = reverse("service_library", args=[service.slug])
    saved = client.post(url, {"prometheus": "http://prometheus:9090"})
    assert (saved.status_code, saved["Location"]) == (302, url)
    html = page(client, "service_library", service.slug, q="p99 below 2")
    for words in (
        "Can be made",
        "http_request_duration_seconds_bucket{}[5m]",
        "value &lt; 2s",
        "Sev1 when",
        "Make the chosen checks",
    ):
        assert words in html, words
    apply = reverse("service_library_apply", args=[service.slug])
    made = client.post(
        apply, {"templates": ["latency-p99", "backup-file"]}, follow=True
    )
    html = made.content.decode()
    assert "1 made" in html
    assert "backup-file: Say first where it looks: Folder of backups." in html
    check = Check.objects.get()
    assert reverse("check_detail", args=[check.pk]) in html


def test_what_cannot_be_is_said_at_its_place(sign_in, service):
    url = reverse("service_library", args=[service.slug])
    answer = sign_in("manager").post(url, {"labels": "job=api"})
    assert answer.status_code == 422
    assert "Write labels such as" in answer.content.decode()
    answer = sign_in("manager").post(url, {"source": "missing"})
    assert answer.status_code == 422
    assert not ServiceMapping.objects.exists()


def test_what_stands_and_what_was_edited_is_said(sign_in, service, mapped):
    client = sign_in("manager")
    apply = reverse("service_library_apply", args=[service.slug])
    client.post(apply, {"templates": ["cpu", "memory"]})
    Check.objects.filter(name__startswith="Memory").update(condition="value < 70%")
    mapped.places = {"prometheus": "http://127.0.0.1:10"}
    mapped.save()
    html = page(client, "service_library", service.slug, group="Machines")
    assert "Will follow" in html
    assert "Edited here" in html
    again = client.post(apply, {"templates": ["cpu", "memory"]}, follow=True)
    assert "1 brought along, 1 left as they are" in again.content.decode()
    nothing = client.post(apply, {}, follow=True)
    assert "Choose at least one check" in nothing.content.decode()


def test_many_refusals_are_counted(sign_in, service):
    keys = [each.key for each in TEMPLATES if each.kind == "prometheus"][:5]
    apply = reverse("service_library_apply", args=[service.slug])
    told = sign_in("manager").post(apply, {"templates": keys}, follow=True)
    assert "and 2 more" in told.content.decode()


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), (None, 404)])
def test_only_who_edits_checks_takes_them(sign_in, service, role, status):
    client = sign_in(role)
    for name in ("service_library", "service_library_apply"):
        answer = client.post(reverse(name, args=[service.slug]), {"templates": "cpu"})
        assert answer.status_code == status
    assert not Check.objects.exists()


class TestPrograms:
    @pytest.fixture
    def api(self, client, service):
        return Caller(client, UserFactory(team=service.team, team__role="manager"))

    def test_the_library_is_read(self, api):
        found = api.get("/check-library?q=replication lag database").json()
        assert [each["key"] for each in found] == [
            "replication-lag",
            "replication-lag-sql",
        ]
        first = found[0]
        assert (first["condition"], first["unit"]) == ("value < 100ms", "ms")
        assert first["ladder"] == [{"level": 1, "condition": "value > 1s", "held": ""}]
        assert (first["interval"], first["runbooks"]) == (60, ["ARQ", "Architect API"])
        assert "replication_lag" in first["places"]

    def test_a_service_is_mapped_and_takes_checks(self, api, service):
        path = f"/services/{service.slug}/check-library"
        offers = {each["key"]: each for each in api.get(path).json()}
        assert offers.keys() == LIBRARY.keys()
        assert offers["cpu"]["missing"] == ["prometheus"]
        places = {"prometheus": "http://prometheus:9090"}
        put = api.put(f"{path}/places", {"places": places})
        assert put.json()["places"]["prometheus"] == "http://prometheus:9090"
        assert api.get(f"{path}/places").json() == put.json()
        told = api.post(path, {"templates": ["cpu", "backup-file"]}).json()
        assert (told["made"], told["kept"]) == ([Check.objects.get().pk], [])
        assert [each["key"] for each in told["refused"]] == ["backup-file"]
        offers = {each["key"]: each for each in api.get(path).json()}
        assert (offers["cpu"]["standing"], offers["cpu"]["missing"]) == ("made", [])
        assert offers["cpu"]["check"] == told["made"][0]
        refused = api.put(f"{path}/places", {"places": {"labels": "job=api"}})
        assert refused.status_code == 422
        assert refused.json()["error"]["field"] == "labels"

    def test_others_have_nothing_of_it(self, client, service):
        stranger = Caller(client, UserFactory())
        path = f"/services/{service.slug}/check-library"
        assert stranger.get(path).status_code == 404
        viewer = Caller(client, UserFactory(team=service.team, team__role="viewer"))
        assert viewer.post(path, {"templates": ["cpu"]}).status_code == 403
