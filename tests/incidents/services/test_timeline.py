"""Notes, corrections, and rows that nobody changes."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from incidents.models import TimelineEntry
from incidents.services import timeline
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import IncidentFactory, TimelineEntryFactory
from tests.factories.oncall import UserFactory
from tests.incidents.threads import run_together

pytestmark = [pytest.mark.django_db, pytest.mark.database]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def incident():
    return IncidentFactory()


@pytest.fixture
def engineer(incident):
    return UserFactory(team=incident.team)


def test_a_note_may_tell_of_earlier(incident, engineer):
    entry = timeline.add_note(
        incident.pk, " Deploy \n", by=engineer, now=NOW, occurred_at=NOW - MINUTE
    )
    assert (entry.text, entry.kind, entry.actor) == ("Deploy", "note", engineer)
    assert (entry.occurred_at, entry.recorded_at) == (NOW - MINUTE, NOW)


def test_a_note_needs_words_and_a_past(incident, engineer):
    with pytest.raises(PortalError, match="few words"):
        timeline.add_note(incident.pk, " ", by=engineer, now=NOW)
    with pytest.raises(PortalError, match="future") as refused:
        timeline.add_note(
            incident.pk, "x", by=engineer, now=NOW, occurred_at=NOW + MINUTE
        )
    assert refused.value.field == "occurred_at"


def test_a_replay_adds_nothing(incident):
    def add(text):
        return timeline.add_note(
            incident.pk, text, by=None, now=NOW, source_ref="chat:1"
        )

    assert add("first") == add("again")
    assert incident.timeline.get().text == "first"


def test_a_correction_keeps_the_original(incident, engineer):
    first = timeline.add_note(incident.pk, "At 4 %", by=engineer, now=NOW)
    better = timeline.correct_entry(
        first.pk, "At 40 %", by=engineer, now=NOW + MINUTE, occurred_at=NOW - MINUTE
    )
    assert (better.supersedes, better.kind) == (first, "note")
    assert (better.occurred_at, better.recorded_at) == (NOW - MINUTE, NOW + MINUTE)
    best = timeline.correct_entry(better.pk, "At 44 %", by=engineer, now=NOW + MINUTE)
    assert best.occurred_at == better.occurred_at
    first.refresh_from_db()
    assert first.text == "At 4 %"
    with pytest.raises(Conflict) as conflict:
        timeline.correct_entry(first.pk, "At 5 %", by=engineer, now=NOW)
    assert conflict.value.current == best


def test_an_approval_is_a_decision_with_who_and_when(incident, engineer):
    said = "Rollback approved"
    entry = timeline.add_note(incident.pk, said, by=engineer, now=NOW, is_decision=True)
    assert (entry.kind, entry.actor, entry.occurred_at) == ("decision", engineer, NOW)
    better = timeline.correct_entry(
        entry.pk, f"{said} by phone", by=engineer, now=NOW, occurred_at=NOW - MINUTE
    )
    assert (better.kind, better.occurred_at) == ("decision", NOW - MINUTE)


def test_a_message_is_corrected_but_not_when_it_happened(incident, engineer):
    entry = TimelineEntryFactory(
        incident=incident, kind="status", data={"from": "triage", "to": "resolved"}
    )
    better = timeline.correct_entry(
        entry.pk, "Better", by=engineer, now=NOW, occurred_at=NOW - MINUTE
    )
    assert (better.occurred_at, better.data) == (entry.occurred_at, entry.data)


@pytest.mark.parametrize(("kind", "text"), [("role", "x"), ("status", "")])
def test_only_what_somebody_wrote_is_corrected(incident, engineer, kind, text):
    entry = TimelineEntryFactory(incident=incident, kind=kind, text=text)
    with pytest.raises(Refused, match="somebody wrote"):
        timeline.correct_entry(entry.pk, "y", by=engineer, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_four_corrections_at_once_one_wins():
    entry = TimelineEntryFactory()
    person = UserFactory(team=entry.incident.team)
    failures = run_together(
        4, lambda n: timeline.correct_entry(entry.pk, f"No {n}", by=person, now=NOW)
    )
    assert [type(failure) for failure in failures] == [Conflict] * 3
    assert TimelineEntry.objects.count() == 2


def test_the_database_lets_nobody_change_or_remove_an_entry(incident):
    entry = TimelineEntryFactory(incident=incident)
    rows = TimelineEntry.objects.filter(pk=entry.pk)
    for act in (lambda: rows.update(text="never"), rows.delete):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()
    assert rows.get().text == "Rolling back the deploy."
