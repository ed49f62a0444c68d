"""Managers bring open runs to the version that they published."""

import pytest

from checklists.services.checklists import ItemPlan, publish_version
from tests.factories.runs import NOW, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def run(service):
    """A run of version 1 whose checklist says something else by now."""
    run = open_run([ItemPlan(text="Look")], service=service)
    key = run.items.get().item.key
    plans = [ItemPlan(text="Look twice", key=key), ItemPlan(text="Brand new")]
    publish_version(run.checklist, plans, by=None, now=NOW)
    return run


@pytest.fixture
def url(run):
    return f"/checklists/{run.checklist.slug}/sync/"


def test_a_manager_looks_at_what_changes_and_brings_them(run, url, sign_in):
    client = sign_in("manager")
    detail = client.get(f"/checklists/{run.checklist.slug}/").content.decode()
    assert "1 open run follows an older version." in detail
    html = client.get(url).content.decode()
    for words in ("Look twice", "<del>Look</del>", "new, open", "cannot be taken back"):
        assert words in html
    answer = client.post(url, {"runs": [run.pk], "seen": 2}, follow=True)
    html = answer.content.decode()
    assert "1 open run brought to this version." in html
    assert "an older version" not in html
    assert "Nothing to bring along" in client.get(url).content.decode()
    story = client.get(f"/runs/{run.pk}/").content.decode()
    assert "Brought to a newer version" in story
    assert "added: Brand new" in story


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"seen": 2}, 422, "Choose at least one run."),
        ({"runs": [0], "seen": 2}, 422, "not one of the available choices"),
        ({"runs": None, "seen": 1}, 409, "Version 2 was published meanwhile."),
    ],
)
def test_what_cannot_be_brought_is_said(run, url, sign_in, typed, status, words):
    if "runs" in typed and typed["runs"] is None:
        typed = typed | {"runs": [run.pk]}
    answer = sign_in("manager").post(url, typed)
    assert answer.status_code == status
    assert words in answer.content.decode()
    run.refresh_from_db()
    assert run.version.number == 1


def test_only_managers_of_the_team_bring_them(run, url, sign_in):
    assert sign_in("responder").get(url).status_code == 403
    assert sign_in().get(url).status_code == 404


def test_the_api_looks_and_brings(run, ask):
    path = f"/checklists/{run.checklist.slug}/sync"
    seen = ask("viewer", "get", path).json()
    assert (seen["version"], seen["waiting"]) == (2, [])
    assert [(each["text"], each["fate"]) for each in seen["runs"][0]["items"]] == [
        ("Look twice", "kept"),
        ("Brand new", "added"),
    ]
    wanted = {"runs": [run.pk], "version": 2}
    assert ask("responder", "post", path, wanted).status_code == 403
    assert ask(None, "post", path, wanted).status_code == 404
    stale = ask("manager", "post", path, wanted | {"version": 1})
    assert (stale.status_code, stale.json()["current"]) == (409, seen)
    assert ask("manager", "post", path, wanted).json() == {"synced": 1}
