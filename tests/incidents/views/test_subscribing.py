"""Asking for mails about a public page, as anybody outside does."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from incidents.models import Subscriber
from incidents.services.subscribers import unsubscribe_url
from incidents.views import subscribing
from oncall.models import Notification
from tests.conftest import NOW
from tests.factories.incidents import (
    ComponentFactory,
    StatusPageFactory,
    SubscriberFactory,
)
from tests.factories.oncall import TeamFactory, UserFactory
from tests.incidents.counting import count_queries

pytestmark = pytest.mark.django_db
FORM = "/subscribe/platform/"
WISH = {"address": "reader@example.org", "hears_incidents": "on"}


@pytest.fixture(autouse=True)
def _nobody_has_asked():
    cache.clear()


@pytest.fixture
def page():
    return StatusPageFactory(
        slug="platform", title="Platform status", team=TeamFactory()
    )


@pytest.fixture
def outside():
    return Client(enforce_csrf_checks=True)


def read(answer):
    return answer.content.decode()


def post(client, url, fields=None):
    """Post as a browser does that has read the form."""
    client.get(url)
    token = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    return client.post(url, (fields or {}) | token, follow=True)


def path_in_mail():
    text = Notification.objects.latest("pk").text
    return "/subscriptions/" + text.split("/subscriptions/")[1].split()[0]


def test_somebody_asks_confirms_and_ends_it(page, outside):
    component = ComponentFactory(page=page, name="API")
    ComponentFactory(page=page, name="Reports")
    ComponentFactory(page=page, name="Hidden", is_shown=False)
    html = read(outside.get(FORM))
    assert "API" in html
    assert "Hidden" not in html
    sent = post(outside, FORM, WISH | {"components": [component.pk]})
    assert "Look into your mail" in read(sent)
    link = path_in_mail()
    for _ in range(2):
        assert "hear of incidents of API" in read(outside.get(link))
    assert Subscriber.objects.get().confirmed_at is None
    assert outside.post(link).status_code == 403
    assert "You are subscribed" in read(post(outside, link))
    row = Subscriber.objects.get()
    assert row.confirmed_at is not None
    again = outside.get(link)
    assert again.status_code == 410
    assert "This link does not work" in read(again)
    way_out = "/unsubscribe/" + unsubscribe_url(row).split("/unsubscribe/")[1]
    assert "Hear no more of it?" in read(outside.get(way_out))
    assert Subscriber.objects.exists()
    # A mail program has neither cookie nor token, and posts what RFC 8058 says.
    one_click = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        ended = outside.post(way_out, one_click)
        assert ended.status_code == 200
        assert "You are not subscribed" in read(ended)
    assert not Subscriber.objects.exists()


def test_the_answer_does_not_say_whether_an_address_is_known(page, outside):
    row = SubscriberFactory(page=page)
    known = post(outside, FORM, WISH | {"address": row.address})
    strange = post(outside, FORM, WISH)
    assert known.redirect_chain == strange.redirect_chain
    said = [re.sub(r'name="csrf[^>]+>', "", read(each)) for each in (known, strange)]
    assert said[0] == said[1]
    assert known["Cache-Control"] == strange["Cache-Control"]


def test_a_wish_that_cannot_be_is_explained_where_it_was_typed(page, outside):
    answer = post(outside, FORM, {"address": "nobody"})
    assert answer.status_code == 422
    assert "Choose incidents, planned maintenance or both" not in read(answer)
    assert "The address needs a name and a domain" in read(answer)
    unheard = post(outside, FORM, {"address": "a@example.org"})
    assert "Choose incidents, planned maintenance or both" in read(unheard)
    assert post(outside, FORM, {}).status_code == 422


def test_one_client_does_not_ask_for_everybody(page, outside, monkeypatch):
    monkeypatch.setattr(subscribing, "MOST_ASKED", 1)
    post(outside, FORM, WISH)
    refused = post(outside, FORM, WISH | {"address": "b@example.org"})
    assert refused.status_code == 429
    assert "Try again in an hour" in read(refused)
    assert Notification.objects.count() == 1


def test_a_page_that_nobody_may_read_takes_no_readers(page, outside):
    page.is_published = False
    page.save()
    assert outside.get(FORM).status_code == 404
    assert outside.get("/subscribe/nowhere/").status_code == 404
    assert outside.get("/subscriptions/guess/confirm/").status_code == 410
    assert "You are not subscribed" in read(outside.get("/unsubscribe/guess/"))


def test_managers_see_readers_and_remove_them(page):
    row = SubscriberFactory(page=page)
    SubscriberFactory(page=page, confirmed_at=None)
    other = SubscriberFactory()
    url = "/status-pages/platform/subscribers/"
    manager, responder = Client(), Client()
    manager.force_login(UserFactory(team=page.team, team__role="manager"))
    responder.force_login(UserFactory(team=page.team))
    html = read(manager.get(url))
    assert row.address in html
    assert "Not confirmed" in html
    assert "Subscribers (1)" in read(manager.get("/status-pages/platform/"))
    assert responder.get(url).status_code == 403
    assert manager.post(f"{url}{other.pk}/remove/").status_code == 404
    said = {"refusals": 3, "refusal": "No such mailbox (550).", "paused_at": NOW}
    Subscriber.objects.filter(pk=row.pk).update(**said)
    html = read(manager.get(url))
    assert "No such mailbox (550). 3 mails in a row" in html
    assert responder.post(f"{url}{row.pk}/resume/").status_code == 403
    resumed = manager.post(f"{url}{row.pk}/resume/", follow=True)
    assert f"{row.address} is mailed again" in read(resumed)
    assert "Paused" not in read(manager.get(url))
    removed = manager.post(f"{url}{row.pk}/remove/", follow=True)
    assert f"{row.address} hears no more" in read(removed)
    Subscriber.objects.filter(page=page).delete()
    assert "Nobody has subscribed yet" in read(manager.get(url))


def test_the_list_asks_the_same_however_many_there_are(page):
    manager = Client()
    manager.force_login(UserFactory(team=page.team, team__role="manager"))
    SubscriberFactory(page=page, hears_all=False)
    url = "/status-pages/platform/subscribers/"
    before = count_queries(manager, url)
    for _ in range(2):
        SubscriberFactory(page=page, hears_all=False)
    assert count_queries(manager, url) == before
