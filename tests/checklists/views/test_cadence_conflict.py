"""Who saves a cadence second reads what the first changed."""

from html import unescape

import pytest
from django.urls import reverse

from checklists.services.cadences import revision_of
from tests.factories.runs import make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TYPED = {
    "kind": "daily",
    "due_time": "10:00",
    "time_zone": "Europe/Berlin",
    "opens_before": "4h",
    "grace": "30m",
    "closes_after": "14h",
    "holidays": "run",
    "catch_up": "all",
    "carry_over": "none",
    "assignee": "team",
    "sign_off": "none",
}


@pytest.mark.parametrize(
    ("first", "told"),
    [
        ({"grace": "45m"}, "Now saved: “Grace after due” 45 min."),
        ({"due_time": "11:30"}, "Now saved: “Due at” 11:30."),
        ({"kind": "weekdays"}, "Now saved: runs every weekday at 10:00."),
        (
            {"sign_off": "two", "time_zone": "Asia/Tokyo"},
            "Now saved: “On the clock of” Asia/Tokyo; “Sign-off” a second person signs.",
        ),
        ({}, "Now saved is the same as yours."),
    ],
)
def test_every_setting_that_differs_is_named(service, sign_in, first, told):
    cadence = make_checklist(service=service).cadences.get()
    client = sign_in("manager")
    url = reverse("cadence_edit", args=[cadence.pk])
    before = revision_of(cadence)
    client.post(url, TYPED | first | {"revision": before})
    second = TYPED if first else TYPED | {"revision": "seen long ago"}
    answer = client.post(url, {"revision": before} | second)
    assert answer.status_code == 409
    assert told in unescape(answer.content.decode())
