"""Who outside hears of a public page, and that each hears each thing once."""

from datetime import timedelta

import pytest
from django.conf import settings as django_settings

from incidents.domain.subscriptions import say_wish
from incidents.models import MaintenanceWindow, Subscriber
from incidents.services import maintenance, status_pages, subscribers, telling, updates
from incidents.services.subscribers import Wish
from incidents.services.updates import Draft
from oncall.models import AuditEntry, Notification
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import (
    ComponentFactory,
    IncidentFactory,
    MaintenanceWindowFactory,
    StatusPageFactory,
    SubscriberFactory,
)
from tests.factories.oncall import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def page():
    return StatusPageFactory(title="Platform status")


@pytest.fixture
def component(page):
    return ComponentFactory(page=page, name="API")


def ask(page, address="Reader@Example.org", now=NOW, **more):
    subscribers.ask_subscription(page, Wish(address=address, **more), now=now)


def token_in_mail():
    text = Notification.objects.filter(dedupe_key__endswith=":confirm").first().text
    return text.split("/subscriptions/")[1].split("/")[0]


def told():
    """Return who was told what, by address."""
    rows = Notification.objects.exclude(dedupe_key__endswith=":confirm")
    return sorted((row.address, row.subject) for row in rows)


def public(**more):
    said = {"audience": "public", "status": "investigating", "title": "Trouble"}
    return Draft(**said | {"text": "Some requests fail."} | more)


def test_an_address_hears_nothing_before_it_was_confirmed_from_there(page, component):
    ask(page, components=[component.pk], hears_maintenance=False)
    row = Subscriber.objects.get()
    assert (row.confirmed_at, row.hears_all) == (None, False)
    (mail,) = Notification.objects.all()
    assert (mail.team_id, mail.address) == (None, "Reader@example.org")
    assert "Platform status" in mail.subject
    token = token_in_mail()
    assert token not in row.token_digest
    incident = IncidentFactory(team=page.team, service=component.service)
    updates.post_update(incident.pk, public(), by=UserFactory(), now=NOW)
    assert told() == []
    assert subscribers.find_request(token, now=NOW).pk == row.pk
    assert subscribers.confirm_subscription(token, now=NOW + MINUTE).pk == row.pk
    assert subscribers.confirm_subscription(token, now=NOW + MINUTE) is None
    row.refresh_from_db()
    assert (row.confirmed_at, row.token_digest) == (NOW + MINUTE, "")
    assert AuditEntry.objects.filter(action="subscriber.confirm").count() == 1


def test_a_known_address_is_asked_like_any_other_and_keeps_what_it_hears(page):
    ask(page)
    subscribers.confirm_subscription(token_in_mail(), now=NOW)
    Notification.objects.all().delete()
    ask(page, now=NOW + HOUR, hears_incidents=False)
    kept, asked = Subscriber.objects.order_by("pk")
    assert (kept.confirmed_at, asked.confirmed_at) == (NOW, None)
    subscribers.confirm_subscription(token_in_mail(), now=NOW + HOUR)
    assert Subscriber.objects.get() == asked
    assert not Subscriber.objects.get().hears_incidents


def test_a_mailbox_is_not_filled_by_questions(page, monkeypatch):
    ask(page)
    ask(page, "reader@EXAMPLE.org", now=NOW + 9 * MINUTE)
    assert Notification.objects.count() == 1
    first = token_in_mail()
    ask(page, now=NOW + 10 * MINUTE)
    assert Notification.objects.filter(state="pending").count() == 1
    assert subscribers.confirm_subscription(first, now=NOW + 11 * MINUTE) is None
    monkeypatch.setattr(subscribers, "MOST_REQUESTS", 1)
    with pytest.raises(Refused, match="Try again in an hour"):
        ask(page, "b@example.org", now=NOW + 11 * MINUTE)


def test_a_link_is_good_for_seven_days_and_for_a_page_that_is_there(page):
    ask(page)
    token = token_in_mail()
    assert subscribers.find_request(token, now=NOW + 7 * DAY) is None
    page.is_published = False
    page.save()
    assert subscribers.find_request(token, now=NOW) is None


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"address": "nobody"}, "address"),
        ({"hears_incidents": False, "hears_maintenance": False}, "hears_incidents"),
        ({"components": [999_999]}, "components"),
    ],
)
def test_a_wish_that_nobody_can_have_is_refused(page, wish, field):
    with pytest.raises(PortalError) as caught:
        ask(page, **wish)
    assert caught.value.field == field
    assert not Notification.objects.exists()


def test_questions_that_nobody_answered_are_forgotten_after_seven_days(page):
    ask(page)
    SubscriberFactory(page=page, asked_at=NOW - 90 * DAY)
    assert subscribers.forget_unconfirmed(now=NOW + 7 * DAY - MINUTE) == 0
    assert subscribers.forget_unconfirmed(now=NOW + 7 * DAY) == 1
    assert Subscriber.objects.get().confirmed_at is not None
    assert Notification.objects.get().address == ""


def test_who_confirms_meanwhile_is_not_forgotten(page):
    ask(page)
    row = Subscriber.objects.get()
    subscribers.confirm_subscription(token_in_mail(), now=NOW)
    assert subscribers._drop(row, NOW + 8 * DAY) == 0
    assert Subscriber.objects.exists()


def test_each_public_update_is_told_once_to_who_hears_of_what_it_touches(
    page, component
):
    other = ComponentFactory(page=page, name="Reports")
    everything = SubscriberFactory(page=page)
    touched = SubscriberFactory(page=page, hears_all=False)
    touched.components.set([component, other])
    elsewhere = SubscriberFactory(page=page, hears_all=False)
    elsewhere.components.set([other])
    SubscriberFactory(page=page, hears_incidents=False)
    SubscriberFactory(page=page, confirmed_at=None)
    SubscriberFactory(hears_all=True)
    incident = IncidentFactory(team=page.team, service=component.service)
    person = UserFactory()
    first = updates.post_update(incident.pk, public(), by=person, now=NOW)
    subject = "[Platform status] "
    assert [who for who, _ in told()] == sorted([everything.address, touched.address])
    assert all(said.startswith(subject) for _, said in told())
    telling.tell_of_update(first, updates.facts_of(first), now=NOW)
    assert len(told()) == 2
    inside = public(audience="internal")
    updates.post_update(incident.pk, inside, by=person, now=NOW)
    assert len(told()) == 2
    spread = public(states={other.pk: "degraded"})
    updates.correct_update(first.pk, spread, by=person, now=NOW + MINUTE)
    heard = [said for who, said in told() if who == elsewhere.address]
    assert len(heard) == 1
    assert "Correction: " in heard[0]
    mail = Notification.objects.filter(address_key=f"subscriber:{touched.pk}").first()
    assert mail.unsubscribe_url.startswith(f"{django_settings.SITE_URL}/unsubscribe/")
    assert mail.team_id == page.team_id


def test_a_page_that_is_not_published_tells_nobody(page, component):
    SubscriberFactory(page=page)
    page.is_published = False
    page.save()
    incident = IncidentFactory(team=page.team, service=component.service)
    updates.post_update(incident.pk, public(), by=UserFactory(), now=NOW)
    window = MaintenanceWindowFactory(service=component.service)
    status_pages.announce_window(window, is_public=True, by=UserFactory(), now=NOW)
    assert told() == []


def test_announced_work_is_told_when_planned_when_it_begins_and_when_it_is_done(
    page, component
):
    reader = SubscriberFactory(page=page)
    SubscriberFactory(page=page, hears_maintenance=False)
    other = SubscriberFactory(page=page, hears_all=False)
    other.components.set([ComponentFactory(page=page, name="Reports")])
    soon = {"starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR}
    window = MaintenanceWindowFactory(service=component.service, **soon)
    assert telling.tell_of_work(now=NOW + HOUR) == 0
    status_pages.announce_window(window, is_public=True, by=UserFactory(), now=NOW)
    assert telling.tell_of_work(now=NOW + HOUR - MINUTE) == 0
    assert telling.tell_of_work(now=NOW + HOUR) == 1
    assert telling.tell_of_work(now=NOW + HOUR) == 0
    assert telling.tell_of_work(now=NOW + 2 * HOUR) == 1
    assert telling.tell_of_work(now=NOW + 3 * HOUR) == 0
    assert told() == [
        (reader.address, f"[Platform status] {words}: Database upgrade")
        for words in (
            "Maintenance has begun",
            "Maintenance is done",
            "Planned maintenance",
        )
    ]
    text = Notification.objects.order_by("pk").first().text
    assert "Affected: API\nFrom: 2026-01-14 11:30 UTC" in text


def test_work_that_is_ended_early_or_withdrawn_is_told_at_once(page, component):
    SubscriberFactory(page=page)
    person = UserFactory()
    now_on = {"starts_at": NOW - HOUR, "ends_at": NOW + HOUR}
    running = MaintenanceWindowFactory(service=component.service, **now_on)
    status_pages.announce_window(running, is_public=True, by=person, now=NOW)
    maintenance.end_window_early(running, by=person, now=NOW + MINUTE)
    later = {"starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR}
    for is_cancelled in (True, False):
        window = MaintenanceWindowFactory(service=component.service, **later)
        status_pages.announce_window(window, is_public=True, by=person, now=NOW)
        if is_cancelled:
            maintenance.cancel_window(window, by=person, now=NOW)
        else:
            status_pages.announce_window(window, is_public=False, by=person, now=NOW)
    heard = [said.split("] ")[1].partition(":")[0] for _, said in told()]
    assert heard == [
        "Maintenance has begun",
        "Maintenance is cancelled",
        "Maintenance is cancelled",
        "Maintenance is done",
        "Planned maintenance",
        "Planned maintenance",
    ]
    assert not MaintenanceWindow.objects.exclude(next_tell_at=None).exists()
    past = {"starts_at": NOW - 2 * HOUR, "ends_at": NOW - HOUR, "announced_at": NOW}
    over = MaintenanceWindowFactory(service=component.service, **past)
    status_pages.announce_window(over, is_public=False, by=person, now=NOW)
    elsewhere = MaintenanceWindowFactory(service__team=page.team, **later)
    status_pages.announce_window(elsewhere, is_public=True, by=person, now=NOW)
    assert len(told()) == 6


def test_a_window_that_another_sweep_has_told_is_left(page, component):
    window = MaintenanceWindowFactory(service=component.service, next_tell_at=NOW)
    MaintenanceWindow.objects.update(next_tell_at=None)
    assert telling._tell_due(window, NOW) == 0


def test_a_link_ends_it_and_what_waits_is_not_sent(page, component):
    row = SubscriberFactory(page=page)
    signed = subscribers.unsubscribe_url(row).split("/unsubscribe/")[1].rstrip("/")
    incident = IncidentFactory(team=page.team, service=component.service)
    updates.post_update(incident.pk, public(), by=UserFactory(), now=NOW)
    assert subscribers.find_subscription(signed) == row
    assert subscribers.find_subscription(signed[:-1] + "_") is None
    assert subscribers.end_subscription(signed, now=NOW)
    assert not subscribers.end_subscription(signed, now=NOW)
    mail = Notification.objects.get()
    assert (mail.state, mail.address) == ("cancelled", "")


def test_a_manager_removes_a_reader(page):
    row = SubscriberFactory(page=page)
    manager = UserFactory()
    subscribers.remove_subscriber(row, by=manager, now=NOW)
    assert not Subscriber.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("subscriber.remove", manager)
    assert "@" not in entry.target_label


def test_what_somebody_hears_is_said_in_words():
    all_of_it = say_wish((), hears_incidents=True, hears_maintenance=True)
    assert all_of_it == "incidents and planned maintenance of all components"
    part = say_wish(("API",), hears_incidents=False, hears_maintenance=True)
    assert part == "planned maintenance of API"
