"""Items that are asked for by an answer or by a check, in the rows of a run."""

import pytest

from checklists.queries.past import lines_by_pk
from checklists.queries.runs import cards_of_today
from checklists.services import items
from checklists.services.checklists import ItemPlan
from checklists.services.checks import delete_check
from checklists.services.items import Edit
from checklists.services.reconciling import reconcile_run
from checklists.services.signing import hand_in_run
from opsportal.invariants import find_completed_with_gaps
from opsportal.kit.errors import Refused
from tests.factories.oncall import UserFactory
from tests.factories.runs import (
    MINUTE,
    NOW,
    judge_check,
    make_check,
    make_service,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PART = {"item": "Backup", "is": ["part"]}


@pytest.fixture
def edit():
    return Edit(by=UserFactory(), now=NOW + MINUTE)


@pytest.fixture
def run():
    return open_run(
        [
            ItemPlan(text="Backup", kind="choice", options=("all", "part")),
            ItemPlan(text="Why", show_if=PART),
            ItemPlan(text="Look"),
        ]
    )


def item_of(run, text):
    return run.items.get(item__text=text)


def shown(run):
    asked = run.items.filter(is_hidden=False).order_by("item__position")
    return list(asked.values_list("item__text", flat=True))


def verbs(run):
    return list(run.events.order_by("number").values_list("verb", flat=True))


def test_an_answer_asks_for_more_and_the_story_says_so(run, edit):
    assert shown(run) == ["Backup", "Look"]
    items.enter_value(item_of(run, "Backup").pk, "part", edit)
    assert shown(run) == ["Backup", "Why", "Look"]
    why = items.tick_item(item_of(run, "Why").pk, edit)
    items.untick_item(item_of(run, "Backup").pk, edit)
    assert verbs(run)[1:] == ["answered", "shown", "ticked", "unticked", "hidden"]
    why.refresh_from_db()
    assert (why.state, why.is_hidden, why.version) == ("done", True, 1)
    with pytest.raises(Refused, match="not asked for now"):
        items.untick_item(why.pk, edit)


def test_what_is_hidden_is_counted_nowhere(run, edit):
    for text in ("Backup", "Look"):
        item = item_of(run, text)
        if text == "Backup":
            items.enter_value(item.pk, "all", edit)
        else:
            items.tick_item(item.pk, edit)
    (card,) = cards_of_today([run.team_id], NOW)
    assert (card.answered, card.total) == (2, 2)
    hand_in_run(run.pk, by=edit.by, now=NOW + MINUTE)
    (line,) = lines_by_pk([run.pk])
    assert (line.answered, line.items) == (2, 2)
    assert list(find_completed_with_gaps(NOW)) == []


def test_a_check_asks_for_an_item_when_it_fails(edit):
    service = make_service(slug="arq")
    check = make_check(service)
    asked = {"check": "arq/lag", "state": ["fail"]}
    run = open_run(
        [ItemPlan(text="Why", show_if=asked, show_if_check=check)], service=service
    )
    assert shown(run) == []
    judge_check(check, "fail", NOW)
    assert reconcile_run(run.pk, now=NOW + MINUTE)
    assert shown(run) == ["Why"]
    with pytest.raises(Refused, match="asked for by it"):
        delete_check(check, by=edit.by, now=NOW)
