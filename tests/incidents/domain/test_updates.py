"""What an update says to whom, and when the next one is owed."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from incidents.domain import updates
from incidents.domain.updates import UpdateFacts
from tests.conftest import NOW

MINUTE = timedelta(minutes=1)
FACTS = UpdateFacts(
    audience="stakeholder",
    status="identified",
    title="Errors while saving",
    service="Architect Dashboard API",
    severity="P1",
    affected="Saving dashboards",
    customers_percent=Decimal("12.50"),
    started_at=NOW - 20 * MINUTE,
    eta_at=NOW + 30 * MINUTE,
    shows_eta=True,
    text="A release broke it. We roll back.",
    follow_url="https://status.example.com",
    questions="#incidents",
    at=NOW,
)


def test_all_ten_fields_of_the_template_are_told():
    assert updates.write_update(FACTS) == (
        "Service: Architect Dashboard API\n"
        "Severity: P1\n"
        "Status: IDENTIFIED\n"
        "Affected: Saving dashboards\n"
        "Customers: about 12.5 %\n"
        "Started: 2026-01-14T10:10:00Z\n"
        "ETA resolution: 2026-01-14T11:00:00Z\n"
        "\n"
        "Latest update (10:30 UTC):\n"
        "A release broke it. We roll back.\n"
        "\n"
        "Follow updates: https://status.example.com\n"
        "Questions: #incidents\n"
    )


def test_the_public_reads_no_internals_and_only_a_wanted_estimate():
    said = replace(FACTS, audience="public", shows_eta=False)
    text = updates.write_update(said)
    for hidden in ("P1", "12.5", "#incidents", "ETA"):
        assert hidden not in text
    assert "11:00:00Z" in updates.write_update(replace(said, shows_eta=True))


def test_inside_the_estimate_is_always_told_and_unknown_is_said():
    inside = replace(FACTS, audience="internal", shows_eta=False)
    assert "11:00:00Z" in updates.write_update(inside)
    bare = replace(inside, eta_at=None, customers_percent=None, affected="")
    bare = replace(bare, follow_url="", questions="")
    text = updates.write_update(bare)
    assert text.count("not known yet") == 3
    assert text.endswith("We roll back.\n")
    assert updates.headline(bare) == "Identified: Errors while saving"


@pytest.mark.parametrize(
    ("changes", "after", "field"),
    [
        ({}, None, None),
        ({}, MINUTE, None),
        ({"audience": "press"}, None, "audience"),
        ({"status": "closed"}, None, "status"),
        ({"title": ""}, None, "title"),
        ({"text": ""}, None, "text"),
        ({"eta_at": NOW}, None, "eta_at"),
        ({"eta_at": None}, None, "shows_eta"),
        ({"customers_percent": Decimal(101)}, None, "customers_percent"),
        ({}, timedelta(), "next_update"),
        ({}, timedelta(hours=25), "next_update"),
    ],
)
def test_a_mistake_names_its_field(changes, after, field):
    mistake = updates.find_mistake(replace(FACTS, **changes), promised_after=after)
    assert (mistake[0] if mistake else None) == field


@pytest.mark.parametrize(
    ("cadence", "is_executive", "pace"),
    [
        (None, False, None),
        (30 * MINUTE, False, 30 * MINUTE),
        (None, True, 5 * MINUTE),
        (30 * MINUTE, True, 5 * MINUTE),
        (2 * MINUTE, True, 2 * MINUTE),
    ],
)
def test_executives_hear_every_five_minutes(cadence, is_executive, pace):
    assert updates.choose_pace(cadence, is_executive=is_executive) == pace


def test_the_last_update_promises_nothing():
    assert updates.promise("identified", NOW, MINUTE) == NOW + MINUTE
    assert updates.promise("resolved", NOW, MINUTE) is None
    assert updates.promise("identified", NOW, None) is None


@pytest.mark.parametrize(
    ("minutes", "told", "words"),
    [
        (14, [], None),
        (15, [], "between 15 and 30"),
        (30, [], "should have been told"),
        (30, [NOW], None),
    ],
)
def test_silence_towards_the_outside_is_said_aloud(minutes, told, words):
    said = updates.say_silence(NOW - minutes * MINUTE, told, NOW)
    assert (said is None) if words is None else (words in said)


@pytest.mark.parametrize(
    ("last", "is_over", "warns"),
    [
        ("identified", True, True),
        ("identified", False, False),
        ("resolved", True, False),
        (None, True, False),
    ],
)
def test_what_is_over_is_over_for_the_public_too(last, is_over, warns):
    assert bool(updates.say_left_open(last, is_over=is_over)) == warns
