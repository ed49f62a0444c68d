"""Checks as settings kept elsewhere, weekly reviews and dependencies, by the API."""

import pytest

from checklists.models import Check, WeeklyReview
from checklists.services.checklists import ItemPlan
from oncall.models import AuditEntry, Notification
from tests.factories.checklists import CheckFactory, DataSourceFactory, settle_check
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import ChannelFactory
from tests.factories.runs import make_checklist, make_service, open_run
from tests.targets import Reply, WebTarget

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MONDAY = "2026-01-12"
LAG = {
    "name": "Replication lag",
    "kind": "sql",
    "spec": {"source": "primary", "query": "select 1"},
    "condition": "value < 100ms",
    "unit": "ms",
    "interval": 300,
    "depends_on": ["arq/answers"],
}


@pytest.fixture
def service(team):
    return make_service(team=team, name="ARQ", slug="arq")


@pytest.fixture
def parent(service):
    DataSourceFactory(team=service.team, name="primary")
    return settle_check(CheckFactory(service=service, slug="answers"), "fail")


@pytest.fixture
def put(ask, parent):
    return lambda body, slug="lag", role="manager": ask(
        role, "put", f"/services/arq/checks/{slug}", body
    )


def test_settings_are_written_read_and_written_back_as_the_same(put, ask, service):
    level = SeverityLevelFactory(service=service)
    rung = {"severity": level.label, "condition": "value > 1s", "held": "5m"}
    made = put(LAG | {"ladder": [rung], "fail_within": 5, "revision": ""})
    assert made.status_code == 201
    read = ask("viewer", "get", "/services/arq/checks/lag").json()
    assert read == made.json()
    assert (read["ladder"], read["depends_on"]) == ([rung], ["arq/answers"])
    assert (read["fail_after"], read["fail_within"]) == (2, 5)
    changes = AuditEntry.objects.filter(action__startswith="check.")
    assert changes.count() == 1
    again = put(read)
    assert (again.status_code, again.json()) == (200, read)
    assert changes.count() == 1


def test_an_edit_on_a_page_is_not_lost(put):
    seen = put(LAG).json()["revision"]
    Check.objects.filter(slug="lag").update(condition="value < 200ms")
    answer = put(LAG | {"revision": seen})
    assert answer.status_code == 409
    assert answer.json()["current"]["condition"] == "value < 200ms"
    assert put(LAG | {"revision": ""}).status_code == 409
    gone = put(LAG | {"revision": seen}, slug="gone")
    assert (gone.status_code, "current" in gone.json()) == (409, False)
    assert put(LAG | {"name": "Lag"}).json()["condition"] == "value < 100ms"


@pytest.mark.parametrize(
    ("change", "slug", "field"),
    [
        ({"spec": {"source": "none", "query": "x"}}, "lag", "spec"),
        ({"depends_on": ["arq/none"]}, "lag", "depends_on"),
        ({"depends_on": ["arq/lag"]}, "lag", "depends_on"),
        ({"kind": "odd"}, "lag", "kind"),
        ({}, "La.g", "slug"),
        ({"kind": "tcp", "spec": {"host": "a", "port": 1}}, "answers", "kind"),
    ],
)
def test_what_cannot_be_is_named(put, change, slug, field):
    put(LAG)
    answer = put(LAG | change, slug)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field


def test_it_is_stopped_resumed_and_deleted(put, ask):
    put(LAG)
    path = "/services/arq/checks/lag"
    assert ask("manager", "post", f"{path}/stop").json()["is_enabled"] is False
    assert ask("manager", "post", f"{path}/resume").json()["is_enabled"] is True
    assert ask("responder", "delete", path).status_code == 403
    assert ask("manager", "delete", path).status_code == 204
    assert ask("manager", "get", path).status_code == 404
    assert put(LAG, role="responder").status_code == 403


def test_settings_are_tried_and_nothing_is_kept(ask, service, settings):
    settings.EGRESS_ALLOW = "127.0.0.1/32:*"
    site = WebTarget()
    site.routes["/health"] = Reply(500, b"no")
    body = {"name": "API", "kind": "http", "spec": {"url": f"{site.url}/health"}}
    body |= {"condition": "status == 200"}
    path = "/services/arq/checks/api/try"
    seen = ask("manager", "post", path, body).json()
    assert (seen["outcome"], seen["fields"]["status"]) == ("fail", "500")
    assert seen["latency_ms"] > 0
    site.close()
    wrong = ask("manager", "post", path, body | {"condition": "status =="})
    assert (wrong.status_code, wrong.json()["error"]["field"]) == (422, "condition")
    assert ask("responder", "post", path, body).status_code == 403
    assert not Check.objects.exists()


def test_a_heartbeat_is_given_its_address(ask, client, service):
    check = CheckFactory(service=service, slug="job", kind="heartbeat", condition="")
    path = "/services/arq/checks/job/address"
    first, second = (ask("manager", "post", path).json()["address"] for _ in "ab")
    assert first.startswith("http://testserver/ping/")
    assert client.post(second).status_code == 200
    assert client.post(first).status_code == 404
    check.refresh_from_db()
    assert second.rpartition("/ping/")[2].startswith(check.heartbeat.prefix)
    assert ask("responder", "post", path).status_code == 403
    CheckFactory(service=service, slug="api", kind="http")
    assert ask("manager", "post", "/services/arq/checks/api/address").status_code == 422


def test_a_check_that_ticks_items_is_not_deleted(put, ask, service):
    put(LAG)
    check = Check.objects.get(slug="lag")
    item = ItemPlan(text="Lag", mode="auto", checks=(check,))
    make_checklist([item], service=service)
    answer = ask("manager", "delete", "/services/arq/checks/lag")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "check_in_use")


def test_what_depends_on_what(put, ask, parent):
    put(LAG)
    first, second = ask("viewer", "get", "/services/arq/dependencies").json()
    assert (first["id"], first["is_down"]) == (parent.pk, True)
    assert first["below"] == [second["id"]]
    assert (second["slug"], second["muted_by"]) == ("lag", [parent.pk])


def test_a_week_is_listed_shown_and_sent(ask, service, team):
    run = open_run(service=service)
    settle_check(CheckFactory(service=service, kind="tls", last_value=3), "pass")
    path = f"/teams/{team.slug}/reviews"
    assert ask("viewer", "get", path).json()["mondays"][0] == MONDAY
    week = ask("viewer", "get", f"{path}/{MONDAY}").json()
    assert week["runs"][0]["checklist"] == run.checklist.name
    assert week["text"].startswith("# ")
    for day in ("2026-01-13", "2026-01-19", "0001-01-01"):
        assert ask("viewer", "get", f"{path}/{day}").status_code == 404
    assert ask("viewer", "post", f"{path}/{MONDAY}/send").status_code == 403
    assert ask("manager", "post", f"{path}/{MONDAY}/send").json() == {"told": 1}
    assert Notification.objects.count() == 1


def test_when_it_is_sent_is_set_and_shown(ask, team):
    path = f"/teams/{team.slug}/review-plan"
    assert ask("viewer", "get", path).json()["is_on"] is False
    channel = ChannelFactory(team=team)
    plan = {
        "is_on": True,
        "weekday": "fri",
        "send_time": "07:30",
        "channel": channel.pk,
    }
    saved = ask("manager", "put", path, plan).json()
    assert saved == ask("viewer", "get", path).json()
    assert saved.items() >= plan.items()
    assert WeeklyReview.objects.get().channel == channel
    assert ask("responder", "put", path, plan).status_code == 403
    other = plan | {"channel": ChannelFactory().pk}
    assert ask("manager", "put", path, other).status_code == 404
    nobody = {"is_on": True, "to_managers": False}
    assert ask("manager", "put", path, nobody).status_code == 422
