"""The editor of rotations, as a browser without JavaScript uses it."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from oncall.models import Notification, Schedule
from oncall.queries import users_on_call
from tests.conftest import NOW
from tests.factories.oncall import (
    RotationFactory,
    RotationMemberFactory,
    RotationVersionFactory,
    TeamFactory,
    UserFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client(sign_in):
    return sign_in("manager")


def text(answer):
    return answer.content.decode()


def address(name, schedule, *more):
    return reverse(name, args=[schedule.slug, *more])


def edit_url(schedule):
    return address("rotation_edit", schedule, schedule.rotations.get().pk)


def fields_of(answer):
    """What the browser would send back of a page's form."""
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    values |= {n: str(v)[:5] for n, v in values.items() if n == "at"}
    return {name: value for name, value in values.items() if value is not None}


def save(client, url, fields):
    """Preview, then save what was previewed."""
    preview = client.post(url, {**fields, "act": "preview"})
    assert preview.status_code == 200, text(preview)
    seal = preview.context["preview"].seal
    return client.post(url, {**fields, "act": "save", "seal": seal})


def test_an_edit_is_previewed_and_then_saved_and_can_be_undone(client, schedule):
    url = edit_url(schedule)
    fields = fields_of(client.get(url))
    order = [str(person.pk) for person in schedule.people]
    assert [fields[f"place_{n}"] for n in range(3)] == order[1:] + order[:1]
    fields["place_1"] = ""

    preview = client.post(url, {**fields, "act": "preview"})
    assert preview.status_code == 200
    assert "What this changes" in text(preview)
    for person in schedule.people:
        assert person.display_name in text(preview)
    assert schedule.rotations.get().versions.count() == 1

    saved = save(client, url, fields)
    assert (saved.status_code, saved.url) == (302, f"/oncall/{schedule.slug}/")
    version = schedule.rotations.get().versions.last()
    undo = address("version_undo", schedule, version.pk)
    assert undo in text(client.get(saved.url))
    assert undo in text(client.get(address("rotation_history", schedule)))
    # The toast posts at once; nothing is undone before its preview is confirmed.
    asked = client.post(undo)
    assert "What this changes" in text(asked)
    assert schedule.rotations.get().versions.count() == 2
    assert save(client, undo, {}).status_code == 302
    assert schedule.rotations.get().versions.last().undoes == version
    again = client.get(undo)
    assert again.status_code == 409
    assert "undone already" in text(again)


def test_what_was_not_previewed_is_not_saved(client, schedule):
    url = edit_url(schedule)
    fields = fields_of(client.get(url))
    first = client.post(url, {**fields, "act": "preview"})
    fields["at"] = "10:00"
    seal = first.context["preview"].seal
    answer = client.post(url, {**fields, "act": "save", "seal": seal})
    assert "What this changes" in text(answer)
    assert client.post(url, {**fields, "act": "save"}).status_code == 200
    assert schedule.rotations.get().versions.count() == 1


def test_what_changed_since_the_preview_is_a_conflict(client, schedule):
    url = edit_url(schedule)
    fields = fields_of(client.get(url))
    seal = client.post(url, fields).context["preview"].seal
    Schedule.objects.update(name="Other")
    answer = client.post(url, {**fields, "act": "save", "seal": seal})
    assert answer.status_code == 409
    assert "after you looked at the preview" in text(answer)


def test_an_edit_on_old_ground_is_a_conflict(client, schedule):
    url = edit_url(schedule)
    fields = fields_of(client.get(url))
    RotationVersionFactory(rotation=schedule.rotations.get())
    answer = client.post(url, fields)
    assert answer.status_code == 409
    assert "changed this rotation" in text(answer)
    assert "Show what is saved now" in text(answer)


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"at": ""}, "at", "required"),
        ({"place_0": "", "place_1": "", "place_2": ""}, "place_0", "Nobody is in"),
        ({"every": "0"}, "every", "1 to 366"),
        ({"roles": "a, b, c, d"}, "roles", "more roles"),
        ({"counted_from": "2026-01-06"}, "counted_from", "Choose a Monday"),
        (
            {"windows": 1, "days_0": "all", "from_0": "17:00", "until_0": "09:00"},
            "until_0",
            "ends before it starts",
        ),
        ({"windows": 1, "days_0": "1", "from_0": "17:00"}, "until_0", "Give a time"),
        (
            {"windows": 1, "days_0": "1", "from_0": "x", "until_0": "10:00"},
            "from_0",
            "valid time",
        ),
    ],
)
def test_a_faulty_edit_says_where(client, schedule, changes, field, said):
    url = edit_url(schedule)
    answer = client.post(url, {**fields_of(client.get(url)), **changes})
    assert answer.status_code == 422
    assert said in str(answer.context["form"].errors[field])
    assert said in text(answer)
    assert schedule.rotations.get().versions.count() == 1


def test_people_are_moved_added_and_removed_by_plain_buttons(client, schedule):
    url = edit_url(schedule)
    fields = fields_of(client.get(url))
    first, second, third = (fields[f"place_{n}"] for n in range(3))

    def press(act, values):
        answer = client.post(url, {**values, "act": act})
        assert answer.status_code == 200
        return fields_of(answer)

    def order(values):
        return [values.get(f"place_{n}") for n in range(int(values["places"]))]

    moved = press("down:0", fields)
    assert order(moved)[:3] == [second, first, third]
    assert order(press("up:1", moved))[:3] == [first, second, third]
    assert order(press("up:0", moved))[:3] == [second, first, third]
    assert order(press("drop:1", moved))[:2] == [second, third]
    assert len(order(press("place", moved))) == 5
    assert order(press("drop:77", moved)) == order(moved)
    assert "autofocus" in text(client.post(url, {**fields, "act": "down:0"}))
    assert schedule.rotations.get().versions.count() == 1
    assert client.post(url, {**moved, "act": "up:x"}).status_code == 200
    assert client.post(url, {**moved, "act": "fly:1"}).status_code == 200
    assert client.post(url, {**moved, "places": "x", "act": "up:1"}).status_code == 200


def test_hours_and_partners_are_added_and_saved(client, schedule):
    url = edit_url(schedule)
    fields = fields_of(
        client.post(url, {**fields_of(client.get(url)), "act": "window"})
    )
    fields = fields_of(client.post(url, {**fields, "act": "window"}))
    fields = fields_of(client.post(url, {**fields, "act": "partner"}))
    fields |= {"days_0": "week", "from_0": "22:00", "until_0": "06:00", "next_0": "on"}
    fields |= {"days_1": "end", "from_1": "09:00", "until_1": "00:00"}
    third = fields["place_2"]
    fields |= {"with_0_0": third, "place_2": "nobody", "holiday_policy": "skip"}
    fields |= {"roles": "primary", "absence_policy": "next"}
    assert save(client, url, fields).status_code == 302
    version = schedule.rotations.get().versions.last()
    spans = {(w.weekday, w.start_minute, w.end_minute) for w in version.windows.all()}
    assert spans == {(day, 1320, 1800) for day in range(5)} | {
        (day, 540, 1440) for day in (5, 6)
    }
    assert (version.holiday_policy, version.absence_policy) == ("skip", "next")
    assert version.members.filter(position=version.members.first().position).exists()
    shown = client.get(url)
    again = fields_of(shown)
    assert (again["days_0"], again["days_1"]) == ("end", "week")
    assert again["partners"] == 1
    assert '<details class="more" open>' in text(shown)
    fewer = fields_of(client.post(url, {**again, "act": "unwindow:0"}))
    assert (fewer["days_0"], fewer["windows"]) == ("week", 1)


def test_hours_over_several_days_are_shown_in_pieces(client, schedule):
    version = schedule.rotations.get().versions.get()
    version.windows.create(weekday=4, start_minute=1020, end_minute=2880)
    version.windows.create(weekday=1, start_minute=60, end_minute=120)
    version.windows.create(weekday=3, start_minute=60, end_minute=120)
    shown = fields_of(client.get(edit_url(schedule)))
    assert [shown[f"days_{n}"] for n in range(4)] == ["5", "1", "3", "4"]


def test_the_editor_tells_of_plans(client, schedule):
    rotation = RotationFactory(schedule=schedule, name="Pairs")
    url = address("rotation_edit", schedule, rotation.pk)
    assert "Nobody takes turns yet" in text(client.get(url))
    version = RotationVersionFactory(rotation=rotation)
    for person in schedule.people[:2]:
        RotationMemberFactory(version=version, user=person)
    RotationMemberFactory(version=version, position=1, user=None)
    RotationVersionFactory(
        rotation=rotation, effective_from=NOW + timedelta(days=3), created_at=NOW
    )
    assert "still takes over" in text(client.get(url))
    history = text(client.get(address("rotation_history", schedule)))
    assert "planned" in history
    assert "Take back" in history


def test_a_rotation_is_added_above_another(client, schedule):
    url = address("rotation_create", schedule)
    fields = fields_of(client.get(url))
    fields |= {"name": "Office", "roles": "primary", "priority": "2"}
    # A row of hours without days counts for nothing.
    fields |= {"place_0": str(client.user.pk), "windows": 1}
    assert save(client, url, fields).status_code == 302
    assert schedule.rotations.get(name="Office").priority == 2
    on_call = users_on_call(schedule.pk, NOW)
    assert on_call[0].user_id == client.user.pk


def test_a_rotation_is_retired_from_a_moment_on(client, schedule):
    rotation = schedule.rotations.get()
    url = address("rotation_retire", schedule, rotation.pk)
    page = text(client.get(url))
    assert "It makes 2 gaps" in page
    assert client.post(url, {"effective_from": "soon"}).status_code == 422
    assert save(client, url, {"effective_from": "2026-01-20T09:00"}).status_code == 302
    assert rotation.versions.last().effective_from == NOW.replace(
        day=20, hour=8, minute=0
    )
    settings = text(client.get(address("schedule_settings", schedule)))
    assert "retired: nobody takes turns any more" in settings
    past = client.post(url, {"effective_from": "2020-01-20T09:00"})
    assert past.status_code == 422
    assert "not rewritten" in text(past)


def test_settings_are_previewed_and_saved(client, schedule):
    url = address("schedule_settings", schedule)
    page = client.get(url)
    assert "Every week, hands over Monday 09:00 Europe/Berlin" in text(page)
    fields = {**fields_of(page), "time_zone": "Asia/Tokyo", "name": "Renamed"}
    assert save(client, url, fields).status_code == 302
    schedule.refresh_from_db()
    assert (schedule.name, schedule.time_zone) == ("Renamed", "Asia/Tokyo")
    assert Notification.objects.count() == 3
    faulty = client.post(url, {**fields, "time_zone": "Mars/Base"})
    assert faulty.status_code == 422
    assert "IANA" in str(faulty.context["form"].errors["time_zone"])
    assert client.post(url, {**fields, "name": ""}).status_code == 422


def test_a_schedule_is_archived_and_restored(client, schedule):
    url = address("schedule_switch", schedule)
    assert "Archive" in text(client.get(url))
    assert save(client, url, {}).status_code == 302
    page = text(client.get(address("schedule_settings", schedule)))
    assert "Restore the schedule" in page
    assert save(client, url, {}).status_code == 302
    schedule.refresh_from_db()
    assert schedule.is_active


def test_a_schedule_is_made(client, team):
    url = reverse("schedule_create", args=[team.slug])
    fields = fields_of(client.get(url))
    fields |= {"name": "New", "slug": "new-one", "place_0": str(client.user.pk)}
    faulty = client.post(url, fields)
    assert faulty.status_code == 422
    assert "more roles" in text(faulty)
    answer = save(client, url, {**fields, "roles": "Primary", "unit": "month"})
    assert answer.url == "/oncall/new-one/"
    made = Schedule.objects.get(slug="new-one")
    assert made.rotations.get().name == "Monthly"
    assert [row.user_id for row in users_on_call(made.pk, NOW)] == [client.user.pk]
    assert client.post(url, {**fields, "name": ""}).status_code == 422


PAGES = ["rotation_create", "schedule_settings", "schedule_switch"]


@pytest.mark.parametrize("name", PAGES)
def test_only_a_manager_edits_and_strangers_see_nothing(sign_in, schedule, name):
    url = address(name, schedule)
    assert sign_in("responder").get(url).status_code == 403
    assert sign_in().get(url).status_code == 404


def test_the_history_is_for_the_whole_team_and_its_undo_for_managers(sign_in, schedule):
    version = schedule.rotations.get().versions.get()
    page = text(sign_in("viewer").get(address("rotation_history", schedule)))
    assert "Begins with" in page
    assert "/undo" not in page
    undo = address("version_undo", schedule, version.pk)
    assert sign_in("responder").get(undo).status_code == 403


def test_a_version_of_another_schedule_is_not_there(client, schedule):
    other = make_weekly_schedule(TeamFactory())
    version = other.rotations.get().versions.get()
    assert client.get(address("version_undo", schedule, version.pk)).status_code == 404
    assert client.get(address("rotation_history", other)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_the_history_asks_as_much_about_three_rotations_as_about_one(
    client, schedule, rows, django_assert_max_num_queries
):
    for _ in range(rows):
        rotation = RotationFactory(schedule=schedule)
        version = RotationVersionFactory(rotation=rotation, created_by=UserFactory())
        RotationMemberFactory(version=version)
    client.get(address("rotation_history", schedule))
    with django_assert_max_num_queries(16):
        client.get(address("rotation_history", schedule))
