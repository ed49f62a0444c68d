"""Promises of incidents, kept whatever people do in whatever order."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidents.domain import lifecycle
from incidents.models import Incident, TimelineEntry
from incidents.services import incidents, linking, timeline
from incidents.services.details import MOMENTS, edit_incident
from opsportal.kit.errors import PortalError
from tests.conftest import NOW
from tests.factories.incidents import (
    AlertFactory,
    IncidentFactory,
    SeverityLevelFactory,
)
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)
QUICK = settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def service():
    service = ServiceFactory()
    for level in (1, 2, 3):
        SeverityLevelFactory(service=service, level=level)
    return service


@pytest.fixture
def engineer(service):
    return UserFactory(team=service.team)


acts = st.lists(
    st.one_of(
        st.tuples(
            st.just("move"),
            st.sampled_from(list(lifecycle.INCIDENT_MOVES)),
            st.integers(0, 90),
        ),
        st.tuples(
            st.just("time"),
            st.sampled_from(
                ["started_at", "detected_at", "mitigated_at", "resolved_at"]
            ),
            st.integers(0, 90),
        ),
        st.tuples(st.just("note"), st.just(""), st.integers(0, 90)),
        st.tuples(st.just("text"), st.just(""), st.integers(0, 9)),
    ),
    max_size=10,
)


def do(incident, act, engineer, number):
    kind, what, back = act
    now = NOW + number * MINUTE
    earlier = now - back * MINUTE
    match kind:
        case "move":
            incidents.change_status(
                incident.pk,
                what,
                by=engineer,
                now=now,
                message="so",
                occurred_at=earlier,
                is_admin=True,
            )
        case "time":
            version = Incident.objects.get(pk=incident.pk).version
            edit_incident(
                incident.pk,
                {what: earlier},
                expected_version=version,
                by=engineer,
                now=now,
            )
        case "note":
            timeline.add_note(
                incident.pk, "x", by=engineer, now=now, occurred_at=earlier
            )
        case _:
            version = Incident.objects.get(pk=incident.pk).version
            edit_incident(
                incident.pk,
                {"summary": f"text {back}"},
                expected_version=version,
                by=engineer,
                now=now,
            )


@QUICK
@given(acts)
def test_moves_leave_one_entry_each_times_stay_in_order_and_nothing_is_lost(
    service, engineer, wanted
):
    incident = IncidentFactory(service=service, detected_at=NOW - 50 * MINUTE)
    seen: dict[int, tuple] = {}
    order: list[int] = []
    for number, act in enumerate(wanted, start=1):
        before = Incident.objects.get(pk=incident.pk)
        entries = TimelineEntry.objects.filter(incident=incident)
        try:
            do(incident, act, engineer, number)
        except PortalError:
            assert entries.count() == len(seen)
            continue
        after = Incident.objects.get(pk=incident.pk)
        if act[0] == "move":
            assert entries.count() == len(seen) + 1
            assert act[1] in lifecycle.INCIDENT_MOVES[before.status]
        if act[0] in {"text", "note"}:
            moments = [getattr(before, name) for name in MOMENTS]
            assert [getattr(after, name) for name in MOMENTS] == moments
        rows = {row.pk: (row.occurred_at, row.kind, row.text) for row in entries}
        assert rows.items() >= seen.items()
        # Whatever is written later, what was there keeps its order.
        in_order = list(entries.order_by("occurred_at", "pk").values_list("pk"))
        assert [pk for (pk,) in in_order if pk in seen] == order
        order = [pk for (pk,) in in_order]
        seen = rows
        row = [after.started_at, after.mitigated_at, after.resolved_at, after.closed_at]
        known = [at for at in row if at is not None]
        assert known == sorted(known)
        assert after.detected_at is not None
        assert after.started_at <= after.detected_at <= after.declared_at


@QUICK
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=10))
def test_the_number_of_alerts_is_that_of_those_linked(service, engineer, wanted):
    incident = IncidentFactory(service=service)
    alerts = AlertFactory.create_batch(4, series__integration__service=service)
    linked = set()
    for number, is_linking in wanted:
        pk = alerts[number].pk
        if is_linking:
            linking.link_alert(incident.pk, pk, by=engineer, now=NOW)
            linked.add(pk)
        elif pk in linked:
            linking.unlink_alert(incident.pk, pk, by=engineer, now=NOW)
            linked.remove(pk)
    assert set(incident.alerts.values_list("pk", flat=True)) == linked
