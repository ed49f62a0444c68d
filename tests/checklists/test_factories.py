"""The factories make rows that the database and the domain accept."""

import pytest

from checklists.domain.cadence import next_opening
from checklists.domain.state_json import state_from_json
from checklists.services.timetables import timetable_of
from tests.factories.checklists import (
    CadenceFactory,
    CheckDayFactory,
    CheckFactory,
    CheckFlipFactory,
    ChecklistFactory,
    CheckResultFactory,
    DataSourceFactory,
    LibraryCheckFactory,
    RunFactory,
    ServiceMappingFactory,
    settle_check,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "make",
    [
        CheckFactory,
        CheckResultFactory,
        CheckDayFactory,
        CheckFlipFactory,
        DataSourceFactory,
        LibraryCheckFactory,
        ServiceMappingFactory,
    ],
)
def test_a_factory_makes_a_row_that_validates(make):
    make().full_clean()


def test_a_checklist_is_born_with_a_published_version():
    checklist = ChecklistFactory()
    assert checklist.versions.get().items.count() == 2


def test_a_cadence_knows_its_next_opening():
    cadence = CadenceFactory()
    opening = next_opening(timetable_of(cadence), cadence.generated_through)
    assert opening == cadence.next_open_at


def test_a_run_is_open_with_its_items(now):
    run = RunFactory()
    assert run.opens_at < now < run.due_at
    assert run.items.filter(state="open").count() == 2
    assert run.events.get().verb == "opened"


@pytest.mark.parametrize("status", ["pass", "fail", "unknown"])
def test_a_settled_check_holds_a_state_that_the_domain_reads(status):
    check = settle_check(CheckFactory(), status)
    state, _ = state_from_json(check.state)
    assert (state.status.value, check.status) == (status, status)
