"""The words of a mail: its headers and its text, whatever state they are in.

Everything here takes time in proportion to what it reads, and raises nothing: whoever
knows an address can send anything to it.
"""

import codecs
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from html import unescape
from typing import Final

# Of a mail that is longer only its beginning is looked at.
MOST_READ: Final = 128 * 1024
LONGEST_HEADER: Final = 1_000
MOST_HEADERS: Final = 100
# Each level of parts costs the parser one more look at every line.
_MOST_LEVELS: Final = 20
_LEVEL: Final = re.compile(rb"boundary[*\d]{0,9}\s{0,9}=", re.IGNORECASE)
_CHARSET: Final = re.compile(
    r"charset\s{0,9}=\s{0,9}[\"']?([\w.:+-]{1,40})", re.IGNORECASE
)
# Names of no writing; of these some take quadratic time.
_NO_CHARSETS: Final = {
    *("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape")
}
_TOKEN: Final = re.compile(r"<([^<>]{0,2000})>|([^<]+|<)")
_TAG: Final = re.compile(r"\s*(/?)\s*([a-z0-9]+)", re.IGNORECASE)
_LINK: Final = re.compile(r"https?://[^\s<>\"'\])]{1,500}")
_HREF: Final = re.compile(r"href\s*=\s*[\"']?(https?://[^\s\"'>]+)", re.IGNORECASE)
_LINES: Final = {"br", "div", "h1", "h2", "h3", "h4", "hr", "li", "p", "table", "tr"}
_UNSEEN: Final = {"head", "script", "style", "title"}
# What the standard library raises for parts that no mail program writes.
_TROUBLES: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as people read it.

    ``headers`` are by their names in lower case, the first of each, on one line.
    ``links`` are the web addresses in the text.
    """

    headers: Mapping[str, str]
    text: str
    links: tuple[str, ...]


def open_letter(body: bytes) -> Letter:
    """Return what a message in the form of RFC 5322 says."""
    start = body[:MOST_READ]
    parser = BytesParser(policy=compat32)
    headers = _read_headers(parser.parsebytes(start, headersonly=True))
    text, links = "", list[str]()
    if len(_LEVEL.findall(start)) <= _MOST_LEVELS:
        try:
            text, links = _read_text(parser.parsebytes(start))
        except _TROUBLES:
            text, links = "", []
    return Letter(headers, text, tuple(links[:20]))


def _read_headers(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in list(message.raw_items())[:MOST_HEADERS]:
        found.setdefault(name.lower(), _read_words(str(value)))
    return found


def _read_words(value: str) -> str:
    """Return a header on one line, with its encoded words decoded."""
    line = " ".join(_as_text(value[:LONGEST_HEADER]).split())
    if not line.isascii() or "=?" not in line:
        return line
    try:
        parts = decode_header(line)
    except HeaderParseError:
        return line
    words = [
        part if isinstance(part, str) else _decode(part, charset or "ascii")
        for part, charset in parts
    ]
    return " ".join("".join(words).split())


def _as_text(value: str) -> str:
    """Return raw UTF-8 that the parser kept as surrogates."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decode(text: bytes, charset: str) -> str:
    with suppress(LookupError, ValueError):
        name = codecs.lookup(charset).name.replace("_", "-")
        if name not in _NO_CHARSETS:
            return text.decode(name, "replace")
    return text.decode("utf-8", "replace")


def _read_text(message: Message) -> tuple[str, list[str]]:
    """Return the plain text if there is one, else what its HTML says."""
    rich: tuple[str, list[str]] | None = None
    for kind, written in _find_texts(message):
        if kind == "text/plain" and written.strip():
            return written.strip(), _LINK.findall(written)
        if kind == "text/html" and rich is None:
            rich = _read_html(written)
    return rich or ("", [])


def _find_texts(message: Message) -> Iterator[tuple[str, str]]:
    for part in message.walk():
        kind = part.get_content_type()
        about = str(part.get("Content-Disposition", "")).strip().lower()
        if kind not in {"text/plain", "text/html"} or about.startswith("attachment"):
            continue
        payload = part.get_payload(decode=True)
        named = _CHARSET.search(str(part.get("Content-Type", ""))[:LONGEST_HEADER])
        written = payload if isinstance(payload, bytes) else b""
        yield kind, _decode(written, named[1] if named else "utf-8")


def _read_html(written: str) -> tuple[str, list[str]]:
    """Return the text between the tags, a line for each block, and where links lead."""
    kept: list[str] = []
    links: list[str] = []
    unseen = ""
    for tag, words in _TOKEN.findall(written):
        named = _TAG.match(tag)
        name = named[2].lower() if named else ""
        if unseen:
            is_end = named is not None and bool(named[1]) and name == unseen
            unseen = "" if is_end else unseen
        elif name in _UNSEEN and named is not None and not named[1]:
            unseen = name
        elif name in _LINES:
            kept.append("\n")
        elif name == "a":
            links += _HREF.findall(tag)
        kept.append("" if unseen else words)
    lines = (" ".join(line.split()) for line in unescape("".join(kept)).split("\n"))
    return "\n".join(filter(None, lines)), links
