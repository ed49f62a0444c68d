"""Migrations that run Python without the models of the whole portal."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.migrations.operations import RunPython
from django.db.migrations.state import ProjectState


class NarrowRunPython(RunPython):
    """Run Python, as ``RunPython`` does, with the models of some apps alone.

    ``RunPython`` makes a class of every model of every app first, each time, which
    is most of what a migration of a few rows costs. ``labels`` names the apps that
    the code asks for; their models may refer to no others.
    """

    def __init__(
        self,
        code: Callable[[Any, Any], None],
        reverse_code: Callable[[Any, Any], None],
        *,
        labels: Sequence[str] = (),
    ) -> None:
        """Take what runs forwards and backwards."""
        super().__init__(code, reverse_code)
        self._labels = frozenset(labels)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Run the code with a state that holds these apps."""
        narrow = self._narrow(from_state)
        super().database_forwards(app_label, schema_editor, narrow, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Run the way back with a state that holds these apps."""
        narrow = self._narrow(from_state)
        super().database_backwards(app_label, schema_editor, narrow, to_state)

    def _narrow(self, state: ProjectState) -> ProjectState:
        kept = {
            key: each for key, each in state.models.items() if key[0] in self._labels
        }
        return ProjectState(kept)
