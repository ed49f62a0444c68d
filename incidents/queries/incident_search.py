"""Finding incidents by words: PostgreSQL's index, or plain looking elsewhere."""

import re
from collections.abc import Collection
from typing import Final

from django.db import connection
from django.db.models import Case, FloatField, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.fields import BooleanField

from incidents.domain.snippet import Part, cut_snippet
from incidents.models import Incident

# The number of an incident, or a piece of one.
_NUMBER: Final = re.compile(r"(?:inc)?-?[\d-]*", re.IGNORECASE)
_PLAIN: Final = re.compile(r"\w+")
_COLUMN: Final = '"incidents_incident"."search"'
# Where a word counts how much, as the weights of the index do.
_TITLE, _SEEN, _FOUND, _ELSE = 1.0, 0.4, 0.2, 0.1
_TEXTS: Final = (
    "summary",
    "symptoms",
    "root_cause",
    "resolution",
    "prevention",
    "impact",
    "affected",
)


def search_incidents(found: QuerySet[Incident], text: str) -> QuerySet[Incident]:
    """Return those in which all the words stand, the best fit first, then the newest.

    On PostgreSQL a word finds its English forms and what begins with it. Where that
    finds nothing, and on SQLite, it is looked for as it is, in the middle of words
    too. A piece of a number finds the number.
    """
    words = text.split()
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    rest = [word for word in words if word not in numbers]
    if connection.vendor == "postgresql":
        indexed = _search_index(found, numbers, rest)
        if indexed.order_by().exists():
            return indexed
    for word in words:
        found = found.filter(_stands(word))
    return _order(found, _rank_plainly(rest[0]) if rest else None)


def _search_index(
    found: QuerySet[Incident], numbers: list[str], rest: list[str]
) -> QuerySet[Incident]:
    for word in numbers:
        found = found.filter(Q(ref__icontains=word) | Q(_matches([word])))
    # Signs alone say nothing that an index knows.
    plain = [word for word in rest if _PLAIN.search(word)]
    if not plain:
        return _order(found, None)
    return _order(found.filter(_matches(plain)), _rank(plain))


def _order(found: QuerySet[Incident], fit: Case | RawSQL | None) -> QuerySet[Incident]:
    if fit is None:
        return found.order_by("-declared_at", "-pk")
    return found.annotate(fit=fit).order_by("-fit", "-declared_at", "-pk")


def snippets_of(pks: Collection[int], text: str) -> dict[int, tuple[Part, ...]]:
    """Return by incident the place beside its title where the words stand; one query."""
    words = _PLAIN.findall(text)
    rows = Incident.objects.filter(pk__in=pks).values_list("pk", *_TEXTS)
    return {pk: cut_snippet(texts, words) for pk, *texts in rows}


def _matches(words: list[str]) -> RawSQL:
    sql, params = _query(words)
    return RawSQL(  # noqa: S611 -- every word is a parameter
        f"{_COLUMN} @@ ({sql})", params, output_field=BooleanField()
    )


def _rank(words: list[str]) -> RawSQL:
    sql, params = _query(words)
    return RawSQL(  # noqa: S611 -- as above
        f"ts_rank({_COLUMN}, {sql})", params, output_field=FloatField()
    )


def _query(words: list[str]) -> tuple[str, list[str]]:
    """Return the query and its parameters; what is not a plain word is a phrase."""
    parts, params = [], []
    for word in words:
        if _PLAIN.fullmatch(word):
            parts.append("to_tsquery('english', %s)")
            params.append(f"{word}:*")
        else:
            parts.append("plainto_tsquery('english', %s)")
            params.append(word)
    return " && ".join(parts), params


def _stands(word: str) -> Q:
    found = Q(title__icontains=word) | Q(ref__icontains=word)
    for name in _TEXTS:
        found |= Q(**{f"{name}__icontains": word})
    return found


def _rank_plainly(word: str) -> Case:
    """Return how much it counts where the first word stands."""
    places = (
        ("title", _TITLE),
        ("summary", _SEEN),
        ("symptoms", _SEEN),
        ("root_cause", _FOUND),
        ("resolution", _FOUND),
    )
    cases = [
        When(**{f"{name}__icontains": word}, then=Value(weight))
        for name, weight in places
    ]
    return Case(*cases, default=Value(_ELSE), output_field=FloatField())
