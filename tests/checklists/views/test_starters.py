"""Ready-made checklists: taken by a manager, started in their hours."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from checklists.models import Checklist, Run
from tests.factories.oncall import ServiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
URL = "checklist_starters"


def test_a_manager_takes_a_load_test_that_starts_at_night_only(sign_in, team):
    client = sign_in("manager")
    assert b"on demand, from 02:00 to 04:00" in client.get(reverse(URL)).content
    given = {"team": team.pk, "service": "", "starter": "load-test-production"}
    response = client.post(reverse(URL), given)
    checklist = Checklist.objects.get()
    assert response.headers["Location"] == reverse(
        "checklist_detail", args=[checklist.slug]
    )
    assert checklist.versions.get().items.exclude(show_if={}).count() == 1
    start = reverse("cadence_start", args=[checklist.cadences.get().pk])
    zone = ZoneInfo(team.time_zone)
    with time_machine.travel(datetime(2026, 1, 14, 12, tzinfo=zone), tick=False):
        answer = client.post(start, follow=True)
        assert b"next on Thursday at 02:00" in answer.content
        assert not Run.objects.exists()
    with time_machine.travel(datetime(2026, 1, 15, 3, 30, tzinfo=zone), tick=False):
        sign_in("responder").post(start)
    assert Run.objects.get().due_at == datetime(2026, 1, 15, 4, tzinfo=zone)


def test_what_cannot_be_taken_is_said(sign_in, team):
    client = sign_in("manager")
    given = {"team": team.pk, "starter": "nothing"}
    assert client.post(reverse(URL), given).status_code == 422
    given = {"team": team.pk, "starter": "load-test"}
    given["service"] = ServiceFactory().pk
    assert client.post(reverse(URL), given).status_code == 422
    assert not Checklist.objects.exists()


def test_only_managers_take_them(sign_in):
    assert sign_in("responder").get(reverse(URL)).status_code == 403
