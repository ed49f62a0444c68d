"""A checklist as YAML; what is written is read back as the same.

Aliases are refused: with them a few lines stand for millions.
"""

from __future__ import annotations

from typing import Any, Final

import yaml

from checklists.domain.checklist_text import ChecklistText, from_json, to_json
from checklists.domain.field_error import FieldError

MOST_DEPTH: Final = 8
_BREAKS: Final = frozenset("\x85\u2028\u2029")
# The parser in C where the wheel has it: ten times as quick.
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    """Writes what YAML would fold as a line break by its number instead."""


def _write_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = '"' if _BREAKS & set(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _write_text)


def write_yaml(checklist: ChecklistText) -> str:
    """Return the checklist as a YAML document."""
    return yaml.dump(
        to_json(checklist),
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=88,
    )


def read_yaml(text: str) -> ChecklistText:
    """Read a YAML document; raises FieldError."""
    try:
        _look_through(text)
        raw = yaml.load(text, Loader=_LOADER)  # noqa: S506 -- a safe loader
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, FieldError):
            raise
        words = " ".join(str(error).split())
        raise FieldError("text", f"This is no YAML: {words}.") from error
    return from_json(raw)


def _look_through(text: str) -> None:
    """Refuse aliases and deep nesting before anything is built of them."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise FieldError("text", "Write it without aliases such as *name.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MOST_DEPTH:
            raise FieldError("text", "This is nested too deeply.")
