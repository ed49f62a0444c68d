"""Importing: a whole new schedule or nothing, and the page that leads there."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from oncall.models import AuditEntry, Override, Rotation, Schedule
from oncall.queries import users_on_call
from oncall.services.importing import (
    ImportForm,
    apply_import,
    guess_people,
    preview_import,
    read_import,
)
from opsportal.kit.errors import PortalError
from tests.conftest import NOW
from tests.factories.oncall import ScheduleFactory, TeamFactory, UserFactory
from tests.oncall.calendars import calendar, days

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FILES = Path(__file__).parents[1] / "imports"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def team():
    return TeamFactory(slug="data")


@pytest.fixture
def people(team):
    return [
        UserFactory(team=team, email="A@example.org", name="First"),
        UserFactory(team=team, email="other@example.org", name="Engineer B"),
    ]


@pytest.fixture
def boss(team):
    return UserFactory(team=team, team__role="manager")


def sample(kind):
    return (FILES / f"{kind}.json").read_bytes()


def read(kind, content=None):
    text = sample(kind) if content is None else content
    return read_import(kind, text, zone="Europe/Warsaw", now=NOW)


def test_people_are_found_by_email_and_by_name(people):
    (plan,) = read("pagerduty")
    found = guess_people(plan, people)
    assert found == {"PA": people[0].pk, "PB": people[1].pk}
    assert guess_people(plan, [])["PA"] is None


def test_a_plan_becomes_a_new_schedule(team, people, boss):
    (plan,) = read("pagerduty")
    chosen = guess_people(plan, people)
    assert preview_import(plan, chosen, now=NOW)[0].start == NOW
    form = ImportForm("Data", "data-new", chosen)
    made = apply_import(team, plan, form, by=boss, now=NOW)
    assert Rotation.objects.filter(schedule=made).count() == 3
    assert Override.objects.get(schedule=made).add_user == people[0]
    assert AuditEntry.objects.get().action == "schedule.import"
    late = NOW.replace(hour=23)
    held = [row.user_id for row in users_on_call(made.pk, late)]
    assert held == [people[1].pk]


def test_nothing_is_half_made_and_nothing_overwritten(team, people, boss):
    (plan,) = read("pagerduty")
    there = ScheduleFactory(team=team, slug="there", name="There")
    form = ImportForm("Data", "there", guess_people(plan, people))
    with pytest.raises(PortalError, match="already") as caught:
        apply_import(team, plan, form, by=boss, now=NOW)
    assert caught.value.field == "slug"
    page = ImportForm("Data", "mine", guess_people(plan, people))
    with pytest.raises(PortalError, match="another page"):
        apply_import(team, plan, page, by=boss, now=NOW)
    stranger = ImportForm("Data", "fresh", {"PA": UserFactory().pk, "PB": None})
    with pytest.raises(PortalError, match="active members"):
        apply_import(team, plan, stranger, by=boss, now=NOW)
    assert Schedule.objects.get().name == there.name
    assert not Rotation.objects.exists()


def test_groups_and_empty_slots_come_along(team, people, boss):
    plan = read("grafana")[0]
    chosen = {"U1": None, "U2": people[0].pk, "U3": people[1].pk}
    form = ImportForm("Grafana", "grafana", chosen)
    made = apply_import(team, plan, form, by=boss, now=NOW)
    weeks = made.rotations.get(name="Weeks").versions.get()
    places = [(m.position, m.user) for m in weeks.members.order_by("position", "pk")]
    assert places == [(0, people[0]), (0, people[1]), (1, None), (2, None)]


def test_a_calendar_becomes_fixed_shifts(team, people, boss):
    duty = days("a", "20260120", "20260122", "ATTENDEE:mailto:a@example.org")
    (plan,) = read("ical", calendar(duty, days("b", "20260122", "20260123")))
    assert [person.name for person in plan.people] == ["Holiday", "Holiday"]
    chosen = guess_people(plan, people)
    assert chosen == {"a@example.org": people[0].pk, "Holiday": None}
    form = ImportForm("Calendar", "calendar", chosen)
    made = apply_import(team, plan, form, by=boss, now=NOW)
    assert not made.rotations.exists()
    at = NOW + timedelta(days=6)
    assert [row.user_id for row in users_on_call(made.pk, at)] == [people[0].pk]


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("pagerduty", b"x" * 2_000_001, "larger than 2 MB"),
        ("pagerduty", b"\xff\xfe", "no UTF-8"),
        ("pagerduty", b"{", "line 1, column 2 is not JSON"),
        ("opsgenie", b'{"data": {}}', r"\$.data.timezone is not a text"),
        ("ical", b"x", "not an iCal file"),
        ("ical", calendar(), "no event in the year ahead"),
    ],
)
def test_bad_files_are_refused_with_their_place(kind, content, words):
    with pytest.raises(PortalError, match=words) as caught:
        read(kind, content)
    assert caught.value.field == "content"


def test_too_much_and_what_cannot_work_are_refused():
    many = [days(f"{n}", "20260202", "20260203") for n in range(501)]
    with pytest.raises(PortalError, match="more than 500"):
        read("ical", calendar(*many))
    text = sample("opsgenie").replace(b'"length": 2', b'"length": 5000')
    (plan,) = read("opsgenie", text)
    with pytest.raises(PortalError, match="cannot work: every"):
        preview_import(plan, {}, now=NOW)


@pytest.fixture
def browser(client, boss):
    client.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")
    return client


URL = "/teams/data/import"


def text(answer):
    return answer.content.decode()


def test_the_page_reads_maps_previews_and_makes(browser, team, people):
    assert reverse("schedule_import", args=["data"]) == URL
    assert "Read it" in text(browser.get(URL))
    upload = SimpleUploadedFile("x.json", sample("pagerduty"))
    page = browser.post(URL, {"kind": "pagerduty", "upload": upload})
    assert "3 rotations" in text(page)
    assert f'<option value="{people[0].pk}" selected>' in text(page)
    entered = {
        "kind": "pagerduty",
        "content": page.context["content"],
        "name": "Data",
        "slug": "data-new",
        "person_0": str(people[0].pk),
        "person_1": "",
    }
    shown = text(browser.post(URL, entered | {"act": "preview"}))
    assert "The next four weeks" in shown
    assert "First" in shown
    nobody = entered | {"act": "preview", "person_0": ""}
    assert "Nobody would be on call" in text(browser.post(URL, nobody))
    assert not Schedule.objects.exists()
    assert browser.post(URL, entered | {"slug": "", "act": "apply"}).status_code == 422
    made = browser.post(URL, entered | {"act": "apply"})
    assert made.url == reverse("schedule_detail", args=["data-new"])
    again = browser.post(URL, entered | {"act": "apply"})
    assert (again.status_code, "already" in text(again)) == (422, True)


def test_one_of_several_schedules_is_taken(browser, team):
    entered = {"kind": "grafana", "content": sample("grafana").decode()}
    assert "Schedule in the file" in text(browser.post(URL, entered))
    second = browser.post(URL, entered | {"which": "1", "act": "choose"})
    assert second.context["plan"].name == "Second"
    wrong = browser.post(URL, entered | {"which": "x9", "act": "choose"})
    assert wrong.context["plan"].name == "Data primary"


def test_the_page_says_what_is_wrong_where_it_was_typed(browser, team, client):
    assert "paste its text" in text(browser.post(URL, {"kind": "ical"}))
    bad = browser.post(URL, {"kind": "pagerduty", "content": "{"})
    assert (bad.status_code, "is not JSON" in text(bad)) == (422, True)
    large = SimpleUploadedFile("x.json", b"x" * 2_000_001)
    page = browser.post(URL, {"kind": "pagerduty", "upload": large})
    assert (page.status_code, "larger than 2 MB" in text(page)) == (422, True)
    viewer = UserFactory(team=team, team__role="responder")
    client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(URL).status_code == 403
