"""What a line says without its Markdown: plain words, links, labels."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

_IMAGE: Final = re.compile(r"!\[([^\]]*)\]\([^)]*\)")
_LINK: Final = re.compile(r"\[([^\[\]]*)\]\(([^()\s]*(?:\([^()]*\)[^()\s]*)?)[^()]*\)")
_AUTOLINK: Final = re.compile(r"<((?:https?://|mailto:)[^<>\s]+|[^<>\s@]+@[^<>\s]+)>")
_COMMENT: Final = re.compile(r"<!--.*?(?:-->|$)")
_TAG: Final = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>")
_BOLD: Final = re.compile(r"\*\*|(?<!\w)__(?=\w)|(?<=[\w.:!?)])__(?!\w)|~~")
_ITALIC: Final = re.compile(r"(?<![\w*])[*_](?=[^\s*_])([^*_]*[^\s*_])[*_](?![\w*])")
_ESCAPE: Final = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~])")
_LABEL: Final = re.compile(
    r"(?:\*\*|__)(?P<inside>[^*\n]{1,90}?)[ \t]*(?P<in>[:：])?[ \t]*(?:\*\*|__)"
    r"(?P<aside>[ \t]*\([^()]*\))?[ \t]*(?P<out>[:：]|[-–—][ ]+|$|)"
)
_EMPHASIS: Final = frozenset("*_")
_ITALIC_LABEL: Final = re.compile(
    r"[*_](?P<inside>[^\s*_:：][^*_:：\n]{1,60})(?:[:：][*_]|[*_][:：])(?=\s|$)"
)
_PLAIN_LABEL: Final = re.compile(
    r"(?P<inside>(?:[^:：|`<>=]|:(?=\S)){1,60}?)\s*(?::(?=\s|$)|：)"
)
_NUMBERING: Final = re.compile(
    r"^\s*(?:(?:section|step|part|appendix)\s+)?"
    r"(?:\d{1,2}(?:\.\d{1,2})*[.):、]?|[A-Z](?:\.\d{1,2})+\.?|[A-Z][.)]|[IVX]{1,4}[.)])\s+(?=\S)",
    re.IGNORECASE,
)
# A clock is no numbering: 09:00, 9 AM.
_CLOCK: Final = re.compile(r"^\s*\d{1,2}(?::\d\d|\s*[ap]\.?m\b)", re.IGNORECASE)
_MARKS: Final = re.compile(
    r"[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\U0001f000-\U0001faff]+"
)
_PICTURES: Final = re.compile(
    r"^(?:[\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]|\s)+"
)
_ARROW: Final = re.compile(r"[\u2190-\u21ff]")


class Label(NamedTuple):
    """``**Label**: value`` taken apart; ``is_bold`` tells how it was written."""

    name: str
    value: str
    is_bold: bool
    aside: str = ""


def strip_marks(raw: str) -> str:
    """The words of a line without Markdown and HTML; code keeps its quotes."""
    text = raw
    if "<" in text:
        text = _AUTOLINK.sub(r"\1", _COMMENT.sub("", text))
        text = _TAG.sub("", text)
    if "&nbsp;" in text:
        text = text.replace("&nbsp;", " ")
    if "[" in text:
        text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", text))
    if "*" in text or "_" in text or "~" in text:
        text = _ITALIC.sub(r"\1", _BOLD.sub("", text))
    if "\\" in text:
        text = _ESCAPE.sub(r"\1", text)
    # Twice as fast as a pattern, and every line comes through here.
    return " ".join(text.split())


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Text for looking words up: narrow, small letters, without pictures."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.replace("\ufe0f", ""))
        text = text.replace("‘", "'").replace("’", "'")
        text = _MARKS.sub(_keep_arrows, text)
    return " ".join(text.split()).lower()


@lru_cache(maxsize=1024)
def fold_all(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Several texts folded, as the names of a table's columns are for each row."""
    return tuple(map(fold, texts))


def _keep_arrows(match: re.Match[str]) -> str:
    return " → " if _ARROW.search(match[0]) else " "


def drop_numbering(text: str) -> str:
    """A title without ``2.1`` or ``Step 3:`` before it."""
    if _CLOCK.match(text):
        return text
    return _NUMBERING.sub("", text, count=1)


def find_links(raw: str) -> list[tuple[str, str]]:
    """The links of a line as text and address."""
    found = [(match[1], match[2]) for match in _LINK.finditer(raw)]
    return found + [(match[1], match[1]) for match in _AUTOLINK.finditer(raw)]


def split_label(raw: str) -> Label | None:
    """``**Label**: value`` or ``Label: value`` taken apart, or None."""
    text = _drop_pictures(raw)
    marked = _split_marked(text)
    if marked is not None or (":" not in text and "：" not in text):
        return marked
    match = _PLAIN_LABEL.match(text)
    if match and not match["inside"].lower().endswith(("http", "https")):
        name = strip_marks(match["inside"])
        return Label(name, text[match.end() :].strip(), is_bold=False)
    return None


def _drop_pictures(raw: str) -> str:
    text = raw.lstrip()
    return _PICTURES.sub("", text) if text[:1] > "\u2000" else text


def _split_marked(text: str) -> Label | None:
    """``**Label**: value`` or ``*Label:* value`` taken apart, or None."""
    if text[:1] not in _EMPHASIS:
        return None
    match = _LABEL.match(text)
    if match and _is_closed(match):
        name = strip_marks(match["inside"])
        value = text[match.end() :].strip().removeprefix(":").strip()
        return Label(name, value, is_bold=True, aside=(match["aside"] or "").strip())
    match = _ITALIC_LABEL.match(text)
    if match:
        return Label(match["inside"], text[match.end() :].strip(), is_bold=True)
    return None


def is_whole_label(raw: str) -> bool:
    """Whether a line is nothing but a bold label: ``**Monday**:``, ``**Fix** (a):``."""
    label = _split_marked(_drop_pictures(raw))
    if label is None:
        return False
    rest = label.value.strip(" :：")
    return not rest or (rest.startswith("(") and rest.endswith(")"))


def _is_closed(match: re.Match[str]) -> bool:
    """Whether what is bold stands apart from what follows."""
    return bool(match["in"] or match["out"]) or match.end() == len(match.string)
