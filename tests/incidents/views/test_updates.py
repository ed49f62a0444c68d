"""The page on which people are told of an incident."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from incidents.models import IncidentUpdate
from tests.factories.incidents import (
    ComponentFactory,
    IncidentFactory,
    IncidentUpdateFactory,
    StatusPageFactory,
)
from tests.factories.oncall import ChannelFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db
SAID = {
    "audience": "public",
    "status": "identified",
    "title": "Saving fails",
    "text": "We found the cause.",
    "next_update": "30",
}


@pytest.fixture
def incident():
    return IncidentFactory(
        started_at=timezone.now() - timedelta(minutes=20),
        title="db7: errors",
        is_executive=True,
    )


@pytest.fixture
def page(incident):
    return StatusPageFactory(team=incident.team, slug="architect")


@pytest.fixture
def client(incident):
    client = Client()
    client.force_login(UserFactory(team=incident.team, time_zone="UTC"))
    return client


def url_of(incident, rest=""):
    return f"/incidents/{incident.ref}/updates/{rest}"


def read(answer):
    return answer.content.decode()


def test_composer_begins_with_what_is_known(client, incident, page):
    ChannelFactory(team=incident.team, name="#incidents")
    html = read(client.get(url_of(incident)))
    assert "Nobody outside has heard of it yet, 20 minutes" in html
    assert "#incidents (Email)" in html
    assert '<option value="5" selected>In 5 minutes</option>' in html
    assert "db7: errors" in html
    public = read(client.get(url_of(incident, "?audience=public")))
    assert 'value="db7: errors"' not in public
    assert "/status/architect/" in public
    assert client.get(url_of(incident, "?audience=press")).status_code == 200


def test_the_audience_is_chosen_once_by_its_tab(client, incident):
    html = read(client.get(url_of(incident, "?audience=stakeholder")))
    assert '<a href="' + url_of(incident, "?audience=stakeholder") in html
    assert 'type="hidden" name="audience" value="stakeholder"' in html
    assert '<select name="audience"' not in html
    post = read(client.post(url_of(incident, "compose/"), SAID | {"text": ""}))
    current = '?audience=public" aria-current="page">'
    assert current in post
    assert 'type="hidden" name="audience" value="public"' in post


def test_preview_keeps_nothing(client, incident):
    answer = client.post(url_of(incident, "compose/"), SAID | {"preview": "yes"})
    assert "Status: IDENTIFIED" in read(answer)
    assert not IncidentUpdate.objects.exists()


def test_telling_and_correcting(client, incident, page):
    component = ComponentFactory(page=page, name="Dashboards")
    states = {f"state_{component.pk}": "major"}
    answer = client.post(url_of(incident, "compose/"), SAID | states, follow=True)
    assert "Told: public." in read(answer)
    first = IncidentUpdate.objects.get()
    assert first.impacts.get().state == "major"
    html = read(client.get(url_of(incident, "?audience=public")))
    assert "Next update promised" in html
    assert 'value="Saving fails"' in html
    assert '<option value="major" selected>' in html
    change = url_of(incident, f"{first.pk}/correct/")
    assert "We found the cause." in read(client.get(change))
    better = SAID | {"text": "It was the release."}
    assert "Corrected." in read(client.post(change, better, follow=True))
    assert "Corrected since" in read(client.get(url_of(incident)))
    again = client.post(change, better)
    assert again.status_code == 409
    assert "correct the newer one" in read(again)
    timeline = read(client.get(f"/incidents/{incident.ref}/"))
    assert "Update for the public" in timeline
    assert "Correction for the public" in timeline


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": ""}, "This field is required."),
        ({"shows_eta": "on"}, "There is no estimate to tell."),
    ],
)
def test_refused_words_come_back(client, incident, changes, words):
    answer = client.post(url_of(incident, "compose/"), SAID | changes)
    assert answer.status_code == 422
    assert words in read(answer)
    assert "Saving fails" in read(answer)


def test_viewers_read_and_strangers_find_nothing(client, incident):
    update = IncidentUpdateFactory(incident=incident)
    viewer, stranger = Client(), Client()
    viewer.force_login(UserFactory(team=incident.team, team__role="viewer"))
    stranger.force_login(UserFactory())
    assert "Compose" not in read(viewer.get(url_of(incident)))
    assert viewer.post(url_of(incident, "compose/"), SAID).status_code == 403
    for rest in ("", f"{update.pk}/correct/"):
        assert stranger.get(url_of(incident, rest)).status_code == 404
    elsewhere = IncidentUpdateFactory()
    change = url_of(incident, f"{elsewhere.pk}/correct/")
    assert client.get(change).status_code == 404


def test_the_list_asks_as_often_for_one_as_for_three(client, incident):
    counts = []
    for more in (1, 2):
        IncidentUpdateFactory.create_batch(more, incident=incident)
        counts.append(count_queries(client, url_of(incident)))
    assert counts[0] == counts[1]
