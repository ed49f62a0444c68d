"""Signals come in, people act; every act on PostgreSQL and on SQLite."""

from datetime import timedelta

import pytest

from incidents.models import Alert, AlertEvent, AlertSeries, TimelineEntry
from incidents.services import alerts
from incidents.services.alerts import AlertSignal
from oncall.models import AuditEntry, Notification, Team
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    IntegrationFactory,
    MaintenanceWindowFactory,
)
from tests.factories.oncall import ChannelFactory, ServiceFactory, UserFactory
from tests.incidents.threads import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


def make_signal(**changes) -> AlertSignal:
    fields = {
        "dedup_key": "check:7",
        "summary": "Replication lag above 100 ms",
        "level": 2,
        "severity_label": "Major",
        "metric": "lag",
        "value": "450 ms",
        "threshold": "> 100 ms",
        "labels": {"host": "db1"},
    }
    return AlertSignal(**fields | changes)


@pytest.fixture
def service():
    return ServiceFactory(name="ARQ")


@pytest.fixture
def integration(service):
    return IntegrationFactory(service=service)


@pytest.fixture
def channel(service):
    return ChannelFactory(team=service.team, name="#arq")


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team)


def kinds(alert) -> list[str]:
    return list(alert.events.values_list("kind", flat=True))


def keys() -> list[str]:
    rows = Notification.objects.order_by("pk").values_list("dedupe_key", flat=True)
    return [key.rsplit(":", 1)[0].split(":", 2)[2] for key in rows]


def test_the_checks_of_a_service_are_one_integration(service):
    first = alerts.checks_integration(service)
    assert alerts.checks_integration(service) == first
    assert (first.kind, first.service) == ("checks", service)


def test_a_signal_opens_an_alert_and_tells_the_channels(integration, channel, service):
    ChannelFactory(team=service.team, takes_alerts=False)
    ChannelFactory(team=service.team, is_enabled=False)
    ChannelFactory()
    version = Team.objects.get(pk=service.team_id).version
    alert = alerts.ingest_alert(integration, make_signal(), now=NOW)
    alert.refresh_from_db()
    assert (alert.status, alert.level, alert.peak_level) == ("firing", 2, 2)
    assert (alert.starts_at, alert.last_seen_at) == (NOW, NOW)
    assert kinds(alert) == ["opened", "told"]
    assert alert.events.get(kind="told").text == "#arq"
    sent = Notification.objects.get()
    assert sent.subject == "[ARQ] Major: Replication lag above 100 ms"
    assert sent.text == "lag 450 ms > 100 ms\nSince 2026-01-14 10:30 UTC."
    assert (sent.channel, sent.urgency) == (channel, "high")
    assert sent.url == f"/alerts/{alert.pk}/"
    assert Team.objects.get(pk=service.team_id).version == version + 1


def test_without_a_word_of_its_own_the_level_speaks(integration, channel):
    signal = make_signal(severity_label="", level=4)
    alerts.ingest_alert(integration, signal, now=NOW)
    sent = Notification.objects.get()
    assert sent.subject == "[ARQ] Low: Replication lag above 100 ms"
    assert sent.urgency == "low"


def test_a_team_without_channels_reads_that_nobody_was_told(integration):
    alert = alerts.ingest_alert(integration, make_signal(), now=NOW)
    assert kinds(alert) == ["opened", "untold"]
    told = alert.events.get(kind="untold")
    assert told.text == "No channel of the team takes alerts."
    alerts.ingest_alert(integration, make_signal(), now=NOW + MINUTE)
    assert kinds(alert) == ["opened", "untold"]


def test_a_duplicate_counts_refreshes_and_tells_nobody(integration, channel):
    first = alerts.ingest_alert(integration, make_signal(), now=NOW)
    again = make_signal(value="500 ms", summary="Replication lag is 500 ms")
    second = alerts.ingest_alert(integration, again, now=NOW + MINUTE)
    assert second == first
    first.refresh_from_db()
    assert (first.event_count, first.value) == (2, "500 ms")
    assert (second.event_count, second.value) == (2, "500 ms")
    assert first.summary == "Replication lag is 500 ms"
    assert (first.starts_at, first.last_seen_at) == (NOW, NOW + MINUTE)
    assert kinds(first) == ["opened", "told"]
    assert keys() == ["opened"]


def test_a_worse_level_is_told_once_and_the_peak_stays(integration, channel):
    for level in (3, 2, 3, 2, 1, 1):
        alert = alerts.ingest_alert(integration, make_signal(level=level), now=NOW)
    alert.refresh_from_db()
    assert (alert.level, alert.peak_level) == (1, 1)
    assert keys() == ["opened", "raised:2", "raised:1"]
    assert kinds(alert) == [
        "opened",
        "told",
        "raised",
        "told",
        "lowered",
        "raised",
        "raised",
        "told",
    ]
    milder = alerts.ingest_alert(integration, make_signal(level=3), now=NOW)
    assert (milder.level, milder.peak_level) == (3, 1)
    assert milder.events.filter(kind="lowered").last().text == "Critical to Medium"


def test_in_maintenance_the_alert_is_kept_and_told_after_it(
    integration, channel, service
):
    window = MaintenanceWindowFactory(service=service)
    alert = alerts.ingest_alert(integration, make_signal(), now=NOW)
    alerts.ingest_alert(integration, make_signal(level=1), now=NOW)
    assert keys() == []
    alerts.ingest_alert(integration, make_signal(), now=window.ends_at)
    alerts.ingest_alert(integration, make_signal(), now=window.ends_at + MINUTE)
    assert keys() == ["opened"]
    assert kinds(alert) == ["opened", "raised", "lowered", "told"]


def test_the_source_resolves_and_those_who_heard_hear_it(integration, channel):
    alert = alerts.ingest_alert(integration, make_signal(), now=NOW)
    ChannelFactory(team=channel.team)
    done = alerts.resolve_from_source(integration, "check:7", now=NOW + MINUTE)
    assert done == alert
    alert.refresh_from_db()
    assert (alert.status, alert.resolved_how) == ("resolved", "source")
    assert alert.resolved_at == NOW + MINUTE
    assert keys() == ["opened", "resolved"]
    last = Notification.objects.latest("pk")
    assert last.subject == "[ARQ] Resolved: Replication lag above 100 ms"
    assert last.urgency == "low"


def test_repeats_of_many_alerts_count_in_one_statement(django_assert_num_queries):
    first, second, over = AlertFactory(), AlertFactory(), AlertFactory(is_resolved=True)
    pks = [first.pk, second.pk, over.pk]
    with django_assert_num_queries(1):
        assert alerts.count_repeats(pks, now=NOW) == 2
    for row, count in ((first, 2), (second, 2), (over, 1)):
        row.refresh_from_db()
        assert row.event_count == count
    assert first.last_seen_at == NOW


def test_who_heard_nothing_hears_no_end(integration, service):
    MaintenanceWindowFactory(service=service)
    alerts.ingest_alert(integration, make_signal(), now=NOW)
    ChannelFactory(team=service.team)
    alerts.resolve_from_source(integration, "check:7", now=NOW)
    assert keys() == []


def test_a_resolve_never_creates(integration):
    assert alerts.resolve_from_source(integration, "check:7", now=NOW) is None
    alerts.ingest_alert(integration, make_signal(), now=NOW)
    alerts.resolve_from_source(integration, "check:7", now=NOW)
    assert alerts.resolve_from_source(integration, "check:7", now=NOW) is None
    assert AlertSeries.objects.count() == Alert.objects.count() == 1


def test_firing_again_is_a_new_alert_of_the_same_series(integration):
    first = alerts.ingest_alert(integration, make_signal(), now=NOW)
    alerts.resolve_from_source(integration, "check:7", now=NOW)
    second = alerts.ingest_alert(integration, make_signal(), now=NOW + MINUTE)
    assert second != first
    assert second.series == first.series


def test_keys_mean_something_only_inside_their_integration(integration):
    first = alerts.ingest_alert(integration, make_signal(), now=NOW)
    other = IntegrationFactory(service=integration.service, name="Other")
    assert alerts.ingest_alert(other, make_signal(), now=NOW) != first


def test_a_start_in_the_future_is_now(integration):
    early = make_signal(starts_at=NOW - MINUTE)
    late = make_signal(starts_at=NOW + MINUTE, dedup_key="check:8")
    assert alerts.ingest_alert(integration, early, now=NOW).starts_at == NOW - MINUTE
    assert alerts.ingest_alert(integration, late, now=NOW).starts_at == NOW


def test_long_texts_are_cut_to_what_the_rows_hold(integration):
    long = make_signal(summary="x" * 2000, value="1" * 100, metric="m" * 200)
    alert = alerts.ingest_alert(integration, long, now=NOW)
    alert.refresh_from_db()
    assert (len(alert.summary), len(alert.value), len(alert.metric)) == (1024, 64, 120)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"dedup_key": ""}, "dedup_key"),
        ({"dedup_key": "k" * 256}, "dedup_key"),
        ({"summary": " "}, "summary"),
        ({"level": 0}, "level"),
        ({"level": 6}, "level"),
    ],
)
def test_a_signal_that_says_nothing_is_refused(integration, changes, field):
    with pytest.raises(PortalError) as refused:
        alerts.ingest_alert(integration, make_signal(**changes), now=NOW)
    assert refused.value.field == field


def test_acknowledging_and_taking_it_back(engineer):
    alert = AlertFactory()
    alerts.acknowledge_alert(alert.pk, by=engineer, now=NOW)
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_at) == ("acknowledged", NOW)
    assert alert.acknowledged_by == engineer
    with pytest.raises(Refused, match="can become firing or resolved"):
        alerts.acknowledge_alert(alert.pk, by=UserFactory(), now=NOW)
    alerts.unacknowledge_alert(alert.pk, by=engineer, now=NOW)
    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_at) == ("firing", None)
    assert kinds(alert) == ["acknowledged", "unacknowledged"]
    with pytest.raises(Refused, match="can become acknowledged or resolved"):
        alerts.unacknowledge_alert(alert.pk, by=engineer, now=NOW)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["alert.acknowledge", "alert.unacknowledge"]


def test_resolving_by_hand_is_the_end(engineer):
    alert = AlertFactory()
    alerts.resolve_alert(alert.pk, by=engineer, now=NOW)
    alert.refresh_from_db()
    assert (alert.resolved_how, alert.resolved_by) == ("user", engineer)
    with pytest.raises(Refused, match="a new one opens"):
        alerts.resolve_alert(alert.pk, by=engineer, now=NOW)
    assert kinds(alert) == ["resolved"]


def test_the_incident_hears_of_its_alerts(engineer):
    alert = AlertFactory()
    incident = IncidentFactory(service=alert.service)
    Alert.objects.filter(pk=alert.pk).update(incident=incident)
    alerts.acknowledge_alert(alert.pk, by=engineer, now=NOW)
    alerts.unacknowledge_alert(alert.pk, by=engineer, now=NOW)
    alerts.resolve_alert(alert.pk, by=engineer, now=NOW)
    entries = TimelineEntry.objects.order_by("pk")
    assert [(entry.kind, entry.data, entry.actor) for entry in entries] == [
        ("alert_acknowledged", {"alert": alert.pk}, engineer),
        ("alert_unacknowledged", {"alert": alert.pk}, engineer),
        ("alert_resolved", {"alert": alert.pk}, engineer),
    ]


def test_reviewing_many_counts_those_that_were_not(engineer):
    rows = [AlertFactory(), AlertFactory(is_resolved=True), AlertFactory()]
    pks = [row.pk for row in rows]
    assert alerts.review_alerts(pks[:1], by=engineer, now=NOW) == 1
    assert alerts.review_alerts(pks, by=engineer, now=NOW + MINUTE) == 2
    assert alerts.review_alerts(pks, by=engineer, now=NOW + MINUTE) == 0
    assert AlertEvent.objects.filter(kind="reviewed").count() == 3
    rows[0].refresh_from_db()
    assert (rows[0].reviewed_at, rows[0].reviewed_by) == (NOW, engineer)


def test_a_note_needs_words(engineer):
    alert = AlertFactory()
    event = alerts.add_alert_note(alert.pk, " Seen it \n", by=engineer, now=NOW)
    assert (event.kind, event.text, event.actor) == ("noted", "Seen it", engineer)
    with pytest.raises(PortalError, match="few words"):
        alerts.add_alert_note(alert.pk, "  ", by=engineer, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_eight_threads_with_one_key_open_one_alert():
    integration = IntegrationFactory()
    ChannelFactory(team=integration.service.team)
    failures = run_together(
        8, lambda _: alerts.ingest_alert(integration, make_signal(), now=NOW)
    )
    assert failures == []
    alert = Alert.objects.get()
    assert alert.event_count == 8
    assert keys() == ["opened"]


@pytest.mark.django_db(transaction=True)
def test_firing_and_resolving_at_once_leaves_at_most_one_open():
    integration = IntegrationFactory()
    ChannelFactory(team=integration.service.team)

    def act(number):
        for _ in range(5):
            if number % 2:
                alerts.ingest_alert(integration, make_signal(), now=NOW)
            else:
                alerts.resolve_from_source(integration, "check:7", now=NOW)

    assert run_together(8, act) == []
    opened = Alert.objects.exclude(status="resolved").count()
    assert opened <= 1
    assert sum(Alert.objects.values_list("event_count", flat=True)) == 20
    # What flaps is told no more; whoever heard of one hears of its end.
    assert 0 <= keys().count("opened") - keys().count("resolved") <= opened
