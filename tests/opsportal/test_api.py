"""The API: the same things and permissions as the pages."""

from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from ninja.openapi.schema import OpenAPISchema

from checklists.services.items import Edit, tick_item
from oncall.services.tokens import create_token, revoke_token
from opsportal.api import api
from opsportal.wsgi import application
from tests.factories import oncall
from tests.factories.runs import make_check, make_service, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def team():
    return oncall.TeamFactory()


@pytest.fixture
def ann(team):
    return oncall.UserFactory(name="Engineer A", team=team)


def token_of(user, *scopes, team=None):
    _, plain = create_token(
        user,
        name="test",
        scopes=scopes,
        team=team,
        lifetime=timedelta(days=1),
        now=timezone.now(),
    )
    return {"Authorization": f"Bearer {plain}"}


def today_run(team, **more):
    """A run whose window is open on the real clock."""
    return open_run(
        team=team,
        now=timezone.now(),
        timing={
            "due_time": "23:59",
            "opens_before": "1d",
            "grace": "1d",
            "closes_after": "3d",
        },
        time_zone="UTC",
        **more,
    )


def test_without_a_token_nothing_answers(client):
    answer = client.get("/api/v1/teams")
    assert answer.status_code == 401


def test_a_session_is_no_token(client, ann):
    client.force_login(ann)
    assert client.get("/api/v1/teams").status_code == 401


def test_a_token_reads_its_teams_and_no_others(client, team, ann):
    oncall.TeamFactory()
    answer = client.get("/api/v1/teams", headers=token_of(ann, "read"))
    assert [row["slug"] for row in answer.json()] == [team.slug]


def test_a_token_without_the_read_scope_reads_nothing(client, ann):
    answer = client.get("/api/v1/teams", headers=token_of(ann, "metrics"))
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "forbidden"


def test_a_revoked_token_is_dead_at_once(client, ann):
    headers = token_of(ann, "read")
    revoke_token(ann.api_tokens.get(), by=ann, now=timezone.now())
    assert client.get("/api/v1/teams", headers=headers).status_code == 401


def test_a_run_is_worked_through_by_api(client, team, ann):
    run, headers = today_run(team), token_of(ann, "read", "respond")
    whole = client.get(f"/api/v1/runs/{run.pk}", headers=headers).json()
    for item in whole["items"]:
        answer = client.post(
            f"/api/v1/items/{item['id']}/tick",
            {"version": item["version"], "note": "fine"},
            content_type="application/json",
            headers=headers,
        )
        assert (answer.status_code, answer.json()["state"]) == (200, "done")
    done = client.post(f"/api/v1/runs/{run.pk}/hand-in", headers=headers).json()
    assert (done["state"], done["outcome"]) == ("closed", "completed")


def test_the_second_edit_of_one_version_is_answered_with_409(client, team, ann):
    run, headers = today_run(team), token_of(ann, "respond")
    item = run.items.first()
    tick_item(item.pk, Edit(by=ann, now=timezone.now(), version=0))
    answer = client.post(
        f"/api/v1/items/{item.pk}/untick",
        {"version": 0},
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "conflict"


def test_a_read_token_may_not_work(client, team, ann):
    item = today_run(team).items.first()
    answer = client.post(
        f"/api/v1/items/{item.pk}/tick",
        {},
        content_type="application/json",
        headers=token_of(ann, "read"),
    )
    assert answer.status_code == 403


def test_another_teams_run_does_not_exist(client, ann):
    run = today_run(oncall.TeamFactory())
    headers = token_of(ann, "read", "respond")
    assert client.get(f"/api/v1/runs/{run.pk}", headers=headers).status_code == 404
    item = run.items.first()
    answer = client.post(
        f"/api/v1/items/{item.pk}/tick",
        {},
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code == 404


def test_a_token_of_one_team_does_not_see_the_persons_other_team(client, team, ann):
    other = oncall.TeamFactory()
    oncall.MembershipFactory(user=ann, team=other)
    answer = client.get("/api/v1/teams", headers=token_of(ann, "read", team=other))
    assert [row["slug"] for row in answer.json()] == [other.slug]


def test_wrong_input_names_its_field(client, ann):
    headers = token_of(ann, "read")
    answer = client.get("/api/v1/runs?limit=0", headers=headers)
    assert answer.status_code == 422
    assert "limit" in answer.json()["error"]["field"]


def test_checks_are_listed_by_status(client, team, ann):
    check = make_check(make_service(team=team))
    answer = client.get("/api/v1/checks?status=pending", headers=token_of(ann, "read"))
    assert [row["id"] for row in answer.json()["items"]] == [check.pk]


def test_the_document_says_what_an_overtaken_edit_is_answered_with(client):
    document = client.get("/api/v1/openapi.json").json()
    parts, paths = document["components"]["schemas"], document["paths"]

    def told(verb, path):
        answer = paths[f"/api/v1{path}"][verb]["responses"]["409"]
        form = answer["content"]["application/json"]["schema"]["$ref"]
        return parts[form.rpartition("/")[2]]["properties"].get("current")

    theirs = {"anyOf": [{"$ref": "#/components/schemas/IncidentOut"}, {"type": "null"}]}
    assert told("patch", "/incidents/{ref}") == theirs
    assert told("post", "/items/{pk}/tick")["anyOf"][0]["$ref"].endswith("/ItemOut")
    assert told("post", "/incidents/{ref}/acknowledge") is None


def test_a_name_in_the_document_means_one_thing(monkeypatch):
    meanings, add = {}, OpenAPISchema.add_schema_definitions

    def note(document, definitions):
        for name, form in definitions.items():
            meanings.setdefault(name, []).append(form)
        add(document, definitions)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", note)
    monkeypatch.setattr(api, "_document", None)
    api.get_openapi_schema()
    twice = [
        name for name, forms in meanings.items() if forms != [forms[0]] * len(forms)
    ]
    assert (bool(meanings), twice) == (True, [])


def test_no_page_of_the_document_asks_other_sites_for_its_parts(client):
    assert client.get("/api/v1/openapi.json").json()["openapi"].startswith("3.")
    assert client.get("/api/v1/docs").status_code == 404


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
# The test sends its token itself, and HTTP lets a query carry more than is read.
schema.config.generation.update(
    with_security_parameters=False, allow_extra_parameters=False
)
# Every boundary of every field, thirty cases an operation: CI has the time for them.
schema.config.phases.coverage.enabled = settings.default.max_examples > 20


@pytest.fixture(scope="module")
def token(django_db_setup, django_db_blocker):
    """A token beside rows to find, once for hundreds of operations."""
    with django_db_blocker.unblock(), transaction.atomic():
        team = oncall.TeamFactory()
        today_run(team)
        make_check(make_service(team=team))
        user = oncall.UserFactory(name="Engineer A", team=team)
        yield token_of(user, "read", "respond", "manage")
        transaction.set_rollback(True)


@pytest.fixture
def headers(token, db):
    # The real handler would close the connection that holds the test's rows.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield token
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=max(2, settings.default.max_examples // 10),
    suppress_health_check=list(HealthCheck),
)
def test_no_input_breaks_the_schema_or_the_server(case, headers):
    case.call_and_validate(
        headers=headers,
        excluded_checks=[
            schemathesis.checks.unsupported_method,
            schemathesis.checks.positive_data_acceptance,
            schemathesis.checks.ignored_auth,
        ],
    )
