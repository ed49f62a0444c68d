"""A migration that makes all tables of an app at once."""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateTables(Operation):
    """Create the tables of several models; they may refer to each other in any order.

    One ``CreateModel`` after the other makes every class anew that a foreign key
    leads to, which is nearly the whole portal each time and most of what an empty
    database cost. Here they are made once, when all are known.
    """

    def __init__(self, models: Sequence[CreateModel]) -> None:
        """Take the models as ``CreateModel`` says them."""
        self.models = models

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models to the state; its classes are made when next asked for."""
        state.__dict__.pop("apps", None)
        for each in self.models:
            each.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Create the tables; keys and indexes follow at the end of the migration."""
        for each in self.models:
            each.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Drop the tables, the last one first."""
        for each in reversed(self.models):
            each.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what it does, for ``migrate --plan``."""
        return f"Create {len(self.models)} tables"
