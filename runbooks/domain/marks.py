"""A runbook as it was written, with a mark behind each line that lives in the portal.

A mark is a comment of Markdown, which no page shows. Taking the marks off again
gives the same bytes, so that a file with marks is the same runbook.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Final

_LINE_END: Final = re.compile(rb"(\r\n|\n|\r)")
_MARKS: Final = re.compile(rb"(?: <!-- live: [^<>\r\n]* -->)+(?=[\r\n]|\Z)")
_UNSAFE: Final = re.compile(r"[<>\r\n]|--")
_FENCE: Final = re.compile(rb"[ >]*(```|~~~)")
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def write_marks(raw: bytes, words: Mapping[int, str]) -> bytes:
    """Return the bytes with ``words`` as a mark at the end of lines, counted from 1.

    Blocks of code stay as they are, since they would show the mark, and so does a
    text in UTF-16. Marks that are there already go.
    """
    bare = strip_marks(raw)
    if bare.startswith(_WIDE) or b"\0" in bare:
        return bare
    parts = _LINE_END.split(bare)
    is_code = False
    for at in range(0, len(parts), 2):
        is_fence = _FENCE.match(parts[at]) is not None
        said = words.get(at // 2 + 1, "")
        if said and not is_code and not is_fence:
            mark = f" <!-- live: {_UNSAFE.sub(' ', said)} -->"
            parts[at] += mark.encode()
        is_code ^= is_fence
    return b"".join(parts)


def strip_marks(raw: bytes) -> bytes:
    """Return the bytes without marks at the ends of their lines."""
    return _MARKS.sub(b"", raw)
