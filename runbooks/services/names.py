"""Short names that nothing else has yet."""

from typing import Any

from django.db.models import QuerySet


def free_slug(rows: "QuerySet[Any]", wanted: str) -> str:
    """Return ``wanted``, or it with the first number that no row has as its slug."""
    taken = set(rows.filter(slug__startswith=wanted).values_list("slug", flat=True))
    slug, number = wanted, 1
    while slug in taken:
        number += 1
        slug = f"{wanted}-{number}"
    return slug
