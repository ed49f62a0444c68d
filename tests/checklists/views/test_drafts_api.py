"""Drafts of checklists, through the API."""

import pytest

from checklists.services.checklists import ItemPlan
from tests.factories.runs import make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]
DEEP = '{"name": "ARQ", "items": [{"text": "%s"}]}'


@pytest.fixture
def checklist(service):
    return make_checklist([ItemPlan(text="Look")], service=service)


@pytest.fixture
def ask(ask, checklist):
    """`ask("manager", "put", {...})` is the answer about the draft."""
    path = f"/checklists/{checklist.slug}/draft"
    return lambda role, method, body=None, word="": ask(
        role, method, f"{path}{word}", body
    )


def test_a_draft_is_read_written_and_published(ask, checklist):
    draft = ask("manager", "get").json()
    assert draft == {
        "version": 1,
        "is_saved": False,
        "published": 1,
        "based_on": 1,
        "changed_by": "",
        "changed_at": None,
        "text": f"# {checklist.name}\n\n- [ ] Look\n",
    }
    wanted = {"text": draft["text"] + "- [ ] Again\n", "version": 1}
    draft = ask("manager", "put", wanted).json()
    assert (draft["version"], draft["is_saved"]) == (2, True)
    assert draft["text"] == wanted["text"]
    assert draft["changed_by"]
    refused = ask("manager", "put", wanted)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "conflict")
    assert refused.json()["current"] == draft
    changes = [{"kind": "added", "text": "Again", "fields": []}]
    body = {"version": 2}
    looked = ask("manager", "post", body | {"dry_run": True}, "/publish")
    assert looked.json() == {"version": 1, "changes": changes}
    for act in ("/publish", "/discard", "/undo"):
        refused = ask("manager", "post", {"version": 1}, act)
        assert (refused.status_code, refused.json()["current"]) == (409, draft)
    published = ask("manager", "post", body, "/publish")
    assert published.json() == {"version": 2, "changes": changes}


def test_a_draft_is_given_up_and_brought_back(ask, checklist):
    wanted = {"text": DEEP % "Disk", "format": "json", "version": 1}
    assert '"Disk"' in ask("manager", "put", wanted).json()["text"]
    draft = ask("manager", "post", {"version": 2}, "/discard").json()
    assert (draft["version"], draft["is_saved"]) == (3, False)
    draft = ask("manager", "post", {"version": 3}, "/undo").json()
    assert draft["text"] == "# ARQ\n\n- [ ] Disk\n"


def test_what_no_database_keeps_is_refused(ask):
    wanted = {"text": DEEP % "\\ud800", "format": "json", "version": 1}
    answer = ask("manager", "put", wanted)
    assert answer.status_code == 422
    assert "items[1].text" in answer.json()["error"]["message"]


def test_only_managers_of_the_team_see_it(ask):
    assert ask("responder", "get").status_code == 403
    assert ask(None, "get").status_code == 404
    assert ask("responder", "post", {"version": 1}, "/undo").status_code == 403
