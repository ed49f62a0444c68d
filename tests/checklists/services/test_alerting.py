"""Alerts from checks: fired, raised, eased, resolved, and kept quiet."""

from datetime import timedelta

import pytest

from checklists.models import Check
from checklists.services.alerting import default_severity
from incidents.models import Alert
from incidents.services.alerts import resolve_alert
from tests.checklists.services.looks import look, open_alerts
from tests.factories.checklists import CheckFactory, settle_check
from tests.factories.incidents import SeverityLevelFactory
from tests.factories.oncall import ServiceFactory, UserFactory
from tests.targets import Reply

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
OK, BROKEN = Reply(200, b"lag 42\n"), Reply(500)


def lag(milliseconds):
    return Reply(200, f"lag {milliseconds}\n".encode())


@pytest.fixture
def service():
    service = ServiceFactory(name="ARQ")
    for label, level, pages in (
        ("Critical", 1, True),
        ("Major", 2, True),
        ("Minor", 4, False),
    ):
        SeverityLevelFactory(service=service, label=label, level=level, pages=pages)
    return service


@pytest.fixture
def check(service, site):
    site.routes["/lag"] = OK
    return CheckFactory(
        service=service, name="API", slug="api", spec={"url": f"{site.url}/lag"}
    )


@pytest.fixture
def ladder(service, site):
    site.routes["/lag"] = OK
    return CheckFactory(
        service=service,
        name="Lag",
        kind="metrics",
        spec={"url": f"{site.url}/lag", "metric": "lag"},
        condition="value < 100ms",
        unit="ms",
        fail_after=1,
        recover_after=1,
        ladder=[
            {"severity": "Critical", "condition": "value > 1s"},
            {"severity": "Minor", "condition": "value > 500ms", "for": "1m"},
        ],
    )


def see(check, site, reply, at, times=2):
    site.routes["/lag"] = reply
    return look(check, at=at, times=times)


def test_a_confirmed_failure_opens_one_alert_with_the_story(check, site, now):
    see(check, site, BROKEN, now, times=1)
    assert not Alert.objects.exists()
    see(check, site, BROKEN, now + MINUTE, times=1)
    alert = Alert.objects.get()
    assert alert.series.dedup_key == f"check:{check.pk}"
    assert (alert.summary, alert.level, alert.severity_label) == (
        "API: status 500, not == 200",
        2,
        "Major",
    )
    assert (alert.metric, alert.value, alert.threshold) == (
        "api",
        "500",
        "status == 200",
    )
    assert alert.labels == {"check": "api", "kind": "http"}
    assert alert.source_url == f"/checks/{check.pk}/"
    check.refresh_from_db()
    assert alert.starts_at == check.status_since


def test_a_failure_that_goes_on_is_counted_into_its_alert(check, site, now):
    see(check, site, BROKEN, now, times=4)
    alert = Alert.objects.get()
    assert (alert.event_count, alert.status) == (3, "firing")
    assert alert.last_seen_at >= now


def test_a_confirmed_recovery_resolves(check, site, now):
    see(check, site, BROKEN, now)
    see(check, site, OK, now + MINUTE, times=1)
    assert len(open_alerts()) == 1
    see(check, site, OK, now + 2 * MINUTE, times=1)
    assert open_alerts() == []
    assert Alert.objects.get().resolved_how == "source"


def test_a_check_may_raise_no_alert(check, site, now):
    Check.objects.update(raises_alert=False)
    see(check, site, BROKEN, now)
    assert not Alert.objects.exists()


def test_a_failing_parent_keeps_its_children_quiet_until_it_is_back(
    check, site, service, now
):
    parent = settle_check(CheckFactory(service=service, next_due_at=None), "fail")
    check.depends_on.add(parent)
    see(check, site, BROKEN, now)
    assert check.status == "fail"
    assert open_alerts() == []
    settle_check(parent, "pass")
    see(check, site, BROKEN, now + MINUTE, times=1)
    assert len(open_alerts()) == 1


def test_a_parent_seen_in_the_same_batch_counts_as_it_is_now(check, site, service, now):
    site.routes["/lag"] = BROKEN
    parent = CheckFactory(service=service, name="Net", spec=check.spec)
    check.depends_on.add(parent)
    for step in (0, 1):
        Check.objects.update(next_due_at=now + step * MINUTE)
        look(parent, at=now + step * MINUTE)
    assert [summary[:3] for summary, _ in open_alerts()] == ["Net"]


def test_a_parent_that_is_stopped_keeps_nobody_quiet(check, site, service, now):
    parent = settle_check(CheckFactory(service=service, is_enabled=False), "fail")
    check.depends_on.add(parent)
    see(check, site, BROKEN, now)
    assert len(open_alerts()) == 1


def test_flapping_is_one_alert(check, site, now):
    Check.objects.update(fail_after=1, recover_after=1)
    for step in range(8):
        reply = BROKEN if step % 2 else OK
        see(check, site, reply, now + step * MINUTE, times=1)
    assert check.is_flapping
    firing = Alert.objects.exclude(status="resolved").get()
    assert firing.summary == "API: keeps changing between passing and failing"
    told = Alert.objects.count()
    for step in range(8, 14):
        reply = BROKEN if step % 2 else OK
        see(check, site, reply, now + step * MINUTE, times=1)
    assert Alert.objects.count() == told
    for step in range(14, 40):
        see(check, site, OK, now + step * MINUTE, times=1)
    assert not check.is_flapping
    assert open_alerts() == []


def test_what_a_person_resolved_stays_so_until_it_fails_anew(check, site, now):
    see(check, site, BROKEN, now)
    check.refresh_from_db()
    resolve_alert(
        Alert.objects.get().pk, by=UserFactory(), now=check.status_since + MINUTE
    )
    see(check, site, BROKEN, now + 5 * MINUTE)
    assert open_alerts() == []
    see(check, site, OK, now + 10 * MINUTE)
    see(check, site, BROKEN, now + 15 * MINUTE)
    assert len(open_alerts()) == 1


def test_the_ladder_gives_word_and_level_and_eases_again(ladder, site, now):
    see(ladder, site, lag(1500), now, times=1)
    alert = Alert.objects.get()
    assert (alert.severity_label, alert.level) == ("Critical", 1)
    assert (alert.value, alert.threshold) == ("1500 ms", "value > 1s")
    see(ladder, site, lag(700), now + 2 * MINUTE, times=1)
    see(ladder, site, lag(700), now + 4 * MINUTE, times=1)
    alert.refresh_from_db()
    assert (alert.severity_label, alert.level, alert.peak_level) == ("Minor", 4, 1)
    see(ladder, site, lag(50), now + 6 * MINUTE, times=1)
    assert open_alerts() == []


def test_a_failure_below_every_rung_raises_no_alert(ladder, site, now):
    assert see(ladder, site, lag(200), now).status == "fail"
    assert open_alerts() == []


def test_a_rung_must_hold_for_its_time(ladder, site, now):
    see(ladder, site, lag(700), now, times=1)
    assert open_alerts() == []
    see(ladder, site, lag(700), now + MINUTE + timedelta(seconds=9), times=1)
    assert [level for _, level in open_alerts()] == [4]


def test_with_a_ladder_a_look_without_anything_to_judge_uses_the_default(
    ladder, service, now
):
    Check.objects.update(spec={"url": "http://127.0.0.1:9/lag", "metric": "lag"})
    look(ladder, at=now)
    alert = Alert.objects.get()
    assert (alert.severity_label, alert.level) == ("Major", 2)
    assert (alert.value, alert.threshold) == ("", "value < 100ms")


def test_a_service_without_paging_words_has_medium_failures(now, loopback):
    service = ServiceFactory()
    assert default_severity(service) == ("", 3)
    SeverityLevelFactory(service=service, label="Minor", level=4)
    check = CheckFactory(service=service, fail_after=1)
    look(check, at=now)
    alert = Alert.objects.get()
    assert (alert.severity_label, alert.level) == ("", 3)


def test_a_rung_of_a_word_that_is_gone_is_medium(ladder, site, now):
    Check.objects.update(
        ladder=[{"severity": "Old word", "condition": "value > 1s"}], raises_alert=True
    )
    see(ladder, site, lag(1500), now, times=1)
    alert = Alert.objects.get()
    assert (alert.severity_label, alert.level) == ("Old word", 3)
