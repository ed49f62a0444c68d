"""Writes a tree back as canonical text: reading it again gives the same tree."""

from __future__ import annotations

import json

from checklists.domain.condition import tree

_GIVEN, _EITHER, _EVERY, _NOT, _COMPARE, _SUM, _PRODUCT, _MINUS, _ATOM = range(9)
_BINDING: dict[type[tree.Node], int] = {
    tree.Given: _GIVEN,
    tree.Either: _EITHER,
    tree.Every: _EVERY,
    tree.Not: _NOT,
    tree.Compare: _COMPARE,
    tree.Between: _COMPARE,
    tree.OneOf: _COMPARE,
    tree.Matches: _COMPARE,
    tree.Minus: _MINUS,
}


def write(node: tree.Expression) -> str:
    """Canonical text of a tree."""
    for writer in (_write_atom, _write_sum, _write_comparison):
        text = writer(node)
        if text is not None:
            return text
    return _write_logic(node)


def name_key(name: str, labels: tuple[tuple[str, str], ...]) -> str:
    """The key of a field: ``queue_size{type="decision"}``, labels in order."""
    if not labels:
        return name
    inside = ",".join(f"{label}={_quote(text)}" for label, text in sorted(labels))
    return f"{name}{{{inside}}}"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _binding(node: tree.Expression) -> int:
    if isinstance(node, tree.Sum):
        return _SUM if node.sign in "+-" else _PRODUCT
    return _BINDING.get(type(node), _ATOM)


def _wrap(node: tree.Expression, at_least: int) -> str:
    text = write(node)
    return text if _binding(node) >= at_least else f"({text})"


def _write_atom(node: tree.Expression) -> str | None:
    match node:
        case tree.Number():
            return f"{_write_number(node.number)}{node.unit}"
        case tree.Text():
            return _quote(node.text)
        case tree.Truth():
            return "true" if node.is_true else "false"
        case tree.Name():
            return name_key(node.name, node.labels)
        case tree.Call():
            return f"{node.name}({', '.join(map(write, node.arguments))})"
        case _:
            return None


def _write_number(number: float) -> str:
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return repr(number)


def _write_sum(node: tree.Expression) -> str | None:
    if isinstance(node, tree.Minus):
        return f"-{_wrap(node.inner, _MINUS)}"
    if isinstance(node, tree.Sum):
        binding = _binding(node)
        left = _wrap(node.left, binding)
        return f"{left} {node.sign} {_wrap(node.right, binding + 1)}"
    return None


def _write_comparison(node: tree.Expression) -> str | None:
    match node:
        case tree.Compare():
            return f"{_wrap(node.left, _SUM)} {node.sign} {_wrap(node.right, _SUM)}"
        case tree.Between():
            low, high = _wrap(node.low, _SUM), _wrap(node.high, _SUM)
            return f"{_wrap(node.inner, _SUM)} between {low} and {high}"
        case tree.OneOf():
            choices = ", ".join(map(write, node.choices))
            return f"{_wrap(node.inner, _SUM)} in ({choices})"
        case tree.Matches():
            return f"{_wrap(node.inner, _SUM)} matches {_quote(node.pattern)}"
        case _:
            return None


def _write_logic(node: tree.Expression) -> str:
    match node:
        case tree.Not():
            return f"not {_wrap(node.inner, _NOT)}"
        case tree.Every():
            return " and ".join(_wrap(part, _NOT) for part in node.parts)
        case tree.Either():
            return " or ".join(_wrap(part, _EVERY) for part in node.parts)
        case tree.Given():
            return f"{_wrap(node.inner, _EITHER)} given {_wrap(node.guard, _EITHER)}"
        case _:  # pragma: no cover -- the three writers took every other node
            raise TypeError(node)
