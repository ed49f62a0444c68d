"""What an internal check is told of the reviews of a service's runbooks."""

from datetime import timedelta

import pytest

from checklists.queries.facts import facts_of
from runbooks.models import Runbook
from tests.conftest import NOW
from tests.factories.runs import make_check

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def ask(service):
    """`ask(days=7)` are the facts of the check."""

    def act(**asks):
        spec = {"source": "runbooks_reviewed", **asks}
        slug = f"reviews-{len(asks)}"
        return facts_of(make_check(service, slug=slug, spec=spec), NOW)

    return act


def test_a_service_without_a_runbook_says_nothing(ask):
    assert ask() == {"value": None, "evidence": "The service has no runbook."}


def test_runbooks_that_nobody_reviewed_of_late_are_counted(ask, apply):
    apply("# Old\n")
    apply("# New\n")
    today = NOW.date()
    Runbook.objects.filter(title="Old").update(reviewed_on=today - timedelta(days=30))
    Runbook.objects.filter(title="New").update(reviewed_on=today - timedelta(days=7))
    assert ask()["value"] == 0
    assert ask(days=7) == {
        "value": 1,
        "evidence": "1 of 2 not reviewed in 7 days: Old",
    }
    Runbook.objects.filter(title="New").update(archived_at=NOW)
    Runbook.objects.filter(title="Old").update(reviewed_on=None)
    assert (
        facts_of(
            make_check(
                Runbook.objects.get(title="Old").service,
                slug="x",
                spec={"source": "runbooks_reviewed"},
            ),
            NOW,
        )["value"]
        == 1
    )
