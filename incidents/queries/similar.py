"""Finding incidents of before that are alike."""

from collections import defaultdict
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Case, Count, FloatField, Sum, Value, When

from incidents.domain.similarity import choose_words, score, weigh_words
from incidents.models import Alert, Incident, IncidentWord

MOST: Final = 5
# So many candidates are looked at: those whose shared words are worth most.
_CANDIDATES: Final = 60


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
    own = set(incident.services.values_list("pk", flat=True))
    rows = Incident.objects.filter(pk__in=pks).prefetch_related("services")
    scored = [
        (
            score(
                shared.get(row.pk, ()),
                weights,
                has_service=bool(own & {each.pk for each in row.services.all()}),
                series=series.get(row.pk, ()),
            ),
            row,
        )
        for row in rows
    ]
    scored.sort(key=lambda pair: (-pair[0], -pair[1].pk))
    return [
        SimilarRow(
            row.ref,
            row.title,
            row.get_status_display(),
            row.declared_at,
            row.root_cause,
            row.resolution,
        )
        for _, row in scored[:most]
    ]


def _by_words(incident: Incident) -> tuple[dict[str, float], dict[int, list[str]]]:
    """Return what words are worth, and which ones each candidate shares."""
    words = list(incident.words.values_list("word", flat=True))
    # Counted over all teams: rare is rare, and the index alone answers.
    anywhere = IncidentWord.objects.filter(word__in=words).order_by()
    found = anywhere.values_list("word").annotate(Count("pk"))
    # Without this one: a word that only it has would find nothing.
    counts = {word: count - 1 for word, count in found if count > 1}
    weights = weigh_words(counts, Incident.objects.count())
    theirs = anywhere.filter(incident__team=incident.team_id).exclude(
        incident=incident.pk
    )
    chosen = choose_words(weights, counts)
    worth = Case(
        *(When(word=word, then=Value(weights[word])) for word in chosen),
        output_field=FloatField(),
    )
    best = (
        theirs.filter(word__in=chosen)
        .values("incident")
        .annotate(worth=Sum(worth))
        .order_by("-worth", "-incident")[:_CANDIDATES]
    )
    pks = [row["incident"] for row in best]
    shared: dict[int, list[str]] = defaultdict(list)
    for pk, word in theirs.filter(incident__in=pks).values_list("incident", "word"):
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
