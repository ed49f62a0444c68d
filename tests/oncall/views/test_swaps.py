"""The pages of swaps, as a browser without JavaScript uses them."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oncall.domain.swap import Leg
from oncall.models import Membership, Override, SwapRequest
from oncall.queries.swaps import shifts_ahead
from oncall.services.swap_checks import SwapForm
from oncall.services.swaps import request_swap
from oncall.services.tokens import create_token
from tests.conftest import NOW
from tests.factories.oncall import AbsenceFactory, TeamFactory, make_weekly_schedule

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def schedule(team):
    return make_weekly_schedule(team, slug="data-primary", people=4)


@pytest.fixture
def enter(client):
    """`enter(person)` is that member's browser."""

    def make(person, role="responder"):
        Membership.objects.filter(user=person).update(role=role)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def shifts(schedule):
    """The primary's coming whole weeks."""
    return [
        s
        for s in shifts_ahead(schedule, NOW)
        if s.role == "primary" and s.starts_at > NOW
    ]


def person(schedule, shift):
    return next(p for p in schedule.people if p.pk == shift.user_id)


@pytest.fixture
def wish(schedule, shifts):
    leg = Leg("primary", shifts[0].starts_at, shifts[0].ends_at)
    giver = person(schedule, shifts[0])
    return request_swap(schedule, SwapForm((leg,)), by=giver, now=NOW)


def text(answer):
    return answer.content.decode()


def test_asking_shows_the_hours_first_and_sends_then(enter, schedule, shifts):
    browser = enter(person(schedule, shifts[0]))
    url = reverse("swap_create", args=[schedule.slug])
    page = text(browser.get(f"{url}?shift={shifts[0].key}"))
    assert "checked" in page
    entered = {
        "shifts": [shifts[0].key],
        "starts_at": "2026-01-20T09:00",
        "asked": str(shifts[2].user_id),
        "returns": [shifts[2].key],
        "reason": "Dentist",
    }
    page = browser.post(url, entered | {"act": "preview"})
    assert page.status_code == 200
    assert "Hours that change" in text(page)
    assert not SwapRequest.objects.exists()
    answer = browser.post(url, entered | {"act": "send"})
    made = SwapRequest.objects.get()
    assert answer.url == reverse("swap_detail", args=[made.pk])
    assert made.legs.count() == 2
    assert made.legs.first().starts_at == NOW.replace(day=20, hour=8, minute=0)
    assert "Dentist" in text(browser.get(answer.url))


def test_the_rest_of_a_shift_in_progress_begins_at_the_next_quarter(enter, schedule):
    now_on = next(s for s in shifts_ahead(schedule, NOW) if s.starts_at == NOW)
    browser = enter(person(schedule, now_on))
    url = reverse("swap_create", args=[schedule.slug])
    browser.post(url, {"shifts": [now_on.key], "act": "send"})
    assert SwapRequest.objects.get().expires_at == NOW + timedelta(minutes=15)


def test_what_cannot_be_is_said_where_it_was_typed(enter, schedule, shifts):
    browser = enter(person(schedule, shifts[0]))
    url = reverse("swap_create", args=[schedule.slug])
    empty = browser.post(url, {"act": "send"})
    assert (empty.status_code, "required" in text(empty)) == (422, True)
    gone = browser.post(url, {"shifts": ["9|primary|20260101T0000Z"], "act": "send"})
    assert "The roster changed meanwhile" in text(gone)
    other = {"shifts": [shifts[0].key], "returns": [shifts[2].key], "act": "send"}
    assert "only shifts of the person" in text(browser.post(url, other))
    twice = {"shifts": [shifts[0].key], "asked": str(shifts[1].user_id)}
    answer = browser.post(url, twice | {"act": "send"})
    assert (answer.status_code, "on call twice" in text(answer)) == (409, True)


@pytest.mark.parametrize(
    ("query", "chosen", "from_", "to"),
    [
        ("role=primary&from={0}&to={1}", True, None, None),
        ("role=primary&from={2}&to={3}", True, "2026-01-20T09:00", "2026-01-21T09:00"),
        ("role=secondary&from={2}&to={3}", False, None, None),
        ("role=primary&from=soon&to={3}", False, None, None),
    ],
)
def test_a_link_chooses_a_shift_or_a_part_of_it(
    enter, schedule, shifts, query, chosen, from_, to
):
    shift, day = shifts[0], timedelta(days=1)
    moments = [
        f"{at:%Y-%m-%dT%H:%M:%SZ}"
        for at in (
            shift.starts_at,
            shift.ends_at,
            shift.starts_at + day,
            shift.starts_at + 2 * day,
        )
    ]
    url = reverse("swap_create", args=[schedule.slug]) + "?" + query.format(*moments)
    browser = enter(person(schedule, shift))
    page = text(browser.get(url))
    assert (f'value="{shift.key}" ' in page) is True
    assert (" checked" in page) is chosen
    if chosen:
        for moment in (from_, to):
            assert moment is None or f'value="{moment}"' in page


def test_somebody_without_shifts_is_told_so(sign_in, schedule):
    url = reverse("swap_create", args=[schedule.slug])
    assert "You have no shift here" in text(sign_in("responder").get(url))


def test_a_manager_assigns_at_once_for_somebody(sign_in, schedule, shifts):
    browser = sign_in("manager")
    url = reverse("swap_create", args=[schedule.slug]) + f"?of={shifts[0].user_id}"
    assert f"Give shifts of {person(schedule, shifts[0])}" in text(browser.get(url))
    entered = {"shifts": [shifts[0].key], "asked": str(shifts[2].user_id)}
    assert browser.post(url, entered | {"act": "send"}).status_code == 200  # a preview
    browser.post(url, entered | {"act": "force"})
    assert Override.objects.get().add_user_id == shifts[2].user_id
    assert browser.get(url.split("=")[0] + "=999999").status_code == 404


def test_taking_and_undoing(enter, schedule, shifts, wish):
    taker = person(schedule, shifts[2])
    browser = enter(taker)
    detail = reverse("swap_detail", args=[wish.pk])
    assert "Take it" in text(browser.get(reverse("swap_list")))
    assert "Hours that change" in text(browser.get(detail))
    assert browser.post(reverse("swap_take", args=[wish.pk])).url == detail
    assert Override.objects.filter(cancelled_at=None).count() == 1
    assert "Undo the swap" in text(browser.get(detail))
    assert "Taken" in text(browser.get(reverse("swap_list")))
    browser.post(reverse("swap_undo", args=[wish.pk]))
    assert not Override.objects.filter(cancelled_at=None).exists()
    assert "given back" in text(browser.get(detail))
    again = browser.post(reverse("swap_take", args=[wish.pk]), follow=True)
    assert "already" in text(again)


def test_declining_and_cancelling(enter, schedule, shifts, wish):
    browser = enter(person(schedule, shifts[2]))
    refused = browser.post(reverse("swap_decline", args=[wish.pk]), follow=True)
    assert "Only the person who is asked" in text(refused)
    assert browser.post(reverse("swap_cancel", args=[wish.pk])).status_code == 403
    browser = enter(person(schedule, shifts[0]))
    assert "Cancel request" in text(browser.get(reverse("swap_list")))
    browser.post(reverse("swap_cancel", args=[wish.pk]))
    wish.refresh_from_db()
    assert wish.state == "cancelled"
    asked = person(schedule, shifts[2])
    leg = Leg("primary", shifts[0].starts_at, shifts[0].ends_at)
    form = SwapForm((leg,), asked.pk)
    one = request_swap(schedule, form, by=person(schedule, shifts[0]), now=NOW)
    enter(asked).post(reverse("swap_decline", args=[one.pk]), {"answer": "No"})
    one.refresh_from_db()
    assert (one.state, one.answer) == ("declined", "No")


def test_other_teams_and_viewers(sign_in, wish):
    detail = reverse("swap_detail", args=[wish.pk])
    take = reverse("swap_take", args=[wish.pk])
    assert sign_in().get(detail).status_code == 404
    assert sign_in("viewer").get("/swaps/999999/").status_code == 404
    assert sign_in().post(take).status_code == 404
    viewer = sign_in("viewer")
    assert "Take it" not in text(viewer.get(detail))
    assert viewer.post(take).status_code == 403
    assert viewer.post(reverse("swap_undo", args=[wish.pk])).status_code == 403


def test_the_list_asks_as_much_about_one_swap_as_about_three(
    sign_in, schedule, shifts, wish
):
    make_weekly_schedule(TeamFactory())
    browser, counts = sign_in("responder"), []
    browser.get(reverse("swap_list"))
    for number in (1, 2):
        leg = Leg("primary", shifts[number].starts_at, shifts[number].ends_at)
        giver = person(schedule, shifts[number])
        request_swap(schedule, SwapForm((leg,)), by=giver, now=NOW)
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse("swap_list"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


@pytest.fixture
def call(client):
    """`call(person, "post", path, body)` asks the API with that person's token."""

    def ask(who, method, path, body=None, scopes=("read", "respond")):
        _, token = create_token(
            who, name="t", scopes=scopes, team=None,
            lifetime=timedelta(days=1), now=NOW,
        )  # fmt: skip
        return getattr(client, method)(
            f"/api/v1{path}",
            data=json.dumps(body or {}) if method == "post" else None,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )

    return ask


def test_the_api_asks_takes_and_undoes(call, schedule, shifts):
    giver, taker = person(schedule, shifts[0]), person(schedule, shifts[2])
    give = {
        "role": "primary",
        "start": shifts[0].starts_at.isoformat(),
        "end": shifts[0].ends_at.isoformat(),
    }
    body = {"schedule": schedule.slug, "give": [give], "ask": taker.username}
    made = call(giver, "post", "/swaps", body)
    assert made.status_code == 201, text(made)
    pk = made.json()["id"]
    assert call(giver, "get", "/swaps").json()[0]["asked"] == taker.name
    assert call(giver, "post", f"/swaps/{pk}/take").status_code == 409
    taken = call(taker, "post", f"/swaps/{pk}/take").json()
    assert (taken["state"], taken["taker"]) == ("taken", taker.name)
    assert call(taker, "post", f"/swaps/{pk}/undo").json()["state"] == "cancelled"
    assert call(giver, "get", f"/swaps/{pk}").json()["state"] == "cancelled"


def test_the_api_declines_cancels_and_refuses(call, schedule, shifts, wish):
    giver, other = person(schedule, shifts[0]), person(schedule, shifts[2])
    path = f"/swaps/{wish.pk}"
    assert call(other, "post", f"{path}/decline").status_code == 409
    assert call(other, "post", f"{path}/cancel").status_code == 403
    assert call(giver, "post", f"{path}/cancel").json()["state"] == "cancelled"
    assert call(giver, "get", f"/swaps/{2**70}").status_code == 404
    body = {"schedule": "nowhere", "give": []}
    assert call(giver, "post", "/swaps", body).status_code == 404
    body = {"schedule": schedule.slug, "give": [], "ask": "nobody"}
    assert call(giver, "post", "/swaps", body).json()["error"]["field"] == "ask"


def test_who_is_away_reads_it_and_takes_it_on_purpose(enter, schedule, shifts, wish):
    taker = person(schedule, shifts[2])
    AbsenceFactory(user=taker, starts_at=shifts[0].starts_at, ends_at=shifts[0].ends_at)
    client, url = enter(taker), reverse("swap_take", args=[wish.pk])
    refused = client.post(url, follow=True)
    assert f"{taker.display_name} is away" in text(refused)
    assert "Take it though you are away" in text(refused)
    assert not Override.objects.exists()
    client.post(url, {"though_away": "yes"})
    assert Override.objects.get().add_user == taker
