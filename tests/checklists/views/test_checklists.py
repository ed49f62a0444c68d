"""The list of checklists, the page of one, and its cadences."""

import re

import pytest
from django.urls import reverse

from checklists.models import Cadence, Run
from checklists.services import signing
from checklists.services.cadences import revision_of
from checklists.services.checklists import ItemPlan, create_checklist
from tests.factories.oncall import UserFactory, make_weekly_schedule
from tests.factories.runs import (
    DAY,
    MINUTE,
    NOW,
    make_check,
    make_checklist,
    open_run,
)

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def words(client, url):
    return re.sub(r"\s+", " ", client.get(url).content.decode())


@pytest.fixture
def checklist(service):
    return make_checklist(service=service)


def close(run, outcome, *, days=1, missed=False, cause=""):
    """Make a run one of `days` ago that ended."""
    due = run.due_at - days * DAY
    Run.objects.filter(pk=run.pk).update(
        state="closed",
        outcome=outcome,
        due_at=due,
        closed_at=due,
        missed_at=due if missed else None,
        cause=cause,
    )
    return run


def test_the_list_says_when_each_is_due_and_how_well_it_is_kept(run, service, sign_in):
    close(open_run(service=service), "completed")
    html = words(sign_in("viewer"), "/checklists/")
    assert "2 checklists" in html
    assert "every day at 10:00" in html
    assert f'href="/runs/{run.pk}/">due ' in html
    assert "100.0 %" in html
    assert "on time" in html


def test_the_list_finds_by_words(checklist, sign_in):
    client = sign_in("viewer")
    assert checklist.name in words(client, "/checklists/?q=checklist")
    assert "Nothing found" in words(client, "/checklists/?q=zzz")


def test_an_empty_list_says_what_a_checklist_is(sign_in):
    assert "No checklists yet" in words(sign_in("viewer"), "/checklists/")
    assert "No checklists yet" in words(sign_in(), "/checklists/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_number_of_questions(
    count, service, sign_in, django_assert_num_queries
):
    for _ in range(count):
        open_run(service=service)
    client = sign_in("responder")
    client.get("/checklists/")
    with django_assert_num_queries(9):
        client.get("/checklists/")


def test_a_poor_share_is_coloured(service, sign_in):
    close(open_run(service=service), "missed", missed=True)
    html = words(sign_in("viewer"), "/checklists/")
    assert "ink-crit" in html
    assert "missed" in html


def test_the_page_shows_items_and_cadences_in_words(service, sign_in):
    schedule = make_weekly_schedule(service.team, name="Rota")
    check = make_check(service, condition="value < 100 ms")
    checklist = make_checklist(
        [
            ItemPlan(text="Lag", mode="auto", checks=(check,), section="Data"),
            ItemPlan(text="Alerts", mode="assisted", checks=(check,)),
            ItemPlan(text="Look", needs_note=True, instructions="**Well**"),
            ItemPlan(text="Memory", kind="number", is_required=False),
        ],
        service=service,
        assignee="oncall",
        assignee_schedule=schedule,
        sign_off="two",
        reminders=[
            {"when": "before 30m", "to": ["assignee"]},
            {"when": "at due", "to": ["assignee", "on_call"]},
            {"when": "after 1h", "to": ["manager"], "ignores_quiet_hours": True},
        ],
    )
    html = words(sign_in("viewer"), f"/checklists/{checklist.slug}/")
    for sentence in (
        "ticks itself",
        "evidence, then you",
        "manual · note required",
        "value &lt; 100 ms",
        "<strong>Well</strong>",
        "every day at 10:00",
        "opens 4 h before due, grace 30 min, closes 14 h after due",
        "primary on call (Rota)",
        "a second person signs",
        "30 min before due: whom it is for",
        "at due: whom it is for and whoever is on call",
        "1 h after due: the managers, even in quiet hours",
    ):
        assert sentence in html
    assert "Pause" not in html


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"rule": {"kind": "on_demand"}}, "due 4 h after its start"),
        ({"assignee": "user"}, "the whole team"),
        ({"assignee": "oncall", "assignee_role": ""}, "whoever is on call"),
    ],
)
def test_other_cadences_in_words(columns, sentence, service, sign_in):
    checklist = make_checklist(service=service, **columns)
    assert sentence in words(sign_in("viewer"), f"/checklists/{checklist.slug}/")


def test_a_cadence_of_one_person_names_them(service, sign_in):
    ann = UserFactory(name="Engineer A")
    checklist = make_checklist(service=service, assignee="user", assignee_user=ann)
    assert "Engineer A" in words(sign_in("viewer"), f"/checklists/{checklist.slug}/")


def test_the_year_shows_how_each_day_went(service, sign_in):
    run = open_run(service=service)
    ends = [
        ("completed", {}),
        ("completed", {"missed": True}),
        ("missed", {"missed": True}),
        ("missed", {"missed": True, "cause": "system"}),
        ("skipped", {}),
        ("void", {}),
    ]
    for days, (outcome, more) in enumerate(ends, start=1):
        copy = Run.objects.get(pk=run.pk)
        copy.pk, copy.period_key = None, f"old-{days}"
        copy.save()
        close(copy, outcome, days=days, **more)
    html = words(sign_in("viewer"), f"/checklists/{run.checklist.slug}/")
    for sentence in (
        "Tue 13 Jan 2026: on time",
        "Mon 12 Jan 2026: late",
        "Sun 11 Jan 2026: missed",
        "Sat 10 Jan 2026: missed: the portal was down",
        "Fri 9 Jan 2026: skipped",
        "Thu 8 Jan 2026: void",
        "Wed 14 Jan 2026: open",
        "Wed 7 Jan 2026: nothing due",
        "fill-hatch",
        "33.3 %",
    ):
        assert sentence in html


def test_a_day_of_several_runs_shows_the_worst(service, sign_in):
    run = open_run(service=service)
    for number, outcome in enumerate(("completed", "missed")):
        copy = Run.objects.get(pk=run.pk)
        copy.pk, copy.period_key = None, f"old-{number}"
        copy.save()
        close(copy, outcome, missed=outcome == "missed")
    html = words(sign_in("viewer"), f"/checklists/{run.checklist.slug}/")
    assert "Tue 13 Jan 2026: missed (2 runs)" in html


def test_a_checklist_without_a_version_says_so(team, sign_in):
    create_checklist(team, slug="new", name="New", by=None, now=NOW)
    html = words(sign_in("viewer"), "/checklists/new/")
    assert "No published version" in html
    assert "None yet: no run opens." in html


def test_recent_runs_say_how_they_ended(run, service, sign_in):
    signing.skip_run(run.pk, by=UserFactory(), reason="x", now=NOW + MINUTE)
    html = words(sign_in("viewer"), f"/checklists/{run.checklist.slug}/")
    assert ">skipped</span>" in html


def test_pages_of_others_are_not_there(checklist, sign_in):
    cadence = checklist.cadences.get()
    stranger = sign_in()
    assert stranger.get(f"/checklists/{checklist.slug}/").status_code == 404
    for name in ("cadence_edit", "cadence_pause", "cadence_start"):
        url = reverse(name, args=[cadence.pk])
        assert stranger.post(url).status_code == 404
    add = reverse("cadence_add", args=[checklist.slug])
    assert stranger.get(add).status_code == 404


@pytest.mark.parametrize("name", ["cadence_edit", "cadence_pause"])
def test_cadences_are_for_managers(name, checklist, sign_in):
    url = reverse(name, args=[checklist.cadences.get().pk])
    assert sign_in("responder").post(url).status_code == 403


def test_a_manager_pauses_and_resumes(checklist, sign_in):
    cadence, client = checklist.cadences.get(), sign_in("manager")
    url = reverse("cadence_pause", args=[cadence.pk])
    answer = client.post(url, {"paused": "yes"})
    assert answer.url == f"/checklists/{checklist.slug}/"
    assert "paused" in words(client, answer.url)
    assert "paused" in words(client, "/checklists/")
    client.post(url, {"paused": "no"})
    cadence.refresh_from_db()
    assert cadence.is_enabled


def test_a_responder_starts_a_run_on_demand(service, sign_in):
    checklist = make_checklist(service=service, rule={"kind": "on_demand"})
    cadence = checklist.cadences.get()
    url = reverse("cadence_start", args=[cadence.pk])
    assert url not in words(sign_in("viewer"), "/checklists/")
    client = sign_in("responder")
    assert url in words(client, "/checklists/")
    answer = client.post(url)
    assert answer.url == f"/runs/{checklist.runs.get().pk}/"
    assert "Started:" in words(client, answer.url)


def test_a_paused_checklist_is_not_started(service, sign_in):
    checklist = make_checklist(service=service, rule={"kind": "on_demand"})
    checklist.cadences.update(is_enabled=False)
    client = sign_in("responder")
    answer = client.post(reverse("cadence_start", args=[checklist.cadences.get().pk]))
    assert "resume it first" in words(client, answer.url)


TYPED = {
    "kind": "weekly",
    "days": ["mon", "fri"],
    "every": "1",
    "due_time": "09:30",
    "time_zone": "Europe/Vienna",
    "opens_before": "2h",
    "grace": "15m",
    "closes_after": "1d",
    "holidays": "skip",
    "catch_up": "all",
    "assignee": "team",
    "sign_off": "one",
}


def test_a_manager_edits_a_cadence(checklist, sign_in):
    cadence, client = checklist.cadences.get(), sign_in("manager")
    url = reverse("cadence_edit", args=[cadence.pk])
    assert 'value="10:00"' in words(client, url)
    assert client.post(url, TYPED).url == f"/checklists/{checklist.slug}/"
    cadence.refresh_from_db()
    assert cadence.rule == {"kind": "weekly", "days": ["mon", "fri"], "every": 1}
    assert cadence.timing == {
        "due_time": "09:30",
        "opens_before": "2h",
        "grace": "15m",
        "closes_after": "1d",
    }
    assert (cadence.time_zone, cadence.holidays, cadence.sign_off) == (
        "Europe/Vienna",
        "skip",
        "one",
    )


def test_the_second_to_save_a_cadence_is_told_and_may_save_again(checklist, sign_in):
    cadence, client = checklist.cadences.get(), sign_in("manager")
    url = reverse("cadence_edit", args=[cadence.pk])
    seen = revision_of(cadence)
    assert f'name="revision" value="{seen}"' in words(client, url)
    client.post(url, TYPED | {"revision": seen})
    cadence.refresh_from_db()
    answer = client.post(url, TYPED | {"revision": seen, "due_time": "08:00"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "“Due at” 09:30" in html
    assert f'name="revision" value="{revision_of(cadence)}"' in html
    mine = TYPED | {"revision": revision_of(cadence), "due_time": "08:00"}
    assert client.post(url, mine).status_code == 302
    wrong = client.post(url, TYPED | {"revision": seen, "grace": "soon"})
    assert f'name="revision" value="{seen}"' in wrong.content.decode()


def test_a_manager_adds_a_cadence_with_the_usual_reminders(checklist, sign_in):
    client = sign_in("manager")
    url = reverse("cadence_add", args=[checklist.slug])
    assert "every weekday" in words(client, url)
    client.post(url, TYPED)
    added = Cadence.objects.order_by("-pk").first()
    assert added.checklist == checklist
    assert len(added.reminders) == 3


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"kind": "daily"}, {"kind": "daily"}),
        ({"kind": "hourly", "hours": "4"}, {"kind": "hourly", "hours": 4}),
        (
            {"kind": "on_demand", "starts_from": "02:00", "starts_until": "04:00"},
            {"kind": "on_demand", "starts_from": "02:00", "starts_until": "04:00"},
        ),
        (
            {"every": "2", "starts_on": "2026-01-05"},
            {
                "kind": "weekly",
                "days": ["mon", "fri"],
                "every": 2,
                "starts_on": "2026-01-05",
            },
        ),
        (
            {"kind": "monthly", "on": "weekday", "nth": "1", "weekday": "mon"},
            {"kind": "monthly", "on": "weekday", "nth": 1, "weekday": "mon"},
        ),
        (
            {"kind": "monthly", "on": "business_day", "nth": "-2"},
            {"kind": "monthly", "on": "business_day", "nth": -2},
        ),
        (
            {"kind": "yearly", "on": "day", "day": "15", "month": "3"},
            {"kind": "yearly", "on": "day", "day": 15, "month": 3},
        ),
        (
            {"kind": "quarterly", "on": "last_day"},
            {"kind": "quarterly", "on": "last_day"},
        ),
    ],
)
def test_every_rule_can_be_typed(change, rule, checklist, sign_in):
    cadence = checklist.cadences.get()
    url = reverse("cadence_edit", args=[cadence.pk])
    assert sign_in("manager").post(url, TYPED | change).status_code == 302
    cadence.refresh_from_db()
    assert cadence.rule == rule


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"opens_before": "soon"}, "opens_before", "Use a length such as 30m"),
        ({"due_time": "25:00"}, "due_time", "Use a local time such as 10:00"),
        ({"closes_after": "1m"}, "closes_after", "Must be at least as long"),
        ({"days": []}, "days", ""),
        ({"kind": "monthly", "on": ""}, "on", "Use one of"),
        ({"kind": "yearly", "on": "day", "day": "1"}, "month", ""),
        ({"assignee": "user"}, "assignee_user", "Choose the person."),
        ({"assignee": "oncall"}, "assignee_schedule", "Choose the schedule."),
        ({"time_zone": "UTC+2"}, "time_zone", "Select a valid choice"),
        ({"assignee": "nobody"}, "assignee", "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    change, field, sentence, checklist, sign_in
):
    cadence = checklist.cadences.get()
    url = reverse("cadence_edit", args=[cadence.pk])
    answer = sign_in("manager").post(url, TYPED | change)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(rf'id="id_{field}_error">{sentence}', html)
    cadence.refresh_from_db()
    assert cadence.rule == {"kind": "daily"}


def test_a_cadence_is_for_a_person_or_a_schedule_of_the_team(checklist, team, sign_in):
    schedule = make_weekly_schedule(team)
    other = make_weekly_schedule()
    cadence, client = checklist.cadences.get(), sign_in("manager")
    url = reverse("cadence_edit", args=[cadence.pk])
    oncall = {"assignee": "oncall", "assignee_role": "secondary"}
    refused = client.post(url, TYPED | oncall | {"assignee_schedule": other.pk})
    assert refused.status_code == 422
    client.post(url, TYPED | oncall | {"assignee_schedule": schedule.pk})
    cadence.refresh_from_db()
    assert (cadence.assignee_schedule, cadence.assignee_role) == (schedule, "secondary")
    person = schedule.people[0]
    client.post(url, TYPED | {"assignee": "user", "assignee_user": person.pk})
    cadence.refresh_from_db()
    assert (cadence.assignee_user, cadence.assignee_schedule) == (person, None)
