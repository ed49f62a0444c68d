"""The history of checklists: calendars, figures, filters and files."""

import csv
import io
import re

import pytest

from checklists.models import Run, RunItem
from tests.factories.oncall import TeamFactory
from tests.factories.runs import DAY, MINUTE, make_checklist, make_service, open_run

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ENDS = [
    ("completed", {}),
    ("completed", {"missed": True}),
    ("missed", {"missed": True}),
    ("missed", {"missed": True, "cause": "system"}),
    ("skipped", {}),
    ("completed", {}),
]


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def end(run, outcome, *, days, missed=False, cause="", by=None):
    """Make a copy of a run that ended days ago."""
    copy = Run.objects.get(pk=run.pk)
    due = run.due_at - days * DAY
    copy.pk, copy.period_key = None, f"old-{days}"
    copy.state, copy.outcome, copy.due_at = "closed", outcome, due
    copy.closed_at, copy.missed_at = due + MINUTE, due if missed else None
    copy.cause, copy.completed_by = cause, by
    copy.save()
    items = [RunItem(run=copy, item=each.item) for each in run.items.all()]
    for item, source in zip(items, ("auto", "human"), strict=False):
        item.state, item.source = "done", source
    RunItem.objects.bulk_create(items)
    return copy


@pytest.fixture
def past(service):
    run = open_run(service=service)
    for days, (outcome, more) in enumerate(ENDS, start=1):
        end(run, outcome, days=days, **more)
    return run


def test_the_overview_draws_and_counts_every_checklist(past, sign_in):
    html = words(sign_in("viewer").get("/history/"))
    told = (
        "365 days: 2 on time, 1 late, 1 missed,"
        " 1 missed while the portal was down, 1 skipped, 1 open"
    )
    assert told in html
    assert "50.0 %" in html
    for tone in ("ok", "warn", "crit", "hatch", "part", "acc"):
        assert f'class="stroke-{tone}"' in html
    assert f'/checklists/{past.checklist.slug}/history/?days=365"' in html


def test_the_overview_is_narrowed_by_service_period_and_person(past, team, sign_in):
    make_checklist(service=make_service(team=team, name="Other"), now=past.opens_at)
    client = sign_in("viewer")
    assert words(client.get("/history/")).count('class="year"') == 2
    html = words(client.get(f"/history/?service={past.checklist.service.slug}"))
    assert html.count('class="year"') == 1
    assert "30 days: 2 on time" in words(client.get("/history/?days=30"))
    end(past, "completed", days=9, by=client.user)
    html = words(client.get(f"/history/?person={client.user.pk}"))
    assert "365 days: 1 on time" in html
    run = Run.objects.get(period_key="old-3")
    run.items.update(done_by=client.user)
    html = words(client.get(f"/history/?person={client.user.pk}"))
    assert "365 days: 1 on time, 1 missed" in html


def test_each_team_has_its_own_days(past, sign_in):
    client = sign_in("viewer")
    far = TeamFactory(name="Far", time_zone="Pacific/Auckland")
    client.user.memberships.create(team=far, role="viewer")
    make_checklist(team=far, now=past.opens_at)
    html = words(client.get("/history/"))
    assert "365 days: 2 on time" in html
    assert "Far" in html
    html = words(client.get(f"/history/?team={far.slug}"))
    assert html.count('class="year"') == 1
    assert "none due" in html


@pytest.mark.parametrize("rest", [700_000, 999_999])
def test_a_run_due_within_the_last_second_of_today_is_todays(rest, past, sign_in):
    # Wednesday ends on Berlin's clock; a rounded second would be beyond the calendar.
    due = past.due_at.replace(hour=22, minute=59, second=59, microsecond=rest)
    Run.objects.filter(pk=past.pk).update(due_at=due)
    html = words(sign_in("viewer").get("/history/?days=30"))
    assert "30 days: 2 on time, 1 late, 1 missed" in html
    assert "1 open" in html


@pytest.mark.parametrize("query", ["?days=x&person=1%00", "?person=x&standing=no"])
def test_nonsense_in_the_address_narrows_nothing(query, past, sign_in):
    assert "365 days: 2 on time" in words(sign_in("viewer").get(f"/history/{query}"))


def test_without_a_team_there_is_nothing(past, sign_in):
    assert "No checklist here" in words(sign_in().get("/history/"))


def test_one_checklist_shows_days_figures_and_runs(past, sign_in):
    html = words(sign_in("viewer").get(f"/checklists/{past.checklist.slug}/history/"))
    for sentence in (
        "Tue 13 Jan 2026: on time",
        "Sun 11 Jan 2026: missed",
        "Sat 10 Jan 2026: missed: the portal was down",
        '<dt>Ticked itself</dt><dd class="num">50.0 %</dd>',
        '<dt>Streak</dt><dd class="num">1 in a row</dd>',
        ">old-6</a>",
        "2 / 2",
    ):
        assert sentence in html


def test_one_checklist_is_narrowed_by_how_its_runs_went(past, sign_in):
    url = f"/checklists/{past.checklist.slug}/history/"
    html = words(sign_in("viewer").get(f"{url}?standing=system_missed"))
    assert re.findall(r">(old-\d)</a>", html) == ["old-4"]
    # The calendar stays whole.
    assert "Tue 13 Jan 2026: on time" in html


def test_one_checklist_without_runs_says_so(service, sign_in):
    slug = make_checklist(service=service).slug
    Run.objects.all().delete()
    html = words(sign_in("viewer").get(f"/checklists/{slug}/history/"))
    assert "No run was due." in html
    assert "No run in this period." in html


def test_files_hold_what_the_pages_show(past, sign_in):
    client, slug = sign_in("viewer"), past.checklist.slug
    answer = client.get(f"/history/runs.csv?checklist={slug}&standing=late")
    assert answer["Content-Disposition"].endswith(f'{slug}-history-2026-01-14.csv"')
    (row,) = csv.DictReader(io.StringIO(answer.content.decode()))
    assert (row["period"], row["standing"]) == ("old-2", "late")
    assert (row["items"], row["ticked"], row["ticked_itself"]) == ("2", "2", "1")
    runs = client.get("/history/runs.json").json()["runs"]
    assert [run["standing"] for run in runs] == [
        "pending",
        "on_time",
        "late",
        "missed",
        "system_missed",
        "skipped",
        "on_time",
    ]
    assert runs[1]["due_at"] == "2026-01-13T09:00:00+00:00"


def test_histories_of_others_are_not_there(past, sign_in):
    client, slug = sign_in(), past.checklist.slug
    assert client.get(f"/checklists/{slug}/history/").status_code == 404
    assert client.get(f"/history/runs.csv?checklist={slug}").status_code == 404
    assert client.get("/history/runs.json").json() == {"runs": []}


@pytest.mark.parametrize("count", [1, 3])
def test_pages_ask_the_same_number_of_questions(
    count, past, service, sign_in, django_assert_num_queries
):
    for _ in range(count):
        end(open_run(service=service), "completed", days=1)
    for days in range(10, 10 + count):
        end(past, "completed", days=days)
    client = sign_in("viewer")
    client.get("/history/")
    with django_assert_num_queries(8):
        client.get("/history/")
    with django_assert_num_queries(12):
        client.get(f"/checklists/{past.checklist.slug}/history/")
