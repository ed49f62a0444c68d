"""Managers write a checklist item by item; nothing is published before they say so."""

import re

import pytest

from checklists.domain.checklist_draft import change_item
from checklists.domain.checklist_text import TextItem
from checklists.models import ChecklistDraft, CheckResult
from checklists.services import drafts
from checklists.services.checklists import ItemPlan
from checklists.services.texts import read_edition
from tests.factories.runs import NOW, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HTMX = {"headers": {"HX-Request": "true"}}
SAID = {"text": "Disk", "kind": "check", "mode": "manual", "allows_na": "on"}


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def checklist(service, check):
    return make_checklist(
        [
            ItemPlan(text="Backup", kind="choice", options=("yes", "no")),
            ItemPlan(text="Why", show_if={"item": "Backup", "is": ["no"]}),
            ItemPlan(text="Lag", mode="auto", checks=(check,), section="Data"),
        ],
        service=service,
    )


@pytest.fixture
def url(checklist):
    return f"/checklists/{checklist.slug}/draft/"


@pytest.fixture
def keys(checklist):
    state = drafts.read_draft(checklist)
    return {each.item.text: each.key for each in state.draft.items}


def said(checklist):
    state = drafts.read_draft(checklist)
    return [each.item.text for each in state.draft.items]


def test_the_page_shows_what_is_published_until_something_changes(url, sign_in):
    html = words(sign_in("manager").get(url))
    for sentence in (
        "As published in version 1: nothing is changed yet.",
        "Asked for when “Backup” is no",
        "yes / no",
        ">Data</h3>",
        "ticks itself",
    ):
        assert sentence in html
    assert "See what changes" not in html
    assert not ChecklistDraft.objects.exists()


def test_items_move_by_plain_forms_and_by_htmx(checklist, url, keys, sign_in):
    client, lag = sign_in("manager"), keys["Lag"]
    answer = client.post(f"{url}items/{lag}/up/", {"version": "1"})
    assert answer.url == url
    assert f"{client.user.display_name} changed it" in words(client.get(url))
    assert said(checklist) == ["Backup", "Why", "Lag"]
    html = words(client.post(f"{url}items/{lag}/up/", {"version": "2"}, **HTMX))
    assert '<div class="stack" id="draft"' in html
    assert "<html" not in html
    assert said(checklist) == ["Backup", "Lag", "Why"]
    client.post(f"{url}items/{lag}/down/", {"version": "3"})
    dropped = {"key": lag, "beside": keys["Backup"], "side": "before", "version": "4"}
    client.post(f"{url}move/", dropped, **HTMX)
    assert said(checklist) == ["Lag", "Backup", "Why"]


def test_two_editors_lose_nothing(checklist, url, keys, sign_in):
    first, second = sign_in("manager"), sign_in("manager")
    first.post(f"{url}items/{keys['Why']}/remove/", {"version": "1"})
    answer = second.post(f"{url}items/{keys['Lag']}/up/", {"version": "1"}, **HTMX)
    assert answer.status_code == 409
    html = words(answer)
    assert f"{first.user.display_name} changed the draft meanwhile." in html
    assert 'name="version" value="2"' in html
    assert said(checklist) == ["Backup", "Lag"]


@pytest.mark.parametrize(
    ("place", "version", "status", "sentence"),
    [
        ("Why", "1", 422, "“Backup” comes later"),
        ("Why", "", 422, "Reload the page"),
        ("gone", "1", 409, "no such item"),
    ],
)
def test_what_cannot_be_done_says_why(
    place, version, status, sentence, checklist, url, keys, sign_in
):
    key = keys.get(place, "12345678-1234-5678-1234-567812345678")
    typed = {"version": version}
    answer = sign_in("manager").post(f"{url}items/{key}/up/", typed, **HTMX)
    assert answer.status_code == status
    assert sentence in words(answer)
    assert not ChecklistDraft.objects.exists()


def test_items_are_doubled_removed_and_brought_back(checklist, url, keys, sign_in):
    client = sign_in("manager")
    client.post(f"{url}items/{keys['Lag']}/duplicate/", {"version": "1"})
    assert said(checklist)[-1] == "Lag (copy)"
    html = words(
        client.post(f"{url}items/{keys['Lag']}/remove/", {"version": "2"}, **HTMX)
    )
    assert f"{url}undo/3/" in html
    assert client.post(f"{url}undo/3/").url == url
    assert said(checklist) == ["Backup", "Why", "Lag", "Lag (copy)"]
    assert "Undone." in words(client.get(url))
    answer = client.post(f"{url}undo/3/", follow=True)
    assert "changed the draft meanwhile" in words(answer)


def test_a_draft_is_discarded_with_a_way_back(checklist, url, keys, sign_in):
    client = sign_in("manager")
    assert client.post(f"{url}discard/", {"version": "1"}, **HTMX).status_code == 409
    client.post(f"{url}items/{keys['Lag']}/remove/", {"version": "1"})
    client.get(url)
    html = words(client.post(f"{url}discard/", {"version": "2"}, **HTMX))
    assert "nothing is changed yet" in html
    assert f"{url}undo/3/" in html
    client.post(f"{url}undo/3/", **HTMX)
    assert said(checklist) == ["Backup", "Why"]


def test_changes_are_looked_at_and_published(checklist, url, keys, sign_in):
    client = sign_in("manager")
    detail = f"/checklists/{checklist.slug}/"
    assert "Edit the draft" not in words(client.get(detail))
    client.post(f"{url}items/{keys['Why']}/remove/", {"version": "1"})
    assert "Edit the draft" in words(client.get(detail))
    client.post(f"{url}about/", {"name": "ARQ", "description": "x", "version": "2"})
    html = words(client.get(f"{url}changes/"))
    for sentence in (">removed</span>", "Called <b>ARQ</b>", "Publish"):
        assert sentence in html
    stale = client.post(f"{url}changes/", {"version": "2"})
    assert stale.status_code == 409
    assert client.post(f"{url}changes/", {"version": "3"}).url == detail
    html = words(client.get(detail))
    assert "Version 2 is published." in html
    assert [each.text for each in read_edition(checklist).text.items] == [
        "Backup",
        "Lag",
    ]


def test_a_check_that_is_gone_is_named_before_anything_is_published(
    checklist, url, keys, sign_in
):
    client = sign_in("manager")
    gone = TextItem(text="Lag", mode="auto", checks=("arq/gone",))
    drafts.change_draft(
        checklist,
        lambda draft: change_item(draft, keys["Lag"], gone),
        version=1,
        by=client.user,
        now=NOW,
    )
    html = words(client.get(f"{url}changes/"))
    assert "Item 3 names the check “arq/gone”" in html
    assert ">Publish</button>" not in html
    assert "arq/gone" in words(client.get(f"{url}items/{keys['Lag']}/"))


def test_an_empty_checklist_says_what_it_needs(checklist, url, keys, sign_in):
    client = sign_in("manager")
    for version, key in enumerate(reversed(keys.values()), start=1):
        client.post(f"{url}items/{key}/remove/", {"version": version})
    assert "A checklist needs at least one" in words(client.get(url))
    answer = client.post(f"{url}changes/", {"version": "4"})
    assert answer.status_code == 422
    assert "A checklist needs at least one item." in words(answer)
    typed = SAID | {"version": "4"}
    assert client.post(f"{url}items/new/", typed).status_code == 302
    assert said(checklist) == ["Disk"]


def test_a_draft_that_says_what_is_published_is_not_offered(checklist, url, sign_in):
    client, button = sign_in("manager"), ">Publish</button>"
    client.post(f"{url}about/", {"name": "ARQ", "version": "1"})
    assert button in words(client.get(f"{url}changes/"))
    client.post(f"{url}about/", {"name": checklist.name, "version": "2"})
    assert button not in words(client.get(f"{url}changes/"))


def test_what_it_is_called_needs_a_name(url, sign_in):
    client = sign_in("manager")
    assert client.get(f"{url}about/").status_code == 200
    assert client.post(f"{url}about/", {"version": "1"}).status_code == 422
    typed = {"name": "ARQ", "version": "7"}
    assert client.post(f"{url}about/", typed).status_code == 409


def test_a_new_item_stands_where_it_was_asked_for(checklist, url, keys, sign_in):
    client = sign_in("manager")
    place = f"{url}items/new/?after={keys['Backup']}"
    assert "“Backup”" not in words(client.get(place))
    number = {"kind": "number", "warn_max": "80", "unit": "%", "version": "1"}
    waits = {"waits_for": "item:Backup", "when_is": "no"}
    answer = client.post(place, SAID | number | waits)
    key = answer.url.partition("#item-")[2]
    assert said(checklist) == ["Backup", "Disk", "Why", "Lag"]
    item = drafts.read_draft(checklist).draft.item_of(key)
    assert item.bounds == {"warn_max": 80, "unit": "%"}
    assert item.show_if == {"item": "Backup", "is": ["no"]}
    assert not item.is_required
    assert item.allows_na


def test_what_an_item_says_is_in_its_form_and_saved_as_it_was(
    checklist, url, keys, check, sign_in
):
    client = sign_in("manager")
    html = words(client.get(f"{url}items/{keys['Lag']}/"))
    assert f'value="{check.service.slug}/lag" id="id_checks_0" checked' in html
    typed = SAID | {
        "text": "Lag",
        "section": "Data",
        "mode": "auto",
        "checks": f"{check.service.slug}/lag",
        "is_required": "on",
        "version": "1",
    }
    assert client.post(f"{url}items/{keys['Lag']}/", typed).status_code == 302
    assert not ChecklistDraft.objects.exists()
    limits = {"waits_for": f"check:{check.service.slug}/lag", "when_state": "fail"}
    client.post(f"{url}items/{keys['Lag']}/", typed | limits)
    item = drafts.read_draft(checklist).draft.item_of(keys["Lag"])
    assert item.show_if == {"check": f"{check.service.slug}/lag", "state": ["fail"]}
    assert "checked> fails" in words(client.get(f"{url}items/{keys['Lag']}/"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": ""}, "What is to be done</a>: This field is required."),
        ({"mode": "auto"}, "Checks</a>: Choose the check that ticks it"),
        ({"kind": "choice", "options": "yes"}, "Options</a>: A choice needs two"),
        ({"waits_for": "item:Backup"}, "Asked for</a>: Say in one of the fields"),
        (
            {"waits_for": "item:Backup", "when_is": "maybe"},
            "Asked for</a>: Item 3: “maybe” is no option of “Backup”.",
        ),
        (
            {"waits_for": "item:Backup", "when_state": "fail"},
            "Asked for</a>: Use done, na.",
        ),
        (
            {"waits_for": "item:Backup", "when_above": "1.5"},
            "Asked for</a>: Item 3: “Backup” is not answered with a number.",
        ),
    ],
)
def test_errors_name_the_field_and_the_remedy(
    typed, sentence, checklist, url, keys, sign_in
):
    place = f"{url}items/{keys['Lag']}/"
    answer = sign_in("manager").post(place, SAID | typed | {"version": "1"})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'name="version" value="1"' in words(answer)
    assert not ChecklistDraft.objects.exists()


def test_an_error_of_another_item_stands_on_top(checklist, url, keys, sign_in):
    typed = SAID | {"text": "Backup", "version": "1"}
    answer = sign_in("manager").post(f"{url}items/{keys['Backup']}/", typed)
    assert answer.status_code == 422
    assert "<p>Item 2: “no” is no option of “Backup”.</p>" in words(answer)


def test_whoever_was_faster_is_shown_beside_what_was_typed(
    checklist, url, keys, sign_in
):
    first, second = sign_in("manager"), sign_in("manager")
    place = f"{url}items/{keys['Why']}/"
    first.post(place, SAID | {"text": "Say why", "version": "1"})
    typed = SAID | {"text": "Explain", "version": "1"}
    answer = second.post(place, typed)
    assert answer.status_code == 409
    html = words(answer)
    for sentence in (
        "changed the draft meanwhile",
        "saved now <b>Say why</b>, yours <b>Explain</b>",
        'name="version" value="2"',
        'value="Explain"',
    ):
        assert sentence in html
    assert said(checklist)[1] == "Say why"
    second.post(place, typed | {"version": "2"})
    assert said(checklist)[1] == "Explain"
    first.post(f"{place}remove/", {"version": "3"})
    assert 'value="Explain"' in words(second.post(place, typed | {"version": "3"}))
    assert "no such item" in words(second.post(place, typed | {"version": "4"}))
    assert second.get(place).status_code == 404


def typed_in(client, place, **typed):
    """Return what the form at a place sends when these fields are typed over."""
    html = client.get(place).content.decode()
    hidden = re.findall(r'name="(version|seal)" value="(\w*)"', html)
    return dict(hidden) | typed


def test_two_who_write_different_items_are_not_in_each_others_way(
    checklist, url, keys, sign_in
):
    first, second = sign_in("manager"), sign_in("manager")
    places = [f"{url}items/{keys[name]}/" for name in ("Why", "Lag")]
    new, about = f"{url}items/new/", f"{url}about/"
    sent = [
        (places[1], typed_in(second, places[1], **SAID)),
        (new, typed_in(second, new, **SAID | {"text": "Memory"})),
        (about, typed_in(second, about, name="Mornings")),
    ]
    first.post(places[0], typed_in(first, places[0], **SAID | {"text": "Say why"}))
    for place, typed in sent:
        assert second.post(place, typed).status_code == 302
    assert said(checklist) == ["Backup", "Say why", "Disk", "Memory"]
    stale = second.post(about, sent[2][1] | {"name": "Evenings"})
    assert stale.status_code == 409
    assert "It is called “Mornings” there." in words(stale)
    fresh = dict(re.findall(r'name="(version|seal)" value="(\w*)"', words(stale)))
    assert second.post(about, fresh | {"name": "Evenings"}).status_code == 302


def test_a_test_looks_at_once_and_keeps_nothing(checklist, url, check, sign_in):
    client, name = sign_in("manager"), f"{check.service.slug}/lag"
    html = words(client.post(f"{url}test/", {"checks": name}, **HTMX))
    for sentence in (">unknown</span>", "just now", "This test kept nothing."):
        assert sentence in html
    assert not CheckResult.objects.exists()
    html = words(client.post(f"{url}test/", {"checks": [name, "a\0/b"]}))
    assert "Back to the draft" in html
    assert "Choose a check first." in words(client.post(f"{url}test/", **HTMX))


@pytest.mark.parametrize(
    "place", ["", "about/", "changes/", "discard/", "undo/1/", "move/", "test/"]
)
def test_drafts_are_for_managers_of_the_team(place, url, sign_in):
    for client, status in ((sign_in("responder"), 403), (sign_in(), 404)):
        method = client.get if place in {"", "about/", "changes/"} else client.post
        assert method(f"{url}{place}").status_code == status
