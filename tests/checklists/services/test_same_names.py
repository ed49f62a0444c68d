"""Two people who call something the same at the same moment."""

import threading
import time

import pytest
from django.db import connection, transaction

from checklists.domain.checklist_text import ChecklistText, TextItem
from checklists.models import Check, Checklist
from checklists.services import texts
from checklists.services.check_rules import CheckPlan
from checklists.services.checklists import AddressTaken, create_checklist
from checklists.services.checks import create_check
from tests.factories.oncall import ServiceFactory, TeamFactory, UserFactory
from tests.factories.runs import NOW
from tests.incidents.threads import run_together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
TEXT = ChecklistText(name="Morning round", items=(TextItem(text="Look"),))


@pytest.fixture
def by():
    return UserFactory()


def slugs():
    return sorted(Checklist.objects.values_list("slug", flat=True))


def wait_until_somebody_waits():
    """Wait until another transaction waits for the one of this thread."""
    if connection.vendor != "postgresql":
        return  # SQLite lets the other one begin only when this one is over
    question = "SELECT 1 FROM pg_locks WHERE NOT granted AND transactionid = %s::xid"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text")
        mine = cursor.fetchone()[0]
        for _ in range(1000):
            cursor.execute(question, [mine])
            if cursor.fetchone():
                return
            time.sleep(0.01)
    pytest.fail("nobody waited")


def test_an_address_that_is_taken_before_the_first_is_saved_is_numbered(by):
    mine, theirs = TeamFactory(), TeamFactory()
    failures = []

    def write():
        failures.extend(
            run_together(
                1,
                lambda _: texts.create_from_text(
                    theirs, TEXT, service=None, by=by, now=NOW
                ),
            )
        )

    second = threading.Thread(target=write)
    with transaction.atomic():
        create_checklist(mine, slug="morning-round", name="Mine", by=by, now=NOW)
        second.start()
        wait_until_somebody_waits()
    second.join(60)
    assert failures == []
    assert slugs() == ["morning-round", "morning-round-2"]


def test_many_checklists_of_one_name_all_come_to_be(by):
    teams = [TeamFactory(), TeamFactory()]
    failures = run_together(
        6,
        lambda number: texts.create_from_text(
            teams[number % 2], TEXT, service=None, by=by, now=NOW
        ),
    )
    assert failures == []
    first, *others = slugs()
    assert first == "morning-round"
    assert others == [f"morning-round-{number}" for number in range(2, 7)]


def test_an_address_that_was_chosen_is_refused_to_all_but_one(by):
    team = TeamFactory()
    failures = run_together(
        4,
        lambda _: create_checklist(team, slug="round", name="Round", by=by, now=NOW),
    )
    assert [type(failure) for failure in failures] == [AddressTaken] * 3
    assert failures[0].field == "slug"
    assert slugs() == ["round"]


def test_many_checks_of_one_name_all_come_to_be(by):
    plan = CheckPlan(
        service=ServiceFactory(),
        name="Health",
        kind="tcp",
        spec={"host": "127.0.0.1", "port": 1},
    )
    assert run_together(4, lambda _: create_check(plan, by=by, now=NOW)) == []
    made = sorted(Check.objects.values_list("slug", flat=True))
    assert made == ["health", "health-2", "health-3", "health-4"]
