"""The name of a person, asked from the database."""

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf


def display_name(person: str) -> Coalesce:
    """Return User.display_name of the relation ``person`` as an expression."""
    return Coalesce(NullIf(F(f"{person}__name"), Value("")), F(f"{person}__username"))
