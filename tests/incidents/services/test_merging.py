"""Merging loses nothing and never goes round in a circle."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.models import (
    ActionItem,
    Alert,
    Incident,
    IncidentUpdate,
    TimelineEntry,
)
from incidents.services.linking import link_alert
from incidents.services.merging import merge_incident
from opsportal.kit.errors import PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import (
    ActionItemFactory,
    AlertFactory,
    IncidentFactory,
    IncidentUpdateFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def service():
    return ServiceFactory()


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team)


def merge(one, other, engineer):
    return merge_incident(one.pk, other.pk, by=engineer, now=NOW)


def test_alerts_go_to_the_other_one(service, engineer):
    one, other = IncidentFactory.create_batch(2, service=service)
    alert = AlertFactory(series__integration__service=service)
    link_alert(one.pk, alert.pk, by=engineer, now=NOW)
    merge_incident(one.pk, other.pk, by=engineer, now=NOW, reason=" Same cause ")
    one.refresh_from_db()
    assert (one.status, one.merged_into, one.closed_at) == ("merged", other, NOW)
    assert list(other.alerts.all()) == [alert]
    mine = one.timeline.last()
    assert (mine.kind, mine.text, mine.data["into"]) == (
        "status",
        "Same cause",
        other.ref,
    )
    theirs = other.timeline.get()
    assert (theirs.kind, theirs.data["ref"]) == ("merged_in", one.ref)


def test_who_was_merged_before_follows(service, engineer):
    first, second, third = IncidentFactory.create_batch(3, service=service)
    merge(first, second, engineer)
    merge(second, third, engineer)
    first.refresh_from_db()
    assert first.merged_into == third


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ({"status": "resolved"}, {}, "cannot be merged"),
        ({}, {"status": "closed"}, "reopen it first"),
        ({"kind": "drill"}, {}, "drill or test"),
    ],
)
def test_what_cannot_be_merged_says_why(service, engineer, one, other, words):
    pair = [IncidentFactory(service=service, **fields) for fields in (one, other)]
    with pytest.raises(Refused, match=words):
        merge(*pair, engineer)
    assert not TimelineEntry.objects.exists()


def test_only_into_another_one_of_the_team(service, engineer):
    incident = IncidentFactory(service=service)
    for other in (incident, IncidentFactory()):
        with pytest.raises(PortalError, match="another incident"):
            merge(incident, other, engineer)


pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=8)


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pairs)
def test_nothing_is_lost_and_no_merge_goes_round(service, engineer, wanted):
    rows = IncidentFactory.create_batch(5, service=service)
    before = list(Alert.objects.values_list("pk", flat=True))
    for row in rows[:3]:
        AlertFactory(series__integration__service=service, incident=row)
        ActionItemFactory(incident=row)
        IncidentUpdateFactory(incident=row)
    pks = [row.pk for row in rows]
    total = Alert.objects.exclude(pk__in=before).count()
    for one, other in wanted:
        try:
            merge(rows[one], rows[other], engineer)
        except PortalError:
            continue
    kept = {row.pk: row for row in Incident.objects.filter(pk__in=pks)}
    alive = [pk for pk, row in kept.items() if row.merged_into_id is None]
    assert Alert.objects.filter(incident__in=alive).count() == total
    assert ActionItem.objects.filter(incident__in=alive).count() == 3
    # What was said stays where it was said; the incident leads there.
    told = IncidentUpdate.objects.filter(incident__in=pks)
    assert sorted(told.values_list("incident", flat=True)) == sorted(pks[:3])
    for row in kept.values():
        assert row.merged_into_id is None or row.merged_into_id in alive
