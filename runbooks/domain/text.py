"""Bytes to numbered lines: encodings, line ends, and text that was encoded twice.

Nothing raises, whatever the bytes are, and the bytes themselves are kept.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_LINE_END_BYTES: Final = re.compile(rb"\r\n|\n|\r")
# Bytes to which cp1252 gives no character stand for themselves.
_CP1252: Final = {
    (bytes([byte]).decode("cp1252", "ignore") or chr(byte)): byte
    for byte in range(0x80, 0x100)
}
_TO_BYTES: Final = str.maketrans({char: chr(byte) for char, byte in _CP1252.items()})
_FROM_BYTES: Final = {byte: char for char, byte in _CP1252.items()}
# Two characters are a real pair too easily: only the commonest leads count.
_TWICE: Final = re.compile(
    "[\xc2\xc3\xd0\xd1][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class SourceText:
    """A runbook's text in lines, the first being number 1.

    ``lines`` carry no line ends; ``repaired`` are the numbers of the lines that
    had been encoded twice; ``raw`` is what came in, byte for byte.
    """

    lines: tuple[str, ...]
    raw: bytes
    encoding: str
    repaired: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The repaired text with plain line ends."""
        return "\n".join(self.lines)


def read_text(raw: bytes) -> SourceText:
    """Read any bytes as text; never raises and never loses a line."""
    encoding, text = _decode(raw)
    lines = _LINE_END.split(text)
    if lines[-1] == "":
        lines.pop()
    clean = tuple(line.replace("\0", "\ufffd") for line in lines)
    repaired = tuple(line if line.isascii() else repair_line(line) for line in clean)
    changed = tuple(
        number
        for number, (old, new) in enumerate(zip(clean, repaired, strict=True), 1)
        if old != new
    )
    return SourceText(repaired, raw, encoding, changed)


def repair_line(line: str) -> str:
    """Undo UTF-8 that was read as cp1252 and written again: ``â†’`` is ``→``."""
    for _ in range(_ROUNDS):
        fixed = _repair_once(line)
        if fixed == line:
            break
        line = fixed
    return line


def _repair_once(line: str) -> str:
    as_bytes = line.translate(_TO_BYTES)
    parts: list[str] = []
    at = 0
    for match in _TWICE.finditer(as_bytes):
        try:
            char = match[0].encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            continue
        parts += [line[at : match.start()], char]
        at = match.end()
    return "".join([*parts, line[at:]])


def _decode(raw: bytes) -> tuple[str, str]:
    wide = _find_wide(raw)
    if wide:
        return wide, raw.decode(wide, "replace").removeprefix("\ufeff")
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return "utf-8", raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252", _decode_by_line(raw)


def _find_wide(raw: bytes) -> str:
    """The UTF-16 that the bytes are in, told by a mark or by its zeros."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = raw[:2000]
    half = len(sample) // 2
    if half < 4:
        return ""
    if sample[1::2].count(0) > half * 0.6:
        return "utf-16-le"
    return "utf-16-be" if sample[0::2].count(0) > half * 0.6 else ""


def _decode_by_line(raw: bytes) -> str:
    # One stray byte must not spoil the lines that are sound.
    return "\n".join(map(_decode_line, _LINE_END_BYTES.split(raw)))


def _decode_line(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(chr(byte) if byte < 0x80 else _FROM_BYTES[byte] for byte in raw)
