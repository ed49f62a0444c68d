"""Keeping a public page, and reading one without the database."""

import os
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import Component, MaintenanceWindow, StatusPage
from incidents.services.status_files import folder_of, write_files
from incidents.services.status_pages import write_status_pages
from tests.factories.incidents import (
    ComponentFactory,
    MaintenanceWindowFactory,
    StatusPageFactory,
)
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.STATUS_DIR = tmp_path / "status"


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def client(team):
    client = Client()
    client.force_login(UserFactory(team=team, team__role="manager", time_zone="UTC"))
    return client


def read(answer):
    return answer.content.decode()


def test_a_page_is_made_read_and_taken_back(client, team):
    ServiceFactory(team=team, name="Architect API")
    assert "No status page yet" in read(client.get("/status-pages/"))
    fields = {"team": team.pk, "slug": "architect", "title": "Architect status"}
    made = client.post(
        "/new-status-page/", fields | {"is_published": "on"}, follow=True
    )
    assert "Architect API" in read(made)
    write_status_pages(now=timezone.now())
    public = Client().get("/status/architect/")
    assert "All systems operational" in read(public)
    assert "Architect status" in read(client.get("/status-pages/"))
    assert client.get("/new-status-page/").status_code == 403
    edit = "/status-pages/architect/edit/"
    assert client.post(edit, {"title": ""}).status_code == 422
    client.post(edit, {"title": "Architect"})
    write_status_pages(now=timezone.now())
    assert Client().get("/status/architect/").status_code == 404


def test_an_address_is_given_once(client, team):
    StatusPageFactory(slug="architect")
    fields = {"team": team.pk, "slug": "architect", "title": "Architect"}
    answer = client.post("/new-status-page/", fields)
    assert answer.status_code == 422
    assert "This address is taken" in read(answer)


def test_components_are_kept_and_marked_by_hand(client, team):
    page = StatusPageFactory(team=team, slug="architect")
    service = ServiceFactory(team=team)
    add = "/status-pages/architect/components/"
    fields = {"service": service.pk, "name": "API", "position": 0, "is_shown": "on"}
    assert client.get(add).status_code == 200
    client.post(add, fields)
    assert client.post(add, fields).status_code == 422
    component = Component.objects.get()
    assert 'value="API"' in read(client.get(f"/components/{component.pk}/"))
    client.post(f"/components/{component.pk}/", fields | {"name": "Web API"})
    mark = f"/components/{component.pk}/mark/"
    client.post(mark, {"state": "degraded", "note": "Slow today"})
    html = read(client.get("/status-pages/architect/"))
    assert "Web API: degraded, Slow today" in html
    wrong = client.post(mark, {"state": "burning"}, follow=True)
    assert "Choose how the component is" in read(wrong)
    ComponentFactory(page=page, name="Old", is_shown=False)
    assert "Hidden" in read(client.get("/status-pages/architect/"))


def test_planned_work_is_announced(client, team):
    now = timezone.now()
    window = MaintenanceWindowFactory(
        service__team=team, starts_at=now, ends_at=now + MINUTE
    )
    url = f"/maintenance/{window.pk}/announce/"
    client.post(url, {"is_public": "yes"})
    assert "Announced" in read(client.get("/maintenance/"))
    client.post(url, {"is_public": "no"})
    assert MaintenanceWindow.objects.get().announced_at is None


def test_pages_of_another_team_do_not_exist(client):
    component = ComponentFactory(page__slug="other")
    for url in (
        "/status-pages/other/",
        "/status-pages/other/edit/",
        "/status-pages/other/components/",
        f"/components/{component.pk}/",
    ):
        assert client.get(url).status_code == 404
    assert client.post(f"/components/{component.pk}/mark/").status_code == 404


def test_a_responder_marks_but_does_not_edit(team):
    component = ComponentFactory(page__team=team, page__slug="architect")
    client = Client()
    client.force_login(UserFactory(team=team))
    assert client.get("/status-pages/architect/edit/").status_code == 403
    client.post(f"/components/{component.pk}/mark/", {"state": "major"})
    assert component.marks.get().state == "major"
    assert StatusPage.objects.get().next_write_at is not None


def test_anybody_reads_files_without_the_database_or_a_cookie(
    client, django_assert_num_queries
):
    for name in ("index.html", "status.json", "feed.atom", "feed.rss"):
        write_files("architect", {name: "<!--stale-->"}, written_at=timezone.now())
    with django_assert_num_queries(0):
        for name in ("", "status.json", "feed.atom", "feed.rss"):
            answer = client.get(f"/status/architect/{name}")
            assert answer.status_code == 200
            assert answer["Cache-Control"] == "public, max-age=5"
            assert answer["Content-Length"] == "12"
            assert "Cookie" not in answer.get("Vary", "")
            assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert client.get("/status/nobody/").status_code == 404
        assert client.get("/status/architect/.written_at").status_code == 404
        assert client.get("/status/").status_code == 404
        assert client.post("/status/architect/").status_code == 405
    again = client.get("/status/architect/", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_an_old_page_says_so():
    written_at = timezone.now() - 10 * MINUTE
    write_files("architect", {"index.html": "<!--stale-->"}, written_at=written_at)
    answer = Client().get("/status/architect/")
    assert "may be out of date" in read(answer)
    assert answer["X-Status-Stale"] == "yes"
    os.utime(folder_of("architect") / "index.html")
    fresh = Client().get("/status/architect/")
    assert fresh["X-Status-Stale"] == "no"
