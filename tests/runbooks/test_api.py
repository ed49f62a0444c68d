"""The API of runbooks: the same as the pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from checklists.models import Checklist, ChecklistItem
from checklists.services.generation import open_due_runs
from incidents.models import SeverityLevel
from oncall.services.tokens import create_token
from runbooks import api
from runbooks.models import Draft, Runbook
from tests.conftest import NOW
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory
from tests.runbooks.conftest import KESTREL
from tests.runbooks.services.test_applying import key_of
from tests.runbooks.services.test_second_import import NEWER

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def call(client, manager):
    """`call("get", "/runbooks")` as the manager; `scopes` are those of the token."""

    def act(method, path, body=None, *, user=manager, scopes=("read", "manage")):
        _, plain = create_token(
            user, name="test", scopes=scopes, team=None,
            lifetime=timedelta(days=1), now=timezone.now(),
        )  # fmt: skip
        return getattr(client, method)(
            f"/api/v1{path}",
            body,
            content_type="application/json",
            headers={"Authorization": f"Bearer {plain}"},
        )

    return act


def body(text=KESTREL, **more):
    return {"service": "kestrel", "text": text, **more}


def test_a_text_is_reviewed_applied_changed_and_taken_back(call, service):
    seen = call("post", "/runbooks/review", body()).json()
    assert (seen["title"], seen["runbook"], seen["based_on"]) == (
        "Kestrel Operations Runbook",
        None,
        0,
    )
    item = next(each for each in seen["findings"] if each["line"] == 8)
    assert (item["status"], item["is_ready"], item["has_check"]) == ("new", True, True)
    assert not Runbook.objects.exists()

    check = key_of("On-call coverage verified")
    made = call("post", "/runbooks/apply", body(based_on=0, checks=[check])).json()
    assert (made["version"], made["text"]) == (1, KESTREL.rstrip("\n"))
    assert [each["title"] for each in made["procedures"]] == ["High Error Rate"]
    assert ChecklistItem.objects.get(text="On-call coverage verified").mode == "auto"
    assert Checklist.objects.count() == 2

    stale = call("post", "/runbooks/apply", body(NEWER, based_on=0))
    assert (stale.status_code, stale.json()["error"]["code"]) == (409, "conflict")
    assert stale.json()["current"] == made
    seen = call("post", "/runbooks/review", body(NEWER)).json()
    gone = [each["value"] for each in seen["findings"] if each["status"] == "gone"]
    assert gone == [{"text": "Stable disk usage", "section": ""}]
    accept = [key_of("P1")]
    call("post", "/runbooks/apply", body(NEWER, based_on=1, accept=accept))
    assert SeverityLevel.objects.get(label="P1").response == timedelta(minutes=10)
    assert ChecklistItem.objects.filter(text__contains="50ms").count() == 0

    path = f"/runbooks/{made['slug']}"
    assert call("post", f"{path}/undo").json()["version"] == 1
    assert call("post", f"{path}/undo").json()["version"] == 0
    assert call("get", path).json()["applied_at"] is None


def test_the_library_is_listed_and_searched(call, apply):
    apply()
    found = call("get", "/runbooks").json()
    assert [each["slug"] for each in found["items"]] == ["kestrel-operations-runbook"]
    assert call("get", "/runbooks?q=unicorn").json()["count"] == 0


def test_roles_scopes_and_teams_hold(call, apply, service, sign_in, monkeypatch):
    path = f"/runbooks/{apply().runbook.slug}"
    responder, stranger = sign_in("responder").user, sign_in().user
    assert call("post", "/runbooks/review", body(), user=responder).status_code == 200
    again = body(based_on=1)
    assert call("post", "/runbooks/apply", again, user=responder).status_code == 403
    assert call("post", "/runbooks/apply", again, scopes=["read"]).status_code == 403
    assert call("get", path, user=stranger).status_code == 404
    assert call("post", "/runbooks/review", body(), user=stranger).status_code == 404
    monkeypatch.setattr(api, "MOST_BYTES", 5)
    assert call("post", "/runbooks/review", body()).status_code == 422


def test_a_text_is_corrected_as_it_is_applied(call, service):
    fixes = {
        key_of("P1"): {"response_minutes": 5},
        key_of("Weekly Tasks"): {"rule": {"kind": "monthly", "on": "last_day"}},
    }
    wrong = {key_of("P1"): {"level": [9]}}
    refused = call("post", "/runbooks/apply", body(based_on=0, fixes=wrong))
    assert (refused.status_code, refused.json()["error"]["field"]) == (
        422,
        key_of("P1"),
    )
    call("post", "/runbooks/apply", body(based_on=0, fixes=fixes))
    assert SeverityLevel.objects.get(label="P1").response == timedelta(minutes=5)
    cadence = Checklist.objects.get(name="Weekly Tasks").cadences.get()
    assert cadence.rule == {"kind": "monthly", "on": "last_day"}


def test_reviews_are_marked_planned_and_found(call, apply, manager):
    path = f"/runbooks/{apply().runbook.slug}"
    shown = call("put", f"{path}/review-interval", {"interval": "yearly"}).json()
    assert (shown["review_interval"], shown["reviewed_by"]) == (
        "yearly",
        manager.username,
    )
    bad = call("put", f"{path}/review-interval", {"interval": "often"})
    assert bad.status_code == 422
    Runbook.objects.update(reviewed_on="2020-01-01")
    assert call("get", "/runbooks?due=true").json()["count"] == 1
    assert call("post", f"{path}/reviewed").json()["review_due_on"] > "2026"
    assert call("get", "/runbooks?due=true").json()["count"] == 0


def test_an_address_is_put_read_shown_and_removed(call, apply, server):
    path = f"/runbooks/{apply().runbook.slug}/source"
    assert call("get", path).status_code == 404
    assert call("post", f"{path}/read").status_code == 404
    bad = call("put", path, {"url": "ftp://a"})
    assert (bad.status_code, bad.json()["error"]["field"]) == (422, "url")
    shown = call("put", path, {"url": server.url, "header": "Bearer abc"}).json()
    assert (shown["host"], shown["is_waiting"]) == (f"127.0.0.1:{server.port}", False)
    server.body = NEWER.encode()
    assert call("post", f"{path}/read").json()["is_waiting"] is True
    assert "abc" not in str(call("get", path).json())
    waiting = path.replace("source", "waiting")
    seen = call("get", waiting).json()
    assert (seen["based_on"], seen["text"]) == (1, NEWER.rstrip("\n"))
    found = call("get", "/waiting-texts").json()["items"]
    assert [(each["id"], each["runbook"]) for each in found] == [
        (seen["id"], "kestrel-operations-runbook")
    ]
    thrown = f"/waiting-texts/{seen['id']}"
    assert call("delete", thrown, scopes=["read"]).status_code == 403
    assert call("delete", thrown).status_code == 204
    assert call("delete", thrown).status_code == 404
    call("post", "/runbooks/apply", body(NEWER, based_on=1))
    assert call("get", waiting).status_code == 404
    assert call("delete", path).status_code == 204


def test_a_runbook_begins_at_an_address(call, server, service):
    asked = {"service": "kestrel", "url": server.url, "header": "Bearer abc"}
    seen = call("post", "/waiting-texts", asked)
    assert seen.status_code == 201
    waiting = seen.json()
    assert (waiting["runbook"], waiting["text"]) == (None, KESTREL.rstrip("\n"))
    assert server.asked[-1]["authorization"] == "Bearer abc"
    path = f"/waiting-texts/{waiting['id']}"
    assert call("get", path).json() == waiting
    assert not Runbook.objects.exists()
    assert call("get", path, user=UserFactory(team=service.team)).status_code == 404
    stale = call("post", f"{path}/apply", {"based_on": 1})
    assert (stale.status_code, stale.json().get("current")) == (409, None)
    made = call("post", f"{path}/apply", {"based_on": 0}).json()
    assert made["version"] == 1
    at = f"/runbooks/{made['slug']}/source"
    assert call("get", at).json()["host"] == f"127.0.0.1:{server.port}"
    assert call("get", path).status_code == 404

    server.body = NEWER.encode()
    again = call("post", "/waiting-texts", asked | {"runbook": made["slug"]}).json()
    assert (again["runbook"], again["based_on"]) == (made["slug"], 1)
    call("post", "/runbooks/apply", body(NEWER, based_on=1))
    stale = call("post", f"/waiting-texts/{again['id']}/apply", {"based_on": 1})
    assert (stale.status_code, stale.json()["current"]["version"]) == (409, 2)


def test_an_address_is_read_by_whom_it_is_for_and_where_it_may_be(
    call, server, service, settings
):
    asked = {"service": "kestrel", "url": server.url}
    assert call("post", "/waiting-texts", asked, scopes=["read"]).status_code == 403
    stranger = UserFactory(team=TeamFactory(), team__role="manager")
    assert call("post", "/waiting-texts", asked, user=stranger).status_code == 404
    settings.EGRESS_ALLOW = ""
    refused = call("post", "/waiting-texts", asked)
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "url")
    assert server.asked == []
    assert not Draft.objects.exists()
    assert call("get", f"/waiting-texts/{2**64}").status_code == 404


def test_a_text_under_another_title_is_that_of_the_runbook_it_names(call, apply):
    slug = apply().runbook.slug
    other = KESTREL.replace("Kestrel Operations Runbook", "Kestrel")
    assert call("post", "/runbooks/review", body(other)).json()["runbook"] is None
    seen = call("post", "/runbooks/review", body(other, runbook=slug)).json()
    assert (seen["runbook"], seen["based_on"]) == (slug, 1)
    elsewhere = apply(service=ServiceFactory(team=Runbook.objects.get().team))
    for path, sent in (
        ("/runbooks/review", body(other, runbook=elsewhere.runbook.slug)),
        (
            "/waiting-texts",
            {
                "service": "kestrel",
                "url": "https://a.example",
                "runbook": elsewhere.runbook.slug,
            },
        ),
    ):
        refused = call("post", path, sent)
        assert (refused.status_code, refused.json()["error"]["field"]) == (
            422,
            "runbook",
        )


def test_texts_are_compared_exported_and_found_by_trouble(call, apply):
    path = f"/runbooks/{apply().runbook.slug}"
    call("post", "/runbooks/apply", body(NEWER, based_on=1, accept=[]))
    listed = call("get", f"{path}/versions").json()["items"]
    assert [each["number"] for each in listed] == [2, 1]
    second = call("get", f"{path}/versions/2").json()
    marks = {line["mark"] for place in second["changes"] for line in place}
    assert (second["text"], marks) == (NEWER.rstrip("\n"), {"", "came", "went"})
    first = call("get", f"{path}/versions/1").json()
    assert {line["mark"] for line in first["changes"][0]} == {"came"}
    assert call("get", f"{path}/versions/3").status_code == 404
    assert "<!-- live" in call("get", f"{path}/export").json()["text"]
    told = call("get", "/services/kestrel/procedures?q=errors").json()["items"]
    assert [each["title"] for each in told] == ["High Error Rate"]
    assert call("get", "/services/nobody/procedures").status_code == 404
    call("post", f"{path}/undo")
    call("post", f"{path}/undo")
    assert call("get", f"{path}/export").status_code == 404


def test_items_of_a_run_lead_to_what_to_do(call, apply, service):
    text = KESTREL.replace("Stable disk usage", "Review error rate < 0.1%")
    apply(text)
    open_due_runs(now=NOW)
    run = Checklist.objects.order_by("pk")[0].runs.get()
    item = run.items.get(item__text__startswith="Review error")
    key = service.runbooks.get().versions.get().procedures.get().key
    path = f"/runs/{run.pk}/procedures"
    assert call("get", path).json()["items"] == [
        {
            "item": item.pk,
            "text": "Review error rate < 0.1%",
            "title": "High Error Rate",
            "runbook": "kestrel-operations-runbook",
            "line": 31,
            "key": key,
        }
    ]
    run.items.update(state="done")
    assert call("get", path).json()["items"] == []
    assert call("get", "/runs/0/procedures").status_code == 404
    assert call("get", path, user=UserFactory()).status_code == 404


def test_a_review_says_which_check_could_tick_an_item(call, service):
    found = call("post", "/runbooks/review", body()).json()["findings"]
    checks = {each["value"].get("text"): each["check"] for each in found}
    assert checks["Check backup completion"] == {
        "kind": "heartbeat",
        "condition": "age < 26h and exit_code == 0",
        "note": "",
        "hint": "the backup job, and the age of its newest file",
        "is_assisted": False,
        "beside": [
            {
                "kind": "file",
                "condition": "age < 26h and size >= 0.5 * median_size and size > 0",
                "note": "its newest file",
            }
        ],
    }
    assert checks["Security audit logs"] is None


def test_a_review_says_what_to_look_at_and_what_is_kept(call, service):
    text = "# Kestrel\n\n## Alert Thresholds\n### Critical\n- CPU > 90%\n"
    seen = call("post", "/runbooks/review", body(text)).json()
    assert seen["kept"] == [
        {
            "kind": "Thresholds",
            "line": 5,
            "what": "cpu",
            "says": "> 90 %",
            "severity": "critical",
            "check": "prometheus: value <= 90%",
        }
    ]
    assert seen["warnings"] == [
        {
            "line": 1,
            "last": 1,
            "kind": "no checklist",
            "text": "There is no recurring checklist in this runbook.",
        }
    ]
