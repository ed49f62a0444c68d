"""Runs as pages show them."""

import pytest

from checklists.queries.runs import cards_of_today
from checklists.services import signing
from checklists.services.generation import open_due_runs
from tests.factories.oncall import UserFactory
from tests.factories.runs import DAY, NOW, make_checklist

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_periods_lost_in_downtime_are_history_and_not_todays_work():
    checklist = make_checklist()
    now = NOW + 5 * DAY
    open_due_runs(now=now)
    assert checklist.runs.count() == 6
    (card,) = cards_of_today([checklist.team_id], now)
    assert (card.period_key, card.state) == ("2026-01-19", "open")


def test_what_closed_today_stays_in_sight():
    checklist = make_checklist()
    open_due_runs(now=NOW)
    run = checklist.runs.get()
    signing.skip_run(run.pk, by=UserFactory(), reason="public holiday", now=NOW)
    (card,) = cards_of_today([checklist.team_id], NOW)
    assert card.outcome == "skipped"
