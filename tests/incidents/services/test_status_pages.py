"""Public pages: made, changed by hand, written, taken away."""

import json
from datetime import timedelta

import pytest

from incidents.models import Component, StatusPage
from incidents.services import status_pages
from incidents.services.status_files import folder_of, write_files
from incidents.services.status_pages import ComponentForm, PageForm
from opsportal.kit.errors import PortalError
from tests.conftest import NOW
from tests.factories.incidents import (
    ComponentFactory,
    ComponentMarkFactory,
    IncidentFactory,
    IncidentUpdateFactory,
    MaintenanceWindowFactory,
    StatusPageFactory,
    UpdateImpactFactory,
)
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.STATUS_DIR = tmp_path / "status"


@pytest.fixture
def manager():
    return UserFactory()


def status_of(page):
    return json.loads((folder_of(page.slug) / "status.json").read_text())


def test_a_page_begins_with_the_services_of_the_team(manager):
    team = TeamFactory()
    ServiceFactory(team=team, name="Architect API")
    page = status_pages.create_page(
        team, "architect", PageForm(title=" Architect "), by=manager, now=NOW
    )
    assert (page.title, page.next_write_at) == ("Architect", None)
    assert [row.name for row in page.components.all()] == ["Architect API"]
    with pytest.raises(PortalError, match="has a page already"):
        status_pages.create_page(team, "b", PageForm(title="B"), by=manager, now=NOW)


def test_a_page_needs_a_title(manager):
    with pytest.raises(PortalError, match="title"):
        status_pages.create_page(
            TeamFactory(), "a", PageForm(title=" "), by=manager, now=NOW
        )


def test_what_the_public_was_told_is_written_within_the_sweep(manager):
    page = StatusPageFactory()
    component = ComponentFactory(page=page, name="Dashboards")
    incident = IncidentFactory(service=component.service)
    update = IncidentUpdateFactory(incident=incident, audience="public")
    UpdateImpactFactory(update=update, component=component, state="partial")
    IncidentUpdateFactory(incident=incident, text="Secret: db7 is down")
    assert status_pages.write_status_pages(now=NOW) == 1
    body = status_of(page)
    assert body["status"] == {
        "state": "partial",
        "description": "Some systems are down",
    }
    assert body["incidents"][0]["components"] == ["Dashboards"]
    names = sorted(path.name for path in folder_of(page.slug).iterdir())
    assert names == [
        ".written_at",
        "feed.atom",
        "feed.rss",
        "index.html",
        "status.json",
    ]
    for path in folder_of(page.slug).iterdir():
        assert "db7" not in path.read_text()
        assert "Engineer" not in path.read_text()
    html = (folder_of(page.slug) / "index.html").read_text()
    assert "Partial outage, down for" in html
    assert status_pages.write_status_pages(now=NOW + 59 * MINUTE / 60) == 0
    assert status_pages.write_status_pages(now=NOW + MINUTE) == 1


def test_several_incidents_marks_and_work_show_together(manager):
    page = StatusPageFactory()
    component = ComponentFactory(page=page)
    other = ComponentFactory(page=page, added_at=NOW - HOUR)
    ComponentMarkFactory(component=other)
    for _ in range(2):
        incident = IncidentFactory(service=component.service)
        IncidentUpdateFactory(incident=incident, audience="public")
    MaintenanceWindowFactory(service=component.service, announced_at=NOW)
    MaintenanceWindowFactory(service=component.service, reason="Quiet")
    soon = {"starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR}
    MaintenanceWindowFactory(service=component.service, announced_at=NOW, **soon)
    status_pages.write_status_pages(now=NOW)
    body = status_of(page)
    assert len(body["incidents"]) == 2
    assert [each["state"] for each in body["components"]] == [
        "maintenance",
        "degraded",
    ]
    assert body["components"][1]["note"] == "Slow"
    assert body["components"][1]["days"][-2]["state"] is None
    titles = [each["title"] for each in body["maintenance"]]
    assert titles == ["Database upgrade", "Database upgrade"]
    status_pages.mark_component(other, "operational", "", by=manager, now=NOW)
    assert StatusPage.objects.get().next_write_at == NOW
    status_pages.write_status_pages(now=NOW + MINUTE)
    assert status_of(page)["components"][1]["note"] == ""


def test_a_page_that_is_taken_back_leaves_no_file(manager):
    page = StatusPageFactory()
    status_pages.write_status_pages(now=NOW)
    page.refresh_from_db()
    form = PageForm(title="Still here", is_published=False)
    status_pages.edit_page(page, form, by=manager, now=NOW + MINUTE)
    assert status_pages.write_status_pages(now=NOW + MINUTE) == 1
    assert not folder_of(page.slug).exists()
    assert status_pages.write_status_pages(now=NOW + HOUR) == 0
    # Nobody sees it, so there is nothing to write.
    status_pages.nudge_page(page.team_id, now=NOW + HOUR)
    status_pages.edit_page(page, form, by=manager, now=NOW + HOUR)
    assert status_pages.write_status_pages(now=NOW + HOUR) == 1


def test_who_loses_the_claim_writes_nothing(monkeypatch):
    page = StatusPageFactory()

    def come_late(pks, act, *, what):
        StatusPage.objects.update(next_write_at=NOW + MINUTE)
        return sum(act(pk) for pk in pks)

    monkeypatch.setattr("incidents.services.status_pages.sweep_each", come_late)
    assert status_pages.write_status_pages(now=NOW) == 0
    assert not folder_of(page.slug).exists()


def test_what_cannot_be_removed_stays_due_until_it_is(manager):
    page = StatusPageFactory()
    form = PageForm(title="Gone", is_published=False)
    status_pages.edit_page(page, form, by=manager, now=NOW)
    folder_of(page.slug).parent.mkdir(parents=True, exist_ok=True)
    folder_of(page.slug).write_text("in the way")
    with pytest.raises(NotADirectoryError):
        status_pages.write_status_pages(now=NOW)
    folder_of(page.slug).unlink()
    assert status_pages.write_status_pages(now=NOW + MINUTE) == 1
    page.refresh_from_db()
    assert page.next_write_at is None


def test_what_is_taken_back_while_it_is_written_is_not_left_behind(monkeypatch):
    page = StatusPageFactory()
    render = status_pages.render_files

    def take_back(public):
        StatusPage.objects.update(is_published=False)
        return render(public)

    monkeypatch.setattr(status_pages, "render_files", take_back)
    assert status_pages.write_status_pages(now=NOW) == 1
    assert not folder_of(page.slug).exists()


def test_an_older_writing_never_replaces_a_newer_one():
    assert write_files("a", {"x": "new"}, written_at=NOW)
    assert not write_files("a", {"x": "old"}, written_at=NOW - MINUTE)
    path = folder_of("a") / "x"
    assert path.read_text() == "new"
    assert path.stat().st_mtime == NOW.timestamp()
    assert len(list(folder_of("a").iterdir())) == 2


def test_components_are_added_changed_and_named_once(manager):
    page = StatusPageFactory()
    service = ServiceFactory(team=page.team)

    def save(name, component=None, of=service):
        return status_pages.save_component(
            page,
            of,
            ComponentForm(name=name),
            component=component,
            by=manager,
            now=NOW,
        )

    first = save(" API ")
    assert save("Web API", first).pk == first.pk
    for name, of, words in (
        ("Web API", service, "already"),
        (" ", service, "name that customers know"),
        ("Other", ServiceFactory(), "same team"),
    ):
        with pytest.raises(PortalError, match=words):
            save(name, of=of)
    assert [row.name for row in Component.objects.all()] == ["Web API"]


def test_a_mark_has_a_known_state(manager):
    with pytest.raises(PortalError, match="no such state"):
        status_pages.mark_component(
            ComponentFactory(), "burning", "", by=manager, now=NOW
        )


def test_planned_work_is_announced_and_taken_back(manager):
    window = MaintenanceWindowFactory()
    StatusPageFactory(team=window.service.team, next_write_at=NOW + HOUR)
    status_pages.announce_window(window, is_public=False, by=manager, now=NOW)
    assert StatusPage.objects.get().next_write_at == NOW + HOUR
    status_pages.announce_window(window, is_public=True, by=manager, now=NOW)
    assert window.announced_at == NOW
    assert StatusPage.objects.get().next_write_at == NOW
    status_pages.announce_window(window, is_public=False, by=manager, now=NOW)
    assert window.announced_at is None
