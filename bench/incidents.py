"""What finding costs among 50,000 incidents: words, and those that are alike."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from bench.figures import Figure, percentile

NEEDS_DATABASE = True
INCIDENTS, QUERIES, SEED = 50_000, 200, 20_260_114
NOW = datetime(2026, 1, 14, 10, 30, tzinfo=UTC)
_PARTS = ("bil", "log", "pay", "sto", "ren", "mak", "qua", "vis", "tor", "dun", "kel")
_TROUBLES = (
    "high error rate on {0} {1}",
    "{0} latency above target because of {1}",
    "{0} down after deploy of {1}",
    "connection pool of {0} exhausted by {1}",
    "disk of {0} fills with {1}",
    "queue of {1} grows in {0}",
    "again: {0} with {1}",
    "{0} fails, {1} suspected",
    "trouble in {0}: {1}",
)


def _name(dice: random.Random) -> str:
    return "".join(dice.choices(_PARTS, k=3))


def make_titles(dice: random.Random) -> list[tuple[str, str, str]]:
    """Return a title for each incident, and the two names that it is about."""
    names = [_name(dice) for _ in range(900)]
    found = []
    for _ in range(INCIDENTS):
        pair = dice.choice(names), dice.choice(names)
        found.append((dice.choice(_TROUBLES).format(*pair), *pair))
    return found


def reword(dice: random.Random, title: str, first: str, second: str) -> str:
    """Return the same trouble in words that other incidents use."""
    others = [each.format(first, second) for each in _TROUBLES]
    return dice.choice([each for each in others if each != title])


def measure() -> list[Figure]:
    """Fill a team's history, then search it and look for what is alike."""
    from incidents.domain.similarity import split_words  # noqa: PLC0415
    from incidents.models import Incident, IncidentWord  # noqa: PLC0415 -- after setup
    from incidents.queries.similar import list_similar_incidents  # noqa: PLC0415
    from tests.factories.incidents import SeverityLevelFactory  # noqa: PLC0415

    dice = random.Random(SEED)  # noqa: S311 -- the same set each time
    severity: Any = SeverityLevelFactory()
    team = severity.service.team
    titles = make_titles(dice)

    def keep(rows: list[tuple[str, str, str]], prefix: str) -> list[Any]:
        made = Incident.objects.bulk_create(
            [
                Incident(
                    ref=f"INC-{prefix}-{number}",
                    team=team,
                    title=title,
                    severity=severity,
                    started_at=NOW - timedelta(minutes=number),
                    declared_at=NOW - timedelta(minutes=number),
                )
                for number, (title, _, _) in enumerate(rows)
            ],
            batch_size=2_000,
        )
        words = (
            IncidentWord(incident=row, word=word)
            for row in made
            for word in split_words(row.title)
        )
        while batch := list(islice(words, 5_000)):
            IncidentWord.objects.bulk_create(batch)
        return made

    keep(titles, "past")
    picked = dice.sample(titles, QUERIES)
    _settle()

    hits, alike = 0, []
    for number, (title, first, second) in enumerate(picked):
        # Each is looked for when it is declared, with none of the others there.
        again = reword(dice, title, first, second)
        (row,) = keep([(again, first, second)], f"new-{number}")
        found, took = _timed(partial(list_similar_incidents, row))
        alike.append(took)
        hits += any(first in each.title and second in each.title for each in found)
        row.delete()

    searched, looked = _search(team.pk, picked)
    return [
        Figure(
            what="five that are alike among 50,000, p95",
            value=percentile(alike, 95),
            unit="ms",
            goal="<= 100 ms",
        ),
        Figure(
            what="a search for two words among 50,000, p95",
            value=percentile(searched, 95),
            unit="ms",
            goal="<= 100 ms",
        ),
        Figure(
            what="the same for pieces of two words, p95",
            value=percentile(looked, 95),
            unit="ms",
        ),
        Figure(
            what="duplicates that are missed in the first five",
            value=100 * (1 - hits / QUERIES),
            unit="%",
            goal="<= 20 %",
        ),
    ]


def _search(
    team_pk: int, picked: list[tuple[str, str, str]]
) -> tuple[list[float], list[float]]:
    """Return how long it took to find two names, and pieces of them, in ms."""
    from incidents.queries.incidents import (  # noqa: PLC0415 -- after setup
        IncidentFilter,
        as_incident_rows,
        find_incidents,
    )

    def search(text: str) -> list[Any]:
        wanted = IncidentFilter(text=text)
        return as_incident_rows(find_incidents([team_pk], wanted)[:50])

    whole = [_timed(partial(search, f"{one} {two}"))[1] for _, one, two in picked]
    # The middle of a name: no index knows it.
    inner = [(one[1:], two[1:]) for _, one, two in picked]
    pieces = [_timed(partial(search, f"{one} {two}"))[1] for one, two in inner]
    return whole, pieces


def _settle() -> None:
    from django.db import connection  # noqa: PLC0415 -- after setup

    with connection.cursor() as cursor:
        # As autovacuum leaves it.
        cursor.execute("VACUUM ANALYZE")


def _timed(call: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    found = call()
    return found, (time.perf_counter() - began) * 1000
