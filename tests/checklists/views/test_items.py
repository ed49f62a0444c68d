"""What people do to items on the run page: with htmx, without it, and at once."""

import pytest
from django.test import Client
from django.urls import reverse

from checklists.services import items
from checklists.services.checklists import ItemPlan
from checklists.services.items import Edit
from checklists.services.reconciling import reconcile_run
from tests.factories.oncall import UserFactory
from tests.factories.runs import MINUTE, NOW, judge_check, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HTMX = {"HX-Request": "true"}
ACTS = (
    "tick",
    "untick",
    "na",
    "note",
    "number",
    "value",
    "upload",
    "accept",
    "release",
    "verify",
)


def post(client, name, item, *, htmx=False, **fields):
    url = reverse(f"item_{name}", args=[item.pk])
    return client.post(url, fields, headers=HTMX if htmx else {})


@pytest.mark.parametrize("act", ACTS)
def test_strangers_find_nothing_and_viewers_may_not(act, item_of, sign_in):
    item = item_of("Look around")
    assert post(sign_in(), act, item).status_code == 404
    assert post(sign_in("viewer"), act, item).status_code == 403
    item.refresh_from_db()
    assert (item.state, item.version) == ("open", 0)


@pytest.mark.parametrize("act", ACTS)
def test_acts_are_posts_and_need_a_token(act, item_of, sign_in):
    item = item_of("Look around")
    client = sign_in("responder", enforce_csrf_checks=True)
    assert post(client, act, item).status_code == 403
    url = reverse(f"item_{act}", args=[item.pk])
    assert client.get(url).status_code == 405
    assert Client().post(url).status_code == 302  # to sign in


def test_a_tick_without_htmx_goes_back_to_its_row(item_of, run, sign_in):
    item, client = item_of("Look around"), sign_in("responder")
    answer = post(client, "tick", item, version=0)
    assert answer.url == f"/runs/{run.pk}/#item-{item.pk}"
    page = client.get(answer.url).content.decode()
    assert "Ticked: Look around" in page
    assert reverse("item_untick", args=[item.pk]) in page
    item.refresh_from_db()
    assert (item.state, item.done_by, item.version) == ("done", client.user, 1)


def test_a_tick_with_htmx_gives_the_row_and_the_progress(item_of, sign_in):
    item = item_of("Look around")
    answer = post(sign_in("responder"), "tick", item, htmx=True, version=0)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="item-{item.pk}"' in html
    assert "1 of 8 done" in html
    assert 'aria-pressed="true"' in html
    assert "Undo" in html
    assert "<html" not in html


def test_undo_opens_the_item_again(item_of, sign_in):
    item, client = item_of("Look around"), sign_in("responder")
    post(client, "tick", item)
    post(client, "untick", item)
    item.refresh_from_db()
    assert (item.state, item.is_held) == ("open", True)


def test_on_today_a_tick_answers_with_the_word_alone(item_of, sign_in):
    item = item_of("Look around")
    answer = post(sign_in("responder"), "tick", item, htmx=True, next="/")
    assert answer["HX-Reswap"] == "none"
    assert "run-changed" in answer["HX-Trigger"]
    assert "Ticked: Look around" in answer.content.decode()


def test_on_today_without_htmx_a_tick_goes_back_to_today(item_of, sign_in):
    client = sign_in("responder")
    assert post(client, "tick", item_of("Look around"), next="/").url == "/"
    undo = reverse("item_untick", args=[item_of("Look around").pk])
    assert client.post(f"{undo}?back=today").url == "/"


@pytest.mark.parametrize("htmx", [False, True])
def test_the_slower_of_two_edits_sees_the_others(htmx, item_of, run, sign_in):
    item = item_of("Memory")
    other = UserFactory(name="Engineer A")
    items.enter_number(item.pk, 40.0, Edit(by=other, now=NOW + MINUTE, version=0))
    client = sign_in("responder")
    answer = post(client, "number", item, htmx=htmx, number="50", version=0)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Engineer A changed" in html
    assert "<b>40</b>" in html
    assert "<b>50</b>" in html
    assert ("<html" in html) is not htmx
    item.refresh_from_db()
    assert item.value == "40"


def test_a_note_may_be_saved_over_theirs(item_of, sign_in):
    item, client = item_of("Look around"), sign_in("responder")
    items.write_note(item.pk, Edit(by=UserFactory(), now=NOW + MINUTE, note="theirs"))
    answer = post(client, "note", item, htmx=True, note="mine", version=0)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Save mine instead" in html
    assert 'name="note" value="mine"' in html
    post(client, "note", item, note="mine")
    item.refresh_from_db()
    assert item.note == "mine"


def test_on_today_a_conflict_leads_to_the_run(item_of, run, sign_in):
    item = item_of("Look around")
    items.tick_item(item.pk, Edit(by=UserFactory(), now=NOW + MINUTE))
    answer = post(sign_in("responder"), "tick", item, htmx=True, next="/", version=0)
    assert answer.status_code == 409
    assert answer["HX-Redirect"] == f"/runs/{run.pk}/#item-{item.pk}"


def test_a_failing_item_asks_for_a_reason_in_place(fail, item_of, run, sign_in):
    fail()
    reconcile_run(run.pk, now=NOW + MINUTE)
    item, client = item_of("Lag"), sign_in("responder")
    answer = post(client, "tick", item, htmx=True, version=item.version)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "give a reason of at least 10 characters" in html
    assert 'name="reason"' in html
    answer = post(
        client, "tick", item, htmx=True, reason="the replica is being rebuilt"
    )
    assert answer.status_code == 200
    item.refresh_from_db()
    assert (item.state, item.overridden_by) == ("done", client.user)


def test_a_failing_item_asks_on_its_own_page_without_htmx(fail, item_of, run, sign_in):
    fail()
    reconcile_run(run.pk, now=NOW + MINUTE)
    item, client = item_of("Lag"), sign_in("responder")
    answer = post(client, "tick", item, version=item.version)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f'action="{reverse("item_tick", args=[item.pk])}"' in html
    assert f'name="version" value="{item.version}"' in html
    again = post(
        client, "tick", item, version=item.version, reason="the replica is rebuilt"
    )
    assert again.status_code == 302


def test_on_today_what_asks_for_more_leads_to_the_run(item_of, run, sign_in):
    item = item_of("Slow queries")
    answer = post(sign_in("responder"), "tick", item, htmx=True, next="/")
    assert answer["HX-Redirect"] == f"/runs/{run.pk}/#item-{item.pk}"
    assert answer.status_code == 422


def test_an_item_that_needs_a_note_keeps_it(item_of, sign_in):
    item, client = item_of("Slow queries"), sign_in("responder")
    assert post(client, "tick", item).status_code == 422
    assert post(client, "tick", item, note="none above 1 s").status_code == 302
    item.refresh_from_db()
    assert (item.state, item.note) == ("done", "none above 1 s")


def test_leaving_out_asks_for_a_reason(item_of, sign_in):
    item, client = item_of("Look around"), sign_in("responder")
    assert post(client, "na", item).status_code == 422
    assert post(client, "na", item, reason="moved to Monday").status_code == 302
    item.refresh_from_db()
    assert (item.state, item.reason) == ("na", "moved to Monday")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("", "Enter a number such as 12.5."),
        ("a lot", "Enter a number such as 12.5."),
        ("nan", "Enter a number such as 12.5."),
        ("101", "between 0 and 100 %"),
        ("81", "add a note"),
    ],
)
def test_a_number_that_cannot_be_says_what_can(number, words, item_of, sign_in):
    item = item_of("Memory")
    answer = post(sign_in("responder"), "number", item, htmx=True, number=number)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_number_is_kept_with_its_unit(item_of, run, sign_in):
    item, client = item_of("Memory"), sign_in("responder")
    post(client, "number", item, number="81,5", note="the import runs")
    item.refresh_from_db()
    assert (item.value, item.note) == ("81.5", "the import runs")
    assert "<b>81.5 %</b>" in client.get(f"/runs/{run.pk}/").content.decode()


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("Review", "javascript:alert(1)", 422),
        ("Review", "https://example.org/review", 302),
        ("Findings", " ", 422),
        ("Findings", "<b>odd</b>", 302),
    ],
)
def test_links_and_texts_are_looked_at(text, value, status, item_of, run, sign_in):
    client = sign_in("responder")
    answer = post(client, "value", item_of(text), value=value)
    assert answer.status_code == status
    assert "<b>odd</b>" not in client.get(f"/runs/{run.pk}/").content.decode()


def test_a_note_is_kept_on_an_answered_item_too(item_of, sign_in):
    item, client = item_of("Look around"), sign_in("responder")
    post(client, "tick", item)
    post(client, "note", item, note="all quiet")
    item.refresh_from_db()
    assert (item.state, item.note) == ("done", "all quiet")


def test_a_held_item_is_given_back_to_its_check(check, item_of, run, sign_in):
    judge_check(check, "pass", NOW + MINUTE)
    reconcile_run(run.pk, now=NOW + MINUTE)
    item, client = item_of("Lag"), sign_in("responder")
    post(client, "untick", item)
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert "held: its check leaves it alone" in page
    post(client, "release", item)
    item.refresh_from_db()
    assert not item.is_held


def test_a_contradicted_item_is_kept_with_a_reason(fail, item_of, run, sign_in):
    item, client = item_of("Lag"), sign_in("responder")
    post(client, "tick", item)
    fail()
    reconcile_run(run.pk, now=NOW + MINUTE)
    assert "Keep it done" in client.get(f"/runs/{run.pk}/").content.decode()
    assert post(client, "accept", item).status_code == 422
    answer = post(client, "accept", item, reason="known, the ticket is open")
    assert answer.status_code == 302
    item.refresh_from_db()
    assert (item.state, item.attention) == ("done", "none")


@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_done_already_is_said(htmx, item_of, sign_in):
    item, client = item_of("Look around"), sign_in("responder")
    post(client, "tick", item)
    answer = post(client, "tick", item, htmx=htmx)
    assert answer.status_code == (409 if htmx else 302)
    html = (answer if htmx else client.get(answer.url)).content.decode()
    assert "The item is answered: untick it first." in html


def test_on_today_what_is_done_already_is_said_too(item_of, sign_in):
    item, client = item_of("Look around"), sign_in("responder")
    post(client, "tick", item)
    answer = post(client, "tick", item, htmx=True, next="/")
    assert answer.status_code == 409
    assert "untick it first" in answer.content.decode()


def test_verifying_looks_now_and_says_what_it_saw(check, item_of, sign_in):
    check.kind, check.spec = "internal", {"source": "alert_rate"}
    check.condition = "value <= 50"
    check.recover_after, check.unit = 1, ""
    check.save()
    item, client = item_of("Lag"), sign_in("responder")
    html = post(client, "verify", item, htmx=True).content.decode()
    assert "Looked at: Lag" in html
    assert 'aria-pressed="true"' in html
    item.refresh_from_db()
    assert (item.state, item.source) == ("done", "auto")


def test_an_item_without_checks_is_not_verified(item_of, sign_in):
    answer = post(sign_in("responder"), "verify", item_of("Look around"), htmx=True)
    assert answer.status_code == 409
    assert "No check watches this item." in answer.content.decode()


@pytest.mark.parametrize("many", [False, True])
def test_a_choice_is_one_of_its_options(many, sign_in, service):
    options = tuple("abcdefgh") if many else ("complete", "partial")
    plan = ItemPlan(text="Backup", kind="choice", options=options)
    run = open_run([plan, ItemPlan(text="Look")], service=service)
    item, client = run.items.get(item__text="Backup"), sign_in("responder")
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert page.count('type="radio"') == (0 if many else 2)
    assert page.count("<option") == (len(options) + 1 if many else 0)
    for htmx in (True, False):
        answer = post(client, "value", item, htmx=htmx, value="half")
        assert answer.status_code == 422
        assert f"Choose one of {', '.join(options)}." in answer.content.decode()
    answer = post(client, "value", item, htmx=True, value=options[0])
    assert f"<b>{options[0]}</b>" in answer.content.decode()
    item.refresh_from_db()
    assert (item.state, item.value) == ("done", options[0])


def test_an_answer_shows_what_it_asks_for_beside_its_row(sign_in, service):
    asked = {"item": "Look", "state": ["done"]}
    items = [ItemPlan(text="Look"), ItemPlan(text="Why", section="B", show_if=asked)]
    run = open_run(items, service=service)
    look, why = run.items.order_by("item__position")
    client, url = sign_in("responder"), f"/runs/{run.pk}/"
    page = client.get(url).content.decode()
    gone = f'<li id="item-{why.pk}" hidden'
    assert f"{gone}></li>" in page
    assert "1 more item is asked for only when its condition holds." in page
    html = post(client, "tick", look, htmx=True, version=0).content.decode()
    assert f'id="item-{why.pk}" data-item hx-swap-oob="true"' in html
    assert "1 of 2 done" in html
    # Whoever has the page open hears of it too.
    live = client.get(f"{url}live/?since=1.0&state=open").content.decode()
    assert f'id="item-{why.pk}" data-item' in live
    assert "Asked for: Why" in client.get(url).content.decode()
    html = post(client, "untick", look, htmx=True).content.decode()
    assert f'{gone} hx-swap-oob="true"></li>' in html
    assert post(client, "tick", why).status_code == 302
    why.refresh_from_db()
    assert why.state == "open"
    # Nothing here needs a script.
    post(client, "tick", look)
    assert gone not in client.get(url).content.decode()
