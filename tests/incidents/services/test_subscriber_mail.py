"""Readers whose mail server refuses mails for good are paused, and none is lost."""

from datetime import timedelta

import pytest
from django.test import override_settings

from incidents.models import IncidentUpdate, Subscriber
from incidents.services import telling, updates
from incidents.services.subscriber_mail import mind_mail, resume_subscriber
from incidents.services.updates import Draft
from oncall.models import AuditEntry, Notification
from oncall.services.delivery import deliver_notifications
from oncall.services.outside import enqueue_outside
from tests.conftest import NOW
from tests.factories.incidents import IncidentFactory, SubscriberFactory
from tests.factories.oncall import UserFactory
from tests.oncall.sinks import MailSink

pytestmark = [pytest.mark.django_db, pytest.mark.database]
HOUR = timedelta(hours=1)
SAID = "The mail server refused the recipient (550)."


@pytest.fixture
def reader():
    return SubscriberFactory()


def publish(reader, now):
    """Tell the public of a new incident."""
    said = {"audience": "public", "status": "investigating", "title": "Trouble"}
    incident = IncidentFactory(team=reader.page.team)
    draft = Draft(**said, text="Some requests fail.")
    return updates.post_update(incident.pk, draft, by=UserFactory(), now=now)


def states():
    rows = Notification.objects.order_by("pk")
    return list(rows.values_list("state", flat=True))


@pytest.mark.django_db(transaction=True)
def test_after_three_refused_mails_nothing_is_sent_until_somebody_resumes_it(reader):
    server = MailSink()
    server.refuse = "550 No such mailbox"
    backend = "django.core.mail.backends.smtp.EmailBackend"
    mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": server.port}
    try:
        with override_settings(EMAIL_BACKEND=backend, **mail):
            for hour in range(4):
                publish(reader, NOW + hour * HOUR)
                deliver_notifications(now=NOW + hour * HOUR)
            reader.refresh_from_db()
            assert (reader.refusals, reader.refusal) == (3, SAID)
            assert reader.paused_at is not None
            assert states() == ["failed"] * 3
            server.refuse = ""
            resume_subscriber(reader, by=UserFactory(), now=NOW + 5 * HOUR)
            publish(reader, NOW + 5 * HOUR)
            deliver_notifications(now=NOW + 5 * HOUR)
    finally:
        server.close()
    assert states() == ["failed"] * 3 + ["sent"]
    (arrived,) = server.mails
    assert arrived.rcpt_tos == [reader.address]
    actions = AuditEntry.objects.filter(action__startswith="subscriber.")
    assert sorted(actions.values_list("action", flat=True)) == [
        "subscriber.pause",
        "subscriber.resume",
    ]


def test_one_that_arrives_lets_the_count_begin_anew(reader):
    for _ in range(2):
        mind_mail(reader.pk, SAID, NOW)
    mind_mail(reader.pk, "", NOW)
    mind_mail(reader.pk, SAID, NOW)
    reader.refresh_from_db()
    assert (reader.refusals, reader.paused_at) == (1, None)


def test_what_waits_is_not_sent_and_the_moment_of_the_pause_stays(reader):
    publish(reader, NOW)
    for hour in range(4):
        mind_mail(reader.pk, SAID, NOW + hour * HOUR)
    reader.refresh_from_db()
    assert (reader.refusals, reader.paused_at) == (4, NOW + 2 * HOUR)
    assert states() == ["cancelled"]
    assert AuditEntry.objects.filter(action="subscriber.pause").count() == 1


def test_who_is_not_there_or_only_asked_is_not_counted(reader):
    Subscriber.objects.update(confirmed_at=None)
    for pk in (reader.pk, reader.pk + 1):
        mind_mail(pk, SAID, NOW)
    assert Subscriber.objects.get().refusals == 0
    resume_subscriber(reader, by=UserFactory(), now=NOW)
    assert not AuditEntry.objects.filter(action="subscriber.resume").exists()


def test_a_crash_between_publishing_and_queueing_loses_and_doubles_no_mail(
    reader, monkeypatch
):
    SubscriberFactory.create_batch(2, page=reader.page)

    def die_before(messages, *, now):
        raise SystemExit

    def die_after(messages, *, now):
        enqueue_outside(messages, now=now)
        raise SystemExit

    for dying in (die_before, die_after):
        monkeypatch.setattr(telling, "enqueue_outside", dying)
        with pytest.raises(SystemExit):
            publish(reader, NOW)
        # Neither half is there: readers of the page and of mails know the same.
        assert not IncidentUpdate.objects.exists()
        assert not Notification.objects.exists()
    monkeypatch.setattr(telling, "enqueue_outside", enqueue_outside)
    update = publish(reader, NOW)
    telling.tell_of_update(update, updates.facts_of(update), now=NOW)
    assert Notification.objects.count() == 3
