"""My shifts, now and for 90 days, across schedules."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import NOW
from tests.factories.oncall import (
    HolidayFactory,
    OverrideFactory,
    TeamFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def text(client):
    answer = client.get("/oncall/mine/")
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def put_on_call(client, schedule, role="primary", hours=(-1, 8)):
    OverrideFactory(
        schedule=schedule,
        add_user=client.user,
        role=role,
        starts_at=NOW + timedelta(hours=hours[0]),
        ends_at=NOW + timedelta(hours=hours[1]),
    )


def test_without_shifts_a_page_says_what_one_can_do(sign_in, schedule):
    page = text(sign_in("viewer"))
    assert "No shifts ahead" in page


def test_shifts_of_all_schedules_are_listed_with_days_off(sign_in, schedule, team):
    client = sign_in("responder")
    holiday = HolidayFactory(on=(NOW + timedelta(days=1)).date(), name="Founders' day")
    schedule.calendar = holiday.calendar
    schedule.save()
    put_on_call(client, schedule)
    assert "After this one, none" in text(client)
    put_on_call(client, schedule, "secondary", (20, 30))
    put_on_call(client, make_weekly_schedule(team, name="Second"), "primary", (72, 120))
    put_on_call(client, schedule, "secondary", (24 * 95, 24 * 96))
    page = text(client)
    assert "You are primary of" in page
    assert "10 h" in page
    assert "Founders&#x27; day" in page
    assert "Second" in page
    assert "weekend" in page
    assert "/swap?role=secondary" in page
    assert page.count("Swap<") == 2


def test_a_viewer_has_no_shift_to_swap_and_strangers_shifts_are_not_there(
    sign_in, schedule
):
    client = sign_in("viewer")
    put_on_call(client, schedule, hours=(20, 30))
    put_on_call(client, make_weekly_schedule(TeamFactory(), name="Elsewhere"))
    page = text(client)
    assert "Swap<" not in page
    assert "Elsewhere" not in page


def test_it_asks_as_much_about_one_schedule_as_about_three(sign_in, schedule, team):
    client, counts = sign_in("responder"), []
    put_on_call(client, schedule)
    text(client)
    for rows in (1, 2):
        for _ in range(rows):
            put_on_call(client, make_weekly_schedule(team), hours=(30, 40))
        with CaptureQueriesContext(connection) as asked:
            text(client)
        counts.append(len(asked))
    assert counts[0] == counts[1]
