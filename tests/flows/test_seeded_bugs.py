"""Each of the sixteen bugs that lose or double pages is caught by a test with a name.

A bug is planted in the code, or a constraint taken out of the database, and the test
that has to notice is run: it must fail.
"""

from dataclasses import dataclass, field

import pytest
from django.db import DatabaseError, connection

from opsportal.kit.errors import PortalError
from tests.factories.incidents import IntegrationFactory
from tests.factories.oncall import TeamFactory, UserFactory
from tests.incidents.services import test_escalating
from tests.oncall.services.conftest import http_sink, mail_sink  # noqa: F401 -- fixtures
from tests.oncall.transports.conftest import site  # noqa: F401 -- a fixture
from tests.oncall.transports.test_slack import slack  # noqa: F401 -- a fixture
from tests.planting import plant, run_named

pytestmark = pytest.mark.slow
DELIVERY, OUTBOX = "oncall.services.delivery", "oncall.services.outbox_plan"
SENDING = "oncall/services/test_delivery.py"
# How a test says no.
NOTICES = (AssertionError, PortalError, DatabaseError, pytest.fail.Exception)
CLIMBING = "incidents/services/test_escalating.py"


@dataclass(frozen=True)
class Bug:
    """What is changed where, and the test that notices."""

    test: str
    changes: tuple = ()
    dropped: tuple = ()
    given: dict = field(default_factory=dict)
    commits: bool = False


BUGS = {
    "rows are claimed whoever has them": Bug(
        f"{SENDING}::test_a_row_that_another_sweep_took_is_left_to_it",
        (
            (
                f"{DELIVERY}._claim",
                "Notification.objects.filter(due(now), pk__in=parcel.pks)",
                "Notification.objects.filter(pk__in=parcel.pks)",
            ),
        ),
        commits=True,
    ),
    "a sender settles without its token": Bug(
        f"{SENDING}::test_a_cancelled_message_stays_cancelled_whatever_its_sender_says",
        (
            (
                f"{DELIVERY}._settle_sent",
                "mine = Notification.objects.filter(lease_token=token)",
                "mine = Notification.objects.all()",
            ),
        ),
        commits=True,
    ),
    "success is answered before the commit": Bug(
        "incidents/views/test_doors.py::test_overload_is_503_to_be_tried_again",
        (
            (
                "incidents.views.hooks._enter",
                "pk = store(key, kind, message, said.signals)",
                "pk = 1\n    with suppress(Exception):"
                " store(key, kind, message, said.signals)",
            ),
        ),
    ),
    "a key of a page is not unique": Bug(
        "oncall/services/test_outbox.py::test_a_page_goes_once_to_each_verified_method",
        dropped=("oncall_notification", "dedupe_key"),
        given={"team": TeamFactory, "user": UserFactory},
    ),
    "work is published before the commit": Bug(
        "opsportal/kit/test_nudge.py::test_a_hint_waits_for_the_commit",
        (
            (
                "opsportal.kit.nudge.nudge",
                "transaction.on_commit(partial(_send, task), robust=True)",
                "_send(task)",
            ),
        ),
    ),
    "nobody takes over from the dead": Bug(
        f"{SENDING}::test_a_crash_after_the_send_costs_one_repetition_at_most",
        (
            (
                f"{OUTBOX}.due",
                "Q(lease_until__lt=now) | Q(lease_until__gt=now + FARTHEST_LEASE)",
                "Q(lease_until__gt=now + FARTHEST_LEASE)",
            ),
        ),
        commits=True,
    ),
    "an acknowledgement leaves what waits alone": Bug(
        f"{CLIMBING}::test_an_acknowledgement_stops_and_takes_back_what_waits",
        (
            (
                "oncall.services.notifications.cancel",
                "return waiting.update(",
                "return waiting.none().update(",
            ),
        ),
        given={"world": test_escalating.World},
    ),
    "a batch is settled at its end": Bug(
        f"{SENDING}::test_what_was_sent_before_a_crash_is_settled",
        (
            (
                f"{DELIVERY}._send_parcel",
                "    return _settle_sent(rows, token, receipt, now=sweep.now)",
                "    return rows, token, receipt, sweep.now",
            ),
            (
                f"{DELIVERY}._send_line",
                "handled += _send_parcel(sweep, parcel)",
                "handled = (*(handled or ()), _send_parcel(sweep, parcel))",
            ),
            (
                f"{DELIVERY}._send_apart",
                "return _send_line(sweep, line)",
                "return sum(_settle_sent(*each[:3], now=each[3])"
                " for each in _send_line(sweep, line))",
            ),
        ),
        commits=True,
    ),
    "any clock of a lease is believed": Bug(
        f"{SENDING}::test_a_lease_from_a_clock_that_went_back_is_no_lease",
        (
            (
                f"{OUTBOX}.due",
                "Q(lease_until__lt=now) | Q(lease_until__gt=now + FARTHEST_LEASE)",
                "Q(lease_until__lt=now)",
            ),
        ),
        commits=True,
    ),
    "one host takes every sender": Bug(
        f"{SENDING}::test_a_host_gets_four_at_once_and_a_hanging_one_delays_nobody",
        (
            (
                f"{DELIVERY}.deliver_notifications",
                "in _deal(parcels, MOST_A_HOST)",
                "in _deal(parcels, MOST_SENDERS)",
            ),
        ),
        commits=True,
    ),
    "what a transport raises is swallowed": Bug(
        f"{SENDING}::test_a_temporary_refusal_is_tried_again",
        (
            (
                f"{DELIVERY}._send_parcel",
                "settled = _settle_failed(parcel.kind, rows, token, error, now=sweep.now)",
                'settled = _settle_sent(rows, token, Receipt(""), now=sweep.now)',
            ),
        ),
        commits=True,
    ),
    "a 200 of Slack that says no is a yes": Bug(
        "oncall/transports/test_slack.py::test_a_200_that_is_not_ok_is_a_refusal",
        (
            (
                "oncall.transports.slack._problem",
                'if told == "ok":',
                "if True:",
            ),
        ),
        given={"body": lambda: b"no_service", "permanent": lambda: True},
    ),
    "a period may have two runs": Bug(
        "opsportal/test_invariants.py::test_what_the_services_wrote_keeps_every_promise",
        dropped=("checklists_run", "period_key"),
        given={"run": lambda: None},
    ),
    "three tries and it is given up": Bug(
        "oncall/domain/test_retry.py::test_a_next_try_is_never_past_and_never_far",
        (
            (
                "oncall.domain.retry.next_try",
                "if attempts >= pace.most:",
                "if attempts >= 3:",
            ),
        ),
    ),
    "what has the body of another is the other": Bug(
        "incidents/services/test_intake.py::test_a_repeat_that_says_nothing_new_is_only_counted",
        (
            (
                "incidents.services.intake.receive",
                "if message.external_id and _came_before(integration, message):",
                "if IngestEvent.objects.filter(body=message.body).exists():",
            ),
        ),
        given={"integration": IntegrationFactory},
    ),
    "a lease is shorter than a send": Bug(
        f"{SENDING}::test_a_lease_outlives_any_send",
        (
            (
                f"{DELIVERY}._claim",
                "lease_until=now + LEASE",
                "lease_until=now + LEASE / 2",
            ),
        ),
        commits=True,
    ),
}


def drop_unique(table, column):
    """Take the unique constraint on a column out of the database."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite keeps its constraints inside the table")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        there = connection.introspection.get_constraints(cursor, table)
        for name, found in there.items():
            if found["unique"] and column in found["columns"]:
                is_index = name not in constraint_names(cursor, table)
                what = f'DROP INDEX "{name}"'
                if not is_index:
                    what = f'ALTER TABLE {table} DROP CONSTRAINT "{name}"'
                cursor.execute(what)


def constraint_names(cursor, table):
    cursor.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass", [table]
    )
    return {name for (name,) in cursor.fetchall()}


def test_there_are_sixteen():
    assert len(BUGS) == 16


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.django_db(transaction=bug.commits))
        for name, bug in BUGS.items()
    ],
)
def test_a_seeded_bug_is_caught(name, request, monkeypatch):
    bug = BUGS[name]
    given = {key: make() for key, make in bug.given.items()}
    run = run_named(request, bug.test, given)
    if bug.dropped:
        drop_unique(*bug.dropped)
    with monkeypatch.context() as planted:
        for change in bug.changes:
            plant(planted, *change)
        with pytest.raises(NOTICES):
            run()
