"""The on-call pages, as a browser without JavaScript uses them."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oncall.models import Schedule
from oncall.queries import users_on_call
from tests.conftest import NOW
from tests.factories.oncall import (
    OverrideFactory,
    RotationFactory,
    RotationMemberFactory,
    RotationVersionFactory,
    TeamFactory,
    make_weekly_schedule,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


def text(answer):
    return answer.content.decode()


def edit_url(schedule):
    return reverse("rotation_edit", args=[schedule.slug, schedule.rotations.get().pk])


def fields_of(answer):
    """What the browser would send back of a page's weekly form."""
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    values["at"] = str(values["at"])[:5]
    return {name: value for name, value in values.items() if value is not None}


def test_the_board_asks_as_much_about_one_schedule_as_about_three(sign_in, team):
    client, counts = sign_in("viewer"), []
    client.get("/oncall/")
    for rows in (1, 2):
        for _ in range(rows):
            make_weekly_schedule(team)
        with CaptureQueriesContext(connection) as asked:
            answer = client.get("/oncall/")
        counts.append(len(asked))
    assert text(answer).count("Next handoff") == 3
    assert counts[0] == counts[1]


def test_the_board_shows_only_one_s_own_teams(sign_in, schedule):
    make_weekly_schedule(TeamFactory(), name="Elsewhere")
    page = text(sign_in("viewer").get("/oncall/"))
    assert schedule.name in page
    assert "Elsewhere" not in page
    assert "New schedule" not in page


def test_an_empty_board_says_what_to_do(sign_in):
    assert "No schedule yet" in text(sign_in("manager").get("/oncall/"))
    assert "A manager of your team" in text(sign_in("viewer").get("/oncall/"))


def test_gaps_are_told_on_the_board_and_on_the_page(sign_in, schedule):
    OverrideFactory(
        schedule=schedule,
        role="primary",
        add_user=None,
        remove_user=schedule.people[1],
        starts_at=NOW + timedelta(hours=1),
        ends_at=NOW + timedelta(hours=2),
    )
    client = sign_in("responder")
    assert "Missing in the next 7 days" in text(client.get("/oncall/"))
    page = text(client.get(f"/oncall/{schedule.slug}/"))
    assert "No primary from" in page
    assert "No one" in page


def test_the_page_shows_lanes_overrides_and_who_is_next(sign_in, schedule):
    OverrideFactory(schedule=schedule, add_user=schedule.people[0], takes_role=True)
    OverrideFactory(schedule=schedule, add_user=schedule.people[1], role="secondary")
    page = text(sign_in("manager").get(f"/oncall/{schedule.slug}/"))
    assert "takes primary" in page
    assert "as well" in page
    assert "lane-now" in page
    assert "Who is next" in page
    assert "hands off Monday 09:00 Europe/Berlin" in page
    assert "style=" not in page


def test_other_weeks_are_a_link_away_and_nonsense_is_this_week(sign_in, schedule):
    client, url = sign_in("viewer"), f"/oncall/{schedule.slug}/"
    assert "lane-now" not in text(client.get(url, {"from": "2026-03-02"}))
    for nonsense in ("soon", "0001-01-01", "9999-12-31"):
        assert "lane-now" in text(client.get(url, {"from": nonsense}))


def test_a_schedule_without_rotations_or_roles_still_shows(sign_in, team):
    Schedule.objects.create(team=team, slug="bare", name="Bare", time_zone="UTC")
    page = text(sign_in("manager").get("/oncall/bare/"))
    assert "Nobody is on call" in page


def test_an_edit_is_previewed_and_then_saved(sign_in, schedule):
    client, url = sign_in("manager"), edit_url(schedule)
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

    saved = client.post(
        url, {**fields, "act": "save", "previewed": preview.context["previewed"]}
    )
    assert (saved.status_code, saved.url) == (302, f"/oncall/{schedule.slug}/")
    assert schedule.rotations.get().versions.count() == 2


def test_what_was_not_previewed_is_not_saved(sign_in, schedule):
    client, url = sign_in("manager"), edit_url(schedule)
    fields = fields_of(client.get(url))
    first = client.post(url, {**fields, "act": "preview"})
    fields["at"] = "10:00"
    answer = client.post(
        url, {**fields, "act": "save", "previewed": first.context["previewed"]}
    )
    assert "What this changes" in text(answer)
    assert schedule.rotations.get().versions.count() == 1


def test_a_faulty_edit_says_where(sign_in, schedule):
    client, url = sign_in("manager"), edit_url(schedule)
    fields = fields_of(client.get(url))
    zone = client.post(url, {**fields, "time_zone": "Mars/Base"})
    assert zone.status_code == 422
    assert "IANA" in text(zone)
    empty = client.post(url, {**fields, "at": ""})
    assert empty.status_code == 422


def test_an_edit_on_old_ground_is_a_conflict(sign_in, schedule):
    client, url = sign_in("manager"), edit_url(schedule)
    fields = fields_of(client.get(url))
    RotationVersionFactory(rotation=schedule.rotations.get())
    preview = client.post(url, fields)
    answer = client.post(
        url, {**fields, "act": "save", "previewed": preview.context["previewed"]}
    )
    assert answer.status_code == 409
    assert "changed this rotation" in text(answer)


def test_the_editor_tells_of_plans_and_of_what_it_cannot_keep(sign_in, schedule):
    rotation = RotationFactory(schedule=schedule, name="Pairs")
    url = reverse("rotation_edit", args=[schedule.slug, rotation.pk])
    client = sign_in("manager")
    assert client.get(url).status_code == 200
    version = RotationVersionFactory(rotation=rotation)
    for person in schedule.people[:2]:
        RotationMemberFactory(version=version, user=person)
    RotationMemberFactory(version=version, position=1, user=None)
    RotationVersionFactory(rotation=rotation, effective_from=NOW + timedelta(days=3))
    page = text(client.get(url))
    assert "not a plain weekly one" in page
    assert "still takes over" in page
    detail = text(client.get(f"/oncall/{schedule.slug}/"))
    assert "planned" in detail


def test_a_schedule_is_made(sign_in, team):
    client = sign_in("manager")
    url = reverse("schedule_create", args=[team.slug])
    fields = fields_of(client.get(url))
    fields |= {"name": "New", "slug": "new-one", "place_0": str(client.user.pk)}
    faulty = client.post(url, fields)
    assert faulty.status_code == 422
    assert "Add members" in text(faulty)
    answer = client.post(url, {**fields, "roles": "Primary"})
    assert answer.url == "/oncall/new-one/"
    made = Schedule.objects.get(slug="new-one")
    assert [row.user_id for row in users_on_call(made.pk, NOW)] == [client.user.pk]
    assert client.post(url, {**fields, "name": ""}).status_code == 422
