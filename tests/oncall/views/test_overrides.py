"""Overrides and the pager, as a browser uses them with and without JavaScript."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from oncall.models import Notification, Override
from oncall.queries import users_on_call
from tests.conftest import NOW
from tests.factories.oncall import (
    OverrideFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def url(schedule):
    return reverse("override_create", args=[schedule.slug])


def text(answer):
    return answer.content.decode()


def fields(schedule, **changes):
    plain = {
        "kind": "take",
        "role": "primary",
        "add_user": str(schedule.people[0].pk),
        "ends_at": "2026-01-14T20:00",
    }
    return {**plain, **changes}


def save(client, url, values):
    """Preview as the page asks, then save what was previewed."""
    preview = client.post(url, {**values, "act": "preview"})
    assert preview.status_code == 200, text(preview)
    previewed = preview.context["previewed"]
    return client.post(url, {**values, "act": "save", "previewed": previewed})


def test_the_form_begins_with_what_was_dragged_out(sign_in, url):
    client = sign_in("responder")
    query = "?from=2026-01-15T08:00Z&to=2026-01-15T12:30Z&role=secondary&kind=add"
    page = text(client.get(url + query))
    # On the viewer's clock.
    assert 'value="2026-01-15T09:00"' in page
    assert 'value="2026-01-15T13:30"' in page
    assert '<option value="secondary" selected>' in page
    assert f'<option value="{client.user.pk}" selected>' in page
    for nonsense in ("?from=soon&to=2026-01-15T12:00", "?role=none&kind=x"):
        assert client.get(url + nonsense).status_code == 200


def test_a_preview_names_who_gains_and_loses_and_saves_nothing(sign_in, schedule, url):
    values = fields(schedule, kind="remove", remove_user=schedule.people[1].pk)
    page = text(sign_in("manager").post(url, {**values, "act": "preview"}))
    assert schedule.people[1].display_name in page
    assert "8 h 30 min" in page
    assert "Nobody would be primary" in page
    assert not Override.objects.exists()


def test_what_changes_nothing_and_who_is_not_reached_are_told(sign_in, schedule, url):
    first, second, _ = schedule.people
    client = sign_in("manager")
    idle = fields(schedule, kind="remove", remove_user=first.pk)
    assert "Nobody's hours change" in text(client.post(url, idle))
    page = text(client.post(url, fields(schedule)))
    assert f"{first.display_name} has no verified contact method" in page
    first.is_active = False
    first.save()
    second.contact_methods.create(kind="email", address="x@y.org", verified_at=NOW)
    again = fields(schedule, add_user=second.pk)
    assert "no verified" not in text(client.post(url, again))


def test_only_what_was_previewed_is_saved_and_undone(sign_in, schedule, url):
    client = sign_in("manager")
    values = fields(schedule)
    old = client.post(url, {**values, "act": "preview"}).context["previewed"]
    other = fields(schedule, ends_at="2026-01-14T21:00")
    answer = client.post(url, {**other, "act": "save", "previewed": old})
    assert (answer.status_code, Override.objects.count()) == (200, 0)

    new = client.post(url, {**other, "act": "preview"}).context["previewed"]
    # A reason that is written after the preview changes nothing that it showed.
    last = {**other, "reason": "Dentist", "act": "save", "previewed": new}
    saved = client.post(url, last)
    row = Override.objects.get()
    assert row.reason == "Dentist"
    assert saved.url == f"/oncall/{schedule.slug}/"
    undo = reverse("override_cancel", args=[schedule.slug, row.pk])
    assert f'action="{undo}"' in text(client.get(saved.url))
    back = client.post(undo)
    redo = reverse("override_restore", args=[schedule.slug, row.pk])
    assert f'action="{redo}"' in text(client.get(back.url))
    client.post(redo)
    again = Override.objects.get(cancelled_at=None)
    assert (again.add_user, again.ends_at) == (row.add_user, row.ends_at)
    assert "Only a cancelled" in text(
        client.post(
            reverse("override_restore", args=[schedule.slug, again.pk]), follow=True
        )
    )


def test_who_types_sees_at_once_what_it_changes(sign_in, schedule, url):
    client = sign_in("manager")
    live = fields(schedule) | {"act": "live"}
    page = text(client.post(url, live, headers=HTMX))
    assert "<html" not in page
    assert 'name="previewed"' in page
    half = text(client.post(url, live | {"ends_at": ""}, headers=HTMX))
    assert "Choose who and when" in half
    wrong = text(client.post(url, live | {"ends_at": "2026-01-13T20:00"}, headers=HTMX))
    assert "not rewritten" in wrong
    odd = text(client.post(url, live | {"role": "king"}, headers=HTMX))
    assert "king is not one of the available choices" in odd
    others = sign_in("responder").post(url, live, headers=HTMX)
    assert "Ask a manager" in text(others)
    assert not Override.objects.exists()


def test_an_override_to_come_leads_to_its_week(sign_in, schedule, url):
    values = fields(schedule, starts_at="2026-02-02T09:00", ends_at="2026-02-03T09:00")
    answer = save(sign_in("manager"), url, values)
    assert answer.url == f"/oncall/{schedule.slug}/?from=2026-02-02"


def test_a_responder_changes_their_own_shifts_and_no_others(sign_in, schedule, url):
    client = sign_in("responder")
    mine = fields(schedule, add_user=str(client.user.pk))
    assert save(client, url, mine).status_code == 302
    row = Override.objects.get()
    assert (row.add_user, row.takes_role) == (client.user, True)
    assert client.post(url, fields(schedule)).status_code == 403
    others = OverrideFactory(schedule=schedule, add_user=schedule.people[0])
    for name in ("override_cancel", "override_restore"):
        address = reverse(name, args=[schedule.slug, others.pk])
        assert client.post(address).status_code == 403

    cancel = reverse("override_cancel", args=[schedule.slug, row.pk])
    assert cancel in text(client.get(f"/oncall/{schedule.slug}/"))
    assert client.post(cancel).status_code == 302
    row.refresh_from_db()
    assert row.cancelled_at == NOW
    assert "over already" in text(client.post(cancel, follow=True))


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"add_user": ""}, "add_user", "Choose who comes in"),
        ({"role": ""}, "role", "Choose the one role"),
        ({"role": "king"}, "role", "not one of the available"),
        ({"kind": "replace"}, "remove_user", "Choose who goes out"),
        ({"kind": "remove", "add_user": ""}, "remove_user", "Choose who goes out"),
        ({"ends_at": "2026-01-13T20:00"}, "ends_at", "not rewritten"),
        (
            {"starts_at": "2026-01-15T20:00", "ends_at": "2026-01-15T10:00"},
            "ends_at",
            "not after the start",
        ),
        ({"ends_at": "2029-01-15T10:00"}, "ends_at", "a year at most"),
        ({"ends_at": ""}, "ends_at", "required"),
        ({"ends_at": "tomorrow"}, "ends_at", "valid date"),
    ],
)
def test_an_override_says_at_its_field_what_is_wrong(
    sign_in, schedule, url, changes, field, said
):
    answer = sign_in("manager").post(url, fields(schedule, **changes))
    assert answer.status_code == 422
    assert said in " ".join(answer.context["form"].errors[field])
    assert not Override.objects.exists()


def test_people_of_other_teams_are_no_choice(sign_in, schedule, url):
    stranger = UserFactory(team=TeamFactory())
    answer = sign_in("manager").post(url, fields(schedule, add_user=stranger.pk))
    assert answer.status_code == 422
    assert "add_user" in answer.context["form"].errors


def test_a_manager_lets_one_stand_in_for_another_and_one_be_off(sign_in, schedule, url):
    client = sign_in("manager")
    gone = str(schedule.people[1].pk)
    save(client, url, fields(schedule, kind="replace", remove_user=gone))
    save(client, url, fields(schedule, kind="remove", role="", remove_user=gone))
    first, second = Override.objects.order_by("pk")
    assert (first.add_user, first.remove_user) == tuple(schedule.people[:2])
    assert (second.add_user, second.role) == (None, "")
    page = text(client.get(f"/oncall/{schedule.slug}/"))
    assert "is off" in page
    assert "without" in page


def test_an_override_of_another_schedule_is_not_there(sign_in, schedule):
    other = OverrideFactory(add_user=UserFactory())
    url = reverse("override_cancel", args=[schedule.slug, other.pk])
    assert sign_in("manager").post(url).status_code == 404


def test_the_pager_is_taken_with_one_press_and_given_back(sign_in, schedule):
    client = sign_in("responder")
    take = reverse("pager_take", args=[schedule.slug])
    board = text(client.get("/oncall/"))
    assert f'hx-post="{take}"' in board
    pressed = client.post(take, headers=HTMX)
    assert pressed["HX-Redirect"] == f"/oncall/{schedule.slug}/"
    row = Override.objects.get()
    assert (row.source, row.takes_role, row.role) == ("take", True, "primary")
    # The Monday at nine at which the rotation goes on.
    assert row.ends_at == NOW.replace(day=19, hour=8, minute=0)
    assert [each.user_id for each in users_on_call(schedule.pk, NOW, "primary")] == [
        client.user.pk
    ]
    page = text(client.get(f"/oncall/{schedule.slug}/"))
    assert "until Mon 09:00" in page
    assert take not in page
    assert "Give the pager back" in page
    assert take not in text(client.get("/oncall/"))

    back = reverse("pager_return", args=[schedule.slug])
    client.post(back)
    assert not Override.objects.filter(cancelled_at=None).exists()
    assert "have not taken" in text(client.post(back, follow=True))


def test_without_javascript_a_page_asks_first(sign_in, schedule):
    client = sign_in("responder")
    take = reverse("pager_take", args=[schedule.slug])
    assert "From now on alerts" in text(client.get(take))
    assert not Override.objects.exists()
    client.post(take, {"role": "secondary", "hours": "4"})
    row = Override.objects.get()
    assert (row.role, row.ends_at) == ("secondary", NOW + timedelta(hours=4))
    has = client.post(take, {"role": "secondary"})
    assert has.status_code == 409
    assert "already" in text(has)
    assert client.post(take, {"role": "king"}).status_code == 422


def test_whoever_had_the_pager_is_told(sign_in, schedule):
    client = sign_in("responder")
    client.post(reverse("pager_take", args=[schedule.slug]))
    told = Notification.objects.get()
    assert told.recipient == schedule.people[1]
    assert told.subject == f"Your on-call hours change: {schedule.name}"


def test_a_schedule_of_another_team_has_no_pager_to_take(sign_in):
    other = make_weekly_schedule(TeamFactory())
    for name in ("pager_take", "pager_return", "override_create"):
        url = reverse(name, args=[other.slug])
        assert sign_in("responder").post(url).status_code == 404
