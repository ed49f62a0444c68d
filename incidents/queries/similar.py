"""Finding incidents of before that are alike."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import IntegerField, Subquery
from django.db.models.expressions import RawSQL

from incidents.domain.similarity import (
    MOST_COUNTED,
    MOST_LOOKED_AT,
    choose_words,
    score,
    weigh_words,
)
from incidents.models import Alert, Incident, IncidentWord

MOST: Final = 5
# So many candidates are looked at: those whose shared words are worth most.
_CANDIDATES: Final = 30
# The index alone answers, and no word is counted further than it matters.
_COUNT: Final = """
(SELECT COUNT(*) FROM (
    SELECT 1 FROM incidents_incidentword AS other
    WHERE other.word = incidents_incidentword.word LIMIT %s
) AS counted)
"""
Shared = Mapping[int, Collection[str]]


class SimilarRow(NamedTuple):
    """One incident of before, and what was done then."""

    ref: str
    title: str
    status: str
    declared_at: datetime
    root_cause: str
    resolution: str


def list_similar_incidents(incident: Incident, most: int = MOST) -> list[SimilarRow]:
    """Return other incidents of the team that are alike, the most alike first.

    Alike are those with the same rare words, of the same service, or with alerts of
    the same series; a service alone is not enough.
    """
    weights, shared = _by_words(incident)
    series = _by_series(incident)
    pks = set(shared) | set(series)
    same_service = _with_same_service(incident, pks)
    worth = {
        pk: score(
            shared.get(pk, ()),
            weights,
            has_service=pk in same_service,
            series=series.get(pk, ()),
        )
        for pk in pks
    }
    best = sorted(pks, key=lambda pk: (-worth[pk], -pk))[:most]
    return _read(best)


def _by_words(incident: Incident) -> tuple[dict[str, float], Shared]:
    """Return what words are worth, and which ones each candidate shares."""
    # Counted over all teams: rare is rare.
    known = RawSQL(_COUNT, [MOST_COUNTED + 1], output_field=IntegerField())  # noqa: S611 -- no text
    # Numbered in order: the last number is about how many there are.
    last = Incident.objects.order_by("-pk").values("pk")[:1]
    words = incident.words.order_by().annotate(known=known, last=Subquery(last))
    found = list(words.values_list("word", "known", "last"))
    # Without this one: a word that only it has would find nothing.
    counts = {word: count - 1 for word, count, _ in found if count > 1}
    weights = weigh_words(counts, max((total for *_, total in found), default=0))
    chosen = choose_words(weights, counts)
    theirs = (
        IncidentWord.objects.filter(word__in=chosen, incident__team=incident.team_id)
        .exclude(incident=incident.pk)
        # The newest, if one word alone is in more.
        .order_by("-incident_id")[:MOST_LOOKED_AT]
    )
    worth: dict[int, float] = defaultdict(float)
    for pk, word in theirs.values_list("incident_id", "word"):
        worth[pk] += weights[word]
    best = sorted(worth, key=lambda pk: (-worth[pk], -pk))[:_CANDIDATES]
    all_of_them = IncidentWord.objects.filter(incident__in=best, word__in=counts)
    shared: dict[int, list[str]] = defaultdict(list)
    for pk, word in all_of_them.order_by().values_list("incident_id", "word"):
        shared[pk].append(word)
    return weights, shared


def _by_series(incident: Incident) -> dict[int, set[int]]:
    """Return which candidates had alerts of the same series."""
    series = Alert.objects.filter(incident=incident.pk).values("series")
    rows = (
        Alert.objects.filter(series__in=series, incident__isnull=False)
        .exclude(incident=incident.pk)
        .order_by("-starts_at")
        .values_list("incident", "series")[:_CANDIDATES]
    )
    found: dict[int, set[int]] = defaultdict(set)
    for pk, series_pk in rows:
        found[pk].add(series_pk)
    return found


def _with_same_service(incident: Incident, pks: Collection[int]) -> set[int]:
    """Return those of the incidents that share a service with this one."""
    links = Incident.services.through.objects
    own = links.filter(incident=incident.pk).values("service")
    same = links.filter(incident__in=pks, service__in=own)
    return set(same.values_list("incident_id", flat=True))


def _read(pks: list[int]) -> list[SimilarRow]:
    """Return the rows of these incidents in their order."""
    names = ("ref", "title", "status", "declared_at", "root_cause", "resolution")
    found = Incident.objects.filter(pk__in=pks).order_by().values_list("pk", *names)
    rows = {pk: SimilarRow(*told) for pk, *told in found}
    return [
        rows[pk]._replace(status=str(Incident.Status(rows[pk].status).label))
        for pk in pks
    ]
