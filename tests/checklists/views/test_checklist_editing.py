"""Managers write checklists in the portal."""

import re

import pytest

from checklists.models import Checklist
from checklists.services.checklists import ItemPlan
from tests.factories.runs import make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NEW = "# ARQ daily\n\n- [ ] Look again\n- [ ] Memory\n  - kind: number\n"


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def checklist(service, check):
    return make_checklist(
        [ItemPlan(text="Lag", mode="auto", checks=(check,)), ItemPlan(text="Look")],
        service=service,
    )


def test_a_manager_sees_what_changes_and_publishes_it(checklist, sign_in):
    client, url = sign_in("manager"), f"/checklists/{checklist.slug}/edit/"
    html = words(client.get(url))
    assert "- [ ] Lag - mode:" in html
    assert f"{checklist.service.slug}/lag" in html
    typed = {"text": NEW, "written": "markdown", "seen": "1"}
    html = words(client.post(url, typed | {"look": ""}))
    for sentence in (">added</span>", ">removed</span>", "Publish"):
        assert sentence in html
    assert checklist.versions.count() == 1
    answer = client.post(url, typed | {"publish": ""})
    assert answer.url == f"/checklists/{checklist.slug}/"
    html = words(client.get(answer.url))
    assert "Version 2 is published." in html
    assert "ARQ daily" in html
    assert client.post(url, typed | {"publish": ""}).status_code == 409


def test_without_a_service_the_checks_of_the_team_are_named(check, team, sign_in):
    slug = make_checklist(team=team).slug
    html = words(sign_in("manager").get(f"/checklists/{slug}/edit/"))
    assert f"{check.service.slug}/lag" in html


def test_a_change_of_words_is_shown_from_and_to(checklist, sign_in):
    text = "# x\n- [ ] Look\n  - is_required: false\n- [ ] Lag\n"
    html = words(
        sign_in("manager").post(
            f"/checklists/{checklist.slug}/edit/",
            {"text": text, "written": "markdown", "look": ""},
        )
    )
    assert "<del>yes</del>" in html
    assert "<ins>no</ins>" in html
    assert ">moved</span>" in html


@pytest.mark.parametrize(
    ("text", "written", "sentence"),
    [
        ("", "markdown", "This field is required."),
        ("- [ ] A", "markdown", "name: Write one line of text."),
        ("{", "json", "This is no JSON"),
        ("# A\n- [ ] B\n  - mode: auto", "markdown", "needs a check"),
        ("# A\n- [ ] B\n  - checks: a/b", "markdown", "“a/b”"),
        ("# A", "markdown", "at least one item"),
    ],
)
def test_what_cannot_be_published_says_why(text, written, sentence, checklist, sign_in):
    client, typed = sign_in("manager"), {"text": text, "written": written}
    answer = client.post(f"/checklists/{checklist.slug}/edit/", typed | {"publish": ""})
    assert answer.status_code == 422
    assert sentence in words(answer)


def test_a_manager_makes_a_new_one_perhaps_as_a_copy(checklist, team, sign_in):
    client = sign_in("manager")
    assert "/new-checklist/" in words(client.get("/checklists/"))
    assert "# Name of the checklist" in words(client.get("/new-checklist/"))
    html = words(client.get(f"/new-checklist/?copy={checklist.slug}"))
    assert f"# Copy of {checklist.name}" in html
    typed = {"text": NEW, "written": "markdown", "team": team.pk}
    assert client.post("/new-checklist/", typed | {"text": "x"}).status_code == 422
    assert client.post("/new-checklist/", {}).status_code == 422
    answer = client.post("/new-checklist/", typed | {"service": checklist.service_id})
    assert answer.url == "/checklists/arq-daily/"
    assert Checklist.objects.get(slug="arq-daily").service == checklist.service


def test_what_is_exported_is_imported_as_the_same(checklist, team, sign_in):
    client = sign_in("manager")
    for form, ending in (("markdown", "md"), ("json", "json"), ("yaml", "yaml")):
        answer = client.get(f"/checklists/{checklist.slug}/checklist.{ending}")
        assert answer["Content-Disposition"].endswith(f'{checklist.slug}.{ending}"')
        text = answer.content.decode()
        typed = {"text": text, "written": form, "team": team.pk}
        made = client.post("/new-checklist/", typed).url
        assert client.get(f"{made}checklist.{ending}").content.decode() == text


def test_a_manager_archives_and_restores(checklist, sign_in):
    client, url = sign_in("manager"), f"/checklists/{checklist.slug}/"
    client.post(f"{url}archive/")
    assert "Archived: it is in no list" in words(client.get(url))
    assert checklist.name not in words(client.get("/checklists/"))
    client.post(f"{url}restore/")
    assert checklist.name in words(client.get("/checklists/"))


def test_the_text_is_another_view_of_the_draft(checklist, sign_in):
    client, url = sign_in("manager"), f"/checklists/{checklist.slug}/"
    typed = {"text": NEW, "written": "markdown", "seen": "1"}
    assert client.post(f"{url}edit/", typed | {"save": ""}).url == f"{url}draft/"
    assert checklist.versions.count() == 1
    assert "Look again" in words(client.get(f"{url}draft/"))
    assert "- [ ] Look again" in words(client.get(f"{url}edit/"))
    late = typed | {"text": NEW.replace("Look again", "Look twice"), "save": ""}
    answer = client.post(f"{url}edit/", late)
    assert answer.status_code == 409
    html = words(answer)
    for sentence in ("changed the draft meanwhile", 'name="seen" value="2"'):
        assert sentence in html
    assert '<th scope="row">Look twice</th>' in html
    client.post(f"{url}edit/", late | {"seen": ""})
    assert "Look twice" in words(client.get(f"{url}draft/"))


def test_a_new_one_may_begin_as_a_draft(team, sign_in):
    client = sign_in("manager")
    typed = {"text": NEW, "written": "markdown", "team": team.pk, "save": ""}
    assert client.post("/new-checklist/", typed).url == "/checklists/arq-daily/draft/"
    html = words(client.get("/checklists/arq-daily/draft/"))
    assert "changed it" in html
    assert "As published" not in html
    html = words(client.get("/checklists/arq-daily/draft/changes/"))
    assert "This becomes the first version." in html


@pytest.mark.parametrize("word", ["edit", "archive", "restore"])
def test_editing_is_for_managers_of_the_team(word, checklist, sign_in):
    url = f"/checklists/{checklist.slug}/{word}/"
    assert sign_in("responder").post(url).status_code == 403
    assert sign_in().post(url).status_code == 404
    assert sign_in("responder").get("/new-checklist/").status_code == 403
