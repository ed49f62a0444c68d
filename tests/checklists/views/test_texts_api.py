"""Checklists as texts, through the API."""

import pytest

from checklists.services.checklists import ItemPlan
from tests.factories.runs import make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def checklist(service):
    return make_checklist([ItemPlan(text="Look")], service=service)


@pytest.fixture
def ask(ask, checklist):
    """`ask("manager", "put", {...})` is the answer about the text."""
    path = f"/checklists/{checklist.slug}/text"
    return lambda role, method, body=None: ask(role, method, path, body)


def test_a_text_is_read_looked_at_and_published(ask, checklist):
    body = ask("viewer", "get").json()
    assert body == {"version": 1, "text": f"# {checklist.name}\n\n- [ ] Look\n"}
    wanted = {"text": body["text"] + "- [ ] Again\n", "version": 1}
    changes = [{"kind": "added", "text": "Again", "fields": []}]
    answer = ask("manager", "put", wanted | {"dry_run": True})
    assert answer.json() == {"version": 1, "changes": changes}
    answer = ask("manager", "put", wanted)
    assert answer.json() == {"version": 2, "changes": changes}
    stale = ask("manager", "put", wanted)
    theirs = {"version": 2, "text": wanted["text"]}
    assert (stale.status_code, stale.json()["current"]) == (409, theirs)


def test_a_text_that_cannot_be_used_is_refused(ask):
    answer = ask("manager", "put", {"text": "- [ ] A"})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "text"
    assert ask("responder", "put", {"text": "# A\n- [ ] A"}).status_code == 403
    assert ask(None, "get").status_code == 404
