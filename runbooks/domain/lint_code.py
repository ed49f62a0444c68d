"""What a reader should be told about commands and queries before running them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from runbooks.domain.findings import Warn
from runbooks.domain.outline import Entry, EntryKind, Outline
from runbooks.domain.words.procedures import (
    DESTRUCTIVE,
    INSECURE,
    LOSSY,
    OPENING,
    WORLD,
)


class _Command(NamedTuple):
    """A command to warn of, with plain words of which a text must have one."""

    kind: str
    words: re.Pattern[str]
    pattern: re.Pattern[str]
    text: str


def _commands(kind: str, table: Sequence[tuple[str, str, str]]) -> Iterator[_Command]:
    for words, pattern, text in table:
        yield _Command(kind, re.compile(words), re.compile(pattern), text)


_COMMANDS: Final = (
    *_commands("destructive command", DESTRUCTIVE),
    *_commands("insecure command", INSECURE),
)
_OPENING: Final = tuple(_commands("opening command", OPENING))
_RATE: Final = re.compile(r"(?<![\w])(?P<name>rate|irate|increase)\s*\(")
_QUANTILE: Final = re.compile(r"\bhistogram_quantile\s*\(")
_GAUGE: Final = re.compile(
    r"\w*(?:_bytes|_ratio|_percent|_celsius|_count_current|queue_size|queue_length|queue_depth|_usage|_in_use|_connections)(?=[{\[\s)])"
)
_COUNTER: Final = re.compile(
    r"_(?:total|count|sum|bucket)(?=[{\[\s)])|(?:receive|transmit|read|written|sent|received)_bytes"
)
_QUERY_WORDS: Final = ("rate", "increase", "histogram_quantile")
_DELETE: Final = re.compile(r"\bDELETE\s+FROM\b")
_SPAN: Final = re.compile(r"`([^`]+)`")
_MERMAID: Final = frozenset({"mermaid"})


def lint_code(outline: Outline) -> Iterator[Warn]:
    """Yield warnings about what stands in blocks of code."""
    for entry in outline.entries:
        if entry.kind is EntryKind.CODE and entry.info not in _MERMAID:
            yield from _lint_block(entry)
        elif "`" in entry.raw:
            yield from _lint_words(entry)


def _lint_block(entry: Entry) -> Iterator[Warn]:
    text = "\n".join(entry.body)
    suspects = _suspects(_COMMANDS, text)
    if suspects or _is_query(text):
        for offset, raw in enumerate(entry.body):
            below = entry.body[offset + 1 : offset + 6]
            line = entry.opens + offset
            yield from _lint_line(_join_statement(raw, below), line, suspects)
    opening = _suspects(_OPENING, text)
    if opening:
        yield from _lint_opening(entry, opening)


def _is_query(text: str) -> bool:
    """A look that saves most texts the patterns of PromQL."""
    return any(word in text for word in _QUERY_WORDS)


def _suspects(commands: Sequence[_Command], text: str) -> list[_Command]:
    """The commands of which a word stands in a text; of nearly all texts none."""
    return [each for each in commands if each.words.search(text)]


def _lint_line(raw: str, line: int, suspects: Sequence[_Command]) -> Iterator[Warn]:
    text = raw.strip()
    if not text or text.startswith(("#", "//")):
        return
    for kind, _, pattern, words in suspects:
        if pattern.search(text):
            yield _warn(line, kind, f"{words}: {_short(text)}")
    if "(" in text and _is_query(text):
        for words in lint_promql(text):
            yield _warn(line, "bad PromQL", words)


def _lint_words(entry: Entry) -> Iterator[Warn]:
    """Commands in a sentence, and what the sentence says of them."""
    for code in _SPAN.findall(entry.raw):
        found = list(_lint_line(code, entry.line, _suspects(_COMMANDS, code)))
        yield from found
        if not found and LOSSY.search(entry.text):
            yield _warn(
                entry.line, "destructive command", f"said to destroy: {_short(code)}"
            )


def _join_statement(raw: str, below: Sequence[str]) -> str:
    """A DELETE with the lines up to its semicolon: its WHERE may stand there."""
    if "DELETE" not in raw or not _DELETE.search(raw):
        return raw
    lines = [raw.strip()]
    for each in below:
        if lines[-1].endswith(";"):
            break
        lines.append(each.strip())
    return " ".join(lines)


def _lint_opening(entry: Entry, suspects: Sequence[_Command]) -> Iterator[Warn]:
    """Commands that open a port, over the lines that belong to them."""
    command, starts = "", 0
    for offset, raw in enumerate(entry.body):
        starts = starts if command else offset
        command += raw
        if raw.rstrip().endswith("\\"):
            continue
        found = next(
            (each.text for each in suspects if each.pattern.search(command)), ""
        )
        lines = range(starts, offset + 1) if found else ()
        world = next((at for at in lines if WORLD.search(entry.body[at])), None)
        if found and (world is not None or "firewall" in found):
            at = world if world is not None else starts
            yield _warn(
                entry.opens + at,
                "opening command",
                f"{found} to the whole world: {_short(entry.body[at].strip())}",
            )
        command = ""


def _warn(line: int, kind: str, text: str) -> Warn:
    return Warn(
        line=line, last=line, kind=kind, text=text, confidence=0.9, rule="lint of code"
    )


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def lint_promql(text: str) -> Iterator[str]:
    """Yield what is wrong with the queries in a line."""
    for match in _RATE.finditer(text):
        end = _close(text, match.end() - 1)
        inside = text[match.end() : end]
        if re.match(r"\)\s*by\s*\(", text[end:]):
            yield f"{match['name']}(...) by (...) is no PromQL: by belongs to an aggregation such as sum"
        if "[" not in inside and inside:
            yield f"{match['name']}() needs a range such as [5m]"
        elif _GAUGE.search(inside) and not _COUNTER.search(inside):
            yield f"{match['name']}() of a gauge means nothing: use deriv() or delta()"
    for match in _QUANTILE.finditer(text):
        inside = text[match.end() : _close(text, match.end() - 1)]
        if "," in inside and ("_bucket" not in inside or "rate" not in inside):
            yield "histogram_quantile() needs rate() of the _bucket series"


def _close(text: str, at: int) -> int:
    """Where the parenthesis that opens at ``at`` closes, or the end."""
    depth = 0
    for position in range(at, len(text)):
        if text[position] == "(":
            depth += 1
        elif text[position] == ")":
            depth -= 1
            if depth == 0:
                return position
    return len(text)
