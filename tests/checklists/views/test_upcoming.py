"""What a cadence means is shown while it is typed."""

import pytest
from django.urls import reverse

from tests.factories.runs import make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TYPED = {
    "kind": "weekdays",
    "due_time": "10:00",
    "time_zone": "Europe/Berlin",
    "opens_before": "4h",
    "grace": "30m",
    "closes_after": "14h",
    "holidays": "run",
    "catch_up": "all",
    "assignee": "team",
    "sign_off": "none",
    "look": "live",
}


@pytest.fixture
def checklist(service):
    return make_checklist(service=service)


@pytest.fixture
def ask(checklist, sign_in):
    """`ask(due_time="11:00")` is the part that htmx swaps."""

    def make(name="cadence_add", part=True, **change):
        client = sign_in("manager", **({"HTTP_HX_REQUEST": "true"} if part else {}))
        args = [
            checklist.cadences.get().pk if name == "cadence_edit" else checklist.slug
        ]
        answer = client.post(reverse(name, args=args), TYPED | change)
        assert answer.status_code == 200
        assert checklist.cadences.count() == 1
        return answer.content.decode()

    return make


def test_a_sentence_and_the_next_ten_on_the_clock_of_the_team(ask, team):
    team.time_zone = "Asia/Tokyo"
    team.save()
    html = ask()
    assert "<html" not in html
    assert (
        "Every weekday at 10:00 (Europe/Berlin): opens 4 h before, 30 min of grace,"
        " closes 14 h after it was due; run on holidays too."
    ) in html
    assert html.count("<tr><td") == 10
    assert "Thu 15 Jan 2026 18:00" in html
    assert "On the clock of Asia/Tokyo." in html


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "on_demand"}, "somebody starts each run"),
        ({"grace": "0m"}, "no grace"),
        ({"grace": "15h"}, "must be at least as long as the grace"),
        ({"kind": "weekly"}, "choose at least one day"),
        ({"due_time": ""}, "This field is required."),
        ({"kind": "floating", "days_after": 9}, "9 days after the last completion"),
        ({"kind": "floating"}, "use a number of days"),
        ({"kind": "handoff"}, "Choose the rotation"),
    ],
)
def test_what_is_typed_is_said_as_it_is(ask, change, words):
    assert words.lower() in ask(**change).lower()


def test_without_a_script_the_form_comes_back_as_it_was_typed(ask):
    html = ask("cadence_edit", part=False, due_time="11:15")
    assert "Every weekday at 11:15" in html
    assert 'value="11:15"' in html
    assert 'id="cadence-form"' in html
