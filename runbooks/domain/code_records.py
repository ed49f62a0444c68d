"""Blocks of YAML, JSON, TypeScript and HCL as records of keys with their lines.

No real parser: a runbook's snippets are often not whole, and one line that is no
YAML must not lose the rule beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_KEY: Final = re.compile(
    r"""^(?P<dash>(?:-\s+)*)["']?(?P<key>[A-Za-z_$][\w.$-]*)["']?\s*(?P<mark>:|=(?!=)|(?=\{\s*$))\s*(?P<value>.*)$"""
)
_BLOCK_SCALAR: Final = re.compile(r"^[|>][+-]?\d?\s*$")
_SCALAR: Final = "\0"
_COMMENT: Final = re.compile(r"\s(?:#|//)(?!\{)[^\"']*$")
_HCL: Final = re.compile(
    r'^(?P<kind>resource|alert|rule|monitor)\s+"[^"]*"(?:\s+"(?P<name>[^"]*)")?\s*\{'
)
_PAIR: Final = re.compile(
    r"""["']?(?P<key>[A-Za-z_]\w*)["']?\s*[:=]\s*(?P<value>"[^"]*"|'[^']*'|[^,{}\[\]]+)"""
)


@dataclass(slots=True)
class Record:
    """Keys that stand together, small letters, with value and line; ``name`` is the key above."""

    name: str
    line: int
    indent: int
    values: dict[str, tuple[str, int]] = field(default_factory=dict)
    outer: Record | None = None

    def get(self, *keys: str) -> str:
        """The first value of these keys here or in the records directly below."""
        for key in keys:
            if key in self.values:
                return self.values[key][0]
        return ""


def read_records(body: Sequence[str], opens: int) -> list[Record]:
    """Records of a block in the order of their first lines; ``opens`` is line one."""
    reader = _Reader(opens)
    for offset, raw in enumerate(body):
        reader.take(raw, opens + offset)
    return reader.records


class _Reader:
    def __init__(self, opens: int) -> None:
        root = Record("", opens, -1)
        self.records = [root]
        self._stack = [root]
        self._scalar: tuple[Record, str, int] | None = None

    def take(self, raw: str, line: int) -> None:
        """Follow one line."""
        text = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        if self._scalar is not None and self._take_scalar(text, indent):
            return
        if not text or text.startswith(("#", "//", "/*", "*", "--")):
            return
        self._close(indent)
        hcl = _HCL.match(text)
        if hcl:
            self._open(hcl["name"] or hcl["kind"], line, indent)
            return
        if text in {"{", "- {", "({", "[{"} or (
            text.endswith(("({", "= {")) and ":" not in text
        ):
            self._open("", line, indent)
            return
        for key, value, at in _split(text, indent):
            self._put(
                key,
                value,
                line,
                at,
                is_new=text.startswith("-") and at == _first_key(text, indent),
            )

    def _take_scalar(self, text: str, indent: int) -> bool:
        assert self._scalar is not None  # noqa: S101 -- asked for by the caller
        record, key, at = self._scalar
        if text and indent <= at:
            self._scalar = None
            return False
        old, line = record.values[key]
        record.values[key] = (f"{old} {text}".strip(), line)
        return True

    def _close(self, indent: int) -> None:
        while len(self._stack) > 1 and indent <= self._stack[-1].indent:
            # A closing bracket belongs to what it closes.
            self._stack.pop()

    def _open(self, name: str, line: int, indent: int) -> None:
        record = Record(name, line, indent, outer=self._stack[-1])
        self.records.append(record)
        self._stack.append(record)

    def _put(self, key: str, value: str, line: int, at: int, *, is_new: bool) -> None:
        if is_new:
            # The keys of a list's entry stand where its first key does.
            self._open("", line, at - 1)
        record = self._stack[-1]
        if value in {"", "{", "["}:
            self._open(key, line, at)
            return
        if value.startswith("{") and value.endswith("}") and "{{" not in value:
            self._put_inside(key, value, line, at)
            return
        is_scalar = value == _SCALAR
        record.values.setdefault(key.lower(), ("" if is_scalar else value, line))
        if is_scalar:
            self._scalar = (record, key.lower(), at)

    def _put_inside(self, key: str, value: str, line: int, at: int) -> None:
        """``labels: {severity: critical}`` is a record on one line."""
        self._open(key, line, at)
        for match in _PAIR.finditer(value[1:-1]):
            name = match["key"].lower()
            self._stack[-1].values.setdefault(name, (_clean(match["value"]), line))
        self._stack.pop()


def _first_key(text: str, indent: int) -> int:
    return indent + len(text) - len(text.lstrip("- "))


def _split(text: str, indent: int) -> Iterator[tuple[str, str, int]]:
    """The keys of a line with their values and columns."""
    inside = text.strip("-[]{}(), ") if text.startswith(("{", "- {", "[{")) else ""
    if inside:
        for match in _PAIR.finditer(inside):
            yield match["key"], _clean(match["value"]), indent + match.start() + 2
        return
    alone = _KEY.match(text)
    if alone:
        yield alone["key"], _clean(alone["value"]), indent + len(alone["dash"])


def _clean(value: str) -> str:
    value = _COMMENT.sub("", f" {value}").strip().rstrip(",;").strip()
    if _BLOCK_SCALAR.match(value):
        return _SCALAR
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`":
        return value[1:-1]
    return value
