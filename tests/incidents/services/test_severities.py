"""The words of a service, as services keep them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from incidents.models import SeverityLevel
from incidents.services.severities import (
    WordForm,
    remove_word,
    revision_of,
    save_word,
)
from opsportal.kit.errors import Conflict, PortalError, Refused
from tests.conftest import NOW
from tests.factories.incidents import IncidentFactory
from tests.factories.oncall import ServiceFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FORM = WordForm(label="P1", level=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"label": " "}, "label"),
        ({"level": 6}, "level"),
        ({"level": 0}, "level"),
        ({"response": HOUR, "is_next_business_day": True}, "response"),
    ],
)
def test_a_word_has_a_name_and_a_level(change, field):
    with pytest.raises(PortalError) as refused:
        save_word(ServiceFactory(), replace(FORM, **change), by=UserFactory(), now=NOW)
    assert refused.value.field == field
    assert not SeverityLevel.objects.exists()


def test_one_word_is_there_once_and_stays_while_incidents_use_it():
    service, by = ServiceFactory(), UserFactory()
    word = save_word(service, replace(FORM, label=" P1 "), by=by, now=NOW)
    assert word.label == "P1"
    with pytest.raises(PortalError, match="already"):
        save_word(service, FORM, by=by, now=NOW)
    incident = IncidentFactory(team=service.team, severity=word)
    with pytest.raises(Refused, match="Incidents use"):
        remove_word(word, by=by, now=NOW)
    incident.delete()
    remove_word(SeverityLevel.objects.get(), by=by, now=NOW)
    assert not SeverityLevel.objects.exists()
    with pytest.raises(Refused, match="removed this severity"):
        save_word(service, FORM, word=word, by=by, now=NOW)


def test_a_word_is_written_over_what_was_seen():
    service, by = ServiceFactory(), UserFactory()
    word = save_word(service, FORM, by=by, now=NOW)
    seen = revision_of(word)
    changed = save_word(
        service, replace(FORM, level=2), word=word, seen=seen, by=by, now=NOW
    )
    with pytest.raises(Conflict) as conflict:
        save_word(service, FORM, word=word, seen=seen, by=by, now=NOW)
    assert conflict.value.current == changed
    assert save_word(service, FORM, word=word, by=by, now=NOW).level == 1
