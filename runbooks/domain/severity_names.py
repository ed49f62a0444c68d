"""What severities are called, and a severity from its name and its time to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbooks.domain.findings import Severity
from runbooks.domain.inline import fold
from runbooks.domain.severity_words import find_code, find_level, read_minutes
from runbooks.domain.words.severities import NOT_RESPONSE

_PARENS: Final = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_SEPARATOR: Final = re.compile(r"\s*(?:[:：]|\s[-–—]\s|[-–—]$|\|)\s*")
_NAMES: Final = (
    r"(?:critical|high|medium|low|major|minor|info(?:rmational)?|warning|moderate|severe|urgent|emergency|normal|trivial|cosmetic|blocker|highest|lowest|show-?stopper"
    r"|紧急|严重|致命|高|中|低|重要|一般|提示|критическ\w*|критичн\w*|высок\w*|средн\w*|низк\w*)"
)
_NAMED: Final = re.compile(_NAMES)
NAME_WORD: Final = re.compile(
    rf"^{_NAMES}(?: (?:severity|priority|level|alerts?|incidents?|issues?))?$"
)
_FIRST: Final = re.compile(
    r"^(?:severity|priority|incident|alert|sev|приоритет)?[\s:-]*(?:p|sev(?:erity)?|s|priority|level|приоритет)?[\s_-]?[0-5](?!\d)"
    r"|^(?:critical|high|medium|low|major|minor|info)\b[\s/:–—-]*(?:p|sev)"
)
# Labels of trackers: ~"priority::1", severity/critical, sev:2.
TRACKED: Final = re.compile(
    r"^[\W_]*(?P<scope>severity|sev|priority|prio|urgency|impact)(?:::|[:/=])(?P<value>[\w-]+)[\"'”`]*",
    re.IGNORECASE,
)


def read_name(title: str) -> tuple[str, tuple[str, ...], str] | None:
    """A severity's name, its other names and the rest of a title, or None.

    "P0 - Critical" is P0 alias Critical; "Critical (Page On-Call)" is Critical.
    """
    title = TRACKED.sub(_name_tracked, title.replace("`", ""))
    folded = fold(title)
    code = find_code(folded)
    if code is None and not _NAMED.search(folded):
        return None
    head = _SEPARATOR.split(_PARENS.sub(" ", title), maxsplit=1)
    rest = head[1].strip() if len(head) > 1 else ""
    aside = [each.strip() for each in _PARENS.findall(title)]
    if code and not code.startswith("Level") and _is_first(folded):
        words = [fold(word) for word in (rest, *aside)]
        parts = [
            w for w in re.split(r"[\s/:]+", fold(head[0])) if w and find_code(w) is None
        ]
        names = [w for w in (*words, " ".join(parts)) if w and NAME_WORD.match(w)]
        aliases = tuple(dict.fromkeys(name.split()[0].title() for name in names))
        return code, aliases, "" if rest and fold(rest) in names else rest
    bare = fold(head[0])
    if NAME_WORD.match(bare):
        inner = next((each for each in aside if find_code(fold(each))), None)
        return bare.split()[0].title(), (), inner or (aside[0] if aside else rest)
    return None


def _name_tracked(match: re.Match[str]) -> str:
    value = match["value"]
    if not value.isdigit():
        return value.replace("-", " ")
    return f"{'P' if match['scope'].lower().startswith('p') else 'SEV'}{value}"


def _is_first(folded: str) -> bool:
    """Whether a title begins with a severity: "What does P1 mean?" does not."""
    start = _PARENS.split(folded, maxsplit=1)[0].strip()
    return bool(_FIRST.match(folded)) or bool(NAME_WORD.match(start))


def make_severity(
    title: str, line: int, last: int, rule: str, minutes: float | None, text: str
) -> Iterator[Severity]:
    name = read_name(title)
    if name is None:
        return
    level = find_level(fold(" ".join(name[1]) or name[0]))
    yield Severity(
        line=line,
        last=last,
        name=name[0],
        aliases=name[1],
        level=level or _level_of_code(name[0]),
        response_minutes=minutes,
        response_text=text,
        title=name[2] if not name[2] or find_code(fold(title)) else "",
        action=name[2] if find_code(fold(title)) is None else "",
        confidence=0.95 if minutes is not None or text else 0.85,
        rule=rule,
    )


def _level_of_code(name: str) -> int:
    number = int(re.sub(r"\D", "", name) or 2)
    return max(1, min(5, number + (1 if name.startswith("P") else 0)))


def first_part(folded: str) -> str:
    """What is said of the answer, when the line goes on about the repair."""
    stop = NOT_RESPONSE.search(folded)
    cut = folded[: stop.start()] if stop and stop.start() > 4 else folded
    return cut if read_minutes(cut) is not None else folded
