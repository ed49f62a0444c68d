"""Load, stipends, rates and plans, as a browser without JavaScript uses them."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from oncall.models import RotationVersion, ShiftRecord, StipendRates
from oncall.services.tokens import create_token
from tests.conftest import NOW
from tests.factories.oncall import RotationFactory, ScheduleFactory

pytestmark = pytest.mark.django_db

PAGES = [
    ("schedule_load", "viewer"),
    ("stipend_csv", "manager"),
    ("stipend_rates", "manager"),
    ("schedule_plan", "manager"),
]
ROLES = ("viewer", "responder", "manager")
RATES = {
    "currency": "EUR",
    "weekday_hour": "2",
    "night_hour": "3",
    "weekend_hour": "4",
    "holiday_hour": "5",
    "night_starts": "22:00",
    "night_ends": "06:00",
    "lieu_percent": "10",
    "role_names": "primary, primary, ",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def address(team, schedule):
    def make(name, query=""):
        slug = team.slug if name == "stipend_rates" else schedule.slug
        return reverse(name, args=[slug]) + query

    return make


@pytest.fixture
def records(schedule):
    for number, person in enumerate(schedule.people):
        ShiftRecord.objects.create(
            schedule=schedule,
            user=person,
            role="primary",
            starts_at=NOW - timedelta(days=3 * number + 3),
            ends_at=NOW - timedelta(days=3 * number),
            cause="rotation:1",
        )


def text(answer):
    return answer.content.decode()


def plan_fields(answer, **more):
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    values = {name: value for name, value in values.items() if value is not None}
    values["at"] = str(values["at"])[:5]
    if "preview" in answer.context:
        values["seal"] = answer.context["preview"].seal
    return values | more


@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize(("name", "least"), PAGES)
def test_pages_open_for_those_who_may(sign_in, address, name, least, role):
    status = sign_in(role).get(address(name)).status_code
    if role is None:
        assert status == 404
    else:
        is_enough = ROLES.index(role) >= ROLES.index(least)
        assert status == (200 if is_enough else 403)


@pytest.mark.usefixtures("records")
def test_the_load_of_a_period_is_shown_and_what_is_owed_only_to_managers(
    sign_in, address
):
    page = text(sign_in("viewer").get(address("schedule_load")))
    assert "balance 100 / 100" in page
    assert "Hours on call: Engineer" in page
    assert "Stipend" not in page
    page = text(sign_in("manager").get(address("schedule_load")))
    assert page.count("4,320") == 3
    assert "period=90" in page


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize(
    ("query", "hours"),
    [
        ("?period=30", 216),
        ("?period=month", 216),
        ("?period=last", 0),
        ("?period=year&role=secondary", 0),
        ("?period=nonsense", 216),
        ("?first=2026-01-12&last=2026-01-13", 48),
        ("?first=2026-01-13&last=2026-01-12", 216),
        ("?first=2020-01-13&last=2026-01-12", 216),
        ("?first=1960-01-13&last=1960-01-14", 216),
        ("?first=yesterday&last=", 216),
        # What is ahead comes from the plan: two roles at a time.
        ("?first=2026-01-20&last=2026-01-20", 48),
        ("?first=2026-01-20&last=2026-01-20&role=primary", 24),
    ],
)
def test_periods_are_named_or_chosen(sign_in, address, query, hours):
    answer = sign_in("viewer").get(address("schedule_load", query))
    rows = answer.context["load"].rows
    assert sum(row.hours for row in rows) == pytest.approx(hours)


def test_the_load_page_asks_as_much_about_three_records_as_about_one(
    sign_in, address, schedule
):
    client, counts = sign_in("manager"), []
    client.get(address("schedule_load"))
    for person in schedule.people:
        ShiftRecord.objects.create(
            schedule=schedule,
            user=person,
            role="primary",
            starts_at=NOW - timedelta(days=2),
            cause="rotation:1",
        )
        with CaptureQueriesContext(connection) as asked:
            client.get(address("schedule_load"))
        counts.append(len(asked))
    assert counts[0] == counts[-1]


@pytest.mark.usefixtures("records")
def test_stipends_leave_as_csv(sign_in, address, schedule):
    person = schedule.people[0]
    person.name = "=cmd()"
    person.save()
    answer = sign_in("manager").get(address("stipend_csv", "?period=30"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert f"{schedule.slug}-2025-12-16-2026-01-14.csv" in answer["Content-Disposition"]
    head, *rows = csv.reader(StringIO(text(answer)))
    minutes = head.index("total minutes")
    assert [row[minutes] for row in rows] == ["4320"] * 3
    assert "'=cmd()" in {row[head.index("name")] for row in rows}


def test_rates_are_saved_or_what_is_wrong_is_shown(sign_in, address, team):
    client = sign_in("manager")
    assert "Night from" in text(client.get(address("stipend_rates")))
    for wrong in ({"currency": "EU1"}, {"night_hour": "-1"}, {"night_ends": ""}):
        answer = client.post(address("stipend_rates"), RATES | wrong)
        assert answer.status_code == 422
        assert not StipendRates.objects.exists()
    answer = client.post(address("stipend_rates"), RATES)
    assert answer.status_code == 302
    assert StipendRates.objects.get(team=team).roles == ["primary"]


def test_a_plan_is_shown_then_applied_exactly_so_and_undone(sign_in, address, schedule):
    client = sign_in("manager")
    first = client.get(address("schedule_plan"))
    fields = plan_fields(first, weeks="9", act="preview")
    assert fields["people"] == [str(person.pk) for person in schedule.people]
    shown = client.post(address("schedule_plan"), fields)
    assert shown.status_code == 200
    assert "Nobody is on call while away." in text(shown)
    plan = shown.context["plan"]
    assert (plan.balance, len(plan.shares)) == (100, 3)
    assert RotationVersion.objects.count() == 1
    # What differs from the preview is shown anew, not saved.
    other = plan_fields(shown, weeks="6", act="save")
    assert client.post(address("schedule_plan"), other).status_code == 200
    assert RotationVersion.objects.count() == 1
    saved = client.post(address("schedule_plan"), plan_fields(shown, act="save"))
    assert saved.status_code == 302
    version = RotationVersion.objects.latest("pk")
    assert version.members.count() == 9
    undo = reverse("version_undo", args=[schedule.slug, version.pk])
    assert undo in text(client.get(saved.url))


def test_a_change_that_is_planned_already_is_told(sign_in, address, schedule):
    version = schedule.rotations.get().versions.get()
    version.pk, version.effective_from = None, NOW + timedelta(days=30)
    version.save()
    client = sign_in("manager")
    fields = plan_fields(client.get(address("schedule_plan")), weeks="8")
    shown = client.post(address("schedule_plan"), fields)
    assert shown.context["planned"] == [version.effective_from]
    assert "still takes over on" in text(shown)


def test_what_cannot_be_planned_says_why(sign_in, address):
    client = sign_in("manager")
    fields = plan_fields(client.get(address("schedule_plan")))
    for wrong, words in (
        ({"people": fields["people"][:1]}, "Choose 2 to 30 people"),
        ({"starts_on": "2026-01-01"}, "The past is not rewritten"),
        ({"weeks": "0"}, "greater than or equal to 1"),
    ):
        answer = client.post(address("schedule_plan"), fields | wrong)
        assert answer.status_code == 422
        assert words in text(answer)


def test_each_rotation_has_a_plan_of_its_own(sign_in, address, schedule, team):
    lead = RotationFactory(schedule=schedule, name="Lead", roles=["lead"])
    page = sign_in("manager").get(address("schedule_plan", f"?rotation={lead.pk}"))
    assert page.context["rotation"] == lead
    assert page.context["form"]["people"].value() == []
    bare = ScheduleFactory(team=team)
    url = reverse("schedule_plan", args=[bare.slug])
    assert sign_in("manager").get(url).status_code == 404


@pytest.mark.usefixtures("records")
def test_the_report_is_in_the_api_for_managers_of_the_team(client, sign_in, schedule):
    def ask(role, query):
        user = sign_in(role).user
        _, plain = create_token(
            user,
            name="test",
            scopes=["read"],
            team=None,
            lifetime=timedelta(days=1),
            now=timezone.now(),
        )
        url = f"/api/v1/reports/oncall?from=2026-01-01T00:00:00Z&to={query}"
        return client.get(url, headers={"Authorization": f"Bearer {plain}"})

    whole = "2026-02-01T00:00:00Z"
    rows = ask("manager", whole).json()
    assert [row["total_minutes"] for row in rows] == [4320] * 3
    assert (rows[0]["amount"], rows[0]["currency"]) == ("0.00", "EUR")
    assert ask("responder", whole).json() == []
    assert ask("manager", f"{whole}&schedule=other").json() == []
    answer = ask("manager", f"{whole}&format=csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert text(answer).count("4320") == 3
    assert ask("manager", "2025-12-31T00:00:00Z").status_code == 422
    assert ask("manager", "2027-12-31T00:00:00Z").status_code == 422
