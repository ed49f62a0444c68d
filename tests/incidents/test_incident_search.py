"""Incidents are found by their words, the best fit first, on either database."""

import pytest
from django.db import connection

from incidents.queries import IncidentFilter, find_incidents
from incidents.queries.incident_search import snippets_of
from tests.factories.incidents import IncidentFactory
from tests.factories.oncall import ServiceFactory

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def service():
    return ServiceFactory()


@pytest.fixture
def search(service):
    def search(text):
        wanted = IncidentFilter(text=text)
        found = find_incidents([service.team_id], wanted)
        return [row.title for row in found]

    return search


def test_the_title_counts_more_than_the_cause_and_all_words_must_stand(service, search):
    IncidentFactory(service=service, title="Checkout", root_cause="The pool was full")
    IncidentFactory(service=service, title="Pool exhausted", summary="x")
    IncidentFactory(service=service, title="Slow", summary="A pool of the cache")
    IncidentFactory(title="Pool of another team")
    assert search("pool") == ["Pool exhausted", "Slow", "Checkout"]
    assert search("POOL full") == ["Checkout"]
    assert search("pool nothing") == []


@pytest.mark.parametrize(
    "field", ["symptoms", "resolution", "prevention", "impact", "affected"]
)
def test_everything_that_is_written_is_looked_through(service, search, field):
    IncidentFactory(service=service, title="Found", **{field: "one\ncertificate"})
    assert search("certificate") == ["Found"]


def test_numbers_and_signs_are_looked_for_too(service, search):
    row = IncidentFactory(service=service, title="HTTP 503 from read-replica")
    assert search(row.ref) == [row.title]
    assert search(row.ref[4:14].lower()) == [row.title]
    assert search("503 read-replica") == [row.title]
    assert search("503") == [row.title]
    assert search("504") == []
    assert search("' & :* | !") == ([row.title] if _is_postgres() else [])


def test_postgres_knows_forms_of_words_too(service, search):
    IncidentFactory(service=service, title="Databases failing")
    for text in ("database", "datab", "abase"):
        assert search(text) == ["Databases failing"]
    assert bool(search("failed")) is _is_postgres()


def test_the_middle_of_a_word_is_found_where_nothing_begins_with_it(service, search):
    IncidentFactory(service=service, title="Slow", root_cause="The database was full")
    IncidentFactory(service=service, title="Database of reports")
    assert search("tabas") == ["Database of reports", "Slow"]
    assert search("TABAS ull") == ["Slow"]
    assert search("tabas nothing") == []
    # What begins with it is what was meant.
    IncidentFactory(service=service, title="Tabasco is out")
    assert search("tabas")[0] == "Tabasco is out"


def test_the_place_is_shown_where_the_words_stand(service):
    row = IncidentFactory(
        service=service, title="Pool", summary="Calm.", root_cause="The pools were full"
    )
    other = IncidentFactory(service=service, title="Pool")
    found = snippets_of([row.pk, other.pk], "pool")
    assert [part.text for part in found[row.pk]] == ["The ", "pools", " were full"]
    assert found[other.pk] == ()


def _is_postgres():
    return connection.vendor == "postgresql"
